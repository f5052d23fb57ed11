/* hone study list | show | create | delete | copy | export | import. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "new_study.h"

static int study_list(int argc, char **argv)
{
    common_options common = {0};
    const cli_option options[] = {
        {'s', "storage", OPTION_TEXT, &common.storage, "URL", "storage (default: sqlite:///hone.db)"},
        OUTPUT_OPTIONS(common),
    };
    command_line line = {.name = "study list",
                         .arguments = "[options] [STORAGE]",
                         .summary = "The studies of a storage.",
                         .notes = "examples:\n  hone study list\n  hone study list other.db --json",
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
    if (hone_show_studies(storage, output_format(&common, false), &out, &err)) {
        code = fail_with(&err);
    }
    options_release(&line);
    return code;
}

static int study_show(int argc, char **argv)
{
    common_options common = {0};
    const cli_option options[] = {STUDY_OPTIONS(common), OUTPUT_OPTIONS(common)};
    command_line line = {.name = "study show",
                         .arguments = "[options] [STUDY | STORAGE]",
                         .summary = "Goal, sampler, parameters and trials of a study.",
                         .notes = "examples:\n  hone study show\n  hone study show digits --json",
                         .options = options,
                         .n_options = COUNT(options),
                         .max_args = 1};
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        return code;
    }
    hone_study *study = NULL;
    hone_error err;
    hone_sink out = standard_output(&common);
    code = open_study(&common, line.n_args ? line.args[0] : NULL, &study);
    if (!code && hone_show_study(study, output_format(&common, false), &out, &err)) {
        code = fail_with(&err);
    }
    hone_study_destroy(study);
    options_release(&line);
    return code;
}

static int study_create(int argc, char **argv)
{
    common_options common = {0};
    new_study_options given = {0};
    const cli_option options[] = {NEW_STUDY_OPTIONS(given), STUDY_OPTIONS(common), LOG_OPTIONS(common)};
    command_line line = {
        .name = "study create",
        .arguments = "[options] [NAME]",
        .summary = "Makes a study, to be asked by `hone ask` or `hone serve`.",
        .notes =
            "A study of that name takes on the new bounds and sampler; types and choices cannot change.\n"
            "\n"
            "examples:\n"
            "  hone study create s -g 'minimize loss' -p 'lr: {float: [1e-5, 1e-1], log: true}'\n"
            "  hone study create g -p 'n: {int: [1, 9]}' -p 'kind: {choice: [a, b]}' --sampler grid",
        .options = options,
        .n_options = COUNT(options),
        .max_args = 1};
    int code;
    if (options_parse(&line, argc, argv, &code)) {
        hone_study *study = NULL;
        standard_output(&common);
        code = open_new_study("study create", &common, &given, line.n_args ? line.args[0] : NULL, &study);
        if (!code && !common.quiet) {
            char *shown = hone_url_shown(resolve_storage(&common));
            printf("study %s in %s\n", hone_study_name(study), shown ? shown : "");
            hone_free(shown);
        }
        hone_study_destroy(study);
        options_release(&line);
    }
    new_study_release(&given);
    return code;
}

static int study_delete(int argc, char **argv)
{
    common_options common = {0};
    const cli_option options[] = {
        {'s', "storage", OPTION_TEXT, &common.storage, "URL", "storage (default: sqlite:///hone.db)"},
        LOG_OPTIONS(common),
    };
    command_line line = {.name = "study delete",
                         .arguments = "[options] NAME",
                         .summary = "Removes a study with all its trials.",
                         .notes =
                             "examples:\n  hone study delete digits\n  hone study delete digits -s other.db",
                         .options = options,
                         .n_options = COUNT(options),
                         .min_args = 1,
                         .max_args = 1};
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        return code;
    }
    hone_error err;
    standard_output(&common);
    if (hone_study_delete(resolve_storage(&common), line.args[0], &err)) {
        code = fail_with(&err);
    } else if (!common.quiet) {
        printf("study %s is deleted\n", line.args[0]);
    }
    options_release(&line);
    return code;
}

/* --- export and import --- */

