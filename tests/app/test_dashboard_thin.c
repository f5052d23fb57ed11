#include <math.h>
#include <stdlib.h>

#include "app/dashboard.h"
#include "base/arena.h"
#include "support.h"

enum { N = 100000 };

typedef struct made {
    double *x, *y, *end;
    uint8_t *marks;
    int64_t *trials;
    hn_series series;
    hn_figure figure;
    hn_page page;
    hn_arena arena;
} made;

static void setup(made *m, hn_series_kind kind)
{
    *m = (made){.x = calloc(N, sizeof(double)),
                .y = calloc(N, sizeof(double)),
                .end = calloc(N, sizeof(double)),
                .marks = calloc(N, 1),
                .trials = calloc(N, sizeof(int64_t))};
    for (size_t i = 0; i < N; i++) {
        m->x[i] = (double)i;
        m->y[i] = fmod((double)i * 0.6180339887498949, 1);
        m->end[i] = (double)i + 1;
        m->trials[i] = (int64_t)i;
    }
    m->series =
        (hn_series){.kind = kind, .n = N, .x = m->x, .y = m->y, .marks = m->marks, .trials = m->trials};
    m->figure = (hn_figure){.n_series = 1, .series = &m->series};
    m->page = (hn_page){.n_figures = 1, .figures = &m->figure};
}

static void teardown(made *m)
{
    hn_arena_release(&m->arena);
    free(m->x);
    free(m->y);
    free(m->end);
    free(m->marks);
    free(m->trials);
}

static const hn_series *thinned(made *m)
{
    ck_assert_int_eq(hn_page_thin(&m->page, &m->arena, NULL), HONE_OK);
    return &m->page.figures[0].series[0];
}

/* Every kept entry is one of those given, whole. */
static void check_entries(const made *m, const hn_series *thin)
{
    for (size_t i = 0; i < thin->n; i++) {
        size_t from = (size_t)thin->trials[i];
        ck_assert(thin->x[i] == m->x[from]);
        ck_assert((isnan(thin->y[i]) && isnan(m->y[from])) || thin->y[i] == m->y[from]);
        ck_assert_int_eq(thin->marks[i], m->marks[from]);
    }
}

START_TEST(points)
{
    made m;
    setup(&m, HN_SERIES_POINTS);
    m.marks[77777] = HN_MARK_BEST;
    m.marks[5] = HN_MARK_FAILED;
    m.y[9] = NAN;
    m.x[0] = 0;
    const hn_series *thin = thinned(&m);
    ck_assert_uint_lt(thin->n, 6000);
    ck_assert_uint_gt(thin->n, 4000);
    check_entries(&m, thin);
    bool best = false, failed = false;
    double widest = 0;
    for (size_t i = 0; i < thin->n; i++) {
        best = best || thin->trials[i] == 77777;
        failed = failed || thin->trials[i] == 5;
        ck_assert(!isnan(thin->y[i]));
        widest = i && thin->x[i] - thin->x[i - 1] > widest ? thin->x[i] - thin->x[i - 1] : widest;
    }
    ck_assert(best && failed);
    ck_assert(widest < N / 50.0); /* no hole as wide as a cell where there were points */
    teardown(&m);
}
END_TEST

START_TEST(lines)
{
    made m;
    setup(&m, HN_SERIES_LINE);
    m.y[33333] = 10; /* a peak and a pit of one point each stay */
    m.y[44444] = -10;
    const hn_series *thin = thinned(&m);
    ck_assert_uint_le(thin->n, 4 * 901);
    check_entries(&m, thin);
    bool peak = false, pit = false;
    for (size_t i = 0; i < thin->n; i++) {
        ck_assert(!i || thin->x[i] > thin->x[i - 1]);
        peak = peak || thin->trials[i] == 33333;
        pit = pit || thin->trials[i] == 44444;
    }
    ck_assert(peak && pit && thin->x[0] == m.x[0] && thin->x[thin->n - 1] == m.x[N - 1]);
    teardown(&m);
}
END_TEST

START_TEST(intervals)
{
    made m;
    setup(&m, HN_SERIES_INTERVALS);
    m.series.end = m.end;
    m.end[500] = 5000; /* the longest of its cell */
    const hn_series *thin = thinned(&m);
    ck_assert_uint_le(thin->n, 90 * 50);
    check_entries(&m, thin);
    bool longest = false;
    for (size_t i = 0; i < thin->n; i++) {
        ck_assert(thin->end[i] == m.end[thin->trials[i]]);
        longest = longest || thin->trials[i] == 500;
    }
    ck_assert(longest);
    teardown(&m);
}
END_TEST

/* Few points, bars, and what has no extent stay as they are, or at least stay. */
START_TEST(as_they_are)
{
    made m;
    setup(&m, HN_SERIES_POINTS);
    m.series.n = 4000;
    const hn_series *thin = thinned(&m);
    ck_assert_uint_eq(thin->n, 4000);
    ck_assert_ptr_eq(thin->x, m.x);
    teardown(&m);
    setup(&m, HN_SERIES_BARS);
    ck_assert_uint_eq(thinned(&m)->n, N);
    teardown(&m);
    for (hn_series_kind kind = HN_SERIES_LINE; kind <= HN_SERIES_INTERVALS; kind++) {
        setup(&m, kind);
        for (size_t i = 0; i < N; i++) {
            m.x[i] = m.y[i] = kind == HN_SERIES_BARS ? NAN : 3;
        }
        ck_assert_uint_ge(thinned(&m)->n, 1);
        teardown(&m);
        setup(&m, kind);
        for (size_t i = 0; i < N; i++) {
            m.x[i] = m.y[i] = NAN; /* nothing to see: no crash */
        }
        thinned(&m);
        teardown(&m);
    }
}
END_TEST

Suite *suite_dashboard_thin(void)
{
    Suite *suite = suite_create("dashboard_thin");
    TCase *tests = tcase_create("dashboard_thin");
    tcase_add_test(tests, points);
    tcase_add_test(tests, lines);
    tcase_add_test(tests, intervals);
    tcase_add_test(tests, as_they_are);
    suite_add_tcase(suite, tests);
    return suite;
}
