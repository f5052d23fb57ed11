/* sampler/tpe_archive.c: non-domination fronts under insertion: a new trial enters the first front without a
 * trial that dominates it; those that it dominates there move to the next front as a whole, and so on. */
#include "sampler/tpe_archive.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* --- fronts --- */

/* Constrained domination (Deb 2002) of keys. */
static bool dominates(const double *a, const double *b, size_t width)
{
    if (a[0] != b[0] || a[0] > 0)
        return a[0] < b[0];
    bool better = false;
    for (size_t i = 1; i < width; i++) {
        if (a[i] > b[i])
            return false;
        better = better || a[i] < b[i];
    }
    return better;
}

static bool any_dominates(const hn_tpe_front *front, const double *key, size_t width)
{
    for (size_t i = 0; i < front->count; i++)
        if (dominates(front->keys + i * width, key, width))
            return true;
    return false;
}

static hone_status push(hn_tpe_front *front, int64_t number, const double *key, size_t width, hone_error *err)
{
    if (front->count == front->capacity) {
        size_t capacity = front->capacity == 0 ? 8 : 2 * front->capacity;
        int64_t *numbers = hn_realloc_array(front->numbers, capacity, sizeof *numbers);
        if (numbers == NULL)
            return hn_out_of_memory(err);
        front->numbers = numbers;
        double *keys = hn_realloc_array(front->keys, capacity, width * sizeof *keys);
        if (keys == NULL)
            return hn_out_of_memory(err);
        front->keys = keys;
        front->capacity = capacity;
    }
    front->numbers[front->count] = number;
    memcpy(front->keys + front->count++ * width, key, width * sizeof *key);
    return HONE_OK;
}

static void free_front(hn_tpe_front *front)
{
    hn_free(front->numbers);
    hn_free(front->keys);
}

/* Moves the trials that one of `by` dominates to the end of `to`. */
static hone_status move_dominated(hn_tpe_front *front, const hn_tpe_front *by, size_t width, hn_tpe_front *to,
                                  hone_error *err)
{
    hone_status status = HONE_OK;
    size_t kept = 0;
    for (size_t i = 0; status == HONE_OK && i < front->count; i++) {
        const double *key = front->keys + i * width;
        if (any_dominates(by, key, width)) {
            status = push(to, front->numbers[i], key, width, err);
        } else {
            front->numbers[kept] = front->numbers[i];
            memmove(front->keys + kept++ * width, key, width * sizeof *key);
        }
    }
    front->count = kept;
    return status;
}

/* --- the archive --- */

typedef struct by_loss {
    double loss;
    int64_t number;
    size_t index;
} by_loss;

static int compare_loss(const void *a, const void *b)
{
    const by_loss *p = a, *q = b;
    if (p->loss != q->loss)
        return p->loss < q->loss ? -1 : 1;
    return (p->number > q->number) - (p->number < q->number);
}

static void swap_fronts(hn_tpe_front *a, hn_tpe_front *b)
{
    hn_tpe_front other = *a;
    *a = *b;
    *b = other;
}

/* Every second trial of a front goes, in the order of the first loss. */
static hone_status thin_front(hn_tpe_archive *archive, hn_tpe_front *front, hone_error *err)
{
    hone_status status = HONE_OK;
    hn_tpe_front *kept = &archive->displaced;
    by_loss *order = hn_realloc_array(NULL, front->count, sizeof *order);
    if (order == NULL)
        return hn_out_of_memory(err);
    for (size_t i = 0; i < front->count; i++)
        order[i] = (by_loss){front->keys[i * archive->width + 1], front->numbers[i], i};
    qsort(order, front->count, sizeof *order, compare_loss);
    kept->count = 0;
    for (size_t i = 0; status == HONE_OK && i < front->count; i += 2)
        status =
            push(kept, order[i].number, front->keys + order[i].index * archive->width, archive->width, err);
    swap_fronts(front, kept);
    hn_free(order);
    return status;
}

/* Forgets what is behind the `depth` best. */
static hone_status trim(hn_tpe_archive *archive, hone_error *err)
{
    size_t count = 0;
    for (size_t f = 0; f < archive->n_fronts; f++) {
        hn_tpe_front *front = &archive->fronts[f];
        hone_status status = front->count > 2 * archive->depth ? thin_front(archive, front, err) : HONE_OK;
        if (status != HONE_OK)
            return status;
        count += front->count;
        if (count >= archive->depth)
            archive->n_fronts = f + 1;
    }
    return HONE_OK;
}

