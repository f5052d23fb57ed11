/* A figure is drawn twice, light and dark. Where the two texts differ in colours alone, one is written whose
 * colours are variables; otherwise both, of which the style sheet shows one. */
#include "app/report_svg.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "view/html.h"

enum { PAIR_SIZE = 16 };

/* --- reading, a few bytes at a time: the texts are long --- */

static size_t length_of(const char *text, const char *beginning)
{
    size_t n = 0;
    while (beginning[n] && text[n] == beginning[n]) {
        n++;
    }
    return beginning[n] ? 0 : n;
}

static size_t count_digits(const char *text)
{
    size_t n = 0;
    while (text[n] >= '0' && text[n] <= '9') {
        n++;
    }
    return n;
}

/* Up to one of three, or the end. */
static size_t count_until(const char *text, char a, char b, char c)
{
    size_t n = 0;
    while (text[n] && text[n] != a && text[n] != b && text[n] != c) {
        n++;
    }
    return n;
}

/* --- colours --- */

/* "rgb(12.5%,0%,100%)" at text, as "#2000ff"; the length it took, 0: there is none. */
static size_t read_color(const char *text, char hex[8])
{
    static const char digits[] = "0123456789abcdef";
    size_t begin = length_of(text, "rgb(");
    const char *at = text + begin;
    if (!begin) {
        return 0;
    }
    hex[0] = '#';
    for (size_t k = 0; k < 3; k++) {
        double share;
        while (*at == ',' || *at == ' ') {
            at++;
        }
        size_t size = count_until(at, '%', ',', ')');
        if (at[size] != '%' || !hn_parse_double(at, size, false, &share)) {
            return 0;
        }
        unsigned level = (unsigned)lround(fmin(fmax(share, 0), 100) * 255 / 100);
        hex[1 + 2 * k] = digits[level >> 4];
        hex[2 + 2 * k] = digits[level & 15];
        at += size + 1;
    }
    hex[7] = '\0';
    return *at == ')' ? (size_t)(at + 1 - text) : 0;
}

static void write_color(hn_buffer *out, const char *light, const char *dark, hn_svg_colors *colors)
{
    char pair[PAIR_SIZE];
    memcpy(pair, light, 7);
    memcpy(pair + 7, dark, 8);
    size_t at = hn_text_map_intern(&colors->pairs, pair);
    if (at == HN_TEXT_MAP_NONE) {
        out->failed = true;
    } else {
        hn_buffer_printf(out, "var(--c%zu)", at);
    }
}

void hn_svg_colors_write(hn_buffer *out, const hn_svg_colors *colors)
{
    static const char *const begins[] = {":root {",
                                         "@media screen and (prefers-color-scheme: dark) { :root {"};
    for (size_t dark = 0; dark < 2; dark++) {
        hn_buffer_text(out, begins[dark]);
        for (size_t i = 0; i < colors->pairs.count; i++) {
            hn_buffer_printf(out, "--c%zu:%.7s;", i, colors->pairs.keys[i] + 7 * dark);
        }
        hn_buffer_text(out, dark ? "} }\n" : "}\n");
    }
    for (size_t i = 0; i < colors->styles.count; i++) {
        hn_buffer_printf(out, ".k%zu{%s}\n", i, colors->styles.keys[i]);
    }
}

void hn_svg_colors_release(hn_svg_colors *colors)
{
    hn_text_map_release(&colors->pairs);
    hn_text_map_release(&colors->styles);
}

/* --- numbers --- */

/* cairo writes six decimals of a unit of which there are 96 an inch: two are enough, but for factors. The
 * length of the number at text, 0: there is none to be cut. */
static size_t cut_number(hn_buffer *out, const char *text)
{
    enum { DECIMALS = 2 };
    size_t whole = count_digits(text);
    size_t decimals = whole && text[whole] == '.' ? count_digits(text + whole + 1) : 0;
    double value;
    char number[HN_NUMBER_SIZE];
    if (decimals <= DECIMALS || !hn_parse_double(text, whole + 1 + decimals, false, &value)) {
        return 0;
    }
    double hundredths = round(value * 100);
    hn_format_double(number, hundredths / 100);
    hn_buffer_text(out, number);
    return whole + 1 + decimals;
}

/* --- two texts beside each other --- */

/* "surface12": cairo counts the surfaces of a process. */
static size_t surface_size(const char *text)
{
    size_t size = length_of(text, "surface");
    return size ? size + count_digits(text + size) : 0;
}

/* What may differ and does not make another picture: a colour, which goes to a and b, the number of a
 * surface. The lengths in both, 0: there is nothing of that. */
static bool read_difference(const char *light, const char *dark, size_t *of_light, size_t *of_dark, char a[8],
                            char b[8])
{
    a[0] = b[0] = '\0';
    *of_light = surface_size(light);
    *of_dark = surface_size(dark);
    if (!*of_light || !*of_dark) {
        *of_light = read_color(light, a);
        *of_dark = *of_light ? read_color(dark, b) : 0;
    }
    return *of_light && *of_dark;
}

