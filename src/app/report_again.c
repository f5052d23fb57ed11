/* How to do a study again, and how to have its results elsewhere. */
#include <string.h>

#include "app/report.h"
#include "app/show.h"
#include "base/memory.h"
#include "storage/url.h"
#include "study/study.h"

/* --- what was run --- */

/* The tree without the passwords of the storages that it names. NULL when memory is out. */
static hn_node *without_passwords(hn_arena *arena, const hn_node *node)
{
    hn_node *copy;
    if (node->kind == HN_STRING && strstr(node->as.string, "://")) {
        const char *shown = hn_storage_url_shown(arena, node->as.string);
        return shown ? hn_node_string(arena, shown) : NULL;
    }
    switch (node->kind) {
    case HN_LIST:
        copy = hn_node_list(arena);
        for (size_t i = 0; i < node->count; i++) {
            copy = hn_list_append(arena, copy, without_passwords(arena, node->as.items[i]));
        }
        return copy;
    case HN_MAP:
        copy = hn_node_map(arena);
        for (size_t i = 0; i < node->count; i++) {
            const hn_map_entry *entry = &node->as.entries[i];
            copy = hn_map_append(arena, copy, entry->key, without_passwords(arena, entry->value));
        }
        return copy;
    default: return hn_node_copy(arena, node);
    }
}

/* Files were kept as YAML once, which JSON is a part of. */
hone_status hn_report_read_file(hn_report *r, const hn_report_study *s, hn_node **file, hone_error *err)
{
    const char *text = s->study->definition->file;
    hn_node *read = NULL;
    *file = NULL;
    if (!text || hn_yaml_parse(&r->arena, "study file", text, strlen(text), &read, NULL) ||
        !(hn_map_get(read, "command") || hn_map_get(read, "model"))) {
        return HONE_OK;
    }
    hn_node *shown = without_passwords(&r->arena, read);
    int64_t seed = (int64_t)s->study->definition->seed;
    hn_node *search = hn_map_get(shown, "search");
    search = search || !shown ? search : hn_node_map(&r->arena);
    if (shown && search && search->kind == HN_MAP && !hn_map_get(search, "seed")) {
        shown = hn_map_set(&r->arena, shown, "search",
                           hn_map_set(&r->arena, search, "seed", hn_node_integer(&r->arena, seed)));
    }
    *file = shown;
    return shown ? HONE_OK : hn_out_of_memory(err);
}

/* JSON with a line for what fits in one. */
static void write_tree(hn_buffer *out, const hn_node *node, size_t depth)
{
    enum { WIDTH = 96, INDENT = 2 };
    hn_buffer line = HN_BUFFER_INIT;
    hn_json_write(&line, node, HN_JSON_PYTHON);
    bool fits = INDENT * depth + line.size <= WIDTH || !node->count;
    if (fits || (node->kind != HN_MAP && node->kind != HN_LIST)) {
        hn_buffer_text(out, hn_buffer_string(&line));
    } else {
        bool map = node->kind == HN_MAP;
        hn_buffer_char(out, map ? '{' : '[');
        for (size_t i = 0; i < node->count; i++) {
            hn_buffer_printf(out, "%s\n%*s", i ? "," : "", (int)(INDENT * (depth + 1)), "");
            if (map) {
                const char *key = node->as.entries[i].key;
                hn_json_write_string(out, key, strlen(key), HN_JSON_PYTHON);
                hn_buffer_text(out, ": ");
            }
            write_tree(out, map ? node->as.entries[i].value : node->as.items[i], depth + 1);
        }
        hn_buffer_printf(out, "\n%*s%c", (int)(INDENT * depth), "", map ? '}' : ']');
    }
    out->failed = out->failed || hn_buffer_failed(&line);
    hn_buffer_release(&line);
}

static void write_code(hn_report *r, const hn_buffer *text)
{
    hn_buffer_text(&r->out, "<pre><code>");
    hn_html_text(&r->out, hn_buffer_string(text));
    hn_buffer_text(&r->out, "</code></pre>\n");
    r->out.failed = r->out.failed || hn_buffer_failed(text);
}

static void write_file(hn_report *r, const hn_report_study *s, const hn_node *file)
{
    hn_buffer text = HN_BUFFER_INIT;
    const char *folder = s->study->definition->folder;
    hn_report_paragraph(r, NULL,
                        "What was run, with the options of the command line in it. As a file study.json:");
    write_tree(&text, file, 0);
    write_code(r, &text);
    if (folder) {
        const char *where = hn_arena_printf(
            &r->arena,
            "Its relative paths mean the folder %s. There the same study is made anew by:", folder);
        hn_report_paragraph(r, NULL, where ? where : "");
    } else {
        hn_report_paragraph(r, NULL, "The same study is made anew by:");
    }
    hn_buffer_clear(&text);
    hn_buffer_text(&text, "hone tune study.json --storage sqlite:///again.db --study ");
    hn_shell_word(&text, hone_study_name(s->study));
    write_code(r, &text);
    hn_buffer_release(&text);
}

/* --- a study that was asked and told --- */

