/* Hard histories and spaces, over every registered sampler: the points proposed stay settled and allowed. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "sampler/sampler.h"
#include "support.h"

enum { MOST_PARAMETERS = 200, TOLD = 16, ASKED = 4 };

typedef struct study {
    hn_arena arena, scratch;
    hn_space *space;
    hn_history *history;
    hn_sampler *sampler;
} study;

/* --- a study --- */

/* As in test_sampler.c: options without which a sampler cannot be made, or that make it quick. */
static const hn_node *options_of(hn_arena *arena, const hn_sampler_type *type)
{
    static const char *const known[][2] = {
        {"fixed", "{values: {k: b}, sampler: random}"}, {"refine", "{sampler: tpe}"}, {"gp", "{draws: 1}"}};
    hn_node *options = NULL;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(type->name, known[i][0]) == 0) {
            ck_assert(!hn_yaml_parse(arena, "test", known[i][1], strlen(known[i][1]), &options, NULL));
        }
    }
    return options;
}

/* False when the sampler needs a finite space. */
static bool open_study(const hn_sampler_type *type, const char *space, study *s)
{
    hone_direction direction = HONE_MINIMIZE;
    hone_error err = {0};
    *s = (study){0};
    ck_assert_msg(!hn_space_from_text(&s->arena, space, NULL, &s->space, &err), "%s", err.message);
    ck_assert(!hn_history_create(&direction, 1, &s->history, NULL));
    ck_assert_msg(!hn_sampler_create_from(type, options_of(&s->arena, type), &s->sampler, &err), "%s: %s",
                  type->name, err.message);
    return !hn_sampler_check(s->sampler, s->space, NULL);
}

static void close_study(study *s)
{
    hn_sampler_destroy(s->sampler);
    hn_history_destroy(s->history);
    hn_arena_release(&s->arena);
    hn_arena_release(&s->scratch);
}

/* A trial at the point; of a value that is not finite, a failed one. */
static void tell(study *s, const hn_point *point, double value)
{
    hn_trial_param params[MOST_PARAMETERS];
    size_t n = 0;
    for (size_t i = 0; i < s->space->count; i++) {
        const hn_parameter *parameter = &s->space->parameters[i];
        if (point->active[i]) {
            params[n++] = (hn_trial_param){parameter->name, &parameter->distribution, point->values[i]};
        }
    }
    int64_t number = (int64_t)hn_history_count(s->history);
    hn_trial_record record = {.id = number + 1,
                              .number = number,
                              .state = isfinite(value) ? HONE_COMPLETE : HONE_FAILED,
                              .start_us = number + 1,
                              .complete_us = number + 2,
                              .n_params = n,
                              .params = params,
                              .n_values = isfinite(value),
                              .values = &value,
                              .noise = NAN};
    hone_error err = {0};
    ck_assert_msg(!hn_history_put(s->history, &record, &err), "%s", err.message);
}

static void random_point(const hn_space *space, hn_random *random, hn_point *point)
{
    for (size_t i = 0; i < space->count; i++) {
        const hn_distribution *distribution = &space->parameters[i].distribution;
        point->values[i] = hn_distribution_decode(distribution, hn_random_uniform(random));
    }
    hn_space_settle(space, point);
}

/* Asks and tells, as long as there are points left. */
static void ask_on(study *s, double (*value)(int i))
{
    const char *name = hn_sampler_type_of(s->sampler)->name;
    hn_point point = hn_point_new(&s->arena, s->space->count);
    for (int i = 0; i < ASKED; i++) {
        hn_arena_reset(&s->scratch);
        hn_ask ask = {.space = s->space,
                      .view = {s->history, INT64_MAX},
                      .number = (int64_t)hn_history_count(s->history),
                      .seed = 5,
                      .study_seed = 5,
                      .scratch = &s->scratch};
        hone_error err = {0};
        size_t count = 0;
        ck_assert_msg(!hn_sampler_propose(s->sampler, &ask, NULL, 1, &point, &count, &err), "%s: %s", name,
                      err.message);
        if (!count) {
            return;
        }
        ck_assert_msg(hn_space_contains(s->space, &point), "%s: not settled, or not allowed", name);
        tell(s, &point, value(TOLD + i));
    }
}

/* --- histories --- */

static double equal(int i)
{
    (void)i;
    return 2;
}

static double outlier(int i)
{
    return i == 3 ? 1e300 : (double)(i % 5);
}

static double often_failed(int i)
{
    return i % 2 ? (double)(i % 7) : NAN;
}

static double always_failed(int i)
{
    (void)i;
    return NAN;
}

