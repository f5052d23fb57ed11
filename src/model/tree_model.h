/* model/tree_model.h: decision tree, random forest and extra trees: one model with different options. */
#ifndef HN_MODEL_TREE_MODEL_H
#define HN_MODEL_TREE_MODEL_H

#include "forest/forest.h"
#include "model/model.h"

typedef struct hn_tree_config {
    int64_t n_estimators; /* 0: the model is one tree */
    int criterion;        /* hn_tree_criterion_name */
    int64_t max_depth;    /* 0: no limit */
    int64_t min_samples_split, min_samples_leaf;
    const hn_node *max_features, *class_weight;
    bool bootstrap, oob_score;
} hn_tree_config;

typedef enum hn_tree_criterion_name {
    HN_TREE_CRITERION_AUTO,
    HN_TREE_CRITERION_GINI,
    HN_TREE_CRITERION_ENTROPY,
    HN_TREE_CRITERION_SQUARED_ERROR,
    HN_TREE_CRITERION_MSE
} hn_tree_criterion_name;
extern const char *const hn_tree_criterion_names[]; /* NULL-terminated */

/* What tells the models apart beside their options. */
typedef struct hn_tree_kind {
    const char *name;
    bool random_cuts;
} hn_tree_kind;

hone_status hn_tree_model_check(const hn_tree_kind *kind, const hn_tree_config *config, hn_model_task task,
                                hone_error *err);
hone_status hn_tree_model_fit(const hn_tree_kind *kind, const hn_tree_config *config, const hn_design *train,
                              const hn_fit_context *context, void **fitted, hone_error *err);
hone_status hn_tree_model_partial_fit(const hn_tree_kind *kind, const void *fitted, const void *config,
                                      const hn_design *more, const hn_fit_context *context, void **updated,
                                      hone_error *err);
hone_status hn_tree_model_extend(const hn_tree_kind *kind, const void *fitted, const void *config,
                                 const hn_design *train, const hn_fit_context *context, void **extended,
                                 hone_error *err);
hone_status hn_tree_model_load(const hn_tree_kind *kind, const hn_model_state *state, size_t n_classes,
                               size_t d, void **fitted, hone_error *err);
void hn_tree_model_destroy(void *fitted);
hone_status hn_tree_model_predict(const void *fitted, const hn_design *rows, double *out, hone_error *err);
hone_status hn_tree_model_predict_proba(const void *fitted, const hn_design *rows, double *out,
                                        hone_error *err);
hone_status hn_tree_model_importance(const void *fitted, double *out, size_t d, hone_error *err);
hone_status hn_tree_model_graph(const void *fitted, hn_value rows, hn_graph *graph, hn_model_graph *out,
                                hone_error *err);
hone_status hn_tree_model_save(const void *fitted, hn_arena *arena, hn_model_state *state, hone_error *err);
bool hn_tree_model_covers(const void *a, const void *b);
hone_status hn_tree_model_derive(const void *fitted, const void *config, const hn_design *train,
                                 const hn_fit_context *context, void **derived, hone_error *err);
size_t hn_tree_model_bytes(const void *fitted);
double hn_tree_model_oob_score(const void *fitted);

#define HN_TREE_FIELD(name) offsetof(hn_tree_config, name)

/* The options every such model has, and those of many trees. clang-format would spread them over 90 lines. */
/* clang-format off */
#define HN_TREE_OPTIONS(default_features)                                                                      \
    {"criterion", HN_OPTION_CHOICE, "auto", 0, 0, hn_tree_criterion_names, HN_TREE_FIELD(criterion),           \
     "impurity: gini or entropy of classes, squared_error (mse) of values; auto: gini or squared_error"},     \
    {"max_depth", HN_OPTION_INT, NULL, 1, HN_TREE_MAX_DEPTH, NULL, HN_TREE_FIELD(max_depth),                   \
     "cuts on the longest path; null = no limit"},                                                            \
    {"min_samples_split", HN_OPTION_INT, "2", 2, INT32_MAX, NULL, HN_TREE_FIELD(min_samples_split),            \
     "nodes of fewer rows are not cut"},                                                                      \
    {"min_samples_leaf", HN_OPTION_INT, "1", 1, INT32_MAX, NULL, HN_TREE_FIELD(min_samples_leaf),              \
     "rows each side of a cut keeps at least"},                                                               \
    {"max_features", HN_OPTION_NODE, default_features, 0, 0, NULL, HN_TREE_FIELD(max_features),                \
     "columns tried at a node: sqrt, log2, all, a number or a fraction; auto: sqrt for classes, all for values"}, \
    {"class_weight", HN_OPTION_NODE, "none", 0, 0, NULL, HN_TREE_FIELD(class_weight),                          \
     "classification: none, balanced (rows / (classes * rows of the class)), or a map class -> weight"}

