/* Asked trials as a shell wants them, and settings as a user writes them. */
#include <math.h>
#include <string.h>

#include "app/show.h"
#include "base/memory.h"
#include "base/number.h"
#include "space/distribution.h"
#include "view/table.h"
#include "view/trial_node.h"

hone_status hn_show_json(const hone_sink *sink, const hn_node *node, hone_error *err)
{
    if (!node) {
        return hn_out_of_memory(err);
    }
    hn_buffer text = HN_BUFFER_INIT;
    hn_json_write(&text, node, HN_JSON_PRETTY);
    hn_buffer_char(&text, '\n');
    hone_status status = hn_sink_write(sink, &text, err);
    hn_buffer_release(&text);
    return status;
}

hone_status hn_show_check_options(const char *type, size_t given, size_t known, hone_error *err)
{
    return given == known ? HONE_OK
                          : hn_fail(err, HONE_INVALID,
                                    "%s has struct_size %zu, this version knows %zu; begin with its _INIT",
                                    type, given, known);
}

hone_status hn_show_unsupported(const char *what, hone_format format, hone_error *err)
{
    static const char *const names[] = {"text", "JSON", "CSV", "shell variables"};
    return hn_fail(err, HONE_UNSUPPORTED, "%s cannot be shown as %s", what, names[format]);
}

/* --- asked trials --- */

static bool is_plain(const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+.,/:@%";
    return text[0] && strspn(text, plain) == strlen(text);
}

void hn_shell_word(hn_buffer *out, const char *text)
{
    if (is_plain(text)) {
        hn_buffer_text(out, text);
        return;
    }
    hn_buffer_char(out, '\'');
    for (; *text; text++) {
        if (*text == '\'') {
            hn_buffer_text(out, "'\\''");
        } else {
            hn_buffer_char(out, *text);
        }
    }
    hn_buffer_char(out, '\'');
}

static void write_value(hn_buffer *out, hone_value value)
{
    hn_buffer text = HN_BUFFER_INIT;
    hn_value_write(&text, value);
    out->failed = out->failed || hn_buffer_failed(&text);
    hn_shell_word(out, hn_buffer_string(&text));
    hn_buffer_release(&text);
}

static void write_number(hn_buffer *out, const char *before, int64_t value)
{
    hn_buffer_text(out, before);
    hn_buffer_int(out, value);
}

static void write_line(hn_buffer *out, const hone_trial *trial)
{
    hone_named_value param;
    write_number(out, "trial=", hone_trial_number(trial));
    hn_buffer_text(out, " lease=");
    hn_shell_word(out, hone_trial_lease(trial));
    if (hone_trial_budget(trial)) {
        write_number(out, " budget=", hone_trial_budget(trial));
    }
    if (hone_trial_resume_step(trial)) {
        write_number(out, " resume_step=", hone_trial_resume_step(trial));
    }
    for (size_t i = 0; hone_trial_param(trial, i, &param); i++) {
        hn_buffer_char(out, ' ');
        hn_shell_word(out, param.name);
        hn_buffer_char(out, '=');
        write_value(out, param.value);
    }
    hn_buffer_char(out, '\n');
}

/* The same names that `hone tune` gives a program: HONE_PARAM_<NAME>, other characters than letters and
 * digits as '_'. */