/* An empty front behind the others. */
static hone_status add_front(hn_tpe_archive *archive, hone_error *err)
{
    size_t before = archive->capacity;
    if (HN_GROW(archive->fronts, archive->n_fronts, archive->capacity) != 0)
        return hn_out_of_memory(err);
    memset(archive->fronts + before, 0, (archive->capacity - before) * sizeof *archive->fronts);
    archive->fronts[archive->n_fronts++].count = 0;
    return HONE_OK;
}

static size_t size_of(const hn_tpe_archive *archive)
{
    size_t size = 0;
    for (size_t f = 0; f < archive->n_fronts; f++)
        size += archive->fronts[f].count;
    return size;
}

/* What moves to the next front is not dominated there: what dominates it is in the front it left. */
static hone_status insert(hn_tpe_archive *archive, int64_t number, const double *key, hone_error *err)
{
    size_t width = archive->width, f = 0;
    hn_tpe_front *entering = &archive->entering, *displaced = &archive->displaced;
    bool full = size_of(archive) >= archive->depth;
    if (full && any_dominates(&archive->fronts[archive->n_fronts - 1], key, width))
        return HONE_OK;
    while (f < archive->n_fronts && any_dominates(&archive->fronts[f], key, width))
        f++;
    entering->count = 0;
    hone_status status = push(entering, number, key, width, err);
    for (; status == HONE_OK && entering->count > 0; f++) {
        if (f == archive->n_fronts)
            status = add_front(archive, err);
        if (status != HONE_OK)
            return status;
        displaced->count = 0;
        status = move_dominated(&archive->fronts[f], entering, width, displaced, err);
        for (size_t i = 0; status == HONE_OK && i < entering->count; i++)
            status = push(&archive->fronts[f], entering->numbers[i], entering->keys + i * width, width, err);
        swap_fronts(entering, displaced);
    }
    return status == HONE_OK ? trim(archive, err) : status;
}

/* --- following a history --- */

static double key_part(const hn_history *history, int64_t number, size_t i)
{
    return i == 0 ? hn_history_violation(history, number) : hn_history_loss(history, number, i - 1);
}

/* Is the archive that of the view's first trials? */
static bool is_current(const hn_tpe_archive *archive, hn_view view, size_t depth)
{
    if (archive->depth != depth || !hn_feed_continues(&archive->feed, view))
        return false;
    for (size_t f = 0; f < archive->n_fronts; f++) /* another history may stand where the one before did */
        for (size_t k = 0; k < archive->fronts[f].count; k++)
            for (size_t i = 0; i < archive->width; i++)
                if (key_part(view.history, archive->fronts[f].numbers[k], i) !=
                    archive->fronts[f].keys[k * archive->width + i])
                    return false;
    return true;
}

static hone_status take(hn_tpe_archive *archive, const hn_history *history, int64_t number, hone_error *err)
{
    enum { MAX_WIDTH = 65 };
    double key[MAX_WIDTH] = {0};
    if (hn_history_state(history, number) != HONE_COMPLETE)
        return HONE_OK;
    for (size_t i = 0; i < archive->width; i++)
        key[i] = key_part(history, number, i);
    return insert(archive, number, key, err);
}

hone_status hn_tpe_archive_update(hn_tpe_archive *archive, hn_view view, size_t depth, hone_error *err)
{
    hone_status status = HONE_OK;
    int64_t number = 0;
    if (!is_current(archive, view, depth)) {
        hn_tpe_archive_release(archive);
        *archive = (hn_tpe_archive){.width = 1 + hn_history_objective_count(view.history), .depth = depth};
        hn_feed_restart(&archive->feed, view);
    }
    while (status == HONE_OK && number >= 0) {
        status = hn_feed_next(&archive->feed, view, &number, err);
        if (status == HONE_OK && number >= 0)
            status = take(archive, view.history, number, err);
    }
    if (status != HONE_OK)
        hn_tpe_archive_release(archive); /* half of an insertion */
    return status;
}

void hn_tpe_archive_release(hn_tpe_archive *archive)
{
    for (size_t f = 0; f < archive->capacity; f++)
        free_front(&archive->fronts[f]);
    free_front(&archive->entering);
    free_front(&archive->displaced);
    hn_free(archive->fronts);
    hn_feed_release(&archive->feed);
    *archive = (hn_tpe_archive){0};
}
