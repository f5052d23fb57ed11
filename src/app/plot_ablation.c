/* Which differences between two trials make one better: what each change is expected to gain, one after the
 * other. */
#include <math.h>
#include <string.h>

#include "app/plot_analysis.h"
#include "base/number.h"

/* --- which trials --- */

static int64_t first_complete(const hn_plot_study *study, size_t objective)
{
    const hn_trial_list *list = &study->trials;
    for (size_t i = 0; i < list->count; i++) {
        if (list->trials[i].state == HONE_COMPLETE && isfinite(hn_plot_value(&list->trials[i], objective))) {
            return list->trials[i].number;
        }
    }
    return -1;
}

static int64_t worst_complete(const hn_plot_study *study, size_t objective)
{
    const hn_trial_list *list = &study->trials;
    int sign = hn_plot_better(study, objective);
    int64_t worst = -1;
    double lowest = INFINITY;
    for (size_t i = 0; i < list->count; i++) {
        double value = sign * hn_plot_value(&list->trials[i], objective);
        if (list->trials[i].state == HONE_COMPLETE && isfinite(value) && value < lowest) {
            lowest = value;
            worst = list->trials[i].number;
        }
    }
    return worst;
}

/* text NULL: left to the analysis. */
static hone_status read_trial(const hn_plot_study *study, const char *option, const char *text,
                              size_t objective, int64_t *number, hone_error *err)
{
    size_t best = hn_plot_best(study, objective);
    if (!text) {
        return HONE_OK;
    }
    if (!strcmp(text, "best")) {
        *number = best == SIZE_MAX ? -1 : study->trials.trials[best].number;
    } else if (!strcmp(text, "first")) {
        *number = first_complete(study, objective);
    } else if (!strcmp(text, "worst")) {
        *number = worst_complete(study, objective);
    } else if (!hn_parse_int(text, strlen(text), number) || *number < 0) {
        return hn_fail(err, HONE_INVALID, "--%s is first, best, worst or a trial's number, not '%.40s'",
                       option, text);
    }
    return HONE_OK;
}

/* --- what is shown --- */

/* "lr 0.1 → 0.003"; of one that comes "+ momentum 0.9", of one that goes "− beta". */
static void add_change(const hone_ablation_change *change, hn_arena *arena, hn_buffer *text)
{
    const char *before = hn_plot_value_text(arena, change->before),
               *after = hn_plot_value_text(arena, change->after);
    if (!before || !after) {
        text->failed = true;
    } else if (change->had && change->has) {
        hn_buffer_printf(text, "%s: %s → %s", change->param, before, after);
    } else if (change->has) {
        hn_buffer_printf(text, "+ %s: %s", change->param, after);
    } else {
        hn_buffer_printf(text, "− %s", change->param);
    }
}

static const char *step_text(const hone_ablation_step *step, hn_arena *arena)
{
    hn_buffer text = HN_BUFFER_INIT;
    for (size_t i = 0; i < step->n_changes; i++) {
        hn_buffer_text(&text, i ? ", " : "");
        add_change(&step->changes[i], arena, &text);
    }
    const char *copy = hn_buffer_failed(&text) ? NULL : hn_arena_strdup(arena, hn_buffer_string(&text));
    hn_buffer_release(&text);
    return copy;
}

/* The rows: where the path begins, its steps from above, where it ends. NULL when memory is out. */
static const char *const *row_texts(const hone_ablation *path, hn_arena *arena)
{
    size_t n = path->n_steps;
    const char **texts = HN_ARENA_NEW(arena, const char *, n + 2);
    bool room = texts != NULL;
    for (size_t i = 0; room && i < n + 2; i++) {
        texts[i] = i == 0       ? hn_arena_printf(arena, "trial %lld", (long long)path->from)
                   : i == n + 1 ? hn_arena_printf(arena, "trial %lld", (long long)path->to)
                                : step_text(&path->steps[i - 1], arena);
        room = texts[i] != NULL;
    }
    return room ? texts : NULL;
}

/* The steps that gain (or lose): from what was expected before to what is expected after. */
static hone_status make_bars(const hone_ablation *path, int sign, bool gains, hn_arena *arena,
                             hn_series *series, hone_error *err)
{
    size_t n = path->n_steps, count = 0;
    double *x = HN_ARENA_NEW(arena, double, n), *y = HN_ARENA_NEW(arena, double, n),
           *end = HN_ARENA_NEW(arena, double, n);
    if (!x || !y || !end) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < n; i++) {
        double from = i ? path->steps[i - 1].mean : path->mean, to = path->steps[i].mean;
        if ((sign * (to - from) >= 0) == gains) {
            x[count] = fmin(from, to);
            end[count] = fmax(from, to);
            y[count++] = (double)(i + 1);
        }
    }
    *series = (hn_series){.name = gains ? "gains" : "loses",
                          .kind = HN_SERIES_INTERVALS,
                          .n = count,
                          .x = x,
                          .y = y,
                          .end = end,
                          .paint = gains ? 1 : 2};
    return HONE_OK;
}

