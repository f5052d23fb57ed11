/* model/elastic_net.h: least squares with L1 and L2 penalties (Tibshirani 1996; Zou & Hastie 2005): minimises
 *     1/(2n) |y - X w - b|^2 + alpha l1_ratio |w|_1 + alpha (1 - l1_ratio) / 2 |w|^2,
 * rows weighted by weights of mean 1. The lasso is l1_ratio 1.
 */
#ifndef HN_MODEL_ELASTIC_NET_H
#define HN_MODEL_ELASTIC_NET_H

#include "model/linear_model.h"

typedef struct hn_elastic_net_config {
    double alpha, l1_ratio;
    bool fit_intercept;
    double tolerance; /* of the duality gap, relative to |y - mean|^2 */
    int64_t max_iter; /* passes over the coefficients */
} hn_elastic_net_config;

/* The models for each alpha in the order given, each begun where the last one ended: go from large to small.
 * config->alpha is not read. coefficients (n_alphas, d), intercepts (n_alphas,). model names the type in
 * messages. HONE_INVALID, HONE_CANCELLED, HONE_OUT_OF_MEMORY. */
hone_status hn_elastic_net_path(const char *model, const hn_elastic_net_config *config,
                                const hn_design *train, const hn_fit_context *context, const double *alphas,
                                size_t n_alphas, double *coefficients, double *intercepts, hone_error *err);
/* A type's fit. */
hone_status hn_elastic_net_fit(const char *model, const hn_elastic_net_config *config, const hn_design *train,
                               const hn_fit_context *context, void **fitted, hone_error *err);
/* A type's covers and derive: the moments of the rows do not depend on the penalties. */
bool hn_elastic_net_covers(const void *a, const void *b);
hone_status hn_elastic_net_derive(const hn_linear *from, const hn_elastic_net_config *config,
                                  const hn_design *train, const hn_fit_context *context, void **derived,
                                  hone_error *err);

#endif
