#include "run_plan.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- options into the plan --- */

int set_key(hone_plan *plan, const char *key, const char *value, const char *option, bool as_is)
{
    hone_error err;
    if (value && (as_is ? hone_plan_set_text : hone_plan_set)(plan, key, value, option, &err)) {
        return fail_with(&err);
    }
    return EXIT_OK;
}

/* A plug-in's short form (`tpe:n_startup=5`) is a text, its mapping YAML. */
static int set_spec(hone_plan *plan, const char *key, const char *value, const char *option)
{
    return set_key(plan, key, value, option, value && value[0] != '{');
}

static int set_trials(hone_plan *plan, const char *trials, long long *more)
{
    *more = 0;
    if (!trials || trials[0] != '+') {
        return set_key(plan, "search.trials", trials, "--trials", false);
    }
    char *end;
    *more = strtoll(trials + 1, &end, 10);
    if (end == trials + 1 || *end || *more < 1) {
        print_error("--trials +N needs a whole number of at least 1, found '%s'", trials);
        return EXIT_USAGE;
    }
    return EXIT_OK;
}

int set_search(hone_plan *plan, const search_options *search, const common_options *common, long long *more)
{
    bool named = common->storage || hone_plan_has(plan, "storage");
    const struct {
        const char *key, *value, *option;
        bool as_is;
    } keys[] = {
        {"storage", named ? common->storage : resolve_storage(common), "--storage", true},
        {"study", common->study, "--study", true},
        {"search.timeout", search->timeout, "--timeout", false},
        {"search.patience", search->patience, "--patience", false},
        {"search.regret", search->regret, "--regret", false},
        {"search.cost", search->cost, "--cost", false},
        {"search.workers", search->workers, "--workers", false},
        {"search.seed", search->seed, "--seed", false},
        {"search.max_failures", search->max_failures, "--max-failures", false},
    };
    int code = set_trials(plan, search->trials, more);
    for (size_t i = 0; !code && i < COUNT(keys); i++) {
        code = set_key(plan, keys[i].key, keys[i].value, keys[i].option, keys[i].as_is);
    }
    if (!code) {
        code = set_spec(plan, "search.sampler", search->sampler, "--sampler");
    }
    if (!code) {
        code = set_spec(plan, "search.pruner", search->pruner, "--pruner");
    }
    for (size_t i = 0; !code && i < search->parameters.count; i++) {
        hone_error err;
        code = hone_plan_add_parameter(plan, search->parameters.items[i], &err) ? fail_with(&err) : EXIT_OK;
    }
    return code;
}

/* --- the command that continues --- */

static bool is_trials(const char *word, bool *takes_next)
{
    *takes_next = !strcmp(word, "--trials") || !strcmp(word, "-n");
    return *takes_next || !strncmp(word, "--trials=", 9) || (!strncmp(word, "-n", 2) && word[2]);
}

/* Takes text over. */
static char *append_word(char *text, const char *word)
{
    if (!text) {
        return NULL;
    }
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%^";
    bool quote = !*word || word[strspn(word, plain)];
    size_t used = strlen(text);
    char *longer = realloc(text, used + 4 * strlen(word) + 4);
    if (!longer) {
        free(text);
        return NULL;
    }
    char *out = longer + used;
    *out++ = ' ';
    if (quote) {
        *out++ = '\'';
    }
    for (; *word; word++) {
        if (*word == '\'') {
            memcpy(out, "'\\''", 4);
            out += 4;
        } else {
            *out++ = *word;
        }
    }
    if (quote) {
        *out++ = '\'';
    }
    *out = '\0';
    return longer;
}

/* The command for a shell, malloc'ed: as it was given but for passwords, or with --trials +20 in place of its
 * own. NULL when memory is out. */
