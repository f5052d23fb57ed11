/* space/internal.h: what the files of this folder share and nobody else needs. */
#ifndef HN_SPACE_INTERNAL_H
#define HN_SPACE_INTERNAL_H

#include "base/text_map.h"
#include "space/space.h"

enum { HN_MAX_CHOICES = 1000000, HN_MAX_NAME_BYTES = 512 /* the stored column's width */ };

/* Whole steps between low and high, judged in decimal: 3 for 0 .. 0.3 by 0.1. */
double hn_steps_within(double low, double high, double step);
/* low + i * step of a stepped float or an integer, in decimal where low and step have one; not clamped. */
double hn_grid_value(const hn_distribution *distribution, double i);

typedef enum hn_choice_rule {
    HN_CHOICES_DISTINCT,
    HN_CHOICES_ORDINAL,   /* distinct, and numbers or null only */
    HN_CHOICES_AS_STORED, /* whatever another program stored: Optuna allows a choice twice */
} hn_choice_rule;

hone_status hn_categorical_make(hn_arena *arena, const char *name, const hone_value *choices, size_t n,
                                hn_choice_rule rule, hn_position at, hn_distribution *out, hone_error *err);

/* A total order: false, true, numbers, NaN, texts, null. Equal exactly when hn_value_equal says so. */
int hn_value_compare(const hone_value *a, const hone_value *b);

/* As hn_condition_bind with the names in a map (index = parameter): O(size of the condition). */
hone_status hn_condition_bind_map(hn_condition *condition, const hn_text_map *names,
                                  const hn_distribution *const *distributions, hone_error *err);
/* Renames parameter i to to[i] in a condition that is bound. */
void hn_condition_renumber(hn_condition *condition, const size_t *to);

/* Where the text of a string node begins: after its quote. */
hn_position hn_text_position(const hn_node *node);
/* One entry of the `space:` mapping; display is left 0. */
hone_status hn_parameter_read(hn_arena *arena, const hn_map_entry *entry, hn_parameter *parameter,
                              hone_error *err);

#endif
