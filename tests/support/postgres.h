/*
 * A private PostgreSQL server for C tests: postgres.py beside this file, run as a process that ends with the
 * test program.
 *
 *     tcase_add_unchecked_fixture(tcase, hn_test_postgres_begin, hn_test_postgres_end);
 */
#ifndef HN_TEST_POSTGRES_H
#define HN_TEST_POSTGRES_H

/* Why there can be no server (none is installed), for HN_SKIP; NULL when there can. */
const char *hn_test_postgres_missing(void);

/* Starts and stops the server: once for all tests of a TCase. */
void hn_test_postgres_begin(void);
void hn_test_postgres_end(void);

/* The URL of a new empty schema: as good as a database of its own. */
void hn_test_postgres_url(char url[512]);

/* "stop immediate", "start", "restart fast"; returns when it is done, and fails the test when it cannot be.
 */
void hn_test_postgres_do(const char *command);

#endif
