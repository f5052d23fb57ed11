/* Load for `hone serve --http`: clients with one connection each that ask and tell, and what it took.
 *
 *   bench_http_load --port P [--clients 64] [--pairs 20000]    as fast as answers come
 *   bench_http_load --port P --clients 1000 --rate 200 ...     trials that run for a random time, so that
 * there are so many asks a second
 *
 * Options besides: --study NAME (default: load), --token TOKEN, --first N (the study is there and its next
 * trial is N; others may make trials, too). Prints one line of JSON: pairs a second, latencies in
 * milliseconds, trials that were asked twice (must be 0), trials that the server says are complete (must be
 * the pairs).
 */
#include <arpa/inet.h>
#include <math.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 1 << 13, MAX_EVENTS = 256 };

typedef enum phase { WAITING_TO_ASK, ASKED, RUNNING, TOLD, DONE } phase;

typedef struct client {
    int fd;
    phase phase;
    long trial;
    double sent, due; /* seconds */
    size_t size;
    char in[BUFFER];
} client;

typedef struct load {
    int port, epoll;
    long n_clients, pairs, first, room; /* room: trials of which `seen` keeps whether they were asked */
    double rate;
    const char *study, *token;
    client *clients;
    long asked, answered, told, twice, refused;
    double *ask_ms, *tell_ms;
    double last_ask; /* when it was answered */
    unsigned char *seen;
    uint64_t random;
} load;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Exponential with the given mean (xorshift64*). */
static double random_time(load *l, double mean)
{
    l->random ^= l->random >> 12;
    l->random ^= l->random << 25;
    l->random ^= l->random >> 27;
    double u = (double)(l->random * 2685821657736338717u >> 11) * 0x1p-53;
    return -mean * log1p(-u);
}

/* --- requests --- */

static int connect_to(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address)) {
        die("connect");
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

static void send_request(const load *l, int fd, const char *op, const char *body)
{
    char text[2048];
    int size = snprintf(text, sizeof text,
                        "POST /v1/%s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                        "Authorization: Bearer %s\r\nContent-Length: %zu\r\n\r\n%s",
                        op, l->token, strlen(body), body);
    if (write(fd, text, (size_t)size) != size) {
        die("write");
    }
}

/* The body of an answer that is there as a whole, or NULL. */
static const char *whole_answer(const char *in)
{
    const char *body = strstr(in, "\r\n\r\n"), *length = strstr(in, "Content-Length: ");
    if (!body || !length) {
        return NULL;
    }
    body += 4;
    return strlen(body) >= strtoul(length + 16, NULL, 10) ? body : NULL;
}

static bool succeeded(const char *body)
{
    return strncmp(body, "{\"ok\":true", 10) == 0;
}

/* On a connection of its own; `number` (may be NULL) is searched in the answer. */
static long call(const load *l, const char *op, const char *body, const char *number)
{
    char in[BUFFER];
    size_t size = 0;
    const char *answer = NULL;
    int fd = connect_to(l->port);
    send_request(l, fd, op, body);
    while (!answer) {
        ssize_t n = read(fd, in + size, sizeof in - 1 - size);
        if (n <= 0) {
            die("read");
        }
        size += (size_t)n;
        in[size] = '\0';
        answer = whole_answer(in);
    }
    close(fd);
    if (!succeeded(answer)) {
        fprintf(stderr, "http_load: %s: %s\n", op, answer);
        exit(1);
    }
    const char *found = number ? strstr(answer, number) : NULL;
    return found ? strtol(found + strlen(number), NULL, 10) : 0;
}

/* --- clients --- */

static void ask(load *l, client *c)
{
    char body[256];
    if (l->asked == l->pairs) { /* a connection left idle would be closed by the server */
        c->phase = DONE;
        close(c->fd);
        c->fd = -1;
        return;
    }
    l->asked++;
    snprintf(body, sizeof body, "{\"study\":\"%s\"}", l->study);
    c->phase = ASKED;
    c->sent = now();
    send_request(l, c->fd, "ask", body);
}

static void tell(load *l, client *c)
{
    char body[256];
    snprintf(body, sizeof body, "{\"study\":\"%s\",\"trial\":%ld,\"value\":%ld.5}", l->study, c->trial,
             c->trial % 1000);
    c->phase = TOLD;
    c->sent = now();
    send_request(l, c->fd, "tell", body);
}

static void take_trial(load *l, client *c, const char *body)
{
    const char *trial = strstr(body, "\"trial\":");
    c->trial = trial ? strtol(trial + 8, NULL, 10) : -1;
    long place = c->trial - l->first;
    if (c->trial < 0 || place < 0 || place >= l->room) {
        fprintf(stderr, "http_load: the study is not new, or this is no trial: %s\n", body);
        exit(1);
    }
    l->twice += l->seen[place];
    l->seen[place] = 1;
}

static void take_answer(load *l, client *c, const char *body)
{
    double ms = 1e3 * (now() - c->sent);
    if (!succeeded(body)) {
        l->refused++;
        fprintf(stderr, "http_load: %s\n", body);
    }
    if (c->phase == ASKED) {
        take_trial(l, c, body);
        l->ask_ms[l->answered++] = ms;
        l->last_ask = now();
        c->phase = RUNNING;
        c->due = l->rate > 0 ? now() + random_time(l, (double)l->n_clients / l->rate) : 0;
        if (!(l->rate > 0)) {
            tell(l, c);
        }
    } else {
        l->tell_ms[l->told++] = ms;
        ask(l, c);
    }
}

static void take_bytes(load *l, client *c)
{
    ssize_t n = read(c->fd, c->in + c->size, BUFFER - 1 - c->size);
    if (n <= 0) {
        die("a connection was closed");
    }
    c->size += (size_t)n;
    c->in[c->size] = '\0';
    const char *body = whole_answer(c->in);
    if (body) {
        c->size = 0; /* one answer at a time */
        take_answer(l, c, body);
    }
}

static void start(load *l)
{
    l->epoll = epoll_create1(0);
    l->clients = calloc((size_t)l->n_clients, sizeof *l->clients);
    for (long i = 0; i < l->n_clients; i++) {
        client *c = &l->clients[i];
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        c->fd = connect_to(l->port);
        if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &event)) {
            die("epoll_ctl");
        }
        c->due = l->rate > 0 ? now() + random_time(l, (double)l->n_clients / l->rate) : 0;
        if (!(l->rate > 0)) {
            ask(l, c);
        }
    }
}

