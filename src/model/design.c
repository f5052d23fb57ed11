#include "model/design.h"

#include <string.h>

#include "model/kernel.h"

hone_status hn_design_rows(const hn_design *design, size_t from, size_t n, double *out, hone_error *err)
{
    if (!design->x)
        return hn_row_source_read(design->source, design->first + from, n, out, err);
    memcpy(out, design->x + from * design->d, n * design->d * sizeof *out);
    return HONE_OK;
}

hone_status hn_design_columns(const hn_design *design, size_t from, size_t n, double *out, hone_error *err)
{
    if (!design->x)
        return hn_row_source_columns(design->source, design->first + from, n, out, err);
    hn_transpose(design->x + from * design->d, n, design->d, out);
    return HONE_OK;
}

hone_status hn_design_load(const hn_design *design, hn_arena *scratch, hn_design *loaded, hone_error *err)
{
    hn_design out = *design;
    hone_status status = HONE_OK;
    if (!design->x && !design->samples) {
        bool fits = design->d <= SIZE_MAX / sizeof(double) / design->n;
        double *x = fits ? hn_arena_scratch(scratch, design->n * design->d, sizeof *x) : NULL;
        status = x ? hn_design_rows(design, 0, design->n, x, err) : hn_out_of_memory(err);
        out.x = x;
    }
    if (!status)
        *loaded = out;
    return status;
}
