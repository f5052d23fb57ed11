/* The fronts kept under insertion against those of the whole history. */
#include "base/memory.h"
#include "math/random.h"
#include "sampler/tpe_archive.h"
#include "support.h"

#include <math.h>

enum { MAX_TRIALS = 700 };

static hn_history *history_of(size_t m)
{
    const hone_direction directions[] = {HONE_MINIMIZE, HONE_MAXIMIZE, HONE_MINIMIZE, HONE_MINIMIZE};
    hn_history *history = NULL;
    ck_assert_int_eq(hn_history_create(directions, m, &history, NULL), HONE_OK);
    return history;
}

static void put(hn_history *history, int64_t number, hone_trial_state state, const double *values, size_t m,
                double violation)
{
    bool complete = state == HONE_COMPLETE;
    hn_trial_record record = {.number = number,
                              .state = state,
                              .complete_us = complete ? 1000 + (number * 7) % 50 : 0,
                              .n_values = complete ? m : 0,
                              .values = values,
                              .n_constraints = violation > 0,
                              .constraints = &violation,
                              .noise = NAN};
    ck_assert_int_eq(hn_history_put(history, &record, NULL), HONE_OK);
}

/* On a coarse lattice, so that some are equal; some infeasible, some failed. */
static void put_random(hn_history *history, size_t m, hn_random *random)
{
    double values[4];
    for (size_t j = 0; j < m; j++)
        values[j] = (double)hn_random_below(random, 60);
    unsigned kind = (unsigned)hn_random_below(random, 10);
    put(history, (int64_t)hn_history_count(history), kind == 0 ? HONE_FAILED : HONE_COMPLETE, values, m,
        kind == 1 ? 1 + (double)hn_random_below(random, 3) : 0);
}

static void update(hn_tpe_archive *archive, hn_view view, size_t depth)
{
    ck_assert_int_eq(hn_tpe_archive_update(archive, view, depth, NULL), HONE_OK);
}

static size_t size_of(const hn_tpe_archive *archive)
{
    size_t size = 0;
    for (size_t f = 0; f < archive->n_fronts; f++)
        size += archive->fronts[f].count;
    return size;
}

/* Front f holds the trials of rank f, for all fronts that the `wanted` best are in. */
static void compare_with_ranks(const hn_tpe_archive *archive, size_t wanted, const hn_history *history,
                               int64_t before)
{
    int64_t numbers[MAX_TRIALS];
    uint32_t ranks[MAX_TRIALS], rank_of[MAX_TRIALS];
    size_t n = 0, sizes[MAX_TRIALS] = {0}, n_fronts = 0, held = 0;
    for (int64_t k = 0; k < (int64_t)hn_history_count(history) && k < before; k++)
        if (hn_history_state(history, k) == HONE_COMPLETE)
            numbers[n++] = k;
    ck_assert_int_eq(hn_history_pareto_ranks(history, numbers, n, ranks, NULL), HONE_OK);
    for (size_t i = 0; i < n; i++) {
        rank_of[numbers[i]] = ranks[i];
        sizes[ranks[i]]++;
    }
    while (held < wanted && sizes[n_fronts] > 0)
        held += sizes[n_fronts++];
    ck_assert_uint_ge(archive->n_fronts, n_fronts);
    ck_assert(held < n || archive->n_fronts == n_fronts);
    for (size_t f = 0; f < n_fronts; f++) {
        ck_assert_uint_eq(archive->fronts[f].count, sizes[f]);
        for (size_t i = 0; i < sizes[f]; i++)
            ck_assert_uint_eq(rank_of[archive->fronts[f].numbers[i]], f);
    }
}

START_TEST(fronts_are_those_of_the_ranks)
{
    for (size_t m = 2; m <= 4; m++) {
        hn_history *history = history_of(m);
        hn_random random = hn_random_stream(1, m, HN_PURPOSE_TEST);
        hn_tpe_archive archive = {0}, behind = {0};
        size_t depth = m == 2 ? 40 : 400, wanted = m == 2 ? 20 : 400;
        for (size_t k = 0; k < 400; k++) {
            put_random(history, m, &random);
            if (k % 3 != 0)
                continue;
            update(&archive, (hn_view){history, INT64_MAX}, depth);
            compare_with_ranks(&archive, wanted, history, INT64_MAX);
            update(&behind, (hn_view){history, (int64_t)k - 10}, depth);
            compare_with_ranks(&behind, wanted, history, (int64_t)k - 10);
        }
        hn_tpe_archive_release(&archive);
        hn_tpe_archive_release(&behind);
        hn_history_destroy(history);
    }
}
END_TEST