static hone_status fill_steps(const hn_plot_study *study, const hone_ablation *path, size_t objective,
                              hn_arena *arena, hn_figure *figure, hone_error *err)
{
    int sign = hn_plot_better(study, objective);
    hn_series *series = HN_ARENA_NEW(arena, hn_series, 2);
    const char *const *texts = row_texts(path, arena);
    hone_status status = series && texts ? HONE_OK : hn_out_of_memory(err);
    for (int gains = 1; !status && gains >= 0; gains--) {
        hn_series *one = &series[figure->n_series];
        status = make_bars(path, sign, gains, arena, one, err);
        figure->n_series += !status && one->n > 0;
    }
    if (!status && figure->n_series == 1) {
        series[0].name = NULL;
    }
    figure->x = (hn_figure_axis){.title = study->trials.metrics[objective], .better = sign};
    figure->y = (hn_figure_axis){.n_categories = path->n_steps + 2, .categories = texts};
    figure->series = series;
    return status;
}

/* Where the path begins and ends, as the forest sees it. */
static hone_status add_rules(const hone_ablation *path, hn_arena *arena, hn_figure *figure, hone_error *err)
{
    hn_figure_rule *rules = HN_ARENA_NEW(arena, hn_figure_rule, 2);
    if (!rules) {
        return hn_out_of_memory(err);
    }
    rules[0] = (hn_figure_rule){.at = path->mean, .upright = true};
    rules[1] = (hn_figure_rule){.at = path->steps[path->n_steps - 1].mean, .upright = true};
    figure->n_rules = 2;
    figure->rules = rules;
    return HONE_OK;
}

static void add_value(const char *name, int64_t trial, double expected, double deviation, double told,
                      hn_buffer *text)
{
    char number[HN_NUMBER_SIZE], spread[HN_NUMBER_SIZE], value[HN_NUMBER_SIZE];
    hn_format_short(number, expected, 4);
    hn_format_short(spread, deviation, 2);
    hn_format_short(value, told, 4);
    hn_buffer_printf(text, "%s trial %lld it expects %s ± %s", name, (long long)trial, number, spread);
    if (isnan(told)) {
        hn_buffer_text(text, " (it has no value)");
    } else {
        hn_buffer_printf(text, " (told: %s)", value);
    }
}

static const char *make_note(const hone_ablation *path, hn_arena *arena)
{
    hn_buffer text = HN_BUFFER_INIT;
    const hone_ablation_step *last = &path->steps[path->n_steps - 1];
    hn_buffer_printf(&text,
                     "From above: always the change next that a random forest of %lld trials expects to gain "
                     "most. ",
                     (long long)path->trials);
    add_value("Of", path->from, path->mean, path->deviation, path->from_value, &text);
    add_value(", of", path->to, last->mean, last->deviation, path->to_value, &text);
    hn_buffer_text(&text, ".");
    const char *copy = hn_buffer_failed(&text) ? NULL : hn_arena_strdup(arena, hn_buffer_string(&text));
    hn_buffer_release(&text);
    return copy;
}

/* --- any --- */

static hone_status walk(const hn_plot_study *study, const hone_ablation_config *config, hn_arena *arena,
                        hn_figure *figure, hone_error *err)
{
    hone_error why = {0};
    hone_ablation *path = NULL;
    hone_status status = hone_study_ablation(study->study, config, &path, &why);
    status = hn_plot_analysed(status, &why, arena, &figure->empty, err);
    if (status || figure->empty) {
        return status;
    }
    figure->title = hn_arena_printf(arena, "%s of %s: the way from trial %lld to trial %lld",
                                    study->trials.metrics[config->objective], study->name,
                                    (long long)path->from, (long long)path->to);
    figure->note = make_note(path, arena);
    status = figure->title && figure->note ? HONE_OK : hn_out_of_memory(err);
    status = status ? status : fill_steps(study, path, config->objective, arena, figure, err);
    status = status ? status : add_rules(path, arena, figure, err);
    hone_ablation_free(path);
    return status;
}

static hone_status make(const hn_plot_study *studies, size_t n_studies, const hone_plot_options *options,
                        hn_arena *arena, hn_page *page, hone_error *err)
{
    (void)n_studies;
    hone_ablation_config config = HONE_ABLATION_CONFIG_INIT;
    hn_figure *figure = HN_ARENA_NEW(arena, hn_figure, 1);
    hone_status status = figure ? HONE_OK : hn_out_of_memory(err);
    status = status ? status : hn_plot_objective(studies, options, &config.objective, err);
    if (!status) {
        status = read_trial(studies, "from", options->from, config.objective, &config.from, err);
    }
    if (!status) {
        status = read_trial(studies, "to", options->to, config.objective, &config.to, err);
    }
    if (status) {
        return status;
    }
    page->n_figures = 1;
    page->figures = figure;
    figure->title = hn_arena_printf(arena, "%s of %s: the way from one trial to another",
                                    studies->trials.metrics[config.objective], studies->name);
    figure->empty = hn_plot_missing(studies, config.objective, 2, arena);
    status = figure->empty ? HONE_OK : walk(studies, &config, arena, figure, err);
    return !status && !figure->title ? hn_out_of_memory(err) : status;
}

const hn_plot_kind hn_plot_ablation = {
    .name = "ablation",
    .help = "which differences between two trials make one better",
    .notes =
        "Without --from the first complete trial, or the worst where the first is the best. Conditional\n"
        "parameters come (+) and go (−) with those that they depend on. All complete trials count,\n"
        "whatever --filter says.\n"
        "\n"
        "examples:\n"
        "  hone plot ablation\n"
        "  hone plot ablation digits-mlp --from worst --to 17 --csv",
    .options = "metric from to",
    .make = make,
};
