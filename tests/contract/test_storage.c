/* The contract of storage/storage.h, the same for every entry of the registry and for a plug-in that only
 * this test knows. */
#include "storage_suite.h"

#include <math.h>
#include <string.h>

#define TYPE hn_storage_of(storage)

static hone_error err;

START_TEST(creates_and_finds_a_study)
{
    hn_storage *storage = storage_fixture(_i);
    static const hone_direction directions[] = {HONE_MINIMIZE, HONE_MAXIMIZE};
    static const char *const names[] = {"loss", "acc\"é"};
    static const hn_attribute attributes[] = {{"owner", "\"me\"", false}, {"hone:seed", "7", true}};
    hn_study_row row = {.name = "first",
                        .n_objectives = 2,
                        .directions = directions,
                        .metric_names = names,
                        .definition = "{\"goal\": 1}",
                        .n_attributes = 2,
                        .attributes = attributes};
    hn_study_row found;
    hn_arena arena = HN_ARENA_INIT;
    int64_t study, again;
    bool created;
    ok(TYPE->study_create(storage, &row, &study, &created, &err));
    ck_assert(created);
    row.definition = "{}";
    ok(TYPE->study_create(storage, &row, &again, &created, &err));
    ck_assert(!created && again == study);
    ok(TYPE->study_find(storage, "first", &arena, &found, &err));
    ck_assert(found.id == study && strlen(found.uuid) == HN_UUID_SIZE - 1);
    ck_assert_str_eq(found.definition, "{\"goal\": 1}");
    ck_assert(found.n_objectives == 2 && found.directions[1] == HONE_MAXIMIZE);
    ck_assert_str_eq(found.metric_names[1], "acc\"é");
    ck_assert_uint_eq(found.n_attributes, 2);
    ck_assert_str_eq(found.attributes[0].key, "owner");
    ck_assert(found.attributes[1].system);

    ok(TYPE->study_set_definition(storage, study, "{\"b\": 2}", &err));
    const hn_attribute changed = {"owner", "\"you\"", false};
    const char *json;
    ok(TYPE->study_set_attribute(storage, study, &changed, &err));
    ok(TYPE->study_attribute(storage, study, "owner", false, &arena, &json, &err));
    ck_assert_str_eq(json, "\"you\"");
    ok(TYPE->study_attribute(storage, study, "owner", true, &arena, &json, &err));
    ck_assert_ptr_null(json);
    ok(TYPE->study_find(storage, "first", &arena, &found, &err));
    ck_assert_str_eq(found.definition, "{\"b\": 2}");
    ck_assert_int_eq(TYPE->study_find(storage, "frist", &arena, &found, &err), HONE_NOT_FOUND);
    hn_assert_contains(err.message, "did you mean 'first'");
    hn_arena_release(&arena);
    hn_storage_close(storage);
}
END_TEST

START_TEST(lists_and_deletes_studies)
{
    hn_storage *storage = storage_fixture(_i);
    hn_arena arena = HN_ARENA_INIT;
    hn_study_summary *rows;
    size_t count;
    int64_t a = storage_study(storage, "a"), b = storage_study(storage, "b"), number;
    double values[] = {INFINITY, 2, -3, 5};
    for (size_t i = 0; i < 4; i++) {
        hn_trial_update update = storage_end(HONE_COMPLETE, &values[i]);
        ok(TYPE->trial_update(storage, storage_start(storage, i < 3 ? a : b, "L"), "L", &update, NULL, NULL,
                              &err));
    }
    int64_t in_b = storage_start(storage, b, "L");
    ok(TYPE->study_list(storage, &arena, &rows, &count, &err));
    ck_assert_uint_eq(count, 2);
    ck_assert(rows[0].trials == 3 && rows[0].complete == 3 && rows[0].has_best && rows[0].best == -3);
    ck_assert(rows[1].trials == 2 && rows[1].complete == 1 && rows[1].best == 5);
    ck_assert_int_eq(rows[1].first_start_us, 1700000000000001);
    ck_assert_str_eq(rows[1].name, "b");
    const char **names;
    ok(TYPE->study_names(storage, &arena, &names, &count, &err));
    ck_assert_uint_eq(count, 2);
    ck_assert_str_eq(names[0], "a");
    ck_assert_str_eq(names[1], "b");

    ok(TYPE->study_delete(storage, b, &err));
    ok(TYPE->study_list(storage, &arena, &rows, &count, &err));
    ck_assert_uint_eq(count, 1);
    ok(TYPE->study_names(storage, &arena, &names, &count, &err));
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(TYPE->study_delete(storage, b, &err), HONE_NOT_FOUND);
    storage_seen seen = {0};
    ck_assert_int_eq(TYPE->trial_read(storage, in_b, storage_see, &seen, &err), HONE_NOT_FOUND);
    hn_new_trial trial = storage_trial("L");
    ck_assert_int_eq(TYPE->trial_create(storage, b, 1, &trial, -1, &in_b, &number, &err), HONE_NOT_FOUND);
    hn_arena_release(&arena);
    hn_storage_close(storage);
}
END_TEST

