#include "components.h"

#include <string.h>

static const char *const summaries[] = {
    [HONE_SAMPLERS] = "The samplers, which propose what to try next; with NAME its options.",
    [HONE_PRUNERS] = "The pruners, which end hopeless trials early; with NAME its options.",
    [HONE_MODELS] =
        "The built-in models; with NAME its options and default space; with show a study's network.",
};

static const char *const notes[] = {
    [HONE_SAMPLERS] = "examples:\n  hone samplers\n  hone samplers grid",
    [HONE_PRUNERS] = "examples:\n  hone pruners\n  hone pruners median",
    [HONE_MODELS] = "examples:\n  hone models\n  hone models svm\n  hone models show study.yaml",
};

static bool is_show(hone_component kind, const command_line *line)
{
    return kind == HONE_MODELS && line->n_args > 0 && strcmp(line->args[0], "show") == 0;
}

/* Of a model that varies the smallest network and the largest. */
static hone_status show_network(const char *file, hone_format format, const hone_sink *out, hone_error *err)
{
    hone_plan *plan = NULL;
    hone_status status = hone_plan_read(file, &plan, err);
    if (!status) {
        status = hone_show_network(plan, format, out, err);
    }
    hone_plan_destroy(plan);
    return status;
}

int show_components(hone_component kind, const char *name, int argc, char **argv)
{
    common_options common = {0};
    const cli_option options[] = {OUTPUT_OPTIONS(common)};
    command_line line = {.name = name,
                         .arguments =
                             kind == HONE_MODELS ? "[options] [NAME | show STUDY.yaml]" : "[options] [NAME]",
                         .summary = summaries[kind],
                         .notes = notes[kind],
                         .options = options,
                         .n_options = COUNT(options),
                         .max_args = kind == HONE_MODELS ? 2 : 1};
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        return code;
    }
    hone_error err;
    hone_sink out = standard_output(&common);
    hone_format format = output_format(&common, false);
    bool show = is_show(kind, &line);
    if (line.n_args != (show ? 2 : line.n_args ? 1 : 0)) {
        print_error(show ? "%s show: it needs a study file" : "%s: there is one NAME at most", name);
        code = EXIT_USAGE;
    } else if (show ? show_network(line.args[1], format, &out, &err)
                    : hone_show_component(kind, line.n_args ? line.args[0] : NULL, format, &out, &err)) {
        code = fail_with(&err);
    }
    options_release(&line);
    return code;
}
