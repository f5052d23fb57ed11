// Inside the benchmark: how a problem is defined, and the lists the three files of definitions contribute.
#ifndef BENCH_PROBLEMS_TABLE_H
#define BENCH_PROBLEMS_TABLE_H

#include "problems.h"

// A measured table: the value of every setting of a product of ordinal lists.
typedef struct {
    double *values; // one per setting, last parameter fastest
    int size;
    int best; // the index of the lowest value
} hn_bench_table;

struct hn_bench_problem {
    const char *name;
    const char *family;
    int n_parameters;
    const hn_bench_parameter *parameters;
    bool rotated; // only where every parameter is a continuous float

    // A function: the value at an offset from the optimum, at its lowest where all offsets are 0. Offsets,
    // one per parameter: floats and ints (value - best value) / (high - low) on the parameter's scale;
    // ordinals the same on ranks; categorical the choice as (choice - best choice) mod n_choices; NaN where
    // inactive.
    double (*landscape)(const hn_bench_problem *problem, const double *offset);

    // A table instead of a landscape; NULL for functions.
    const hn_bench_table *table;
};

extern const hn_bench_problem hn_bench_functions[]; // classical test functions, functions.c
extern const int hn_bench_function_count;
extern const hn_bench_problem hn_bench_spaces[]; // mixed and conditional spaces, spaces.c
extern const int hn_bench_space_count;

// Loads the tables found under the data folders (grids.c); *problems stays allocated for good.
int hn_bench_grids_load(const hn_bench_problem **problems);

// The i-th word of a list of words separated by spaces, as a position and a length.
const char *hn_bench_choice(const char *choices, int i, int *length);

#endif
