/* Importance of parameters, against Optuna (tests/oracle/importance_oracle.py). Forests are not the same, nor
 * are categories, which hone's trees part as sets and Optuna's one by one; PED-ANOVA has no chance in it. */
#include <stdio.h>
#include <string.h>

#include "hone/hone.h"
#include "named_values.h"
#include "support.h"

enum { PARAMETERS = 4 };

typedef struct study_case {
    const char *name, *space, *parameters[PARAMETERS];
    const char *categories; /* the parameter of choices red, green, blue; or NULL */
} study_case;

static const study_case cases[] = {
    {"floats",
     "{a: {float: [-1, 1]}, b: {float: [-1, 1]}, c: {float: [-1, 1]}, d: {float: [-1, 1]}}",
     {"a", "b", "c", "d"},
     NULL},
    {"mixed",
     "{x: {float: [0, 10]}, n: {int: [1, 8]}, colour: {choice: [red, green, blue]}, "
     "rate: {float: [1e-4, 1], log: true}}",
     {"x", "n", "colour", "rate"},
     "colour"},
};

static const double *numbers(const char *name, const char *what, size_t *n)
{
    char key[64];
    snprintf(key, sizeof key, "%s_%s", name, what);
    return named_values_all(key, n);
}

static hone_value value_of(const study_case *c, const char *parameter, double number)
{
    static const char *const choices[] = {"red", "green", "blue"};
    if (c->categories && !strcmp(parameter, c->categories)) {
        return (hone_value){.type = HONE_STRING, .as.string = choices[(size_t)number]};
    }
    if (!strcmp(parameter, "n")) {
        return (hone_value){.type = HONE_INT, .as.integer = (int64_t)number};
    }
    return (hone_value){.type = HONE_FLOAT, .as.real = number};
}

static hone_study *study_of(const study_case *c)
{
    hone_study_config config = HONE_STUDY_CONFIG_INIT;
    hone_study *study = NULL;
    size_t n;
    const double *columns[PARAMETERS], *values = numbers(c->name, "value", &n);
    config.space = c->space;
    ck_assert(!hone_study_open("memory:", "s", &config, &study, NULL));
    for (size_t p = 0; p < PARAMETERS; p++) {
        columns[p] = numbers(c->name, c->parameters[p], &n);
    }
    for (size_t i = 0; i < n; i++) {
        hone_named_value point[PARAMETERS];
        for (size_t p = 0; p < PARAMETERS; p++) {
            point[p] = (hone_named_value){c->parameters[p], value_of(c, c->parameters[p], columns[p][i])};
        }
        ck_assert(!hone_study_add(study, point, PARAMETERS, HONE_COMPLETE, &values[i], 1, NULL, NULL));
    }
    return study;
}

START_TEST(agrees_with_optuna)
{
    static const struct {
        const char *method;
        double tolerance;
    } methods[] = {{"fanova", 0.1}, {"impurity", 0.1}, {"ped_anova", 1e-9}};
    named_values_open("importance_values.txt");
    hone_study *study = study_of(&cases[_i]);
    for (size_t m = 0; m < 3; m++) {
        hone_param_importance_config config = HONE_PARAM_IMPORTANCE_CONFIG_INIT;
        hone_param_importance *found = NULL;
        size_t n;
        const double *expected = numbers(cases[_i].name, methods[m].method, &n);
        config.method = methods[m].method;
        ck_assert(!hone_study_importance(study, &config, &found, NULL));
        for (size_t i = 0; i < found->n_params; i++) {
            size_t p = 0;
            while (strcmp(cases[_i].parameters[p], found->params[i]) != 0) {
                p++;
            }
            ck_assert_msg(hn_test_close(found->importance[i], expected[p], 0, methods[m].tolerance),
                          "%s, %s of %s: %.6f, Optuna %.6f", cases[_i].name, methods[m].method,
                          found->params[i], found->importance[i], expected[p]);
        }
        hone_param_importance_free(found);
    }
    hone_study_destroy(study);
    named_values_close();
}
END_TEST

Suite *suite_importance(void)
{
    Suite *suite = suite_create("param_importance");
    TCase *all = tcase_create("optuna");
    tcase_add_loop_test(all, agrees_with_optuna, 0, sizeof cases / sizeof *cases);
    suite_add_tcase(suite, all);
    return suite;
}
