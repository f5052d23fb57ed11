#include "model/linear_centre.h"

#include <math.h>

#include "math/linalg.h"
#include "model/row_weight.h"

hone_status hn_linear_centre(const char *model, const hn_design *design, bool intercept, bool unit_weights,
                             hn_arena *scratch, hn_linear_centred *out, hone_error *err)
{
    size_t n = design->n, d = design->d;
    hn_linear_centred c = {.n = n, .d = d};
    c.a = n && d > SIZE_MAX / sizeof(double) / n ? NULL : hn_arena_scratch(scratch, n * d, sizeof(double));
    c.b = hn_arena_scratch(scratch, n, sizeof(double));
    c.mean = HN_ARENA_NEW(scratch, double, d);
    c.weight = hn_arena_scratch(scratch, n, sizeof(double));
    if (!c.a || !c.b || !c.mean || !c.weight)
        return hn_out_of_memory(err);
    hone_status status = hn_row_weight_total(model, design, &c.total_weight, err);
    if (status)
        return status;
    double factor = unit_weights ? (double)n / c.total_weight : 1;
    for (size_t i = 0; i < n; i++)
        c.weight[i] = factor * (design->weight ? design->weight[i] : 1);
    c.total_weight *= factor;
    if (intercept) {
        hn_add_columns_times(design->x, n, d, c.weight, c.mean);
        for (size_t j = 0; j < d; j++)
            c.mean[j] /= c.total_weight;
        c.target_mean = hn_dot(c.weight, design->y, n) / c.total_weight;
    }
    for (size_t i = 0; i < n; i++) {
        double root = sqrt(c.weight[i]);
        for (size_t j = 0; j < d; j++)
            c.a[i * d + j] = root * (design->x[i * d + j] - c.mean[j]);
        c.b[i] = root * (design->y[i] - c.target_mean);
    }
    *out = c;
    return HONE_OK;
}

double hn_linear_intercept(const hn_linear_centred *centred, const double *w)
{
    return centred->target_mean - hn_dot(centred->mean, w, centred->d);
}
