/* `space:`, `forbidden:` and `constraints:`. A constraint whose names are all parameters is hard: such
 * points are never proposed. One over metrics is soft: its values are told with the trial. */
#include <math.h>
#include <string.h>

#include "app/plan.h"
#include "app/plan_reader.h"
#include "base/text_map.h"

/* --- constraints: one inequality each --- */

/* Where an inequality's sign stands. */
typedef struct inequality {
    const char *sign;
    size_t size;
} inequality;

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || (unsigned char)c >= 0x80;
}

/* The next piece of a condition's text: a word, a quoted piece, a sign or one character. */
static size_t piece_size(const char *text)
{
    size_t size = 1;
    if (strchr("\"'`", text[0])) {
        while (text[size] && text[size] != text[0]) {
            size++;
        }
        return text[size] ? size + 1 : size;
    }
    if (is_word(text[0])) {
        while (is_word(text[size])) {
            size++;
        }
        return size;
    }
    return strchr("<>=!", text[0]) && text[1] == '=' ? 2 : 1;
}

static bool is_one_of(const char *text, size_t size, const char *const *words)
{
    for (; *words; words++) {
        if (strlen(*words) == size && !memcmp(text, *words, size)) {
            return true;
        }
    }
    return false;
}

/* False unless text is exactly one of left < right, <=, >, >= (no and, or, not, in, ==, !=). */
static bool find_inequality(const char *text, inequality *found)
{
    static const char *const signs[] = {"<", "<=", ">", ">=", NULL};
    static const char *const others[] = {"and", "or", "not", "in", "==", "!=", NULL};
    *found = (inequality){0};
    for (size_t size; *text; text += size) {
        size = piece_size(text);
        if (is_one_of(text, size, others)) {
            return false;
        }
        if (is_one_of(text, size, signs)) {
            if (found->sign) {
                return false;
            }
            *found = (inequality){text, size};
        }
    }
    return found->sign;
}

static hone_status wrong_constraint(const hn_node *node, hone_error *err)
{
    return hn_fail_at(
        err, HONE_INVALID, node->at,
        "constraints: '%s' is not one inequality such as params_millions <= 5; combinations of parameters "
        "belong in forbidden",
        node->as.string);
}

/* The names in a text that are no parameters: metrics. */
static hone_status collect_metrics(hone_plan *plan, const char *text, hn_text_map *metrics, hone_error *err)
{
    for (size_t size; *text; text += size) {
        size = piece_size(text);
        bool quoted = text[0] == '`';
        if (!quoted && (!is_word(text[0]) || text[0] == '.' || (text[0] >= '0' && text[0] <= '9'))) {
            continue;
        }
        const char *name = hn_arena_strndup(&plan->arena, text + quoted, size - (quoted ? 2 : 0));
        if (!name) {
            return hn_out_of_memory(err);
        }
        bool parameter = plan->space && hn_space_find(plan->space, name) != SIZE_MAX;
        if (!parameter && hn_text_map_intern(metrics, name) == HN_TEXT_MAP_NONE) {
            return hn_out_of_memory(err);
        }
    }
    return HONE_OK;
}

/* What forbids the points that a hard constraint excludes. Its sign is turned round, so that it holds, as a
 * comparison does, only when its parameters are active: an inactive one breaks no constraint. */
static hn_node *opposite(hn_arena *arena, const hn_node *node, const inequality *found)
{
    static const char *const turned[][2] = {{"<", ">="}, {"<=", ">"}, {">", "<="}, {">=", "<"}};
    const char *sign = "";
    for (size_t i = 0; i < sizeof turned / sizeof *turned; i++) {
        if (strlen(turned[i][0]) == found->size && !memcmp(turned[i][0], found->sign, found->size)) {
            sign = turned[i][1];
        }
    }
    int left = (int)(found->sign - node->as.string);
    const char *text =
        hn_arena_printf(arena, "%.*s%s%s", left, node->as.string, sign, found->sign + found->size);
    hn_node *made = text ? hn_node_string(arena, text) : NULL;
    if (made) {
        made->at = node->at;
    }
    return made;
}

/* Metrics stand as unbounded numbers behind the parameters. */
static hone_status bind_constraint(hone_plan *plan, const hn_text_map *metrics,
                                   hn_plan_constraint *constraint, hone_error *err)
{
    static const hn_distribution any = {.kind = HN_FLOAT, .low = -1e308, .high = 1e308};
    size_t n_params = plan->space ? plan->space->count : 0, n = n_params + metrics->count;
    const char **names = HN_ARENA_NEW(&plan->arena, const char *, n);
    const hn_distribution **distributions = HN_ARENA_NEW(&plan->arena, const hn_distribution *, n);
    if (!names || !distributions) {
        return hn_out_of_memory(err);
    }
    for (size_t i = 0; i < n; i++) {
        names[i] = i < n_params ? plan->space->parameters[i].name
                                : hn_arena_strdup(&plan->arena, metrics->keys[i - n_params]);
        distributions[i] = i < n_params ? &plan->space->parameters[i].distribution : &any;
        if (!names[i]) {
            return hn_out_of_memory(err);
        }
    }
    constraint->n_metrics = metrics->count;
    constraint->metrics = names + n_params;
    return hn_condition_bind(constraint->condition, names, distributions, n, err);
}

