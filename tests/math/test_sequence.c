#include <math.h>
#include <string.h>

#include "math/sequence.h"
#include "support.h"

/* Of any 2^k scrambled points that start at a multiple of 2^k, each of 2^k equal intervals holds exactly one.
 */
START_TEST(scrambled_sobol_is_stratified)
{
    static const unsigned dimensions[] = {0, 1, 2, 17, 300, 1110};
    for (size_t d = 0; d < sizeof dimensions / sizeof *dimensions; d++)
        for (uint64_t start = 0; start < 2048; start += 256) {
            char seen[256] = {0};
            for (uint64_t i = start; i < start + 256; i++) {
                double x = hn_sobol(i, dimensions[d], true, 7);
                ck_assert(x >= 0.0 && x < 1.0);
                seen[(int)(x * 256.0)]++;
            }
            for (int cell = 0; cell < 256; cell++)
                ck_assert_int_eq(seen[cell], 1);
        }
}
END_TEST

/* The digits of the shifted points differ from those of the plain ones by one number, the dimension's own. */
START_TEST(shifted_sobol_is_shifted)
{
    static const unsigned dimensions[] = {0, 1, 2, 17, 300, 1110};
    uint64_t shifts[6];
    double shifted[1000];
    for (size_t d = 0; d < sizeof dimensions / sizeof *dimensions; d++) {
        hn_sobol_shifted(dimensions[d], 1000, 7, shifted);
        for (uint64_t i = 0; i < 1000; i++) {
            uint64_t shift =
                (uint64_t)(shifted[i] * 0x1p53) ^ (uint64_t)(hn_sobol(i, dimensions[d], false, 0) * 0x1p53);
            shifts[d] = i ? shifts[d] : shift;
            ck_assert_uint_eq(shift, shifts[d]);
            ck_assert(shifted[i] >= 0 && shifted[i] < 1);
        }
        for (size_t e = 0; e < d; e++)
            ck_assert_uint_ne(shifts[e], shifts[d]);
    }
}
END_TEST

/* As scrambled_sobol_is_stratified, for Halton, base^2 points and cells. */
START_TEST(scrambled_halton_is_stratified)
{
    static const unsigned bases[] = {2, 3, 5, 7, 11, 13};
    for (unsigned d = 0; d < 6; d++) {
        unsigned cells = bases[d] * bases[d];
        char seen[169] = {0};
        for (uint64_t i = 0; i < cells; i++) {
            double x = hn_halton(5 * cells + i, d, true, 7);
            ck_assert(x >= 0.0 && x < 1.0);
            seen[(int)(x * cells)]++;
        }
        for (unsigned cell = 0; cell < cells; cell++)
            ck_assert_int_eq(seen[cell], 1);
    }
}
END_TEST

/* Over seeds a scrambled point is uniform: mean and variance within 5 standard errors (false alarms below
 * 1e-6 each), and seed and dimension both change it. */
START_TEST(a_scrambled_point_is_uniform_over_seeds)
{
    enum { SEEDS = 20000 };
    double (*const sequences[])(uint64_t, unsigned, bool, uint64_t) = {hn_sobol, hn_halton};
    for (int s = 0; s < 2; s++)
        for (unsigned d = 0; d < 4; d++) {
            double sum = 0.0, squares = 0.0, product = 0.0;
            for (uint64_t seed = 0; seed < SEEDS; seed++) {
                double x = sequences[s](3, d, true, seed) - 0.5;
                sum += x;
                squares += x * x;
                product += x * (sequences[s](3, d + 1, true, seed) - 0.5);
            }
            hn_assert_absolute(sum / SEEDS, 0.0, 5.0 * sqrt(1.0 / 12.0 / SEEDS));
            hn_assert_absolute(squares / SEEDS, 1.0 / 12.0, 5.0 * sqrt(1.0 / 180.0 / SEEDS));
            hn_assert_absolute(product / SEEDS, 0.0, 5.0 / 12.0 / sqrt(SEEDS));
        }
}
END_TEST

/* The mean of a product over 4096 points: scrambled sequences beat the 1 / sqrt(n) of random points by far.
 */
START_TEST(integrates_better_than_random_points)
{
    double (*const sequences[])(uint64_t, unsigned, bool, uint64_t) = {hn_sobol, hn_halton};
    for (int s = 0; s < 2; s++) {
        double sum = 0.0;
        for (uint64_t i = 0; i < 4096; i++) {
            double product = 1.0;
            for (unsigned d = 0; d < 5; d++)
                product *= 2.0 * sequences[s](i, d, true, 11);
            sum += product;
        }
        /* Random points: (4/3)^5 - 1 = 3.2 is the variance, 0.028 the standard error. */
        hn_assert_absolute(sum / 4096, 1.0, 0.006);
    }
}
END_TEST

Suite *suite_sequence(void)
{
    Suite *suite = suite_create("sequence");
    TCase *scrambling = tcase_create("scrambling");
    tcase_add_test(scrambling, scrambled_sobol_is_stratified);
    tcase_add_test(scrambling, shifted_sobol_is_shifted);
    tcase_add_test(scrambling, scrambled_halton_is_stratified);
    tcase_add_test(scrambling, a_scrambled_point_is_uniform_over_seeds);
    tcase_add_test(scrambling, integrates_better_than_random_points);
    suite_add_tcase(suite, scrambling);
    return suite;
}
