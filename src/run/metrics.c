/* Metrics in a program's output: lines, pairs, JSON objects, patterns. */
#include "run/metrics.h"

#include <math.h>
#include <regex.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/node.h"
#include "base/number.h"

typedef struct pair {
    char name[HN_METRIC_NAME];
    double value;
} pair;

typedef struct pattern {
    char *name;
    regex_t regex;
} pattern;

struct hn_metric_reader {
    hn_metric_seen seen;
    void *user;
    pattern *patterns;
    size_t n_patterns;
    char *line; /* the beginning of a line whose end has not come; HN_METRIC_LINE bytes */
    size_t size;
    pair pairs[HN_METRIC_PER_LINE]; /* of the line being read */
    size_t n_pairs;
    hn_arena scratch; /* of one JSON line */
};

/* --- making --- */

static hone_status compile(pattern *made, const char *text, hone_error *err)
{
    const char *equals = strchr(text, '=');
    if (!equals || equals == text || (size_t)(equals - text) >= HN_METRIC_NAME) {
        return hn_fail(err, HONE_PARSE, "pattern '%s': write NAME=REGEX, the name having at most %d bytes",
                       text, HN_METRIC_NAME - 1);
    }
    int code = regcomp(&made->regex, equals + 1, REG_EXTENDED | REG_NEWLINE);
    if (code) {
        char reason[128];
        regerror(code, &made->regex, reason, sizeof reason);
        return hn_fail(err, HONE_PARSE, "pattern '%s': %s", text, reason);
    }
    made->name = hn_strndup(text, (size_t)(equals - text));
    if (!made->name) {
        regfree(&made->regex);
        return hn_out_of_memory(err);
    }
    return HONE_OK;
}

hone_status hn_metric_reader_create(const char *const *patterns, size_t n_patterns, hn_metric_seen seen,
                                    void *user, hn_metric_reader **made, hone_error *err)
{
    hn_metric_reader *reader = hn_calloc(1, sizeof *reader);
    if (!reader) {
        return hn_out_of_memory(err);
    }
    reader->seen = seen;
    reader->user = user;
    reader->line = hn_malloc(HN_METRIC_LINE);
    reader->patterns = hn_calloc(n_patterns, sizeof *reader->patterns);
    hone_status status = reader->line && reader->patterns ? HONE_OK : hn_out_of_memory(err);
    while (!status && reader->n_patterns < n_patterns) {
        status = compile(&reader->patterns[reader->n_patterns], patterns[reader->n_patterns], err);
        reader->n_patterns += !status;
    }
    if (status) {
        hn_metric_reader_destroy(reader);
        return status;
    }
    *made = reader;
    return HONE_OK;
}

void hn_metric_reader_destroy(hn_metric_reader *reader)
{
    if (!reader) {
        return;
    }
    for (size_t i = 0; i < reader->n_patterns; i++) {
        hn_free(reader->patterns[i].name);
        regfree(&reader->patterns[i].regex);
    }
    hn_free(reader->patterns);
    hn_free(reader->line);
    hn_arena_release(&reader->scratch);
    hn_free(reader);
}

/* --- pairs --- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_name(char c)
{
    return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '/' || c == '@' || c == '%';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool has_pattern(const hn_metric_reader *reader, const char *name)
{
    for (size_t i = 0; i < reader->n_patterns; i++) {
        if (!strcmp(reader->patterns[i].name, name)) {
            return true;
        }
    }
    return false;
}

static void add_pair(hn_metric_reader *reader, const char *name, size_t size, double value)
{
    if (size >= HN_METRIC_NAME || reader->n_pairs == HN_METRIC_PER_LINE) {
        return;
    }
    pair *added = &reader->pairs[reader->n_pairs++];
    memcpy(added->name, name, size);
    added->name[size] = '\0';
    added->value = value;
}

/* Length of the number at the beginning of a text: a decimal one, or nan, inf, infinity with a sign; 0 =
 * none. */
