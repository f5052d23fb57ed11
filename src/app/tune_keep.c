/* After the trials: the models of the best ones, each fitted again as the best is, in their trials' folders.
 */
#include <string.h>

#include "app/kept_models.h"
#include "app/tune.h"
#include "base/number.h"
#include "base/os_file.h"
#include "base/os_input.h"
#include "base/os_output.h"

const char *hn_tune_kept_path(hone_tune *tune, int64_t number)
{
    return hn_arena_printf(&tune->arena, "%s/trial-%lld/model.hone", tune->folder, (long long)number);
}

static bool is_among(const int64_t *numbers, size_t n, int64_t number)
{
    bool found = false;
    for (size_t i = 0; i < n; i++) {
        found |= numbers[i] == number;
    }
    return found;
}

/* Of earlier runs: what is no longer among the best goes. Only files that this study's runs made are touched,
 * whatever the attribute says. */
static hn_node *forget_others(hone_tune *tune, const hn_node *models, const int64_t *numbers, size_t n)
{
    hn_node *kept = hn_node_map(&tune->arena);
    for (size_t i = 0; kept && i < models->count; i++) {
        const char *key = models->as.entries[i].key;
        int64_t number;
        bool sound = hn_parse_int(key, strlen(key), &number);
        const char *path = sound ? hn_tune_kept_path(tune, number) : NULL;
        if (path && !is_among(numbers, n, number)) {
            hn_remove_tree(path, NULL);
        } else if (path && hn_file_exists(path)) {
            kept = hn_kept_model_set(&tune->arena, kept, number, path);
        }
    }
    return kept;
}

static hone_status copy_file(const char *from, const char *to, hone_error *err)
{
    hn_buffer bytes = HN_BUFFER_INIT;
    hone_status status = hn_file_read(from, SIZE_MAX, &bytes, err);
    if (!status) {
        status = hn_file_write_atomic(to, bytes.data, bytes.size, err);
    }
    hn_buffer_release(&bytes);
    return status;
}

/* already: the file of the trial that was fitted for the user; NULL: none. */
static hone_status keep_one(hone_tune *tune, int64_t number, const char *already, const char *path,
                            hone_error *err)
{
    hone_trial_info *trial = NULL;
    hn_held_out held_out;
    hn_buffer folder = HN_BUFFER_INIT;
    hn_buffer_printf(&folder, "%s/trial-%lld", tune->folder, (long long)number);
    hone_status status = hn_buffer_failed(&folder) ? hn_out_of_memory(err)
                                                   : hn_make_directories(hn_buffer_string(&folder), err);
    hn_buffer_release(&folder);
    if (!status && already) {
        return copy_file(already, path, err);
    }
    if (!status) {
        status = hone_study_trial(tune->study, number, &trial, err);
    }
    if (!status) {
        status = hn_tune_refit(tune, trial, path, &held_out, err);
    }
    hone_trial_info_free(trial);
    return status;
}

static hone_status keep_all(hone_tune *tune, hn_node *models, const int64_t *numbers, size_t n,
                            int64_t fitted, hone_error *err)
{
    hone_status status = HONE_OK;
    for (size_t i = 0; !status && i < n; i++) {
        const char *path = hn_tune_kept_path(tune, numbers[i]);
        const char *already = tune->model_saved && numbers[i] == fitted ? tune->options.model_file : NULL;
        if (hn_kept_model_file(models, numbers[i])) {
            continue;
        }
        status = path ? keep_one(tune, numbers[i], already, path, err) : hn_out_of_memory(err);
        if (!status) {
            models = hn_kept_model_set(&tune->arena, models, numbers[i], path);
            status = models ? hn_kept_models_write(tune->study, models, err) : hn_out_of_memory(err);
        }
    }
    return status;
}

hone_status hn_tune_keep_models(hone_tune *tune, int64_t fitted, hone_error *err)
{
    int64_t *numbers = NULL;
    size_t n = 0, most = (size_t)tune->plan->search.keep_models;
    hn_node *models = NULL;
    if (!most || tune->plan->outer_fold) {
        return HONE_OK;
    }
    hone_status status = hone_study_best(tune->study, most, &numbers, &n, err);
    if (!status) {
        status = hn_kept_models_read(tune->study, &tune->arena, &models, err);
    }
    if (!status) {
        models = forget_others(tune, models, numbers, n);
        status = models ? hn_kept_models_write(tune->study, models, err) : hn_out_of_memory(err);
    }
    if (!status) {
        status = keep_all(tune, models, numbers, n, fitted, err);
    }
    hone_free(numbers);
    return status;
}
