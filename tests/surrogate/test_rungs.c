/* The model of all rungs, and what is hard for it. */
#include <math.h>

#include "naive_gp.h"
#include "support.h"
#include "surrogate/rungs.h"

enum { N = 24, RUNGS = 3 };

typedef struct study {
    hn_arena arena;
    double x[N], y[N * RUNGS];
    size_t reached[N];
    hn_rungs *model;
} study;

static const hn_gp_axis axis = {.kind = HN_GP_CONTINUOUS};

/* Half of the trials go on from each rung: y_0 = bend(x), y_k = y_{k-1} / 2 - k x. */
static study make(double scale)
{
    study s = {.arena = HN_ARENA_INIT};
    for (size_t i = 0; i < N; i++) {
        s.x[i] = (double)((i * 7) % N) / (N - 1);
        s.reached[i] = i % 4 == 0 ? 3 : i % 2 == 0 ? 2 : 1;
        s.y[i * RUNGS] = scale * (1 + sin(5 * s.x[i]));
        for (size_t k = 1; k < RUNGS; k++)
            s.y[i * RUNGS + k] = s.y[i * RUNGS + k - 1] / 2 - scale * (double)k * s.x[i] / 4;
    }
    return s;
}

static void fit(study *s)
{
    const hn_rungs_data data = {s->x, s->y, s->reached, N, RUNGS, 100};
    hone_error err = {0};
    ck_assert_msg(hn_rungs_fit(&s->arena, &axis, 1, &data, &s->model, &err) == HONE_OK, "%s", err.message);
}

/* What is known is known; what is not is found from the rung reached, and better than by the last loss. */
START_TEST(the_last_rung_is_foreseen)
{
    study s = make(3);
    fit(&s);
    for (size_t i = 0; i < N; i++) {
        double mean, deviation, *y = s.y + i * RUNGS;
        hn_rungs_predict(s.model, &s.x[i], y, s.reached[i], &mean, &deviation);
        hn_assert_absolute(mean, y[2], s.reached[i] == 3 ? 1e-12 : 0.35);
        ck_assert(s.reached[i] == 3 ? deviation == 0 : deviation > 0 && deviation < 1);
        ck_assert_double_lt(fabs(mean - y[2]), 4 * deviation + 1e-9);
    }
    hn_arena_release(&s.arena);
}
END_TEST

/* Losses of any size are the same thing in other units. */
START_TEST(units_do_not_matter)
{
    study a = make(1), b = make(1e-6);
    fit(&a);
    fit(&b);
    for (double x = 0.05; x < 1; x += 0.1) {
        double mean[2], deviation[2];
        hn_rungs_predict(a.model, &x, NULL, 0, &mean[0], &deviation[0]);
        hn_rungs_predict(b.model, &x, NULL, 0, &mean[1], &deviation[1]);
        hn_assert_absolute(mean[1] * 1e6, mean[0], 1e-3);
        hn_assert_absolute(deviation[1] * 1e6, deviation[0], 1e-3);
    }
    hn_arena_release(&a.arena);
    hn_arena_release(&b.arena);
}
END_TEST

/* A training that breaks down, whatever it reports, is as bad as the cap, and does not hide the others. */
START_TEST(what_breaks_down_is_capped)
{
    static const double odd[] = {NAN, INFINITY, 1e300};
    for (size_t o = 0; o < 3; o++) {
        study s = make(1);
        for (size_t k = 0; k < RUNGS; k++)
            s.y[k] = odd[o];
        fit(&s);
        double mean, deviation;
        hn_rungs_predict(s.model, &s.x[0], s.y, 3, &mean, &deviation);
        ck_assert_double_eq(mean, hn_rungs_cap(s.model));
        ck_assert(isfinite(mean) && mean < 10);
        hn_rungs_predict(s.model, &s.x[1], s.y + RUNGS, 1, &mean, &deviation);
        hn_assert_absolute(mean, s.y[RUNGS + 2], 1);
        hn_arena_release(&s.arena);
    }
}
END_TEST