static size_t number_length(const char *text, size_t size)
{
    static const char *const words[] = {"infinity", "inf", "nan"};
    size_t n = size && (*text == '-' || *text == '+');
    for (size_t w = 0; w < 3; w++) {
        size_t length = strlen(words[w]);
        if (size - n >= length && !strncasecmp(text + n, words[w], length)) {
            return n + length;
        }
    }
    size_t digits = 0;
    for (; n < size && is_digit(text[n]); n++, digits++) {
    }
    if (n < size && text[n] == '.') {
        size_t fraction = n + 1;
        for (; fraction < size && is_digit(text[fraction]); fraction++, digits++) {
        }
        n = digits ? fraction : n;
    }
    if (!digits) {
        return 0;
    }
    if (n < size && (text[n] == 'e' || text[n] == 'E')) {
        size_t exponent = n + 1;
        exponent += exponent < size && (text[exponent] == '-' || text[exponent] == '+');
        if (exponent < size && is_digit(text[exponent])) {
            for (n = exponent; n < size && is_digit(text[n]); n++) {
            }
        }
    }
    return n;
}

/* "12ms", "1.2.3", "0,5", "12:30", "2024-01-02" are not the numbers they begin with. */
static bool number_goes_on(const char *text, size_t size)
{
    if (!size) {
        return false;
    }
    return is_letter(*text) || is_digit(*text) ||
           (size > 1 && strchr(".,:-", *text) && *text && is_digit(text[1]));
}

/* The name that ends before text[end], perhaps in quotes; false when there is none. */
static bool name_before(const char *text, size_t end, size_t *begin, size_t *size)
{
    while (end && is_blank(text[end - 1])) {
        end--;
    }
    if (end && (text[end - 1] == '\'' || text[end - 1] == '"')) {
        end--;
    }
    size_t at = end;
    while (at && end - at < HN_METRIC_NAME && is_name(text[at - 1])) {
        at--;
    }
    *begin = at;
    *size = end - at;
    return *size && is_letter(text[at]);
}

static const char *next_separator(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '=' || text[i] == ':') {
            return text + i;
        }
    }
    return NULL;
}

static void read_pairs(hn_metric_reader *reader, const char *text, size_t size)
{
    const char *separator = next_separator(text, size);
    while (separator) {
        size_t at = (size_t)(separator - text), begin, length;
        size_t value_at = at + 1;
        while (value_at < size && is_blank(text[value_at])) {
            value_at++;
        }
        size_t number = number_length(text + value_at, size - value_at);
        double value;
        if (number && !number_goes_on(text + value_at + number, size - value_at - number) &&
            name_before(text, at, &begin, &length) &&
            hn_parse_double(text + value_at, number, true, &value)) {
            add_pair(reader, text + begin, length, value);
        }
        separator = next_separator(text + at + 1, size - at - 1);
    }
}

/* --- JSON objects, patterns --- */

static bool node_number(const hn_node *node, double *value)
{
    if (node->kind == HN_STRING) {
        return hn_parse_double(node->as.string, node->count, true, value) && !isfinite(*value);
    }
    return hn_node_double(node, value);
}

/* False when the line is no JSON object. Lines with an apostrophe, most of them printed dictionaries of
 * Python, are left to the pairs, which find the same numbers. */
static bool read_object(hn_metric_reader *reader, const char *text, size_t size)
{
    hn_node *root = NULL;
    if (*text != '{' || text[size - 1] != '}' || memchr(text, '\'', size)) {
        return false;
    }
    hn_arena_reset(&reader->scratch);
    if (hn_json_parse(&reader->scratch, "output", text, size, &root, NULL) || root->kind != HN_MAP) {
        return false;
    }
    for (size_t i = 0; i < root->count; i++) {
        double value;
        if (node_number(root->as.entries[i].value, &value)) {
            add_pair(reader, root->as.entries[i].key, strlen(root->as.entries[i].key), value);
        }
    }
    return true;
}

