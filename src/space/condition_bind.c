/* space/condition_bind.c: the meaning of words, and the types of what is compared. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "space/condition_term.h"
#include "space/internal.h"

typedef struct binder {
    const hn_condition *condition;
    const hn_text_map *names;
    const hn_distribution *const *distributions;
    hone_error *err;
} binder;

static hone_status fail(const binder *b, const hn_term *term, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static hone_status fail(const binder *b, const hn_term *term, const char *format, ...)
{
    char what[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    return hn_fail_at(b->err, HONE_INVALID, hn_position_within(b->condition->at, term->offset),
                      "%s '%.300s': %s", b->condition->what, b->condition->text, what);
}

static const char *word_of(const hn_term *term)
{
    return term->value.as.string;
}

static bool is_parameter(const hn_term *term)
{
    return term->kind == HN_TERM_WORD && term->distribution != NULL;
}

static bool is_text(const hn_term *term)
{
    return (term->kind == HN_TERM_WORD && term->distribution == NULL) ||
           (term->kind == HN_TERM_LITERAL && term->value.type == HONE_STRING);
}

static hone_status fail_unknown(const binder *b, const hn_term *term, const char *wanted)
{
    const char *nearest =
        hn_nearest_name(word_of(term), (const char *const *)b->names->keys, b->names->count);
    if (nearest != NULL)
        return fail(b, term, "'%.80s' is no %s (did you mean '%.80s'?)", word_of(term), wanted, nearest);
    return fail(b, term, "'%.80s' is no %s", word_of(term), wanted);
}

static hone_status fail_choice(const binder *b, const hn_term *term, const hn_term *parameter)
{
    hn_buffer text = HN_BUFFER_INIT;
    hn_value_write(&text, term->value);
    hn_buffer_printf(&text, " is no choice of %s, which is ", word_of(parameter));
    hn_distribution_describe(&text, parameter->distribution);
    hone_status status = fail(b, term, "%s", hn_buffer_string(&text));
    hn_buffer_release(&text);
    return status;
}

static bool has_choice(const hn_distribution *distribution, hone_value value)
{
    for (size_t i = 0; i < distribution->n_choices; i++)
        if (hn_value_equal(distribution->choices[i], value))
            return true;
    return false;
}

static void look_up(const binder *b, hn_term *term)
{
    term->parameter = hn_text_map_find(b->names, word_of(term)); /* none: SIZE_MAX too */
    term->distribution = term->parameter == SIZE_MAX ? NULL : b->distributions[term->parameter];
}

/* Words inside arithmetic must be parameters; a word that is a whole operand need not when `may_be_text`. */
static hone_status bind_value(const binder *b, hn_term *term, bool may_be_text);

/* A number: a literal, arithmetic, or a parameter that has an order. null counts as above every number. */
static hone_status bind_number(const binder *b, hn_term *term, bool may_be_null)
{
    hone_status status = bind_value(b, term, true);
    if (status != HONE_OK)
        return status;
    if (is_text(term) && term->kind == HN_TERM_WORD)
        return fail_unknown(b, term, "parameter and no number");
    if (term->kind == HN_TERM_LITERAL && term->value.type != HONE_FLOAT &&
        !(may_be_null && term->value.type == HONE_NULL))
        return fail(b, term, "a number is needed here");
    if (is_parameter(term) && term->distribution->kind == HN_CATEGORICAL && !term->distribution->ordinal &&
        !hn_distribution_is_constant(term->distribution))
        return fail(b, term, "%s is no number: compare it with ==, != or in", word_of(term));
    return HONE_OK;
}

static hone_status bind_value(const binder *b, hn_term *term, bool may_be_text)
{
    hone_status status = HONE_OK;
    if (term->kind == HN_TERM_WORD) {
        look_up(b, term);
        if (!is_parameter(term) && (!may_be_text || term->must_be_parameter))
            return fail_unknown(b, term, "parameter");
        return HONE_OK;
    }
    for (hn_term *child = term->child; child != NULL && status == HONE_OK; child = child->next)
        status = bind_number(b, child, false);
    return status;
}

/* May `value` ever equal the parameter on the other side? */
static hone_status check_pair(const binder *b, const hn_term *parameter, const hn_term *value)
{
    if (!is_parameter(parameter) || hn_distribution_is_constant(parameter->distribution))
        return HONE_OK;
    if (parameter->distribution->kind != HN_CATEGORICAL) {
        if (is_text(value) && value->kind == HN_TERM_WORD)
            return fail_unknown(b, value, "parameter and no number");
        if (value->kind == HN_TERM_LITERAL && value->value.type != HONE_FLOAT)
            return fail(b, value, "%s is a number and never equals this", word_of(parameter));
        return HONE_OK;
    }
    if (is_parameter(value)) {
        if (!value->must_be_parameter && has_choice(parameter->distribution, value->value))
            return fail(b, value,
                        "'%.80s' is a parameter and also a choice of %s: write \"%.80s\" for the choice",
                        word_of(value), word_of(parameter), word_of(value));
        return HONE_OK;
    }
    if ((is_text(value) || value->kind == HN_TERM_LITERAL) &&
        !has_choice(parameter->distribution, value->value))
        return fail_choice(b, value, parameter);
    return HONE_OK;
}

