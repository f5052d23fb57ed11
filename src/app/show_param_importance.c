/* How much each parameter of a study mattered: a table for each goal, with bars. */
#include <string.h>

#include "app/model_data.h"
#include "app/show.h"
#include "base/memory.h"
#include "base/number.h"
#include "view/bar.h"
#include "view/table.h"
#include "view/width.h"

enum { MOST_PAIRS = 10, PER_CENT_DECIMALS = 1 };

typedef struct showing {
    hone_study *study;
    hone_param_importance_config config;
    hone_format format;
    const hone_sink *sink;
    const char *goal; /* the metric's name */
} showing;

/* --- for people --- */

static void add_per_cent(hn_table *table, double share)
{
    char number[HN_NUMBER_SIZE];
    hn_buffer text = HN_BUFFER_INIT;
    hn_format_fixed(number, 100 * share, PER_CENT_DECIMALS);
    hn_buffer_printf(&text, "%s %%", number);
    hn_table_add(table, hn_buffer_string(&text));
    table->failed |= hn_buffer_failed(&text);
    hn_buffer_release(&text);
}

static void add_bar(hn_table *table, double share, const hone_sink *sink)
{
    enum { CELLS = 30 };
    hn_buffer text = HN_BUFFER_INIT;
    hn_bar_text(&text, 0, share, CELLS, sink->ascii);
    hn_table_add(table, hn_buffer_string(&text));
    table->failed |= hn_buffer_failed(&text);
    hn_buffer_release(&text);
}

static hone_status show_params(const showing *s, const hone_param_importance *found, hone_error *err)
{
    hn_table table = HN_TABLE_INIT;
    bool conditional = false;
    for (size_t i = 0; i < found->n_params; i++) {
        conditional = conditional || found->having[i] < found->trials;
    }
    hn_table_add_column(&table, "parameter", HN_ALIGN_LEFT, true);
    hn_table_add_column(&table, "importance", HN_ALIGN_RIGHT, false);
    hn_table_add_column(&table, "", HN_ALIGN_LEFT, false);
    if (conditional) {
        hn_table_add_column(&table, "trials", HN_ALIGN_RIGHT, false);
    }
    for (size_t i = 0; i < found->n_params; i++) {
        hn_table_add(&table, found->params[i]);
        add_per_cent(&table, found->importance[i]);
        add_bar(&table, found->importance[i], s->sink);
        if (conditional) {
            hn_table_add_int(&table, found->having[i]);
        }
    }
    hone_status status = hn_table_write(&table, s->sink, true, err);
    hn_table_release(&table);
    return status;
}

static hone_status show_pairs(const showing *s, const hone_param_importance *found, hone_error *err)
{
    hn_table table = HN_TABLE_INIT;
    hn_buffer text = HN_BUFFER_INIT;
    hn_table_add_column(&table, "together", HN_ALIGN_LEFT, true);
    hn_table_add_column(&table, "of the variance", HN_ALIGN_RIGHT, false);
    for (size_t i = 0; i < found->n_pairs && i < MOST_PAIRS; i++) {
        hn_buffer_clear(&text);
        hn_buffer_printf(&text, "%s, %s", found->pairs[i][0], found->pairs[i][1]);
        hn_table_add(&table, hn_buffer_string(&text));
        add_per_cent(&table, found->pair_share[i]);
    }
    hn_buffer_clear(&text);
    hn_buffer_text(&text, "\n");
    hone_status status = hn_sink_write(s->sink, &text, err);
    if (!status) {
        status = hn_table_write(&table, s->sink, true, err);
    }
    hn_buffer_release(&text);
    hn_table_release(&table);
    return status;
}

static hone_status show_heading(const showing *s, const hone_param_importance *found, hone_error *err)
{
    hn_buffer text = HN_BUFFER_INIT;
    double alone = 0;
    hn_buffer_printf(&text, "%s of %lld trials: which parameters made the difference (%s)\n", s->goal,
                     (long long)found->trials, s->config.method ? s->config.method : "fanova");
    for (size_t i = 0; found->share && i < found->n_params; i++) {
        alone += found->share[i];
    }
    if (found->share) {
        char number[HN_NUMBER_SIZE];
        hn_format_fixed(number, 100 * alone, 0);
        hn_buffer_printf(
            &text, "alone they explain %s %% of the variance; the rest is what they do together, and noise\n",
            number);
    }
    hn_buffer_text(&text, "\n");
    hone_status status = hn_sink_write(s->sink, &text, err);
    hn_buffer_release(&text);
    return status;
}

static hone_status show_text(const showing *s, const hone_param_importance *found, hone_error *err)
{
    hone_status status = show_heading(s, found, err);
    if (!status) {
        status = show_params(s, found, err);
    }
    return !status && found->n_pairs ? show_pairs(s, found, err) : status;
}

/* --- for machines --- */

