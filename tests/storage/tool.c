#include "tool.h"

#include <linux/capability.h>
#include <math.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/os_system.h"
#include "storage/storage.h"

#define TYPE hn_storage_of(storage)

extern char **environ;

/* --- starting --- */

pid_t tool_start(const char *verb, const char *url, long number, FILE **out)
{
    char task[1024];
    char *const arguments[] = {(char *)"storage-tool", NULL};
    int ends[2];
    pid_t pid;
    posix_spawn_file_actions_t actions;
    snprintf(task, sizeof task, "%s %ld %s", verb, number, url);
    setenv("HONE_STORAGE_TOOL", task, 1);
    if (pipe(ends))
        abort();
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn_file_actions_addclose(&actions, ends[1]);
    if (posix_spawn(&pid, hn_program_path(), &actions, NULL, arguments, environ))
        abort();
    posix_spawn_file_actions_destroy(&actions);
    unsetenv("HONE_STORAGE_TOOL");
    close(ends[1]);
    *out = fdopen(ends[0], "r");
    return pid;
}

int tool_wait(pid_t pid)
{
    int code = 0;
    waitpid(pid, &code, 0);
    return WIFSIGNALED(code) ? -WTERMSIG(code) : WEXITSTATUS(code);
}

/* --- what it does --- */

static hone_error err;

static void must(hone_status status)
{
    if (status) {
        printf("%s: %s\n", hone_status_name(status), err.message);
        exit(1);
    }
}

static int64_t make_study(hn_storage *storage, const char *name, size_t n_objectives)
{
    static const hone_direction directions[] = {HONE_MAXIMIZE, HONE_MINIMIZE};
    static const char *const names[] = {"accuracy", "größe"};
    static const hn_attribute attributes[] = {{"owner", "{\"name\": \"m\\u00e9\", \"n\": [1, NaN]}", false}};
    hn_study_row row = {.name = name,
                        .n_objectives = n_objectives,
                        .directions = directions,
                        .metric_names = names,
                        .definition = "{}",
                        .n_attributes = 1,
                        .attributes = attributes};
    int64_t study;
    bool created;
    must(TYPE->study_create(storage, &row, &study, &created, &err));
    return study;
}

static int64_t create(hn_storage *storage, int64_t study, const hn_new_trial *trial)
{
    int64_t id, number;
    must(TYPE->trial_create(storage, study, 1, trial, -1, &id, &number, &err));
    return id;
}

enum { START = 1700000000, SECOND = 1000000 };

/* One of each kind of parameter. */
static const hn_trial_param *all_params(double f_value, size_t choice)
{
    static const hone_value choices[] = {{HONE_NULL, {0}},
                                         {HONE_BOOL, {.boolean = true}},
                                         {HONE_INT, {.integer = 3}},
                                         {HONE_FLOAT, {.real = 0.1}},
                                         {HONE_STRING, {.string = "é\"\\\n"}}};
    static const hn_distribution f = {.kind = HN_FLOAT, .low = -1, .high = 1},
                                 l = {.kind = HN_FLOAT, .low = 1e-5, .high = 1, .log = true},
                                 s = {.kind = HN_FLOAT, .low = 0, .high = 1, .step = 0.25},
                                 i = {.kind = HN_INTEGER, .low = 2, .high = 10, .step = 2},
                                 j = {.kind = HN_INTEGER, .low = 1, .high = 1000, .step = 1, .log = true},
                                 c = {.kind = HN_CATEGORICAL, .n_choices = 5, .choices = choices};
    static hn_trial_param params[] = {{"f", &f, 0}, {"l", &l, 1e-5}, {"s", &s, 0.75},
                                      {"i", &i, 4}, {"j", &j, 999},  {"c", &c, 0}};
    params[0].value = f_value;
    params[5].value = (double)choice;
    return params;
}

