/* What this program, machine and storage are, and whether they are healthy. */
#include <stdlib.h>
#include <string.h>

#include "app/mapped_libraries.h"
#include "app/show.h"
#include "base/clock.h"
#include "base/number.h"
#include "base/os_file.h"
#include "base/os_input.h"
#include "base/os_output.h"
#include "base/os_system.h"
#include "model/model.h"
#include "storage/storage.h"
#include "storage/url.h"
#include "view/table.h"

typedef struct finding {
    const char *name, *text;
    hn_style style;
} finding;

enum { MAX_FINDINGS = 48 };

typedef struct report {
    hn_arena arena;
    finding findings[MAX_FINDINGS];
    size_t count;
    bool unhealthy, failed;
} report;

/* text NULL: memory is out. */
static void add(report *r, const char *name, hn_style style, const char *text)
{
    if (!text || r->count == MAX_FINDINGS) {
        r->failed = r->failed || !text;
        return;
    }
    r->unhealthy = r->unhealthy || style == HN_STYLE_BAD;
    r->findings[r->count++] = (finding){name, text, style};
}

/* --- program and machine --- */

static void add_machine(report *r)
{
    const char *vectors = hn_cpu_has_avx512() ? "AVX2, AVX-512" : hn_cpu_has_avx2() ? "AVX2" : "no AVX2";
    add(r, "hone", HN_STYLE_PLAIN, hone_version());
    add(r, "program", HN_STYLE_PLAIN, hn_program_path() ? hn_program_path() : "unknown");
    add(r, "cores", HN_STYLE_PLAIN, hn_arena_printf(&r->arena, "%d usable", hn_cpu_count()));
    add(r, "processor", HN_STYLE_PLAIN, vectors);
    add(r, "memory", HN_STYLE_PLAIN,
        hn_arena_printf(&r->arena, "%llu MiB", (unsigned long long)(hn_memory_total_bytes() >> 20)));
}

static const char *names_of(hn_arena *arena, bool (*info)(size_t, const char **, const char **))
{
    hn_buffer list = HN_BUFFER_INIT;
    const char *name, *help;
    for (size_t i = 0; info(i, &name, &help); i++) {
        hn_buffer_printf(&list, "%s%s", i ? ", " : "", name);
    }
    const char *copy = hn_buffer_failed(&list) ? NULL : hn_arena_strdup(arena, hn_buffer_string(&list));
    hn_buffer_release(&list);
    return copy;
}

/* Libraries that models open when they are fitted; one that is missing is told, it is no fault. */
static void add_model_libraries(report *r)
{
    const hn_model_type *type;
    for (size_t i = 0; (type = hn_model_at(i)) != NULL; i++) {
        const char *description = NULL;
        hone_error err;
        if (type->library) {
            hone_status status = type->library(&description, &err);
            add(r, type->name, HN_STYLE_PLAIN,
                status ? hn_arena_strdup(&r->arena, err.message) : description);
        }
    }
}

static void add_components(report *r)
{
    add(r, "samplers", HN_STYLE_PLAIN, names_of(&r->arena, hone_sampler_info));
    add(r, "pruners", HN_STYLE_PLAIN, names_of(&r->arena, hone_pruner_info));
    for (size_t i = 0; hn_storage_at(i); i++) {
        const hn_storage_type *type = hn_storage_at(i);
        add(r, "storage kind", HN_STYLE_PLAIN,
            hn_arena_printf(&r->arena, "%s  %s", type->scheme, type->help));
    }
}

/* --- the storage's folder --- */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median time of writing a small file so that it survives a loss of power: what each durable commit costs
 * at least. */
static void add_durable_write(report *r, const char *folder)
{
    enum { TIMES = 5 };
    double seconds[TIMES];
    char mark[17] = "", number[HN_NUMBER_SIZE];
    hone_error err;
    if (hn_random_hex(mark, 8, NULL)) {
        return;
    }
    const char *path = hn_arena_printf(&r->arena, "%s/.hone-doctor-%s", folder, mark);
    if (!path) {
        r->failed = true;
        return;
    }
    hone_status status = HONE_OK;
    for (int i = 0; i < TIMES && !status; i++) {
        double start = hn_monotonic_seconds();
        status = hn_file_write_atomic(path, mark, sizeof mark, &err);
        seconds[i] = hn_monotonic_seconds() - start;
    }
    if (status) {
        add(r, "durable write", HN_STYLE_BAD, hn_arena_strdup(&r->arena, err.message));
        return;
    }
    hn_remove_tree(path, NULL);
    qsort(seconds, TIMES, sizeof *seconds, ascending);
    hn_format_short(number, seconds[TIMES / 2] * 1e3, 3);
    add(r, "durable write", HN_STYLE_PLAIN, hn_arena_printf(&r->arena, "%s ms in %s", number, folder));
}

static void add_folder(report *r, const char *folder)
{
    const char *name = NULL;
    if (!hn_is_directory(folder)) {
        add(r, "folder", HN_STYLE_BAD, hn_arena_printf(&r->arena, "there is no folder %s", folder));
        return;
    }
    add(r, "free space", HN_STYLE_PLAIN,
        hn_arena_printf(&r->arena, "%llu MiB", (unsigned long long)(hn_disk_free_bytes(folder) >> 20)));
    if (hn_is_network_filesystem(folder, &name)) {
        add(r, "file system", HN_STYLE_BAD,
            hn_arena_printf(&r->arena, "%s: SQLite is not safe on a network file system", name));
    }
    add_durable_write(r, folder);
}

