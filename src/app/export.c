/* Writing a study as JSON. */
#include <stdlib.h>
#include <string.h>

#include "app/export.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text_map.h"
#include "hone/app.h"
#include "view/table.h"

/* What the storage knows of a running trial beside its record. */
typedef struct hn_running {
    int64_t id, beat_us; /* beat_us 0: it has no heartbeat */
    bool paused;
    char lease[HN_LEASE_SIZE];
} hn_running;

/* The first distribution of each name stands once for the study; a trial names its own only where it
 * differs. */
typedef struct exporter {
    hn_arena arena;   /* lives as long as the export */
    hn_arena scratch; /* one trial */
    hn_text_map names;
    const hn_distribution **first; /* (names.count,) */
    size_t first_capacity, n_first;
    hn_running *running; /* (n_running,), ascending id */
    size_t n_running, running_capacity;
    hn_buffer out;
    const hone_sink *sink;
    size_t written;
} exporter;

static hn_node *parse(hn_arena *arena, const char *json)
{
    hn_node *node = NULL;
    return hn_json_parse(arena, "attribute", json, strlen(json), &node, NULL) ? hn_node_string(arena, json)
                                                                              : node;
}

static hn_node *distribution_node(hn_arena *arena, const hn_distribution *distribution)
{
    hn_buffer json = HN_BUFFER_INIT;
    hn_distribution_write_json(&json, distribution);
    hn_node *node = hn_buffer_failed(&json) ? NULL : parse(arena, hn_buffer_string(&json));
    hn_buffer_release(&json);
    return node;
}

/* --- first pass: distributions, and what runs --- */

static hone_status collect(void *user, const hn_trial_record *record, hone_error *err)
{
    exporter *e = user;
    if (record->state == HONE_RUNNING) {
        if (HN_GROW(e->running, e->n_running, e->running_capacity)) {
            return hn_out_of_memory(err);
        }
        e->running[e->n_running++] = (hn_running){.id = record->id};
    }
    for (size_t i = 0; i < record->n_params; i++) {
        size_t before = e->names.count, at = hn_text_map_intern(&e->names, record->params[i].name);
        if (at == HN_TEXT_MAP_NONE || (at == before && HN_GROW(e->first, e->n_first, e->first_capacity))) {
            return hn_out_of_memory(err);
        }
        if (at == before) {
            e->first[e->n_first++] = record->params[i].distribution;
        }
    }
    return HONE_OK;
}

static hn_running *find_running(const exporter *e, int64_t id)
{
    size_t low = 0, high = e->n_running;
    while (low < high) {
        size_t middle = (low + high) / 2;
        *(e->running[middle].id < id ? &low : &high) = e->running[middle].id < id ? middle + 1 : middle;
    }
    return low < e->n_running && e->running[low].id == id ? &e->running[low] : NULL;
}

/* Leases, heartbeats, pauses. */
static hone_status read_running(hn_storage *storage, int64_t study, exporter *e, hone_error *err)
{
    const hn_storage_type *ops = hn_storage_of(storage);
    hn_beat *beats = NULL;
    int64_t *paused = NULL;
    size_t n_beats = 0, n_paused = 0;
    hone_status status = ops->trials_beating(storage, study, &e->arena, &beats, &n_beats, err);
    if (!status) {
        status = ops->trials_paused(storage, study, &e->arena, &paused, &n_paused, err);
    }
    for (size_t i = 0; i < n_beats && !status; i++) {
        hn_running *running = find_running(e, beats[i].id);
        if (running) {
            running->beat_us = beats[i].beat_us;
        }
    }
    for (size_t i = 0; i < n_paused && !status; i++) {
        hn_running *running = find_running(e, paused[i]);
        if (running) {
            running->paused = true;
        }
    }
    for (size_t i = 0; i < e->n_running && !status; i++) {
        status = ops->trial_lease(storage, e->running[i].id, NULL, NULL, e->running[i].lease, err);
    }
    return status;
}

static hn_node *distributions_node(exporter *e)
{
    hn_node *map = hn_node_map(&e->arena);
    for (size_t i = 0; i < e->names.count; i++) {
        map = hn_map_append(&e->arena, map, e->names.keys[i], distribution_node(&e->arena, e->first[i]));
    }
    return map;
}

/* --- second pass: trials --- */

static hn_node *numbers(hn_arena *arena, const double *values, size_t n)
{
    hn_node *list = hn_node_list(arena);
    for (size_t i = 0; i < n; i++) {
        list = hn_list_append(arena, list, hn_node_real(arena, values[i]));
    }
    return list;
}

