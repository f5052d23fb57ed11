/* The k-th allocation fails, for every k: no call crashes or leaks, errors are honest, and what was told
 * stays told. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "hone/hone.h"
#include "support.h"

static const char space[] =
    "{x: {float: [1e-3, 1], log: true}, layers: {int: [1, 3]}, "
    "units: {int: [32, 128], step: 32, when: layers > 1}, act: {choice: [relu, tanh]}}";

typedef struct tally {
    int64_t told; /* trials whose tell returned HONE_OK */
    hone_status first_failure;
} tally;

static bool note(tally *session, hone_status status)
{
    if (status && !session->first_failure) {
        session->first_failure = status;
    }
    return status == HONE_OK;
}

static void run_trial(hone_study *study, tally *session, int i)
{
    hone_outcome outcome;
    hone_trial *trial = NULL;
    if (!note(session, hone_study_ask(study, &outcome, &trial, NULL, NULL, NULL)) || outcome != HONE_ASKED) {
        return;
    }
    hone_trial_report(trial, 0, i);
    hone_trial_report(trial, 1, i + 0.5);
    note(session, hone_trial_set_attribute(trial, "note", "\"x\""));
    double value = i;
    if (note(session, hone_study_tell(study, trial, HONE_COMPLETE, &value, 1, NULL))) {
        session->told++;
    }
    hone_trial_free(trial);
}

static void use_study(const char *url, const char *sampler, bool declared, tally *session)
{
    hone_study_config config = HONE_STUDY_CONFIG_INIT;
    config.space = declared ? space : NULL;
    config.sampler = sampler;
    config.pruner = "median:n_startup=1";
    config.seed = 3;
    config.has_seed = true;
    hone_study *study = NULL;
    if (!note(session, hone_study_open(url, "s", &config, &study, NULL))) {
        return;
    }
    hone_named_value fixed = {"x", {HONE_FLOAT, {.real = 0.5}}};
    note(session, hone_study_enqueue(study, &fixed, 1, NULL, NULL));
    for (int i = 0; i < 6; i++) {
        run_trial(study, session, i);
    }
    int64_t *best = NULL;
    size_t count;
    if (note(session, hone_study_best(study, 2, &best, &count, NULL))) {
        hone_trial_info *info;
        if (count && note(session, hone_study_trial(study, best[0], &info, NULL))) {
            hone_trial_info_free(info);
        }
        hone_free(best);
    }
    char *json = NULL;
    if (note(session, hone_study_describe(study, &json, NULL))) {
        hone_free(json);
    }
    hone_study_destroy(study);
}

/* Steps through the allocations: all of them in the long tier, a fixed sample otherwise. */
static long stride_for(long allocations)
{
    long points = hn_test_tier() == HN_TEST_LONG ? allocations : 150;
    return allocations / points + 1;
}

static void fail_each(const char *url_of(void), const char *sampler, bool declared)
{
    tally clean = {0};
    hn_memory_fail_at(-1, 0);
    use_study(url_of(), sampler, declared, &clean);
    ck_assert_int_eq(clean.first_failure, HONE_OK);
    long allocations = hn_memory_fail_at(-1, 0);
    ck_assert_int_gt(allocations, 50);
    for (long k = 0; k < allocations; k += stride_for(allocations)) {
        tally session = {0};
        const char *url = url_of();
        hn_memory_fail_at(k, 0);
        use_study(url, sampler, declared, &session);
        hn_memory_fail_at(-1, 0);
        hone_study *again = NULL;
        if (strncmp(url, "memory:", 7) != 0 && !hone_study_open(url, "s", NULL, &again, NULL)) {
            /* A tell that failed after its commit may be there too; one that succeeded must be. A report that
             * found no memory makes its trial a failed one. */
            int64_t finished =
                hone_study_state_count(again, HONE_COMPLETE) + hone_study_state_count(again, HONE_FAILED);
            ck_assert_int_ge(finished, session.told);
            hone_study_destroy(again);
        } else {
            ck_assert(strncmp(url, "memory:", 7) == 0 || !session.told);
        }
    }
}

static const char *in_memory(void)
{
    return "memory:";
}

static const char *in_new_file(void)
{
    static char url[512];
    static char *folder;
    static int n;
    if (!folder) {
        folder = hn_test_temp_dir();
    }
    snprintf(url, sizeof url, "sqlite:///%s/%d.db?durability=normal", folder, n++);
    return url;
}

START_TEST(in_memory_with_tpe)
{
    fail_each(in_memory, "tpe:n_startup=2", true);
}
END_TEST

START_TEST(in_memory_define_by_run)
{
    fail_each(in_memory, "random", false);
}
END_TEST

START_TEST(in_a_database)
{
    fail_each(in_new_file, "tpe:n_startup=2", true);
}
END_TEST

Suite *suite_study_memory(void)
{
    Suite *suite = suite_create("study_memory");
    TCase *failing = tcase_create("failing_allocations");
    tcase_set_timeout(failing, 250);
    tcase_add_test(failing, in_memory_with_tpe);
    tcase_add_test(failing, in_memory_define_by_run);
    tcase_add_test(failing, in_a_database);
    suite_add_tcase(suite, failing);
    return suite;
}
