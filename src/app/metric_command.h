/* app/metric_command.h: metrics of the user's, each measured by a program: their definitions in a plan, and
 * one run. Knows run/, not select/ (see app/model_metric.h for the other side).
 */
#ifndef HN_APP_METRIC_COMMAND_H
#define HN_APP_METRIC_COMMAND_H

#include "base/arena.h"
#include "base/node.h"
#include "run/template.h"

typedef struct hn_metric_command {
    const char *name;
    bool maximize, probabilities;
    double seconds; /* it may take */
    hn_template *made;
} hn_metric_command;

typedef struct hn_metric_commands {
    size_t n;
    hn_metric_command *list;
    const hn_node *node; /* a list of their definitions, for workers */
} hn_metric_commands;

/* The maps in `metrics` (a list, a name, or NULL; names are passed over):
 *
 *     {name: profit, command: "awk -f profit.awk {file}", direction: maximize, probabilities: true,
 *      timeout: 60s, shell: false}
 *
 * command is split like that of a study (run/template.h), {file} is the only place in it. Texts live in the
 * arena or the nodes; release commands in any case. HONE_INVALID with the position of what is wrong. */
hone_status hn_metric_commands_read(hn_arena *arena, const hn_node *metrics, hn_metric_commands *commands,
                                    hone_error *err);
void hn_metric_commands_release(hn_metric_commands *commands);

/* Runs the program on a table (CSV): it finds it on standard input and as {file}, and prints a number, or
 * name=value. HONE_OBJECTIVE says what went wrong, with the end of what it wrote to standard error. */
hone_status hn_metric_command_run(const hn_metric_command *command, const char *table, size_t size,
                                  double *value, hone_error *err);

#endif
