/* The limits of a run: what they are compared with, and which of them is reached. The same for
 * hone_study_optimize, the runner and the protocol. */
#include "study/limit.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "study/regret.h"

enum { DIGITS = 4 };

/* --- checking --- */

hone_status hn_budget_check(const hone_study *study, const hone_budget *budget, hone_error *err)
{
    if (budget->trials < 0 || budget->more_trials < 0 || !(budget->seconds >= 0) || budget->patience < 0 ||
        !(budget->cost >= 0)) {
        return hn_fail(err, HONE_INVALID,
                       "budget: trials, seconds, patience and cost are 0 (no limit) or more");
    }
    if (budget->has_regret && !(budget->regret >= 0 && isfinite(budget->regret))) {
        return hn_fail(err, HONE_INVALID, "budget: regret is 0 (the noise of the best's value) or more");
    }
    if (budget->has_regret && (study->definition->n_objectives > 1 || !study->definition->space)) {
        return hn_fail(err, HONE_UNSUPPORTED, "budget: regret needs %s",
                       study->definition->space ? "a single goal" : "a declared space");
    }
    bool ends = hn_sampler_type_of(study->sampler)->capabilities & HN_SAMPLER_EXHAUSTS;
    if (!budget->trials && !budget->more_trials && !(budget->seconds > 0) && !budget->has_target && !ends &&
        !budget->patience && !budget->has_regret && !(budget->cost > 0) && !budget->callback) {
        return hn_fail(err, HONE_INVALID,
                       "budget: give trials, seconds, a target or another limit, or the run would never end");
    }
    return HONE_OK;
}

/* --- trials --- */

int64_t hn_study_taken(const hone_study *study)
{
    const hn_history *history = study->history;
    return (int64_t)(hn_history_state_count(history, HONE_COMPLETE) +
                     hn_history_state_count(history, HONE_PRUNED) +
                     hn_history_state_count(history, HONE_FAILED) +
                     hn_history_state_count(history, HONE_RUNNING)) -
           (int64_t)study->n_paused;
}

static bool is_reached(const hone_study *study, double target)
{
    const hn_history *history = study->history;
    int64_t best;
    if (hn_history_objective_count(history) != 1 || !hn_history_best(history, 1, &best) ||
        hn_history_state(history, best) != HONE_COMPLETE) {
        return false;
    }
    double value = hn_history_value(history, best, 0);
    return hn_history_direction(history, 0) == HONE_MAXIMIZE ? value >= target : value <= target;
}

/* --- patience --- */

/* Marks the trials that no other beats in everything: a trial that was beaten later was so by one of them. */
static hone_status mark_front(hone_study *study, bool *best, hone_error *err)
{
    const hn_history *history = study->history;
    size_t rows = hn_history_count(history), n = 0;
    int64_t *numbers = HN_ARENA_NEW(&study->scratch, int64_t, rows + 1);
    uint32_t *ranks = HN_ARENA_NEW(&study->scratch, uint32_t, rows + 1);
    if (!numbers || !ranks) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < rows; i++) {
        if (hn_history_state(history, (int64_t)i) == HONE_COMPLETE) {
            numbers[n++] = (int64_t)i;
        }
    }
    hone_status status = hn_history_pareto_ranks(history, numbers, n, ranks, err);
    for (size_t i = 0; i < n && !status; i++) {
        best[numbers[i]] = !ranks[i];
    }
    return status;
}

static hone_status mark_best(hone_study *study, bool *best, hone_error *err)
{
    int64_t number;
    if (hn_history_objective_count(study->history) > 1) {
        return mark_front(study, best, err);
    }
    if (hn_history_best(study->history, 1, &number) &&
        hn_history_state(study->history, number) == HONE_COMPLETE) {
        best[number] = true;
    }
    return HONE_OK;
}

/* Did so many trials end without one that is among the best? Without any that is, a run goes on. */
static hone_status check_patience(hone_study *study, int64_t patience, bool *over, hone_error *err)
{
    const hn_history *history = study->history;
    size_t n, rows = hn_history_count(history);
    const int64_t *finished = hn_history_finished(history, &n);
    int64_t since = 0;
    *over = false;
    if ((int64_t)n <= patience) {
        return HONE_OK;
    }
    hn_arena_reset(&study->scratch);
    bool *best = HN_ARENA_NEW(&study->scratch, bool, rows);
    hone_status status = best ? mark_best(study, best, err) : hn_out_of_memory(err);
    for (size_t i = n; i-- > 0 && !status;) {
        if (best[finished[i]]) {
            *over = since >= patience;
            break;
        }
        since += hn_history_state(history, finished[i]) != HONE_FAILED;
    }
    return status;
}

/* --- cost --- */

