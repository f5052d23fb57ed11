/* `model:`, `cv:`, `metrics:` and `preprocess:`. */
#include <string.h>

#include "app/plan.h"
#include "app/plan_reader.h"

/* --- model --- */

static hone_status find_type(hone_plan *plan, const hn_node *node, hone_error *err)
{
    hn_reader root = {&plan->arena, plan->root, ""}, inside = {&plan->arena, node, "model"};
    const hn_node *type = node->kind == HN_MAP ? hn_reader_get(&inside, "type") : node;
    hone_error inner;
    if (node->kind != HN_MAP && node->kind != HN_STRING) {
        return hn_reader_wrong(&root, "model", node, "a model's name, or a map such as {type: svm, C: 1}",
                               err);
    }
    if (!type || type->kind != HN_STRING) {
        return type ? hn_reader_wrong(&inside, "type", type, "a model's name", err)
                    : hn_fail_at(err, HONE_INVALID, node->at, "model: type is missing");
    }
    hone_status status = hn_model_require(type->as.string, &plan->model.type, &inner);
    return status ? hn_fail_at(err, status, type->at, "%s", inner.message) : HONE_OK;
}

/* The map without `type`. */
static hone_status take_options(hone_plan *plan, const hn_node *node, hone_error *err)
{
    hn_arena *arena = &plan->arena;
    const hn_option_table *table = &plan->model.type->options;
    const char **names = HN_ARENA_NEW(arena, const char *, table->count + 1);
    hn_node *options = hn_node_map(arena);
    const char *what = hn_arena_printf(arena, "model %s", plan->model.type->name);
    if (!names || !options || !what) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < table->count; i++) {
        names[i] = table->options[i].name;
    }
    for (size_t i = 0; node->kind == HN_MAP && i < node->count; i++) {
        const hn_map_entry *entry = &node->as.entries[i];
        if (strcmp(entry->key, "type") != 0) {
            if (!hn_map_append(arena, options, entry->key, entry->value)) {
                return hn_out_of_memory(err);
            }
            options->as.entries[options->count - 1].at = entry->at;
        }
    }
    options->at = node->at;
    plan->model.options = options;
    return hn_map_check_keys(options, what, names, table->count, err);
}

/* Nothing is said to vary: the model's own space, with what is given kept fixed. */
static hone_status use_default_space(hone_plan *plan, hn_node *space, hone_error *err)
{
    hn_arena *arena = &plan->arena;
    const char *text = plan->model.type->default_space;
    hn_node *usual = NULL, *options = hn_node_copy(arena, plan->model.options);
    hone_status status = options ? HONE_OK : hn_out_of_memory(err);
    if (!status) {
        status = hn_yaml_parse(arena, "the model's default space", text, strlen(text), &usual, err);
    }
    for (size_t i = 0; !status && i < usual->count; i++) {
        const hn_map_entry *entry = &usual->as.entries[i];
        hn_node *given = hn_map_get(options, entry->key);
        bool scalar = given && given->kind != HN_MAP && given->kind != HN_LIST;
        bool made = given || hn_map_append(arena, options, entry->key, entry->value);
        if (scalar) { /* conditions may name what is fixed, too */
            made = hn_map_append(arena, space, entry->key, given);
        }
        status = made ? HONE_OK : hn_out_of_memory(err);
    }
    plan->model.options = options;
    return status ? status : hn_options_collect(arena, options, space, err);
}

/* An option given as a plain value that a condition of another names becomes a constant of the space. */
static hone_status add_constants(hone_plan *plan, hn_node *space, hone_error *err)
{
    const hn_node *options = plan->model.options;
    for (size_t i = 0; i < options->count; i++) {
        const hn_map_entry *entry = &options->as.entries[i];
        bool named = false;
        for (size_t k = 0; k < space->count; k++) {
            const hn_node *when = hn_map_get(space->as.entries[k].value, "when");
            named |= when && when->kind == HN_STRING && strstr(when->as.string, entry->key);
        }
        bool scalar = entry->value->kind != HN_MAP && entry->value->kind != HN_LIST;
        if (named && scalar && !hn_map_get(space, entry->key) &&
            !hn_map_append(&plan->arena, space, entry->key, entry->value)) {
            return hn_out_of_memory(err);
        }
    }
    return HONE_OK;
}

