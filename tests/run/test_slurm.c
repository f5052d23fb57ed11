/* What hone says to Slurm and reads of it: stand-ins for its programs keep what they were given. */
#include "run/slurm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/os_process.h"
#include "support.h"

static char *folder, *path_before;

static void make_program(const char *name, const char *script)
{
    char *path = hn_test_path(folder, name);
    hn_test_write(path, script);
    ck_assert_int_eq(chmod(path, 0755), 0);
    free(path);
}

/* Words one a line in words.txt, standard input in input.txt, the secret in secret.txt; answers as `answer`.
 */
static void make_recorder(const char *name, const char *answer)
{
    char script[2048];
    snprintf(script, sizeof script,
             "#!/bin/sh\nprintf '%%s\\n' \"$@\" > %s/words.txt\ncat > %s/input.txt\n"
             "printf %%s \"$HONE_WORKER_STORAGE\" > %s/secret.txt\n%s\n",
             folder, folder, folder, answer);
    make_program(name, script);
}

static void begin(void)
{
    char path[4096];
    folder = hn_test_temp_dir();
    const char *before = getenv("PATH");
    path_before = strdup(before ? before : "");
    snprintf(path, sizeof path, "%s:/usr/bin:/bin", folder);
    setenv("PATH", path, 1);
}

static void end(void)
{
    setenv("PATH", path_before, 1);
    free(path_before);
    free(folder);
}

static char *recorded(const char *name)
{
    char *path = hn_test_path(folder, name), *text = hn_test_read(path);
    free(path);
    return text;
}

static hn_slurm_array make_array(void)
{
    static const char *const options[] = {"--partition", "a b;c"};
    return (hn_slurm_array){.name = "hone-s-1",
                            .workers = 7,
                            .options = options,
                            .n_options = 2,
                            .program = "/opt/it's/hone",
                            .study = "s",
                            .storage = "postgresql://me@db/x",
                            .folder = "/work/50%"};
}

START_TEST(submits_with_words_and_a_script)
{
    char job[HN_SLURM_JOB_SIZE];
    hone_error err = {0};
    hn_slurm_array array = make_array();
    make_recorder("sbatch", "echo '45;cluster'");
    ck_assert_msg(!hn_slurm_submit(&array, job, &err), "%s", err.message);
    ck_assert_str_eq(job, "45");
    char *words = recorded("words.txt"), *input = recorded("input.txt"), *secret = recorded("secret.txt");
    ck_assert_str_eq(words,
                     "--parsable\n--requeue\n--open-mode=append\n--signal=B:TERM@120\n--job-name=hone-s-1\n"
                     "--array=1-7\n--output=/work/50%%/slurm-%A_%a.log\n--partition\na b;c\n");
    ck_assert_str_eq(input, "#!/bin/sh\nexport HONE_STORAGE='postgresql://me@db/x'\n"
                            "exec '/opt/it'\\''s/hone' worker --study 's'\n");
    ck_assert_str_eq(secret, "");
    free(words);
    free(input);
    free(secret);
}
END_TEST

/* The script as /bin/sh reads it. */
static void expect_run(const hn_slurm_array *array, const char *env, const char *expected)
{
    hn_buffer script = HN_BUFFER_INIT, output = HN_BUFFER_INIT, errors = HN_BUFFER_INIT;
    hn_process_end ended;
    hone_error err = {0};
    const char *const argv[] = {"/bin/sh", NULL}, *const more[] = {env, NULL};
    hn_slurm_script(array, &script);
    hn_process process = {.argv = argv,
                          .env = more,
                          .input = script.data,
                          .input_size = script.size,
                          .seconds = 60,
                          .limit = 4096};
    ck_assert_msg(!hn_process_run(&process, &output, &errors, &ended, &err), "%s", err.message);
    ck_assert_str_eq(hn_buffer_string(&errors), "");
    ck_assert_str_eq(hn_buffer_string(&output), expected);
    hn_buffer_release(&script);
    hn_buffer_release(&output);
    hn_buffer_release(&errors);
}

