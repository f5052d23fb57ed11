/* Command templates: splitting, placeholders, optional groups, errors. */
#include "run/template.h"

#include <stdlib.h>
#include <string.h>

#include "support.h"

typedef hone_status (*maker)(const char *text, hn_position at, hn_template **made, hone_error *err);

/* Values of the tests: a is 1, empty is "", odd is "x y", off is inactive. */
static const char *value_of(void *user, const char *name)
{
    (void)user;
    return !strcmp(name, "a") ? "1" : !strcmp(name, "empty") ? "" : !strcmp(name, "odd") ? "x y" : NULL;
}

/* The words with '|' between them. */
static void expect(maker make, const char *text, const char *expected)
{
    hn_template *made;
    hn_arena arena = HN_ARENA_INIT;
    hone_error err = {0};
    char **argv, joined[1024] = "";
    size_t argc;
    ck_assert_msg(!make(text, (hn_position){0}, &made, &err), "%s: %s", text, err.message);
    ck_assert_msg(!hn_template_expand(made, value_of, NULL, &arena, &argv, &argc, &err), "%s: %s", text,
                  err.message);
    for (size_t i = 0; i < argc; i++) {
        strncat(joined, argv[i], sizeof joined - strlen(joined) - 1);
        strncat(joined, i + 1 < argc ? "|" : "", sizeof joined - strlen(joined) - 1);
    }
    ck_assert_ptr_null(argv[argc]);
    ck_assert_str_eq(joined, expected);
    hn_arena_release(&arena);
    hn_template_destroy(made);
}

static void refuse(maker make, const char *text, hone_status status, size_t column, const char *part)
{
    hn_template *made;
    hone_error err = {0};
    ck_assert_int_eq(make(text, (hn_position){0}, &made, &err), status);
    hn_assert_contains(err.message, part);
    ck_assert_int_eq(err.column, (int)column);
}

START_TEST(splits_as_a_shell_would)
{
    maker make = hn_template_from_string;
    expect(make, " python  train.py\t--lr\n{a} ", "python|train.py|--lr|1");
    expect(make, "x 'a b' \"c d\" e\\ f g'h'\"i\"", "x|a b|c d|e f|ghi");
    expect(make, "x '' \"\" end", "x|||end");
    expect(make, "x \"a\\\"b\\\\c\\n\" 'a\\b' a\\\nb", "x|a\"b\\c\\n|a\\b|ab");
    expect(make, "x --lr={a} '{odd}' {odd}{a} \"<{empty}>\" {empty}", "x|--lr=1|x y|x y1|<>|");
    expect(make, "x {{a}} {{{a}}} \\{a\\} '{{}}'", "x|{a}|{1}|{a}|{}");
    expect(make, "x '|' \"&&\" a|b $HOME *.c #no", "x|||&&|a|b|$HOME|*.c|#no");
}
END_TEST

START_TEST(drops_optional_groups_of_inactive_parameters)
{
    maker make = hn_template_from_string;
    expect(make, "x [--a {a}] [--off {off}] end", "x|--a|1|end");
    expect(make, "x [ --a {a} ] [--a={a} --off={off}] end", "x|--a|1|end");
    expect(make, "x [--off={off}]", "x");
    expect(make, "x [{a}]", "x|1");
    expect(make, "x '[{a}]' [abc] [1,2 [--a {a}", "x|[1]|[abc]|[1,2|[--a|1");
}
END_TEST

static hone_status from_words(const char *text, hn_position at, hn_template **made, hone_error *err)
{
    const char *words[16];
    size_t n = 0;
    char copy[256];
    strncpy(copy, text, sizeof copy - 1);
    copy[sizeof copy - 1] = '\0';
    for (char *state, *word = strtok_r(copy, "~", &state); word; word = strtok_r(NULL, "~", &state)) {
        words[n++] = word;
    }
    return hn_template_from_list(words, n, at, made, err);
}

START_TEST(takes_a_list_as_it_is)
{
    expect(from_words, "x~a b~'q'~|~{a}~[{a}]", "x|a b|'q'|||1|[1]");
    expect(from_words, "x~[~--off~{off}~]~[~--a~{a}~]~end", "x|--a|1|end");
    expect(from_words, "x~[~y~]", "x|[|y|]");
}
END_TEST

START_TEST(gives_a_shell_references_not_values)
{
    maker make = hn_template_from_shell;
    expect(make, "x {a} \"{a}\" '{a}'",
           "/bin/sh|-c|x \"${HONE_PARAM_A}\" \"${HONE_PARAM_A}\" ''\"${HONE_PARAM_A}\"''");
    expect(make, "x ${HOME} ${A:-{a}} {{ { y; }", "/bin/sh|-c|x ${HOME} ${A:-\"${HONE_PARAM_A}\"} { { y; }");
    expect(make, "[ -f x ] && y [--off {off}] [--a {a}]",
           "/bin/sh|-c|[ -f x ] && y  --a \"${HONE_PARAM_A}\"");
    expect(make, "x [a-z]* \"[{a}]\"", "/bin/sh|-c|x [a-z]* \"[${HONE_PARAM_A}]\"");
}
END_TEST

