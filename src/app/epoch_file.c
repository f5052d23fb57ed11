#include "app/epoch_file.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/os_file.h"
#include "base/os_input.h"
#include "base/os_output.h"

enum { MOST_BYTES = 64 << 20, SECONDS_BETWEEN_WRITES = 1 };

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

static void open_file(hn_epoch_file *file, const char *folder, int64_t fold, int64_t first,
                      const char *metric)
{
    hn_buffer path = HN_BUFFER_INIT, before = HN_BUFFER_INIT;
    hn_buffer_printf(&path, fold < 0 ? "%s/epochs.csv" : "%s/epochs-%lld.csv", folder, (long long)fold);
    file->path = hn_buffer_take(&path);
    file->written = hn_monotonic_seconds();
    if (file->path && first > 1 && hn_file_exists(file->path) &&
        !hn_file_read(file->path, MOST_BYTES, &before, NULL)) {
        const char *text = hn_buffer_string(&before);
        hn_buffer_append(&file->text, text, size_before(text, first));
    }
    hn_buffer_release(&before);
    if (!file->text.size) {
        hn_buffer_printf(&file->text, "epoch,loss,watched_loss,%s,learning_rate,seconds\n", metric);
    }
}

static void add_number(hn_buffer *text, double value, char after)
{
    if (!isnan(value)) {
        hn_buffer_double(text, value);
    }
    hn_buffer_char(text, after);
}

static void write_file(hn_epoch_file *file)
{
    hone_error err;
    if (!hn_buffer_failed(&file->text) &&
        hn_file_write_atomic(file->path, file->text.data, file->text.size, &err)) {
        hn_log(HN_LOG_WARNING, "%s", err.message);
    }
    file->written = hn_monotonic_seconds();
}

void hn_epoch_file_add(hn_epoch_file *file, const char *folder, int64_t fold, const hn_fit_step *step,
                       const char *metric, double score)
{
    if (!file->path) {
        open_file(file, folder, fold, step->number, metric);
    }
    hn_buffer *text = &file->text;
    if (!file->path || text->size > MOST_BYTES) {
        return;
    }
    hn_buffer_printf(text, "%lld,", (long long)step->number);
    add_number(text, step->loss, ',');
    add_number(text, step->watched, ',');
    add_number(text, score, ',');
    add_number(text, step->rate, ',');
    add_number(text, round(step->seconds * 1e6) / 1e6, '\n');
    if (hn_monotonic_seconds() - file->written > SECONDS_BETWEEN_WRITES) {
        write_file(file);
    }
}

void hn_epoch_file_close(hn_epoch_file *file)
{
    if (file->path) {
        write_file(file);
    }
    hn_free(file->path);
    hn_buffer_release(&file->text);
    *file = (hn_epoch_file){0};
}
