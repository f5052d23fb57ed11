/* fuzz_number.c: numbers, durations, sizes and dates; a number that was read is written so that it reads the
 * same. */
#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/number.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    char out[HN_NUMBER_SIZE];
    double value, again;
    int64_t integer;
    uint64_t bytes;
    if (hn_parse_double(text, size, true, &value)) {
        size_t length = hn_format_double(out, value);
        if (!hn_parse_double(out, length, true, &again) || (again != value && !isnan(value)))
            abort();
        hn_format_short(out, value, 4);
    }
    if (hn_parse_duration(text, size, &value) && !(value >= 0 && isfinite(value)))
        abort();
    if (hn_parse_datetime(text, size, &integer)) {
        char date[HN_DATETIME_SIZE];
        int64_t same;
        hn_format_datetime(date, integer);
        if (!hn_parse_datetime(date, HN_DATETIME_SIZE - 1, &same) || same != integer)
            abort();
    }
    (void)hn_parse_int(text, size, &integer);
    (void)hn_parse_bytes(text, size, &bytes);
    return 0;
}
