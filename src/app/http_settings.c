#include "app/http_settings.h"

#include <string.h>

#include "base/number.h"
#include "http/guard.h"

enum { DEFAULT_PORT = 8765, MAX_CONNECTIONS = 100000, MAX_THREADS = 1024 };

/* --- values --- */

static hone_status wrong(const char *option, const char *text, const char *wanted, hone_error *err)
{
    return hn_fail(err, HONE_INVALID, "%s '%.60s' is not %s", option, text, wanted);
}

static hone_status read_bytes(const char *option, const char *text, uint64_t low, uint64_t high,
                              size_t *value, hone_error *err)
{
    uint64_t bytes = 0;
    if (text && (!hn_parse_bytes(text, strlen(text), &bytes) || bytes < low || bytes > high)) {
        return hn_fail(err, HONE_INVALID, "%s '%.60s' is not a size from %llu to %llu bytes such as 64K",
                       option, text, (unsigned long long)low, (unsigned long long)high);
    }
    if (text) {
        *value = (size_t)bytes;
    }
    return HONE_OK;
}

static hone_status read_count(const char *option, const char *text, int64_t high, size_t *value,
                              hone_error *err)
{
    int64_t count = 0;
    if (text && (!hn_parse_int(text, strlen(text), &count) || count < 1 || count > high)) {
        return hn_fail(err, HONE_INVALID, "%s '%.60s' is not a whole number from 1 to %lld", option, text,
                       (long long)high);
    }
    if (text) {
        *value = (size_t)count;
    }
    return HONE_OK;
}

static hone_status read_time(const char *option, const char *text, int64_t *ms, hone_error *err)
{
    double seconds = 0;
    if (text && (!hn_parse_duration(text, strlen(text), &seconds) || seconds < 1e-3 || seconds > 1e6)) {
        return wrong(option, text, "a time such as 10s", err);
    }
    if (text) {
        *ms = (int64_t)(seconds * 1e3);
    }
    return HONE_OK;
}

static hone_status read_rate(const char *text, hn_http_config *server, hone_error *err)
{
    if (text && (!hn_parse_double(text, strlen(text), false, &server->rate) || server->rate < 0)) {
        return wrong("--rate", text, "a number of requests a second, or 0 for no limit", err);
    }
    server->spares_loopback = !text;
    return HONE_OK;
}

static hone_status read_limits(const hone_http_config *config, hn_http_settings *settings, hone_error *err)
{
    hn_http_config *server = &settings->server;
    hone_status status = read_bytes("--max-body", config->max_body, 1 << 10, HONE_PROTOCOL_MAX_LINE,
                                    &server->limits.body, err);
    if (!status) {
        status = read_bytes("--max-header", config->max_header, 512, 1 << 20, &server->limits.head, err);
    }
    if (!status) {
        status = read_bytes("--remember", config->remember, 0, SIZE_MAX / 2, &settings->remember, err);
    }
    if (!status) {
        status = read_count("--max-connections", config->max_connections, MAX_CONNECTIONS,
                            &server->connections, err);
    }
    if (!status) {
        status = read_count("--threads", config->threads, MAX_THREADS, &settings->threads, err);
    }
    if (!status) {
        status = read_time("--request-timeout", config->request_timeout, &server->request_ms, err);
    }
    if (!status) {
        status = read_time("--idle-timeout", config->idle_timeout, &server->idle_ms, err);
    }
    return status ? status : read_rate(config->rate, server, err);
}

/* --- address --- */

/* "127.0.0.1:8765", "[::1]:8765", "127.0.0.1", ":8765". */
static hone_status read_address(const char *text, hn_http_settings *settings, hone_error *err)
{
    static const char wanted[] = "an address with a port such as 127.0.0.1:8765 or [::1]:8765";
    hn_http_config *server = &settings->server;
    const char *host = text, *end, *port;
    if (text[0] == '[') {
        host = text + 1;
        end = strchr(host, ']');
        port = end ? end + 1 : NULL;
    } else {
        end = port = text + strcspn(text, ":");
    }
    int64_t number = DEFAULT_PORT;
    if (!port || (*port && (*port != ':' || !hn_parse_int(port + 1, strlen(port + 1), &number) ||
                            number < 0 || number > 65535))) {
        return wrong("--listen", text, wanted, err);
    }
    char *address = hn_arena_strndup(&settings->arena, host, (size_t)(end - host));
    if (!address) {
        return hn_out_of_memory(err);
    }
    server->port = (int)number;
    server->address = !*address || !strcmp(address, "localhost") ? "127.0.0.1" : address;
    return HONE_OK;
}

/* --- tokens --- */

static hone_status read_tokens(const hone_http_config *config, hn_http_settings *settings, hone_error *err)
{
    hn_tokens *tokens = &settings->tokens;
    hone_status status = config->token ? hn_tokens_add(tokens, config->token, err) : HONE_OK;
    if (!status && config->token_file) {
        status = hn_tokens_read(tokens, config->token_file, err);
    }
    if (!status && !tokens->count && !config->new_token &&
        !hn_address_is_loopback(settings->server.address)) {
        status = hn_fail(err, HONE_INVALID,
                         "at %s everybody could come in: make a token (--new-token FILE) or give one "
                         "(--token-file FILE, or the variable HONE_TOKEN)",
                         settings->server.address);
    }
    settings->server.tokens = tokens;
    return status;
}

hone_status hn_http_settings_read(const hone_http_config *config, hn_http_settings *settings, hone_error *err)
{
    *settings = (hn_http_settings){
        .server =
            {
                .limits = {.head = 16 << 10, .body = 1 << 20},
                .connections = 1024,
                .rate = 1000,
                .request_ms = 10000,
                .idle_ms = 60000,
                .hosts = config->hosts,
                .n_hosts = config->n_hosts,
            },
        .remember = 64 << 20,
        .threads = 8,
    };
    hone_status status = read_limits(config, settings, err);
    if (!status) {
        status = read_address(config->listen ? config->listen : "127.0.0.1", settings, err);
    }
    return status ? status : read_tokens(config, settings, err);
}

hone_status hn_http_settings_make_token(hn_http_settings *settings, const char *path, hone_error *err)
{
    return hn_tokens_make(&settings->tokens, path, settings->token, err);
}

void hn_http_settings_url(hn_http_settings *settings, int port)
{
    const char *address = settings->server.address;
    bool bracket = strchr(address, ':') != NULL;
    hn_buffer url = HN_BUFFER_INIT;
    hn_buffer_printf(&url, "http://%s%s%s:%d", bracket ? "[" : "", address, bracket ? "]" : "", port);
    strncpy(settings->url, hn_buffer_string(&url), sizeof settings->url - 1);
    hn_buffer_release(&url);
}

void hn_http_settings_release(hn_http_settings *settings)
{
    hn_tokens_release(&settings->tokens);
    hn_arena_release(&settings->arena);
}
