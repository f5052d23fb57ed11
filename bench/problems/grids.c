/*
 * Tabular problems: measured results of every setting of a product of ordinal lists.
 *
 * hpobench_mlp_*: HPOBench's multilayer perceptrons (Eggensperger et al. 2021), 30 000 settings x 5 seeds,
 * the value is minus the mean score. nmt_*: translation systems (Zhang and Duh 2020), one problem per
 * language pair, the value is minus the BLEU score; some settings were never measured, and take the value of
 * the nearest measured one (least sum of squared distances of positions, the earlier setting when equal).
 */
#include "table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#ifndef HN_BENCH_SOURCE_DIR
#define HN_BENCH_SOURCE_DIR "bench/problems"
#endif

#define MAX_COLUMNS 16
#define MAX_LINE    1024

#define LIST(title, n, list)                                                                                 \
    {                                                                                                        \
        .name = title, .kind = HN_BENCH_ORDINAL, .n_choices = (n), .choices = list                           \
    }

static const hn_bench_parameter mlp_space[] = {
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
static const hn_bench_parameter nmt_space[] = NMT_SPACE(3, "10000 30000 50000", 2, "2 4");
static const hn_bench_parameter nmt_so_space[] = NMT_SPACE(6, "1000 2000 4000 8000 16000 32000", 3, "1 2 4");
static const hn_bench_parameter nmt_sw_space[] =
    NMT_SPACE(6, "1000 2000 4000 8000 16000 32000", 4, "1 2 4 6");

typedef struct {
    const char *name, *file;
    const char *task;  // rows whose column "task" says so; NULL: all rows
    const char *score; // the columns whose name starts so are averaged; higher is better
    const hn_bench_parameter *parameters;
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

// A plain decimal number, independent of the locale. Correctly rounded up to 15 digits and 10^22 (all tables
// are).
static double decimal(const char *text)
{
    double mantissa = 0;
    int exponent = 0, past_point = 0, sign = *text == '-' ? -1 : 1;
    for (text += *text == '-'; *text == '.' || (*text >= '0' && *text <= '9'); text++) {
        if (*text == '.') {
            past_point = 1;
            continue;
        }
        mantissa = 10 * mantissa + (*text - '0');
        exponent -= past_point;
    }
    if (*text == 'e')
        exponent += atoi(text + 1);
    return sign * (exponent < 0 ? mantissa / pow(10, -exponent) : mantissa * pow(10, exponent));
}

// Cuts a line at its commas, in place; the number of cells.
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

// The index of the setting of a row; -1 when a value is not in its parameter's list.
static int setting_of_row(const grid *g, char **names, char **cells, int n)
{
    int index = 0;
    for (int i = 0; i < g->n_parameters; i++) {
        const hn_bench_parameter *p = &g->parameters[i];
        const char *cell = cell_named(p->name, names, cells, n);
        int k = cell ? 0 : p->n_choices, length;
        while (k < p->n_choices && decimal(hn_bench_choice(p->choices, k, &length)) != decimal(cell))
            k++;
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
        sum += decimal(cells[i]);
        n_scores++;
    }
    return n_scores > 0 ? sum / n_scores : NAN;
}

// The table's own folder first, then the one beside the project.
static gzFile open_table(const char *file)
{
    const char *root = getenv("HONE_DATA_DIR");
    char path[4096];
    if (!root || !*root)
        root = HN_BENCH_SOURCE_DIR "/../../../shared/data";
    int length = snprintf(path, sizeof path, "%s/hpo/%s", root, file);
    return length > 0 && (size_t)length < sizeof path ? gzopen(path, "rb") : NULL;
}

// Fills values with minus the scores found in the file; false when it cannot be read or does not fit the
// lists.
static bool read_scores(const grid *g, double *values)
{
    char header[MAX_LINE], line[MAX_LINE], *names[MAX_COLUMNS], *cells[MAX_COLUMNS];
    bool fits = false;
    gzFile file = open_table(g->file);
    if (!file || !gzgets(file, header, sizeof header))
        goto done;
    int n = split(header, names);
    while (gzgets(file, line, sizeof line)) {
        if (split(line, cells) != n)
            goto done;
        const char *task = g->task ? cell_named("task", names, cells, n) : NULL;
        if (g->task && (!task || strcmp(task, g->task)))
            continue;
        int index = setting_of_row(g, names, cells, n);
        if (index < 0)
            goto done;
        values[index] = -score_of_row(g, names, cells, n);
        fits = true;
    }
done:
    if (file)
        gzclose(file);
    return fits;
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

// Gives settings never measured (NaN) the value of the nearest measured one.
static bool fill_gaps(const grid *g, double *values, int size)
{
    double *measured = malloc((size_t)size * sizeof *measured);
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
    free(measured);
    return true;
}

static bool load_table(const grid *g, hn_bench_table *table)
{
    table->size = 1;
    for (int i = 0; i < g->n_parameters; i++)
        table->size *= g->parameters[i].n_choices;
    table->values = malloc((size_t)table->size * sizeof *table->values);
    if (!table->values)
        return false;
    for (int i = 0; i < table->size; i++)
        table->values[i] = NAN;
    if (!read_scores(g, table->values) || !fill_gaps(g, table->values, table->size)) {
        free(table->values);
        table->values = NULL;
        return false;
    }
    table->best = 0;
    for (int i = 1; i < table->size; i++)
        if (table->values[i] < table->values[table->best])
            table->best = i;
    return true;
}

int hn_bench_grids_load(const hn_bench_problem **problems)
{
    static hn_bench_problem loaded[N_GRIDS];
    static hn_bench_table tables[N_GRIDS];
    static int n_loaded = -1;
    *problems = loaded;
    if (n_loaded >= 0)
        return n_loaded;
    n_loaded = 0;
    for (int i = 0; i < N_GRIDS; i++) {
        const grid *g = &grids[i];
        if (!load_table(g, &tables[n_loaded])) {
            fprintf(
                stderr,
                "bench: problem %s left out: hpo/%s cannot be read under HONE_DATA_DIR or ../shared/data\n",
                g->name, g->file);
            continue;
        }
        loaded[n_loaded] = (hn_bench_problem){.name = g->name,
                                              .family = "table",
                                              .n_parameters = g->n_parameters,
                                              .parameters = g->parameters,
                                              .table = &tables[n_loaded]};
        n_loaded++;
    }
    return n_loaded;
}