static hn_node *params_node(hn_arena *arena, const hn_trial_record *record)
{
    hn_node *map = hn_node_map(arena);
    for (size_t i = 0; i < record->n_params; i++) {
        hone_value value = hn_distribution_to_value(record->params[i].distribution, record->params[i].value);
        map = hn_map_append(arena, map, record->params[i].name, hn_value_to_node(arena, value));
    }
    return map;
}

static hn_node *reports_node(hn_arena *arena, const hn_trial_record *record)
{
    hn_node *list = hn_node_list(arena);
    for (size_t i = 0; i < record->n_reports; i++) {
        hn_node *pair =
            hn_list_append(arena, hn_node_list(arena), hn_node_integer(arena, record->reports[i].step));
        list = hn_list_append(arena, list,
                              hn_list_append(arena, pair, hn_node_real(arena, record->reports[i].value)));
    }
    return list;
}

static int by_key(const void *a, const void *b)
{
    const hn_attribute *const *x = a, *const *y = b;
    return strcmp((*x)->key, (*y)->key);
}

/* By key: storages keep them in orders of their own. */
static hn_node *attributes_node(hn_arena *arena, const hn_attribute *attributes, size_t n, bool system)
{
    const hn_attribute **sorted = HN_ARENA_NEW(arena, const hn_attribute *, n + 1);
    hn_node *map = sorted ? hn_node_map(arena) : NULL;
    size_t count = 0;
    for (size_t i = 0; sorted && i < n; i++) {
        if (attributes[i].system == system) {
            sorted[count++] = &attributes[i];
        }
    }
    if (count) {
        qsort(sorted, count, sizeof *sorted, by_key);
    }
    for (size_t i = 0; i < count; i++) {
        map = hn_map_append(arena, map, sorted[i]->key, parse(arena, sorted[i]->json));
    }
    return map;
}

static hn_node *own_distributions(exporter *e, const hn_trial_record *record)
{
    hn_node *map = hn_node_map(&e->scratch);
    for (size_t i = 0; i < record->n_params; i++) {
        const hn_trial_param *param = &record->params[i];
        size_t at = hn_text_map_find(&e->names, param->name);
        if (at >= e->n_first || !hn_distribution_equal(e->first[at], param->distribution)) {
            map = hn_map_append(&e->scratch, map, param->name,
                                distribution_node(&e->scratch, param->distribution));
        }
    }
    return map;
}

static hn_node *unless_empty(hn_arena *arena, hn_node *map, const char *key, hn_node *value)
{
    return value && !value->count ? map : hn_map_append(arena, map, key, value);
}

static hn_node *time_node(hn_arena *arena, int64_t wall_us)
{
    char text[HN_DATETIME_SIZE];
    hn_format_datetime(text, wall_us);
    return hn_node_string(arena, text);
}

static hn_node *add_running(hn_arena *arena, hn_node *node, const hn_running *running)
{
    if (running->lease[0]) {
        node = hn_map_append(arena, node, "lease", hn_node_string(arena, running->lease));
    }
    if (running->beat_us) {
        node = hn_map_append(arena, node, "heartbeat", time_node(arena, running->beat_us));
    }
    if (running->paused) {
        node = hn_map_append(arena, node, "paused", hn_node_bool(arena, true));
    }
    return node;
}

static hn_node *trial_node(exporter *e, const hn_trial_record *record)
{
    hn_arena *arena = &e->scratch;
    hn_node *node = hn_map_append(arena, hn_node_map(arena), "trial", hn_node_integer(arena, record->number));
    node = hn_map_append(arena, node, "state", hn_node_string(arena, hone_trial_state_name(record->state)));
    node = hn_map_append(arena, node, "values", numbers(arena, record->values, record->n_values));
    node = hn_map_append(arena, node, "params", params_node(arena, record));
    node = unless_empty(arena, node, "reports", reports_node(arena, record));
    node =
        unless_empty(arena, node, "constraints", numbers(arena, record->constraints, record->n_constraints));
    node = unless_empty(arena, node, "attrs",
                        attributes_node(arena, record->attributes, record->n_attributes, false));
    node = unless_empty(arena, node, "system",
                        attributes_node(arena, record->attributes, record->n_attributes, true));
    node = unless_empty(arena, node, "distributions", own_distributions(e, record));
    if (record->start_us) {
        node = hn_map_append(arena, node, "start", time_node(arena, record->start_us));
    }
    if (record->complete_us) {
        node = hn_map_append(arena, node, "complete", time_node(arena, record->complete_us));
    }
    const hn_running *running = record->state == HONE_RUNNING ? find_running(e, record->id) : NULL;
    return running ? add_running(arena, node, running) : node;
}

