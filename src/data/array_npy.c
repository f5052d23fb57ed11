/* array_npy.c: NumPy's NPY (format 1 to 3: numpy.lib.format) and NPZ, a zip file of them. */
#include <string.h>

#include "base/inflate.h"
#include "base/memory.h"
#include "data/array.h"

/* Little-endian. */
static uint64_t number_at(const char *bytes, size_t size)
{
    uint64_t number = 0;
    for (size_t i = size; i-- > 0;)
        number = number << 8 | (unsigned char)bytes[i];
    return number;
}

/* --- NPY --- */

/* The value's text after 'key': in the header, a Python dict; NULL when it is not there. */
static const char *value_of(const char *head, const char *key)
{
    const char *at = strstr(head, key);
    at = at ? strchr(at + strlen(key), ':') : NULL;
    return at ? at + 1 + strspn(at + 1, " ") : NULL;
}

static hone_status read_element(const char *source, const char *text, hn_array *array, hone_error *err)
{
    static const char *const names[] = {"u1", "i1", "i2", "i4", "i8", "f4", "f8"}; /* of hn_element */
    size_t i = 0, count = sizeof names / sizeof *names, size = text ? strcspn(text + 1, "'\"") : 0;
    bool quoted = text && (*text == '\'' || *text == '"');
    bool boolean = quoted && size == 3 && !strncmp(text + 1, "|b1", 3);
    while (i < count && !(quoted && size == 3 && !strncmp(text + 2, names[i], 2)))
        i++;
    if (i == count && !boolean)
        return hn_fail(err, HONE_UNSUPPORTED,
                       "%s: its elements are %.*s; u1, i1, i2, i4, i8, f4 and f8 can be read: save it with "
                       "x.astype('float32')",
                       source, (int)(quoted && size < 40 ? size : 0), quoted ? text + 1 : "");
    array->element = boolean ? HN_U8 : (hn_element)i;
    array->big_endian = text[1] == '>';
    return HONE_OK;
}

/* (60000, 28, 28): a scalar has none. */
static hone_status read_shape(const char *source, const char *text, hn_array *array, hone_error *err)
{
    size_t rank = 0;
    bool sound = text && *text == '(';
    for (text += sound; sound && *text && *text != ')';) {
        size_t digits = strspn(text, "0123456789"), value = 0;
        sound = digits > 0 && digits < 19;
        for (size_t i = 0; sound && i < digits; i++)
            value = value * 10 + (size_t)(text[i] - '0');
        if (sound && rank < HN_ARRAY_MAX_RANK)
            array->dim[rank] = value;
        rank += sound;
        text += digits;
        text += strspn(text, ", ");
    }
    if (!sound || *text != ')')
        return hn_fail(err, HONE_PARSE, "%s: the header of a NPY file has no shape", source);
    if (!rank || rank > HN_ARRAY_MAX_RANK)
        return hn_fail(err, HONE_UNSUPPORTED, "%s has %zu dimensions; 1 to %d can be read", source, rank,
                       HN_ARRAY_MAX_RANK);
    array->rank = rank;
    return HONE_OK;
}

static hone_status read_header(const char *source, const char *head, hn_array *array, hone_error *err)
{
    const char *fortran = value_of(head, "fortran_order");
    hone_status status = read_element(source, value_of(head, "descr"), array, err);
    if (!status)
        status = read_shape(source, value_of(head, "shape"), array, err);
    if (!status && !fortran)
        status = hn_fail(err, HONE_PARSE, "%s: the header of a NPY file has no fortran_order", source);
    if (!status && strncmp(fortran, "False", 5) != 0 && array->rank > 1)
        status = hn_fail(err, HONE_UNSUPPORTED,
                         "%s is in Fortran order; save it with numpy.ascontiguousarray(x)", source);
    return status;
}

hone_status hn_npy_parse(const char *source, const hn_buffer *bytes, hn_array *array, hone_error *err)
{
    enum { MAGIC = 6, VERSION = 2, MOST_HEADER = 1 << 16 };
    size_t wide = bytes->size > MAGIC && bytes->data[MAGIC] > 1 ? 4 : 2, begin = MAGIC + VERSION + wide;
    if (bytes->size < begin || memcmp(bytes->data, "\x93NUMPY", MAGIC) != 0)
        return hn_fail(err, HONE_PARSE, "%s is no NPY file", source);
    size_t size = (size_t)number_at(bytes->data + MAGIC + VERSION, wide);
    if (size > MOST_HEADER || size > bytes->size - begin)
        return hn_fail(err, HONE_PARSE, "%s is truncated: it ends within its header", source);
    char *head = hn_strndup(bytes->data + begin, size);
    if (!head)
        return hn_out_of_memory(err);
    *array = (hn_array){.offset = begin + size};
    hone_status status = read_header(source, head, array, err);
    hn_free(head);
    return status ? status : hn_array_check(array, source, bytes->size - array->offset, err);
}

/* --- NPZ --- */

enum { END_SIZE = 22, ENTRY_SIZE = 46, LOCAL_SIZE = 30, MOST_COMMENT = 65535, STORED = 0, DEFLATED = 8 };

/* A member as the directory at the file's end has it. */
typedef struct member {
    const char *name;
    size_t name_size, packed, whole, local;
    unsigned method, flags;
    uint32_t crc;
} member;

static hone_status fail_zip(const char *source, const char *what, hone_error *err)
{
    return hn_fail(err, HONE_PARSE, "%s is a damaged or truncated NPZ file: %s", source, what);
}

