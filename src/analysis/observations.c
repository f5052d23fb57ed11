#include "analysis/observations.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "math/random.h"
#include "math/statistics.h"

/* What is gathered before the groups are made. */
typedef struct gathering {
    const hn_history *history;
    hn_arena *arena;
    int64_t *trials; /* (n_trials,) */
    double *loss;    /* (n_trials,) */
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
    o->columns = HN_ARENA_NEW(g->arena, size_t, columns);
    g->has = hn_arena_alloc(g->arena, columns * (n ? n : 1), sizeof *g->has);
    if (!o->names || !o->distributions || !o->n_having || !o->columns || !g->has)
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
        o->columns[p] = c;
        o->n_parameters++;
    }
    return HONE_OK;
}

/* --- tables --- */

static bool has(const gathering *g, size_t p, size_t trial)
{
    return g->has[p * g->observed->n_trials + trial];
}

static double cell(const gathering *g, size_t p, size_t trial)
{
    return hn_history_cell(g->history, g->trials[trial], g->observed->columns[p]);
}

static bool is_nominal(const hn_distribution *distribution)
{
    return distribution->kind == HN_CATEGORICAL && !distribution->ordinal;
}

/* The place of each category when they are sorted by the mean loss of the listed trials that have them;
 * categories that none has come last. NULL when memory is out. */
static const double *places_of_categories(const gathering *g, size_t p, const size_t *rows, size_t n)
{
    size_t k = g->observed->distributions[p]->n_choices;
    double *mean = HN_ARENA_NEW(g->arena, double, k), *count = HN_ARENA_NEW(g->arena, double, k);
    size_t *order = HN_ARENA_NEW(g->arena, size_t, k);
    if (!mean || !count || !order)
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (has(g, p, rows[i])) {
            size_t choice = (size_t)cell(g, p, rows[i]);
            mean[choice < k ? choice : 0] += g->loss[rows[i]];
            count[choice < k ? choice : 0]++;
        }
    for (size_t c = 0; c < k; c++)
        mean[c] = count[c] > 0 ? mean[c] / count[c] : INFINITY;
    hn_argsort(mean, k, order);
    for (size_t r = 0; r < k; r++)
        count[order[r]] = ((double)r + 0.5) / (double)k;
    return count;
}

double hn_observed_unit(const hn_observed *observed, const hn_observations *group, size_t j, double raw)
{
    const hn_distribution *distribution = observed->distributions[group->parameters[j]];
    if (!group->places[j])
        return hn_distribution_encode(distribution, raw);
    return group->places[j][raw < (double)distribution->n_choices ? (size_t)raw : 0];
}

/* The table of the group's n parameters for the trials listed in rows (n,). */
static hone_status fill_group(const gathering *g, const size_t *rows, hn_observations *group)
{
    const hn_observed *o = g->observed;
    group->unit = hn_arena_alloc(g->arena, group->n * group->d, sizeof *group->unit);
    group->loss = HN_ARENA_NEW(g->arena, double, group->n);
    group->places = HN_ARENA_NEW(g->arena, const double *, group->d);
    if (!group->unit || !group->loss || !group->places)
        return hn_out_of_memory(g->err);
    for (size_t i = 0; i < group->n; i++)
        group->loss[i] = g->loss[rows[i]];
    for (size_t j = 0; j < group->d; j++) {
        size_t p = group->parameters[j];
        if (is_nominal(o->distributions[p])) {
            group->places[j] = places_of_categories(g, p, rows, group->n);
            if (!group->places[j])
                return hn_out_of_memory(g->err);
        }
        for (size_t i = 0; i < group->n; i++)
            group->unit[i * group->d + j] =
                has(g, p, rows[i]) ? hn_observed_unit(o, group, j, cell(g, p, rows[i])) : HN_UNIT_ABSENT;
    }
    return HONE_OK;
}

void hn_observations_thin(hn_observations *group, size_t most, uint64_t seed)
{
    hn_random random = hn_random_stream(seed, 0, HN_PURPOSE_SUBSAMPLE);
    size_t kept = 0, d = group->d, n = group->n;
    for (size_t i = 0; n > most && i < n && kept < most; i++) /* Knuth's algorithm S */
        if (hn_random_uniform(&random) * (double)(n - i) < (double)(most - kept)) {
            memmove(group->unit + kept * d, group->unit + i * d, d * sizeof *group->unit);
            group->loss[kept++] = group->loss[i];
        }
    group->n = n > most ? kept : n;
}

/* --- groups --- */

/* Have all of the listed trials the parameter? */
static bool all_have(const gathering *g, const size_t *rows, size_t n, size_t p)
{
    for (size_t i = 0; i < n; i++)
        if (!has(g, p, rows[i]))
            return false;
    return true;
}

/* The trials that have all n parameters. NULL when memory is out. */
static size_t *rows_with(const gathering *g, const size_t *parameters, size_t n, size_t *n_rows)
{
    size_t *rows = HN_ARENA_NEW(g->arena, size_t, g->observed->n_trials), count = 0;
    for (size_t i = 0; rows && i < g->observed->n_trials; i++) {
        bool all = true;
        for (size_t k = 0; all && k < n; k++)
            all = has(g, parameters[k], i);
        rows[count] = i;
        count += all;
    }
    *n_rows = count;
    return rows;
}

/* The group of parameter `first` and of those after it that the same trials have, which are marked as done.
 */
