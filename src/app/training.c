#include "app/training.h"

#include <math.h>

#include "base/number.h"
#include "study/study.h"

static void add_trial(const hn_history *history, int64_t number, hn_training *sum, double *pace,
                      int64_t *paced)
{
    const hn_trial_report *reports;
    size_t n = hn_history_reports(history, number, &reports);
    int64_t steps = n ? reports[n - 1].step : 0;
    double seconds = hn_history_seconds(history, number);
    if (steps <= 0 || hn_history_state(history, number) == HONE_FAILED) {
        return;
    }
    sum->trials++;
    sum->spent += steps;
    if (hn_history_state(history, number) == HONE_COMPLETE && steps > sum->full) {
        sum->full = steps;
    }
    if (seconds > 0) {
        *pace += seconds;
        *paced += steps;
    }
}

hn_training hn_training_of(hone_study *study)
{
    hn_training sum = {.seconds_saved = NAN};
    double pace = 0;
    int64_t paced = 0;
    hn_study_lock(study);
    for (int64_t i = 0; i < (int64_t)hn_history_count(study->history); i++) {
        add_trial(study->history, i, &sum, &pace, &paced);
        int64_t runs = hn_history_runs(study->history, i);
        sum.promoted += runs > 1 ? runs - 1 : 0;
    }
    sum.paused = (int64_t)study->n_paused;
    hn_study_unlock(study);
    if (hn_pruner_type_of(study->pruner)->explore) {
        sum.full = 0; /* a clone has its ancestors' training: there is nothing to compare with */
    }
    sum.whole = sum.trials * sum.full;
    if (paced) {
        sum.seconds_saved = (double)(sum.whole - sum.spent) * pace / (double)paced;
    }
    return sum;
}

static bool is_worth_a_word(const hn_training *t)
{
    return t->full && (t->whole > t->spent || t->paused || t->promoted);
}

void hn_training_write(hn_buffer *out, const hn_training *t)
{
    char text[HN_NUMBER_SIZE];
    if (!is_worth_a_word(t)) {
        return;
    }
    hn_buffer_printf(out, "%lld of %lld steps", (long long)t->spent, (long long)t->whole);
    if (t->whole > t->spent) {
        hn_format_short(text, 100 * (1 - (double)t->spent / (double)t->whole), 2);
        hn_buffer_printf(out, ", %s %% saved", text);
        if (t->seconds_saved > 0) {
            hn_format_duration(text, t->seconds_saved);
            hn_buffer_printf(out, " (about %s)", text);
        }
    }
    const char *between = "; ";
    if (t->paused) {
        hn_buffer_printf(out, "%s%lld paused", between, (long long)t->paused);
        between = ", ";
    }
    if (t->promoted) {
        hn_buffer_printf(out, "%s%lld promoted", between, (long long)t->promoted);
    }
}

hn_node *hn_training_node(hn_arena *arena, const hn_training *t)
{
    hn_node *map = hn_node_map(arena);
    if (!is_worth_a_word(t)) {
        return NULL;
    }
    map = hn_map_set(arena, map, "steps", hn_node_integer(arena, t->spent));
    map = hn_map_set(arena, map, "whole", hn_node_integer(arena, t->whole));
    map = hn_map_set(arena, map, "paused", hn_node_integer(arena, t->paused));
    map = hn_map_set(arena, map, "promoted", hn_node_integer(arena, t->promoted));
    if (!isnan(t->seconds_saved)) {
        map =
            hn_map_set(arena, map, "seconds_saved", hn_node_real(arena, round(t->seconds_saved * 1e3) / 1e3));
    }
    return map;
}
