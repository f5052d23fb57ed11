/* Fronts and the volumes they dominate, against comparing all pairs; correlations against their definition.
 */
#include "analysis/correlation.h"
#include "analysis/front.h"

#include "base/arena.h"
#include "fixture.h"
#include "math/hypervolume.h"

enum { TRIALS = 40, M = 3 };

static bool dominates(const double *a, const double *b)
{
    bool better = false;
    for (size_t j = 0; j < M; j++) {
        if (a[j] > b[j]) {
            return false;
        }
        better = better || a[j] < b[j];
    }
    return better;
}

static void make_study(fixture *f, double (*values)[M])
{
    hn_random random = hn_random_stream(4, 0, HN_PURPOSE_TEST);
    fixture_open(f, M);
    fixture_float(f, "x", 0, 1, false);
    for (size_t i = 0; i < TRIALS; i++) {
        double x = hn_random_uniform(&random);
        for (size_t j = 0; j < M; j++) {
            values[i][j] = floor(20 * hn_random_uniform(&random));
        }
        if (i % 7 == 2) {
            values[i][1] = INFINITY;
        }
        fixture_add(f, &x, i % 7 == 5 ? HONE_FAILED : HONE_COMPLETE, values[i]);
    }
}

START_TEST(agrees_with_all_pairs)
{
    fixture f;
    hn_arena arena = HN_ARENA_INIT;
    hn_front_history front;
    double values[TRIALS][M], kept[TRIALS][M], worst[M], best[M], scratch[2000];
    size_t n = 0;
    make_study(&f, values);
    ck_assert(hn_hypervolume_scratch(TRIALS, M) <= 2000);
    ck_assert(!hn_front_find(f.history, NULL, &arena, &front, NULL));
    for (size_t j = 0; j < M; j++) {
        worst[j] = -INFINITY;
        best[j] = INFINITY;
    }
    for (size_t i = 0; i < TRIALS; i++) {
        bool in_front = true;
        if (i % 7 == 2 || i % 7 == 5) {
            continue;
        }
        for (size_t k = 0; k < TRIALS; k++) {
            in_front = in_front && (k % 7 == 2 || k % 7 == 5 || !dominates(values[k], values[i]));
        }
        ck_assert_int_eq(front.numbers[n], (int64_t)i);
        ck_assert_int_eq(front.in_front[n], in_front);
        for (size_t j = 0; j < M; j++) {
            kept[n][j] = values[i][j];
            best[j] = fmin(best[j], values[i][j]);
            worst[j] = in_front ? fmax(worst[j], values[i][j]) : worst[j];
        }
        n++;
    }
    ck_assert_uint_eq(front.n, n);
    for (size_t j = 0; j < M; j++) {
        hn_assert_relative(front.reference[j], worst[j] + 0.1 * (worst[j] - best[j]), 1e-14);
    }
    for (size_t i = 0; i < n; i++) {
        hn_assert_relative(front.volume[i], hn_hypervolume(kept[0], i + 1, M, front.reference, scratch),
                           1e-12);
    }
    const double own[M] = {5, 10, 30};
    ck_assert(!hn_front_find(f.history, own, &arena, &front, NULL));
    hn_assert_relative(front.volume[n - 1], hn_hypervolume(kept[0], n, M, own, scratch), 1e-12);
    hn_arena_release(&arena);
    hn_history_destroy(f.history);
}
END_TEST

START_TEST(references_of_narrow_fronts)
{
    static const double first[] = {2, 5, 0}, second[] = {4, 5, 0};
    fixture f;
    hn_arena arena = HN_ARENA_INIT;
    hn_front_history front;
    hone_error err;
    fixture_open(&f, M);
    fixture_float(&f, "x", 0, 1, false);
    double x = 0.5;
    ck_assert_int_eq(hn_front_find(f.history, NULL, &arena, &front, &err), HONE_INVALID);
    hn_assert_contains(err.message, "there is no front yet");
    fixture_add(&f, &x, HONE_COMPLETE, first);
    ck_assert(!hn_front_find(f.history, NULL, &arena, &front, NULL));
    hn_assert_relative(front.reference[0], 2.2, 1e-15); /* nothing has a range: of the value's size */
    hn_assert_relative(front.reference[1], 5.5, 1e-15);
    hn_assert_relative(front.reference[2], 0.1, 1e-15);
    hn_assert_relative(front.volume[0], 0.2 * 0.5 * 0.1, 1e-12);
    fixture_add(&f, &x, HONE_COMPLETE, second); /* dominated: the range is that of all trials */
    ck_assert(!hn_front_find(f.history, NULL, &arena, &front, NULL));
    hn_assert_relative(front.reference[0], 2.2, 1e-15);
    ck_assert(front.in_front[0] && !front.in_front[1]);
    hn_arena_release(&arena);
    hn_history_destroy(f.history);
}
END_TEST

