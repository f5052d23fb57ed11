/* sampler/tpe_split.c: below and above.
 *
 * The rule that bounds an ask: trials weigh 1, older ones less, along a ramp from 1/n for the first to 1 for
 * the last 25 (Bergstra, Yamins & Cox 2013). While all trials can be looked at, all take part with these
 * weights, thinned to max_rows by systematic resampling: row i of m is the trial at the (i + 1/2) / m
 * quantile of the cumulative weight. When there are more than 4 max_rows, the same quantiles of the ramp are
 * taken without looking at the trials between; where too few of them have the group's parameters, more
 * quantiles are tried, up to 16 max_rows.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "sampler/tpe_split.h"

enum { RECENT = 25, SCAN_FACTOR = 4, PROBE_FACTOR = 16 };

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

bool hn_tpe_is_below(const hn_tpe_split *split, int64_t number)
{
    return split->n_below > 0 &&
           bsearch(&number, split->sorted, split->n_below, sizeof number, by_number) != NULL;
}

bool hn_tpe_has_group(hn_view view, const hn_tpe_group *group, int64_t number)
{
    for (size_t i = 0; i < group->n_columns; i++)
        if (group->columns[i] == SIZE_MAX || !hn_history_has(view.history, number, group->columns[i]))
            return false;
    return true;
}

/* --- below --- */

static size_t visible_rows(hn_view view)
{
    size_t count = hn_history_count(view.history);
    return view.before < (int64_t)count ? (size_t)(view.before < 0 ? 0 : view.before) : count;
}

static bool is_ranked(hn_view view, const hn_estimates *estimates, int64_t number)
{
    hone_trial_state state = hn_history_state(view.history, number);
    return estimates != NULL ? hn_estimate_find(estimates, number) != NULL
                             : state == HONE_COMPLETE || state == HONE_PRUNED;
}

typedef struct merit {
    double violation, loss;
    int64_t number;
} merit;

static int by_merit(const void *a, const void *b)
{
    const merit *x = a, *y = b;
    return x->violation != y->violation ? (x->violation > y->violation) - (x->violation < y->violation)
           : x->loss != y->loss         ? (x->loss > y->loss) - (x->loss < y->loss)
                                        : by_number(&x->number, &y->number);
}

static hone_status split_estimates(hn_view view, size_t n_below, hn_arena *arena, hn_tpe_split *split,
                                   hone_error *err)
{
    const hn_estimates *estimates = split->estimates;
    int64_t *below = HN_ARENA_NEW(arena, int64_t, n_below + 1);
    merit *merits = HN_ARENA_NEW(arena, merit, estimates->n + 1);
    if (below == NULL || merits == NULL)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < estimates->n; i++) {
        const hn_estimate *e = &estimates->items[i];
        merits[i] = (merit){hn_history_violation(view.history, e->number), e->loss, e->number};
    }
    qsort(merits, estimates->n, sizeof *merits, by_merit);
    for (size_t i = 0; i < n_below; i++)
        below[i] = merits[i].number;
    split->n_below = n_below;
    split->below = below;
    return HONE_OK;
}

static hone_status split_single(hn_view view, size_t n_below, hn_arena *arena, hn_tpe_split *split,
                                hone_error *err)
{
    int64_t *below = HN_ARENA_NEW(arena, int64_t, n_below);
    if (below == NULL)
        return hn_out_of_memory(err);
    split->n_below = hn_view_best(view, n_below, below);
    split->below = below;
    return HONE_OK;
}

/* Of a front, k by hypervolume below a point a tenth beyond the worst. */
static hone_status select_from_front(const hn_tpe_front *front, size_t m, size_t k, hn_arena *arena,
                                     int64_t *out, hone_error *err)
{
    size_t n = front->count;
    double *losses = hn_arena_scratch(arena, n, m * sizeof *losses),
           *reference = HN_ARENA_NEW(arena, double, m);
    size_t *chosen = HN_ARENA_NEW(arena, size_t, k);
    if (losses == NULL || reference == NULL || chosen == NULL)
        return hn_out_of_memory(err);
    for (size_t j = 0; j < m; j++) {
        double worst = -INFINITY;
        for (size_t i = 0; i < n; i++) {
            double loss = front->keys[i * (m + 1) + 1 + j];
            losses[i * m + j] = loss;
            worst = isfinite(loss) && loss > worst ? loss : worst;
        }
        reference[j] = isfinite(worst) ? fmax(1.1 * worst, 0.9 * worst) : 1;
        reference[j] = reference[j] == 0 ? 1e-12 : reference[j];
    }
    hone_status status = hn_tpe_select_front(losses, n, m, reference, k, arena, chosen, err);
    for (size_t i = 0; status == HONE_OK && i < k; i++)
        out[i] = front->numbers[chosen[i]];
    return status;
}

