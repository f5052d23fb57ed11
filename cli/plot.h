/* cli/plot.h: the kinds of `hone plot`: argv[0] is the kind. Those of models each in its file, those of
 * studies in one. */
#ifndef CLI_PLOT_H
#define CLI_PLOT_H

#include <hone/app.h>

int plot_learning_curve(int argc, char **argv);
int plot_validation_curve(int argc, char **argv);
int plot_partial_dependence(int argc, char **argv);
int plot_study(const hone_plot_info *kind, int argc, char **argv);

#endif
