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

static const hn_tensor *find(const hn_tensor *tensors, size_t n, const char *name, size_t dims, bool floats)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(tensors[i].name, name) == 0 && tensors[i].dims == dims &&
            (tensors[i].floats != NULL) == floats)
            return &tensors[i];
    return NULL;
}

const hn_tensor *hn_tensor_find(const hn_tensor *tensors, size_t n, const char *name, size_t dims)
{
    return find(tensors, n, name, dims, false);
}

const hn_tensor *hn_tensor_find_floats(const hn_tensor *tensors, size_t n, const char *name, size_t dims)
{
    return find(tensors, n, name, dims, true);
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

/* Bytes of a number. */
static size_t width_of(const hn_tensor *tensor)
{
    return tensor->floats ? sizeof(float) : sizeof(double);
}

/* --- writing --- */

static hn_node *describe(hn_arena *arena, const hn_tensor *tensor, size_t begin)
{
    hn_node *shape = hn_node_list(arena), *offsets = hn_node_list(arena), *map = hn_node_map(arena);
    for (size_t i = 0; i < tensor->dims; i++)
        shape = hn_list_append(arena, shape, hn_node_integer(arena, (int64_t)tensor->shape[i]));
    size_t end = begin + hn_tensor_size(tensor) * width_of(tensor);
    offsets = hn_list_append(arena, offsets, hn_node_integer(arena, (int64_t)begin));
    offsets = hn_list_append(arena, offsets, hn_node_integer(arena, (int64_t)end));
    map = hn_map_set(arena, map, "dtype", hn_node_string(arena, tensor->floats ? "F32" : "F64"));
    map = hn_map_set(arena, map, "shape", shape);
    return hn_map_set(arena, map, "data_offsets", offsets);
}

static void append_little_endian(hn_buffer *out, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        hn_buffer_char(out, (char)(value >> (8 * i) & 0xFF));
}

/* The arrays go to the file as they lie: beside them there is no second copy. */
static hone_status write_numbers(hn_output *file, const hn_tensor *tensor, hone_error *err)
{
    const void *numbers = tensor->floats ? (const void *)tensor->floats : tensor->values;
    size_t n = hn_tensor_size(tensor), width = width_of(tensor);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return hn_output_write(file, numbers, n * width, err);
#else
    hn_buffer bytes = HN_BUFFER_INIT;
    for (size_t i = 0; i < n; i++) {
        uint64_t wide;
        uint32_t narrow;
        memcpy(&wide, (const char *)numbers + i * width, width == sizeof wide ? width : 0);
        memcpy(&narrow, (const char *)numbers + i * width, sizeof narrow);
        append_little_endian(&bytes, width == sizeof wide ? wide : narrow, width);
    }
    hone_status status =
        hn_buffer_failed(&bytes) ? hn_out_of_memory(err) : hn_output_write(file, bytes.data, bytes.size, err);
    hn_buffer_release(&bytes);
    return status;
#endif
}

/* The length of the header, and the header. */
static hone_status make_header(const hn_node *metadata, const hn_tensor *tensors, size_t n, hn_buffer *out,
                               hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_buffer header = HN_BUFFER_INIT;
    hn_node *root = hn_map_set(&arena, hn_node_map(&arena), "__metadata__", hn_node_copy(&arena, metadata));
    size_t offset = 0;
    for (size_t i = 0; i < n; i++) {
        root = hn_map_set(&arena, root, tensors[i].name, describe(&arena, &tensors[i], offset));
        offset += hn_tensor_size(&tensors[i]) * width_of(&tensors[i]);
    }
    if (root)
        hn_json_write(&header, root, HN_JSON_PYTHON);
    while (!hn_buffer_failed(&header) && header.size % LENGTH_BYTES) /* the arrays begin aligned */
        hn_buffer_char(&header, ' ');
    append_little_endian(out, header.size, LENGTH_BYTES);
    hn_buffer_append(out, hn_buffer_string(&header), header.size);
    bool made = root && !hn_buffer_failed(&header) && !hn_buffer_failed(out);
    hn_buffer_release(&header);
    hn_arena_release(&arena);
    return made ? HONE_OK : hn_out_of_memory(err);
}

hone_status hn_tensor_file_write(const char *path, const hn_node *metadata, const hn_tensor *tensors,
                                 size_t n, hone_error *err)
{
    hn_buffer header = HN_BUFFER_INIT;
    hn_output *file = NULL;
    hone_status status = make_header(metadata, tensors, n, &header, err);
    if (!status)
        status = hn_output_open_plain(path, &file, err);
    if (!status)
        status = hn_output_write(file, header.data, header.size, err);
    for (size_t i = 0; !status && i < n; i++)
        status = write_numbers(file, &tensors[i], err);
    hone_status closed = hn_output_close(file, !status, err);
    hn_buffer_release(&header);
    return status ? status : closed;
}

/* --- reading --- */

typedef struct reader {
    const char *path;
    hn_arena *arena;
    hn_buffer bytes;
    size_t data; /* where the arrays begin */
    hone_error *err;
} reader;

static uint64_t little_endian(const char *bytes, size_t n)
{
    uint64_t value = 0;
    for (size_t i = n; i-- > 0;)
        value = value << 8 | (unsigned char)bytes[i];
    return value;
}

static hone_status read_header(reader *r, hn_node **root)
{
    const char *path = r->path;
    if (r->bytes.size < LENGTH_BYTES)
        return hn_fail(r->err, HONE_PARSE, "%s is not a safetensors file: %zu bytes are too few", path,
                       r->bytes.size);
    uint64_t length = little_endian(r->bytes.data, LENGTH_BYTES);
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

/* What stands in the header about an array. */
typedef struct entry {
    size_t begin, end, width; /* bytes; of a number */
} entry;

/* Reads shape and offsets, which are checked against each other, not against the file. */
static hone_status read_entry(const reader *r, const char *name, const hn_node *node, hn_tensor *tensor,
                              entry *found)
{
    const hn_node *dtype = hn_map_get(node, "dtype"), *shape = hn_map_get(node, "shape");
    const hn_node *offsets = hn_map_get(node, "data_offsets");
    int64_t from, to;
    const char *type = dtype && dtype->kind == HN_STRING ? dtype->as.string : "";
    bool narrow = strcmp(type, "F32") == 0;
    if (!narrow && strcmp(type, "F64") != 0)
        return fail_tensor(r, name, "its dtype is neither F64 nor F32, the only ones a hone model holds");
    if (!shape || shape->kind != HN_LIST || shape->count > HN_TENSOR_MAX_DIMS)
        return fail_tensor(r, name, "its shape is not a list of at most 4 numbers");
    if (!offsets || offsets->kind != HN_LIST || offsets->count != 2 ||
        !hn_node_int(offsets->as.items[0], &from) || !hn_node_int(offsets->as.items[1], &to) || from < 0 ||
        to < from)
        return fail_tensor(r, name, "its data_offsets are not two ascending numbers");
    size_t width = narrow ? sizeof(float) : sizeof(double), most = (size_t)(to - from) / width, size = 1;
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
    if (size * width != (size_t)(to - from))
        return fail_tensor(r, name, "its shape and its data_offsets do not agree");
    *found = (entry){(size_t)from, (size_t)to, width};
    return HONE_OK;
}

static hone_status copy_values(const reader *r, const entry *e, hn_tensor *tensor)
{
    size_t n = (e->end - e->begin) / e->width;
    const char *bytes = r->bytes.data + r->data + e->begin;
    char *numbers = hn_arena_scratch(r->arena, n + 1, e->width);
    if (!numbers)
        return hn_out_of_memory(r->err);
    for (size_t i = 0; i < n; i++) {
        uint64_t bits = little_endian(bytes + i * e->width, e->width);
        uint32_t low = (uint32_t)bits;
        memcpy(numbers + i * e->width, e->width == sizeof low ? (const void *)&low : &bits, e->width);
    }
    if (e->width == sizeof(float))
        tensor->floats = (const float *)(const void *)numbers;
    else
        tensor->values = (const double *)(const void *)numbers;
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
        entry found = {0};
        *tensor = (hn_tensor){.name = name};
        hone_status status = read_entry(r, name, root->as.entries[i].value, tensor, &found);
        if (status)
            return status;
        if (found.begin != expected)
            return fail_tensor(r, name, "it does not begin where the one before it ends");
        if (found.end > available)
            return hn_fail(r->err, HONE_PARSE, "%s is cut short: array \"%.60s\" ends at byte %zu of %zu",
                           r->path, name, found.end, available);
        status = copy_values(r, &found, tensor);
        if (status)
            return status;
        expected = found.end;
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
