/* What stands between HTTP and the protocol: the queue of jobs, the memory of answers; and the protocol under
 * many threads. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/answer_memory.h"
#include "app/protocol.h"
#include "app/study_queue.h"
#include "base/memory.h"
#include "support.h"

/* --- the queue --- */

enum { N_KEYS = 7, N_JOBS = 700 };

typedef struct counted_job {
    hn_study_job job;
    int index, *last; /* of the key: the job before */
    atomic_int *running, *done;
} counted_job;

static void run_counted(hn_study_job *job)
{
    counted_job *counted = (counted_job *)job;
    ck_assert_int_eq(atomic_fetch_add(counted->running, 1), 0); /* alone with its key */
    ck_assert_int_eq(*counted->last, counted->index - N_KEYS);  /* in order */
    *counted->last = counted->index;
    atomic_fetch_sub(counted->running, 1);
    atomic_fetch_add(counted->done, 1);
    free(counted); /* a job may free itself */
}

START_TEST(jobs_of_a_key_run_in_order)
{
    static const char *const keys[N_KEYS] = {"", "a", "b", "c", "d", "e", "f"};
    atomic_int running[N_KEYS] = {0}, done = 0;
    int last[N_KEYS];
    hn_study_queue *queue;
    ck_assert_int_eq(hn_study_queue_create(4, &queue, NULL), HONE_OK);
    for (int i = 0; i < N_JOBS; i++) {
        int k = i % N_KEYS;
        counted_job *job = calloc(1, sizeof *job);
        *job = (counted_job){.job = {.key = keys[k], .run = run_counted},
                             .index = i,
                             .last = &last[k],
                             .running = &running[k],
                             .done = &done};
        if (i < N_KEYS) {
            last[k] = i - N_KEYS;
        }
        ck_assert(hn_study_queue_add(queue, &job->job));
    }
    hn_study_queue_destroy(queue); /* what is queued runs first */
    ck_assert_int_eq(done, N_JOBS);
}
END_TEST

typedef struct gate_job {
    hn_study_job job;
    pthread_mutex_t *gate;
} gate_job;

static void run_gate(hn_study_job *job)
{
    pthread_mutex_t *gate = ((gate_job *)job)->gate;
    pthread_mutex_lock(gate);
    pthread_mutex_unlock(gate);
}

/* A study that thinks: other studies' jobs open the gate that it waits for, though its own jobs are many. */
START_TEST(a_slow_study_holds_up_no_other)
{
    pthread_mutex_t slow = PTHREAD_MUTEX_INITIALIZER, done = PTHREAD_MUTEX_INITIALIZER;
    hn_study_queue *queue;
    gate_job slow_jobs[20], quick = {.job = {.key = "quick", .run = run_gate}, .gate = &done};
    ck_assert_int_eq(hn_study_queue_create(2, &queue, NULL), HONE_OK);
    pthread_mutex_lock(&slow);
    for (size_t i = 0; i < 20; i++) {
        slow_jobs[i] = (gate_job){.job = {.key = "slow", .run = run_gate}, .gate = &slow};
        ck_assert(hn_study_queue_add(queue, &slow_jobs[i].job));
    }
    atomic_int running = 0, count = 0;
    int last = -N_KEYS;
    counted_job *other = calloc(1, sizeof *other);
    *other = (counted_job){
        .job = {.key = "other", .run = run_counted}, .last = &last, .running = &running, .done = &count};
    ck_assert(hn_study_queue_add(queue, &quick.job));
    ck_assert(hn_study_queue_add(queue, &other->job));
    while (!atomic_load(&count)) { /* for ever, if the slow study had both threads */
        sched_yield();
    }
    pthread_mutex_unlock(&slow);
    hn_study_queue_destroy(queue);
}
END_TEST

/* Jobs that wait together while their key is busy: those that are settled together run first, then the
 * others, each kind in its order. */
typedef struct noted_job {
    hn_study_job job;
    char name;
    char *log;
} noted_job;

typedef struct begun_job {
    hn_study_job job;
    atomic_bool begun;
    pthread_mutex_t *gate;
} begun_job;

static void run_begun(hn_study_job *job)
{
    begun_job *slow = (begun_job *)job;
    atomic_store(&slow->begun, true);
    pthread_mutex_lock(slow->gate);
    pthread_mutex_unlock(slow->gate);
}