static void begin_due(load *l)
{
    double t = now();
    for (long i = 0; i < l->n_clients; i++) {
        client *c = &l->clients[i];
        if (c->due > 0 && c->due <= t) {
            c->due = 0;
            (c->phase == RUNNING ? tell : ask)(l, c);
        }
    }
}

static void run(load *l)
{
    struct epoll_event events[MAX_EVENTS];
    while (l->told < l->pairs) {
        int n = epoll_wait(l->epoll, events, MAX_EVENTS, l->rate > 0 ? 1 : -1);
        for (int i = 0; i < n; i++) {
            take_bytes(l, events[i].data.ptr);
        }
        if (l->rate > 0) {
            begin_due(l);
        }
    }
}

/* --- the report --- */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(const double *sorted, long n, double q)
{
    return sorted[(long)(q * (double)(n - 1))];
}

static void report(load *l, double begin)
{
    double seconds = now() - begin;
    char body[256];
    struct rusage used;
    snprintf(body, sizeof body, "{\"study\":\"%s\",\"state\":\"complete\",\"limit\":1}", l->study);
    long complete = call(l, "trials", body, "\"total\":");
    getrusage(RUSAGE_SELF, &used);
    qsort(l->ask_ms, (size_t)l->pairs, sizeof(double), by_size);
    qsort(l->tell_ms, (size_t)l->pairs, sizeof(double), by_size);
    printf(
        "{\"clients\": %ld, \"pairs\": %ld, \"seconds\": %.3f, \"pairs_per_second\": %.0f, \"asks_per_second\": %.1f, "
        "\"ask_ms_p50\": %.3f, \"ask_ms_p99\": %.3f, \"ask_ms_max\": %.3f, "
        "\"tell_ms_p50\": %.3f, \"tell_ms_p99\": %.3f, "
        "\"twice\": %ld, \"refused\": %ld, \"complete\": %ld}\n",
        l->n_clients, l->pairs, seconds, (double)l->pairs / seconds, (double)l->pairs / (l->last_ask - begin),
        quantile(l->ask_ms, l->pairs, 0.5), quantile(l->ask_ms, l->pairs, 0.99), l->ask_ms[l->pairs - 1],
        quantile(l->tell_ms, l->pairs, 0.5), quantile(l->tell_ms, l->pairs, 0.99), l->twice, l->refused,
        complete);
    if (l->twice || l->refused || (l->first == 0 && complete != l->pairs)) {
        exit(1);
    }
}

static void read_options(load *l, int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        const char *name = argv[i], *value = argv[i + 1];
        if (!strcmp(name, "--port")) {
            l->port = atoi(value);
        } else if (!strcmp(name, "--clients")) {
            l->n_clients = atol(value);
        } else if (!strcmp(name, "--pairs")) {
            l->pairs = atol(value);
        } else if (!strcmp(name, "--first")) {
            l->first = atol(value);
        } else if (!strcmp(name, "--rate")) {
            l->rate = strtod(value, NULL);
        } else if (!strcmp(name, "--study")) {
            l->study = value;
        } else if (!strcmp(name, "--token")) {
            l->token = value;
        } else {
            fprintf(stderr, "http_load: no option %s\n", name);
            exit(2);
        }
    }
    if (argc % 2 == 0 || l->port <= 0 || l->n_clients < 1 || l->pairs < 1) {
        fprintf(stderr, "usage: bench_http_load --port P [--clients N] [--pairs N] [--rate R] ...\n");
        exit(2);
    }
}

static void create_study(const load *l)
{
    char body[1024];
    snprintf(body, sizeof body,
             "{\"study\":\"%s\",\"goal\":\"minimize loss\",\"sampler\":\"random\",\"seed\":1,\"space\":{"
             "\"a\":{\"float\":[0,1]},\"b\":{\"float\":[0,1]},\"c\":{\"float\":[1e-5,1],\"log\":true},"
             "\"d\":{\"int\":[1,100]},\"e\":{\"choice\":[\"x\",\"y\",\"z\"]}}}",
             l->study);
    call(l, "create", body, NULL);
}

int main(int argc, char **argv)
{
    load l = {.n_clients = 64, .pairs = 20000, .study = "load", .token = "-", .random = 88172645463325252u};
    read_options(&l, argc, argv);
    l.ask_ms = calloc((size_t)l.pairs, sizeof *l.ask_ms);
    l.tell_ms = calloc((size_t)l.pairs, sizeof *l.tell_ms);
    l.room = l.first ? 4 * l.pairs + 100000 : l.pairs;
    l.seen = calloc((size_t)l.room, 1);
    if (!l.first) {
        create_study(&l);
    }
    start(&l);
    double begin = now();
    run(&l);
    report(&l, begin);
    for (long i = 0; i < l.n_clients; i++) {
        close(l.clients[i].fd);
    }
    free(l.clients);
    free(l.seen);
    free(l.ask_ms);
    free(l.tell_ms);
    return 0;
}