static hone_status make_group(gathering *g, size_t first, bool *done, hn_observations *group)
{
    const hn_observed *o = g->observed;
    *group = (hn_observations){.parameters = HN_ARENA_NEW(g->arena, size_t, o->n_parameters)};
    size_t *rows = rows_with(g, &first, 1, &group->n);
    if (!group->parameters || !rows)
        return hn_out_of_memory(g->err);
    for (int own = 1; own >= 0; own--) {
        for (size_t p = 0; p < o->n_parameters; p++) {
            bool shared = all_have(g, rows, group->n, p), is_own = shared && o->n_having[p] == group->n;
            if (hn_distribution_is_constant(o->distributions[p]) || !shared || is_own != own)
                continue;
            group->parameters[group->d++] = p;
            group->n_own += is_own;
            done[p] = done[p] || is_own;
        }
    }
    return fill_group(g, rows, group);
}

static hone_status gather(gathering *g, size_t objective)
{
    *g->observed = (hn_observed){0};
    hone_status status = list_trials(g, objective);
    return status ? status : list_parameters(g);
}

hone_status hn_observe(const hn_history *history, size_t objective, hn_arena *arena, hn_observed *observed,
                       hone_error *err)
{
    gathering g = {.history = history, .arena = arena, .observed = observed, .err = err};
    hone_status status = gather(&g, objective);
    bool *done = HN_ARENA_NEW(arena, bool, observed->n_parameters + 1);
    observed->groups = HN_ARENA_NEW(arena, hn_observations, observed->n_parameters + 1);
    if (!status && (!done || !observed->groups))
        status = hn_out_of_memory(err);
    for (size_t p = 0; !status && p < observed->n_parameters; p++)
        if (!done[p] && !hn_distribution_is_constant(observed->distributions[p]))
            status = make_group(&g, p, done, &observed->groups[observed->n_groups++]);
    return status;
}

/* --- one group --- */

static hone_status find_parameter(const gathering *g, const char *name, size_t *parameter)
{
    const hn_observed *o = g->observed;
    for (size_t p = 0; p < o->n_parameters; p++)
        if (strcmp(o->names[p], name) == 0) {
            *parameter = p;
            return HONE_OK;
        }
    const char *near = hn_nearest_name(name, o->names, o->n_parameters);
    return hn_fail(g->err, HONE_NOT_FOUND, "no complete trial has a parameter '%.60s'%s%s%s", name,
                   near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

/* Makes room for the one group of n rows. */
static hone_status begin_group(gathering *g, size_t n)
{
    hn_observed *o = g->observed;
    o->groups = HN_ARENA_NEW(g->arena, hn_observations, 1);
    if (!o->groups)
        return hn_out_of_memory(g->err);
    o->n_groups = 1;
    o->groups->n = n;
    o->groups->parameters = HN_ARENA_NEW(g->arena, size_t, o->n_parameters + 1);
    return o->groups->parameters ? HONE_OK : hn_out_of_memory(g->err);
}

static void add_parameter(hn_observations *group, size_t p)
{
    for (size_t j = 0; j < group->d; j++)
        if (group->parameters[j] == p)
            return;
    group->parameters[group->d++] = p;
}

static hone_status observe_with(gathering *g, const char *const *names, size_t n_names)
{
    const hn_observed *o = g->observed;
    size_t wanted[2] = {0}, n = 0, *rows = NULL;
    hone_status status = HONE_OK;
    for (size_t k = 0; !status && k < n_names; k++) {
        status = find_parameter(g, names[k], &wanted[k]);
        if (!status && hn_distribution_is_constant(o->distributions[wanted[k]]))
            status =
                hn_fail(g->err, HONE_INVALID, "%.60s has one value only: nothing depends on it", names[k]);
    }
    if (status)
        return status;
    rows = rows_with(g, wanted, n_names, &n);
    if (!rows)
        return hn_out_of_memory(g->err);
    if (n < 2)
        return hn_fail(g->err, HONE_INVALID,
                       "at least 2 complete trials with a finite value must have %s%s%s; there %s %zu",
                       names[0], n_names > 1 ? " and " : "", n_names > 1 ? names[1] : "",
                       n == 1 ? "is" : "are", n);
    status = begin_group(g, n);
    for (size_t k = 0; !status && k < n_names; k++)
        add_parameter(o->groups, wanted[k]);
    for (size_t p = 0; !status && p < o->n_parameters; p++)
        if (!hn_distribution_is_constant(o->distributions[p]) && all_have(g, rows, n, p))
            add_parameter(o->groups, p);
    return status ? status : fill_group(g, rows, o->groups);
}

hone_status hn_observe_with(const hn_history *history, size_t objective, const char *const *names,
                            size_t n_names, hn_arena *arena, hn_observed *observed, hone_error *err)
{
    gathering g = {.history = history, .arena = arena, .observed = observed, .err = err};
    hone_status status = gather(&g, objective);
    return status ? status : observe_with(&g, names, n_names);
}

hone_status hn_observe_all(const hn_history *history, size_t objective, hn_arena *arena,
                           hn_observed *observed, hone_error *err)
{
    gathering g = {.history = history, .arena = arena, .observed = observed, .err = err};
    size_t n = 0, *rows = NULL;
    hone_status status = gather(&g, objective);
    if (!status) {
        rows = rows_with(&g, NULL, 0, &n);
        status = rows ? begin_group(&g, n) : hn_out_of_memory(err);
    }
    if (!status && n < 2)
        status = hn_fail(err, HONE_INVALID,
                         "at least 2 complete trials with a finite value are needed; there %s %zu",
                         n == 1 ? "is" : "are", n);
    for (size_t p = 0; !status && p < observed->n_parameters; p++)
        if (!hn_distribution_is_constant(observed->distributions[p]))
            add_parameter(observed->groups, p);
    return status ? status : fill_group(&g, rows, observed->groups);
}