static void run_noted(hn_study_job *job)
{
    noted_job *noted = (noted_job *)job;
    noted->log[strlen(noted->log)] = noted->name;
}

static void settle_noted(hn_study_job *first)
{
    char *log = ((noted_job *)first)->log;
    log[strlen(log)] = '(';
    for (; first; first = first->next) {
        run_noted(first);
    }
    log[strlen(log)] = ')';
}

START_TEST(some_jobs_are_settled_together)
{
    static const char names[] = "aXbYZc"; /* capitals are settled */
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    char log[64] = "";
    hn_study_queue *queue;
    begun_job slow = {.job = {.key = "s", .run = run_begun}, .gate = &gate};
    noted_job jobs[sizeof names - 1];
    ck_assert_int_eq(hn_study_queue_create(1, &queue, NULL), HONE_OK);
    pthread_mutex_lock(&gate);
    ck_assert(hn_study_queue_add(queue, &slow.job));
    while (!atomic_load(&slow.begun)) {
        sched_yield();
    }
    for (size_t i = 0; i < sizeof names - 1; i++) {
        bool settles = names[i] < 'a';
        jobs[i] = (noted_job){.job = {.key = "s", .run = run_noted, .settle = settles ? settle_noted : NULL},
                              .name = names[i],
                              .log = log};
        ck_assert(hn_study_queue_add(queue, &jobs[i].job));
    }
    pthread_mutex_unlock(&gate);
    hn_study_queue_destroy(queue);
    char plain[8] = "", ran[8] = "", settled[8] = "";
    bool settling = false;
    for (const char *at = log; *at; at++) {
        char *to = *at >= 'a' ? plain : settling ? settled : ran;
        if (*at == '(' || *at == ')') {
            settling = *at == '('; /* what has run is settled, all of it, however many at a time */
            ck_assert(settling || !strcmp(ran, settled));
        } else {
            to[strlen(to)] = *at;
        }
    }
    ck_assert_str_eq(plain, "abc");
    ck_assert_str_eq(ran, "XYZ");
    ck_assert_str_eq(settled, "XYZ");
}
END_TEST

/* --- the memory of answers --- */

static hn_answer_key key_of(const char *study, const char *id, const char *body)
{
    return (hn_answer_key){.study = study, .id = id, .op = "ask", .body = body, .body_size = strlen(body)};
}

static void keep(hn_answer_memory *memory, hn_answer_key key, const char *answer)
{
    hn_buffer body = HN_BUFFER_INIT;
    hn_buffer_text(&body, answer);
    hn_answer_memory_keep(memory, &key, &body);
    hn_buffer_release(&body);
}

static void expect(hn_answer_memory *memory, hn_answer_key key, hone_status wanted, const char *answer)
{
    hn_buffer body = HN_BUFFER_INIT;
    bool found = true;
    ck_assert_int_eq(hn_answer_memory_find(memory, &key, &found, &body, NULL), wanted);
    ck_assert_int_eq(found, answer != NULL);
    ck_assert_str_eq(hn_buffer_string(&body), answer ? answer : "");
    hn_buffer_release(&body);
}

START_TEST(answers_are_given_again)
{
    hn_answer_memory *memory;
    ck_assert_int_eq(hn_answer_memory_create(1 << 20, &memory, NULL), HONE_OK);
    expect(memory, key_of("s", "1", "{}"), HONE_OK, NULL);
    keep(memory, key_of("s", "1", "{}"), "first");
    keep(memory, key_of("s", "1", "{}"), "never"); /* the first stays */
    keep(memory, key_of("s1", "", "{}"), "of another study");
    expect(memory, key_of("s", "1", "{}"), HONE_OK, "first");
    expect(memory, key_of("s1", "", "{}"), HONE_OK, "of another study");
    expect(memory, key_of("s", "1", "{ }"), HONE_CONFLICT, NULL);
    hn_answer_key other = key_of("s", "1", "{}");
    other.op = "tell";
    expect(memory, other, HONE_CONFLICT, NULL);
    expect(memory, key_of("t", "1", "{}"), HONE_OK, NULL);
    hn_answer_key first = key_of("s", "1", "{}");
    hn_answer_memory_forget(memory, &first);
    hn_answer_memory_forget(memory, &first); /* nor is it there any more */
    expect(memory, first, HONE_OK, NULL);
    keep(memory, first, "once more");
    expect(memory, first, HONE_OK, "once more");
    hn_answer_memory_destroy(memory);
}
END_TEST

