/* sampler/tpe_archive.h: the best fronts of a study with several objectives, kept while trials arrive, so
 * that an ask does not sort them all.
 *
 * A trial's non-domination rank only grows when others are told, so that one far behind hardly ever comes
 * back: only the fronts that hold the `depth` best are kept. Ask for fewer, because a trial that pushes many
 * of the last front behind it leaves there what is kept of that front, which may lack some. A front of more
 * than 2 depth trials (with many objectives nearly all are in one) loses every second one in the order of its
 * first objective. What is kept follows from the visible trials in the order they finished (of their numbers
 * where the view has an end), never from when it was asked.
 */
#ifndef HN_SAMPLER_TPE_ARCHIVE_H
#define HN_SAMPLER_TPE_ARCHIVE_H

#include "history/history.h"
#include "sampler/feed.h"

/* Trials none of which dominates another, in no order. */
typedef struct hn_tpe_front {
    int64_t *numbers; /* (count,) */
    double *keys;     /* (count, 1 + objectives): violation, losses */
    size_t count, capacity;
} hn_tpe_front;

typedef struct hn_tpe_archive {
    hn_tpe_front *fronts; /* (n_fronts,) best first; up to capacity have memory */
    size_t n_fronts, capacity;
    hn_tpe_front entering, displaced; /* scratch of one insertion */
    size_t width;                     /* of a key */
    size_t depth;

    hn_feed feed; /* what it was made from */
} hn_tpe_archive;

/* Takes the trials that finished since, or all when the history is another one than it was. Amortised O(kept)
 * per new trial. Zeroed memory is an empty archive. */
hone_status hn_tpe_archive_update(hn_tpe_archive *archive, hn_view view, size_t depth, hone_error *err);
void hn_tpe_archive_release(hn_tpe_archive *archive);

#endif
