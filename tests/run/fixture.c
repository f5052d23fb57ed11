#include "fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "support.h"

const char *const shim_words[] = {"/proc/self/exe", "__exec", NULL};

static void started(void *user, const hone_trial *trial)
{
    bench *made = user;
    (void)trial;
    made->started_at_once++;
    made->most_at_once =
        made->started_at_once > made->most_at_once ? made->started_at_once : made->most_at_once;
}

static void ended(void *user, const hone_trial *trial, const hn_ending *ending, double seconds)
{
    bench *made = user;
    (void)trial;
    ck_assert(seconds >= 0);
    made->ended++;
    made->started_at_once--;
    if (ending->message) {
        snprintf(made->message, sizeof made->message, "%s", ending->message);
    }
}

void bench_init(bench *made, const char *goal, const char *space, const char *pruner, const char *command)
{
    static const char *const metrics[] = {"value"};
    memset(made, 0, sizeof *made);
    made->folder = hn_test_temp_dir();
    hone_study_config config = HONE_STUDY_CONFIG_INIT;
    config.goal = goal;
    config.space = space;
    config.sampler = "random";
    config.pruner = pruner;
    config.seed = 7;
    config.has_seed = true;
    ck_assert_msg(!hone_study_open("memory:", "s", &config, &made->study, &made->err), "%s",
                  made->err.message);
    made->config = (hn_command_config){.study = "s",
                                       .seed = 7,
                                       .metrics = metrics,
                                       .n_metrics = 1,
                                       .grace_seconds = 0.3,
                                       .policy = {shim_words, false}};
    made->run = (hn_run_config){.study = made->study,
                                .objective = &hn_objective_command,
                                .objective_config = &made->config,
                                .folder = made->folder,
                                .workers = 1,
                                .budget = {.more_trials = 1, .max_failures = -1},
                                .observer = {.user = made, .started = started, .ended = ended}};
    if (command) {
        bench_command(made, command);
    }
}

void bench_use_file(bench *made, const char *goal, const char *space, double heartbeat_seconds)
{
    char url[4200];
    hone_study_config config = HONE_STUDY_CONFIG_INIT;
    hone_study_destroy(made->study);
    snprintf(url, sizeof url, "sqlite:///%s/s.db", made->folder);
    config.goal = goal;
    config.space = space;
    config.sampler = "random";
    config.heartbeat_seconds = heartbeat_seconds;
    ck_assert_msg(!hone_study_open(url, "s", &config, &made->study, &made->err), "%s", made->err.message);
    made->run.study = made->study;
}

const char *long_sleep(void)
{
    static char seconds[32];
    snprintf(seconds, sizeof seconds, "98760.%d", (int)getpid());
    return seconds;
}

static const char *with_sleep(const char *text)
{
    static char made[1024];
    size_t n = 0;
    for (; *text && n + 40 < sizeof made; text++) {
        if (*text == '@') {
            n += (size_t)snprintf(made + n, sizeof made - n, "sleep %s", long_sleep());
        } else {
            made[n++] = *text;
        }
    }
    made[n] = '\0';
    return made;
}

void bench_command(bench *made, const char *command)
{
    hn_template_destroy(made->command);
    made->command = NULL;
    ck_assert_msg(!hn_template_from_string(with_sleep(command), (hn_position){0}, &made->command, &made->err),
                  "%s", made->err.message);
    made->config.command = made->command;
}

void bench_shell(bench *made, const char *script)
{
    hn_template_destroy(made->command);
    made->command = NULL;
    ck_assert_msg(!hn_template_from_shell(with_sleep(script), (hn_position){0}, &made->command, &made->err),
                  "%s", made->err.message);
    made->config.command = made->command;
}

void bench_run(bench *made)
{
    hn_run *run;
    memset(&made->err, 0, sizeof made->err);
    ck_assert_msg(!hn_run_create(&made->run, &run, &made->err), "%s", made->err.message);
    made->status = hn_run_execute(run, &made->result, &made->err);
    hn_run_destroy(run);
}

void bench_release(bench *made)
{
    hn_template_destroy(made->command);
    hone_study_destroy(made->study);
    free(made->folder);
}

hone_trial_info *bench_trial(bench *made, int64_t number)
{
    hone_trial_info *info;
    ck_assert_msg(!hone_study_trial(made->study, number, &info, &made->err), "%s", made->err.message);
    return info;
}

char *bench_file(bench *made, int64_t number, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/trial-%lld/%s", made->folder, (long long)number, name);
    return hn_test_read(path);
}

/* With the text in its arguments, as the program of that name or, NULL, any. */
static bool has_argument(const char *pid, const char *program, const char *text)
{
    char path[64], arguments[4096] = "";
    snprintf(path, sizeof path, "/proc/%.20s/cmdline", pid);
    FILE *file = fopen(path, "r");
    if (!file) {
        return false;
    }
    size_t n = fread(arguments, 1, sizeof arguments, file);
    fclose(file);
    return (!program || !strcmp(arguments, program)) && memmem(arguments, n, text, strlen(text));
}

static int count(const char *program)
{
    int n = 0;
    DIR *folder = opendir("/proc");
    for (struct dirent *entry; (entry = readdir(folder));) {
        n += entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && atoi(entry->d_name) != getpid() &&
             has_argument(entry->d_name, program, long_sleep());
    }
    closedir(folder);
    return n;
}

int sleepers(void)
{
    return count(NULL);
}

int asleep(void)
{
    return count("sleep");
}

enum { LOOKS = 5000, BETWEEN_LOOKS_MS = 20 };

int await_asleep(int n)
{
    int now = 0;
    for (int i = 0; i < LOOKS && (now = asleep()) < n; i++) {
        hn_sleep_ms(BETWEEN_LOOKS_MS);
    }
    return now;
}

int sleepers_left(void)
{
    int n = 1;
    for (int i = 0; i < LOOKS && (n = sleepers()); i++) {
        hn_sleep_ms(BETWEEN_LOOKS_MS);
    }
    return n;
}
