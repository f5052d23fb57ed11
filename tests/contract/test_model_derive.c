/* Models that follow from the fit of another setting are what their own fit gives. */
#include <math.h>
#include <string.h>

#include "math/random.h"
#include "model_fixture.h"

/* A value of the option, small or the default; NULL: the default. */
static hn_node *draw_value(const hn_option *option, hn_random *random)
{
    static const int64_t whole[] = {2, 3, 7};
    size_t choices = 0;
    switch (option->type) {
    case HN_OPTION_BOOL: return hn_node_bool(&model_arena, hn_random_below(random, 2));
    case HN_OPTION_INT: {
        int64_t drawn = whole[hn_random_below(random, 3)];
        bool allowed = (double)drawn >= option->low && (option->high == 0 || (double)drawn <= option->high);
        return allowed ? hn_node_integer(&model_arena, drawn) : NULL;
    }
    case HN_OPTION_CHOICE:
        while (option->choices[choices])
            choices++;
        return hn_node_string(&model_arena, option->choices[hn_random_below(random, choices)]);
    case HN_OPTION_DOUBLE: {
        double drawn = hn_random_below(random, 2) ? 0.25 : 0.75;
        bool changed =
            hn_random_below(random, 8) == 0; /* most doubles must agree for one fit to cover another */
        return changed && drawn >= option->low && drawn <= option->high ? hn_node_real(&model_arena, drawn)
                                                                        : NULL;
    }
    default: return NULL;
    }
}

/* A setting that the model accepts for the task: each option drawn or left at its default. */
static void *draw_setting(const hn_model_type *type, hn_model_task task, hn_random *random)
{
    void *config = hn_arena_alloc(&model_arena, 1, type->options.config_size);
    hone_status status = HONE_INVALID;
    while (status) {
        hn_node *map = hn_node_map(&model_arena);
        for (size_t i = 0; i < type->options.count; i++) {
            const hn_option *option = &type->options.options[i];
            hn_node *value = hn_random_below(random, 2) ? draw_value(option, random) : NULL;
            if (value)
                map = hn_map_set(&model_arena, map, option->name, value);
        }
        status = hn_model_configure(type, task, &model_arena, map, config, &model_error);
    }
    return config;
}

static void assert_same_state(const hn_model_type *type, const void *a, const void *b)
{
    hn_model_state one, other;
    ck_assert_int_eq(type->save(a, &model_arena, &one, &model_error), HONE_OK);
    ck_assert_int_eq(type->save(b, &model_arena, &other, &model_error), HONE_OK);
    ck_assert(hn_node_equal(one.settings, other.settings));
    ck_assert_uint_eq(one.n_tensors, other.n_tensors);
    for (size_t i = 0; i < one.n_tensors; i++) {
        ck_assert_str_eq(one.tensors[i].name, other.tensors[i].name);
        ck_assert_mem_eq(one.tensors[i].shape, other.tensors[i].shape, sizeof one.tensors[i].shape);
        size_t n = hn_tensor_size(&one.tensors[i]);
        if (n && one.tensors[i].floats)
            ck_assert_mem_eq(one.tensors[i].floats, other.tensors[i].floats, n * sizeof(float));
        else if (n)
            ck_assert_mem_eq(one.tensors[i].values, other.tensors[i].values, n * sizeof(double));
    }
}

/* Whatever can be asked of two fitted models is the same, bit for bit. */
static void assert_same_model(const hn_model_type *type, const void *a, const void *b)
{
    hn_design rows = {.x = model_x, .n = ROWS, .d = COLUMNS};
    double one[ROWS * 3] = {0}, other[ROWS * 3] = {0};
    ck_assert_int_eq(type->predict(a, &rows, one, &model_error), HONE_OK);
    ck_assert_int_eq(type->predict(b, &rows, other, &model_error), HONE_OK);
    ck_assert_mem_eq(one, other, sizeof one);
    if (type->predict_proba && type->predict_proba(a, &rows, one, &model_error) == HONE_OK) {
        ck_assert_int_eq(type->predict_proba(b, &rows, other, &model_error), HONE_OK);
        ck_assert_mem_eq(one, other, sizeof one);
    }
    if (type->importance) {
        ck_assert_int_eq(type->importance(a, one, COLUMNS, &model_error), HONE_OK);
        ck_assert_int_eq(type->importance(b, other, COLUMNS, &model_error), HONE_OK);
        ck_assert_mem_eq(one, other, sizeof one);
    }
    if (type->oob_score) {
        one[0] = type->oob_score(a);
        other[0] = type->oob_score(b);
        ck_assert(one[0] == other[0] || (isnan(one[0]) && isnan(other[0])));
    }
    assert_same_state(type, a, b);
}

/* Returns how many settings other than i follow from the i-th. */
static size_t check_covered(const hn_model_type *type, const hn_design *train, void *const *settings,
                            void *const *fitted, size_t n, size_t i)
{
    const hn_fit_context context = {.scratch = &model_scratch};
    size_t found = 0;
    ck_assert(type->covers(settings[i], settings[i]));
    ck_assert_uint_gt(type->bytes(fitted[i]), 0);
    for (size_t k = 0; k < n; k++) {
        void *derived = NULL;
        if (!type->covers(settings[i], settings[k]))
            continue;
        ck_assert_int_eq(type->derive(fitted[i], settings[k], train, &context, &derived, &model_error),
                         HONE_OK);
        assert_same_model(type, derived, fitted[k]);
        type->destroy(derived);
        found += memcmp(settings[k], settings[i], type->options.config_size) != 0;
    }
    return found;
}

START_TEST(derives_what_a_fit_would_give)
{
    enum { SETTINGS = 60 };
    FOR_EVERY(type, task)
    {
        ck_assert(!type->covers == !type->derive && !type->covers == !type->bytes);
        if (!type->covers)
            continue;
        hn_design train = model_design((hn_model_task)task, ROWS);
        hn_random random = hn_random_stream(1, 0, HN_PURPOSE_TEST);
        void *settings[SETTINGS], *fitted[SETTINGS];
        for (size_t i = 0; i < SETTINGS; i++) {
            hn_fit_context context = {.scratch = &model_scratch, .derives = true};
            settings[i] = draw_setting(type, (hn_model_task)task, &random);
            ck_assert_msg(type->fit(settings[i], &train, &context, &fitted[i], &model_error) == HONE_OK,
                          "%s: %s", type->name, model_error.message);
        }
        size_t found = 0;
        for (size_t i = 0; i < SETTINGS; i++)
            found += check_covered(type, &train, settings, fitted, SETTINGS, i);
        ck_assert_msg(found > 5 || type == &model_dummy, "%s: only %zu settings follow from others",
                      type->name, found);
        for (size_t i = 0; i < SETTINGS; i++)
            type->destroy(fitted[i]);
    }
}
END_TEST

Suite *suite_model_derive(void)
{
    Suite *suite = suite_create("model_derive");
    TCase *derived = tcase_create("derived");
    tcase_set_timeout(derived, 240);
    tcase_add_checked_fixture(derived, model_setup, model_teardown);
    tcase_add_test(derived, derives_what_a_fit_would_give);
    suite_add_tcase(suite, derived);
    return suite;
}
