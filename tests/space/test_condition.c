#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "math/random.h"
#include "space/condition.h"
#include "support.h"

enum { N = 8 };
static const char *const names[N] = {"layers", "lr",       "optimizer", "nesterov",
                                     "depth",  "odd name", "b",         "pinned"};

/* The parameters named above. */
typedef struct world {
    hn_arena arena;
    hn_distribution distributions[N];
    const hn_distribution *pointers[N];
} world;

static void world_init(world *w)
{
    static const hone_value optimizers[] = {{HONE_STRING, {.string = "adam"}},
                                            {HONE_STRING, {.string = "sgd"}},
                                            {HONE_STRING, {.string = "b"}},
                                            {HONE_STRING, {.string = "two words"}}};
    static const hone_value yes_no[] = {{HONE_BOOL, {.boolean = false}}, {HONE_BOOL, {.boolean = true}}};
    static const hone_value depths[] = {
        {HONE_INT, {.integer = 5}}, {HONE_INT, {.integer = 10}}, {HONE_NULL, {0}}};
    const hn_position at = {0};
    hn_distribution *d = w->distributions;
    *w = (world){0};
    ck_assert_int_eq(hn_distribution_integer("layers", 1, 5, 1, false, at, &d[0], NULL, NULL), HONE_OK);
    ck_assert_int_eq(hn_distribution_float("lr", 1e-5, 1e-1, 0, true, at, &d[1], NULL, NULL), HONE_OK);
    ck_assert_int_eq(hn_distribution_categorical(&w->arena, "o", optimizers, 4, false, at, &d[2], NULL),
                     HONE_OK);
    ck_assert_int_eq(hn_distribution_categorical(&w->arena, "n", yes_no, 2, false, at, &d[3], NULL), HONE_OK);
    ck_assert_int_eq(hn_distribution_categorical(&w->arena, "d", depths, 3, false, at, &d[4], NULL), HONE_OK);
    ck_assert_int_eq(hn_distribution_integer("odd name", 0, 9, 1, false, at, &d[5], NULL, NULL), HONE_OK);
    ck_assert_int_eq(hn_distribution_float("b", 0, 1, 0, false, at, &d[6], NULL, NULL), HONE_OK);
    ck_assert_int_eq(hn_distribution_categorical(&w->arena, "pinned", optimizers, 1, false, at, &d[7], NULL),
                     HONE_OK);
    for (size_t i = 0; i < N; i++)
        w->pointers[i] = &d[i];
}

static hn_condition *bind(world *w, const char *text)
{
    hn_condition *condition = NULL;
    hone_error err = {0};
    ck_assert_msg(hn_condition_parse(&w->arena, text, (hn_position){0}, &condition, &err) == HONE_OK, "%s",
                  err.message);
    ck_assert_msg(hn_condition_bind(condition, names, w->pointers, N, &err) == HONE_OK, "%s", err.message);
    ck_assert_str_eq(hn_condition_text(condition), text);
    return condition;
}

/* layers 3, lr 0.001, optimizer sgd, nesterov true, depth null, odd name 4, b inactive, pinned adam */
static const double values[N] = {3, 1e-3, 1, 1, 2, 4, 0, 0};
static const bool active[N] = {true, true, true, true, true, true, false, true};

