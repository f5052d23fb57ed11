#include "app/bench_partial.h"

#include <string.h>

#include "base/log.h"
#include "base/os_file.h"
#include "base/os_output.h"

static hone_status read_found(const hn_bench_trace *header, hn_bench_partial *partial, hone_error *err)
{
    hn_bench_trace *found = &partial->found;
    hone_status status = hn_bench_trace_read(partial->path, found, err);
    if (status)
        return status;
    if (strcmp(found->sampler, header->sampler) || strcmp(found->version, header->version) ||
        strcmp(found->command, header->command))
        return hn_fail(
            err, HONE_EXISTS,
            "%s is the beginning of another trace, of version %s: %s; repeat that command to finish "
            "it, or remove the file",
            partial->path, found->version, found->command);
    hn_log(HN_LOG_WARNING, "%s: goes on after %zu searches", partial->path, found->n_rows);
    return HONE_OK;
}

/* Anew, so that nothing is appended to half a row. */
static hone_status write_found(const hn_bench_trace *header, const hn_bench_partial *partial, hone_error *err)
{
    hn_buffer out = HN_BUFFER_INIT;
    hn_bench_trace_print_header(&out, header);
    for (size_t r = 0; r < partial->found.n_rows; r++)
        hn_bench_trace_print_row(&out, &partial->found.rows[r]);
    hone_status status = hn_buffer_failed(&out)
                             ? hn_out_of_memory(err)
                             : hn_file_write_atomic(partial->path, out.data, out.size, err);
    hn_buffer_release(&out);
    return status;
}

hone_status hn_bench_partial_open(const char *target, const hn_bench_trace *header, hn_bench_partial *partial,
                                  hone_error *err)
{
    *partial = (hn_bench_partial){0};
    if (hn_file_exists(target) && !hn_is_regular_file(target)) /* a device, a pipe */
        return HONE_OK;
    partial->path = hn_arena_printf(&partial->arena, "%s.partial", target);
    if (!partial->path)
        return hn_out_of_memory(err);
    hone_status status = hn_file_exists(partial->path) ? read_found(header, partial, err) : HONE_OK;
    return status ? status : write_found(header, partial, err);
}

hone_status hn_bench_partial_add(const hn_bench_partial *partial, const hn_bench_row *row, hone_error *err)
{
    hn_buffer line = HN_BUFFER_INIT;
    if (!partial->path)
        return HONE_OK;
    hn_bench_trace_print_row(&line, row);
    hone_status status = hn_buffer_failed(&line)
                             ? hn_out_of_memory(err)
                             : hn_file_append(partial->path, line.data, line.size, err); /* one write */
    hn_buffer_release(&line);
    return status;
}

void hn_bench_partial_close(hn_bench_partial *partial, bool finished)
{
    if (finished && partial->path)
        hn_remove_tree(partial->path, NULL);
    hn_bench_trace_release(&partial->found);
    hn_arena_release(&partial->arena);
    *partial = (hn_bench_partial){0};
}
