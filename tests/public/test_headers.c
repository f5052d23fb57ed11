/* The public headers as a user of the shared libraries sees them. */
#include <string.h>

#include "support.h"
#include <hone/app.h>
#include <hone/hone.h>
#include <hone/ml.h>

START_TEST(every_status_has_a_pinned_name_and_a_meaning)
{
    static const struct {
        hone_status status;
        int value;
        const char *name;
    } pinned[] = {
        {HONE_OK, 0, "ok"},
        {HONE_INVALID, 1, "invalid"},
        {HONE_PARSE, 2, "parse"},
        {HONE_NOT_FOUND, 3, "not_found"},
        {HONE_EXISTS, 4, "exists"},
        {HONE_CONFLICT, 5, "conflict"},
        {HONE_OUT_OF_MEMORY, 6, "out_of_memory"},
        {HONE_IO, 7, "io"},
        {HONE_STORAGE, 8, "storage"},
        {HONE_BUSY, 9, "busy"},
        {HONE_UNSUPPORTED, 10, "unsupported"},
        {HONE_LIMIT, 11, "limit"},
        {HONE_OBJECTIVE, 12, "objective"},
        {HONE_CANCELLED, 13, "cancelled"},
        {HONE_INTERNAL, 14, "internal"},
        {HONE_DENIED, 15, "denied"},
    };
    for (size_t i = 0; i < sizeof pinned / sizeof *pinned; i++) {
        ck_assert_int_eq(pinned[i].status, pinned[i].value);
        ck_assert_str_eq(hone_status_name(pinned[i].status), pinned[i].name);
        ck_assert_uint_gt(strlen(hone_status_meaning(pinned[i].status)), 10);
    }
    ck_assert_str_eq(hone_status_name((hone_status)99), "unknown");
}
END_TEST

static hone_status parabola(hone_trial *trial, void *user)
{
    double x = hone_trial_suggest_float(trial, "x", -3, 3, HONE_LINEAR);
    (void)user;
    return hone_trial_set_value(trial, (x - 1) * (x - 1));
}

START_TEST(a_study_runs_through_the_shared_library)
{
    hone_study_config config = HONE_STUDY_CONFIG_INIT;
    config.seed = 4;
    config.has_seed = true;
    hone_study *study;
    hone_error err = {0};
    ck_assert_msg(!hone_study_open("memory:", "parabola", &config, &study, &err), "%s", err.message);
    hone_budget budget = {.trials = 60};
    ck_assert_msg(!hone_study_optimize(study, parabola, NULL, &budget, NULL, &err), "%s", err.message);
    int64_t *best;
    size_t count;
    ck_assert(!hone_study_best(study, 1, &best, &count, &err));
    hone_trial_info *info;
    ck_assert(!hone_study_trial(study, best[0], &info, &err));
    ck_assert_double_lt(info->values[0], 0.05);
    hone_trial_info_free(info);
    hone_free(best);
    hone_study_destroy(study);
}
END_TEST

START_TEST(what_exists_can_be_listed_with_its_options)
{
    const char *name, *help;
    size_t samplers = 0, options = 0;
    for (; hone_sampler_info(samplers, &name, &help); samplers++) {
        hone_option_info option;
        ck_assert_uint_gt(strlen(help), 10);
        for (size_t k = 0; hone_sampler_option(name, k, &option); k++, options++) {
            ck_assert_uint_gt(strlen(option.help), 5);
            ck_assert_uint_gt(strlen(option.type), 2);
        }
    }
    ck_assert_uint_ge(samplers, 7);
    ck_assert_uint_ge(options, 10);
    size_t pruners = 0;
    while (hone_pruner_info(pruners, &name, &help)) {
        pruners++;
    }
    ck_assert_uint_ge(pruners, 2);
    hone_option_info option;
    ck_assert(!hone_sampler_option("nosuch", 0, &option));
}
END_TEST

Suite *suite_headers(void)
{
    Suite *suite = suite_create("public");
    TCase *headers = tcase_create("headers");
    tcase_add_test(headers, every_status_has_a_pinned_name_and_a_meaning);
    tcase_add_test(headers, a_study_runs_through_the_shared_library);
    tcase_add_test(headers, what_exists_can_be_listed_with_its_options);
    suite_add_tcase(suite, headers);
    return suite;
}