static int export_csv(const common_options *common, const char *argument, const hone_sink *out)
{
    hone_study *study = NULL;
    hone_error err;
    hone_trial_query all = {0};
    int code = open_study(common, argument, &study);
    if (!code && hone_show_trials(study, &all, HONE_FORMAT_CSV, out, &err)) {
        code = fail_with(&err);
    }
    hone_study_destroy(study);
    return code;
}

static int export_json(const common_options *common, const char *argument, const hone_sink *out)
{
    const char *storage;
    char *name = NULL;
    hone_error err;
    int code = resolve_study(common, argument, &storage, &name);
    if (!code && hone_study_export(storage, name, out, &err)) {
        code = fail_with(&err);
    }
    free(name);
    return code;
}

static int study_export(int argc, char **argv)
{
    common_options common = {0};
    bool csv = false;
    const char *format = NULL;
    const cli_option options[] = {
        {0, "format", OPTION_TEXT, &format, "FORMAT", "json (the default) or csv"},
        {0, "csv", OPTION_FLAG, &csv, NULL,
         "one line a trial: values, ranks, parameters, folds, times, attributes"},
        STUDY_OPTIONS(common),
        LOG_OPTIONS(common),
    };
    command_line line = {.name = "study export",
                         .arguments = "[options] [STUDY | STORAGE]",
                         .summary =
                             "Writes a whole study to standard output: JSON that `hone study import` reads.",
                         .notes = "examples:\n  hone study export digits > digits.json\n"
                                  "  hone study export digits --csv > digits.csv",
                         .options = options,
                         .n_options = COUNT(options),
                         .max_args = 1};
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        return code;
    }
    hone_sink out = standard_output(&common);
    const char *argument = line.n_args ? line.args[0] : NULL;
    if (format && strcmp(format, "json") != 0 && strcmp(format, "csv") != 0) {
        print_error("--format is json or csv, not '%s'", format);
        code = EXIT_USAGE;
    } else if (csv || (format && !strcmp(format, "csv"))) {
        code = export_csv(&common, argument, &out);
    } else {
        code = export_json(&common, argument, &out);
    }
    options_release(&line);
    return code;
}

/* "-" is standard input. The text is malloc'ed; NULL after a message, *code then tells why. */
static char *read_all(const char *path, size_t *size, int *code)
{
    FILE *file = strcmp(path, "-") ? fopen(path, "rb") : stdin;
    char *text = NULL;
    size_t capacity = 0, got = 1;
    *size = 0;
    *code = EXIT_OK;
    while (file && got) {
        if (*size == capacity) {
            capacity = capacity ? 2 * capacity : 1 << 16;
            char *grown = realloc(text, capacity);
            if (!grown) {
                print_error("out of memory");
                *code = EXIT_FAILED;
                break;
            }
            text = grown;
        }
        got = fread(text + *size, 1, capacity - *size, file);
        *size += got;
    }
    if (!file || ferror(file)) {
        print_error("%s: %s", path, strerror(errno));
        *code = !file && errno == ENOENT ? EXIT_NOT_FOUND : EXIT_STORAGE;
    }
    if (file && file != stdin) {
        fclose(file);
    }
    if (*code) {
        free(text);
        text = NULL;
    }
    return text;
}

static int import_file(const common_options *common, const char *path)
{
    hone_error err;
    size_t size;
    int64_t trials = 0;
    int code;
    char *text = read_all(path, &size, &code);
    if (text && hone_study_import(resolve_storage(common), common->study, text, size, &trials, &err)) {
        code = fail_with(&err);
    } else if (text && !common->quiet) {
        char *shown = hone_url_shown(resolve_storage(common));
        printf("%lld trials imported into %s\n", (long long)trials, shown ? shown : "");
        hone_free(shown);
    }
    free(text);
    return code;
}

static int study_import(int argc, char **argv)
{
    common_options common = {0};
    const cli_option options[] = {
        {'s', "storage", OPTION_TEXT, &common.storage, "URL", "storage (default: sqlite:///hone.db)"},
        {0, "study", OPTION_TEXT, &common.study, "NAME", "another name for it"},
        LOG_OPTIONS(common),
    };
    command_line line = {.name = "study import",
                         .arguments = "[options] FILE",
                         .summary = "Makes a study of what `hone study export` wrote; - is standard input.",
                         .notes = "examples:\n  hone study import digits.json\n"
                                  "  hone study export a | hone study import - --study b",
                         .options = options,
                         .n_options = COUNT(options),
                         .min_args = 1,
                         .max_args = 1};
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        return code;
    }
    standard_output(&common);
    code = import_file(&common, line.args[0]);
    options_release(&line);
    return code;
}

