/* model/augment.h: images changed at random while a network trains: mirrored, shifted. */
#ifndef HN_MODEL_AUGMENT_H
#define HN_MODEL_AUGMENT_H

#include "base/node.h"
#include "math/random.h"
#include "network/layer.h"

typedef struct hn_augment {
    bool flip;    /* every other one is mirrored, left to right */
    int64_t crop; /* cut from the image with so many pixels of 0 around it, at a random place */
} hn_augment;

/* {flip: true, crop: 4}; node NULL: nothing is changed. */
hone_status hn_augment_read(const hn_node *node, hn_augment *augment, hone_error *err);
/* HONE_INVALID when something is to be changed and the shape is no image's. node: where it is said. */
hone_status hn_augment_check(const hn_augment *augment, const hn_node *node, const hn_shape *shape,
                             hone_error *err);
bool hn_augments(const hn_augment *augment);
/* Changes one image; scratch has room for another. O(values). */
void hn_augment_image(const hn_augment *augment, const hn_shape *shape, hn_random *random, float *image,
                      float *scratch);

#endif
