/* The trials of several goals, and the front: those that no other trial beats in all of them. Two goals and
 * three: a panel for each pair; more: the front as lines through an axis each. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/plot_analysis.h"

enum { MOST_PAIRS = 3 };       /* goals that are shown pair by pair */
enum { DOMINATED = 1, FRONT }; /* paints */

typedef struct pareto {
    const hn_plot_study *study;
    bool *in_front; /* (trials,) */
    size_t n_front;
} pareto;

static hone_status find_front(pareto *p, hn_arena *arena, const char **empty, hone_error *err)
{
    hone_error why = {0};
    hone_hypervolume *found = NULL;
    const hn_trial_list *list = &p->study->trials;
    p->in_front = HN_ARENA_NEW(arena, bool, list->count + 1);
    if (!p->in_front) {
        return hn_out_of_memory(err);
    }
    hone_status status = hone_study_hypervolume(p->study->study, NULL, &found, &why);
    status = hn_plot_analysed(status, &why, arena, empty, err);
    if (status || *empty) {
        return status;
    }
    for (size_t i = 0, k = 0; i < list->count; i++) {
        while (k < found->n && found->numbers[k] < list->trials[i].number) {
            k++;
        }
        p->in_front[i] = k < found->n && found->numbers[k] == list->trials[i].number && found->in_front[k];
        p->n_front += p->in_front[i];
    }
    hone_hypervolume_free(found);
    return HONE_OK;
}

/* --- pairs --- */

static hn_figure_axis goal_axis(const hn_plot_study *study, size_t objective)
{
    return (hn_figure_axis){.title = study->trials.metrics[objective],
                            .better = hn_plot_better(study, objective)};
}

/* The trials that are in the front, or the others. */
static hone_status make_points(const pareto *p, size_t a, size_t b, bool front, hn_arena *arena,
                               hn_series *series, hone_error *err)
{
    const hn_trial_list *list = &p->study->trials;
    double *x = HN_ARENA_NEW(arena, double, list->count), *y = HN_ARENA_NEW(arena, double, list->count);
    uint8_t *marks = HN_ARENA_NEW(arena, uint8_t, list->count);
    int64_t *trials = HN_ARENA_NEW(arena, int64_t, list->count);
    size_t n = 0;
    if (!x || !y || !marks || !trials) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < list->count; i++) {
        const hone_trial_info *trial = &list->trials[i];
        if (p->in_front[i] != front || trial->state != HONE_COMPLETE ||
            trial->n_values < list->n_objectives) {
            continue;
        }
        x[n] = trial->values[a];
        y[n] = trial->values[b];
        marks[n] = (uint8_t)hn_plot_mark(trial);
        trials[n++] = trial->number;
    }
    *series = (hn_series){.name = front ? "front" : "dominated",
                          .kind = HN_SERIES_POINTS,
                          .n = n,
                          .x = x,
                          .y = y,
                          .marks = marks,
                          .trials = trials,
                          .faint = !front,
                          .paint = front ? FRONT : DOMINATED};
    return HONE_OK;
}

static int by_first(const void *left, const void *right)
{
    const double *a = left, *b = right;
    return (a[0] > b[0]) - (a[0] < b[0]);
}

/* The edge of what the front dominates, from its points: a stair with its corners on the worse side. */
static hone_status make_edge(const pareto *p, const hn_series *front, hn_arena *arena, hn_series *edge,
                             hone_error *err)
{
    size_t n = front->n;
    double(*points)[2] = hn_arena_alloc(arena, n + 1, sizeof *points);
    double *x = HN_ARENA_NEW(arena, double, 2 * n), *y = HN_ARENA_NEW(arena, double, 2 * n);
    if (!points || !x || !y) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < n; i++) {
        points[i][0] = front->x[i];
        points[i][1] = front->y[i];
    }
    qsort(points, n, sizeof *points, by_first);
    bool larger = hn_plot_better(p->study, 0) > 0; /* x: the corner lies at the next y before the next x */
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        x[count] = points[i][0];
        y[count++] = points[i][1];
        if (i + 1 < n) {
            x[count] = larger ? points[i][0] : points[i + 1][0];
            y[count++] = larger ? points[i + 1][1] : points[i][1];
        }
    }
    *edge = (hn_series){.kind = HN_SERIES_LINE, .n = count, .x = x, .y = y, .faint = true, .paint = FRONT};
    return HONE_OK;
}

static hone_status make_pair(const pareto *p, size_t a, size_t b, hn_arena *arena, hn_figure *figure,
                             hone_error *err)
{
    hn_series *series = HN_ARENA_NEW(arena, hn_series, 3);
    bool stair = p->study->trials.n_objectives == 2; /* of more goals the front is no line */
    hone_status status = series ? HONE_OK : hn_out_of_memory(err);
    status = status ? status : make_points(p, a, b, false, arena, &series[0], err);
    status = status ? status : make_points(p, a, b, true, arena, &series[1 + stair], err);
    if (!status && stair) {
        status = make_edge(p, &series[2], arena, &series[1], err);
    }
    figure->x = goal_axis(p->study, a);
    figure->y = goal_axis(p->study, b);
    figure->n_series = 2 + stair;
    figure->series = series;
    return status;
}

