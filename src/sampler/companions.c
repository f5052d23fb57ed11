#include "sampler/companions.h"

#include <stdlib.h>
#include <string.h>

enum { NEWEST = 100 };

/* Drops the candidates whose presence in a trial differs from that of column; tells whether the trial has
 * it. */
static bool keep_companions(hn_view view, int64_t number, size_t column, size_t *candidates, size_t *n)
{
    bool has = hn_history_has(view.history, number, column);
    size_t kept = 0;
    for (size_t i = 0; i < *n; i++)
        if (hn_history_has(view.history, number, candidates[i]) == has)
            candidates[kept++] = candidates[i];
    *n = kept;
    return has;
}

static bool is_ranked(hn_view view, int64_t number)
{
    hone_trial_state state = hn_history_state(view.history, number);
    return hn_view_sees(view, number) && (state == HONE_COMPLETE || state == HONE_PRUNED);
}

/* The columns that occur with `column`, (*n,) in `columns`, ascending; none when no trial has it. */
static void find_columns(hn_view view, size_t column, const int64_t *trials, size_t n_trials, size_t *columns,
                         size_t *n)
{
    size_t looked_at = 0;
    int64_t rows = (int64_t)hn_history_count(view.history);
    bool seen = false;
    for (*n = 0; *n < hn_history_column_count(view.history); (*n)++)
        columns[*n] = *n;
    for (size_t i = 0; i < n_trials; i++)
        seen = keep_companions(view, trials[i], column, columns, n) || seen;
    for (int64_t row = (rows < view.before ? rows : view.before) - 1; row >= 0 && looked_at < NEWEST;
         row--, looked_at++)
        if (is_ranked(view, row))
            seen = keep_companions(view, row, column, columns, n) || seen;
    *n = seen ? *n : 0;
}

/* Appends the active parameters of a point that are not among the n names; how many there are then. */
static size_t add_active(const hn_space *space, const hn_point *partial, const char **names, size_t n)
{
    size_t all = n;
    for (size_t i = 0; i < space->count; i++) {
        bool known = !partial->active[i];
        for (size_t k = 0; k < n && !known; k++)
            known = strcmp(names[k], space->parameters[i].name) == 0;
        if (!known)
            names[all++] = space->parameters[i].name;
    }
    return all;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

hone_status hn_companion_space(const hn_ask *ask, const hn_parameter *parameter, bool alone,
                               const hn_point *partial, const int64_t *trials, size_t n_trials,
                               hn_space **space, hone_error *err)
{
    const hn_history *history = ask->view.history;
    size_t column = hn_history_find_column(history, parameter->name), n = 0;
    size_t most = hn_history_column_count(history) + 1 + (partial ? ask->space->count : 0);
    size_t *columns = HN_ARENA_NEW(ask->scratch, size_t, most);
    const char **names = HN_ARENA_NEW(ask->scratch, const char *, most);
    hn_distribution *distributions = HN_ARENA_NEW(ask->scratch, hn_distribution, most);
    if (!columns || !names || !distributions)
        return hn_out_of_memory(err);
    if (column != SIZE_MAX && !alone)
        find_columns(ask->view, column, trials, n_trials, columns, &n);
    for (size_t i = 0; i < n; i++)
        names[i] = hn_history_column_name(history, columns[i]);
    if (n == 0)
        names[n++] = parameter->name;
    if (partial)
        n = add_active(ask->space, partial, names, n);
    qsort(names, n, sizeof *names, by_name);
    for (size_t i = 0; i < n; i++) {
        size_t reached = hn_space_find(ask->space, names[i]);
        distributions[i] =
            reached != SIZE_MAX
                ? ask->space->parameters[reached].distribution
                : *hn_history_latest_distribution(history, hn_history_find_column(history, names[i]));
    }
    return hn_space_from_distributions(ask->scratch, names, distributions, n, space, err);
}
