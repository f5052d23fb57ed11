/* Plots of analyses against what the library says of the same studies. */
#include <math.h>
#include <string.h>

#include "app/plot.h"
#include "math/random.h"
#include "support.h"

enum { TRIALS = 60 };

static hone_study *study;
static hn_plot_study read_study;
static hn_arena arena;
static hn_page page;
static hone_error error;

static void open_study(const char *goal, const char *space)
{
    hone_study_config config = HONE_STUDY_CONFIG_INIT;
    config.goal = goal;
    config.space = space;
    ck_assert_msg(!hone_study_open("memory:", "s", &config, &study, &error), "%s", error.message);
}

static void teardown(void)
{
    hn_plot_study_release(&read_study);
    hone_study_destroy(study);
    hn_arena_release(&arena);
    read_study = (hn_plot_study){0};
    study = NULL;
}

static void add(double x, double rate, const char *kind, const double *values, size_t m)
{
    const hone_named_value point[] = {{"x", {.type = HONE_FLOAT, .as.real = x}},
                                      {"rate", {.type = HONE_FLOAT, .as.real = rate}},
                                      {"kind", {.type = HONE_STRING, .as.string = kind}},
                                      {"fixed", {.type = HONE_INT, .as.integer = 2}}};
    ck_assert_msg(!hone_study_add(study, point, 4, m ? HONE_COMPLETE : HONE_FAILED, values, m, NULL, &error),
                  "%s", error.message);
}

static const char space[] =
    "{x: {float: [0, 1]}, rate: {float: [0.001, 1], log: true}, kind: {choice: [a, b]}, "
    "fixed: {int: [2, 2]}}";

/* Of one goal to be maximised, or of two. */
static void fill(size_t m)
{
    hn_random random = hn_random_stream(2, 0, HN_PURPOSE_TEST);
    open_study(m == 1 ? "maximize score" : "maximize score, minimize cost", space);
    for (int i = 0; i < TRIALS; i++) {
        double x = hn_random_uniform(&random), rate = pow(10, -3 * hn_random_uniform(&random));
        bool b = hn_random_uniform(&random) < 0.5;
        const double values[] = {5 * x + (b ? 1 : 0) + log10(rate), 3 * x + hn_random_uniform(&random)};
        add(x, rate, b ? "b" : "a", values, i % 15 == 4 ? 0 : m);
    }
}

static void make(const char *kind, const hone_plot_options *options)
{
    if (!read_study.study) {
        ck_assert_msg(!hn_plot_study_read(study, NULL, &read_study, &error), "%s", error.message);
    }
    ck_assert_msg(!hn_plot_make(kind, &read_study, 1, options, &arena, &page, &error), "%s: %s", kind,
                  error.message);
    ck_assert_str_eq(page.kind, kind);
}

static void refuse(const char *kind, const hone_plot_options *options, hone_status status, const char *says)
{
    ck_assert_int_eq(hn_plot_make(kind, &read_study, 1, options, &arena, &page, &error), status);
    hn_assert_contains(error.message, says);
}

START_TEST(importance_bars)
{
    fill(1);
    hone_param_importance *found = NULL;
    hone_param_importance_config config = HONE_PARAM_IMPORTANCE_CONFIG_INIT;
    hone_plot_options options = HONE_PLOT_OPTIONS_INIT;
    config.method = options.method = "impurity";
    make("importance", &options);
    ck_assert(!hone_study_importance(study, &config, &found, NULL));
    const hn_figure *figure = &page.figures[0];
    ck_assert_uint_eq(page.n_figures, 1);
    ck_assert_uint_eq(figure->y.n_categories, found->n_params);
    for (size_t i = 0; i < found->n_params; i++) {
        ck_assert_str_eq(figure->y.categories[i], found->params[i]);
        ck_assert_double_eq(figure->series[0].x[i], 100 * found->importance[i]);
    }
    hone_param_importance_free(found);
    options.limit = 2;
    make("importance", &options);
    ck_assert_uint_eq(page.figures[0].series[0].n, 2);
    hn_assert_contains(page.figures[0].note, "The 2 of 4 that matter most");
    options.method = "impurty";
    refuse("importance", &options, HONE_INVALID, "did you mean 'impurity'?");
}
END_TEST

