/*
 * Recorded learning curves, replayed.
 *
 * taskset_*: TaskSet (Metz et al. 2020) as DyHPO (Wistuba et al. 2022) took it out: 1 000 settings of an
 * optimiser with 8 hyperparameters, the validation loss of 51 epochs; the betas are replaced by one minus
 * them, on a log scale. nmt_curve_*: translation systems (Zhang and Duh 2020), the perplexity at 30
 * checkpoints; a curve that ended early goes on as it ended.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/node.h"
#include "base/number.h"
#include "base/os_input.h"
#include "problem/internal.h"

#define RATE(title, from, to)                                                                                \
    {                                                                                                        \
        .name = title, .kind = HN_PROBLEM_FLOAT, .low = (from), .high = (to), .log = 1                       \
    }
#define LIST(title, n, list)                                                                                 \
    {                                                                                                        \
        .name = title, .kind = HN_PROBLEM_ORDINAL, .n_choices = (n), .choices = list                         \
    }

static const hn_problem_parameter taskset_space[] = {
    RATE("learning_rate", 1e-8, 10),
    RATE("one_minus_beta1", 1e-4, 1),
    RATE("one_minus_beta2", 1e-6, 1),
    RATE("epsilon", 1e-10, 1e3),
    RATE("l1", 1e-8, 10),
    RATE("l2", 1e-8, 10),
    RATE("linear_decay", 1e-7, 1e-4),
    RATE("exponential_decay", 1e-6, 1e-3),
};
static const hn_problem_parameter nmt_space[] = {
    LIST("bpe", 6, "1 2 4 8 16 32"),
    LIST("num_layers", 4, "1 2 4 6"),
    LIST("model_size", 3, "256 512 1024"),
    LIST("ff_num_hidden", 2, "1024 2048"),
    LIST("initial_lr", 3, "0.0003 0.0006 0.001"),
};
static const hn_problem_parameter nmt_ru_space[] = {
    LIST("bpe", 3, "10 30 50"),
    LIST("num_layers", 2, "2 4"),
    LIST("model_size", 3, "256 512 1024"),
    LIST("ff_num_hidden", 2, "1024 2048"),
    LIST("initial_lr", 3, "0.0003 0.0006 0.001"),
};

enum { TASKSET_EPOCHS = 51, NMT_EPOCHS = 30, MAX_SETTINGS = 1000 };

typedef struct {
    const char *name, *file;
    const char *task; /* lines whose dataset_name says so; NULL: a table of numbers */
    const hn_problem_parameter *parameters;
    int n_parameters, epochs;
} recording;

#define TASKSET(set)                                                                                         \
    {                                                                                                        \
        "taskset_" set, "taskset_" set ".csv.gz", NULL, taskset_space, 8, TASKSET_EPOCHS                     \
    }
#define NMT(name, task, space)                                                                               \
    {                                                                                                        \
        "nmt_curve_" name, "nmt_learning_curves.jsonl.gz", task, space, 5, NMT_EPOCHS                        \
    }

static const recording recordings[] = {
    TASKSET("patch128_LSTM128_bs64"),          TASKSET("patch32_GRU64_avg_bs128"),
    TASKSET("patch32_IRNN64_relu_last_bs128"), TASKSET("patch32_VRNN128_tanh_bs128"),
    NMT("so_en", "material-so-en", nmt_space), NMT("sw_en", "material-sw-en", nmt_space),
    NMT("ru_en", "ted-ru-en", nmt_ru_space),
};
enum { N_RECORDINGS = sizeof recordings / sizeof *recordings };

/* --- lines --- */

/* The next line; false after the last. */
static bool next_line(const char **rest, const char *end, const char **line, size_t *length)
{
    *line = *rest;
    const char *stop = *rest < end ? memchr(*rest, '\n', (size_t)(end - *rest)) : NULL;
    *length = (size_t)((stop ? stop : end) - *line);
    *rest = stop ? stop + 1 : end;
    return *length > 0;
}

/* A line of exactly n numbers; what is none is NaN. */
static bool read_numbers(const char *line, size_t length, double *cells, int n)
{
    int count = 0;
    for (size_t at = 0; at <= length; count++) {
        const char *comma = at < length ? memchr(line + at, ',', length - at) : NULL;
        size_t end = comma ? (size_t)(comma - line) : length;
        if (count == n)
            return false;
        cells[count] = NAN;
        hn_parse_double(line + at, end - at, false, &cells[count]);
        at = end + 1;
    }
    return count == n;
}

static bool add_table_row(const recording *r, const char *line, size_t length, double *setting,
                          double *losses)
{
    double cells[HN_PROBLEM_MAX_PARAMETERS + HN_PROBLEM_MAX_EPOCHS];
    if (!read_numbers(line, length, cells, r->n_parameters + r->epochs))
        return false;
    for (int i = 0; i < r->n_parameters; i++) {
        const hn_problem_parameter *p = &r->parameters[i];
        double value = strncmp(p->name, "one_minus", 9) ? cells[i] : 1 - cells[i];
        setting[i] = fmin(fmax(value, p->low), p->high);
    }
    memcpy(losses, cells + r->n_parameters, (size_t)r->epochs * sizeof *losses);
    return true;
}

static double number_of(const hn_node *node)
{
    return !node                     ? NAN
           : node->kind == HN_INT    ? (double)node->as.integer
           : node->kind == HN_DOUBLE ? node->as.real
                                     : NAN;
}

/* The place of a value in a list; -1 when it is not there. */
static int place_in(const hn_problem_parameter *p, double value)
{
    for (int k = 0; k < p->n_choices; k++) {
        int length;
        double listed = NAN;
        const char *word = hn_problem_choice(p->choices, k, &length);
        if (hn_parse_double(word, (size_t)length, false, &listed) && listed == value)
            return k;
    }
    return -1;
}