START_TEST(keeps_everything_of_a_trial)
{
    hn_storage *storage = storage_fixture(_i);
    int64_t study = storage_study(storage, "s"), id = storage_start(storage, study, "L");
    static const hn_trial_report first[] = {{3, NAN}, {1, 0.5}}, second[] = {{1, 0.25}, {2, -INFINITY}};
    static const double constraints[] = {-1.5, INFINITY};
    static const hn_attribute attributes[] = {{"note", "[1, NaN]", false}, {HN_KEY_NOISE, "0.125", true}};
    static const hn_distribution y = {.kind = HN_INTEGER, .low = 1, .high = 9, .step = 2};
    static const hn_trial_param late = {"y", &y, 3};
    hn_trial_update going = {
        .state = HONE_RUNNING, .n_reports = 2, .reports = first, .n_params = 1, .params = &late};
    double value = 0.1 + 0.2;
    hn_trial_update end = storage_end(HONE_COMPLETE, &value);
    end.n_reports = 2, end.reports = second;
    end.n_constraints = 2, end.constraints = constraints;
    end.n_attributes = 2, end.attributes = attributes;
    ok(TYPE->trial_update(storage, id, "L", &going, NULL, NULL, &err));
    ok(TYPE->trial_update(storage, id, "L", &end, NULL, NULL, &err));

    storage_seen seen = storage_read(storage, id);
    ck_assert(seen.last.number == 0 && seen.last.state == HONE_COMPLETE);
    ck_assert_int_eq(seen.last.start_us, 1700000000000001);
    ck_assert_int_eq(seen.last.complete_us, 1700000001500002);
    ck_assert_uint_eq(seen.last.n_params, 3);
    ck_assert(seen.params[0] == 0.25 && seen.params[1] == 2 && seen.params[2] == 3);
    ck_assert_str_eq(seen.names[0], "x");
    ck_assert_str_eq(seen.names[2], "y");
    ck_assert(seen.last.n_values == 1 && seen.values[0] == value);
    ck_assert_uint_eq(seen.last.n_reports, 3);
    ck_assert(seen.steps[0] == 1 && seen.steps[1] == 2 && seen.steps[2] == 3);
    ck_assert(seen.reports[0] == 0.25 && seen.reports[1] == -INFINITY && isnan(seen.reports[2]));
    ck_assert(seen.last.n_constraints == 2 && seen.constraints[0] == -1.5 && seen.constraints[1] == INFINITY);
    ck_assert(seen.last.n_attributes == 2 && seen.last.noise == 0.125);
    ck_assert_str_eq(seen.keys[0], "note");
    ck_assert_str_eq(seen.jsons[0], "[1, NaN]");
    hn_storage_close(storage);
}
END_TEST

static hone_status check_distributions(void *user, const hn_trial_record *record, hone_error *error)
{
    hn_new_trial given = storage_trial(NULL);
    const hn_distribution **kept = user;
    (void)error;
    for (size_t i = 0; i < 2; i++) {
        ck_assert(hn_distribution_equal(record->params[i].distribution, given.params[i].distribution));
        kept[i] = record->params[i].distribution;
    }
    return HONE_OK;
}

START_TEST(keeps_distributions_for_its_life)
{
    hn_storage *storage = storage_fixture(_i);
    int64_t study = storage_study(storage, "s");
    const hn_distribution *kept[2] = {NULL, NULL};
    hn_new_trial given = storage_trial(NULL);
    storage_start(storage, study, "L");
    ok(TYPE->scan(storage, study, -1, NULL, 0, check_distributions, kept, &err));
    ok(TYPE->study_delete(storage, study, &err));
    ck_assert(hn_distribution_equal(kept[1], given.params[1].distribution));
    hn_storage_close(storage);
}
END_TEST