START_TEST(the_oldest_answers_go)
{
    hn_answer_memory *memory;
    char id[16];
    ck_assert_int_eq(hn_answer_memory_create(2000, &memory, NULL), HONE_OK);
    for (int i = 0; i < 1000; i++) {
        snprintf(id, sizeof id, "%d", i);
        keep(memory, key_of("s", id, "{}"), "answer");
        expect(memory, key_of("s", id, "{}"), HONE_OK, "answer");
    }
    int kept = 0;
    for (int i = 0; i < 1000; i++) {
        hn_buffer body = HN_BUFFER_INIT;
        bool found;
        snprintf(id, sizeof id, "%d", i);
        hn_answer_key key = key_of("s", id, "{}");
        ck_assert_int_eq(hn_answer_memory_find(memory, &key, &found, &body, NULL), HONE_OK);
        ck_assert(!kept || found); /* the newest, all of them */
        kept += found;
        hn_buffer_release(&body);
    }
    ck_assert_int_gt(kept, 5);
    ck_assert_int_lt(kept, 100);
    char large[4000] = {0};
    memset(large, 'x', sizeof large - 1);
    keep(memory, key_of("s", "large", "{}"), large); /* has no room at all */
    expect(memory, key_of("s", "large", "{}"), HONE_OK, NULL);
    expect(memory, key_of("s", "999", "{}"), HONE_OK, "answer");
    hn_answer_memory_destroy(memory);
}
END_TEST

/* --- one session, many threads --- */

enum { N_THREADS = 6 };

typedef struct session_user {
    hone_protocol *protocol;
    int rounds;
} session_user;

static hone_status perform(hone_protocol *protocol, const char *request, hn_buffer *answer)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *root;
    hn_buffer_clear(answer);
    ck_assert_int_eq(hn_json_parse(&arena, "request", request, strlen(request), &root, NULL), HONE_OK);
    hone_status status = hn_protocol_perform(protocol, &arena, root, answer);
    hn_arena_release(&arena);
    return status;
}

/* Asks and tells, and makes and deletes a study that others are using. */
static void *use_session(void *user)
{
    hone_protocol *protocol = ((session_user *)user)->protocol;
    int rounds = ((session_user *)user)->rounds;
    hn_buffer answer = HN_BUFFER_INIT;
    char request[256];
    for (int i = 0; i < rounds; i++) {
        ck_assert_int_eq(
            perform(protocol,
                    "{\"op\":\"create\",\"study\":\"kept\",\"goal\":\"minimize y\",\"space\":{\"x\":{"
                    "\"float\":[0,1]}},\"sampler\":\"random\",\"seed\":1}",
                    &answer),
            HONE_OK);
        ck_assert_int_eq(perform(protocol, "{\"op\":\"ask\",\"study\":\"kept\"}", &answer), HONE_OK);
        const char *trial = strstr(hn_buffer_string(&answer), "\"trial\":");
        snprintf(request, sizeof request, "{\"op\":\"tell\",\"study\":\"kept\",\"trial\":%ld,\"value\":1}",
                 strtol(trial + 8, NULL, 10));
        ck_assert_int_eq(perform(protocol, request, &answer), HONE_OK);
        perform(
            protocol,
            "{\"op\":\"create\",\"study\":\"brief\",\"goal\":\"minimize y\",\"space\":{\"x\":{\"float\":[0,1]}}}",
            &answer);
        perform(protocol, "{\"op\":\"ask\",\"study\":\"brief\"}", &answer); /* there or not */
        ck_assert_int_eq(perform(protocol, "{\"op\":\"studies\"}", &answer), HONE_OK);
        perform(protocol, "{\"op\":\"delete\",\"study\":\"brief\"}", &answer);
    }
    hn_buffer_release(&answer);
    return NULL;
}

