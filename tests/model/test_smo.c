/* The SVM solver against libsvm on the same kernel matrices: the same dual objective, and alphas that are
 * optimal by themselves. */
#include <libsvm/svm.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/random.h"
#include "model/model.h"
#include "model/row_cache.h"
#include "model/smo.h"
#include "support.h"

typedef struct problem {
    size_t n;
    double *x;      /* (n, 4) */
    double *kernel; /* (n, n) */
    double *q;      /* (n, n), with signs */
    double *sign, *linear, *upper, *alpha;
} problem;

/* Two overlapping clouds; share: of the first class; gamma 0: the linear kernel. */
static problem make(size_t n, double share, double gamma, double cost, uint64_t seed)
{
    hn_random random = hn_random_stream(seed, 0, HN_PURPOSE_TEST);
    problem p = {.n = n};
    p.x = calloc(n * 4, sizeof *p.x);
    p.kernel = calloc(n * n, sizeof *p.kernel);
    p.q = calloc(n * n, sizeof *p.q);
    p.sign = calloc(4 * n, sizeof *p.sign);
    p.linear = p.sign + n;
    p.upper = p.linear + n;
    p.alpha = p.upper + n;
    for (size_t i = 0; i < n; i++) {
        p.sign[i] = i == 0 || (i > 1 && hn_random_uniform(&random) < share) ? 1 : -1;
        p.linear[i] = -1;
        p.upper[i] = cost;
        for (int k = 0; k < 4; k++) {
            p.x[i * 4 + k] = hn_random_normal(&random) + (k == 0 ? 0.7 * p.sign[i] : 0);
        }
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            double dot = 0, square = 0;
            for (int k = 0; k < 4; k++) {
                double a = p.x[i * 4 + k], b = p.x[j * 4 + k];
                dot += a * b;
                square += (a - b) * (a - b);
            }
            p.kernel[i * n + j] = gamma > 0 ? exp(-gamma * square) : dot;
            p.q[i * n + j] = p.sign[i] * p.sign[j] * p.kernel[i * n + j];
        }
    }
    return p;
}

static void release(problem *p)
{
    free(p->x);
    free(p->kernel);
    free(p->q);
    free(p->sign);
}

static double objective(const problem *p, const double *alpha)
{
    double value = 0;
    for (size_t i = 0; i < p->n; i++) {
        double sum = 0;
        for (size_t j = 0; j < p->n; j++) {
            sum += p->q[i * p->n + j] * alpha[j];
        }
        value += alpha[i] * (0.5 * sum + p->linear[i]);
    }
    return value;
}

/* The largest violation of optimality by a pair, libsvm's stopping criterion. */
static double violation(const problem *p, const double *alpha)
{
    double up = -INFINITY, down = INFINITY;
    for (size_t i = 0; i < p->n; i++) {
        double gradient = p->linear[i];
        for (size_t j = 0; j < p->n; j++) {
            gradient += p->q[i * p->n + j] * alpha[j];
        }
        double value = -p->sign[i] * gradient, slack = 1e-9 * p->upper[i];
        bool may_rise = p->sign[i] > 0 ? alpha[i] < p->upper[i] - slack : alpha[i] > slack;
        bool may_fall = p->sign[i] > 0 ? alpha[i] > slack : alpha[i] < p->upper[i] - slack;
        up = may_rise ? fmax(up, value) : up;
        down = may_fall ? fmin(down, value) : down;
    }
    return up - down;
}

static void silent(const char *text)
{
    (void)text;
}

/* libsvm's alphas for the same problem. */
static void solve_with_libsvm(const problem *p, double cost, double *alpha)
{
    struct svm_node *nodes = calloc(p->n * (p->n + 2), sizeof *nodes), **rows = calloc(p->n, sizeof *rows);
    for (size_t i = 0; i < p->n; i++) {
        struct svm_node *row = rows[i] = nodes + i * (p->n + 2);
        row[0] = (struct svm_node){0, (double)(i + 1)};
        for (size_t j = 0; j < p->n; j++) {
            row[j + 1] = (struct svm_node){(int)j + 1, p->kernel[i * p->n + j]};
        }
        row[p->n + 1].index = -1;
    }
    struct svm_problem training = {(int)p->n, p->sign, rows};
    struct svm_parameter parameter = {.svm_type = C_SVC,
                                      .kernel_type = PRECOMPUTED,
                                      .C = cost,
                                      .eps = 1e-3,
                                      .cache_size = 100,
                                      .shrinking = 0};
    svm_set_print_string_function(silent);
    struct svm_model *model = svm_train(&training, &parameter);
    for (size_t i = 0; i < p->n; i++) {
        alpha[i] = 0;
    }
    for (int k = 0; k < svm_get_nr_sv(model); k++) {
        alpha[model->sv_indices[k] - 1] = fabs(model->sv_coef[0][k]);
    }
    svm_free_and_destroy_model(&model);
    free(rows);
    free(nodes);
}

