/* images.c: how long a folder of images takes to be read as a data set: what peer_images.py measures of
 * Pillow, on the same files. Prints seconds of the clock and of the processor, and the sum of all bytes.
 *
 *     bench_images FOLDER [SIDE]      resized to SIDE x SIDE pixels
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/number.h"
#include "data/dataset.h"

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
    hn_dataset_options options = {0};
    hn_dataset *set = NULL;
    hone_error error;
    int64_t side = 0;
    if (argc < 2 || (argc > 2 && !hn_parse_int(argv[2], strlen(argv[2]), &side))) {
        fprintf(stderr, "usage: bench_images FOLDER [SIDE]\n");
        return 2;
    }
    options.image_height = options.image_width = (size_t)side;
    double begun = seconds(CLOCK_MONOTONIC), worked = seconds(CLOCK_PROCESS_CPUTIME_ID);
    if (hn_dataset_read(argv[1], &options, &set, &error) != HONE_OK) {
        fprintf(stderr, "bench_images: %s\n", error.message);
        return 1;
    }
    begun = seconds(CLOCK_MONOTONIC) - begun;
    worked = seconds(CLOCK_PROCESS_CPUTIME_ID) - worked;
    const unsigned char *values = set->samples->values;
    unsigned long long sum = 0;
    for (size_t i = 0; i < set->n_rows * set->samples->size; i++)
        sum += values[i];
    printf("{\"images\": %zu, \"seconds\": %.4f, \"processor_seconds\": %.4f, \"sum\": %llu}\n", set->n_rows,
           begun, worked, sum);
    hn_dataset_destroy(set);
    return 0;
}
