/* space/space.h: the parameters that may vary, in topological order: a parameter stands after those its
 * condition names. Immutable once made; read by any number of threads. */
#ifndef HN_SPACE_SPACE_H
#define HN_SPACE_SPACE_H

#include "space/condition.h"

typedef enum hn_prior_kind { HN_PRIOR_NONE, HN_PRIOR_NORMAL } hn_prior_kind;

/* A user's belief: normal in the parameter's scale (log of it when log). mean and width are raw values: a
 * guess with a width; width of a log parameter is a factor (1e-3 within x10). Truncated to the bounds. */
typedef struct hn_prior {
    hn_prior_kind kind;
    double mean, width;
} hn_prior;

typedef struct hn_parameter {
    const char *name;
    hn_distribution distribution;
    hn_condition *when; /* NULL = always active */
    hn_prior prior;
    size_t display; /* position in the order declared */
    hn_position at;
} hn_parameter;

typedef struct hn_space {
    size_t count;
    const hn_parameter *parameters; /* topological order; ties keep the declared order */
    size_t n_forbidden;
    hn_condition *const *forbidden; /* a point for which one holds is never proposed */
    const size_t *by_display;       /* by_display[k] = index of the k-th declared parameter */
    const size_t *by_name;          /* indices, their names ascending by strcmp */
    bool conditional;               /* some parameter has a condition */
} hn_space;

/* A point of a space: raw values with a flag each. Inactive values are 0. Arrays of space->count. */
typedef struct hn_point {
    double *values;
    bool *active;
} hn_point;

/* The `space:` mapping: name: {float: [lo, hi], log:, step:}, {int: [lo, hi], log:, step:, factor:}, {choice:
 * [...]}, {ordinal: [...]}, each with `when:` and `prior: {mean:, width:}` (also `guess:` as a synonym of
 * mean). A plain scalar is a constant. `factor: 2` makes the ordinal lo, lo*f, ... . Warnings (clipped high)
 * go to the log. forbidden: list of texts, or NULL. Everything lives in the arena. Errors carry positions:
 * unknown names, cycles (spelled out a -> b -> a), conditions on missing parameters, bad bounds, unknown
 * keys. Limit: 10 000 parameters. */
hone_status hn_space_from_node(hn_arena *arena, const hn_node *node, const hn_node *forbidden,
                               hn_space **space, hone_error *err);
hone_status hn_space_from_text(hn_arena *arena, const char *space_text, const char *forbidden_text,
                               hn_space **space, hone_error *err);
/* The mapping again, such that from_node gives an equal space. */
hn_node *hn_space_to_node(hn_arena *arena, const hn_space *space);
hn_node *hn_space_forbidden_to_node(hn_arena *arena, const hn_space *space);
/* A space without conditions from distributions (define-by-run intersections, tests). Names and distributions
 * are borrowed for the life of the arena. */
hone_status hn_space_from_distributions(hn_arena *arena, const char *const *names,
                                        const hn_distribution *distributions, size_t n, hn_space **space,
                                        hone_error *err);
/* The error when `next` cannot replace `previous` in a study: a parameter's class or choices differ. New and
 * removed parameters and changed bounds are fine. */
hone_status hn_space_check_change(const hn_space *previous, const hn_space *next, hone_error *err);

/* Index of a parameter, or SIZE_MAX. O(log n). */
size_t hn_space_find(const hn_space *space, const char *name);
/* hn_space_find, or HONE_NOT_FOUND naming the nearest. */
hone_status hn_space_require(const hn_space *space, const char *name, size_t *index, hone_error *err);

/* Given values of all parameters before i, is parameter i active? */
bool hn_space_is_active(const hn_space *space, size_t i, const hn_point *point);
/* Sets active flags in order from the values, zeroing inactive ones. */
void hn_space_settle(const hn_space *space, hn_point *point);
bool hn_space_is_forbidden(const hn_space *space, const hn_point *point);
/* Values contained, flags as hn_space_settle would set them, and not forbidden. */
bool hn_space_contains(const hn_space *space, const hn_point *point);
/* Number of distinct points ignoring forbidden, INFINITY when continuous; conditional parameters are
 * multiplied as if always active (an upper bound). */
double hn_space_count(const hn_space *space);

/* units: space->count coordinates. decode settles activity on the way: units of inactive parameters are
 * ignored. Inactive coordinates encode to 0.5. */
void hn_space_decode(const hn_space *space, const double *units, hn_point *point);
void hn_space_encode(const hn_space *space, const hn_point *point, double *units);
/* A unit draw u reshaped by the parameter's prior (identity without): apply before decoding one
 * coordinate. */
double hn_prior_warp(const hn_parameter *parameter, double u);
/* log density of the prior at a raw value relative to the uniform; 0 without a prior. */
double hn_prior_log_density(const hn_parameter *parameter, double value);

hn_point hn_point_new(hn_arena *arena, size_t count); /* values == NULL when memory is out */
void hn_point_copy(const hn_space *space, const hn_point *from, hn_point *to);

#endif