START_TEST(conditions_hold_as_written)
{
    static const struct {
        const char *text;
        bool holds;
    } cases[] = {
        {"layers > 1", true},
        {"layers>3", false},
        {"layers >= 3", true},
        {"1 < layers", true},
        {"layers != 3", false},
        {"optimizer == sgd", true},
        {"optimizer == 'sgd'", true},
        {"optimizer != \"two words\"", true},
        {"optimizer == sgd and (lr < 1e-4 or not nesterov)", false},
        {"optimizer == sgd and (lr < 1e-2 or not nesterov)", true},
        {"optimizer in [adam, sgd]", true},
        {"optimizer not in [adam, sgd]", false},
        {"not optimizer in [adam]", true},
        {"layers in [1, 2+1]", true},
        {"nesterov", true},
        {"not nesterov", false},
        {"nesterov == true", true},
        {"depth == null", true},
        {"depth > 10", true}, /* null is the largest */
        {"depth <= 10", false},
        {"depth in [5, null]", true},
        {"layers + 2 * `odd name` <= 11", true},
        {"layers + 2 * `odd name` < 11", false},
        {"(layers + 2) * 2 == 10", true},
        {"-layers < -2.5", true},
        {"- - layers == 3", true},
        {"10 - 2 - 3 == 5 and 12 / 2 / 3 == 2", true},
        {"layers - 4 * 2 == -5", true},
        {"layers / 0 > 1e300", true},
        {"2 * layers ** 2 == 18 and 2 ** layers ** 2 == 512", true}, /* ** binds tighter, and to the right */
        {"-layers ** 2 == -9 and 2 ** -1 == 0.5", true},
        {"max(layers, 10) - floor(7 / 2) == 7", true},
        {"sqrt(min(layers, 4) + 1) in [2]", true},
        {"layers > 1 or layers > 9 and layers > 9", true}, /* and binds tighter */
        {"not layers > 9 and layers > 1", true},           /* not binds tighter still */
        {"not (layers > 9 or layers > 1)", false},
        {"true", true},
        {"not false", true},
        {"optimizer == pinned", false},
        {"pinned == sgd", false}, /* one choice only: a user pinned it */
        {"lr == .001", true},
    };
    world w;
    world_init(&w);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_msg(hn_condition_holds(bind(&w, cases[i].text), values, active) == cases[i].holds, "%s",
                      cases[i].text);
    hn_arena_release(&w.arena);
}
END_TEST

START_TEST(inactive_parameters_make_comparisons_false)
{
    static const char *const always_false[] = {
        "b < 2",      "b >= 0",   "b == 0",       "b != 7",           "b + 1 < 9",
        "layers > b", "b in [0]", "b not in [7]", "layers in [3, b]", "b > 0 or b <= 0"};
    world w;
    world_init(&w);
    for (size_t i = 0; i < sizeof always_false / sizeof *always_false; i++)
        ck_assert_msg(!hn_condition_holds(bind(&w, always_false[i]), values, active), "%s", always_false[i]);
    ck_assert(hn_condition_holds(bind(&w, "not (b > 0)"), values, active));
    ck_assert(hn_condition_holds(bind(&w, "b > 0 or layers > 1"), values, active));
    hn_arena_release(&w.arena);
}
END_TEST

START_TEST(one_inequality_has_a_violation)
{
    world w;
    world_init(&w);
    hn_assert_absolute(hn_condition_violation(bind(&w, "layers + `odd name` <= 5"), values, active), 2, 0);
    hn_assert_absolute(hn_condition_violation(bind(&w, "layers > 1"), values, active), -2, 0);
    ck_assert(isnan(hn_condition_violation(bind(&w, "layers == 3"), values, active)));
    ck_assert(isnan(hn_condition_violation(bind(&w, "layers > 1 and lr < 1"), values, active)));
    ck_assert(isnan(hn_condition_violation(bind(&w, "b < 1"), values, active)));
    hn_arena_release(&w.arena);
}
END_TEST

static void count_reference(void *user, size_t parameter)
{
    ((int *)user)[parameter]++;
}

START_TEST(references_are_visited)
{
    world w;
    int count[N] = {0};
    world_init(&w);
    hn_condition_references(
        bind(&w, "not (layers + b * layers > 1) and optimizer in [sgd] and 'lr' == pinned"), count_reference,
        count);
    static const int expected[N] = {2, 0, 1, 0, 0, 0, 1, 1};
    ck_assert_mem_eq(count, expected, sizeof count);
    hn_arena_release(&w.arena);
}
END_TEST

/* --- errors --- */

