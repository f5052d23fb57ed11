/* space/distribution_value.c: raw doubles to what the user sees and back, and values as text. */
#include <math.h>
#include <string.h>

#include "base/number.h"
#include "space/distribution.h"
#include "space/internal.h"

enum { MAX_DESCRIBED_CHOICES = 12 };

static bool is_number(const hone_value *value)
{
    return value->type == HONE_INT || value->type == HONE_FLOAT;
}

static double to_double(const hone_value *value)
{
    return value->type == HONE_INT ? (double)value->as.integer : value->as.real;
}

/* --- hone_value --- */

static int compare_doubles(double a, double b)
{
    if (isnan(a) || isnan(b))
        return (isnan(a) != 0) - (isnan(b) != 0);
    return (a > b) - (a < b);
}

static int compare_numbers(const hone_value *a, const hone_value *b)
{
    if (a->type == HONE_INT && b->type == HONE_INT)
        return (a->as.integer > b->as.integer) - (a->as.integer < b->as.integer);
    return compare_doubles(to_double(a), to_double(b));
}

/* The place of a value's type among the types: booleans, numbers, texts, null. */
static int type_place(const hone_value *value)
{
    switch (value->type) {
    case HONE_BOOL: return 0;
    case HONE_INT:
    case HONE_FLOAT: return 1;
    case HONE_STRING: return 2;
    case HONE_NULL: break;
    }
    return 3;
}

int hn_value_compare(const hone_value *a, const hone_value *b)
{
    int place = type_place(a), difference = place - type_place(b);
    if (difference != 0)
        return difference;
    switch (place) {
    case 0: return a->as.boolean - b->as.boolean;
    case 1: return compare_numbers(a, b);
    case 2: return strcmp(a->as.string, b->as.string);
    default: return 0;
    }
}

bool hn_value_equal(hone_value a, hone_value b)
{
    return hn_value_compare(&a, &b) == 0;
}

hone_value hn_value_from_node(const hn_node *node)
{
    hone_value value = {.type = HONE_NULL};
    switch (node->kind) {
    case HN_BOOL: return (hone_value){.type = HONE_BOOL, .as.boolean = node->as.boolean};
    case HN_INT: return (hone_value){.type = HONE_INT, .as.integer = node->as.integer};
    case HN_DOUBLE: return (hone_value){.type = HONE_FLOAT, .as.real = node->as.real};
    case HN_STRING: return (hone_value){.type = HONE_STRING, .as.string = node->as.string};
    case HN_NULL:
    case HN_LIST:
    case HN_MAP: break;
    }
    return value;
}

hn_node *hn_value_to_node(hn_arena *arena, hone_value value)
{
    switch (value.type) {
    case HONE_BOOL: return hn_node_bool(arena, value.as.boolean);
    case HONE_INT: return hn_node_integer(arena, value.as.integer);
    case HONE_FLOAT: return hn_node_real(arena, value.as.real);
    case HONE_STRING: return hn_node_string(arena, value.as.string);
    case HONE_NULL: break;
    }
    return hn_node_null(arena);
}

void hn_value_write(hn_buffer *out, hone_value value)
{
    switch (value.type) {
    case HONE_BOOL: hn_buffer_text(out, value.as.boolean ? "true" : "false"); break;
    case HONE_INT: hn_buffer_int(out, value.as.integer); break;
    case HONE_FLOAT: hn_buffer_double(out, value.as.real); break;
    case HONE_STRING: hn_buffer_text(out, value.as.string); break;
    case HONE_NULL: hn_buffer_text(out, "null"); break;
    }
}

/* --- raw <-> value --- */

hone_value hn_distribution_to_value(const hn_distribution *distribution, double raw)
{
    switch (distribution->kind) {
    case HN_FLOAT: return (hone_value){.type = HONE_FLOAT, .as.real = raw};
    case HN_INTEGER: return (hone_value){.type = HONE_INT, .as.integer = (int64_t)raw};
    case HN_CATEGORICAL: break;
    }
    return distribution->choices[(size_t)raw];
}

static hone_status refuse(const char *name, const hn_distribution *distribution, const char *found,
                          hone_error *err)
{
    hn_buffer allowed = HN_BUFFER_INIT;
    hn_distribution_describe(&allowed, distribution);
    hone_status status = hn_fail(err, HONE_INVALID, "%s: %s is not allowed; it is %s", name, found,
                                 hn_buffer_string(&allowed));
    hn_buffer_release(&allowed);
    return status;
}

