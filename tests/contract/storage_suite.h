/* What the storage contract's tests share: the storages under test, and trials to put into them. */
#ifndef HN_TEST_STORAGE_SUITE_H
#define HN_TEST_STORAGE_SUITE_H

#include "postgres.h"
#include "storage/storage.h"
#include "support.h"

/* The storages under test; the plug-in is of the tests. PostgreSQL wants a server: hn_test_postgres_begin. */
enum { STORAGE_SQLITE, STORAGE_MEMORY, STORAGE_DUMMY, STORAGES, STORAGE_POSTGRES = STORAGES };

/* A new empty storage. Fails the test when it cannot be had. */
hn_storage *storage_fixture(int i);
/* How many updates went through the plug-in so far. */
long storage_dummy_updates(void);

/* A study of one objective, minimised. */
int64_t storage_study(hn_storage *storage, const char *name);
/* A running trial with two parameters, "x" float and "c" categorical. */
hn_new_trial storage_trial(const char *lease);
/* Makes it; returns the id. */
int64_t storage_start(hn_storage *storage, int64_t study, const char *lease);
hn_trial_update storage_end(hone_trial_state state, const double *value);

/* Counts visits and keeps the last record's plain fields. */
typedef struct storage_seen {
    size_t count;
    int64_t ids[64];
    hn_trial_record last; /* pointers are dead */
    double params[8], values[8], reports[8], constraints[8];
    int64_t steps[8];
    char names[8][32], keys[8][32], jsons[8][64];
} storage_seen;

hone_status storage_see(void *user, const hn_trial_record *record, hone_error *err);
storage_seen storage_read(hn_storage *storage, int64_t trial);

#define ok(call) storage_ok((call), &err, __LINE__)
void storage_ok(hone_status status, const hone_error *err, int line);

#endif
