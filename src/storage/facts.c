#include "storage/facts.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "base/os_system.h"

static const char *const state_texts[] = {
    [HONE_RUNNING] = "RUNNING", [HONE_COMPLETE] = "COMPLETE", [HONE_PRUNED] = "PRUNED",
    [HONE_FAILED] = "FAIL",     [HONE_WAITING] = "WAITING",
};

enum { N_STATES = sizeof state_texts / sizeof *state_texts };

bool hn_state_finished(hone_trial_state state)
{
    return state == HONE_COMPLETE || state == HONE_PRUNED || state == HONE_FAILED;
}

const char *hn_state_text(hone_trial_state state)
{
    return state_texts[state];
}

bool hn_state_from_text(const char *text, hone_trial_state *state)
{
    for (int i = 0; i < N_STATES; i++) {
        if (strcmp(text, state_texts[i]) == 0) {
            *state = (hone_trial_state)i;
            return true;
        }
    }
    return false;
}

const char *hn_direction_text(hone_direction direction)
{
    return direction == HONE_MAXIMIZE ? "MAXIMIZE" : "MINIMIZE";
}

hone_direction hn_direction_from_text(const char *text)
{
    return strcmp(text, "MAXIMIZE") == 0 ? HONE_MAXIMIZE : HONE_MINIMIZE;
}

const char *hn_value_kind(double value)
{
    if (isnan(value))
        return "NAN";
    if (isinf(value))
        return value > 0 ? "INF_POS" : "INF_NEG";
    return "FINITE";
}

double hn_value_from_kind(const char *kind, double finite)
{
    if (kind[0] == 'F')
        return finite;
    if (kind[0] == 'N')
        return NAN;
    return strcmp(kind, "INF_NEG") == 0 ? -INFINITY : INFINITY;
}

void hn_write_numbers(hn_buffer *out, const double *values, size_t n)
{
    char text[HN_NUMBER_SIZE];
    hn_buffer_char(out, '[');
    for (size_t i = 0; i < n; i++) {
        hn_buffer_text(out, i ? ", " : "");
        hn_buffer_append(out, text, hn_format_python_double(text, values[i]));
    }
    hn_buffer_char(out, ']');
}

void hn_write_strings(hn_buffer *out, const char *const *texts, size_t n)
{
    hn_buffer_char(out, '[');
    for (size_t i = 0; i < n; i++) {
        hn_buffer_text(out, i ? ", " : "");
        hn_json_write_string(out, texts[i], strlen(texts[i]), HN_JSON_PYTHON);
    }
    hn_buffer_char(out, ']');
}

hone_status hn_read_metric_names(hn_arena *arena, const char *json, hn_study_row *out, hone_error *err)
{
    hn_node *root;
    hone_status status = hn_json_parse(arena, HN_KEY_METRIC_NAMES, json, strlen(json), &root, err);
    if (status || root->kind != HN_LIST || root->count != out->n_objectives)
        return status;
    const char **names = HN_ARENA_NEW(arena, const char *, root->count);
    if (!names)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < root->count; i++) {
        if (root->as.items[i]->kind != HN_STRING)
            return HONE_OK;
        names[i] = root->as.items[i]->as.string;
    }
    out->metric_names = names;
    return HONE_OK;
}

hone_status hn_make_uuid(char uuid[HN_UUID_SIZE], hone_error *err)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[16];
    hone_status status = hn_random_bytes(bytes, sizeof bytes, err);
    if (status)
        return status;
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    char *out = uuid;
    for (size_t i = 0; i < sizeof bytes; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
    *out = '\0';
    return HONE_OK;
}

hn_trial_rows hn_rows_of_new(const hn_new_trial *trial)
{
    return (hn_trial_rows){
        .state = trial->state,
        .n_params = trial->n_params,
        .n_values = trial->n_values,
        .n_reports = trial->n_reports,
        .n_constraints = trial->n_constraints,
        .n_attributes = trial->n_attributes,
        .params = trial->params,
        .values = trial->values,
        .reports = trial->reports,
        .constraints = trial->constraints,
        .attributes = trial->attributes,
    };
}