static hone_status refuse_value(const char *name, const hn_distribution *distribution, hone_value value,
                                hone_error *err)
{
    hn_buffer found = HN_BUFFER_INIT;
    if (value.type == HONE_STRING)
        hn_buffer_text(&found, "the text ");
    hn_value_write(&found, value);
    hone_status status = refuse(name, distribution, hn_buffer_string(&found), err);
    hn_buffer_release(&found);
    return status;
}

static bool find_choice(const hn_distribution *distribution, hone_value value, double *raw)
{
    for (size_t i = 0; i < distribution->n_choices; i++) {
        if (hn_value_equal(distribution->choices[i], value)) {
            *raw = (double)i;
            return true;
        }
    }
    return false;
}

hone_status hn_distribution_from_value(const char *name, const hn_distribution *distribution,
                                       hone_value value, double *raw, hone_error *err)
{
    if (distribution->kind == HN_CATEGORICAL)
        return find_choice(distribution, value, raw) ? HONE_OK : refuse_value(name, distribution, value, err);
    if (!is_number(&value) || !hn_distribution_contains(distribution, to_double(&value)))
        return refuse_value(name, distribution, value, err);
    double number = to_double(&value);
    if (distribution->kind == HN_FLOAT && distribution->step > 0) /* 0.30000000000000004 becomes 0.3 */
        number =
            hn_distribution_nth(distribution, nearbyint((number - distribution->low) / distribution->step));
    *raw = number;
    return HONE_OK;
}

/* A choice that is this very text comes first; then what the text means: a number, true, false or null. */
static bool find_choice_by_text(const hn_distribution *distribution, const char *text, double *raw)
{
    hone_value value = {.type = HONE_STRING, .as.string = text};
    if (find_choice(distribution, value, raw))
        return true;
    double number;
    if (strcmp(text, "null") == 0)
        value = (hone_value){.type = HONE_NULL};
    else if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
        value = (hone_value){.type = HONE_BOOL, .as.boolean = text[0] == 't'};
    else if (hn_parse_double(text, strlen(text), true, &number))
        value = (hone_value){.type = HONE_FLOAT, .as.real = number};
    return value.type != HONE_STRING && find_choice(distribution, value, raw);
}

hone_status hn_distribution_from_text(const char *name, const hn_distribution *distribution, const char *text,
                                      double *raw, hone_error *err)
{
    if (distribution->kind == HN_CATEGORICAL)
        return find_choice_by_text(distribution, text, raw) ? HONE_OK : refuse(name, distribution, text, err);
    hone_value value = {.type = HONE_FLOAT};
    if (!hn_parse_double(text, strlen(text), false, &value.as.real))
        return refuse(name, distribution, text[0] == '\0' ? "an empty text" : text, err);
    return hn_distribution_from_value(name, distribution, value, raw, err);
}

/* --- describing --- */

static void describe_choices(hn_buffer *out, const hn_distribution *distribution)
{
    size_t n = distribution->n_choices, shown = n <= MAX_DESCRIBED_CHOICES ? n : MAX_DESCRIBED_CHOICES;
    hn_buffer_text(out, "one of ");
    for (size_t i = 0; i < shown; i++) {
        if (i > 0)
            hn_buffer_text(out, ", ");
        hn_value_write(out, distribution->choices[i]);
    }
    if (shown < n)
        hn_buffer_printf(out, ", ... (%zu choices)", n);
}

void hn_distribution_describe(hn_buffer *out, const hn_distribution *distribution)
{
    if (distribution->kind == HN_CATEGORICAL) {
        describe_choices(out, distribution);
        return;
    }
    hn_buffer_text(out, distribution->kind == HN_FLOAT ? "float " : "int ");
    hn_buffer_double(out, distribution->low);
    hn_buffer_text(out, " .. ");
    hn_buffer_double(out, distribution->high);
    if (distribution->log)
        hn_buffer_text(out, " log");
    if (distribution->step != (distribution->kind == HN_FLOAT ? 0 : 1)) {
        hn_buffer_text(out, " step ");
        hn_buffer_double(out, distribution->step);
    }
}
