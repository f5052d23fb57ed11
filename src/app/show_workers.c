/* Who ran which trials of a study: machines, processes, a scheduler's jobs. */
#include <string.h>

#include "app/show.h"
#include "base/memory.h"
#include "base/text_map.h"
#include "view/table.h"

static const char *text_of(const hn_node *map, const char *key)
{
    const hn_node *node = hn_map_get(map, key);
    return node && node->kind == HN_STRING ? node->as.string : NULL;
}

const char *hn_worker_text(hn_arena *arena, const char *json)
{
    hn_node *map = NULL;
    if (!json || hn_json_parse(arena, "worker", json, strlen(json), &map, NULL)) {
        return "";
    }
    int64_t pid = 0;
    hn_node_int(hn_map_get(map, "pid"), &pid);
    const char *host = text_of(map, "host"), *job = text_of(map, "job");
    const char *text = hn_arena_printf(arena, "%s %lld%s%s", host ? host : "?", (long long)pid,
                                       job ? ", job " : "", job ? job : "");
    return text ? text : "";
}

/* The trials of one worker, as "0-4, 7". */
typedef struct share {
    hn_buffer numbers;
    int64_t count, first, last; /* of the numbers that are not written yet */
} share;

typedef struct shares {
    hn_text_map workers; /* their JSON */
    share *items;        /* (workers.count,) */
    size_t n, capacity;
    bool jobs, failed;
} shares;

static void write_run(share *s)
{
    hn_buffer_printf(&s->numbers, s->numbers.size ? ", %lld" : "%lld", (long long)s->first);
    if (s->last > s->first) {
        hn_buffer_printf(&s->numbers, s->last > s->first + 1 ? "-%lld" : ", %lld", (long long)s->last);
    }
}

static bool collect(void *user, const hone_trial_info *trial)
{
    shares *all = user;
    if (!trial->worker) {
        return true;
    }
    size_t before = all->workers.count, at = hn_text_map_intern(&all->workers, trial->worker);
    all->failed = at == HN_TEXT_MAP_NONE || (at == before && HN_GROW(all->items, all->n, all->capacity));
    if (all->failed) {
        return false;
    }
    if (at == before) {
        all->items[all->n++] = (share){.numbers = HN_BUFFER_INIT, .first = trial->number};
        all->jobs = all->jobs || strstr(trial->worker, "\"job\"");
    }
    share *s = &all->items[at];
    if (s->count && trial->number != s->last + 1) {
        write_run(s);
        s->first = trial->number;
    }
    s->last = trial->number;
    s->count++;
    return true;
}

static void fill_table(shares *all, hn_table *table)
{
    hn_table_add_column(table, "worker", HN_ALIGN_LEFT, true);
    hn_table_add_column(table, "trials", HN_ALIGN_RIGHT, false);
    hn_table_add_column(table, "which", HN_ALIGN_LEFT, true);
    for (size_t i = 0; i < all->n; i++) {
        write_run(&all->items[i]);
        hn_table_add(table, hn_worker_text(&table->arena, all->workers.keys[i]));
        hn_table_add_int(table, all->items[i].count);
        hn_table_add(table, hn_buffer_string(&all->items[i].numbers));
        table->failed = table->failed || hn_buffer_failed(&all->items[i].numbers);
    }
}

hone_status hn_workers_table(hone_study *study, hn_table *table, hone_error *err)
{
    shares all = {0};
    hone_status status = hone_study_each(study, collect, &all, err);
    if (!status && all.failed) {
        status = hn_out_of_memory(err);
    }
    if (!status && (all.n > 1 || all.jobs)) {
        fill_table(&all, table);
    }
    for (size_t i = 0; i < all.n; i++) {
        hn_buffer_release(&all.items[i].numbers);
    }
    hn_free(all.items);
    hn_text_map_release(&all.workers);
    return status;
}

hone_status hn_show_workers(hone_study *study, const hone_sink *sink, hone_error *err)
{
    hn_table table = HN_TABLE_INIT;
    hn_buffer gap = HN_BUFFER_INIT;
    hn_buffer_char(&gap, '\n');
    hone_status status = hn_workers_table(study, &table, err);
    if (!status && table.n_columns) {
        status = hn_sink_write(sink, &gap, err);
        status = status ? status : hn_table_write(&table, sink, true, err);
    }
    hn_buffer_release(&gap);
    hn_table_release(&table);
    return status;
}
