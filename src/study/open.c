/* Opening, closing, deleting and describing studies. */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "study/study.h"

static void release(hone_study *study)
{
    hn_sampler_destroy(study->sampler);
    hn_pruner_destroy(study->pruner);
    hn_history_destroy(study->history);
    hn_storage_close(study->storage);
    hn_definition_destroy(study->definition);
    hn_arena_release(&study->scratch);
    hn_arena_release(&study->earlier_arena);
    hn_free(study->paused);
    hn_free(study->watched);
    hn_free(study->worker);
    hn_free(study->stop_reason);
    hn_free(study->cost_metric);
    hn_buffer_release(&study->end_why);
    hn_free(study->name);
    pthread_cond_destroy(&study->changed);
    pthread_mutex_destroy(&study->lock);
    hn_free(study);
}

static hone_study *new_study(const char *name)
{
    hone_study *study = hn_calloc(1, sizeof *study);
    if (!study) {
        return NULL;
    }
    pthread_mutex_init(&study->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&study->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    study->name = hn_strdup(name);
    if (!study->name) {
        release(study);
        return NULL;
    }
    return study;
}

static hone_status check_name(const char *name, hone_error *err)
{
    enum { MAX_NAME = 512 };
    size_t length = strlen(name);
    if (!length || length > MAX_NAME) {
        return hn_fail(err, length ? HONE_LIMIT : HONE_INVALID,
                       "a study's name has 1 to %d bytes; this one has %zu", MAX_NAME, length);
    }
    return HONE_OK;
}

/* An existing study takes the new definition where it may change, and keeps its seed and file where none is
 * given. */
static hone_status adopt_existing(hone_study *study, const hn_study_row *stored,
                                  const hone_study_config *config, hone_error *err)
{
    hn_definition *previous = NULL;
    hone_status status = hn_definition_from_row(stored, &previous, err);
    if (status) {
        return status;
    }
    if (!study->definition) {
        study->definition = previous;
        return HONE_OK;
    }
    hn_definition *next = study->definition;
    status = hn_definition_check_known(study->name, previous, err);
    if (!status) {
        status = hn_definition_check_change(study->name, previous, next, err);
    }
    if (!status && stored->definition) {
        next->seed = config && config->has_seed ? config->seed : previous->seed;
        if (!next->space && previous->space) {
            status = hn_fail(
                err, HONE_EXISTS,
                "study '%s' exists with a declared space; open it with that space or without a config",
                study->name);
        }
    }
    char *json = status ? NULL : hn_definition_to_json(next);
    if (!status && !json) {
        status = hn_out_of_memory(err);
    }
    if (!status && (!stored->definition || strcmp(json, stored->definition))) {
        status = study->ops->study_set_definition(study->storage, study->row, json, err);
    }
    hn_free(json);
    hn_definition_destroy(previous);
    return status;
}

static hone_status create_row(hone_study *study, bool *created, hone_error *err)
{
    hn_definition *definition = study->definition;
    char *json = hn_definition_to_json(definition);
    if (!json) {
        return hn_out_of_memory(err);
    }
    hn_study_row row = {
        .name = study->name,
        .n_objectives = definition->n_objectives,
        .directions = definition->directions,
        .metric_names = definition->metrics,
        .definition = json,
    };
    hone_status status = study->ops->study_create(study->storage, &row, &study->row, created, err);
    hn_free(json);
    return status;
}

static hone_status find_or_create(hone_study *study, const hone_study_config *config, hone_error *err)
{
    bool created = false;
    hone_status status = config ? create_row(study, &created, err) : HONE_OK;
    if (status || created) {
        return status;
    }
    hn_study_row stored;
    status = study->ops->study_find(study->storage, study->name, &study->scratch, &stored, err);
    if (status) {
        return status;
    }
    study->row = stored.id;
    return adopt_existing(study, &stored, config, err);
}

hone_status hn_algorithms_agree(const hn_sampler_type *sampler, const hn_pruner_type *pruner, hone_error *err)
{
    bool every_score = sampler->capabilities & HN_SAMPLER_FINITE_ONLY;
    return every_score && pruner->leaves_unranked
               ? hn_fail(err, HONE_UNSUPPORTED,
                         "pruner %s is not for sampler %s, which promises the whole score of every setting; "
                         "use sampler random or tpe with it, or pruner none or successive_halving with %s",
                         pruner->name, sampler->name, sampler->name)
               : HONE_OK;
}

static hone_status make_algorithms(hone_study *study, hone_error *err)
{
    hn_definition *definition = study->definition;
    hn_sampler *sampler = NULL;
    hn_pruner *pruner = NULL;
    hone_status status = hn_sampler_create(&definition->sampler, &sampler, err);
    if (!status && definition->n_objectives > 1 &&
        !(hn_sampler_type_of(sampler)->capabilities & HN_SAMPLER_MULTI_OBJECTIVE)) {
        status = hn_fail(err, HONE_UNSUPPORTED, "sampler %s serves one objective; the study has %zu",
                         hn_sampler_type_of(sampler)->name, definition->n_objectives);
    }
    if (!status && definition->space) {
        status = hn_sampler_check(sampler, definition->space, err);
    }
    if (!status) {
        status = hn_pruner_create(&definition->pruner, &pruner, err);
    }
    if (!status && definition->n_objectives > 1 && strcmp(hn_pruner_type_of(pruner)->name, "none")) {
        status =
            hn_fail(err, HONE_UNSUPPORTED, "pruner %s: pruning needs a single objective; the study has %zu",
                    hn_pruner_type_of(pruner)->name, definition->n_objectives);
    }
    if (!status) {
        status = hn_algorithms_agree(hn_sampler_type_of(sampler), hn_pruner_type_of(pruner), err);
    }
    if (status) {
        hn_sampler_destroy(sampler);
        hn_pruner_destroy(pruner);
        return status;
    }
    hn_sampler_destroy(study->sampler);
    hn_pruner_destroy(study->pruner);
    study->sampler = sampler;
    study->pruner = pruner;
    return HONE_OK;
}

hone_status hone_study_open(const char *url, const char *name, const hone_study_config *config,
                            hone_study **study, hone_error *err)
{
    hone_status status = check_name(name, err);
    if (status) {
        return status;
    }
    hone_study *opened = new_study(name);
    if (!opened) {
        return hn_out_of_memory(err);
    }
    if (config) {
        status = hn_definition_from_config(config, &opened->definition, err);
    }
    if (!status && config) {
        status = make_algorithms(opened,
                                 err); /* before anything is created: a bad sampler leaves no empty study */
    }
    if (!status) {
        status = hn_storage_open(url, config != NULL, &opened->storage, err);
    }
    if (!status) {
        opened->ops = hn_storage_of(opened->storage);
        status = config ? hn_study_load_earlier(opened, err) : HONE_OK; /* also before */
    }
    if (!status) {
        status = find_or_create(opened, config, err);
    }
    if (!status && !config) {
        status = make_algorithms(opened, err);
    }
    if (!status) {
        status = hn_history_create(opened->definition->directions, opened->definition->n_objectives,
                                   &opened->history, err);
    }
    if (status) {
        release(opened);
        return status;
    }
    *study = opened;
    return HONE_OK;
}

void hone_study_destroy(hone_study *study)
{
    if (!study) {
        return;
    }
    hone_error err;
    if (study->live && hone_study_sync(study, &err)) {
        hn_log(HN_LOG_ERROR, "closing study %s: %s", study->name, err.message);
    }
    release(study);
}

hone_status hone_study_delete(const char *url, const char *name, hone_error *err)
{
    hn_storage *storage = NULL;
    hn_arena arena = HN_ARENA_INIT;
    hn_study_row row;
    hone_status status = hn_storage_open(url, false, &storage, err);
    if (!status) {
        status = hn_storage_of(storage)->study_find(storage, name, &arena, &row, err);
    }
    if (!status) {
        status = hn_storage_of(storage)->study_delete(storage, row.id, err);
    }
    hn_storage_close(storage);
    hn_arena_release(&arena);
    return status;
}

const char *hone_study_name(const hone_study *study)
{
    return study->name;
}

size_t hone_study_objective_count(const hone_study *study)
{
    return study->definition->n_objectives;
}

hone_direction hone_study_objective(const hone_study *study, size_t objective, const char **name)
{
    if (name) {
        *name = study->definition->metrics[objective];
    }
    return study->definition->directions[objective];
}

hone_status hone_study_describe(hone_study *study, char **json, hone_error *err)
{
    hn_study_lock(study);
    char *text = hn_definition_to_json(study->definition);
    hn_study_unlock(study);
    if (!text) {
        return hn_out_of_memory(err);
    }
    *json = text;
    return HONE_OK;
}

static hone_status change_spec(hn_definition *definition, const char *text, const char *what, hn_spec *spec,
                               hone_error *err)
{
    return text ? hn_spec_from_text(&definition->arena, text, what, spec, err) : HONE_OK;
}

hone_status hone_study_set_algorithms(hone_study *study, const char *sampler, const char *pruner,
                                      hone_error *err)
{
    hn_study_lock(study);
    hn_definition *definition = study->definition;
    hn_spec old_sampler = definition->sampler, old_pruner = definition->pruner;
    hone_status status = hn_definition_check_known(study->name, definition, err);
    if (!status) {
        status = change_spec(definition, sampler, "sampler", &definition->sampler, err);
    }
    if (!status) {
        status = change_spec(definition, pruner, "pruner", &definition->pruner, err);
    }
    if (!status) {
        status = make_algorithms(study, err);
    }
    char *json = status ? NULL : hn_definition_to_json(definition);
    if (!status) {
        status = json ? study->ops->study_set_definition(study->storage, study->row, json, err)
                      : hn_out_of_memory(err);
    }
    if (status) {
        definition->sampler = old_sampler;
        definition->pruner = old_pruner;
    }
    hn_free(json);
    hn_study_unlock(study);
    return status;
}

void hone_free(void *pointer)
{
    hn_free(pointer);
}
