#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "common.h"
#include "numbers.h"

static const char notes[] =
    "Each sampler searches each problem once for each seed; a seed moves the problem's optimum, too. The regret\n"
    "of a search is (best value so far - best there is) / (median of random points - best there is), between 0\n"
    "and 1; what is shown is its mean over problems and seeds, the mean of its logarithm (which counts how close\n"
    "a search comes) and of the rank among those shown, and the median and slowest time of an ask.\n"
    "\n"
    "Problems: functions with known optima, mixed and conditional spaces, tuning of the built-in models on\n"
    "made-up data, and tables of measured results where $HONE_DATA_DIR/hpo has them. Learning curves take part\n"
    "where they are named or of the family: then SAMPLER+PRUNER is a search, --trials counts full runs' worth\n"
    "of epochs, and --running has workers that go on at the same time.\n"
    "\n"
    "examples:\n"
    "  hone bench tpe rf random --problems 'branin,hartmann*' --seeds 3 --trials 50\n"
    "  hone bench tpe --seeds 20 --out tpe.csv.gz\n"
    "  hone bench tpe:gamma=0.1 --seeds 20 --against tpe.csv.gz\n"
    "  hone bench --list --family tuning\n"
    "  hone bench tpe+median tpe+none --family curves --trials 30 --budgets 3,10,30";

enum { MOST_BUDGETS = 64 };

/* "25,50,100"; false, with a message. */
static bool read_budgets(const char *text, size_t *budgets, size_t *n)
{
    *n = 0;
    for (const char *p = text; p && *p; p += strcspn(p, ","), p += *p == ',') {
        char *end;
        long long value = strtoll(p, &end, 10);
        if (end == p || (*end != ',' && *end != '\0') || value < 1 || value > 1000000000 ||
            *n == MOST_BUDGETS) {
            print_error("bench: --budgets: '%s' is no list of numbers of trials such as 25,50,100", text);
            return false;
        }
        budgets[(*n)++] = (size_t)value;
    }
    return true;
}

typedef struct arguments {
    common_options common;
    hone_bench_options how;
    long long seeds, first_seed, trials, running, batch, threads;
    const char *budgets_text;
    text_list against;
    size_t budgets[MOST_BUDGETS];
    bool list, csv;
} arguments;

/* False, with a message. */
static bool read_numbers(arguments *a)
{
    if (!check_count("bench", "seeds", a->seeds, 1, 100000) ||
        !check_count("bench", "first-seed", a->first_seed, 0, 1000000000) ||
        !check_count("bench", "trials", a->trials, 1, 1000000) ||
        !check_count("bench", "running", a->running, 0, 10000) ||
        !check_count("bench", "batch", a->batch, 1, 10000) ||
        !check_count("bench", "workers", a->threads, 0, 1024) ||
        !read_budgets(a->budgets_text, a->budgets, &a->how.n_budgets)) {
        return false;
    }
    a->how.budgets = a->how.n_budgets ? a->budgets : NULL;
    a->how.seeds = (size_t)a->seeds;
    a->how.first_seed = (uint64_t)a->first_seed;
    a->how.trials = (size_t)a->trials;
    a->how.running = (size_t)a->running;
    a->how.batch = (size_t)a->batch;
    a->how.threads = (int)a->threads;
    a->how.against = a->against.items;
    a->how.n_against = a->against.count;
    return true;
}

static int run(arguments *a, const command_line *line)
{
    hone_error err;
    hone_sink out = standard_output(&a->common);
    hone_format format = output_format(&a->common, a->csv);
    if (!read_numbers(a)) {
        return EXIT_USAGE;
    }
    a->how.samplers = line->args;
    a->how.n_samplers = line->n_args;
    hone_status status =
        a->list ? hone_bench_list(&a->how, format, &out, &err) : hone_bench(&a->how, format, &out, &err);
    return status ? fail_with(&err) : EXIT_OK;
}

int command_bench(int argc, char **argv)
{
    arguments a = {.how = HONE_BENCH_OPTIONS_INIT, .seeds = 5, .trials = 100, .batch = 1};
    const cli_option options[] = {
        {0, "problems", OPTION_TEXT, &a.how.problems, "NAMES", "between commas, * for any characters"},
        {0, "family", OPTION_TEXT, &a.how.family, "NAME",
         "continuous, rotated, stepped, mixed, conditional, tuning, table or curves"},
        {0, "seeds", OPTION_INT, &a.seeds, "N", "searches of each problem (default: 5)"},
        {0, "first-seed", OPTION_INT, &a.first_seed, "N", "the first of them (default: 0)"},
        {0, "trials", OPTION_INT, &a.trials, "N", "of each search (default: 100)"},
        {0, "budgets", OPTION_TEXT, &a.budgets_text, "N,N,...", "trials after which regrets are shown"},
        {0, "running", OPTION_INT, &a.running, "N", "trials asked and not yet told, as with N + 1 workers"},
        {0, "batch", OPTION_INT, &a.batch, "N", "trials asked together and told together (default: 1)"},
        {0, "by-run", OPTION_FLAG, &a.how.by_run, NULL, "ask for one parameter after the other"},
        {'j', "workers", OPTION_INT, &a.threads, "N", "searches at a time (default: one a core)"},
        {'o', "out", OPTION_TEXT, &a.how.out, "FILE",
         "keep the searches: a trace, of several samplers a folder"},
        {0, "against", OPTION_LIST, &a.against, "FILE",
         "a trace to compare with; may be given several times"},
        {0, "list", OPTION_FLAG, &a.list, NULL, "only say which problems there are"},
        {0, "csv", OPTION_FLAG, &a.csv, NULL, "comma-separated: a row for each sampler, problem and budget"},
        OUTPUT_OPTIONS(a.common),
    };
    command_line line = {.name = "bench",
                         .arguments = "[options] [SAMPLER...]",
                         .summary = "How well samplers search problems whose best value is known.",
                         .notes = notes,
                         .options = options,
                         .n_options = COUNT(options),
                         .max_args = 100};
    int code;
    if (options_parse(&line, argc, argv, &code)) {
        code = run(&a, &line);
        options_release(&line);
    }
    text_list_free(&a.against);
    return code;
}
