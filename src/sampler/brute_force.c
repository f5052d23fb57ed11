/* Every point of a finite space once. Declared: a plan, or, above HN_LATTICE_MAX_SIZE combinations, random
 * points without repetition. Define-by-run: the tree of what the objective asked for so far, read off the
 * history at each call: O(trials) for a value, which the objective's own time makes small. A branch is
 * done when every value below it is; what lies below a value never tried is unknown, so the tree is done
 * only when all trials that could unfold it are. */
#include <math.h>

#include "sampler/draw.h"
#include "sampler/grid_plan.h"

static hone_status init(void *state, const void *config, hone_error *err)
{
    (void)config, (void)err;
    ((hn_grid_plan *)state)->shuffle = true;
    return HONE_OK;
}

static void release(void *state)
{
    hn_grid_plan_release(state);
}

/* --- declared --- */

static hone_status require_finite(const hn_parameter *parameter, hone_error *err)
{
    if (isinf(hn_distribution_count(&parameter->distribution))) {
        return hn_fail(err, HONE_INVALID, "sampler brute_force: parameter %s is continuous: give it a step",
                       parameter->name);
    }
    return HONE_OK;
}

static hone_status check(void *state, const hn_space *space, hone_error *err)
{
    (void)state;
    hone_status status = HONE_OK;
    for (size_t i = 0; i < space->count && status == HONE_OK; i++) {
        status = require_finite(&space->parameters[i], err);
    }
    return status;
}

static double combinations(const hn_ask *ask)
{
    double n = 1;
    for (size_t i = 0; i < ask->space->count; i++) {
        bool given = ask->fixed != NULL && ask->fixed->active[i];
        n *= given ? 1 : hn_distribution_count(&ask->space->parameters[i].distribution);
    }
    return n;
}

/* A new point of a space so large that its end is out of reach. */
static hone_status propose_random(hn_grid_plan *plan, const hn_ask *ask, size_t n, hn_point *points,
                                  hone_error *err)
{
    enum { ATTEMPTS = 1000 };
    hone_status status = hn_seen_update(&plan->seen, ask->space, ask->view.history, err);
    for (size_t k = 0; k < n && status == HONE_OK; k++) {
        int64_t number = ask->number + (int64_t)k;
        bool known = true;
        for (uint64_t attempt = 0; known && attempt < ATTEMPTS; attempt++) {
            hn_draw_point(ask->space, ask->fixed, ask->seed + attempt, number, HN_PURPOSE_PROPOSE,
                          &points[k]);
            known = hn_space_is_forbidden(ask->space, &points[k]) ||
                    hn_seen_first(&plan->seen, &points[k]) < ask->number;
            for (size_t j = 0; j < k && !known; j++) {
                known = hn_point_equal(ask->space, &points[j], &points[k]);
            }
        }
    }
    return status;
}

static hone_status propose(void *state, const hn_ask *ask, size_t n, hn_point *points, size_t *count,
                           hone_error *err)
{
    if (combinations(ask) <= HN_LATTICE_MAX_SIZE) {
        hone_status status = hn_grid_plan_propose(state, ask, n, points, count, err);
        return status == HONE_OK ? HONE_OK : hn_fail_within(err, status, "sampler brute_force");
    }
    hone_status status = propose_random(state, ask, n, points, err);
    if (status == HONE_OK) {
        *count = n;
    }
    return status;
}

/* --- define-by-run --- */

/* The trials that share the values given so far: rows[0 .. n-1]; given[column] says which parameters those
 * are. */
typedef struct branch {
    const hn_history *history;
    bool *given;   /* (columns,) */
    int64_t *rows; /* reordered, so that each value's trials stand together */
    size_t n;
} branch;

/* Another parameter of a row than those given, or SIZE_MAX. */
static size_t further_column(const branch *b, int64_t row)
{
    for (size_t c = 0; c < hn_history_column_count(b->history); c++) {
        if (!b->given[c] && hn_history_has(b->history, row, c)) {
            return c;
        }
    }
    return SIZE_MAX;
}

/* Moves the rows with that value of a column to the front; returns how many there are. */
static size_t select_value(branch *b, size_t column, double value)
{
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++) {
        int64_t row = b->rows[i];
        if (hn_history_has(b->history, row, column) && hn_history_cell(b->history, row, column) == value) {
            b->rows[i] = b->rows[n];
            b->rows[n++] = row;
        }
    }
    return n;
}

/* The parameter that was asked for next: one that all rows have which have any more; the first by column. */
static size_t next_column(const branch *b, const hn_distribution **distribution)
{
    for (size_t c = 0; c < hn_history_column_count(b->history); c++) {
        bool common = !b->given[c];
        size_t holders = 0;
        for (size_t i = 0; i < b->n && common; i++) {
            if (hn_history_has(b->history, b->rows[i], c)) {
                *distribution = hn_history_distribution(b->history, b->rows[i], c);
                holders++;
            } else {
                common = further_column(b, b->rows[i]) ==
                         SIZE_MAX; /* it ended here: a trial that failed or still runs */
            }
        }
        if (common && holders > 0) {
            return c;
        }
    }
    return SIZE_MAX;
}

