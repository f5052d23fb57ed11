#include "commands.h"
#include "common.h"

static const char notes[] =
    "Checks the storage's file, its folder and the time of a durable write there, which bounds how many trials\n"
    "a second can be kept. Status 4 when something is wrong.\n"
    "\n"
    "examples:\n"
    "  hone doctor\n"
    "  hone doctor study.db --json";

int command_doctor(int argc, char **argv)
{
    common_options common = {0};
    const cli_option options[] = {
        {'s', "storage", OPTION_TEXT, &common.storage, "URL", "what to check (default: sqlite:///hone.db)"},
        OUTPUT_OPTIONS(common),
    };
    command_line line = {.name = "doctor",
                         .arguments = "[options] [STORAGE]",
                         .summary = "What this build can do, and whether the storage is healthy.",
                         .notes = notes,
                         .options = options,
                         .n_options = COUNT(options),
                         .max_args = 1};
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        return code;
    }
    hone_error err;
    hone_sink out = standard_output(&common);
    const char *storage = line.n_args ? line.args[0] : resolve_storage(&common);
    if (hone_show_doctor(storage, output_format(&common, false), &out, &err)) {
        code = fail_with(&err);
    }
    options_release(&line);
    return code;
}