START_TEST(numbers_are_dense_per_study)
{
    hn_storage *storage = storage_fixture(_i);
    int64_t a = storage_study(storage, "a"), b = storage_study(storage, "b"), ids[3], numbers[3], id;
    hn_new_trial three[3] = {storage_trial("L"), storage_trial(NULL), storage_trial("M")};
    storage_start(storage, b, "L");
    ok(TYPE->trial_create(storage, a, 3, three, 0, ids, numbers, &err));
    storage_start(storage, b, "L");
    ck_assert(numbers[0] == 0 && numbers[1] == 1 && numbers[2] == 2);
    ck_assert_int_eq(TYPE->trial_create(storage, a, 1, three, 2, &id, numbers, &err), HONE_CONFLICT);
    ck_assert_int_eq(numbers[0], 3);
    ok(TYPE->trial_create(storage, a, 1, three, 3, &id, numbers, &err));
    ck_assert_int_eq(numbers[0], 3);
    ok(TYPE->trial_find(storage, a, 1, &id, &err));
    ck_assert_int_eq(id, ids[1]);
    ck_assert_int_eq(TYPE->trial_find(storage, a, 4, &id, &err), HONE_NOT_FOUND);
    hn_assert_contains(err.message, "0 to 3");
    ck_assert_int_eq(TYPE->trial_find(storage, a, -1, &id, &err), HONE_NOT_FOUND);
    hn_storage_close(storage);
}
END_TEST

/* Fills trials with a value and a number of parameters that follow from their number. */
typedef struct maker {
    hn_trial_param params[2];
    int64_t most; /* it has none for numbers from here on */
    int64_t last; /* number it was called with last */
} maker;

static hone_status fill_by_number(void *user, int64_t number, hn_new_trial *trial, hone_error *why)
{
    maker *m = user;
    hn_new_trial like = storage_trial(NULL);
    if (number >= m->most)
        return hn_fail(why, HONE_CONFLICT, "no trial %lld", (long long)number);
    memcpy(m->params, like.params, sizeof m->params);
    m->params[0].value = 1.0 / (double)(2 + number);
    trial->params = m->params;
    trial->n_params = number % 2 ? 1 : 2;
    m->last = number;
    return HONE_OK;
}

/* As a study does: a guess that was wrong is put right. */
static int64_t make_by_guess(hn_storage *storage, int64_t study, int64_t guess, maker *m, int64_t *id)
{
    hn_new_trial trial = storage_trial("L");
    int64_t number = guess;
    hone_status status = HONE_CONFLICT;
    for (int tries = 0; status == HONE_CONFLICT && tries < 3; tries++) {
        ok(fill_by_number(m, number, &trial, &err));
        status = TYPE->trial_make(storage, study, &trial, number, fill_by_number, m, id, &number, &err);
    }
    ok(status);
    ck_assert_int_eq(m->last, number); /* the caller has what was stored */
    return number;
}

START_TEST(a_trial_is_made_for_the_number_that_it_gets)
{
    hn_storage *storage = storage_fixture(_i);
    if (!TYPE->trial_make) {
        ck_assert(!TYPE->shared);
        hn_storage_close(storage);
        return;
    }
    int64_t study = storage_study(storage, "s"), other = storage_study(storage, "t"), id, next = 0;
    maker m = {.most = 1000};
    for (int round = 0; round < 12; round++) {
        int64_t guess = next;
        for (int i = 0; i < round % 5; i++, next++)
            storage_start(storage, study, "L"); /* others are faster */
        storage_start(storage, other, "L");
        ck_assert_int_eq(make_by_guess(storage, study, guess, &m, &id), next);
        storage_seen seen = storage_read(storage, id);
        ck_assert_int_eq(seen.last.number, next);
        ck_assert_uint_eq(seen.last.n_params, next % 2 ? 1 : 2);
        ck_assert_double_eq(seen.params[0], 1.0 / (double)(2 + next));
        next++;
    }
    hn_new_trial trial = storage_trial("L");
    int64_t number = 0, found;
    m.most = next;
    for (int64_t guess = 0; guess < next; guess += next - 1) {
        ok(fill_by_number(&m, guess, &trial, &err));
        ck_assert_int_eq(
            TYPE->trial_make(storage, study, &trial, guess, fill_by_number, &m, &id, &number, &err),
            HONE_CONFLICT);
        ck_assert_int_eq(number, next);
    }
    ck_assert_int_eq(TYPE->trial_find(storage, study, next, &found, &err), HONE_NOT_FOUND);
    hn_storage_close(storage);
}
END_TEST