/* The directory: *at its place, *count its entries. */
static hone_status find_directory(const char *source, const hn_buffer *bytes, size_t *at, size_t *count,
                                  hone_error *err)
{
    size_t size = bytes->size, end = size < END_SIZE ? 0 : size - END_SIZE;
    size_t last = end > MOST_COMMENT ? end - MOST_COMMENT : 0;
    bool found = false;
    for (; size >= END_SIZE && !found; end--) {
        found = !memcmp(bytes->data + end, "PK\5\6", 4);
        if (found || end == last)
            break;
    }
    if (!found)
        return fail_zip(source, "its directory is missing", err);
    *count = (size_t)number_at(bytes->data + end + 10, 2);
    *at = (size_t)number_at(bytes->data + end + 16, 4);
    return *at <= end ? HONE_OK : fail_zip(source, "its directory lies outside", err);
}

/* The entry at *at, which moves on. */
static hone_status next_member(const char *source, const hn_buffer *bytes, size_t *at, member *m,
                               hone_error *err)
{
    const char *entry = bytes->data + *at;
    if (bytes->size - *at < ENTRY_SIZE || memcmp(entry, "PK\1\2", 4) != 0)
        return fail_zip(source, "its directory ends early", err);
    *m = (member){.name = entry + ENTRY_SIZE,
                  .flags = (unsigned)number_at(entry + 8, 2),
                  .method = (unsigned)number_at(entry + 10, 2),
                  .crc = (uint32_t)number_at(entry + 16, 4),
                  .packed = (size_t)number_at(entry + 20, 4),
                  .whole = (size_t)number_at(entry + 24, 4),
                  .name_size = (size_t)number_at(entry + 28, 2),
                  .local = (size_t)number_at(entry + 42, 4)};
    size_t size =
        ENTRY_SIZE + m->name_size + (size_t)number_at(entry + 30, 2) + (size_t)number_at(entry + 32, 2);
    if (size > bytes->size - *at)
        return fail_zip(source, "its directory ends early", err);
    *at += size;
    return HONE_OK;
}

static bool is_called(const member *m, const char *name)
{
    size_t size = strlen(name);
    return m->name_size >= size && !memcmp(m->name, name, size) &&
           (m->name_size == size || (m->name_size == size + 4 && !memcmp(m->name + size, ".npy", 4)));
}

/* The member of the first of names that there is; HONE_NOT_FOUND lists those there are. */
static hone_status find_member(const char *source, const hn_buffer *bytes, const char *const *names,
                               member *found, hone_error *err)
{
    size_t directory = 0, count = 0, best = SIZE_MAX;
    hn_buffer list = HN_BUFFER_INIT;
    hone_status status = find_directory(source, bytes, &directory, &count, err);
    for (size_t i = 0, at = directory; !status && i < count; i++) {
        member m = {0};
        status = next_member(source, bytes, &at, &m, err);
        for (size_t k = 0; !status && names[k] && k < best; k++)
            if (is_called(&m, names[k])) {
                best = k;
                *found = m;
            }
        if (!status && list.size < 200)
            hn_buffer_printf(&list, "%s%.*s", i ? ", " : "", (int)(m.name_size < 60 ? m.name_size : 60),
                             m.name);
    }
    if (!status && best == SIZE_MAX)
        status = hn_fail(err, HONE_NOT_FOUND, "%s has no array %s; it has %s", source, names[0],
                         hn_buffer_string(&list));
    hn_buffer_release(&list);
    return status;
}

static hone_status unpack(const char *source, const hn_buffer *bytes, const member *m, hn_buffer *out,
                          hone_error *err)
{
    const char *local = bytes->data + m->local;
    if (m->local > bytes->size || bytes->size - m->local < LOCAL_SIZE || memcmp(local, "PK\3\4", 4) != 0)
        return fail_zip(source, "a member is not where its directory says", err);
    size_t begin = LOCAL_SIZE + (size_t)number_at(local + 26, 2) + (size_t)number_at(local + 28, 2);
    size_t room = bytes->size - m->local;
    if (begin > room || m->packed > room - begin)
        return fail_zip(source, "it ends within a member", err);
    if (m->method == STORED && m->packed == m->whole)
        hn_buffer_append(out, local + begin, m->packed);
    else if (m->method != DEFLATED || (m->flags & 1))
        return hn_fail(err, HONE_UNSUPPORTED,
                       "%s: its members must be stored or deflated, as numpy.savez does", source);
    hone_status status =
        m->method == DEFLATED ? hn_inflate(local + begin, m->packed, m->whole, out, err) : HONE_OK;
    if (status)
        return hn_fail_within(err, status, "%s", source);
    if (hn_buffer_failed(out))
        return hn_out_of_memory(err);
    return hn_crc32(out->data, out->size) == m->crc ? HONE_OK
                                                    : fail_zip(source, "a member's checksum is wrong", err);
}

hone_status hn_npz_member(const char *source, const hn_buffer *bytes, const char *const *names, size_t limit,
                          hn_buffer *out, hone_error *err)
{
    member m = {0};
    hone_status status = find_member(source, bytes, names, &m, err);
    if (!status && m.whole > limit)
        status = hn_fail(err, HONE_LIMIT, "%s: array %.*s has %zu bytes; max_bytes allows %zu", source,
                         (int)(m.name_size < 60 ? m.name_size : 60), m.name, m.whole, limit);
    return status ? status : unpack(source, bytes, &m, out, err);
}