START_TEST(dependence_panels)
{
    fill(1);
    make("partial-dependence", NULL);
    ck_assert_uint_eq(page.n_figures, 3); /* not the constant */
    for (size_t f = 0; f < 3; f++) {
        const hn_figure *figure = &page.figures[f];
        hone_param_dependence *found = NULL;
        hone_param_dependence_config config = HONE_PARAM_DEPENDENCE_CONFIG_INIT;
        config.param = figure->title;
        ck_assert(!hone_study_dependence(study, &config, &found, NULL));
        bool kind = !strcmp(figure->title, "kind");
        ck_assert_int_eq(figure->x.log, !strcmp(figure->title, "rate"));
        ck_assert_uint_eq(figure->x.n_categories, kind ? 2 : 0);
        ck_assert_uint_eq(figure->series[0].n, found->params[0].n);
        for (size_t i = 0; i < found->params[0].n; i++) {
            ck_assert_double_eq(figure->series[0].x[i],
                                kind ? (double)i : found->params[0].values[i].as.real);
            ck_assert_double_eq(figure->series[0].y[i], found->mean[i]);
            ck_assert_double_eq(figure->series[0].high[i], found->mean[i] + found->deviation[i]);
            ck_assert_double_eq(figure->series[0].low[i], found->mean[i] - found->deviation[i]);
        }
        hone_param_dependence_free(found);
    }
    const char *const names[] = {"fixed"};
    hone_plot_options options = HONE_PLOT_OPTIONS_INIT;
    options.params = names;
    options.n_params = 1;
    make("partial-dependence", &options);
    hn_assert_contains(page.figures[0].empty, "one value only");
}
END_TEST

START_TEST(contours_with_their_trials)
{
    const char *const names[] = {"x", "kind", "rate"};
    hone_plot_options options = HONE_PLOT_OPTIONS_INIT;
    hone_param_dependence *found = NULL;
    hone_param_dependence_config config = HONE_PARAM_DEPENDENCE_CONFIG_INIT;
    fill(1);
    options.params = names;
    options.n_params = 2;
    config.param = "x";
    config.second = "kind";
    make("contour", &options);
    ck_assert(!hone_study_dependence(study, &config, &found, NULL));
    const hn_figure *figure = &page.figures[0];
    const hn_figure_grid *grid = figure->grid;
    ck_assert_uint_eq(grid->n_x, found->params[0].n);
    ck_assert_uint_eq(grid->n_y, 2);
    for (size_t i = 0; i < grid->n_x; i++) {
        ck_assert_double_eq(grid->x[i], found->params[0].values[i].as.real);
        for (size_t j = 0; j < 2; j++) {
            ck_assert_double_eq(grid->values[j * grid->n_x + i], found->mean[i * 2 + j]);
        }
    }
    hone_param_dependence_free(found);
    size_t best = hn_plot_best(&read_study, 0);
    ck_assert_uint_eq(figure->series[0].n, TRIALS);
    for (size_t i = 0; i < TRIALS; i++) {
        const hone_trial_info *trial = &read_study.trials.trials[i];
        ck_assert_double_eq(figure->series[0].x[i], trial->params[0].value.as.real);
        ck_assert_int_eq(figure->series[0].marks[i], i == best                     ? HN_MARK_BEST
                                                     : trial->state == HONE_FAILED ? HN_MARK_FAILED
                                                                                   : HN_MARK_PLAIN);
    }
    options.n_params = 1; /* the other one is that which matters most */
    make("contour", &options);
    ck_assert_str_eq(page.figures[0].x.title, "x");
    ck_assert_str_ne(page.figures[0].y.title, "x");
    options.n_params = 3;
    refuse("contour", &options, HONE_INVALID, "two parameters are shown, found 3");
    const char *const twice[] = {"x", "x"};
    options.params = twice;
    options.n_params = 2;
    refuse("contour", &options, HONE_INVALID, "must differ");
}
END_TEST

START_TEST(of_many_trials_some_are_marked)
{
    enum { MANY = 3100 };
    hn_random random = hn_random_stream(5, 0, HN_PURPOSE_TEST);
    open_study("minimize loss", space);
    for (int i = 0; i < MANY; i++) {
        double x = hn_random_uniform(&random), value = i == 1234 ? -1 : x;
        add(x, 0.001 + 0.9 * hn_random_uniform(&random), "a", &value, 1);
    }
    make("contour", NULL);
    const hn_series *series = &page.figures[0].series[0];
    ck_assert_uint_eq(series->n, MANY / 3 + 2); /* every third, and the best */
    size_t best = 0;
    for (size_t i = 0; i < series->n; i++) {
        best += series->marks[i] == HN_MARK_BEST && series->trials[i] == 1234;
    }
    ck_assert_uint_eq(best, 1);
    hn_assert_contains(page.figures[0].note, "Of the 3100 trials one in 3 is marked.");
}
END_TEST

