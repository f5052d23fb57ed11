/* Objective type `worker`: trials run one after another in persistent processes, one per slot. */
#include "run/worker.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "run/environment.h"
#include "run/guard.h"
#include "run/trial_log.h"

enum { MAX_LINE = 1 << 20, MARKER_SIZE = HN_RUN_ID_SIZE + 16 };

/* The process of a slot, and the trial it runs. */
typedef struct crew {
    struct workers *workers;
    int index;
    hn_child *child; /* NULL: started when it is needed */
    hn_slot *slot;   /* NULL: idle */
    hn_buffer line;  /* of its answers, the part that came */
    hn_trial_log log;
    bool stopped;
    hn_stop_reason reason;
    uv_timer_t grace;    /* for a stopped trial to end by itself */
    char complaint[256]; /* about what it said; it is killed for it */
} crew;

typedef struct workers {
    const hn_worker_config *config;
    uv_loop_t *loop;
    int slots;
    crew *crews;
    int timers; /* open handles */
    hn_guard *guard;
    char run_id[HN_RUN_ID_SIZE];
} workers;

/* --- the end of a trial --- */

/* The pruner's verdict goes before what the worker makes of it. */
static void finish(crew *self, const hn_ending *ending)
{
    hn_slot *slot = self->slot;
    hn_ending pruned = *ending;
    uv_timer_stop(&self->grace);
    if (self->stopped && self->reason == HN_STOP_PRUNED) {
        pruned.state = HONE_PRUNED;
        pruned.message = NULL;
        pruned.retry = false;
    }
    if (self->child) {
        hn_child_drain_errors(self->child);
    }
    self->slot = NULL;
    hn_trial_log_close(&self->log);
    hn_slot_finish(slot, &pruned);
}

static void fail(crew *self, const char *message, bool retry)
{
    finish(self, &(hn_ending){.state = HONE_FAILED, .message = message, .retry = retry});
}

/* Its process ended while it ran a trial. */
static void end_with_process(crew *self, int64_t status, int signal)
{
    char message[HONE_MESSAGE_SIZE], line[512];
    const char *name = signal ? sigabbrev_np(signal) : NULL;
    hn_trial_log_last_line(&self->log, line, sizeof line);
    const char *separator = *line ? "; last line: " : "";
    if (self->stopped && self->reason == HN_STOP_PRUNED) {
        finish(self, &(hn_ending){.state = HONE_PRUNED});
    } else if (self->stopped) {
        fail(self, self->reason == HN_STOP_TIMEOUT ? "it ran longer than a trial may" : "interrupted",
             self->reason == HN_STOP_TIMEOUT);
    } else if (*self->complaint) {
        fail(self, self->complaint, false);
    } else if (signal) {
        snprintf(message, sizeof message, "its worker was killed by signal %d (SIG%s)%s%s", signal,
                 name ? name : "?", separator, line);
        fail(self, message, true);
    } else {
        snprintf(message, sizeof message, "its worker ended with exit status %lld%s%s", (long long)status,
                 separator, line);
        fail(self, message, false);
    }
}

static void child_ended(void *user, int64_t status, int signal)
{
    crew *self = user;
    hn_child_destroy(self->child);
    self->child = NULL;
    hn_buffer_clear(&self->line);
    if (self->slot) {
        end_with_process(self, status, signal);
    }
}

/* --- answers --- */

static bool number_of(const hn_node *node, double *value)
{
    if (node && node->kind == HN_STRING) {
        return hn_parse_double(node->as.string, node->count, true, value);
    }
    return node && hn_node_double(node, value);
}

static bool answer_report(crew *self, const hn_node *report)
{
    const hn_node *metric = hn_map_get(report, "metric"), *at = hn_map_get(report, "step");
    int64_t step = -1;
    double value;
    if (!metric || metric->kind != HN_STRING || (at && !hn_node_int(at, &step)) ||
        !number_of(hn_map_get(report, "value"), &value)) {
        return false;
    }
    hn_slot_report(self->slot, step, metric->as.string, value);
    return true;
}

