/* The dashboard's figures: the pages of `hone plot`, thinned to what a screen can tell apart. */
#include <math.h>
#include <string.h>

#include "app/dashboard.h"
#include "app/plot.h"
#include "base/memory.h"

enum { MOST_STUDIES = 10, MOST_NAMES = 64, MOST_LIMIT = 1000 };

/* --- the kinds --- */

hone_status hn_board_kinds(hn_board_request *request)
{
    hn_arena *arena = request->arena;
    hn_node *list = hn_node_list(arena);
    const hn_plot_kind *kind;
    for (size_t i = 0; (kind = hn_plot_kind_at(i)); i++) {
        hn_node *node = hn_map_append(arena, hn_node_map(arena), "kind", hn_node_string(arena, kind->name));
        node = hn_map_append(arena, node, "help", hn_node_string(arena, kind->help));
        node =
            hn_map_append(arena, node, "options", hn_node_string(arena, kind->options ? kind->options : ""));
        node = hn_map_append(arena, node, "several", hn_node_bool(arena, kind->several));
        list = hn_list_append(arena, list, node);
    }
    hn_board_set(request, "kinds", list);
    return HONE_OK;
}

/* --- what is asked for --- */

static const char *option(const hn_board_request *request, const char *key)
{
    const char *text = hn_board_query(request, key, 0);
    return text && *text ? text : NULL;
}

static hone_status read_options(const hn_board_request *request, hone_plot_options *options)
{
    const char **params = HN_ARENA_NEW(request->arena, const char *, MOST_NAMES);
    *options = (hone_plot_options)HONE_PLOT_OPTIONS_INIT;
    if (!params) {
        return hn_out_of_memory(request->err);
    }
    options->filter = option(request, "filter");
    options->metric = option(request, "metric");
    options->x = option(request, "x");
    options->y = option(request, "y");
    options->hue = option(request, "hue");
    options->method = option(request, "method");
    options->from = option(request, "from");
    options->to = option(request, "to");
    options->reference = option(request, "reference");
    for (size_t i = 0; i < MOST_NAMES && (params[i] = hn_board_query(request, "param", i)); i++) {
        options->n_params = i + 1;
    }
    options->params = params;
    return hn_board_query_int(request, "limit", 1, MOST_LIMIT, &options->limit);
}

/* --- making one --- */

static hone_status make_page(hn_board_request *request, const char *kind, const hn_plot_study *studies,
                             size_t n, const hone_plot_options *options)
{
    hn_page page;
    hone_status status = hn_plot_make(kind, studies, n, options, request->arena, &page, request->err);
    if (!status) {
        status = hn_page_thin(&page, request->arena, request->err);
    }
    if (!status) {
        hn_page_json(&request->text, &page);
        request->type = "application/json";
    }
    return status;
}

/* One figure at a time has all of a study's trials in memory. */
hone_status hn_board_figure(hn_board_request *request)
{
    hone_plot_options options;
    hn_plot_study read;
    hone_status status = read_options(request, &options);
    if (status) {
        return status;
    }
    hone_trial_query query = {.filter = options.filter};
    request->large = true;
    pthread_mutex_lock(&request->board->large);
    status = hn_plot_study_read(request->held->study, &query, &read, request->err);
    if (!status) {
        status = make_page(request, request->segments[3], &read, 1, &options);
        hn_plot_study_release(&read);
    }
    pthread_mutex_unlock(&request->board->large);
    return status;
}

/* Several studies are opened anew: to hold the locks of several that are open, two requests would have to
 * take them in one order. */
hone_status hn_board_compared_figure(hn_board_request *request)
{
    hone_plot_options options;
    hone_study *studies[MOST_STUDIES] = {0};
    hn_plot_study read[MOST_STUDIES];
    const char *name;
    size_t n = 0, n_read = 0;
    hone_status status = read_options(request, &options);
    request->large = true;
    pthread_mutex_lock(&request->board->large);
    while (!status && n < MOST_STUDIES && (name = hn_board_query(request, "study", n))) {
        status = hone_study_open(request->board->storage, name, NULL, &studies[n], request->err);
        n += !status;
    }
    hone_trial_query query = {.filter = options.filter};
    for (; !status && n_read < n; n_read += !status) {
        status = hn_plot_study_read(studies[n_read], &query, &read[n_read], request->err);
    }
    if (!status) {
        status = make_page(request, request->segments[1], read, n, &options);
    }
    for (size_t i = 0; i < n_read; i++) {
        hn_plot_study_release(&read[i]);
    }
    for (size_t i = 0; i < n; i++) {
        hone_study_destroy(studies[i]);
    }
    pthread_mutex_unlock(&request->board->large);
    return status;
}