/* Whole fronts while they fit, then a part of the next. */
static hone_status split_several(hn_view view, size_t n_below, hn_tpe_archive *archive, hn_arena *arena,
                                 hn_tpe_split *split, hone_error *err)
{
    size_t m = hn_history_objective_count(view.history), taken = 0;
    int64_t *below = HN_ARENA_NEW(arena, int64_t, n_below);
    hone_status status = below == NULL ? hn_out_of_memory(err) : HONE_OK;
    for (size_t f = 0; status == HONE_OK && f < archive->n_fronts && taken < n_below; f++) {
        const hn_tpe_front *front = &archive->fronts[f];
        size_t k = front->count < n_below - taken ? front->count : n_below - taken;
        if (k < front->count)
            status = select_from_front(front, m, k, arena, below + taken, err);
        else
            memcpy(below + taken, front->numbers, k * sizeof *below);
        taken += k;
    }
    if (status != HONE_OK)
        return status;
    split->n_below = taken;
    split->below = below;
    return HONE_OK;
}

hone_status hn_tpe_split_trials(hn_view view, const hn_estimates *estimates, double gamma, size_t min_below,
                                size_t max_below, hn_tpe_archive *archive, hn_arena *arena,
                                hn_tpe_split *result, hone_error *err)
{
    bool several = hn_history_objective_count(view.history) > 1;
    hn_tpe_split split = {.estimates = several ? NULL : estimates, .ordered = !several};
    split.n_ranked = split.estimates != NULL ? estimates->n : hn_view_ranked_count(view);
    size_t n_below = (size_t)ceil(gamma * (double)split.n_ranked - 1e-9); /* 0.1 * 30 is above 3 in binary */
    if (!several && n_below < min_below)
        n_below = min_below < split.n_ranked ? min_below : split.n_ranked;
    if (n_below > max_below)
        n_below = max_below;
    hone_status status = several ? hn_tpe_archive_update(archive, view, 2 * max_below, err) : HONE_OK;
    if (status == HONE_OK)
        status = several                   ? split_several(view, n_below, archive, arena, &split, err)
                 : split.estimates != NULL ? split_estimates(view, n_below, arena, &split, err)
                                           : split_single(view, n_below, arena, &split, err);
    if (status != HONE_OK)
        return status;
    int64_t *sorted = HN_ARENA_NEW(arena, int64_t, split.n_below);
    if (sorted == NULL)
        return hn_out_of_memory(err);
    if (split.n_below > 0) {
        memcpy(sorted, split.below, split.n_below * sizeof *sorted);
        qsort(sorted, split.n_below, sizeof *sorted, by_number);
    }
    split.sorted = sorted;
    *result = split;
    return HONE_OK;
}

static hone_status new_rows(hn_arena *arena, size_t capacity, hn_tpe_rows *rows, hone_error *err)
{
    rows->count = 0;
    rows->numbers = hn_arena_scratch(arena, capacity, sizeof *rows->numbers);
    rows->weights = hn_arena_scratch(arena, capacity, sizeof *rows->weights);
    return rows->numbers == NULL || rows->weights == NULL ? hn_out_of_memory(err) : HONE_OK;
}

static void append(hn_tpe_rows *rows, int64_t number, double weight)
{
    rows->numbers[rows->count] = number;
    rows->weights[rows->count++] = weight;
}

/* --- above --- */

typedef struct above_filter {
    hn_view view;
    const hn_tpe_split *split;
    const hn_tpe_group *group;
} above_filter;

static bool takes_part(const above_filter *filter, int64_t number)
{
    return is_ranked(filter->view, filter->split->estimates, number) &&
           !hn_tpe_is_below(filter->split, number) && hn_tpe_has_group(filter->view, filter->group, number);
}

/* The weight of the i-th oldest of n. */
static double ramp(size_t i, size_t n)
{
    if (n < RECENT || i + RECENT >= n)
        return 1;
    size_t older = n - RECENT;
    return older < 2 ? 1.0 / (double)n
                     : 1.0 / (double)n + (1 - 1.0 / (double)n) * (double)i / (double)(older - 1);
}

static void keep_all(const above_filter *filter, size_t n_rows, hn_tpe_rows *rows)
{
    for (size_t i = 0; i < n_rows; i++)
        if (takes_part(filter, (int64_t)i))
            append(rows, (int64_t)i, 1);
    for (size_t i = 0; i < rows->count; i++)
        rows->weights[i] = ramp(i, rows->count);
}

