/* Reading a study that was exported, and writing it into a storage. */
#include <math.h>
#include <string.h>

#include "app/export.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/number.h"
#include "hone/app.h"

typedef struct importer {
    hn_arena *arena;
    const hn_node *root;
    size_t trial; /* in hand */
    hone_error *err;
} importer;

static hone_status wrong(const importer *in, const hn_node *trial, const char *key, const char *wanted)
{
    return trial
               ? hn_fail(in->err, HONE_INVALID, "import: trial %zu: '%s' must be %s", in->trial, key, wanted)
               : hn_fail(in->err, HONE_INVALID,
                         "import: '%s' must be %s; is this what `hone study export` wrote?", key, wanted);
}

/* --- pieces --- */

/* Python's JSON may also have been through a reader that writes non-finite numbers as texts. */
static bool read_number(const hn_node *node, double *value)
{
    if (node->kind == HN_STRING) {
        return hn_parse_double(node->as.string, node->count, true, value);
    }
    return hn_node_double(node, value);
}

static hone_status read_numbers(const importer *in, const hn_node *trial, const char *key,
                                const double **values, size_t *n)
{
    const hn_node *list = hn_map_get(trial, key);
    if (!list) {
        return HONE_OK;
    }
    double *out = list->kind == HN_LIST ? HN_ARENA_NEW(in->arena, double, list->count) : NULL;
    if (list->kind != HN_LIST) {
        return wrong(in, trial, key, "a list of numbers");
    }
    if (!out) {
        return hn_out_of_memory(in->err);
    }
    for (size_t i = 0; i < list->count; i++) {
        if (!read_number(list->as.items[i], &out[i])) {
            return wrong(in, trial, key, "a list of numbers");
        }
    }
    *values = out;
    *n = list->count;
    return HONE_OK;
}

static hone_status read_reports(const importer *in, const hn_node *trial, hn_new_trial *out)
{
    const hn_node *list = hn_map_get(trial, "reports");
    if (!list) {
        return HONE_OK;
    }
    static const char wanted[] = "a list of pairs [step, value]";
    if (list->kind != HN_LIST) {
        return wrong(in, trial, "reports", wanted);
    }
    hn_trial_report *reports = HN_ARENA_NEW(in->arena, hn_trial_report, list->count);
    if (!reports) {
        return hn_out_of_memory(in->err);
    }
    for (size_t i = 0; i < list->count; i++) {
        const hn_node *pair = list->as.items[i];
        if (pair->kind != HN_LIST || pair->count != 2 || !hn_node_int(pair->as.items[0], &reports[i].step) ||
            reports[i].step < 0 || !read_number(pair->as.items[1], &reports[i].value)) {
            return wrong(in, trial, "reports", wanted);
        }
    }
    out->reports = reports;
    out->n_reports = list->count;
    return HONE_OK;
}

static hone_status write_json(const importer *in, const hn_node *value, const char **json)
{
    hn_buffer text = HN_BUFFER_INIT;
    hn_json_write(&text, value, HN_JSON_PYTHON);
    *json = hn_buffer_failed(&text) ? NULL : hn_arena_strdup(in->arena, hn_buffer_string(&text));
    hn_buffer_release(&text);
    return *json ? HONE_OK : hn_out_of_memory(in->err);
}

/* Of a trial, or of the study when trial is NULL. */
static hone_status read_attributes(const importer *in, const hn_node *trial, const hn_attribute **attributes,
                                   size_t *n)
{
    const hn_node *owner = trial ? trial : in->root;
    const hn_node *maps[] = {hn_map_get(owner, "attrs"), hn_map_get(owner, "system")};
    size_t count = 0, filled = 0;
    for (size_t m = 0; m < 2; m++) {
        if (maps[m] && maps[m]->kind != HN_MAP) {
            return wrong(in, trial, m ? "system" : "attrs", "an object");
        }
        count += maps[m] ? maps[m]->count : 0;
    }
    hn_attribute *out = HN_ARENA_NEW(in->arena, hn_attribute, count);
    if (!out) {
        return hn_out_of_memory(in->err);
    }
    for (size_t m = 0; m < 2; m++) {
        for (size_t i = 0; maps[m] && i < maps[m]->count; i++) {
            const hn_map_entry *entry = &maps[m]->as.entries[i];
            out[filled] = (hn_attribute){.key = entry->key, .system = m == 1};
            hone_status status = write_json(in, entry->value, &out[filled++].json);
            if (status) {
                return status;
            }
        }
    }
    *attributes = out;
    *n = filled;
    return HONE_OK;
}

