/* Options of a pruner that follow from the rest of the plan: what a user need not write twice. */
#include <math.h>
#include <string.h>

#include "app/plan.h"
#include "app/plan_population.h"
#include "app/plan_reader.h"
#include "base/number.h"
#include "pruner/halving_plan.h"
#include "pruner/pruner.h"
#include "pruner/schedule.h"

/* A pruner's options as they were given, and those added to them. */
typedef struct completion {
    hone_plan *plan;
    const hn_fold_facts *facts; /* NULL: a program */
    const hn_pruner_type *type; /* the variant */
    hn_node *options;           /* a map; NULL when memory is out */
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

/* --- a resource --- */

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

/* An amount of the resource: auto, a whole number of at least 1, or of rows a share of them. */
static hone_status check_amount(const completion *c, const char *name, bool rows, hone_error *err)
{
    const hn_node *node = hn_map_get(c->options, name);
    double value = 0;
    bool number = node && node->kind != HN_STRING && hn_node_double(node, &value);
    bool zero = value == 0 && !strcmp(c->type->name, "successive_halving"); /* its auto */
    bool sound = number ? zero || (value >= 1 && value == floor(value)) || (rows && value > 0 && value < 1)
                        : node && node->kind == HN_STRING && !strcmp(node->as.string, "auto");
    return !node || sound
               ? HONE_OK
               : hn_fail_at(
                     err, HONE_INVALID, node->at,
                     "pruner %s: option '%s' is %s, but must be auto or a whole number of at least 1%s",
                     c->type->name, name, hn_node_describe(&c->plan->arena, node),
                     rows ? ", or a share of the rows between 0 and 1" : "");
}

static hone_status check_amounts(const completion *c, bool rows, hone_error *err)
{
    hone_status status = check_amount(c, "min_resource", rows, err);
    return status ? status : check_amount(c, "max_resource", rows, err);
}

typedef struct resource_limits {
    int64_t least, most; /* 0: not given */
    int64_t smallest;    /* that is of use */
} resource_limits;

/* The limits of the resource; max_resource becomes the model's own option, so that the best is fitted with
 * it. */
static hone_status model_resource(completion *c, resource_limits *limits, hone_error *err)
{
    hone_plan *plan = c->plan;
    const hn_node *node = hn_map_get(c->options, "resource");
    const char *name = node && node->kind == HN_STRING ? node->as.string : "rows";
    double least = given_number(c, "min_resource"), most = given_number(c, "max_resource");
    hone_status status = check_amounts(c, !strcmp(name, "rows"), err);
    if (status) {
        return status;
    }
    if (!strcmp(name, "rows")) {
        limits->most = most > 0 ? rows_of(most, c->facts->n_train) : (int64_t)c->facts->n_train;
        limits->least = rows_of(least, c->facts->n_train);
        limits->smallest = c->facts->smallest < c->facts->n_train ? (int64_t)c->facts->smallest : 1;
    } else {
        status = check_option(c, name, err);
        if (status) {
            return status;
        }
        const hn_option *option = hn_option_find(&plan->model.type->options, name);
        limits->most = most > 0 ? (int64_t)most : usual_value(plan, option);
        limits->least = (int64_t)least;
        hn_node *options = hn_node_copy(&plan->arena, plan->model.options);
        plan->model.options =
            hn_map_set(&plan->arena, options, name, hn_node_integer(&plan->arena, limits->most));
    }
    plan->search.resource = name;
    set(c, "resource", hn_node_string(&plan->arena, name));
    set_integer(c, "max_resource", limits->most);
    if (limits->most < 1) {
        return wrong(c, err, "max_resource is needed: the option has no number of its own");
    }
    return plan->model.options ? HONE_OK : hn_out_of_memory(err);
}

static hone_status find_limits(completion *c, resource_limits *found, hone_error *err)
{
    *found = (resource_limits){.least = (int64_t)given_number(c, "min_resource"),
                               .most = (int64_t)given_number(c, "max_resource"),
                               .smallest = 1};
    if (c->facts) {
        return model_resource(c, found, err);
    }
    hone_status status = check_amounts(c, false, err);
    return status ? status
           : hn_map_get(c->options, "resource")
               ? wrong(c, err, "resource is for built-in models; a program gets {budget} steps")
               : HONE_OK;
}

static int64_t factor_of(const completion *c)
{
    const hn_option *option = hn_option_find(&hn_pruner_find(c->type->name)->options, "factor");
    int64_t usual = 0;
    return hn_map_get(c->options, "factor") ? (int64_t)given_number(c, "factor")
           : hn_parse_int(option->default_text, strlen(option->default_text), &usual) ? usual
                                                                                      : 0;
}

static const char *resource_name(const completion *c)
{
    return c->plan->search.resource ? c->plan->search.resource : "steps";
}

static hone_status keep_schedule(completion *c, hn_buffer *text, hone_error *err)
{
    hn_buffer_printf(text, " %s", resource_name(c));
    c->plan->search.schedule =
        hn_buffer_failed(text) ? NULL : hn_arena_strdup(&c->plan->arena, hn_buffer_string(text));
    hn_buffer_release(text);
    return c->plan->search.schedule ? HONE_OK : hn_out_of_memory(err);
}

/* --- wilcoxon --- */

/* A pruner's spec with `means`, which the folds of built-in models are, in each wilcoxon: it may be inside of
 * others. What cannot be read stays, to be refused where it is made. NULL when memory is out. */
static hn_node *tell_means(hn_arena *arena, hn_node *node)
{
    hn_spec spec;
    if (!node || hn_spec_from_node(arena, node, "pruner", &spec, NULL)) {
        return node;
    }
    hn_node *options = spec.options ? hn_node_copy(arena, spec.options) : hn_node_map(arena);
    hn_node *inner = hn_map_get(options, "pruner"), *list = hn_map_get(options, "pruners");
    if (!strcmp(spec.name, "wilcoxon") && !hn_map_get(options, "means")) {
        options = hn_map_set(arena, options, "means", hn_node_bool(arena, true));
    }
    if (inner) {
        options = hn_map_set(arena, options, "pruner", tell_means(arena, inner));
    }
    for (size_t i = 0; options && list && list->kind == HN_LIST && i < list->count; i++) {
        list->as.items[i] = tell_means(arena, list->as.items[i]);
        options = list->as.items[i] ? options : NULL;
    }
    spec.options = options && options->count ? options : NULL;
    hn_node *told = options ? hn_spec_to_node(arena, &spec) : NULL;
    if (told) {
        told->at = node->at;
    }
    return told;
}

static void complete_judge(completion *c)
{
    hn_arena *arena = &c->plan->arena;
    hn_spec spec = {.name = c->type->name, .options = c->options};
    hn_node *told = c->options ? tell_means(arena, hn_spec_to_node(arena, &spec)) : NULL;
    c->options = !told                     ? NULL
                 : told->kind == HN_STRING ? hn_node_map(arena)
                                           : hn_map_get(told, c->type->name);
}

/* --- successive halving --- */

/* The size of the space or the number of trials, whichever is smaller; 0 = neither says. */
static int64_t count_candidates(const hone_plan *plan)
{
    double points = plan->search.whole_space && plan->space ? hn_space_count(plan->space) : INFINITY;
    int64_t trials = plan->search.trials;
    return points < 1e9 && (!trials || points < (double)trials) ? (int64_t)points : trials;
}

/* "9 with 1, 3 with 3, 1 with 9 steps" */
static hone_status describe_halving(completion *c, const hn_halving_rung *rungs, size_t n, hone_error *err)
{
    hn_buffer text = HN_BUFFER_INIT;
    for (size_t i = 0; i < n; i++) {
        hn_buffer_printf(&text, "%s%lld with %lld", i ? ", " : "", (long long)rungs[i].candidates,
                         (long long)rungs[i].resource);
    }
    return keep_schedule(c, &text, err);
}

static hone_status complete_halving(completion *c, hone_error *err)
{
    const hn_node *aggressive = hn_map_get(c->options, "aggressive_elimination");
    resource_limits limits;
    hone_status status = find_limits(c, &limits, err);
    if (status) {
        return status;
    }
    hn_halving_options halving = {
        .min_resource = limits.least,
        .smallest = limits.smallest,
        .max_resource = limits.most,
        .n_candidates = (int64_t)given_number(c, "n_candidates"),
        .factor = factor_of(c),
        .aggressive = aggressive && aggressive->kind == HN_BOOL && aggressive->as.boolean,
    };
    if (!halving.n_candidates) {
        halving.n_candidates = count_candidates(c->plan);
        set_integer(c, "n_candidates", halving.n_candidates);
    }
    if (halving.max_resource < 1 || halving.max_resource < halving.min_resource || halving.n_candidates < 1 ||
        halving.factor < 2) {
        return HONE_OK; /* the pruner says what is wrong */
    }
    hn_halving_rung rungs[HN_MOST_RUNGS];
    size_t n = hn_halving_plan(&halving, rungs);
    set_integer(c, "min_resource", rungs[0].resource);
    return describe_halving(c, rungs, n, err);
}

/* --- asha, hyperband --- */

/* "27 of 1, 3, 9, 27; 12 of 3, 9, 27; ..." */
static hone_status describe_brackets(completion *c, const hn_schedule *schedule, hone_error *err)
{
    bool several = schedule->n_brackets > 1;
    hn_buffer text = HN_BUFFER_INIT;
    for (size_t b = 0; b < schedule->n_brackets; b++) {
        const hn_schedule_bracket *bracket = &schedule->brackets[b];
        hn_buffer_text(&text, b ? "; " : several ? "brackets " : "rungs ");
        if (several) {
            hn_buffer_printf(&text, "%lld from ", (long long)bracket->candidates);
        }
        for (size_t r = bracket->first; r < (several ? bracket->first + 1 : schedule->n_rungs); r++) {
            hn_buffer_printf(&text, "%s%lld", r > bracket->first ? ", " : "",
                             (long long)schedule->rungs[r].resource);
        }
    }
    if (several) {
        hn_buffer_printf(&text, " to %lld", (long long)schedule->rungs[schedule->n_rungs - 1].resource);
    }
    return keep_schedule(c, &text, err);
}

/* The lowest rung where none is given; 0 = the pruner finds it when it knows how long a trial is. */
static int64_t usual_least(const completion *c, const resource_limits *limits)
{
    int64_t smallest = limits->smallest < limits->most ? limits->smallest : 1, lowest;
    if (strcmp(c->type->name, "rungs") != 0) {
        return smallest;
    }
    lowest = hn_schedule_lowest(limits->most);
    return limits->most && lowest < smallest ? smallest : lowest;
}

/* A variant that pauses and resumes. */
static hone_status complete_schedule(completion *c, hone_error *err)
{
    resource_limits limits;
    hn_schedule schedule;
    hone_status status = find_limits(c, &limits, err);
    if (status) {
        return status;
    }
    if (!limits.least) {
        limits.least = usual_least(c, &limits);
    }
    if (limits.least) {
        set_integer(c, "min_resource", limits.least);
    }
    if (limits.most < limits.least || limits.least < 1 || factor_of(c) < 2) {
        return HONE_OK; /* the pruner says what is wrong */
    }
    hn_schedule_of_hyperband(limits.least, limits.most, factor_of(c), &schedule);
    if (strcmp(c->type->name, "hyperband") != 0) { /* asha, pasha */
        int64_t skipped = (int64_t)given_number(c, "min_early_stopping_rate");
        schedule.n_brackets = 1;
        schedule.brackets[0].first =
            skipped >= 0 && skipped < (int64_t)schedule.n_rungs ? (size_t)skipped : 0;
    }
    return describe_brackets(c, &schedule, err);
}

/* --- any --- */

/* Does it deal out a resource? Those that stop trials look at the steps that there are. */
static bool schedules(const hn_pruner_type *type)
{
    return type->next && hn_option_find(&hn_pruner_find(type->name)->options, "resource");
}

static hone_status complete(completion *c, hone_error *err)
{
    bool race = !strcmp(c->type->name, "race");
    if (c->facts && !c->facts->goal_is_score && (race || c->type->explore || schedules(c->type))) {
        return wrong(c, err, "it compares scores of folds; the goal is none");
    }
    if (race) {
        complete_race(c);
    } else if (c->type->explore) {
        return hn_plan_complete_pbt(c->plan, c->facts, c->at, &c->options, err);
    } else if (!strcmp(c->type->name, "successive_halving")) {
        return complete_halving(c, err);
    } else if (schedules(c->type)) {
        return complete_schedule(c, err);
    } else if (hn_map_get(c->options, "resource")) {
        return wrong(c, err, "resource is for the variants that pause and resume");
    } else if (c->facts) {
        complete_judge(c);
    }
    return HONE_OK;
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
    completion c = {.plan = plan, .facts = facts, .at = search->pruner_at};
    c.options = spec.options ? hn_node_copy(&plan->arena, spec.options) : hn_node_map(&plan->arena);
    hone_status status = hn_pruner_check(&spec, &c.type, &inner);
    if (status) {
        return hn_plan_locate(status, c.at, &inner, err);
    }
    status = complete(&c, err);
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
        return hn_plan_locate(status, c.at, &inner, err);
    }
    search->pruner = spec.options
                         ? hn_node_json(&plan->arena, hn_spec_to_node(&plan->arena, &spec), HN_JSON_STRICT)
                         : spec.name;
    return search->pruner ? HONE_OK : hn_out_of_memory(err);
}
