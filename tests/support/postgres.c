#include "postgres.h"

#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

extern char **environ;

static pid_t server;
static FILE *commands, *answers;

static pid_t start(const char *argument, FILE **in, FILE **out)
{
    char *script = hn_test_source("tests/support/postgres.py");
    char *const arguments[] = {(char *)"python3", script, (char *)argument, NULL};
    int to[2], from[2];
    pid_t pid;
    posix_spawn_file_actions_t actions;
    if (pipe(to) || pipe(from))
        abort();
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, from[1], STDOUT_FILENO);
    for (int i = 0; i < 2; i++) {
        posix_spawn_file_actions_addclose(&actions, to[i]);
        posix_spawn_file_actions_addclose(&actions, from[i]);
    }
    if (posix_spawn(&pid, "/usr/bin/python3", &actions, NULL, arguments, environ))
        abort();
    posix_spawn_file_actions_destroy(&actions);
    close(to[0]);
    close(from[1]);
    *in = fdopen(to[1], "w");
    *out = fdopen(from[0], "r");
    free(script);
    return pid;
}

static bool read_line(FILE *in, char line[512])
{
    if (!fgets(line, 512, in))
        return false;
    line[strcspn(line, "\n")] = '\0';
    return true;
}

const char *hn_test_postgres_missing(void)
{
    static char reason[512] = "?";
    FILE *in, *out;
    if (strcmp(reason, "?") == 0) {
        pid_t pid = start("missing", &in, &out);
        if (!read_line(out, reason))
            snprintf(reason, sizeof reason, "tests/support/postgres.py cannot be run");
        fclose(in);
        fclose(out);
        waitpid(pid, NULL, 0);
    }
    return reason[0] ? reason : NULL;
}

void hn_test_postgres_begin(void)
{
    char folder[512];
    signal(SIGPIPE, SIG_IGN);
    server = start(NULL, &commands, &answers);
    ck_assert_msg(read_line(answers, folder), "the PostgreSQL server does not start");
}

void hn_test_postgres_end(void)
{
    fclose(commands);
    waitpid(server, NULL, 0);
    fclose(answers);
}

static void ask(const char *command, char answer[512])
{
    fprintf(commands, "%s\n", command);
    fflush(commands);
    ck_assert_msg(read_line(answers, answer), "the server's script died at '%s'", command);
}

void hn_test_postgres_url(char url[512])
{
    ask("schema", url);
}

void hn_test_postgres_do(const char *command)
{
    char answer[512];
    ask(command, answer);
    ck_assert_str_eq(answer, "done");
}
