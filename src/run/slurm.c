#include "run/slurm.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/os_process.h"
#include "base/os_system.h"
#include "run/template.h"

enum {
    SUBMIT_SECONDS = 120, /* a busy controller lets sbatch wait */
    ASK_SECONDS = 60,
    MOST_OUTPUT = 8 << 20, /* squeue: 40 bytes a task */
    MOST_WORDS = 16,
    NAME_PART = 40,
};

/* Where a worker finds a URL that must stand in no script; the script moves it to HONE_STORAGE. */
#define SECRET_VARIABLE "HONE_WORKER_STORAGE"

/* --- running one of the programs --- */

/* What it complained of, as one line without "sbatch: error: ". */
static const char *complaint(hn_arena *arena, const char *text)
{
    hn_buffer line = HN_BUFFER_INIT;
    while (*text) {
        size_t size = strcspn(text, "\r\n");
        const char *part = text, *error = strstr(text, "error: ");
        if (error && error < text + size) {
            part = error + strlen("error: ");
        }
        size_t left = size - (size_t)(part - text);
        hn_buffer_text(&line, line.size && left ? "; " : "");
        hn_buffer_append(&line, part, left);
        text += size + strspn(text + size, "\r\n");
    }
    for (size_t i = 0; i < line.size; i++) {
        line.data[i] = (unsigned char)line.data[i] < ' ' ? ' ' : line.data[i];
    }
    const char *made = hn_arena_strdup(arena, hn_buffer_string(&line));
    hn_buffer_release(&line);
    return made && *made ? made : "no reason given";
}

/* refused: the status when the program says no. */
static hone_status run_program(const hn_process *process, hone_status refused, hn_buffer *output,
                               hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_buffer errors = HN_BUFFER_INIT;
    hn_process_end end;
    const char *program = process->argv[0];
    hone_status status = hn_process_run(process, output, &errors, &end, err);
    if (status == HONE_NOT_FOUND) {
        status = hn_fail(err, status,
                         "there is no %s here: hone tune --on slurm runs where jobs are submitted, such as a "
                         "login node of the cluster",
                         program);
    } else if (!status && end.timed_out) {
        status = hn_fail(err, HONE_BUSY, "%s did not answer in %d s", program, (int)process->seconds);
    } else if (!status && (end.signal || end.status)) {
        status = hn_fail(err, refused, "%s: %s", program, complaint(&arena, hn_buffer_string(&errors)));
    }
    hn_buffer_release(&errors);
    hn_arena_release(&arena);
    return status;
}

static hone_status ask(const char *const *argv, hn_buffer *output, hone_error *err)
{
    hn_process process = {.argv = argv, .seconds = ASK_SECONDS, .limit = MOST_OUTPUT};
    return run_program(&process, HONE_BUSY, output, err);
}

static hone_status tell(const char *const *argv, hone_error *err)
{
    hn_buffer output = HN_BUFFER_INIT;
    hone_status status = ask(argv, &output, err);
    hn_buffer_release(&output);
    return status;
}

/* --- options of the user's --- */

static const char *no_place(void *user, const char *name)
{
    *(const char **)user = name;
    return "";
}

static bool is_option(const char *word, const char *option)
{
    size_t size = strlen(option);
    bool letter = option[1] != '-';
    return !strncmp(word, option, size) && (letter || !word[size] || word[size] == '=');
}

static hone_status check_word(const char *word, bool secret, hone_error *err)
{
    static const struct {
        const char *option, *why;
    } taken[] = {
        {"--array", "--workers says how many there are"},
        {"-a", "--workers says how many there are"},
        {"--job-name", "hone finds its jobs by a name of its own"},
        {"-J", "hone finds its jobs by a name of its own"},
        {"--wrap", "the jobs run hone worker"},
        {"--wait", "hone follows the jobs itself"},
        {"-W", "hone follows the jobs itself"},
        {"--parsable", "hone reads what sbatch says itself"},
        {"--test-only", "hone tune --dry-run says what would be submitted"},
        {"--clusters", "name the cluster by the variable SLURM_CLUSTERS, which all of Slurm's programs heed"},
        {"-M", "name the cluster by the variable SLURM_CLUSTERS, which all of Slurm's programs heed"},
    };
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        if (is_option(word, taken[i].option)) {
            return hn_fail(err, HONE_INVALID, "--sbatch-options: leave out '%s': %s", word, taken[i].why);
        }
    }
    if (secret && (is_option(word, "--export") || is_option(word, "--export-file"))) {
        return hn_fail(err, HONE_INVALID,
                       "--sbatch-options: with '%s' the storage's password may not reach the workers: put it "
                       "into ~/.pgpass on the nodes and leave it out of the URL",
                       word);
    }
    return HONE_OK;
}

