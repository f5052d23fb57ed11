#include "storage/vocabulary.h"

#include <string.h>

#include "base/memory.h"

enum { NO_COLUMN = UINT32_MAX };

static hone_status intern_name(hn_vocabulary *vocabulary, const char *name, size_t *index, hone_error *err)
{
    if (HN_GROW(vocabulary->last, vocabulary->n_last, vocabulary->last_capacity))
        return hn_out_of_memory(err);
    size_t found = hn_text_map_intern(&vocabulary->names, name);
    if (found == HN_TEXT_MAP_NONE)
        return hn_out_of_memory(err);
    if (found == vocabulary->n_last)
        vocabulary->last[vocabulary->n_last++] = NO_COLUMN;
    *index = found;
    return HONE_OK;
}

/* The column of a name index and a text index, made when it is new. */
static hone_status intern_pair(hn_vocabulary *vocabulary, size_t name, size_t text, size_t *column,
                               hone_error *err)
{
    if (HN_GROW(vocabulary->columns, vocabulary->n_columns, vocabulary->columns_capacity))
        return hn_out_of_memory(err);
    hn_buffer_clear(&vocabulary->json);
    hn_buffer_printf(&vocabulary->json, "%zu:%zu", name, text);
    if (hn_buffer_failed(&vocabulary->json))
        return hn_out_of_memory(err);
    size_t found = hn_text_map_intern(&vocabulary->pairs, hn_buffer_string(&vocabulary->json));
    if (found == HN_TEXT_MAP_NONE)
        return hn_out_of_memory(err);
    if (found == vocabulary->n_columns)
        vocabulary->columns[vocabulary->n_columns++] = (hn_vocabulary_column){
            .name = vocabulary->names.keys[name],
            .distribution = vocabulary->distributions[text],
            .text = (uint32_t)text,
        };
    vocabulary->last[name] = (uint32_t)found;
    *column = found;
    return HONE_OK;
}

/* Where a column of that name is expected, or NULL. */
static const hn_vocabulary_column *guess(const hn_vocabulary *vocabulary, const char *name)
{
    if (vocabulary->n_columns == 0)
        return NULL;
    const hn_vocabulary_column *next = &vocabulary->columns[vocabulary->columns[vocabulary->previous].next];
    return strcmp(next->name, name) == 0 ? next : NULL;
}

static void remember(hn_vocabulary *vocabulary, size_t column)
{
    vocabulary->columns[vocabulary->previous].next = (uint32_t)column;
    vocabulary->previous = (uint32_t)column;
}

/* Adds the distribution that belongs to a new text. */
static hone_status add_text(hn_vocabulary *vocabulary, const char *text, const hn_distribution *distribution,
                            size_t *index, hone_error *err)
{
    if (HN_GROW(vocabulary->distributions, vocabulary->n_distributions, vocabulary->distributions_capacity))
        return hn_out_of_memory(err);
    size_t added = hn_text_map_intern(&vocabulary->texts, text);
    if (added == HN_TEXT_MAP_NONE)
        return hn_out_of_memory(err);
    vocabulary->distributions[vocabulary->n_distributions++] = distribution;
    *index = added;
    return HONE_OK;
}

static hone_status find_distribution(hn_vocabulary *vocabulary, const char *name,
                                     const hn_distribution *distribution, size_t *column, hone_error *err)
{
    size_t name_index = 0, text = 0;
    hone_status status = intern_name(vocabulary, name, &name_index, err);
    if (status)
        return status;
    uint32_t last = vocabulary->last[name_index];
    if (last != NO_COLUMN && hn_distribution_equal(vocabulary->columns[last].distribution, distribution)) {
        *column = last;
        return HONE_OK;
    }

    hn_buffer_clear(&vocabulary->json);
    hn_distribution_write_json(&vocabulary->json, distribution);
    if (hn_buffer_failed(&vocabulary->json))
        return hn_out_of_memory(err);
    text = hn_text_map_find(&vocabulary->texts, hn_buffer_string(&vocabulary->json));
    if (text == HN_TEXT_MAP_NONE) {
        hn_distribution *copy = HN_ARENA_NEW(&vocabulary->arena, hn_distribution, 1);
        if (!copy)
            return hn_out_of_memory(err);
        status = hn_distribution_copy(&vocabulary->arena, distribution, copy);
        if (!status)
            status = add_text(vocabulary, hn_buffer_string(&vocabulary->json), copy, &text, err);
    }
    return status ? status : intern_pair(vocabulary, name_index, text, column, err);
}

hone_status hn_vocabulary_intern(hn_vocabulary *vocabulary, const char *name,
                                 const hn_distribution *distribution, size_t *column, hone_error *err)
{
    hone_status status = HONE_OK;
    const hn_vocabulary_column *next = guess(vocabulary, name);
    if (next && hn_distribution_equal(next->distribution, distribution))
        *column = (size_t)(next - vocabulary->columns);
    else
        status = find_distribution(vocabulary, name, distribution, column, err);
    if (!status)
        remember(vocabulary, *column);
    return status;
}

static hone_status find_text(hn_vocabulary *vocabulary, const char *name, const char *json, size_t size,
                             size_t *column, hone_error *err)
{
    size_t name_index = 0, text = 0;
    hone_status status = intern_name(vocabulary, name, &name_index, err);
    if (status)
        return status;
    uint32_t last = vocabulary->last[name_index];
    if (last != NO_COLUMN && strcmp(vocabulary->texts.keys[vocabulary->columns[last].text], json) == 0) {
        *column = last;
        return HONE_OK;
    }

    text = hn_text_map_find(&vocabulary->texts, json);
    if (text == HN_TEXT_MAP_NONE) {
        hn_distribution *parsed = HN_ARENA_NEW(&vocabulary->arena, hn_distribution, 1);
        if (!parsed)
            return hn_out_of_memory(err);
        status = hn_distribution_parse_json(&vocabulary->arena, json, size, parsed, err);
        if (status == HONE_OUT_OF_MEMORY)
            return status;
        if (status)
            return hn_fail_within(err, status, "parameter '%s' has a distribution that cannot be read", name);
        status = add_text(vocabulary, json, parsed, &text, err);
    }
    return status ? status : intern_pair(vocabulary, name_index, text, column, err);
}

hone_status hn_vocabulary_parse(hn_vocabulary *vocabulary, const char *name, const char *json, size_t size,
                                size_t *column, hone_error *err)
{
    hone_status status = HONE_OK;
    const hn_vocabulary_column *next = guess(vocabulary, name);
    if (next && strcmp(vocabulary->texts.keys[next->text], json) == 0)
        *column = (size_t)(next - vocabulary->columns);
    else
        status = find_text(vocabulary, name, json, size, column, err);
    if (!status)
        remember(vocabulary, *column);
    return status;
}

void hn_vocabulary_release(hn_vocabulary *vocabulary)
{
    hn_text_map_release(&vocabulary->names);
    hn_text_map_release(&vocabulary->texts);
    hn_text_map_release(&vocabulary->pairs);
    hn_free((void *)vocabulary->distributions);
    hn_free(vocabulary->columns);
    hn_free(vocabulary->last);
    hn_arena_release(&vocabulary->arena);
    hn_buffer_release(&vocabulary->json);
}