START_TEST(ablation_bars_follow_each_other)
{
    hone_ablation_config config = HONE_ABLATION_CONFIG_INIT;
    hone_plot_options options = HONE_PLOT_OPTIONS_INIT;
    hone_ablation *path = NULL;
    fill(1);
    make("ablation", &options);
    ck_assert(!hone_study_ablation(study, &config, &path, NULL));
    const hn_figure *figure = &page.figures[0];
    size_t seen = 0;
    ck_assert_uint_eq(figure->y.n_categories, path->n_steps + 2);
    for (size_t s = 0; s < figure->n_series; s++) {
        for (size_t i = 0; i < figure->series[s].n; i++, seen++) {
            size_t step = (size_t)figure->series[s].y[i] - 1;
            double from = step ? path->steps[step - 1].mean : path->mean, to = path->steps[step].mean;
            ck_assert_double_eq(figure->series[s].x[i], fmin(from, to));
            ck_assert_double_eq(figure->series[s].end[i], fmax(from, to));
            ck_assert_uint_eq(figure->series[s].paint, to >= from ? 1 : 2);
            hn_assert_contains(figure->y.categories[step + 1], path->steps[step].changes[0].param);
        }
    }
    ck_assert_uint_eq(seen, path->n_steps);
    ck_assert_double_eq(figure->rules[0].at, path->mean);
    hone_ablation_free(path);
    options.from = "best";
    options.to = "worst";
    make("ablation", &options);
    ck_assert_str_eq(
        page.figures[0].y.categories[0],
        hn_arena_printf(&arena, "trial %lld",
                        (long long)read_study.trials.trials[hn_plot_best(&read_study, 0)].number));
    options.to = "0.5";
    refuse("ablation", &options, HONE_INVALID, "--to is first, best, worst or a trial's number");
    options.to = "500";
    refuse("ablation", &options, HONE_NOT_FOUND, "no trial 500");
}
END_TEST

START_TEST(correlations_in_a_table)
{
    hone_correlation *found = NULL;
    hone_plot_options options = HONE_PLOT_OPTIONS_INIT;
    fill(2);
    options.method = "pearson";
    make("correlation", &options);
    ck_assert(!hone_study_correlation(study, &found, NULL));
    const hn_figure *figure = &page.figures[0];
    size_t n = found->n;
    ck_assert_uint_eq(n, 5); /* score, cost, x, rate, kind */
    ck_assert_uint_eq(figure->grid->n_x, n);
    for (size_t i = 0; i < n; i++) {
        ck_assert_str_eq(figure->x.categories[i], found->names[i]);
        ck_assert_str_eq(figure->y.categories[n - 1 - i], found->names[i]);
        for (size_t j = 0; j < n; j++) {
            ck_assert_double_eq(figure->grid->values[(n - 1 - i) * n + j], found->pearson[i * n + j]);
        }
    }
    ck_assert(figure->shade.low == -1 && figure->shade.high == 1 && figure->shade.diverging);
    hone_correlation_free(found);
    options.limit = 3; /* the goals, and what goes closest with one of them */
    make("correlation", &options);
    ck_assert_uint_eq(page.figures[0].grid->n_x, 3);
    ck_assert_str_eq(page.figures[0].x.categories[2], "x");
    hn_assert_contains(page.figures[0].note, "The 3 of 5");
    options.method = "kendall";
    refuse("correlation", &options, HONE_INVALID, "spearman and pearson are there");
}
END_TEST

START_TEST(the_front_and_its_edge)
{
    int64_t *best = NULL;
    size_t count;
    fill(2);
    make("pareto", NULL);
    ck_assert(!hone_study_best(study, 1, &best, &count, NULL));
    const hn_series *dominated = &page.figures[0].series[0], *edge = &page.figures[0].series[1],
                    *front = &page.figures[0].series[2];
    ck_assert_uint_eq(front->n, count);
    ck_assert_uint_eq(front->n + dominated->n, TRIALS - TRIALS / 15);
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(front->trials[i], best[i]);
    }
    hone_free(best);
    ck_assert_uint_eq(edge->n, 2 * count - 1);
    for (size_t i = 0; i < edge->n; i++) { /* corners are worse than a point in one goal, never better */
        bool reached = false;
        for (size_t k = 0; k < count; k++) {
            reached = reached || (front->x[k] >= edge->x[i] && front->y[k] <= edge->y[i]);
            ck_assert(!(front->x[k] > edge->x[i] && front->y[k] < edge->y[i]));
        }
        ck_assert(reached && (i == 0 || edge->x[i] >= edge->x[i - 1]));
    }
}
END_TEST