/* What the trial told under the metric's name. */
static double told_cost(const hone_study *study, const hn_trial_record *record)
{
    const hn_definition *definition = study->definition;
    double value = NAN;
    for (size_t i = 0; i < record->n_attributes; i++) {
        const hn_attribute *attribute = &record->attributes[i];
        if (!attribute->system && !strcmp(attribute->key, study->cost_metric)) {
            hn_parse_double(attribute->json, strlen(attribute->json), true, &value);
        }
    }
    for (size_t i = 0; i < definition->n_objectives && i < record->n_values; i++) {
        value = strcmp(definition->metrics[i], study->cost_metric) ? value : record->values[i];
    }
    return value;
}

void hn_study_note_cost(hone_study *study, const hn_trial_record *record)
{
    enum { TRIALS_WITHOUT = 3 };
    bool finished =
        record->state == HONE_COMPLETE || record->state == HONE_PRUNED || record->state == HONE_FAILED;
    if (!study->cost_metric || !finished) {
        return;
    }
    double cost = told_cost(study, record);
    if (isfinite(cost)) {
        study->cost += cost;
        study->without_cost = -1;
    } else if (study->without_cost >= 0 && ++study->without_cost == TRIALS_WITHOUT) {
        hn_log(HN_LOG_WARNING, "study '%s': no trial says what it costs: '%s' is no metric of any so far",
               study->name, study->cost_metric);
    }
}

static hone_status note_one(void *user, const hn_trial_record *record, hone_error *err)
{
    (void)err;
    hone_study *study = user;
    bool known = record->number < (int64_t)hn_history_count(study->history) &&
                 hn_history_state(study->history, record->number) == record->state;
    if (known) { /* else it is counted when it is taken in */
        hn_study_note_cost(study, record);
    }
    return HONE_OK;
}

/* Adds up what all trials so far cost, and then what others will. */
static hone_status watch_cost(hone_study *study, const char *metric, hone_error *err)
{
    hn_free(study->cost_metric);
    study->cost = 0;
    study->without_cost = 0;
    study->cost_metric = metric ? hn_strdup(metric) : NULL;
    if (!study->cost_metric) {
        return metric ? hn_out_of_memory(err) : HONE_OK;
    }
    return study->ops->scan(study->storage, study->row, -1, NULL, 0, note_one, study, err);
}

static double total_seconds(const hone_study *study)
{
    size_t n;
    double sum = 0;
    const int64_t *finished = hn_history_finished(study->history, &n);
    for (size_t i = 0; i < n + study->n_paused; i++) {
        double seconds = hn_history_seconds(study->history, i < n ? finished[i] : study->paused[i - n]);
        sum += isnan(seconds) ? 0 : seconds;
    }
    return sum;
}

/* --- which is reached --- */

static void explain_number(hone_study *study, const char *before, double value, const char *after)
{
    char text[HN_NUMBER_SIZE];
    hn_format_short(text, value, DIGITS);
    hn_buffer_printf(&study->end_why, "%s%s%s", before, text, after);
}

static hone_status check_regret(hone_study *study, const hone_budget *budget, bool *over, hone_error *err)
{
    hn_regret found;
    hone_status status = hn_study_regret(study, &found, err);
    *over = false;
    if (status || isnan(found.bound)) {
        return status;
    }
    double enough = budget->regret > 0 ? budget->regret : found.noise;
    *over = found.bound <= enough;
    if (*over) {
        hn_buffer_clear(&study->end_why);
        explain_number(study, "nothing is better than the best by more than ", found.bound, "");
        explain_number(study, budget->regret > 0 ? ", of " : ", and its noise is ", enough,
                       budget->regret > 0 ? " that would do" : "");
    }
    return HONE_OK;
}

static bool has_cost_too_much(hone_study *study, const hone_budget *budget)
{
    if (!(budget->cost > 0)) {
        return false;
    }
    double spent = budget->cost_metric ? study->cost : total_seconds(study);
    if (spent < budget->cost) {
        return false;
    }
    hn_buffer_clear(&study->end_why);
    if (budget->cost_metric) {
        explain_number(study, "the trials cost ", spent, " ");
        hn_buffer_text(&study->end_why, budget->cost_metric);
        explain_number(study, ", ", budget->cost, " were allowed");
    } else {
        char used[HN_NUMBER_SIZE], limit[HN_NUMBER_SIZE];
        hn_format_duration(used, spent);
        hn_format_duration(limit, budget->cost);
        hn_buffer_printf(&study->end_why, "the trials ran for %s together, %s were allowed", used, limit);
    }
    return true;
}

