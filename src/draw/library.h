/* draw/library.h: the functions of cairo and Pango that hone calls, from libraries that are opened when the
 * first figure is drawn into a file, so that no other command waits for them. Names, contracts and numbers
 * are those of cairo.h, cairo-svg.h, cairo-pdf.h (1.16) and pango.h (1.50), which no version changes.
 * Thread-safe.
 */
#ifndef HN_DRAW_LIBRARY_H
#define HN_DRAW_LIBRARY_H

#include "base/error.h"

typedef int hn_cairo_write(void *closure, const unsigned char *data, unsigned size);

enum {
    HN_CAIRO_ARGB32 = 0,
    HN_CAIRO_WRITE_ERROR = 11,
    HN_CAIRO_NO_MEMORY = 1,
    HN_CAIRO_ANTIALIAS_DEFAULT = 0,
    HN_CAIRO_ANTIALIAS_NONE = 1,
    HN_CAIRO_FILTER_NEAREST = 3,
    HN_CAIRO_SVG_UNIT_PX = 3,
    HN_CAIRO_CAP_ROUND = 1,
    HN_CAIRO_JOIN_ROUND = 1,
    HN_PANGO_SCALE = 1024,
    HN_PANGO_WEIGHT_NORMAL = 400,
    HN_PANGO_WEIGHT_BOLD = 700,
    HN_PANGO_ELLIPSIZE_END = 3,
    HN_PANGO_WRAP_WORD_CHAR = 2,
};

typedef struct hn_pango_rectangle {
    int x, y, width, height;
} hn_pango_rectangle;

/* Objects are void *: surfaces, contexts, layouts, font descriptions. */
typedef struct hn_cairo {
    void *(*image_surface_create)(int format, int width, int height);
    void *(*image_surface_create_for_data)(unsigned char *data, int format, int width, int height,
                                           int stride);
    void *(*svg_surface_create_for_stream)(hn_cairo_write *write, void *closure, double width, double height);
    void (*svg_surface_set_document_unit)(void *surface, int unit);
    void *(*pdf_surface_create_for_stream)(hn_cairo_write *write, void *closure, double width, double height);
    int (*surface_write_to_png_stream)(void *surface, hn_cairo_write *write, void *closure);
    void (*surface_finish)(void *surface);
    void (*surface_destroy)(void *surface);
    int (*surface_status)(void *surface);
    void *(*create)(void *surface);
    void (*destroy)(void *cr);
    int (*status)(void *cr);
    const char *(*status_to_string)(int status);
    void (*save)(void *cr);
    void (*restore)(void *cr);
    void (*scale)(void *cr, double x, double y);
    void (*translate)(void *cr, double x, double y);
    void (*rotate)(void *cr, double angle);
    void (*set_source_rgba)(void *cr, double red, double green, double blue, double alpha);
    void (*set_source_surface)(void *cr, void *surface, double x, double y);
    void *(*get_source)(void *cr);
    void (*pattern_set_filter)(void *pattern, int filter);
    void (*set_line_width)(void *cr, double width);
    void (*set_line_cap)(void *cr, int cap);
    void (*set_line_join)(void *cr, int join);
    void (*set_dash)(void *cr, const double *dashes, int n, double offset);
    void (*set_antialias)(void *cr, int antialias);
    void (*move_to)(void *cr, double x, double y);
    void (*line_to)(void *cr, double x, double y);
    void (*arc)(void *cr, double x, double y, double radius, double from, double to);
    void (*rectangle)(void *cr, double x, double y, double width, double height);
    void (*close_path)(void *cr);
    void (*new_path)(void *cr);
    void (*new_sub_path)(void *cr);
    void (*stroke)(void *cr);
    void (*fill)(void *cr);
    void (*fill_preserve)(void *cr);
    void (*paint)(void *cr);
    void (*clip)(void *cr);
} hn_cairo;

typedef struct hn_pango {
    void *(*font_description_new)(void);
    void (*font_description_free)(void *font);
    void (*font_description_set_family)(void *font, const char *family);
    void (*font_description_set_absolute_size)(void *font, double size);
    void (*font_description_set_weight)(void *font, int weight);
    void (*layout_set_font_description)(void *layout, const void *font);
    void (*layout_set_text)(void *layout, const char *text, int size);
    void (*layout_set_width)(void *layout, int width);
    void (*layout_set_height)(void *layout, int height);
    void (*layout_set_wrap)(void *layout, int wrap);
    void (*layout_set_ellipsize)(void *layout, int where);
    void (*layout_get_extents)(void *layout, hn_pango_rectangle *ink, hn_pango_rectangle *logical);
} hn_pango;

typedef struct hn_pango_cairo {
    void *(*create_layout)(void *cr);
    void (*update_layout)(void *cr, void *layout);
    void (*show_layout)(void *cr, void *layout);
} hn_pango_cairo;

typedef struct hn_glib {
    void (*object_unref)(void *object);
} hn_glib;

typedef struct hn_drawing_library {
    hn_cairo cairo;
    hn_pango pango;
    hn_pango_cairo pango_cairo;
    hn_glib glib;
} hn_drawing_library;

/* HONE_UNSUPPORTED names the packages to install. Static. */
hone_status hn_drawing_library_load(const hn_drawing_library **library, hone_error *err);

#endif
