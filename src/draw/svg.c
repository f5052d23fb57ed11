#include "draw/svg.h"

#include <string.h>

/* The length of what stands before an id at text, 0: nothing does. cairo's ids are "glyph0-1", "clip1",
 * "surface5". */
static size_t before_id(const char *text)
{
    static const char *const before[] = {"id=\"", "xlink:href=\"#", "url(#"};
    for (size_t k = 0; k < sizeof before / sizeof *before; k++) {
        size_t size = strlen(before[k]);
        if (!strncmp(text, before[k], size)) {
            return size;
        }
    }
    return 0;
}

void hn_svg_own(const hn_buffer *text, const char *prefix, hn_buffer *out)
{
    const char *at = hn_buffer_string(text), *from = at;
    while (*(at += strcspn(at, "ixu"))) {
        size_t size = before_id(at);
        at += size ? size : 1;
        if (size) {
            hn_buffer_append(out, from, (size_t)(at - from));
            hn_buffer_printf(out, "%s-", prefix);
            from = at;
        }
    }
    hn_buffer_append(out, from, (size_t)(at - from));
}
