/* data/read_images.h: a folder of images, or one image, as a dataset. One thread at a time. */
#ifndef HN_DATA_READ_IMAGES_H
#define HN_DATA_READ_IMAGES_H

#include "data/dataset.h"

/* A folder, or a file that begins as a PNG or JPEG one does; false for what cannot be read twice. */
hone_status hn_images_detect(const char *path, bool *images, hone_error *err);

/* The images, found and measured, before they are decoded. What options and path point to is borrowed until
 * closed. Returned: free with hn_images_close. */
typedef struct hn_images hn_images;
hone_status hn_images_open(const char *path, const hn_dataset_options *options, hn_images **images,
                           hone_error *err);
/* The next of them, as many as go into bytes (at least one); bytes 0: all, up to options' max_bytes. *dataset
 * NULL at the end. Returned: free with hn_dataset_destroy. */
hone_status hn_images_next(hn_images *images, size_t bytes, hn_dataset **dataset, hone_error *err);
void hn_images_close(hn_images *images); /* accepts NULL */

/* All at once. */
hone_status hn_dataset_read_images(const char *path, const hn_dataset_options *options, hn_dataset **dataset,
                                   hone_error *err);

#endif
