#include "app/kept_models.h"

#include <stdio.h>
#include <string.h>

static const char key[] = "hone:models";
enum { NUMBER_TEXT = 24 };

hone_status hn_kept_models_read(hone_study *study, hn_arena *arena, hn_node **models, hone_error *err)
{
    char *json = NULL;
    hn_node *read = NULL;
    hone_status status = HONE_OK;
    if (!hone_study_attribute(study, key, &json, NULL)) {
        status = hn_json_parse(arena, key, json, strlen(json), &read, err);
        hone_free(json);
    }
    if (!status) {
        *models = read && read->kind == HN_MAP ? read : hn_node_map(arena);
        status = *models ? HONE_OK : hn_out_of_memory(err);
    }
    return status;
}

hone_status hn_kept_models_write(hone_study *study, const hn_node *models, hone_error *err)
{
    hn_buffer text = HN_BUFFER_INIT;
    hn_json_write(&text, models, HN_JSON_STRICT);
    hone_status status = hn_buffer_failed(&text)
                             ? hn_out_of_memory(err)
                             : hone_study_set_attribute(study, key, hn_buffer_string(&text), err);
    hn_buffer_release(&text);
    return status;
}

const char *hn_kept_model_file(const hn_node *models, int64_t number)
{
    char text[NUMBER_TEXT];
    snprintf(text, sizeof text, "%lld", (long long)number);
    const hn_node *file = hn_map_get(models, text);
    return file && file->kind == HN_STRING ? file->as.string : NULL;
}

hn_node *hn_kept_model_set(hn_arena *arena, hn_node *models, int64_t number, const char *file)
{
    const char *text = hn_arena_printf(arena, "%lld", (long long)number);
    return text ? hn_map_set(arena, models, text, hn_node_string(arena, file)) : NULL;
}
