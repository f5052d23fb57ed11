/*
 * Tabular problems: measured results of every setting of a product of ordinal lists.
 *
 * hpobench_mlp_*: HPOBench's multilayer perceptrons (Eggensperger et al. 2021), 30 000 settings x 5 seeds,
 * the value is minus the mean score. nmt_*: translation systems (Zhang and Duh 2020), one problem per
 * language pair, the value is minus the BLEU score; some settings were never measured, and take the value of
 * the nearest measured one (least sum of squared distances of positions, the earlier setting when equal).
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/os_input.h"
#include "problem/internal.h"

#define MAX_COLUMNS 16

#define LIST(title, n, list)                                                                                 \
    {                                                                                                        \
        .name = title, .kind = HN_PROBLEM_ORDINAL, .n_choices = (n), .choices = list                         \
    }

static const hn_problem_parameter mlp_space[] = {
    LIST("alpha", 10,
         "1e-08 7.742637e-08 5.994842e-07 4.641589e-06 3.5938137e-05 0.00027825593 0.0021544348 0.016681006 "
         "0.12915497 1"),
    LIST("batch_size", 10, "4 6 10 16 25 40 64 101 161 256"),
    LIST("depth", 3, "1 2 3"),
    LIST("learning_rate_init", 10,
         "1e-05 3.5938137e-05 0.00012915497 0.0004641589 0.0016681006 0.0059948424 0.021544347 0.07742637 "
         "0.27825594 1"),
    LIST("width", 10, "16 25 40 64 101 161 256 406 645 1024"),
};

#define NMT_SPACE(n_symbols, symbols, n_layers, layers)                                                      \
    {                                                                                                        \
        LIST("bpe_symbols", n_symbols, symbols), LIST("num_layers", n_layers, layers),                       \
            LIST("num_embed", 3, "256 512 1024"), LIST("ff_num_hidden", 2, "1024 2048"),                     \
            LIST("attention_heads", 2, "8 16"), LIST("initial_learning_rate", 3, "0.0003 0.0006 0.001"),     \
    }
static const hn_problem_parameter nmt_space[] = NMT_SPACE(3, "10000 30000 50000", 2, "2 4");
static const hn_problem_parameter nmt_so_space[] =
    NMT_SPACE(6, "1000 2000 4000 8000 16000 32000", 3, "1 2 4");
static const hn_problem_parameter nmt_sw_space[] =
    NMT_SPACE(6, "1000 2000 4000 8000 16000 32000", 4, "1 2 4 6");

typedef struct {
    const char *name, *file;
    const char *task;  // rows whose column "task" says so; NULL: all rows
    const char *score; /* the columns whose name starts so are averaged; higher is better */
    const hn_problem_parameter *parameters;
    int n_parameters;
} grid;

#define MLP(set)                                                                                             \
    {                                                                                                        \
        "hpobench_mlp_" set, "hpobench_mlp_" set ".csv.gz", NULL, "score_seed", mlp_space, 5                 \
    }
#define NMT(name, task, space)                                                                               \
    {                                                                                                        \
        name, "nmt_hpo.csv.gz", task, "dev_bleu", space, 6                                                   \
    }

static const grid grids[] = {
    MLP("australian"),
    MLP("blood_transfusion"),
    MLP("car"),
    MLP("phoneme"),
    NMT("nmt_zh_en", "zh-en", nmt_space),
    NMT("nmt_ru_en", "ru-en", nmt_space),
    NMT("nmt_ja_en", "ja-en", nmt_space),
    NMT("nmt_en_ja", "en-ja", nmt_space),
    NMT("nmt_so_en", "so-en", nmt_so_space),
    NMT("nmt_sw_en", "sw-en", nmt_sw_space),
};
#define N_GRIDS ((int)(sizeof grids / sizeof *grids))

/* A word's number; NaN where it is none. */
static double number(const char *text, size_t length)
{
    double value = NAN;
    hn_parse_double(text, length, false, &value);
    return value;
}

/* Cuts a line at its commas, in place; the number of cells. */
static int split(char *line, char *cells[MAX_COLUMNS])
{
    int n = 0;
    line[strcspn(line, "\r\n")] = '\0';
    for (char *cell = line; cell && n < MAX_COLUMNS; n++) {
        cells[n] = cell;
        cell = strchr(cell, ',');
        if (cell)
            *cell++ = '\0';
    }
    return n;
}

static const char *cell_named(const char *name, char **names, char **cells, int n)
{
    for (int i = 0; i < n; i++)
        if (!strcmp(names[i], name))
            return cells[i];
    return NULL;
}

/* The index of the setting of a row; -1 when a value is not in its parameter's list. */
static int setting_of_row(const grid *g, char **names, char **cells, int n)
{
    int index = 0;
    for (int i = 0; i < g->n_parameters; i++) {
        const hn_problem_parameter *p = &g->parameters[i];
        const char *cell = cell_named(p->name, names, cells, n);
        int k = cell ? 0 : p->n_choices, length;
        for (double wanted = cell ? number(cell, strlen(cell)) : NAN; k < p->n_choices; k++) {
            const char *choice = hn_problem_choice(p->choices, k, &length);
            if (number(choice, (size_t)length) == wanted)
                break;
        }
        if (k == p->n_choices)
            return -1;
        index = index * p->n_choices + k;
    }
    return index;
}

