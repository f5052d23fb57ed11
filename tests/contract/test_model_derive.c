/* Models that follow from the fit of another setting, or go on from one of less, are what their own fit
 * gives. */
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

static hone_status configure(const hn_model_type *type, hn_model_task task, const hn_node *map, void **config)
{
    *config = hn_arena_alloc(&model_arena, 1, type->options.config_size);
    return hn_model_configure(type, task, &model_arena, map, *config, &model_error);
}

/* A setting that the model accepts for the task: each option drawn or left at its default. */
static hn_node *draw_options(const hn_model_type *type, hn_model_task task, hn_random *random)
{
    hn_node *map = NULL;
    void *config;
    hone_status status = HONE_INVALID;
    while (status) {
        map = hn_node_map(&model_arena);
        for (size_t i = 0; i < type->options.count; i++) {
            const hn_option *option = &type->options.options[i];
            hn_node *value = hn_random_below(random, 2) ? draw_value(option, random) : NULL;
            if (value)
                map = hn_map_set(&model_arena, map, option->name, value);
        }
        status = configure(type, task, map, &config);
    }
    return map;
}

static void *draw_setting(const hn_model_type *type, hn_model_task task, hn_random *random)
{
    void *config;
    configure(type, task, draw_options(type, task, random), &config);
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

/* --- going on --- */

static void *fit_of(const hn_model_type *type, hn_model_task task, hn_node *options, int64_t size,
                    const hn_design *train, uint64_t seed, void **config)
{
    void *fitted = NULL;
    hn_fit_context context = {.scratch = &model_scratch, .seed = seed};
    hn_map_set(&model_arena, options, type->extends, hn_node_integer(&model_arena, size));
    ck_assert_int_eq(configure(type, task, options, config), HONE_OK);
    ck_assert_msg(type->fit(*config, train, &context, &fitted, &model_error) == HONE_OK, "%s: %s", type->name,
                  model_error.message);
    return fitted;
}

/* The model as it comes back from a file. */
static void *read_again(const hn_model_type *type, const hn_design *train, void *fitted)
{
    hn_model_state state;
    void *loaded = NULL;
    ck_assert_int_eq(type->save(fitted, &model_arena, &state, &model_error), HONE_OK);
    ck_assert_int_eq(type->load(&state, train->n_classes, train->d, &loaded, &model_error), HONE_OK);
    type->destroy(fitted);
    return loaded;
}

/* From a few to some more to many, each from the one before. False: this setting is not gone on with. */
static bool check_extended(const hn_model_type *type, const hn_design *train, hn_node *options, uint64_t seed)
{
    static const int64_t sizes[] = {3, 3, 4, 17};
    enum { SIZES = sizeof sizes / sizeof *sizes };
    hn_model_task task = model_task_of(train);
    hn_fit_context context = {.scratch = &model_scratch, .seed = seed};
    void *config, *at = fit_of(type, task, options, sizes[0], train, seed, &config);
    hone_status status = HONE_OK;
    for (size_t i = 1; !status && i < SIZES; i++) {
        void *whole = fit_of(type, task, options, sizes[i], train, seed, &config), *extended = NULL;
        at = read_again(type, train, at);
        status = type->extend(at, config, train, &context, &extended, &model_error);
        ck_assert_msg(!status || status == HONE_UNSUPPORTED, "%s: %s", type->name, model_error.message);
        if (!status)
            assert_same_model(type, extended, whole);
        type->destroy(whole);
        type->destroy(status ? extended : at);
        at = status ? at : extended;
    }
    type->destroy(at);
    return !status;
}

START_TEST(goes_on_to_what_a_fit_would_give)
{
    enum { SETTINGS = 20 };
    FOR_EVERY(type, task)
    {
        size_t found = 0;
        ck_assert(!type->extends == !type->extend);
        if (!type->extends)
            continue;
        const hn_option *option = hn_option_find(&type->options, type->extends);
        ck_assert(option && option->type == HN_OPTION_INT);
        hn_design train = model_design((hn_model_task)task, ROWS);
        hn_random random = hn_random_stream(2, 0, HN_PURPOSE_TEST);
        for (size_t i = 0; i < SETTINGS; i++)
            found += check_extended(type, &train, draw_options(type, (hn_model_task)task, &random), i);
        ck_assert_msg(found > SETTINGS / 2, "%s: only %zu settings go on", type->name, found);
    }
}
END_TEST

START_TEST(does_not_go_on_with_other_columns_or_after_a_stop)
{
    static const volatile int stop = 1;
    FOR_EVERY(type, task)
    {
        void *config, *extended = NULL;
        if (!type->extends)
            continue;
        hn_design train = model_design((hn_model_task)task, ROWS), narrow = train;
        hn_node *options = hn_node_map(&model_arena);
        void *fitted = fit_of(type, (hn_model_task)task, options, 3, &train, 0, &config);
        hn_fit_context context = {.scratch = &model_scratch};
        narrow.d = COLUMNS - 1;
        ck_assert_int_eq(type->extend(fitted, config, &narrow, &context, &extended, &model_error),
                         HONE_INVALID);
        ck_assert_ptr_nonnull(strstr(model_error.message, "columns"));
        context.cancel = &stop;
        ck_assert_int_eq(type->extend(fitted, config, &train, &context, &extended, &model_error),
                         HONE_CANCELLED);
        type->destroy(fitted);
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
    tcase_add_test(derived, goes_on_to_what_a_fit_would_give);
    tcase_add_test(derived, does_not_go_on_with_other_columns_or_after_a_stop);
    suite_add_tcase(suite, derived);
    return suite;
}