/* Options of which some vary. */
typedef struct varied {
    const hn_option_table *table;
    const char *what;
    const hn_node *options;
} varied;

/* Applies the option's own checks to one value that may be tried. */
static hone_status try_value(hone_plan *plan, const varied *of, const char *option, const hn_node *value,
                             hn_position at, hone_error *err)
{
    hn_node *copy = hn_node_copy(&plan->arena, value);
    hn_node *map = hn_map_append(&plan->arena, hn_node_map(&plan->arena), option, copy);
    void *config = hn_arena_alloc(&plan->arena, 1, of->table->config_size);
    if (!map || !config) {
        return hn_out_of_memory(err);
    }
    copy->at = map->as.entries[0].at = at;
    return hn_options_apply(&plan->arena, of->table, of->what, map, config, err);
}

/* The ends of ranges and all choices must be values the option allows: said before the first trial, not by
 * each that fails. */
static hone_status check_values(hone_plan *plan, const varied *of, hone_error *err)
{
    static const char *const lists[] = {"float", "int", "choice", "ordinal"};
    hone_status status = HONE_OK;
    for (size_t i = 0; !status && i < of->options->count; i++) {
        const hn_map_entry *entry = &of->options->as.entries[i];
        if (!hn_is_search_expression(entry->value)) {
            status = try_value(plan, of, entry->key, entry->value, entry->value->at, err);
            continue;
        }
        for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
            const hn_node *list = hn_map_get(entry->value, lists[k]);
            for (size_t v = 0; !status && list && list->kind == HN_LIST && v < list->count; v++) {
                status = try_value(plan, of, entry->key, list->as.items[v], list->as.items[v]->at, err);
            }
        }
    }
    return status;
}

static hone_status check_all_values(hone_plan *plan, hone_error *err)
{
    const hn_model_type *type = plan->model.type;
    varied model = {&type->options, hn_arena_printf(&plan->arena, "model %s", type->name),
                    plan->model.options};
    varied before = {&hn_preprocess_table, "preprocess", hn_map_get(plan->model.preprocess, "preprocess")};
    hone_status status = model.what ? check_values(plan, &model, err) : hn_out_of_memory(err);
    return status ? status : check_values(plan, &before, err);
}

/* --- validation --- */

/* `repeated` is the usual folds, ten times unless `repeats` says otherwise. */
static hone_status read_kind(hone_plan *plan, const hn_reader *reader, hone_error *err)
{
    enum { USUAL_REPEATS = 10 };
    const char *kind = hn_split_names[HN_SPLIT_STRATIFIED];
    hn_plan_model *model = &plan->model;
    hone_status status = hn_read_text(reader, "kind", &kind, err);
    if (!status && !strcmp(kind, "repeated")) {
        model->repeats = USUAL_REPEATS;
        kind = hn_split_names[HN_SPLIT_STRATIFIED];
    }
    int i = 0;
    while (!status && i < HN_SPLIT_KINDS && strcmp(kind, hn_split_names[i]) != 0) {
        i++;
    }
    if (!status && i == HN_SPLIT_KINDS) {
        status = hn_reader_wrong(reader, "kind", hn_reader_get(reader, "kind"),
                                 "stratified, kfold, repeated, group, stratified_group, leave_one_group, "
                                 "shuffle, leave_one_out, time_series, predefined, holdout or last",
                                 err);
    }
    model->split = (hn_split_kind)i;
    return status;
}

