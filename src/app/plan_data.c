/* `data:`. */
#include <string.h>

#include "app/plan.h"
#include "app/plan_reader.h"

static hone_status read_flags(hn_plan_data *data, const hn_reader *reader, hone_error *err)
{
    const char *task = NULL, *delimiter = NULL;
    int64_t skip = 0;
    bool quotes = true;
    uint64_t max_bytes = 0;
    bool header = false;
    hone_status status = hn_read_bool(reader, "header", &header, err);
    data->options.header = hn_reader_get(reader, "header") ? (header ? 1 : -1) : 0;
    if (!status) {
        status = hn_read_bool(reader, "quotes", &quotes, err);
    }
    data->options.plain = data->text.plain = !quotes;
    if (!status) {
        status = hn_read_text(reader, "delimiter", &delimiter, err);
    }
    if (!status && delimiter && delimiter[1]) {
        status =
            hn_reader_wrong(reader, "delimiter", hn_reader_get(reader, "delimiter"), "one character", err);
    }
    data->options.delimiter = delimiter ? delimiter[0] : 0;
    if (!status) {
        status = hn_read_int(reader, "skip_rows", 0, &skip, err);
    }
    data->options.skip_rows = (size_t)skip;
    if (!status) {
        status = hn_read_bytes(reader, "max_bytes", &max_bytes, err);
    }
    data->options.max_bytes = (size_t)max_bytes;
    if (!status) {
        status = hn_read_text(reader, "task", &task, err);
    }
    data->options.task = !status && task ? hn_model_task_find(task) : HN_TASK_NONE;
    if (!status && task && !data->options.task) {
        status = hn_reader_wrong(reader, "task", hn_reader_get(reader, "task"),
                                 "classification, regression or clustering", err);
    }
    return status;
}

/* What the model is for, where it is for one thing only: clustering. */
static void use_task(hone_plan *plan)
{
    if (!plan->data.options.task && plan->model.type->tasks == HN_TASK_CLUSTERING) {
        plan->data.options.task = HN_TASK_CLUSTERING;
    }
}

static hone_status read_columns(hn_plan_data *data, const hn_reader *reader, hone_error *err)
{
    const struct {
        const char *key;
        const char *const **list;
    } lists[] = {
        {"categorical", &data->options.categorical},
        {"numeric", &data->options.numeric},
        {"drop", &data->options.drop},
        {"missing", &data->options.missing},
    };
    hone_status status = HONE_OK;
    size_t n;
    for (size_t i = 0; !status && i < sizeof lists / sizeof *lists; i++) {
        status = hn_read_texts(reader, lists[i].key, lists[i].list, &n, err);
    }
    return status;
}

/* A column by name or position; a position is a number. */
static hone_status read_column(hone_plan *plan, const hn_reader *reader, const char *key, const char **column,
                               hone_error *err)
{
    const hn_node *node = hn_reader_get(reader, key);
    if (!node) {
        return HONE_OK;
    }
    if (node->kind != HN_STRING && node->kind != HN_INT) {
        return hn_reader_wrong(reader, key, node, "a column's name or position", err);
    }
    *column = hn_scalar_text(&plan->arena, node);
    return *column ? HONE_OK : hn_out_of_memory(err);
}

static hone_status read_held_out(hn_plan_data *data, const hn_reader *reader, hone_error *err)
{
    const hn_node *node = hn_reader_get(reader, "held_out");
    hone_status status = hn_read_double(reader, "held_out", &data->held_out, err);
    if (!status && node && !(data->held_out >= 0 && data->held_out < 1)) {
        status = hn_reader_wrong(reader, "held_out", node, "a share of the rows, from 0 to below 1", err);
    }
    if (!status && node && data->held_out > 0 && data->test) {
        status =
            hn_fail_at(err, HONE_INVALID, node->at, "data: held_out and test exclude each other: keep one");
    }
    return status;
}

/* --- samples --- */