static hone_status make_pairs(const pareto *p, hn_arena *arena, hn_page *page, hone_error *err)
{
    size_t m = p->study->trials.n_objectives, n = 0;
    hn_figure *figures = HN_ARENA_NEW(arena, hn_figure, m * (m - 1) / 2);
    hone_status status = figures ? HONE_OK : hn_out_of_memory(err);
    for (size_t a = 0; a < m; a++) {
        for (size_t b = a + 1; !status && b < m; b++) {
            status = make_pair(p, a, b, arena, &figures[n], err);
            if (!status && m > 2) {
                figures[n].title = hn_arena_printf(arena, "%s and %s", p->study->trials.metrics[a],
                                                   p->study->trials.metrics[b]);
                status = figures[n].title ? HONE_OK : hn_out_of_memory(err);
            }
            n++;
        }
    }
    page->n_figures = n;
    page->figures = figures;
    return status;
}

/* --- many goals --- */

/* "Smaller is better in a, b; larger in c." */
static const char *directions(const hn_plot_study *study, hn_arena *arena)
{
    hn_buffer text = HN_BUFFER_INIT;
    for (int better = -1; better <= 1; better += 2) {
        const char *between = text.size    ? "; larger in "
                              : better < 0 ? "Smaller is better in "
                                           : "Larger is better in ";
        for (size_t j = 0; j < study->trials.n_objectives; j++) {
            if (hn_plot_better(study, j) == better) {
                hn_buffer_printf(&text, "%s%s", between, study->trials.metrics[j]);
                between = ", ";
            }
        }
    }
    hn_buffer_text(&text, ".");
    const char *copy = hn_buffer_failed(&text) ? NULL : hn_arena_strdup(arena, hn_buffer_string(&text));
    hn_buffer_release(&text);
    return copy;
}

static hone_status make_lines(const pareto *p, hn_arena *arena, hn_page *page, hone_error *err)
{
    const hn_trial_list *list = &p->study->trials;
    size_t m = list->n_objectives, n = 0;
    hn_figure *figure = HN_ARENA_NEW(arena, hn_figure, 1);
    hn_figure_parallel *parallel = HN_ARENA_NEW(arena, hn_figure_parallel, 1);
    hn_figure_axis *axes = HN_ARENA_NEW(arena, hn_figure_axis, m);
    double *values = HN_ARENA_NEW(arena, double, (p->n_front + 1) * m),
           *shade = HN_ARENA_NEW(arena, double, p->n_front + 1);
    int64_t *trials = HN_ARENA_NEW(arena, int64_t, p->n_front + 1);
    if (!figure || !parallel || !axes || !values || !shade || !trials) {
        return hn_out_of_memory(err);
    }
    for (size_t j = 0; j < m; j++) {
        axes[j] = goal_axis(p->study, j);
    }
    for (size_t i = 0; i < list->count; i++) {
        if (p->in_front[i]) {
            memcpy(values + n * m, list->trials[i].values, m * sizeof *values);
            shade[n] = list->trials[i].values[0];
            trials[n++] = list->trials[i].number;
        }
    }
    *parallel = (hn_figure_parallel){
        .n_axes = m, .n = n, .axes = axes, .values = values, .shade = shade, .trials = trials};
    *figure = (hn_figure){
        .note = directions(p->study, arena), .parallel = parallel, .shade = goal_axis(p->study, 0)};
    page->n_figures = 1;
    page->figures = figure;
    return figure->note ? HONE_OK : hn_out_of_memory(err);
}

/* --- any --- */

static hone_status make(const hn_plot_study *studies, size_t n_studies, const hone_plot_options *options,
                        hn_arena *arena, hn_page *page, hone_error *err)
{
    (void)n_studies;
    (void)options;
    pareto p = {.study = studies};
    const char *empty = NULL;
    size_t m = studies->trials.n_objectives;
    const char *plain = hn_arena_printf(arena, "Pareto front of %s", studies->name);
    hone_status status = plain ? find_front(&p, arena, &empty, err) : hn_out_of_memory(err);
    if (status || empty) {
        return status ? status : hn_plot_empty(arena, plain, empty, page, err);
    }
    status = m > MOST_PAIRS ? make_lines(&p, arena, page, err) : make_pairs(&p, arena, page, err);
    if (status) {
        return status;
    }
    const char *title = hn_arena_printf(arena, "Pareto front of %s: %zu trial%s that no other beats",
                                        studies->name, p.n_front, p.n_front == 1 ? "" : "s");
    if (!title) {
        return hn_out_of_memory(err);
    }
    if (page->n_figures > 1) {
        page->title = title;
    } else {
        ((hn_figure *)page->figures)->title = title;
    }
    return HONE_OK;
}

const hn_plot_kind hn_plot_pareto = {
    .name = "pareto",
    .help = "the front of several goals, and the trials that it beats",
    .notes =
        "Two goals and three: each pair; more: the front alone, a line a trial through an axis a goal. The front\n"
        "is that of all complete trials, whatever --filter says; `hone best` lists it.\n"
        "\n"
        "examples:\n"
        "  hone plot pareto\n"
        "  hone plot pareto digits-mlp -o front.png",
    .options = "",
    .make = make,
};
