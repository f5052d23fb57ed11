#include "select/splits.h"

#include <math.h>

#include "base/memory.h"
#include "math/statistics.h"
#include "select/split.h"
#include "select/split_group.h"

enum { DEFAULT_FOLDS = 5 };

static const double default_test_share = 0.2;

/* Of a plan: rows that train in all its splits. */
static const uint32_t never_tested = UINT32_MAX;

const char *const hn_split_names[HN_SPLIT_KINDS + 1] = {
    "stratified",      "kfold",       "group",      "stratified_group", "shuffle", "leave_one_out",
    "leave_one_group", "time_series", "predefined", "holdout",          "last",
};

bool hn_split_needs_column(hn_split_kind kind)
{
    return kind == HN_SPLIT_GROUP || kind == HN_SPLIT_STRATIFIED_GROUP ||
           kind == HN_SPLIT_LEAVE_ONE_GROUP_OUT || kind == HN_SPLIT_PREDEFINED;
}

/* What the kinds are made from. */
typedef struct source {
    const hn_split_options *options;
    const hn_dataset *dataset;
    size_t n, folds;
    double *y;     /* (n,): classes, NULL for numbers */
    size_t *group; /* (n,): 0 .. n_groups-1 by ascending value; NULL unless needed */
    double *label; /* (n_groups,) the values */
    size_t n_groups;
    size_t *scratch; /* (n,) */
} source;

/* Repeats and draws have seeds of their own; the first has the seed given (Weyl sequence of 2^64 / phi). */
static uint64_t seed_of(const source *s, size_t repeat)
{
    return s->options->seed + repeat * UINT64_C(0x9E3779B97F4A7C15);
}

/* --- plans --- */

/* Room for `plans` plans of `per_plan` splits each. */
static hone_status make_plans(const source *s, size_t plans, size_t per_plan, hn_splits *out, hone_error *err)
{
    *out = (hn_splits){.n = s->n, .n_splits = plans * per_plan, .per_plan = per_plan};
    if (plans <= SIZE_MAX / s->n)
        out->fold_of = hn_calloc(plans * s->n, sizeof *out->fold_of);
    return out->fold_of ? HONE_OK : hn_out_of_memory(err);
}

static void keep_plan(const source *s, size_t plan, hn_splits *out)
{
    for (size_t i = 0; i < s->n; i++)
        out->fold_of[plan * s->n + i] = (uint32_t)s->scratch[i];
}

static hone_status plan_folds(const source *s, hn_splits *out, hone_error *err)
{
    size_t repeats = s->options->repeats ? s->options->repeats : 1;
    bool shuffle = s->options->shuffle || repeats > 1;
    const double *y = s->options->kind == HN_SPLIT_STRATIFIED ? s->y : NULL;
    hone_status status = make_plans(s, repeats, s->folds, out, err);
    for (size_t r = 0; !status && r < repeats; r++) {
        status = hn_assign_folds(y, s->dataset->n_classes, s->n, s->folds, shuffle, seed_of(s, r), s->scratch,
                                 err);
        if (!status)
            keep_plan(s, r, out);
    }
    return status;
}

static hone_status plan_groups(const source *s, hn_splits *out, hone_error *err)
{
    bool stratified = s->options->kind == HN_SPLIT_STRATIFIED_GROUP;
    hn_grouped_rows rows = {.n = s->n,
                            .group = s->group,
                            .n_groups = s->n_groups,
                            .y = stratified ? s->y : NULL,
                            .n_classes = s->dataset->n_classes};
    if (stratified && !s->y)
        return hn_fail(err, HONE_INVALID, "cv: stratified_group is for classes; use group");
    hone_status status = make_plans(s, 1, s->folds, out, err);
    if (!status)
        status =
            hn_assign_group_folds(&rows, s->folds, s->options->shuffle, s->options->seed, s->scratch, err);
    if (status)
        return hn_fail_within(err, status, "cv: column %s", s->dataset->group->name);
    keep_plan(s, 0, out);
    return HONE_OK;
}

