/* Racing: what it computes, and, on simulated folds, how often it stops the best setting and how much it
 * saves.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "math/random.h"
#include "pruner/pruner.h"
#include "pruner/reports.h"
#include "support.h"

enum { MOST_FOLDS = 10, MOST_SETTINGS = 64, MOST_WORKERS = 4 };

/* --- by hand --- */

static void put(hn_history *history, int64_t number, hone_trial_state state, const double *folds, size_t n)
{
    hn_trial_report reports[MOST_FOLDS];
    double sum = 0, value;
    for (size_t k = 0; k < n; k++) {
        sum += folds[k];
        reports[k] = (hn_trial_report){(int64_t)k + 1, sum / (double)(k + 1)};
    }
    value = sum / (double)n;
    hn_trial_record record = {.number = number,
                              .state = state,
                              .n_values = state == HONE_COMPLETE,
                              .values = &value,
                              .n_reports = n,
                              .reports = reports,
                              .noise = NAN};
    ck_assert_int_eq(hn_history_put(history, &record, NULL), HONE_OK);
}

static hn_history *new_history(hone_direction direction)
{
    hn_history *history;
    ck_assert_int_eq(hn_history_create(&direction, 1, &history, NULL), HONE_OK);
    return history;
}

static hn_pruner *new_race(const char *text)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_spec spec;
    hn_pruner *pruner;
    hone_error err = {0};
    ck_assert_int_eq(hn_spec_from_text(&arena, text, "pruner", &spec, &err), HONE_OK);
    ck_assert_msg(hn_pruner_create(&spec, &pruner, &err) == HONE_OK, "%s", err.message);
    hn_arena_release(&arena);
    return pruner;
}

static hn_verdict verdict_of(hn_pruner *pruner, const hn_history *history, int64_t number, int64_t step)
{
    hn_prune_context context = {.history = history, .study_name = "s"};
    hn_verdict verdict;
    ck_assert_int_eq(hn_pruner_judge(pruner, &context, number, step, &verdict, NULL), HONE_OK);
    return verdict;
}

/* scipy 1.10.1: differences 0.02, 0.01, 0.03 have mean 0.02 and deviation 0.01; with a ratio of 1/4 t is
 * 0.02 / (0.01 sqrt(1/3 + 1/4)) = 2.6186 and stats.t.sf(t, 2) 0.06006. */
START_TEST(the_test_is_nadeau_and_bengios)
{
    double best[] = {0.9, 0.8, 0.95, 0.85, 0.9}, worse[] = {0.88, 0.79, 0.92};
    for (int direction = 0; direction < 2; direction++) {
        hn_history *history = new_history(direction ? HONE_MAXIMIZE : HONE_MINIMIZE);
        double a[5], b[3];
        for (size_t k = 0; k < 5; k++) {
            a[k] = direction ? best[k] : -best[k];
        }
        for (size_t k = 0; k < 3; k++) {
            b[k] = direction ? worse[k] : -worse[k];
        }
        put(history, 0, HONE_COMPLETE, a, 5);
        put(history, 1, HONE_RUNNING, b, 3);
        hn_pruner *sure = new_race("race:confidence=0.9405"), *less = new_race("race:confidence=0.9394");
        ck_assert_int_eq(verdict_of(sure, history, 1, 3), HN_CONTINUE);
        ck_assert_int_eq(verdict_of(less, history, 1, 3), HN_STOP);
        hn_pruner_destroy(sure);
        hn_pruner_destroy(less);
        hn_history_destroy(history);
    }
}
END_TEST

/* Two that run: Holm asks the smaller p for half the alpha; the larger is then tested at the whole. */
START_TEST(settings_that_run_share_the_error)
{
    double best[] = {0.9, 0.8, 0.95, 0.85, 0.9}, worse[] = {0.88, 0.79, 0.92}, much[] = {0.5, 0.41, 0.55};
    hn_history *history = new_history(HONE_MAXIMIZE);
    put(history, 0, HONE_COMPLETE, best, 5);
    put(history, 1, HONE_RUNNING, worse, 3);
    put(history, 2, HONE_RUNNING, worse, 3);
    hn_pruner *pruner = new_race("race:confidence=0.93");
    ck_assert_int_eq(verdict_of(pruner, history, 1, 3), HN_CONTINUE); /* 0.060 > 0.07 / 2 */
    put(history, 2, HONE_RUNNING, much, 3);
    ck_assert_int_eq(verdict_of(pruner, history, 2, 3), HN_STOP);
    ck_assert_int_eq(verdict_of(pruner, history, 1, 3), HN_STOP); /* second of two: 0.060 < 0.07 */
    hn_pruner_destroy(pruner);
    hn_history_destroy(history);
}
END_TEST

