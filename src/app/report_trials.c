/* The trials of a report: the best ones, and all, or those that fit. */
#include <math.h>
#include <stdlib.h>

#include "app/report.h"
#include "app/show.h"
#include "base/memory.h"

/* --- the best --- */

static void add_exact(hn_table *table, const char *name, hone_value value)
{
    hn_buffer text = HN_BUFFER_INIT;
    hn_value_write(&text, value);
    hn_table_add(table, name);
    hn_table_add(table, hn_buffer_string(&text));
    table->failed = table->failed || hn_buffer_failed(&text);
    hn_buffer_release(&text);
}

/* Downwards and exact, to be copied. */
static hone_status write_one(hn_report *r, const hn_report_study *s, const hone_trial_info *trial,
                             hone_error *err)
{
    hn_table table = HN_TABLE_INIT;
    hn_table_add_column(&table, "", HN_ALIGN_LEFT, false);
    hn_table_add_column(&table, "", HN_ALIGN_LEFT, true);
    hn_table_add(&table, "trial");
    hn_table_add_int(&table, trial->number);
    for (size_t i = 0; i < trial->n_values; i++) {
        add_exact(&table, s->read.trials.metrics[i],
                  (hone_value){.type = HONE_FLOAT, .as.real = trial->values[i]});
        hn_table_set_style(&table, HN_STYLE_GOOD);
    }
    for (size_t i = 0; i < trial->n_params; i++) {
        add_exact(&table, trial->params[i].name, trial->params[i].value);
    }
    hone_status status = hn_html_table(&r->out, &table, "facts one", false, err);
    hn_table_release(&table);
    return status;
}

static hone_status write_table(hn_report *r, const hn_report_study *s, const hn_trial_list *list,
                               hone_error *err)
{
    hn_table table = HN_TABLE_INIT;
    int64_t best = s->n_best && s->read.trials.n_objectives == 1 ? s->best[0] : -1;
    hn_trial_table(&table, list, &s->measures, best, false);
    hone_status status = hn_html_table(&r->out, &table, "trials", true, err);
    hn_table_release(&table);
    return status;
}

hone_status hn_report_write_best(hn_report *r, const hn_report_study *s, hone_error *err)
{
    hn_trial_list list;
    bool several = s->read.trials.n_objectives > 1;
    size_t shown = s->n_best < hn_report_most_trials(r) || !several ? s->n_best : hn_report_most_trials(r);
    hone_status status = hn_report_pick(r, s, s->best, shown, &list, err);
    if (status) {
        return status;
    }
    if (!list.count) {
        hn_report_paragraph(r, "aside",
                            s->n_best ? "They were left out." : "No trial is complete and feasible yet.");
        return HONE_OK;
    }
    if (!several) {
        status = write_one(r, s, &list.trials[0], err);
    } else {
        hn_report_paragraph(r, NULL, "The Pareto front: trials that no other beats in every goal.");
    }
    if (!status && list.count > 1) {
        status = write_table(r, s, &list, err);
    }
    if (!status && shown < s->n_best) {
        const char *rest = hn_arena_printf(&r->arena, "%zu more were left out.", s->n_best - shown);
        hn_report_paragraph(r, "aside", rest ? rest : "");
    }
    return status;
}

/* --- all --- */

typedef struct ranked {
    double worth; /* larger is better; of trials that do not count -INFINITY */
    int64_t number;
} ranked;

static int better_first(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->worth != y->worth) {
        return x->worth < y->worth ? 1 : -1;
    }
    return (x->number > y->number) - (x->number < y->number);
}

/* The numbers of the best by the first goal. */
static hone_status rank(hn_report *r, const hn_report_study *s, size_t most, int64_t **numbers,
                        hone_error *err)
{
    const hn_trial_list *all = &s->read.trials;
    ranked *items = hn_calloc(all->count, sizeof *items);
    int64_t *best = HN_ARENA_NEW(&r->arena, int64_t, most);
    if (!items || !best) {
        hn_free(items);
        return hn_out_of_memory(err);
    }
    int sign = hn_plot_better(&s->read, 0);
    for (size_t i = 0; i < all->count; i++) {
        bool counts = hn_plot_counts(&all->trials[i], 0);
        items[i] = (ranked){counts ? sign * all->trials[i].values[0] : -INFINITY, all->trials[i].number};
    }
    qsort(items, all->count, sizeof *items, better_first);
    for (size_t i = 0; i < most; i++) {
        best[i] = items[i].number;
    }
    hn_free(items);
    *numbers = best;
    return HONE_OK;
}

static void say_what_is_left_out(hn_report *r, const hn_report_study *s, size_t most)
{
    const hn_trial_list *all = &s->read.trials;
    const char *text = hn_arena_printf(
        &r->arena, "The best %zu of %zu trials by %s; %zu were left out so that the page stays small. %s",
        most, all->count, all->metrics[0], all->count - most, "`hone trials --csv` gives them all.");
    hn_report_paragraph(r, "aside", text ? text : "");
}

hone_status hn_report_write_trials(hn_report *r, const hn_report_study *s, hone_error *err)
{
    const hn_trial_list *all = &s->read.trials;
    size_t most = hn_report_most_trials(r);
    hn_trial_list list;
    int64_t *numbers = NULL;
    if (!all->count) {
        hn_report_paragraph(r, "aside", "There are none yet.");
        return HONE_OK;
    }
    if (all->count <= most) {
        return write_table(r, s, all, err);
    }
    if (!most) {
        const char *text = hn_arena_printf(
            &r->arena, "The table of %zu trials was left out; `hone trials` shows it.", all->count);
        hn_report_paragraph(r, "aside", text ? text : "");
        return HONE_OK;
    }
    hone_status status = rank(r, s, most, &numbers, err);
    if (!status) {
        status = hn_report_pick(r, s, numbers, most, &list, err);
    }
    if (!status) {
        say_what_is_left_out(r, s, most);
        status = write_table(r, s, &list, err);
    }
    return status;
}