static hone_status split(const char *text, hn_arena *arena, char ***words, size_t *n, hone_error *err)
{
    hn_template *made = NULL;
    const char *place = NULL;
    hone_status status =
        hn_template_from_string(text, (hn_position){.source = "--sbatch-options"}, &made, err);
    if (!status) {
        status = hn_template_expand(made, no_place, &place, arena, words, n, err);
    }
    if (!status && place) {
        status = hn_fail(err, HONE_INVALID,
                         "--sbatch-options: {%s} has no meaning here; literal braces are {{ and }}", place);
    }
    hn_template_destroy(made);
    return status;
}

hone_status hn_slurm_read_options(const char *const *texts, size_t n, bool secret, hn_arena *arena,
                                  const char *const **options, size_t *n_options, hone_error *err)
{
    const char **all = NULL;
    size_t count = 0;
    hone_status status = HONE_OK;
    for (size_t i = 0; i < n && !status; i++) {
        char **words = NULL;
        size_t more = 0;
        status = texts[i][strspn(texts[i], " \t\n")] ? split(texts[i], arena, &words, &more, err) : HONE_OK;
        for (size_t w = 0; w < more && !status; w++) {
            status = check_word(words[w], secret, err);
        }
        const char **longer = status ? NULL : HN_ARENA_NEW(arena, const char *, count + more + 1);
        if (!status && !longer) {
            status = hn_out_of_memory(err);
        }
        for (size_t w = 0; w < count + more && !status; w++) {
            longer[w] = w < count ? all[w] : words[w - count];
        }
        all = longer;
        count += more;
    }
    if (!status) {
        *options = all;
        *n_options = count;
    }
    return status;
}

/* --- submitting --- */

hone_status hn_slurm_new_name(const char *study, char name[HN_SLURM_NAME_SIZE], hone_error *err)
{
    char random[9], part[NAME_PART + 1];
    hone_status status = hn_random_hex(random, 4, err);
    if (status) {
        return status;
    }
    snprintf(part, sizeof part, "%s", study);
    for (char *c = part; *c; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9');
        *c = plain ? *c : '_'; /* squeue --name takes a list with commas */
    }
    snprintf(name, HN_SLURM_NAME_SIZE, "hone-%s-%s", part, random);
    return HONE_OK;
}

static void add_quoted(hn_buffer *out, const char *text)
{
    hn_buffer_char(out, '\'');
    for (; *text; text++) {
        if (*text == '\'') {
            hn_buffer_text(out, "'\\''");
        } else {
            hn_buffer_char(out, *text);
        }
    }
    hn_buffer_char(out, '\'');
}

void hn_slurm_script(const hn_slurm_array *array, hn_buffer *script)
{
    hn_buffer_text(script, "#!/bin/sh\n");
    if (array->secret) {
        hn_buffer_text(script, "export HONE_STORAGE=\"$" SECRET_VARIABLE "\"\nunset " SECRET_VARIABLE "\n");
    } else {
        hn_buffer_text(script, "export HONE_STORAGE=");
        add_quoted(script, array->storage);
        hn_buffer_char(script, '\n');
    }
    hn_buffer_text(script, "exec ");
    add_quoted(script, array->program);
    hn_buffer_text(script, " worker --study ");
    add_quoted(script, array->study);
    hn_buffer_char(script, '\n');
}

/* "FOLDER/slurm-%A_%a.log", a '%' of the folder's doubled. */
static const char *output_pattern(hn_arena *arena, const char *folder)
{
    hn_buffer text = HN_BUFFER_INIT;
    for (; *folder; folder++) {
        hn_buffer_char(&text, *folder);
        if (*folder == '%') {
            hn_buffer_char(&text, '%');
        }
    }
    hn_buffer_text(&text, "/slurm-%");
    hn_buffer_text(&text, "A_%"); /* of the array and of the task */
    hn_buffer_text(&text, "a.log");
    const char *made =
        hn_buffer_failed(&text) ? NULL : hn_arena_printf(arena, "--output=%s", hn_buffer_string(&text));
    hn_buffer_release(&text);
    return made;
}

/* The words of sbatch; NULL when memory is out. --signal: a worker drains before its time is up; --requeue:
 * it is begun again when its node fails, and goes on in the same file. */
static const char **sbatch_words(const hn_slurm_array *array, hn_arena *arena)
{
    const char **words = HN_ARENA_NEW(arena, const char *, MOST_WORDS + array->n_options);
    size_t n = 0;
    if (!words) {
        return NULL;
    }
    words[n++] = "sbatch";
    words[n++] = "--parsable";
    words[n++] = "--requeue";
    words[n++] = "--open-mode=append";
    words[n++] = "--signal=B:TERM@120";
    words[n++] = hn_arena_printf(arena, "--job-name=%s", array->name);
    words[n++] = hn_arena_printf(arena, "--array=1-%lld", (long long)array->workers);
    words[n++] = output_pattern(arena, array->folder);
    for (size_t i = 0; i < n; i++) {
        if (!words[i]) {
            return NULL;
        }
    }
    for (size_t i = 0; i < array->n_options; i++) {
        words[n++] = array->options[i];
    }
    words[n] = NULL;
    return words;
}