START_TEST(few_or_equal_trials_are_enough)
{
    study s = make(1);
    for (size_t i = 0; i < N; i++) {
        s.reached[i] = i == 0;
        s.y[i * RUNGS] = 2;
    }
    fit(&s);
    double mean, deviation;
    hn_rungs_predict(s.model, &s.x[0], s.y, 1, &mean, &deviation);
    ck_assert(mean == 2 && isfinite(deviation));
    for (size_t i = 0; i < N; i++)
        s.reached[i] = 1;
    fit(&s);
    hn_rungs_predict(s.model, &s.x[3], NULL, 0, &mean, &deviation);
    ck_assert(mean == 2 && isfinite(deviation));
    hn_arena_release(&s.arena);
}
END_TEST

/* --- beside plain linear algebra --- */

/* What the header says, without the recursion: all losses at all rungs are one Gaussian vector. */
typedef struct direct {
    double rho[RUNGS], centre[RUNGS], scale[RUNGS], noise[RUNGS];
    hn_gp_hyper hyper[RUNGS];
    hn_gp_options options[RUNGS];
} direct;

static double mean_of(const double *v, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i] / (double)n;
    return sum;
}

static double product_of(const double *a, const double *b, size_t n)
{
    double sum = 0, mean_a = mean_of(a, n), mean_b = mean_of(b, n);
    for (size_t i = 0; i < n; i++)
        sum += (a[i] - mean_a) * (b[i] - mean_b);
    return sum;
}

/* rho, centre and scale by their definitions; the hyperparameters are those of a fit to the residuals. */
static void level_of(study *s, size_t k, double unit, direct *m)
{
    double x[N], now[N], before[N], at_most = hn_rungs_cap(s->model), prior = 2 * unit * unit;
    size_t n = 0;
    for (size_t i = 0; i < N; i++)
        if (s->reached[i] > k) {
            x[n] = s->x[i];
            before[n] = k ? fmin(s->y[i * RUNGS + k - 1], at_most) : 0;
            now[n++] = fmin(s->y[i * RUNGS + k], at_most);
        }
    m->rho[k] = k ? (prior + product_of(before, now, n)) / (prior + product_of(before, before, n)) : 0;
    for (size_t i = 0; i < n; i++)
        now[i] -= m->rho[k] * before[i];
    m->centre[k] = mean_of(now, n);
    m->scale[k] = sqrt(product_of(now, now, n) / (double)n);
    for (size_t i = 0; i < n; i++)
        now[i] = (now[i] - m->centre[k]) / m->scale[k];
    m->options[k] = (hn_gp_options)HN_GP_OPTIONS_INIT;
    m->options[k].transform = HN_GP_TRANSFORM_GIVEN;
    m->options[k].shared = n < 12;
    m->options[k].max_iterations = 15;
    m->options[k].tolerance = 1e-3;
    const hn_gp_data data = {.x = x, .y = now, .n = n};
    hn_gp_shape shape;
    hn_gp *gp;
    ck_assert(!hn_gp_fit(&s->arena, &axis, 1, &m->options[k], &data, NULL, &gp, NULL));
    ck_assert(!hn_gp_shape_make(&s->arena, &axis, 1, &m->options[k], &shape, NULL));
    ck_assert(!hn_gp_hyper_make(&s->arena, 1, &m->hyper[k], NULL));
    ck_assert(hn_gp_hyper_set(&shape, hn_gp_parameters(gp, 0), 0, &m->hyper[k]));
    m->noise[k] = hn_gp_noise(gp, 0);
}

/* The covariance of trial i's loss at rung k with trial j's at rung l. */
static double covariance(const study *s, const direct *m, size_t i, size_t k, size_t j, size_t l)
{
    double sum = 0;
    for (size_t level = 0; level <= k && level <= l; level++) {
        double carried = m->scale[level] * m->scale[level];
        for (size_t r = level + 1; r <= k; r++)
            carried *= m->rho[r];
        for (size_t r = level + 1; r <= l; r++)
            carried *= m->rho[r];
        sum += carried *
               (naive_gp_covariance(&axis, 1, &m->options[level], &m->hyper[level], &s->x[i], &s->x[j]) +
                (i == j ? m->noise[level] : 0));
    }
    return sum;
}

