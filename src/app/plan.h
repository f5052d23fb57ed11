/* app/plan.h: a study file, or the same from options: a tree of nodes that becomes these structs. Every
 * message carries where in the file (or which option) the mistake stands. One thread at a time. */
#ifndef HN_APP_PLAN_H
#define HN_APP_PLAN_H

#include "app/metric_command.h"
#include "data/preprocess.h"
#include "hone/app.h"
#include "model/model.h"
#include "run/template.h"
#include "sampler/sampler.h"
#include "select/splits.h"
#include "space/space.h"

/* Which setting of a built-in model is fitted again on all rows. */
typedef enum hn_refit_rule {
    HN_REFIT_BEST,
    HN_REFIT_ONE_STANDARD_ERROR, /* the simplest whose score is within one standard error of the best */
    HN_REFIT_NONE,
} hn_refit_rule;

/* `search:`. Zero means "not given" throughout, except where a default stands. */
typedef struct hn_plan_search {
    const char *sampler, *pruner, *learn_from; /* as hone_study_config takes them; NULL = its defaults */
    const char *sampler_label, *pruner_label;  /* as they were written */
    const hn_sampler_type *sampler_type;       /* NULL: the default */
    hn_spec pruner_spec;                       /* as it was given */
    hn_position pruner_at;
    const char *schedule; /* how many trials get how much of the resource, in words; NULL: none */
    const char
        *resource; /* of a built-in model that a pruner deals it out to: "rows", or an option; else NULL */
    bool ends_by_itself; /* the sampler uses up the space */
    bool whole_space;    /* and it goes through all of it */
    int64_t trials, workers, max_failures, retries;
    int64_t restarts;         /* as hone_study_config takes it */
    double heartbeat_seconds; /* the same */
    int64_t keep_models;      /* so many best trials' models are kept in their folders */
    int64_t executions;       /* fits of each fold of a model, with seeds of their own; 0 = 1 */
    double timeout_seconds, trial_seconds, grace_seconds;
    bool has_seed, take_best;
    uint64_t seed;
    bool has_target, has_regret;
    double target, regret; /* regret 0: the noise of the best's value */
    int64_t patience;
    double cost; /* seconds, or of the metric */
    const char *cost_metric;
    int64_t lag; /* -1 */
    hn_refit_rule refit;
} hn_plan_search;

/* A constraint over metrics, met when value(left - right) <= 0. Names 0 .. n_params-1 are the space's
 * parameters in its order. */
typedef struct hn_plan_constraint {
    hn_condition *condition;
    size_t n_metrics;
    const char *const *metrics; /* (n_metrics,): names n_params .. */
} hn_plan_constraint;

typedef struct hn_plan_command {
    bool given;
    hn_template *made;
    const char *text; /* for people */
    const char *cwd;
    const char *const *env, *const *patterns, *const *gpus;
    size_t n_env, n_patterns, n_gpus;
    uint64_t memory_limit_bytes;
} hn_plan_command;

typedef struct hn_plan_data {
    const char *train, *test; /* test NULL: none */
    double held_out;          /* the share of rows that no trial sees; 0 = none */
    const char *test_labels;  /* of a test file of arrays; NULL: found as options.labels */
    double validation_split;  /* the share of rows at the end that score trials; 0 = by cv */
    hn_text_rule text;        /* what options.text points to */
    hn_dataset_options options;
} hn_plan_data;

typedef struct hn_plan_model {
    const hn_model_type *type; /* NULL: the plan has a command */
    const hn_node *options;    /* a map in which values may be search expressions; NULL when there are none */
    const char *metrics;       /* comma-separated; NULL = the default of the task */
    hn_metric_commands own;    /* those of them that are programs */
    hn_split_kind split;
    int64_t folds, repeats; /* repeats 0 = 1 */
    int64_t outer;          /* folds around the whole search; 0 = none */
    bool shuffle, train_scores;
    double test_share;         /* 0 = the default */
    const hn_node *decision;   /* see select/decision.h; NULL: labels are the model's own */
    const hn_node *preprocess; /* {preprocess: {...}}: values may be search expressions, too */
    uint64_t memory_limit_bytes;
} hn_plan_model;

