/* What a run is called at its beginning and came to at its end. */
#include <math.h>
#include <string.h>

#include "app/training.h"
#include "app/tune.h"
#include "base/number.h"
#include "base/os_file.h"
#include "study/study.h"
#include "view/table.h"
#include "view/trial_node.h"

enum { DIGITS = 6 };

const char *hn_tune_header(hone_tune *tune)
{
    const hone_plan *plan = tune->plan;
    hn_buffer text = HN_BUFFER_INIT;
    hn_buffer_printf(&text, "hone  study %s   %s   ", plan->study, plan->storage_shown);
    for (size_t i = 0; i < tune->n_goals; i++) {
        hn_buffer_printf(&text, "%s%s %s", i ? ", " : "",
                         tune->directions[i] == HONE_MAXIMIZE ? "maximize" : "minimize", tune->goals[i]);
    }
    hn_buffer_printf(&text, "   %s", plan->search.sampler_label);
    if (strcmp(plan->search.pruner_label, "none") != 0) {
        hn_buffer_printf(&text, "   %s", plan->search.pruner_label);
    }
    int processes = tune->options.on ? (int)plan->search.workers
                    : tune->job      ? tune->crew.processes
                                     : tune->workers;
    hn_buffer_printf(&text, "   %d worker%s%s%s", processes, processes == 1 ? "" : "s",
                     tune->options.on ? " on " : "", tune->options.on ? tune->options.on : "");
    if (tune->job && tune->crew.threads > 1 && !tune->options.on) {
        hn_buffer_printf(&text, " of %d threads", tune->crew.threads);
    }
    if (tune->job) {
        hn_buffer_printf(&text, "\n      %s, %s of %s", plan->model.type->name, hn_model_job_fits(tune->job),
                         hn_model_job_summary(tune->job));
    }
    if (plan->outer_fold) {
        hn_buffer_printf(&text, "\n      on the training rows of outer fold %lld of %lld",
                         (long long)plan->outer_fold, (long long)plan->model.outer);
    }
    const char *copy =
        hn_buffer_failed(&text) ? NULL : hn_arena_strdup(&tune->arena, hn_buffer_string(&text));
    hn_buffer_release(&text);
    return copy;
}

/* --- for people --- */

static void add_number(hn_buffer *out, double value, int digits)
{
    char text[HN_NUMBER_SIZE];
    hn_format_short(text, value, digits);
    hn_buffer_text(out, text);
}

static void add_title(hn_buffer *out, const hone_tune *tune, const char *title)
{
    hn_buffer_char(out, '\n');
    hn_style_text(out, tune->options.result.color, HN_STYLE_STRONG, title);
}

static void add_params(hn_buffer *out, const hone_trial_info *trial, const char *before, const char *after)
{
    for (size_t i = 0; i < trial->n_params; i++) {
        hn_buffer_printf(out, "%s%s ", before, trial->params[i].name);
        if (trial->params[i].value.type == HONE_FLOAT) {
            add_number(out, trial->params[i].value.as.real, DIGITS);
        } else {
            hn_value_write(out, trial->params[i].value);
        }
        hn_buffer_text(out, after);
    }
}

static void add_best(hn_buffer *out, const hone_tune *tune, const hone_trial_info *best,
                     const hone_tune_result *result)
{
    add_title(out, tune, "best     ");
    hn_buffer_printf(out, "  %s ", tune->goals[0]);
    add_number(out, best->values[0], DIGITS);
    if (!isnan(result->deviation) && hn_model_job_folds(tune->job) > 1) {
        hn_buffer_text(out, " ± ");
        add_number(out, result->deviation, 2);
        hn_buffer_printf(out, " over %s", hn_model_job_fits(tune->job));
    }
    double train = hn_trial_measured(best, "train_", tune->goals[0], "");
    if (!isnan(train)) {
        hn_buffer_text(out, ", ");
        add_number(out, train, DIGITS);
        hn_buffer_text(out, " in training");
    }
    hn_buffer_printf(out, "   (trial %lld)\n", (long long)best->number);
    add_params(out, best, "             ", "\n");
    double oob_score = hn_trial_measured(best, "", "oob_score", "");
    if (!isnan(oob_score)) {
        hn_style_text(out, tune->options.result.color, HN_STYLE_STRONG, "out of bag");
        hn_buffer_text(out, " ");
        add_number(out, oob_score, DIGITS);
        hn_buffer_text(out, ", the folds' training rows judged by trees that did not see them\n");
    }
}

