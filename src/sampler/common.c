#include "sampler/common.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sampler/draw.h"

void hn_common_release(hn_common *common)
{
    hn_feed_release(&common->feed);
    hn_free(common->columns);
    *common = (hn_common){0};
}

static hone_status take(hn_common *common, const hn_history *history, int64_t number, hone_error *err)
{
    hone_trial_state state = hn_history_state(history, number);
    if (state != HONE_COMPLETE && state != HONE_PRUNED)
        return HONE_OK;
    if (!common->any) {
        size_t count = hn_history_column_count(history);
        size_t *columns = hn_realloc_array(common->columns, count + 1, sizeof *columns);
        if (columns == NULL)
            return hn_out_of_memory(err);
        for (size_t i = 0; i < count; i++)
            columns[i] = i;
        common->columns = columns;
        common->n = count;
        common->any = true;
    }
    size_t kept = 0;
    for (size_t k = 0; k < common->n; k++)
        if (hn_history_has(history, number, common->columns[k]))
            common->columns[kept++] = common->columns[k];
    common->n = kept;
    return HONE_OK;
}

static hone_status follow(hn_common *common, hn_view view, hone_error *err)
{
    int64_t number = 0;
    hone_status status = HONE_OK;
    if (!hn_feed_continues(&common->feed, view)) {
        hn_feed_restart(&common->feed, view);
        common->any = false;
        common->n = 0;
    }
    while (status == HONE_OK && number >= 0) {
        status = hn_feed_next(&common->feed, view, &number, err);
        if (status == HONE_OK && number >= 0)
            status = take(common, view.history, number, err);
    }
    if (status != HONE_OK)
        common->feed.history = NULL; /* a trial was given that was not taken */
    return status;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

hone_status hn_common_space(hn_common *common, const hn_ask *ask, hn_space **space, hone_error *err)
{
    const hn_history *history = ask->view.history;
    hone_status status = follow(common, ask->view, err);
    if (status != HONE_OK)
        return status;
    const char **names = HN_ARENA_NEW(ask->scratch, const char *, common->n + 1);
    hn_distribution *distributions = HN_ARENA_NEW(ask->scratch, hn_distribution, common->n + 1);
    if (names == NULL || distributions == NULL)
        return hn_out_of_memory(err);
    for (size_t k = 0; k < common->n; k++)
        names[k] = hn_history_column_name(history, common->columns[k]);
    qsort(names, common->n, sizeof *names, by_name);
    for (size_t k = 0; k < common->n; k++) {
        size_t reached = hn_space_find(ask->space, names[k]),
               column = hn_history_find_column(history, names[k]);
        distributions[k] = reached != SIZE_MAX ? ask->space->parameters[reached].distribution
                                               : *hn_history_latest_distribution(history, column);
    }
    return hn_space_from_distributions(ask->scratch, names, distributions, common->n, space, err);
}

hone_status hn_common_propose_one(hn_common *common, const hn_ask *ask, size_t parameter,
                                  hn_common_proposal proposal, void *state, double *value, hone_error *err)
{
    const hn_parameter *wanted = &ask->space->parameters[parameter];
    hn_ask whole = *ask;
    hn_space *space = NULL;
    hone_status status = hn_common_space(common, ask, &space, err);
    size_t i = status == HONE_OK ? hn_space_find(space, wanted->name) : SIZE_MAX;
    if (status == HONE_OK && i == SIZE_MAX)
        *value = hn_draw_value(wanted, ask->seed, ask->number, HN_PURPOSE_FALLBACK);
    if (i == SIZE_MAX)
        return status;
    hn_point point = hn_point_new(ask->scratch, space->count);
    if (point.values == NULL)
        return hn_out_of_memory(err);
    whole.space = space;
    whole.earlier = NULL;
    status = proposal(state, &whole, &point, err);
    if (status == HONE_OK)
        *value = point.values[i];
    return status;
}
