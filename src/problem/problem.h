/*
 * The problems of the search-quality benchmark: what may vary, the value at a point (lower is better), the
 * best value, and the median value of random points, which together scale a regret into [0, 1].
 *
 * A problem is a landscape over a declared space. An instance of it is the problem with its optimum moved by
 * a seed: uniformly over the box (in logarithm for log parameters, over the lattice for stepped ones, over
 * the choices for categorical ones), so that no sampler profits from preferring the centre, a corner or the
 * first choice. Rotated problems also turn the box by a random rotation. Tables and the tuning of models are
 * measured, so they stay where they are, whatever the seed.
 *
 * Problems of the family `curves` are learning curves: a loss after each epoch of training at a point. Their
 * value is the lowest of a full run.
 *
 * A point is one double per parameter: the value itself for floats and ints, the index of the choice for
 * categorical and ordinal parameters, NaN where the parameter is inactive.
 *
 * The first call of hn_problem_count loads the tables (one thread); after that problems are read-only, and an
 * instance may be used by one thread at a time. bench/binding.py calls these functions, too.
 */
#ifndef HN_PROBLEM_PROBLEM_H
#define HN_PROBLEM_PROBLEM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "space/space.h"

#define HN_PROBLEM_MAX_PARAMETERS 16
#define HN_PROBLEM_MAX_EPOCHS     128
#define HN_PROBLEM_MEDIAN_POINTS  10000

typedef enum {
    HN_PROBLEM_FLOAT,
    HN_PROBLEM_INT,
    HN_PROBLEM_CATEGORICAL,
    HN_PROBLEM_ORDINAL,
} hn_problem_kind;

typedef struct {
    const char *name;
    int kind;         /* hn_problem_kind */
    double low, high; /* floats and ints, both ends allowed */
    double step;      /* 0 for a continuous float; a point is low + k step */
    int log;          /* 1: the scale of the parameter is its logarithm */
    int n_choices;    /* 0 for floats and ints */
    /* The choices in order, separated by spaces: words for categorical, ascending numbers for ordinal
     * parameters. */
    const char *choices;
    /* Active only where this holds; NULL: always. "parent == word" (categorical) or "parent > number", where
     * the parent comes earlier in the list; a parameter whose parent is inactive is inactive. */
    const char *when;
} hn_problem_parameter;

typedef struct hn_problem hn_problem;
typedef struct hn_problem_instance hn_problem_instance;

/* How many problems there are. Tables are read under $HONE_DATA_DIR/hpo; those that are missing are left out,
 * and the log says so. */
int hn_problem_count(void);

/* The i-th problem, 0 <= i < count; NULL outside. Never freed. */
const hn_problem *hn_problem_at(int i);

/* The problem called name, or NULL. */
const hn_problem *hn_problem_find(const char *name);

const char *hn_problem_name(const hn_problem *problem);

/* continuous, rotated, stepped, mixed, conditional, tuning, table or curves. */
const char *hn_problem_family(const hn_problem *problem);

int hn_problem_parameter_count(const hn_problem *problem);
const hn_problem_parameter *hn_problem_parameter_at(const hn_problem *problem, int i);

/* Whether parameter i is active, given the values of the parameters before it. */
bool hn_problem_parameter_active(const hn_problem *problem, int i, const double *point);

/* The problem with its optimum moved by seed; NULL when memory runs out. Free with
 * hn_problem_instance_destroy. */
hn_problem_instance *hn_problem_instance_create(const hn_problem *problem, uint64_t seed);
void hn_problem_instance_destroy(hn_problem_instance *instance);
const hn_problem *hn_problem_of(const hn_problem_instance *instance);

/* The value at a point, lower is better. Entries of inactive parameters are not looked at. NaN when an active
 * parameter is missing or outside its range. */
double hn_problem_evaluate(const hn_problem_instance *instance, const double *point);

/* Epochs of a full run; 1 for a problem without learning curves. */
int hn_problem_epochs(const hn_problem *problem);

/* The losses (epochs,) after each epoch of a full run; NaN from where training diverged, and all of them
 * where evaluate is. Of a problem without learning curves its value. Returns how many. */
int hn_problem_curve(const hn_problem_instance *instance, const double *point, double *losses);

/* The lowest value there is: exact for functions, the best row of a table, of a model the lowest that a long
 * search met. */
double hn_problem_optimum(const hn_problem_instance *instance);

/* A point with that value, one entry per parameter. */
void hn_problem_optimum_point(const hn_problem_instance *instance, double *point);

/* A random point, uniform on the scale of each parameter; the same for the same seed of the instance and
 * index. */
void hn_problem_random_point(const hn_problem_instance *instance, uint64_t index, double *point);

/* The median value of random points 0 .. HN_PROBLEM_MEDIAN_POINTS - 1, of a model that of a kept measurement.
 * Computed at the first call, then kept. NaN when memory runs out. */
double hn_problem_median(hn_problem_instance *instance);

/* The problem's space, as a study file would declare it, in the arena. */
hone_status hn_problem_space(const hn_problem *problem, hn_arena *arena, hn_space **space, hone_error *err);
/* A point of that space as one of the problem: values (parameters,). */
void hn_problem_point(const hn_problem *problem, const hn_space *space, const hn_point *point,
                      double *values);
/* The value at a point of that space. */
double hn_problem_value(const hn_problem_instance *instance, const hn_space *space, const hn_point *point);

#endif
