/* hone data make: data sets to try things on. */
#include <hone/ml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "common.h"
#include "numbers.h"

/* --- what can be given --- */

enum { CLASSIFICATION = 1, REGRESSION = 2, BLOBS = 4, MOONS = 8, ALL = 15 };

static const char *const kind_names[] = {"classification", "regression", "blobs", "moons"};

/* Of a size 0 would mean its default. */
typedef enum value_kind { VALUE_SIZE, VALUE_COUNT, VALUE_NUMBER, VALUE_SHARES, VALUE_SEED } value_kind;

/* An option that sets one field of the configuration, and the kinds of data that have it. */
typedef struct make_option {
    const char *name;
    const char *argument, *help;
    unsigned kinds;
    value_kind value;
    size_t offset;
} make_option;

#define FIELD(name) offsetof(hone_make_config, name)

static const make_option make_options[] = {
    {"rows", "N", "how many rows (default: 100)", ALL, VALUE_SIZE, FIELD(rows)},
    {"columns", "N", "how many features (default: 20, 100 for regression, 2 for blobs)",
     CLASSIFICATION | REGRESSION | BLOBS, VALUE_SIZE, FIELD(columns)},
    {"classes", "N", "classes (default: 2), or clusters of blobs (default: 3)", CLASSIFICATION | BLOBS,
     VALUE_SIZE, FIELD(classes)},
    {"informative", "N", "features that tell (default: 2, 10 for regression)", CLASSIFICATION | REGRESSION,
     VALUE_SIZE, FIELD(informative)},
    {"redundant", "N", "classification: linear combinations of them (default: 2)", CLASSIFICATION,
     VALUE_COUNT, FIELD(redundant)},
    {"repeated", "N", "classification: copies of features that tell (default: 0)", CLASSIFICATION,
     VALUE_COUNT, FIELD(repeated)},
    {"clusters", "N", "classification: clusters of each class (default: 2)", CLASSIFICATION, VALUE_SIZE,
     FIELD(clusters)},
    {"class-sep", "X", "classification: how far apart the clusters are (default: 1)", CLASSIFICATION,
     VALUE_NUMBER, FIELD(class_sep)},
    {"weights", "SHARES", "classification: share of each class, as 0.9,0.1 (default: equal)", CLASSIFICATION,
     VALUE_SHARES, FIELD(weights)},
    {"flip", "SHARE", "classification: rows whose class is drawn at random (default: 0.01)", CLASSIFICATION,
     VALUE_NUMBER, FIELD(flip)},
    {"noise", "X", "deviation added to the target of regression, to the points of moons (default: 0)",
     REGRESSION | MOONS, VALUE_NUMBER, FIELD(noise)},
    {"bias", "X", "regression: the target where all features are 0 (default: 0)", REGRESSION, VALUE_NUMBER,
     FIELD(bias)},
    {"spread", "X", "blobs: deviation within a cluster (default: 1)", BLOBS, VALUE_NUMBER, FIELD(spread)},
    {"seed", "N", "another one makes other data (default: 0)", ALL, VALUE_SEED, FIELD(seed)},
};

enum { MAKE_OPTIONS = COUNT(make_options), MOST_SHARES = 1000 };

typedef struct given_make {
    const char *texts[MAKE_OPTIONS];
    const char *output;
    bool in_order;
    double shares[MOST_SHARES];
} given_make;

/* --- reading it --- */

static bool read_count(const make_option *option, const char *text, unsigned long long *count)
{
    enum { DECIMAL = 10, LONGEST = 18 };
    char *end;
    *count = strtoull(text, &end, DECIMAL);
    unsigned long long least = option->value == VALUE_SIZE;
    bool sound = text[0] >= '0' && text[0] <= '9' && !*end && strlen(text) <= LONGEST && *count >= least;
    if (!sound) {
        print_error("data make: --%s: '%s' is no whole number of at least %llu", option->name, text, least);
    }
    return sound;
}

static bool read_shares(const char *text, given_make *given, hone_make_config *config)
{
    char *copy = strdup(text), *rest = NULL;
    bool sound = copy != NULL;
    size_t n = 0;
    for (char *word = copy ? strtok_r(copy, ", ", &rest) : NULL; sound && word;
         word = strtok_r(NULL, ", ", &rest)) {
        sound = n < MOST_SHARES && read_number("data make: --weights", word, &given->shares[n++]);
    }
    free(copy);
    config->weights = given->shares;
    config->n_weights = n;
    return sound;
}

