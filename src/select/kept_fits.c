/* kept_fits.c: a list, the latest use first, under one lock. Fits are made and used outside of it.
 *
 * Invariants, all under `lock`:
 *   1. bytes is the sum over the list, at most most_bytes.
 *   2. A fit with users > 0 stays where it is; only its place in the list changes.
 *   3. No expected setting covers another.
 */
#include "select/kept_fits.h"

#include <pthread.h>

#include "base/memory.h"

/* An expected setting that no other expected one covers. */
typedef struct widest {
    hn_setting setting; /* in the arena of what is expected */
    size_t left;        /* runs of folds that it covers and that were not begun yet */
} widest;

struct hn_kept_fit {
    hn_kept_fit *next;
    hn_arena arena;
    hn_setting setting; /* in the arena */
    size_t fold, bytes;
    unsigned users;
    void *fitted;
};

struct hn_kept_fits {
    const hn_model_type *type;
    hn_model_task task;
    pthread_mutex_t lock;
    size_t most_bytes, bytes;
    hn_kept_fit *first;
    hn_arena arena;    /* of what is expected */
    widest *expected;  /* (n_expected,) */
    size_t n_expected; /* 0 too when room turned out to be short: what is expected would not last until it is
                          used */
};

/* --- life --- */

hone_status hn_kept_fits_create(const hn_model_type *type, hn_model_task task, size_t most_bytes,
                                hn_kept_fits **fits, hone_error *err)
{
    hn_kept_fits *made = hn_calloc(1, sizeof *made);
    if (!made)
        return hn_out_of_memory(err);
    made->type = type;
    made->task = task;
    made->most_bytes = most_bytes;
    pthread_mutex_init(&made->lock, NULL);
    *fits = made;
    return HONE_OK;
}

static void destroy_fit(const hn_kept_fits *fits, hn_kept_fit *fit)
{
    fits->type->destroy(fit->fitted);
    hn_arena_release(&fit->arena);
    hn_free(fit);
}

void hn_kept_fits_destroy(hn_kept_fits *fits)
{
    if (!fits)
        return;
    while (fits->first) {
        hn_kept_fit *next = fits->first->next;
        destroy_fit(fits, fits->first);
        fits->first = next;
    }
    pthread_mutex_destroy(&fits->lock);
    hn_arena_release(&fits->arena);
    hn_free(fits);
}

/* --- what is expected --- */

/* The options, copied, and the config made of them, both in the arena. */
static hone_status make_setting(const hn_kept_fits *fits, const hn_node *options, hn_arena *arena,
                                hn_setting *setting, hone_error *err)
{
    hn_node *copy = options ? hn_node_copy(arena, options) : NULL;
    void *config = hn_arena_alloc(arena, 1, fits->type->options.config_size);
    if (!config || (options && !copy))
        return hn_out_of_memory(err);
    hone_status status = hn_model_configure(fits->type, fits->task, arena, copy, config, err);
    if (!status)
        *setting = (hn_setting){copy, config};
    return status;
}

/* The expected setting that covers the config; NULL: none does. */
static widest *find_expected(const hn_kept_fits *fits, const void *config)
{
    for (size_t i = 0; i < fits->n_expected; i++)
        if (fits->type->covers(fits->expected[i].setting.config, config))
            return &fits->expected[i];
    return NULL;
}

/* A setting that none covers takes the place of those it covers. */
static void put_expected(hn_kept_fits *fits, const hn_setting *setting, size_t n_folds)
{
    widest made = {*setting, n_folds};
    size_t kept = 0;
    for (size_t i = 0; i < fits->n_expected; i++) {
        if (fits->type->covers(setting->config, fits->expected[i].setting.config))
            made.left += fits->expected[i].left;
        else
            fits->expected[kept++] = fits->expected[i];
    }
    fits->expected[kept++] = made;
    fits->n_expected = kept;
}

/* Options that the model refuses are no concern here: their own run says why. */
static hone_status expect(hn_kept_fits *fits, const hn_node *options, size_t n_folds, hn_arena *scratch,
                          hone_error *err)
{
    hn_setting setting = {0};
    widest *covering = NULL;
    hn_arena_reset(scratch);
    hone_status status = make_setting(fits, options, scratch, &setting, err);
    if (!status && (covering = find_expected(fits, setting.config)))
        covering->left += n_folds;
    else if (!status)
        status = make_setting(fits, options, &fits->arena, &setting, err);
    if (!status && !covering)
        put_expected(fits, &setting, n_folds);
    return status == HONE_OUT_OF_MEMORY ? status : HONE_OK;
}

