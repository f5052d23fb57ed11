/* The data and results of linear_values.txt, read once for each test. */
#ifndef HN_TEST_LINEAR_VALUES_H
#define HN_TEST_LINEAR_VALUES_H

#include "model/model.h"

enum { ROWS = 90, COLUMNS = 6, WIDE = 4 };

void linear_values_open(void);
void linear_values_close(void);
/* The n numbers or more of a line; fails the test when there are fewer. */
const double *linear_values_get(const char *name, size_t n);
/* Each found value is within tolerance * max(1, |expected|) of the line's. */
void linear_values_compare(const char *name, const double *found, size_t n, double tolerance);
/* The first n rows of x with a target: "value", "two" (classes) or "three". */
hn_design linear_values_design(const char *target, size_t n);
/* Fits a model of the registry; options as YAML. */
void *linear_values_fit(const char *model, const char *options, const hn_design *train);

#endif
