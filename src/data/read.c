/* read.c: from cells to a dataset: header, names, the roles of the columns, the target and the task. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "data/classes.h"
#include "data/column.h"
#include "data/dataset.h"
#include "data/head.h"
#include "data/read_rows.h"
#include "data/text.h"

enum { SCAN_ROWS = 128 };

/* What is decided before the columns are read. */
typedef struct layout {
    const hn_csv *csv;
    const hn_dataset_options *options;
    hn_arena *arena;
    bool named;               /* by a header line, here or in a block before */
    size_t first_row;         /* 1 under a header */
    const char *const *names; /* (csv->n_columns,) */
    size_t target;            /* in the file; SIZE_MAX: none */
    size_t group;             /* in the file; SIZE_MAX: none */
    size_t weight;            /* in the file; SIZE_MAX: none */
    size_t text;              /* in the file: then the only feature; SIZE_MAX: none */
    bool *dropped;            /* (csv->n_columns,) */
    int *kinds;               /* (csv->n_columns,): forced hn_column_kind, 0: inferred */
    hone_error *err;
} layout;

/* --- roles --- */

/* By name, else by position; SIZE_MAX when there is none. */
static size_t find_column(const layout *l, const char *name)
{
    size_t n = l->csv->n_columns;
    for (size_t column = 0; column < n; column++)
        if (strcmp(l->names[column], name) == 0)
            return column;
    int64_t position;
    if (!hn_parse_int(name, strlen(name), &position))
        return SIZE_MAX;
    if (position < 0)
        position += (int64_t)n;
    return position >= 0 && position < (int64_t)n ? (size_t)position : SIZE_MAX;
}

static hone_status fail_column(const layout *l, const char *what, const char *name)
{
    const char *near = hn_nearest_name(name, l->names, l->csv->n_columns);
    size_t n = l->csv->n_columns;
    return hn_fail(
        l->err, HONE_NOT_FOUND, "%s: %s: there is no column \"%s\"%s%s%s; %s (positions are 0 to %zu)",
        l->csv->path, what, name, near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "",
        l->named ? "names come from the first line" : "the file has no header line, so give a position",
        n - 1);
}

static hone_status mark_columns(layout *l, const char *what, const char *const *list, int kind)
{
    for (size_t i = 0; list && list[i]; i++) {
        size_t column = find_column(l, list[i]);
        if (column == SIZE_MAX)
            return fail_column(l, what, list[i]);
        if (kind)
            l->kinds[column] = kind;
        else
            l->dropped[column] = true;
    }
    return HONE_OK;
}

/* Clustering learns no column; one that is named as the target is no feature either. */
static hone_status leave_out_target(layout *l)
{
    const char *name = l->options->target;
    size_t column = name ? find_column(l, name) : SIZE_MAX;
    if (name && column == SIZE_MAX)
        return fail_column(l, "target", name);
    if (name)
        l->dropped[column] = true;
    return HONE_OK;
}

static hone_status choose_target(layout *l)
{
    const hn_dataset_options *options = l->options;
    l->target = SIZE_MAX;
    if (options->no_target)
        return HONE_OK;
    if (options->task == HN_TASK_CLUSTERING)
        return leave_out_target(l);
    l->target =
        options->target || l->named ? find_column(l, options->target ? options->target : "target") : SIZE_MAX;
    if (options->target && l->target == SIZE_MAX)
        return fail_column(l, "target", options->target);
    if (l->target == SIZE_MAX)
        l->target = l->csv->n_columns - 1;
    if (l->dropped[l->target])
        return hn_fail(l->err, HONE_INVALID, "%s: column %s is the target and in drop as well", l->csv->path,
                       l->names[l->target]);
    return HONE_OK;
}

/* A column that is no feature; SIZE_MAX when no name is given. */
static hone_status choose_role(layout *l, const char *role, const char *name, size_t *column)
{
    *column = name ? find_column(l, name) : SIZE_MAX;
    if (name && *column == SIZE_MAX)
        return fail_column(l, role, name);
    if (name && *column == l->target)
        return hn_fail(l->err, HONE_INVALID, "%s: column %s is the target and the %s as well", l->csv->path,
                       l->names[*column], role);
    return HONE_OK;
}

