/* Where the parts of a tree were read, kept beside the tree when it goes to another process as JSON. */
#include <string.h>

#include "app/plan.h"

/* Called for each position of a tree, in an order that its copies have, too. */
typedef void visit(void *user, hn_position *at);

static void each_position(hn_node *node, visit *call, void *user)
{
    call(user, &node->at);
    for (size_t i = 0; (node->kind == HN_LIST || node->kind == HN_MAP) && i < node->count; i++) {
        if (node->kind == HN_MAP) {
            call(user, &node->as.entries[i].at);
        }
        each_position(node->kind == HN_MAP ? node->as.entries[i].value : node->as.items[i], call, user);
    }
}

typedef struct writer {
    hn_arena *arena;
    hn_node *sources; /* each once, in runs */
    hn_node *numbers; /* three a position: its source, line, column */
} writer;

static void write_position(void *user, hn_position *at)
{
    writer *w = user;
    const char *source = at->source ? at->source : "";
    size_t n = w->sources ? w->sources->count : 0;
    if (!n || strcmp(w->sources->as.items[n - 1]->as.string, source) != 0) {
        w->sources = hn_list_append(w->arena, w->sources, hn_node_string(w->arena, source));
        n++;
    }
    const int64_t numbers[] = {(int64_t)n - 1, at->line, at->column};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        w->numbers = hn_list_append(w->arena, w->numbers, hn_node_integer(w->arena, numbers[i]));
    }
}

hn_node *hn_node_places(hn_arena *arena, const hn_node *node)
{
    writer w = {arena, hn_node_list(arena), hn_node_list(arena)};
    hn_node *copy = hn_node_copy(arena, node), *map = hn_node_map(arena);
    if (!copy) {
        return NULL;
    }
    each_position(copy, write_position, &w);
    map = hn_map_set(arena, map, "sources", w.sources);
    return hn_map_set(arena, map, "numbers", w.numbers);
}

typedef struct reader {
    const hn_node *sources, *numbers;
    size_t next;
} reader;

/* What is not among the places stands nowhere. */
static void read_position(void *user, hn_position *at)
{
    reader *r = user;
    int64_t numbers[3] = {0};
    bool sound = r->numbers && r->numbers->kind == HN_LIST && r->next + 3 <= r->numbers->count;
    for (size_t i = 0; sound && i < 3; i++) {
        sound = hn_node_int(r->numbers->as.items[r->next + i], &numbers[i]);
    }
    sound = sound && r->sources && r->sources->kind == HN_LIST && numbers[0] >= 0 &&
            (size_t)numbers[0] < r->sources->count && r->sources->as.items[numbers[0]]->kind == HN_STRING;
    const char *source = sound ? r->sources->as.items[numbers[0]]->as.string : "";
    *at =
        (hn_position){.source = *source ? source : NULL, .line = (int)numbers[1], .column = (int)numbers[2]};
    r->next += 3;
}

void hn_node_place(hn_node *node, const hn_node *places)
{
    reader r = {hn_map_get(places, "sources"), hn_map_get(places, "numbers"), 0};
    each_position(node, read_position, &r);
}