START_TEST(the_front_of_many_goals)
{
    static const char *const goals[] = {"minimize a, minimize b, maximize c",
                                        "minimize a, minimize b, maximize c, minimize d"};
    hn_random random = hn_random_stream(3, 0, HN_PURPOSE_TEST);
    size_t m = (size_t)_i;
    open_study(goals[m - 3], space);
    for (int i = 0; i < 20; i++) {
        double values[4];
        for (size_t j = 0; j < m; j++) {
            values[j] = hn_random_uniform(&random);
        }
        add(0.5, 0.1, "a", values, m);
    }
    make("pareto", NULL);
    if (m == 3) {
        ck_assert_uint_eq(page.n_figures, 3);
        ck_assert_str_eq(page.figures[2].title, "b and c");
        ck_assert_uint_eq(page.figures[2].n_series, 2);
    } else {
        ck_assert_uint_eq(page.n_figures, 1);
        ck_assert_uint_eq(page.figures[0].parallel->n_axes, 4);
        ck_assert_str_eq(page.figures[0].note, "Smaller is better in a, b, d; larger in c.");
    }
}
END_TEST

START_TEST(volumes_by_trial)
{
    hone_hypervolume *found = NULL;
    hone_plot_options options = HONE_PLOT_OPTIONS_INIT;
    const double reference[] = {0.5, 3.5};
    fill(2);
    options.reference = "0.5,3.5";
    make("hypervolume", &options);
    ck_assert(!hone_study_hypervolume(study, reference, &found, NULL));
    const hn_series *series = &page.figures[0].series[0];
    ck_assert_uint_eq(series->n, found->n);
    for (size_t i = 0; i < found->n; i++) {
        ck_assert_int_eq(series->trials[i], found->numbers[i]);
        ck_assert_double_eq(series->y[i], found->history[i]);
    }
    hone_hypervolume_free(found);
    options.reference = "0.5";
    refuse("hypervolume", &options, HONE_INVALID, "1 number; study 's' has 2 goals");
    options.reference = "0.5,x";
    refuse("hypervolume", &options, HONE_INVALID, "'x' is no number");
    options.reference = "100,-100";
    make("hypervolume", &options);
    hn_assert_contains(page.figures[0].note, "No trial is better than that in every goal.");
}
END_TEST

static const char *const all_kinds[] = {
    "importance", "partial-dependence", "contour", "ablation", "correlation", "pareto", "hypervolume"};

START_TEST(what_is_missing_is_said)
{
    static const double infinite[] = {INFINITY, INFINITY};
    open_study("maximize score, minimize cost", space);
    for (int stage = 0; stage < 4; stage++) {
        for (size_t k = 0; k < sizeof all_kinds / sizeof *all_kinds; k++) {
            make(all_kinds[k], NULL);
            bool shows = stage >= 3 && !strcmp(all_kinds[k], "correlation"); /* there are trials, of no use */
            ck_assert_msg(shows || page.figures[0].empty, "%s shows what is not there", all_kinds[k]);
            ck_assert(shows || strlen(page.figures[0].empty) > 10);
        }
        hn_plot_study_release(&read_study);
        read_study = (hn_plot_study){0};
        add(0.5, 0.1, "a", infinite, stage == 0 ? 0 : 2);
    }
}
END_TEST

Suite *suite_plot_analysis(void)
{
    Suite *suite = suite_create("plot_analysis");
    TCase *all = tcase_create("plot_analysis");
    tcase_add_checked_fixture(all, NULL, teardown);
    tcase_add_test(all, importance_bars);
    tcase_add_test(all, dependence_panels);
    tcase_add_test(all, contours_with_their_trials);
    tcase_add_test(all, of_many_trials_some_are_marked);
    tcase_add_test(all, ablation_bars_follow_each_other);
    tcase_add_test(all, correlations_in_a_table);
    tcase_add_test(all, the_front_and_its_edge);
    tcase_add_loop_test(all, the_front_of_many_goals, 3, 5);
    tcase_add_test(all, volumes_by_trial);
    tcase_add_test(all, what_is_missing_is_said);
    suite_add_tcase(suite, all);
    return suite;
}
