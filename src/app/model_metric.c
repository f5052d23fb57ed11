#include "app/model_metric.h"

#include "base/buffer.h"

/* One metric with what its table needs. */
typedef struct measure {
    const hn_metric_command *command;
    const char *const *classes; /* (n_classes,) */
    size_t n_classes;           /* 0 of a regression */
} measure;

static void add_value(hn_buffer *out, const measure *m, double value)
{
    if (m->n_classes) {
        hn_buffer_csv(out, m->classes[(size_t)value]);
    } else {
        hn_buffer_double(out, value);
    }
}

/* truth,prediction,weight and, if asked for, a column of probabilities for each class. */
static void add_table(hn_buffer *out, const measure *m, const hn_metric_input *in)
{
    size_t probabilities = m->command->probabilities ? m->n_classes : 0;
    hn_buffer_text(out, "truth,prediction,weight");
    for (size_t k = 0; k < probabilities; k++) {
        hn_buffer_char(out, ',');
        hn_buffer_csv(out, m->classes[k]);
    }
    for (size_t i = 0; i < in->n; i++) {
        hn_buffer_char(out, '\n');
        add_value(out, m, in->truth[i]);
        hn_buffer_char(out, ',');
        add_value(out, m, in->predicted[i]);
        hn_buffer_char(out, ',');
        hn_buffer_double(out, hn_metric_weight(in, i));
        for (size_t k = 0; k < probabilities; k++) {
            hn_buffer_char(out, ',');
            hn_buffer_double(out, in->proba[i * in->n_classes + k]);
        }
    }
    hn_buffer_char(out, '\n');
}

static hone_status call(void *user, const hn_metric_input *input, double *value, hone_error *err)
{
    const measure *m = user;
    hn_buffer table = HN_BUFFER_INIT;
    add_table(&table, m, input);
    hone_status status = hn_buffer_failed(&table)
                             ? hn_out_of_memory(err)
                             : hn_metric_command_run(m->command, table.data, table.size, value, err);
    hn_buffer_release(&table);
    return status;
}

hone_status hn_model_metrics_make(hn_arena *arena, const hn_metric_commands *commands, hn_model_task task,
                                  const char *const *classes, size_t n_classes, hn_own_metrics *own,
                                  hone_error *err)
{
    hn_own_metric *list = HN_ARENA_NEW(arena, hn_own_metric, commands->n);
    measure *measures = HN_ARENA_NEW(arena, measure, commands->n);
    if (!list || !measures) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < commands->n; i++) {
        const hn_metric_command *command = &commands->list[i];
        measures[i] = (measure){command, classes, n_classes};
        list[i] = (hn_own_metric){.metric = {.name = command->name,
                                             .tasks = (unsigned)task,
                                             .maximize = command->maximize,
                                             .needs_proba = command->probabilities},
                                  .call = call,
                                  .user = &measures[i]};
    }
    *own = (hn_own_metrics){list, commands->n};
    return hn_own_metrics_check(own, task, err);
}
