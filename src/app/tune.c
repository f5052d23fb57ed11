/* A tuning run: a plan, its study, the runner, and what is shown. */
#include "app/tune.h"
#include "app/fit_progress.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/os_file.h"
#include "base/os_system.h"
#include "pruner/pruner.h"
#include "study/study.h"
#include "view/trial_node.h"

/* --- what the runner tells, on its loop --- */

static bool is_feasible(hone_tune *tune, const hone_trial *trial, const hn_ending *ending)
{
    hn_arena arena = HN_ARENA_INIT;
    size_t n = tune->plan->n_constraints;
    double *values = HN_ARENA_NEW(&arena, double, n);
    bool feasible =
        values && !hn_tune_constraints(tune, trial, ending->metrics, ending->n_metrics, values, NULL);
    for (size_t i = 0; feasible && i < n; i++) {
        feasible = values[i] <= 0;
    }
    hn_arena_release(&arena);
    return feasible;
}

void hn_tune_note_interrupts(hone_tune *tune)
{
    int interrupts = tune->interrupts;
    if (interrupts > tune->noted) {
        const char *first = tune->options.on
                                ? "  the workers finish their trials; Ctrl-C again cancels their jobs"
                                : "  finishing the running trials; Ctrl-C again stops them now";
        hn_progress_note(tune->progress, interrupts == 1 ? first : "  stopping the running trials");
        tune->noted = interrupts;
    }
}

static void trial_ended(void *user, const hone_trial *trial, const hn_ending *ending, double seconds)
{
    hone_tune *tune = user;
    hn_arena arena = HN_ARENA_INIT;
    size_t n = 0;
    hn_tune_note_interrupts(tune);
    hone_named_value *params = HN_ARENA_NEW(&arena, hone_named_value, trial->n_params + 1);
    while (params && n < trial->n_params && hone_trial_param(trial, n, &params[n])) {
        n++;
    }
    bool complete = ending->state == HONE_COMPLETE;
    hn_progress_ended(tune->progress,
                      &(hn_progress_trial){
                          .number = hone_trial_number(trial),
                          .state = ending->state,
                          .n_params = n,
                          .params = params,
                          .values = complete && trial->n_values ? trial->values : NULL,
                          .feasible = complete && is_feasible(tune, trial, ending),
                          .paused = ending->paused,
                          .promoted = trial->runs - ending->paused > 0,
                          .from = trial->resume_step,
                          .to = trial->n_reports ? trial->reports[trial->n_reports - 1].step : 0,
                          .message = ending->message,
                          .seconds = seconds,
                      });
    if (!ending->paused) {
        hn_tune_forget_checkpoint(tune, hone_trial_number(trial));
    }
    tune->last_failed = ending->state == HONE_FAILED ? hone_trial_number(trial) : tune->last_failed;
    hn_arena_release(&arena);
}

static void fit_progressed(void *user, const hone_trial *trial, const hn_node *facts)
{
    hone_tune *tune = user;
    hn_fit_progress_show(tune->progress, hone_trial_number(trial), facts);
}

static void trials_dropped(void *user, int64_t count)
{
    hone_tune *tune = user;
    hn_progress_dropped(tune->progress, count);
}

static void run_foreseen(void *user, double seconds)
{
    hn_progress_foresee(((hone_tune *)user)->progress, seconds);
}

static void awaits_others(void *user)
{
    hn_progress_note(((hone_tune *)user)->progress, "  waiting for the last trials of other workers");
}

static void tick(void *user)
{
    hone_tune *tune = user;
    hn_tune_heed_parent(tune);
    hn_tune_note_interrupts(tune);
    hn_progress_tick(tune->progress);
}

/* --- creating --- */

/* `--trials +20`; of a worker that is the most it runs itself. */
static bool adds_trials(const hone_tune *tune)
{
    return tune->options.more_trials && !tune->options.worker;
}