static void compare(size_t n, double share, double gamma, double cost, uint64_t seed)
{
    hn_arena scratch = HN_ARENA_INIT;
    problem p = make(n, share, gamma, cost, seed);
    hn_smo_problem ours = {.n = n,
                           .q = p.q,
                           .linear = p.linear,
                           .sign = p.sign,
                           .upper = p.upper,
                           .tolerance = 1e-3,
                           .scratch = &scratch};
    double rho = 0, balance = 0;
    hone_error err = {0};
    ck_assert_msg(!hn_smo_solve(&ours, p.alpha, &rho, &err), "%s", err.message);
    double *reference = calloc(n, sizeof *reference);
    solve_with_libsvm(&p, cost, reference);
    for (size_t i = 0; i < n; i++) {
        ck_assert(p.alpha[i] >= 0 && p.alpha[i] <= cost);
        balance += p.sign[i] * p.alpha[i];
    }
    hn_assert_absolute(balance, 0, 1e-9 * cost * (double)n);
    double own = objective(&p, p.alpha), theirs = objective(&p, reference);
    ck_assert_msg(own <= theirs + 2e-3 * (1 + fabs(theirs)), "n %zu share %g gamma %g C %g: %g, libsvm %g", n,
                  share, gamma, cost, own, theirs);
    ck_assert_msg(violation(&p, p.alpha) <= 1.1e-3, "n %zu share %g gamma %g C %g: violated by %g", n, share,
                  gamma, cost, violation(&p, p.alpha));
    ck_assert(isfinite(rho));
    free(reference);
    release(&p);
    hn_arena_release(&scratch);
}

START_TEST(agrees_with_libsvm)
{
    static const double costs[] = {1e-4, 0.05, 1, 50}, gammas[] = {0, 1e-4, 0.05, 1, 20},
                        shares[] = {0.5, 0.05};
    static const size_t sizes[] = {2, 9, 60, 300};
    uint64_t seed = 1;
    for (size_t i = 0; i < sizeof costs / sizeof *costs; i++) {
        for (size_t j = 0; j < sizeof gammas / sizeof *gammas; j++) {
            for (size_t k = 0; k < sizeof shares / sizeof *shares; k++) {
                for (size_t l = 0; l < sizeof sizes / sizeof *sizes; l++) {
                    compare(sizes[l], shares[k], gammas[j], costs[i], seed++);
                }
            }
        }
    }
}
END_TEST

/* --- rows made when they are asked for --- */

typedef struct row_source {
    const problem *p;
    size_t made;
} row_source;

static void make_row(void *user, size_t i, double *row)
{
    row_source *source = user;
    source->made++;
    memcpy(row, source->p->q + i * source->p->n, source->p->n * sizeof *row);
}

START_TEST(rows_of_a_cache_give_the_same_solution)
{
    static const size_t n = 400;
    problem p = make(n, 0.5, 0.5, 5, 77);
    double *whole = calloc(n, sizeof *whole), diagonal[400], rho, rho_of_rows;
    hn_arena scratch = HN_ARENA_INIT;
    hn_smo_problem ours = {.n = n,
                           .q = p.q,
                           .linear = p.linear,
                           .sign = p.sign,
                           .upper = p.upper,
                           .tolerance = 1e-3,
                           .scratch = &scratch};
    ck_assert(!hn_smo_solve(&ours, whole, &rho, NULL));
    for (size_t i = 0; i < n; i++) {
        diagonal[i] = p.q[i * n + i];
    }
    static const size_t kept[] = {0, 3, 50, 1000}; /* rows; 0: the two it needs */
    size_t made_with_fewer = SIZE_MAX;
    for (size_t k = 0; k < 4; k++) {
        row_source source = {.p = &p};
        ours.q = NULL;
        ours.row = hn_row_cache_row;
        ours.rows = hn_row_cache_new(n, kept[k] * n * sizeof(double), make_row, &source, &scratch);
        ours.diagonal = diagonal;
        ck_assert(ours.rows && !hn_smo_solve(&ours, p.alpha, &rho_of_rows, NULL));
        ck_assert_mem_eq(p.alpha, whole, n * sizeof *whole);
        ck_assert_double_eq(rho_of_rows, rho);
        ck_assert(source.made > 0 && source.made <= made_with_fewer); /* more room, less work */
        made_with_fewer = source.made;
    }
    ck_assert_uint_le(made_with_fewer, n); /* each row once when there is room for all */
    free(whole);
    release(&p);
    hn_arena_release(&scratch);
}
END_TEST