static hone_status choose_weight(layout *l)
{
    const char *name = l->options->weight;
    if (name && l->options->weight_may_lack && find_column(l, name) == SIZE_MAX)
        name = NULL;
    hone_status status = choose_role(l, "weight", name, &l->weight);
    if (!status && name && l->weight == l->group)
        status = hn_fail(l->err, HONE_INVALID, "%s: column %s is the group and the weight as well",
                         l->csv->path, l->names[l->weight]);
    return status;
}

static bool is_feature(const layout *l, size_t column)
{
    return l->text == SIZE_MAX && column != l->target && column != l->group && column != l->weight &&
           !l->dropped[column];
}

/* Both have names: what the model was fitted to must be there, in any order. */
static hone_status check_schema(const layout *l)
{
    const hn_schema *schema = l->options->schema;
    for (size_t i = 0; schema && schema->named && l->named && i < schema->n; i++) {
        size_t column = 0;
        while (column < l->csv->n_columns && strcmp(schema->names[i], l->names[column]) != 0)
            column++;
        if (column < l->csv->n_columns)
            continue;
        const char *near = hn_nearest_name(schema->names[i], l->names, l->csv->n_columns);
        return hn_fail(l->err, HONE_INVALID, "%s lacks the column %s, which the model was fitted to%s%s%s",
                       l->csv->path, schema->names[i], near ? " (there is one called " : "", near ? near : "",
                       near ? ")" : "");
    }
    return HONE_OK;
}

/* Without names, a file as wide as that of fitting has its columns where they were: the others are no
 * features. */
static void use_positions(layout *l)
{
    const hn_schema *schema = l->options->schema;
    if (!schema || schema->named || l->named || schema->width != l->csv->n_columns)
        return;
    for (size_t column = 0; column < l->csv->n_columns; column++) {
        size_t i = 0;
        while (i < schema->n && strcmp(schema->names[i], l->names[column]) != 0)
            i++;
        l->dropped[column] |= i == schema->n && is_feature(l, column);
    }
}

/* Forces the kinds that a schema knows, by name under a header, by order otherwise. Where both have names,
 * columns that the schema does not know are left out. */
static void apply_schema(layout *l)
{
    const hn_schema *schema = l->options->schema;
    size_t feature = 0;
    for (size_t column = 0; schema && column < l->csv->n_columns; column++) {
        if (!is_feature(l, column))
            continue;
        size_t i = feature++;
        if (l->named)
            for (i = 0; i < schema->n && strcmp(schema->names[i], l->names[column]) != 0;)
                i++;
        if (i < schema->n)
            l->kinds[column] = (int)schema->kinds[i];
        else if (l->named && schema->named)
            l->dropped[column] = true;
    }
}

static hone_status assign_roles(layout *l)
{
    const hn_dataset_options *options = l->options;
    hone_status status = mark_columns(l, "drop", options->drop, 0);
    if (!status)
        status = choose_target(l);
    if (!status)
        status = choose_role(l, "group", options->group, &l->group);
    if (!status)
        status = choose_weight(l);
    if (!status)
        status = choose_role(l, "text", options->text ? options->text->column : NULL, &l->text);
    if (!status)
        status = check_schema(l);
    if (!status) {
        use_positions(l);
        apply_schema(l);
    }
    if (!status)
        status = mark_columns(l, "categorical", options->categorical, HN_COLUMN_CATEGORICAL);
    if (!status)
        status = mark_columns(l, "numeric", options->numeric, HN_COLUMN_NUMERIC);
    if (!status)
        status = hn_head_check_names(l->csv->path, l->names, l->dropped, l->csv->n_columns, l->err);
    return status;
}

/* --- target --- */

/* Translates class indices into those of the list given. */
static hone_status use_class_list(const layout *l, hn_dataset *set, double *values)
{
    hn_class_list wanted = {l->options->classes, l->options->n_classes};
    hn_class_list classes = {set->classes, set->n_classes};
    hone_status status = hn_classes_translate(&set->arena, l->csv->path, set->target_name, &wanted, &classes,
                                              values, set->n_rows, l->err);
    set->classes = classes.names;
    set->n_classes = classes.n;
    return status;
}