/* Why another trial than the best was fitted again. */
static void add_choice(hn_buffer *out, const hone_tune *tune, const hone_trial_info *best,
                       const hone_tune_result *result)
{
    if (tune->plan->search.refit != HN_REFIT_ONE_STANDARD_ERROR) {
        return;
    }
    hn_style_text(out, tune->options.result.color, HN_STYLE_STRONG, "chosen   ");
    if (tune->why_chosen) {
        hn_buffer_printf(out, "  #%lld rather than the best, #%lld: %s\n", (long long)result->chosen,
                         (long long)best->number, tune->why_chosen);
    } else {
        hn_buffer_text(out, "  the best: none within one standard error is simpler\n");
    }
}

/* The scores of the outer folds beside what each search found best in itself. */
static void add_outer(hn_buffer *out, const hone_tune *tune, const hone_tune_result *result)
{
    if (isnan(result->outer_value)) {
        return;
    }
    hn_style_text(out, tune->options.result.color, HN_STYLE_STRONG, "nested   ");
    hn_buffer_printf(out, "  %s ", tune->goals[0]);
    add_number(out, result->outer_value, DIGITS);
    hn_buffer_text(out, " ± ");
    add_number(out, result->outer_deviation, 2);
    hn_buffer_printf(out, " over %zu outer folds: what the search is worth; the best's own score is picked\n",
                     tune->n_outer);
    for (size_t i = 0; i < tune->n_outer; i++) {
        const hn_outer_fold *fold = &tune->outer[i];
        hn_buffer_printf(out, "             fold %zu  ", i + 1);
        add_number(out, fold->score, DIGITS);
        hn_buffer_text(out, " (inside ");
        add_number(out, fold->chosen->values[0], DIGITS);
        hn_buffer_char(out, ')');
        add_params(out, fold->chosen, "   ", "");
        hn_buffer_char(out, '\n');
    }
}

static void add_held_out(hn_buffer *out, const hone_tune *tune, const hn_held_out *held_out)
{
    hn_style_text(out, tune->options.result.color, HN_STYLE_STRONG, "held out ");
    for (size_t m = 0; m < held_out->scores->count; m++) {
        double value = NAN;
        hn_node_double(held_out->scores->as.entries[m].value, &value);
        hn_buffer_printf(out, "%s%s ", m ? ", " : "  ", held_out->scores->as.entries[m].key);
        add_number(out, value, DIGITS);
    }
    const char *file = tune->plan->data.test; /* whether it has rows of the training file is not looked at */
    if (file) {
        hn_buffer_printf(out, " on %zu rows of %s\n", held_out->rows, file);
    } else {
        hn_buffer_printf(out, " on %zu rows no trial saw\n", held_out->rows);
    }
}

/* What the threshold was chosen by. */
static const char *decided_by(const hone_tune *tune)
{
    const hn_node *metric = hn_map_get(tune->plan->model.decision, "metric");
    return metric && metric->kind == HN_STRING ? metric->as.string : "mean cost";
}

/* "threshold 0.31: f1 0.72 (0.66 at 0.5)" */
static void add_threshold(hn_buffer *out, const hone_tune *tune, const hn_held_out *held_out)
{
    hn_style_text(out, tune->options.result.color, HN_STYLE_STRONG, "threshold");
    hn_buffer_text(out, " ");
    add_number(out, held_out->threshold, DIGITS);
    hn_buffer_printf(out, ": %s ", decided_by(tune));
    add_number(out, held_out->threshold_value, DIGITS);
    hn_buffer_text(out, " (");
    add_number(out, held_out->usual_value, DIGITS);
    hn_buffer_text(out, " at 0.5), of rows that were not learned from\n");
}

static void add_front(hn_buffer *out, const hone_tune *tune)
{
    int64_t *numbers = NULL;
    size_t count = 0;
    if (hone_study_best(tune->study, 0, &numbers, &count, NULL) || !count) {
        return;
    }
    add_title(out, tune, "best     ");
    hn_buffer_printf(out, "  %zu trials that no other beats in everything: hone best\n", count);
    hone_free(numbers);
}

static void add_counts(hn_buffer *out, const hone_tune *tune, const hone_tune_result *result)
{
    int64_t n = result->complete + result->pruned + result->failed;
    char time[HN_NUMBER_SIZE];
    hn_style_text(out, tune->options.result.color, HN_STYLE_STRONG, "trials   ");
    if (!n && tune->total && tune->done >= tune->total) {
        hn_buffer_printf(out, "  all %lld are done already", (long long)tune->total);
        if (!tune->options.worker) {
            hn_buffer_printf(out, "; --trials +%lld adds more", (long long)tune->total);
        }
        hn_buffer_char(out, '\n');
        return;
    }
    hn_format_duration(time, result->seconds);
    hn_buffer_printf(out, "  %lld in %s", (long long)n, time);
    if (result->pruned) {
        hn_buffer_printf(out, ", %lld pruned", (long long)result->pruned);
    }
    if (result->failed) {
        hn_buffer_printf(out, ", %lld failed", (long long)result->failed);
    }
    if (tune->done) {
        hn_buffer_printf(out, "; %lld before", (long long)tune->done);
    }
    const char *because = hn_buffer_string(&tune->study->end_why);
    hn_buffer_printf(out, " (ended by: %s%s%s)\n", result->reason, *because ? ": " : "", because);
}

