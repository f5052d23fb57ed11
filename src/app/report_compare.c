/* Several studies beside each other. */
#include <math.h>
#include <string.h>

#include "app/report.h"

enum { DIGITS = 5 };

static void add_study(hn_table *table, const hn_report_study *s)
{
    const hn_trial_list *list = &s->read.trials;
    const hone_trial_info *best = s->n_best ? hn_report_trial(s, s->best[0]) : NULL;
    bool one = list->n_objectives == 1;
    hn_table_add(table, hone_study_name(s->study));
    hn_buffer goal = HN_BUFFER_INIT;
    for (size_t i = 0; i < list->n_objectives; i++) {
        hn_buffer_printf(&goal, "%s%s %s", i ? ", " : "",
                         list->directions[i] == HONE_MAXIMIZE ? "maximize" : "minimize", list->metrics[i]);
    }
    hn_table_add(table, hn_buffer_string(&goal));
    table->failed = table->failed || hn_buffer_failed(&goal);
    hn_buffer_release(&goal);
    hn_table_add_int(table, (long long)list->count);
    hn_table_add_int(table, hone_study_state_count(s->study, HONE_COMPLETE));
    hn_table_add_number(table, one && best && best->n_values ? best->values[0] : NAN, DIGITS);
    if (one && best) {
        hn_table_add_int(table, best->number);
    } else {
        hn_table_add(table, "");
    }
}

/* Values of different goals have no place on one axis. */
static bool have_one_goal(const hn_report *r)
{
    const hn_trial_list *first = &r->studies[0].read.trials;
    for (size_t i = 1; i < r->n; i++) {
        const hn_trial_list *list = &r->studies[i].read.trials;
        if (strcmp(list->metrics[0], first->metrics[0]) != 0 || list->directions[0] != first->directions[0]) {
            return false;
        }
    }
    return true;
}

/* All in one picture each. */
static hone_status write_plots(hn_report *r, hone_error *err)
{
    static const char *const kinds[] = {"history", "edf"};
    const hone_plot_options options = HONE_PLOT_OPTIONS_INIT;
    hn_plot_study *studies = HN_ARENA_NEW(&r->arena, hn_plot_study, r->n);
    hn_plot_row row = {.id = "all", .studies = studies, .n = r->n};
    hone_status status = studies ? HONE_OK : hn_out_of_memory(err);
    for (size_t i = 0; studies && i < r->n; i++) {
        studies[i] = r->studies[i].read;
    }
    hn_buffer_text(&r->out, "<div class=\"plots\">\n");
    for (size_t i = 0; !status && i < sizeof kinds / sizeof *kinds; i++) {
        status = hn_report_plot(r, &row, kinds[i], &options, err);
    }
    hn_buffer_text(&r->out, "</div>\n");
    hn_report_end_plots(r, &row);
    return status;
}

hone_status hn_report_write_compare(hn_report *r, hone_error *err)
{
    hn_table table = HN_TABLE_INIT;
    hn_buffer_text(&r->out, "<section>\n");
    hn_report_heading(r, NULL, "compared", "Compared");
    hn_table_add_column(&table, "study", HN_ALIGN_LEFT, true);
    hn_table_add_column(&table, "goal", HN_ALIGN_LEFT, true);
    hn_table_add_column(&table, "trials", HN_ALIGN_RIGHT, false);
    hn_table_add_column(&table, "complete", HN_ALIGN_RIGHT, false);
    hn_table_add_column(&table, "best", HN_ALIGN_RIGHT, false);
    hn_table_add_column(&table, "in trial", HN_ALIGN_RIGHT, false);
    for (size_t i = 0; i < r->n; i++) {
        add_study(&table, &r->studies[i]);
    }
    hone_status status = hn_html_table(&r->out, &table, "trials", true, err);
    hn_table_release(&table);
    if (!status && !have_one_goal(r)) {
        hn_report_paragraph(r, "aside", "Their first goals differ: their values are not drawn together.");
    } else if (!status && hn_report_draws(r)) {
        status = write_plots(r, err);
    }
    hn_buffer_text(&r->out, "</section>\n");
    return status;
}
