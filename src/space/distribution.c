/* space/distribution.c: making, copying and comparing distributions. Bounds follow Optuna's rules (its
 * distributions.py states them), so that whatever is stored can be read by it. */
#include "space/distribution.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "space/internal.h"

static const double max_integer = 9007199254740992.0; /* 2^53 */

typedef struct number_text {
    char text[HN_NUMBER_SIZE];
} number_text;

static number_text as_text(double value)
{
    number_text out;
    hn_format_double(out.text, value);
    return out;
}

double hn_steps_within(double low, double high, double step)
{
    double steps = (high - low) / step;
    return hn_step_divides(low, high, step) ? nearbyint(steps) : floor(steps);
}

/* The smallest power of ten that makes low and step whole, with all values below 2^53 then, so that every
 * value is a quotient of two exact doubles and thereby the double nearest to its decimal; 0 when none
 * does. */
static double decimal_scale(double low, double step, double steps)
{
    double scale = 1;
    for (int digits = 0; digits <= 22; digits++, scale *= 10) { /* 10^22 is the last exact one */
        double whole_low = nearbyint(low * scale), whole_step = nearbyint(step * scale);
        if (fabs(whole_low) + steps * whole_step > max_integer)
            return 0;
        if (whole_low / scale == low && whole_step / scale == step)
            return scale;
    }
    return 0;
}

static hone_status check_float(const char *name, double low, double high, double step, bool log,
                               hn_position at, hone_error *err)
{
    if (!isfinite(low) || !isfinite(high) || !isfinite(high - low))
        return hn_fail_at(err, HONE_INVALID, at, "%s: the bounds [%s, %s] and their distance must be finite",
                          name, as_text(low).text, as_text(high).text);
    if (low > high)
        return hn_fail_at(err, HONE_INVALID, at, "%s: low %s is above high %s", name, as_text(low).text,
                          as_text(high).text);
    if (log && low <= 0)
        return hn_fail_at(err, HONE_INVALID, at, "%s: log needs a low above 0, found %s", name,
                          as_text(low).text);
    if (step != 0 && !(step > 0 && isfinite(step)))
        return hn_fail_at(err, HONE_INVALID, at, "%s: step must be above 0, found %s", name,
                          as_text(step).text);
    if (log && step != 0)
        return hn_fail_at(err, HONE_INVALID, at, "%s: log and step %s exclude each other: drop one of them",
                          name, as_text(step).text);
    if (step == 0 || low == high)
        return HONE_OK;
    double steps = hn_steps_within(low, high, step);
    if (steps < 1)
        return hn_fail_at(err, HONE_INVALID, at, "%s: step %s is larger than the range %s .. %s", name,
                          as_text(step).text, as_text(low).text, as_text(high).text);
    if (steps >= max_integer)
        return hn_fail_at(err, HONE_INVALID, at, "%s: step %s is too small for the range %s .. %s: drop it",
                          name, as_text(step).text, as_text(low).text, as_text(high).text);
    return HONE_OK;
}

hone_status hn_distribution_float(const char *name, double low, double high, double step, bool log,
                                  hn_position at, hn_distribution *out, bool *clipped_high, hone_error *err)
{
    hone_status status = check_float(name, low, high, step, log, at, err);
    if (status != HONE_OK)
        return status;
    bool clip = false;
    hn_distribution made = {.kind = HN_FLOAT, .log = log, .low = low, .high = high, .step = step};
    if (step > 0) {
        double steps = low == high ? 0 : hn_steps_within(low, high, step);
        made.decimal = decimal_scale(low, step, steps);
        clip = low < high && !hn_step_divides(low, high, step);
        if (clip)
            made.high = hn_grid_value(&made, steps);
    }
    *out = made;
    if (clipped_high != NULL)
        *clipped_high = clip;
    return HONE_OK;
}