static void add_unjudged(hn_buffer *out, const hone_tune *tune)
{
    hn_style_text(out, tune->options.result.color, HN_STYLE_STRONG, "pruner   ");
    hn_buffer_printf(out, "  no trial reported a step: %s had nothing to judge",
                     tune->plan->search.pruner_label);
    if (!tune->job) {
        hn_buffer_printf(out, "; print `step=1 %s=0.5` and so on", tune->goals[0]);
    }
    hn_buffer_char(out, '\n');
}

/* How much training ending early saved. */
static void add_training(hn_buffer *out, const hone_tune *tune)
{
    hn_buffer text = HN_BUFFER_INIT;
    hn_training training = hn_training_of(tune->study);
    hn_training_write(&text, &training);
    if (text.size) {
        hn_style_text(out, tune->options.result.color, HN_STYLE_STRONG, "training ");
        hn_buffer_printf(out, "  %s\n", hn_buffer_string(&text));
    }
    out->failed = out->failed || hn_buffer_failed(&text);
    hn_buffer_release(&text);
}

static void add_where(hn_buffer *out, const hone_tune *tune, const hone_tune_result *result)
{
    const hone_tune_options *options = &tune->options;
    bool color = options->result.color, interrupted = !strcmp(result->reason, "interrupted");
    hn_style_text(out, color, HN_STYLE_STRONG, "study    ");
    hn_buffer_printf(out, "  %s in %s", tune->plan->study, tune->plan->storage_shown);
    if (hn_file_exists(tune->folder)) {
        hn_buffer_printf(out, ", logs in %s", tune->folder);
    }
    hn_buffer_char(out, '\n');
    if (tune->model_saved) {
        hn_style_text(out, color, HN_STYLE_STRONG, "model    ");
        hn_buffer_printf(out, "  %s; use it: hone predict %s %s\n", options->model_file, options->model_file,
                         hn_model_job_dataset(tune->job)->samples ? "FILE" : "new.csv");
    }
    const char *next = interrupted ? options->again : options->more;
    bool over =
        !strcmp(result->reason, "failures") || !strcmp(result->reason, "exhausted"); /* more would not help */
    if (next && !over) {
        hn_style_text(out, color, HN_STYLE_STRONG, "continue ");
        hn_buffer_printf(out, "  %s\n", next);
    }
}

/* --- for machines --- */

static hn_node *counts_node(hn_arena *arena, const hone_tune *tune, const hone_tune_result *result)
{
    hn_node *map = hn_node_map(arena);
    map = hn_map_set(arena, map, "event", hn_node_string(arena, "result"));
    map = hn_map_set(arena, map, "study", hn_node_string(arena, tune->plan->study));
    map = hn_map_set(arena, map, "storage", hn_node_string(arena, tune->plan->storage_shown));
    map = hn_map_set(arena, map, "reason", hn_node_string(arena, result->reason));
    if (tune->study->end_why.size) {
        map =
            hn_map_set(arena, map, "because", hn_node_string(arena, hn_buffer_string(&tune->study->end_why)));
    }
    map = hn_map_set(arena, map, "complete", hn_node_integer(arena, result->complete));
    map = hn_map_set(arena, map, "pruned", hn_node_integer(arena, result->pruned));
    map = hn_map_set(arena, map, "failed", hn_node_integer(arena, result->failed));
    if (result->unjudged) {
        map = hn_map_set(arena, map, "unjudged", hn_node_bool(arena, true));
    }
    map = hn_map_set(arena, map, "seconds", hn_node_real(arena, round(result->seconds * 1e6) / 1e6));
    return hn_map_set(arena, map, "logs", hn_node_string(arena, tune->folder));
}

static hn_node *outer_node(hn_arena *arena, const hone_tune *tune, const hone_tune_result *result)
{
    hn_node *map = hn_node_map(arena), *folds = hn_node_list(arena);
    for (size_t i = 0; i < tune->n_outer; i++) {
        const hone_trial_info *chosen = tune->outer[i].chosen;
        hn_node *fold = hn_node_map(arena);
        fold = hn_map_set(arena, fold, "value", hn_node_real(arena, tune->outer[i].score));
        fold = hn_map_set(arena, fold, "inside", hn_node_real(arena, chosen->values[0]));
        fold = hn_map_set(arena, fold, "trial", hn_node_integer(arena, chosen->number));
        fold = hn_map_set(arena, fold, "params", hn_params_node(arena, chosen->params, chosen->n_params));
        folds = hn_list_append(arena, folds, fold);
    }
    map = hn_map_set(arena, map, "mean", hn_node_real(arena, result->outer_value));
    map = hn_map_set(arena, map, "deviation", hn_node_real(arena, result->outer_deviation));
    return hn_map_set(arena, map, "folds", folds);
}

