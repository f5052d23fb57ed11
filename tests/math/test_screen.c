/* Bounds in single precision against distances in double: what is near is never rejected, whatever the data;
 * of what is far most is. */
#include <math.h>
#include <stdlib.h>

#include "math/random.h"
#include "math/screen.h"
#include "support.h"

enum { MOST_COLUMNS = 130 };

/* Kinds of data that rounding treats differently. */
typedef enum data { NORMAL, FAR_FROM_ZERO, WHOLE, WIDE, LARGE, SMALL, BEYOND, N_KINDS } data;

static double draw(hn_random *random, data kind)
{
    double normal = hn_random_normal(random);
    switch (kind) {
    case NORMAL: return normal;
    case FAR_FROM_ZERO: return 1e6 + normal;
    case WHOLE: return (double)hn_random_below(random, 3);
    case WIDE: return normal * pow(10, hn_random_uniform(random) * 24 - 12);
    case LARGE: return 1e11 * normal;
    case SMALL: return 1e-30 * normal;
    case BEYOND: return 1e200 * normal; /* no float, nor is its square */
    case N_KINDS: break;
    }
    return 0;
}

typedef struct fixture {
    hn_random random;
    double x[HN_SCREEN_ROWS * MOST_COLUMNS], q[HN_SCREEN_QUERIES * MOST_COLUMNS], centre[MOST_COLUMNS];
    float panel[HN_SCREEN_ROWS * MOST_COLUMNS], queries[HN_SCREEN_QUERIES * MOST_COLUMNS];
    float base[HN_SCREEN_ROWS];
    double norms[HN_SCREEN_QUERIES];
    double squared[HN_SCREEN_QUERIES][HN_SCREEN_ROWS];
} fixture;

static fixture f;

static double squared(size_t query, size_t row, size_t d)
{
    double sum = 0;
    for (size_t j = 0; j < d; j++)
        sum += (f.q[query * d + j] - f.x[row * d + j]) * (f.q[query * d + j] - f.x[row * d + j]);
    return sum;
}

static void make(data kind, size_t count, size_t d)
{
    for (size_t i = 0; i < count * d; i++)
        f.x[i] = draw(&f.random, kind);
    for (size_t i = 0; i < HN_SCREEN_QUERIES * d; i++)
        f.q[i] = draw(&f.random, kind);
    for (size_t j = 0; j < d; j++) {
        f.centre[j] = f.x[j] + 0.1;
        f.q[j] = f.x[(count - 1) * d + j]; /* the first query is the last row */
    }
    hn_screen_rows(f.x, count, d, f.centre, f.panel, f.base);
    for (size_t i = 0; i < HN_SCREEN_QUERIES; i++)
        hn_screen_query(f.q + i * d, d, f.centre, f.queries + i * d, &f.norms[i]);
    for (size_t i = 0; i < HN_SCREEN_QUERIES; i++)
        for (size_t row = 0; row < count; row++)
            f.squared[i][row] = squared(i, row, d);
}

/* The limit is in turn the distance of each row. Returns how many rows passed of those farther than it. */
static size_t check(size_t count, size_t d)
{
    size_t passed = 0;
    for (size_t chosen = 0; chosen < count; chosen++) {
        float limits[HN_SCREEN_QUERIES];
        uint64_t near[HN_SCREEN_QUERIES];
        for (size_t i = 0; i < HN_SCREEN_QUERIES; i++)
            limits[i] = hn_screen_limit(f.squared[i][chosen], f.norms[i]);
        hn_screen_tile(f.queries, f.panel, f.base, d, limits, near);
        for (size_t i = 0; i < HN_SCREEN_QUERIES; i++)
            for (size_t row = 0; row < count; row++) {
                bool is_near = f.squared[i][row] <= f.squared[i][chosen], let = near[i] >> row & 1;
                ck_assert_msg(let || !is_near, "row %zu of %zu, %zu columns, query %zu", row, count, d, i);
                passed += let && !is_near;
            }
    }
    return passed;
}

START_TEST(near_rows_pass)
{
    static const size_t counts[] = {1, 7, 63, HN_SCREEN_ROWS}, columns[] = {1, 2, 3, 16, 31, MOST_COLUMNS};
    f.random = hn_random_stream(1, 0, HN_PURPOSE_TEST);
    for (data kind = 0; kind < N_KINDS; kind++)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
            for (size_t d = 0; d < sizeof columns / sizeof *columns; d++) {
                make(kind, counts[c], columns[d]);
                check(counts[c], columns[d]);
            }
}
END_TEST

/* Of 6 * 64 * 63 / 2 pairs of a row and one that is nearer. */
START_TEST(far_rows_do_not)
{
    f.random = hn_random_stream(2, 0, HN_PURPOSE_TEST);
    for (data kind = NORMAL; kind <= FAR_FROM_ZERO; kind++)
        for (size_t d = 4; d <= MOST_COLUMNS; d *= 2) {
            make(kind, HN_SCREEN_ROWS, d);
            ck_assert_uint_lt(check(HN_SCREEN_ROWS, d), 60);
        }
}
END_TEST

START_TEST(no_limit_passes_all)
{
    float limits[HN_SCREEN_QUERIES];
    uint64_t near[HN_SCREEN_QUERIES];
    f.random = hn_random_stream(3, 0, HN_PURPOSE_TEST);
    make(NORMAL, HN_SCREEN_ROWS, 5);
    for (size_t i = 0; i < HN_SCREEN_QUERIES; i++)
        limits[i] = i % 2 ? hn_screen_limit(INFINITY, f.norms[i]) : hn_screen_limit(0, f.norms[i]);
    hn_screen_tile(f.queries, f.panel, f.base, 5, limits, near);
    for (size_t i = 0; i < HN_SCREEN_QUERIES; i++)
        ck_assert_uint_eq(near[i], i % 2 ? UINT64_MAX : i == 0 ? UINT64_C(1) << 63 : 0);
}
END_TEST

Suite *suite_screen(void)
{
    Suite *suite = suite_create("screen");
    TCase *bounds = tcase_create("bounds");
    tcase_add_test(bounds, near_rows_pass);
    tcase_add_test(bounds, far_rows_do_not);
    tcase_add_test(bounds, no_limit_passes_all);
    suite_add_tcase(suite, bounds);
    return suite;
}
