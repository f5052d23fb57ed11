#include "data/write.h"

#include <math.h>

#include "base/buffer.h"
#include "base/os_output.h"

enum { PIECE_BYTES = 1 << 16 };

/* An only cell is quoted when empty: a blank line would be no row. */
static void add_value(hn_buffer *out, double value, const char *const *names, bool alone)
{
    if (isnan(value))
        hn_buffer_text(out, alone ? "\"\"" : "");
    else if (names)
        hn_buffer_csv(out, names[(size_t)value]);
    else
        hn_buffer_double(out, value);
}

/* The columns of the file but the target: features, group, weight. */
static size_t column_count(const hn_dataset *set)
{
    return set->n_columns + (set->group != NULL) + (set->weight != NULL);
}

static const hn_column *column_at(const hn_dataset *set, size_t i)
{
    if (i < set->n_columns)
        return &set->columns[i];
    return i == set->n_columns && set->group ? set->group : set->weight;
}

static void add_header(hn_buffer *out, const hn_dataset *set)
{
    for (size_t j = 0; j < column_count(set); j++) {
        hn_buffer_text(out, j ? "," : "");
        hn_buffer_csv(out, column_at(set, j)->name);
    }
    if (set->target) {
        hn_buffer_char(out, ',');
        hn_buffer_csv(out, set->target_name);
    }
    hn_buffer_char(out, '\n');
}

static void add_row(hn_buffer *out, const hn_dataset *set, size_t row)
{
    size_t n = column_count(set);
    for (size_t j = 0; j < n; j++) {
        const hn_column *column = column_at(set, j);
        hn_buffer_text(out, j ? "," : "");
        add_value(out, column->values[row], column->categories, n == 1 && !set->target);
    }
    if (set->target) {
        hn_buffer_char(out, ',');
        add_value(out, set->target[row], set->classes, false);
    }
    hn_buffer_char(out, '\n');
}

hone_status hn_dataset_write(const hn_dataset *set, const size_t *rows, size_t n, hn_line_writer *write,
                             void *user, hone_error *err)
{
    hn_buffer out = HN_BUFFER_INIT;
    hone_status status = HONE_OK;
    if (set->samples)
        return hn_fail(err, HONE_UNSUPPORTED, "%s holds one array a row, which CSV cannot", set->source);
    n = rows ? n : set->n_rows;
    add_header(&out, set);
    for (size_t i = 0; !status && i < n; i++) {
        add_row(&out, set, rows ? rows[i] : i);
        if (out.size >= PIECE_BYTES || hn_buffer_failed(&out)) {
            status = hn_buffer_failed(&out) ? hn_out_of_memory(err) : write(user, out.data, out.size, err);
            hn_buffer_clear(&out);
        }
    }
    if (!status && out.size)
        status = write(user, out.data, out.size, err);
    hn_buffer_release(&out);
    return status;
}

static hone_status write_to_file(void *user, const char *text, size_t size, hone_error *err)
{
    return hn_output_write(user, text, size, err);
}

hone_status hn_dataset_save(const hn_dataset *set, const size_t *rows, size_t n, const char *path,
                            hone_error *err)
{
    hn_output *output = NULL;
    hone_status status = hn_output_open(path, &output, err);
    if (status)
        return status;
    status = hn_dataset_write(set, rows, n, write_to_file, output, err);
    hone_status closed = hn_output_close(output, !status, err);
    return status ? status : closed;
}