static char *command_text(const given_line *given, bool more)
{
    char *text = strdup("hone");
    bool ended = false;
    for (int i = 0; text && i < given->argc; i++) {
        const char *word = given->argv[i];
        bool takes_next;
        ended |= !strcmp(word, "--");
        if (more && i && !ended && is_trials(word, &takes_next)) {
            i += takes_next;
            continue;
        }
        char *shown = hone_url_shown(word);
        text = append_word(text, shown ? shown : word);
        hone_free(shown);
        text = text && more && !i ? append_word(append_word(text, "--trials"), "+20") : text;
    }
    return text;
}

/* --- running --- */

const char *scheduler_job(void)
{
    static const char *const variables[] = {"HONE_JOB", "SLURM_JOB_ID"};
    static char text[64];
    const char *array = getenv("SLURM_ARRAY_JOB_ID"), *task = getenv("SLURM_ARRAY_TASK_ID");
    for (size_t i = 0; i < COUNT(variables); i++) {
        const char *job = getenv(variables[i]);
        if (i && array && task) {
            snprintf(text, sizeof text, "%.30s_%.30s", array, task);
            return text;
        }
        if (job && *job) {
            snprintf(text, sizeof text, "%.60s", job);
            return text;
        }
    }
    return NULL;
}

static hone_tune *running; /* for the signal handler */
static bool
    repeats; /* SIGTERM comes from Slurm, which may send it twice for once and uses SIGKILL for more */

/* The first asks for a clean end, the second stops the running trials, the third does not wait for anything
 * more: what was told is in the storage. */
static void interrupt(int signal)
{
    static volatile sig_atomic_t times;
    if (signal == SIGTERM && repeats && times) {
        return;
    }
    times = times + 1;
    if (times > 2) {
        _exit(EXIT_INTERRUPTED);
    }
    if (running) {
        hone_tune_interrupt(running);
    }
}

/* SIGINT and SIGTERM end the run cleanly; a closed pipe must not, its trials run on. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = interrupt, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    repeats = getenv("SLURM_JOB_ID");
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}

static void release_signals(void)
{
    running = NULL;
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
}

static int run(hone_tune *tune)
{
    hone_tune_result result = {0};
    hone_error err;
    running = tune;
    catch_signals();
    hone_status status = hone_tune_run(tune, &result, &err);
    release_signals();
    if (status) {
        return fail_with(&err);
    }
    if (!strcmp(result.reason, "interrupted")) {
        return EXIT_INTERRUPTED;
    }
    if (result.failed && !result.complete && !result.pruned) {
        print_error("no trial of this run succeeded (%lld failed)", (long long)result.failed);
        return EXIT_FAILED;
    }
    return EXIT_OK;
}

int run_tune(hone_plan *plan, const hone_tune_options *options)
{
    hone_tune *tune = NULL;
    hone_error err;
    if (hone_tune_create(plan, options, &tune, &err)) {
        return fail_with(&err);
    }
    int code = run(tune);
    hone_tune_destroy(tune);
    return code;
}

int run_plan(hone_plan *plan, const search_options *search, const common_options *common, long long more,
             const char *model_file, const given_line *given)
{
    hone_tune_options options = HONE_TUNE_OPTIONS_INIT;
    hone_error err;
    hone_sink out = standard_output(common);
    options.more_trials = more;
    options.on = search->on;
    options.on_options = search->sbatch_options.items;
    options.n_on_options = search->sbatch_options.count;
    if (search->dry_run) {
        bool wrong = hone_plan_describe(plan, &out, &err) ||
                     (search->on && hone_tune_describe_jobs(plan, &options, &out, &err));
        return wrong ? fail_with(&err) : EXIT_OK;
    }
    char *same = common->quiet ? NULL : command_text(given, false);
    char *adding = common->quiet ? NULL : command_text(given, true);
    options.job = scheduler_job();
    options.result = out;
    options.progress = common->quiet ? (hone_sink){0} : out;
    options.json = common->json;
    options.all_trials = common->verbose > 0;
    options.adopt_orphans = true;
    options.again = same;
    options.more = adding;
    options.model_file = model_file;
    int code = run_tune(plan, &options);
    free(same);
    free(adding);
    return code;
}
