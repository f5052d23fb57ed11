/* The stopping variant of Hyperband (Li et al. 2017), as Optuna's HyperbandPruner has it: of
 * B = floor(log_factor(max_resource / min_resource)) + 1 brackets number b is asynchronous successive halving
 * from min_resource * factor^b steps on, among its own trials only. A trial's bracket follows from the crc32
 * of
 * "<study>_<number>" modulo the total of the brackets' shares, ceil(B factor^(B-1-b) / (B-b)).
 *
 * With max_resource auto it is one more than the last step of the first complete trial that reported; the
 * trials that ended before it were not judged and do not count. */
#include <math.h>

#include "base/inflate.h"
#include "base/memory.h"
#include "pruner/asha.h"
#include "pruner/bracket.h"
#include "pruner/finished.h"
#include "pruner/resource.h"

enum { MOST_BRACKETS = 64 };

typedef struct hyperband_state {
    const hn_asha_config *config;
    int64_t min_resource, max_resource; /* as given */
    hn_finished finished;
    bool known; /* brackets are */
    size_t n_brackets;
    hn_bracket *brackets; /* (n_brackets,) */
    int64_t shares[MOST_BRACKETS], total;
    hn_buffer label; /* "<study>_<number>" */
    int64_t *others; /* (capacity,): running trials of a bracket */
    size_t capacity;
} hyperband_state;

/* --- the brackets --- */

static void clear(hyperband_state *s)
{
    for (size_t b = 0; b < s->n_brackets; b++) {
        hn_bracket_clear(&s->brackets[b]);
    }
    hn_free(s->brackets);
    s->brackets = NULL;
    s->n_brackets = 0;
    s->known = false;
}

static hone_status make_brackets(hyperband_state *s, int64_t most, hone_error *err)
{
    int64_t least = s->min_resource, factor = s->config->factor;
    s->known = true;
    if (most < least) { /* of auto: trials are too short to be judged */
        return HONE_OK;
    }
    /* Rounded as Optuna rounds it: 243 steps by factor 3 are five brackets, not six. */
    size_t n = (size_t)floor(log((double)most / (double)least) / log((double)factor)) + 1;
    s->brackets = hn_calloc(n, sizeof *s->brackets);
    if (s->brackets == NULL) {
        return hn_out_of_memory(err);
    }
    int64_t first = least;
    s->n_brackets = n;
    s->total = 0;
    for (size_t b = 0; b < n; b++) {
        double rest = (double)(n - b); /* of Optuna s + 1 */
        s->brackets[b] =
            (hn_bracket){.first = first, .factor = factor, .bootstrap = s->config->bootstrap_count};
        s->shares[b] = (int64_t)ceil((double)n * pow((double)factor, rest - 1) / rest);
        s->total += s->shares[b];
        first = first > INT64_MAX / factor ? INT64_MAX : first * factor;
    }
    return HONE_OK;
}

static hone_status find_bracket(hyperband_state *s, const hn_prune_context *context, int64_t number,
                                size_t *bracket, hone_error *err)
{
    hn_buffer_clear(&s->label);
    hn_buffer_printf(&s->label, "%s_%lld", context->study_name ? context->study_name : "", (long long)number);
    if (hn_buffer_failed(&s->label)) {
        hn_buffer_release(&s->label);
        return hn_out_of_memory(err);
    }
    int64_t place = (int64_t)hn_crc32(hn_buffer_string(&s->label), s->label.size) % s->total;
    size_t b = 0;
    while (place >= s->shares[b]) {
        place -= s->shares[b++];
    }
    *bracket = b;
    return HONE_OK;
}

/* --- the pruner --- */

static hone_status init(void *state, const void *config, hone_error *err)
{
    hyperband_state *s = state;
    s->config = config;
    hone_status status = hn_resources_read("hyperband", s->config->min_resource, s->config->max_resource,
                                           &s->min_resource, &s->max_resource, err);
    if (status == HONE_OK && s->min_resource == HN_RESOURCE_AUTO) {
        s->min_resource = 1;
    }
    if (status == HONE_OK && s->config->bootstrap_count > 0 && s->max_resource == HN_RESOURCE_AUTO) {
        return hn_fail(
            err, HONE_INVALID,
            "pruner hyperband: bootstrap_count %lld needs a max_resource; auto begins when a trial is "
            "complete",
            (long long)s->config->bootstrap_count);
    }
    return status;
}

static void release(void *state)
{
    hyperband_state *s = state;
    clear(s);
    hn_buffer_release(&s->label);
    hn_free(s->others);
}

static hone_status take(hyperband_state *s, const hn_prune_context *context, int64_t number, hone_error *err)
{
    size_t b = 0;
    if (s->n_brackets == 0) {
        return HONE_OK;
    }
    hone_status status = find_bracket(s, context, number, &b, err);
    return status == HONE_OK ? hn_bracket_take(&s->brackets[b], context->history, number, err) : status;
}

/* Takes in the trials that ended since. */
static hone_status update(hyperband_state *s, const hn_prune_context *context, hone_error *err)
{
    int64_t number, whole;
    hone_status status = HONE_OK;
    if (hn_finished_restarts(&s->finished, context->history)) {
        clear(s);
    }
    if (!s->known && s->max_resource != HN_RESOURCE_AUTO) {
        status = make_brackets(s, s->max_resource, err);
    }
    while (status == HONE_OK && hn_finished_next(&s->finished, &number)) {
        if (s->known) {
            status = take(s, context, number, err);
        } else if (hn_finished_whole(context->history, number, &whole)) {
            status = make_brackets(s, whole < INT64_MAX ? whole + 1 : whole, err);
        }
    }
    if (status != HONE_OK) {
        s->finished = (hn_finished){0};
        clear(s);
    }
    return status;
}

/* The running trials of a bracket. */
static hone_status list_others(hyperband_state *s, const hn_prune_context *context, size_t bracket, size_t *n,
                               hone_error *err)
{
    size_t n_running, b = 0;
    const int64_t *running = hn_history_running(context->history, &n_running);
    hone_status status = HONE_OK;
    if (n_running > s->capacity) {
        int64_t *grown = hn_realloc_array(s->others, n_running, sizeof *grown);
        if (grown == NULL) {
            return hn_out_of_memory(err);
        }
        s->others = grown;
        s->capacity = n_running;
    }
    *n = 0;
    for (size_t i = 0; i < n_running && status == HONE_OK; i++) {
        status = find_bracket(s, context, running[i], &b, err);
        if (status == HONE_OK && b == bracket) {
            s->others[(*n)++] = running[i];
        }
    }
    return status;
}

static hone_status judge(void *state, const hn_prune_context *context, int64_t number, int64_t step,
                         hn_verdict *verdict, hone_error *err)
{
    hyperband_state *s = state;
    size_t bracket = 0, n = 0;
    hone_status status = update(s, context, err);
    if (status == HONE_OK && s->n_brackets == 0) {
        *verdict = HN_CONTINUE;
        return HONE_OK;
    }
    if (status == HONE_OK) {
        status = find_bracket(s, context, number, &bracket, err);
    }
    if (status == HONE_OK) {
        status = list_others(s, context, bracket, &n, err);
    }
    if (status == HONE_OK) {
        *verdict = hn_bracket_judge(&s->brackets[bracket], context->history, s->others, n, number, step);
    }
    return status;
}

const hn_pruner_type hn_pruner_hyperband_stop = {
    .name = "hyperband",
    .state_size = sizeof(hyperband_state),
    .uses_reports = true,
    .init = init,
    .release = release,
    .judge = judge,
};