/* Has everything below been tried? */
static bool is_done(branch *b)
{
    const hn_distribution *distribution = NULL;
    size_t column = next_column(b, &distribution);
    if (column == SIZE_MAX) {
        return b->n > 0; /* trials that ended here */
    }
    double count = hn_distribution_count(distribution);
    bool done = count <= (double)b->n;
    b->given[column] = true;
    for (size_t i = 0; done && i < (size_t)count; i++) {
        branch below = *b;
        below.n = select_value(b, column, hn_distribution_nth(distribution, (double)i));
        done = below.n > 0 && is_done(&below);
    }
    b->given[column] = false;
    return done;
}

/* The trials before ask->number that agree with partial (NULL: all). Running ones count when `running`. */
static hone_status open_branch(const hn_ask *ask, const hn_point *partial, bool running, branch *b,
                               hone_error *err)
{
    const hn_history *history = ask->view.history;
    size_t rows = hn_history_count(history), columns = hn_history_column_count(history);
    b->history = history;
    b->n = 0;
    b->given = HN_ARENA_NEW(ask->scratch, bool, columns);
    b->rows = hn_arena_scratch(ask->scratch, rows, sizeof *b->rows);
    if (b->given == NULL || b->rows == NULL) {
        return hn_out_of_memory(err);
    }
    for (size_t row = 0; row < rows && (int64_t)row < ask->number; row++) {
        hone_trial_state state = hn_history_state(history, (int64_t)row);
        if (state != HONE_WAITING && (running || state != HONE_RUNNING)) {
            b->rows[b->n++] = (int64_t)row;
        }
    }
    for (size_t i = 0; partial != NULL && i < ask->space->count; i++) {
        if (partial->active[i]) {
            size_t column = hn_history_find_column(history, ask->space->parameters[i].name);
            b->n = column == SIZE_MAX ? 0 : select_value(b, column, partial->values[i]);
            if (column != SIZE_MAX) {
                b->given[column] = true;
            }
        }
    }
    return HONE_OK;
}

/* The values whose branch is not done, into open[]; returns how many. */
static size_t open_values(branch *b, size_t column, const hn_distribution *distribution, double *open)
{
    size_t n = 0;
    if (column != SIZE_MAX) {
        b->given[column] = true;
    }
    size_t count = (size_t)hn_distribution_count(distribution);
    for (size_t i = 0; i < count; i++) {
        branch below = *b;
        double value = hn_distribution_nth(distribution, (double)i);
        below.n = column == SIZE_MAX ? 0 : select_value(b, column, value);
        if (!is_done(&below)) {
            open[n++] = value;
        }
    }
    return n;
}

static hone_status propose_one(void *state, const hn_ask *ask, size_t parameter, const hn_point *partial,
                               double *value, hone_error *err)
{
    (void)state;
    const hn_parameter *p = &ask->space->parameters[parameter];
    hone_status status = require_finite(p, err);
    if (status != HONE_OK) {
        return status;
    }
    if (hn_distribution_count(&p->distribution) > HN_LATTICE_MAX_SIZE) {
        return hn_fail(err, HONE_LIMIT, "sampler brute_force: parameter %s has more than %d values", p->name,
                       HN_LATTICE_MAX_SIZE);
    }
    double *open =
        hn_arena_scratch(ask->scratch, (size_t)hn_distribution_count(&p->distribution), sizeof *open);
    size_t n = 0, column = hn_history_find_column(ask->view.history, p->name);
    if (open == NULL) {
        return hn_out_of_memory(err);
    }
    /* Running trials are taken to end well; when that leaves nothing, they may still unfold more. */
    for (int running = 1; running >= 0 && n == 0; running--) {
        branch b;
        status = open_branch(ask, partial, running, &b, err);
        if (status != HONE_OK) {
            return status;
        }
        n = open_values(&b, column, &p->distribution, open);
    }
    hn_random random = hn_draw_stream(ask->seed, p->name, ask->number, HN_PURPOSE_PROPOSE);
    *value = n > 0 ? open[hn_random_below(&random, n)]
                   : hn_draw_value(p, ask->seed, ask->number, HN_PURPOSE_FALLBACK);
    return HONE_OK;
}

static hone_status exhausted(void *state, const hn_ask *ask, bool *answer, hone_error *err)
{
    (void)state;
    branch b;
    hone_status status = open_branch(ask, NULL, false, &b, err);
    if (status == HONE_OK) {
        *answer = b.n > 0 && is_done(&b);
    }
    return status;
}

const hn_sampler_type hn_sampler_brute_force = {
    .name = "brute_force",
    .help = "every point of a finite space once, in random order, then the study ends",
    .capabilities = HN_SAMPLER_WHOLE | HN_SAMPLER_SINGLE | HN_SAMPLER_CONDITIONAL |
                    HN_SAMPLER_MULTI_OBJECTIVE | HN_SAMPLER_EXHAUSTS | HN_SAMPLER_FINITE_ONLY,
    .state_size = sizeof(hn_grid_plan),
    .init = init,
    .release = release,
    .check = check,
    .propose = propose,
    .propose_one = propose_one,
    .exhausted = exhausted,
};
