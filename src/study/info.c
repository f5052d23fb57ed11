/* What exists: samplers and pruners with their options; version and log. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "storage/url.h"
#include "study/study.h"

const char *hone_version(void)
{
    return HONE_VERSION;
}

bool hone_sampler_info(size_t i, const char **name, const char **help)
{
    const hn_sampler_type *type = hn_sampler_at(i);
    if (type) {
        *name = type->name;
        *help = type->help;
    }
    return type != NULL;
}

bool hone_pruner_info(size_t i, const char **name, const char **help)
{
    const hn_pruner_type *type = hn_pruner_at(i);
    if (type) {
        *name = type->name;
        *help = type->help;
    }
    return type != NULL;
}

char *hone_url_shown(const char *url)
{
    hn_arena arena = HN_ARENA_INIT;
    const char *shown = hn_storage_url_shown(&arena, url);
    char *copy = shown ? hn_strdup(shown) : NULL;
    hn_arena_release(&arena);
    return copy;
}

const char *hone_nearest_name(const char *name, const char *const *candidates, size_t n)
{
    return hn_nearest_name(name, candidates, n);
}

static bool option_at(const hn_option_table *table, size_t i, hone_option_info *info)
{
    if (i >= table->count) {
        return false;
    }
    const hn_option *option = &table->options[i];
    *info = (hone_option_info){.name = option->name,
                               .type = hn_option_type_name(option->type),
                               .default_text = option->default_text,
                               .help = option->help};
    hn_buffer range = HN_BUFFER_INIT;
    hn_option_describe_range(&range, option);
    snprintf(info->range, sizeof info->range, "%s", hn_buffer_string(&range));
    hn_buffer_release(&range);
    return true;
}

bool hone_sampler_option(const char *name, size_t i, hone_option_info *option)
{
    const hn_sampler_type *type = hn_sampler_find(name);
    return type && option_at(&type->options, i, option);
}

bool hone_pruner_option(const char *name, size_t i, hone_option_info *option)
{
    const hn_pruner_type *type = hn_pruner_find(name);
    return type && option_at(&type->options, i, option);
}

static struct {
    hone_log_function function;
    void *user;
} user_log;

static void pass_on(void *user, hn_log_level level, const char *message)
{
    static const char *const levels[] = {"error", "warning", "info", "debug"};
    (void)user;
    user_log.function(user_log.user, levels[level], message);
}

void hone_set_log(hone_log_function function, void *user)
{
    user_log.function = function;
    user_log.user = user;
    hn_log_set(function ? pass_on : NULL, NULL, HN_LOG_DEBUG);
}
