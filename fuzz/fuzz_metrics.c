/* Any output of a program, fed whole and in pieces: the same metrics are seen. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text_map.h"
#include "run/metrics.h"

static void add(void *user, int64_t step, const char *name, double value)
{
    uint64_t *digest = user;
    *digest = hn_hash_bytes(name, strlen(name), *digest) ^ (uint64_t)step;
    *digest = hn_hash_bytes(&value, sizeof value, *digest);
}

static uint64_t read_in_pieces(const uint8_t *data, size_t size, size_t piece)
{
    static const char *const patterns[] = {"acc=acc +([0-9.]+)", "step=^([0-9]+)"};
    uint64_t digest = 0;
    hn_metric_reader *reader;
    if (hn_metric_reader_create(patterns, 2, add, &digest, &reader, NULL))
        abort();
    for (size_t at = 0; at < size; at += piece)
        hn_metric_reader_feed(reader, (const char *)data + at, size - at < piece ? size - at : piece);
    hn_metric_reader_finish(reader);
    hn_metric_reader_destroy(reader);
    return digest;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (read_in_pieces(data, size, size + 1) != read_in_pieces(data, size, 3))
        abort();
    return 0;
}