static void check_threads(const char *storage, int rounds)
{
    hone_protocol *protocol;
    pthread_t threads[N_THREADS];
    char total[32];
    hn_buffer answer = HN_BUFFER_INIT;
    ck_assert_int_eq(hone_protocol_create(storage, &protocol, NULL), HONE_OK);
    session_user user = {protocol, rounds};
    for (int i = 0; i < N_THREADS; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, use_session, &user), 0);
    }
    for (int i = 0; i < N_THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    perform(protocol, "{\"op\":\"trials\",\"study\":\"kept\",\"state\":\"complete\",\"limit\":1}", &answer);
    snprintf(total, sizeof total, "\"total\":%d,", N_THREADS * rounds);
    ck_assert_msg(strstr(hn_buffer_string(&answer), total), "%s", hn_buffer_string(&answer));
    hn_buffer_release(&answer);
    hone_protocol_destroy(protocol);
}

static hone_status tell_deferred(hone_protocol *protocol, const char *request, bool *deferred)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_buffer answer = HN_BUFFER_INIT;
    hn_node *root;
    ck_assert_int_eq(hn_json_parse(&arena, "request", request, strlen(request), &root, NULL), HONE_OK);
    hone_status status = hn_protocol_perform_deferred(protocol, &arena, root, deferred, &answer);
    if (!status && *deferred) {
        ck_assert_int_eq(hn_protocol_settle(protocol, root, NULL), HONE_OK);
    }
    hn_buffer_release(&answer);
    hn_arena_release(&arena);
    return status;
}

START_TEST(what_is_told_may_be_settled_later)
{
    char *folder = hn_test_temp_dir(), url[4096];
    hn_buffer answer = HN_BUFFER_INIT;
    hone_protocol *protocol;
    hn_arena arena = HN_ARENA_INIT;
    hone_error err = {0};
    bool deferred = _i == 0;
    snprintf(url, sizeof url, _i ? "sqlite:///%s/s.db" : "memory:", folder);
    ck_assert_int_eq(hone_protocol_create(url, &protocol, NULL), HONE_OK);
    perform(protocol,
            "{\"op\":\"create\",\"study\":\"s\",\"goal\":\"minimize x\",\"space\":{\"x\":{\"float\":[0,1]}}}",
            &answer);
    perform(protocol, "{\"op\":\"ask\",\"study\":\"s\"}", &answer);
    ck_assert_int_eq(
        tell_deferred(protocol, "{\"op\":\"tell\",\"study\":\"s\",\"trial\":0,\"value\":1}", &deferred),
        HONE_OK);
    ck_assert_int_eq(deferred, _i == 1); /* nothing waits for a disk in memory */
    ck_assert_int_eq(
        tell_deferred(protocol, "{\"op\":\"tell\",\"study\":\"s\",\"trial\":7,\"value\":1}", &deferred),
        HONE_NOT_FOUND);
    perform(protocol, "{\"op\":\"trials\",\"study\":\"s\",\"state\":\"complete\"}", &answer);
    ck_assert_msg(strstr(hn_buffer_string(&answer), "\"total\":1,"), "%s", hn_buffer_string(&answer));
    const hn_node *none = hn_map_set(&arena, hn_node_map(&arena), "study", hn_node_string(&arena, "none"));
    ck_assert_int_eq(hn_protocol_settle(protocol, none, &err), HONE_STORAGE);
    hn_arena_release(&arena);
    hn_buffer_release(&answer);
    hone_protocol_destroy(protocol);
    free(folder);
}
END_TEST

START_TEST(many_threads_share_a_session_in_memory)
{
    check_threads("memory:", 60);
}
END_TEST

START_TEST(many_threads_share_a_session_on_sqlite)
{
    char *folder = hn_test_temp_dir(), url[4096];
    snprintf(url, sizeof url, "sqlite:///%s/s.db", folder);
    check_threads(url, 5);
    free(folder);
}
END_TEST

Suite *suite_serving(void)
{
    Suite *suite = suite_create("serving");
    TCase *group = tcase_create("serving");
    tcase_add_test(group, jobs_of_a_key_run_in_order);
    tcase_add_test(group, a_slow_study_holds_up_no_other);
    tcase_add_test(group, some_jobs_are_settled_together);
    tcase_add_test(group, answers_are_given_again);
    tcase_add_test(group, the_oldest_answers_go);
    tcase_add_loop_test(group, what_is_told_may_be_settled_later, 0, 2);
    tcase_add_test(group, many_threads_share_a_session_in_memory);
    tcase_add_test(group, many_threads_share_a_session_on_sqlite);
    suite_add_tcase(suite, group);
    return suite;
}
