/* data/image_folder.h: which images there are in a folder. One thread at a time. */
#ifndef HN_DATA_IMAGE_FOLDER_H
#define HN_DATA_IMAGE_FOLDER_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"

typedef struct hn_image_file {
    const char *path; /* to open */
    const char *name; /* from the folder on; of a single file its path */
    size_t class;     /* the folder it is in; 0 without classes */
    size_t place;     /* among those of the class */
} hn_image_file;

typedef struct hn_image_list {
    hn_image_file *files; /* (n,) */
    size_t n;
    const char **classes; /* (n_classes,), ascending by bytes; NULL without classes */
    size_t n_classes;
    size_t ignored;            /* other files */
    const char *first_ignored; /* one of them; a picture of a kind that is not read, if there is one */
    bool pictures_ignored;     /* it is one: GIF, BMP, WebP, TIFF ... */
} hn_image_list;

/* Files called .png, .jpg or .jpeg, in any case, in the folder and those inside it; links are followed, but
 * not back to a folder that leads there; hidden files and folders are passed over.
 *
 * With classes: each folder in it is a class, in which all folders belong to it. The files of the classes
 * come in turns, in proportion to how many each has: a part of the rows has all of them, as far as it can;
 * within a class they ascend by the bytes of their names. HONE_INVALID for no folders, a class without
 * images, images beside the classes, a name that is not UTF-8. Without: all files, ascending; HONE_INVALID
 * when there is none. path may be a single file: classes are refused then. All into the arena. O(n log n). */
hone_status hn_image_list_make(const char *path, bool classes, hn_arena *arena, hn_image_list *list,
                               hone_error *err);

#endif
