/* space/condition_eval.c: does a condition hold at a point? */
#include <math.h>
#include <string.h>

#include "space/condition_term.h"

static const hn_function functions[] = {
    {"ceil", ceil, NULL}, {"cos", cos, NULL},  {"exp", exp, NULL},  {"floor", floor, NULL},
    {"log", log, NULL},   {"max", NULL, fmax}, {"min", NULL, fmin}, {"sqrt", sqrt, NULL},
};

const char hn_function_list[] = "ceil, cos, exp, floor, log, max, min, sqrt";

const hn_function *hn_function_find(const char *name)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (strcmp(functions[i].name, name) == 0)
            return &functions[i];
    return NULL;
}

typedef struct point {
    const double *values;
    const bool *active;
} point;

/* null is the largest number, as in the rank of an ordinal. */
static double as_number(hone_value value)
{
    switch (value.type) {
    case HONE_INT: return (double)value.as.integer;
    case HONE_FLOAT: return value.as.real;
    case HONE_NULL: return INFINITY;
    case HONE_BOOL:
    case HONE_STRING: break;
    }
    return NAN;
}

static double join(double left, char by, double right)
{
    switch (by) {
    case '+': return left + right;
    case '-': return left - right;
    case '*': return left * right;
    case '^': return pow(left, right);
    default: return left / right;
    }
}

/* False when an inactive parameter is involved. */
static bool evaluate(const hn_term *term, point at, hone_value *value)
{
    if (term->kind == HN_TERM_LITERAL || (term->kind == HN_TERM_WORD && term->parameter == SIZE_MAX)) {
        *value = term->value;
        return true;
    }
    if (term->kind == HN_TERM_WORD) {
        if (!at.active[term->parameter])
            return false;
        *value = hn_distribution_to_value(term->distribution, at.values[term->parameter]);
        return true;
    }
    hone_value operand;
    double result = 0;
    for (const hn_term *child = term->child; child != NULL; child = child->next) {
        if (!evaluate(child, at, &operand))
            return false;
        double number = as_number(operand);
        if (term->kind == HN_TERM_CALL && term->function->one != NULL)
            result = term->function->one(number);
        else if (child == term->child)
            result = number;
        else
            result = term->kind == HN_TERM_CALL ? term->function->two(result, number)
                                                : join(result, child->join, number);
    }
    *value = (hone_value){.type = HONE_FLOAT, .as.real = term->kind == HN_TERM_NEGATE ? -result : result};
    return true;
}

static bool compare(hn_comparison comparison, hone_value left, hone_value right)
{
    switch (comparison) {
    case HN_LESS: return as_number(left) < as_number(right);
    case HN_LESS_EQUAL: return as_number(left) <= as_number(right);
    case HN_GREATER: return as_number(left) > as_number(right);
    case HN_GREATER_EQUAL: return as_number(left) >= as_number(right);
    case HN_EQUAL: return hn_value_equal(left, right);
    case HN_NOT_EQUAL: return !hn_value_equal(left, right);
    }
    return false;
}

static bool compare_holds(const hn_term *term, point at)
{
    hone_value left, right;
    if (!evaluate(term->child, at, &left) || !evaluate(term->child->next, at, &right))
        return false;
    return compare(term->comparison, left, right);
}

/* All items are evaluated: one that is inactive makes the membership false. */
static bool membership_holds(const hn_term *term, point at)
{
    hone_value value, item;
    bool found = false;
    if (!evaluate(term->child, at, &value))
        return false;
    for (const hn_term *next = term->child->next; next != NULL; next = next->next) {
        if (!evaluate(next, at, &item))
            return false;
        found = found || hn_value_equal(value, item);
    }
    return found == (term->comparison == HN_EQUAL);
}

static bool holds(const hn_term *term, point at)
{
    hone_value value;
    switch (term->kind) {
    case HN_TERM_OR:
        for (const hn_term *child = term->child; child != NULL; child = child->next)
            if (holds(child, at))
                return true;
        return false;
    case HN_TERM_AND:
        for (const hn_term *child = term->child; child != NULL; child = child->next)
            if (!holds(child, at))
                return false;
        return true;
    case HN_TERM_NOT: return !holds(term->child, at);
    case HN_TERM_COMPARE: return compare_holds(term, at);
    case HN_TERM_IN: return membership_holds(term, at);
    case HN_TERM_CALL:
    case HN_TERM_CHAIN:
    case HN_TERM_NEGATE:
    case HN_TERM_LITERAL:
    case HN_TERM_WORD: break;
    }
    return evaluate(term, at, &value) && value.type == HONE_BOOL && value.as.boolean;
}

bool hn_condition_holds(const hn_condition *condition, const double *values, const bool *active)
{
    return holds(condition->root, (point){.values = values, .active = active});
}

double hn_condition_violation(const hn_condition *condition, const double *values, const bool *active)
{
    const hn_term *root = condition->root;
    point at = {.values = values, .active = active};
    hone_value left, right;
    if (root->kind != HN_TERM_COMPARE || root->comparison > HN_GREATER_EQUAL)
        return NAN;
    if (!evaluate(root->child, at, &left) || !evaluate(root->child->next, at, &right))
        return NAN;
    double difference = as_number(left) - as_number(right);
    return root->comparison == HN_LESS || root->comparison == HN_LESS_EQUAL ? difference : -difference;
}

double hn_condition_number(const hn_condition *expression, const double *values, const bool *active)
{
    hone_value value;
    bool known = evaluate(expression->root, (point){.values = values, .active = active}, &value);
    return known ? as_number(value) : NAN;
}