START_TEST(nothing_is_judged_without_cause)
{
    double best[] = {0.9, 0.8, 0.95, 0.85, 0.9}, bad[] = {0.1, 0.2, 0.15, 0.1, 0.1}, odd[] = {0.1, NAN, 0.1};
    hn_history *history = new_history(HONE_MAXIMIZE);
    hn_pruner *pruner = new_race("race:folds=5,min_folds=3"),
              *early = new_race("race:min_folds=2,confidence=0.9");
    put(history, 0, HONE_RUNNING, bad, 4);
    ck_assert_int_eq(verdict_of(pruner, history, 0, 4), HN_CONTINUE); /* there is no incumbent */
    put(history, 1, HONE_COMPLETE, best, 5);
    ck_assert_int_eq(verdict_of(pruner, history, 0, 4), HN_STOP);
    put(history, 0, HONE_RUNNING, bad, 2);
    ck_assert_int_eq(verdict_of(pruner, history, 0, 2), HN_CONTINUE); /* min_folds */
    ck_assert_int_eq(verdict_of(early, history, 0, 2), HN_STOP);
    put(history, 0, HONE_RUNNING, bad, 5);
    ck_assert_int_eq(verdict_of(pruner, history, 0, 5), HN_CONTINUE); /* every fold is run */
    ck_assert_int_eq(verdict_of(early, history, 0, 5), HN_STOP);      /* not known to be the last */
    put(history, 0, HONE_RUNNING, odd, 3);
    ck_assert_int_eq(verdict_of(pruner, history, 0, 3), HN_CONTINUE);
    put(history, 0, HONE_RUNNING, best, 4);
    ck_assert_int_eq(verdict_of(pruner, history, 0, 4), HN_CONTINUE); /* as good */
    double constant[] = {0.5, 0.4, 0.55};
    put(history, 0, HONE_RUNNING, constant, 3);
    ck_assert_int_eq(verdict_of(pruner, history, 0, 3), HN_STOP); /* worse by the same on each */
    hn_pruner_destroy(pruner);
    hn_pruner_destroy(early);
    hn_history_destroy(history);
}
END_TEST

/* --- simulated --- */

typedef struct world {
    size_t folds, settings, workers;
    double spread; /* of the settings' true scores below the best, in deviations of a fold */
    const char *pruner;
    hone_direction direction;
} world;

typedef struct tally {
    size_t runs, missed, folds_run, folds_all, clear, clear_folds;
} tally;

typedef struct lane {
    int64_t number; /* -1: free */
    size_t setting, k;
    double folds[MOST_FOLDS];
} lane;

/* Is its mean over all folds below the best one by more than half of the standard error of a mean? */
static bool is_far_below(const double *means, const world *w, size_t setting)
{
    double best = means[0];
    for (size_t g = 1; g < w->settings; g++) {
        best = fmax(best, means[g]);
    }
    return best - means[setting] > 0.5 / sqrt((double)w->folds);
}

/* One study: settings in random order, the best is number 0; scores are a fold's own level, less how much the
 * setting is worse, and a deviation of 1. Reports of the workers alternate. */
