#include "storage/record.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/node.h"
#include "base/number.h"
#include "storage/storage.h"

void hn_record_begin(hn_record_builder *builder, int64_t id, int64_t number)
{
    hn_arena_reset(&builder->text);
    builder->record = (hn_trial_record){.id = id, .number = number, .noise = NAN};
}

hone_status hn_record_param(hn_record_builder *builder, int64_t order, const char *name,
                            const hn_distribution *distribution, double value, hone_error *err)
{
    size_t at = builder->record.n_params;
    if (HN_GROW(builder->params, at, builder->params_capacity) ||
        HN_GROW(builder->param_order, at, builder->order_capacity))
        return hn_out_of_memory(err);
    /* Rows come nearly sorted: insertion is linear then. */
    for (; at > 0 && builder->param_order[at - 1] > order; at--) {
        builder->param_order[at] = builder->param_order[at - 1];
        builder->params[at] = builder->params[at - 1];
    }
    builder->param_order[at] = order;
    builder->params[at] = (hn_trial_param){.name = name, .distribution = distribution, .value = value};
    builder->record.n_params++;
    return HONE_OK;
}

hone_status hn_record_value(hn_record_builder *builder, double value, hone_error *err)
{
    if (HN_GROW(builder->values, builder->record.n_values, builder->values_capacity))
        return hn_out_of_memory(err);
    builder->values[builder->record.n_values++] = value;
    return HONE_OK;
}

hone_status hn_record_report(hn_record_builder *builder, int64_t step, double value, hone_error *err)
{
    if (HN_GROW(builder->reports, builder->record.n_reports, builder->reports_capacity))
        return hn_out_of_memory(err);
    builder->reports[builder->record.n_reports++] = (hn_trial_report){.step = step, .value = value};
    return HONE_OK;
}

hone_status hn_record_constraint(hn_record_builder *builder, double value, hone_error *err)
{
    if (HN_GROW(builder->constraints, builder->record.n_constraints, builder->constraints_capacity))
        return hn_out_of_memory(err);
    builder->constraints[builder->record.n_constraints++] = value;
    return HONE_OK;
}

/* json: one number (Optuna 5's constraints:<name>) or a list of them; null, an objective that set none, is
 * nothing. */
static hone_status add_constraints(hn_record_builder *builder, const char *json, hone_error *err)
{
    hn_node *root;
    double value;
    hone_status status = hn_json_parse(&builder->text, HN_KEY_CONSTRAINTS, json, strlen(json), &root, err);
    if (status)
        return status;
    if (hn_node_double(root, &value))
        return hn_record_constraint(builder, value, err);
    if (root->kind == HN_NULL)
        return HONE_OK;
    for (size_t i = 0; root->kind == HN_LIST && i < root->count; i++) {
        if (!hn_node_double(root->as.items[i], &value))
            return hn_fail(err, HONE_STORAGE, "constraints of trial %lld: '%s' is not a list of numbers",
                           (long long)builder->record.number, json);
        status = hn_record_constraint(builder, value, err);
        if (status)
            return status;
    }
    return HONE_OK;
}

static bool is_constraint_key(const char *key)
{
    size_t size = strlen(HN_KEY_CONSTRAINTS);
    return strncmp(key, HN_KEY_CONSTRAINTS, size) == 0 && (key[size] == '\0' || key[size] == ':');
}

/* {"runs": 2, "seconds": 1.5}; anything else is nothing. */
static void read_runs(hn_record_builder *builder, const char *json)
{
    hn_node *root;
    double seconds;
    int64_t runs;
    if (hn_json_parse(&builder->text, HN_KEY_RAN, json, strlen(json), &root, NULL))
        return;
    if (hn_node_double(hn_map_get(root, "seconds"), &seconds) && seconds > 0)
        builder->record.seconds = seconds;
    if (hn_node_int(hn_map_get(root, "runs"), &runs) && runs > 0)
        builder->record.runs = runs;
}

hone_status hn_record_attribute(hn_record_builder *builder, const char *key, const char *json, bool system,
                                hone_error *err)
{
    if (system && is_constraint_key(key))
        return add_constraints(builder, json, err);
    if (system && strcmp(key, HN_KEY_NOISE) == 0)
        hn_parse_double(json, strlen(json), true, &builder->record.noise);
    if (system && strcmp(key, HN_KEY_RAN) == 0)
        read_runs(builder, json);
    if (HN_GROW(builder->attributes, builder->record.n_attributes, builder->attributes_capacity))
        return hn_out_of_memory(err);
    const char *own_key = hn_arena_strdup(&builder->text, key);
    const char *own_json = hn_arena_strdup(&builder->text, json);
    if (!own_key || !own_json)
        return hn_out_of_memory(err);
    builder->attributes[builder->record.n_attributes++] =
        (hn_attribute){.key = own_key, .json = own_json, .system = system};
    return HONE_OK;
}

const hn_trial_record *hn_record_finish(hn_record_builder *builder)
{
    builder->record.params = builder->params;
    builder->record.values = builder->values;
    builder->record.reports = builder->reports;
    builder->record.constraints = builder->constraints;
    builder->record.attributes = builder->attributes;
    return &builder->record;
}

void hn_record_release(hn_record_builder *builder)
{
    hn_free(builder->params);
    hn_free(builder->param_order);
    hn_free(builder->values);
    hn_free(builder->constraints);
    hn_free(builder->reports);
    hn_free(builder->attributes);
    hn_arena_release(&builder->text);
}