/* Systematic resampling in place: the weight becomes how often a trial is drawn. */
static void thin(hn_tpe_rows *rows, size_t max_rows)
{
    if (rows->count <= max_rows)
        return;
    double total = 0, sum = 0;
    for (size_t i = 0; i < rows->count; i++)
        total += rows->weights[i];
    size_t kept = 0, drawn = 0;
    for (size_t i = 0; i < rows->count; i++) {
        size_t before = drawn;
        sum += rows->weights[i];
        while (drawn < max_rows && ((double)drawn + 0.5) / (double)max_rows * total < sum)
            drawn++;
        if (drawn > before) {
            rows->numbers[kept] = rows->numbers[i];
            rows->weights[kept++] = (double)(drawn - before);
        }
    }
    rows->count = kept;
}

/* The trials at `probes` quantiles of a ramp over all rows: a cumulative weight in proportion to the
 * square. */
static void probe(const above_filter *filter, size_t n_rows, size_t probes, hn_tpe_rows *rows)
{
    int64_t last = -1;
    rows->count = 0;
    for (size_t i = 0; i < probes; i++) {
        int64_t number = (int64_t)((double)n_rows * sqrt(((double)i + 0.5) / (double)probes));
        if (number == last && rows->count > 0 && rows->numbers[rows->count - 1] == last)
            rows->weights[rows->count - 1] += 1;
        else if (number != last && number < (int64_t)n_rows && takes_part(filter, number))
            append(rows, number, 1);
        last = number;
    }
}

/* The newest first, so that a bound leaves out the oldest. */
static void add_pending(const above_filter *filter, int64_t asking, size_t max_rows, hn_tpe_rows *rows)
{
    hn_view view = filter->view;
    const hn_tpe_group *group = filter->group;
    const hn_estimates *estimates = filter->split->estimates;
    size_t n_running, room = rows->count + max_rows;
    const int64_t *running = hn_history_running(view.history, &n_running);
    int64_t seen = (int64_t)visible_rows(view), count = (int64_t)hn_history_count(view.history);
    for (int64_t row = (asking < count ? asking : count) - 1; row >= seen && rows->count < room; row--)
        if (hn_tpe_has_group(view, group, row))
            append(rows, row, 1);
    for (size_t i = n_running; i-- > 0 && rows->count < room;)
        if (running[i] < seen && running[i] != asking && hn_estimate_find(estimates, running[i]) == NULL &&
            hn_tpe_has_group(view, group, running[i]))
            append(rows, running[i], 1);
}

hone_status hn_tpe_above_rows(hn_view view, const hn_tpe_split *split, const hn_tpe_group *group,
                              size_t max_rows, bool pending, int64_t asking, hn_arena *arena,
                              hn_tpe_rows *rows, hone_error *err)
{
    above_filter filter = {.view = view, .split = split, .group = group};
    size_t n_rows = visible_rows(view), all = SCAN_FACTOR * max_rows;
    size_t capacity = max_rows + (n_rows <= all ? n_rows : PROBE_FACTOR * max_rows);
    hone_status status = new_rows(arena, capacity, rows, err);
    if (status != HONE_OK)
        return status;
    if (n_rows <= all)
        keep_all(&filter, n_rows, rows);
    for (size_t probes = max_rows; n_rows > all && probes <= PROBE_FACTOR * max_rows; probes *= SCAN_FACTOR) {
        probe(&filter, n_rows, probes, rows);
        if (rows->count > max_rows / 2)
            break;
    }
    thin(rows, max_rows);
    if (pending)
        add_pending(&filter, asking, max_rows, rows);
    return HONE_OK;
}

/* --- below as rows --- */

hone_status hn_tpe_below_rows(hn_view view, const hn_tpe_split *split, const hn_tpe_group *group,
                              size_t max_rows, hn_arena *arena, hn_tpe_rows *rows, hone_error *err)
{
    hone_status status = new_rows(arena, split->n_below, rows, err);
    if (status != HONE_OK)
        return status;
    for (size_t i = 0; i < split->n_below; i++)
        if (hn_tpe_has_group(view, group, split->below[i]))
            append(rows, split->below[i], 1);
    double n = (double)rows->count, mean_square = (n + 1) * (2 * n + 1) / 6;
    for (size_t i = 0; split->ordered && i < rows->count; i++)
        rows->weights[i] = (n - (double)i) * (n - (double)i) / mean_square;
    if (!split->ordered)
        thin(rows, max_rows);
    return HONE_OK;
}