/* By the definition: how many are smaller, and half of those that are equal. */
static void naive_ranks(const double *x, size_t n, double *ranks)
{
    for (size_t i = 0; i < n; i++) {
        ranks[i] = 0.5;
        for (size_t k = 0; k < n; k++) {
            ranks[i] += x[k] < x[i] ? 1 : x[k] == x[i] ? 0.5 : 0;
        }
    }
}

static double naive_pearson(const double *x, const double *y, size_t n)
{
    double sx = 0, sy = 0, xy = 0, xx = 0, yy = 0, size = (double)n;
    for (size_t i = 0; i < n; i++) {
        sx += x[i];
        sy += y[i];
        xy += x[i] * y[i];
        xx += x[i] * x[i];
        yy += y[i] * y[i];
    }
    return (xy - sx * sy / size) / sqrt((xx - sx * sx / size) * (yy - sy * sy / size));
}

START_TEST(correlations_by_their_definition)
{
    enum { K = 4, N = 50 };
    double columns[K][N], pearson[K * K], spearman[K * K], x[N], y[N], x_rank[N], y_rank[N];
    size_t rows[K * K];
    hn_arena arena = HN_ARENA_INIT;
    hn_random random = hn_random_stream(6, 0, HN_PURPOSE_TEST);
    for (size_t i = 0; i < N; i++) {
        columns[0][i] = hn_random_normal(&random);
        columns[1][i] = columns[0][i] + hn_random_normal(&random);
        columns[2][i] = floor(4 * hn_random_uniform(&random)); /* ties */
        columns[3][i] = 7;
        columns[1][i] = i % 9 == 4 ? NAN : columns[1][i];
        columns[2][i] = i % 11 == 3 ? INFINITY : columns[2][i];
    }
    ck_assert(!hn_correlate(columns[0], K, N, &arena, pearson, spearman, rows, NULL));
    for (size_t a = 0; a < K; a++) {
        for (size_t b = 0; b < K; b++) {
            size_t n = 0;
            for (size_t i = 0; i < N; i++) {
                x[n] = columns[a][i];
                y[n] = columns[b][i];
                n += isfinite(x[n]) && isfinite(y[n]);
            }
            ck_assert_uint_eq(rows[a * K + b], n);
            if (a == 3 || b == 3) {
                ck_assert(isnan(pearson[a * K + b]) && isnan(spearman[a * K + b]));
                continue;
            }
            naive_ranks(x, n, x_rank);
            naive_ranks(y, n, y_rank);
            hn_assert_absolute(pearson[a * K + b], naive_pearson(x, y, n), 1e-12);
            hn_assert_absolute(spearman[a * K + b], naive_pearson(x_rank, y_rank, n), 1e-12);
        }
    }
    const double huge[2][3] = {{1e308, -1e308, 3}, {1e-320, -1e-320, 0}}; /* squares leave the range */
    ck_assert(!hn_correlate(huge[0], 2, 3, &arena, pearson, spearman, rows, NULL));
    hn_assert_relative(pearson[1], 1, 1e-3);
    hn_assert_relative(spearman[1], 1, 1e-12);
    hn_arena_release(&arena);
}
END_TEST

Suite *suite_front(void)
{
    Suite *suite = suite_create("front");
    TCase *all = tcase_create("front");
    tcase_add_test(all, agrees_with_all_pairs);
    tcase_add_test(all, references_of_narrow_fronts);
    tcase_add_test(all, correlations_by_their_definition);
    suite_add_tcase(suite, all);
    return suite;
}
