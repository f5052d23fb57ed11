/* Options that a pruner refuses. */
#ifndef TESTS_PRUNER_REFUSAL_H
#define TESTS_PRUNER_REFUSAL_H

#include "pruner/pruner.h"
#include "support.h"

/* Each of the n specs is refused with a message that contains what stands beside it. */
static inline void expect_refusals(const char *const (*bad)[2], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        hn_arena arena = HN_ARENA_INIT;
        hn_spec spec;
        hn_pruner *pruner = NULL;
        hone_error err = {0};
        ck_assert_int_eq(hn_spec_from_text(&arena, bad[i][0], "pruner", &spec, &err), HONE_OK);
        ck_assert_int_eq(hn_pruner_create(&spec, &pruner, &err), HONE_INVALID);
        hn_assert_contains(err.message, bad[i][1]);
        hn_arena_release(&arena);
    }
}

#endif
