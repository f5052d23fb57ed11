#include "analysis/observations.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "math/statistics.h"

/* What is gathered before the groups are made. */
typedef struct gathering {
    const hn_history *history;
    hn_arena *arena;
    int64_t *trials; /* (n_trials,) */
    double *loss;    /* (n_trials,) */
    size_t *columns; /* (n_parameters,): of the history */
    bool *has;       /* (n_parameters, n_trials) */
    hn_observed *observed;
    hone_error *err;
} gathering;

static hone_status list_trials(gathering *g, size_t objective)
{
    size_t rows = hn_history_count(g->history), n = 0;
    g->trials = HN_ARENA_NEW(g->arena, int64_t, rows);
    g->loss = HN_ARENA_NEW(g->arena, double, rows);
    if (!g->trials || !g->loss)
        return hn_out_of_memory(g->err);
    for (int64_t t = 0; t < (int64_t)rows; t++) {
        double loss = hn_history_state(g->history, t) == HONE_COMPLETE
                          ? hn_history_loss(g->history, t, objective)
                          : NAN;
        if (isfinite(loss)) {
            g->trials[n] = t;
            g->loss[n++] = loss;
        }
    }
    g->observed->n_trials = n;
    g->observed->loss = g->loss;
    return HONE_OK;
}

static hone_status list_parameters(gathering *g)
{
    hn_observed *o = g->observed;
    size_t columns = hn_history_column_count(g->history), n = o->n_trials;
    o->names = HN_ARENA_NEW(g->arena, const char *, columns);
    o->distributions = HN_ARENA_NEW(g->arena, const hn_distribution *, columns);
    o->n_having = HN_ARENA_NEW(g->arena, size_t, columns);
    g->columns = HN_ARENA_NEW(g->arena, size_t, columns);
    g->has = hn_arena_alloc(g->arena, columns * (n ? n : 1), sizeof *g->has);
    if (!o->names || !o->distributions || !o->n_having || !g->columns || !g->has)
        return hn_out_of_memory(g->err);
    for (size_t c = 0; c < columns; c++) {
        size_t p = o->n_parameters;
        bool *has = g->has + p * n;
        o->n_having[p] = 0;
        for (size_t i = 0; i < n; i++)
            o->n_having[p] += has[i] = hn_history_has(g->history, g->trials[i], c);
        if (!o->n_having[p])
            continue;
        o->names[p] = hn_history_column_name(g->history, c);
        o->distributions[p] = hn_history_latest_distribution(g->history, c);
        g->columns[p] = c;
        o->n_parameters++;
    }
    return HONE_OK;
}

/* The place of each category when they are sorted by the mean loss of the trials that have them; categories
 * that none has come last. NULL when memory is out. */
static const double *places_of_categories(const gathering *g, size_t p, const hn_observations *group)
{
    size_t k = g->observed->distributions[p]->n_choices;
    double *mean = HN_ARENA_NEW(g->arena, double, k), *count = HN_ARENA_NEW(g->arena, double, k);
    size_t *order = HN_ARENA_NEW(g->arena, size_t, k);
    if (!mean || !count || !order)
        return NULL;
    for (size_t i = 0; i < g->observed->n_trials; i++) {
        if (g->has[group->parameters[0] * g->observed->n_trials + i]) {
            size_t choice = (size_t)hn_history_cell(g->history, g->trials[i], g->columns[p]);
            mean[choice < k ? choice : 0] += g->loss[i];
            count[choice < k ? choice : 0]++;
        }
    }
    for (size_t c = 0; c < k; c++)
        mean[c] = count[c] > 0 ? mean[c] / count[c] : INFINITY;
    hn_argsort(mean, k, order);
    for (size_t r = 0; r < k; r++)
        count[order[r]] = ((double)r + 0.5) / (double)k;
    return count;
}

/* Column j of the group's table. */
static hone_status fill_column(const gathering *g, hn_observations *group, size_t j)
{
    size_t p = group->parameters[j], n = g->observed->n_trials;
    const hn_distribution *distribution = g->observed->distributions[p];
    const bool *in_group = g->has + group->parameters[0] * n;
    const double *places = NULL;
    if (distribution->kind == HN_CATEGORICAL && !distribution->ordinal) {
        places = places_of_categories(g, p, group);
        if (!places)
            return hn_out_of_memory(g->err);
    }
    for (size_t i = 0, row = 0; i < n; i++) {
        if (!in_group[i])
            continue;
        double value = hn_history_cell(g->history, g->trials[i], g->columns[p]);
        size_t choice = places && value < (double)distribution->n_choices ? (size_t)value : 0;
        group->unit[row++ * group->d + j] =
            places ? places[choice] : hn_distribution_encode(distribution, value);
    }
    return HONE_OK;
}

/* Have all trials of parameter a parameter b, too? */
static bool all_have(const gathering *g, size_t a, size_t b)
{
    size_t n = g->observed->n_trials;
    for (size_t i = 0; i < n; i++)
        if (g->has[a * n + i] && !g->has[b * n + i])
            return false;
    return true;
}

/* The group of parameter `first` and of those after it that the same trials have, which are marked as done.
 */
static hone_status make_group(gathering *g, size_t first, bool *done, hn_observations *group)
{
    const hn_observed *o = g->observed;
    *group = (hn_observations){.n = o->n_having[first],
                               .parameters = HN_ARENA_NEW(g->arena, size_t, o->n_parameters)};
    if (!group->parameters)
        return hn_out_of_memory(g->err);
    for (int own = 1; own >= 0; own--) {
        for (size_t p = 0; p < o->n_parameters; p++) {
            bool is_own = o->n_having[p] == group->n && all_have(g, first, p);
            if (hn_distribution_is_constant(o->distributions[p]) || is_own != own || !all_have(g, first, p))
                continue;
            group->parameters[group->d++] = p;
            group->n_own += is_own;
            done[p] = done[p] || is_own;
        }
    }
    group->unit = hn_arena_alloc(g->arena, group->n * group->d, sizeof *group->unit);
    group->loss = HN_ARENA_NEW(g->arena, double, group->n);
    if (!group->unit || !group->loss)
        return hn_out_of_memory(g->err);
    for (size_t i = 0, row = 0; i < o->n_trials; i++)
        if (g->has[first * o->n_trials + i])
            group->loss[row++] = g->loss[i];
    hone_status status = HONE_OK;
    for (size_t j = 0; !status && j < group->d; j++)
        status = fill_column(g, group, j);
    return status;
}

hone_status hn_observe(const hn_history *history, size_t objective, hn_arena *arena, hn_observed *observed,
                       hone_error *err)
{
    *observed = (hn_observed){0};
    gathering g = {.history = history, .arena = arena, .observed = observed, .err = err};
    hone_status status = list_trials(&g, objective);
    if (!status)
        status = list_parameters(&g);
    bool *done = HN_ARENA_NEW(arena, bool, observed->n_parameters + 1);
    observed->groups = HN_ARENA_NEW(arena, hn_observations, observed->n_parameters + 1);
    if (!status && (!done || !observed->groups))
        status = hn_out_of_memory(err);
    for (size_t p = 0; !status && p < observed->n_parameters; p++)
        if (!done[p] && !hn_distribution_is_constant(observed->distributions[p]))
            status = make_group(&g, p, done, &observed->groups[observed->n_groups++]);
    return status;
}
