/* The plan that a study was made with, read back for a worker. */
#include <string.h>

#include "app/plan.h"
#include "base/log.h"
#include "storage/url.h"
#include "study/study.h"

/* Study files were kept as they were written before hone kept them as JSON. */
static hone_status read_text(hone_plan *plan, const char *text, const char *source, hone_error *err)
{
    bool json = text[strspn(text, " \t\r\n")] == '{';
    hone_status status =
        (json ? hn_json_parse : hn_yaml_parse)(&plan->arena, source, text, strlen(text), &plan->root, err);
    return !status && plan->root->kind != HN_MAP ? hn_fail(err, HONE_PARSE, "%s is no map", source) : status;
}

/* In arena: the study's own goes when it is closed. */
static hone_status read_definition(hone_plan *plan, const hone_study *study, hone_error *err)
{
    const hn_definition *definition = study->definition;
    const char *version = definition->version ? definition->version : "an older version";
    const char *source =
        hn_arena_printf(&plan->arena, "the definition of study '%s', by hone %s", study->name, version);
    hone_status status = hn_definition_check_known(study->name, definition, err);
    if (status) {
        return status;
    }
    if (strcmp(version, hone_version()) != 0) {
        hn_log(HN_LOG_WARNING, "study '%s' was defined by hone %s, this is %s", study->name, version,
               hone_version());
    }
    plan->folder = definition->folder ? hn_arena_strdup(&plan->arena, definition->folder) : NULL;
    if (!source) {
        return hn_out_of_memory(err);
    }
    status = definition->file ? read_text(plan, definition->file, source, err) : HONE_OK;
    bool runs =
        !status && definition->file && (hn_map_get(plan->root, "command") || hn_map_get(plan->root, "model"));
    return runs || status ? status
                          : hn_fail(err, HONE_UNSUPPORTED,
                                    "study '%s' does not say what its trials run: workers need one that "
                                    "`hone tune` made",
                                    study->name);
}

hone_status hone_plan_of_study(const char *storage, const char *name, hone_plan **plan, hone_error *err)
{
    hone_study *study = NULL;
    hone_plan *made = NULL;
    const char *absolute = NULL;
    hone_status status = hone_study_open(storage, name, NULL, &study, err);
    if (!status) {
        status = hone_plan_create(&made, err);
    }
    if (!status) {
        status = read_definition(made, study, err);
    }
    if (!status) {
        status = hn_storage_url_absolute(&made->arena, storage, &absolute, err);
    }
    if (!status) {
        status = hone_plan_set_text(made, "storage", absolute, "--storage", err);
    }
    if (!status) {
        status = hone_plan_set_text(made, "study", name, "--study", err);
    }
    hone_study_destroy(study);
    if (status) {
        hone_plan_destroy(made);
        return status;
    }
    *plan = made;
    return HONE_OK;
}
