/* `search:`: algorithms, budget and limits. */
#include <string.h>

#include "app/plan.h"
#include "app/plan_reader.h"
#include "pruner/pruner.h"
#include "sampler/sampler.h"
#include "study/study.h"

/* The spelling that hone_study_config takes: a name, or a mapping as JSON. */
static const char *spec_text(hn_arena *arena, const hn_spec *spec)
{
    if (!spec->options) {
        return spec->name;
    }
    return hn_node_json(arena, hn_spec_to_node(arena, spec), HN_JSON_STRICT);
}

/* An error without a position gets that of the node, unless it says so already. */
hone_status hn_plan_locate(hone_status status, hn_position at, const hone_error *inner, hone_error *err)
{
    const char *source = at.source;
    bool placed = inner->line || (source && !strncmp(inner->message, source, strlen(source)));
    if (status && !placed) {
        return hn_fail_at(err, status, at, "%s", inner->message);
    }
    if (status && err) {
        *err = *inner;
    }
    return status;
}

static hone_status check_sampler(hone_plan *plan, const hn_node *node, hone_error *err)
{
    hn_spec spec;
    hn_sampler *sampler = NULL;
    hone_error inner;
    hone_status status = hn_spec_from_node(&plan->arena, node, "sampler", &spec, &inner);
    if (!status) {
        status = hn_sampler_create(&spec, &sampler, &inner);
    }
    if (status) {
        return hn_plan_locate(status, node->at, &inner, err);
    }
    plan->search.sampler_type = hn_sampler_type_of(sampler);
    plan->search.ends_by_itself = plan->search.sampler_type->capabilities & HN_SAMPLER_EXHAUSTS;
    plan->search.whole_space = plan->search.sampler_type->capabilities & HN_SAMPLER_FINITE_ONLY;
    plan->search.sampler = spec_text(&plan->arena, &spec);
    plan->search.sampler_label = node->kind == HN_STRING ? node->as.string : plan->search.sampler;
    hn_sampler_destroy(sampler);
    return plan->search.sampler ? HONE_OK : hn_out_of_memory(err);
}

/* Its options are judged when they are complete: hn_plan_complete_pruner. */
static hone_status check_pruner(hone_plan *plan, const hn_node *node, hone_error *err)
{
    hn_plan_search *search = &plan->search;
    const hn_pruner_type *type = NULL;
    hone_error inner;
    hone_status status = hn_spec_from_node(&plan->arena, node, "pruner", &search->pruner_spec, &inner);
    if (!status) {
        status = hn_pruner_check(&search->pruner_spec, &type, &inner);
    }
    if (!status && search->sampler_type) {
        status = hn_algorithms_agree(search->sampler_type, type, &inner);
    }
    if (status) {
        return hn_plan_locate(status, node->at, &inner, err);
    }
    search->pruner_at = node->at;
    search->pruner = spec_text(&plan->arena, &search->pruner_spec);
    search->pruner_label = node->kind == HN_STRING ? node->as.string : search->pruner;
    return search->pruner ? HONE_OK : hn_out_of_memory(err);
}

/* `refine: 20` or `refine: {broad: 20, ...}` around the sampler that is given: the sampler refine. *sampler
 * stays as it is without the key. */
static hone_status wrap_refine(hone_plan *plan, const hn_reader *reader, const hn_node **sampler,
                               hone_error *err)
{
    hn_arena *arena = &plan->arena;
    const hn_node *refine = hn_reader_get(reader, "refine");
    if (!refine) {
        return HONE_OK;
    }
    if (refine->kind != HN_MAP && refine->kind != HN_INT) {
        return hn_reader_wrong(reader, "refine", refine,
                               "the trials of the broad search, or a map such as {broad: 20, top: 0.2}", err);
    }
    hn_node *copy = hn_node_copy(arena, refine);
    hn_node *options =
        refine->kind == HN_MAP ? copy : hn_map_append(arena, hn_node_map(arena), "broad", copy);
    if (options && *sampler) {
        options = hn_map_set(arena, options, "sampler", hn_node_copy(arena, *sampler));
    }
    hn_node *wrapped = hn_map_append(arena, hn_node_map(arena), "refine", options);
    if (!options || !wrapped) {
        return hn_out_of_memory(err);
    }
    wrapped->at = wrapped->as.entries[0].at = options->at = refine->at;
    *sampler = wrapped;
    return HONE_OK;
}