START_TEST(wrong_syntax_is_pointed_at)
{
    static const struct {
        const char *text;
        int column; /* of a text that begins in column 10 */
        const char *part;
    } cases[] = {
        {"", 10, "ends where a value is needed"},
        {"layers >", 18, "ends where a value is needed"},
        {"layers >> 1", 18, "a value is needed, found '>'"},
        {"layers = 1", 17, "write =="},
        {"layers > 1 lr < 1", 21, "'and', 'or' or the end is needed, found 'lr'"},
        {"layers 1", 17, "a comparison is needed, found '1'"},
        {"(layers > 1", 21, "')'"},
        {"layers > 1)", 20, "found ')'"},
        {"1 < layers < 3", 21, "do not chain"},
        {"layers in 3", 20, "a list such as [a, b]"},
        {"layers in []", 21, "a value is needed"},
        {"layers in [1, 2", 25, "',' or ']'"},
        {"layers not 3", 21, "'in'"},
        {"layers > 2x", 19, "a number is needed, found '2x'"},
        {"optimizer == 'sgd", 23, "never closed"},
        {"layers + 1", 10, "a value stands where a comparison is needed"},
        {"(layers > 1) + 2 > 1", 11, "a comparison stands where a value is needed"},
        {"layers > (lr > 1)", 20, "a comparison stands"},
        {"lr > 1 and 3", 21, "a value stands"},
        {"not and", 14, "a value is needed, found 'and'"},
        {"layers > 1 && lr < 1", 21, "found '&'"},
        {"layers > 1 # no", 21, "found '#'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hn_arena arena = HN_ARENA_INIT;
        hn_condition *condition = NULL;
        hone_error err;
        hn_position at = {.source = "study.yaml", .line = 7, .column = 10, .byte = 100};
        ck_assert_int_eq(hn_condition_parse(&arena, cases[i].text, at, &condition, &err), HONE_PARSE);
        ck_assert_ptr_null(condition);
        hn_assert_contains(err.message, cases[i].part);
        ck_assert_msg(err.line == 7 && err.column == cases[i].column, "%s: column %d", cases[i].text,
                      err.column);
        ck_assert_uint_eq(err.byte, 100 + (size_t)cases[i].column - 10);
        hn_arena_release(&arena);
    }
}
END_TEST

START_TEST(wrong_names_and_types_are_explained)
{
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"layer > 1", "'layer' is no parameter (did you mean 'layers'?)"},
        {"sgd == optimizer", "'sgd' is no parameter"},
        {"optimizer == rmsprop", "rmsprop is no choice of optimizer, which is one of adam, sgd"},
        {"optimizer in [adam, rmsprop]", "rmsprop is no choice"},
        {"optimizer == b", "'b' is a parameter and also a choice of optimizer"},
        {"optimizer > 1", "optimizer is no number"},
        {"optimizer + 1 > 1", "optimizer is no number"},
        {"layers > two", "'two' is no parameter and no number"},
        {"layers == two", "'two' is no parameter and no number"},
        {"layers == 'two'", "layers is a number and never equals this"},
        {"layers > 'two'", "a number is needed"},
        {"depth == 7", "7 is no choice of depth"},
        {"layers", "layers is not a choice of true and false"},
        {"optimizer == `sgd`", "'sgd' is no parameter"},
        {"layers + x < 2", "'x' is no parameter"},
        {"layers + 1 == many", "'many' is no parameter"},
        {"not missing", "'missing' is no parameter"},
    };
    world w;
    world_init(&w);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hn_condition *condition = NULL;
        hone_error err;
        ck_assert_int_eq(hn_condition_parse(&w.arena, cases[i].text, (hn_position){0}, &condition, NULL),
                         HONE_OK);
        ck_assert_int_eq(hn_condition_bind(condition, names, w.pointers, N, &err), HONE_INVALID);
        hn_assert_contains(err.message, cases[i].part);
        hn_assert_contains(err.message, cases[i].text);
    }
    hn_arena_release(&w.arena);
}
END_TEST

START_TEST(nesting_is_limited_and_length_is_not)
{
    static const char *const nests[] = {"(", "not ", "- "};
    world w;
    world_init(&w);
    for (size_t i = 0; i < 3; i++) {
        hn_buffer text = HN_BUFFER_INIT;
        hn_condition *condition = NULL;
        hone_error err;
        for (int k = 0; k < 100000; k++)
            hn_buffer_text(&text, nests[i]);
        ck_assert_int_eq(
            hn_condition_parse(&w.arena, hn_buffer_string(&text), (hn_position){0}, &condition, &err),
            HONE_LIMIT);
        hn_assert_contains(err.message, "nested more than 64 deep");
        hn_buffer_release(&text);
    }
    hn_buffer text = HN_BUFFER_INIT;
    hn_buffer_text(&text, "layers");
    for (int k = 0; k < 100000; k++)
        hn_buffer_text(&text, k % 2 ? " - 1" : " + 1");
    hn_buffer_text(&text, " == 3");
    for (int k = 0; k < 100000; k++)
        hn_buffer_text(&text, " and nesterov");
    ck_assert(hn_condition_holds(bind(&w, hn_buffer_string(&text)), values, active));
    hn_buffer_release(&text);
    hn_arena_release(&w.arena);
}
END_TEST

