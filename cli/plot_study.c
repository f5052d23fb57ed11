/* hone plot KIND [STUDY ...]: what studies look like. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "numbers.h"
#include "plot.h"

typedef struct plot_line {
    common_options common;
    text_list params;
    hone_plot_options how;
    picture_arguments picture;
    long long limit;
    bool csv;
} plot_line;

/* Is the option among the blank-separated names? */
static bool is_named(const char *names, const char *option)
{
    size_t size = strlen(option);
    for (const char *at = names; (at = strstr(at, option)); at += size) {
        if ((at == names || at[-1] == ' ') && (at[size] == ' ' || !at[size])) {
            return true;
        }
    }
    return false;
}

static int show(plot_line *given, const command_line *line, const char *kind)
{
    hone_error err;
    hone_picture picture;
    if (!read_picture(line->name, &given->picture, &picture)) {
        return EXIT_USAGE;
    }
    size_t n = line->n_args ? line->n_args : 1, opened = 0;
    hone_study **studies = calloc(n, sizeof *studies);
    int code = studies ? EXIT_OK : EXIT_FAILED;
    if (!studies) {
        print_error("out of memory");
    }
    for (; !code && opened < n; opened += !code) {
        code = open_study(&given->common, line->n_args ? line->args[opened] : NULL, &studies[opened]);
    }
    if (!code) {
        hone_sink out = standard_output(&given->common);
        given->how.picture = &picture;
        given->how.limit = given->limit;
        given->how.params = given->params.items;
        given->how.n_params = given->params.count;
        hone_format format = output_format(&given->common, given->csv);
        code = hone_plot(kind, studies, n, &given->how, format, &out, &err) ? fail_with(&err) : EXIT_OK;
    }
    for (size_t i = 0; i < opened; i++) {
        hone_study_destroy(studies[i]);
    }
    free(studies);
    return code;
}

/* The options of this kind, and those of all, into chosen. Returns how many. */
static size_t choose(const cli_option *own, size_t n_own, const char *names, const cli_option *shared,
                     size_t n_shared, cli_option *chosen)
{
    size_t n = 0;
    for (size_t i = 0; i < n_own; i++) {
        const char *name = !strcmp(own[i].name, "param") ? "params" : own[i].name;
        if (is_named(names, name)) {
            chosen[n++] = own[i];
        }
    }
    for (size_t i = 0; i < n_shared; i++) {
        chosen[n++] = shared[i];
    }
    return n;
}

int plot_study(const hone_plot_info *kind, int argc, char **argv)
{
    plot_line given = {.how = HONE_PLOT_OPTIONS_INIT};
    const cli_option own[] = {
        {'x', "x", OPTION_TEXT, &given.how.x, "COLUMN", "what goes to the right (see below)"},
        {'y', "y", OPTION_TEXT, &given.how.y, "COLUMN", "what goes upwards"},
        {0, "hue", OPTION_TEXT, &given.how.hue, "COLUMN", "what the colour shows"},
        {0, "metric", OPTION_TEXT, &given.how.metric, "NAME", "of several goals which (default: the first)"},
        {0, "method", OPTION_TEXT, &given.how.method, "NAME", "how it is measured (see below)"},
        {0, "from", OPTION_TEXT, &given.how.from, "TRIAL",
         "first (default), worst, best, or a trial's number"},
        {0, "to", OPTION_TEXT, &given.how.to, "TRIAL", "best (default), or as --from"},
        {0, "reference", OPTION_TEXT, &given.how.reference, "LIST",
         "the worst that counts of each goal, as 0.5,100"},
        {'p', "param", OPTION_LIST, &given.params, "NAME",
         "this parameter; given again: these (default: all)"},
        {0, "limit", OPTION_INT, &given.limit, "N", "at most so many (default: what can be told apart)"},
    };
    const cli_option shared[] = {
        {'f', "filter", OPTION_TEXT, &given.how.filter, "CONDITION", "only the trials that meet it"},
        PICTURE_OPTIONS(given.picture),
        {0, "csv", OPTION_FLAG, &given.csv, NULL, "comma-separated, exact numbers"},
        STUDY_OPTIONS(given.common),
        OUTPUT_OPTIONS(given.common),
    };
    cli_option options[COUNT(own) + COUNT(shared)];
    char name[64], summary[160];
    snprintf(name, sizeof name, "plot %s", kind->name);
    snprintf(summary, sizeof summary, "%c%s.", toupper((unsigned char)kind->help[0]), kind->help + 1);
    command_line line = {.name = name,
                         .arguments =
                             kind->several ? "[options] [STUDY | STORAGE]..." : "[options] [STUDY | STORAGE]",
                         .summary = summary,
                         .notes = kind->notes,
                         .options = options,
                         .n_options = choose(own, COUNT(own), kind->options, shared, COUNT(shared), options),
                         .max_args = kind->several ? 64 : 1};
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        return code;
    }
    code = check_count(name, "limit", given.limit, 0, 1000000) ? show(&given, &line, kind->name) : EXIT_USAGE;
    text_list_free(&given.params);
    options_release(&line);
    return code;
}
