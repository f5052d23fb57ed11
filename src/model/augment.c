#include "model/augment.h"

#include <string.h>

#include "base/buffer.h"

hone_status hn_augment_read(const hn_node *node, hn_augment *augment, hone_error *err)
{
    static const char *const keys[] = {"flip", "crop"};
    enum { MOST_CROP = 1024 };
    *augment = (hn_augment){0};
    if (!node) {
        return HONE_OK;
    }
    const hn_node *flip = hn_map_get(node, "flip"), *crop = hn_map_get(node, "crop");
    if (node->kind != HN_MAP) {
        return hn_fail_at(err, HONE_INVALID, node->at,
                          "augment: it must be a map, such as {flip: true, crop: 4}");
    }
    hone_status status = hn_map_check_keys(node, "augment", keys, sizeof keys / sizeof *keys, err);
    if (!status && flip && flip->kind != HN_BOOL) {
        status = hn_fail_at(err, HONE_INVALID, flip->at, "augment: flip is true or false");
    }
    if (!status && crop &&
        (!hn_node_int(crop, &augment->crop) || augment->crop < 0 || augment->crop > MOST_CROP)) {
        status = hn_fail_at(err, HONE_INVALID, crop->at, "augment: crop is a number of pixels, 0 to %d",
                            MOST_CROP);
    }
    augment->flip = flip && flip->kind == HN_BOOL && flip->as.boolean;
    return status;
}

bool hn_augments(const hn_augment *augment)
{
    return augment->flip || augment->crop > 0;
}

hone_status hn_augment_check(const hn_augment *augment, const hn_node *node, const hn_shape *shape,
                             hone_error *err)
{
    if (!hn_augments(augment) || shape->rank == 3) {
        return HONE_OK;
    }
    hone_error inner;
    hn_layer_wants(shape, "images: channels x height x width", &inner);
    return hn_fail_at(err, HONE_INVALID, node->at, "augment: %s", inner.message);
}

static void mirror(const hn_shape *shape, float *image)
{
    size_t width = shape->dim[2], lines = shape->dim[0] * shape->dim[1];
    for (size_t line = 0; line < lines; line++, image += width) {
        for (size_t i = 0; i < width / 2; i++) {
            float other = image[width - 1 - i];
            image[width - 1 - i] = image[i];
            image[i] = other;
        }
    }
}

/* image(y, x) becomes what was at (y + down, x + right); 0 outside. */
static void shift(const hn_shape *shape, int64_t down, int64_t right, float *image, const float *was)
{
    int64_t height = (int64_t)shape->dim[1], width = (int64_t)shape->dim[2];
    for (size_t c = 0; c < shape->dim[0]; c++, was += height * width) {
        for (int64_t y = 0; y < height; y++) {
            for (int64_t x = 0; x < width; x++) {
                int64_t from_y = y + down, from_x = x + right;
                bool inside = from_y >= 0 && from_y < height && from_x >= 0 && from_x < width;
                *image++ = inside ? was[from_y * width + from_x] : 0;
            }
        }
    }
}

void hn_augment_image(const hn_augment *augment, const hn_shape *shape, hn_random *random, float *image,
                      float *scratch)
{
    uint64_t places = (uint64_t)(2 * augment->crop + 1);
    if (augment->flip && hn_random_below(random, 2)) {
        mirror(shape, image);
    }
    if (augment->crop) {
        int64_t down = (int64_t)hn_random_below(random, places) - augment->crop;
        int64_t right = (int64_t)hn_random_below(random, places) - augment->crop;
        memcpy(scratch, image, hn_shape_size(shape) * sizeof *image);
        shift(shape, down, right, image, scratch);
    }
}