static hone_status check_integer(const char *name, int64_t low, int64_t high, int64_t step, bool log,
                                 hn_position at, hone_error *err)
{
    const int64_t limit = (int64_t)max_integer;
    if (low < -limit || high > limit)
        return hn_fail_at(err, HONE_INVALID, at,
                          "%s: integers must lie within -2^53 .. 2^53, found [%lld, %lld]", name,
                          (long long)low, (long long)high);
    if (low > high)
        return hn_fail_at(err, HONE_INVALID, at, "%s: low %lld is above high %lld", name, (long long)low,
                          (long long)high);
    if (log && low < 1)
        return hn_fail_at(err, HONE_INVALID, at, "%s: log needs a low of at least 1, found %lld", name,
                          (long long)low);
    if (step < 1)
        return hn_fail_at(err, HONE_INVALID, at, "%s: step must be at least 1, found %lld", name,
                          (long long)step);
    if (log && step != 1)
        return hn_fail_at(err, HONE_INVALID, at, "%s: log and step %lld exclude each other: drop one of them",
                          name, (long long)step);
    if (low < high && step > high - low)
        return hn_fail_at(err, HONE_INVALID, at, "%s: step %lld is larger than the range %lld .. %lld", name,
                          (long long)step, (long long)low, (long long)high);
    return HONE_OK;
}

hone_status hn_distribution_integer(const char *name, int64_t low, int64_t high, int64_t step, bool log,
                                    hn_position at, hn_distribution *out, bool *clipped_high, hone_error *err)
{
    hone_status status = check_integer(name, low, high, step, log, at, err);
    if (status != HONE_OK)
        return status;
    int64_t last = high - (high - low) % step;
    *out = (hn_distribution){
        .kind = HN_INTEGER, .log = log, .low = (double)low, .high = (double)last, .step = (double)step};
    if (clipped_high != NULL)
        *clipped_high = last != high;
    return HONE_OK;
}

/* --- choices --- */

typedef struct ranked_choice {
    const hone_value *value;
    uint32_t index;
} ranked_choice;

static int compare_ranked(const void *a, const void *b)
{
    const ranked_choice *left = a, *right = b;
    int order = hn_value_compare(left->value, right->value);
    return order != 0 ? order : (left->index > right->index) - (left->index < right->index);
}

/* The choices ascending (null after all numbers); NULL when memory is out. Free with hn_free. */
static ranked_choice *sort_choices(const hone_value *choices, size_t n)
{
    ranked_choice *sorted = hn_calloc(n, sizeof *sorted);
    if (sorted == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++)
        sorted[i] = (ranked_choice){.value = &choices[i], .index = (uint32_t)i};
    qsort(sorted, n, sizeof *sorted, compare_ranked);
    return sorted;
}

static bool has_an_order(const hone_value *choices, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool number =
            choices[i].type == HONE_INT || (choices[i].type == HONE_FLOAT && !isnan(choices[i].as.real));
        if (!number && choices[i].type != HONE_NULL)
            return false;
    }
    return true;
}

static hone_status check_choices(const char *name, const hone_value *choices, const ranked_choice *sorted,
                                 size_t n, bool force_ordinal, hn_position at, hone_error *err)
{
    if (force_ordinal && !has_an_order(choices, n))
        return hn_fail_at(err, HONE_INVALID, at,
                          "%s: an ordinal takes numbers and null only: use `choice` for anything else", name);
    for (size_t i = 1; i < n; i++) {
        if (!hn_value_equal(*sorted[i - 1].value, *sorted[i].value))
            continue;
        hn_buffer text = HN_BUFFER_INIT;
        hn_value_write(&text, *sorted[i].value);
        hone_status status =
            hn_fail_at(err, HONE_INVALID, at, "%s: the choice %s stands twice (at %u and %u): drop one", name,
                       hn_buffer_string(&text), sorted[i - 1].index + 1, sorted[i].index + 1);
        hn_buffer_release(&text);
        return status;
    }
    return HONE_OK;
}

static hone_status copy_choices(hn_arena *arena, const hone_value *choices, size_t n, const hone_value **out,
                                hone_error *err)
{
    hone_value *copy = HN_ARENA_NEW(arena, hone_value, n);
    if (copy == NULL)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < n; i++) {
        copy[i] = choices[i];
        if (choices[i].type == HONE_STRING)
            copy[i].as.string = hn_arena_strdup(arena, choices[i].as.string);
        if (choices[i].type == HONE_STRING && copy[i].as.string == NULL)
            return hn_out_of_memory(err);
    }
    *out = copy;
    return HONE_OK;
}