/* pre, in front, is the default. */
static hone_status read_side(const hn_reader *reader, const char *key, bool *end, hone_error *err)
{
    const char *side = "pre";
    hone_status status = hn_read_text(reader, key, &side, err);
    *end = !status && !strcmp(side, "post");
    if (!status && !*end && strcmp(side, "pre") != 0) {
        status = hn_reader_wrong(reader, key, hn_reader_get(reader, key), "pre or post", err);
    }
    return status;
}

/* The column of text, and how it becomes tokens. */
static hone_status read_text(hone_plan *plan, const hn_reader *reader, hone_error *err)
{
    static const char *const others[] = {"vocabulary", "length", "padding", "truncating"};
    hn_text_rule *rule = &plan->data.text;
    int64_t vocabulary = HN_TEXT_USUAL_VOCABULARY, length = HN_TEXT_USUAL_LENGTH;
    hone_status status = read_column(plan, reader, "text", &rule->column, err);
    for (size_t i = 0; !status && !rule->column && i < sizeof others / sizeof *others; i++) {
        const hn_node *node = hn_reader_get(reader, others[i]);
        if (node) {
            return hn_fail_at(err, HONE_INVALID, node->at, "data: %s is of text, the column of words",
                              others[i]);
        }
    }
    if (!status) {
        status = hn_read_int(reader, "vocabulary", HN_TEXT_LEAST_VOCABULARY, &vocabulary, err);
    }
    if (!status && vocabulary > HN_TEXT_MOST_VOCABULARY) {
        status = hn_reader_wrong(reader, "vocabulary", hn_reader_get(reader, "vocabulary"),
                                 "a number of tokens, 3 to 2^24", err);
    }
    if (!status) {
        status = hn_read_int(reader, "length", 1, &length, err);
    }
    if (!status && length > HN_TEXT_MOST_LENGTH) {
        status = hn_reader_wrong(reader, "length", hn_reader_get(reader, "length"),
                                 "a number of tokens, 1 to 2^20", err);
    }
    if (!status) {
        status = read_side(reader, "padding", &rule->pad_end, err);
    }
    if (!status) {
        status = read_side(reader, "truncating", &rule->cut_end, err);
    }
    rule->vocabulary = (size_t)vocabulary;
    rule->length = (size_t)length;
    plan->data.options.text = rule->column ? rule : NULL;
    return status;
}

/* The files and arrays that go with one of arrays, and the rows that score. */
static hone_status read_samples(hone_plan *plan, const hn_reader *reader, hone_error *err)
{
    hn_plan_data *data = &plan->data;
    const hn_node *split = hn_reader_get(reader, "validation_split");
    hone_status status = hn_read_text(reader, "labels", &data->options.labels, err);
    if (!status) {
        status = hn_read_text(reader, "test_labels", &data->test_labels, err);
    }
    if (!status && data->test_labels && !data->test) {
        status = hn_fail_at(err, HONE_INVALID, hn_reader_get(reader, "test_labels")->at,
                            "data: test_labels is of test, which is missing");
    }
    if (!status) {
        status = hn_read_text(reader, "features", &data->options.features, err);
    }
    if (!status) {
        status = hn_read_double(reader, "validation_split", &data->validation_split, err);
    }
    if (!status && split && !(data->validation_split > 0 && data->validation_split < 1)) {
        status = hn_reader_wrong(reader, "validation_split", split,
                                 "a share of the rows, above 0 and below 1", err);
    }
    return status ? status : read_text(plan, reader, err);
}

/* One number for both sides, or [height, width]. */
static hone_status read_image_size(hn_dataset_options *options, const hn_reader *reader, hone_error *err)
{
    const hn_node *node = hn_reader_get(reader, "image_size");
    bool pair = node && node->kind == HN_LIST && node->count == 2;
    int64_t height = 0, width = 0;
    if (!node) {
        return HONE_OK;
    }
    if (!hn_node_int(pair ? node->as.items[0] : node, &height) ||
        !hn_node_int(pair ? node->as.items[1] : node, &width) || height < 1 || width < 1 ||
        height > HN_SAMPLE_MOST_VALUES || width > HN_SAMPLE_MOST_VALUES / height) {
        return hn_reader_wrong(reader, "image_size", node,
                               "pixels: one number for height and width, or [height, width]", err);
    }
    options->image_height = (size_t)height;
    options->image_width = (size_t)width;
    return HONE_OK;
}

