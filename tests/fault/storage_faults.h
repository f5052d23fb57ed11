/* A file system for SQLite whose k-th write or sync fails, registered as the default one. */
#ifndef HN_TEST_STORAGE_FAULTS_H
#define HN_TEST_STORAGE_FAULTS_H

/* Registers it, once. */
void storage_faults_install(void);
/* From now on the k-th (0-based) write, truncation or sync and all after it fail with that SQLite code
 * (SQLITE_FULL, SQLITE_IOERR_FSYNC); k < 0 heals. */
void storage_faults_at(long k, int code);
/* Syncs of journals and logs so far. */
long storage_faults_log_syncs(void);
/* Whether a fault was met since. */
int storage_faults_met(void);

#endif
