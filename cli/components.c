#include "components.h"

static const char *const summaries[] = {
    [HONE_SAMPLERS] = "The samplers, which propose what to try next; with NAME its options.",
    [HONE_PRUNERS] = "The pruners, which end hopeless trials early; with NAME its options.",
    [HONE_MODELS] = "The built-in models; with NAME its options and what is searched by default.",
};

static const char *const notes[] = {
    [HONE_SAMPLERS] = "examples:\n  hone samplers\n  hone samplers grid",
    [HONE_PRUNERS] = "examples:\n  hone pruners\n  hone pruners median",
    [HONE_MODELS] = "examples:\n  hone models\n  hone models svm",
};

int show_components(hone_component kind, const char *name, int argc, char **argv)
{
    common_options common = {0};
    const cli_option options[] = {OUTPUT_OPTIONS(common)};
    command_line line = {.name = name,
                         .arguments = "[options] [NAME]",
                         .summary = summaries[kind],
                         .notes = notes[kind],
                         .options = options,
                         .n_options = COUNT(options),
                         .max_args = 1};
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        return code;
    }
    hone_error err;
    hone_sink out = standard_output(&common);
    hone_format format = output_format(&common, false);
    if (hone_show_component(kind, line.n_args ? line.args[0] : NULL, format, &out, &err)) {
        code = fail_with(&err);
    }
    options_release(&line);
    return code;
}