/* What the program's other forms said about a name with a pattern does not count. */
static void drop_patterned(hn_metric_reader *reader)
{
    size_t kept = 0;
    for (size_t i = 0; i < reader->n_pairs; i++) {
        if (!has_pattern(reader, reader->pairs[i].name)) {
            reader->pairs[kept++] = reader->pairs[i];
        }
    }
    reader->n_pairs = kept;
}

static void read_patterns(hn_metric_reader *reader, const char *text, size_t size)
{
    char line[HN_METRIC_PATTERN_LINE + 1];
    size = size < HN_METRIC_PATTERN_LINE ? size : HN_METRIC_PATTERN_LINE;
    for (size_t i = 0; i < size; i++) {
        line[i] = text[i] ? text[i] : ' ';
    }
    line[size] = '\0';
    drop_patterned(reader);
    for (size_t i = 0; i < reader->n_patterns; i++) {
        regmatch_t match[2];
        double value;
        if (regexec(&reader->patterns[i].regex, line, 2, match, 0)) {
            continue;
        }
        regmatch_t found = match[1].rm_so >= 0 ? match[1] : match[0];
        if (hn_parse_double(line + found.rm_so, (size_t)(found.rm_eo - found.rm_so), true, &value)) {
            add_pair(reader, reader->patterns[i].name, strlen(reader->patterns[i].name), value);
        }
    }
}

/* --- lines --- */

static bool is_step(const char *name)
{
    return !strcmp(name, "step") || !strcmp(name, "epoch");
}

/* The line's step; `step` goes before `epoch`. */
static int64_t step_of(const hn_metric_reader *reader)
{
    int64_t step = -1;
    for (size_t i = 0; i < reader->n_pairs; i++) {
        double value = reader->pairs[i].value;
        bool usable = value >= 0 && value < 9e15 && value == floor(value);
        if (usable && is_step(reader->pairs[i].name) && (step < 0 || reader->pairs[i].name[0] == 's')) {
            step = (int64_t)value;
        }
    }
    return step;
}

static void read_line(hn_metric_reader *reader, const char *text, size_t size)
{
    while (size && (is_blank(*text) || *text == '\0')) {
        text++;
        size--;
    }
    while (size && is_blank(text[size - 1])) {
        size--;
    }
    if (!size) {
        return;
    }
    reader->n_pairs = 0;
    if (!read_object(reader, text, size)) {
        read_pairs(reader, text, size);
    }
    if (reader->n_patterns) {
        read_patterns(reader, text, size);
    }
    int64_t step = reader->n_pairs ? step_of(reader) : -1;
    for (size_t i = 0; i < reader->n_pairs; i++) {
        if (!is_step(reader->pairs[i].name)) {
            reader->seen(reader->user, step, reader->pairs[i].name, reader->pairs[i].value);
        }
    }
}

/* The first line end in bytes, or NULL. */
static const char *line_end(const char *bytes, size_t size)
{
    const char *newline = memchr(bytes, '\n', size);
    const char *carriage = memchr(bytes, '\r', newline ? (size_t)(newline - bytes) : size);
    return carriage ? carriage : newline;
}

static void keep(hn_metric_reader *reader, const char *bytes, size_t size)
{
    size_t room = HN_METRIC_LINE - reader->size;
    size = size < room ? size : room;
    memcpy(reader->line + reader->size, bytes, size);
    reader->size += size;
}

void hn_metric_reader_feed(hn_metric_reader *reader, const char *bytes, size_t size)
{
    for (const char *end; size && (end = line_end(bytes, size));) {
        size_t length = (size_t)(end - bytes);
        if (reader->size) {
            keep(reader, bytes, length);
            read_line(reader, reader->line, reader->size);
            reader->size = 0;
        } else {
            read_line(reader, bytes, length < HN_METRIC_LINE ? length : HN_METRIC_LINE);
        }
        bytes = end + 1;
        size -= length + 1;
    }
    keep(reader, bytes, size);
}

void hn_metric_reader_finish(hn_metric_reader *reader)
{
    read_line(reader, reader->line, reader->size);
    reader->size = 0;
}