START_TEST(scans_what_is_new_and_asked_again)
{
    hn_storage *storage = storage_fixture(_i);
    int64_t study = storage_study(storage, "s"), other = storage_study(storage, "o"), ids[6];
    for (int i = 0; i < 6; i++) {
        storage_start(storage, other, "L");
        ids[i] = storage_start(storage, study, "L");
    }
    storage_seen seen = {0};
    ok(TYPE->scan(storage, study, -1, NULL, 0, storage_see, &seen, &err));
    ck_assert_uint_eq(seen.count, 6);
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(seen.ids[i], ids[i]);
    /* one twice, one that is new anyway, one of another study, one that is not there */
    int64_t again[] = {ids[2], ids[0], ids[2], ids[5], ids[1] - 1, 9999};
    seen = (storage_seen){0};
    ok(TYPE->scan(storage, study, ids[3], again, 6, storage_see, &seen, &err));
    ck_assert_uint_eq(seen.count, 4);
    ck_assert(seen.ids[0] == ids[0] && seen.ids[1] == ids[2] && seen.ids[2] == ids[4] &&
              seen.ids[3] == ids[5]);
    ck_assert_uint_eq(seen.last.n_params, 2);
    ck_assert_int_eq(TYPE->scan(storage, 4711, -1, NULL, 0, storage_see, &seen, &err), HONE_NOT_FOUND);
    hn_storage_close(storage);
}
END_TEST

START_TEST(a_finished_trial_never_changes)
{
    hn_storage *storage = storage_fixture(_i);
    int64_t study = storage_study(storage, "s"), id = storage_start(storage, study, "L");
    double one = 1, two = 2;
    hn_trial_update first = storage_end(HONE_COMPLETE, &one), second = storage_end(HONE_COMPLETE, &two);
    hone_trial_state state = HONE_WAITING;
    bool lost = true;
    ok(TYPE->trial_update(storage, id, "L", &first, &state, &lost, &err));
    ck_assert(state == HONE_COMPLETE && !lost);
    ck_assert_int_eq(TYPE->trial_update(storage, id, "L", &second, &state, &lost, &err), HONE_CONFLICT);
    ck_assert(state == HONE_COMPLETE && !lost); /* told twice */
    ck_assert_int_eq(TYPE->trial_update(storage, id, "other", &second, &state, &lost, &err), HONE_CONFLICT);
    ck_assert(lost);
    ck_assert_int_eq(TYPE->trial_update(storage, id, NULL, &second, &state, &lost, &err), HONE_CONFLICT);
    ck_assert(!lost);
    ck_assert(storage_read(storage, id).values[0] == 1);
    hn_storage_close(storage);
}
END_TEST

START_TEST(a_lost_lease_cannot_write)
{
    hn_storage *storage = storage_fixture(_i);
    int64_t study = storage_study(storage, "s"), id = storage_start(storage, study, "L");
    double one = 1;
    char now[HN_LEASE_SIZE];
    bool lost = false;
    hone_trial_state state = HONE_WAITING;
    hn_trial_update end = storage_end(HONE_COMPLETE, &one), failed = storage_end(HONE_FAILED, NULL);
    ok(TYPE->trial_lease(storage, id, NULL, NULL, now, &err));
    ck_assert_str_eq(now, "L");
    ck_assert_int_eq(TYPE->trial_lease(storage, id, "K", "M", NULL, &err), HONE_CONFLICT);
    hn_assert_contains(err.message, "lease");
    ok(TYPE->trial_lease(storage, id, "L", "M", NULL, &err));
    ck_assert_int_eq(TYPE->trial_update(storage, id, "L", &end, &state, &lost, &err), HONE_CONFLICT);
    ck_assert(lost && state == HONE_RUNNING);
    hn_assert_contains(err.message, "lease");
    /* a reaper without a lease: the holder's own tell is late, not told twice */
    ok(TYPE->trial_update(storage, id, NULL, &failed, NULL, NULL, &err));
    ck_assert_int_eq(TYPE->trial_update(storage, id, "M", &end, &state, &lost, &err), HONE_CONFLICT);
    ck_assert(lost && state == HONE_FAILED);
    ck_assert_uint_eq(storage_read(storage, id).last.n_values, 0);
    ck_assert_int_eq(TYPE->trial_lease(storage, id, NULL, "N", NULL, &err), HONE_CONFLICT);
    hn_storage_close(storage);
}
END_TEST

