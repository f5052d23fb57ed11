/* app/picture.h: a page of figures where it is wanted. One thread at a time. */
#ifndef HN_APP_PICTURE_H
#define HN_APP_PICTURE_H

#include "view/figure.h"

/* Into the picture's file, or on the sink when there is none. */
hone_status hn_picture_show(const hn_page *page, const hone_picture *picture, const hone_sink *sink,
                            hone_error *err);
/* HONE_INVALID for a name that says no format, before anything else is done; NULL is fine. */
hone_status hn_picture_check(const hone_picture *picture, hone_error *err);

#endif