static hone_status read_time(const importer *in, const hn_node *trial, const char *key, int64_t *wall_us)
{
    const hn_node *node = hn_map_get(trial, key);
    if (node && (node->kind != HN_STRING || !hn_parse_datetime(node->as.string, node->count, wall_us))) {
        return wrong(in, trial, key, "a time such as \"2026-01-31 12:00:00\"");
    }
    return HONE_OK;
}

/* --- parameters --- */

static hone_status read_distribution(const importer *in, const hn_node *trial, const char *name,
                                     hn_distribution *out)
{
    const hn_node *own = hn_map_get(hn_map_get(trial, "distributions"), name);
    const hn_node *node = own ? own : hn_map_get(hn_map_get(in->root, "distributions"), name);
    const char *json;
    if (!node) {
        return hn_fail(in->err, HONE_INVALID, "import: trial %zu: 'distributions' lacks parameter '%s'",
                       in->trial, name);
    }
    hone_status status = write_json(in, node, &json);
    return status ? status : hn_distribution_parse_json(in->arena, json, strlen(json), out, in->err);
}

static hone_status read_params(const importer *in, const hn_node *trial, hn_new_trial *out)
{
    const hn_node *map = hn_map_get(trial, "params");
    if (!map || map->kind != HN_MAP) {
        return wrong(in, trial, "params", "an object");
    }
    hn_trial_param *params = HN_ARENA_NEW(in->arena, hn_trial_param, map->count);
    hn_distribution *distributions = HN_ARENA_NEW(in->arena, hn_distribution, map->count);
    if (!params || !distributions) {
        return hn_out_of_memory(in->err);
    }
    for (size_t i = 0; i < map->count; i++) {
        const hn_map_entry *entry = &map->as.entries[i];
        params[i] = (hn_trial_param){.name = entry->key, .distribution = &distributions[i]};
        hone_status status = read_distribution(in, trial, entry->key, &distributions[i]);
        if (!status) {
            status = hn_distribution_from_value(entry->key, &distributions[i],
                                                hn_value_from_node(entry->value), &params[i].value, in->err);
        }
        if (status) {
            return hn_fail_within(in->err, status, "import: trial %zu", in->trial);
        }
    }
    out->params = params;
    out->n_params = map->count;
    return HONE_OK;
}

/* --- trials and study --- */

static hone_status read_state(const importer *in, const hn_node *trial, hn_new_trial *out)
{
    const hn_node *node = hn_map_get(trial, "state");
    for (int s = HONE_RUNNING; node && node->kind == HN_STRING && s <= HONE_WAITING; s++) {
        if (strcmp(node->as.string, hone_trial_state_name((hone_trial_state)s)) == 0) {
            out->state = (hone_trial_state)s;
            return HONE_OK;
        }
    }
    return wrong(in, trial, "state", "running, complete, pruned, failed or waiting");
}

/* What ran goes on under its lease, or is begun again when nobody beats. */
static hone_status read_running(const importer *in, const hn_node *node, hn_new_trial *trial,
                                hn_kept_running *running)
{
    const hn_node *lease = hn_map_get(node, "lease"), *paused = hn_map_get(node, "paused");
    if (trial->state != HONE_RUNNING) {
        return HONE_OK;
    }
    if (lease && (lease->kind != HN_STRING || !lease->count || lease->count >= HN_LEASE_SIZE)) {
        return wrong(in, node, "lease", "a text of at most 32 bytes");
    }
    if (paused && paused->kind != HN_BOOL) {
        return wrong(in, node, "paused", "true or false");
    }
    trial->lease = lease ? lease->as.string : NULL;
    running->paused = paused && paused->as.boolean;
    hone_status status = read_time(in, node, "heartbeat", &running->beat_us);
    trial->beats = running->beat_us;
    return status;
}