/* a (n, n) and b (n, 2) become the solution of a z = b, by elimination with pivots. */
static void solve(double *a, double *b, size_t n)
{
    for (size_t p = 0; p < n; p++) {
        size_t best = p;
        for (size_t i = p; i < n; i++)
            best = fabs(a[i * n + p]) > fabs(a[best * n + p]) ? i : best;
        for (size_t j = 0; j < n + 2; j++) {
            double *u = j < n ? &a[p * n + j] : &b[p * 2 + j - n],
                   *v = j < n ? &a[best * n + j] : &b[best * 2 + j - n];
            double kept = *u;
            *u = *v;
            *v = kept;
        }
        for (size_t i = 0; i < n; i++) {
            double factor = i == p ? 0 : a[i * n + p] / a[p * n + p];
            for (size_t j = 0; j < n; j++)
                a[i * n + j] -= factor * a[p * n + j];
            for (size_t j = 0; j < 2; j++)
                b[i * 2 + j] -= factor * b[p * 2 + j];
        }
    }
    for (size_t i = 0; i < 2 * n; i++)
        b[i] /= a[i / 2 * n + i / 2];
}

/* Mean and deviation of a trial's last loss, given all losses there are. */
static void predict_directly(const study *s, const direct *m, size_t asked, double *mean, double *deviation)
{
    double a[N * RUNGS * N * RUNGS], b[N * RUNGS * 2], cross[N * RUNGS], expected[RUNGS] = {0};
    size_t n = 0, trial[N * RUNGS], rung[N * RUNGS], last = RUNGS - 1;
    for (size_t k = 0; k < RUNGS; k++)
        expected[k] = m->centre[k] + (k ? m->rho[k] * expected[k - 1] : 0);
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < s->reached[i]; k++) {
            trial[n] = i;
            rung[n++] = k;
        }
    for (size_t p = 0; p < n; p++) {
        for (size_t q = 0; q < n; q++)
            a[p * n + q] = covariance(s, m, trial[p], rung[p], trial[q], rung[q]);
        cross[p] = covariance(s, m, trial[p], rung[p], asked, last);
        b[p * 2] = s->y[trial[p] * RUNGS + rung[p]] - expected[rung[p]];
        b[p * 2 + 1] = cross[p];
    }
    solve(a, b, n);
    double variance = covariance(s, m, asked, last, asked, last);
    *mean = expected[last];
    for (size_t p = 0; p < n; p++) {
        *mean += cross[p] * b[p * 2];
        variance -= cross[p] * b[p * 2 + 1];
    }
    *deviation = sqrt(fmax(variance, 0));
}

/* As who came to a rung was on all before, fitting each level by itself is exact. */
START_TEST(the_recursion_is_one_gaussian_vector)
{
    study s = make(1);
    direct m;
    for (size_t i = 0; i < N; i++) /* below the cap, and not quite a function of x */
        for (size_t k = 0; k < RUNGS; k++)
            s.y[i * RUNGS + k] = fmin(s.y[i * RUNGS + k], 1.2) + 0.05 * sin((double)(i * 31 + k * 17));
    fit(&s);
    double first[N], unit;
    for (size_t i = 0; i < N; i++)
        first[i] = fmin(s.y[i * RUNGS], hn_rungs_cap(s.model));
    unit = sqrt(product_of(first, first, N) / N);
    for (size_t k = 0; k < RUNGS; k++)
        level_of(&s, k, unit, &m);
    for (size_t i = 0; i < N; i++) {
        double mean, deviation, mean_directly, deviation_directly;
        ck_assert_double_lt(s.y[i * RUNGS], hn_rungs_cap(s.model));
        if (s.reached[i] == RUNGS)
            continue;
        hn_rungs_predict(s.model, &s.x[i], s.y + i * RUNGS, s.reached[i], &mean, &deviation);
        predict_directly(&s, &m, i, &mean_directly, &deviation_directly);
        hn_assert_relative(mean, mean_directly, 1e-6);
        hn_assert_relative(deviation, deviation_directly, 1e-6);
    }
    hn_arena_release(&s.arena);
}
END_TEST

Suite *suite_rungs(void)
{
    Suite *suite = suite_create("rungs");
    TCase *all = tcase_create("all");
    tcase_add_test(all, the_last_rung_is_foreseen);
    tcase_add_test(all, units_do_not_matter);
    tcase_add_test(all, what_breaks_down_is_capped);
    tcase_add_test(all, few_or_equal_trials_are_enough);
    tcase_add_test(all, the_recursion_is_one_gaussian_vector);
    suite_add_tcase(suite, all);
    return suite;
}
