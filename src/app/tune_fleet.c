/* A tuning run whose workers are a scheduler's jobs: what it takes, and what of it is shown. */
#include <stdio.h>
#include <string.h>

#include "app/tune.h"
#include "base/log.h"
#include "base/os_file.h"
#include "base/os_system.h"
#include "storage/url.h"
#include "view/table.h"
#include "view/trial_node.h"

/* --- before there is a study --- */

static hone_status check_storage(hone_tune *tune, hone_error *err)
{
    hn_slurm_array *array = &tune->array;
    hn_storage_url url;
    hone_status status = hn_storage_url_absolute(&tune->arena, tune->plan->storage, &array->storage, err);
    status = status ? status : hn_storage_url_parse(&tune->arena, array->storage, &url, err);
    if (status) {
        return status;
    }
    array->secret = strcmp(url.text, url.shown) != 0;
    if (!strcmp(url.scheme, "memory:")) {
        return hn_fail(
            err, HONE_UNSUPPORTED,
            "--on slurm: %s is this process' own; the workers need a storage that they reach, such "
            "as postgresql://user@host/database",
            url.shown);
    }
    if (!strcmp(url.scheme, "sqlite:")) {
        hn_log(
            HN_LOG_WARNING,
            "%s serves the processes of this machine only: workers on other nodes will not find it, or refuse "
            "it on a shared file system; several nodes need postgresql://",
            url.shown);
    }
    return HONE_OK;
}

/* `--trials +20` as a total, which the workers find in the study. */
static hone_status count_trials(hone_tune *tune, hone_error *err)
{
    hone_plan *plan = tune->plan;
    hone_study *study = NULL;
    char total[32];
    hone_status status = hone_study_open(plan->storage, plan->study, NULL, &study, err);
    long long wanted = (long long)tune->options.more_trials + (study ? hn_study_finished(study) : 0);
    hone_study_destroy(study);
    if (status && status != HONE_NOT_FOUND) {
        return status;
    }
    snprintf(total, sizeof total, "%lld", wanted);
    tune->options.more_trials = 0;
    status = hone_plan_set(plan, "search.trials", total, "--trials", err);
    return status ? status : hone_plan_check(plan, err);
}

hone_status hn_tune_check_fleet(hone_tune *tune, hone_error *err)
{
    const hone_plan *plan = tune->plan;
    const hone_tune_options *options = &tune->options;
    hn_slurm_array *array = &tune->array;
    if (strcmp(options->on, "slurm") != 0) {
        return hn_fail(err, HONE_INVALID, "--on: there is no '%s': workers run on slurm, or else here",
                       options->on);
    }
    if (plan->search.workers < 1) {
        return hn_fail(err, HONE_INVALID, "--on slurm: say with --workers N how many jobs are to work");
    }
    if (plan->model.outer) {
        return hn_fail(err, HONE_UNSUPPORTED,
                       "--on slurm: the searches of cv: outer run in one process; leave out one of both");
    }
    hone_status status = check_storage(tune, err);
    status = status || !options->more_trials ? status : count_trials(tune, err);
    array->workers = plan->search.workers;
    array->study = plan->study;
    array->program = options->program ? options->program : hn_program_path();
    if (!status && !array->program) {
        status = hn_fail(err, HONE_UNSUPPORTED,
                         "the path of the running program is unknown: give hone_tune_options.program");
    }
    return status ? status
                  : hn_slurm_read_options(options->on_options, options->n_on_options, array->secret,
                                          &tune->arena, &array->options, &array->n_options, err);
}

hone_status hone_tune_describe_jobs(hone_plan *plan, const hone_tune_options *options, const hone_sink *sink,
                                    hone_error *err)
{
    hone_tune tune = {.plan = plan, .options = *options, .arena = HN_ARENA_INIT};
    hn_buffer text = HN_BUFFER_INIT;
    hone_status status = hone_plan_check(plan, err);
    status = status ? status : hn_tune_check_fleet(&tune, err);
    if (!status) {
        tune.array.name = hn_arena_printf(&tune.arena, "hone-%s-XXXXXXXX", plan->study);
        tune.array.folder = hn_arena_printf(&tune.arena, "hone.runs/%s", plan->study);
        status = tune.array.name && tune.array.folder ? HONE_OK : hn_out_of_memory(err);
    }
    if (!status) {
        hn_buffer_char(&text, '\n');
        status = hn_slurm_describe(&tune.array, &text, err);
    }
    status = status ? status : hn_sink_write(sink, &text, err);
    hn_buffer_release(&text);
    hn_arena_release(&tune.arena);
    return status;
}

/* --- what the fleet tells --- */

static void trial_ended(void *user, const hone_trial_info *trial)
{
    hone_tune *tune = user;
    bool complete = trial->state == HONE_COMPLETE, feasible = complete;
    for (size_t i = 0; i < trial->n_constraints; i++) {
        feasible = feasible && trial->constraints[i] <= 0;
    }
    hn_progress_ended(tune->progress, &(hn_progress_trial){
                                          .number = trial->number,
                                          .state = trial->state,
                                          .n_params = trial->n_params,
                                          .params = trial->params,
                                          .values = complete && trial->n_values ? trial->values : NULL,
                                          .feasible = feasible,
                                          .to = trial->n_reports ? trial->steps[trial->n_reports - 1] : 0,
                                          .message = trial->message,
                                          .seconds = hn_trial_duration(trial),
                                      });
}

static void crew_changed(void *user, const char *job, const hn_slurm_queue *queue)
{
    hone_tune *tune = user;
    hn_progress_set_crew(tune->progress,
                         &(hn_progress_crew){job, queue->running, queue->waiting, queue->reason});
}

static void note(void *user, const char *text)
{
    hn_progress_note(((hone_tune *)user)->progress, text);
}

static void tick(void *user)
{
    hone_tune *tune = user;
    hn_tune_note_interrupts(tune);
    hn_progress_tick(tune->progress);
}

hone_status hn_tune_run_fleet(hone_tune *tune, hn_run_result *result, hone_error *err)
{
    char *folder = NULL;
    hone_status status = hn_path_absolute(tune->folder, &folder, err);
    hn_fleet_config config = {
        .study = tune->study,
        .array = tune->array,
        .budget = hn_plan_budget(tune->plan),
        .interrupts = &tune->interrupts,
        .observer = {.user = tune, .ended = trial_ended, .crew = crew_changed, .note = note, .tick = tick},
    };
    config.array.folder = folder;
    if (!status) {
        status = hn_fleet_run(&config, result, err);
    }
    hone_free(folder);
    return status;
}