static hone_status add_constraint(hone_plan *plan, const hn_node *node, hn_node *forbidden,
                                  hn_plan_constraint *constraints, hone_error *err)
{
    hn_text_map metrics = HN_TEXT_MAP_INIT;
    hn_plan_constraint made = {0};
    inequality found;
    hn_reader reader = {&plan->arena, plan->root, ""};
    if (node->kind != HN_STRING) {
        return hn_reader_wrong(&reader, "constraints", node,
                               "a list of inequalities such as params_millions <= 5", err);
    }
    if (!find_inequality(node->as.string, &found)) {
        return wrong_constraint(node, err);
    }
    hone_status status = hn_condition_parse(&plan->arena, node->as.string, node->at, &made.condition, err);
    if (!status) {
        status = collect_metrics(plan, node->as.string, &metrics, err);
    }
    if (!status && !metrics.count) {
        hn_node *text = opposite(&plan->arena, node, &found);
        status = hn_list_append(&plan->arena, forbidden, text) ? HONE_OK : hn_out_of_memory(err);
    } else if (!status) {
        status = bind_constraint(plan, &metrics, &made, err);
        if (!status) {
            constraints[plan->n_constraints++] = made;
        }
    }
    hn_text_map_release(&metrics);
    return status;
}

/* Appends hard constraints to forbidden; the others become the plan's. */
static hone_status check_constraints(hone_plan *plan, hn_node *forbidden, hone_error *err)
{
    const hn_node *node = hn_map_get(plan->root, "constraints");
    plan->n_constraints = 0;
    if (!node || node->kind == HN_NULL) {
        return HONE_OK;
    }
    bool list = node->kind == HN_LIST;
    size_t n = list ? node->count : 1;
    hn_plan_constraint *made = HN_ARENA_NEW(&plan->arena, hn_plan_constraint, n);
    hone_status status = made ? HONE_OK : hn_out_of_memory(err);
    plan->constraints = made;
    for (size_t i = 0; !status && i < n; i++) {
        status = add_constraint(plan, list ? node->as.items[i] : node, forbidden, made, err);
    }
    return status;
}

/* --- the space --- */

/* A copy of `forbidden:` that hard constraints can be added to; its items keep their positions. */
static hone_status copy_forbidden(hone_plan *plan, hn_node **copy, hone_error *err)
{
    hn_reader reader = {&plan->arena, plan->root, ""};
    const hn_node *node = hn_reader_get(&reader, "forbidden");
    bool list = node && node->kind == HN_LIST;
    *copy = hn_node_list(&plan->arena);
    for (size_t i = 0; node && i < (list ? node->count : 1); i++) {
        const hn_node *item = list ? node->as.items[i] : node;
        if (item->kind != HN_STRING) {
            return hn_reader_wrong(&reader, "forbidden", item,
                                   "a list of conditions such as optimizer == sgd and lr < 1e-4", err);
        }
        *copy = hn_list_append(&plan->arena, *copy, (hn_node *)item);
    }
    return *copy ? HONE_OK : hn_out_of_memory(err);
}

static hone_status make_space(hone_plan *plan, const hn_node *node, const hn_node *forbidden, hone_error *err)
{
    hn_arena *arena = &plan->arena;
    hone_status status =
        hn_space_from_node(arena, node, forbidden->count ? forbidden : NULL, &plan->space, err);
    if (!status) {
        /* Python's style: 1.0 stays a float. */
        plan->space_text = hn_node_json(arena, hn_space_to_node(arena, plan->space), HN_JSON_STRICT);
        plan->forbidden_text = forbidden->count ? hn_node_json(arena, forbidden, HN_JSON_STRICT) : NULL;
    }
    if (!status && (!plan->space_text || (forbidden->count && !plan->forbidden_text))) {
        status = hn_out_of_memory(err);
    }
    return status;
}

hone_status hn_plan_check_space(hone_plan *plan, const hn_node *space, hone_error *err)
{
    hn_reader reader = {&plan->arena, plan->root, ""};
    const hn_node *node = space ? space : hn_reader_get(&reader, "space");
    hn_node *forbidden = NULL;
    plan->space = NULL;
    plan->space_text = plan->forbidden_text = NULL;
    if (node && node->kind != HN_MAP) {
        return hn_reader_wrong(&reader, "space", node,
                               "a map of parameters such as {lr: {float: [1e-5, 0.1], log: true}}", err);
    }
    hone_status status = copy_forbidden(plan, &forbidden, err);
    if (!status && !node && forbidden->count) {
        status = hn_fail_at(err, HONE_INVALID, forbidden->as.items[0]->at, "forbidden: needs a space");
    }
    if (!status && node) {
        status = make_space(plan, node, forbidden, err);
    }
    size_t n_forbidden = forbidden ? forbidden->count : 0;
    if (!status) {
        status = check_constraints(plan, forbidden, err);
    }
    if (!status && forbidden->count > n_forbidden) {
        status = make_space(plan, node, forbidden, err);
    }
    return status;
}