static hn_node *goal_node(hn_arena *arena, const showing *s, const hone_param_importance *found)
{
    hn_node *params = hn_node_list(arena), *pairs = hn_node_list(arena);
    for (size_t i = 0; i < found->n_params; i++) {
        hn_node *one =
            hn_map_set(arena, hn_node_map(arena), "parameter", hn_node_string(arena, found->params[i]));
        one = hn_map_set(arena, one, "importance", hn_node_real(arena, found->importance[i]));
        if (found->share) {
            one = hn_map_set(arena, one, "share", hn_node_real(arena, found->share[i]));
        }
        one = hn_map_set(arena, one, "trials", hn_node_integer(arena, found->having[i]));
        params = hn_list_append(arena, params, one);
    }
    for (size_t i = 0; i < found->n_pairs; i++) {
        hn_node *names =
            hn_list_append(arena, hn_node_list(arena), hn_node_string(arena, found->pairs[i][0]));
        names = hn_list_append(arena, names, hn_node_string(arena, found->pairs[i][1]));
        hn_node *one = hn_map_set(arena, hn_node_map(arena), "parameters", names);
        pairs = hn_list_append(arena, pairs,
                               hn_map_set(arena, one, "share", hn_node_real(arena, found->pair_share[i])));
    }
    hn_node *map = hn_map_set(arena, hn_node_map(arena), "metric", hn_node_string(arena, s->goal));
    map = hn_map_set(arena, map, "method",
                     hn_node_string(arena, s->config.method ? s->config.method : "fanova"));
    map = hn_map_set(arena, map, "trials", hn_node_integer(arena, found->trials));
    map = hn_map_set(arena, map, "parameters", params);
    return found->n_pairs ? hn_map_set(arena, map, "pairs", pairs) : map;
}

static hone_status show_csv(const showing *s, const hone_param_importance *found, hone_error *err)
{
    hn_buffer out = HN_BUFFER_INIT;
    if (s->config.objective == 0) {
        hn_buffer_text(&out, "metric,parameter,with,importance,share,trials\n");
    }
    for (size_t i = 0; i < found->n_params + found->n_pairs; i++) {
        bool pair = i >= found->n_params;
        size_t k = pair ? i - found->n_params : i;
        hn_buffer_csv(&out, s->goal);
        hn_buffer_char(&out, ',');
        hn_buffer_csv(&out, pair ? found->pairs[k][0] : found->params[k]);
        hn_buffer_char(&out, ',');
        hn_buffer_csv(&out, pair ? found->pairs[k][1] : "");
        hn_buffer_char(&out, ',');
        if (!pair) {
            hn_buffer_double(&out, found->importance[k]);
        }
        hn_buffer_char(&out, ',');
        if (found->share) {
            hn_buffer_double(&out, pair ? found->pair_share[k] : found->share[k]);
        }
        hn_buffer_char(&out, ',');
        if (!pair) {
            hn_buffer_printf(&out, "%lld", (long long)found->having[k]);
        }
        hn_buffer_char(&out, '\n');
    }
    hone_status status = hn_sink_write(s->sink, &out, err);
    hn_buffer_release(&out);
    return status;
}

/* --- all goals --- */

static hone_status show_goal(showing *s, hn_arena *arena, hn_node **goals, hone_error *err)
{
    hone_param_importance *found = NULL;
    hn_buffer gap = HN_BUFFER_INIT;
    hone_status status = hone_study_importance(s->study, &s->config, &found, err);
    if (status) {
        return status;
    }
    if (s->config.objective > 0 && s->format == HONE_FORMAT_TEXT) {
        hn_buffer_text(&gap, "\n");
        status = hn_sink_write(s->sink, &gap, err);
    }
    if (!status) {
        switch (s->format) {
        case HONE_FORMAT_TEXT: status = show_text(s, found, err); break;
        case HONE_FORMAT_CSV: status = show_csv(s, found, err); break;
        case HONE_FORMAT_JSON: *goals = hn_list_append(arena, *goals, goal_node(arena, s, found)); break;
        case HONE_FORMAT_ENV: status = hn_show_unsupported("importance", s->format, err); break;
        }
    }
    hn_buffer_release(&gap);
    hone_param_importance_free(found);
    return status;
}

hone_status hone_show_param_importance(hone_study *study, const hone_param_importance_config *config,
                                       hone_format format, const hone_sink *sink, hone_error *err)
{
    showing s = {.study = study, .config = *config, .format = format, .sink = sink};
    hn_arena arena = HN_ARENA_INIT;
    hn_node *goals = hn_node_list(&arena);
    hone_status status = HONE_OK;
    for (size_t i = 0; !status && i < hone_study_objective_count(study); i++) {
        s.config.objective = i;
        hone_study_objective(study, i, &s.goal);
        status = show_goal(&s, &arena, &goals, err);
    }
    if (!status && format == HONE_FORMAT_JSON) {
        status = goals ? hn_show_json(sink, goals, err) : hn_out_of_memory(err);
    }
    hn_arena_release(&arena);
    return status;
}