/* Complete ones with everything, every kind of value and choice among them. */
static void write_complete(hn_storage *storage, int64_t study)
{
    static const hn_trial_report reports[] = {{0, 0.5}, {1, NAN}, {2, INFINITY}, {7, -INFINITY}};
    static const hn_attribute attributes[] = {{"note", "\"caf\\u00e9\"", false}, {"hone:cost", "0.5", true}};
    static const double values[] = {1.5, INFINITY, -INFINITY, 1e-300};
    static const double feasible[] = {-1, 0}, infeasible[] = {-1, 0.5};
    hn_new_trial trial = {.state = HONE_COMPLETE, .start_us = START * (int64_t)SECOND + 1};
    trial.complete_us = trial.start_us + 2999999;
    trial.n_params = 6;
    trial.n_values = 1;
    trial.n_reports = 4, trial.reports = reports;
    trial.n_constraints = 2;
    trial.n_attributes = 2, trial.attributes = attributes;
    for (size_t k = 0; k < 20; k++) {
        trial.params = all_params((double)k / 20, k % 5);
        trial.values = &values[k % 4];
        trial.constraints = k < 10 ? infeasible : feasible;
        create(storage, study, &trial);
    }
}

static void write_all(hn_storage *storage)
{
    static const hn_attribute fixed[] = {{HN_KEY_FIXED_PARAMS, "{\"f\": 0.5}", true}};
    static const hn_trial_report report = {3, 1.5};
    static const double values[] = {1.5, -INFINITY};
    int64_t study = make_study(storage, "all", 1);
    int64_t start = START * (int64_t)SECOND, end = start + SECOND;
    write_complete(storage, study);
    hn_new_trial pruned = {.state = HONE_PRUNED, .start_us = start, .complete_us = end};
    pruned.n_params = 2, pruned.params = all_params(0.1 + 0.2, 1);
    pruned.n_values = 1, pruned.values = values;
    pruned.n_reports = 1, pruned.reports = &report;
    create(storage, study, &pruned);
    hn_new_trial failed = {.state = HONE_FAILED, .start_us = start, .complete_us = end};
    create(storage, study, &failed);
    hn_new_trial running = {.state = HONE_RUNNING, .start_us = start, .lease = "L", .n_params = 6};
    running.params = all_params(0.5, 2);
    create(storage, study, &running);
    hn_new_trial waiting = {.state = HONE_WAITING, .n_attributes = 1, .attributes = fixed};
    create(storage, study, &waiting);
    hn_new_trial two = {.state = HONE_COMPLETE, .start_us = start, .complete_us = end};
    two.n_values = 2, two.values = values;
    create(storage, make_study(storage, "two", 2), &two);
}

static void json_double(hn_buffer *out, double value)
{
    if (isnan(value))
        hn_buffer_text(out, "NaN");
    else if (isinf(value))
        hn_buffer_text(out, value > 0 ? "Infinity" : "-Infinity");
    else
        hn_buffer_double(out, value);
}

static void json_text(hn_buffer *out, const char *text)
{
    hn_json_write_string(out, text, strlen(text), HN_JSON_PYTHON);
}

