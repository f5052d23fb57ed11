/* A request to a worker outside any study: this executable in the role `__worker` (roles.c). */
#include "run/errand.h"

#include "base/memory.h"
#include "fixture.h"
#include "support.h"

static const char *const worker[] = {"/proc/self/exe", "__worker", NULL};

static hone_error error;
static hn_arena arena;

static void teardown(void)
{
    hn_arena_release(&arena);
}

static bool at_once(void *user)
{
    (void)user;
    return true;
}

static double progress; /* the sum of what it told */

static void progressed(void *user, const hn_node *facts)
{
    double x;
    (void)user;
    ck_assert(hn_node_double(hn_map_get(facts, "x"), &x));
    progress += x;
}

/* What the worker answers to {x: x}: its value, NaN when there is none. */
static double value_of(int64_t x, const hn_worker_config *config, double seconds, bool cancelled,
                       hone_status expected)
{
    const hn_node *answer = NULL;
    double value = NAN;
    hn_errand errand = {.worker = config,
                        .name = "the errand",
                        .request = hn_map_set(&arena, hn_node_map(&arena), "x", hn_node_integer(&arena, x)),
                        .seconds = seconds,
                        .progressed = progressed,
                        .cancelled = cancelled ? at_once : NULL};
    hone_status status = hn_errand_run(&errand, &arena, &answer, &error);
    ck_assert_msg(status == expected, "%s", status ? error.message : "it went well");
    ck_assert((answer != NULL) == !status);
    if (answer)
        ck_assert(hn_node_double(hn_map_get(hn_map_get(answer, "metrics"), "value"), &value));
    return value;
}

static hn_worker_config plain(void)
{
    return (hn_worker_config){.argv = worker, .data_fd = -1, .policy = {shim_words, false}};
}

START_TEST(is_answered)
{
    hn_worker_config config = plain();
    progress = 0;
    ck_assert_double_eq(value_of(7, &config, 0, false, HONE_OK), 7);
    ck_assert_double_eq(progress, 14);
    ck_assert_double_eq(value_of(8, &config, 30, false, HONE_OK), 8);
}
END_TEST

START_TEST(a_worker_that_fails_or_dies_is_a_message)
{
    hn_worker_config config = plain();
    value_of(1, &config, 0, false, HONE_OBJECTIVE);
    hn_assert_contains(error.message, "the errand failed: the model does not like 1");
    value_of(2, &config, 0, false, HONE_OBJECTIVE);
    hn_assert_contains(error.message,
                       "its worker was killed by signal 9 (SIGKILL); last line: trial 0 runs in");
    value_of(4, &config, 0, false, HONE_OBJECTIVE);
    hn_assert_contains(error.message, "its worker answered what is not understood");
    value_of(5, &config, 0, false, HONE_OBJECTIVE);
    hn_assert_contains(error.message, "its worker ended with exit status 5");
    config.init_json = "{\"bad\": \"weather\"}";
    value_of(7, &config, 0, false, HONE_OBJECTIVE);
    hn_assert_contains(error.message, "init does not like weather");
}
END_TEST

START_TEST(a_worker_that_hangs_is_ended)
{
    hn_worker_config config = plain();
    value_of(3, &config, 0.2, false, HONE_OBJECTIVE);
    hn_assert_contains(error.message, "the errand ran longer than 0.2 s, the time limit of a trial");
    value_of(3, &config, 0, true, HONE_CANCELLED);
    hn_assert_contains(error.message, "the errand was interrupted");
}
END_TEST

START_TEST(a_program_that_is_missing_is_named)
{
    static const char *const missing[] = {"no-such-worker", NULL};
    hn_worker_config config = plain();
    const hn_node *answer = NULL;
    hn_errand errand = {.worker = &config, .name = "the errand", .request = hn_node_map(&arena)};
    config.argv = missing;
    hone_status status = hn_errand_run(&errand, &arena, &answer, &error);
    ck_assert(status == HONE_NOT_FOUND || status == HONE_IO);
    hn_assert_contains(error.message, "no-such-worker");
}
END_TEST

Suite *suite_errand(void)
{
    Suite *suite = suite_create("errand");
    TCase *cases = tcase_create("errand");
    tcase_add_checked_fixture(cases, NULL, teardown);
    tcase_add_test(cases, is_answered);
    tcase_add_test(cases, a_worker_that_fails_or_dies_is_a_message);
    tcase_add_test(cases, a_worker_that_hangs_is_ended);
    tcase_add_test(cases, a_program_that_is_missing_is_named);
    suite_add_tcase(suite, cases);
    return suite;
}
