/* math/screen.h: finding the few rows that may be near a query without measuring most of them: lower bounds
 * of squared Euclidean distances in single precision, by register tiles (Goto & van de Geijn 2008) behind
 * run-time CPU dispatch. What a bound rejects is farther, whatever the rounding; what it lets through has to
 * be measured. Thread-safe; nothing is allocated.
 *
 * With rows x and queries q taken from any centre and rounded to floats, |x - q|^2 = |x|^2 + |q|^2 - 2<x, q>
 * is off by at most g (|x|^2 + |q|^2), g a little above d 2^-24 (Higham 2002, section 3.1; 2|x||q| <=
 * |x|^2 + |q|^2). So the product's value plus (1 - g) |x|^2 must not exceed the distance less (1 - g) |q|^2
 * where a row is as near as that.
 */
#ifndef HN_MATH_SCREEN_H
#define HN_MATH_SCREEN_H

#include <stddef.h>
#include <stdint.h>

enum {
    HN_SCREEN_ROWS = 64,             /* of a panel */
    HN_SCREEN_QUERIES = 6,           /* of a tile */
    HN_SCREEN_MOST_COLUMNS = 1 << 16 /* beyond them g would no longer hold */
};

/* Up to HN_SCREEN_ROWS rows as floats, columns first: panel (d, HN_SCREEN_ROWS), and base: (1 - g) |x|^2, or
 * -infinity of a row too large for floats, which is never rejected. x (count, d), centre (d,). */
void hn_screen_rows(const double *x, size_t count, size_t d, const double *centre, float *panel,
                    float base[HN_SCREEN_ROWS]);
/* A query as floats, times -2, and (1 - g) |q|^2; -infinity: too large for floats. */
void hn_screen_query(const double *query, size_t d, const double *centre, float *floats, double *norm);
/* The limit for rows that are nearer than `squared` (or as near) to a query of that norm. */
float hn_screen_limit(double squared, double norm);
/* Bit r of near[i]: row r of the panel may be within limits[i] of query i. queries (HN_SCREEN_QUERIES, d). */
void hn_screen_tile(const float *queries, const float *panel, const float *base, size_t d,
                    const float limits[HN_SCREEN_QUERIES], uint64_t near[HN_SCREEN_QUERIES]);

#endif
