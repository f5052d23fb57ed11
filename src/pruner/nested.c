#include "pruner/nested.h"

static hone_status check_kind(const char *outer, const hn_spec *spec, hone_error *err)
{
    const hn_pruner_type *type;
    hone_status status = hn_pruner_check(spec, &type, err);
    if (status == HONE_OK && (type->next != NULL || type->leaves_unranked)) {
        status = hn_fail_at(err, HONE_INVALID, spec->at,
                            "pruner %s: %s cannot be inside another pruner, as it %s; give it by itself",
                            outer, spec->name,
                            type->next != NULL ? "decides which trial runs next" : "tests whole trials");
    }
    return status;
}

hone_status hn_pruner_create_nested(const char *outer, const hn_node *node, hn_pruner **pruner,
                                    hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_spec spec;
    hone_status status = hn_spec_from_node(&arena, node, "pruner", &spec, err);
    if (status == HONE_OK) {
        status = check_kind(outer, &spec, err);
    }
    if (status == HONE_OK) {
        status = hn_pruner_create(&spec, pruner, err);
    }
    hn_arena_release(&arena);
    return status;
}