START_TEST(names_and_passwords_are_no_shell_code)
{
    char *program = hn_test_path(folder, "my 'hone'");
    make_program("my 'hone'", "#!/bin/sh\necho \"$*|$HONE_STORAGE|$HONE_WORKER_STORAGE\"\n");
    hn_slurm_array array = make_array();
    array.program = program;
    array.study = "it's $(echo a) `echo b`; \"c\" \\ $HOME\n#";
    array.storage = "postgresql://me@db/'x';$(echo y)";
    expect_run(
        &array, NULL,
        "worker --study it's $(echo a) `echo b`; \"c\" \\ $HOME\n#|postgresql://me@db/'x';$(echo y)|\n");
    array.secret = true;
    array.study = "s";
    expect_run(&array, "HONE_WORKER_STORAGE=postgresql://me:it's $a `b`@db/x",
               "worker --study s|postgresql://me:it's $a `b`@db/x|\n");
    free(program);
}
END_TEST

START_TEST(a_password_goes_through_the_environment_only)
{
    char job[HN_SLURM_JOB_SIZE];
    hone_error err = {0};
    hn_slurm_array array = make_array();
    array.storage = "postgresql://me:geheim@db/x";
    array.secret = true;
    make_recorder("sbatch", "echo 46");
    ck_assert_msg(!hn_slurm_submit(&array, job, &err), "%s", err.message);
    char *words = recorded("words.txt"), *input = recorded("input.txt"), *secret = recorded("secret.txt");
    ck_assert_ptr_null(strstr(words, "geheim"));
    ck_assert_ptr_null(strstr(input, "geheim"));
    ck_assert_str_eq(secret, array.storage);
    free(words);
    free(input);
    free(secret);
}
END_TEST

static void expect_refusal(const char *answer, hone_status expected, const char *part)
{
    char job[HN_SLURM_JOB_SIZE];
    hone_error err = {0};
    hn_slurm_array array = make_array();
    make_recorder("sbatch", answer);
    ck_assert_int_eq(hn_slurm_submit(&array, job, &err), expected);
    hn_assert_contains(err.message, part);
}

START_TEST(says_why_nothing_was_submitted)
{
    expect_refusal(
        "printf 'sbatch: error: invalid partition specified: x\\nsbatch: error: Batch job submission failed: "
        "no\\n' >&2; exit 1",
        HONE_INVALID, "sbatch: invalid partition specified: x; Batch job submission failed: no");
    expect_refusal("exit 3", HONE_INVALID, "sbatch: no reason given");
    expect_refusal("kill -9 $$", HONE_INVALID, "sbatch: no reason given");
    expect_refusal("echo Submitted batch job 4", HONE_IO, "'Submitted batch job 4");
    expect_refusal("echo", HONE_IO, "did not say the job's number");
    setenv("PATH", "/nonexistent", 1);
    char job[HN_SLURM_JOB_SIZE];
    hone_error err = {0};
    hn_slurm_array array = make_array();
    ck_assert_int_eq(hn_slurm_submit(&array, job, &err), HONE_NOT_FOUND);
    hn_assert_contains(err.message, "there is no sbatch here");
}
END_TEST

START_TEST(reads_the_queue)
{
    hn_slurm_queue queue;
    hone_error err = {0};
    make_recorder("squeue",
                  "printf 'CLUSTER: a\\nR|None\\nPD|Resources\\nPD|Priority\\nCG|None\\nF|NonZeroExitCode\\n"
                  "CF|None\\nCD|None\\nRQ|BeginTime'");
    ck_assert_msg(!hn_slurm_look("hone-s-1", &queue, &err), "%s", err.message);
    ck_assert_int_eq(queue.running, 2);
    ck_assert_int_eq(queue.waiting, 3);
    ck_assert_str_eq(queue.reason, "Resources");
    make_recorder("squeue", "true");
    ck_assert_int_eq(hn_slurm_look("hone-s-1", &queue, &err), HONE_OK);
    ck_assert(!queue.running && !queue.waiting && !*queue.reason);
    make_recorder("squeue", "echo 'slurm_load_jobs error: Unable to contact slurm controller' >&2; exit 1");
    ck_assert_int_eq(hn_slurm_look("hone-s-1", &queue, &err), HONE_BUSY);
    hn_assert_contains(err.message, "squeue: Unable to contact slurm controller");
}
END_TEST

