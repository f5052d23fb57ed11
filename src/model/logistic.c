/* logistic.c: smooth penalties by L-BFGS, L1 and elastic net by logistic_sparse.c. Options, defaults and the
 * objective are those of scikit-learn's LogisticRegression (solvers lbfgs and saga).
 */
#include "model/logistic.h"

#include <stddef.h>
#include <string.h>

#include "base/cancel.h"
#include "math/lbfgs.h"
#include "model/design.h"
#include "model/row_weight.h"

static const char *const penalty_names[] = {"l2", "l1", "elastic_net", "none", NULL};

#define FIELD(name) offsetof(hn_logistic_config, name)

static const hn_option options[] = {
    {"penalty", HN_OPTION_CHOICE, "l2", 0, 0, penalty_names, FIELD(penalty), "of the coefficients"},
    {"C", HN_OPTION_DOUBLE, "1", 1e-12, 1e12, NULL, FIELD(c), "inverse penalty; smaller regularises more"},
    {"l1_ratio", HN_OPTION_DOUBLE, "0.5", 0, 1, NULL, FIELD(l1_ratio),
     "elastic_net: share of the L1 penalty"},
    {"fit_intercept", HN_OPTION_BOOL, "true", 0, 0, NULL, FIELD(fit_intercept),
     "fit a constant term, which is not penalised"},
    {"class_weight", HN_OPTION_NODE, "none", 0, 0, NULL, FIELD(class_weight),
     "weight per class: none, balanced (rows / (classes * rows of the class)), or a map"},
    {"tolerance", HN_OPTION_DOUBLE, "0.0001", 1e-15, 1, NULL, FIELD(tolerance),
     "stops when no element of the gradient is larger, or the loss stalls"},
    {"max_iter", HN_OPTION_INT, "100", 1, 1e9, NULL, FIELD(max_iter), "most iterations of the solver"},
};

static hone_status check(const void *config, const hn_node *given, hn_model_task task, hone_error *err)
{
    (void)given;
    return hn_class_weight_check("logistic", ((const hn_logistic_config *)config)->class_weight, task, err);
}

/* --- the problem of a training set --- */

typedef struct fitting {
    const hn_logistic_config *config;
    const hn_design *train;
    hn_arena *scratch;
    size_t *present, *place; /* (n_classes,): classes met; the place of each class among them */
    size_t n_present;
    hn_logistic_problem problem;
    hone_error *err;
} fitting;

static hone_status find_classes(fitting *f)
{
    const hn_design *train = f->train;
    f->present = HN_ARENA_NEW(f->scratch, size_t, train->n_classes);
    f->place = HN_ARENA_NEW(f->scratch, size_t, train->n_classes);
    size_t *rows = HN_ARENA_NEW(f->scratch, size_t, train->n_classes);
    if (!f->present || !f->place || !rows)
        return hn_out_of_memory(f->err);
    for (size_t i = 0; i < train->n; i++)
        rows[(size_t)train->y[i]]++;
    for (size_t k = 0; k < train->n_classes; k++) {
        if (rows[k] == 0)
            continue;
        f->place[k] = f->n_present;
        f->present[f->n_present++] = k;
    }
    if (f->n_present < 2)
        return hn_fail(f->err, HONE_INVALID, "model logistic: the %zu training rows hold one class only (%s)",
                       train->n, train->classes ? train->classes[f->present[0]] : "unnamed");
    return HONE_OK;
}

static hone_status prepare(fitting *f, const hn_fit_context *context)
{
    const hn_design *train = f->train;
    double *y = HN_ARENA_NEW(f->scratch, double, train->n);
    const double *weight = NULL;
    if (!y)
        return hn_out_of_memory(f->err);
    for (size_t i = 0; i < train->n; i++)
        y[i] = (double)f->place[(size_t)train->y[i]];
    hone_status status =
        hn_row_weights("logistic", f->config->class_weight, train, f->scratch, &weight, f->err);
    if (status)
        return status;
    bool two = f->n_present == 2;
    hn_linear_objective objective = {.loss = two ? HN_LINEAR_LOGISTIC : HN_LINEAR_SOFTMAX,
                                     .n = train->n,
                                     .d = train->d,
                                     .n_outputs = two ? 1 : f->n_present,
                                     .x = train->x,
                                     .y = y,
                                     .weight = weight,
                                     .intercept = f->config->fit_intercept};
    objective.scratch = hn_arena_scratch(f->scratch, hn_linear_scratch_size(&objective), sizeof(double));
    f->problem = (hn_logistic_problem){.objective = objective,
                                       .tolerance = f->config->tolerance,
                                       .max_iter = (size_t)f->config->max_iter,
                                       .cancel = context->cancel,
                                       .scratch = f->scratch};
    f->problem.w = HN_ARENA_NEW(f->scratch, double, hn_linear_parameters(&objective));
    return objective.scratch && f->problem.w ? HONE_OK : hn_out_of_memory(f->err);
}

