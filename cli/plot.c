/* hone plot KIND. */
#include "plot.h"

#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "common.h"

static const cli_command kinds[] = {
    {"learning-curve", plot_learning_curve, "a model's score against the number of training rows"},
    {"validation-curve", plot_validation_curve, "a model's score against one of its options"},
    {"partial-dependence", plot_partial_dependence, "a saved model's prediction against one or two columns"},
};

static int list_kinds(void)
{
    puts(
        "usage: hone plot KIND [options]\n\nDraws on the terminal; --csv and --json give the numbers.\n\nkinds:");
    for (size_t i = 0; i < COUNT(kinds); i++) {
        printf("  %-18s  %s\n", kinds[i].name, kinds[i].help);
    }
    puts("\n`hone plot KIND --help` says more.\n\nexamples:\n"
         "  hone plot learning-curve study.yaml\n"
         "  hone plot validation-curve --data train.csv --model svm --parameter C=0.01..100,log\n"
         "  hone plot partial-dependence model.hone train.csv --column age");
    return EXIT_OK;
}

int command_plot(int argc, char **argv)
{
    const char *names[COUNT(kinds)];
    if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
        return list_kinds();
    }
    for (size_t i = 0; i < COUNT(kinds); i++) {
        names[i] = kinds[i].name;
        if (!strcmp(argv[1], names[i])) {
            return kinds[i].run(argc - 1, argv + 1);
        }
    }
    const char *near = hone_nearest_name(argv[1], names, COUNT(kinds));
    if (near) {
        print_error("plot: no kind '%s' (did you mean '%s'?)", argv[1], near);
    } else {
        print_error("plot: no kind '%s'; hone plot --help lists them", argv[1]);
    }
    return EXIT_USAGE;
}