START_TEST(a_waiting_trial_is_claimed_once)
{
    hn_storage *storage = storage_fixture(_i);
    int64_t study = storage_study(storage, "s"), id, number;
    static const hn_attribute fixed = {HN_KEY_FIXED_PARAMS, "{\"x\": 0.5}", true};
    hn_new_trial waiting = {.state = HONE_WAITING, .n_attributes = 1, .attributes = &fixed};
    hn_new_trial with = storage_trial(NULL);
    bool claimed = false;
    char now[HN_LEASE_SIZE];
    ok(TYPE->trial_create(storage, study, 1, &waiting, -1, &id, &number, &err));
    ck_assert_int_eq(storage_read(storage, id).last.start_us, 0);
    ok(TYPE->trial_claim(storage, id, "L", 1700000000000005, false, with.n_params, with.params, &claimed,
                         &err));
    ck_assert(claimed);
    ok(TYPE->trial_claim(storage, id, "M", 1700000000000006, false, 0, NULL, &claimed, &err));
    ck_assert(!claimed);
    ok(TYPE->trial_lease(storage, id, NULL, NULL, now, &err));
    ck_assert_str_eq(now, "L");
    storage_seen seen = storage_read(storage, id);
    ck_assert(seen.last.state == HONE_RUNNING && seen.last.start_us == 1700000000000005);
    ck_assert(seen.last.n_params == 2 && seen.last.n_attributes == 1);
    hn_storage_close(storage);
}
END_TEST

/* A running trial that is asked by an optimiser: it has a heartbeat from its start on. */
static int64_t start_beating(hn_storage *storage, int64_t study, const char *lease)
{
    hn_new_trial trial = storage_trial(lease);
    int64_t id, number;
    trial.beats = true;
    ok(TYPE->trial_create(storage, study, 1, &trial, -1, &id, &number, &err));
    return id;
}

START_TEST(knows_the_trials_that_beat)
{
    hn_storage *storage = storage_fixture(_i);
    hn_arena arena = HN_ARENA_INIT;
    int64_t study = storage_study(storage, "s"), start = 1700000000000001;
    int64_t silent = start_beating(storage, study, "A"), alive = start_beating(storage, study, "B"),
            paused = start_beating(storage, study, "C"), by_hand = storage_start(storage, study, "D"),
            foreign = storage_start(storage, study, NULL);
    hn_trial_update failed = storage_end(HONE_FAILED, NULL);
    hn_beat *beats;
    size_t count;
    ok(TYPE->trial_heartbeat(storage, alive, start + 1000, &err));
    ok(TYPE->trial_pause(storage, paused, "C", 9, &err));
    ok(TYPE->trials_beating(storage, study, &arena, &beats, &count, &err));
    ck_assert(count == 2 && beats[0].id == silent && beats[1].id == alive);
    ck_assert(beats[0].beat_us == start && beats[1].beat_us == start + 1000);
    ck_assert_str_eq(beats[0].lease, "A");
    ok(TYPE->trial_heartbeat(storage, by_hand, start, &err));
    ok(TYPE->trial_heartbeat(storage, foreign, start, &err));
    ok(TYPE->trial_lease(storage, alive, "B", "E", NULL, &err));
    ok(TYPE->trials_beating(storage, study, &arena, &beats, &count, &err));
    ck_assert(count == 4 && beats[2].id == by_hand && beats[3].id == foreign);
    ck_assert_str_eq(beats[1].lease, "E");
    ck_assert_str_eq(beats[3].lease, "");
    ok(TYPE->trial_update(storage, silent, NULL, &failed, NULL, NULL, &err));
    ok(TYPE->trials_beating(storage, storage_study(storage, "other"), &arena, &beats, &count, &err));
    ck_assert_uint_eq(count, 0);
    ok(TYPE->trials_beating(storage, study, &arena, &beats, &count, &err));
    ck_assert(count == 3 && beats[0].id == alive);
    hn_arena_release(&arena);
    hn_storage_close(storage);
}
END_TEST

START_TEST(a_claimed_trial_beats_only_when_it_was_to)
{
    hn_storage *storage = storage_fixture(_i);
    hn_arena arena = HN_ARENA_INIT;
    hn_new_trial waiting = {.state = HONE_WAITING};
    int64_t study = storage_study(storage, "s"), id[2], number[2];
    for (int i = 0; i < 2; i++) {
        size_t count;
        hn_beat *beating;
        bool claimed, beats = i == 1;
        ok(TYPE->trial_create(storage, study, 1, &waiting, -1, &id[i], &number[i], &err));
        ok(TYPE->trial_claim(storage, id[i], "L", 1700000000000005, beats, 0, NULL, &claimed, &err));
        ok(TYPE->trials_beating(storage, study, &arena, &beating, &count, &err));
        ck_assert_uint_eq(count, beats);
        ck_assert(!beats || (beating[0].id == id[1] && beating[0].beat_us == 1700000000000005));
    }
    hn_arena_release(&arena);
    hn_storage_close(storage);
}
END_TEST