/* --- copy --- */

static bool is_dump(const char *storage)
{
    size_t size = strlen(storage);
    return size > 5 && !strcmp(storage + size - 5, ".json") && !strstr(storage, "://");
}

static int copy_study(const common_options *common, const char *argument, const char *to,
                      const char *new_name)
{
    hone_error err;
    int64_t trials = 0;
    char *name = NULL;
    const char *from = resolve_storage(common);
    if (!to) {
        print_error("study copy: --to says where: a storage, or a file ending in .json");
        return EXIT_USAGE;
    }
    bool whole = is_dump(from); /* it holds one study */
    int code = whole ? EXIT_OK : resolve_study(common, argument, &from, &name);
    if (!code && hone_study_copy(from, whole ? (argument ? argument : common->study) : name, to, new_name,
                                 &trials, &err)) {
        code = fail_with(&err);
    } else if (!code && !common->quiet) {
        printf("%lld trials copied into %s\n", (long long)trials, to);
    }
    free(name);
    return code;
}

static int study_copy(int argc, char **argv)
{
    common_options common = {0};
    const char *to = NULL, *name = NULL;
    const cli_option options[] = {
        {0, "to", OPTION_TEXT, &to, "URL", "storage, or a file FILE.json, that gets the copy"},
        {0, "name", OPTION_TEXT, &name, "NAME", "another name for the copy"},
        STUDY_OPTIONS(common),
        LOG_OPTIONS(common),
    };
    command_line line = {
        .name = "study copy",
        .arguments = "[options] [STUDY | STORAGE]",
        .summary = "Copies a study with everything to another storage, or to and from a file.",
        .notes =
            "The copy is there whole or not at all; a study of that name, or the file, is never overwritten.\n"
            "\n"
            "examples:\n"
            "  hone study copy digits --to sqlite:///backup.db\n"
            "  hone study copy digits --to digits.json\n"
            "  hone study copy --storage digits.json --to sqlite:///new.db --name digits-2",
        .options = options,
        .n_options = COUNT(options),
        .max_args = 1};
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        return code;
    }
    standard_output(&common);
    code = copy_study(&common, line.n_args ? line.args[0] : NULL, to, name);
    options_release(&line);
    return code;
}

/* --- which --- */

static const cli_command actions[] = {
    {"list", study_list, "the studies of a storage"},
    {"show", study_show, "goal, sampler, parameters and trials of one"},
    {"create", study_create, "make one, to be asked by hand"},
    {"delete", study_delete, "remove one with its trials"},
    {"copy", study_copy, "copy one to another storage"},
    {"export", study_export, "write one as JSON or CSV"},
    {"import", study_import, "read one that was exported"},
};

static int list_actions(void)
{
    puts("usage: hone study ACTION [options]\n\nLists, shows, makes, removes and moves studies.\n\nactions:");
    for (size_t i = 0; i < COUNT(actions); i++) {
        printf("  %-8s %s\n", actions[i].name, actions[i].help);
    }
    puts("\n`hone study ACTION --help` says more.\n\nexamples:\n  hone study list\n  hone study show digits");
    return EXIT_OK;
}

int command_study(int argc, char **argv)
{
    const char *names[COUNT(actions)];
    if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
        return list_actions();
    }
    for (size_t i = 0; i < COUNT(actions); i++) {
        names[i] = actions[i].name;
        if (!strcmp(argv[1], names[i])) {
            return actions[i].run(argc - 1, argv + 1);
        }
    }
    const char *near = hone_nearest_name(argv[1], names, COUNT(actions));
    if (near) {
        print_error("study: no action '%s' (did you mean '%s'?)", argv[1], near);
    } else {
        print_error("study: no action '%s'; there are list, show, create, delete, copy, export, import",
                    argv[1]);
    }
    return EXIT_USAGE;
}
