/* Rows that a source makes are the rows of the matrix: the same model, the same predictions. */
#include <string.h>

#include "base/memory.h"
#include "base/thread_pool.h"
#include "data/preprocess.h"
#include "math/random.h"
#include "model_fixture.h"

enum { MOST_ROWS = 700, WIDTH = 13, OUTPUTS = 3 };

static double x[MOST_ROWS * WIDTH], y[MOST_ROWS], weight[MOST_ROWS];
static size_t rows[MOST_ROWS];
static const char *const classes[] = {"a", "b", "c"};

/* A design of n rows twice: from a source, its rows shuffled, and as a matrix. */
typedef struct twice {
    hn_dataset *dataset;
    hn_preprocess *preprocess;
    hn_row_source *source;
    double *matrix;
    hn_design made, plain;
} twice;

static void fill(size_t n, hn_model_task task)
{
    hn_random random = hn_random_stream(n, 0, HN_PURPOSE_TEST);
    for (size_t i = 0; i < n * WIDTH; i++)
        x[i] = i % 4 ? hn_random_normal(&random) : 1e3 + (double)hn_random_below(&random, 3);
    for (size_t i = 0; i < n; i++) {
        y[i] = task == HN_TASK_CLASSIFICATION ? (double)(i % 3) : x[i * WIDTH + 1] + 0.1 * (double)(i % 7);
        rows[i] = i;
        weight[i] = 0.5 + (double)(i % 5);
    }
    for (size_t i = n; i > n / 2; i--) { /* some in order, some not */
        size_t at = hn_random_below(&random, i), held = rows[at];
        rows[at] = rows[i - 1];
        rows[i - 1] = held;
    }
}

static twice make(size_t n, hn_model_task task, bool weighted)
{
    twice t = {0};
    hn_preprocess_options options = {.scale = HN_SCALE_STANDARD};
    fill(n, task);
    ck_assert_int_eq(hn_dataset_from_arrays(x, n, WIDTH, y, NULL, task, &t.dataset, &model_error), HONE_OK);
    ck_assert_int_eq(hn_preprocess_fit(&options, t.dataset, rows, n, &t.preprocess, &model_error), HONE_OK);
    ck_assert_int_eq(hn_row_source_open(t.preprocess, t.dataset, rows, &t.source, &model_error), HONE_OK);
    t.matrix = hn_calloc(n * WIDTH, sizeof *t.matrix);
    ck_assert(t.matrix);
    ck_assert_int_eq(hn_preprocess_apply(t.preprocess, t.dataset, rows, n, t.matrix, &model_error), HONE_OK);
    t.plain = (hn_design){.x = t.matrix, .n = n, .d = WIDTH, .y = y, .weight = weighted ? weight : NULL};
    if (task == HN_TASK_CLASSIFICATION) {
        t.plain.n_classes = 3;
        t.plain.classes = classes;
    }
    t.made = t.plain;
    t.made.x = NULL;
    t.made.source = t.source;
    return t;
}

static void release(twice *t)
{
    hn_row_source_close(t->source);
    hn_preprocess_destroy(t->preprocess);
    hn_dataset_destroy(t->dataset);
    hn_free(t->matrix);
}

static void assert_same_state(const hn_model_type *type, const void *a, const void *b)
{
    hn_model_state one, other;
    ck_assert_int_eq(type->save(a, &model_arena, &one, &model_error), HONE_OK);
    ck_assert_int_eq(type->save(b, &model_arena, &other, &model_error), HONE_OK);
    for (size_t i = 0; i < one.n_tensors; i++)
        ck_assert_mem_eq(one.tensors[i].values, other.tensors[i].values,
                         hn_tensor_size(&one.tensors[i]) * sizeof(double));
}

