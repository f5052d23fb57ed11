#include "data/tensor_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/os_file.h"
#include "base/os_input.h"
#include "base/os_output.h"

enum { LENGTH_BYTES = 8 };

size_t hn_tensor_size(const hn_tensor *tensor)
{
    size_t size = 1;
    for (size_t i = 0; i < tensor->dims; i++)
        size *= tensor->shape[i];
    return size;
}

const hn_tensor *hn_tensor_find(const hn_tensor *tensors, size_t n, const char *name, size_t dims)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(tensors[i].name, name) == 0 && tensors[i].dims == dims)
            return &tensors[i];
    return NULL;
}

bool hn_tensor_copy_finite(const hn_tensor *tensor, double *out)
{
    size_t n = hn_tensor_size(tensor);
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(tensor->values[i]))
            return false;
        out[i] = tensor->values[i];
    }
    return true;
}

/* --- writing --- */

static hn_node *describe(hn_arena *arena, const hn_tensor *tensor, size_t begin)
{
    hn_node *shape = hn_node_list(arena), *offsets = hn_node_list(arena), *map = hn_node_map(arena);
    for (size_t i = 0; i < tensor->dims; i++)
        shape = hn_list_append(arena, shape, hn_node_integer(arena, (int64_t)tensor->shape[i]));
    size_t end = begin + hn_tensor_size(tensor) * sizeof(double);
    offsets = hn_list_append(arena, offsets, hn_node_integer(arena, (int64_t)begin));
    offsets = hn_list_append(arena, offsets, hn_node_integer(arena, (int64_t)end));
    map = hn_map_set(arena, map, "dtype", hn_node_string(arena, "F64"));
    map = hn_map_set(arena, map, "shape", shape);
    return hn_map_set(arena, map, "data_offsets", offsets);
}

static void append_little_endian(hn_buffer *out, uint64_t value)
{
    for (int i = 0; i < LENGTH_BYTES; i++)
        hn_buffer_char(out, (char)(value >> (8 * i) & 0xFF));
}

static void append_doubles(hn_buffer *out, const double *values, size_t n)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    hn_buffer_append(out, values, n * sizeof *values);
#else
    for (size_t i = 0; i < n; i++) {
        uint64_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        append_little_endian(out, bits);
    }
#endif
}

hone_status hn_tensor_file_write(const char *path, const hn_node *metadata, const hn_tensor *tensors,
                                 size_t n, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_buffer header = HN_BUFFER_INIT, file = HN_BUFFER_INIT;
    hone_status status = HONE_OUT_OF_MEMORY;
    hn_node *root = hn_map_set(&arena, hn_node_map(&arena), "__metadata__", hn_node_copy(&arena, metadata));
    size_t offset = 0;
    for (size_t i = 0; i < n; i++) {
        root = hn_map_set(&arena, root, tensors[i].name, describe(&arena, &tensors[i], offset));
        offset += hn_tensor_size(&tensors[i]) * sizeof(double);
    }
    if (!root)
        goto done;
    hn_json_write(&header, root, HN_JSON_PYTHON);
    while (!hn_buffer_failed(&header) && header.size % LENGTH_BYTES) /* the arrays begin aligned */
        hn_buffer_char(&header, ' ');
    append_little_endian(&file, header.size);
    hn_buffer_append(&file, hn_buffer_string(&header), header.size);
    for (size_t i = 0; i < n; i++)
        append_doubles(&file, tensors[i].values, hn_tensor_size(&tensors[i]));
    if (hn_buffer_failed(&header) || hn_buffer_failed(&file))
        goto done;
    status = hn_file_write_atomic(path, file.data, file.size, err);
done:
    if (status == HONE_OUT_OF_MEMORY)
        hn_out_of_memory(err);
    hn_buffer_release(&header);
    hn_buffer_release(&file);
    hn_arena_release(&arena);
    return status;
}

/* --- reading --- */

typedef struct reader {
    const char *path;
    hn_arena *arena;
    hn_buffer bytes;
    size_t data; /* where the arrays begin */
    hone_error *err;
} reader;

static uint64_t little_endian(const char *bytes)
{
    uint64_t value = 0;
    for (int i = LENGTH_BYTES; i-- > 0;)
        value = value << 8 | (unsigned char)bytes[i];
    return value;
}

static hone_status read_header(reader *r, hn_node **root)
{
    const char *path = r->path;
    if (r->bytes.size < LENGTH_BYTES)
        return hn_fail(r->err, HONE_PARSE, "%s is not a safetensors file: %zu bytes are too few", path,
                       r->bytes.size);
    uint64_t length = little_endian(r->bytes.data);
    if (length < 2 || length > HN_TENSOR_MAX_HEADER_BYTES || r->bytes.data[LENGTH_BYTES] != '{')
        return hn_fail(
            r->err, HONE_PARSE,
            "%s is not a safetensors file: it begins with neither a header length up to 100 MiB nor '{'",
            path);
    if (length > r->bytes.size - LENGTH_BYTES)
        return hn_fail(r->err, HONE_PARSE, "%s is cut short: a header of %llu bytes, but %zu in all", path,
                       (unsigned long long)length, r->bytes.size);
    r->data = LENGTH_BYTES + (size_t)length;
    /* The tree borrows the source's name only for errors during the parse. */
    return hn_json_parse(r->arena, path, r->bytes.data + LENGTH_BYTES, (size_t)length, root, r->err);
}

