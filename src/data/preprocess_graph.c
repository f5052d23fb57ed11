/* preprocess_graph.c: the fitted preprocessing as nodes of a graph: numbers come as one matrix, each column
 * of categories by itself; a missing value is NaN, or an empty text. */
#include "data/preprocess_state.h"

/* --- samples --- */

/* (value - center) / scale of its channel, as hn_sample_row computes it. */
static hn_value scale_samples(const hn_fitted_samples *s, hn_value rows, hn_graph *graph)
{
    size_t channels = hn_sample_channels(s->rank, s->shape);
    float *factor = hn_graph_room(graph, channels, sizeof *factor);
    float *shift = hn_graph_room(graph, channels, sizeof *shift);
    bool plain = true;
    for (size_t c = 0; factor && shift && c < channels; c++) {
        factor[c] = (float)(1 / s->scale[c]);
        shift[c] = (float)(-s->center[c] / s->scale[c]);
        plain &= factor[c] == 1 && shift[c] == 0;
    }
    rows = hn_graph_cast(graph, rows, HN_VALUE_FLOAT);
    if (plain) {
        return rows;
    }
    const size_t of_images[] = {channels, 1, 1};
    size_t rank = s->rank == HN_SAMPLE_MAX_RANK ? 3 : 1;
    rows = HN_OP(graph, "Mul", rows, hn_graph_floats(graph, "factor", rank, of_images, factor));
    return HN_OP(graph, "Add", rows, hn_graph_floats(graph, "shift", rank, of_images, shift));
}

static hn_value samples_graph(const hn_fitted_samples *s, hn_graph *graph)
{
    static const char *const names[] = {"", "features", "sequences", "images"};
    bool tokens = s->type == HN_SAMPLE_TOKENS;
    hn_value_type type = tokens ? HN_VALUE_INT : s->type == HN_SAMPLE_BYTES ? HN_VALUE_BYTE : HN_VALUE_FLOAT;
    hn_value rows = hn_graph_input(graph, tokens ? "tokens" : names[s->rank], type, s->rank, s->shape);
    hn_graph_scope(graph, "preprocess");
    return tokens ? rows : scale_samples(s, rows, graph);
}

/* --- columns --- */

/* Numbers without missing ones, centred and scaled: (rows, n). */
static hn_value numbers_graph(const hn_preprocess *p, size_t n, hn_graph *graph)
{
    double *missing = hn_graph_room(graph, n, sizeof *missing);
    double *center = hn_graph_room(graph, n, sizeof *center);
    double *scale = hn_graph_room(graph, n, sizeof *scale);
    bool plain = true;
    for (size_t j = 0, k = 0; missing && center && scale && j < p->n_columns; j++) {
        if (p->kinds[j] == HN_COLUMN_NUMERIC) {
            missing[k] = p->columns[j].missing;
            center[k] = p->columns[j].center;
            scale[k++] = p->columns[j].scale;
            plain &= p->columns[j].center == 0 && p->columns[j].scale == 1;
        }
    }
    hn_value rows = hn_graph_input(graph, "numbers", HN_VALUE_DOUBLE, 1, &n);
    hn_graph_scope(graph, "numbers");
    hn_value absent = HN_OP(graph, "IsNaN", rows);
    hn_value known = HN_OP(graph, "Where", absent, hn_graph_doubles(graph, "missing", 1, &n, missing), rows);
    known.type = HN_VALUE_DOUBLE;
    if (plain) {
        return known;
    }
    known = HN_OP(graph, "Sub", known, hn_graph_doubles(graph, "center", 1, &n, center));
    return HN_OP(graph, "Div", known, hn_graph_doubles(graph, "scale", 1, &n, scale));
}

/* Texts as the fitted index of their category; as hn_fitted_column_apply takes a missing one and one that is
 * not known. */
static hn_value index_graph(const hn_fitted_column *column, hn_value cells, hn_graph *graph)
{
    size_t n = column->n_categories;
    bool guess = !column->ordinal && !hn_fitted_column_is_one_hot(column); /* of two it is one */
    const char **keys = hn_graph_room(graph, n + 1, sizeof *keys);
    int64_t *index = hn_graph_room(graph, n + 1, sizeof *index);
    for (size_t k = 0; keys && index && k <= n; k++) {
        keys[k] = k < n ? column->categories[k] : "";
        index[k] = k < n ? (int64_t)k : (int64_t)column->missing;
    }
    hn_value encoded = HN_OP(graph, "LabelEncoder", cells);
    encoded.type = HN_VALUE_INT;
    if (keys && index) {
        hn_graph_of_ml(graph, 2);
        hn_graph_set_texts(graph, "keys_strings", n + 1, keys);
        hn_graph_set_ints(graph, "values_int64s", n + 1, index);
        hn_graph_set_int(graph, "default_int64", guess ? (int64_t)column->missing : -1);
    }
    return encoded;
}

