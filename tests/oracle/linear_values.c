#include "linear_values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "support.h"

enum { MAX_LINES = 100, MAX_VALUES = ROWS * COLUMNS };

typedef struct line {
    const char *name;
    size_t n;
    double values[MAX_VALUES];
} line;

static line lines[MAX_LINES];
static size_t n_lines;
static char *text;
static hn_arena arena;
static hone_error error;

void linear_values_open(void)
{
    char *path = hn_test_source("tests/oracle/linear_values.txt"), *rest, *words;
    text = hn_test_read(path);
    free(path);
    n_lines = 0;
    for (char *row = strtok_r(text, "\n", &rest); row; row = strtok_r(NULL, "\n", &rest)) {
        if (*row == '#')
            continue;
        ck_assert_uint_lt(n_lines, MAX_LINES);
        line *l = &lines[n_lines++];
        *l = (line){.name = strtok_r(row, " ", &words)};
        for (char *word = strtok_r(NULL, " ", &words); word; word = strtok_r(NULL, " ", &words)) {
            ck_assert_uint_lt(l->n, MAX_VALUES);
            ck_assert(hn_parse_double(word, strlen(word), false, &l->values[l->n++]));
        }
    }
}

void linear_values_close(void)
{
    free(text);
    text = NULL;
    hn_arena_release(&arena);
}

const double *linear_values_get(const char *name, size_t n)
{
    for (size_t i = 0; i < n_lines; i++)
        if (strcmp(lines[i].name, name) == 0 && lines[i].n >= n)
            return lines[i].values;
    ck_abort_msg("no line %s with %zu values", name, n);
    return NULL;
}

void linear_values_compare(const char *name, const double *found, size_t n, double tolerance)
{
    const double *expected = linear_values_get(name, n);
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(fabs(found[i] - expected[i]) <= tolerance * fmax(1, fabs(expected[i])),
                      "%s: value %zu is %.12g, expected %.12g", name, i, found[i], expected[i]);
}

hn_design linear_values_design(const char *target, size_t n)
{
    static const char *const classes[] = {"a", "b", "c"};
    size_t n_classes = strcmp(target, "two") == 0 ? 2 : strcmp(target, "three") == 0 ? 3 : 0;
    return (hn_design){.x = linear_values_get("x", ROWS * COLUMNS),
                       .n = n,
                       .d = COLUMNS,
                       .y = linear_values_get(target, ROWS),
                       .n_classes = n_classes,
                       .classes = n_classes ? classes : NULL};
}

void *linear_values_fit(const char *model, const char *options, const hn_design *train)
{
    const hn_model_type *type;
    hn_node *given;
    hn_arena scratch = HN_ARENA_INIT;
    void *fitted = NULL;
    hn_fit_context context = {.seed = 1, .scratch = &scratch};
    ck_assert_int_eq(hn_model_require(model, &type, &error), HONE_OK);
    ck_assert_int_eq(hn_yaml_parse(&arena, "options", options, strlen(options), &given, &error), HONE_OK);
    void *config = hn_arena_alloc(&arena, 1, type->options.config_size);
    hn_model_task task = train->n_classes ? HN_TASK_CLASSIFICATION : HN_TASK_REGRESSION;
    hone_status status = hn_model_configure(type, task, &arena, given, config, &error);
    ck_assert_msg(!status, "%s", error.message);
    ck_assert_msg(!type->fit(config, train, &context, &fitted, &error), "%s", error.message);
    hn_arena_release(&scratch);
    return fitted;
}
