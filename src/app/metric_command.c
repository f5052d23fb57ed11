#include "app/metric_command.h"

#include <math.h>
#include <string.h>

#include "app/plan_reader.h"
#include "base/buffer.h"
#include "base/number.h"
#include "base/os_process.h"
#include "run/metrics.h"

enum { USUAL_SECONDS = 60, MOST_OUTPUT = 64 << 10, ERROR_TAIL = 600, MOST_SHOWN = 200 };

/* --- definitions --- */

/* What stands for a placeholder; unknown: the first that is none. */
typedef struct places {
    const char *unknown;
} places;

static const char *place(void *user, const char *name)
{
    places *p = user;
    if (strcmp(name, "file") != 0 && !p->unknown) {
        p->unknown = name;
    }
    return HN_PROCESS_INPUT_FILE;
}

static hone_status make_command(const hn_reader *reader, bool shell, hn_metric_command *command,
                                hone_error *err)
{
    const hn_node *node = hn_reader_get(reader, "command");
    places p = {0};
    char **argv;
    size_t argc;
    hone_status status;
    if (!node) {
        return hn_fail_at(err, HONE_INVALID, reader->map->at, "%s: command is missing", reader->what);
    }
    if (node->kind == HN_LIST && !shell) {
        const char *const *words = NULL;
        size_t n = 0;
        status = hn_read_texts(reader, "command", &words, &n, err);
        if (!status) {
            status = hn_template_from_list(words, n, node->at, &command->made, err);
        }
    } else if (node->kind == HN_STRING) {
        status = (shell ? hn_template_from_shell : hn_template_from_string)(node->as.string, node->at,
                                                                            &command->made, err);
    } else {
        return hn_reader_wrong(reader, "command", node,
                               shell ? "one text, as it is for a shell" : "a text or a list of words", err);
    }
    if (!status) {
        status = hn_template_expand(command->made, place, &p, reader->arena, &argv, &argc, err);
    }
    if (!status && argc == 0) {
        status = hn_fail_at(err, HONE_INVALID, node->at, "%s: command is empty", reader->what);
    }
    if (!status && p.unknown) {
        status =
            hn_fail_at(err, HONE_INVALID, node->at,
                       "%s: {%s} has no meaning here: {file} is the table, and literal braces are {{ and }}",
                       reader->what, p.unknown);
    }
    return status;
}

static hone_status read_direction(const hn_reader *reader, bool *maximize, hone_error *err)
{
    const char *direction = "maximize";
    hone_status status = hn_read_text(reader, "direction", &direction, err);
    *maximize = !strcmp(direction, "maximize");
    if (!status && !*maximize && strcmp(direction, "minimize") != 0) {
        status = hn_reader_wrong(reader, "direction", hn_reader_get(reader, "direction"),
                                 "maximize or minimize", err);
    }
    return status;
}

static hone_status read_command(hn_arena *arena, const hn_node *map, hn_metric_command *command,
                                hone_error *err)
{
    static const char *const keys[] = {"name", "command", "direction", "probabilities", "timeout", "shell"};
    hn_reader reader = {arena, map, "metrics"};
    bool shell = false;
    command->seconds = USUAL_SECONDS;
    hone_status status = hn_map_check_keys(map, "metrics", keys, sizeof keys / sizeof *keys, err);
    if (!status) {
        status = hn_read_text(&reader, "name", &command->name, err);
    }
    if (!status && !command->name) {
        status = hn_fail_at(err, HONE_INVALID, map->at, "metrics: name is missing");
    }
    if (!status) {
        status = read_direction(&reader, &command->maximize, err);
    }
    if (!status) {
        status = hn_read_bool(&reader, "probabilities", &command->probabilities, err);
    }
    if (!status) {
        status = hn_read_bool(&reader, "shell", &shell, err);
    }
    if (!status) {
        status = hn_read_duration(&reader, "timeout", &command->seconds, err);
    }
    if (!status && !(command->seconds > 0)) {
        status =
            hn_reader_wrong(&reader, "timeout", hn_reader_get(&reader, "timeout"), "a time above 0", err);
    }
    return status ? status : make_command(&reader, shell, command, err);
}

hone_status hn_metric_commands_read(hn_arena *arena, const hn_node *metrics, hn_metric_commands *commands,
                                    hone_error *err)
{
    hn_node *node = hn_node_list(arena);
    bool list = metrics && metrics->kind == HN_LIST;
    size_t most = list ? metrics->count : metrics != NULL;
    *commands = (hn_metric_commands){.list = HN_ARENA_NEW(arena, hn_metric_command, most)};
    hone_status status = commands->list && node ? HONE_OK : hn_out_of_memory(err);
    for (size_t i = 0; !status && i < most; i++) {
        const hn_node *item = list ? metrics->as.items[i] : metrics;
        if (item->kind != HN_MAP) {
            continue;
        }
        status = read_command(arena, item, &commands->list[commands->n++], err);
        if (!status && !(node = hn_list_append(arena, node, hn_node_copy(arena, item)))) {
            status = hn_out_of_memory(err);
        }
    }
    commands->node = node;
    return status;
}

