#include <stdio.h>

#include "commands.h"
#include "common.h"
#include "numbers.h"

enum { MAX_VALUES = 8 };

typedef struct try_options {
    common_options common;
    text_list values;
} try_options;

static const char notes[] =
    "The setting is queued: the next free worker, or `hone ask`, takes it up; parameters left out are proposed\n"
    "then. With --value it is recorded as a finished trial instead: a result you have already.\n"
    "\n"
    "examples:\n"
    "  hone try lr=0.01 optimizer=adam\n"
    "  hone try lr=0.01 optimizer=sgd --value 0.87";

static int try(hone_study *study, const command_line *line, const try_options *given)
{
    double values[MAX_VALUES];
    int64_t number = 0;
    hone_error err;
    if (given->values.count > MAX_VALUES) {
        print_error("try: at most %d values", MAX_VALUES);
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < given->values.count; i++) {
        if (!read_number("try", given->values.items[i], &values[i])) {
            return EXIT_USAGE;
        }
    }
    if (hone_study_try(study, line->args, line->n_args, given->values.count ? values : NULL,
                       given->values.count, &number, &err)) {
        return fail_with(&err);
    }
    if (given->common.json) {
        printf("{\"trial\":%lld}\n", (long long)number);
    } else if (!given->common.quiet) {
        printf("trial %lld %s\n", (long long)number, given->values.count ? "recorded" : "queued");
    }
    return EXIT_OK;
}

int command_try(int argc, char **argv)
{
    enum { MAX_PARAMETERS = 10000 };
    try_options given = {0};
    const cli_option options[] = {
        {0, "value", OPTION_LIST, &given.values, "VALUE", "its result, one for each goal (repeatable)"},
        STUDY_OPTIONS(given.common),
        {0, "json", OPTION_FLAG, &given.common.json, NULL, "the number as a JSON object"},
        LOG_OPTIONS(given.common),
    };
    command_line line = {.name = "try",
                         .arguments = "[options] PARAMETER=VALUE...",
                         .summary = "Queues a setting of your own, or records one with its result.",
                         .notes = notes,
                         .options = options,
                         .n_options = COUNT(options),
                         .min_args = 1,
                         .max_args = MAX_PARAMETERS};
    int code;
    if (options_parse(&line, argc, argv, &code)) {
        hone_study *study = NULL;
        standard_output(&given.common);
        code = open_study(&given.common, NULL, &study);
        if (!code) {
            code = try(study, &line, &given);
        }
        hone_study_destroy(study);
        options_release(&line);
    }
    text_list_free(&given.values);
    return code;
}