static hone_status read_trial(const importer *in, const hn_node *node, hn_new_trial *trial,
                              hn_kept_running *running)
{
    if (node->kind != HN_MAP) {
        return hn_fail(in->err, HONE_INVALID, "import: trial %zu is %s; it must be an object", in->trial,
                       hn_node_describe(in->arena, node));
    }
    hone_status status = read_state(in, node, trial);
    if (!status) {
        status = read_params(in, node, trial);
    }
    if (!status) {
        status = read_numbers(in, node, "values", &trial->values, &trial->n_values);
    }
    if (!status) {
        status = read_numbers(in, node, "constraints", &trial->constraints, &trial->n_constraints);
    }
    if (!status) {
        status = read_reports(in, node, trial);
    }
    if (!status) {
        status = read_attributes(in, node, &trial->attributes, &trial->n_attributes);
    }
    if (!status) {
        status = read_time(in, node, "start", &trial->start_us);
    }
    if (!status) {
        status = read_time(in, node, "complete", &trial->complete_us);
    }
    return status ? status : read_running(in, node, trial, running);
}

static hone_status check_values(const importer *in, const hn_new_trial *trial, size_t n_objectives)
{
    if (trial->state == HONE_COMPLETE && trial->n_values != n_objectives) {
        return hn_fail(in->err, HONE_INVALID,
                       "import: trial %zu has %zu values; the study has %zu objectives", in->trial,
                       trial->n_values, n_objectives);
    }
    for (size_t i = 0; i < trial->n_values; i++) {
        if (isnan(trial->values[i])) {
            return hn_fail(in->err, HONE_INVALID, "import: trial %zu has the value nan", in->trial);
        }
    }
    return HONE_OK;
}

static hone_status read_objectives(const importer *in, hn_study_row *row)
{
    const hn_node *list = hn_map_get(in->root, "directions"), *names = hn_map_get(in->root, "metrics");
    if (!list || list->kind != HN_LIST || !list->count || list->count > HN_STORAGE_MAX_OBJECTIVES) {
        return wrong(in, NULL, "directions", "a list of 1 to 8 directions");
    }
    bool named = names && names->kind == HN_LIST && names->count == list->count;
    hone_direction *directions = HN_ARENA_NEW(in->arena, hone_direction, list->count);
    const char **metrics = HN_ARENA_NEW(in->arena, const char *, list->count);
    if (!directions || !metrics) {
        return hn_out_of_memory(in->err);
    }
    for (size_t i = 0; i < list->count; i++) {
        const hn_node *word = list->as.items[i];
        bool maximize = word->kind == HN_STRING && !strcmp(word->as.string, "maximize");
        if (!maximize && (word->kind != HN_STRING || strcmp(word->as.string, "minimize"))) {
            return wrong(in, NULL, "directions", "a list of minimize and maximize");
        }
        if (named && names->as.items[i]->kind != HN_STRING) {
            return wrong(in, NULL, "metrics", "a list of names, or null");
        }
        directions[i] = maximize ? HONE_MAXIMIZE : HONE_MINIMIZE;
        metrics[i] = named ? names->as.items[i]->as.string : NULL;
    }
    row->n_objectives = list->count;
    row->directions = directions;
    row->metric_names = named ? metrics : NULL;
    return HONE_OK;
}

static hone_status read_row(const importer *in, hn_study_row *row)
{
    const hn_node *name = hn_map_get(in->root, "study"), *definition = hn_map_get(in->root, "definition");
    if (!name || name->kind != HN_STRING || !name->count) {
        return wrong(in, NULL, "study", "a name");
    }
    row->name = name->as.string;
    hone_status status = read_objectives(in, row);
    if (!status && definition && definition->kind == HN_MAP) {
        status = write_json(in, definition, &row->definition);
    }
    return status ? status : read_attributes(in, NULL, &row->attributes, &row->n_attributes);
}

