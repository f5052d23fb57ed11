/* public_make.c: made-up data and writing data, of hone/ml.h. */
#include <string.h>

#include "data/make.h"
#include "data/write.h"
#include "select/public_data.h"

static hone_status read_kind(const char *name, hn_make_kind *kind, hone_error *err)
{
    static const char *const names[] = {"classification", "regression", "blobs", "moons"};
    enum { N_KINDS = sizeof names / sizeof *names };
    for (size_t i = 0; name && i < N_KINDS; i++)
        if (strcmp(name, names[i]) == 0) {
            *kind = (hn_make_kind)(i + HN_MAKE_CLASSIFICATION);
            return HONE_OK;
        }
    const char *near = name ? hn_nearest_name(name, names, N_KINDS) : NULL;
    return hn_fail(err, HONE_NOT_FOUND,
                   "no data of kind '%s'%s%s%s; there are classification, regression, blobs, moons",
                   name ? name : "", near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
}

hone_status hone_dataset_make(const hone_make_config *config, double *coefficients, hone_dataset **dataset,
                              hone_error *err)
{
    if (config->struct_size != sizeof *config)
        return hn_fail(err, HONE_INVALID,
                       "hone_make_config has struct_size %zu, this version knows %zu; begin with "
                       "HONE_MAKE_CONFIG_INIT",
                       config->struct_size, sizeof *config);
    hn_make_options options = {.rows = config->rows,
                               .columns = config->columns,
                               .classes = config->classes,
                               .informative = config->informative,
                               .redundant = config->redundant,
                               .repeated = config->repeated,
                               .clusters = config->clusters,
                               .class_sep = config->class_sep,
                               .flip = config->flip,
                               .noise = config->noise,
                               .spread = config->spread,
                               .bias = config->bias,
                               .weights = config->weights,
                               .n_weights = config->n_weights,
                               .in_order = config->in_order,
                               .seed = config->seed};
    hn_dataset *data = NULL;
    hone_status status = read_kind(config->kind, &options.kind, err);
    if (!status)
        status = hn_dataset_make(&options, coefficients, &data, err);
    return status ? status : hn_public_dataset_wrap(data, dataset, err);
}

hone_status hone_dataset_write(const hone_dataset *dataset,
                               hone_status (*write)(void *user, const char *text, size_t size,
                                                    hone_error *err),
                               void *user, hone_error *err)
{
    return hn_dataset_write(dataset->data, dataset->rows, dataset->n, write, user, err);
}

hone_status hone_dataset_save(const hone_dataset *dataset, const char *path, hone_error *err)
{
    return hn_dataset_save(dataset->data, dataset->rows, dataset->n, path, err);
}