/* *wanted false: a line of another task. */
static bool add_json_row(const recording *r, const hn_node *row, double *setting, double *losses,
                         bool *wanted)
{
    const hn_node *name = hn_map_get(row, "dataset_name"), *given = hn_map_get(row, "hyperparams"),
                  *curve = hn_map_get(row, "perplexity_curve");
    *wanted = name && name->kind == HN_STRING && !strcmp(name->as.string, r->task);
    if (!*wanted)
        return true;
    if (!given || given->kind != HN_MAP || !curve || curve->kind != HN_LIST || !curve->count)
        return false;
    for (int i = 0; i < r->n_parameters; i++) {
        setting[i] = place_in(&r->parameters[i], number_of(hn_map_get(given, r->parameters[i].name)));
        if (setting[i] < 0)
            return false;
    }
    for (int e = 0; e < r->epochs; e++) {
        size_t at = (size_t)e < curve->count ? (size_t)e : curve->count - 1;
        losses[e] = number_of(curve->as.items[at]);
    }
    return true;
}

/* --- files --- */

/* Of several curves of a setting the first one counts. */
static bool is_known(const recording *r, const hn_problem_curves *c, const double *setting)
{
    for (int k = 0; k < c->n; k++)
        if (!memcmp(c->settings + (ptrdiff_t)k * r->n_parameters, setting,
                    (size_t)r->n_parameters * sizeof *setting))
            return true;
    return false;
}

static hone_status add_line(const recording *r, const char *line, size_t length, hn_problem_curves *c,
                            hn_arena *arena, hone_error *err)
{
    double *setting = c->settings + (ptrdiff_t)c->n * r->n_parameters,
           *losses = c->losses + (ptrdiff_t)c->n * r->epochs;
    hn_node *row = NULL;
    bool wanted = true, fits;
    if (c->n == MAX_SETTINGS)
        return hn_fail(err, HONE_PARSE, "hpo/%s has more than %d settings", r->file, MAX_SETTINGS);
    if (r->task) {
        hone_status status = hn_json_parse(arena, r->file, line, length, &row, err);
        if (status)
            return status;
        fits = add_json_row(r, row, setting, losses, &wanted);
        hn_arena_reset(arena);
    } else {
        fits = add_table_row(r, line, length, setting, losses);
    }
    c->n += fits && wanted && !is_known(r, c, setting);
    return fits ? HONE_OK
                : hn_fail(err, HONE_PARSE, "hpo/%s has not the learning curves of the problem %s", r->file,
                          r->name);
}

static hone_status read_file(const recording *r, const char *folder, hn_buffer *text, hone_error *err)
{
    hn_buffer path = HN_BUFFER_INIT;
    hn_buffer_printf(&path, "%s/hpo/%s", folder, r->file);
    hone_status status =
        hn_buffer_failed(&path) ? hn_out_of_memory(err) : hn_file_read(hn_buffer_string(&path), 0, text, err);
    hn_buffer_release(&path);
    return status;
}

static void find_best(hn_problem_curves *c)
{
    double least = INFINITY;
    for (int k = 0; k < c->n * c->epochs; k++)
        if (c->losses[k] < least) { /* not of a NaN */
            least = c->losses[k];
            c->best = k / c->epochs;
        }
}

static hone_status load(const recording *r, const char *folder, hn_problem_curves *curves, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_buffer text = HN_BUFFER_INIT;
    hn_problem_curves c = {.epochs = r->epochs};
    c.settings = hn_calloc((size_t)MAX_SETTINGS * (size_t)r->n_parameters, sizeof(double));
    c.losses = hn_calloc((size_t)MAX_SETTINGS * (size_t)r->epochs, sizeof(double));
    hone_status status = c.settings && c.losses ? read_file(r, folder, &text, err) : hn_out_of_memory(err);
    const char *rest = text.data, *end = text.data + text.size, *line;
    size_t length;
    if (!status && !r->task)
        next_line(&rest, end, &line, &length); /* the head */
    while (!status && next_line(&rest, end, &line, &length))
        status = add_line(r, line, length, &c, &arena, err);
    if (!status && !c.n)
        status = hn_fail(err, HONE_PARSE, "hpo/%s has no curve of the problem %s", r->file, r->name);
    hn_buffer_release(&text);
    hn_arena_release(&arena);
    if (status) {
        hn_free(c.settings);
        hn_free(c.losses);
        return status;
    }
    find_best(&c);
    *curves = c;
    return HONE_OK;
}

int hn_problem_curves_load(const hn_problem **problems)
{
    static hn_problem loaded[N_RECORDINGS];
    static hn_problem_curves curves[N_RECORDINGS];
    static int n_loaded = -1;
    const char *folder = getenv("HONE_DATA_DIR");
    *problems = loaded;
    if (n_loaded >= 0)
        return n_loaded;
    n_loaded = 0;
    for (int i = 0; folder && *folder && i < N_RECORDINGS; i++) {
        const recording *r = &recordings[i];
        hone_error error;
        if (load(r, folder, &curves[n_loaded], &error)) {
            hn_log(HN_LOG_WARNING, "problem %s is left out: %s", r->name, error.message);
            continue;
        }
        loaded[n_loaded] = (hn_problem){.name = r->name,
                                        .family = "curves",
                                        .n_parameters = r->n_parameters,
                                        .parameters = r->parameters,
                                        .curves = &curves[n_loaded]};
        n_loaded++;
    }
    return n_loaded;
}