/* rank and order of choices sorted already. */
static hone_status rank_choices(hn_arena *arena, const ranked_choice *sorted, size_t n, hn_distribution *made,
                                hone_error *err)
{
    uint32_t *rank = HN_ARENA_NEW(arena, uint32_t, n), *order = HN_ARENA_NEW(arena, uint32_t, n);
    if (rank == NULL || order == NULL)
        return hn_out_of_memory(err);
    for (size_t r = 0; r < n; r++) {
        order[r] = sorted[r].index;
        rank[sorted[r].index] = (uint32_t)r;
    }
    made->ordinal = true;
    made->rank = rank;
    made->order = order;
    return HONE_OK;
}

hone_status hn_categorical_make(hn_arena *arena, const char *name, const hone_value *choices, size_t n,
                                hn_choice_rule rule, hn_position at, hn_distribution *out, hone_error *err)
{
    if (n == 0)
        return hn_fail_at(err, HONE_INVALID, at, "%s: the list of choices is empty: give at least one", name);
    if (n > HN_MAX_CHOICES)
        return hn_fail_at(err, HONE_LIMIT, at, "%s: %zu choices are more than %d", name, n, HN_MAX_CHOICES);
    hn_distribution made = {.kind = HN_CATEGORICAL, .n_choices = n};
    hone_status status = HONE_OK;
    ranked_choice *sorted = sort_choices(choices, n);
    if (sorted == NULL)
        return hn_out_of_memory(err);
    if (rule != HN_CHOICES_AS_STORED)
        status = check_choices(name, choices, sorted, n, rule == HN_CHOICES_ORDINAL, at, err);
    if (status == HONE_OK)
        status = copy_choices(arena, choices, n, &made.choices, err);
    if (status == HONE_OK && has_an_order(choices, n) && (n >= 2 || rule == HN_CHOICES_ORDINAL))
        status = rank_choices(arena, sorted, n, &made, err);
    if (status == HONE_OK)
        *out = made;
    hn_free(sorted);
    return status;
}

hone_status hn_distribution_categorical(hn_arena *arena, const char *name, const hone_value *choices,
                                        size_t n, bool force_ordinal, hn_position at, hn_distribution *out,
                                        hone_error *err)
{
    return hn_categorical_make(arena, name, choices, n,
                               force_ordinal ? HN_CHOICES_ORDINAL : HN_CHOICES_DISTINCT, at, out, err);
}

/* --- comparing and copying --- */

static bool same_choices(const hn_distribution *a, const hn_distribution *b)
{
    if (a->n_choices != b->n_choices)
        return false;
    for (size_t i = 0; i < a->n_choices; i++)
        if (!hn_value_equal(a->choices[i], b->choices[i]))
            return false;
    return true;
}

bool hn_distribution_equal(const hn_distribution *a, const hn_distribution *b)
{
    if (!hn_distribution_compatible(a, b))
        return false;
    return a->kind == HN_CATEGORICAL || (a->low == b->low && a->high == b->high && a->step == b->step);
}

bool hn_distribution_compatible(const hn_distribution *a, const hn_distribution *b)
{
    return a->kind == b->kind && a->log == b->log && same_choices(a, b);
}

hone_status hn_distribution_copy(hn_arena *arena, const hn_distribution *from, hn_distribution *to)
{
    hn_distribution copy = *from;
    if (from->kind == HN_CATEGORICAL) {
        hone_status status = copy_choices(arena, from->choices, from->n_choices, &copy.choices, NULL);
        if (status != HONE_OK)
            return status;
    }
    if (from->ordinal) {
        size_t n = from->n_choices;
        uint32_t *rank = HN_ARENA_NEW(arena, uint32_t, n), *order = HN_ARENA_NEW(arena, uint32_t, n);
        if (rank == NULL || order == NULL)
            return HONE_OUT_OF_MEMORY;
        copy.rank = memcpy(rank, from->rank, n * sizeof *rank);
        copy.order = memcpy(order, from->order, n * sizeof *order);
    }
    *to = copy;
    return HONE_OK;
}