static hone_status open_study(hone_tune *tune, hone_error *err)
{
    hone_plan *plan = tune->plan;
    hone_status status = tune->options.worker
                             ? hone_study_open(plan->storage, plan->study, NULL, &tune->study, err)
                             : hn_plan_open_study(plan, &tune->study, err);
    if (!status) {
        status = hn_study_seed(tune->study, &tune->seed, err);
    }
    if (!status && tune->job) {
        const char *identity = hn_model_job_identity(tune->job);
        status = identity ? hn_study_check_identity(tune->study, identity, err) : hn_out_of_memory(err);
    }
    if (!status) {
        status = hn_study_folder(tune->study, plan->storage, &tune->arena, &tune->folder, err);
    }
    if (status) {
        return status;
    }
    tune->n_goals = hone_study_objective_count(tune->study);
    for (size_t i = 0; i < tune->n_goals; i++) {
        tune->directions[i] = hone_study_objective(tune->study, i, &tune->goals[i]);
    }
    tune->clones =
        hn_pruner_type_of(tune->study->pruner)->explore; /* of a population only whole trials count */
    tune->done =
        tune->clones ? hone_study_state_count(tune->study, HONE_COMPLETE) : hn_study_finished(tune->study);
    tune->total = adds_trials(tune) ? tune->done + tune->options.more_trials : plan->search.trials;
    return HONE_OK;
}

static hone_status find_programs(hone_tune *tune, hn_child_policy *policy, hone_error *err)
{
    const char *program = tune->options.program ? tune->options.program : hn_program_path();
    if (!program) {
        return hn_fail(err, HONE_UNSUPPORTED,
                       "the path of the running program is unknown: give hone_tune_options.program");
    }
    tune->worker_argv[0] = tune->shim[0] = program;
    tune->worker_argv[1] = "__worker";
    tune->shim[1] = "__exec";
    *policy = (hn_child_policy){.shim = tune->shim, .subreaper = tune->options.adopt_orphans};
    return HONE_OK;
}

/* The goals and the metrics that constraints name. */
static hone_status list_metrics(hone_tune *tune, const char ***metrics, size_t *n, hone_error *err)
{
    const hone_plan *plan = tune->plan;
    size_t count = tune->n_goals;
    for (size_t c = 0; c < plan->n_constraints; c++) {
        count += plan->constraints[c].n_metrics;
    }
    *metrics = HN_ARENA_NEW(&tune->arena, const char *, count);
    if (!*metrics) {
        return hn_out_of_memory(err);
    }
    memcpy(*metrics, tune->goals, tune->n_goals * sizeof **metrics);
    *n = tune->n_goals;
    for (size_t c = 0; c < plan->n_constraints; c++) {
        for (size_t m = 0; m < plan->constraints[c].n_metrics; m++) {
            (*metrics)[(*n)++] = plan->constraints[c].metrics[m];
        }
    }
    return HONE_OK;
}

/* All that the study does not say, judged before there is one. */
static hone_status check_command(hone_tune *tune, hone_error *err)
{
    const hone_plan *plan = tune->plan;
    const hn_plan_command *command = &plan->command;
    tune->command = (hn_command_config){
        .command = command->made,
        .study = plan->study,
        .cwd = command->cwd,
        .env = command->env,
        .n_env = command->n_env,
        .patterns = command->patterns,
        .n_patterns = command->n_patterns,
        .gpus = command->gpus,
        .n_gpus = command->n_gpus,
        .grace_seconds = plan->search.grace_seconds,
        .memory_limit_bytes = command->memory_limit_bytes,
    };
    hone_status status = find_programs(tune, &tune->command.policy, err);
    return status ? status : hn_command_check(&tune->command, err);
}

static hone_status prepare_command(hone_tune *tune, hone_error *err)
{
    const char **metrics = NULL;
    hone_status status = list_metrics(tune, &metrics, &tune->command.n_metrics, err);
    tune->command.metrics = metrics;
    tune->command.seed = tune->seed;
    return status;
}

static hone_status prepare_model(hone_tune *tune, hone_error *err)
{
    static const char *const env[] = {"OMP_NUM_THREADS=1",
                                      "OPENBLAS_NUM_THREADS=1"}; /* one compute thread a worker */
    int64_t left = tune->total > tune->done ? tune->total - tune->done : 0;
    int data_fd = -1;
    hone_status status = hn_model_job_crew(tune->job, tune->study, tune->workers, left, &tune->crew, err);
    if (!status) {
        status = hn_model_job_share(tune->job, &data_fd, err);
    }
    if (status) {
        return status;
    }
    tune->worker = (hn_worker_config){
        .argv = tune->worker_argv,
        .env = env,
        .n_env = sizeof env / sizeof *env,
        .data_fd = data_fd,
        .init_json = hn_model_job_config(tune->job, tune->seed, &tune->crew),
        .seed = tune->seed,
        .memory_limit_bytes = tune->plan->model.memory_limit_bytes,
        .grace_seconds = tune->plan->search.grace_seconds,
    };
    return tune->worker.init_json ? find_programs(tune, &tune->worker.policy, err) : hn_out_of_memory(err);
}

