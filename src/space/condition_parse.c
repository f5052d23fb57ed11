/* space/condition_parse.c: from text to terms, by recursive descent.
 *
 *     or:         and { "or" and }
 *     and:        not { "and" not }
 *     not:        "not" not | comparison
 *     comparison: sum [ ("<" | "<=" | ">" | ">=" | "==" | "!=") sum | ["not"] "in" "[" sum { "," sum } "]" ]
 *     sum:        product { ("+" | "-") product }
 *     product:    sign { ("*" | "/") sign }
 *     sign:       "-" sign | power
 *     power:      atom [ "**" sign ]
 *     atom:       number | text | word | word "(" sum { "," sum } ")" | "(" or ")"
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "space/condition_term.h"

typedef enum token_kind {
    TOKEN_END,
    TOKEN_NUMBER,
    TOKEN_TEXT,
    TOKEN_NAME,
    TOKEN_WORD,
    TOKEN_SYMBOL
} token_kind;

/* TEXT and NAME include their quotes. */
typedef struct token {
    token_kind kind;
    size_t begin, size;
} token;

typedef struct parser {
    hn_arena *arena;
    const char *what; /* "condition", "expression" */
    const char *text;
    hn_position at;
    size_t end; /* of the current token */
    token token;
    int depth;
    hone_status status; /* sticky: after a failure every function returns NULL */
    hone_error *err;
} parser;

hn_position hn_position_within(hn_position at, size_t offset)
{
    at.byte += offset;
    at.column += at.line > 0 ? (int)offset : 0;
    return at;
}