#define HN_FOREST_OPTIONS(default_bootstrap)                                                                   \
    {"n_estimators", HN_OPTION_INT, "100", 1, HN_TREE_MAX_ESTIMATORS, NULL, HN_TREE_FIELD(n_estimators),       \
     "number of trees"},                                                                                      \
    {"bootstrap", HN_OPTION_BOOL, default_bootstrap, 0, 0, NULL, HN_TREE_FIELD(bootstrap),                     \
     "grow each tree on rows drawn with replacement"},                                                        \
    {"oob_score", HN_OPTION_BOOL, "false", 0, 0, NULL, HN_TREE_FIELD(oob_score),                               \
     "score the rows by the trees that did not see them; needs bootstrap"}
/* clang-format on */

/* The space that both forests are searched in. */
#define HN_FOREST_SPACE                                                                                      \
    "n_estimators: {int: [50, 400]}\n"                                                                       \
    "max_depth: {ordinal: [5, 10, 20, null]}\n"                                                              \
    "min_samples_split: {int: [2, 20], log: true}\n"                                                         \
    "min_samples_leaf: {int: [1, 20], log: true}\n"                                                          \
    "max_features: {choice: [sqrt, log2, 0.5, 1.0]}\n"

/* The contract's functions that have to know the kind. */
#define HN_TREE_FUNCTIONS(kind)                                                                              \
    static hone_status check(const void *config, const hn_node *given, hn_model_task task, hone_error *err)  \
    {                                                                                                        \
        (void)given;                                                                                         \
        return hn_tree_model_check(&(kind), config, task, err);                                              \
    }                                                                                                        \
    static hone_status fit(const void *config, const hn_design *train, const hn_fit_context *context,        \
                           void **fitted, hone_error *err)                                                   \
    {                                                                                                        \
        return hn_tree_model_fit(&(kind), config, train, context, fitted, err);                              \
    }                                                                                                        \
    static hone_status load(const hn_model_state *state, size_t n_classes, size_t d, void **fitted,          \
                            hone_error *err)                                                                 \
    {                                                                                                        \
        return hn_tree_model_load(&(kind), state, n_classes, d, fitted, err);                                \
    }

/* Of the forests: a tree neither learns more nor gets company. */
#define HN_FOREST_FUNCTIONS(kind)                                                                            \
    static hone_status partial_fit(const void *fitted, const void *config, const hn_design *more,            \
                                   const hn_fit_context *context, void **updated, hone_error *err)           \
    {                                                                                                        \
        return hn_tree_model_partial_fit(&(kind), fitted, config, more, context, updated, err);              \
    }                                                                                                        \
    static hone_status extend(const void *fitted, const void *config, const hn_design *train,                \
                              const hn_fit_context *context, void **extended, hone_error *err)               \
    {                                                                                                        \
        return hn_tree_model_extend(&(kind), fitted, config, train, context, extended, err);                 \
    }

/* What the types have in common; more_capabilities: those that only some have. */
#define HN_TREE_TYPE(more_capabilities)                                                                      \
    .tasks = HN_TASK_CLASSIFICATION | HN_TASK_REGRESSION,                                                    \
    .capabilities = HN_MODEL_CANCELLABLE | HN_MODEL_PROBABILITY | HN_MODEL_IMPORTANCE | HN_MODEL_WEIGHTS |   \
                    (more_capabilities),                                                                     \
    .check = check, .share = hn_tree_share, .unshare = hn_tree_unshare, .fit = fit,                          \
    .destroy = hn_tree_model_destroy, .covers = hn_tree_model_covers, .derive = hn_tree_model_derive,        \
    .bytes = hn_tree_model_bytes, .predict = hn_tree_model_predict,                                          \
    .predict_proba = hn_tree_model_predict_proba, .importance = hn_tree_model_importance,                    \
    .oob_score = hn_tree_model_oob_score, .save = hn_tree_model_save, .load = load,                          \
    .graph = hn_tree_model_graph

#endif