/* Trials of earlier runs, for comparison. */
static void know_best(hone_tune *tune)
{
    int64_t *numbers = NULL;
    size_t count = 0;
    if (hone_study_best(tune->study, 1, &numbers, &count, NULL)) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        hone_trial_info *info = NULL;
        if (!hone_study_trial(tune->study, numbers[i], &info, NULL) && info->n_values == tune->n_goals) {
            hn_progress_known(tune->progress, numbers[i], info->values);
        }
        hone_trial_info_free(info);
    }
    hone_free(numbers);
}

static hone_status prepare_progress(hone_tune *tune, hone_error *err)
{
    const char *header = hn_tune_header(tune);
    if (!header) {
        return hn_out_of_memory(err);
    }
    hn_progress_config config = {
        .sink = tune->options.progress,
        .json = tune->options.json,
        .all_trials = tune->options.all_trials,
        .header = header,
        .n_goals = tune->n_goals,
        .goals = tune->goals,
        .study = tune->parent ? tune->plan->study : NULL,
        .directions = tune->directions,
        .done = tune->done,
        .total = tune->total,
        .seconds = tune->plan->search.timeout_seconds,
        .whole_only = tune->clones,
    };
    hone_status status = hn_progress_create(&config, &tune->progress, err);
    if (!status) {
        know_best(tune);
    }
    return status;
}

/* A built-in model keeps checkpoints when what its trials get more of is the steps of a fit, or trees. */
static bool goes_on(const hone_plan *plan)
{
    const hn_model_type *type = plan->model.type;
    const char *resource = plan->search.resource ? plan->search.resource : "";
    return (type->steps && !strcmp(type->steps, resource)) ||
           (type->extends && !strcmp(type->extends, resource));
}

static hone_status prepare_run(hone_tune *tune, hone_error *err)
{
    const hone_plan *plan = tune->plan;
    const hn_plan_search *search = &plan->search;
    bool model = tune->job;
    hn_run_config config = {
        .study = tune->study,
        .objective = model ? &hn_objective_worker : &hn_objective_command,
        .objective_config = model ? (const void *)&tune->worker : &tune->command,
        .job = tune->options.job,
        .folder = tune->folder,
        .checkpoints = !model || goes_on(plan),
        .workers = model ? tune->crew.processes : tune->workers,
        .budget = hn_plan_budget(plan),
        .retries = (int)search->retries,
        .trial_seconds = search->trial_seconds,
        .take_best_report = search->take_best,
        .n_constraints = plan->n_constraints,
        .constraints = hn_tune_constraints,
        .constraints_user = tune,
        .observer = {.user = tune,
                     .progressed = fit_progressed,
                     .ended = trial_ended,
                     .dropped = trials_dropped,
                     .foreseen = run_foreseen,
                     .awaiting = awaits_others,
                     .tick = tick},
    };
    config.budget.trials = adds_trials(tune) ? 0 : tune->total;
    config.budget.more_trials = tune->options.more_trials;
    return hn_run_create(&config, &tune->run, err);
}

static hone_status prepare_scratch(hone_tune *tune, hone_error *err)
{
    const hone_plan *plan = tune->plan;
    size_t n = plan->space ? plan->space->count : 0;
    for (size_t c = 0; c < plan->n_constraints; c++) {
        n += plan->constraints[c].n_metrics;
    }
    tune->scratch = HN_ARENA_NEW(&tune->arena, double, n);
    tune->active = HN_ARENA_NEW(&tune->arena, bool, n);
    return tune->scratch && tune->active ? HONE_OK : hn_out_of_memory(err);
}

/* Built-in models take every core, a user's program is assumed to do so itself. */
static int choose_workers(const hone_tune *tune)
{
    int64_t wanted = tune->options.on ? 0 : tune->plan->search.workers;
    return wanted ? (int)wanted : tune->job ? hn_cpu_count() : 1;
}

