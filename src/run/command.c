/* Objective type `command`: a trial is one run of the user's program. */
#include "run/command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/os_file.h"
#include "base/text_map.h"
#include "run/environment.h"
#include "run/guard.h"
#include "run/metrics.h"
#include "run/trial_log.h"

enum { MAX_OTHER_METRICS = 64, MARKER_SIZE = HN_RUN_ID_SIZE + 24 };

/* One run of the program: made by start, gone when its end is told. */
typedef struct attempt {
    struct command *command;
    hn_slot *slot;
    hn_child *child;
    hn_arena arena;
    const char *folder, *checkpoint_dir, *params_file;
    char marker[MARKER_SIZE];
    hn_trial_log log;
    hn_metric_reader *readers[2]; /* standard output, standard error */
    hn_text_map names;            /* of the metrics seen; the wanted ones come first */
    double *values;
    bool *seen;
    bool stopped;
    hn_stop_reason reason;
} attempt;

typedef struct command {
    const hn_command_config *config;
    uv_loop_t *loop;
    int slots;
    attempt **running; /* by slot, NULL = free */
    hn_guard *guard;
    char run_id[HN_RUN_ID_SIZE];
} command;

/* --- metrics --- */

static void metric_seen(void *user, int64_t step, const char *name, double value)
{
    attempt *run = user;
    size_t i = hn_text_map_find(&run->names, name);
    if (i == HN_TEXT_MAP_NONE && run->names.count < run->command->config->n_metrics + MAX_OTHER_METRICS) {
        i = hn_text_map_intern(&run->names, name);
    }
    if (i == HN_TEXT_MAP_NONE) {
        return;
    }
    run->values[i] = value;
    run->seen[i] = true;
    if (!run->stopped) {
        hn_slot_report(run->slot, step, name, value);
    }
}

static hone_status make_readers(attempt *run, hone_error *err)
{
    const hn_command_config *config = run->command->config;
    size_t n = config->n_metrics + MAX_OTHER_METRICS;
    run->values = HN_ARENA_NEW(&run->arena, double, n);
    run->seen = HN_ARENA_NEW(&run->arena, bool, n);
    if (!run->values || !run->seen) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < config->n_metrics; i++) {
        if (hn_text_map_intern(&run->names, config->metrics[i]) == HN_TEXT_MAP_NONE) {
            return hn_out_of_memory(err);
        }
    }
    hone_status status = HONE_OK;
    for (int i = 0; i < 2 && !status; i++) {
        status = hn_metric_reader_create(config->patterns, config->n_patterns, metric_seen, run,
                                         &run->readers[i], err);
    }
    return status;
}

/* --- what the program gets --- */

static const char *value_of(void *user, const char *name)
{
    attempt *run = user;
    const hone_trial *trial = hn_slot_trial(run->slot);
    const char *number = NULL;
    hone_value value;
    if (!strcmp(name, "trial")) {
        number = hn_arena_printf(&run->arena, "%lld", (long long)hone_trial_number(trial));
    } else if (!strcmp(name, "seed")) {
        number = hn_arena_printf(
            &run->arena, "%llu",
            (unsigned long long)hn_trial_seed(run->command->config->seed, hone_trial_number(trial)));
    } else if (!strcmp(name, "budget")) {
        number = hn_arena_printf(&run->arena, "%lld", (long long)hone_trial_budget(trial));
    } else if (!strcmp(name, "resume_step")) {
        number = hn_arena_printf(&run->arena, "%lld", (long long)hone_trial_resume_step(trial));
    } else if (!strcmp(name, "checkpoint_dir")) {
        return run->checkpoint_dir;
    } else if (!strcmp(name, "params_file")) {
        return run->params_file;
    } else if (!strcmp(name, "log_dir")) {
        return run->folder;
    } else if (!hone_trial_get(trial, name, &value, NULL)) {
        return hn_value_text(&run->arena, value);
    }
    return number;
}

/* Of a size that is written in one go; read by a program started afterwards, so that it need not reach the
 * disk. */
