/* A problem as a space that a study would have. */
#include <math.h>
#include <string.h>

#include "base/number.h"
#include "problem/internal.h"

static void write_choices(hn_buffer *text, const hn_problem_parameter *p)
{
    const char *word = p->choices;
    bool ordinal = p->kind == HN_PROBLEM_ORDINAL;
    hn_buffer_printf(text, "%s: [", ordinal ? "ordinal" : "choice");
    for (int i = 0; i < p->n_choices; i++) {
        int length = (int)strcspn(word, " ");
        hn_buffer_printf(text, ordinal ? "%s%.*s" : "%s\"%.*s\"", i > 0 ? ", " : "", length, word);
        word += length + 1;
    }
    hn_buffer_printf(text, "]");
}

static void write_range(hn_buffer *text, const hn_problem_parameter *p)
{
    hn_buffer_printf(text, "%s: [", p->kind == HN_PROBLEM_INT ? "int" : "float");
    hn_buffer_double(text, p->low);
    hn_buffer_text(text, ", ");
    hn_buffer_double(text, p->high);
    hn_buffer_text(text, "]");
    if (p->log) {
        hn_buffer_text(text, ", log: true");
    } else if (p->step > 0) {
        hn_buffer_text(text, ", step: ");
        hn_buffer_double(text, p->step);
    }
}

/* "parent == word" with the word in quotes: it may be a parameter's name, too. */
static void write_condition(hn_buffer *text, const char *when)
{
    const char *word = strstr(when, "== ");
    if (word == NULL)
        hn_buffer_printf(text, ", when: %s", when);
    else
        hn_buffer_printf(text, ", when: %.*s \"%s\"", (int)(word + 2 - when), when, word + 3);
}

hone_status hn_problem_space(const hn_problem *problem, hn_arena *arena, hn_space **space, hone_error *err)
{
    hn_buffer text = HN_BUFFER_INIT;
    for (int i = 0; i < problem->n_parameters; i++) {
        const hn_problem_parameter *p = &problem->parameters[i];
        hn_buffer_printf(&text, "%s: {", p->name);
        if (p->n_choices > 0)
            write_choices(&text, p);
        else
            write_range(&text, p);
        if (p->when != NULL)
            write_condition(&text, p->when);
        hn_buffer_printf(&text, "}\n");
    }
    char *copy = hn_buffer_failed(&text) ? NULL : hn_arena_strdup(arena, hn_buffer_string(&text));
    hn_buffer_release(&text);
    return copy == NULL ? hn_out_of_memory(err) : hn_space_from_text(arena, copy, NULL, space, err);
}

void hn_problem_point(const hn_problem *problem, const hn_space *space, const hn_point *point, double *values)
{
    for (int i = 0; i < problem->n_parameters; i++) {
        size_t index = hn_space_find(space, problem->parameters[i].name);
        values[i] = point->active[index] ? point->values[index] : NAN;
    }
}

double hn_problem_value(const hn_problem_instance *instance, const hn_space *space, const hn_point *point)
{
    double values[HN_PROBLEM_MAX_PARAMETERS];
    hn_problem_point(hn_problem_of(instance), space, point, values);
    return hn_problem_evaluate(instance, values);
}
