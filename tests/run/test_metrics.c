/* Metrics read from a program's output. */
#include "run/metrics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "support.h"

/* What was seen, as "step:name=value " with %a-free numbers of three decimals. */
static char seen[4096];
static size_t n_seen;

static void remember(void *user, int64_t step, const char *name, double value)
{
    size_t at = strlen(seen);
    (void)user;
    n_seen++;
    if (isfinite(value)) {
        snprintf(seen + at, sizeof seen - at, "%lld:%s=%lld ", (long long)step, name, llround(value * 1000));
    } else {
        snprintf(seen + at, sizeof seen - at, "%lld:%s=%s ", (long long)step, name,
                 isnan(value) ? "nan"
                 : value > 0  ? "inf"
                              : "-inf");
    }
}

static hn_metric_reader *reader_of(const char *const *patterns, size_t n)
{
    hn_metric_reader *reader;
    hone_error err;
    seen[0] = '\0';
    n_seen = 0;
    ck_assert_msg(!hn_metric_reader_create(patterns, n, remember, NULL, &reader, &err), "%s", err.message);
    return reader;
}

/* Fed whole and byte by byte. */
static void expect_patterns(const char *const *patterns, size_t n, const char *text, const char *expected)
{
    for (int by_byte = 0; by_byte < 2; by_byte++) {
        hn_metric_reader *reader = reader_of(patterns, n);
        for (size_t i = 0; by_byte && text[i]; i++) {
            hn_metric_reader_feed(reader, text + i, 1);
        }
        if (!by_byte) {
            hn_metric_reader_feed(reader, text, strlen(text));
        }
        hn_metric_reader_finish(reader);
        hn_metric_reader_destroy(reader);
        ck_assert_str_eq(seen, expected);
    }
}

static void expect(const char *text, const char *expected)
{
    expect_patterns(NULL, 0, text, expected);
}

START_TEST(reads_pairs)
{
    expect("accuracy=0.93\n", "-1:accuracy=930 ");
    expect("accuracy: 0.93", "-1:accuracy=930 ");
    expect("loss = -1.5e-1, acc : +.5; x=2.\n", "-1:loss=-150 -1:acc=500 -1:x=2000 ");
    expect("step=3 loss=0.5\nepoch=4 loss=1\nloss=2 step: 7, epoch: 1\n",
           "3:loss=500 4:loss=1000 7:loss=2000 ");
    expect("Epoch 3/10 - val_loss: 0.25 - val_acc: 0.5\n", "-1:val_loss=250 -1:val_acc=500 ");
    expect("{'loss': 0.5, 'epoch': 2.0}\n", "2:loss=500 ");
    expect("loss=nan acc=inf x=-Infinity y=NaN\n", "-1:loss=nan -1:acc=inf -1:x=-inf -1:y=nan ");
    expect("a=1\rb=2\r\nc=3", "-1:a=1000 -1:b=2000 -1:c=3000 ");
    expect("top-5/acc@1=0.5 (best=1)\n", "-1:top-5/acc@1=500 -1:best=1000 ");
    expect("v\xc3\xa4l=1 loss=0.5%\n", "-1:v\xc3\xa4l=1000 -1:loss=500 ");
}
END_TEST

START_TEST(passes_over_what_is_no_number)
{
    expect("took: 12ms version=1.2.3 loss=0,93 at 12:30:45 day=2024-01-02 x=0x10 y=- z=. n=nano i=info\n",
           "");
    expect("http://host:8080/a 3=4 =5 :6 e=\n\n\n   \n", "");
    expect("epoch=3 step=4\nstep=1.5 loss=1\nstep=-1 loss=2\n", "-1:loss=1000 -1:loss=2000 ");
}
END_TEST