static bool set_field(const make_option *option, const char *text, given_make *given,
                      hone_make_config *config)
{
    char where[64];
    unsigned long long count;
    void *field = (char *)config + option->offset;
    switch (option->value) {
    case VALUE_NUMBER:
        snprintf(where, sizeof where, "data make: --%s", option->name);
        return read_number(where, text, field);
    case VALUE_SIZE:
    case VALUE_COUNT:
        if (!read_count(option, text, &count)) {
            return false;
        }
        *(size_t *)field = (size_t)count;
        return true;
    case VALUE_SEED:
        if (!read_count(option, text, &count)) {
            return false;
        }
        *(uint64_t *)field = count;
        return true;
    case VALUE_SHARES: break;
    }
    return read_shares(text, given, config);
}

/* The configuration of the options given; false after a message. */
static bool read_config(const char *kind, given_make *given, hone_make_config *config)
{
    unsigned bit = 0;
    config->kind = kind;
    config->in_order = given->in_order;
    for (size_t i = 0; i < COUNT(kind_names); i++) {
        bit |= strcmp(kind, kind_names[i]) ? 0 : 1u << i;
    }
    for (size_t i = 0; i < MAKE_OPTIONS; i++) {
        const char *text = given->texts[i];
        if (text && bit && !(make_options[i].kinds & bit)) {
            print_error("data make: --%s is not for %s", make_options[i].name, kind);
            return false;
        }
        if (text && !set_field(&make_options[i], text, given, config)) {
            return false;
        }
    }
    return true;
}

/* --- making --- */

static hone_status to_stdout(void *user, const char *text, size_t size, hone_error *err)
{
    (void)user;
    (void)err;
    fwrite(text, 1, size, stdout);
    return HONE_OK;
}

static int make(const char *kind, given_make *given)
{
    hone_make_config config = HONE_MAKE_CONFIG_INIT;
    hone_dataset *dataset = NULL;
    hone_error err;
    if (!read_config(kind, given, &config)) {
        return EXIT_USAGE;
    }
    hone_status status = hone_dataset_make(&config, NULL, &dataset, &err);
    if (!status) {
        status = given->output && strcmp(given->output, "-")
                     ? hone_dataset_save(dataset, given->output, &err)
                     : hone_dataset_write(dataset, to_stdout, NULL, &err);
    }
    hone_dataset_destroy(dataset);
    if (status == HONE_NOT_FOUND) {
        print_error("%s", err.message);
        return EXIT_USAGE;
    }
    return status ? fail_with(&err) : EXIT_OK;
}

static int data_make(int argc, char **argv)
{
    given_make given = {0};
    cli_option options[MAKE_OPTIONS + 2];
    for (size_t i = 0; i < MAKE_OPTIONS; i++) {
        options[i] = (cli_option){0,
                                  make_options[i].name,
                                  OPTION_TEXT,
                                  (void *)&given.texts[i],
                                  make_options[i].argument,
                                  make_options[i].help};
    }
    options[MAKE_OPTIONS] =
        (cli_option){0, "in-order", OPTION_FLAG, &given.in_order, NULL, "rows and features are not shuffled"};
    options[MAKE_OPTIONS + 1] =
        (cli_option){'o',         "output",
                     OPTION_TEXT, (void *)&given.output,
                     "FILE",      "gzipped when named .gz (default: standard output)"};
    command_line line = {
        .name = "data make",
        .arguments = "[options] classification|regression|blobs|moons",
        .summary = "Makes up a data set, as CSV; the column to learn is called target.",
        .notes = "examples:\n"
                 "  hone data make classification --rows 1000 --classes 3 --informative 5 -o d.csv\n"
                 "  hone data make moons --rows 500 --noise 0.2 --seed 7 -o moons.csv.gz",
        .options = options,
        .n_options = COUNT(options),
        .min_args = 1,
        .max_args = 1};
    int code;
    if (!options_parse(&line, argc, argv, &code)) {
        return code;
    }
    code = make(line.args[0], &given);
    options_release(&line);
    return code;
}

/* --- which --- */

int command_data(int argc, char **argv)
{
    if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
        puts("usage: hone data ACTION [options]\n\nData sets to try things on.\n\nactions:\n"
             "  make     make one up\n\n"
             "`hone data ACTION --help` says more.\n\nexamples:\n  hone data make moons -o moons.csv");
        return EXIT_OK;
    }
    if (!strcmp(argv[1], "make")) {
        return data_make(argc - 1, argv + 1);
    }
    print_error("data: no action '%s'; there is make", argv[1]);
    return EXIT_USAGE;
}
