/* cli/plot.h: the kinds of `hone plot`: argv[0] is the kind. Those of models each in its file, those of
 * studies in one. */
#ifndef CLI_PLOT_H
#define CLI_PLOT_H

#include <hone/app.h>

int plot_learning_curve(int argc, char **argv);
int plot_validation_curve(int argc, char **argv);
int plot_partial_dependence(int argc, char **argv);
int plot_confusion(int argc, char **argv);
/* What a picture is to be like, as given on the command line. */
typedef struct picture_arguments {
    const char *output, *width, *height, *scale, *theme;
} picture_arguments;

#define PICTURE_OPTIONS(given)                                                                                \
    {'o', "output", OPTION_TEXT, &(given).output, "FILE", "a picture instead: .png, .svg or .pdf"},           \
        {0, "width", OPTION_TEXT, &(given).width, "N", "of the picture (default: what suits it, often 900)"}, \
        {0, "height", OPTION_TEXT, &(given).height, "N", "of the picture (default: what suits it)"},          \
        {0, "scale", OPTION_TEXT, &(given).scale, "X", "of a PNG: pixels a unit of width (default: 2)"},      \
    {                                                                                                         \
        0, "theme", OPTION_TEXT, &(given).theme, "NAME", "of the picture: light (default) or dark"            \
    }

/* False, with a message, for a wrong one. *picture NULL-like (its path NULL) without --output. name: the
 * command. */
bool read_picture(const char *name, const picture_arguments *given, hone_picture *picture);

int plot_study(const hone_plot_info *kind, int argc, char **argv);

#endif