static const char *json_of(hn_arena *arena, const hn_node *node)
{
    hn_buffer text = HN_BUFFER_INIT;
    hn_json_write(&text, node, HN_JSON_STRICT);
    const char *json = hn_buffer_failed(&text) ? NULL : hn_arena_strdup(arena, hn_buffer_string(&text));
    hn_buffer_release(&text);
    return json;
}

/* NULL when memory is out. */
static const hn_note *read_notes(const hn_node *map, hn_arena *arena)
{
    hn_note *notes = HN_ARENA_NEW(arena, hn_note, map->count + 1);
    for (size_t i = 0; notes && i < map->count; i++) {
        notes[i].key = map->as.entries[i].key;
        notes[i].json = json_of(arena, map->as.entries[i].value);
        if (!notes[i].json) {
            return NULL;
        }
    }
    return notes;
}

static bool answer_done(crew *self, const hn_node *done, hn_arena *arena)
{
    const hn_node *map = hn_map_get(done, "metrics"), *notes = hn_map_get(done, "notes");
    if (!map || map->kind != HN_MAP || (notes && notes->kind != HN_MAP)) {
        return false;
    }
    hn_ending ending = {.state = HONE_COMPLETE, .n_metrics = map->count};
    hn_metric *metrics = HN_ARENA_NEW(arena, hn_metric, map->count + 1);
    for (size_t i = 0; metrics && i < map->count; i++) {
        metrics[i].name = map->as.entries[i].key;
        if (!number_of(map->as.entries[i].value, &metrics[i].value)) {
            return false;
        }
    }
    if (!metrics) {
        return false;
    }
    ending.metrics = metrics;
    ending.notes = notes ? read_notes(notes, arena) : NULL;
    ending.n_notes = ending.notes ? notes->count : 0;
    finish(self, &ending);
    return true;
}

/* False when the line is not understood. */
static bool answer(crew *self, const char *text, size_t size)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *line = NULL;
    bool understood = false;
    if (!hn_json_parse(&arena, "worker", text, size, &line, NULL) && line->kind == HN_MAP &&
        line->count == 1) {
        const hn_map_entry *entry = &line->as.entries[0];
        if (!strcmp(entry->key, "report")) {
            understood = answer_report(self, entry->value);
        } else if (!strcmp(entry->key, "progress")) {
            hn_slot_progress(self->slot, entry->value);
            understood = true;
        } else if (!strcmp(entry->key, "retrained") && entry->value->kind == HN_STRING) {
            hn_slot_retrained(self->slot, entry->value->as.string);
            understood = true;
        } else if (!strcmp(entry->key, "done")) {
            understood = answer_done(self, entry->value, &arena);
        } else if (!strcmp(entry->key, "failed") && entry->value->kind == HN_STRING) {
            fail(self, entry->value->as.string, false);
            understood = true;
        }
    }
    hn_arena_release(&arena);
    return understood;
}

/* A worker that does not keep to the lines is not to be trusted with another trial. */
static void distrust(crew *self, const char *text, size_t size)
{
    snprintf(self->complaint, sizeof self->complaint, "its worker answered what is not understood: %.*s",
             (int)(size < 150 ? size : 150), text);
    hn_child_kill(self->child);
}

static void read_answers(crew *self, const char *bytes, size_t size)
{
    size_t at = 0;
    hn_buffer_append(&self->line, bytes, size);
    const char *text = hn_buffer_string(&self->line);
    for (const char *end; (end = memchr(text + at, '\n', self->line.size - at));
         at = (size_t)(end - text) + 1) {
        size_t length = (size_t)(end - text) - at;
        bool gone = self->stopped && self->reason != HN_STOP_PRUNED;
        bool listening = self->slot && !gone && !*self->complaint;
        if (listening && !answer(self, text + at, length)) {
            distrust(self, text + at, length);
        }
    }
    hn_buffer_consume(&self->line, at);
    if (self->line.size > MAX_LINE || hn_buffer_failed(&self->line)) {
        distrust(self, "a line without end", 18);
        hn_buffer_clear(&self->line);
    }
}

