#include "network/initialise.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

const char *const hn_initialisation_names[] = {"glorot_uniform", "glorot_normal", "he_uniform",
                                               "he_normal",      "lecun_uniform", "lecun_normal",
                                               "orthogonal",     "zeros",         NULL};

static double variance(hn_initialisation kind, double fan_in, double fan_out)
{
    switch (kind) {
    case HN_GLOROT_UNIFORM:
    case HN_GLOROT_NORMAL: return 2 / (fan_in + fan_out);
    case HN_HE_UNIFORM:
    case HN_HE_NORMAL: return 2 / fan_in;
    case HN_LECUN_UNIFORM:
    case HN_LECUN_NORMAL: return 1 / fan_in;
    default: return 1;
    }
}

static void fill(bool uniform, double deviation, hn_random *random, size_t size, float *out)
{
    double bound = deviation * sqrt(3);
    for (size_t i = 0; i < size; i++) {
        out[i] = (float)(uniform ? bound * (2 * hn_random_uniform(random) - 1)
                                 : deviation * hn_random_normal(random));
    }
}

/* Gram-Schmidt, twice for the sake of rounding, over the `count` vectors of `length` numbers: vector v's
 * number i is at out[v * across + i * along]. */
static void orthonormalise(size_t count, size_t length, size_t across, size_t along, float *out)
{
    for (size_t v = 0; v < count; v++) {
        float *vector = out + v * across;
        double square = 0;
        for (size_t other = 0; other < 2 * v; other++) {
            const float *before = out + other % v * across;
            double product = 0;
            for (size_t i = 0; i < length; i++) {
                product += (double)vector[i * along] * before[i * along];
            }
            for (size_t i = 0; i < length; i++) {
                vector[i * along] -= (float)(product * before[i * along]);
            }
        }
        for (size_t i = 0; i < length; i++) {
            square += (double)vector[i * along] * vector[i * along];
        }
        for (size_t i = 0; i < length; i++) {
            vector[i * along] = (float)(vector[i * along] / sqrt(square));
        }
    }
}

void hn_initialise(hn_initialisation kind, hn_random *random, size_t fan_in, size_t fan_out, size_t rows,
                   size_t columns, float *out)
{
    bool uniform = kind == HN_GLOROT_UNIFORM || kind == HN_HE_UNIFORM || kind == HN_LECUN_UNIFORM;
    size_t size = rows * columns;
    if (kind == HN_ZEROS) {
        memset(out, 0, size * sizeof *out);
        return;
    }
    fill(uniform, sqrt(variance(kind, (double)fan_in, (double)fan_out)), random, size, out);
    if (kind == HN_ORTHOGONAL && rows <= columns) {
        orthonormalise(rows, columns, columns, 1, out);
    } else if (kind == HN_ORTHOGONAL) {
        orthonormalise(columns, rows, 1, columns, out);
    }
}
