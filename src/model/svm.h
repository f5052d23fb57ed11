/* model/svm.h: what the files of the support vector machine share. */
#ifndef HN_MODEL_SVM_H
#define HN_MODEL_SVM_H

#include "model/kernel.h"
#include "model/model.h"

typedef struct hn_svm_config {
    int kernel; /* hn_kernel_kind */
    double c;
    const hn_node *gamma; /* "scale", "auto" or a number */
    int64_t degree;
    double coef0;
    double epsilon;
    const hn_node *class_weight; /* "none", "balanced" or a map class -> factor */
    bool shrinking;
    double tolerance;
    double cache_mb;
    bool probability;
} hn_svm_config;

/* Dot products of all rows. */
typedef struct hn_svm_shared {
    size_t n;
    double *dot;   /* (n, n); the diagonal holds the squared norms */
    double *norms; /* (n,) */
} hn_svm_shared;

/* One-against-one classification, or regression (n_classes 0, one output). The support vectors of a class are
 * adjacent. */
typedef struct hn_svm {
    hn_kernel kernel;
    size_t n_classes; /* of the dataset; 0 for regression */
    size_t n_present; /* classes seen in training; 1 for regression */
    size_t n_support, d;
    size_t *present;      /* (n_present,): class indices, ascending; {0} for regression */
    size_t *count;        /* (n_present,): support vectors of each; {n_support} for regression */
    double *coefficients; /* (max(1, n_present - 1), n_support): libsvm's sv_coef */
    double *rho;          /* (pairs,): pairs (0,1), (0,2) ... (1,2) ...; one for regression */
    double *vectors;      /* (n_support, d) */
    double *norms;        /* (n_support,) */
    double *sigmoids;     /* (pairs, 2): a and b of each pair (model/svm_platt.h); NULL: no probabilities */
    size_t *shared_rows;  /* (n_support,): rows of the shared design; NULL when fitted without */
} hn_svm;

/* An object with its arrays allocated; NULL when memory is out. */
hn_svm *hn_svm_new(size_t n_classes, size_t n_present, size_t n_support, size_t d);
void hn_svm_destroy(void *fitted);
size_t hn_svm_coefficient_rows(const hn_svm *svm);
size_t hn_svm_pairs(const hn_svm *svm);

hone_status hn_svm_share(const hn_design *all, size_t limit_bytes, void **shared, hone_error *err);
void hn_svm_unshare(void *shared);
hone_status hn_svm_fit(const void *config, const hn_design *train, const hn_fit_context *context,
                       void **fitted, hone_error *err);
hone_status hn_svm_predict(const void *fitted, const hn_design *rows, double *out, hone_error *err);
hone_status hn_svm_predict_shared(const void *fitted, const void *shared, const size_t *rows, size_t n,
                                  double *out, hone_error *err);
hone_status hn_svm_predict_proba(const void *fitted, const hn_design *rows, double *out, hone_error *err);
hone_status hn_svm_decision(const void *fitted, const hn_design *rows, double *out, hone_error *err);
/* out (n, pairs): above 0 for the first class of the pair. */
hone_status hn_svm_pair_decisions(const hn_svm *svm, const hn_design *rows, double *out, hone_error *err);
hone_status hn_svm_graph(const void *fitted, hn_value rows, hn_graph *graph, hn_model_graph *out,
                         hone_error *err);
/* Of decisions (rows, pairs), by a machine that has sigmoids: (rows, n_classes). */
hn_value hn_svm_probability_graph(const hn_svm *svm, hn_value decisions, hn_graph *graph);
/* Of the classes met in training, spread over all, 0 for the others: (rows, n_classes). */
hn_value hn_svm_spread(const hn_svm *svm, hn_value given, hn_graph *graph);
hone_status hn_svm_save(const void *fitted, hn_arena *arena, hn_model_state *state, hone_error *err);
hone_status hn_svm_load(const hn_model_state *state, size_t n_classes, size_t d, void **fitted,
                        hone_error *err);

extern const char *const hn_svm_kernel_names[]; /* by hn_kernel_kind, NULL-terminated */

#endif