static hn_term *fail(parser *p, hone_status status, size_t offset, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static hn_term *fail(parser *p, hone_status status, size_t offset, const char *format, ...)
{
    if (p->status != HONE_OK)
        return NULL;
    char what[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    p->status = hn_fail_at(p->err, status, hn_position_within(p->at, offset), "%s '%.300s': %s", p->what,
                           p->text, what);
    return NULL;
}

/* --- tokens --- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool begins_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static size_t word_size(const char *text)
{
    size_t size = 0;
    while (begins_word(text[size]) || is_digit(text[size]) || text[size] == '.')
        size++;
    return size;
}

/* Letters are taken in, so that "2x" is one wrong number and no number beside a word. */
static size_t number_size(const char *text)
{
    size_t size = 0;
    for (;; size++) {
        bool exponent_sign = (text[size] == '+' || text[size] == '-') && size > 0 &&
                             (text[size - 1] == 'e' || text[size - 1] == 'E');
        if (!exponent_sign && word_size(text + size) == 0)
            return size;
    }
}

/* Up to and with the closing quote; 0 when there is none. A backslash takes the next character as it is. */
static size_t quoted_size(const char *text)
{
    for (size_t i = 1; text[i] != '\0'; i++) {
        if (text[i] == text[0])
            return i + 1;
        if (text[i] == '\\' && text[i + 1] != '\0')
            i++;
    }
    return 0;
}

static size_t symbol_size(const char *text)
{
    bool pair = strchr("<>=!", text[0]) != NULL && text[1] == '=';
    return pair || (text[0] == '*' && text[1] == '*') ? 2 : 1;
}

static void advance(parser *p)
{
    size_t begin = p->end;
    while (p->text[begin] == ' ' || p->text[begin] == '\t' || p->text[begin] == '\n' ||
           p->text[begin] == '\r')
        begin++;
    const char *text = p->text + begin;
    token next = {.kind = TOKEN_SYMBOL, .begin = begin};
    if (text[0] == '\0') {
        next.kind = TOKEN_END;
    } else if (is_digit(text[0]) || (text[0] == '.' && is_digit(text[1]))) {
        next.kind = TOKEN_NUMBER;
        next.size = number_size(text);
    } else if (begins_word(text[0])) {
        next.kind = TOKEN_WORD;
        next.size = word_size(text);
    } else if (text[0] == '"' || text[0] == '\'' || text[0] == '`') {
        next.kind = text[0] == '`' ? TOKEN_NAME : TOKEN_TEXT;
        next.size = quoted_size(text);
        if (next.size == 0) {
            fail(p, HONE_PARSE, begin, "the quote %c is never closed", text[0]);
            next.kind = TOKEN_END;
        }
    } else {
        next.size = symbol_size(text);
    }
    p->token = next;
    p->end = begin + next.size;
}

static bool is(const parser *p, const char *text)
{
    return (p->token.kind == TOKEN_WORD || p->token.kind == TOKEN_SYMBOL) && p->token.size == strlen(text) &&
           memcmp(p->text + p->token.begin, text, p->token.size) == 0;
}

static bool take(parser *p, const char *text)
{
    if (!is(p, text))
        return false;
    advance(p);
    return true;
}

static hn_term *unexpected(parser *p, const char *wanted)
{
    if (p->token.kind == TOKEN_END)
        return fail(p, HONE_PARSE, p->token.begin, "it ends where %s is needed", wanted);
    return fail(p, HONE_PARSE, p->token.begin, "%s is needed, found '%.*s'", wanted,
                (int)(p->token.size < 60 ? p->token.size : 60), p->text + p->token.begin);
}

/* --- terms --- */

static hn_term *new_term(parser *p, hn_term_kind kind, size_t offset)
{
    if (p->status != HONE_OK)
        return NULL;
    hn_term *term = HN_ARENA_NEW(p->arena, hn_term, 1);
    if (term == NULL) {
        p->status = hn_out_of_memory(p->err);
        return NULL;
    }
    term->kind = kind;
    term->offset = offset;
    term->parameter = SIZE_MAX;
    return term;
}

static bool is_condition(const hn_term *term)
{
    return term->kind == HN_TERM_OR || term->kind == HN_TERM_AND || term->kind == HN_TERM_NOT ||
           term->kind == HN_TERM_COMPARE || term->kind == HN_TERM_IN;
}

static hn_term *need_value(parser *p, hn_term *term)
{
    if (term != NULL && is_condition(term))
        return fail(p, HONE_PARSE, term->offset, "a comparison stands where a value is needed");
    return term;
}

/* A word may turn out to be a yes/no parameter when it is bound. */
static hn_term *need_condition(parser *p, hn_term *term)
{
    if (term == NULL || is_condition(term) || term->kind == HN_TERM_WORD ||
        (term->kind == HN_TERM_LITERAL && term->value.type == HONE_BOOL))
        return term;
    return fail(p, HONE_PARSE, term->offset, "a value stands where a comparison is needed");
}

static bool enter(parser *p)
{
    if (++p->depth <= HN_CONDITION_MAX_DEPTH)
        return true;
    fail(p, HONE_LIMIT, p->token.begin, "it is nested more than %d deep", HN_CONDITION_MAX_DEPTH);
    return false;
}

static hn_term *parse_or(parser *p);
static hn_term *parse_sum(parser *p);

static hn_term *parse_number(parser *p)
{
    double value;
    const char *text = p->text + p->token.begin;
    if (!hn_parse_double(text, p->token.size, false, &value))
        return unexpected(p, "a number");
    hn_term *term = new_term(p, HN_TERM_LITERAL, p->token.begin);
    if (term != NULL)
        term->value = (hone_value){.type = HONE_FLOAT, .as.real = value};
    advance(p);
    return term;
}

static hn_term *parse_quoted(parser *p)
{
    hn_term *term = new_term(p, p->token.kind == TOKEN_NAME ? HN_TERM_WORD : HN_TERM_LITERAL, p->token.begin);
    char *copy = hn_arena_strndup(p->arena, p->text + p->token.begin + 1, p->token.size - 2);
    if (term == NULL || copy == NULL) {
        p->status = p->status == HONE_OK ? hn_out_of_memory(p->err) : p->status;
        return NULL;
    }
    char *to = copy;
    for (const char *from = copy; *from != '\0'; from++) {
        from += *from == '\\' && from[1] != '\0';
        *to++ = *from;
    }
    *to = '\0';
    term->value = (hone_value){.type = HONE_STRING, .as.string = copy};
    term->must_be_parameter = term->kind == HN_TERM_WORD;
    advance(p);
    return term;
}

static hn_term *parse_word(parser *p)
{
    if (is(p, "and") || is(p, "or") || is(p, "not") || is(p, "in"))
        return unexpected(p, "a value");
    hn_term *term = new_term(p, HN_TERM_LITERAL, p->token.begin);
    if (term == NULL)
        return NULL;
    if (is(p, "true") || is(p, "false")) {
        term->value = (hone_value){.type = HONE_BOOL, .as.boolean = is(p, "true")};
    } else if (is(p, "null")) {
        term->value = (hone_value){.type = HONE_NULL};
    } else {
        const char *copy = hn_arena_strndup(p->arena, p->text + p->token.begin, p->token.size);
        if (copy == NULL) {
            p->status = hn_out_of_memory(p->err);
            return NULL;
        }
        term->kind = HN_TERM_WORD;
        term->value = (hone_value){.type = HONE_STRING, .as.string = copy};
    }
    advance(p);
    return term;
}

static hn_term *parse_parenthesis(parser *p)
{
    advance(p);
    if (!enter(p))
        return NULL;
    hn_term *term = parse_or(p);
    p->depth--;
    if (term != NULL && !take(p, ")"))
        return unexpected(p, "')'");
    return term;
}

/* name ( sum { , sum } ): the name was taken. */
static hn_term *parse_call(parser *p, hn_term *name)
{
    size_t n = 0;
    const hn_function *function = hn_function_find(name->value.as.string);
    if (function == NULL)
        return fail(p, HONE_PARSE, name->offset, "there is no function '%.40s': there are %s",
                    name->value.as.string, hn_function_list);
    advance(p);
    if (!enter(p))
        return NULL;
    for (hn_term *last = NULL; n == 0 || take(p, ","); n++) {
        hn_term *argument = need_value(p, parse_sum(p));
        if (argument == NULL)
            return NULL;
        *(last != NULL ? &last->next : &name->child) = argument;
        last = argument;
    }
    p->depth--;
    if (!take(p, ")"))
        return unexpected(p, "',' or ')'");
    if (n != (function->two != NULL ? 2 : 1))
        return fail(p, HONE_PARSE, name->offset, "%s takes %s", function->name,
                    function->two != NULL ? "two numbers" : "one number");
    name->kind = HN_TERM_CALL;
    name->function = function;
    return name;
}

static hn_term *parse_atom(parser *p)
{
    hn_term *term = NULL;
    switch (p->token.kind) {
    case TOKEN_NUMBER: return parse_number(p);
    case TOKEN_TEXT:
    case TOKEN_NAME: return parse_quoted(p);
    case TOKEN_WORD:
        term = parse_word(p);
        return term != NULL && term->kind == HN_TERM_WORD && is(p, "(") ? parse_call(p, term) : term;
    case TOKEN_END:
    case TOKEN_SYMBOL: break;
    }
    return is(p, "(") ? parse_parenthesis(p) : unexpected(p, "a value");
}

static hn_term *parse_sign(parser *p);

/* A chain of two. */
static hn_term *parse_power(parser *p)
{
    hn_term *base = parse_atom(p);
    if (base == NULL || !is(p, "**"))
        return base;
    hn_term *chain = need_value(p, base) != NULL ? new_term(p, HN_TERM_CHAIN, base->offset) : NULL;
    advance(p);
    if (chain == NULL || !enter(p))
        return NULL;
    base->next = need_value(p, parse_sign(p));
    p->depth--;
    if (base->next == NULL)
        return NULL;
    base->next->join = '^';
    chain->child = base;
    return chain;
}

static hn_term *parse_sign(parser *p)
{
    size_t offset = p->token.begin;
    if (!take(p, "-"))
        return parse_power(p);
    if (!enter(p))
        return NULL;
    hn_term *operand = need_value(p, parse_sign(p));
    p->depth--;
    if (operand != NULL && operand->kind == HN_TERM_LITERAL && operand->value.type == HONE_FLOAT) {
        operand->value.as.real = -operand->value.as.real;
        return operand;
    }
    hn_term *term = operand != NULL ? new_term(p, HN_TERM_NEGATE, offset) : NULL;
    if (term != NULL)
        term->child = operand;
    return term;
}

/* item { join item } with the joins given as one-character texts. */
static hn_term *parse_chain(parser *p, const char *join_a, const char *join_b,
                            hn_term *(*parse_item)(parser *))
{
    hn_term *first = parse_item(p);
    if (first == NULL || !(is(p, join_a) || is(p, join_b)))
        return first;
    hn_term *chain = new_term(p, HN_TERM_CHAIN, first->offset), *last = need_value(p, first);
    while (last != NULL && chain != NULL && (is(p, join_a) || is(p, join_b))) {
        char join = p->text[p->token.begin];
        advance(p);
        last->next = need_value(p, parse_item(p));
        last = last->next;
        if (last != NULL)
            last->join = join;
    }
    if (last == NULL || chain == NULL)
        return NULL;
    chain->child = first;
    return chain;
}

static hn_term *parse_product(parser *p)
{
    return parse_chain(p, "*", "/", parse_sign);
}

static hn_term *parse_sum(parser *p)
{
    return parse_chain(p, "+", "-", parse_product);
}

static hn_term *parse_items(parser *p, hn_term *value)
{
    hn_term *term = new_term(p, HN_TERM_IN, value->offset), *last = value;
    if (term == NULL)
        return NULL;
    term->child = value;
    if (!take(p, "["))
        return unexpected(p, "a list such as [a, b]");
    do {
        last->next = need_value(p, parse_sum(p));
        last = last->next;
        if (last == NULL)
            return NULL;
    } while (take(p, ","));
    return take(p, "]") ? term : unexpected(p, "',' or ']'");
}

static hn_term *negated(parser *p, hn_term *condition)
{
    hn_term *term = condition != NULL ? new_term(p, HN_TERM_NOT, condition->offset) : NULL;
    if (term != NULL)
        term->child = condition;
    return term;
}

static bool comparison_token(const parser *p, hn_comparison *comparison)
{
    static const char *const symbols[] = {"<",  "<=", ">",
                                          ">=", "==", "!="}; /* in the order of hn_comparison */
    for (int i = 0; i < 6; i++) {
        if (is(p, symbols[i])) {
            *comparison = (hn_comparison)i;
            return true;
        }
    }
    return false;
}

static hn_term *parse_comparison(parser *p)
{
    hn_comparison comparison;
    hn_term *left = parse_sum(p);
    if (left == NULL)
        return NULL;
    if (is(p, "="))
        return fail(p, HONE_PARSE, p->token.begin, "write == to compare");
    if (is(p, "in") || is(p, "not")) {
        bool inverse = take(p, "not");
        if (!take(p, "in"))
            return unexpected(p, "'in'");
        hn_term *member = need_value(p, left) != NULL ? parse_items(p, left) : NULL;
        if (member != NULL)
            member->comparison = inverse ? HN_NOT_EQUAL : HN_EQUAL;
        return member;
    }
    if (!comparison_token(p, &comparison))
        return left;
    advance(p);
    hn_term *term = need_value(p, left) != NULL ? new_term(p, HN_TERM_COMPARE, left->offset) : NULL;
    hn_term *right = term != NULL ? need_value(p, parse_sum(p)) : NULL;
    if (right == NULL)
        return NULL;
    hn_comparison another;
    if (comparison_token(p, &another))
        return fail(p, HONE_PARSE, p->token.begin, "comparisons do not chain: write a < b and b < c");
    term->comparison = comparison;
    term->child = left;
    left->next = right;
    return term;
}

static hn_term *parse_not(parser *p)
{
    if (!take(p, "not"))
        return parse_comparison(p);
    if (!enter(p))
        return NULL;
    hn_term *term = negated(p, need_condition(p, parse_not(p)));
    p->depth--;
    return term;
}

/* item { word item }; one item stays as it is. */
static hn_term *parse_group(parser *p, hn_term_kind kind, const char *word, hn_term *(*parse_item)(parser *))
{
    hn_term *first = parse_item(p);
    if (first == NULL || !is(p, word))
        return first;
    hn_term *group = new_term(p, kind, first->offset), *last = need_condition(p, first);
    while (last != NULL && group != NULL && take(p, word)) {
        last->next = need_condition(p, parse_item(p));
        last = last->next;
    }
    if (last == NULL || group == NULL)
        return NULL;
    group->child = first;
    return group;
}

static hn_term *parse_and(parser *p)
{
    return parse_group(p, HN_TERM_AND, "and", parse_not);
}

static hn_term *parse_or(parser *p)
{
    return parse_group(p, HN_TERM_OR, "or", parse_and);
}

static hone_status parse(hn_arena *arena, const char *text, hn_position at, bool number,
                         hn_condition **condition, hone_error *err)
{
    hn_condition *made = HN_ARENA_NEW(arena, hn_condition, 1);
    parser p = {.arena = arena,
                .what = number ? "expression" : "condition",
                .text = hn_arena_strdup(arena, text),
                .at = at,
                .err = err};
    if (made == NULL || p.text == NULL)
        return hn_out_of_memory(err);
    advance(&p);
    hn_term *root = number ? need_value(&p, parse_sum(&p)) : need_condition(&p, parse_or(&p));
    if (root != NULL && p.token.kind != TOKEN_END)
        unexpected(&p, number               ? "an operator or the end"
                       : is_condition(root) ? "'and', 'or' or the end"
                                            : "a comparison");
    if (p.status != HONE_OK)
        return p.status;
    *made = (hn_condition){.what = p.what, .text = p.text, .at = at, .root = root, .number = number};
    *condition = made;
    return HONE_OK;
}

hone_status hn_condition_parse(hn_arena *arena, const char *text, hn_position at, hn_condition **condition,
                               hone_error *err)
{
    return parse(arena, text, at, false, condition, err);
}

hone_status hn_condition_parse_number(hn_arena *arena, const char *text, hn_position at,
                                      hn_condition **expression, hone_error *err)
{
    return parse(arena, text, at, true, expression, err);
}

const char *hn_condition_text(const hn_condition *condition)
{
    return condition->text;
}