hone_status hn_exported_read(hn_arena *arena, const hn_node *root, hn_exported *exported, hone_error *err)
{
    importer in = {.arena = arena, .root = root, .err = err};
    hn_exported read = {0};
    const hn_node *trials = hn_map_get(root, "trials");
    hone_status status =
        root->kind == HN_MAP ? read_row(&in, &read.row) : wrong(&in, NULL, "the text", "an object");
    if (!status && (!trials || trials->kind != HN_LIST)) {
        status = wrong(&in, NULL, "trials", "a list");
    }
    if (status) {
        return status;
    }
    read.n_trials = trials->count;
    read.trials = HN_ARENA_NEW(arena, hn_new_trial, trials->count);
    read.running = HN_ARENA_NEW(arena, hn_kept_running, trials->count);
    if (!read.trials || !read.running) {
        return hn_out_of_memory(err);
    }
    for (in.trial = 0; in.trial < trials->count && !status; in.trial++) {
        hn_new_trial *trial = &read.trials[in.trial];
        status = read_trial(&in, trials->as.items[in.trial], trial, &read.running[in.trial]);
        if (!status) {
            status = check_values(&in, trial, read.row.n_objectives);
        }
    }
    if (!status) {
        *exported = read;
    }
    return status;
}

static hone_status write_running(hn_storage *storage, const hn_exported *exported, size_t at, int64_t id,
                                 hone_error *err)
{
    const hn_storage_type *ops = hn_storage_of(storage);
    const hn_new_trial *trial = &exported->trials[at];
    const hn_kept_running *running = &exported->running[at];
    int64_t step = trial->n_reports ? trial->reports[trial->n_reports - 1].step : 0;
    if (running->paused) {
        return ops->trial_pause(storage, id, NULL, step, err);
    }
    return running->beat_us ? ops->trial_heartbeat(storage, id, running->beat_us, err) : HONE_OK;
}

static hone_status write_trials(hn_storage *storage, int64_t study, const hn_exported *exported,
                                hone_error *err)
{
    enum { BATCH = 1000 };
    int64_t ids[BATCH], numbers[BATCH];
    hone_status status = HONE_OK;
    for (size_t at = 0; at < exported->n_trials && !status; at += BATCH) {
        size_t left = exported->n_trials - at, n = left < BATCH ? left : BATCH;
        status = hn_storage_of(storage)->trial_create(storage, study, n, exported->trials + at, -1, ids,
                                                      numbers, err);
        for (size_t i = 0; i < n && !status; i++) {
            status = write_running(storage, exported, at + i, ids[i], err);
        }
    }
    return status;
}

static hone_status write_study(hn_storage *storage, const char *url, const hn_exported *exported,
                               hone_error *err)
{
    const hn_storage_type *ops = hn_storage_of(storage);
    int64_t id = 0;
    bool created = false;
    hone_status status = ops->study_create(storage, &exported->row, &id, &created, err);
    if (!status && !created) {
        return hn_fail(err, HONE_EXISTS, "study '%s' exists in %s; choose another name for it",
                       exported->row.name, url);
    }
    if (!status) {
        status = write_trials(storage, id, exported, err);
    }
    if (status && created && !ops->begin) {
        ops->study_delete(storage, id, NULL); /* all or nothing */
    }
    return status;
}

hone_status hn_exported_write(hn_storage *storage, const char *url, const hn_exported *exported,
                              hone_error *err)
{
    const hn_storage_type *ops = hn_storage_of(storage);
    hone_status status = ops->begin ? ops->begin(storage, err) : HONE_OK;
    if (status) {
        return status;
    }
    status = write_study(storage, url, exported, err);
    return ops->end ? ops->end(storage, status, err) : status;
}

hone_status hone_study_import(const char *url, const char *name, const char *text, size_t size,
                              int64_t *trials, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *root = NULL;
    hn_exported exported;
    hn_storage *storage = NULL;
    hone_status status = hn_json_parse(&arena, "import", text, size, &root, err);
    if (!status) {
        status = hn_exported_read(&arena, root, &exported, err);
    }
    if (!status) {
        exported.row.name = name ? name : exported.row.name;
        status = hn_storage_open(url, true, &storage, err);
    }
    if (!status) {
        status = hn_exported_write(storage, url, &exported, err);
    }
    hn_storage_close(storage);
    if (!status && trials) {
        *trials = (int64_t)exported.n_trials;
    }
    hn_arena_release(&arena);
    return status;
}