static hone_status fail_missing_target(const layout *l, const hn_dataset *set, const double *values,
                                       size_t count)
{
    size_t row = 0;
    while (!isnan(values[row]))
        row++;
    hn_position at = {.source = l->csv->path, .line = (int)l->csv->lines[row + l->first_row]};
    return hn_fail_at(
        l->err, HONE_INVALID, at,
        "target %s is missing here (%zu of %zu rows); remove these rows, or choose another target",
        set->target_name, count, set->n_rows);
}

/* Decides the task of a target of numbers and makes its classes. */
static hone_status number_target(const layout *l, hn_dataset *set, double *values)
{
    double *distinct = hn_aligned_array(set->n_rows, sizeof *distinct);
    if (!distinct)
        return hn_out_of_memory(l->err);
    memcpy(distinct, values, set->n_rows * sizeof *distinct);
    size_t count = hn_distinct_values(distinct, set->n_rows);
    hone_status status = HONE_OK;
    set->task = l->options->task;
    if (!set->task && l->options->classes)
        set->task = HN_TASK_CLASSIFICATION;
    if (!set->task)
        set->task =
            hn_are_classes(distinct, count, set->n_rows) ? HN_TASK_CLASSIFICATION : HN_TASK_REGRESSION;
    if (set->task == HN_TASK_CLASSIFICATION) {
        const char **names = NULL;
        status = hn_classes_from_numbers(&set->arena, distinct, count, values, set->n_rows, &names, l->err);
        set->classes = names;
        set->n_classes = count;
    }
    hn_free(distinct);
    return status;
}

/* What is to be learned must vary; a model can be tried on one value. */
static hone_status judge_target(const layout *l, const hn_dataset *set)
{
    char text[HN_NUMBER_SIZE];
    size_t same = 1;
    if (set->n_classes == 1)
        return hn_fail(
            l->err, HONE_INVALID,
            "%s: target %s has one class only (\"%.60s\" in all %zu rows); classification needs two",
            l->csv->path, set->target_name, set->classes[0], set->n_rows);
    while (same < set->n_rows && set->target[same] == set->target[0])
        same++;
    hn_format_double(text, set->target[0]);
    if (same == set->n_rows && set->task == HN_TASK_REGRESSION && !l->options->schema)
        return hn_fail(l->err, HONE_INVALID, "%s: target %s is %s in all %zu rows: there is nothing to learn",
                       l->csv->path, set->target_name, text, set->n_rows);
    if (set->n_classes > set->n_rows / 2)
        hn_log(HN_LOG_WARNING, "%s: target %s has %zu classes in %zu rows; is it meant to be a number?",
               l->csv->path, set->target_name, set->n_classes, set->n_rows);
    return HONE_OK;
}

static hone_status read_target(const layout *l, hn_dataset *set, double *values)
{
    hn_column column;
    hn_column_source source = {.csv = l->csv,
                               .first_row = l->first_row,
                               .column = l->target,
                               .name = l->names[l->target],
                               .missing = l->options->missing,
                               .kind = l->options->task == HN_TASK_REGRESSION ? (int)HN_COLUMN_NUMERIC
                                                                              : l->kinds[l->target]};
    hn_tally tally = {0};
    hn_column_scan(&source, l->first_row, l->csv->n_rows, values, &tally);
    hone_status status = hn_column_finish(&source, &tally, &set->arena, values, &column, l->err);
    if (status)
        return status;
    set->target_name = column.name;
    set->target = values;
    if (column.n_missing)
        return fail_missing_target(l, set, values, column.n_missing);
    if (column.kind == HN_COLUMN_NUMERIC) {
        status = number_target(l, set, values);
    } else {
        set->task = HN_TASK_CLASSIFICATION;
        set->classes = column.categories;
        set->n_classes = column.n_categories;
    }
    if (!status && set->task == HN_TASK_CLASSIFICATION && l->options->classes)
        return use_class_list(l, set, values);
    return status ? status : judge_target(l, set);
}

