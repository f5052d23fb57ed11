/* Options of a pruner that follow from the rest of the plan: what a user need not write twice. */
#include <math.h>
#include <string.h>

#include "app/plan.h"
#include "app/plan_reader.h"
#include "base/number.h"
#include "pruner/halving_plan.h"
#include "pruner/pruner.h"

/* A pruner's options as they were given, and those added to them. */
typedef struct completion {
    hone_plan *plan;
    const hn_fold_facts *facts; /* NULL: a program */
    const hn_pruner_type *type;
    hn_node *options; /* a map; NULL when memory is out */
    hn_position at;
} completion;

static hone_status wrong(const completion *c, hone_error *err, const char *problem)
{
    return hn_fail_at(err, HONE_INVALID, c->at, "pruner %s: %s", c->type->name, problem);
}

/* The number given for an option; 0 when there is none. */
static double given_number(const completion *c, const char *name)
{
    double value = 0;
    const hn_node *node = hn_map_get(c->options, name);
    return node && hn_node_double(node, &value) ? value : 0;
}

static void set(completion *c, const char *name, hn_node *value)
{
    c->options = hn_map_set(&c->plan->arena, c->options, name, value);
}

static void set_integer(completion *c, const char *name, int64_t value)
{
    set(c, name, hn_node_integer(&c->plan->arena, value));
}

/* --- race --- */

static void complete_race(completion *c)
{
    if (c->facts && !hn_map_get(c->options, "ratio")) {
        set(c, "ratio", hn_node_real(&c->plan->arena, c->facts->ratio));
    }
    if (c->facts && !hn_map_get(c->options, "folds")) {
        set_integer(c, "folds", (int64_t)c->facts->n_folds);
    }
}

/* --- successive halving --- */

/* A number of rows, or a share of them. */
static int64_t rows_of(double given, size_t all)
{
    double rows = given > 0 && given < 1 ? fmax(1, round(given * (double)all)) : given;
    return (int64_t)fmin(rows, (double)all);
}

/* What the model's integer option stands for when nothing else is said; 0 = it has no number. */
static int64_t usual_value(const hone_plan *plan, const hn_option *option)
{
    int64_t value = 0;
    const hn_node *given = hn_map_get(plan->model.options, option->name);
    if (given) {
        return hn_node_int(given, &value) ? value : 0;
    }
    const char *text = option->default_text;
    return text && hn_parse_int(text, strlen(text), &value) ? value : 0;
}

static hone_status check_option(const completion *c, const char *name, hone_error *err)
{
    const hn_option_table *table = &c->plan->model.type->options;
    const hn_option *option = hn_option_find(table, name);
    const hn_node *given = hn_map_get(c->plan->model.options, name);
    if (!option || option->type != HN_OPTION_INT) {
        hn_buffer names = HN_BUFFER_INIT;
        for (size_t i = 0; i < table->count; i++) {
            if (table->options[i].type == HN_OPTION_INT) {
                hn_buffer_printf(&names, ", %s", table->options[i].name);
            }
        }
        hone_status status =
            hn_fail_at(err, HONE_INVALID, c->at, "pruner %s: resource is '%s'; model %s can have rows%s",
                       c->type->name, name, c->plan->model.type->name, hn_buffer_string(&names));
        hn_buffer_release(&names);
        return status;
    }
    return given && hn_is_search_expression(given)
               ? hn_fail_at(err, HONE_INVALID, given->at,
                            "pruner %s: %s is its resource and cannot vary; give it as a number",
                            c->type->name, name)
               : HONE_OK;
}

/* The limits of the resource; max_resource becomes the model's own option, so that the best is fitted with
 * it. */
static hone_status model_resource(completion *c, hn_halving_options *halving, hone_error *err)
{
    hone_plan *plan = c->plan;
    const hn_node *node = hn_map_get(c->options, "resource");
    const char *name = node && node->kind == HN_STRING ? node->as.string : "rows";
    double least = given_number(c, "min_resource"), most = given_number(c, "max_resource");
    if (!strcmp(name, "rows")) {
        halving->max_resource = most > 0 ? rows_of(most, c->facts->n_train) : (int64_t)c->facts->n_train;
        halving->min_resource = rows_of(least, c->facts->n_train);
        halving->smallest = c->facts->smallest < c->facts->n_train ? (int64_t)c->facts->smallest : 1;
    } else {
        hone_status status = check_option(c, name, err);
        if (status) {
            return status;
        }
        const hn_option *option = hn_option_find(&plan->model.type->options, name);
        halving->max_resource = most > 0 ? (int64_t)most : usual_value(plan, option);
        halving->min_resource = (int64_t)least;
        hn_node *options = hn_node_copy(&plan->arena, plan->model.options);
        plan->model.options =
            hn_map_set(&plan->arena, options, name, hn_node_integer(&plan->arena, halving->max_resource));
    }
    plan->search.resource = name;
    set(c, "resource", hn_node_string(&plan->arena, name));
    set_integer(c, "max_resource", halving->max_resource);
    return plan->model.options ? HONE_OK : hn_out_of_memory(err);
}

