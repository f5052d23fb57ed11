/* The model of all rungs, and what is hard for it. */
#include <math.h>

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

Suite *suite_rungs(void)
{
    Suite *suite = suite_create("rungs");
    TCase *all = tcase_create("all");
    tcase_add_test(all, the_last_rung_is_foreseen);
    tcase_add_test(all, units_do_not_matter);
    tcase_add_test(all, what_breaks_down_is_capped);
    tcase_add_test(all, few_or_equal_trials_are_enough);
    suite_add_tcase(suite, all);
    return suite;
}