static hone_status print_trial(void *user, const hn_trial_record *record, hone_error *error)
{
    hn_buffer *out = user;
    char start[HN_DATETIME_SIZE], end[HN_DATETIME_SIZE];
    (void)error;
    hn_format_datetime(start, record->start_us);
    hn_format_datetime(end, record->complete_us);
    hn_buffer_printf(
        out, "{\"number\": %lld, \"state\": \"%s\", \"start\": \"%s\", \"complete\": \"%s\", \"params\": {",
        (long long)record->number, hone_trial_state_name(record->state), record->start_us ? start : "",
        record->complete_us ? end : "");
    for (size_t i = 0; i < record->n_params; i++) {
        hn_buffer distribution = HN_BUFFER_INIT;
        hn_distribution_write_json(&distribution, record->params[i].distribution);
        hn_buffer_text(out, i ? ", " : "");
        json_text(out, record->params[i].name);
        hn_buffer_text(out, ": [");
        json_double(out, record->params[i].value);
        hn_buffer_printf(out, ", %s]", hn_buffer_string(&distribution));
        hn_buffer_release(&distribution);
    }
    hn_buffer_text(out, "}, \"values\": [");
    for (size_t i = 0; i < record->n_values; i++) {
        hn_buffer_text(out, i ? ", " : "");
        json_double(out, record->values[i]);
    }
    hn_buffer_text(out, "], \"constraints\": [");
    for (size_t i = 0; i < record->n_constraints; i++) {
        hn_buffer_text(out, i ? ", " : "");
        json_double(out, record->constraints[i]);
    }
    hn_buffer_text(out, "], \"reports\": {");
    for (size_t i = 0; i < record->n_reports; i++) {
        hn_buffer_printf(out, "%s\"%lld\": ", i ? ", " : "", (long long)record->reports[i].step);
        json_double(out, record->reports[i].value);
    }
    for (int system = 0; system < 2; system++) {
        hn_buffer_text(out, system ? "}, \"system\": {" : "}, \"user\": {");
        const char *comma = "";
        for (size_t i = 0; i < record->n_attributes; i++) {
            if (record->attributes[i].system != (system == 1))
                continue;
            hn_buffer_text(out, comma);
            json_text(out, record->attributes[i].key);
            hn_buffer_printf(out, ": %s", record->attributes[i].json);
            comma = ", ";
        }
    }
    hn_buffer_text(out, "}},\n");
    return HONE_OK;
}

static void read_all(hn_storage *storage)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_buffer out = HN_BUFFER_INIT;
    hn_study_summary *studies;
    size_t n;
    must(TYPE->study_list(storage, &arena, &studies, &n, &err));
    hn_buffer_char(&out, '{');
    for (size_t i = 0; i < n; i++) {
        hn_buffer_text(&out, i ? ", " : "");
        json_text(&out, studies[i].name);
        hn_buffer_text(&out, ": {\"best\": ");
        json_double(&out, studies[i].has_best ? studies[i].best : NAN);
        hn_buffer_text(&out, ", \"trials\": [");
        must(TYPE->scan(storage, studies[i].id, -1, NULL, 0, print_trial, &out, &err));
        hn_buffer_text(&out, "null]}");
    }
    printf("%s}\n", hn_buffer_string(&out));
    hn_buffer_release(&out);
    hn_arena_release(&arena);
}

typedef struct append_state {
    hn_storage *storage;
    hn_trial_param params[16];
    size_t n_params;
} append_state;

static hone_status take_params(void *user, const hn_trial_record *record, hone_error *error)
{
    append_state *state = user;
    (void)error;
    for (size_t i = 0; i < record->n_params && i < 16 && record->number == 0; i++)
        state->params[state->n_params++] = record->params[i];
    return HONE_OK;
}

static void append_all(hn_storage *storage)
{
    static const double values[HN_STORAGE_MAX_OBJECTIVES] = {0.5, 0.25};
    hn_arena arena = HN_ARENA_INIT;
    hn_study_summary *studies;
    size_t n;
    must(TYPE->study_list(storage, &arena, &studies, &n, &err));
    for (size_t i = 0; i < n; i++) {
        append_state state = {.storage = storage};
        must(TYPE->scan(storage, studies[i].id, -1, NULL, 0, take_params, &state, &err));
        hn_new_trial trial = {.state = HONE_RUNNING,
                              .lease = "L",
                              .start_us = hn_wall_us(),
                              .n_params = state.n_params,
                              .params = state.params};
        hn_trial_update end = {.state = HONE_COMPLETE,
                               .complete_us = hn_wall_us(),
                               .n_values = studies[i].n_objectives,
                               .values = values};
        must(
            TYPE->trial_update(storage, create(storage, studies[i].id, &trial), "L", &end, NULL, NULL, &err));
    }
    hn_arena_release(&arena);
}

