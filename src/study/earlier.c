/* Earlier studies that a study learns from: named in its definition, read once, never written. */
#include <string.h>

#include "base/log.h"
#include "storage/url.h"
#include "study/study.h"

/* One entry of the list: a name, or {study: name, storage: url}; storage NULL = the study's own. */
typedef struct earlier_name {
    const char *study, *storage;
} earlier_name;

static hone_status wrong_entry(hn_arena *arena, const hn_node *entry, hone_error *err)
{
    return hn_fail_at(err, HONE_INVALID, entry->at,
                      "learn_from: %s is no study; name one, or say {study: name, storage: url}",
                      hn_node_describe(arena, entry));
}

/* The list is kept with the study, where others read it. */
static hone_status check_secret(hn_arena *arena, const hn_node *storage, hone_error *err)
{
    const char *shown = hn_storage_url_shown(arena, storage->as.string);
    if (!shown) {
        return hn_out_of_memory(err);
    }
    if (!strcmp(shown, storage->as.string)) {
        return HONE_OK;
    }
    return hn_fail_at(
        err, HONE_INVALID, storage->at,
        "learn_from: '%s' would be kept with its password in the study; leave the password out and "
        "put it into PGPASSWORD or ~/.pgpass",
        shown);
}

static hone_status read_name(hn_arena *arena, const hn_node *entry, earlier_name *name, hone_error *err)
{
    static const char *const keys[] = {"study", "storage"};
    *name = (earlier_name){0};
    if (entry->kind == HN_STRING) {
        name->study = entry->as.string;
        return HONE_OK;
    }
    if (entry->kind != HN_MAP) {
        return wrong_entry(arena, entry, err);
    }
    hone_status status = hn_map_check_keys(entry, "learn_from", keys, sizeof keys / sizeof *keys, err);
    const hn_node *study = hn_map_get(entry, "study"), *storage = hn_map_get(entry, "storage");
    if (!status && (!study || study->kind != HN_STRING || (storage && storage->kind != HN_STRING))) {
        status = wrong_entry(arena, entry, err);
    }
    if (!status) {
        *name = (earlier_name){study->as.string, storage ? storage->as.string : NULL};
        status = storage ? check_secret(arena, storage, err) : HONE_OK;
    }
    return status;
}

hone_status hn_learn_from_read(hn_arena *arena, const hn_node *node, hn_node **list, hone_error *err)
{
    hn_node *entries = node->kind == HN_LIST
                           ? hn_node_copy(arena, node)
                           : hn_list_append(arena, hn_node_list(arena), hn_node_copy(arena, node));
    if (!entries) {
        return hn_out_of_memory(err);
    }
    hone_status status = HONE_OK;
    for (size_t i = 0; i < entries->count && !status; i++) {
        earlier_name name;
        status = read_name(arena, entries->as.items[i], &name, err);
    }
    if (!status) {
        *list = entries->count ? entries : NULL;
    }
    return status;
}

/* --- reading one study --- */

static hone_status put(void *user, const hn_trial_record *record, hone_error *err)
{
    return hn_history_put(user, record, err);
}

static hone_status check_goal(const hone_study *study, const hn_study_row *row, hone_error *err)
{
    if (row->n_objectives != 1) {
        return hn_fail(err, HONE_UNSUPPORTED,
                       "it has %zu goals; only studies of one goal can be learned from", row->n_objectives);
    }
    if (row->directions[0] != study->definition->directions[0]) {
        return hn_fail(err, HONE_INVALID, "it is to %s its goal and this study to %s its own",
                       row->directions[0] == HONE_MAXIMIZE ? "maximize" : "minimize",
                       row->directions[0] == HONE_MAXIMIZE ? "minimize" : "maximize");
    }
    return HONE_OK;
}

static hone_status read_from(hone_study *study, hn_storage *storage, const char *name, hone_error *err)
{
    const hn_storage_type *ops = hn_storage_of(storage);
    hn_arena arena = HN_ARENA_INIT; /* not the study's scratch, which an ask may be using */
    hn_history *history = NULL;
    hn_study_row row;
    size_t taken = 0;
    hone_status status = ops->study_find(storage, name, &arena, &row, err);
    if (!status && storage == study->storage && !strcmp(name, study->name)) {
        status = hn_fail(err, HONE_INVALID, "a study knows its own trials already");
    }
    if (!status) {
        status = check_goal(study, &row, err);
    }
    if (!status) {
        status = hn_history_create(row.directions, row.n_objectives, &history, err);
    }
    if (!status) {
        status = ops->scan(storage, row.id, 0, NULL, 0, put, history, err);
    }
    if (!status) {
        status = hn_earlier_add(&study->earlier, study->definition->space, history, &study->earlier_arena,
                                &taken, err);
    }
    if (!status) {
        hn_log(HN_LOG_INFO, "study %s learns from %zu of %zu trials of %s", study->name, taken,
               hn_history_count(history), name);
    }
    hn_history_destroy(history);
    hn_arena_release(&arena);
    return status;
}

static hone_status read_study(hone_study *study, const earlier_name *name, hone_error *err)
{
    hn_storage *storage = study->storage;
    hone_status status = name->storage ? hn_storage_open(name->storage, false, &storage, err) : HONE_OK;
    if (status) {
        return hn_fail_within(err, status, "learn_from: study '%s'", name->study);
    }
    status = read_from(study, storage, name->study, err);
    if (storage != study->storage) {
        hn_storage_close(storage);
    }
    return status ? hn_fail_within(err, status, "learn_from: study '%s'", name->study) : HONE_OK;
}

/* --- all of them --- */

static hone_status check_able(const hone_study *study, hone_error *err)
{
    const hn_sampler_type *type = hn_sampler_type_of(study->sampler);
    if (!study->definition->space) {
        return hn_fail(err, HONE_UNSUPPORTED, "learn_from: needs a declared space");
    }
    if (study->definition->n_objectives > 1) {
        return hn_fail(err, HONE_UNSUPPORTED, "learn_from: needs a single goal, there are %zu",
                       study->definition->n_objectives);
    }
    if (!(type->capabilities & (HN_SAMPLER_STARTUP | HN_SAMPLER_EARLIER))) {
        return hn_fail(
            err, HONE_UNSUPPORTED,
            "learn_from: sampler %s has no model that could learn from other studies; choose tpe, say",
            type->name);
    }
    return HONE_OK;
}

hone_status hn_study_load_earlier(hone_study *study, hone_error *err)
{
    const hn_node *list = study->definition->learn_from;
    if (!list || study->earlier_loaded) {
        return HONE_OK;
    }
    hn_arena_reset(&study->earlier_arena);
    study->earlier = (hn_earlier){0};
    hone_status status = check_able(study, err);
    for (size_t i = 0; i < list->count && !status; i++) {
        earlier_name name;
        status = read_name(&study->earlier_arena, list->as.items[i], &name, err);
        if (!status) {
            status = read_study(study, &name, err);
        }
    }
    study->earlier_loaded = !status;
    return status;
}
