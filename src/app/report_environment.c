/* Where a study ran and where its report was written. */
#include "app/mapped_libraries.h"
#include "app/report.h"
#include "app/show.h"
#include "base/os_system.h"
#include "study/study.h"

static void add(hn_table *table, const char *name, const char *text)
{
    hn_table_add(table, name);
    hn_table_add(table, text);
    table->failed = table->failed || !text;
}

static void add_machine(hn_table *table)
{
    hn_arena *arena = &table->arena;
    const char *vectors = hn_cpu_has_avx512() ? "AVX2 and AVX-512" : hn_cpu_has_avx2() ? "AVX2" : "no AVX2";
    add(table, "report written by", hn_arena_printf(arena, "hone %s", hone_version()));
    add(table, "on the machine", hn_host_name());
    add(table, "cores", hn_arena_printf(arena, "%d usable, %s", hn_cpu_count(), vectors));
    add(table, "memory",
        hn_arena_printf(arena, "%llu MiB", (unsigned long long)(hn_memory_total_bytes() >> 20)));
    add(table, "libraries", hn_mapped_libraries(arena));
}

hone_status hn_report_write_environment(hn_report *r, const hn_report_study *s, hone_error *err)
{
    hn_table facts = HN_TABLE_INIT, workers = HN_TABLE_INIT;
    const char *version = s->study->definition->version;
    hn_table_add_column(&facts, "", HN_ALIGN_LEFT, false);
    hn_table_add_column(&facts, "", HN_ALIGN_LEFT, true);
    if (version) {
        add(&facts, "study defined by", hn_arena_printf(&facts.arena, "hone %s", version));
    }
    add_machine(&facts);
    hone_status status = hn_html_table(&r->out, &facts, "facts", false, err);
    if (!status) {
        status = hn_workers_table(s->study, &workers, err);
    }
    if (!status && workers.n_columns) {
        hn_buffer_printf(&r->out, "<h%d>Who ran the trials</h%d>\n", r->level + 1, r->level + 1);
        status = hn_html_table(&r->out, &workers, "workers", true, err);
    }
    hn_table_release(&facts);
    hn_table_release(&workers);
    return status;
}