void hn_metric_commands_release(hn_metric_commands *commands)
{
    for (size_t i = 0; i < commands->n; i++) {
        hn_template_destroy(commands->list[i].made);
    }
    *commands = (hn_metric_commands){0};
}

/* --- one run --- */

/* The last value printed under the metric's name. */
typedef struct wanted {
    const char *name;
    bool found;
    double value;
} wanted;

static void look(void *user, int64_t step, const char *name, double value)
{
    wanted *w = user;
    (void)step;
    if (!strcmp(name, w->name)) {
        w->found = true;
        w->value = value;
    }
}

/* A text of the program's for a message: one line, nothing that moves a cursor. */
static const char *clean(hn_buffer *text)
{
    size_t size = strlen(hn_buffer_string(text));
    while (size && strchr(" \t\r\n", text->data[size - 1])) {
        text->data[--size] = '\0';
    }
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text->data[i];
        text->data[i] = c < ' ' || c == 0x7f ? ' ' : text->data[i];
    }
    return hn_buffer_string(text);
}

/* A number and nothing else, or name=value as the programs of trials print it. */
static hone_status read_value(const hn_metric_command *command, hn_buffer *output, wanted *w, hone_error *err)
{
    const char *text = hn_buffer_string(output);
    size_t size = strlen(text), from = strspn(text, " \t\r\n");
    while (size > from && strchr(" \t\r\n", text[size - 1])) {
        size--;
    }
    w->found = size > from && hn_parse_double(text + from, size - from, true, &w->value);
    if (w->found) {
        return HONE_OK;
    }
    hn_metric_reader *reader = NULL;
    hone_status status = hn_metric_reader_create(NULL, 0, look, w, &reader, err);
    if (!status) {
        hn_metric_reader_feed(reader, text, strlen(text));
        hn_metric_reader_finish(reader);
    }
    hn_metric_reader_destroy(reader);
    if (!status && !w->found) {
        text = clean(output);
        status = hn_fail(
            err, HONE_OBJECTIVE, "metric %s: its program must print a number or %s=number, printed %s%.*s%s",
            command->name, command->name, *text ? "\"" : "nothing", MOST_SHOWN, text, *text ? "\"" : "");
    }
    return status;
}

static hone_status judge(const hn_metric_command *command, const hn_process_end *end, hn_buffer *output,
                         hn_buffer *errors, double *value, hone_error *err)
{
    const char *said = clean(errors), *colon = *said ? ": " : "";
    wanted w = {.name = command->name};
    char time[HN_NUMBER_SIZE];
    hn_format_duration(time, command->seconds);
    if (end->timed_out) {
        return hn_fail(err, HONE_OBJECTIVE, "metric %s: its program took longer than %s (timeout)%s%s",
                       command->name, time, colon, said);
    }
    if (end->signal) {
        return hn_fail(err, HONE_OBJECTIVE, "metric %s: its program was ended by signal %d%s%s",
                       command->name, end->signal, colon, said);
    }
    if (end->status) {
        return hn_fail(err, HONE_OBJECTIVE, "metric %s: its program exited with status %d%s%s", command->name,
                       end->status, colon, said);
    }
    hone_status status = read_value(command, output, &w, err);
    if (!status && !isfinite(w.value)) {
        status = hn_fail(err, HONE_OBJECTIVE, "metric %s: its program printed a value that is not finite%s%s",
                         command->name, colon, said);
    }
    if (!status) {
        *value = w.value;
    }
    return status;
}

hone_status hn_metric_command_run(const hn_metric_command *command, const char *table, size_t size,
                                  double *value, hone_error *err)
{
    static const char *const env[] = {"HONE_PARAM_FILE=" HN_PROCESS_INPUT_FILE, NULL};
    hn_arena scratch = HN_ARENA_INIT;
    hn_buffer output = HN_BUFFER_INIT, errors = HN_BUFFER_INIT;
    hn_process_end end;
    places p = {0};
    char **argv = NULL;
    size_t argc;
    hone_error inner;
    hone_status status = hn_template_expand(command->made, place, &p, &scratch, &argv, &argc, err);
    hn_process process = {.argv = (const char *const *)argv,
                          .env = env,
                          .input = table,
                          .input_size = size,
                          .seconds = command->seconds,
                          .limit = MOST_OUTPUT};
    if (!status) {
        status = hn_process_run(&process, &output, &errors, &end, &inner);
        if (status) {
            status = hn_fail(err, status == HONE_OUT_OF_MEMORY ? status : HONE_OBJECTIVE, "metric %s: %s",
                             command->name, inner.message);
        }
    }
    if (!status && errors.size > ERROR_TAIL) {
        hn_buffer_consume(&errors, errors.size - ERROR_TAIL);
    }
    if (!status) {
        status = judge(command, &end, &output, &errors, value, err);
    }
    hn_buffer_release(&output);
    hn_buffer_release(&errors);
    hn_arena_release(&scratch);
    return status;
}