static double score_of_row(const grid *g, char **names, char **cells, int n)
{
    double sum = 0;
    int n_scores = 0;
    for (int i = 0; i < n; i++) {
        if (strncmp(names[i], g->score, strlen(g->score)))
            continue;
        sum += number(cells[i], strlen(cells[i]));
        n_scores++;
    }
    return n_scores > 0 ? sum / n_scores : NAN;
}

/* The next line of a text, ended by a NUL in place; NULL after the last. */
static char *next_line(char **rest)
{
    char *line = *rest;
    if (*line == '\0')
        return NULL;
    size_t length = strcspn(line, "\n");
    *rest = line + length + (line[length] == '\n');
    line[length] = '\0';
    return line;
}

/* Fills values with minus the scores found in the text; false when it does not fit the lists. */
static bool read_scores(const grid *g, char *text, double *values)
{
    char *names[MAX_COLUMNS], *cells[MAX_COLUMNS], *rest = text, *line = next_line(&rest);
    bool fits = false;
    int n = line ? split(line, names) : 0;
    while (n > 0 && (line = next_line(&rest))) {
        if (split(line, cells) != n)
            return false;
        const char *task = g->task ? cell_named("task", names, cells, n) : NULL;
        if (g->task && (!task || strcmp(task, g->task)))
            continue;
        int index = setting_of_row(g, names, cells, n);
        if (index < 0)
            return false;
        values[index] = -score_of_row(g, names, cells, n);
        fits = true;
    }
    return fits;
}

/* The file of a grid under folder, inflated. */
static hone_status read_file(const grid *g, const char *folder, hn_buffer *text, hone_error *err)
{
    hn_buffer path = HN_BUFFER_INIT;
    hn_buffer_printf(&path, "%s/hpo/%s", folder, g->file);
    hone_status status =
        hn_buffer_failed(&path) ? hn_out_of_memory(err) : hn_file_read(hn_buffer_string(&path), 0, text, err);
    hn_buffer_release(&path);
    return status;
}

static double squared_distance(const grid *g, int a, int b)
{
    double sum = 0;
    for (int i = g->n_parameters - 1; i >= 0; i--) {
        int n = g->parameters[i].n_choices;
        double gap = (double)(a % n - b % n) / (n - 1);
        sum += gap * gap;
        a /= n;
        b /= n;
    }
    return sum;
}

/* Gives settings never measured (NaN) the value of the nearest measured one. */
static bool fill_gaps(const grid *g, double *values, int size)
{
    double *measured = hn_calloc((size_t)size, sizeof *measured);
    if (!measured)
        return false;
    memcpy(measured, values, (size_t)size * sizeof *measured);
    for (int i = 0; i < size; i++) {
        double least = INFINITY;
        for (int k = 0; isnan(measured[i]) && k < size; k++) {
            double distance = isnan(measured[k]) ? INFINITY : squared_distance(g, i, k);
            if (distance < least) {
                least = distance;
                values[i] = measured[k];
            }
        }
    }
    hn_free(measured);
    return true;
}

static void find_best(hn_problem_table *table)
{
    table->best = 0;
    for (int i = 1; i < table->size; i++)
        if (table->values[i] < table->values[table->best])
            table->best = i;
}

static hone_status load_table(const grid *g, const char *folder, hn_problem_table *table, hone_error *err)
{
    hn_buffer text = HN_BUFFER_INIT;
    int size = 1;
    for (int i = 0; i < g->n_parameters; i++)
        size *= g->parameters[i].n_choices;
    double *values = hn_calloc((size_t)size, sizeof *values);
    hone_status status = values ? read_file(g, folder, &text, err) : hn_out_of_memory(err);
    for (int i = 0; !status && i < size; i++)
        values[i] = NAN;
    if (!status && !read_scores(g, text.data, values))
        status = hn_fail(err, HONE_PARSE, "hpo/%s is not the table of the problem %s", g->file, g->name);
    if (!status && !fill_gaps(g, values, size))
        status = hn_out_of_memory(err);
    hn_buffer_release(&text);
    if (status) {
        hn_free(values);
        return status;
    }
    *table = (hn_problem_table){.values = values, .size = size};
    find_best(table);
    return HONE_OK;
}

int hn_problem_grids_load(const hn_problem **problems)
{
    static hn_problem loaded[N_GRIDS];
    static hn_problem_table tables[N_GRIDS];
    static int n_loaded = -1;
    const char *folder = getenv("HONE_DATA_DIR");
    *problems = loaded;
    if (n_loaded >= 0)
        return n_loaded;
    n_loaded = 0;
    if (!folder || !*folder) {
        hn_log(HN_LOG_INFO, "no tables of measured results: set HONE_DATA_DIR to the folder that has hpo/");
        return 0;
    }
    for (int i = 0; i < N_GRIDS; i++) {
        const grid *g = &grids[i];
        hone_error error;
        if (load_table(g, folder, &tables[n_loaded], &error)) {
            hn_log(HN_LOG_WARNING, "problem %s is left out: %s", g->name, error.message);
            continue;
        }
        loaded[n_loaded] = (hn_problem){.name = g->name,
                                        .family = "table",
                                        .n_parameters = g->n_parameters,
                                        .parameters = g->parameters,
                                        .table = &tables[n_loaded]};
        n_loaded++;
    }
    return n_loaded;
}