/* Words, numbers and signs in any order: parsed or refused, then bound or refused, never worse. */
START_TEST(random_text_is_survived)
{
    static const char *const pieces[] = {
        "layers", "lr",  "optimizer", "sgd", "nesterov", "and ", "or ",      "not ", "in ",
        "[",      "]",   ",",         "(",   ")",        "<",    "<=",       "==",   "!=",
        "=",      "+",   "-",         "*",   "/",        "1",    "2.5",      "1e",   "'",
        "\"a\"",  "`b`", "null",      "b",   "\\",       " ",    "\xc3\xa9", "&",    "true"};
    hn_random random = hn_random_stream(3, 0, HN_PURPOSE_TEST);
    int parsed = 0, bound = 0;
    world w;
    world_init(&w);
    for (int k = 0; k < 100000; k++) {
        hn_buffer text = HN_BUFFER_INIT;
        hn_condition *condition = NULL;
        for (uint64_t i = hn_random_below(&random, 8); i-- > 0;) {
            hn_buffer_text(&text, pieces[hn_random_below(&random, sizeof pieces / sizeof *pieces)]);
            hn_buffer_char(&text, ' ');
        }
        if (hn_condition_parse(&w.arena, hn_buffer_string(&text), (hn_position){0}, &condition, NULL) ==
            HONE_OK) {
            parsed++;
            if (hn_condition_bind(condition, names, w.pointers, N, NULL) == HONE_OK) {
                bound++;
                hn_condition_holds(condition, values, active);
                hn_condition_violation(condition, values, active);
            }
        }
        hn_buffer_release(&text);
    }
    ck_assert_int_gt(parsed, 1000);
    ck_assert_int_gt(bound, 100);
    hn_arena_release(&w.arena);
}
END_TEST

START_TEST(a_failed_allocation_is_reported)
{
    world w;
    world_init(&w);
    hone_status status = HONE_OUT_OF_MEMORY;
    long k = 0;
    for (; status == HONE_OUT_OF_MEMORY; k++) {
        hn_arena arena = HN_ARENA_INIT;
        hn_condition *condition = NULL;
        hn_memory_fail_at(k, 0);
        status = hn_condition_parse(&arena, "not (layers + 1 > 2) and optimizer in [sgd, 'adam']",
                                    (hn_position){0}, &condition, NULL);
        if (status == HONE_OK)
            status = hn_condition_bind(condition, names, w.pointers, N, NULL);
        hn_memory_fail_at(-1, 0);
        hn_arena_release(&arena);
        ck_assert_int_lt(k, 1000);
    }
    ck_assert_int_eq(status, HONE_OK);
    ck_assert_int_gt(k, 3);
    hn_arena_release(&w.arena);
}
END_TEST

Suite *suite_condition(void)
{
    Suite *suite = suite_create("condition");
    TCase *meaning = tcase_create("meaning"), *errors = tcase_create("errors");
    tcase_add_test(meaning, conditions_hold_as_written);
    tcase_add_test(meaning, inactive_parameters_make_comparisons_false);
    tcase_add_test(meaning, one_inequality_has_a_violation);
    tcase_add_test(meaning, references_are_visited);
    tcase_add_test(errors, wrong_syntax_is_pointed_at);
    tcase_add_test(errors, wrong_names_and_types_are_explained);
    tcase_add_test(errors, nesting_is_limited_and_length_is_not);
    tcase_add_test(errors, random_text_is_survived);
    tcase_add_test(errors, a_failed_allocation_is_reported);
    suite_add_tcase(suite, meaning);
    suite_add_tcase(suite, errors);
    return suite;
}