hn_trial_rows hn_rows_of_update(const hn_trial_update *update)
{
    return (hn_trial_rows){
        .state = update->state,
        .n_params = update->n_params,
        .n_values = update->n_values,
        .n_reports = update->n_reports,
        .n_constraints = update->n_constraints,
        .n_attributes = update->n_attributes,
        .params = update->params,
        .values = update->values,
        .reports = update->reports,
        .constraints = update->constraints,
        .attributes = update->attributes,
    };
}

static hone_status check_name(const char *what, const char *name, hone_error *err)
{
    size_t size = strlen(name);
    if (size == 0)
        return hn_fail(err, HONE_INVALID, "%s is empty", what);
    if (size > HN_STORAGE_MAX_NAME)
        return hn_fail(err, HONE_LIMIT, "%s '%.40s...' has %zu bytes; at most %d are allowed", what, name,
                       size, HN_STORAGE_MAX_NAME);
    return HONE_OK;
}

static hone_status check_values(const hn_trial_rows *rows, size_t n_objectives, hone_error *err)
{
    size_t least = rows->state == HONE_COMPLETE ? n_objectives : 0;
    size_t most = hn_state_finished(rows->state) ? n_objectives : 0;
    if (rows->n_values < least || rows->n_values > most)
        return hn_fail(err, HONE_INVALID, "a trial that is %s has %zu values; %zu %s allowed",
                       hn_state_text(rows->state), rows->n_values, most,
                       least == most ? "are" : "at most are");
    for (size_t i = 0; i < rows->n_values; i++) {
        if (isnan(rows->values[i]))
            return hn_fail(err, HONE_INVALID,
                           "value %zu is NaN, which cannot be compared; tell the trial as failed", i);
    }
    return HONE_OK;
}

/* Few parameters: comparing all pairs costs less than a map up to some hundreds. */
static hone_status check_params(const hn_trial_rows *rows, hone_error *err)
{
    for (size_t i = 0; i < rows->n_params; i++) {
        const hn_trial_param *param = &rows->params[i];
        hone_status status = check_name("a parameter's name", param->name, err);
        if (status)
            return status;
        if (!isfinite(param->value))
            return hn_fail(err, HONE_INVALID, "parameter '%s' has a value that is not finite", param->name);
        for (size_t j = 0; j < i; j++) {
            if (rows->params[j].name == param->name || strcmp(rows->params[j].name, param->name) == 0)
                return hn_fail(err, HONE_INVALID, "parameter '%s' is given twice", param->name);
        }
    }
    return HONE_OK;
}

static hone_status check_attributes(const hn_attribute *attributes, size_t n, hone_error *err)
{
    for (size_t i = 0; i < n; i++) {
        hone_status status = check_name("an attribute's key", attributes[i].key, err);
        if (status)
            return status;
    }
    return HONE_OK;
}

hone_status hn_rows_check(const hn_trial_rows *rows, size_t n_objectives, hone_error *err)
{
    if ((unsigned)rows->state >= N_STATES)
        return hn_fail(err, HONE_INVALID, "trial state %d does not exist", (int)rows->state);
    hone_status status = check_values(rows, n_objectives, err);
    if (!status)
        status = check_params(rows, err);
    if (!status)
        status = check_attributes(rows->attributes, rows->n_attributes, err);
    return status;
}

hone_status hn_study_row_check(const hn_study_row *row, hone_error *err)
{
    hone_status status = check_name("a study's name", row->name, err);
    if (status)
        return status;
    if (row->n_objectives == 0 || row->n_objectives > HN_STORAGE_MAX_OBJECTIVES)
        return hn_fail(err, HONE_LIMIT, "study '%s' has %zu objectives; 1 to %d are allowed", row->name,
                       row->n_objectives, HN_STORAGE_MAX_OBJECTIVES);
    return check_attributes(row->attributes, row->n_attributes, err);
}

