/* Studies for people and machines: one with its definition, or all of a storage. */
#include <math.h>
#include <string.h>

#include "app/show.h"
#include "app/training.h"
#include "base/clock.h"
#include "base/number.h"
#include "run/fleet.h"
#include "study/limit.h"
#include "view/table.h"
#include "view/trial_node.h"

enum { DIGITS = 5, N_STATES = 5 };

/* --- one study --- */

typedef struct overview {
    hn_arena arena;
    hn_node *definition; /* a map */
    hn_node *end;        /* of the run that ended last (study/limit.h); NULL: there is none */
    const char *jobs;    /* of a scheduler that were submitted for it; NULL: none */
    hn_space *space;     /* NULL = define-by-run */
    int64_t counts[N_STATES], total;
    int64_t best; /* number; -1 = none, or several objectives */
    double best_value;
} overview;

static hone_status read_definition(hone_study *study, overview *view, hone_error *err)
{
    char *json = NULL;
    hone_status status = hone_study_describe(study, &json, err);
    if (!status) {
        status = hn_json_parse(&view->arena, "definition", json, strlen(json), &view->definition, err);
    }
    hone_free(json);
    const hn_node *space = status ? NULL : hn_map_get(view->definition, "space");
    if (space) {
        status = hn_space_from_node(&view->arena, space, hn_map_get(view->definition, "forbidden"),
                                    &view->space, err);
    }
    return status;
}

static hone_status read_overview(hone_study *study, overview *view, hone_error *err)
{
    hone_trial_info *info = NULL;
    hone_status status = read_definition(study, view, err);
    if (!status) {
        status = hn_study_read_end(study, &view->arena, &view->end, err);
    }
    if (!status) {
        status = hn_fleet_jobs(study, &view->arena, &view->jobs, err);
    }
    if (!status) {
        status = hone_study_sync(study, err);
    }
    if (!status) {
        status = hn_best_number(study, &view->best, err);
    }
    if (!status && view->best >= 0) {
        status = hone_study_trial(study, view->best, &info, err);
    }
    if (status) {
        return status;
    }
    view->best_value = info && info->n_values ? info->values[0] : NAN;
    hone_trial_info_free(info);
    for (int s = 0; s < N_STATES; s++) {
        view->counts[s] = hone_study_state_count(study, (hone_trial_state)s);
    }
    view->total = hone_study_trial_count(study);
    return HONE_OK;
}

static void write_goal(hn_buffer *out, hone_study *study)
{
    for (size_t i = 0; i < hone_study_objective_count(study); i++) {
        const char *metric;
        const char *verb = hone_study_objective(study, i, &metric) == HONE_MAXIMIZE ? "maximize" : "minimize";
        hn_buffer_printf(out, "%s%s %s", i ? ", " : "", verb, metric);
    }
}

static void write_counts(hn_buffer *out, const overview *view)
{
    static const hone_trial_state order[] = {HONE_COMPLETE, HONE_PRUNED, HONE_FAILED, HONE_RUNNING,
                                             HONE_WAITING};
    const char *between = ": ";
    hn_buffer_int(out, view->total);
    for (size_t i = 0; i < N_STATES; i++) {
        if (view->counts[order[i]]) {
            hn_buffer_printf(out, "%s%lld %s", between, (long long)view->counts[order[i]],
                             hone_trial_state_name(order[i]));
            between = ", ";
        }
    }
}

static void add_spec(hn_table *table, const char *name, const hn_node *spec)
{
    hn_buffer text = HN_BUFFER_INIT;
    if (spec && spec->kind == HN_STRING) {
        hn_buffer_text(&text, spec->as.string);
    } else if (spec) {
        hn_json_write(&text, spec, HN_JSON_PYTHON);
    }
    hn_table_add(table, name);
    hn_table_add(table, hn_buffer_string(&text));
    table->failed = table->failed || hn_buffer_failed(&text);
    hn_buffer_release(&text);
}

static void add_text(hn_table *table, const char *name, hn_buffer *text)
{
    hn_table_add(table, name);
    hn_table_add(table, hn_buffer_string(text));
    table->failed = table->failed || hn_buffer_failed(text);
    hn_buffer_clear(text);
}