/* Those that need a look at the whole history. */
static hone_status check_progress(hone_study *study, const hone_budget *budget, const char **reason,
                                  hone_error *err)
{
    bool over = has_cost_too_much(study, budget);
    hone_status status = HONE_OK;
    *reason = over ? "cost" : NULL;
    if (!over && budget->patience) {
        status = check_patience(study, budget->patience, &over, err);
        if (over) {
            *reason = "patience";
            hn_buffer_clear(&study->end_why);
            hn_buffer_printf(&study->end_why, "none of the last %lld trials was better",
                             (long long)budget->patience);
        }
    }
    if (!status && !over && budget->has_regret) {
        status = check_regret(study, budget, &over, err);
        *reason = over ? "regret" : NULL;
    }
    return status;
}

hone_status hn_study_limit(hone_study *study, const hone_budget *budget, int64_t started, const char **reason,
                           hone_error *err)
{
    *reason = NULL;
    if (budget->has_target && is_reached(study, budget->target)) {
        *reason = "target";
    } else if (!hn_study_schedules(study) && /* which knows the limit itself */
               ((budget->trials && hn_study_taken(study) >= budget->trials) ||
                (budget->more_trials && started >= budget->more_trials))) {
        *reason = "trials";
    } else if (study->deadline_ns && hn_monotonic_ns() >= study->deadline_ns) {
        *reason = "seconds";
    } else {
        return check_progress(study, budget, reason, err);
    }
    return HONE_OK;
}

/* --- a run's beginning and end --- */

static const char end_key[] = "hone:ended";

static hone_status read_end(hone_study *study, hn_arena *arena, hn_node **end, hone_error *err)
{
    const char *json = NULL;
    hn_node *node = NULL;
    hone_status status =
        study->ops->study_attribute(study->storage, study->row, end_key, true, arena, &json, err);
    bool given = !status && json && !hn_json_parse(arena, end_key, json, strlen(json), &node, NULL);
    *end = given && node->kind == HN_MAP ? node : NULL;
    return status;
}

static hone_status write_end(hone_study *study, const char *json, hone_error *err)
{
    hn_attribute attribute = {end_key, json, true};
    return study->ops->study_set_attribute(study->storage, study->row, &attribute, err);
}

static hone_status forget_end(hone_study *study, hone_error *err)
{
    hn_node *end;
    hn_buffer_clear(&study->end_why);
    hone_status status = read_end(study, &study->scratch, &end, err);
    return status || !end ? status : write_end(study, "null", err);
}

int64_t hn_study_begun(const hone_study *study)
{
    return (int64_t)hn_history_count(study->history) -
           (int64_t)hn_history_state_count(study->history, HONE_WAITING);
}

hone_status hn_study_begin_run(hone_study *study, const hone_budget *budget, hone_error *err)
{
    hn_study_lock(study);
    int64_t trials = budget->trials;
    hone_status status = hn_study_sync(study, err);
    int64_t most = budget->more_trials && !status ? hn_study_begun(study) + budget->more_trials : trials;
    study->deadline_ns = budget->seconds > 0 ? hn_monotonic_ns() + (int64_t)(budget->seconds * 1e9) : 0;
    study->most_trials = trials && trials < most ? trials : most;
    study->all_trials = trials;
    study->watches = budget->has_target || budget->patience || budget->has_regret || budget->cost > 0;
    if (!status) {
        status = watch_cost(study, budget->cost > 0 ? budget->cost_metric : NULL, err);
    }
    if (!status) {
        status = forget_end(study, err);
    }
    hn_study_unlock(study);
    return status;
}

hone_status hn_study_end_run(hone_study *study, const char *reason, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    char at[HN_DATETIME_SIZE];
    hn_format_datetime(at, hn_wall_us());
    hn_study_lock(study);
    study->all_trials = 0;
    study->watches = false;
    int64_t finished = (int64_t)(hn_history_state_count(study->history, HONE_COMPLETE) +
                                 hn_history_state_count(study->history, HONE_PRUNED) +
                                 hn_history_state_count(study->history, HONE_FAILED));
    hn_node *map = hn_map_set(&arena, hn_node_map(&arena), "reason", hn_node_string(&arena, reason));
    if (study->end_why.size) {
        map = hn_map_set(&arena, map, "because", hn_node_string(&arena, hn_buffer_string(&study->end_why)));
    }
    map = hn_map_set(&arena, map, "trials", hn_node_integer(&arena, finished));
    map = hn_map_set(&arena, map, "at", hn_node_string(&arena, at));
    const char *json = map ? hn_node_json(&arena, map, HN_JSON_PYTHON) : NULL;
    hone_status status = json ? write_end(study, json, err) : hn_out_of_memory(err);
    hn_study_unlock(study);
    hn_arena_release(&arena);
    return status;
}

hone_status hn_study_read_end(hone_study *study, hn_arena *arena, hn_node **end, hone_error *err)
{
    hn_study_lock(study);
    hone_status status = read_end(study, arena, end, err);
    hn_study_unlock(study);
    return status;
}
