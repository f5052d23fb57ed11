/* The Pareto front and the volume that it dominates: analysis/front.h over a study's history. */
#include <math.h>

#include "analysis/front.h"
#include "base/memory.h"
#include "study/analyse.h"

/* The public result and the arena that holds what it points to. */
typedef struct owned_hypervolume {
    hone_hypervolume hypervolume; /* first, so that one pointer serves both */
    hn_arena arena;
} owned_hypervolume;

void hone_hypervolume_free(hone_hypervolume *hypervolume)
{
    if (hypervolume) {
        owned_hypervolume *owned = (owned_hypervolume *)hypervolume;
        hn_arena_release(&owned->arena);
        hn_free(owned);
    }
}

/* losses: the reference, smaller is better; NULL where it is to be chosen. */
static hone_status read_reference(const hone_study *study, const double *reference, hn_arena *arena,
                                  double **losses, hone_error *err)
{
    size_t m = study->definition->n_objectives;
    *losses = NULL;
    if (m < 2) {
        return hn_fail(err, HONE_INVALID,
                       "a Pareto front and its hypervolume are of several goals; study '%.60s' has one",
                       study->name);
    }
    if (!reference) {
        return HONE_OK;
    }
    *losses = HN_ARENA_NEW(arena, double, m);
    if (!*losses) {
        return hn_out_of_memory(err);
    }
    for (size_t j = 0; j < m; j++) {
        if (!isfinite(reference[j])) {
            return hn_fail(err, HONE_INVALID, "the reference of %.60s is no finite number",
                           study->definition->metrics[j]);
        }
        (*losses)[j] = hn_analyse_value(study, j, reference[j]); /* its own inverse */
    }
    return HONE_OK;
}

static hone_status find(hone_study *study, const double *reference, owned_hypervolume *owned, hone_error *err)
{
    hn_front_history found;
    double *losses = NULL;
    hone_hypervolume *out = &owned->hypervolume;
    hone_status status = hn_study_sync(study, err);
    if (!status) {
        status = read_reference(study, reference, &owned->arena, &losses, err);
    }
    if (!status) {
        status = hn_front_find(study->history, losses, &owned->arena, &found, err);
    }
    if (status) {
        return status;
    }
    for (size_t j = 0; j < found.n_objectives; j++) {
        found.reference[j] = hn_analyse_value(study, j, found.reference[j]);
    }
    *out = (hone_hypervolume){.n_objectives = found.n_objectives,
                              .reference = found.reference,
                              .volume = found.volume[found.n - 1],
                              .n = found.n,
                              .numbers = found.numbers,
                              .history = found.volume,
                              .in_front = found.in_front};
    return HONE_OK;
}

hone_status hone_study_hypervolume(hone_study *study, const double *reference, hone_hypervolume **hypervolume,
                                   hone_error *err)
{
    owned_hypervolume *owned = hn_calloc(1, sizeof *owned);
    if (!owned) {
        return hn_out_of_memory(err);
    }
    owned->arena = (hn_arena)HN_ARENA_INIT;
    hn_study_lock(study);
    hone_status status = find(study, reference, owned, err);
    hn_study_unlock(study);
    if (status) {
        hone_hypervolume_free(&owned->hypervolume);
        return status;
    }
    *hypervolume = &owned->hypervolume;
    return HONE_OK;
}