static hone_status check_algorithms(hone_plan *plan, const hn_reader *reader, hone_error *err)
{
    const hn_node *sampler = hn_reader_get(reader, "sampler"), *pruner = hn_reader_get(reader, "pruner");
    hone_status status = wrap_refine(plan, reader, &sampler, err);
    if (!status && sampler) {
        status = check_sampler(plan, sampler, err);
    }
    if (!status && pruner) {
        status = check_pruner(plan, pruner, err);
    }
    if (!status && pruner && plan->n_goals > 1 && strcmp(plan->search.pruner, "none") != 0) {
        status = hn_fail_at(err, HONE_UNSUPPORTED, pruner->at,
                            "pruner %s: pruning needs a single goal, there are %zu", plan->search.pruner,
                            plan->n_goals);
    }
    return status;
}

static hone_status check_numbers(hn_plan_search *search, const hn_reader *reader, hone_error *err)
{
    const struct {
        const char *key;
        int64_t low, *value;
    } counts[] = {
        {"workers", 1, &search->workers},         {"max_failures", INT64_MIN, &search->max_failures},
        {"retries", 0, &search->retries},         {"executions", 1, &search->executions},
        {"keep_models", 0, &search->keep_models}, {"lag", -1, &search->lag},
        {"restarts", 0, &search->restarts},
    };
    const struct {
        const char *key;
        double *seconds;
    } times[] = {
        {"trial_timeout", &search->trial_seconds},
        {"grace", &search->grace_seconds},
        {"heartbeat", &search->heartbeat_seconds},
    };
    hone_status status = HONE_OK;
    for (size_t i = 0; !status && i < sizeof counts / sizeof *counts; i++) {
        status = hn_read_int(reader, counts[i].key, counts[i].low, counts[i].value, err);
    }
    for (size_t i = 0; !status && i < sizeof times / sizeof *times; i++) {
        status = hn_read_duration(reader, times[i].key, times[i].seconds, err);
    }
    search->restarts = !search->restarts && hn_reader_get(reader, "restarts") ? -1 : search->restarts;
    return status;
}

static hone_status check_workers(const hn_plan_search *search, const hn_reader *reader, hone_error *err)
{
    enum { MAX_WORKERS = 1024 };
    if (search->workers > MAX_WORKERS) {
        return hn_fail_at(err, HONE_LIMIT, hn_reader_get(reader, "workers")->at,
                          "search: workers is %lld, at most %d", (long long)search->workers, MAX_WORKERS);
    }
    return HONE_OK;
}

/* "last" (the default) or "best": which reported value of a trial counts. */
static hone_status check_best(hone_plan *plan, const hn_reader *reader, hone_error *err)
{
    hn_plan_search *search = &plan->search;
    const hn_node *node = hn_reader_get(reader, "best");
    const char *which = "last";
    hone_status status = hn_read_text(reader, "best", &which, err);
    if (!status && strcmp(which, "last") != 0 && strcmp(which, "best") != 0) {
        status = hn_reader_wrong(reader, "best", node, "last or best", err);
    }
    search->take_best = !status && !strcmp(which, "best");
    if (search->take_best && plan->model.type) {
        status = hn_fail_at(err, HONE_INVALID, node->at,
                            "search: best is for programs that report; a model's score is that of all folds");
    }
    return status;
}

/* A program is run again with {seed}s by whoever wants it. */
static hone_status check_executions(const hone_plan *plan, const hn_reader *reader, hone_error *err)
{
    enum { MOST = 1000 };
    const hn_node *node = hn_reader_get(reader, "executions");
    if (node && plan->search.executions > MOST) {
        return hn_fail_at(err, HONE_LIMIT, node->at, "search: executions is %lld, at most %d",
                          (long long)plan->search.executions, MOST);
    }
    return node && !hn_map_get(plan->root, "model")
               ? hn_fail_at(err, HONE_INVALID, node->at,
                            "search: executions needs a model; a program has {seed}")
               : HONE_OK;
}

static hone_status check_keep_models(const hone_plan *plan, const hn_reader *reader, hone_error *err)
{
    const hn_node *node = hn_reader_get(reader, "keep_models");
    bool model = hn_map_get(plan->root, "model");
    return node && (!model || plan->n_goals > 1)
               ? hn_fail_at(err, HONE_INVALID, node->at, "search: keep_models needs a %s",
                            model ? "single goal" : "model")
               : HONE_OK;
}

