/* Option tables and the three ways of writing a plug-in. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/memory.h"
#include "base/option.h"
#include "support.h"

typedef struct config {
    bool multivariate;
    int64_t n_startup;
    double xi, timeout;
    const char *label;
    int acquisition;
    const hn_node *pruner;
} config;

static const char *const acquisitions[] = {"ei", "pi", "lcb", NULL};

static const hn_option options[] = {
    {"multivariate", HN_OPTION_BOOL, "true", 0, 0, NULL, offsetof(config, multivariate), "model jointly"},
    {"n_startup", HN_OPTION_INT, "10", 1, 1000, NULL, offsetof(config, n_startup), "random trials first"},
    {"xi", HN_OPTION_DOUBLE, NULL, 0, 1, NULL, offsetof(config, xi), "exploration"},
    {"timeout", HN_OPTION_DURATION, "1h30m", 0, INFINITY, NULL, offsetof(config, timeout), "longest run"},
    {"label", HN_OPTION_STRING, "12", 0, 0, NULL, offsetof(config, label), "a name"},
    {"acquisition", HN_OPTION_CHOICE, "ei", 0, 0, acquisitions, offsetof(config, acquisition), "rule"},
    {"pruner", HN_OPTION_NODE, NULL, 0, 0, NULL, offsetof(config, pruner), "nested"},
};
static const hn_option_table table = {options, sizeof options / sizeof options[0], sizeof(config)};

static hn_arena arena;
static hone_error err;

static hone_status apply(const char *yaml, config *result)
{
    hn_node *given = NULL;
    hone_status status = hn_yaml_parse(&arena, "s.yaml", yaml, strlen(yaml), &given, &err);
    return status != HONE_OK ? status : hn_options_apply(&arena, &table, "sampler gp", given, result, &err);
}

START_TEST(defaults_are_those_of_the_table)
{
    config c;
    ck_assert_int_eq(hn_options_apply(&arena, &table, "sampler gp", NULL, &c, &err), HONE_OK);
    ck_assert(c.multivariate && c.n_startup == 10 && isnan(c.xi) && c.timeout == 5400);
    ck_assert_str_eq(c.label, "12");
    ck_assert_int_eq(c.acquisition, 0);
    ck_assert_ptr_null(c.pruner);
    hn_arena_release(&arena);
}
END_TEST

START_TEST(given_values_replace_them)
{
    config c;
    ck_assert_int_eq(
        apply("{multivariate: false, n_startup: 5.0, xi: 1, timeout: 250ms, label: x, acquisition: lcb, "
              "pruner: {median: {}}}",
              &c),
        HONE_OK);
    ck_assert(!c.multivariate && c.n_startup == 5 && c.xi == 1 && c.timeout == 0.25);
    ck_assert_str_eq(c.label, "x");
    ck_assert_int_eq(c.acquisition, 2);
    ck_assert_ptr_nonnull(hn_map_get(c.pruner, "median"));
    ck_assert_int_eq(apply("{xi: null, timeout: 90}", &c), HONE_OK);
    ck_assert(isnan(c.xi) && c.timeout == 90);
    hn_arena_release(&arena);
}
END_TEST

START_TEST(a_value_that_is_not_allowed_is_named)
{
    static const struct {
        const char *yaml, *message;
    } cases[] = {
        {"multivariate: no",
         "s.yaml:1:15: sampler gp: option 'multivariate' is 'no', but must be true or false"},
        {"n_startup: ten",
         "s.yaml:1:12: sampler gp: option 'n_startup' is 'ten', but must be a whole number, 1 to 1000"},
        {"n_startup: 0", "sampler gp: option 'n_startup' is 0, but must be a whole number, 1 to 1000"},
        {"n_startup: 2.5", "option 'n_startup' is 2.5, but must be a whole number"},
        {"n_startup: null", "option 'n_startup' is null, but must be a whole number"},
        {"xi: .nan", "option 'xi' is NaN, but must be a number, 0.0 to 1.0"},
        {"xi: [1]", "option 'xi' is a list, but must be a number"},
        {"timeout: -1", "option 'timeout' is -1, but must be a duration such as 90s or 1h30m, at least 0 s"},
        {"timeout: soon", "option 'timeout' is 'soon', but must be a duration"},
        {"label: 5", "option 'label' is 5, but must be a text (numbers in quotes)"},
        {"acquisition: eii",
         "option 'acquisition' is 'eii', but must be one of ei, pi, lcb (did you mean 'ei'?)"},
        {"acquisition: {}", "option 'acquisition' is an empty map, but must be one of ei, pi, lcb"},
        {"x: 1\ny: 2",
         "s.yaml:1:1: sampler gp has no option 'x' (did you mean 'xi'?); its options are multivariate, n_startup, xi, "
         "timeout, label, acquisition, pruner"},
        {"[1]", "s.yaml:1:1: sampler gp: the options must be a map like {name: value}, found a list"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        config c;
        ck_assert_int_eq(apply(cases[i].yaml, &c), HONE_INVALID);
        hn_assert_contains(err.message, cases[i].message);
    }
    static const hn_option_table none = {NULL, 0, 0};
    hn_node *given;
    hn_yaml_parse(&arena, NULL, "a: 1", 4, &given, &err);
    ck_assert_int_eq(hn_options_apply(&arena, &none, "sampler random", given, NULL, &err), HONE_INVALID);
    ck_assert_str_eq(err.message, "1:1: sampler random takes no options, found 'a'");
    hn_arena_release(&arena);
}
END_TEST

START_TEST(three_spellings_are_one_spec)
{
    static const char *const texts[] = {"gp:acquisition=ei,xi=0.01", "{gp: {acquisition: ei, xi: 0.01}}",
                                        "{\"gp\": {\"xi\": 1e-2, \"acquisition\": \"ei\"}}"};
    hn_spec first, spec;
    ck_assert_int_eq(hn_spec_from_text(&arena, texts[0], "sampler", &first, &err), HONE_OK);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(hn_spec_from_text(&arena, texts[i], "sampler", &spec, &err), HONE_OK);
        ck_assert_str_eq(spec.name, "gp");
        ck_assert(hn_node_equal(spec.options, first.options));
        hn_spec again;
        ck_assert_int_eq(hn_spec_from_node(&arena, hn_spec_to_node(&arena, &spec), "sampler", &again, &err),
                         HONE_OK);
        ck_assert(hn_node_equal(again.options, spec.options));
    }
    ck_assert_int_eq(hn_spec_from_text(&arena, "random", "sampler", &spec, &err), HONE_OK);
    ck_assert_ptr_null(spec.options);
    ck_assert_int_eq(hn_spec_to_node(&arena, &spec)->kind, HN_STRING);
    ck_assert_int_eq(hn_spec_from_text(&arena, "{tpe: null}", "sampler", &spec, &err), HONE_OK);
    ck_assert_ptr_null(spec.options);
    ck_assert_int_eq(hn_spec_from_text(&arena, "gp:label='5'", "sampler", &spec, &err), HONE_OK);
    ck_assert_int_eq(hn_map_get(spec.options, "label")->kind, HN_STRING);
    hn_arena_release(&arena);
}
END_TEST

START_TEST(a_spec_that_is_none_is_refused)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "sampler '': expected a name, or NAME:option=value,..."},
        {"a b", "sampler 'a b': expected a name"},
        {"gp:", "sampler 'gp:': '' is not of the form option=value"},
        {"gp:xi", "sampler 'gp:xi': 'xi' is not of the form option=value (options are written NAME:a=1,b=2)"},
        {"gp:xi=", "'xi=' is not of the form"},
        {"gp:xi=1,", "'' is not of the form"},
        {"gp:xi=1,xi=2", "sampler 'gp:xi=1,xi=2': option 'xi' is given twice"},
        {"{}",
         "sampler:1:1: sampler: expected one name with its options, {NAME: {option: value}}, found a map of 0"},
        {"{a: {}, b: {}}", "found a map of 2 entries"},
        {"{gp: 3}", "sampler:1:6: sampler 'gp': the options must be a map like {name: value}, found 3"},
        {"{'1': {}}", "sampler: '1' is not a name"},
        {"{gp", "not valid YAML"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hn_spec spec;
        ck_assert_int_ne(hn_spec_from_text(&arena, cases[i].text, "sampler", &spec, &err), HONE_OK);
        hn_assert_contains(err.message, cases[i].message);
    }
    hn_spec spec;
    ck_assert_int_eq(hn_spec_from_node(&arena, hn_node_integer(&arena, 3), "sampler", &spec, &err),
                     HONE_INVALID);
    ck_assert_str_eq(err.message, "sampler: expected a name or {NAME: {option: value}}, found 3");
    hn_arena_release(&arena);
}
END_TEST

START_TEST(unknown_keys_are_named)
{
    static const char *const allowed[] = {"trials", "timeout"};
    hn_node *map;
    hn_yaml_parse(&arena, "s.yaml", "trials: 3\ntimeuot: 5", 20, &map, &err);
    ck_assert_int_eq(hn_map_check_keys(map, "search", allowed, 2, &err), HONE_INVALID);
    ck_assert_str_eq(err.message,
                     "s.yaml:2:1: search has the unknown key 'timeuot' (did you mean 'timeout'?); allowed "
                     "are trials, timeout");
    hn_yaml_parse(&arena, "s.yaml", "trials: 3", 9, &map, &err);
    ck_assert_int_eq(hn_map_check_keys(map, "search", allowed, 2, &err), HONE_OK);
    hn_arena_release(&arena);
}
END_TEST

START_TEST(ranges_are_described)
{
    static const char *const expected[] = {
        "true or false", "1 to 1000", "0.0 to 1.0", "at least 0 s", "any", "one of ei, pi, lcb", "any"};
    static const char *const types[] = {"bool", "int", "float", "duration", "text", "choice", "value"};
    for (size_t i = 0; i < table.count; i++) {
        hn_buffer out = HN_BUFFER_INIT;
        hn_option_describe_range(&out, &options[i]);
        ck_assert_str_eq(hn_buffer_string(&out), expected[i]);
        ck_assert_str_eq(hn_option_type_name(options[i].type), types[i]);
        hn_buffer_release(&out);
    }
    ck_assert_ptr_eq(hn_option_find(&table, "xi"), &options[2]);
    ck_assert_ptr_null(hn_option_find(&table, "none"));
}
END_TEST

START_TEST(no_failing_allocation_leaks_or_crashes)
{
    static const char *const texts[] = {"gp:acquisition=ei,xi=0.01", "{gp: {acquisition: pi, label: x}}",
                                        "gp:acquisition=eii", "gp:quux=1"};
    static const hone_status outcomes[] = {HONE_OK, HONE_OK, HONE_INVALID, HONE_INVALID};
    for (size_t t = 0; t < 4; t++) {
        for (long k = 0;; k++) {
            hn_arena fresh = HN_ARENA_INIT;
            hn_spec spec;
            config c;
            hn_memory_fail_at(k, k % 2);
            hone_status status = hn_spec_from_text(&fresh, texts[t], "sampler", &spec, &err);
            if (status == HONE_OK)
                status = hn_options_apply(&fresh, &table, "sampler gp", spec.options, &c, &err);
            long made = hn_memory_fail_at(-1, 0);
            hn_arena_release(&fresh);
            ck_assert(status == outcomes[t] || status == HONE_OUT_OF_MEMORY);
            if (made <= k) {
                ck_assert_int_eq(status, outcomes[t]);
                break;
            }
        }
    }
}
END_TEST

Suite *suite_option(void)
{
    Suite *suite = suite_create("option");
    TCase *tables = tcase_create("tables");
    tcase_add_test(tables, defaults_are_those_of_the_table);
    tcase_add_test(tables, given_values_replace_them);
    tcase_add_test(tables, a_value_that_is_not_allowed_is_named);
    tcase_add_test(tables, ranges_are_described);
    tcase_add_test(tables, unknown_keys_are_named);
    suite_add_tcase(suite, tables);
    TCase *specs = tcase_create("specs");
    tcase_add_test(specs, three_spellings_are_one_spec);
    tcase_add_test(specs, a_spec_that_is_none_is_refused);
    tcase_add_test(specs, no_failing_allocation_leaks_or_crashes);
    suite_add_tcase(suite, specs);
    return suite;
}
