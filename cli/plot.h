/* cli/plot.h: the kinds of `hone plot`, each in its file: argv[0] is the kind. */
#ifndef CLI_PLOT_H
#define CLI_PLOT_H

int plot_learning_curve(int argc, char **argv);
int plot_validation_curve(int argc, char **argv);
int plot_partial_dependence(int argc, char **argv);

#endif