struct hone_plan {
    hn_arena arena;
    hn_node *root;      /* a map */
    const char *source; /* the file, or NULL */
    const char
        *folder; /* of a stored plan: what relative paths mean; NULL: the current folder, or not known */
    bool checked;
    int64_t outer_fold; /* 1 .. model.outer: a plan for the rows that train in that fold; 0 = all rows */

    /* Filled by hone_plan_check. */
    const char *study, *storage;
    const char *storage_shown; /* storage without a password, for what is printed */
    const char *goal;          /* "maximize a, minimize b"; NULL: a model's metric, or "minimize value" */
    size_t n_goals;
    const char *const *goals; /* (n_goals,): the metrics' names */
    hn_plan_search search;
    hn_space *space;
    const char *space_text, *forbidden_text; /* of hone_study_config; forbidden NULL = none */
    size_t n_constraints;
    const hn_plan_constraint *constraints; /* over metrics */
    hn_plan_command command;
    hn_plan_data data;
    hn_plan_model model;
};

/* A plan from a map that is already read (copied): a request of the protocol. Free with hone_plan_destroy. */
hone_status hn_plan_from_node(const hn_node *root, hone_plan **plan, hone_error *err);

/* The parts of hone_plan_check, in their order. */
hone_status hn_plan_check_search(hone_plan *plan, hone_error *err);
/* Part of the same: when a run ends. */
struct hn_reader;
hone_status hn_plan_check_limits(hone_plan *plan, const struct hn_reader *reader, hone_error *err);
/* What a checked plan says of that. */
hone_budget hn_plan_budget(const hone_plan *plan);
hone_status hn_plan_check_data(hone_plan *plan, hone_error *err); /* called by the next */
hone_status hn_plan_check_model(hone_plan *plan, hn_node **space, hone_error *err);
/* space: what the model's options say, or NULL for the plan's own `space:`. */
hone_status hn_plan_check_space(hone_plan *plan, const hn_node *space, hone_error *err);
hone_status hn_plan_check_command(hone_plan *plan, hone_error *err);

/* Judges lists and maps among the model's options, at the ends of what varies inside them. space: all that
 * varies, a map. */
hone_status hn_plan_check_nested(hone_plan *plan, const hn_node *space, hone_error *err);

/* What a pruner has to know of a built-in model's folds. */
typedef struct hn_fold_facts {
    size_t n_folds;
    size_t n_train;     /* training rows of the largest fold */
    size_t smallest;    /* rows that a fit can do with: what scikit-learn's halving begins with */
    double ratio;       /* test rows by training rows, on average */
    bool goal_is_score; /* not a time */
} hn_fold_facts;

/* The error of a part that may not know where in the plan it stood. */
hone_status hn_plan_locate(hone_status status, hn_position at, const hone_error *inner, hone_error *err);
/* Adds to the pruner's options what follows from the plan, and from the folds (NULL: a program). */
hone_status hn_plan_complete_pruner(hone_plan *plan, const hn_fold_facts *facts, hone_error *err);

/* The plan as text that a study keeps (JSON). NULL when memory is out. */
const char *hn_plan_definition(hone_plan *plan);

/* Is this value of an option a search expression (a map with float, int, choice or ordinal)? */
bool hn_is_search_expression(const hn_node *node);
/* Adds to space (a map) each search expression inside options, under its `name:` or its path
 * ("layers.0.units"). */
hone_status hn_options_collect(hn_arena *arena, const hn_node *options, hn_node *space, hone_error *err);
/* The options with each expression replaced by its value in params (a map); what is absent there is left out.
 * NULL when memory is out. */
hn_node *hn_options_substitute(hn_arena *arena, const hn_node *options, const hn_node *params);

/* Where each part of a tree was read, as a tree; and the same put into an equal one, whose positions then
 * look into places. NULL when memory is out. */
hn_node *hn_node_places(hn_arena *arena, const hn_node *node);
void hn_node_place(hn_node *node, const hn_node *places);

#endif