/* The size of the space or the number of trials, whichever is smaller; 0 = neither says. */
static int64_t count_candidates(const hone_plan *plan)
{
    double points = plan->search.whole_space && plan->space ? hn_space_count(plan->space) : INFINITY;
    int64_t trials = plan->search.trials;
    return points < 1e9 && (!trials || points < (double)trials) ? (int64_t)points : trials;
}

static hone_status complete_halving(completion *c, hone_error *err)
{
    const hn_node *aggressive = hn_map_get(c->options, "aggressive_elimination");
    hn_halving_options halving = {
        .min_resource = (int64_t)given_number(c, "min_resource"),
        .smallest = 1,
        .max_resource = (int64_t)given_number(c, "max_resource"),
        .n_candidates = (int64_t)given_number(c, "n_candidates"),
        .factor = hn_map_get(c->options, "factor") ? (int64_t)given_number(c, "factor") : 3,
        .aggressive = aggressive && aggressive->kind == HN_BOOL && aggressive->as.boolean,
    };
    if (!c->facts && hn_map_get(c->options, "resource")) {
        return wrong(c, err, "resource is for built-in models; a program gets {budget} steps");
    }
    hone_status status = c->facts ? model_resource(c, &halving, err) : HONE_OK;
    if (!status && c->facts && halving.max_resource < 1) {
        status = wrong(c, err, "max_resource is needed: the option has no number of its own");
    }
    if (!status && !halving.n_candidates) {
        halving.n_candidates = count_candidates(c->plan);
        set_integer(c, "n_candidates", halving.n_candidates);
    }
    bool sound = halving.max_resource >= 1 && halving.max_resource >= halving.min_resource &&
                 halving.n_candidates >= 1 && halving.factor >= 2;
    if (!status && sound) { /* else the pruner says what is wrong */
        hn_halving_rung *kept = HN_ARENA_NEW(&c->plan->arena, hn_halving_rung, HN_MOST_RUNGS);
        c->plan->search.n_rungs = kept ? hn_halving_plan(&halving, kept) : 0;
        c->plan->search.rungs = kept;
        if (kept) {
            set_integer(c, "min_resource", kept[0].resource);
        }
        status = kept ? HONE_OK : hn_out_of_memory(err);
    }
    return status;
}

/* --- any --- */

static bool needs_scores(const hn_pruner_type *type)
{
    return !strcmp(type->name, "race") || !strcmp(type->name, "successive_halving");
}

hone_status hn_plan_complete_pruner(hone_plan *plan, const hn_fold_facts *facts, hone_error *err)
{
    hn_plan_search *search = &plan->search;
    if (!search->pruner) {
        return HONE_OK;
    }
    hn_spec spec = search->pruner_spec;
    hn_pruner *pruner = NULL;
    hone_error inner;
    completion c = {.plan = plan, .facts = facts, .type = hn_pruner_find(spec.name), .at = search->pruner_at};
    c.options = spec.options ? hn_node_copy(&plan->arena, spec.options) : hn_node_map(&plan->arena);
    hone_status status = HONE_OK;
    if (facts && !facts->goal_is_score && needs_scores(c.type)) {
        status = wrong(&c, err, "it compares scores of folds; the goal is none");
    } else if (!strcmp(c.type->name, "race")) {
        complete_race(&c);
    } else if (!strcmp(c.type->name, "successive_halving")) {
        status = complete_halving(&c, err);
    }
    if (!status && !c.options) {
        status = hn_out_of_memory(err);
    }
    if (status) {
        return status;
    }
    spec.options = c.options->count ? c.options : NULL;
    status = hn_pruner_create(&spec, &pruner, &inner);
    hn_pruner_destroy(pruner);
    if (status) {
        return inner.line ? hn_fail_at(err, status, (hn_position){0}, "%s", inner.message)
                          : hn_fail_at(err, status, c.at, "%s", inner.message);
    }
    search->pruner = spec.options
                         ? hn_node_json(&plan->arena, hn_spec_to_node(&plan->arena, &spec), HN_JSON_STRICT)
                         : spec.name;
    return search->pruner ? HONE_OK : hn_out_of_memory(err);
}