static hone_status write_trial(void *user, const hn_trial_record *record, hone_error *err)
{
    exporter *e = user;
    const hn_node *node = trial_node(e, record);
    hn_buffer_clear(&e->out);
    hn_buffer_text(&e->out, e->written++ ? ",\n  " : "\n  ");
    if (node) {
        hn_json_write(&e->out, node, HN_JSON_PYTHON);
    } else {
        e->out.failed = true;
    }
    hn_arena_reset(&e->scratch);
    return hn_sink_write(e->sink, &e->out, err);
}

/* --- the whole --- */

static hn_node *head_node(exporter *e, const hn_study_row *row)
{
    hn_arena *arena = &e->arena;
    hn_node *directions = hn_node_list(arena),
            *metrics = row->metric_names ? hn_node_list(arena) : hn_node_null(arena);
    for (size_t i = 0; i < row->n_objectives; i++) {
        const char *word = row->directions[i] == HONE_MAXIMIZE ? "maximize" : "minimize";
        directions = hn_list_append(arena, directions, hn_node_string(arena, word));
        if (row->metric_names) {
            metrics = hn_list_append(arena, metrics, hn_node_string(arena, row->metric_names[i]));
        }
    }
    hn_node *attrs = attributes_node(arena, row->attributes, row->n_attributes, false);
    hn_node *system = attributes_node(arena, row->attributes, row->n_attributes, true);
    hn_node *head = hn_map_append(arena, hn_node_map(arena), "hone", hn_node_string(arena, hone_version()));
    head = hn_map_append(arena, head, "study", hn_node_string(arena, row->name));
    head = hn_map_append(arena, head, "directions", directions);
    head = hn_map_append(arena, head, "metrics", metrics);
    head = hn_map_append(arena, head, "definition",
                         row->definition ? parse(arena, row->definition) : hn_node_null(arena));
    head = hn_map_append(arena, head, "attrs", attrs);
    head = hn_map_append(arena, head, "system", system);
    return hn_map_append(arena, head, "distributions", distributions_node(e));
}

static hone_status write_head(exporter *e, const hn_study_row *row, hone_error *err)
{
    const hn_node *head = head_node(e, row);
    if (!head) {
        return hn_out_of_memory(err);
    }
    hn_json_write(&e->out, head, HN_JSON_PYTHON);
    if (!hn_buffer_failed(&e->out)) {
        e->out.data[--e->out.size] = '\0'; /* the trials come before its brace */
        hn_buffer_text(&e->out, ",\n \"trials\": [");
    }
    return hn_sink_write(e->sink, &e->out, err);
}

static hone_status export_from(hn_storage *storage, const char *name, exporter *e, hone_error *err)
{
    const hn_storage_type *ops = hn_storage_of(storage);
    hn_study_row row;
    hone_status status = ops->study_find(storage, name, &e->arena, &row, err);
    if (!status) {
        status = ops->scan(storage, row.id, 0, NULL, 0, collect, e, err);
    }
    if (!status) {
        status = read_running(storage, row.id, e, err);
    }
    if (!status) {
        status = write_head(e, &row, err);
    }
    if (!status) {
        status = ops->scan(storage, row.id, 0, NULL, 0, write_trial, e, err);
    }
    hn_buffer_clear(&e->out);
    hn_buffer_text(&e->out, "\n ]}\n");
    return status ? status : hn_sink_write(e->sink, &e->out, err);
}

hone_status hn_export_from(hn_storage *storage, const char *name, const hone_sink *sink, hone_error *err)
{
    exporter e = {.sink = sink};
    hone_status status = export_from(storage, name, &e, err);
    hn_arena_release(&e.arena);
    hn_arena_release(&e.scratch);
    hn_text_map_release(&e.names);
    hn_free(e.first);
    hn_free(e.running);
    hn_buffer_release(&e.out);
    return status;
}

hone_status hone_study_export(const char *url, const char *name, const hone_sink *sink, hone_error *err)
{
    hn_storage *storage = NULL;
    hone_status status = hn_storage_open(url, false, &storage, err);
    if (!status) {
        status = hn_export_from(storage, name, sink, err);
    }
    hn_storage_close(storage);
    return status;
}
