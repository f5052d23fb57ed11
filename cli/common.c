#include "common.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* --- messages --- */

void print_error(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fflush(stdout);
    fputs("hone: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

int exit_code(hone_status status)
{
    switch (status) {
    case HONE_OK: return EXIT_OK;
    case HONE_INVALID:
    case HONE_PARSE:
    case HONE_EXISTS:
    case HONE_CONFLICT:
    case HONE_UNSUPPORTED:
    case HONE_LIMIT: return EXIT_USAGE;
    case HONE_NOT_FOUND: return EXIT_NOT_FOUND;
    case HONE_DENIED:
    case HONE_STORAGE:
    case HONE_BUSY:
    case HONE_IO: return EXIT_STORAGE;
    case HONE_CANCELLED: return EXIT_INTERRUPTED;
    case HONE_OBJECTIVE:
    case HONE_OUT_OF_MEMORY:
    case HONE_INTERNAL: break;
    }
    return EXIT_FAILED;
}

int fail_with(const hone_error *err)
{
    print_error("%s", err->message);
    /* A name that a text uses and nothing has is a mistake in that text. */
    return err->status == HONE_NOT_FOUND && err->line ? EXIT_USAGE : exit_code(err->status);
}

/* --- output --- */

static void write_stream(void *user, const char *text, size_t size)
{
    FILE *stream = user;
    fwrite(text, 1, size, stream);
    fflush(stream);
}

static int terminal_columns(int descriptor)
{
    const char *variable = getenv("COLUMNS");
    long columns = variable ? strtol(variable, NULL, 10) : 0;
    struct winsize size;
    if (columns <= 0 && !ioctl(descriptor, TIOCGWINSZ, &size)) {
        columns = size.ws_col;
    }
    return columns > 0 && columns < 10000 ? (int)columns : 0;
}

/* Only the encoding counts, and it must be said: a C locale stands for ASCII. */
static bool is_ascii_locale(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *locale = NULL;
    for (size_t i = 0; i < COUNT(variables) && !(locale && *locale); i++) {
        locale = getenv(variables[i]);
    }
    return !locale || !(strcasestr(locale, "utf-8") || strcasestr(locale, "utf8"));
}

static hone_sink make_sink(const common_options *common, FILE *stream)
{
    const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
    bool dumb = !term || !strcmp(term, "dumb");
    bool terminal = isatty(fileno(stream)) && !dumb;
    return (hone_sink){
        .write = write_stream,
        .user = stream,
        .terminal = terminal,
        .color = terminal && !common->no_color && !(no_color && *no_color),
        .columns = terminal_columns(fileno(stream)),
        .ascii = is_ascii_locale(),
    };
}

static void log_to_stderr(void *user, const char *level, const char *message)
{
    const common_options *common = user;
    bool warns = !strcmp(level, "error") || !strcmp(level, "warning");
    if (!common->quiet && (warns || common->verbose > 1)) {
        fprintf(stderr, "hone: %s: %s\n", level, message);
    }
}

hone_sink standard_output(const common_options *common)
{
    hone_set_log(log_to_stderr, (void *)common);
    return make_sink(common, stdout);
}

hone_sink standard_error(const common_options *common)
{
    hone_set_log(log_to_stderr, (void *)common);
    return make_sink(common, stderr);
}

hone_format output_format(const common_options *common, bool csv)
{
    return csv ? HONE_FORMAT_CSV : common->json ? HONE_FORMAT_JSON : HONE_FORMAT_TEXT;
}

bool finish_output(void)
{
    errno = 0;
    bool failed = fflush(stdout) || ferror(stdout);
    if (failed && errno != EPIPE) {
        print_error("standard output: %s", errno ? strerror(errno) : "a write failed");
        return false;
    }
    return true;
}

/* --- which study --- */

static bool ends_with(const char *text, const char *ending)
{
    size_t size = strlen(text), tail = strlen(ending);
    return size > tail && !strcmp(text + size - tail, ending);
}

static bool looks_like_storage(const char *text)
{
    return strstr(text, "://") || !strncmp(text, "memory:", 7) || ends_with(text, ".db") ||
           ends_with(text, ".sqlite") || ends_with(text, ".sqlite3");
}

const char *resolve_storage(const common_options *common)
{
    const char *variable = getenv("HONE_STORAGE");
    if (common->storage) {
        return common->storage;
    }
    return variable && *variable ? variable : "sqlite:///hone.db";
}

static int several_studies(const char *storage, const hone_study_info *studies, size_t count)
{
    enum { SHOWN = 8 };
    char *shown = hone_url_shown(storage);
    if (!count) {
        print_error("%s holds no study", shown ? shown : "the storage");
    } else {
        print_error("%s holds %zu studies: say which", shown ? shown : "the storage", count);
    }
    hone_free(shown);
    if (!count) {
        return EXIT_NOT_FOUND;
    }
    for (size_t i = 0; i < count && i < SHOWN; i++) {
        fprintf(stderr, "  %s\n", studies[i].name);
    }
    if (count > SHOWN) {
        fputs("  ...\n", stderr);
    }
    return EXIT_USAGE;
}

/* The only study there is; otherwise a message that lists them. */
static int only_study(const char *storage, char **study)
{
    char *name;
    hone_study_info *studies;
    size_t count;
    hone_error err;
    if (!hone_study_only(storage, &name, NULL)) {
        *study = strdup(name);
        hone_free(name);
        return *study ? EXIT_OK : EXIT_FAILED;
    }
    if (hone_study_list(storage, &studies, &count, &err)) {
        return fail_with(&err);
    }
    int code = several_studies(storage, studies, count);
    hone_study_list_free(studies, count);
    return code;
}

int resolve_study(const common_options *common, const char *argument, const char **storage, char **study)
{
    bool names_storage = argument && looks_like_storage(argument);
    if (names_storage && common->storage) {
        print_error("the argument and --storage both name a storage");
        return EXIT_USAGE;
    }
    if (argument && !names_storage && common->study && strcmp(argument, common->study) != 0) {
        print_error("'%s' and --study %s both name a study", argument, common->study);
        return EXIT_USAGE;
    }
    const char *variable = getenv("HONE_STUDY");
    const char *name = argument && !names_storage ? argument : common->study;
    *storage = names_storage ? argument : resolve_storage(common);
    if (!name && variable && *variable && !names_storage) {
        name = variable;
    }
    if (!name) {
        return only_study(*storage, study);
    }
    *study = strdup(name);
    if (!*study) {
        print_error("out of memory");
        return EXIT_FAILED;
    }
    return EXIT_OK;
}

int open_study(const common_options *common, const char *argument, hone_study **study)
{
    const char *storage;
    char *name = NULL;
    hone_error err;
    int code = resolve_study(common, argument, &storage, &name);
    if (!code && hone_study_open(storage, name, NULL, study, &err)) {
        code = fail_with(&err);
    }
    free(name);
    return code;
}