static bool is_alike(const char *light, const char *dark)
{
    char a[8], b[8];
    size_t of_light, of_dark;
    while (*light && *dark) {
        if (read_difference(light, dark, &of_light, &of_dark, a, b)) {
            light += of_light;
            dark += of_dark;
        } else if (*light++ != *dark++) {
            return false;
        }
    }
    return *light == *dark;
}

/* One character or more of both texts. */
static void copy_some(hn_buffer *out, const char **light, const char **dark, hn_svg_colors *colors)
{
    char a[8], b[8];
    size_t size, other;
    if (read_difference(*light, *dark, &size, &other, a, b)) {
        if (a[0]) {
            write_color(out, a, b, colors);
        } else {
            hn_buffer_append(out, *light, size);
        }
    } else if (length_of(*light, "matrix(")) {
        other = size = count_until(*light, ')', ')', ')');
        hn_buffer_append(out, *light, size);
    } else {
        other = size = cut_number(out, *light);
        if (!size) {
            hn_buffer_char(out, **light);
            other = size = 1;
        }
    }
    *light += size;
    *dark += other;
}

static const char style_begin[] = " style=\"";

/* Thousands of shapes have the same few styles: each becomes a class. */
static void copy_style(hn_buffer *out, const char **light, const char **dark, hn_svg_colors *colors)
{
    hn_buffer style = HN_BUFFER_INIT;
    *light += strlen(style_begin);
    *dark += strlen(style_begin);
    while (**light && **light != '"') {
        copy_some(&style, light, dark, colors);
    }
    if (**light) {
        (*light)++;
        (*dark)++;
    }
    size_t at = hn_text_map_intern(&colors->styles, hn_buffer_string(&style));
    if (hn_buffer_failed(&style) || at == HN_TEXT_MAP_NONE) {
        out->failed = true;
    } else {
        hn_buffer_printf(out, " class=\"k%zu\"", at);
    }
    hn_buffer_release(&style);
}

/* --- pictures --- */

/* What stands between <svg ...> and its end; the size is that of the view box. */
static const char *content_of(const hn_buffer *svg)
{
    const char *begin = strstr(hn_buffer_string(svg), "<svg");
    const char *end = begin ? strchr(begin, '>') : NULL;
    return end ? end + 1 : "</svg>";
}

bool hn_svg_join(hn_buffer *out, const char *light, const char *dark, hn_svg_colors *colors)
{
    if (!is_alike(light, dark)) {
        return false;
    }
    while (*light && *dark) {
        if (length_of(light, style_begin)) {
            copy_style(out, &light, &dark, colors);
        } else {
            copy_some(out, &light, &dark, colors);
        }
    }
    return true;
}

static void begin_picture(hn_buffer *out, double width, double height, const char *class_name,
                          const char *label)
{
    hn_buffer_printf(out, "<svg viewBox=\"0 0 %d %d\"%s role=\"img\" aria-label=\"", (int)width, (int)height,
                     class_name);
    hn_html_text(out, label);
    hn_buffer_text(out, "\">");
}

static hone_status draw(const hn_page *page, double width, double height, bool dark, const char *id,
                        hn_buffer *svg, hone_error *err)
{
    const hn_draw_options options = {.width = width, .height = height, .dark = dark};
    hn_buffer_clear(svg);
    return hn_draw_page(page, HN_DRAW_SVG, &options, id, svg, err);
}

hone_status hn_report_svg(hn_buffer *out, const hn_figure *figure, double width, double height,
                          const char *id, const char *label, hn_svg_colors *colors, hone_error *err)
{
    hn_buffer light = HN_BUFFER_INIT, dark = HN_BUFFER_INIT, other_id = HN_BUFFER_INIT;
    hn_page page = {.n_figures = 1, .figures = figure};
    hn_buffer_printf(&other_id, "%s-dark", id);
    hone_status status = draw(&page, width, height, false, id, &light, err);
    status = status ? status : draw(&page, width, height, true, id, &dark, err);
    if (!status && is_alike(content_of(&light), content_of(&dark))) {
        begin_picture(out, width, height, "", label);
        hn_svg_join(out, content_of(&light), content_of(&dark), colors);
    } else if (!status) {
        begin_picture(out, width, height, " class=\"light\"", label);
        hn_svg_join(out, content_of(&light), content_of(&light), colors);
        status = draw(&page, width, height, true, hn_buffer_string(&other_id), &dark, err);
        begin_picture(out, width, height, " class=\"dark\"", label);
        hn_svg_join(out, content_of(&dark), content_of(&dark), colors);
    }
    hn_buffer_release(&light);
    hn_buffer_release(&dark);
    hn_buffer_release(&other_id);
    return status;
}
