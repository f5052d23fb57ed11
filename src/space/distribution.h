/* space/distribution.h: what one parameter may be: Optuna's three classes plus the ordinal flag. A value
 * is one double throughout hone: the number itself, or the index of the choice. Integers are within
 * +-2^53. */
#ifndef HN_SPACE_DISTRIBUTION_H
#define HN_SPACE_DISTRIBUTION_H

#include "base/node.h"
#include "hone/hone.h"

typedef enum hn_distribution_kind { HN_FLOAT, HN_INTEGER, HN_CATEGORICAL } hn_distribution_kind;

typedef struct hn_distribution {
    hn_distribution_kind kind;
    bool log;         /* FLOAT, INTEGER */
    bool ordinal;     /* CATEGORICAL whose choices are numbers (null = largest), modelled by rank */
    double low, high; /* inclusive; FLOAT, INTEGER. high is on the step grid */
    double step;      /* 0 = continuous (FLOAT only); INTEGER: >= 1 */
    double decimal;   /* stepped FLOAT: a power of ten that makes low and step whole, 0 = none; derived */
    size_t n_choices;
    const hone_value *choices; /* CATEGORICAL; owned with the distribution's arena */
    const uint32_t *rank;      /* ordinal: rank[i] of choice i, 0 = smallest; else NULL */
    const uint32_t *order;     /* ordinal: order[r] is the choice of rank r; else NULL */
} hn_distribution;

/* Checks bounds and makes the distribution canonical (high clipped to the step grid; *clipped_high, may be
 * NULL, tells). choices are copied into arena. `name` is the parameter's, for messages; at = its position. */
hone_status hn_distribution_float(const char *name, double low, double high, double step, bool log,
                                  hn_position at, hn_distribution *out, bool *clipped_high, hone_error *err);
hone_status hn_distribution_integer(const char *name, int64_t low, int64_t high, int64_t step, bool log,
                                    hn_position at, hn_distribution *out, bool *clipped_high,
                                    hone_error *err);
/* Choices must be non-empty and distinct. force_ordinal: error unless all are numbers or null; otherwise the
 * flag is set by itself when all (>= 2) are numbers or null. */
hone_status hn_distribution_categorical(hn_arena *arena, const char *name, const hone_value *choices,
                                        size_t n, bool force_ordinal, hn_position at, hn_distribution *out,
                                        hone_error *err);

/* Same class, bounds, step, log, choices. */
bool hn_distribution_equal(const hn_distribution *a, const hn_distribution *b);
/* May both stand for one name in one study (same class and log flag; identical choices for a categorical)? */
bool hn_distribution_compatible(const hn_distribution *a, const hn_distribution *b);
hone_status hn_distribution_copy(hn_arena *arena, const hn_distribution *from, hn_distribution *to);

/* One possible value only. */
bool hn_distribution_is_constant(const hn_distribution *distribution);
/* How many values it has; INFINITY for a continuous float. */
double hn_distribution_count(const hn_distribution *distribution);
/* The i-th value in ascending (ordinal: rank; categorical: index) order, i < count. */
double hn_distribution_nth(const hn_distribution *distribution, double i);
/* Is value (raw double) one of its values? */
bool hn_distribution_contains(const hn_distribution *distribution, double value);

/* The interval that the unit coordinate spans, in the scale the parameter is modelled in (log when log):
 * [low, high] of a continuous one, widened by half a step at both ends of a discrete one, [0, n] of a
 * categorical. low == high for a continuous constant. */
void hn_distribution_scale(const hn_distribution *distribution, double *low, double *high);
/* Unit-cube coordinate of a value and back. Steps and integers: value i of n is the centre (i + 0.5) / n of
 * its cell, in log space for log (cell v - 1/2 to v + 1/2); ordinals by rank; a constant is 0.5. Values
 * outside are clamped first. Decoding finds the cell and clamps; always contained. Exact both ways up to 2^50
 * values (log: values up to 2^40). */
double hn_distribution_encode(const hn_distribution *distribution, double value);
double hn_distribution_decode(const hn_distribution *distribution, double unit);

/* User value <-> raw. from_value: HONE_INVALID names the value and what is allowed; numbers for a categorical
 * match numerically (1 == 1.0, not true). Text from a command line: hn_distribution_from_text parses by the
 * type. */
hone_value hn_distribution_to_value(const hn_distribution *distribution, double raw);
hone_status hn_distribution_from_value(const char *name, const hn_distribution *distribution,
                                       hone_value value, double *raw, hone_error *err);
hone_status hn_distribution_from_text(const char *name, const hn_distribution *distribution, const char *text,
                                      double *raw, hone_error *err);
/* "float 1e-05 .. 0.1 log", "one of adam, sgd": for messages and tables. */
void hn_distribution_describe(hn_buffer *out, const hn_distribution *distribution);

/* Optuna's distribution_json, exactly, and back (also older names: UniformDistribution,
 * LogUniformDistribution, DiscreteUniformDistribution, IntUniformDistribution, IntLogUniformDistribution). */
void hn_distribution_write_json(hn_buffer *out, const hn_distribution *distribution);
hone_status hn_distribution_parse_json(hn_arena *arena, const char *text, size_t size, hn_distribution *out,
                                       hone_error *err);

/* hone_value <-> node and text. */
bool hn_value_equal(hone_value a, hone_value b);
hone_value hn_value_from_node(const hn_node *node); /* lists and maps give HONE_NULL; check the kind before */
hn_node *hn_value_to_node(hn_arena *arena, hone_value value);
void hn_value_write(hn_buffer *out, hone_value value); /* as on a command line: adam, 0.001, 3, true, null */

#endif