static void child_output(void *user, int fd, const char *bytes, size_t size)
{
    crew *self = user;
    if (fd == 1) {
        read_answers(self, bytes, size);
    } else if (self->slot) {
        hn_trial_log_write(&self->log, fd, bytes, size);
    }
}

/* --- starting --- */

static hone_status send_init(const hn_worker_config *config, hn_child *child, hone_error *err)
{
    hn_buffer line = HN_BUFFER_INIT;
    hn_buffer_printf(&line, "{\"init\":%s}\n", config->init_json ? config->init_json : "null");
    hone_status status =
        hn_buffer_failed(&line) ? hn_out_of_memory(err) : hn_child_write(child, line.data, line.size, err);
    hn_buffer_release(&line);
    return status;
}

hone_status hn_worker_start(const hn_worker_config *config, uv_loop_t *loop, const char *marker,
                            const hn_child_callbacks *callbacks, void *user, hn_child **child,
                            hone_error *err)
{
    hn_arena scratch = HN_ARENA_INIT;
    hn_environment environment = {.arena = &scratch};
    const char **env = NULL;
    for (size_t i = 0; i < config->n_env; i++) {
        hn_environment_put(&environment, config->env[i]);
    }
    hn_environment_set(&environment, "HONE_RUN_ID", marker);
    hone_status status = hn_environment_list(&environment, &env, err);
    if (!status) {
        hn_child_spec spec = {.argv = config->argv,
                              .env = env,
                              .marker = marker,
                              .input = true,
                              .inherit_fd = config->data_fd,
                              .memory_limit_bytes = config->memory_limit_bytes,
                              .policy = &config->policy};
        status = hn_child_start(loop, &spec, callbacks, user, child, err);
    }
    hn_arena_release(&scratch);
    return status ? status : send_init(config, *child, err);
}

static hone_status hire(crew *self, hone_error *err)
{
    static const hn_child_callbacks callbacks = {child_output, child_ended};
    const workers *all = self->workers;
    char marker[MARKER_SIZE];
    snprintf(marker, sizeof marker, "%s-w%d", all->run_id, self->index);
    return hn_worker_start(all->config, all->loop, marker, &callbacks, self, &self->child, err);
}

static hone_status send_trial(crew *self, const char *folder, hone_error *err)
{
    const hone_trial *trial = hn_slot_trial(self->slot);
    uint64_t seed = hn_trial_seed(self->workers->config->seed, hone_trial_number(trial));
    hn_arena arena = HN_ARENA_INIT;
    hn_node *line = hn_node_map(&arena);
    line = hn_map_set(&arena, line, "trial", hn_node_integer(&arena, hone_trial_number(trial)));
    line = hn_map_set(&arena, line, "attempt", hn_node_integer(&arena, hn_slot_attempt(self->slot)));
    line = hn_map_set(&arena, line, "seed", hn_node_integer(&arena, (int64_t)seed));
    line = hn_map_set(&arena, line, "budget", hn_node_integer(&arena, hone_trial_budget(trial)));
    line = hn_map_set(&arena, line, "resume_step", hn_node_integer(&arena, hone_trial_resume_step(trial)));
    line = hn_map_set(&arena, line, "cloned", hn_node_bool(&arena, hone_trial_parent(trial) >= 0));
    line = hn_map_set(&arena, line, "folder", hn_node_string(&arena, folder));
    line = hn_map_set(&arena, line, "params", hn_trial_params_node(&arena, trial));
    hone_status status = hn_child_write_line(self->child, line, err);
    hn_arena_release(&arena);
    return status;
}