static hone_status plan_draws(const source *s, hn_splits *out, hone_error *err)
{
    size_t draws = s->options->kind == HN_SPLIT_HOLDOUT ? 1 : s->folds;
    double share = s->options->test_share != 0 ? s->options->test_share : default_test_share;
    bool *held = hn_calloc(s->n, sizeof *held);
    hone_status status = held ? make_plans(s, draws, 1, out, err) : hn_out_of_memory(err);
    for (size_t k = 0; !status && k < draws; k++) {
        status = hn_hold_out(s->y, s->dataset->n_classes, s->n, share, seed_of(s, k), held, err);
        for (size_t i = 0; !status && i < s->n; i++)
            out->fold_of[k * s->n + i] = held[i] ? 0 : never_tested;
    }
    hn_free(held);
    return status;
}

/* The first floor(n (1 - share)) rows train. */
static hone_status plan_last(const source *s, hn_splits *out, hone_error *err)
{
    double share = s->options->test_share != 0 ? s->options->test_share : default_test_share;
    size_t train = (size_t)floor((double)s->n * (1 - share));
    if (train == 0 || train == s->n)
        return hn_fail(err, HONE_INVALID,
                       "the last %zu of %zu rows score: none are left to %s; allowed are 1 to %zu",
                       s->n - train, s->n, train ? "score" : "train", s->n - 1);
    hone_status status = make_plans(s, 1, 1, out, err);
    for (size_t i = 0; !status && i < s->n; i++)
        out->fold_of[i] = i < train ? never_tested : 0;
    return status;
}

/* One fold for each row or group. */
static hone_status plan_each(const source *s, hn_splits *out, hone_error *err)
{
    bool groups = s->options->kind == HN_SPLIT_LEAVE_ONE_GROUP_OUT;
    size_t n_splits = groups ? s->n_groups : s->n;
    if (n_splits < 2)
        return hn_fail(err, HONE_INVALID, "cv: %s needs two %s, here is %zu",
                       hn_split_names[s->options->kind], groups ? "groups" : "rows", n_splits);
    hone_status status = make_plans(s, 1, n_splits, out, err);
    for (size_t i = 0; !status && i < s->n; i++)
        out->fold_of[i] = (uint32_t)(groups ? s->group[i] : i);
    return status;
}

/* k + 1 blocks; the first takes what does not divide. */
static hone_status plan_series(const source *s, hn_splits *out, hone_error *err)
{
    if (s->folds < 2 || s->folds >= s->n)
        return hn_fail(err, HONE_INVALID, "%zu folds of a time series of %zu rows; allowed are 2 to %zu",
                       s->folds, s->n, s->n ? s->n - 1 : 0);
    size_t block = s->n / (s->folds + 1), first = s->n - s->folds * block;
    hone_status status = make_plans(s, 1, s->folds, out, err);
    for (size_t i = first; !status && i < s->n; i++)
        out->fold_of[i] = (uint32_t)((i - first) / block + 1);
    out->ordered = true;
    return status;
}

static hone_status plan_predefined(const source *s, hn_splits *out, hone_error *err)
{
    const hn_column *column = s->dataset->group;
    bool whole = column->kind == HN_COLUMN_NUMERIC;
    for (size_t g = 0; whole && g < s->n_groups; g++)
        whole = s->label[g] >= -1 && s->label[g] == floor(s->label[g]);
    if (!whole)
        return hn_fail(
            err, HONE_INVALID,
            "cv: column %s must hold whole numbers: the fold in which a row is tested, from 0; -1: "
            "never",
            column->name);
    size_t never = s->label[0] < 0, n_splits = s->n_groups - never;
    if (n_splits == 0 || (n_splits == 1 && !never))
        return hn_fail(err, HONE_INVALID, "cv: column %s puts all rows on one side", column->name);
    hone_status status = make_plans(s, 1, n_splits, out, err);
    for (size_t i = 0; !status && i < s->n; i++)
        out->fold_of[i] = s->group[i] < never ? never_tested : (uint32_t)(s->group[i] - never);
    return status;
}