/* The column that holds the groups, or the folds; what draws single rows must not tear them apart. */
static hone_status read_group(hone_plan *plan, const hn_reader *reader, hone_error *err)
{
    hn_split_kind kind = plan->model.split;
    const char *name = hn_split_names[kind];
    const hn_node *column = hn_reader_get(reader, "column");
    hone_status status = hn_read_text(reader, "column", &plan->data.options.group, err);
    if (!status && hn_split_needs_column(kind) && !column) {
        status = hn_fail_at(err, HONE_INVALID, reader->map->at,
                            "cv: %s needs column, the one that says which rows belong together", name);
    }
    if (!status && column && !hn_split_needs_column(kind)) {
        status = hn_fail_at(err, HONE_INVALID, column->at, "cv: column is not for %s", name);
    }
    if (!status && plan->data.held_out > 0 && (hn_split_needs_column(kind) || kind == HN_SPLIT_TIME_SERIES)) {
        status = hn_fail_at(err, HONE_INVALID, reader->map->at,
                            "cv: held_out draws single rows, which %s must keep apart; give data a test file",
                            name);
    }
    return status;
}

/* Folds around the whole search: those kinds that test every row once. */
static hone_status read_outer(hn_plan_model *model, const hn_reader *reader, hone_error *err)
{
    const hn_node *node = hn_reader_get(reader, "outer");
    hone_status status = hn_read_int(reader, "outer", 2, &model->outer, err);
    if (!status && node && model->split > HN_SPLIT_STRATIFIED_GROUP) {
        status = hn_fail_at(err, HONE_INVALID, node->at,
                            "cv: outer is for stratified, kfold, group and stratified_group, not for %s",
                            hn_split_names[model->split]);
    }
    return status;
}

static hone_status check_folds(hone_plan *plan, hone_error *err)
{
    static const char *const keys[] = {"kind", "folds",  "repeats",      "shuffle",
                                       "test", "column", "train_scores", "outer"};
    hn_plan_model *model = &plan->model;
    hn_reader root = {&plan->arena, plan->root, ""};
    const hn_node *node = hn_reader_get(&root, "cv");
    model->folds = 5;
    model->shuffle = true;
    if (plan->data.validation_split > 0) {
        model->split = HN_SPLIT_LAST;
        model->test_share = plan->data.validation_split;
        return node ? hn_fail_at(err, HONE_INVALID, node->at,
                                 "cv: data: validation_split says already which rows score: keep one")
                    : HONE_OK;
    }
    if (!node || node->kind != HN_MAP) {
        return hn_read_int(&root, "cv", 2, &model->folds, err);
    }
    hn_reader reader = {&plan->arena, node, "cv"};
    const hn_node *test = hn_reader_get(&reader, "test");
    hone_status status = hn_map_check_keys(node, "cv", keys, sizeof keys / sizeof *keys, err);
    if (!status) {
        status = read_kind(plan, &reader, err);
    }
    if (!status) {
        status = hn_read_int(&reader, "folds", 2, &model->folds, err);
    }
    if (!status) {
        status = hn_read_int(&reader, "repeats", 1, &model->repeats, err);
    }
    if (!status) {
        status = hn_read_bool(&reader, "shuffle", &model->shuffle, err);
    }
    if (!status) {
        status = hn_read_bool(&reader, "train_scores", &model->train_scores, err);
    }
    if (!status) {
        status = hn_read_double(&reader, "test", &model->test_share, err);
    }
    if (!status && test && !(model->test_share > 0 && model->test_share < 1)) {
        status = hn_reader_wrong(&reader, "test", test, "a share of the rows, above 0 and below 1", err);
    }
    if (!status) {
        status = read_outer(model, &reader, err);
    }
    return status ? status : read_group(plan, &reader, err);
}

/* Names, and maps that make metrics of programs, which are named in their places. */
static hone_status check_metrics(hone_plan *plan, hone_error *err)
{
    hn_reader root = {&plan->arena, plan->root, ""};
    const hn_node *node = hn_reader_get(&root, "metrics");
    hn_metric_commands *own = &plan->model.own;
    size_t n = node && node->kind == HN_LIST ? node->count : node != NULL, maps = 0;
    hn_buffer text = HN_BUFFER_INIT;
    hone_status status = hn_metric_commands_read(&plan->arena, node, own, err);
    for (size_t i = 0; !status && i < n; i++) {
        const hn_node *item = node->kind == HN_LIST ? node->as.items[i] : node;
        const char *name = item->kind == HN_MAP ? own->list[maps++].name : hn_scalar_text(&plan->arena, item);
        if (item->kind == HN_LIST || !name) {
            status = hn_reader_wrong(&root, "metrics", item,
                                     "metrics' names, or maps such as {name: profit, command: ...}", err);
        } else {
            hn_buffer_printf(&text, "%s%s", i ? "," : "", name);
        }
    }
    if (!status && n && !(plan->model.metrics = hn_arena_strdup(&plan->arena, hn_buffer_string(&text)))) {
        status = hn_out_of_memory(err);
    }
    hn_buffer_release(&text);
    return status;
}

