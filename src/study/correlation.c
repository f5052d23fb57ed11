/* How goals, metrics and parameters go together: analysis/correlation.h over a study's trials. */
#include "analysis/correlation.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "study/analyse.h"

enum { MOST_METRICS = 200 }; /* attributes that are looked at */

/* The public result and the arena that holds what it points to. */
typedef struct owned_correlation {
    hone_correlation correlation; /* first, so that one pointer serves both */
    hn_arena arena;
} owned_correlation;

void hone_correlation_free(hone_correlation *correlation)
{
    if (correlation) {
        owned_correlation *owned = (owned_correlation *)correlation;
        hn_arena_release(&owned->arena);
        hn_free(owned);
    }
}

/* Columns are gathered one by one and then put side by side. */
typedef struct gathering {
    const hone_study *study;
    size_t rows; /* of the history; those of trials that are not complete stay empty */
    size_t n, capacity;
    const char **names;
    hone_correlated *kinds;
    double **columns;      /* (n,) of (rows,) NaN: not there */
    const char **left_out; /* (n_left_out,) */
    size_t n_left_out;
    hn_arena *arena;
} gathering;

/* A new empty column; NULL when memory is out. */
static double *add_column(gathering *g, const char *name, hone_correlated kind)
{
    double *column = hn_arena_scratch(g->arena, g->rows, sizeof *column);
    g->names[g->n] = hn_arena_strdup(g->arena, name);
    if (!column || !g->names[g->n]) {
        return NULL;
    }
    for (size_t i = 0; i < g->rows; i++) {
        column[i] = NAN;
    }
    g->kinds[g->n] = kind;
    g->columns[g->n++] = column;
    return column;
}

static bool is_complete(const gathering *g, size_t i)
{
    return hn_history_state(g->study->history, (int64_t)i) == HONE_COMPLETE;
}

static bool add_goals(gathering *g)
{
    const hn_definition *definition = g->study->definition;
    for (size_t j = 0; j < definition->n_objectives; j++) {
        double *column = add_column(g, definition->metrics[j], HONE_CORRELATED_GOAL);
        for (size_t i = 0; column && i < g->rows; i++) {
            if (is_complete(g, i)) {
                column[i] = hn_history_value(g->study->history, (int64_t)i, j);
            }
        }
        if (!column) {
            return false;
        }
    }
    return true;
}

/* --- metrics --- */

/* The column of a metric, made when it is new; SIZE_MAX: it is a goal's name, or there are too many. */
static size_t metric_column(gathering *g, const char *key, bool *room)
{
    size_t goals = g->study->definition->n_objectives;
    for (size_t c = 0; c < g->n; c++) {
        if (!strcmp(g->names[c], key)) {
            return c < goals ? SIZE_MAX : c;
        }
    }
    if (g->n >= goals + MOST_METRICS) {
        return SIZE_MAX;
    }
    *room = add_column(g, key, HONE_CORRELATED_METRIC) != NULL;
    return *room ? g->n - 1 : SIZE_MAX;
}

static hone_status read_metrics(void *user, const hn_trial_record *record, hone_error *err)
{
    gathering *g = user;
    bool room = true;
    if (record->number < 0 || record->number >= (int64_t)g->rows || record->state != HONE_COMPLETE) {
        return HONE_OK;
    }
    for (size_t i = 0; room && i < record->n_attributes; i++) {
        const hn_attribute *attribute = &record->attributes[i];
        double value;
        if (attribute->system || !hn_parse_double(attribute->json, strlen(attribute->json), true, &value)) {
            continue;
        }
        size_t column = metric_column(g, attribute->key, &room);
        if (column != SIZE_MAX) {
            g->columns[column][record->number] = value;
        }
    }
    return room ? HONE_OK : hn_out_of_memory(err);
}

/* --- parameters --- */

/* A number in which larger is more; the choice of two. */
static double number_of(const hn_distribution *distribution, double raw)
{
    if (distribution->kind == HN_CATEGORICAL) {
        return distribution->ordinal ? (double)distribution->rank[(size_t)raw] : raw;
    }
    return distribution->log ? log(raw) : raw;
}