static void write_variable(hn_buffer *out, hone_named_value param)
{
    hn_buffer_text(out, "export HONE_PARAM_");
    for (const char *c = param.name; *c; c++) {
        bool lower = *c >= 'a' && *c <= 'z', kept = (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9');
        hn_buffer_char(out, lower ? (char)(*c - 'a' + 'A') : kept ? *c : '_');
    }
    hn_buffer_char(out, '=');
    write_value(out, param.value);
    hn_buffer_char(out, '\n');
}

static void write_environment(hn_buffer *out, const hone_trial *trial)
{
    hone_named_value param;
    write_number(out, "export HONE_TRIAL=", hone_trial_number(trial));
    hn_buffer_text(out, "\nexport HONE_LEASE=");
    hn_shell_word(out, hone_trial_lease(trial));
    hn_buffer_char(out, '\n');
    if (hone_trial_budget(trial)) {
        write_number(out, "export HONE_BUDGET=", hone_trial_budget(trial));
        hn_buffer_char(out, '\n');
    }
    for (size_t i = 0; hone_trial_param(trial, i, &param); i++) {
        write_variable(out, param);
    }
}

static void write_json(hn_buffer *out, const hone_trial *trial)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *node = hn_asked_node(&arena, trial);
    if (node) {
        hn_json_write(out, node, HN_JSON_STRICT);
        hn_buffer_char(out, '\n');
    } else {
        out->failed = true;
    }
    hn_arena_release(&arena);
}

hone_status hone_show_asked(const hone_trial *trial, hone_format format, const hone_sink *sink,
                            hone_error *err)
{
    hn_buffer out = HN_BUFFER_INIT;
    switch (format) {
    case HONE_FORMAT_TEXT: write_line(&out, trial); break;
    case HONE_FORMAT_JSON: write_json(&out, trial); break;
    case HONE_FORMAT_ENV: write_environment(&out, trial); break;
    case HONE_FORMAT_CSV: return hn_show_unsupported("an asked trial", format, err);
    }
    hone_status status = hn_sink_write(sink, &out, err);
    hn_buffer_release(&out);
    return status;
}

/* --- settings of one's own --- */

bool hone_read_number(const char *text, double *value)
{
    return hn_parse_double(text, strlen(text), true, value);
}

/* A value as in YAML; in quotes it is a text whatever it looks like. */
static hn_node *read_value(hn_arena *arena, const char *text)
{
    size_t size = strlen(text);
    bool quoted = size >= 2 && (text[0] == '"' || text[0] == '\'') && text[size - 1] == text[0];
    if (!quoted) {
        return hn_node_plain(arena, text, size);
    }
    const char *inner = hn_arena_strndup(arena, text + 1, size - 2);
    return inner ? hn_node_string(arena, inner) : NULL;
}

static hone_status read_assignments(hn_arena *arena, const char *const *assignments, size_t n,
                                    hone_named_value *params, hone_error *err)
{
    for (size_t i = 0; i < n; i++) {
        const char *equals = strchr(assignments[i], '=');
        if (!equals || equals == assignments[i]) {
            return hn_fail(err, HONE_INVALID, "'%.100s' must be of the form parameter=value", assignments[i]);
        }
        params[i].name = hn_arena_strndup(arena, assignments[i], (size_t)(equals - assignments[i]));
        hn_node *value = read_value(arena, equals + 1);
        if (!params[i].name || !value) {
            return hn_out_of_memory(err);
        }
        params[i].value = hn_value_from_node(value);
    }
    return HONE_OK;
}

hone_status hone_study_try(hone_study *study, const char *const *assignments, size_t n, const double *values,
                           size_t n_values, int64_t *number, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hone_named_value *params = HN_ARENA_NEW(&arena, hone_named_value, n);
    hone_status status =
        params ? read_assignments(&arena, assignments, n, params, err) : hn_out_of_memory(err);
    if (!status) {
        status = values ? hone_study_add(study, params, n, HONE_COMPLETE, values, n_values, number, err)
                        : hone_study_enqueue(study, params, n, number, err);
    }
    hn_arena_release(&arena);
    return status;
}

hone_status hone_study_ask_assigned(hone_study *study, const char *const *assignments, size_t n,
                                    hone_outcome *outcome, hone_trial **trial, int64_t *wait_ms,
                                    const char **reason, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hone_named_value *params = HN_ARENA_NEW(&arena, hone_named_value, n);
    hone_status status =
        params ? read_assignments(&arena, assignments, n, params, err) : hn_out_of_memory(err);
    if (!status) {
        status = hone_study_ask_given(study, params, n, outcome, trial, wait_ms, reason, err);
    }
    hn_arena_release(&arena);
    return status;
}