/* Scaling is what most models want: it is left out by saying so. */
static hone_status check_preprocess(hone_plan *plan, hone_error *err)
{
    enum { MOST = 16 };
    hn_arena *arena = &plan->arena;
    const char *names[MOST];
    hn_reader root = {arena, plan->root, ""};
    const hn_node *node = hn_reader_get(&root, "preprocess");
    if (node && node->kind != HN_MAP) {
        return hn_reader_wrong(&root, "preprocess", node, "a map such as {scale: standard}", err);
    }
    for (size_t i = 0; i < hn_preprocess_table.count; i++) {
        names[i] = hn_preprocess_table.options[i].name;
    }
    hone_status status = hn_map_check_keys(node, "preprocess", names, hn_preprocess_table.count, err);
    hn_node *options = node ? hn_node_copy(arena, node) : hn_node_map(arena);
    if (options && !hn_map_get(options, "scale")) {
        options = hn_map_append(arena, options, "scale", hn_node_string(arena, "standard"));
    }
    plan->model.preprocess = hn_map_append(arena, hn_node_map(arena), "preprocess", options);
    return status || plan->model.preprocess ? status : hn_out_of_memory(err);
}

static hone_status refuse_without_model(hone_plan *plan, hone_error *err)
{
    static const char *const keys[] = {"data", "cv", "metrics", "preprocess", "decision"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const hn_node *node = hn_map_get(plan->root, keys[i]);
        if (node) {
            return hn_fail_at(err, HONE_INVALID, node->at, "%s: needs a model", keys[i]);
        }
    }
    return HONE_OK;
}

static hone_status refuse_space(hone_plan *plan, hone_error *err)
{
    const hn_node *space = hn_map_get(plan->root, "space");
    return space
               ? hn_fail_at(
                     err, HONE_INVALID, space->at,
                     "space: what varies of a model stands in its options, as in model: {type: %s, C: {float: [0.1, 10]}}",
                     plan->model.type->name)
               : HONE_OK;
}

hone_status hn_plan_check_model(hone_plan *plan, hn_node **space, hone_error *err)
{
    hn_reader root = {&plan->arena, plan->root, ""};
    const hn_node *node = hn_reader_get(&root, "model");
    hn_metric_commands_release(&plan->model.own);
    plan->model = (hn_plan_model){0};
    if (!node) {
        return refuse_without_model(plan, err);
    }
    hn_node *made = hn_node_map(&plan->arena);
    hone_status (*const steps[])(hone_plan *, hone_error *) = {hn_plan_check_data, check_folds, check_metrics,
                                                               check_preprocess};
    hone_status status = made ? find_type(plan, node, err) : hn_out_of_memory(err);
    for (size_t i = 0; !status && i < sizeof steps / sizeof *steps; i++) {
        status = steps[i](plan, err);
    }
    plan->model.decision = hn_reader_get(&root, "decision"); /* judged with the data */
    if (!status) {
        status = refuse_space(plan, err);
    }
    if (!status) {
        status = take_options(plan, node, err);
    }
    if (!status) {
        status = hn_options_collect(&plan->arena, plan->model.options, made, err);
    }
    if (!status) {
        status = made->count ? add_constants(plan, made, err) : use_default_space(plan, made, err);
    }
    if (!status) {
        status = hn_options_collect(&plan->arena, plan->model.preprocess, made, err);
    }
    if (!status) {
        status = check_all_values(plan, err);
    }
    if (!status) {
        status = hn_plan_check_nested(plan, made, err);
    }
    if (!status) {
        status = hn_read_bytes(&root, "memory_limit", &plan->model.memory_limit_bytes, err);
    }
    if (!status) {
        *space = made;
    }
    return status;
}
