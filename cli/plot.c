/* hone plot KIND. */
#include "plot.h"

#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "common.h"

static const cli_command of_models[] = {
    {"learning-curve", plot_learning_curve, "a model's score against the number of training rows"},
    {"validation-curve", plot_validation_curve, "a model's score against one of its options"},
    {"partial-dependence", plot_partial_dependence, "a saved model's prediction against one or two columns"},
    {"confusion", plot_confusion, "which classes a saved model takes for which"},
};

enum { MOST_KINDS = 64 };

static int list_kinds(void)
{
    hone_plot_info info;
    puts(
        "usage: hone plot KIND [options]\n\nDraws on the terminal, or into a picture with -o; --csv and --json give the numbers.\n\n"
        "kinds, of studies:");
    for (size_t i = 0; hone_plot_kind(i, &info); i++) {
        printf("  %-18s  %s\n", info.name, info.help);
    }
    puts("\nkinds, of models:");
    for (size_t i = 0; i < COUNT(of_models); i++) {
        printf("  %-18s  %s\n", of_models[i].name, of_models[i].help);
    }
    puts("\n`hone plot KIND --help` says more.\n\nexamples:\n"
         "  hone plot history\n"
         "  hone plot scatter --x lr --y loss --hue layers -o scatter.svg\n"
         "  hone plot learning-curve study.yaml\n"
         "  hone plot validation-curve --data train.csv --model svm --parameter C=0.01..100,log\n"
         "  hone plot partial-dependence model.hone train.csv --column age");
    return EXIT_OK;
}

static int unknown_kind(const char *name)
{
    const char *names[MOST_KINDS];
    size_t n = 0;
    hone_plot_info info;
    for (; n < COUNT(of_models); n++) {
        names[n] = of_models[n].name;
    }
    for (size_t i = 0; hone_plot_kind(i, &info) && n < MOST_KINDS; i++) {
        names[n++] = info.name;
    }
    const char *near = hone_nearest_name(name, names, n);
    if (near) {
        print_error("plot: no kind '%s' (did you mean '%s'?)", name, near);
    } else {
        print_error("plot: no kind '%s'; hone plot --help lists them", name);
    }
    return EXIT_USAGE;
}

/* Some kinds show a model and its data, or a study. */
static bool names_model(int argc, char **argv)
{
    for (int i = 2; i < argc; i++) {
        size_t size = strlen(argv[i]);
        if (size > 5 && !strcmp(argv[i] + size - 5, ".hone")) {
            return true;
        }
    }
    return false;
}

int command_plot(int argc, char **argv)
{
    hone_plot_info info;
    if (argc < 2 || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
        return list_kinds();
    }
    for (size_t i = 0; !names_model(argc, argv) && hone_plot_kind(i, &info); i++) {
        if (!strcmp(argv[1], info.name)) {
            return plot_study(&info, argc - 1, argv + 1);
        }
    }
    for (size_t i = 0; i < COUNT(of_models); i++) {
        if (!strcmp(argv[1], of_models[i].name)) {
            return of_models[i].run(argc - 1, argv + 1);
        }
    }
    return unknown_kind(argv[1]);
}