START_TEST(reads_objects)
{
    expect("{\"step\": 3, \"loss\": 0.1, \"name\": \"x\", \"list\": [1], \"ok\": true}\n", "3:loss=100 ");
    expect("  {\"loss\": NaN, \"acc\": \"inf\", \"n\": 2}  \n", "-1:loss=nan -1:acc=inf -1:n=2000 ");
    expect("{\"loss\": 1, \"loss\": 2}\n", "-1:loss=1000 -1:loss=2000 ");
    expect("{broken \"loss\": 1}\n", "-1:loss=1000 ");
}
END_TEST

START_TEST(reads_patterns)
{
    static const char *const patterns[] = {"acc=Acc +is +([0-9.]+)", "step=\\[([0-9]+)\\]", "n=[0-9]+ files"};
    expect_patterns(patterns, 2, "[12] Acc  is 0.5 loss=1 acc=9 step=3\n", "12:loss=1000 12:acc=500 ");
    expect_patterns(patterns, 3, "7 files\n", "");
}
END_TEST

START_TEST(refuses_bad_patterns)
{
    static const char *const bad[] = {"acc=([0-9", "noname", "=x"};
    for (int i = 0; i < 3; i++) {
        hn_metric_reader *reader;
        hone_error err;
        ck_assert_int_eq(hn_metric_reader_create(bad + i, 1, remember, NULL, &reader, &err), HONE_PARSE);
        hn_assert_contains(err.message, bad[i]);
    }
}
END_TEST

START_TEST(survives_garbage_and_endless_lines)
{
    enum { SIZE = 1 << 20 };
    char *bytes = malloc(SIZE);
    uint32_t state = 1;
    hn_metric_reader *reader = reader_of(NULL, 0);
    for (size_t i = 0; i < SIZE; i++) {
        state = state * 1664525 + 1013904223;
        bytes[i] = (char)(state >> 24);
    }
    hn_metric_reader_feed(reader, bytes, SIZE);
    memset(bytes, 'x', SIZE);
    hn_metric_reader_feed(reader, "\nfirst=1 ", 9);
    for (int i = 0; i < 20; i++) {
        hn_metric_reader_feed(reader, bytes, SIZE);
    }
    seen[0] = '\0';
    hn_metric_reader_feed(reader, " last=2\nnext=3\n", 15);
    hn_metric_reader_destroy(reader);
    free(bytes);
    ck_assert_str_eq(seen, "-1:first=1000 -1:next=3000 ");
}
END_TEST

static void quiet(void *user, int64_t step, const char *name, double value)
{
    double *sum = user;
    (void)name;
    *sum += value + (double)step;
}

START_TEST(reads_a_flood_quickly)
{
    enum { LINES = 200000 };
    char *text = malloc(LINES * 40);
    size_t size = 0;
    double sum = 0;
    for (int i = 0; i < LINES; i++) {
        size += (size_t)sprintf(text + size, "step=%d some words loss=%d\n", i, i);
    }
    hn_metric_reader *reader;
    ck_assert(!hn_metric_reader_create(NULL, 0, quiet, &sum, &reader, NULL));
    double before = hn_monotonic_seconds();
    for (size_t at = 0; at < size; at += 65536) {
        hn_metric_reader_feed(reader, text + at, size - at < 65536 ? size - at : 65536);
    }
    double seconds = hn_monotonic_seconds() - before;
    hn_metric_reader_destroy(reader);
    free(text);
    ck_assert(sum == (double)LINES * (LINES - 1));
    printf("metric lines: %.0f MB/s\n", (double)size / seconds * 1e-6);
}
END_TEST

Suite *suite_metrics(void)
{
    Suite *suite = suite_create("metrics");
    TCase *cases = tcase_create("metrics");
    tcase_add_test(cases, reads_pairs);
    tcase_add_test(cases, passes_over_what_is_no_number);
    tcase_add_test(cases, reads_objects);
    tcase_add_test(cases, reads_patterns);
    tcase_add_test(cases, refuses_bad_patterns);
    tcase_add_test(cases, survives_garbage_and_endless_lines);
    tcase_add_test(cases, reads_a_flood_quickly);
    suite_add_tcase(suite, cases);
    return suite;
}