hone_status hn_trial_not_paused(int64_t number, hone_error *err)
{
    return hn_fail(err, HONE_CONFLICT, "trial %lld is not paused: another worker resumed it",
                   (long long)number);
}

hone_status hn_lease_check(const char *lease, hone_error *err)
{
    if (lease && (strlen(lease) == 0 || strlen(lease) >= HN_LEASE_SIZE))
        return hn_fail(err, HONE_INVALID, "lease '%.40s' has %zu bytes; 1 to %d are allowed", lease,
                       strlen(lease), HN_LEASE_SIZE - 1);
    return HONE_OK;
}

hone_status hn_no_such_study(const char *name, const char *const *names, size_t n, hone_error *err)
{
    if (n == 0)
        return hn_fail(err, HONE_NOT_FOUND, "there is no study '%s': the storage holds none yet", name);
    const char *nearest = hn_nearest_name(name, names, n);
    if (nearest)
        return hn_fail(err, HONE_NOT_FOUND, "there is no study '%s' (did you mean '%s'?)", name, nearest);
    hn_buffer list = HN_BUFFER_INIT;
    for (size_t i = 0; i < n && i < 8; i++)
        hn_buffer_printf(&list, "%s'%s'", i ? ", " : "", names[i]);
    hn_buffer_text(&list, n > 8 ? ", ..." : "");
    hn_fail(err, HONE_NOT_FOUND, "there is no study '%s'; there are %s", name, hn_buffer_string(&list));
    hn_buffer_release(&list);
    return HONE_NOT_FOUND;
}

hone_status hn_no_such_study_id(int64_t study, hone_error *err)
{
    return hn_fail(err, HONE_NOT_FOUND, "study with id %lld is not there (any more): was it deleted?",
                   (long long)study);
}

hone_status hn_no_such_trial(int64_t trial, hone_error *err)
{
    return hn_fail(err, HONE_NOT_FOUND, "trial with id %lld is not there (any more): was its study deleted?",
                   (long long)trial);
}

hone_status hn_no_such_number(int64_t number, int64_t n_trials, hone_error *err)
{
    if (n_trials == 0)
        return hn_fail(err, HONE_NOT_FOUND, "there is no trial %lld: the study has none yet",
                       (long long)number);
    return hn_fail(err, HONE_NOT_FOUND, "there is no trial %lld; there are 0 to %lld", (long long)number,
                   (long long)n_trials - 1);
}

hone_status hn_number_check(int64_t expected, int64_t next, int64_t *number, hone_error *err)
{
    if (expected < 0 || expected == next)
        return HONE_OK;
    *number = next;
    return hn_fail(err, HONE_CONFLICT, "the next trial is %lld, not %lld: another process was faster",
                   (long long)next, (long long)expected);
}

hone_status hn_trial_refused(int64_t number, hone_trial_state state, bool lease_lost, hone_error *err)
{
    if (!hn_state_finished(state))
        return hn_fail(err, HONE_CONFLICT, "trial %lld was taken over by another worker: its lease was lost",
                       (long long)number);
    if (lease_lost)
        return hn_fail(err, HONE_CONFLICT, "trial %lld was ended as %s by another while this worker ran it",
                       (long long)number, hn_state_text(state));
    return hn_fail(err, HONE_CONFLICT, "trial %lld is %s already: a finished trial never changes",
                   (long long)number, hn_state_text(state));
}

hone_status hn_trial_not_running(int64_t number, hone_trial_state state, const char *what, hone_error *err)
{
    return hn_fail(err, HONE_CONFLICT, "trial %lld is %s; only a running one can %s", (long long)number,
                   hn_state_text(state), what);
}
