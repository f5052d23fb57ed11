#include "app/fit_progress.h"

#include <math.h>

/* A number that JSON lacks is left out. */
static hn_node *set_number(hn_arena *arena, hn_node *map, const char *key, double value)
{
    return isfinite(value) ? hn_map_set(arena, map, key, hn_node_real(arena, value)) : map;
}

void hn_fit_progress_send(hn_worker_channel *channel, const hn_fit_step *step, size_t fold, size_t folds,
                          const char *metric, double score)
{
    hn_arena arena = HN_ARENA_INIT;
    if (!hn_worker_progress_due(channel)) {
        return;
    }
    hn_node *map = hn_map_set(&arena, hn_node_map(&arena), "step", hn_node_integer(&arena, step->number));
    map = hn_map_set(&arena, map, "steps", hn_node_integer(&arena, step->total));
    map = hn_map_set(&arena, map, "fold", hn_node_integer(&arena, (int64_t)fold));
    map = hn_map_set(&arena, map, "folds", hn_node_integer(&arena, (int64_t)folds));
    map = set_number(&arena, map, "loss", step->loss);
    map = set_number(&arena, map, "rate", step->rate);
    map = set_number(&arena, map, "left", step->seconds * (double)(step->total - step->number));
    map = set_number(&arena, map, "score", score);
    if (metric) {
        map = hn_map_set(&arena, map, "metric", hn_node_string(&arena, metric));
    }
    if (map) {
        hn_worker_progress(channel, map);
    }
    hn_arena_release(&arena);
}

static double number(const hn_node *facts, const char *key)
{
    double value;
    const hn_node *node = hn_map_get(facts, key);
    return node && hn_node_double(node, &value) ? value : NAN;
}

static int64_t count(const hn_node *facts, const char *key)
{
    int64_t value = 0;
    const hn_node *node = hn_map_get(facts, key);
    return node && hn_node_int(node, &value) ? value : 0;
}

void hn_fit_progress_show(hn_progress *progress, int64_t trial, const hn_node *facts)
{
    const hn_node *metric = hn_map_get(facts, "metric");
    hn_progress_fit(progress, &(hn_progress_step){
                                  .trial = trial,
                                  .fold = count(facts, "fold"),
                                  .folds = count(facts, "folds"),
                                  .step = count(facts, "step"),
                                  .steps = count(facts, "steps"),
                                  .loss = number(facts, "loss"),
                                  .score = number(facts, "score"),
                                  .rate = number(facts, "rate"),
                                  .left = number(facts, "left"),
                                  .metric = metric && metric->kind == HN_STRING ? metric->as.string : NULL,
                              });
}
