/* Shared by the tests of sampler/: a space, a history and a sampler that go through a study trial by
 * trial. */
#ifndef HN_TEST_SAMPLER_FIXTURE_H
#define HN_TEST_SAMPLER_FIXTURE_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "sampler/sampler.h"
#include "support.h"

typedef struct fixture {
    hn_arena arena, scratch;
    hn_space *space;
    hn_history *history;
    hn_sampler *sampler;
    uint64_t seed;
} fixture;

static inline void fixture_sampler(fixture *f, const char *text)
{
    hn_spec spec;
    hone_error err = {0};
    hn_sampler_destroy(f->sampler);
    f->sampler = NULL;
    ck_assert_msg(hn_spec_from_text(&f->arena, text, "sampler", &spec, &err) == HONE_OK, "%s", err.message);
    ck_assert_msg(hn_sampler_create(&spec, &f->sampler, &err) == HONE_OK, "%s: %s", text, err.message);
}

static inline fixture fixture_make(const char *space, const char *forbidden, const char *sampler)
{
    fixture f = {.seed = 7};
    hone_direction direction = HONE_MINIMIZE;
    hone_error err = {0};
    ck_assert_msg(hn_space_from_text(&f.arena, space, forbidden, &f.space, &err) == HONE_OK, "%s",
                  err.message);
    ck_assert_int_eq(hn_history_create(&direction, 1, &f.history, NULL), HONE_OK);
    fixture_sampler(&f, sampler);
    return f;
}

static inline void fixture_release(fixture *f)
{
    hn_sampler_destroy(f->sampler);
    hn_history_destroy(f->history);
    hn_arena_release(&f->arena);
    hn_arena_release(&f->scratch);
}

static inline hn_ask fixture_ask(fixture *f)
{
    hn_arena_reset(&f->scratch);
    return (hn_ask){.space = f->space,
                    .view = {f->history, INT64_MAX},
                    .number = (int64_t)hn_history_count(f->history),
                    .seed = f->seed,
                    .study_seed = f->seed,
                    .scratch = &f->scratch};
}

/* Up to n points in the fixture's arena; *count says how many. */
static inline hn_point *fixture_propose(fixture *f, const hn_point *fixed, size_t n, size_t *count)
{
    hn_point *points = HN_ARENA_NEW(&f->arena, hn_point, n);
    for (size_t k = 0; k < n; k++) {
        points[k] = hn_point_new(&f->arena, f->space->count);
    }
    hn_ask ask = fixture_ask(f);
    hone_error err = {0};
    ck_assert_msg(hn_sampler_propose(f->sampler, &ask, fixed, n, points, count, &err) == HONE_OK, "%s",
                  err.message);
    for (size_t k = 0; k < *count && fixed == NULL; k++) {
        ck_assert_msg(hn_space_contains(f->space, &points[k]), "not settled, or not allowed");
    }
    return points;
}

/* Puts trial `number` with what is known of it now; time_us orders those that finished. */
static inline void fixture_put_at(fixture *f, int64_t number, const hn_point *point, hone_trial_state state,
                                  double value, int64_t time_us)
{
    hn_trial_param params[256];
    size_t n = 0;
    for (size_t k = 0; k < f->space->count; k++) {
        size_t i = f->space->by_display[k];
        if (point->active[i]) {
            params[n++] = (hn_trial_param){f->space->parameters[i].name,
                                           &f->space->parameters[i].distribution, point->values[i]};
        }
    }
    hn_trial_record record = {.number = number,
                              .state = state,
                              .complete_us = time_us,
                              .n_params = n,
                              .params = params,
                              .n_values = state == HONE_COMPLETE,
                              .values = &value,
                              .noise = NAN};
    hone_error err = {0};
    ck_assert_msg(hn_history_put(f->history, &record, &err) == HONE_OK, "%s", err.message);
}

/* Puts a point as the next trial. */
static inline void fixture_put(fixture *f, const hn_point *point, hone_trial_state state, double value)
{
    fixture_put_at(f, (int64_t)hn_history_count(f->history), point, state, value, 0);
}

/* One trial proposed and finished with the value 0; false when the space is exhausted. */
static inline bool fixture_step(fixture *f, hn_point *point)
{
    size_t count;
    *point = fixture_propose(f, NULL, 1, &count)[0];
    if (count == 1) {
        fixture_put(f, point, HONE_COMPLETE, 0);
    }
    return count == 1;
}

static inline double fixture_value(const fixture *f, const hn_point *point, const char *name)
{
    size_t i = hn_space_find(f->space, name);
    ck_assert_uint_ne(i, SIZE_MAX);
    return point->active[i] ? point->values[i] : NAN;
}

#endif
