/* surrogate/gp_extend.c: more observations under the same hyperparameters: a row more of L^-1 for each. With
 * l = L^-1 k and c^2 = k(x, x) + noise - l'l, the new row is (-l' L^-1, 1) / c. */
#include <math.h>
#include <string.h>

#include "math/linalg.h"
#include "surrogate/gp_parts.h"

/* --- room --- */

/* A copy of old (rows, from), of which `used` columns count, as the corner of zeros (all_rows, to). old may
 * be NULL. NULL when memory is out. */
static double *widen(hn_arena *arena, const double *old, size_t rows, size_t used, size_t from,
                     size_t all_rows, size_t to)
{
    double *wide = hn_arena_alloc(arena, all_rows, to * sizeof *wide);
    for (size_t i = 0; wide && old && i < rows; i++)
        memcpy(wide + i * to, old + i * from, used * sizeof *wide);
    return wide;
}

static bool widen_model(const hn_gp *gp, size_t n, hn_gp_model *model)
{
    size_t old = gp->capacity, used = gp->n, d = gp->shape.d;
    model->columns = widen(gp->arena, model->columns, 3 * d, used, old, 3 * d, n);
    model->panels = widen(gp->arena, model->panels, 1, hn_panels_size(used), 0, 1, hn_panels_size(n));
    model->solved = widen(gp->arena, model->solved, 1, used, old, 1, n);
    model->alpha = widen(gp->arena, model->alpha, 1, used, old, 1, n);
    return model->columns && model->panels && model->solved && model->alpha;
}

hone_status hn_gp_reserve(hn_gp *gp, size_t n, hone_error *err)
{
    hn_gp wide = *gp; /* takes the place of the old one when all of it is there */
    size_t used = gp->capacity ? gp->n : 0;
    wide.capacity = n;
    wide.y = widen(gp->arena, gp->y, 1, used, gp->capacity, 1, n);
    wide.known_noise = widen(gp->arena, gp->known_noise, 1, used, gp->capacity, 1, n);
    wide.block = hn_arena_scratch(gp->arena, n, HN_GP_BLOCK * sizeof(double));
    wide.solved = hn_arena_scratch(gp->arena, n, HN_GP_BLOCK * sizeof(double));
    wide.place = hn_arena_scratch(gp->arena, gp->shape.d, sizeof(double));
    wide.models = HN_ARENA_NEW(gp->arena, hn_gp_model, gp->n_models);
    if (!wide.y || !wide.known_noise || !wide.block || !wide.solved || !wide.place || !wide.models)
        return hn_out_of_memory(err);
    hone_status status = hn_gp_row_make(gp->arena, n, &wide.row, err);
    for (size_t k = 0; k < gp->n_models && !status; k++) {
        wide.models[k] = gp->models[k];
        status = widen_model(gp, n, &wide.models[k]) ? HONE_OK : hn_out_of_memory(err);
    }
    if (!status)
        *gp = wide;
    return status;
}

/* --- rows --- */

/* Row n of a model's L^-1, of a point x with this noise of its own: (n + 1,) scratch of gp. */
static const double *add_row(hn_gp *gp, hn_gp_model *model, const double *x, double known_noise)
{
    size_t n = gp->n, c = gp->capacity;
    double *k = gp->block, *row = k + c, *l = gp->solved;
    for (size_t j = 0; j < gp->shape.d; j++)
        gp->place[j] = hn_gp_place(&gp->shape, &model->hyper, j, x[j]);
    hn_gp_covariance_row(&gp->shape, &model->hyper, gp->place, model->columns, c, n, &gp->row, k);
    hn_times_panels(k, 1, c, model->panels, n, l);
    hn_panels_times(model->panels, n, l, 1, c, row);
    double noise = model->hyper.noise + known_noise + model->jitter;
    double prior = hn_gp_variance(&gp->shape, &model->hyper, gp->place);
    double pivot = sqrt(fmax(prior + noise - hn_dot(l, l, n), fmax(noise, 1e-10 * prior)));
    for (size_t i = 0; i < n; i++)
        row[i] /= -pivot;
    row[n] = 1 / pivot;
    hn_panels_set_row(model->panels, n, row);
    for (size_t j = 0; j < gp->shape.d; j++)
        model->columns[j * c + n] = gp->place[j];
    hn_gp_set_powers(&gp->shape, &model->hyper, model->columns, c, n, n + 1);
    return row;
}

static hone_status make_room(hn_gp *gp, hone_error *err)
{
    return gp->n < gp->capacity ? HONE_OK : hn_gp_reserve(gp, gp->capacity + gp->capacity / 2, err);
}

hone_status hn_gp_extend(hn_gp *gp, const double *x, double y, double noise, hone_error *err)
{
    if (gp->n > gp->n_told || !isfinite(y))
        return hn_fail(err, HONE_INVALID,
                       gp->n > gp->n_told ? "a told trial cannot follow pending ones"
                                          : "a target is not finite");
    hone_status status = make_room(gp, err);
    if (status)
        return status;
    size_t n = gp->n;
    double slope = hn_gp_target_slope(gp->target, y);
    gp->y[n] = hn_gp_target_of(gp->target, y);
    gp->known_noise[n] = slope * slope * noise;
    for (size_t k = 0; k < gp->n_models; k++) {
        hn_gp_model *model = gp->models + k;
        const double *row = add_row(gp, model, x, gp->known_noise[n]);
        model->solved[n] = hn_dot(row, gp->y, n + 1);
        model->alpha[n] = 0;
        hn_add_scaled(model->solved[n], row, n + 1, model->alpha);
    }
    gp->n_told = gp->n = n + 1;
    return HONE_OK;
}

hone_status hn_gp_add_pending(hn_gp *gp, const double *x, hone_error *err)
{
    hone_status status = make_room(gp, err);
    if (status)
        return status;
    for (size_t k = 0; k < gp->n_models; k++)
        add_row(gp, gp->models + k, x, 0);
    gp->n++;
    return HONE_OK;
}

void hn_gp_truncate(hn_gp *gp, size_t n)
{
    size_t told = n < gp->n_told ? n : gp->n_told;
    for (size_t k = 0; k < gp->n_models && told < gp->n_told; k++) {
        hn_gp_model *model = gp->models + k;
        for (size_t i = gp->n_told; i-- > told;) {
            hn_panels_get_row(model->panels, i, told, gp->block);
            hn_add_scaled(-model->solved[i], gp->block, told, model->alpha);
        }
    }
    gp->n = gp->n_told = told;
}