static hone_status fail_tensor(const reader *r, const char *name, const char *what)
{
    return hn_fail(r->err, HONE_PARSE, "%s: array \"%.60s\": %s", r->path, name, what);
}

/* Reads shape and offsets; *begin and *end are checked against each other and the shape, not against the
 * file. */
static hone_status read_entry(const reader *r, const char *name, const hn_node *entry, hn_tensor *tensor,
                              size_t *begin, size_t *end)
{
    const hn_node *dtype = hn_map_get(entry, "dtype"), *shape = hn_map_get(entry, "shape");
    const hn_node *offsets = hn_map_get(entry, "data_offsets");
    int64_t from, to;
    if (!dtype || dtype->kind != HN_STRING || strcmp(dtype->as.string, "F64") != 0)
        return fail_tensor(r, name, "its dtype is not F64, the only one a hone model holds");
    if (!shape || shape->kind != HN_LIST || shape->count > HN_TENSOR_MAX_DIMS)
        return fail_tensor(r, name, "its shape is not a list of at most 4 numbers");
    if (!offsets || offsets->kind != HN_LIST || offsets->count != 2 ||
        !hn_node_int(offsets->as.items[0], &from) || !hn_node_int(offsets->as.items[1], &to) || from < 0 ||
        to < from)
        return fail_tensor(r, name, "its data_offsets are not two ascending numbers");
    size_t most = (size_t)(to - from) / sizeof(double), size = 1;
    tensor->dims = shape->count;
    for (size_t i = 0; i < shape->count; i++) {
        int64_t length;
        if (!hn_node_int(shape->as.items[i], &length) || length < 0)
            return fail_tensor(r, name, "its shape holds something other than whole numbers from 0");
        if (length && size > most / (size_t)length)
            return fail_tensor(r, name, "its shape and its data_offsets do not agree");
        tensor->shape[i] = (size_t)length;
        size *= (size_t)length;
    }
    if (size * sizeof(double) != (size_t)(to - from))
        return fail_tensor(r, name, "its shape and its data_offsets do not agree");
    *begin = (size_t)from;
    *end = (size_t)to;
    return HONE_OK;
}

static hone_status copy_values(const reader *r, size_t begin, size_t n, hn_tensor *tensor)
{
    double *values = hn_arena_scratch(r->arena, n, sizeof *values);
    if (!values)
        return hn_out_of_memory(r->err);
    const char *bytes = r->bytes.data + r->data + begin;
    for (size_t i = 0; i < n; i++) {
        uint64_t bits = little_endian(bytes + i * sizeof bits);
        memcpy(&values[i], &bits, sizeof bits);
    }
    tensor->values = values;
    return HONE_OK;
}

/* The arrays must follow each other without gaps, in the header's order, up to the end of the file. */
static hone_status read_tensors(const reader *r, const hn_node *root, hn_tensor *tensors, size_t *count)
{
    size_t available = r->bytes.size - r->data, expected = 0;
    *count = 0;
    for (size_t i = 0; i < root->count; i++) {
        const char *name = root->as.entries[i].key;
        if (strcmp(name, "__metadata__") == 0)
            continue;
        hn_tensor *tensor = &tensors[(*count)++];
        size_t begin = 0, end = 0;
        *tensor = (hn_tensor){.name = name};
        hone_status status = read_entry(r, name, root->as.entries[i].value, tensor, &begin, &end);
        if (status)
            return status;
        if (begin != expected)
            return fail_tensor(r, name, "it does not begin where the one before it ends");
        if (end > available)
            return hn_fail(r->err, HONE_PARSE, "%s is cut short: array \"%.60s\" ends at byte %zu of %zu",
                           r->path, name, end, available);
        status = copy_values(r, begin, (end - begin) / sizeof(double), tensor);
        if (status)
            return status;
        expected = end;
    }
    if (expected != available)
        return hn_fail(r->err, HONE_PARSE, "%s: %zu bytes follow the last array", r->path,
                       available - expected);
    return HONE_OK;
}

hone_status hn_tensor_file_read(const char *path, size_t max_bytes, hn_arena *arena, hn_node **metadata,
                                hn_tensor **tensors, size_t *n, hone_error *err)
{
    reader r = {.path = path, .arena = arena, .err = err};
    hn_node *root = NULL;
    hn_tensor *list = NULL;
    size_t count = 0;
    hone_status status = hn_file_read(path, max_bytes ? max_bytes : (size_t)4 << 30, &r.bytes, err);
    if (!status)
        status = read_header(&r, &root);
    if (status)
        goto done;
    hn_node *texts = hn_map_get(root, "__metadata__");
    if (root->kind != HN_MAP || (texts && texts->kind != HN_MAP)) {
        status = hn_fail(err, HONE_PARSE, "%s: the header is not a map of arrays", path);
        goto done;
    }
    list = HN_ARENA_NEW(arena, hn_tensor, root->count + 1);
    status = list ? read_tensors(&r, root, list, &count) : hn_out_of_memory(err);
    if (status)
        goto done;
    if (!texts && !(texts = hn_node_map(arena))) {
        status = hn_out_of_memory(err);
        goto done;
    }
    *metadata = texts;
    *tensors = list;
    *n = count;
done:
    hn_buffer_release(&r.bytes);
    return status;
}
