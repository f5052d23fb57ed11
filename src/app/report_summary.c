/* What became of a study: a few figures, the facts that `hone study show` tells, why trials failed. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/report.h"
#include "app/show.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/number.h"
#include "view/trial_node.h"

enum { DIGITS = 5, SECOND = 19 /* bytes of a date up to the second */, N_STATES = HONE_WAITING + 1 };

/* When and how long. */
typedef struct times {
    int64_t first_us, last_us; /* 0: no trial began; ended */
    double trials;             /* seconds of all trials together */
    size_t counts[N_STATES];
} times;

static times read_times(const hn_trial_list *list)
{
    times t = {0};
    for (size_t i = 0; i < list->count; i++) {
        const hone_trial_info *trial = &list->trials[i];
        double seconds = hn_trial_duration(trial);
        t.counts[trial->state]++;
        t.trials += isnan(seconds) ? 0 : seconds;
        if (trial->start_us && (!t.first_us || trial->start_us < t.first_us)) {
            t.first_us = trial->start_us;
        }
        if (trial->complete_us > t.last_us) {
            t.last_us = trial->complete_us;
        }
    }
    return t;
}

/* --- figures --- */

/* NULL texts: memory is out. */
static void write_figure(hn_report *r, const char *name, const char *value, const char *aside)
{
    if (!name || !value || !aside) {
        r->out.failed = true;
        return;
    }
    hn_buffer_text(&r->out, "<div><dt>");
    hn_html_text(&r->out, name);
    hn_buffer_text(&r->out, "</dt><dd>");
    hn_html_text(&r->out, value);
    hn_buffer_text(&r->out, "<small>");
    hn_html_text(&r->out, aside);
    hn_buffer_text(&r->out, "</small></dd></div>\n");
}

/* How many trials had ended when this one had. */
static size_t count_ended(const hn_trial_list *list, const hone_trial_info *best)
{
    size_t n = 0;
    for (size_t i = 0; i < list->count; i++) {
        n += list->trials[i].complete_us && list->trials[i].complete_us <= best->complete_us;
    }
    return n;
}

static void write_best(hn_report *r, const hn_report_study *s)
{
    const hn_trial_list *list = &s->read.trials;
    hn_arena *arena = &r->arena;
    const hone_trial_info *best = s->n_best ? hn_report_trial(s, s->best[0]) : NULL;
    if (list->n_objectives > 1) {
        write_figure(r, "Pareto front",
                     hn_arena_printf(arena, "%zu trial%s", s->n_best, s->n_best == 1 ? "" : "s"),
                     s->n_best ? "that no other beats in every goal" : "none is complete and feasible");
    } else if (best && best->n_values) {
        char number[HN_NUMBER_SIZE];
        bool highest = list->directions[0] == HONE_MAXIMIZE;
        hn_format_short(number, best->values[0], DIGITS);
        write_figure(
            r, hn_arena_printf(arena, "%s %s", highest ? "Highest" : "Lowest", list->metrics[0]), number,
            best->complete_us ? hn_arena_printf(arena, "trial %lld, when %zu of %zu had ended",
                                                (long long)best->number, count_ended(list, best), list->count)
                              : hn_arena_printf(arena, "trial %lld", (long long)best->number));
    } else {
        write_figure(r, "Best", "none yet", "no trial is complete and feasible");
    }
}

static const char *counts_text(hn_arena *arena, const times *t)
{
    static const hone_trial_state order[] = {HONE_COMPLETE, HONE_PRUNED, HONE_FAILED, HONE_RUNNING,
                                             HONE_WAITING};
    const char *text = "";
    for (size_t i = 0; text && i < N_STATES; i++) {
        if (t->counts[order[i]]) {
            text = hn_arena_printf(arena, "%s%s%zu %s", text, *text ? ", " : "", t->counts[order[i]],
                                   hone_trial_state_name(order[i]));
        }
    }
    return text;
}

static void write_figures(hn_report *r, const hn_report_study *s, const times *t)
{
    char spent[HN_NUMBER_SIZE], trials[HN_NUMBER_SIZE];
    hn_buffer_text(&r->out, "<dl class=\"key\">\n");
    write_best(r, s);
    write_figure(r, s->read.trials.count == 1 ? "Trial" : "Trials",
                 hn_arena_printf(&r->arena, "%zu", s->read.trials.count), counts_text(&r->arena, t));
    if (t->first_us && t->last_us > t->first_us) {
        hn_format_duration(spent, (double)(t->last_us - t->first_us) * 1e-6);
        hn_format_duration(trials, t->trials);
        write_figure(r, "Time", spent, hn_arena_printf(&r->arena, "trials together %s", trials));
    }
    hn_buffer_text(&r->out, "</dl>\n");
}

/* --- words --- */

