/* What exists: samplers, pruners, models and their options. */
#include <string.h>

#include "app/show.h"
#include "hone/ml.h"
#include "model/model.h"
#include "view/table.h"
#include "view/width.h"

/* The public tables of one kind. */
typedef struct component_kind {
    const char *one, *several;
    bool (*info)(size_t i, const char **name, const char **help);
    bool (*option)(const char *name, size_t i, hone_option_info *option);
} component_kind;

static bool model_info(size_t i, const char **name, const char **help)
{
    return hone_model_info(i, name, help, NULL);
}

static const component_kind kinds[] = {
    [HONE_SAMPLERS] = {"sampler", "samplers", hone_sampler_info, hone_sampler_option},
    [HONE_PRUNERS] = {"pruner", "pruners", hone_pruner_info, hone_pruner_option},
    [HONE_MODELS] = {"model", "models", model_info, hone_model_option},
};

/* Methods that are a sampler with a pruner: docs/verbs/pruners.md, "Methods by name". */
static const struct {
    const char *name, *sampler, *pruner;
} methods[] = {
    {"bohb", "bohb", "hyperband"},
    {"dehb", "de", "hyperband"},
    {"mobster", "gp", "asha"},
};

/* The name of a method, or of a component of another kind: how it is had. False: it is neither. */
static bool explain(const component_kind *kind, const char *wanted, hone_error *err)
{
    const char *name, *help;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (!strcmp(methods[i].name, wanted)) {
            hn_fail(err, HONE_NOT_FOUND,
                    "there is no %s '%s': the method is a sampler with a pruner, `search: {sampler: %s, "
                    "pruner: %s}`",
                    kind->one, wanted, methods[i].sampler, methods[i].pruner);
            return true;
        }
    }
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        for (size_t i = 0; kinds[k].info && kinds[k].info(i, &name, &help); i++) {
            if (!strcmp(name, wanted)) {
                hn_fail(err, HONE_NOT_FOUND, "there is no %s '%s': it is a %s; see `hone %s %s`", kind->one,
                        wanted, kinds[k].one, kinds[k].several, wanted);
                return true;
            }
        }
    }
    return false;
}

static hone_status find(const component_kind *kind, const char *wanted, const char **help, hone_error *err)
{
    enum { MOST = 64 };
    const char *names[MOST], *name;
    size_t n = 0;
    hn_buffer list = HN_BUFFER_INIT;
    for (size_t i = 0; kind->info(i, &name, help); i++) {
        if (strcmp(name, wanted) == 0) {
            hn_buffer_release(&list);
            return HONE_OK;
        }
        if (n < MOST) {
            hn_buffer_printf(&list, "%s%s", n ? ", " : "", name);
            names[n++] = name;
        }
    }
    const char *near = hn_nearest_name(wanted, names, n);
    hone_status status = explain(kind, wanted, err) ? HONE_NOT_FOUND
                         : near ? hn_fail(err, HONE_NOT_FOUND, "there is no %s '%.60s' (did you mean '%s'?)",
                                          kind->one, wanted, near)
                                : hn_fail(err, HONE_NOT_FOUND, "there is no %s '%.60s'; there are %s",
                                          kind->one, wanted, hn_buffer_string(&list));
    hn_buffer_release(&list);
    return status;
}

/* --- JSON --- */

static hn_node *text_or_null(hn_arena *arena, const char *text)
{
    return text && *text ? hn_node_string(arena, text) : hn_node_null(arena);
}

static hn_node *component_node(hn_arena *arena, const component_kind *kind, const char *name,
                               const char *help)
{
    hn_node *options = hn_node_list(arena);
    hone_option_info option;
    for (size_t i = 0; kind->option(name, i, &option); i++) {
        hn_node *node = hn_map_append(arena, hn_node_map(arena), "name", hn_node_string(arena, option.name));
        node = hn_map_append(arena, node, "type", hn_node_string(arena, option.type));
        node = hn_map_append(arena, node, "default", text_or_null(arena, option.default_text));
        node = hn_map_append(arena, node, "range", text_or_null(arena, option.range));
        node = hn_map_append(arena, node, "help", hn_node_string(arena, option.help));
        options = hn_list_append(arena, options, node);
    }
    hn_node *node = hn_map_append(arena, hn_node_map(arena), "name", hn_node_string(arena, name));
    node = hn_map_append(arena, node, "help", hn_node_string(arena, help));
    return hn_map_append(arena, node, "options", options);
}

