/* Shared by the tests of analysis/: histories made trial by trial. */
#ifndef HN_TEST_ANALYSIS_FIXTURE_H
#define HN_TEST_ANALYSIS_FIXTURE_H

#include <math.h>

#include "history/history.h"
#include "math/random.h"
#include "support.h"

enum { MOST_PARAMS = 8 };

/* Parameters of a study without a declared space. */
typedef struct fixture {
    hn_history *history;
    size_t n;
    const char *names[MOST_PARAMS];
    hn_distribution distributions[MOST_PARAMS];
} fixture;

static inline void fixture_open(fixture *f, size_t n_objectives)
{
    static const hone_direction directions[] = {HONE_MINIMIZE, HONE_MINIMIZE, HONE_MINIMIZE, HONE_MINIMIZE};
    *f = (fixture){0};
    ck_assert(!hn_history_create(directions, n_objectives, &f->history, NULL));
}

static inline void fixture_float(fixture *f, const char *name, double low, double high, bool log)
{
    f->names[f->n] = name;
    ck_assert(!hn_distribution_float(name, low, high, 0, log, (hn_position){0}, &f->distributions[f->n++],
                                     NULL, NULL));
}

static inline void fixture_integer(fixture *f, const char *name, int64_t low, int64_t high)
{
    f->names[f->n] = name;
    ck_assert(!hn_distribution_integer(name, low, high, 1, false, (hn_position){0}, &f->distributions[f->n++],
                                       NULL, NULL));
}

static inline void fixture_choice(fixture *f, hn_arena *arena, const char *name, const char *const *choices,
                                  size_t n)
{
    hone_value values[MOST_PARAMS];
    for (size_t i = 0; i < n; i++) {
        values[i] = (hone_value){.type = HONE_STRING, .as.string = choices[i]};
    }
    f->names[f->n] = name;
    ck_assert(!hn_distribution_categorical(arena, name, values, n, false, (hn_position){0},
                                           &f->distributions[f->n++], NULL));
}

/* raw (n,): NaN of a parameter that the trial lacks; a choice by its index. values (n_objectives,). */
static inline int64_t fixture_add(fixture *f, const double *raw, hone_trial_state state, const double *values)
{
    hn_trial_param params[MOST_PARAMS];
    size_t n = 0;
    int64_t number = (int64_t)hn_history_count(f->history);
    for (size_t p = 0; p < f->n; p++) {
        if (!isnan(raw[p])) {
            params[n++] = (hn_trial_param){f->names[p], &f->distributions[p], raw[p]};
        }
    }
    const hn_trial_record record = {.id = number + 1,
                                    .number = number,
                                    .state = state,
                                    .start_us = 1 + number,
                                    .complete_us = state == HONE_RUNNING ? 0 : 2 + number,
                                    .n_params = n,
                                    .params = params,
                                    .n_values =
                                        state == HONE_COMPLETE ? hn_history_objective_count(f->history) : 0,
                                    .values = values,
                                    .noise = NAN};
    ck_assert(!hn_history_put(f->history, &record, NULL));
    return number;
}

#endif