static void write_option(hn_buffer *out, const char *option, const char *text)
{
    hn_buffer_printf(out, " \\\n  %s ", option);
    hn_shell_word(out, text);
}

static void write_goal(hn_buffer *out, const hn_definition *definition)
{
    hn_buffer goal = HN_BUFFER_INIT;
    for (size_t i = 0; i < definition->n_objectives; i++) {
        hn_buffer_printf(&goal, "%s%s %s", i ? ", " : "",
                         definition->directions[i] == HONE_MAXIMIZE ? "maximize" : "minimize",
                         definition->metrics[i]);
    }
    write_option(out, "--goal", hn_buffer_string(&goal));
    out->failed = out->failed || hn_buffer_failed(&goal);
    hn_buffer_release(&goal);
}

static void write_entry(hn_buffer *out, const char *name, const hn_node *value)
{
    hn_buffer entry = HN_BUFFER_INIT;
    hn_buffer_printf(&entry, "%s: ", name);
    hn_json_write(&entry, value, HN_JSON_PYTHON);
    write_option(out, "--param", hn_buffer_string(&entry));
    out->failed = out->failed || hn_buffer_failed(&entry);
    hn_buffer_release(&entry);
}

static void write_spec(hn_buffer *out, const char *option, const hn_node *spec)
{
    hn_buffer text = HN_BUFFER_INIT;
    if (spec && spec->kind == HN_STRING) {
        write_option(out, option, spec->as.string);
    } else if (spec) {
        hn_json_write(&text, spec, HN_JSON_STRICT);
        write_option(out, option, hn_buffer_string(&text));
    }
    out->failed = out->failed || hn_buffer_failed(&text);
    hn_buffer_release(&text);
}

/* `hone study create` with all that the study is defined by. */
static void write_create(hn_report *r, const hn_report_study *s)
{
    hn_buffer text = HN_BUFFER_INIT;
    const hn_definition *definition = s->study->definition;
    const hn_node *space = hn_map_get(s->definition, "space");
    const hn_node *forbidden = hn_map_get(s->definition, "forbidden");
    hn_report_paragraph(r, NULL,
                        "The trials were asked for and told, or added; the program that did so is not kept "
                        "here. An empty study of the same definition:");
    hn_buffer_text(&text, "hone study create ");
    hn_shell_word(&text, hone_study_name(s->study));
    write_goal(&text, definition);
    for (size_t i = 0; space && i < space->count; i++) {
        write_entry(&text, space->as.entries[i].key, space->as.entries[i].value);
    }
    for (size_t i = 0; forbidden && forbidden->kind == HN_LIST && i < forbidden->count; i++) {
        if (forbidden->as.items[i]->kind == HN_STRING) {
            write_option(&text, "--forbidden", forbidden->as.items[i]->as.string);
        }
    }
    write_spec(&text, "--sampler", hn_map_get(s->definition, "sampler"));
    write_spec(&text, "--pruner", hn_map_get(s->definition, "pruner"));
    hn_buffer_printf(&text, " \\\n  --seed %llu", (unsigned long long)definition->seed);
    write_code(r, &text);
    hn_buffer_release(&text);
}

/* --- having the results --- */

static void write_command(hn_buffer *out, const hn_report_study *s, const char *verb, const char *rest)
{
    hn_buffer_printf(out, "hone %s", verb);
    if (s->storage) {
        hn_buffer_text(out, " --storage ");
        hn_shell_word(out, s->storage);
    }
    hn_buffer_text(out, " --study ");
    hn_shell_word(out, hone_study_name(s->study));
    hn_buffer_text(out, rest);
}

static void write_results(hn_report *r, const hn_report_study *s)
{
    static const char *const commands[][2] = {
        {"best", " --json\n"},
        {"trials", " --csv > trials.csv\n"},
        {"study export", " > study.json\n"},
        {"report", " -o report.html"},
    };
    hn_buffer text = HN_BUFFER_INIT;
    hn_report_paragraph(r, NULL,
                        "The best setting with exact numbers, all trials as a table, everything, this page:");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        write_command(&text, s, commands[i][0], commands[i][1]);
    }
    write_code(r, &text);
    hn_buffer_release(&text);
}

hone_status hn_report_write_again(hn_report *r, const hn_report_study *s, hone_error *err)
{
    const hn_definition *definition = s->study->definition;
    hn_node *file;
    hone_status status = hn_report_read_file(r, s, &file, err);
    if (status) {
        return status;
    }
    if (file) {
        write_file(r, s, file);
    } else if (definition->version || definition->space) {
        write_create(r, s);
    } else {
        hn_report_paragraph(r, NULL,
                            "The study was not defined by hone: another program, such as Optuna, wrote it, "
                            "and how its trials were made is not kept with it.");
    }
    if (definition->version || definition->space) {
        const char *seed = hn_arena_printf(
            &r->arena,
            "The seed is %llu. With one worker the same trials come again; several finish in an order of "
            "their own, which later proposals follow from.",
            (unsigned long long)definition->seed);
        hn_report_paragraph(r, NULL, seed ? seed : "");
    }
    write_results(r, s);
    return HONE_OK;
}