static hone_status show_json(const component_kind *kind, const char *wanted, const char *help,
                             const hone_sink *sink, hone_error *err)
{
    hn_arena arena = HN_ARENA_INIT;
    hn_node *node = wanted ? component_node(&arena, kind, wanted, help) : hn_node_list(&arena);
    const char *name;
    for (size_t i = 0; !wanted && kind->info(i, &name, &help); i++) {
        node = hn_list_append(&arena, node, component_node(&arena, kind, name, help));
    }
    hone_status status = hn_show_json(sink, node, err);
    hn_arena_release(&arena);
    return status;
}

/* --- text --- */

static size_t line_width(const hone_sink *sink)
{
    enum { READABLE = 100 };
    size_t width = hn_sink_width(sink);
    return width && width < READABLE ? width : READABLE;
}

static hone_status show_all(const component_kind *kind, const hone_sink *sink, hone_error *err)
{
    const char *name, *help;
    size_t widest = 0;
    hn_buffer text = HN_BUFFER_INIT;
    for (size_t i = 0; kind->info(i, &name, &help); i++) {
        widest = strlen(name) > widest ? strlen(name) : widest;
    }
    for (size_t i = 0; kind->info(i, &name, &help); i++) {
        hn_buffer_printf(&text, "%-*s  ", (int)widest, name);
        hn_text_wrap(&text, help, widest + 2, line_width(sink));
    }
    hn_buffer_printf(&text, "\n`hone %s NAME` says its options.\n", kind->several);
    hone_status status = hn_sink_write(sink, &text, err);
    hn_buffer_release(&text);
    return status;
}

static void write_option(hn_buffer *text, const hone_option_info *option, const hone_sink *sink)
{
    enum { INDENT = 4 };
    hn_buffer head = HN_BUFFER_INIT;
    hn_buffer_text(text, "\n  ");
    hn_style_text(text, sink->color, HN_STYLE_STRONG, option->name);
    hn_buffer_printf(&head, "  %s", option->type);
    if (option->range[0]) {
        hn_buffer_printf(&head, ", %s", option->range);
    }
    if (option->default_text) {
        hn_buffer_printf(&head, "; default %s", option->default_text);
    }
    hn_buffer_text(text, hn_buffer_string(&head));
    hn_buffer_printf(text, "\n%*s", INDENT, "");
    hn_text_wrap(text, option->help, INDENT, line_width(sink));
    text->failed = text->failed || hn_buffer_failed(&head);
    hn_buffer_release(&head);
}

static hone_status show_one(const component_kind *kind, const char *name, const char *help,
                            const hone_sink *sink, hone_error *err)
{
    hn_buffer text = HN_BUFFER_INIT;
    hone_option_info option;
    hn_style_text(&text, sink->color, HN_STYLE_STRONG, name);
    hn_buffer_text(&text, ": ");
    hn_text_wrap(&text, help, 0, line_width(sink));
    size_t n = 0;
    for (; kind->option(name, n, &option); n++) {
        write_option(&text, &option, sink);
    }
    if (!n) {
        hn_buffer_text(&text, "It has no options.\n");
    }
    hone_status status = hn_sink_write(sink, &text, err);
    hn_buffer_release(&text);
    return status;
}

static hone_status show_default_space(const char *model, const hone_sink *sink, hone_error *err)
{
    const char *space = hone_model_default_space(model);
    hn_buffer text = HN_BUFFER_INIT;
    const hn_model_type *type = hn_model_find(model);
    if (type && type->simpler) {
        hn_buffer_printf(&text, "\nSimpler is: %s\n", type->simpler);
    }
    if (space) {
        hn_buffer_printf(&text, "\nSearched when nothing else is said:\n%s%s", space,
                         space[0] && space[strlen(space) - 1] == '\n' ? "" : "\n");
    }
    hone_status status = hn_sink_write(sink, &text, err);
    hn_buffer_release(&text);
    return status;
}

hone_status hone_show_component(hone_component which, const char *name, hone_format format,
                                const hone_sink *sink, hone_error *err)
{
    const component_kind *kind = &kinds[which];
    const char *help = NULL;
    if (format != HONE_FORMAT_TEXT && format != HONE_FORMAT_JSON) {
        return hn_show_unsupported(kind->several, format, err);
    }
    hone_status status = name ? find(kind, name, &help, err) : HONE_OK;
    if (status) {
        return status;
    }
    if (format == HONE_FORMAT_JSON) {
        return show_json(kind, name, help, sink, err);
    }
    if (!name) {
        return show_all(kind, sink, err);
    }
    status = show_one(kind, name, help, sink, err);
    return !status && which == HONE_MODELS ? show_default_space(name, sink, err) : status;
}
