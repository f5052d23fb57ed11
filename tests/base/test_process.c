/* A program run to its end: what it reads and writes, how it ends, what it may not touch. */
#include <stdlib.h>
#include <string.h>

#include "base/os_process.h"
#include "support.h"

static hone_error error;
static hn_buffer output, errors;
static hn_process_end end;

static void setup(void)
{
    setenv("PATH", "/usr/bin:/bin", 1); /* a folder of others in it would be a reason of its own */
    output = errors = (hn_buffer)HN_BUFFER_INIT;
}

static void teardown(void)
{
    hn_buffer_release(&output);
    hn_buffer_release(&errors);
}

static hone_status run(const char *script, const char *input, double seconds, size_t limit)
{
    static const char *const env[] = {"HONE_TEST=here", NULL};
    const char *const argv[] = {"sh", "-c", script, NULL};
    teardown();
    setup();
    return hn_process_run(&(hn_process){.argv = argv,
                                        .env = env,
                                        .input = input,
                                        .input_size = strlen(input),
                                        .seconds = seconds,
                                        .limit = limit},
                          &output, &errors, &end, &error);
}

#define RUN(script, input) ck_assert_msg(run((script), (input), 100, 1000) == HONE_OK, "%s", error.message)

START_TEST(reads_its_input_twice)
{
    RUN("cat; cat " HN_PROCESS_INPUT_FILE "; echo $HONE_TEST; echo wrong >&2", "a\nb\n");
    ck_assert_str_eq(hn_buffer_string(&output), "a\nb\na\nb\nhere\n");
    ck_assert_str_eq(hn_buffer_string(&errors), "wrong\n");
    ck_assert(!end.timed_out && !end.status && !end.signal);
    RUN("true", ""); /* who does not read harms nobody */
    RUN("echo 1", "unread");
    ck_assert_str_eq(hn_buffer_string(&output), "1\n");
}
END_TEST

START_TEST(tells_how_it_ended)
{
    RUN("exit 3", "");
    ck_assert_int_eq(end.status, 3);
    RUN("kill -9 $$", "");
    ck_assert_int_eq(end.signal, 9);
    const char *const none[] = {"no-such-program-here", NULL};
    ck_assert_int_eq(hn_process_run(&(hn_process){.argv = none, .input = "", .seconds = 100, .limit = 10},
                                    &output, &errors, &end, &error),
                     HONE_NOT_FOUND);
    hn_assert_contains(error.message, "cannot start 'no-such-program-here'");
}
END_TEST

START_TEST(ends_in_time_with_all_it_began)
{
    ck_assert_int_eq(run("sleep 1000", "", 0.2, 10), HONE_OK);
    ck_assert(end.timed_out);
    ck_assert_int_eq(run("exec >&- 2>&-; sleep 1000", "", 0.2, 10), HONE_OK); /* silent, but there */
    ck_assert(end.timed_out);
    ck_assert_int_eq(run("sleep 1000 & echo 1", "", 500, 10), HONE_OK); /* holds the pipes */
    ck_assert(!end.timed_out);
    ck_assert_str_eq(hn_buffer_string(&output), "1\n");
}
END_TEST

START_TEST(keeps_so_much)
{
    ck_assert_int_eq(run("seq 100000; seq 100000 >&2", "", 100, 20), HONE_OK);
    ck_assert_str_eq(hn_buffer_string(&output), "1\n2\n3\n4\n5\n6\n7\n8\n9\n10");
    ck_assert_str_eq(hn_buffer_string(&errors), "\n99998\n99999\n100000\n");
}
END_TEST

START_TEST(has_no_other_descriptor)
{
    RUN("for fd in 0 1 2 3 4 5 6 7 8 9; do [ -e /dev/fd/$fd ] && echo $fd; done; true", "");
    ck_assert_str_eq(hn_buffer_string(&output), "0\n1\n2\n3\n");
}
END_TEST

Suite *suite_process(void)
{
    Suite *suite = suite_create("process");
    TCase *running = tcase_create("running");
    tcase_add_checked_fixture(running, setup, teardown);
    tcase_add_test(running, reads_its_input_twice);
    tcase_add_test(running, tells_how_it_ended);
    tcase_add_test(running, ends_in_time_with_all_it_began);
    tcase_add_test(running, keeps_so_much);
    tcase_add_test(running, has_no_other_descriptor);
    suite_add_tcase(suite, running);
    return suite;
}