/* --- group --- */

/* Reads a column that is no feature; *made lives in the set's arena. */
static hone_status read_role(const layout *l, hn_dataset *set, size_t position, int kind, double *values,
                             const hn_column **made)
{
    hn_column *column = HN_ARENA_NEW(&set->arena, hn_column, 1);
    hn_column_source source = {.csv = l->csv,
                               .first_row = l->first_row,
                               .column = position,
                               .name = l->names[position],
                               .missing = l->options->missing,
                               .kind = kind};
    hn_tally tally = {0};
    if (!column)
        return hn_out_of_memory(l->err);
    hn_column_scan(&source, l->first_row, l->csv->n_rows, values, &tally);
    *made = column;
    return hn_column_finish(&source, &tally, &set->arena, values, column, l->err);
}

static hone_status read_group(const layout *l, hn_dataset *set, double *values)
{
    hone_status status = read_role(l, set, l->group, l->kinds[l->group], values, &set->group);
    const hn_column *column = set->group;
    if (!status && column->n_missing)
        return hn_fail(l->err, HONE_INVALID,
                       "%s: column %s says which rows belong together, but %zu of %zu "
                       "rows have no value",
                       l->csv->path, column->name, column->n_missing, set->n_rows);
    return status;
}

/* --- weight --- */

static hone_status read_weight(const layout *l, hn_dataset *set, double *values)
{
    double total = 0;
    hone_status status = read_role(l, set, l->weight, HN_COLUMN_NUMERIC, values, &set->weight);
    if (status)
        return status;
    size_t wrong = hn_first_wrong_weight(values, set->n_rows, &total);
    if (wrong < set->n_rows) {
        hn_position at = {.source = l->csv->path, .line = (int)l->csv->lines[wrong + l->first_row]};
        return hn_fail_at(l->err, HONE_INVALID, at,
                          "weight %s is \"%.60s\" here; it must be a finite number, 0 or more, in every row",
                          set->weight->name, hn_csv_text(l->csv, wrong + l->first_row, l->weight));
    }
    return total > 0 ? HONE_OK
                     : hn_fail(l->err, HONE_INVALID, "%s: weight %s is 0 in all %zu rows", l->csv->path,
                               set->weight->name, set->n_rows);
}

/* --- the whole --- */

/* The features in file order with their tallies after all rows were scanned. */
static void scan_features(const layout *l, hn_dataset *set, hn_column_source *sources, hn_tally *tallies)
{
    const hn_csv *csv = l->csv;
    for (size_t column = 0; column < csv->n_columns; column++)
        if (is_feature(l, column))
            sources[set->n_columns++] = (hn_column_source){.csv = csv,
                                                           .first_row = l->first_row,
                                                           .column = column,
                                                           .name = l->names[column],
                                                           .missing = l->options->missing,
                                                           .kind = l->kinds[column]};
    for (size_t from = l->first_row; from < csv->n_rows; from += SCAN_ROWS) {
        size_t to = csv->n_rows - from < SCAN_ROWS ? csv->n_rows : from + SCAN_ROWS;
        for (size_t i = 0; i < set->n_columns; i++)
            hn_column_scan(&sources[i], from, to, set->values + i * set->n_rows, &tallies[i]);
    }
}

/* What is likely a mistake, but may be meant. */
static void warn_of_feature(const layout *l, const hn_column *column, size_t rows)
{
    enum { MANY = 100 };
    if (column->n_missing == rows)
        hn_log(HN_LOG_WARNING, "%s: column %s is empty", l->csv->path, column->name);
    if (column->n_categories > MANY && column->n_categories > rows / 2)
        hn_log(HN_LOG_WARNING,
               "%s: column %s has %zu categories in %zu rows; if it names rows rather than describes them, "
               "leave it out (drop)",
               l->csv->path, column->name, column->n_categories, rows);
}

