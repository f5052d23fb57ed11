/* A file of an oracle whose lines are a name and its numbers, or its text. */
#ifndef HN_TEST_NAMED_VALUES_H
#define HN_TEST_NAMED_VALUES_H

#include <stddef.h>

/* file: within tests/oracle. One is open at a time. */
void named_values_open(const char *file);
void named_values_close(void);
/* What follows the name; fails the test when there is none. Until close. */
const char *named_values_text(const char *name);
/* The numbers, *n of them; the n numbers. */
const double *named_values_all(const char *name, size_t *n);
const double *named_values_get(const char *name, size_t n);

#endif