START_TEST(a_cache_holds_what_was_used_last)
{
    hn_arena scratch = HN_ARENA_INIT;
    problem p = make(10, 0.5, 0, 1, 3);
    row_source source = {.p = &p};
    hn_row_cache *cache = hn_row_cache_new(10, sizeof(double[3][10]), make_row, &source, &scratch);
    static const struct {
        size_t row, made;
    } asked[] = {{0, 1}, {1, 2}, {2, 3}, {0, 3}, {3, 4}, {0, 4},
                 {2, 4}, {1, 5}, {2, 5}, {0, 5}, {3, 6}, {1, 7}};
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        const double *row = hn_row_cache_row(cache, asked[i].row);
        ck_assert_mem_eq(row, p.q + asked[i].row * 10, 10 * sizeof *row);
        ck_assert_uint_eq(source.made, asked[i].made);
    }
    release(&p);
    hn_arena_release(&scratch);
}
END_TEST

/* --- weights of rows where the kernel does not fit into memory --- */

enum { MANY = 6000 };

static double fitted_share(const hn_design *train, hn_arena *arena, double *decisions)
{
    const hn_model_type *type = hn_model_find("svm");
    void *config = hn_arena_alloc(arena, 1, type->options.config_size), *fitted = NULL;
    hn_fit_context context = {.scratch = arena};
    hone_error err = {0};
    ck_assert(!hn_model_configure(type, HN_TASK_CLASSIFICATION, arena, NULL, config, &err));
    ck_assert_msg(!type->fit(config, train, &context, &fitted, &err), "%s", err.message);
    ck_assert(!type->decision(fitted, train, decisions, &err));
    type->destroy(fitted);
    double share = 0;
    for (size_t i = 0; i < train->n; i++) {
        share += (decisions[i] > 0) == (train->y[i] > 0.5);
    }
    return share / (double)train->n;
}

START_TEST(weighs_more_rows_than_a_kernel_matrix_holds)
{
    static const char *const classes[] = {"a", "b"};
    hn_arena arena = HN_ARENA_INIT;
    hn_random random = hn_random_stream(9, 0, HN_PURPOSE_TEST);
    double *x = hn_arena_alloc(&arena, (size_t)2 * MANY, sizeof *x),
           *y = hn_arena_alloc(&arena, MANY, sizeof *y);
    double *weight = hn_arena_alloc(&arena, MANY, sizeof *weight);
    double *plain = hn_arena_alloc(&arena, MANY, sizeof *plain);
    double *weighed = hn_arena_alloc(&arena, MANY, sizeof *weighed);
    for (size_t i = 0; i < MANY; i++) {
        x[2 * i] = hn_random_normal(&random);
        x[2 * i + 1] = hn_random_normal(&random);
        y[i] = x[2 * i] + x[2 * i + 1] * x[2 * i + 1] > 1;
        weight[i] = 1;
    }
    hn_design train = {.x = x, .n = MANY, .d = 2, .y = y, .n_classes = 2, .classes = classes};
    ck_assert(fitted_share(&train, &arena, plain) > 0.98); /* libsvm */
    train.weight = weight;
    ck_assert(fitted_share(&train, &arena, weighed) > 0.98);
    for (size_t i = 0; i < MANY; i++) {
        hn_assert_absolute(weighed[i], plain[i], 0.02 * (1 + fabs(plain[i])));
        weight[i] = y[i] > 0.5 ? 1 : 1e-4; /* the first class hardly counts */
    }
    ck_assert(fitted_share(&train, &arena, weighed) < 0.9);
    hn_arena_release(&arena);
}
END_TEST

Suite *suite_smo(void)
{
    Suite *suite = suite_create("smo");
    TCase *solver = tcase_create("solver");
    tcase_set_timeout(solver, 120);
    tcase_add_test(solver, agrees_with_libsvm);
    tcase_add_test(solver, rows_of_a_cache_give_the_same_solution);
    tcase_add_test(solver, a_cache_holds_what_was_used_last);
    tcase_add_test(solver, weighs_more_rows_than_a_kernel_matrix_holds);
    suite_add_tcase(suite, solver);
    return suite;
}