static void write_state(hn_report *r, const times *t, size_t count)
{
    size_t ended = t->counts[HONE_COMPLETE] + t->counts[HONE_PRUNED] + t->counts[HONE_FAILED];
    if (!count) {
        hn_report_paragraph(r, "aside", "The study has no trials yet: there is nothing to be seen.");
    } else if (t->counts[HONE_FAILED] == count) {
        hn_report_paragraph(r, "alarm", "Every trial failed. What they said stands below.");
    } else if (t->counts[HONE_RUNNING] || t->counts[HONE_WAITING]) {
        const char *text = hn_arena_printf(
            &r->arena, "The study was going on when this was written: %zu of its trials had ended.", ended);
        hn_report_paragraph(r, "aside", text ? text : "");
    }
}

static void add_time(hn_table *table, const char *name, int64_t wall_us)
{
    char text[HN_DATETIME_SIZE];
    if (wall_us) {
        hn_format_datetime(text, wall_us);
        hn_table_add(table, name);
        hn_table_add(table, hn_arena_printf(&table->arena, "%.*s UTC", SECOND, text));
    }
}

static hone_status write_facts(hn_report *r, const hn_report_study *s, const times *t, hone_error *err)
{
    hn_table facts = HN_TABLE_INIT, space = HN_TABLE_INIT;
    hone_status status = hn_study_tables(s->study, &facts, &space, err);
    if (!status) {
        add_time(&facts, "first trial began", t->first_us);
        add_time(&facts, "last trial ended", t->last_us);
        if (s->storage) {
            hn_table_add(&facts, "storage");
            hn_table_add(&facts, s->storage);
        }
        status = hn_html_table(&r->out, &facts, "facts", false, err);
    }
    if (!status && space.n_columns) {
        hn_buffer_printf(&r->out, "<h%d>What may vary</h%d>\n", r->level + 1, r->level + 1);
        status = hn_html_table(&r->out, &space, "space", true, err);
    }
    hn_table_release(&facts);
    hn_table_release(&space);
    return status;
}

/* --- failures --- */

typedef struct failure {
    const char *message;
    size_t count;
    int64_t first;
} failure;

/* "hone: killed by signal 9" of two trials is one thing to know. */
static void count_failure(failure *failures, size_t *n, const hone_trial_info *trial)
{
    const char *message = trial->message ? trial->message : "it did not say why";
    size_t i = 0;
    while (i < *n && strcmp(failures[i].message, message) != 0) {
        i++;
    }
    if (i == *n) {
        failures[(*n)++] = (failure){message, 0, trial->number};
    }
    failures[i].count++;
}

static int most_first(const void *a, const void *b)
{
    const failure *x = a, *y = b;
    return x->count != y->count ? (x->count < y->count ? 1 : -1)
                                : (x->first > y->first) - (x->first < y->first);
}

static hone_status write_failures(hn_report *r, const hn_report_study *s, size_t n_failed, hone_error *err)
{
    enum { LOOKED_AT = 1000, SHOWN = 10 }; /* messages that all differ are compared with each other */
    failure failures[LOOKED_AT];
    size_t n = 0;
    hn_table table = HN_TABLE_INIT;
    for (size_t i = 0; i < s->read.trials.count && n < LOOKED_AT; i++) {
        if (s->read.trials.trials[i].state == HONE_FAILED) {
            count_failure(failures, &n, &s->read.trials.trials[i]);
        }
    }
    qsort(failures, n, sizeof *failures, most_first);
    hn_table_add_column(&table, "why trials failed", HN_ALIGN_LEFT, true);
    hn_table_add_column(&table, "trials", HN_ALIGN_RIGHT, false);
    hn_table_add_column(&table, "the first", HN_ALIGN_RIGHT, false);
    for (size_t i = 0; i < n && i < SHOWN; i++) {
        hn_table_add(&table, failures[i].message);
        hn_table_add_int(&table, (long long)failures[i].count);
        hn_table_add_int(&table, failures[i].first);
    }
    hone_status status = hn_html_table(&r->out, &table, "failures", true, err);
    if (!status && n > SHOWN) {
        const char *rest =
            hn_arena_printf(&r->arena, "and other messages; %zu trials failed in all", n_failed);
        hn_report_paragraph(r, "aside", rest ? rest : "");
    }
    hn_table_release(&table);
    return status;
}

hone_status hn_report_write_summary(hn_report *r, const hn_report_study *s, hone_error *err)
{
    times t = read_times(&s->read.trials);
    write_figures(r, s, &t);
    write_state(r, &t, s->read.trials.count);
    hone_status status = write_facts(r, s, &t, err);
    if (!status && t.counts[HONE_FAILED]) {
        hn_buffer_printf(&r->out, "<h%d>Failures</h%d>\n", r->level + 1, r->level + 1);
        status = write_failures(r, s, t.counts[HONE_FAILED], err);
    }
    return status;
}