static void add_json(hn_buffer *out, const hone_tune *tune, const hone_trial_info *best,
                     const hn_held_out *held_out, const hone_tune_result *result)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *map = counts_node(&arena, tune, result);
    hn_training training = hn_training_of(tune->study);
    hn_node *saved = hn_training_node(&arena, &training);
    if (saved) {
        map = hn_map_set(&arena, map, "training", saved);
    }
    if (best) {
        map = hn_map_set(&arena, map, "best", hn_trial_best_node(&arena, best));
    }
    if (tune->why_chosen) {
        hn_node *chosen = hn_node_map(&arena);
        chosen = hn_map_set(&arena, chosen, "trial", hn_node_integer(&arena, result->chosen));
        chosen = hn_map_set(&arena, chosen, "because", hn_node_string(&arena, tune->why_chosen));
        map = hn_map_set(&arena, map, "chosen", chosen);
    }
    if (!isnan(result->deviation)) {
        map = hn_map_set(&arena, map, "deviation", hn_node_real(&arena, result->deviation));
    }
    if (!isnan(result->outer_value)) {
        map = hn_map_set(&arena, map, "outer", outer_node(&arena, tune, result));
    }
    double train = best ? hn_trial_measured(best, "train_", tune->goals[0], "") : NAN;
    if (!isnan(train)) {
        map = hn_map_set(&arena, map, "train", hn_node_real(&arena, train));
    }
    double oob_score = best ? hn_trial_measured(best, "", "oob_score", "") : NAN;
    if (!isnan(oob_score)) {
        map = hn_map_set(&arena, map, "oob_score", hn_node_real(&arena, oob_score));
    }
    if (held_out->given) {
        hn_node *held = hn_node_map(&arena);
        held = hn_map_set(&arena, held, "rows", hn_node_integer(&arena, (int64_t)held_out->rows));
        held = hn_map_set(&arena, held, "value", hn_node_real(&arena, held_out->value));
        held = hn_map_set(&arena, held, "scores", hn_node_copy(&arena, held_out->scores));
        map = hn_map_set(&arena, map, "held_out", held);
    }
    if (!isnan(held_out->threshold)) {
        hn_node *decided = hn_node_map(&arena);
        decided = hn_map_set(&arena, decided, "threshold", hn_node_real(&arena, held_out->threshold));
        decided = hn_map_set(&arena, decided, "metric", hn_node_string(&arena, decided_by(tune)));
        decided = hn_map_set(&arena, decided, "value", hn_node_real(&arena, held_out->threshold_value));
        decided = hn_map_set(&arena, decided, "usual", hn_node_real(&arena, held_out->usual_value));
        map = hn_map_set(&arena, map, "decision", decided);
    }
    if (tune->model_saved) {
        map = hn_map_set(&arena, map, "model_file", hn_node_string(&arena, tune->options.model_file));
    }
    out->failed |= !map;
    if (map) {
        hn_json_write(out, map, HN_JSON_STRICT);
        hn_buffer_char(out, '\n');
    }
    hn_arena_release(&arena);
}

hone_status hn_tune_summary(hone_tune *tune, const hone_trial_info *best, const hn_held_out *held_out,
                            const hone_tune_result *result, hone_error *err)
{
    hn_buffer text = HN_BUFFER_INIT;
    hone_status status = HONE_OK;
    if (!tune->options.result.write) {
        return HONE_OK;
    }
    if (tune->options.json) {
        add_json(&text, tune, best, held_out, result);
    } else {
        if (best) {
            add_best(&text, tune, best, result);
            add_choice(&text, tune, best, result);
        } else if (tune->n_goals > 1) {
            add_front(&text, tune);
        }
        add_outer(&text, tune, result);
        if (held_out->given) {
            add_held_out(&text, tune, held_out);
        }
        if (!isnan(held_out->threshold)) {
            add_threshold(&text, tune, held_out);
        }
        add_counts(&text, tune, result);
        if (result->unjudged) {
            add_unjudged(&text, tune);
        }
        add_training(&text, tune);
        add_where(&text, tune, result);
    }
    status = hn_sink_write(&tune->options.result, &text, err);
    hn_buffer_release(&text);
    return status;
}