static hone_status start(void *state, hn_slot *slot, hone_error *err)
{
    workers *all = state;
    crew *self = &all->crews[hn_slot_index(slot)];
    const char *folder;
    hone_status status = hn_slot_folder(slot, &folder, err);
    if (!status && !self->child) {
        status = hire(self, err);
    }
    if (status) {
        return status;
    }
    self->slot = slot;
    self->stopped = false;
    self->complaint[0] = '\0';
    status = send_trial(self, folder, err);
    if (status) {
        self->slot = NULL;
        return status;
    }
    hn_trial_log_open(&self->log, folder, hn_slot_attempt(slot), "built-in model",
                      all->config->log_limit_bytes);
    return HONE_OK;
}

static void grace_is_over(uv_timer_t *timer)
{
    crew *self = timer->data;
    if (self->child) {
        hn_child_kill(self->child);
    }
}

/* False when it cannot be asked. */
static bool ask_to_stop(crew *self)
{
    enum { USUAL_GRACE = 5 };
    char line[64];
    double grace = self->workers->config->grace_seconds;
    int size = snprintf(line, sizeof line, "{\"stop\":%lld}\n",
                        (long long)hone_trial_number(hn_slot_trial(self->slot)));
    uv_timer_start(&self->grace, grace_is_over, (uint64_t)((grace > 0 ? grace : USUAL_GRACE) * 1000), 0);
    return !hn_child_write(self->child, line, (size_t)size, NULL);
}

/* A pruned trial ends after the fold it is at, and its process stays. Within a fit it cannot be asked: when
 * it takes too long, or its time is over, the process goes, and the next trial of the slot gets a new one. */
static void stop(void *state, hn_slot *slot, hn_stop_reason reason)
{
    crew *self = &((workers *)state)->crews[hn_slot_index(slot)];
    if (self->slot && !self->stopped) {
        self->stopped = true;
        self->reason = reason;
        if (reason != HN_STOP_PRUNED || !ask_to_stop(self)) {
            hn_child_kill(self->child);
        }
    }
}

static void timer_closed(uv_handle_t *timer)
{
    workers *all = ((crew *)timer->data)->workers;
    if (!--all->timers) {
        hn_free(all->crews);
    }
}

static void close_workers(void *state)
{
    workers *all = state;
    for (int i = 0; all->crews && i < all->slots; i++) {
        hn_child_destroy(all->crews[i].child);
        hn_trial_log_close(&all->crews[i].log);
        hn_buffer_release(&all->crews[i].line);
        uv_close((uv_handle_t *)&all->crews[i].grace, timer_closed);
    }
    hn_guard_end(all->guard);
}

static hone_status open_workers(void *state, const void *config, uv_loop_t *loop, int slots, hone_error *err)
{
    workers *all = state;
    all->config = config;
    all->loop = loop;
    all->slots = slots;
    hone_status status = hn_run_id_new(all->run_id, err);
    all->crews = hn_calloc((size_t)slots, sizeof *all->crews);
    if (!status && !all->crews) {
        status = hn_out_of_memory(err);
    }
    for (int i = 0; !status && i < slots; i++) {
        all->crews[i] = (crew){.workers = all, .index = i, .log.file = -1};
    }
    if (!status) {
        hn_child_policy_apply(&all->config->policy);
        status = hn_guard_start(loop, &all->config->policy, all->run_id, &all->guard, err);
    }
    if (status) {
        hn_free(all->crews);
    }
    for (int i = 0; !status && i < slots; i++) {
        uv_timer_init(loop, &all->crews[i].grace); /* cannot fail */
        all->crews[i].grace.data = &all->crews[i];
        all->timers++;
    }
    return status;
}

const hn_objective_type hn_objective_worker = {
    .name = "worker",
    .state_size = sizeof(workers),
    .open = open_workers,
    .close = close_workers,
    .start = start,
    .stop = stop,
};