/* --- solving --- */

static double value(void *context, const double *w, double *gradient)
{
    return hn_linear_value(context, w, gradient);
}

/* A loss that falls by less than this share of it ends the search too: 2.2e-9 at the default tolerance, as in
 * scikit-learn (SciPy's ftol), and less where more is asked for. */
#define VALUE_PER_GRADIENT 2.2e-5

static hone_status solve_smooth(hn_logistic_problem *p, hone_error *err)
{
    hn_lbfgs_problem problem = {.n = hn_linear_parameters(&p->objective),
                                .value = value,
                                .context = &p->objective,
                                .gradient_tolerance = p->tolerance,
                                .value_tolerance = VALUE_PER_GRADIENT * p->tolerance,
                                .max_iterations = p->max_iter,
                                .cancel = p->cancel};
    hone_status status = hn_lbfgs_minimize(&problem, p->scratch, p->w, NULL, err);
    return status == HONE_CANCELLED ? hn_fail_within(err, status, "model logistic") : status;
}

static hone_status solve(hn_logistic_problem *p, const hn_logistic_config *config, double c, hone_error *err)
{
    double ratio = config->penalty == HN_LOGISTIC_L1            ? 1
                   : config->penalty == HN_LOGISTIC_ELASTIC_NET ? config->l1_ratio
                                                                : 0;
    double strength = config->penalty == HN_LOGISTIC_NONE ? 0 : 1 / c;
    p->l1 = strength * ratio;
    p->objective.l2 = strength * (1 - ratio);
    return p->l1 > 0 ? hn_logistic_solve_sparse(p, err) : solve_smooth(p, err);
}

static hn_linear *take_solution(const fitting *f)
{
    const hn_linear_objective *o = &f->problem.objective;
    hn_linear *linear = hn_linear_new("logistic", f->train->n_classes, f->n_present, o->d);
    if (!linear)
        return NULL;
    memcpy(linear->present, f->present, f->n_present * sizeof *linear->present);
    memcpy(linear->coefficients, f->problem.w, o->n_outputs * o->d * sizeof *linear->coefficients);
    if (o->intercept)
        memcpy(linear->intercept, f->problem.w + o->n_outputs * o->d,
               o->n_outputs * sizeof *linear->intercept);
    return linear;
}

hone_status hn_logistic_path(const hn_logistic_config *config, const hn_design *train,
                             const hn_fit_context *context, const double *c, size_t n_c, hn_linear **models,
                             hone_error *err)
{
    hn_design loaded;
    fitting f = {.config = config, .train = &loaded, .scratch = context->scratch, .err = err};
    if (hn_cancelled(context->cancel))
        return hn_fail(err, HONE_CANCELLED, "model logistic: cancelled before the fit");
    size_t made = 0;
    hone_status status = hn_design_load(train, context->scratch, &loaded, err);
    if (!status)
        status = find_classes(&f);
    if (!status)
        status = prepare(&f, context);
    while (!status && made < n_c) {
        status = solve(&f.problem, config, c[made], err);
        if (!status && !(models[made] = take_solution(&f)))
            status = hn_out_of_memory(err);
        made += !status;
    }
    while (status && made > 0)
        hn_linear_destroy(models[--made]);
    return status;
}

static hone_status fit(const void *config, const hn_design *train, const hn_fit_context *context,
                       void **fitted, hone_error *err)
{
    const hn_logistic_config *c = config;
    hn_linear *linear;
    hone_status status = hn_logistic_path(c, train, context, &c->c, 1, &linear, err);
    if (!status)
        *fitted = linear;
    return status;
}

static hone_status load(const hn_model_state *state, size_t n_classes, size_t d, void **fitted,
                        hone_error *err)
{
    return hn_linear_load("logistic", state, n_classes, d, fitted, err);
}

extern const hn_model_type hn_model_logistic;

const hn_model_type hn_model_logistic = {
    .name = "logistic",
    .help = "logistic regression for two or more classes, with L2, L1, elastic net or no penalty",
    .tasks = HN_TASK_CLASSIFICATION,
    .capabilities = HN_MODEL_CANCELLABLE | HN_MODEL_PROBABILITY | HN_MODEL_IMPORTANCE | HN_MODEL_WEIGHTS |
                    HN_MODEL_SOURCE,
    .options = {options, sizeof options / sizeof *options, sizeof(hn_logistic_config)},
    .default_space = "C: {float: [1e-4, 1e4], log: true}\n"
                     "penalty: {choice: [l2, l1]}\n",
    .simpler = "smaller C",
    .check = check,
    .fit = fit,
    .destroy = hn_linear_destroy,
    .predict = hn_linear_predict,
    .predict_proba = hn_linear_predict_proba,
    .decision = hn_linear_decision,
    .importance = hn_linear_importance,
    .save = hn_linear_save,
    .load = load,
    .graph = hn_linear_graph,
};