static hone_status bind_equality(const binder *b, hn_term *left, hn_term *right)
{
    hone_status status = bind_value(b, right, true);
    if (status == HONE_OK && !is_parameter(left) && right->kind == HN_TERM_WORD && !is_parameter(right))
        return fail_unknown(b, right, "parameter");
    if (status == HONE_OK)
        status = check_pair(b, left, right);
    return status == HONE_OK && is_parameter(right) ? check_pair(b, right, left) : status;
}

static hone_status bind_comparison(const binder *b, hn_term *term)
{
    hn_term *left = term->child;
    bool ordered = term->kind == HN_TERM_COMPARE && term->comparison <= HN_GREATER_EQUAL;
    hone_status status = bind_value(b, left, false);
    if (status == HONE_OK && ordered)
        status = bind_number(b, left, true);
    for (hn_term *right = left->next; right != NULL && status == HONE_OK; right = right->next)
        status = ordered ? bind_number(b, right, true) : bind_equality(b, left, right);
    return status;
}

static bool is_yes_or_no(const hn_distribution *distribution)
{
    if (distribution->kind != HN_CATEGORICAL)
        return false;
    for (size_t i = 0; i < distribution->n_choices; i++)
        if (distribution->choices[i].type != HONE_BOOL)
            return false;
    return true;
}

static hone_status bind_condition(const binder *b, hn_term *term)
{
    hone_status status = HONE_OK;
    switch (term->kind) {
    case HN_TERM_OR:
    case HN_TERM_AND:
    case HN_TERM_NOT:
        for (hn_term *child = term->child; child != NULL && status == HONE_OK; child = child->next)
            status = bind_condition(b, child);
        return status;
    case HN_TERM_COMPARE:
    case HN_TERM_IN: return bind_comparison(b, term);
    case HN_TERM_WORD:
        status = bind_value(b, term, false);
        if (is_parameter(term) && !is_yes_or_no(term->distribution))
            return fail(b, term, "%s is not a choice of true and false: compare it with something",
                        word_of(term));
        return status;
    case HN_TERM_CALL:
    case HN_TERM_CHAIN:
    case HN_TERM_NEGATE:
    case HN_TERM_LITERAL: break;
    }
    return HONE_OK;
}

hone_status hn_condition_bind_map(hn_condition *condition, const hn_text_map *names,
                                  const hn_distribution *const *distributions, hone_error *err)
{
    binder b = {.condition = condition, .names = names, .distributions = distributions, .err = err};
    return condition->number ? bind_number(&b, condition->root, false) : bind_condition(&b, condition->root);
}

hone_status hn_condition_bind(hn_condition *condition, const char *const *names,
                              const hn_distribution *const *distributions, size_t n, hone_error *err)
{
    hn_text_map map = HN_TEXT_MAP_INIT;
    hone_status status = HONE_OK;
    for (size_t i = 0; i < n && status == HONE_OK; i++) {
        size_t index = hn_text_map_intern(&map, names[i]);
        if (index == HN_TEXT_MAP_NONE)
            status = hn_out_of_memory(err);
        else if (index != i)
            status = hn_fail(err, HONE_INVALID, "the parameter '%s' stands twice", names[i]);
    }
    if (status == HONE_OK)
        status = hn_condition_bind_map(condition, &map, distributions, err);
    hn_text_map_release(&map);
    return status;
}

/* --- references --- */

static void visit_terms(hn_term *term, void (*visit)(void *user, hn_term *term), void *user)
{
    for (; term != NULL; term = term->next) {
        if (is_parameter(term))
            visit(user, term);
        visit_terms(term->child, visit, user);
    }
}

typedef struct parameter_visit {
    void (*visit)(void *user, size_t parameter);
    void *user;
} parameter_visit;

static void visit_parameter(void *user, hn_term *term)
{
    parameter_visit *to = user;
    to->visit(to->user, term->parameter);
}

void hn_condition_references(const hn_condition *condition, void (*visit)(void *user, size_t parameter),
                             void *user)
{
    parameter_visit to = {.visit = visit, .user = user};
    visit_terms(condition->root, visit_parameter, &to);
}

static void renumber_term(void *user, hn_term *term)
{
    const size_t *to = user;
    term->parameter = to[term->parameter];
}

void hn_condition_renumber(hn_condition *condition, const size_t *to)
{
    visit_terms(condition->root, renumber_term, (void *)to);
}
