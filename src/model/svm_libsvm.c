/* svm_libsvm.c: problems whose kernel does not fit into memory go to libsvm, which computes kernel rows when
 * it needs them and caches some (Chang & Lin 2011). It cannot be cancelled.
 */
#include <libsvm/svm.h>

#include "base/memory.h"
#include "model/svm_solver.h"

static void print_nothing(const char *text)
{
    (void)text;
}

/* libsvm's sparse rows: only columns that are not zero, 1-based, ended by index -1. */
static hone_status make_problem(const hn_svm_fitting *f, struct svm_problem *problem)
{
    hn_arena *scratch = f->context->scratch;
    size_t n = f->n, d = f->train->d;
    struct svm_node *nodes = hn_arena_scratch(scratch, n * (d + 1), sizeof *nodes);
    problem->l = (int)n;
    problem->y = HN_ARENA_NEW(scratch, double, n);
    problem->x = HN_ARENA_NEW(scratch, struct svm_node *, n);
    if (!nodes || !problem->y || !problem->x)
        return hn_out_of_memory(f->err);
    for (size_t i = 0; i < n; i++) {
        const double *x = f->train->x + f->order[i] * d;
        struct svm_node *row = nodes + i * (d + 1);
        problem->x[i] = row;
        problem->y[i] = f->train->y[f->order[i]];
        for (size_t k = 0; k < d; k++)
            if (x[k] != 0)
                *row++ = (struct svm_node){.index = (int)k + 1, .value = x[k]};
        row->index = -1;
    }
    return HONE_OK;
}

/* The factors on C that make each class's cost. */
static hone_status set_class_weights(const hn_svm_fitting *f, struct svm_parameter *parameter)
{
    int *labels = HN_ARENA_NEW(f->context->scratch, int, f->n_present);
    double *factors = HN_ARENA_NEW(f->context->scratch, double, f->n_present);
    if (!labels || !factors)
        return hn_out_of_memory(f->err);
    for (size_t i = 0, first = 0; i < f->n_present; first += f->class_rows[f->present[i++]]) {
        labels[i] = (int)f->present[i];
        factors[i] = f->cost[first] / f->config->c;
    }
    parameter->nr_weight = f->train->n_classes ? (int)f->n_present : 0;
    parameter->weight_label = labels;
    parameter->weight = factors;
    return HONE_OK;
}

hone_status hn_svm_solve_by_rows(hn_svm_fitting *f)
{
    static const int kernels[] = {LINEAR, RBF, POLY, SIGMOID}; /* by hn_kernel_kind */
    struct svm_problem problem;
    struct svm_parameter parameter = {.svm_type = f->train->n_classes ? C_SVC : EPSILON_SVR,
                                      .kernel_type = kernels[f->kernel.kind],
                                      .degree = f->kernel.degree,
                                      .gamma = f->kernel.gamma,
                                      .coef0 = f->kernel.coef0,
                                      .cache_size = f->config->cache_mb,
                                      .eps = f->config->tolerance,
                                      .C = f->config->c,
                                      .p = f->config->epsilon,
                                      .shrinking = f->config->shrinking};
    hone_status status = make_problem(f, &problem);
    if (!status)
        status = set_class_weights(f, &parameter);
    if (status)
        return status;
    const char *complaint = svm_check_parameter(&problem, &parameter);
    if (complaint)
        return hn_fail(f->err, HONE_INVALID, "model svm: %s", complaint);
    svm_set_print_string_function(print_nothing);
    struct svm_model *model = svm_train(&problem, &parameter);
    size_t rows = f->n_present > 1 ? f->n_present - 1 : 1,
           pairs = f->n_present > 1 ? f->n_present * rows / 2 : 1;
    for (size_t k = 0; k < rows; k++)
        for (int i = 0; i < model->l; i++)
            f->coefficients[k * f->n + (size_t)model->sv_indices[i] - 1] = model->sv_coef[k][i];
    for (size_t k = 0; k < pairs; k++)
        f->rho[k] = model->rho[k];
    svm_free_and_destroy_model(&model);
    return HONE_OK;
}