static double noise(int i)
{
    hn_random random = hn_random_stream(9, (uint64_t)i, HN_PURPOSE_TEST);
    return hn_random_normal(&random);
}

static const struct {
    const char *name;
    double (*value)(int i);
    int told;
    bool same, first_branch; /* all at one point; the choice is always the first */
} histories[] = {
    {"all equal", equal, TOLD, false, false},
    {"two trials", noise, 2, false, false},
    {"one huge outlier", outlier, TOLD, false, false},
    {"every second failed", often_failed, TOLD, false, false},
    {"all failed", always_failed, TOLD, false, false},
    {"only noise", noise, TOLD, false, false},
    {"one point again and again", noise, TOLD, true, false},
    {"a branch never seen", noise, TOLD, false, true},
};

enum { HISTORIES = sizeof histories / sizeof *histories };

/* A constant, twelve decades, a branch. */
static const char varied[] = "{x: {float: [0, 1]}, lr: {float: [1e-12, 1], log: true}, one: {int: [3, 3]}, "
                             "k: {choice: [a, b]}, m: {float: [0, 1], when: k == b}}";

START_TEST(hard_histories)
{
    study s;
    for (size_t i = 0; hn_sampler_at(i); i++) {
        if (open_study(hn_sampler_at(i), varied, &s)) {
            hn_random random = hn_random_stream(1, (uint64_t)_i, HN_PURPOSE_TEST);
            hn_point point = hn_point_new(&s.arena, s.space->count);
            size_t choice = hn_space_find(s.space, "k");
            for (int told = 0; told < histories[_i].told; told++) {
                if (!told || !histories[_i].same) {
                    random_point(s.space, &random, &point);
                }
                if (histories[_i].first_branch) {
                    point.values[choice] = 0;
                    hn_space_settle(s.space, &point);
                }
                tell(&s, &point, histories[_i].value(told));
            }
            ask_on(&s, histories[_i].value);
        }
        close_study(&s);
    }
}
END_TEST

/* --- spaces --- */

static void put_names(hn_buffer *text, int n, const char *format)
{
    hn_buffer_text(text, "{k: {choice: [a, b]}");
    for (int i = 1; i < n; i++) {
        hn_buffer_printf(text, ", p%d: %s", i, format);
    }
    hn_buffer_text(text, "}");
}

START_TEST(many_parameters)
{
    static const struct {
        int n;
        const char *each;
    } wide[] = {{MOST_PARAMETERS, "{float: [0, 1]}"}, {60, "{choice: [a, b, c, d]}"}};
    hn_buffer text = HN_BUFFER_INIT;
    study s;
    put_names(&text, wide[_i].n, wide[_i].each);
    for (size_t i = 0; hn_sampler_at(i); i++) {
        if (open_study(hn_sampler_at(i), hn_buffer_string(&text), &s)) {
            hn_random random = hn_random_stream(2, (uint64_t)_i, HN_PURPOSE_TEST);
            hn_point point = hn_point_new(&s.arena, s.space->count);
            for (int told = 0; told < TOLD; told++) {
                random_point(s.space, &random, &point);
                tell(&s, &point, noise(told));
            }
            ask_on(&s, noise);
        }
        close_study(&s);
    }
    hn_buffer_release(&text);
}
END_TEST

/* Trials of a study whose bounds were wider and elsewhere. */
START_TEST(bounds_that_changed)
{
    study before, s;
    for (size_t i = 0; hn_sampler_at(i); i++) {
        open_study(hn_sampler_at(i), "{k: {choice: [a, b]}, x: {float: [-3, 30]}}", &before);
        if (open_study(hn_sampler_at(i), "{k: {choice: [a, b]}, x: {float: [0, 1]}}", &s)) {
            hn_random random = hn_random_stream(3, 0, HN_PURPOSE_TEST);
            hn_point point = hn_point_new(&s.arena, s.space->count);
            hn_space *now = s.space;
            s.space = before.space;
            for (int told = 0; told < TOLD; told++) {
                random_point(s.space, &random, &point);
                tell(&s, &point, noise(told));
            }
            s.space = now;
            ask_on(&s, noise);
        }
        close_study(&before);
        close_study(&s);
    }
}
END_TEST

Suite *suite_sampler_hard(void)
{
    Suite *suite = suite_create("sampler_hard");
    TCase *all = tcase_create("every sampler");
    tcase_set_timeout(all, 60);
    tcase_add_loop_test(all, hard_histories, 0, HISTORIES);
    tcase_add_loop_test(all, many_parameters, 0, 2);
    tcase_add_test(all, bounds_that_changed);
    suite_add_tcase(suite, all);
    return suite;
}
