#include "oracle_data.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

uint32_t oracle_next(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 32);
}

/* The oracle's values(). */
static double next_value(uint64_t *state)
{
    return oracle_next(state) * 0x1p-32;
}

/* The oracle's make(). */
void oracle_data(const char *name, double *x, double *y)
{
    static const double two[] = {1.4}, four[] = {0.7, 1.4, 2.1};
    const double *cuts = strcmp(name, "two") == 0 ? two : four;
    size_t n_cuts = strcmp(name, "values") == 0 ? 0 : strcmp(name, "two") == 0 ? 1 : 3;
    uint64_t state = 1;
    for (size_t i = 0; i < ORACLE_ROWS; i++) {
        double *row = x + i * ORACLE_COLUMNS;
        for (size_t j = 0; j < ORACLE_COLUMNS; j++)
            row[j] = next_value(&state);
        row[3] = floor(4 * row[3]);
        double value = sin(6 * row[0]) + row[1] * row[2] + 0.4 * row[3] + 0.8 * next_value(&state);
        y[i] = n_cuts ? 0 : value;
        for (size_t k = 0; k < n_cuts; k++)
            y[i] += value >= cuts[k];
    }
}

/* The oracle's weights(): the draws after those of the data. */
void oracle_weights(double *weight)
{
    uint64_t state = 1;
    for (size_t i = 0; i < ORACLE_ROWS * (ORACLE_COLUMNS + 1); i++)
        next_value(&state);
    for (size_t i = 0; i < ORACLE_ROWS; i++) {
        double draw = next_value(&state);
        weight[i] = draw < 0.1 ? 0 : 3 * draw;
    }
}