/* From the third row on, which is not where a block begins. */
static void assert_same_predictions(const hn_model_type *type, const void *fitted, const twice *t)
{
    hn_design made = t->made, plain = t->plain;
    double a[MOST_ROWS * OUTPUTS], b[MOST_ROWS * OUTPUTS];
    made.first = 2;
    plain.x += (size_t)2 * WIDTH;
    made.n = plain.n -= 2;
    made.y = plain.y = made.weight = plain.weight = NULL;
    ck_assert_int_eq(type->predict(fitted, &made, a, &model_error), HONE_OK);
    ck_assert_int_eq(type->predict(fitted, &plain, b, &model_error), HONE_OK);
    for (size_t i = 0; i < plain.n; i++)
        hn_assert_close(a[i], b[i], 1e-12, 1e-12);
    if (plain.n_classes == 0)
        return;
    ck_assert_int_eq(type->predict_proba(fitted, &made, a, &model_error), HONE_OK);
    ck_assert_int_eq(type->predict_proba(fitted, &plain, b, &model_error), HONE_OK);
    for (size_t i = 0; i < plain.n * OUTPUTS; i++)
        hn_assert_close(a[i], b[i], 1e-12, 1e-12);
}

static void check(const hn_model_type *type, hn_model_task task, size_t n, bool weighted)
{
    twice t = make(n, task, weighted && (type->capabilities & HN_MODEL_WEIGHTS));
    void *from_source = model_must_fit(type, &t.made), *from_matrix = model_must_fit(type, &t.plain);
    assert_same_state(type, from_source, from_matrix);
    assert_same_predictions(type, from_source, &t);
    type->destroy(from_source);
    type->destroy(from_matrix);
    release(&t);
}

/* --- without what it was fitted from --- */

typedef struct asking {
    const hn_model_type *type;
    const void *fitted;
    hn_design queries;
    double out[4][MOST_ROWS];
    hone_status statuses[4];
} asking;

static void ask(void *user, size_t index, size_t worker)
{
    asking *a = user;
    (void)worker;
    a->statuses[index] = a->type->predict(a->fitted, &a->queries, a->out[index], NULL);
}

/* A model owns what it looks at: nothing it was fitted from is there when its first prediction is made, by
 * several threads at once. */
static void check_outlives(const hn_model_type *type, hn_model_task task)
{
    twice t = make(MOST_ROWS, task, false);
    hn_thread_pool *pool = NULL;
    double expected[MOST_ROWS];
    void *fitted = model_must_fit(type, &t.made), *from_matrix = model_must_fit(type, &t.plain);
    asking a = {.type = type, .fitted = fitted, .queries = t.plain};
    double *queries = hn_calloc((size_t)MOST_ROWS * WIDTH, sizeof *queries);
    ck_assert(queries);
    memcpy(queries, t.matrix, sizeof x);
    a.queries.x = queries;
    a.queries.y = NULL;
    ck_assert_int_eq(type->predict(from_matrix, &a.queries, expected, &model_error), HONE_OK);
    release(&t);
    memset(rows, 0xff, sizeof rows);
    ck_assert_int_eq(hn_thread_pool_create(4, &pool, &model_error), HONE_OK);
    hn_thread_pool_run(pool, 4, ask, &a);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(a.statuses[i], HONE_OK);
        ck_assert_mem_eq(a.out[i], expected, sizeof expected);
    }
    hn_thread_pool_destroy(pool);
    hn_free(queries);
    type->destroy(fitted);
    type->destroy(from_matrix);
}

START_TEST(a_model_outlives_its_source)
{
    FOR_EVERY(type, task)
    if (type->capabilities & HN_MODEL_SOURCE)
        check_outlives(type, (hn_model_task)task);
}
END_TEST

START_TEST(a_source_is_a_matrix)
{
    FOR_EVERY(type, task)
    if (type->capabilities & HN_MODEL_SOURCE) {
        check(type, (hn_model_task)task, MOST_ROWS, false);
        check(type, (hn_model_task)task, MOST_ROWS, true);
        check(type, (hn_model_task)task, WIDTH - 1, true); /* fewer rows than columns */
    }
}
END_TEST

Suite *suite_model_source(void)
{
    Suite *suite = suite_create("model_source");
    TCase *source = tcase_create("source");
    tcase_add_checked_fixture(source, model_setup, model_teardown);
    tcase_add_test(source, a_source_is_a_matrix);
    tcase_add_test(source, a_model_outlives_its_source);
    suite_add_tcase(suite, source);
    return suite;
}