static void simulate(const world *w, uint64_t seed, tally *t)
{
    hn_random random = hn_random_stream(seed, 0, HN_PURPOSE_TEST);
    hn_history *history = new_history(w->direction);
    hn_pruner *pruner = new_race(w->pruner);
    double level[MOST_FOLDS], worse[MOST_SETTINGS] = {0}, sign = w->direction == HONE_MAXIMIZE ? 1 : -1;
    double scores[MOST_SETTINGS][MOST_FOLDS], means[MOST_SETTINGS] = {0};
    size_t order[MOST_SETTINGS], begun = 0, open = 0;
    lane lanes[MOST_WORKERS];
    for (size_t k = 0; k < w->folds; k++) {
        level[k] = 3 * hn_random_normal(&random);
    }
    for (size_t g = 0; g < w->settings; g++) {
        order[g] = g;
        worse[g] = g ? w->spread * hn_random_uniform(&random) : 0;
        for (size_t k = 0; k < w->folds; k++) {
            scores[g][k] = level[k] - worse[g] + hn_random_normal(&random);
            means[g] += scores[g][k] / (double)w->folds;
        }
    }
    hn_random_shuffle(&random, order, w->settings);
    for (size_t i = 0; i < w->workers; i++) {
        lanes[i].number = -1;
    }
    for (size_t turn = 0; begun < w->settings || open; turn++) {
        lane *at = &lanes[turn % w->workers];
        if (at->number < 0 && begun < w->settings) {
            *at = (lane){.number = (int64_t)begun, .setting = order[begun]};
            begun++;
            open++;
        }
        if (at->number < 0) {
            continue;
        }
        at->folds[at->k] = sign * scores[at->setting][at->k];
        at->k++;
        put(history, at->number, HONE_RUNNING, at->folds, at->k);
        bool stop = verdict_of(pruner, history, at->number, (int64_t)at->k) == HN_STOP;
        if (!stop && at->k < w->folds) {
            continue;
        }
        put(history, at->number, stop ? HONE_PRUNED : HONE_COMPLETE, at->folds, at->k);
        t->folds_run += at->k;
        t->folds_all += w->folds;
        t->clear += worse[at->setting] > 4;
        t->clear_folds += worse[at->setting] > 4 ? at->k : 0;
        at->number = -1;
        open--;
    }
    int64_t returned = hn_incumbent(history);
    t->missed += is_far_below(means, w, order[returned]);
    t->runs++;
    hn_pruner_destroy(pruner);
    hn_history_destroy(history);
}

/* The best setting is stopped in at most alpha = 0.05 of the studies. Were the rate 0.05, one of 400 runs
 * would exceed 37 stops (z = 3.9) in one of ten thousand seeds; the seeds are fixed. */
START_TEST(the_best_is_seldom_stopped_and_the_worst_are_stopped_early)
{
    enum { RUNS = 400, MOST_STOPS = 37 };
    static const world worlds[] = {
        {5, 30, 1, 8, "race:folds=5,ratio=0.25", HONE_MAXIMIZE},
        {5, 30, 4, 8, "race:folds=5,ratio=0.25", HONE_MINIMIZE},
        {10, 30, 2, 8, "race:folds=10,ratio=0.1111", HONE_MINIMIZE},
        {10, 10, 1, 1, "race:folds=10,ratio=0.1111", HONE_MAXIMIZE},
    };
    const world *w = &worlds[_i];
    tally t = {0};
    for (uint64_t seed = 0; seed < RUNS; seed++) {
        simulate(w, seed, &t);
    }
    printf("race: %zu folds, %zu settings, %zu workers: missed in %zu of %d studies, %zu of %zu folds run, "
           "%zu of %zu of the clearly worse\n",
           w->folds, w->settings, w->workers, t.missed, RUNS, t.folds_run, t.folds_all, t.clear_folds,
           t.clear * w->folds);
    ck_assert_uint_le(t.missed, MOST_STOPS);
    if (t.clear) {
        ck_assert_double_lt((double)t.clear_folds / (double)t.clear, 0.5 * (double)w->folds + 2);
        ck_assert_double_lt((double)t.folds_run / (double)t.folds_all, 0.9);
    }
}
END_TEST

/* --- recorded --- */

typedef struct table {
    const char *name;
    double most_fits;  /* of all */
    double least_near; /* of the searches */
    double folds[MOST_SETTINGS][MOST_FOLDS], means[MOST_SETTINGS];
    size_t n;
} table;

