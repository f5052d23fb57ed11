#include "commands.h"
#include "common.h"

int command_export(int argc, char **argv)
{
    common_options common = {0};
    const cli_option options[] = {OUTPUT_OPTIONS(common)};
    command_line line = {
        .name = "export",
        .arguments = "[options] model.hone model.onnx",
        .summary =
            "Writes a saved model with its preprocessing as ONNX, which other programs run without hone.",
        .notes = "examples:\n  hone export model.hone model.onnx\n  hone export model.hone model.onnx --json",
        .options = options,
        .n_options = COUNT(options),
        .min_args = 2,
        .max_args = 2,
    };
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        return code;
    }
    hone_error err;
    hone_sink out = standard_output(&common);
    hone_format format = output_format(&common, false);
    if (hone_export_file(line.args[0], line.args[1], format, common.quiet ? NULL : &out, &err)) {
        code = fail_with(&err);
    }
    options_release(&line);
    return code;
}