/* Ten parameters, five reports, two commits a trial; the number is printed after the second. */
static void loop(hn_storage *storage, long n)
{
    static const hn_distribution unit = {.kind = HN_FLOAT, .low = 0, .high = 1};
    static const char *const names[] = {"p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9"};
    int64_t study = make_study(storage, TOOL_STUDY, 1);
    hn_trial_param params[10];
    hn_trial_report reports[5];
    for (long k = 0; k < n; k++) {
        int64_t id, number;
        for (size_t i = 0; i < 10; i++)
            params[i] = (hn_trial_param){names[i], &unit, (double)((k * 7 + (long)i * 13) % 101) / 101};
        hn_new_trial trial = {
            .state = HONE_RUNNING, .lease = "L", .start_us = hn_wall_us(), .n_params = 10, .params = params};
        must(TYPE->trial_create(storage, study, 1, &trial, -1, &id, &number, &err));
        double value = (double)number;
        for (size_t i = 0; i < 5; i++)
            reports[i] = (hn_trial_report){(int64_t)i, value / (double)(i + 1)};
        hn_trial_update end = {.state = HONE_COMPLETE,
                               .complete_us = hn_wall_us(),
                               .n_values = 1,
                               .values = &value,
                               .n_reports = 5,
                               .reports = reports};
        must(TYPE->trial_update(storage, id, "L", &end, NULL, NULL, &err));
        printf("%lld\n", (long long)number);
        fflush(stdout);
    }
}

static hone_status count_trial(void *user, const hn_trial_record *record, hone_error *error)
{
    (void)record, (void)error;
    ++*(size_t *)user;
    return HONE_OK;
}

static void load(hn_storage *storage)
{
    size_t count = 0;
    int64_t begin = hn_monotonic_ns();
    must(TYPE->scan(storage, make_study(storage, TOOL_STUDY, 1), -1, NULL, 0, count_trial, &count, &err));
    printf("%zu trials in %.3f s\n", count, (double)(hn_monotonic_ns() - begin) / 1e9);
}

static void try_to_write(hn_storage *storage)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_study_summary *studies;
    hn_study_row row = {.name = "new", .n_objectives = 1, .directions = &(hone_direction){HONE_MINIMIZE}};
    int64_t study;
    bool created;
    size_t n;
    must(TYPE->study_list(storage, &arena, &studies, &n, &err));
    printf("read %zu studies\n", n);
    must(TYPE->study_create(storage, &row, &study, &created, &err));
    hn_arena_release(&arena);
}

/* What root may beyond other users; of the same user, so that the folder may be anywhere. */
static bool drop_privileges(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
    return syscall(SYS_capset, &header, none) == 0;
}

static void run(const char *verb, const char *url, long number)
{
    hn_storage *storage;
    if (strcmp(verb, "open") == 0 && !drop_privileges())
        exit(2);
    must(hn_storage_open(url, strcmp(verb, "open") != 0, &storage, &err));
    if (strcmp(verb, "write") == 0)
        write_all(storage);
    else if (strcmp(verb, "read") == 0)
        read_all(storage);
    else if (strcmp(verb, "append") == 0)
        append_all(storage);
    else if (strcmp(verb, "loop") == 0)
        loop(storage, number);
    else if (strcmp(verb, "load") == 0)
        load(storage);
    else if (strcmp(verb, "open") == 0)
        try_to_write(storage);
    else
        exit(2);
    hn_storage_close(storage);
}

__attribute__((constructor)) static void begin(void)
{
    char verb[32], url[512];
    long number = 0;
    const char *task = getenv("HONE_STORAGE_TOOL");
    if (!task)
        return;
    if (sscanf(task, "%31s %ld %511[^\n]", verb, &number, url) < 3)
        exit(2);
    run(verb, url, number);
    exit(0);
}
