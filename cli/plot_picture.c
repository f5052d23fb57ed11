/* The options of pictures. */
#include <string.h>

#include "common.h"
#include "plot.h"

static bool read_size(const char *name, const char *option, const char *text, double *value)
{
    if (text && (!hone_read_number(text, value) || !(*value > 0 && *value < 1e6))) {
        print_error("%s: --%s: a number above 0 is wanted, found '%s'", name, option, text);
        return false;
    }
    return true;
}

bool read_picture(const char *name, const picture_arguments *given, hone_picture *picture)
{
    *picture = (hone_picture){.path = given->output};
    if (!given->output && (given->width || given->height || given->scale || given->theme)) {
        print_error("%s: --width, --height, --scale and --theme are of a picture: -o FILE", name);
        return false;
    }
    if (given->theme && strcmp(given->theme, "light") != 0 && strcmp(given->theme, "dark") != 0) {
        print_error("%s: --theme: light or dark, found '%s'", name, given->theme);
        return false;
    }
    picture->dark = given->theme && !strcmp(given->theme, "dark");
    return read_size(name, "width", given->width, &picture->width) &&
           read_size(name, "height", given->height, &picture->height) &&
           read_size(name, "scale", given->scale, &picture->scale);
}