START_TEST(knows_paused_trials)
{
    hn_storage *storage = storage_fixture(_i);
    hn_arena arena = HN_ARENA_INIT;
    int64_t study = storage_study(storage, "s"), *ids, paused = storage_start(storage, study, "A");
    hn_beat *beats;
    size_t count;
    storage_start(storage, study, "B");
    ck_assert_int_eq(TYPE->trial_pause(storage, paused, "B", 9, &err), HONE_CONFLICT);
    ok(TYPE->trials_paused(storage, study, &arena, &ids, &count, &err));
    ck_assert_uint_eq(count, 0);
    ok(TYPE->trial_pause(storage, paused, "A", 9, &err));
    ok(TYPE->trials_paused(storage, study, &arena, &ids, &count, &err));
    ck_assert(count == 1 && ids[0] == paused);
    ok(TYPE->trial_resume(storage, paused, "C", 1700000000000009, &err));
    ck_assert_int_eq(TYPE->trial_resume(storage, paused, "D", 1700000000000010, &err), HONE_CONFLICT);
    hn_assert_contains(err.message, "not paused");
    ok(TYPE->trials_paused(storage, study, &arena, &ids, &count, &err));
    ck_assert_uint_eq(count, 0);
    ok(TYPE->trials_beating(storage, study, &arena, &beats, &count, &err));
    ck_assert(count == 1 && beats[0].id == paused && beats[0].beat_us == 1700000000000009);
    ck_assert_str_eq(beats[0].lease, "C");
    hn_arena_release(&arena);
    hn_storage_close(storage);
}
END_TEST

START_TEST(a_paused_trial_has_no_holder)
{
    hn_storage *storage = storage_fixture(_i);
    int64_t study = storage_study(storage, "s"), id = start_beating(storage, study, "A");
    char now[HN_LEASE_SIZE] = "?";
    double one = 1;
    hn_trial_update end = storage_end(HONE_COMPLETE, &one);
    bool lost = false;
    ok(TYPE->trial_pause(storage, id, NULL, 9, &err));
    ok(TYPE->trial_lease(storage, id, NULL, NULL, now, &err));
    ck_assert_str_eq(now, "");
    ck_assert_int_eq(TYPE->trial_update(storage, id, "A", &end, NULL, &lost, &err), HONE_CONFLICT);
    ck_assert(lost);
    ok(TYPE->trial_update(storage, id, "", &end, NULL, &lost, &err)); /* who tells it without one */
    ck_assert_int_eq(storage_read(storage, id).last.state, HONE_COMPLETE);
    ck_assert_int_eq(TYPE->trial_pause(storage, id, NULL, 9, &err), HONE_CONFLICT);
    ck_assert_int_eq(TYPE->trial_resume(storage, id, "B", 0, &err), HONE_CONFLICT);
    hn_storage_close(storage);
}
END_TEST

START_TEST(what_is_gathered_is_one_commit)
{
    hn_storage *storage = storage_fixture(_i);
    hn_arena arena = HN_ARENA_INIT;
    hn_study_row row;
    int64_t id[2], number[2];
    const hone_status ends[] = {HONE_CANCELLED, HONE_OK};
    for (size_t i = 0; TYPE->begin && i < 2; i++) {
        hn_new_trial trials[2] = {storage_trial("A"), storage_trial("B")};
        ok(TYPE->begin(storage, &err));
        int64_t study = storage_study(storage, "gathered");
        ok(TYPE->trial_create(storage, study, 2, trials, -1, id, number, &err));
        ok(TYPE->trial_pause(storage, id[0], NULL, 1, &err));
        ok(TYPE->trial_heartbeat(storage, id[1], 1700000000000009, &err));
        ck_assert_int_eq(TYPE->end(storage, ends[i], &err), ends[i]);
        hone_status found = TYPE->study_find(storage, "gathered", &arena, &row, &err);
        ck_assert_int_eq(found, ends[i] ? HONE_NOT_FOUND : HONE_OK);
    }
    if (TYPE->begin) {
        int64_t *paused;
        hn_beat *beats;
        size_t n;
        ok(TYPE->trials_paused(storage, row.id, &arena, &paused, &n, &err));
        ck_assert(n == 1 && paused[0] == id[0]);
        ok(TYPE->trials_beating(storage, row.id, &arena, &beats, &n, &err));
        ck_assert(n == 1 && beats[0].id == id[1] && beats[0].beat_us == 1700000000000009);
    }
    hn_arena_release(&arena);
    hn_storage_close(storage);
}
END_TEST