static hone_status write_params(attempt *run, hone_error *err)
{
    hn_buffer json = HN_BUFFER_INIT;
    hn_node *params = hn_trial_params_node(&run->arena, hn_slot_trial(run->slot));
    hone_status status = HONE_OK;
    if (params) {
        hn_json_write(&json, params, HN_JSON_PYTHON);
        hn_buffer_char(&json, '\n');
    }
    if (!params || hn_buffer_failed(&json)) {
        status = hn_out_of_memory(err);
        goto done;
    }
    int file = open(run->params_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    errno = file < 0 ? errno : 0;
    if (file < 0 || write(file, json.data, json.size) != (ssize_t)json.size) {
        status = hn_fail_errno(err, HONE_IO, "cannot write %s", run->params_file);
    }
    if (file >= 0) {
        close(file);
    }
done:
    hn_buffer_release(&json);
    return status;
}

static hone_status make_folder(attempt *run, hone_error *err)
{
    hone_status status = hn_slot_folder(run->slot, &run->folder, err);
    if (status) {
        return status;
    }
    run->checkpoint_dir = hn_arena_printf(&run->arena, "%s/checkpoint", run->folder);
    run->params_file = hn_arena_printf(&run->arena, "%s/params.json", run->folder);
    if (!run->checkpoint_dir || !run->params_file) {
        return hn_out_of_memory(err);
    }
    status = hn_make_directories(run->checkpoint_dir, err);
    return status ? status : write_params(run, err);
}

static hone_status make_environment(attempt *run, const char ***list, hone_error *err)
{
    const hn_command_config *config = run->command->config;
    hn_environment environment = {.arena = &run->arena};
    char name[HN_VARIABLE_SIZE];
    hone_named_value param;
    for (size_t i = 0; i < config->n_env; i++) {
        hn_environment_put(&environment, config->env[i]);
    }
    if (config->n_gpus) {
        size_t slot = (size_t)hn_slot_index(run->slot);
        hn_environment_set(&environment, "CUDA_VISIBLE_DEVICES", config->gpus[slot % config->n_gpus]);
    }
    for (size_t i = 0; hone_trial_param(hn_slot_trial(run->slot), i, &param); i++) {
        hn_environment_set(&environment, hn_template_variable(param.name, name),
                           hn_value_text(&run->arena, param.value));
    }
    for (size_t i = 0; hn_template_builtins[i]; i++) {
        const char *builtin = hn_template_builtins[i];
        hn_environment_set(&environment, hn_template_variable(builtin, name), value_of(run, builtin));
    }
    hn_environment_set(&environment, "HONE_STUDY", config->study ? config->study : "");
    hn_environment_set(&environment, "HONE_RUN_ID", run->marker);
    return hn_environment_list(&environment, list, err);
}

static const char *title_of(attempt *run, char **argv, size_t argc)
{
    hn_buffer line = HN_BUFFER_INIT;
    for (size_t i = 0; i < argc; i++) {
        hn_buffer_printf(&line, "%s%s", i ? " " : "", argv[i]);
    }
    const char *title = hn_arena_strdup(&run->arena, hn_buffer_string(&line));
    hn_buffer_release(&line);
    return title ? title : "";
}

/* --- the end of a run --- */

static void free_attempt(attempt *run)
{
    if (!run) {
        return;
    }
    hn_child_destroy(run->child);
    hn_trial_log_close(&run->log);
    hn_metric_reader_destroy(run->readers[0]);
    hn_metric_reader_destroy(run->readers[1]);
    hn_text_map_release(&run->names);
    hn_arena_release(&run->arena);
    hn_free(run);
}

static const char *why_stopped(hn_stop_reason reason)
{
    return reason == HN_STOP_TIMEOUT ? "it ran longer than a trial may" : "interrupted";
}

/* "exit status 3; last line: ValueError: ..." */
static void describe_end(const attempt *run, int64_t status, int signal, char *out, size_t size)
{
    char line[512];
    const char *name = signal ? sigabbrev_np(signal) : NULL;
    hn_trial_log_last_line(&run->log, line, sizeof line);
    const char *separator = *line ? "; last line: " : "; it printed nothing";
    if (signal) {
        snprintf(out, size, "killed by signal %d (SIG%s)%s%s", signal, name ? name : "?", separator, line);
    } else {
        snprintf(out, size, "exit status %lld%s%s", (long long)status, separator, line);
    }
}

static size_t gather_metrics(attempt *run, hn_metric *metrics)
{
    size_t n = 0;
    for (size_t i = 0; i < run->names.count; i++) {
        if (run->seen[i]) {
            metrics[n++] = (hn_metric){run->names.keys[i], run->values[i]};
        }
    }
    return n;
}

static void child_ended(void *user, int64_t status, int signal)
{
    attempt *run = user;
    char message[HONE_MESSAGE_SIZE];
    hn_ending ending = {.state = HONE_COMPLETE};
    hn_metric_reader_finish(run->readers[0]);
    hn_metric_reader_finish(run->readers[1]);
    hn_metric *metrics = HN_ARENA_NEW(&run->arena, hn_metric, run->names.count + 1);
    if (run->stopped && run->reason == HN_STOP_PRUNED) {
        ending.state = HONE_PRUNED;
    } else if (run->stopped) {
        ending = (hn_ending){.state = HONE_FAILED,
                             .message = why_stopped(run->reason),
                             .retry = run->reason == HN_STOP_TIMEOUT};
    } else if (status || signal) {
        describe_end(run, status, signal, message, sizeof message);
        ending = (hn_ending){.state = HONE_FAILED, .message = message, .retry = signal != 0};
    } else if (!metrics) {
        ending = (hn_ending){.state = HONE_FAILED, .message = "out of memory"};
    }
    if (metrics) {
        ending.n_metrics = gather_metrics(run, metrics);
        ending.metrics = metrics;
    }
    run->command->running[hn_slot_index(run->slot)] = NULL;
    hn_slot_finish(run->slot, &ending);
    free_attempt(run);
}

static void child_output(void *user, int fd, const char *bytes, size_t size)
{
    attempt *run = user;
    hn_trial_log_write(&run->log, fd, bytes, size);
    hn_metric_reader_feed(run->readers[fd - 1], bytes, size);
}

/* --- the contract --- */

static hone_status launch(attempt *run, hone_error *err)
{
    static const hn_child_callbacks callbacks = {child_output, child_ended};
    const hn_command_config *config = run->command->config;
    const char **env = NULL;
    char **argv = NULL;
    size_t argc = 0;
    hone_status status = make_readers(run, err);
    if (!status) {
        status = make_folder(run, err);
    }
    if (!status) {
        status = hn_template_expand(config->command, value_of, run, &run->arena, &argv, &argc, err);
    }
    if (!status) {
        status = make_environment(run, &env, err);
    }
    if (status) {
        return status;
    }
    hn_trial_log_open(&run->log, run->folder, hn_slot_attempt(run->slot), title_of(run, argv, argc),
                      config->log_limit_bytes);
    hn_child_spec spec = {.argv = (const char *const *)argv,
                          .env = env,
                          .cwd = config->cwd,
                          .marker = run->marker,
                          .inherit_fd = -1,
                          .grace_seconds = config->grace_seconds,
                          .memory_limit_bytes = config->memory_limit_bytes,
                          .policy = &config->policy};
    return hn_child_start(run->command->loop, &spec, &callbacks, run, &run->child, err);
}

static hone_status start(void *state, hn_slot *slot, hone_error *err)
{
    command *self = state;
    attempt *run = hn_calloc(1, sizeof *run);
    if (!run) {
        return hn_out_of_memory(err);
    }
    run->command = self;
    run->slot = slot;
    run->log.file = -1;
    snprintf(run->marker, sizeof run->marker, "%s-%lld", self->run_id,
             (long long)hone_trial_number(hn_slot_trial(slot)));
    hone_status status = launch(run, err);
    if (status) {
        free_attempt(run);
        return status;
    }
    self->running[hn_slot_index(slot)] = run;
    return HONE_OK;
}

static void stop(void *state, hn_slot *slot, hn_stop_reason reason)
{
    command *self = state;
    attempt *run = self->running[hn_slot_index(slot)];
    if (run && !run->stopped) {
        run->stopped = true;
        run->reason = reason;
        hn_child_stop(run->child);
    }
}

static void close_command(void *state)
{
    command *self = state;
    for (int i = 0; self->running && i < self->slots; i++) {
        free_attempt(self->running[i]);
    }
    hn_guard_end(self->guard);
    hn_free(self->running);
}

static hone_status open_command(void *state, const void *config, uv_loop_t *loop, int slots, hone_error *err)
{
    command *self = state;
    self->config = config;
    self->loop = loop;
    self->slots = slots;
    hone_status status = hn_run_id_new(self->run_id, err);
    self->running = hn_calloc((size_t)slots, sizeof *self->running);
    if (!status && !self->running) {
        status = hn_out_of_memory(err);
    }
    if (!status) {
        hn_child_policy_apply(&self->config->policy);
        status = hn_guard_start(loop, &self->config->policy, self->run_id, &self->guard, err);
    }
    if (status) {
        hn_free(self->running);
    }
    return status;
}

hone_status hn_command_check(const hn_command_config *config, hone_error *err)
{
    for (size_t i = 0; i < config->n_env; i++) {
        const char *equals = strchr(config->env[i], '=');
        if (!equals || equals == config->env[i]) {
            return hn_fail(err, HONE_INVALID, "environment '%s': write NAME=value", config->env[i]);
        }
    }
    if (config->memory_limit_bytes && !config->policy.shim) {
        return hn_fail(err, HONE_UNSUPPORTED, "a memory limit needs the program hone to start the trials");
    }
    if (config->cwd && !hn_is_directory(config->cwd)) {
        return hn_fail(err, HONE_NOT_FOUND, "the folder '%s' to run in does not exist", config->cwd);
    }
    hn_metric_reader *reader = NULL;
    hone_status status =
        hn_metric_reader_create(config->patterns, config->n_patterns, metric_seen, NULL, &reader, err);
    hn_metric_reader_destroy(reader);
    return status;
}

const hn_objective_type hn_objective_command = {
    .name = "command",
    .state_size = sizeof(command),
    .open = open_command,
    .close = close_command,
    .start = start,
    .stop = stop,
};
