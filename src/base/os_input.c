#include "base/os_input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/memory.h"

enum { DEFAULT_READ_LIMIT = 1 << 30, PIECE_BYTES = 1 << 18, ZLIB_BUFFER_BYTES = 1 << 17 };

struct hn_input {
    const char *name;
    gzFile file;      /* zlib hands files without the gzip magic through as they are */
    size_t size_hint; /* bytes of the file, 0 when unknown */
};

static hone_status open_descriptor(const char *path, int *fd, size_t *size, hone_error *err)
{
    const char *name = path == NULL ? "standard input" : path;
    int opened = path == NULL ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC);
    if (opened < 0)
        return hn_fail_errno(err, errno == ENOENT ? HONE_NOT_FOUND : HONE_IO, "cannot open %s", name);
    struct stat info;
    hone_status status = HONE_OK;
    if (fstat(opened, &info) != 0)
        status = hn_fail_errno(err, HONE_IO, "cannot read %s", name);
    else if (S_ISDIR(info.st_mode))
        status = hn_fail(err, HONE_IO, "%s is a folder; a file is needed", name);
    if (status != HONE_OK) {
        close(opened);
        return status;
    }
    *fd = opened;
    *size = S_ISREG(info.st_mode) ? (size_t)info.st_size : 0;
    return HONE_OK;
}

hone_status hn_input_open(const char *path, hn_input **input, hone_error *err)
{
    int fd = -1;
    hn_input *made = hn_calloc(1, sizeof *made);
    if (made == NULL)
        return hn_out_of_memory(err);
    hone_status status = open_descriptor(path, &fd, &made->size_hint, err);
    made->name = path == NULL ? "standard input" : path;
    made->file = status == HONE_OK ? gzdopen(fd, "rb") : NULL;
    if (status == HONE_OK && made->file == NULL) {
        close(fd);
        status = hn_out_of_memory(err);
    }
    if (status != HONE_OK) {
        hn_free(made);
        return status;
    }
    (void)gzbuffer(made->file, ZLIB_BUFFER_BYTES);
    *input = made;
    return HONE_OK;
}

void hn_input_close(hn_input *input)
{
    if (input == NULL)
        return;
    gzclose_r(input->file);
    hn_free(input);
}

static hone_status read_error(const hn_input *input, hone_error *err)
{
    int code;
    const char *reason = gzerror(input->file, &code);
    if (code == Z_ERRNO)
        return hn_fail_errno(err, HONE_IO, "cannot read %s", input->name);
    if (code == Z_MEM_ERROR)
        return hn_out_of_memory(err);
    return hn_fail(err, HONE_PARSE, "%s is a damaged gzip file: %s", input->name, reason);
}

hone_status hn_input_read(hn_input *input, size_t size, hn_buffer *out, bool *ended, hone_error *err)
{
    int code;
    *ended = false;
    while (size > 0) {
        unsigned piece = size < PIECE_BYTES ? (unsigned)size : PIECE_BYTES;
        char *space = hn_buffer_space(out, piece);
        if (space == NULL)
            return hn_out_of_memory(err);
        int n = gzread(input->file, space, piece);
        gzerror(input->file, &code);
        if (n < 0 || (n == 0 && code != Z_OK))
            return read_error(input, err);
        hn_buffer_filled(out, (size_t)n);
        size -= (size_t)n;
        if (n == 0) {
            *ended = true;
            return HONE_OK;
        }
    }
    return HONE_OK;
}

hone_status hn_file_read(const char *path, size_t limit, hn_buffer *out, hone_error *err)
{
    hn_input *input = NULL;
    bool ended = false;
    size_t before = out->size;
    limit = limit == 0 ? DEFAULT_READ_LIMIT : limit;
    hone_status status = hn_input_open(path, &input, err);
    if (status != HONE_OK)
        return status;
    /* Room for the whole at once: memory is not moved while it is read. */
    if (input->size_hint < limit && hn_buffer_space(out, input->size_hint + PIECE_BYTES) == NULL)
        status = hn_out_of_memory(err);
    while (status == HONE_OK && !ended) {
        size_t left = limit - (out->size - before);
        status = hn_input_read(input, left < PIECE_BYTES ? left + 1 : PIECE_BYTES, out, &ended, err);
        if (status == HONE_OK && out->size - before > limit)
            status = hn_fail(err, HONE_LIMIT, "%s holds more than the %zu bytes allowed", input->name, limit);
    }
    if (status != HONE_OK && out->data != NULL) {
        out->size = before;
        out->data[before] = '\0';
    }
    hn_input_close(input);
    return status;
}
