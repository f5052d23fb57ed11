#include "sampler/gp_maximise.h"

#include <math.h>
#include <string.h>

#include "math/statistics.h"

enum {
    FINALISTS = 8, /* places per start that all models look at, after one model has looked at all */
    ROUNDS = 3,    /* of the two searches in turn */
};

/* Multiply-adds for the variances at all places, of one model: about a tenth of a second. */
static const double most_work = 3e8;

/* A start that is closer to a better one than this, in every number, is left out. */
static const double apart = 0.02;

/* --- starts --- */

void hn_gp_copy_place(const hn_gp_places *from, size_t i, hn_gp_places *to, size_t k, size_t d)
{
    memmove(to->coordinates + k * d, from->coordinates + i * d, d * sizeof(double));
    memmove(to->rows + k * d, from->rows + i * d, d * sizeof(double));
    to->value[k] = from->value[i];
}

/* order (m,): indices by value, the largest first. */
static hone_status rank(const hn_gp_places *places, hn_arena *scratch, size_t **order, hone_error *err)
{
    double *key = HN_ARENA_NEW(scratch, double, places->m);
    *order = HN_ARENA_NEW(scratch, size_t, places->m);
    if (!key || !*order)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < places->m; i++)
        key[i] = isnan(places->value[i]) ? INFINITY : -places->value[i];
    hn_argsort(key, places->m, *order);
    return HONE_OK;
}

/* Of more places than there is time for, half that many of the least means are kept, and as many of the
 * others, at even distances in the list. */
static hone_status thin_out(hn_gp_search *search, hn_gp_places *places, hone_error *err)
{
    hn_gp *gp = search->study->channels[HN_GP_OBJECTIVE];
    size_t d = search->study->frame.d, n = hn_gp_count(gp), m = places->m, *order, kept = 0;
    size_t most = (size_t)(most_work / ((double)n * (double)n));
    if (m <= most)
        return HONE_OK;
    bool *wanted = HN_ARENA_NEW(search->ask->scratch, bool, m);
    if (!wanted)
        return hn_out_of_memory(err);
    hn_gp_predict(gp, 0, places->rows, m, places->value, NULL);
    for (size_t i = 0; i < m; i++)
        places->value[i] = -places->value[i];
    hone_status status = rank(places, search->ask->scratch, &order, err);
    if (status)
        return status;
    size_t first = most / 2, stride = (m - first) / (most - first) + 1;
    for (size_t i = 0; i < m; i += i < first ? 1 : stride)
        wanted[order[i]] = true;
    for (size_t i = 0; i < m; i++)
        if (wanted[i])
            hn_gp_copy_place(places, i, places, kept++, d);
    places->m = kept;
    return HONE_OK;
}

static bool is_close(const hn_gp_frame *frame, const double *a, const double *b)
{
    for (size_t j = 0; j < frame->d; j++) {
        bool choice = frame->axes[j].kind == HN_GP_CATEGORICAL;
        if (isnan(a[j]) != isnan(b[j]) || (choice && a[j] != b[j]) || fabs(a[j] - b[j]) > apart)
            return false;
    }
    return true;
}

/* The most promising places that are not close to each other; all models look at the finalists. */
static hone_status choose_starts(hn_gp_search *search, hn_gp_criterion *criterion, hn_gp_places *places,
                                 hn_gp_places *starts, hone_error *err)
{
    const hn_gp_frame *frame = &search->study->frame;
    size_t d = frame->d, wanted = starts->capacity, n_models = criterion->n_models, *order;
    hn_gp_places final = {0};
    criterion->n_models = 1;
    hn_gp_criterion_at(criterion, places->rows, places->m, places->value);
    criterion->n_models = n_models;
    hone_status status = rank(places, search->ask->scratch, &order, err);
    if (!status)
        status = hn_gp_places_make(search->ask->scratch, FINALISTS * wanted, d, &final, err);
    if (status)
        return status;
    for (; final.m < final.capacity && final.m < places->m; final.m++)
        hn_gp_copy_place(places, order[final.m], &final, final.m, d);
    hn_gp_criterion_at(criterion, final.rows, final.m, final.value);
    status = rank(&final, search->ask->scratch, &order, err);
    for (size_t i = 0; !status && i < final.m && starts->m < wanted; i++) {
        bool close = false;
        for (size_t k = 0; k < starts->m && !close; k++)
            close = is_close(frame, final.rows + order[i] * d, starts->rows + k * d);
        if (!close)
            hn_gp_copy_place(&final, order[i], starts, starts->m++, d);
    }
    return status;
}

void hn_gp_rest_worse(const hn_gp_frame *frame, hn_gp_places *starts)
{
    size_t d = frame->d, active = 0;
    for (size_t k = 0; k < starts->m; k++)
        active += !starts->resting[k];
    for (size_t k = 0; k < starts->m; k++) {
        size_t better = 0;
        bool close = false;
        for (size_t i = 0; i < starts->m; i++) {
            if (!(starts->value[i] > starts->value[k] || (starts->value[i] == starts->value[k] && i < k)))
                continue;
            better++;
            close = close || is_close(frame, starts->rows + i * d, starts->rows + k * d);
        }
        starts->resting[k] = starts->resting[k] || close || better >= (active + 1) / 2;
    }
}

/* --- the search --- */

static hone_status improve(hn_gp_search *search, hn_gp_criterion *criterion, hn_gp_places *starts,
                           hone_error *err)
{
    bool changed = true;
    hone_status status = HONE_OK;
    for (int round = 0; round < ROUNDS && changed && !status; round++) {
        status = hn_gp_ascend(search, criterion, starts, err);
        if (!status)
            status = hn_gp_sweep(search, criterion, starts, &changed, err);
    }
    return status;
}

hone_status hn_gp_maximise(hn_gp_search *search, hn_gp_criterion *criterion, hn_gp_places *starts,
                           hone_error *err)
{
    size_t d = search->study->frame.d;
    hn_gp_places places = {0};
    bool listed = false;
    hone_status status = hn_gp_look_around(search, &places, &listed, err);
    if (!status)
        status = hn_gp_places_make(search->ask->scratch, (size_t)search->config->n_starts, d, starts, err);
    if (!status)
        status = thin_out(search, &places, err);
    if (!status)
        status = choose_starts(search, criterion, &places, starts, err);
    return status || listed ? status : improve(search, criterion, starts, err);
}

void hn_gp_place_point(hn_gp_search *search, const hn_gp_places *places, size_t i, hn_point *point)
{
    size_t d = search->study->frame.d;
    hn_gp_settle(search, places->coordinates + i * d, places->rows + i * d);
    hn_point_copy(search->ask->space, &search->point, point);
}