/* Of data to learn from: of data to apply a model to, nothing is asked but what the schema says. */
static hone_status judge_features(const layout *l, const hn_dataset *set)
{
    size_t empty = 0;
    for (size_t i = 0; !l->options->schema && i < set->n_columns; i++) {
        warn_of_feature(l, &set->columns[i], set->n_rows);
        empty += set->columns[i].n_missing == set->n_rows;
    }
    if (set->n_columns && empty == set->n_columns)
        return hn_fail(l->err, HONE_INVALID, "%s: no feature has a value in any of the %zu rows",
                       l->csv->path, set->n_rows);
    if (!set->n_columns && l->text == SIZE_MAX)
        return hn_fail(l->err, HONE_INVALID, "%s: no features: the target %s is the only column left",
                       l->csv->path, l->target == SIZE_MAX ? "(none)" : l->names[l->target]);
    return HONE_OK;
}

static hone_status read_text(const layout *l, hn_dataset *set)
{
    hn_sample_block *block = NULL;
    hone_status status = hn_text_read(l->csv, l->first_row, l->text, l->options->text, &set->arena, &block,
                                      &set->sample_values, l->err);
    set->samples = block;
    return status;
}

static hone_status read_columns(const layout *l, hn_dataset *set)
{
    const hn_csv *csv = l->csv;
    hn_column_source *sources = HN_ARENA_NEW(l->arena, hn_column_source, csv->n_columns);
    hn_tally *tallies = HN_ARENA_NEW(l->arena, hn_tally, csv->n_columns);
    set->n_rows = csv->n_rows - l->first_row;
    set->has_header = l->named;
    set->task = l->options->task == HN_TASK_CLUSTERING ? HN_TASK_CLUSTERING : HN_TASK_NONE;
    set->source = hn_arena_strdup(&set->arena, csv->path);
    set->columns = HN_ARENA_NEW(&set->arena, hn_column, csv->n_columns);
    /* n_rows * n_columns is below the file's size in bytes. */
    set->values = hn_aligned_array(set->n_rows * csv->n_columns, sizeof *set->values);
    if (!sources || !tallies || !set->source || !set->columns || !set->values)
        return hn_out_of_memory(l->err);
    scan_features(l, set, sources, tallies);
    for (size_t i = 0; i < set->n_columns; i++) {
        hone_status status = hn_column_finish(&sources[i], &tallies[i], &set->arena,
                                              set->values + i * set->n_rows, &set->columns[i], l->err);
        if (status)
            return status;
    }
    double *free_values = set->values + set->n_columns * set->n_rows;
    hone_status status = judge_features(l, set);
    if (!status && l->text != SIZE_MAX)
        status = read_text(l, set);
    if (!status && l->target != SIZE_MAX) {
        status = read_target(l, set, free_values);
        free_values += set->n_rows;
    }
    if (!status && l->group != SIZE_MAX) {
        status = read_group(l, set, free_values);
        free_values += set->n_rows;
    }
    return status || l->weight == SIZE_MAX ? status : read_weight(l, set, free_values);
}

hone_status hn_dataset_of_rows(const hn_csv *csv, const hn_dataset_options *options, const hn_head *head,
                               size_t first_row, hn_dataset **dataset, hone_error *err)
{
    hn_arena scratch = HN_ARENA_INIT;
    hn_dataset *set = hn_calloc(1, sizeof *set);
    layout l = {.csv = csv,
                .options = options,
                .arena = &scratch,
                .named = head->named,
                .first_row = first_row,
                .names = head->names,
                .text = SIZE_MAX,
                .dropped = HN_ARENA_NEW(&scratch, bool, csv->n_columns),
                .kinds = HN_ARENA_NEW(&scratch, int, csv->n_columns),
                .err = err};
    hone_status status = HONE_OK;
    assert(head->names);
    if (!set || !l.dropped || !l.kinds)
        status = hn_out_of_memory(err);
    else if (csv->n_rows == first_row)
        status = hn_head_fail_alone(csv, err);
    if (!status)
        status = assign_roles(&l);
    if (!status)
        status = read_columns(&l, set);
    hn_arena_release(&scratch);
    if (status)
        hn_dataset_destroy(set);
    else
        *dataset = set;
    return status;
}
