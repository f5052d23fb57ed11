/*
 * The problems of the search-quality benchmark: what may vary, the value at a point (lower is better), the
 * best value, and the median value of random points, which together scale a regret into [0, 1].
 *
 * A problem is a landscape over a declared space. An instance of it is the problem with its optimum moved by
 * a seed: uniformly over the box (in logarithm for log parameters, over the lattice for stepped ones, over
 * the choices for categorical ones), so that no sampler profits from preferring the centre, a corner or the
 * first choice. Rotated problems also turn the box by a random rotation. Tabular problems are measured, so
 * they stay where they are, whatever the seed.
 *
 * A point is one double per parameter: the value itself for floats and ints, the index of the choice for
 * categorical and ordinal parameters, NaN where the parameter is inactive.
 *
 * Standalone: C11, libm, zlib. The first call of hn_bench_problem_count loads the tables (one thread); after
 * that problems are read-only, and an instance may be used by one thread at a time.
 */
#ifndef BENCH_PROBLEMS_PROBLEMS_H
#define BENCH_PROBLEMS_PROBLEMS_H

#include <stdbool.h>
#include <stdint.h>

#if defined(__GNUC__)
#define HN_BENCH_API __attribute__((visibility("default")))
#else
#define HN_BENCH_API
#endif

#define HN_BENCH_MAX_PARAMETERS 16
#define HN_BENCH_MEDIAN_POINTS  10000

typedef enum {
    HN_BENCH_FLOAT,
    HN_BENCH_INT,
    HN_BENCH_CATEGORICAL,
    HN_BENCH_ORDINAL,
} hn_bench_kind;

typedef struct {
    const char *name;
    int kind;         // hn_bench_kind
    double low, high; // floats and ints, both ends allowed
    double step;      // 0 for a continuous float; a point is low + k step
    int log;          // 1: the scale of the parameter is its logarithm
    int n_choices;    // 0 for floats and ints
    // The choices in order, separated by spaces: words for categorical, ascending numbers for ordinal
    // parameters.
    const char *choices;
    // Active only where this holds; NULL: always. "parent == word" (categorical) or "parent > number", where
    // the parent comes earlier in the list; a parameter whose parent is inactive is inactive.
    const char *when;
} hn_bench_parameter;

typedef struct hn_bench_problem hn_bench_problem;
typedef struct hn_bench_instance hn_bench_instance;

// How many problems there are. Those whose tables are missing are left out, and a line on stderr says so.
// Tables are looked for in $HONE_DATA_DIR/hpo, then in ../shared/data/hpo beside the project the library was
// built from.
HN_BENCH_API int hn_bench_problem_count(void);

// The i-th problem, 0 <= i < count; NULL outside. Never freed.
HN_BENCH_API const hn_bench_problem *hn_bench_problem_at(int i);

// The problem called name, or NULL.
HN_BENCH_API const hn_bench_problem *hn_bench_problem_find(const char *name);

HN_BENCH_API const char *hn_bench_problem_name(const hn_bench_problem *problem);

// continuous, rotated, stepped, mixed, conditional or table.
HN_BENCH_API const char *hn_bench_problem_family(const hn_bench_problem *problem);

HN_BENCH_API int hn_bench_parameter_count(const hn_bench_problem *problem);
HN_BENCH_API const hn_bench_parameter *hn_bench_parameter_at(const hn_bench_problem *problem, int i);

// Whether parameter i is active, given the values of the parameters before it.
HN_BENCH_API bool hn_bench_parameter_active(const hn_bench_problem *problem, int i, const double *point);

// The problem with its optimum moved by seed; NULL when memory runs out. Free with hn_bench_instance_destroy.
HN_BENCH_API hn_bench_instance *hn_bench_instance_create(const hn_bench_problem *problem, uint64_t seed);
HN_BENCH_API void hn_bench_instance_destroy(hn_bench_instance *instance);

// The value at a point, lower is better. Entries of inactive parameters are not looked at. NaN when an active
// parameter is missing or outside its range.
HN_BENCH_API double hn_bench_evaluate(const hn_bench_instance *instance, const double *point);

// The lowest value there is: exact for functions, the best row of a table.
HN_BENCH_API double hn_bench_optimum(const hn_bench_instance *instance);

// A point with that value, one entry per parameter.
HN_BENCH_API void hn_bench_optimum_point(const hn_bench_instance *instance, double *point);

// A random point, uniform on the scale of each parameter; the same for the same seed of the instance and
// index.
HN_BENCH_API void hn_bench_random_point(const hn_bench_instance *instance, uint64_t index, double *point);

// The median value of random points 0 .. HN_BENCH_MEDIAN_POINTS - 1. Computed at the first call, then kept.
// NaN when memory runs out.
HN_BENCH_API double hn_bench_median(hn_bench_instance *instance);

#endif