/* --- the storage --- */

static void add_check(report *r, hn_storage *storage)
{
    hn_buffer lines = HN_BUFFER_INIT;
    hn_study_summary *studies = NULL;
    hone_error err = {0};
    size_t n = 0;
    const hn_storage_type *type = hn_storage_of(storage);
    hone_status status = type->study_list(storage, &r->arena, &studies, &n, &err);
    int64_t trials = 0;
    for (size_t i = 0; i < n && !status; i++) {
        trials += studies[i].trials;
    }
    if (!status) {
        add(r, "studies", HN_STYLE_PLAIN,
            hn_arena_printf(&r->arena, "%zu with %lld trials", n, (long long)trials));
        status = type->check(storage, &lines, &err);
    }
    for (const char *line = hn_buffer_string(&lines); *line;) {
        size_t size = strcspn(line, "\n");
        add(r, "finding", status ? HN_STYLE_BAD : HN_STYLE_PLAIN, hn_arena_strndup(&r->arena, line, size));
        line += size + (line[size] == '\n');
    }
    add(r, "health", status ? HN_STYLE_BAD : HN_STYLE_GOOD,
        status ? hn_arena_strdup(&r->arena, err.message) : "good");
    hn_buffer_release(&lines);
}

static const char *folder_of(hn_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash) {
        return ".";
    }
    return slash == path ? "/" : hn_arena_strndup(arena, path, (size_t)(slash - path));
}

static void add_storage(report *r, const char *text)
{
    hn_storage_url url;
    hn_storage *storage = NULL;
    hone_error err;
    const char *path = NULL;
    if (hn_storage_url_parse(&r->arena, text, &url, &err)) {
        add(r, "storage", HN_STYLE_BAD, hn_arena_strdup(&r->arena, err.message));
        return;
    }
    add(r, "storage", HN_STYLE_PLAIN, url.shown);
    if (!strcmp(url.scheme, "sqlite:") && !hn_storage_url_path(&url, &path, NULL)) {
        const char *folder = folder_of(&r->arena, path);
        if (folder) {
            add_folder(r, folder);
        }
    }
    hone_status status = hn_storage_open(text, false, &storage, &err);
    if (status == HONE_NOT_FOUND) {
        add(r, "health", HN_STYLE_PLAIN, "not made yet");
    } else if (status) {
        add(r, "health", HN_STYLE_BAD, hn_arena_strdup(&r->arena, err.message));
    } else {
        add_check(r, storage);
    }
    hn_storage_close(storage);
}

/* --- showing --- */

static hone_status show_table(const report *r, const hone_sink *sink, hone_error *err)
{
    hn_table table = HN_TABLE_INIT;
    hn_table_add_column(&table, "", HN_ALIGN_LEFT, false);
    hn_table_add_column(&table, "", HN_ALIGN_LEFT, false); /* wraps rather than hides a path */
    for (size_t i = 0; i < r->count; i++) {
        hn_table_add(&table, r->findings[i].name);
        hn_table_set_style(&table, r->findings[i].style);
        hn_table_add(&table, r->findings[i].text);
    }
    hone_sink wide = *sink;
    wide.columns = 1 << 16;
    hone_status status = hn_table_write(&table, &wide, false, err);
    hn_table_release(&table);
    return status;
}

static hone_status show_json(report *r, const hone_sink *sink, hone_error *err)
{
    hn_arena *arena = &r->arena;
    hn_node *list = hn_node_list(arena);
    for (size_t i = 0; i < r->count; i++) {
        hn_node *node =
            hn_map_append(arena, hn_node_map(arena), "name", hn_node_string(arena, r->findings[i].name));
        node = hn_map_append(arena, node, "value", hn_node_string(arena, r->findings[i].text));
        list = hn_list_append(arena, list, node);
    }
    hn_node *root = hn_map_append(arena, hn_node_map(arena), "healthy", hn_node_bool(arena, !r->unhealthy));
    return hn_show_json(sink, hn_map_append(arena, root, "findings", list), err);
}

hone_status hone_show_doctor(const char *url, hone_format format, const hone_sink *sink, hone_error *err)
{
    report r = {0};
    if (format != HONE_FORMAT_TEXT && format != HONE_FORMAT_JSON) {
        return hn_show_unsupported("the doctor's report", format, err);
    }
    add_machine(&r);
    add(&r, "libraries", HN_STYLE_PLAIN, hn_mapped_libraries(&r.arena));
    add_components(&r);
    add_model_libraries(&r);
    add_storage(&r, url);
    hone_status status = r.failed ? hn_out_of_memory(err) : HONE_OK;
    if (!status) {
        status = format == HONE_FORMAT_JSON ? show_json(&r, sink, err) : show_table(&r, sink, err);
    }
    if (!status && r.unhealthy) {
        status = hn_fail(err, HONE_STORAGE, "something is wrong: see above");
    }
    hn_arena_release(&r.arena);
    return status;
}