/* A column of categories as numbers: (rows, width). */
static hn_value category_graph(const char *name, const hn_fitted_column *column, hn_graph *graph)
{
    static const int64_t second = 1;
    size_t width = hn_fitted_column_width(column);
    hn_value cells = hn_graph_input(graph, name, HN_VALUE_TEXT, 0, NULL);
    int64_t *codes = hn_graph_room(graph, width, sizeof *codes);
    for (size_t k = 0; codes && k < width; k++) {
        codes[k] = (int64_t)k;
    }
    hn_graph_scope(graph, cells.name ? cells.name : "");
    hn_value index = index_graph(column, cells, graph);
    index = HN_OP(graph, "Unsqueeze", index, hn_graph_ints(graph, "axis", 1, &second));
    if (codes && hn_fitted_column_is_one_hot(column)) {
        index = HN_OP(graph, "Equal", index, hn_graph_ints(graph, "codes", width, codes));
        index.type = HN_VALUE_BOOL;
    }
    return hn_graph_cast(graph, index, HN_VALUE_DOUBLE);
}

/* The columns of the matrix, where those of `joined` are the numbers', then those of the categories. */
static hn_value arrange(const hn_preprocess *p, size_t n_numbers, hn_value joined, hn_graph *graph)
{
    int64_t *from = hn_graph_room(graph, p->width, sizeof *from);
    size_t number = 0, category = n_numbers;
    bool same = p->width == p->full_width;
    for (size_t j = 0; from && j < p->n_columns; j++) {
        bool numeric = p->kinds[j] == HN_COLUMN_NUMERIC;
        for (size_t c = 0; c < hn_fitted_column_width(&p->columns[j]); c++) {
            size_t at = numeric ? number++ : category++, place = p->position[p->columns[j].offset + c];
            if (place != SIZE_MAX) {
                from[place] = (int64_t)at;
                same &= place == at;
            }
        }
    }
    if (same || !from) {
        return joined;
    }
    joined = HN_OP(graph, "Gather", joined, hn_graph_ints(graph, "columns", p->width, from));
    hn_graph_set_int(graph, "axis", 1);
    return joined;
}

static hn_value columns_graph(const hn_preprocess *p, hn_graph *graph)
{
    hn_value *parts = hn_graph_room(graph, p->n_columns + 1, sizeof *parts), joined = {0};
    size_t n = 0, n_numbers = 0;
    for (size_t j = 0; j < p->n_columns; j++) {
        n_numbers += p->kinds[j] == HN_COLUMN_NUMERIC;
    }
    if (parts && n_numbers) {
        parts[n++] = numbers_graph(p, n_numbers, graph);
    }
    for (size_t j = 0; parts && j < p->n_columns; j++) {
        if (p->kinds[j] != HN_COLUMN_NUMERIC && hn_fitted_column_width(&p->columns[j])) {
            parts[n++] = category_graph(p->names[j], &p->columns[j], graph);
        }
    }
    if (!parts) {
        return joined;
    }
    hn_graph_scope(graph, "preprocess");
    joined = parts[0];
    if (n > 1) {
        joined = hn_graph_op(graph, "Concat", n, parts);
        hn_graph_set_int(graph, "axis", 1);
    }
    return arrange(p, n_numbers, joined, graph);
}

hn_value hn_preprocess_graph(const hn_preprocess *fitted, hn_graph *graph)
{
    return fitted->samples ? samples_graph(fitted->samples, graph) : columns_graph(fitted, graph);
}

hn_node *hn_preprocess_inputs(const hn_preprocess *p, const hn_graph *graph, hn_arena *arena)
{
    hn_node *map = hn_node_map(arena), *numbers = hn_node_list(arena);
    size_t input = 0;
    for (size_t j = 0; j < p->n_columns; j++) {
        if (p->kinds[j] == HN_COLUMN_NUMERIC) {
            numbers = hn_list_append(arena, numbers, hn_node_string(arena, p->names[j]));
        }
    }
    if (!numbers || numbers->count) {
        map = hn_map_set(arena, map, hn_graph_input_at(graph, input++)->name, numbers);
    }
    for (size_t j = 0; j < p->n_columns; j++) {
        if (p->kinds[j] != HN_COLUMN_NUMERIC && hn_fitted_column_width(&p->columns[j])) {
            hn_node *list = hn_list_append(arena, hn_node_list(arena), hn_node_string(arena, p->names[j]));
            map = hn_map_set(arena, map, hn_graph_input_at(graph, input++)->name, list);
        }
    }
    return map;
}