START_TEST(ends_by_name)
{
    hone_error err = {0};
    make_recorder("scancel", "true");
    const struct {
        hone_status (*end)(const char *name, hone_error *err);
        const char *words;
    } cases[] = {
        {hn_slurm_cancel, "--quiet\n--name=hone-s-1\n"},
        {hn_slurm_cancel_waiting, "--quiet\n--name=hone-s-1\n--state=PENDING\n"},
        {hn_slurm_drain, "--quiet\n--name=hone-s-1\n--batch\n--signal=TERM\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_int_eq(cases[i].end("hone-s-1", &err), HONE_OK);
        char *words = recorded("words.txt");
        ck_assert_str_eq(words, cases[i].words);
        free(words);
    }
}
END_TEST

START_TEST(reads_options)
{
    const char *const texts[] = {"--partition=gpu  --time 4:00:00", " ", "-C 'a b' --comment=\"it's\""};
    const char *const expected[] = {"--partition=gpu", "--time", "4:00:00", "-C", "a b", "--comment=it's"};
    const char *const *options = NULL;
    size_t n = 0;
    hn_arena arena = HN_ARENA_INIT;
    hone_error err = {0};
    ck_assert_msg(!hn_slurm_read_options(texts, 3, true, &arena, &options, &n, &err), "%s", err.message);
    ck_assert_uint_eq(n, 6);
    for (size_t i = 0; i < n; i++) {
        ck_assert_str_eq(options[i], expected[i]);
    }
    const struct {
        const char *text, *part;
    } wrong[] = {
        {"--array=1-3", "--workers"},       {"-a1", "--workers"},
        {"-Jx", "name of its own"},         {"--wrap=x", "hone worker"},
        {"--clusters=x", "SLURM_CLUSTERS"}, {"--export=NONE", "~/.pgpass"},
        {"'x", "--sbatch-options"},         {"--comment={x}", "{x}"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ck_assert_int_ne(hn_slurm_read_options(&wrong[i].text, 1, true, &arena, &options, &n, &err), HONE_OK);
        hn_assert_contains(err.message, wrong[i].part);
    }
    const char *exported = "--export=NONE", *near = "--array-like";
    ck_assert_int_eq(hn_slurm_read_options(&exported, 1, false, &arena, &options, &n, &err), HONE_OK);
    ck_assert_int_eq(hn_slurm_read_options(&near, 1, false, &arena, &options, &n, &err), HONE_OK);
    hn_arena_release(&arena);
}
END_TEST

START_TEST(names_are_plain_and_new)
{
    char one[HN_SLURM_NAME_SIZE], two[HN_SLURM_NAME_SIZE];
    const char *study = "a,b c/\xc3\xa9' --x of which the rest is much too long for the name of a job";
    ck_assert_int_eq(hn_slurm_new_name(study, one, NULL), HONE_OK);
    ck_assert_int_eq(hn_slurm_new_name(study, two, NULL), HONE_OK);
    ck_assert_str_ne(one, two);
    ck_assert_int_eq(strncmp(one, "hone-a_b_c_____", 15), 0);
    ck_assert_uint_eq(strspn(one, "abcdefghijklmnopqrstuvwxyz0123456789_-"), strlen(one));
}
END_TEST

Suite *suite_slurm(void)
{
    Suite *suite = suite_create("slurm");
    TCase *talking = tcase_create("talking");
    tcase_add_checked_fixture(talking, begin, end);
    tcase_add_test(talking, submits_with_words_and_a_script);
    tcase_add_test(talking, names_and_passwords_are_no_shell_code);
    tcase_add_test(talking, a_password_goes_through_the_environment_only);
    tcase_add_test(talking, says_why_nothing_was_submitted);
    tcase_add_test(talking, reads_the_queue);
    tcase_add_test(talking, ends_by_name);
    tcase_add_test(talking, reads_options);
    tcase_add_test(talking, names_are_plain_and_new);
    suite_add_tcase(suite, talking);
    return suite;
}
