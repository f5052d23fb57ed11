/* lasso.c: the elastic net without its L2 penalty, an own model because people look for it by name. */
#include <stddef.h>

#include "model/elastic_net.h"

static hone_status fit(const void *config, const hn_design *train, const hn_fit_context *context,
                       void **fitted, hone_error *err)
{
    hn_elastic_net_config net = *(const hn_elastic_net_config *)config;
    net.l1_ratio = 1;
    return hn_elastic_net_fit("lasso", &net, train, context, fitted, err);
}

static hone_status derive(const void *fitted, const void *config, const hn_design *train,
                          const hn_fit_context *context, void **derived, hone_error *err)
{
    hn_elastic_net_config net = *(const hn_elastic_net_config *)config;
    net.l1_ratio = 1;
    return hn_elastic_net_derive(fitted, &net, train, context, derived, err);
}

static hone_status load(const hn_model_state *state, size_t n_classes, size_t d, void **fitted,
                        hone_error *err)
{
    return hn_linear_load("lasso", state, n_classes, d, fitted, err);
}

#define FIELD(name) offsetof(hn_elastic_net_config, name)

static const hn_option options[] = {
    {"alpha", HN_OPTION_DOUBLE, "1", 0, 1e12, NULL, FIELD(alpha), "penalty of the coefficients' sizes"},
    {"fit_intercept", HN_OPTION_BOOL, "true", 0, 0, NULL, FIELD(fit_intercept),
     "fit a constant term, which is not penalised"},
    {"tolerance", HN_OPTION_DOUBLE, "0.0001", 1e-15, 1, NULL, FIELD(tolerance),
     "of the duality gap, relative to the target's squared deviations"},
    {"max_iter", HN_OPTION_INT, "1000", 1, 1e9, NULL, FIELD(max_iter), "most passes over the coefficients"},
};

extern const hn_model_type hn_model_lasso;

const hn_model_type hn_model_lasso = {
    .name = "lasso",
    .help = "lasso: least squares with an L1 penalty, by coordinate descent",
    .tasks = HN_TASK_REGRESSION,
    .capabilities = HN_MODEL_CANCELLABLE | HN_MODEL_IMPORTANCE | HN_MODEL_WEIGHTS | HN_MODEL_SOURCE,
    .options = {options, sizeof options / sizeof *options, sizeof(hn_elastic_net_config)},
    .default_space = "alpha: {float: [1e-4, 10], log: true}\n",
    .simpler = "larger alpha",
    .fit = fit,
    .destroy = hn_linear_destroy,
    .covers = hn_elastic_net_covers,
    .derive = derive,
    .bytes = hn_linear_bytes,
    .predict = hn_linear_predict,
    .importance = hn_linear_importance,
    .save = hn_linear_save,
    .load = load,
    .graph = hn_linear_graph,
};