static hone_status check_refit(hone_plan *plan, const hn_reader *reader, hone_error *err)
{
    static const char *const names[] = {"best", "one_standard_error", "none"};
    enum { N = sizeof names / sizeof *names };
    const hn_node *node = hn_reader_get(reader, "refit");
    const hn_model_type *type = plan->model.type;
    const char *name = names[0];
    int rule = 0;
    hone_status status = hn_read_text(reader, "refit", &name, err);
    if (status || !node) {
        return status;
    }
    while (rule < N && strcmp(name, names[rule]) != 0) {
        rule++;
    }
    plan->search.refit = (hn_refit_rule)rule;
    if (rule == N) {
        return hn_reader_wrong(reader, "refit", node, "best, one_standard_error or none", err);
    }
    if (!type || plan->n_goals > 1) {
        return hn_fail_at(err, HONE_INVALID, node->at, "search: refit needs %s",
                          type ? "a single goal" : "a model");
    }
    if (rule == HN_REFIT_ONE_STANDARD_ERROR && !type->simpler) {
        return hn_fail_at(err, HONE_UNSUPPORTED, node->at,
                          "search: refit one_standard_error: model %s does not say which of its settings is "
                          "simpler; choose best or none",
                          type->name);
    }
    return HONE_OK;
}

/* Earlier studies to learn from: that they are there is seen when the study is opened. */
static hone_status check_learn_from(hone_plan *plan, const hn_reader *reader, hone_error *err)
{
    const hn_node *node = hn_reader_get(reader, "learn_from");
    hn_node *list = NULL;
    hone_error inner;
    hone_status status = node ? hn_learn_from_read(&plan->arena, node, &list, &inner) : HONE_OK;
    if (status) {
        return hn_plan_locate(status, node->at, &inner, err);
    }
    plan->search.learn_from = list ? hn_node_json(&plan->arena, list, HN_JSON_STRICT) : NULL;
    return list && !plan->search.learn_from ? hn_out_of_memory(err) : HONE_OK;
}

static hone_status check_seed(hone_plan *plan, const hn_reader *reader, hone_error *err)
{
    int64_t seed = 0;
    hone_status status = hn_read_int(reader, "seed", 0, &seed, err);
    plan->search.seed = (uint64_t)seed;
    plan->search.has_seed = hn_reader_get(reader, "seed");
    return status;
}

hone_status hn_plan_check_search(hone_plan *plan, hone_error *err)
{
    static const char *const keys[] = {
        "sampler",  "pruner",       "trials",  "timeout",       "workers",     "seed",
        "target",   "max_failures", "retries", "trial_timeout", "grace",       "lag",
        "best",     "refit",        "refine",  "executions",    "keep_models", "learn_from",
        "patience", "regret",       "cost",    "restarts",      "heartbeat"};
    const hn_node *node = hn_map_get(plan->root, "search");
    hn_reader reader = {&plan->arena, node, "search"};
    plan->search = (hn_plan_search){.lag = -1, .sampler_label = "auto", .pruner_label = "none"};
    if (node && node->kind != HN_MAP && node->kind != HN_NULL) {
        hn_reader root = {&plan->arena, plan->root, ""};
        return hn_reader_wrong(&root, "search", node, "a map such as {sampler: tpe, trials: 50}", err);
    }
    hone_status status = hn_map_check_keys(node, "search", keys, sizeof keys / sizeof *keys, err);
    if (!status) {
        status = check_algorithms(plan, &reader, err);
    }
    if (!status) {
        status = check_numbers(&plan->search, &reader, err);
    }
    if (!status) {
        status = check_workers(&plan->search, &reader, err);
    }
    if (!status) {
        status = check_best(plan, &reader, err);
    }
    if (!status) {
        status = check_executions(plan, &reader, err);
    }
    if (!status) {
        status = check_keep_models(plan, &reader, err);
    }
    if (!status) {
        status = check_refit(plan, &reader, err);
    }
    if (!status) {
        status = check_learn_from(plan, &reader, err);
    }
    if (!status) {
        status = check_seed(plan, &reader, err);
    }
    return status ? status : hn_plan_check_limits(plan, &reader, err);
}