hone_status hn_slurm_describe(const hn_slurm_array *array, hn_buffer *text, hone_error *err)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%^";
    hn_arena arena = HN_ARENA_INIT;
    const char **words = sbatch_words(array, &arena);
    for (size_t i = 0; words && words[i]; i++) {
        hn_buffer_text(text, i ? " " : "");
        if (*words[i] && !words[i][strspn(words[i], plain)]) {
            hn_buffer_text(text, words[i]);
        } else {
            add_quoted(text, words[i]);
        }
    }
    hn_buffer_text(text, " <<'END'\n");
    hn_slurm_script(array, text);
    hn_buffer_text(text, "END\n");
    hone_status status = words && !hn_buffer_failed(text) ? HONE_OK : hn_out_of_memory(err);
    hn_arena_release(&arena);
    return status;
}

/* "45" or "45;cluster". */
static hone_status read_job(const char *text, char job[HN_SLURM_JOB_SIZE], hone_error *err)
{
    size_t size = strspn(text, "0123456789");
    if (!size || size >= HN_SLURM_JOB_SIZE) {
        return hn_fail(err, HONE_IO, "sbatch did not say the job's number but '%.60s'", text);
    }
    memcpy(job, text, size);
    job[size] = '\0';
    return HONE_OK;
}

hone_status hn_slurm_submit(const hn_slurm_array *array, char job[HN_SLURM_JOB_SIZE], hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_buffer script = HN_BUFFER_INIT, output = HN_BUFFER_INIT;
    const char **words = sbatch_words(array, &arena);
    const char *secret = hn_arena_printf(&arena, SECRET_VARIABLE "=%s", array->storage);
    const char *const env[] = {array->secret ? secret : NULL, NULL};
    hn_slurm_script(array, &script);
    hone_status status = HONE_OK;
    if (!words || !secret || hn_buffer_failed(&script)) {
        status = hn_out_of_memory(err);
    } else {
        hn_process process = {.argv = words,
                              .env = env,
                              .input = script.data,
                              .input_size = script.size,
                              .seconds = SUBMIT_SECONDS,
                              .limit = MOST_OUTPUT};
        status = run_program(&process, HONE_INVALID, &output, err);
    }
    if (!status) {
        status = read_job(hn_buffer_string(&output), job, err);
    }
    hn_buffer_release(&script);
    hn_buffer_release(&output);
    hn_arena_release(&arena);
    return status;
}

/* --- looking --- */

static bool is_among(const char *state, const char *const *states)
{
    while (*states && strcmp(state, *states)) {
        states++;
    }
    return *states;
}

/* "R|None": a task's state as two letters, and why it waits. */
static void count_task(const char *line, size_t size, hn_slurm_queue *queue)
{
    static const char *const running[] = {"R", "CF", "S", "ST", "SO", NULL};
    static const char *const waiting[] = {"PD", "RQ", "RH", "RF", "RD", "RS", "SE", NULL};
    char state[8] = "";
    size_t bar = strcspn(line, "|");
    if (bar >= size || bar >= sizeof state) {
        return; /* "CLUSTER: name", of several clusters */
    }
    memcpy(state, line, bar);
    queue->running += is_among(state, running);
    if (is_among(state, waiting) && !queue->waiting++ && strncmp(line + bar, "|None", size - bar) != 0) {
        snprintf(queue->reason, sizeof queue->reason, "%.*s", (int)(size - bar - 1), line + bar + 1);
    }
}

hone_status hn_slurm_look(const char *name, hn_slurm_queue *queue, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_buffer output = HN_BUFFER_INIT;
    const char *named = hn_arena_printf(&arena, "--name=%s", name);
    const char *const argv[] = {"squeue",         "--noheader", "--array", "--states=all",
                                "--format=%t|%r", named,        NULL};
    hone_status status = named ? ask(argv, &output, err) : hn_out_of_memory(err);
    *queue = (hn_slurm_queue){0};
    for (const char *line = status ? "" : hn_buffer_string(&output); *line;) {
        size_t size = strcspn(line, "\n");
        count_task(line, size, queue);
        line += size + (line[size] == '\n');
    }
    hn_buffer_release(&output);
    hn_arena_release(&arena);
    return status;
}

/* --- ending --- */

/* Up to two words before the name. */
static hone_status scancel(const char *name, const char *first, const char *second, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    const char *named = hn_arena_printf(&arena, "--name=%s", name);
    const char *const argv[] = {"scancel", "--quiet", named, first, second, NULL};
    hone_status status = named ? tell(argv, err) : hn_out_of_memory(err);
    hn_arena_release(&arena);
    return status;
}

hone_status hn_slurm_cancel_waiting(const char *name, hone_error *err)
{
    return scancel(name, "--state=PENDING", NULL, err);
}

hone_status hn_slurm_drain(const char *name, hone_error *err)
{
    hone_status status = hn_slurm_cancel_waiting(name, err);
    return status ? status : scancel(name, "--batch", "--signal=TERM", err);
}

hone_status hn_slurm_cancel(const char *name, hone_error *err)
{
    return scancel(name, NULL, NULL, err);
}
