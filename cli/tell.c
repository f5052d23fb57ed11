#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "common.h"
#include "numbers.h"

enum { MAX_VALUES = 8, MAX_CONSTRAINTS = 256 };

typedef struct tell_options {
    common_options common;
    const char *state, *lease, *message;
    text_list constraints, attributes;
} tell_options;

static const char notes[] =
    "NUMBER is what `hone ask` printed as trial=; one VALUE for each goal, in their order. A value of nan tells\n"
    "the trial as failed. Nothing told is lost: a value told under a lease that another worker took over is\n"
    "kept as a new trial.\n"
    "\n"
    "examples:\n"
    "  hone tell 3 0.125\n"
    "  hone tell 4 --state failed --message 'out of memory'";

static int read_state(const char *text, hone_trial_state *state)
{
    const hone_trial_state told[] = {HONE_COMPLETE, HONE_PRUNED, HONE_FAILED};
    for (size_t i = 0; text && i < COUNT(told); i++) {
        if (!strcmp(text, hone_trial_state_name(told[i]))) {
            *state = told[i];
            return EXIT_OK;
        }
    }
    if (text) {
        print_error("tell: --state is complete, pruned or failed, not '%s'", text);
        return EXIT_USAGE;
    }
    *state = HONE_COMPLETE;
    return EXIT_OK;
}

static int read_values(const command_line *line, hone_trial_state state, double *values)
{
    size_t n = line->n_args - 1;
    if (state == HONE_COMPLETE && !n) {
        print_error("tell: trial %s needs a value, or --state failed or pruned", line->args[0]);
        return EXIT_USAGE;
    }
    if (state != HONE_COMPLETE && n) {
        print_error("tell: a %s trial is told without values", hone_trial_state_name(state));
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < n; i++) {
        if (!read_number("tell", line->args[1 + i], &values[i])) {
            return EXIT_USAGE;
        }
    }
    return EXIT_OK;
}

static int set_constraints(hone_trial *trial, const text_list *texts)
{
    double values[MAX_CONSTRAINTS];
    if (texts->count > MAX_CONSTRAINTS) {
        print_error("tell: at most %d constraints", MAX_CONSTRAINTS);
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < texts->count; i++) {
        if (!read_number("tell", texts->items[i], &values[i])) {
            return EXIT_USAGE;
        }
    }
    if (texts->count && hone_trial_set_constraints(trial, values, texts->count)) {
        print_error("out of memory");
        return EXIT_FAILED;
    }
    return EXIT_OK;
}

/* "key=JSON". */
static int set_attributes(hone_trial *trial, const text_list *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        const char *equals = strchr(texts->items[i], '=');
        char *key = equals ? strndup(texts->items[i], (size_t)(equals - texts->items[i])) : NULL;
        hone_error err;
        if (!key || !*key) {
            print_error("tell: --attr needs KEY=JSON, found '%s'", texts->items[i]);
            free(key);
            return EXIT_USAGE;
        }
        hone_status status = hone_trial_set_attribute(trial, key, equals + 1);
        free(key);
        if (status) {
            hone_trial_status(trial, &err);
            return fail_with(&err);
        }
    }
    return EXIT_OK;
}

/* A nan is kept as a failed trial; the user should know. */
static void warn_of_nan(const tell_options *given, const char *number, const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (isnan(values[i]) && !given->common.quiet) {
            print_error("trial %s is told as failed: its value is nan", number);
            return;
        }
    }
}

static int tell(hone_study *study, const command_line *line, const tell_options *given)
{
    double values[MAX_VALUES];
    hone_trial_state state;
    hone_trial *trial = NULL;
    hone_error err;
    long long number;
    int code = read_state(given->state, &state);
    if (!code) {
        code = read_values(line, state, values);
    }
    if (!code && !read_trial_number("tell", line->args[0], &number)) {
        code = EXIT_USAGE;
    }
    if (!code && hone_study_take(study, number, given->lease, &trial, &err)) {
        code = fail_with(&err);
    }
    if (!code) {
        code = set_constraints(trial, &given->constraints);
    }
    if (!code) {
        code = set_attributes(trial, &given->attributes);
    }
    if (!code && state == HONE_FAILED && given->message) {
        hone_trial_fail(trial, given->message);
    }
    if (!code && hone_study_tell(study, trial, state, values, line->n_args - 1, &err)) {
        code = fail_with(&err);
    }
    if (!code) {
        warn_of_nan(given, line->args[0], values, line->n_args - 1);
    }
    hone_trial_free(trial);
    return code;
}

int command_tell(int argc, char **argv)
{
    tell_options given = {0};
    const cli_option options[] = {
        {0, "state", OPTION_TEXT, &given.state, "STATE", "complete (default), pruned or failed"},
        {0, "message", OPTION_TEXT, &given.message, "TEXT", "why it failed"},
        {0, "lease", OPTION_TEXT, &given.lease, "LEASE",
         "what the ask printed: refuses to mix up runs of a trial"},
        {0, "constraint", OPTION_LIST, &given.constraints, "VALUE", "met when <= 0 (repeatable)"},
        {0, "attr", OPTION_LIST, &given.attributes, "KEY=JSON", "kept with the trial (repeatable)"},
        STUDY_OPTIONS(given.common),
        LOG_OPTIONS(given.common),
    };
    command_line line = {.name = "tell",
                         .arguments = "[options] NUMBER [VALUE...]",
                         .summary = "Tells what a trial came to.",
                         .notes = notes,
                         .options = options,
                         .n_options = COUNT(options),
                         .min_args = 1,
                         .max_args = 1 + MAX_VALUES};
    int code = EXIT_FAILED;
    if (protect_numbers(argc, argv) && options_parse(&line, argc, argv, &code)) {
        hone_study *study = NULL;
        standard_output(&given.common);
        code = open_study(&given.common, NULL, &study);
        if (!code) {
            code = tell(study, &line, &given);
        }
        hone_study_destroy(study);
        options_release(&line);
    }
    text_list_free(&given.constraints);
    text_list_free(&given.attributes);
    release_numbers();
    return code;
}