/* "patience: none of the last 30 trials was better (after 57 trials, 2026-11-22 05:01 UTC)" */
static void write_end(hn_buffer *out, const hn_node *end)
{
    const struct {
        const char *key, *before, *after;
    } parts[] = {
        {"reason", "", ""}, {"because", ": ", ""}, {"trials", " (after ", " trials"}, {"at", ", ", " UTC)"}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const hn_node *node = hn_map_get(end, parts[i].key);
        int64_t number;
        if (node && hn_node_int(node, &number)) {
            hn_buffer_printf(out, "%s%lld%s", parts[i].before, (long long)number, parts[i].after);
        } else if (node && node->kind == HN_STRING) {
            int shown = strcmp(parts[i].key, "at") ? (int)strlen(node->as.string) : 16; /* to the minute */
            hn_buffer_printf(out, "%s%.*s%s", parts[i].before, shown, node->as.string, parts[i].after);
        }
    }
}

static void fill_facts(hone_study *study, const overview *view, hn_table *table)
{
    hn_buffer text = HN_BUFFER_INIT;
    char number[HN_NUMBER_SIZE];
    hn_table_add_column(table, "", HN_ALIGN_LEFT, false);
    hn_table_add_column(table, "", HN_ALIGN_LEFT, true);
    hn_table_add(table, "study");
    hn_table_add(table, hone_study_name(study));
    hn_table_set_style(table, HN_STYLE_STRONG);
    write_goal(&text, study);
    add_text(table, "goal", &text);
    add_spec(table, "sampler", hn_map_get(view->definition, "sampler"));
    add_spec(table, "pruner", hn_map_get(view->definition, "pruner"));
    add_spec(table, "seed", hn_map_get(view->definition, "seed"));
    write_counts(&text, view);
    add_text(table, "trials", &text);
    if (view->best >= 0) {
        hn_format_short(number, view->best_value, DIGITS);
        hn_buffer_printf(&text, "%s (trial %lld)", number, (long long)view->best);
        add_text(table, "best", &text);
        hn_table_set_style(table, HN_STYLE_GOOD);
    }
    hn_training training = hn_training_of(study);
    hn_training_write(&text, &training);
    if (text.size) {
        add_text(table, "training", &text);
    }
    if (view->end) {
        write_end(&text, view->end);
        add_text(table, "ended by", &text);
    }
    if (view->jobs) {
        hn_buffer_printf(&text, "%s on slurm", view->jobs);
        add_text(table, "jobs", &text);
    }
    hn_buffer_release(&text);
}

static void fill_space(const hn_space *space, hn_table *table)
{
    hn_buffer text = HN_BUFFER_INIT;
    hn_table_add_column(table, "parameter", HN_ALIGN_LEFT, false);
    hn_table_add_column(table, "may be", HN_ALIGN_LEFT, true);
    if (space->conditional) {
        hn_table_add_column(table, "when", HN_ALIGN_LEFT, true);
    }
    for (size_t k = 0; k < space->count; k++) {
        const hn_parameter *parameter = &space->parameters[space->by_display[k]];
        hn_distribution_describe(&text, &parameter->distribution);
        add_text(table, parameter->name, &text);
        if (space->conditional) {
            hn_table_add(table, parameter->when ? hn_condition_text(parameter->when) : "");
        }
    }
    for (size_t i = 0; i < space->n_forbidden; i++) {
        hn_table_add(table, "forbidden");
        hn_table_add(table, hn_condition_text(space->forbidden[i]));
        if (space->conditional) {
            hn_table_add(table, "");
        }
    }
    hn_buffer_release(&text);
}

hone_status hn_study_tables(hone_study *study, hn_table *facts, hn_table *space, hone_error *err)
{
    overview view = {.best = -1};
    hone_status status = read_overview(study, &view, err);
    if (!status) {
        fill_facts(study, &view, facts);
        if (view.space) {
            fill_space(view.space, space);
        }
    }
    hn_arena_release(&view.arena);
    return status;
}

/* Facts, space and workers, a gap between them. */
static hone_status show_study_text(hone_study *study, const hone_sink *sink, hone_error *err)
{
    hn_table facts = HN_TABLE_INIT, space = HN_TABLE_INIT;
    hn_buffer gap = HN_BUFFER_INIT;
    hn_buffer_char(&gap, '\n');
    hone_status status = hn_study_tables(study, &facts, &space, err);
    if (!status) {
        status = hn_table_write(&facts, sink, false, err);
    }
    if (!status && space.n_columns) {
        status = hn_sink_write(sink, &gap, err);
        status = status ? status : hn_table_write(&space, sink, true, err);
    }
    if (!status) {
        status = hn_show_workers(study, sink, err);
    }
    hn_table_release(&facts);
    hn_table_release(&space);
    hn_buffer_release(&gap);
    return status;
}

