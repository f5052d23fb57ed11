/* `--dry-run`: what would run. */
#include <string.h>

#include "app/tune.h"
#include "base/number.h"
#include "base/os_system.h"
#include "view/table.h"

typedef struct description {
    hone_plan *plan;
    const hone_sink *sink;
    hn_buffer text;
    hn_arena arena;
    hn_model_job *job;
    hone_study *study; /* as it is in the storage; NULL = it would be made */
} description;

static void title(description *d, const char *name)
{
    hn_style_text(&d->text, d->sink->color, HN_STYLE_STRONG, name);
}

static void add_parameter(description *d, const hn_parameter *parameter)
{
    hn_buffer_printf(&d->text, "           %-14s ", parameter->name);
    hn_distribution_describe(&d->text, &parameter->distribution);
    if (parameter->when) {
        hn_buffer_printf(&d->text, "  when %s", hn_condition_text(parameter->when));
    }
    hn_buffer_char(&d->text, '\n');
}

static void add_space(description *d)
{
    const hn_space *space = d->plan->space;
    title(d, "space    ");
    hn_buffer_printf(&d->text, "  %zu parameter%s", space->count, space->count == 1 ? "" : "s");
    double points = hn_space_count(space);
    if (points < 1e15) {
        hn_buffer_printf(&d->text, ", at most %lld points", (long long)points);
    }
    hn_buffer_char(&d->text, '\n');
    for (size_t i = 0; i < space->count; i++) {
        add_parameter(d, &space->parameters[space->by_display[i]]);
    }
}

/* The parameters of a first trial, from a study that nobody keeps. */
static const char *example_value(void *user, const char *name)
{
    const hone_trial *trial = ((void **)user)[0];
    hn_arena *arena = ((void **)user)[1];
    hone_value value;
    if (!hone_trial_get(trial, name, &value, NULL)) {
        return hn_value_text(arena, value);
    }
    for (size_t i = 0; hn_template_builtins[i]; i++) {
        if (!strcmp(name, hn_template_builtins[i])) {
            return hn_arena_printf(arena, "<%s>", name);
        }
    }
    return NULL;
}

static hone_status add_example(description *d, hone_error *err)
{
    const hone_plan *plan = d->plan;
    hone_plan copy = *plan;
    hone_study *study = NULL;
    hone_trial *trial = NULL;
    hone_outcome outcome = HONE_DONE;
    char **words = NULL;
    size_t n = 0;
    copy.storage = "memory:";
    hone_status status = hn_plan_open_study(&copy, &study, err);
    if (!status) {
        status = hone_study_ask(study, &outcome, &trial, NULL, NULL, err);
    }
    if (!status && outcome == HONE_ASKED) {
        void *user[] = {trial, &d->arena};
        status = hn_template_expand(plan->command.made, example_value, user, &d->arena, &words, &n, err);
    }
    if (!status && n) {
        title(d, "example  ");
        for (size_t i = 0; i < n; i++) {
            hn_buffer_printf(&d->text, "%s%s", i ? " " : "  ", words[i]);
        }
        hn_buffer_char(&d->text, '\n');
    }
    hone_trial_free(trial);
    hone_study_destroy(study);
    return status;
}

/* --- budget and time --- */

typedef struct timing {
    double seconds;
    int64_t n;
} timing;

static bool add_time(void *user, const hone_trial_info *info)
{
    timing *sum = user;
    if (info->state == HONE_COMPLETE && info->start_us && info->complete_us) {
        sum->seconds += (double)(info->complete_us - info->start_us) * 1e-6;
        sum->n++;
    }
    return true;
}

static hone_status add_budget(description *d, int64_t workers, hone_error *err)
{
    const hn_plan_search *search = &d->plan->search;
    int64_t done = d->study ? hn_study_finished(d->study) : 0, left = search->trials - done;
    char text[HN_NUMBER_SIZE];
    timing sum = {0};
    title(d, "budget   ");
    hn_buffer_text(&d->text, search->trials ? "" : "  no number of trials");
    if (search->trials) {
        hn_buffer_printf(&d->text, "  %lld trials, %lld done, %lld to run", (long long)search->trials,
                         (long long)done, (long long)(left > 0 ? left : 0));
    }
    if (search->timeout_seconds > 0) {
        hn_format_duration(text, search->timeout_seconds);
        hn_buffer_printf(&d->text, ", at most %s", text);
    }
    hn_buffer_printf(&d->text, ", %lld at a time\n", (long long)workers);
    hone_status status = d->study ? hone_study_each(d->study, add_time, &sum, err) : HONE_OK;
    title(d, "time     ");
    if (!status && sum.n && left > 0) {
        hn_format_duration(text, sum.seconds / (double)sum.n * (double)left / (double)workers);
        hn_buffer_printf(&d->text, "  about %s, by the %lld trials so far\n", text, (long long)sum.n);
    } else {
        hn_buffer_text(&d->text,
                       left > 0 || !search->trials ? "  unknown until a trial has run\n" : "  none\n");
    }
    return status;
}

static hone_status describe(description *d, hone_error *err)
{
    const hone_plan *plan = d->plan;
    int64_t workers = plan->search.workers ? plan->search.workers : d->job ? hn_cpu_count() : 1;
    hone_status status = HONE_OK;
    title(d, "study    ");
    hn_buffer_printf(&d->text, "  %s in %s%s\n", plan->study, plan->storage_shown,
                     d->study ? "" : " (would be made)");
    title(d, "goal     ");
    hn_buffer_printf(&d->text, "  %s\n", plan->goal ? plan->goal : "minimize value");
    title(d, "search   ");
    hn_buffer_printf(&d->text, "  sampler %s, pruner %s\n", plan->search.sampler_label,
                     plan->search.pruner_label);
    if (plan->search.schedule) {
        hn_buffer_printf(&d->text, "           %s\n", plan->search.schedule);
    }
    if (plan->space) {
        add_space(d);
    }
    if (d->job) {
        title(d, "model    ");
        hn_buffer_printf(&d->text, "  %s, %s of %s\n", plan->model.type->name, hn_model_job_fits(d->job),
                         hn_model_job_summary(d->job));
        if (plan->model.outer) {
            hn_buffer_printf(&d->text, "           and the whole search again in each of %lld outer folds\n",
                             (long long)plan->model.outer);
        }
    } else if (plan->command.given) {
        title(d, "command  ");
        hn_buffer_printf(&d->text, "  %s\n", plan->command.text);
        status = add_example(d, err);
    }
    return status ? status : add_budget(d, workers, err);
}

hone_status hone_plan_describe(hone_plan *plan, const hone_sink *sink, hone_error *err)
{
    description d = {.plan = plan, .sink = sink};
    hone_error inner;
    hone_status status = hone_plan_check(plan, err);
    if (!status && plan->model.type) {
        status = hn_model_job_open(plan, NULL, &d.job, err);
        status = status ? status : hn_model_job_check_test(d.job, err);
    }
    if (!status) {
        hone_status found = hone_study_open(plan->storage, plan->study, NULL, &d.study, &inner);
        if (found && found != HONE_NOT_FOUND) {
            status = found;
            if (err) {
                *err = inner;
            }
        }
    }
    if (!status) {
        status = describe(&d, err);
    }
    if (!status) {
        status = hn_sink_write(sink, &d.text, err);
    }
    hn_buffer_release(&d.text);
    hn_arena_release(&d.arena);
    hone_study_destroy(d.study);
    hn_model_job_destroy(d.job);
    return status;
}
