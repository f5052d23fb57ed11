/* app/model_shapes.h: the shape of the rows that a model gets of a job's data, and settings of its space at
 * the ends of what varies. */
#ifndef HN_APP_MODEL_SHAPES_H
#define HN_APP_MODEL_SHAPES_H

#include "app/model_job.h"

/* Rows without their values. Zeroed before the first use; looks into job and arena. */
typedef struct hn_row_shape {
    hn_design rows;
    hn_sample_view view;
    const hn_node *preprocess; /* that the number of columns is of */
} hn_row_shape;

/* The rows that a fit with these parameters (a map) gets; calls with the same preprocessing after each other
 * are O(1). */
hone_status hn_model_job_shape(const hn_model_job *job, hn_arena *arena, const hn_node *params,
                               hn_row_shape *shape, hone_error *err);
/* Looks for a setting that can be fitted to the data's rows, beginning with the first values of all that
 * varies. The error is that of this first one when neither it nor any end or draw of the space can. */
hone_status hn_model_job_check_shapes(const hn_model_job *job, hone_error *err);

/* The parameters that are active at units (space->count,). NULL when memory is out. */
hn_node *hn_params_of_units(hn_arena *arena, const hn_space *space, const double *units);
/* Where a parameter is tried: every choice, or both ends. */
size_t hn_unit_places(const hn_distribution *distribution);
double hn_unit_place(const hn_distribution *distribution, size_t k);

#endif