hone_status hn_kept_fits_expect(hn_kept_fits *fits, const hn_node *const *options, size_t n, size_t n_folds,
                                hone_error *err)
{
    hn_arena scratch = HN_ARENA_INIT;
    pthread_mutex_lock(&fits->lock);
    fits->n_expected = 0;
    fits->expected = HN_ARENA_NEW(&fits->arena, widest, n);
    hone_status status = fits->expected ? HONE_OK : hn_out_of_memory(err);
    for (size_t i = 0; !status && i < n; i++)
        status = expect(fits, options[i], n_folds, &scratch, err);
    if (status)
        fits->n_expected = 0;
    pthread_mutex_unlock(&fits->lock);
    hn_arena_release(&scratch);
    return status;
}

size_t hn_kept_fits_expected(hn_kept_fits *fits)
{
    pthread_mutex_lock(&fits->lock);
    size_t n = fits->n_expected;
    pthread_mutex_unlock(&fits->lock);
    return n;
}

/* --- what is kept --- */

static void move_to_front(hn_kept_fits *fits, hn_kept_fit **link)
{
    hn_kept_fit *fit = *link;
    *link = fit->next;
    fit->next = fits->first;
    fits->first = fit;
}

hn_kept_fit *hn_kept_fits_find(hn_kept_fits *fits, size_t fold, const void *config)
{
    hn_kept_fit **link = &fits->first, *found = NULL;
    pthread_mutex_lock(&fits->lock);
    while (*link && !((*link)->fold == fold && fits->type->covers((*link)->setting.config, config)))
        link = &(*link)->next;
    if (*link) {
        move_to_front(fits, link);
        found = fits->first;
        found->users++;
    }
    widest *expected = find_expected(fits, config);
    if (expected && expected->left)
        expected->left--;
    pthread_mutex_unlock(&fits->lock);
    return found;
}

hn_setting hn_kept_fits_choose(hn_kept_fits *fits, const hn_setting *asked)
{
    pthread_mutex_lock(&fits->lock);
    const widest *expected = find_expected(fits, asked->config);
    hn_setting chosen = expected ? expected->setting : *asked;
    pthread_mutex_unlock(&fits->lock);
    return chosen;
}

/* The link to the fit used longest ago that nobody uses now; of those that no expected setting waits for, or
 * of all. */
static hn_kept_fit **find_oldest(hn_kept_fits *fits, bool awaited)
{
    hn_kept_fit **oldest = NULL;
    for (hn_kept_fit **link = &fits->first; *link; link = &(*link)->next) {
        const widest *expected = find_expected(fits, (*link)->setting.config);
        if (!(*link)->users && (awaited || !expected || !expected->left))
            oldest = link;
    }
    return oldest;
}

/* Drops fits until there is room for so many bytes. When that costs one that will be needed, nothing is
 * expected any more: what is fitted ahead would not last until it is used. */
static bool make_room(hn_kept_fits *fits, size_t bytes)
{
    while (bytes <= fits->most_bytes && fits->bytes > fits->most_bytes - bytes) {
        hn_kept_fit **link = find_oldest(fits, false);
        if (!link) {
            fits->n_expected = 0;
            link = find_oldest(fits, true);
        }
        if (!link)
            return false;
        hn_kept_fit *fit = *link;
        *link = fit->next;
        fits->bytes -= fit->bytes;
        destroy_fit(fits, fit);
    }
    fits->n_expected = bytes <= fits->most_bytes ? fits->n_expected : 0;
    return bytes <= fits->most_bytes;
}

hn_kept_fit *hn_kept_fits_add(hn_kept_fits *fits, size_t fold, const hn_setting *setting, void *fitted)
{
    hn_kept_fit *fit = hn_calloc(1, sizeof *fit);
    if (!fit)
        return NULL;
    *fit = (hn_kept_fit){.fold = fold, .bytes = fits->type->bytes(fitted), .users = 1};
    bool made = !make_setting(fits, setting->options, &fit->arena, &fit->setting, NULL);
    pthread_mutex_lock(&fits->lock);
    made = made && make_room(fits, fit->bytes);
    if (made) {
        fit->fitted = fitted;
        fit->next = fits->first;
        fits->first = fit;
        fits->bytes += fit->bytes;
    }
    pthread_mutex_unlock(&fits->lock);
    if (!made) {
        hn_arena_release(&fit->arena);
        hn_free(fit);
    }
    return made ? fit : NULL;
}

const void *hn_kept_fit_model(const hn_kept_fit *fit)
{
    return fit->fitted;
}

void hn_kept_fits_release(hn_kept_fits *fits, hn_kept_fit *fit)
{
    if (!fit)
        return;
    pthread_mutex_lock(&fits->lock);
    fit->users--;
    pthread_mutex_unlock(&fits->lock);
}
