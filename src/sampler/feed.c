#include "sampler/feed.h"

#include "base/memory.h"

static bool is_limited(hn_view view)
{
    return view.before != INT64_MAX;
}

/* Places of the order: all finished trials, or all rows before the view's end. */
static size_t place_count(hn_view view, const int64_t **finished)
{
    size_t n_finished, n_rows = hn_history_count(view.history);
    *finished = hn_history_finished(view.history, &n_finished);
    if (!is_limited(view))
        return n_finished;
    size_t before = view.before < 0 ? 0 : (size_t)view.before;
    return before < n_rows ? before : n_rows;
}

static bool is_finished(const hn_history *history, int64_t number)
{
    hone_trial_state state = hn_history_state(history, number);
    return state != HONE_WAITING && state != HONE_RUNNING;
}

bool hn_feed_continues(const hn_feed *feed, hn_view view)
{
    const int64_t *finished;
    size_t count = place_count(view, &finished);
    if (feed->history != view.history || feed->limited != is_limited(view) || feed->n_passed > count)
        return false;
    if (feed->last >= (int64_t)hn_history_count(view.history))
        return false;
    if (feed->last >= 0 && hn_history_loss(view.history, feed->last, 0) != feed->last_loss)
        return false;   /* another history stands where the one before did */
    if (!feed->limited) /* one that came late is listed before those that finished after it */
        return feed->n_passed == 0 || finished[feed->n_passed - 1] == feed->last;
    for (size_t i = 0; i < feed->n_open; i++)
        if (is_finished(view.history, feed->open[i]))
            return false;
    return true;
}

void hn_feed_restart(hn_feed *feed, hn_view view)
{
    feed->history = view.history;
    feed->limited = is_limited(view);
    feed->n_passed = 0;
    feed->last = -1;
    feed->n_open = 0;
}

hone_status hn_feed_next(hn_feed *feed, hn_view view, int64_t *number, hone_error *err)
{
    const int64_t *finished;
    size_t count = place_count(view, &finished);
    *number = -1;
    for (; *number < 0 && feed->n_passed < count; feed->n_passed++) {
        int64_t next = feed->limited ? (int64_t)feed->n_passed : finished[feed->n_passed];
        if (!feed->limited || is_finished(view.history, next)) {
            *number = feed->last = next;
            feed->last_loss = hn_history_loss(view.history, next, 0);
        } else if (HN_GROW(feed->open, feed->n_open, feed->open_capacity) != 0) {
            return hn_out_of_memory(err);
        } else {
            feed->open[feed->n_open++] = next;
        }
    }
    return HONE_OK;
}

void hn_feed_release(hn_feed *feed)
{
    hn_free(feed->open);
    *feed = (hn_feed){0};
}
