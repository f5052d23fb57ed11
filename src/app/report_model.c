/* What the model of a study's best trial does, where it was kept. */
#include <string.h>

#include "app/kept_models.h"
#include "app/plot_confusion.h"
#include "app/report.h"
#include "base/os_file.h"
#include "study/study.h"

/* A path as the study's run meant it; NULL when memory is out. */
static const char *path_of(hn_report *r, const hn_report_study *s, const char *path)
{
    const char *folder = s->study->definition->folder;
    return path[0] == '/' || !folder ? path : hn_arena_printf(&r->arena, "%s/%s", folder, path);
}

static const char *text_of(const hn_node *map, const char *key)
{
    const hn_node *node = hn_map_get(map, key);
    return node && node->kind == HN_STRING ? node->as.string : NULL;
}

/* Model and test data; *model NULL: one of them is not there. */
static hone_status find_files(hn_report *r, const hn_report_study *s, const char **model, const char **data,
                              hone_error *err)
{
    hn_node *file = NULL, *kept = NULL;
    *model = *data = NULL;
    hone_status status = hn_report_read_file(r, s, &file, err);
    status = status ? status : hn_kept_models_read(s->study, &r->arena, &kept, err);
    const char *test = file ? text_of(hn_map_get(file, "data"), "test") : NULL;
    const char *best = kept && s->n_best ? hn_kept_model_file(kept, s->best[0]) : NULL;
    if (status || !test || !best) {
        return status;
    }
    *data = path_of(r, s, test);
    *model = path_of(r, s, best);
    if (!*data || !*model) {
        return hn_out_of_memory(err);
    }
    if (!hn_file_exists(*model)) {
        *model = NULL;
    }
    return HONE_OK;
}

hone_status hn_report_confusion(hn_report *r, const hn_report_study *s, hn_plot_row *row, hone_error *err)
{
    const hone_confusion_options options = HONE_CONFUSION_OPTIONS_INIT;
    const char *model, *data;
    hn_model_data a = {0};
    hn_page page;
    hone_error why = {0};
    hone_status status = find_files(r, s, &model, &data, err);
    if (status || !model) {
        return status;
    }
    status = hn_model_data_open(&a, model, data, true, &why);
    bool drawn = !status && a.estimator->n_classes;
    if (drawn) {
        status = hn_confusion_page(&a, &options, &r->arena, &page, &why);
    }
    if (drawn && !status) {
        page.note =
            hn_arena_printf(&r->arena, "The kept model of trial %lld on %s.", (long long)s->best[0], data);
        status = hn_report_page(r, row, &page, err);
    } else if (status && status != HONE_OUT_OF_MEMORY) {
        status = hn_report_leave_out(row, "confusion", NULL, why.message, err);
    } else if (status) {
        status = hn_out_of_memory(err);
    }
    hn_model_data_close(&a);
    return status;
}
