/* Stops a trial that is worse than the best one on the same instances (folds, seeds, problems), by Wilcoxon's
 * signed-rank test on the differences; a report's step is the number of the instance. Decisions are those of
 * Optuna's WilcoxonPruner (tests/oracle/stopping_oracle.py): the test is repeated at every report, without a
 * correction for that; a trial whose mean is not worse than that of the whole best trial goes on; so does one
 * when either reported something that is not finite. O(reports log reports) a judgement. */
#include <math.h>

#include "base/memory.h"
#include "math/signed_rank.h"
#include "pruner/pruner.h"
#include "pruner/reports.h"

typedef struct wilcoxon_config {
    double p_threshold;
    int64_t n_startup_steps;
    bool means;
} wilcoxon_config;

typedef struct wilcoxon_state {
    const wilcoxon_config *config;
    double *differences; /* (capacity,) */
    size_t capacity;
} wilcoxon_state;

/* What two trials reported. */
typedef struct reported {
    const hn_trial_report *reports;
    size_t n;
} reported;

static hone_status init(void *state, const void *config, hone_error *err)
{
    (void)err;
    ((wilcoxon_state *)state)->config = config;
    return HONE_OK;
}

static void release(void *state)
{
    hn_free(((wilcoxon_state *)state)->differences);
}

static reported reports_of(const hn_history *history, int64_t number)
{
    reported r;
    r.n = hn_history_reports(history, number, &r.reports);
    return r;
}

/* The mean loss over what was reported; NaN or infinite when a report is. */
static double mean_loss(const hn_history *history, const reported *r, bool means)
{
    double sum = 0;
    for (size_t i = 0; i < r->n; i++) {
        sum += r->reports[i].value;
    }
    bool finite = r->n > 0 && isfinite(sum);
    return hn_report_loss(history, finite && means ? r->reports[r->n - 1].value : sum / (double)r->n);
}

/* Differences of losses, own - best, at the steps that both have; how many. */
static size_t pair_up(const hn_history *history, const reported *own, const reported *best,
                      double *differences)
{
    size_t n = 0;
    for (size_t i = 0, k = 0; i < own->n && k < best->n;) {
        int64_t a = own->reports[i].step, b = best->reports[k].step;
        if (a == b) {
            differences[n++] = hn_report_loss(history, own->reports[i].value) -
                               hn_report_loss(history, best->reports[k].value);
        }
        i += a <= b;
        k += b <= a;
    }
    return n;
}

/* The same of the scores of single folds, where reports are means over all folds so far; 0 when the folds of
 * the two are not the same. What recovering them rounds is a tie. */
static size_t pair_folds(const hn_history *history, const reported *own, const reported *best,
                         double *differences)
{
    double last = (double)own->reports[own->n - 1].step;
    for (size_t i = 0; i < own->n; i++) {
        if (i == best->n || own->reports[i].step != best->reports[i].step || own->reports[i].step < 1) {
            return 0;
        }
        double a = hn_report_block(history, own->reports, i), b = hn_report_block(history, best->reports, i);
        double rounding = 1e-14 * last * fmax(fabs(a), fabs(b));
        differences[i] = fabs(a - b) <= rounding ? 0 : a - b;
    }
    return own->n;
}

static hone_status make_room(wilcoxon_state *s, size_t n, hone_error *err)
{
    if (n <= s->capacity) {
        return HONE_OK;
    }
    double *grown = hn_realloc_array(s->differences, n, sizeof *grown);
    if (grown == NULL) {
        return hn_out_of_memory(err);
    }
    s->differences = grown;
    s->capacity = n;
    return HONE_OK;
}

static hone_status judge(void *state, const hn_prune_context *context, int64_t number, int64_t step,
                         hn_verdict *verdict, hone_error *err)
{
    (void)step; /* all reports count */
    wilcoxon_state *s = state;
    const hn_history *history = context->history;
    int64_t best = hn_incumbent(history);
    *verdict = HN_CONTINUE;
    if (best < 0) {
        return HONE_OK;
    }
    reported own = reports_of(history, number), others = reports_of(history, best);
    double own_mean = mean_loss(history, &own, s->config->means),
           best_mean = mean_loss(history, &others, s->config->means);
    if (!isfinite(own_mean) || !isfinite(best_mean) || own_mean <= best_mean) {
        return HONE_OK;
    }
    hone_status status = make_room(s, own.n, err);
    if (status != HONE_OK) {
        return status;
    }
    size_t n = s->config->means ? pair_folds(history, &own, &others, s->differences)
                                : pair_up(history, &own, &others, s->differences);
    if (n >= 2 && n >= (size_t)s->config->n_startup_steps &&
        hn_signed_rank_tail(s->differences, n) < s->config->p_threshold) {
        *verdict = HN_STOP;
    }
    return HONE_OK;
}

static const hn_option options[] = {
    {.name = "p_threshold",
     .type = HN_OPTION_DOUBLE,
     .default_text = "0.1",
     .low = 0,
     .high = 1,
     .offset = offsetof(wilcoxon_config, p_threshold),
     .help =
         "a trial is stopped when differences like these have a smaller probability in one that is as good as "
         "the best"},
    {.name = "n_startup_steps",
     .type = HN_OPTION_INT,
     .default_text = "2",
     .low = 0,
     .high = 1e15,
     .offset = offsetof(wilcoxon_config, n_startup_steps),
     .help = "instances that must be there before a trial is judged; at least two are"},
    {.name = "means",
     .type = HN_OPTION_BOOL,
     .default_text = "false",
     .offset = offsetof(wilcoxon_config, means),
     .help =
         "reports are means over the steps so far, as those of folds of built-in models are, for which it is "
         "true; else each is of its own instance"},
};

const hn_pruner_type hn_pruner_wilcoxon = {
    .name = "wilcoxon",
    .help = "stops a trial that a signed-rank test finds worse than the best one on the same folds, seeds or "
            "instances (steps are their numbers)",
    .options = {options, sizeof options / sizeof *options, sizeof(wilcoxon_config)},
    .state_size = sizeof(wilcoxon_state),
    .uses_reports = true,
    .init = init,
    .release = release,
    .judge = judge,
};