START_TEST(refuses_what_cannot_be_meant)
{
    maker make = hn_template_from_string;
    refuse(make, "x 'abc", HONE_PARSE, 3, "quote in this word is not closed");
    refuse(make, "x --lr={lr", HONE_PARSE, 8, "literal brace is written {{");
    refuse(make, "x {}", HONE_PARSE, 3, "literal brace is written {{");
    refuse(make, "x a}", HONE_PARSE, 4, "closes nothing");
    refuse(make, "x | tee log", HONE_INVALID, 3, "set shell: true");
    refuse(make, "x > log", HONE_INVALID, 3, "'>' would be an argument");
    hone_error err;
    hn_template *made;
    ck_assert_int_eq(make("   ", (hn_position){0}, &made, &err), HONE_INVALID);
    hn_assert_contains(err.message, "the command is empty");
    ck_assert_int_eq(make("x {", (hn_position){"study.yaml", 4, 10, 99}, &made, &err), HONE_PARSE);
    hn_assert_contains(err.message, "study.yaml:4:10: command, at character 3: ");
}
END_TEST

static void check(const char *space_text, const char *text, hone_status status, const char *part)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_space *space;
    hn_template *made;
    hone_error err = {0};
    ck_assert_msg(!hn_space_from_text(&arena, space_text, NULL, &space, &err), "%s", err.message);
    ck_assert_msg(!hn_template_from_string(text, (hn_position){0}, &made, &err), "%s", err.message);
    ck_assert_int_eq(hn_template_check(made, space, &err), status);
    hn_assert_contains(err.message, part);
    hn_template_destroy(made);
    hn_arena_release(&arena);
}

START_TEST(is_checked_against_the_space)
{
    const char *space = "{layers: {int: [1, 3]}, units_2: {int: [1, 9], when: layers > 1}}";
    check(space, "x {layers} {trial} {seed} {params_file} [--u {units_2}]", HONE_OK, "");
    check(space, "x {layer}", HONE_NOT_FOUND,
          "at character 3: {layer} is no parameter of the space (did you mean {layers}?)");
    check(space, "awk '{print $1}'", HONE_NOT_FOUND, "literal braces are written {{ and }}");
    check(space, "x {units_2}", HONE_INVALID,
          "{units_2} is inactive unless layers > 1: write it in an optional group");
    check("{trial: {int: [1, 3]}}", "x {trial}", HONE_INVALID, "a parameter has the same name: rename it");
    check("{a-b: {int: [1, 3]}, A_b: {int: [1, 2]}}", "x", HONE_INVALID,
          "the parameters 'a-b' and 'A_b' have the same environment variable HONE_PARAM_A_B");
}
END_TEST

START_TEST(needs_a_value_outside_groups)
{
    hn_template *made;
    hn_arena arena = HN_ARENA_INIT;
    hone_error err = {0};
    char **argv;
    size_t argc;
    ck_assert(!hn_template_from_string("x {off}", (hn_position){0}, &made, &err));
    ck_assert_int_eq(hn_template_expand(made, value_of, NULL, &arena, &argv, &argc, &err), HONE_INVALID);
    hn_assert_contains(err.message, "{off} has no value in this trial");
    hn_template_destroy(made);
    hn_arena_release(&arena);
}
END_TEST

START_TEST(writes_values_as_programs_read_them)
{
    hn_arena arena = HN_ARENA_INIT;
    ck_assert_str_eq(hn_value_text(&arena, (hone_value){.type = HONE_FLOAT, .as.real = 1e-5}), "1e-05");
    ck_assert_str_eq(hn_value_text(&arena, (hone_value){.type = HONE_FLOAT, .as.real = 3}), "3");
    ck_assert_str_eq(hn_value_text(&arena, (hone_value){.type = HONE_INT, .as.integer = -4}), "-4");
    ck_assert_str_eq(hn_value_text(&arena, (hone_value){.type = HONE_BOOL, .as.boolean = true}), "true");
    ck_assert_str_eq(hn_value_text(&arena, (hone_value){.type = HONE_NULL}), "null");
    hn_arena_release(&arena);
}
END_TEST

Suite *suite_template(void)
{
    Suite *suite = suite_create("template");
    TCase *cases = tcase_create("template");
    tcase_add_test(cases, splits_as_a_shell_would);
    tcase_add_test(cases, drops_optional_groups_of_inactive_parameters);
    tcase_add_test(cases, takes_a_list_as_it_is);
    tcase_add_test(cases, gives_a_shell_references_not_values);
    tcase_add_test(cases, refuses_what_cannot_be_meant);
    tcase_add_test(cases, is_checked_against_the_space);
    tcase_add_test(cases, needs_a_value_outside_groups);
    tcase_add_test(cases, writes_values_as_programs_read_them);
    suite_add_tcase(suite, cases);
    return suite;
}