static hone_status prepare(hone_tune *tune, hone_error *err)
{
    hone_plan *plan = tune->plan;
    hone_status status = hone_plan_check(plan, err);
    if (!status && !plan->command.given && !plan->model.type) {
        status = hn_fail(err, HONE_INVALID, "there is nothing to run: give a command or a model");
    }
    if (!status && tune->options.model_file && !plan->model.type) {
        status = hn_fail(err, HONE_INVALID, "only a built-in model can be saved, this study runs a command");
    }
    if (!status && tune->options.model_file && plan->search.refit == HN_REFIT_NONE) {
        status = hn_fail(err, HONE_INVALID,
                         "search: refit none fits no model that could go to %s: leave out --output",
                         tune->options.model_file);
    }
    if (!status && tune->options.on) {
        status = hn_tune_check_fleet(tune, err);
    }
    if (!status && plan->model.type) {
        const hn_dataset *data = tune->parent ? hn_model_job_dataset(tune->parent->job) : NULL;
        status = hn_model_job_open(plan, data, &tune->job, err);
        status = status ? status : hn_model_job_check_test(tune->job, err);
    } else if (!status) {
        status = check_command(tune, err);
    }
    if (!status && plan->model.outer && (plan->n_goals > 1 || hn_is_measure(plan->goals[0]))) {
        status = hn_fail(err, HONE_INVALID, "cv: outer needs a %s",
                         plan->n_goals > 1 ? "single goal" : "score as its goal");
    }
    if (!status) {
        tune->workers = choose_workers(tune);
        status = open_study(tune, err);
    }
    if (!status) {
        status = tune->job ? prepare_model(tune, err) : prepare_command(tune, err);
    }
    if (!status) {
        status = prepare_scratch(tune, err);
    }
    if (!status) {
        status = prepare_progress(tune, err);
    }
    return status ? status : prepare_run(tune, err);
}

hone_status hn_tune_create_within(hone_tune *parent, hone_plan *plan, const hone_tune_options *options,
                                  hone_tune **tune, hone_error *err)
{
    if (options->struct_size != sizeof *options) {
        return hn_fail(err, HONE_INVALID, "hone_tune_options: begin with HONE_TUNE_OPTIONS_INIT");
    }
    hone_tune *made = hn_calloc(1, sizeof *made);
    if (!made) {
        return hn_out_of_memory(err);
    }
    made->parent = parent;
    made->plan = plan;
    made->options = *options;
    made->last_failed = -1;
    hone_status status = prepare(made, err);
    if (status) {
        hone_tune_destroy(made);
        return status;
    }
    *tune = made;
    return HONE_OK;
}

hone_status hone_tune_create(hone_plan *plan, const hone_tune_options *options, hone_tune **tune,
                             hone_error *err)
{
    return hn_tune_create_within(NULL, plan, options, tune, err);
}

void hone_tune_destroy(hone_tune *tune)
{
    if (!tune) {
        return;
    }
    hn_tune_nested_release(tune);
    hn_run_destroy(tune->run);
    hn_progress_destroy(tune->progress);
    hone_study_destroy(tune->study);
    hn_model_job_destroy(tune->job);
    hn_arena_release(&tune->arena);
    hn_free(tune);
}

/* --- running --- */

void hone_tune_interrupt(hone_tune *tune)
{
    tune->interrupts = tune->interrupts + 1;
    hn_run_interrupt(tune->run);
}

void hn_tune_heed_parent(hone_tune *tune)
{
    while (tune->parent && tune->interrupts < tune->parent->interrupts) {
        hone_tune_interrupt(tune);
    }
}

static bool awaits_reports(const hone_plan *plan)
{
    const hn_pruner_type *type = plan->search.pruner ? hn_pruner_find(plan->search.pruner_spec.name) : NULL;
    return type && type->uses_reports;
}

/* Runs what is left of the budget; nothing when it is spent. */
static hone_status execute(hone_tune *tune, hone_tune_result *result, hone_error *err)
{
    hn_run_result run = {.reason = "trials"};
    hone_status status = HONE_OK;
    if (!tune->total || tune->done < tune->total) {
        hn_progress_begin(tune->progress);
        status = tune->options.on ? hn_tune_run_fleet(tune, &run, err) : hn_run_execute(tune->run, &run, err);
        hn_progress_end(tune->progress);
        hn_tune_forget_checkpoints(tune);
    }
    bool cut =
        !tune->plan->outer_fold && !tune->options.worker && tune->n_outer < (size_t)tune->plan->model.outer;
    *result = (hone_tune_result){
        .reason = cut ? "interrupted" : run.reason,
        .complete = run.complete,
        .pruned = run.pruned,
        .failed = run.failed,
        .unjudged = run.complete && !run.reporting && awaits_reports(tune->plan),
        .seconds = run.seconds,
        .deviation = NAN,
    };
    hn_tune_nested_scores(tune, &result->outer_value, &result->outer_deviation);
    return status;
}

