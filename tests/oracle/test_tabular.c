/* Every model with default settings against its twin of scikit-learn or XGBoost: cross-validated scores on
 * real data, on the same rows and folds (tests/oracle/tabular_oracle.py), no worse than one standard
 * deviation over the twin's folds. All twelve sets belong to the long tier.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/os_system.h"
#include "oracle_data.h"
#include "select/cross_validate.h"
#include "support.h"

enum { CELLS = 7, MOST_TYPES = 64 };

/* The sets of the other tiers. */
static const char *const quick_sets[] = {"iris", "wine", "cancer", "boston"};

/* A network is what its layers say; there is no usual one. */
static const char without_twin[] = "sequential";

static hone_error error;

/* What a "set" line says, read; all zero without the file. */
typedef struct table {
    const char *name;
    hn_dataset *learned, *clustered; /* with its target, and without */
    size_t *rows, n;                 /* (n,): drawn as the oracle does */
} table;

typedef struct tally {
    size_t compared, worse;
    bool met[MOST_TYPES]; /* models of the registry */
} tally;

static double number(const char *text)
{
    double value = 0;
    ck_assert(text && hn_parse_double(text, strlen(text), false, &value));
    return value;
}

/* The oracle's order(). */
static size_t *draw_rows(size_t n, size_t wanted)
{
    size_t *rows = malloc(n * sizeof *rows);
    uint64_t state = 1;
    ck_assert(rows && wanted <= n);
    for (size_t i = 0; i < n; i++)
        rows[i] = i;
    for (size_t i = 0; i < wanted; i++) {
        size_t k = i + (size_t)(oracle_next(&state) % (n - i)), row = rows[i];
        rows[i] = rows[k];
        rows[k] = row;
    }
    return rows;
}

static void close_table(table *t)
{
    hn_dataset_destroy(t->learned);
    hn_dataset_destroy(t->clustered);
    free(t->rows);
    *t = (table){0};
}

/* "set", name, file, target, lines to skip, task, rows */
static void open_table(char *const cells[CELLS], table *t)
{
    char name[128];
    snprintf(name, sizeof name, "tabular/%s", cells[2]);
    char *path = hn_test_data(name);
    close_table(t);
    t->name = cells[1];
    if (!path)
        return;
    hn_dataset_options options = {.target = cells[3], .skip_rows = (size_t)number(cells[4])};
    options.task = hn_model_task_find(cells[5]);
    ck_assert_msg(hn_dataset_read(path, &options, &t->learned, &error) == HONE_OK, "%s", error.message);
    options.task = HN_TASK_CLUSTERING;
    ck_assert_msg(hn_dataset_read(path, &options, &t->clustered, &error) == HONE_OK, "%s", error.message);
    t->n = (size_t)number(cells[6]);
    t->rows = draw_rows(t->learned->n_rows, t->n);
    free(path);
}

static bool is_wanted(const char *set)
{
    for (size_t i = 0; i < sizeof quick_sets / sizeof *quick_sets; i++)
        if (strcmp(quick_sets[i], set) == 0)
            return true;
    return hn_test_tier() == HN_TEST_LONG;
}

static double score_of(const table *t, const hn_model_type *type)
{
    const hn_dataset *data = type->tasks == HN_TASK_CLUSTERING ? t->clustered : t->learned;
    hn_validation_options options = {.preprocess.scale = HN_SCALE_STANDARD};
    hn_validation *validation = NULL;
    hn_run_control control = {0};
    hn_scores scores = {0};
    ck_assert_msg(hn_validation_create(data, t->rows, t->n, type, &options, &validation, &error) == HONE_OK &&
                      hn_thread_pool_create((size_t)hn_cpu_count(), &control.pool, &error) == HONE_OK &&
                      hn_validation_run(validation, NULL, &control, &scores, &error) == HONE_OK,
                  "%s %s: %s", t->name, type->name, error.message);
    double mean = scores.mean[0];
    hn_scores_release(&scores);
    hn_thread_pool_destroy(control.pool);
    hn_validation_destroy(validation);
    return mean;
}

/* "score", set, model, metric, mean, deviation */
static void compare(char *const cells[CELLS], const table *t, tally *all)
{
    const hn_model_type *type = hn_model_find(cells[2]);
    const char *library;
    ck_assert_ptr_nonnull(type);
    for (size_t i = 0; hn_model_at(i); i++)
        all->met[i] |= hn_model_at(i) == type;
    if (!t->learned || (type->library && type->library(&library, &error)))
        return;
    double value = score_of(t, type), mean = number(cells[4]), deviation = number(cells[5]);
    bool worse = !(value >= mean - deviation);
    printf("%-10s %-17s %-10s %10.4f %10.4f %8.4f %6.2f%s\n", t->name, type->name, cells[3], value, mean,
           deviation, (value - mean) / deviation, worse ? "  worse" : "");
    all->worse += worse;
    all->compared++;
}

START_TEST(no_model_is_worse_than_its_twin)
{
    char *path = hn_test_source("tests/oracle/tabular_values.csv"), *text = hn_test_read(path), *rest = text;
    table t = {0};
    tally all = {0};
    printf("%-10s %-17s %-10s %10s %10s %8s %6s\n", "set", "model", "metric", "hone", "twin", "s.d.",
           "apart");
    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        char *cells[CELLS] = {0};
        for (size_t i = 0; line && i < CELLS; i++)
            cells[i] = strsep(&line, ",");
        if (strcmp(cells[0], "set") == 0 && is_wanted(cells[1]))
            open_table(cells, &t);
        else if (strcmp(cells[0], "score") == 0 && is_wanted(cells[1]))
            compare(cells, &t, &all);
    }
    fflush(stdout); /* failing tests end without */
    close_table(&t);
    free(text);
    free(path);
    for (size_t i = 0; hn_test_tier() == HN_TEST_LONG && hn_model_at(i); i++)
        ck_assert_msg(all.met[i] || strcmp(hn_model_at(i)->name, without_twin) == 0,
                      "model %s has no twin: add one to tests/oracle/tabular_oracle.py",
                      hn_model_at(i)->name);
    if (!all.compared)
        HN_SKIP("no data in tabular/");
    ck_assert_msg(all.worse == 0, "%zu of %zu scores are worse by more than a deviation: see the table",
                  all.worse, all.compared);
}
END_TEST

Suite *suite_tabular(void)
{
    Suite *suite = suite_create("tabular");
    TCase *scores = tcase_create("scores");
    tcase_set_timeout(scores, hn_test_tier() == HN_TEST_LONG ? 3600 : 280); /* a minute of one idle core */
    tcase_add_test(scores, no_model_is_worse_than_its_twin);
    suite_add_tcase(suite, scores);
    return suite;
}
