/* `search:`: when a run ends. */
#include <math.h>
#include <string.h>

#include "app/plan.h"
#include "app/plan_reader.h"

enum { DEFAULT_TRIALS = 50 };

static hone_status needs_single_goal(const hone_plan *plan, const char *key, const hn_node *node,
                                     hone_error *err)
{
    return node && plan->n_goals > 1
               ? hn_fail_at(err, HONE_UNSUPPORTED, node->at, "search: %s needs a single goal, there are %zu",
                            key, plan->n_goals)
               : HONE_OK;
}

static hone_status read_target(hone_plan *plan, const hn_reader *reader, hone_error *err)
{
    const hn_node *node = hn_reader_get(reader, "target");
    hone_status status = hn_read_double(reader, "target", &plan->search.target, err);
    plan->search.has_target = node;
    return status ? status : needs_single_goal(plan, "target", node, err);
}

/* `regret: noise`, or how much better than the best something would have to be. */
static hone_status read_regret(hone_plan *plan, const hn_reader *reader, hone_error *err)
{
    const hn_node *node = hn_reader_get(reader, "regret");
    double value = 0;
    if (!node) {
        return HONE_OK;
    }
    bool noise = node->kind == HN_STRING && !strcmp(node->as.string, "noise");
    bool number = !noise && hn_node_double(node, &value) && value > 0 && isfinite(value);
    if (!noise && !number) {
        return hn_reader_wrong(reader, "regret", node, "noise, or a number above 0", err);
    }
    plan->search.has_regret = true;
    plan->search.regret = value;
    return needs_single_goal(plan, "regret", node, err);
}

/* `cost: 2h` of training, or `cost: {dollars: 50}` of a metric. */
static hone_status read_cost(hone_plan *plan, const hn_reader *reader, hone_error *err)
{
    hn_plan_search *search = &plan->search;
    const hn_node *node = hn_reader_get(reader, "cost");
    if (!node || node->kind != HN_MAP) {
        return hn_read_duration(reader, "cost", &search->cost, err);
    }
    double value = 0;
    bool sound =
        node->count == 1 && hn_node_double(node->as.entries[0].value, &value) && value > 0 && isfinite(value);
    if (!sound) {
        return hn_reader_wrong(reader, "cost", node,
                               "a time such as 2h, or one metric with its sum, such as {dollars: 50}", err);
    }
    search->cost = value;
    search->cost_metric = node->as.entries[0].key;
    return HONE_OK;
}

hone_status hn_plan_check_limits(hone_plan *plan, const struct hn_reader *reader, hone_error *err)
{
    hn_plan_search *search = &plan->search;
    hone_status status = hn_read_int(reader, "trials", 1, &search->trials, err);
    if (!status) {
        status = hn_read_duration(reader, "timeout", &search->timeout_seconds, err);
    }
    if (!status) {
        status = hn_read_int(reader, "patience", 1, &search->patience, err);
    }
    if (!status) {
        status = read_target(plan, reader, err);
    }
    if (!status) {
        status = read_regret(plan, reader, err);
    }
    if (!status) {
        status = read_cost(plan, reader, err);
    }
    bool limited = search->trials || search->timeout_seconds > 0 || search->has_target || search->patience ||
                   search->has_regret || search->cost > 0 || search->ends_by_itself;
    search->trials = limited ? search->trials : DEFAULT_TRIALS;
    return status;
}

hone_budget hn_plan_budget(const hone_plan *plan)
{
    const hn_plan_search *search = &plan->search;
    return (hone_budget){
        .trials = search->trials,
        .seconds = search->timeout_seconds,
        .has_target = search->has_target,
        .target = search->target,
        .patience = search->patience,
        .has_regret = search->has_regret,
        .regret = search->regret,
        .cost = search->cost,
        .cost_metric = search->cost_metric,
        .max_failures = (int)search->max_failures,
    };
}