/* How the images of a folder are read. */
static hone_status read_images(hn_plan_data *data, const hn_reader *reader, hone_error *err)
{
    const hn_node *node = hn_reader_get(reader, "channels");
    int64_t channels = 0;
    hone_status status = read_image_size(&data->options, reader, err);
    if (!status) {
        status = hn_read_int(reader, "channels", 1, &channels, err);
    }
    if (!status && node && channels != 1 && channels != 3) {
        status = hn_reader_wrong(reader, "channels", node, "1 (grey) or 3 (RGB)", err);
    }
    data->options.channels = (size_t)channels;
    return status;
}

/* One file, or a list of files of arrays. */
static hone_status read_train(hn_plan_data *data, const hn_reader *reader, hone_error *err)
{
    const hn_node *node = hn_reader_get(reader, "train");
    const char *const *files = NULL;
    size_t n = 0;
    if (!node || node->kind != HN_LIST) {
        return hn_read_text(reader, "train", &data->train, err);
    }
    hone_status status = hn_read_texts(reader, "train", &files, &n, err);
    if (!status && !n) {
        status = hn_reader_wrong(reader, "train", node, "a file, or a list of files of arrays", err);
    }
    if (!status) {
        data->train = files[0];
        data->options.more = files + 1;
    }
    return status;
}

hone_status hn_plan_check_data(hone_plan *plan, hone_error *err)
{
    static const char *const keys[] = {"train",    "test",        "target",           "held_out",
                                       "header",   "delimiter",   "skip_rows",        "task",
                                       "drop",     "missing",     "weights",          "categorical",
                                       "numeric",  "max_bytes",   "labels",           "features",
                                       "text",     "test_labels", "length",           "vocabulary",
                                       "padding",  "truncating",  "validation_split", "quotes",
                                       "channels", "image_size"};
    hn_reader root = {&plan->arena, plan->root, ""};
    const hn_node *node = hn_reader_get(&root, "data");
    plan->data = (hn_plan_data){0};
    if (!node || (node->kind != HN_MAP && node->kind != HN_STRING)) {
        return node ? hn_reader_wrong(&root, "data", node,
                                      "a file, or a map such as {train: iris.csv, target: species}", err)
                    : hn_fail_at(err, HONE_INVALID, hn_map_get(plan->root, "model")->at,
                                 "model: data is missing");
    }
    if (node->kind == HN_STRING) {
        plan->data.train = node->as.string;
        use_task(plan);
        return HONE_OK;
    }
    hn_reader reader = {&plan->arena, node, "data"};
    hone_status status = hn_map_check_keys(node, "data", keys, sizeof keys / sizeof *keys, err);
    if (!status) {
        status = read_train(&plan->data, &reader, err);
    }
    if (!status && !plan->data.train) {
        status = hn_fail_at(err, HONE_INVALID, node->at, "data: train, the file to learn from, is missing");
    }
    if (!status) {
        status = hn_read_text(&reader, "test", &plan->data.test, err);
    }
    if (!status) {
        status = read_column(plan, &reader, "target", &plan->data.options.target, err);
    }
    if (!status) {
        status = read_column(plan, &reader, "weights", &plan->data.options.weight, err);
    }
    if (!status) {
        status = read_held_out(&plan->data, &reader, err);
    }
    if (!status) {
        status = read_flags(&plan->data, &reader, err);
    }
    if (!status) {
        status = read_samples(plan, &reader, err);
    }
    if (!status) {
        status = read_images(&plan->data, &reader, err);
    }
    use_task(plan);
    return status ? status : read_columns(&plan->data, &reader, err);
}