static void read_table(table *t)
{
    char *path = hn_test_source("tests/pruner/forest_folds.txt"), *text = hn_test_read(path), *rest, *words;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        const char *word = strtok_r(line, " ", &words);
        for (size_t k = 0; k < MOST_FOLDS && strcmp(word, t->name) == 0; k++) {
            const char *score = strtok_r(NULL, " ", &words);
            ck_assert(hn_parse_double(score, strlen(score), false, &t->folds[t->n][k]));
            t->means[t->n] += t->folds[t->n][k] / MOST_FOLDS;
            t->n += k + 1 == MOST_FOLDS;
        }
    }
    ck_assert_uint_eq(t->n, 60);
    free(text);
    free(path);
}

/* A random search of `n` of the table's settings, with the folds in an order of its own: how far the mean of
 * the one returned is below the best one's. */
static double search(const table *t, uint64_t seed, size_t n, size_t *fits)
{
    hn_random random = hn_random_stream(seed, 0, HN_PURPOSE_TEST);
    hn_history *history = new_history(HONE_MAXIMIZE);
    hn_pruner *pruner = new_race("race:folds=10");
    size_t settings[MOST_SETTINGS], folds[MOST_FOLDS];
    double best = 0;
    for (size_t i = 0; i < t->n; i++) {
        settings[i] = i;
    }
    for (size_t k = 0; k < MOST_FOLDS; k++) {
        folds[k] = k;
    }
    hn_random_shuffle(&random, settings, t->n);
    hn_random_shuffle(&random, folds, MOST_FOLDS);
    for (size_t i = 0; i < n; i++) {
        double scores[MOST_FOLDS];
        bool stop = false;
        size_t k = 0;
        for (; k < MOST_FOLDS && !stop; k++) {
            scores[k] = t->folds[settings[i]][folds[k]];
            put(history, (int64_t)i, HONE_RUNNING, scores, k + 1);
            stop = verdict_of(pruner, history, (int64_t)i, (int64_t)k + 1) == HN_STOP;
        }
        put(history, (int64_t)i, stop ? HONE_PRUNED : HONE_COMPLETE, scores, k);
        *fits += k;
        best = fmax(best, t->means[settings[i]]);
    }
    double returned = t->means[settings[hn_incumbent(history)]];
    hn_pruner_destroy(pruner);
    hn_history_destroy(history);
    return best - returned;
}

/* Forests on real tables, 40 settings a search: mostly at most 0.002 of accuracy is lost. On cmc 30 of the 60
 * settings lie within half of a standard error of the best; a fold of sonar has 21 rows. */
START_TEST(races_forests)
{
    enum { RUNS = 500, SETTINGS = 40 };
    static const table tables[] = {
        {.name = "vehicle", .most_fits = 0.47, .least_near = 0.95},
        {.name = "segmentation", .most_fits = 0.35, .least_near = 0.98},
        {.name = "cmc", .most_fits = 0.56, .least_near = 0.95},
        {.name = "credit_g", .most_fits = 0.47, .least_near = 0.93},
        {.name = "sonar", .most_fits = 0.56, .least_near = 0.95},
        {.name = "ionosphere", .most_fits = 0.56, .least_near = 0.95},
        {.name = "tic_tac_toe", .most_fits = 0.26, .least_near = 0.98},
    };
    table t = tables[_i];
    size_t near = 0, fits = 0;
    read_table(&t);
    for (uint64_t seed = 0; seed < RUNS; seed++) {
        near += search(&t, seed, SETTINGS, &fits) <= 0.002;
    }
    double share = (double)fits / (RUNS * SETTINGS * MOST_FOLDS);
    printf("race: forests on %s: %.1f %% of the fits, within 0.002 of the best in %zu of %d searches\n",
           t.name, 100 * share, near, RUNS);
    ck_assert_double_ge((double)near / RUNS, t.least_near);
    ck_assert_double_le(share, t.most_fits);
}
END_TEST

Suite *suite_race(void)
{
    Suite *suite = suite_create("race");
    TCase *cases = tcase_create("race");
    tcase_add_test(cases, the_test_is_nadeau_and_bengios);
    tcase_add_test(cases, settings_that_run_share_the_error);
    tcase_add_test(cases, nothing_is_judged_without_cause);
    tcase_add_loop_test(cases, the_best_is_seldom_stopped_and_the_worst_are_stopped_early, 0, 4);
    tcase_add_loop_test(cases, races_forests, 0, 7);
    suite_add_tcase(suite, cases);
    return suite;
}
