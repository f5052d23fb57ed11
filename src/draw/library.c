#include "draw/library.h"

#include <pthread.h>
#include <stddef.h>

#include "base/os_library.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const hn_library_symbol cairo_symbols[] = {
    {"cairo_image_surface_create", offsetof(hn_cairo, image_surface_create)},
    {"cairo_image_surface_create_for_data", offsetof(hn_cairo, image_surface_create_for_data)},
    {"cairo_svg_surface_create_for_stream", offsetof(hn_cairo, svg_surface_create_for_stream)},
    {"cairo_svg_surface_set_document_unit", offsetof(hn_cairo, svg_surface_set_document_unit)},
    {"cairo_pdf_surface_create_for_stream", offsetof(hn_cairo, pdf_surface_create_for_stream)},
    {"cairo_surface_write_to_png_stream", offsetof(hn_cairo, surface_write_to_png_stream)},
    {"cairo_surface_finish", offsetof(hn_cairo, surface_finish)},
    {"cairo_surface_destroy", offsetof(hn_cairo, surface_destroy)},
    {"cairo_surface_status", offsetof(hn_cairo, surface_status)},
    {"cairo_create", offsetof(hn_cairo, create)},
    {"cairo_destroy", offsetof(hn_cairo, destroy)},
    {"cairo_status", offsetof(hn_cairo, status)},
    {"cairo_status_to_string", offsetof(hn_cairo, status_to_string)},
    {"cairo_save", offsetof(hn_cairo, save)},
    {"cairo_restore", offsetof(hn_cairo, restore)},
    {"cairo_scale", offsetof(hn_cairo, scale)},
    {"cairo_translate", offsetof(hn_cairo, translate)},
    {"cairo_rotate", offsetof(hn_cairo, rotate)},
    {"cairo_set_source_rgba", offsetof(hn_cairo, set_source_rgba)},
    {"cairo_set_source_surface", offsetof(hn_cairo, set_source_surface)},
    {"cairo_get_source", offsetof(hn_cairo, get_source)},
    {"cairo_pattern_set_filter", offsetof(hn_cairo, pattern_set_filter)},
    {"cairo_set_line_width", offsetof(hn_cairo, set_line_width)},
    {"cairo_set_line_cap", offsetof(hn_cairo, set_line_cap)},
    {"cairo_set_line_join", offsetof(hn_cairo, set_line_join)},
    {"cairo_set_dash", offsetof(hn_cairo, set_dash)},
    {"cairo_set_antialias", offsetof(hn_cairo, set_antialias)},
    {"cairo_move_to", offsetof(hn_cairo, move_to)},
    {"cairo_line_to", offsetof(hn_cairo, line_to)},
    {"cairo_arc", offsetof(hn_cairo, arc)},
    {"cairo_rectangle", offsetof(hn_cairo, rectangle)},
    {"cairo_close_path", offsetof(hn_cairo, close_path)},
    {"cairo_new_path", offsetof(hn_cairo, new_path)},
    {"cairo_new_sub_path", offsetof(hn_cairo, new_sub_path)},
    {"cairo_stroke", offsetof(hn_cairo, stroke)},
    {"cairo_fill", offsetof(hn_cairo, fill)},
    {"cairo_fill_preserve", offsetof(hn_cairo, fill_preserve)},
    {"cairo_paint", offsetof(hn_cairo, paint)},
    {"cairo_clip", offsetof(hn_cairo, clip)},
};

static const hn_library_symbol pango_symbols[] = {
    {"pango_font_description_new", offsetof(hn_pango, font_description_new)},
    {"pango_font_description_free", offsetof(hn_pango, font_description_free)},
    {"pango_font_description_set_family", offsetof(hn_pango, font_description_set_family)},
    {"pango_font_description_set_absolute_size", offsetof(hn_pango, font_description_set_absolute_size)},
    {"pango_font_description_set_weight", offsetof(hn_pango, font_description_set_weight)},
    {"pango_layout_set_font_description", offsetof(hn_pango, layout_set_font_description)},
    {"pango_layout_set_text", offsetof(hn_pango, layout_set_text)},
    {"pango_layout_set_width", offsetof(hn_pango, layout_set_width)},
    {"pango_layout_set_height", offsetof(hn_pango, layout_set_height)},
    {"pango_layout_set_wrap", offsetof(hn_pango, layout_set_wrap)},
    {"pango_layout_set_ellipsize", offsetof(hn_pango, layout_set_ellipsize)},
    {"pango_layout_get_extents", offsetof(hn_pango, layout_get_extents)},
};

static const hn_library_symbol pango_cairo_symbols[] = {
    {"pango_cairo_create_layout", offsetof(hn_pango_cairo, create_layout)},
    {"pango_cairo_update_layout", offsetof(hn_pango_cairo, update_layout)},
    {"pango_cairo_show_layout", offsetof(hn_pango_cairo, show_layout)},
};

static const hn_library_symbol glib_symbols[] = {
    {"g_object_unref", offsetof(hn_glib, object_unref)},
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static hn_drawing_library loaded;
static hone_status found;
static hone_error why;

static void load(void)
{
    static const char *const cairo[] = {"libcairo.so.2", NULL}, *const pango[] = {"libpango-1.0.so.0", NULL},
                             *const pango_cairo[] = {"libpangocairo-1.0.so.0", NULL},
                             *const glib[] = {"libgobject-2.0.so.0", NULL};
    found = hn_library_open("HONE_CAIRO", cairo, cairo_symbols, COUNT(cairo_symbols), &loaded.cairo, &why);
    if (!found) {
        found =
            hn_library_open("HONE_PANGO", pango, pango_symbols, COUNT(pango_symbols), &loaded.pango, &why);
    }
    if (!found) {
        found = hn_library_open("HONE_PANGOCAIRO", pango_cairo, pango_cairo_symbols,
                                COUNT(pango_cairo_symbols), &loaded.pango_cairo, &why);
    }
    if (!found) {
        found = hn_library_open("HONE_GOBJECT", glib, glib_symbols, COUNT(glib_symbols), &loaded.glib, &why);
    }
}

hone_status hn_drawing_library_load(const hn_drawing_library **library, hone_error *err)
{
    pthread_once(&once, load);
    if (found) {
        return hn_fail(err, HONE_UNSUPPORTED,
                       "figures in files need cairo and Pango: install the packages libcairo2 and "
                       "libpangocairo-1.0-0 (%s)",
                       why.message);
    }
    *library = &loaded;
    return HONE_OK;
}
