/* surrogate/gp_joint.c: the posterior at many points together, and functions drawn from it. */
#include <math.h>
#include <string.h>

#include "math/linalg.h"
#include "surrogate/gp_parts.h"

/* The arrays of a joint posterior of m points: covariances with the observations and among themselves. */
typedef struct joint {
    double *columns; /* (3 d, m) places and powers */
    double *points;  /* (m, d) */
    double *crossed; /* (m, n) covariances with the observations */
    double *solved;  /* (m, n) L^-1 times them */
    double *row;     /* (m,) */
    hn_gp_row scratch;
} joint;

static hone_status make(hn_gp *gp, hn_arena *arena, size_t m, joint *j, hone_error *err)
{
    size_t n = gp->n, d = gp->shape.d;
    j->columns = hn_arena_scratch(arena, m, 3 * d * sizeof(double));
    j->points = hn_arena_scratch(arena, m, d * sizeof(double));
    j->crossed = hn_arena_scratch(arena, m, n * sizeof(double));
    j->solved = hn_arena_scratch(arena, m, n * sizeof(double));
    j->row = hn_arena_scratch(arena, m, sizeof(double));
    if (!j->columns || !j->points || !j->crossed || !j->solved || !j->row)
        return hn_out_of_memory(err);
    return hn_gp_row_make(arena, m, &j->scratch, err);
}

hone_status hn_gp_joint(hn_gp *gp, size_t which, hn_arena *scratch, const double *x, size_t m, double *mean,
                        double *covariance, hone_error *err)
{
    hn_gp_model *model = gp->models + which;
    const hn_gp_shape *shape = &gp->shape;
    size_t n = gp->n, d = shape->d;
    joint j;
    hone_status status = make(gp, scratch, m, &j, err);
    if (status)
        return status;
    for (size_t i = 0; i < m; i++) {
        double *point = j.points + i * d;
        for (size_t axis = 0; axis < d; axis++)
            j.columns[axis * m + i] = point[axis] = hn_gp_place(shape, &model->hyper, axis, x[i * d + axis]);
        hn_gp_covariance_row(shape, &model->hyper, point, model->columns, gp->capacity, n, &gp->row,
                             j.crossed + i * n);
        mean[i] = hn_dot(j.crossed + i * n, model->alpha, gp->n_told);
    }
    hn_gp_set_powers(shape, &model->hyper, j.columns, m, 0, m);
    hn_times_panels(j.crossed, m, n, model->panels, n, j.solved);
    hn_product_transposed(j.solved, m, j.solved, m, n, covariance);
    for (size_t i = 0; i < m; i++) {
        hn_gp_covariance_row(shape, &model->hyper, j.points + i * d, j.columns, m, m, &j.scratch, j.row);
        for (size_t k = 0; k < m; k++)
            covariance[i * m + k] = j.row[k] - covariance[i * m + k];
    }
    return HONE_OK;
}

hone_status hn_gp_draw(hn_gp *gp, size_t which, hn_arena *scratch, const double *x, size_t m,
                       hn_random *random, double *draw, hone_error *err)
{
    double *covariance = hn_arena_scratch(scratch, m, m * sizeof *covariance);
    double *factor = hn_arena_scratch(scratch, m, m * sizeof *factor);
    double *normal = hn_arena_scratch(scratch, m, sizeof *normal);
    if (!covariance || !factor || !normal)
        return hn_out_of_memory(err);
    hone_status status = hn_gp_joint(gp, which, scratch, x, m, draw, covariance, err);
    if (status)
        return status;
    const hn_gp_hyper *hyper = &gp->models[which].hyper;
    double scale = hyper->amplitude + hyper->linear + hyper->first_order, share = 1e-10;
    /* Points near each other are all but dependent: what is added stays far below what is drawn. */
    for (int tries = 0; tries <= 10; tries++, share *= 10) {
        memcpy(factor, covariance, m * m * sizeof *factor);
        for (size_t i = 0; i < m; i++)
            factor[i * m + i] += share * scale;
        if (hn_cholesky(factor, m))
            break;
    }
    for (size_t i = 0; i < m; i++)
        normal[i] = hn_random_normal(random);
    for (size_t i = 0; i < m; i++)
        draw[i] += hn_dot(factor + i * m, normal, i + 1);
    return HONE_OK;
}