START_TEST(refuses_what_may_not_be_stored)
{
    hn_storage *storage = storage_fixture(_i);
    int64_t study = storage_study(storage, "s"), id = storage_start(storage, study, "L"), made, number;
    double nan = NAN;
    hn_trial_update bad = storage_end(HONE_COMPLETE, &nan), none = storage_end(HONE_COMPLETE, NULL);
    ck_assert_int_eq(TYPE->trial_update(storage, id, "L", &bad, NULL, NULL, &err), HONE_INVALID);
    hn_assert_contains(err.message, "NaN");
    ck_assert_int_eq(TYPE->trial_update(storage, id, "L", &none, NULL, NULL, &err), HONE_INVALID);
    hn_new_trial twice = storage_trial("L");
    hn_trial_param params[2] = {twice.params[0], twice.params[0]};
    twice.params = params;
    ck_assert_int_eq(TYPE->trial_create(storage, study, 1, &twice, -1, &made, &number, &err), HONE_INVALID);
    hn_assert_contains(err.message, "'x'");
    hn_trial_update again = {.state = HONE_RUNNING, .n_params = 1, .params = params};
    ck_assert_int_eq(TYPE->trial_update(storage, id, "L", &again, NULL, NULL, &err), HONE_INVALID);
    ck_assert_uint_eq(storage_read(storage, id).last.n_params, 2);
    /* the second of two is bad: neither is there */
    hn_new_trial two[2] = {storage_trial("L"), twice};
    int64_t ids[2], numbers[2];
    ck_assert_int_eq(TYPE->trial_create(storage, study, 2, two, -1, ids, numbers, &err), HONE_INVALID);
    storage_seen seen = {0};
    ok(TYPE->scan(storage, study, -1, NULL, 0, storage_see, &seen, &err));
    ck_assert_uint_eq(seen.count, 1);
    hn_storage_close(storage);
}
END_TEST

START_TEST(is_healthy_and_counts_changes)
{
    hn_storage *storage = storage_fixture(_i);
    hn_buffer report = HN_BUFFER_INIT;
    int64_t before, after;
    storage_start(storage, storage_study(storage, "s"), "L");
    ok(TYPE->check(storage, &report, &err));
    ck_assert_str_eq(hn_buffer_string(&report), "");
    ok(TYPE->change_counter(storage, true, &before, &err));
    storage_study(storage, "t");
    ok(TYPE->change_counter(storage, true, &after, &err));
    ck_assert_int_eq(before, after); /* own writes do not count */
    hn_buffer_release(&report);
    hn_storage_close(storage);
}
END_TEST

START_TEST(only_the_table_is_asked)
{
    hn_storage *storage = storage_fixture(STORAGE_DUMMY);
    double one = 1;
    hn_trial_update end = storage_end(HONE_COMPLETE, &one);
    long before = storage_dummy_updates();
    ck_assert_str_eq(TYPE->name, "dummy");
    ok(TYPE->trial_update(storage, storage_start(storage, storage_study(storage, "s"), "L"), "L", &end, NULL,
                          NULL, &err));
    ck_assert_int_eq(storage_dummy_updates(), before + 1);
    hn_storage_close(storage);
}
END_TEST

START_TEST(what_is_deferred_is_there_when_it_is_settled)
{
    hn_storage *storage = storage_fixture(_i);
    double one = 1;
    hn_trial_update end = storage_end(HONE_COMPLETE, &one);
    if (TYPE->defer) {
        int64_t study = storage_study(storage, "s"), before = storage_start(storage, study, "L");
        TYPE->defer(storage);
        int64_t id = storage_start(storage, study, "L");
        TYPE->defer(storage); /* once more is the same */
        ok(TYPE->trial_update(storage, before, "L", &end, NULL, NULL, &err));
        ok(TYPE->trial_update(storage, id, "L", &end, NULL, NULL, &err));
        ok(TYPE->settle(storage, &err));
        ok(TYPE->settle(storage, &err));
        ck_assert_int_eq(storage_read(storage, before).last.state, HONE_COMPLETE);
        ck_assert_int_eq(storage_read(storage, id).last.state, HONE_COMPLETE);
        id = storage_start(storage, study, "L"); /* and as always after it */
        ok(TYPE->trial_update(storage, id, "L", &end, NULL, NULL, &err));
    } else {
        ck_assert_ptr_null((void *)TYPE->settle);
    }
    hn_storage_close(storage);
}
END_TEST