static hone_status show_study_json(hone_study *study, overview *view, const hone_sink *sink, hone_error *err)
{
    hn_arena *arena = &view->arena;
    hn_node *counts = hn_node_map(arena);
    for (int s = 0; s < N_STATES; s++) {
        counts = hn_map_append(arena, counts, hone_trial_state_name((hone_trial_state)s),
                               hn_node_integer(arena, view->counts[s]));
    }
    hn_node *node =
        hn_map_append(arena, hn_node_map(arena), "study", hn_node_string(arena, hone_study_name(study)));
    node = hn_map_append(arena, node, "definition", view->definition);
    node = hn_map_append(arena, node, "trials", hn_node_integer(arena, view->total));
    node = hn_map_append(arena, node, "states", counts);
    if (view->best >= 0) {
        node = hn_map_append(arena, node, "best", hn_node_real(arena, view->best_value));
        node = hn_map_append(arena, node, "best_trial", hn_node_integer(arena, view->best));
    }
    hn_training training = hn_training_of(study);
    hn_node *saved = hn_training_node(arena, &training);
    if (saved) {
        node = hn_map_append(arena, node, "training", saved);
    }
    if (view->end) {
        node = hn_map_append(arena, node, "ended", view->end);
    }
    if (view->jobs) {
        node = hn_map_append(arena, node, "jobs", hn_node_string(arena, view->jobs));
    }
    return hn_show_json(sink, node, err);
}

hone_status hone_show_study(hone_study *study, hone_format format, const hone_sink *sink, hone_error *err)
{
    if (format == HONE_FORMAT_TEXT) {
        return show_study_text(study, sink, err);
    }
    if (format != HONE_FORMAT_JSON) {
        return hn_show_unsupported("a study", format, err);
    }
    overview view = {.best = -1};
    hone_status status = read_overview(study, &view, err);
    if (!status) {
        status = show_study_json(study, &view, sink, err);
    }
    hn_arena_release(&view.arena);
    return status;
}

/* --- all studies of a storage --- */

static const char *direction_word(hone_direction direction)
{
    return direction == HONE_MAXIMIZE ? "maximize" : "minimize";
}

static hone_status studies_table(const hone_study_info *studies, size_t n, const hone_sink *sink,
                                 hone_error *err)
{
    hn_table table = HN_TABLE_INIT;
    hn_buffer goal = HN_BUFFER_INIT;
    hn_table_add_column(&table, "study", HN_ALIGN_LEFT, true);
    hn_table_add_column(&table, "goal", HN_ALIGN_LEFT, true);
    hn_table_add_column(&table, "trials", HN_ALIGN_RIGHT, false);
    hn_table_add_column(&table, "complete", HN_ALIGN_RIGHT, false);
    hn_table_add_column(&table, "best", HN_ALIGN_RIGHT, false);
    hn_table_add_column(&table, "begun (UTC)", HN_ALIGN_LEFT, false);
    for (size_t i = 0; i < n; i++) {
        char begun[HN_DATETIME_SIZE] = "";
        if (studies[i].created_us) {
            hn_format_datetime(begun, studies[i].created_us);
            begun[16] = '\0'; /* to the minute */
        }
        for (size_t k = 0; k < studies[i].n_objectives; k++) {
            hn_buffer_printf(&goal, "%s%s", k ? ", " : "", direction_word(studies[i].directions[k]));
        }
        add_text(&table, studies[i].name, &goal);
        hn_table_add_int(&table, studies[i].trials);
        hn_table_add_int(&table, studies[i].complete);
        hn_table_add_number(&table, studies[i].has_best ? studies[i].best : NAN, DIGITS);
        hn_table_add(&table, begun);
    }
    hone_status status = hn_table_write(&table, sink, true, err);
    hn_table_release(&table);
    hn_buffer_release(&goal);
    return status;
}

static hone_status studies_json(const hone_study_info *studies, size_t n, const hone_sink *sink,
                                hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *list = hn_node_list(&arena);
    for (size_t i = 0; i < n; i++) {
        list = hn_list_append(&arena, list, hn_study_info_node(&arena, &studies[i]));
    }
    hone_status status = hn_show_json(sink, list, err);
    hn_arena_release(&arena);
    return status;
}

hone_status hone_show_studies(const char *url, hone_format format, const hone_sink *sink, hone_error *err)
{
    hone_study_info *studies = NULL;
    size_t n = 0;
    if (format != HONE_FORMAT_TEXT && format != HONE_FORMAT_JSON) {
        return hn_show_unsupported("a list of studies", format, err);
    }
    hone_status status = hone_study_list(url, &studies, &n, err);
    if (!status) {
        status = format == HONE_FORMAT_JSON ? studies_json(studies, n, sink, err)
                                            : studies_table(studies, n, sink, err);
    }
    hone_study_list_free(studies, n);
    return status;
}