static void same_archives(const hn_tpe_archive *a, const hn_tpe_archive *b)
{
    ck_assert_uint_eq(a->n_fronts, b->n_fronts);
    for (size_t f = 0; f < a->n_fronts; f++) {
        ck_assert_uint_eq(a->fronts[f].count, b->fronts[f].count);
        for (size_t i = 0; i < a->fronts[f].count; i++)
            ck_assert_int_eq(a->fronts[f].numbers[i], b->fronts[f].numbers[i]);
    }
}

/* All on one front, which therefore is thinned; told out of order. */
START_TEST(a_long_front_is_thinned_and_a_new_process_keeps_the_same)
{
    enum { DEPTH = 32 };
    hn_history *history = history_of(2);
    hn_tpe_archive archive = {0};
    for (int64_t k = 0; k < 600; k++) {
        double x = (double)((k * 37) % 601), values[] = {x, x};
        put(history, k, HONE_COMPLETE, values, 2, 0);
        hn_tpe_archive fresh = {0};
        update(&archive, (hn_view){history, INT64_MAX}, DEPTH);
        update(&fresh, (hn_view){history, INT64_MAX}, DEPTH);
        same_archives(&archive, &fresh);
        ck_assert_uint_le(size_of(&archive), 2 * DEPTH);
        ck_assert_uint_ge(size_of(&archive), k < DEPTH ? (size_t)k + 1 : DEPTH);
        hn_tpe_archive_release(&fresh);
    }
    hn_tpe_archive_release(&archive);
    hn_history_destroy(history);
}
END_TEST

START_TEST(another_history_is_read_anew)
{
    hn_tpe_archive archive = {0};
    for (uint64_t stream = 0; stream < 4; stream++) { /* malloc is likely to give the same place again */
        hn_history *history = history_of(2);
        hn_random random = hn_random_stream(2, stream, HN_PURPOSE_TEST);
        for (size_t k = 0; k < 50; k++)
            put_random(history, 2, &random);
        update(&archive, (hn_view){history, INT64_MAX}, 100);
        compare_with_ranks(&archive, 100, history, INT64_MAX);
        hn_history_destroy(history);
    }
    hn_tpe_archive_release(&archive);
}
END_TEST

/* A trial that was running below the view's end is taken when it is told. */
START_TEST(a_trial_told_late_is_not_missed)
{
    hn_history *history = history_of(2);
    hn_random random = hn_random_stream(3, 0, HN_PURPOSE_TEST);
    hn_tpe_archive archive = {0};
    const double best[] = {-1, 100};
    for (int64_t k = 0; k < 30; k++) {
        if (k == 5)
            put(history, k, HONE_RUNNING, NULL, 2, 0);
        else
            put_random(history, 2, &random);
    }
    const hn_view view = {history, 20};
    update(&archive, view, 100);
    compare_with_ranks(&archive, 100, history, 20);
    put(history, 5, HONE_COMPLETE, best, 2, 0);
    update(&archive, view, 100);
    compare_with_ranks(&archive, 100, history, 20);
    ck_assert_uint_eq(archive.fronts[0].count, 1);
    hn_tpe_archive_release(&archive);
    hn_history_destroy(history);
}
END_TEST

START_TEST(no_memory_leaves_an_archive_that_can_be_used)
{
    hn_history *history = history_of(2);
    hn_random random = hn_random_stream(4, 0, HN_PURPOSE_TEST);
    for (size_t k = 0; k < 200; k++)
        put_random(history, 2, &random);
    bool failed = true;
    for (long k = 0; failed; k++) {
        hn_tpe_archive archive = {0};
        hn_memory_fail_at(k, 0);
        hone_status status = hn_tpe_archive_update(&archive, (hn_view){history, INT64_MAX}, 4, NULL);
        hn_memory_fail_at(-1, 0);
        failed = status != HONE_OK;
        ck_assert(!failed || status == HONE_OUT_OF_MEMORY);
        update(&archive, (hn_view){history, INT64_MAX}, 4);
        ck_assert_uint_ge(size_of(&archive), 4);
        hn_tpe_archive_release(&archive);
    }
    hn_history_destroy(history);
}
END_TEST

Suite *suite_tpe_archive(void)
{
    Suite *suite = suite_create("tpe_archive");
    TCase *fronts = tcase_create("fronts");
    tcase_add_test(fronts, fronts_are_those_of_the_ranks);
    tcase_add_test(fronts, a_long_front_is_thinned_and_a_new_process_keeps_the_same);
    tcase_add_test(fronts, another_history_is_read_anew);
    tcase_add_test(fronts, a_trial_told_late_is_not_missed);
    tcase_add_test(fronts, no_memory_leaves_an_archive_that_can_be_used);
    suite_add_tcase(suite, fronts);
    return suite;
}
