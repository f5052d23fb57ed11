/* Conditions from any text: parsed, bound and evaluated without harm; what binds once binds again. */
#include <stdint.h>
#include <stdlib.h>

#include "space/condition.h"

enum { N = 3 };
static const char *const names[N] = {"a", "b", "c"};
static hn_distribution distributions[N];
static const hn_distribution *pointers[N];

static void make_distributions(void)
{
    static hn_arena arena = HN_ARENA_INIT;
    static const hone_value choices[] = {
        {HONE_STRING, {.string = "x"}}, {HONE_STRING, {.string = "y"}}, {HONE_BOOL, {.boolean = true}}};
    if (pointers[0] != NULL)
        return;
    if (hn_distribution_float("a", 0, 1, 0, false, (hn_position){0}, &distributions[0], NULL, NULL) !=
            HONE_OK ||
        hn_distribution_integer("b", 0, 9, 1, false, (hn_position){0}, &distributions[1], NULL, NULL) !=
            HONE_OK ||
        hn_distribution_categorical(&arena, "c", choices, 3, false, (hn_position){0}, &distributions[2],
                                    NULL) != HONE_OK)
        abort();
    for (int i = 0; i < N; i++)
        pointers[i] = &distributions[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const double values[N] = {0.5, 3, 1};
    static const bool all[N] = {true, true, true}, some[N] = {true, false, true};
    hn_arena arena = HN_ARENA_INIT;
    hn_condition *condition = NULL;
    hone_error err;
    make_distributions();
    const char *text = hn_arena_strndup(&arena, (const char *)data, size);
    if (text != NULL && hn_condition_parse(&arena, text, (hn_position){0}, &condition, &err) == HONE_OK &&
        hn_condition_bind(condition, names, pointers, N, &err) == HONE_OK) {
        bool before = hn_condition_holds(condition, values, all);
        hn_condition_holds(condition, values, some);
        hn_condition_violation(condition, values, all);
        if (hn_condition_bind(condition, names, pointers, N, &err) != HONE_OK ||
            hn_condition_holds(condition, values, all) != before)
            abort();
    }
    hn_arena_release(&arena);
    return 0;
}
