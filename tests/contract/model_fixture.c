#include "model_fixture.h"

#include <math.h>

#include "base/memory.h"

enum { MAX_TYPES = 32 };

hone_error model_error;
double model_x[ROWS * COLUMNS];
static double y_class[ROWS], y_value[ROWS];
static const char *const classes[] = {"a", "b", "c"};
const hn_model_type *model_types[MAX_TYPES];
size_t model_n_types;
hn_arena model_arena, model_scratch;

void model_setup(void)
{
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t j = 0; j < COLUMNS; j++)
            model_x[i * COLUMNS + j] = sin((double)(i * (j + 2)) + (double)j);
        y_value[i] = 2 * model_x[i * COLUMNS] - model_x[i * COLUMNS + 1];
        y_class[i] = y_value[i] > 0.5 ? 2 : y_value[i] > -0.5 ? 1 : 0;
    }
    const char *library;
    const hn_model_type *type;
    model_n_types = 0;
    for (size_t i = 0; (type = hn_model_at(i)) != NULL; i++)
        if (!type->library || type->library(&library, NULL) == HONE_OK)
            model_types[model_n_types++] = type;
    model_types[model_n_types++] = &model_dummy;
}

void model_teardown(void)
{
    hn_memory_fail_at(-1, 0);
    hn_arena_release(&model_arena);
    hn_arena_release(&model_scratch);
}

hn_design model_design(hn_model_task task, size_t n)
{
    bool classify = task == HN_TASK_CLASSIFICATION;
    return (hn_design){.x = model_x,
                       .n = n,
                       .d = COLUMNS,
                       .y = classify                     ? y_class
                            : task == HN_TASK_REGRESSION ? y_value
                                                         : NULL,
                       .n_classes = classify ? 3 : 0,
                       .classes = classify ? classes : NULL};
}

hn_model_task model_task_of(const hn_design *train)
{
    return train->n_classes ? HN_TASK_CLASSIFICATION : train->y ? HN_TASK_REGRESSION : HN_TASK_CLUSTERING;
}

/* Sets the option of that name, if the model has it. */
static hn_node *set(const hn_model_type *type, hn_node *options, const char *name, hn_node *value)
{
    return hn_option_find(&type->options, name) ? hn_map_set(&model_arena, options, name, value) : options;
}

hone_status model_config(const hn_model_type *type, hn_model_task task, bool small, void **config)
{
    static const char *const sizes[] = {"n_estimators", "epochs", "n_init"};
    *config = hn_arena_alloc(&model_arena, 1, type->options.config_size);
    hn_node *options = hn_node_map(&model_arena);
    if (task == HN_TASK_CLASSIFICATION)
        options = set(type, options, "probability", hn_node_bool(&model_arena, true));
    for (size_t i = 0; small && i < sizeof sizes / sizeof *sizes; i++)
        options = set(type, options, sizes[i], hn_node_integer(&model_arena, 2));
    return *config && options ? hn_model_configure(type, task, &model_arena, options, *config, &model_error)
                              : hn_out_of_memory(&model_error);
}

hone_status model_fit(const hn_model_type *type, const hn_design *train, hn_fit_context context,
                      void **fitted)
{
    void *config;
    hone_status status = model_config(type, model_task_of(train), false, &config);
    context.scratch = &model_scratch;
    return status ? status : type->fit(config, train, &context, fitted, &model_error);
}

void *model_must_fit(const hn_model_type *type, const hn_design *train)
{
    void *fitted = NULL;
    ck_assert_msg(model_fit(type, train, (hn_fit_context){0}, &fitted) == HONE_OK, "%s: %s", type->name,
                  model_error.message);
    return fitted;
}
