#include "app/epoch_file.h"

#include <math.h>
#include <string.h>

#include "base/log.h"
#include "base/number.h"
#include "base/os_file.h"
#include "base/os_input.h"
#include "base/os_output.h"

enum { MOST_BYTES = 256 << 20 };

/* Bytes of the header and the lines of steps before `first`. */
static size_t size_before(const char *begin, int64_t first)
{
    const char *line = begin;
    for (const char *end; (end = strchr(line, '\n')); line = end + 1) {
        const char *comma = memchr(line, ',', (size_t)(end - line));
        int64_t number;
        if (line != begin &&
            (!comma || !hn_parse_int(line, (size_t)(comma - line), &number) || number >= first)) {
            break;
        }
    }
    return (size_t)(line - begin);
}

/* What the file begins with: of a fit that goes on the lines that were there. */
static hone_status begin(const char *path, int64_t first, const char *metric, hone_error *err)
{
    hn_buffer before = HN_BUFFER_INIT, head = HN_BUFFER_INIT;
    if (first > 1 && hn_file_exists(path) && !hn_file_read(path, MOST_BYTES, &before, NULL)) {
        const char *text = hn_buffer_string(&before);
        hn_buffer_append(&head, text, size_before(text, first));
    }
    if (!head.size) {
        hn_buffer_printf(&head, "epoch,loss,watched_loss,%s,learning_rate,seconds\n", metric);
    }
    hone_status status = hn_buffer_failed(&head) ? hn_out_of_memory(err)
                                                 : hn_file_write_atomic(path, head.data, head.size, err);
    hn_buffer_release(&before);
    hn_buffer_release(&head);
    return status;
}

static void add_number(hn_buffer *text, double value, char after)
{
    if (!isnan(value)) {
        hn_buffer_double(text, value);
    }
    hn_buffer_char(text, after);
}

static hone_status append(const char *path, const hn_fit_step *step, double score, hone_error *err)
{
    hn_buffer line = HN_BUFFER_INIT;
    hn_buffer_printf(&line, "%lld,", (long long)step->number);
    add_number(&line, step->loss, ',');
    add_number(&line, step->watched, ',');
    add_number(&line, score, ',');
    add_number(&line, step->rate, ',');
    add_number(&line, round(step->seconds * 1e6) / 1e6, '\n');
    hone_status status =
        hn_buffer_failed(&line) ? hn_out_of_memory(err) : hn_file_append(path, line.data, line.size, err);
    hn_buffer_release(&line);
    return status;
}

void hn_epoch_file_add(hn_epoch_file *file, const char *folder, int64_t fold, const hn_fit_step *step,
                       const char *metric, double score)
{
    hone_error err;
    hone_status status = HONE_OK;
    if (!file->begun) {
        file->begun = true;
        hn_buffer_printf(&file->path, fold < 0 ? "%s/epochs.csv" : "%s/epochs-%lld.csv", folder,
                         (long long)fold);
        status = hn_buffer_failed(&file->path)
                     ? hn_out_of_memory(&err)
                     : begin(hn_buffer_string(&file->path), step->number, metric, &err);
    }
    if (!status && file->path.size) {
        status = append(hn_buffer_string(&file->path), step, score, &err);
    }
    if (status) {
        hn_log(HN_LOG_WARNING, "%s; the table of epochs ends here", err.message);
        hn_buffer_clear(&file->path);
    }
}

void hn_epoch_file_release(hn_epoch_file *file)
{
    hn_buffer_release(&file->path);
    *file = (hn_epoch_file){0};
}