/* --- making --- */

static hone_status find_groups(source *s, const size_t *rows, hone_error *err)
{
    const hn_column *column = s->dataset->group;
    if (!column)
        return hn_fail(err, HONE_INVALID, "cv: %s needs a column", hn_split_names[s->options->kind]);
    double *values = hn_calloc(s->n, sizeof *values);
    size_t *order = hn_calloc(s->n, sizeof *order);
    s->group = hn_calloc(s->n, sizeof *s->group);
    s->label = hn_calloc(s->n, sizeof *s->label);
    hone_status status = values && order && s->group && s->label ? HONE_OK : hn_out_of_memory(err);
    for (size_t i = 0; !status && i < s->n; i++)
        values[i] = column->values[rows[i]];
    if (!status)
        hn_argsort(values, s->n, order);
    for (size_t i = 0; !status && i < s->n; i++) {
        if (i == 0 || values[order[i]] != values[order[i - 1]])
            s->label[s->n_groups++] = values[order[i]];
        s->group[order[i]] = s->n_groups - 1;
    }
    hn_free(values);
    hn_free(order);
    return status;
}

static hone_status read_source(source *s, const size_t *rows, hone_error *err)
{
    s->scratch = hn_calloc(s->n, sizeof *s->scratch);
    if (s->dataset->task == HN_TASK_CLASSIFICATION)
        s->y = hn_calloc(s->n, sizeof *s->y);
    if (!s->scratch || (s->dataset->task == HN_TASK_CLASSIFICATION && !s->y))
        return hn_out_of_memory(err);
    for (size_t i = 0; s->y && i < s->n; i++)
        s->y[i] = s->dataset->target[rows[i]];
    return hn_split_needs_column(s->options->kind) ? find_groups(s, rows, err) : HONE_OK;
}

hone_status hn_splits_create(const hn_split_options *options, const hn_dataset *dataset, const size_t *rows,
                             size_t n, hn_splits *splits, hone_error *err)
{
    static hone_status (*const plans[HN_SPLIT_KINDS])(const source *, hn_splits *, hone_error *) = {
        plan_folds, plan_folds,  plan_groups,     plan_groups, plan_draws, plan_each,
        plan_each,  plan_series, plan_predefined, plan_draws,  plan_last,
    };
    *splits = (hn_splits){0};
    if (n < 2)
        return hn_fail(err, HONE_INVALID, "%zu row%s cannot be split in two", n, n == 1 ? "" : "s");
    source s = {.options = options,
                .dataset = dataset,
                .n = n,
                .folds = options->folds ? options->folds : DEFAULT_FOLDS};
    hone_status status = read_source(&s, rows, err);
    if (!status)
        status = plans[options->kind](&s, splits, err);
    hn_free(s.y);
    hn_free(s.group);
    hn_free(s.label);
    hn_free(s.scratch);
    return status;
}

void hn_splits_release(hn_splits *splits)
{
    hn_free(splits->fold_of);
    *splits = (hn_splits){0};
}

void hn_splits_rows(const hn_splits *splits, size_t i, size_t *order, size_t *n_train, size_t *n_test)
{
    const uint32_t *fold_of = splits->fold_of + i / splits->per_plan * splits->n;
    uint32_t tested = (uint32_t)(i % splits->per_plan) + splits->ordered;
    size_t train = 0, test = 0;
    for (size_t row = 0; row < splits->n; row++)
        if (splits->ordered ? fold_of[row] < tested : fold_of[row] != tested)
            order[train++] = row;
    for (size_t row = 0; row < splits->n; row++)
        if (fold_of[row] == tested)
            order[train + test++] = row;
    *n_train = train;
    *n_test = test;
}
