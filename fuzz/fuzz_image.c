/* fuzz_image.c: any bytes are an image, in memory and as a file, or refused; what is read is the same again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/image.h"
#include "data/read_images.h"
#include "memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SIDE = 4, MOST_PIXELS = 1 << 16 };

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* False for images that only take long. */
static bool decode(const hn_buffer *bytes)
{
    hn_image_head head;
    if (hn_image_head_read("fuzz", bytes, &head, NULL))
        return true;
    require(head.format && head.width && head.height && head.turn >= 1 && head.turn <= 8);
    if (head.width > MOST_PIXELS / head.height)
        return false;
    size_t values = head.width * head.height * (head.grey ? 1 : 3);
    uint8_t *pixels = hn_malloc(values), *again = hn_malloc(values);
    require(pixels && again);
    if (!hn_image_decode("fuzz", bytes, &head, pixels, NULL)) {
        require(!hn_image_decode("fuzz", bytes, &head, again, NULL));
        require(!memcmp(pixels, again, values));
    }
    hn_free(pixels);
    hn_free(again);
    return true;
}

static void read_file(const uint8_t *data, size_t size)
{
    const size_t shape[] = {1, SIDE, SIDE};
    const hn_schema schema = {.rank = 3, .shape = shape};
    const hn_dataset_options options = {.no_target = true, .schema = &schema};
    char path[MEMORY_PATH_SIZE];
    int fd = memory_file(data, size, path);
    hn_dataset *set = NULL;
    bool images = false;
    if (!hn_images_detect(path, &images, NULL) && images &&
        !hn_dataset_read_images(path, &options, &set, NULL))
        require(set->n_rows == 1 && set->samples->size == (size_t)SIDE * SIDE);
    hn_dataset_destroy(set);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hn_buffer bytes = HN_BUFFER_INIT;
    hn_buffer_append(&bytes, data, size);
    require(!hn_buffer_failed(&bytes));
    if (decode(&bytes))
        read_file(data, size);
    hn_buffer_release(&bytes);
    return 0;
}