/* The chosen trial of a built-in model, fitted again. Ctrl-C ends that, and is no error. */
static hone_status finish_model(hone_tune *tune, const hone_trial_info *best, hn_held_out *held_out,
                                hone_tune_result *result, hone_error *err)
{
    const char *file = tune->options.model_file;
    hone_trial_info *chosen = NULL;
    result->deviation = hn_trial_measured(best, "", tune->goals[0], "_std");
    hone_status status = hn_tune_choose(tune, best, result->deviation, &chosen, err);
    if (!status) {
        result->chosen = chosen ? chosen->number : best->number;
    }
    bool asked = tune->plan->search.refit != HN_REFIT_NONE || tune->plan->outer_fold;
    bool wanted = asked && tune->interrupts < 2; /* it may take its time */
    if (!status && wanted) {
        status = hn_tune_refit(tune, chosen ? chosen : best, file, held_out, err);
        tune->model_saved = !status && file;
        result->has_held_out = held_out->given;
        result->held_out_value = held_out->value;
    }
    if (!status && tune->interrupts < 2) {
        status = hn_tune_keep_models(tune, result->chosen, err);
    }
    hone_trial_info_free(chosen);
    if (status == HONE_CANCELLED) {
        result->reason = "interrupted";
        status = HONE_OK;
    }
    return status;
}

static hone_status conclude(hone_tune *tune, hone_tune_result *result, hone_error *err)
{
    hone_trial_info *best = NULL;
    hn_held_out held_out = {.threshold = NAN};
    int64_t number;
    hone_status status = HONE_OK, fitted = HONE_OK;
    if (tune->n_goals == 1 && hn_study_best_number(tune->study, &number)) {
        status = hone_study_trial(tune->study, number, &best, err);
    }
    if (!status && best) {
        result->has_best = true;
        result->best = result->chosen = best->number;
        result->best_value = best->values[0];
    }
    if (!status && best && tune->job && !tune->options.worker) {
        fitted = finish_model(tune, best, &held_out, result, err);
    }
    if (!status) {
        status = hn_tune_summary(tune, best, &held_out, result, fitted ? NULL : err);
    }
    hone_trial_info_free(best);
    return fitted ? fitted : status;
}

/* Where the failing program's output is. */
static hone_status explain_failure(const hone_tune *tune, hone_status status, hone_error *err)
{
    if (status != HONE_OBJECTIVE || tune->last_failed < 0 || !err) {
        return status;
    }
    size_t used = strlen(err->message);
    hn_buffer path = HN_BUFFER_INIT, text = HN_BUFFER_INIT;
    hn_buffer_printf(&path, "%s/trial-%lld/log.txt", tune->folder, (long long)tune->last_failed);
    hn_buffer_printf(&text, "; its output: %s", hn_buffer_string(&path));
    if (!hn_buffer_failed(&text) && hn_file_exists(hn_buffer_string(&path)) &&
        used + text.size < sizeof err->message) {
        memcpy(err->message + used, text.data, text.size + 1);
    }
    hn_buffer_release(&path);
    hn_buffer_release(&text);
    return status;
}

hone_status hone_tune_run(hone_tune *tune, hone_tune_result *result, hone_error *err)
{
    hone_error failure = {0}, ending = {0};
    if (tune->run_through) {
        return hn_fail(err, HONE_CONFLICT, "this run is over; make another one");
    }
    tune->run_through = true;
    hone_status status = tune->options.worker ? HONE_OK : hn_tune_nested(tune, &failure);
    if (status) {
        *result = (hone_tune_result){.reason = "failures", .deviation = NAN, .outer_value = NAN};
        if (err) {
            *err = failure;
        }
        return status;
    }
    status = explain_failure(tune, execute(tune, result, &failure), &failure);
    hone_status concluded = status && status != HONE_OBJECTIVE ? HONE_OK : conclude(tune, result, &ending);
    if (err && status) {
        *err = failure;
    } else if (err && concluded) {
        *err = ending;
    }
    return status ? status : concluded;
}