/* The connection that was lost in between may have been lost with what was told through it. */
START_TEST(a_lost_connection_is_not_settled)
{
    hn_storage *storage = storage_fixture(STORAGE_POSTGRES);
    double one = 1;
    hn_trial_update end = storage_end(HONE_COMPLETE, &one);
    int64_t study = storage_study(storage, "s"), a = storage_start(storage, study, "L"),
            b = storage_start(storage, study, "L"), c = storage_start(storage, study, "L");
    TYPE->defer(storage);
    ok(TYPE->trial_update(storage, a, "L", &end, NULL, NULL, &err));
    hn_test_postgres_do("restart fast");
    ok(TYPE->trial_update(storage, b, "L", &end, NULL, NULL, &err));
    ck_assert_int_eq(TYPE->settle(storage, &err), HONE_IO);
    hn_assert_contains(err.message, "connection was lost");
    TYPE->defer(storage);
    ok(TYPE->trial_update(storage, c, "L", &end, NULL, NULL, &err));
    hn_test_postgres_do("restart fast");
    ck_assert_int_eq(TYPE->settle(storage, &err), HONE_IO);
    TYPE->defer(storage);
    c = storage_start(storage, study, "L");
    ok(TYPE->trial_update(storage, c, "L", &end, NULL, NULL, &err));
    ok(TYPE->settle(storage, &err)); /* on a connection that held */
    hn_storage_close(storage);
}
END_TEST

START_TEST(postgresql_is_not_there)
{
    HN_SKIP("%s", hn_test_postgres_missing());
}
END_TEST

static void add_contract(TCase *each, int from, int to)
{
    tcase_add_loop_test(each, creates_and_finds_a_study, from, to);
    tcase_add_loop_test(each, lists_and_deletes_studies, from, to);
    tcase_add_loop_test(each, keeps_everything_of_a_trial, from, to);
    tcase_add_loop_test(each, keeps_distributions_for_its_life, from, to);
    tcase_add_loop_test(each, numbers_are_dense_per_study, from, to);
    tcase_add_loop_test(each, a_trial_is_made_for_the_number_that_it_gets, from, to);
    tcase_add_loop_test(each, scans_what_is_new_and_asked_again, from, to);
    tcase_add_loop_test(each, a_finished_trial_never_changes, from, to);
    tcase_add_loop_test(each, a_lost_lease_cannot_write, from, to);
    tcase_add_loop_test(each, a_waiting_trial_is_claimed_once, from, to);
    tcase_add_loop_test(each, knows_the_trials_that_beat, from, to);
    tcase_add_loop_test(each, a_claimed_trial_beats_only_when_it_was_to, from, to);
    tcase_add_loop_test(each, knows_paused_trials, from, to);
    tcase_add_loop_test(each, a_paused_trial_has_no_holder, from, to);
    tcase_add_loop_test(each, what_is_gathered_is_one_commit, from, to);
    tcase_add_loop_test(each, refuses_what_may_not_be_stored, from, to);
    tcase_add_loop_test(each, is_healthy_and_counts_changes, from, to);
    tcase_add_loop_test(each, what_is_deferred_is_there_when_it_is_settled, from, to);
}

Suite *suite_storage(void)
{
    Suite *suite = suite_create("storage");
    TCase *each = tcase_create("storages"), *postgres = tcase_create("postgresql");
    add_contract(each, 0, STORAGES);
    tcase_add_test(each, only_the_table_is_asked);
    suite_add_tcase(suite, each);
    if (hn_test_postgres_missing()) {
        tcase_add_test(postgres, postgresql_is_not_there);
    } else {
        tcase_add_unchecked_fixture(postgres, hn_test_postgres_begin, hn_test_postgres_end);
        add_contract(postgres, STORAGE_POSTGRES, STORAGE_POSTGRES + 1);
        tcase_set_timeout(postgres, 120);
        tcase_add_test(postgres, a_lost_connection_is_not_settled);
    }
    suite_add_tcase(suite, postgres);
    return suite;
}