static bool add_params(gathering *g)
{
    const hn_history *history = g->study->history;
    for (size_t c = 0; c < hn_history_column_count(history); c++) {
        const char *name = hn_history_column_name(history, c);
        const hn_distribution *latest = hn_history_latest_distribution(history, c);
        if (!latest || hn_distribution_is_constant(latest)) {
            continue;
        }
        if (latest->kind == HN_CATEGORICAL && !latest->ordinal && latest->n_choices > 2) {
            g->left_out[g->n_left_out] = hn_arena_strdup(g->arena, name);
            if (!g->left_out[g->n_left_out++]) {
                return false;
            }
            continue;
        }
        double *column = add_column(g, name, HONE_CORRELATED_PARAM);
        if (!column) {
            return false;
        }
        for (size_t i = 0; i < g->rows; i++) {
            if (is_complete(g, i) && hn_history_has(history, (int64_t)i, c)) {
                column[i] = number_of(latest, hn_history_cell(history, (int64_t)i, c));
            }
        }
    }
    return true;
}

/* --- all --- */

static bool begin(gathering *g)
{
    size_t params = hn_history_column_count(g->study->history);
    g->rows = hn_history_count(g->study->history);
    g->capacity = g->study->definition->n_objectives + MOST_METRICS + params;
    g->names = HN_ARENA_NEW(g->arena, const char *, g->capacity);
    g->kinds = HN_ARENA_NEW(g->arena, hone_correlated, g->capacity);
    g->columns = HN_ARENA_NEW(g->arena, double *, g->capacity);
    g->left_out = HN_ARENA_NEW(g->arena, const char *, params);
    return g->names && g->kinds && g->columns && g->left_out;
}

static hone_status correlate(gathering *g, hone_correlation *out, hone_error *err)
{
    size_t n = g->n;
    hn_arena scratch = HN_ARENA_INIT;
    double *columns = hn_arena_scratch(&scratch, n * g->rows, sizeof *columns);
    double *pearson = HN_ARENA_NEW(g->arena, double, n *n), *spearman = HN_ARENA_NEW(g->arena, double, n *n);
    size_t *both = HN_ARENA_NEW(&scratch, size_t, n * n);
    int64_t *rows = HN_ARENA_NEW(g->arena, int64_t, n * n);
    hone_status status = columns && pearson && spearman && both && rows ? HONE_OK : hn_out_of_memory(err);
    for (size_t c = 0; !status && c < n; c++) {
        memcpy(columns + c * g->rows, g->columns[c], g->rows * sizeof *columns);
    }
    if (!status) {
        status = hn_correlate(columns, n, g->rows, &scratch, pearson, spearman, both, err);
    }
    for (size_t i = 0; !status && i < n * n; i++) {
        rows[i] = (int64_t)both[i];
    }
    *out = (hone_correlation){
        .trials = (int64_t)hn_history_state_count(g->study->history, HONE_COMPLETE),
        .n = n,
        .names = g->names,
        .kinds = g->kinds,
        .pearson = pearson,
        .spearman = spearman,
        .rows = rows,
        .n_left_out = g->n_left_out,
        .left_out = g->left_out,
    };
    hn_arena_release(&scratch);
    return status;
}

static hone_status find(hone_study *study, owned_correlation *owned, hone_error *err)
{
    gathering g = {.study = study, .arena = &owned->arena};
    hone_status status = hn_study_sync(study, err);
    if (status) {
        return status;
    }
    size_t complete = hn_history_state_count(study->history, HONE_COMPLETE);
    if (complete < 2) {
        return hn_fail(err, HONE_INVALID, "correlation needs at least 2 complete trials; there %s %zu",
                       complete == 1 ? "is" : "are", complete);
    }
    if (!begin(&g) || !add_goals(&g)) {
        return hn_out_of_memory(err);
    }
    status = study->ops->scan(study->storage, study->row, 0, NULL, 0, read_metrics, &g, err);
    if (!status && !add_params(&g)) {
        status = hn_out_of_memory(err);
    }
    return status ? status : correlate(&g, &owned->correlation, err);
}

hone_status hone_study_correlation(hone_study *study, hone_correlation **correlation, hone_error *err)
{
    owned_correlation *owned = hn_calloc(1, sizeof *owned);
    if (!owned) {
        return hn_out_of_memory(err);
    }
    owned->arena = (hn_arena)HN_ARENA_INIT;
    hn_study_lock(study);
    hone_status status = find(study, owned, err);
    hn_study_unlock(study);
    if (status) {
        hone_correlation_free(&owned->correlation);
        return status;
    }
    *correlation = &owned->correlation;
    return HONE_OK;
}
