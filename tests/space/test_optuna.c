/* Against what Optuna itself writes and decodes: the .tsv files of this folder, made by dump_optuna.py. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "space/space.h"
#include "support.h"

/* Calls check(fields) for each line of tab-separated fields that is no comment. */
static void for_each_line(const char *file, size_t n_fields, void (*check)(char **fields))
{
    char *path = hn_test_source(file), *text = hn_test_read(path);
    size_t lines = 0;
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char *fields[3] = {line, NULL, NULL};
        if (line[0] == '#')
            continue;
        for (size_t i = 1; i < n_fields; i++) {
            fields[i] = strchr(fields[i - 1], '\t');
            ck_assert_ptr_nonnull(fields[i]);
            *fields[i]++ = '\0';
        }
        check(fields);
        lines++;
    }
    ck_assert_uint_gt(lines, 20);
    free(text);
    free(path);
}

static void check_json(char **fields)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_buffer entry = HN_BUFFER_INIT, json = HN_BUFFER_INIT;
    hn_space *space = NULL;
    hn_distribution back;
    hone_error err;
    hn_buffer_printf(&entry, "x: %s\n", fields[0]);
    ck_assert_msg(hn_space_from_text(&arena, hn_buffer_string(&entry), NULL, &space, &err) == HONE_OK,
                  "%s: %s", fields[0], err.message);
    hn_distribution_write_json(&json, &space->parameters[0].distribution);
    ck_assert_str_eq(hn_buffer_string(&json), fields[1]);
    ck_assert_msg(hn_distribution_parse_json(&arena, fields[1], strlen(fields[1]), &back, &err) == HONE_OK,
                  "%s", err.message);
    ck_assert(hn_distribution_equal(&back, &space->parameters[0].distribution));
    hn_buffer_release(&entry);
    hn_buffer_release(&json);
    hn_arena_release(&arena);
}

START_TEST(distribution_json_is_optunas)
{
    for_each_line("tests/space/optuna_distributions.tsv", 2, check_json);
}
END_TEST

static void check_decoded(char **fields)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_distribution made;
    double unit = 0, expected = 0;
    ck_assert_int_eq(hn_distribution_parse_json(&arena, fields[0], strlen(fields[0]), &made, NULL), HONE_OK);
    ck_assert(hn_parse_double(fields[1], strlen(fields[1]), false, &unit));
    ck_assert(hn_parse_double(fields[2], strlen(fields[2]), false, &expected));
    /* Optuna's transform adds rounding of its own: log and exp, and low + i * step in binary. */
    hn_assert_close(hn_distribution_decode(&made, unit), expected, 1e-12, 0);
    hn_arena_release(&arena);
}

START_TEST(decoding_is_optunas)
{
    for_each_line("tests/space/optuna_decoded.tsv", 3, check_decoded);
}
END_TEST

static void check_old(const char *old, const char *current)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_buffer json = HN_BUFFER_INIT;
    hn_distribution made;
    hone_error err;
    ck_assert_msg(hn_distribution_parse_json(&arena, old, strlen(old), &made, &err) == HONE_OK, "%s",
                  err.message);
    hn_distribution_write_json(&json, &made);
    hn_assert_contains(hn_buffer_string(&json), current);
    hn_buffer_release(&json);
    hn_arena_release(&arena);
}

START_TEST(older_names_are_read)
{
    check_old(
        "{\"name\": \"UniformDistribution\", \"attributes\": {\"low\": 0.0, \"high\": 2.0}}",
        "\"FloatDistribution\", \"attributes\": {\"step\": null, \"low\": 0.0, \"high\": 2.0, \"log\": false}");
    check_old("{\"name\": \"LogUniformDistribution\", \"attributes\": {\"low\": 0.5, \"high\": 2.0}}",
              "\"low\": 0.5, \"high\": 2.0, \"log\": true");
    check_old(
        "{\"name\": \"DiscreteUniformDistribution\", \"attributes\": {\"low\": 0.0, \"high\": 1.0, \"q\": 0.3}}",
        "\"step\": 0.3, \"low\": 0.0, \"high\": 0.9");
    check_old(
        "{\"name\": \"DiscreteUniformDistribution\", \"attributes\": {\"low\": 0.0, \"high\": 1.0, \"q\": 3}}",
        "\"step\": 3.0, \"low\": 0.0, \"high\": 0.0");
    check_old(
        "{\"name\": \"IntUniformDistribution\", \"attributes\": {\"low\": 1, \"high\": 8, \"step\": 2}}",
        "\"IntDistribution\", \"attributes\": {\"log\": false, \"step\": 2, \"low\": 1, \"high\": 7}");
    check_old(
        "{\"name\": \"IntLogUniformDistribution\", \"attributes\": {\"low\": 1, \"high\": 8, \"step\": 1}}",
        "\"log\": true, \"step\": 1, \"low\": 1, \"high\": 8");
    /* Optuna stores a choice twice without complaint. */
    check_old(
        "{\"name\": \"CategoricalDistribution\", \"attributes\": {\"choices\": [1, 1.0, \"a\", \"a\"]}}",
        "[1, 1.0, \"a\", \"a\"]");
}
END_TEST

START_TEST(broken_json_is_refused)
{
    static const struct {
        const char *json, *part;
    } cases[] = {
        {"", ""},
        {"[]", "unknown class"},
        {"{\"name\": \"NormalDistribution\", \"attributes\": {}}", "NormalDistribution"},
        {"{\"name\": \"FloatDistribution\"}", "attributes must be a mapping"},
        {"{\"name\": \"FloatDistribution\", \"attributes\": {\"low\": 0}}", "must be numbers"},
        {"{\"name\": \"FloatDistribution\", \"attributes\": {\"low\": 0, \"high\": 1, \"log\": 3}}",
         "log is neither"},
        {"{\"name\": \"IntDistribution\", \"attributes\": {\"low\": 0.5, \"high\": 1}}", "must be integers"},
        {"{\"name\": \"IntDistribution\", \"attributes\": {\"low\": 5, \"high\": 1}}",
         "low 5 is above high 1"},
        {"{\"name\": \"CategoricalDistribution\", \"attributes\": {\"choices\": []}}", "empty"},
        {"{\"name\": \"CategoricalDistribution\", \"attributes\": {\"choices\": [[1]]}}",
         "choice 1 is a list"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hn_arena arena = HN_ARENA_INIT;
        hn_distribution made;
        hone_error err;
        ck_assert_int_ne(
            hn_distribution_parse_json(&arena, cases[i].json, strlen(cases[i].json), &made, &err), HONE_OK);
        hn_assert_contains(err.message, cases[i].part);
        hn_arena_release(&arena);
    }
}
END_TEST

Suite *suite_optuna(void)
{
    Suite *suite = suite_create("optuna");
    TCase *json = tcase_create("json");
    tcase_add_test(json, distribution_json_is_optunas);
    tcase_add_test(json, decoding_is_optunas);
    tcase_add_test(json, older_names_are_read);
    tcase_add_test(json, broken_json_is_refused);
    suite_add_tcase(suite, json);
    return suite;
}
