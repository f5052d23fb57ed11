/* Inside the benchmark: how a problem is defined, and the lists the three files of definitions contribute. */
#ifndef HN_PROBLEM_INTERNAL_H
#define HN_PROBLEM_INTERNAL_H

#include "data/make.h"
#include "problem/problem.h"

/* What is known of a problem whose values take long. */
typedef struct {
    double best, median;
    double point[HN_PROBLEM_MAX_PARAMETERS]; /* of best; NaN where inactive */
} hn_problem_scale;

/* A measured table: the value of every setting of a product of ordinal lists. */
typedef struct {
    double *values; /* one per setting, last parameter fastest */
    int size;
    int best; /* the index of the lowest value */
} hn_problem_table;

/* A model scored by cross-validation on made-up rows, the same whatever the seed. */
typedef struct {
    const char *model;
    hn_make_options data;
    const char *metric;
    /* Its settings as a YAML map in which $NAME stands for a parameter's value; NULL: the parameters that are
     * active, by name. */
    const char *settings;
    /* Measured by bench/calibrate.py (tuning_scale.h): the lowest value it met, where, and the median of
     * random points. */
    const hn_problem_scale *known;
} hn_problem_tuning;

/* Learning curves. Recorded ones: the recorded setting nearest to a point answers, by squared distance of
 * positions (a categorical parameter that differs counts 1), the earlier one when equal. Made ones have a
 * formula instead. */
typedef struct {
    int epochs;       /* of a full run */
    int n;            /* settings, 0: made */
    int best;         /* the setting with the lowest loss */
    double *settings; /* (n, n_parameters) as points */
    double *losses;   /* (n, epochs); NaN from where training diverged */
    /* After epoch 1 .. epochs at an offset from the optimum, as of a landscape; 0 after the last one of the
     * optimum, above 0 elsewhere, or NaN. */
    double (*formula)(const double *offset, int epoch);
    double noise; /* standard deviation of its logarithm */
} hn_problem_curves;

struct hn_problem {
    const char *name;
    const char *family;
    const hn_problem_parameter *parameters; /* (n_parameters,) */

    /* A function: the value at an offset from the optimum, at its lowest where all offsets are 0. Offsets,
     * one per parameter: floats and ints (value - best value) / (high - low) on the parameter's scale;
     * ordinals the same on ranks; categorical the choice as (choice - best choice) mod n_choices; NaN where
     * inactive. */
    double (*landscape)(const hn_problem *problem, const double *offset);

    /* A table, a model or learning curves instead of a landscape; else NULL. */
    const hn_problem_table *table;
    const hn_problem_tuning *tuning;
    const hn_problem_curves *curves;

    int n_parameters;
    bool rotated; /* only where every parameter is a continuous float */
};

extern const hn_problem hn_problem_functions[]; /* classical test functions, functions.c */
extern const int hn_problem_function_count;
extern const hn_problem hn_problem_spaces[]; /* mixed and conditional spaces, spaces.c */
extern const int hn_problem_space_count;
extern const hn_problem hn_problem_tunings[]; /* tuning of models, tuning.c */
extern const int hn_problem_tuning_count;

extern const hn_problem hn_problem_made_curves[]; /* curves_made.c */
extern const int hn_problem_made_curve_count;

/* Loads the recorded curves found under the data folders (curves.c), as hn_problem_grids_load. */
int hn_problem_curves_load(const hn_problem **problems);

/* Loads the tables found under the data folders (grids.c); *problems stays allocated for good. */
int hn_problem_grids_load(const hn_problem **problems);

/* A model's data and folds. Returned: free with hn_tuning_run_destroy. */
typedef struct hn_tuning_run hn_tuning_run;
hone_status hn_tuning_run_create(const hn_problem *problem, hn_tuning_run **run, hone_error *err);
void hn_tuning_run_destroy(hn_tuning_run *run); /* accepts NULL */
/* The value at a point; NaN when the model cannot be fitted. */
double hn_tuning_run_value(const hn_tuning_run *run, const double *point);

/* Where a value stands on the parameter's scale, in [0, 1]; the index itself for categorical parameters. */
double hn_problem_position(const hn_problem_parameter *parameter, double value);

/* The i-th word of a list of words separated by spaces, as a position and a length. */
const char *hn_problem_choice(const char *choices, int i, int *length);

#endif
