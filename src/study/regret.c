/* The bound of Makarova et al. 2022: of the best half of the trials a Gaussian process is made; with
 * beta = 2/5 log(d n^2 pi^2 / (6 delta)), delta = 0.1 (Srinivas et al. 2010, scaled as there and in Optuna
 * 5), it is the least mean + sqrt(beta) sd at a trial less the least mean - sqrt(beta) sd anywhere.
 *
 * The noise of a value that is a mean over k folds is sqrt((1/k + 1/(k-1)) s^2), s^2 their variance (Nadeau &
 * Bengio 2003, with test rows by training rows as k folds have them); else what was told with it; else what
 * the process learned. */
#include "study/regret.h"

#include <math.h>
#include <string.h>

#include "sampler/draw.h"
#include "sampler/gp_data.h"
#include "storage/storage.h"

enum {
    LEAST_TRIALS = 20,
    MOST_ROWS = 128,
    DRAWS = 1024,
    STARTS = 8,
    NEIGHBOURS = 32,
    ROUNDS = 4,
    BATCH = 64
};

static const double beta_scale = 0.2, delta = 0.1;

/* What one look has at hand. */
typedef struct look {
    const hone_study *study;
    hn_arena *arena;
    hn_gp_frame frame;
    hn_gp *gp;
    double root_beta;
    double *mean, *variance; /* (BATCH,) */
    hn_point point;
    hn_random random;
    double *coordinates, *rows; /* (BATCH, d) places without NaN, and with it where a parameter is inactive */
    size_t waiting;             /* places in the batch */
    double *best;               /* (STARTS,) ascending lower bounds */
    double *places;             /* (STARTS, d) theirs */
    size_t n_best;
} look;

/* --- the noise --- */

typedef struct folds {
    const char *key;
    double noise; /* NaN: not known */
} folds;

/* Standard deviation of the mean of these scores. */
static double noise_of_mean(const hn_node *list)
{
    double n = (double)list->count, sum = 0, squares = 0, value = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (!hn_node_double(list->as.items[i], &value)) {
            return NAN;
        }
        sum += value;
    }
    for (size_t i = 0; i < list->count; i++) {
        hn_node_double(list->as.items[i], &value);
        squares += (value - sum / n) * (value - sum / n);
    }
    return n < 2 ? NAN : sqrt((1 / n + 1 / (n - 1)) * squares / (n - 1));
}

static hone_status read_folds(void *user, const hn_trial_record *record, hone_error *err)
{
    (void)err;
    folds *f = user;
    hn_arena arena = HN_ARENA_INIT;
    for (size_t i = 0; i < record->n_attributes; i++) {
        const hn_attribute *attribute = &record->attributes[i];
        hn_node *list = NULL;
        if (!attribute->system && !strcmp(attribute->key, f->key) &&
            !hn_json_parse(&arena, f->key, attribute->json, strlen(attribute->json), &list, NULL) &&
            list->kind == HN_LIST) {
            f->noise = noise_of_mean(list);
        }
    }
    hn_arena_release(&arena);
    return HONE_OK;
}

static hone_status find_noise(const look *l, double learned, double *noise, hone_error *err)
{
    const hone_study *study = l->study;
    int64_t best = hn_history_ranked(study->history, 0);
    folds f = {hn_arena_printf(l->arena, "%s_folds", study->definition->metrics[0]), NAN};
    if (!f.key) {
        return hn_out_of_memory(err);
    }
    hone_status status =
        study->ops->trial_read(study->storage, hn_history_id(study->history, best), read_folds, &f, err);
    double told = hn_history_noise(study->history, best);
    *noise = !isnan(f.noise) ? f.noise : !isnan(told) ? sqrt(told) : learned;
    return status;
}

/* --- the least lower bound --- */

/* Keeps the place among the best ones. */
static void keep(look *l, const double *coordinates, double bound)
{
    size_t d = l->frame.d, at = l->n_best < STARTS ? l->n_best++ : STARTS;
    if (at == STARTS) {
        if (bound >= l->best[STARTS - 1]) {
            return;
        }
        at--;
    }
    for (; at > 0 && l->best[at - 1] > bound; at--) {
        l->best[at] = l->best[at - 1];
        memcpy(l->places + at * d, l->places + (at - 1) * d, d * sizeof *l->places);
    }
    l->best[at] = bound;
    memcpy(l->places + at * d, coordinates, d * sizeof *l->places);
}

static void evaluate(look *l)
{
    size_t d = l->frame.d;
    hn_gp_predict(l->gp, 0, l->rows, l->waiting, l->mean, l->variance);
    for (size_t i = 0; i < l->waiting; i++) {
        keep(l, l->coordinates + i * d, l->mean[i] - l->root_beta * sqrt(l->variance[i]));
    }
    l->waiting = 0;
}

/* The place of coordinates (d,), none of them NaN. */
static void add_place(look *l, const double *coordinates)
{
    size_t d = l->frame.d;
    memcpy(l->coordinates + l->waiting * d, coordinates, d * sizeof *coordinates);
    hn_gp_decode_point(&l->frame, coordinates, &l->point);
    hn_gp_encode_point(&l->frame, &l->point, l->rows + l->waiting * d);
    if (++l->waiting == BATCH) {
        evaluate(l);
    }
}

static double draw_coordinate(look *l, size_t axis)
{
    double uniform = hn_random_uniform(&l->random);
    const hn_gp_axis *a = &l->frame.axes[axis];
    return a->kind == HN_GP_CATEGORICAL ? floor(uniform * (double)a->distribution->n_choices) : uniform;
}

/* Near a place: numbers within some `width`, now and then another choice. */
static void add_neighbour(look *l, const double *place, double width, double *scratch)
{
    for (size_t a = 0; a < l->frame.d; a++) {
        bool choice = l->frame.axes[a].kind == HN_GP_CATEGORICAL;
        double moved = place[a] + width * hn_random_normal(&l->random);
        scratch[a] = !choice                                 ? fmin(fmax(moved, 0), 1)
                     : hn_random_uniform(&l->random) < width ? draw_coordinate(l, a)
                                                             : place[a];
    }
    add_place(l, scratch);
}

/* Draws over the whole space, then around the best of them, nearer and nearer. */
static hone_status least_bound(look *l, double *least, hone_error *err)
{
    size_t d = l->frame.d;
    double *scratch = HN_ARENA_NEW(l->arena, double, d), *from = HN_ARENA_NEW(l->arena, double, STARTS *d);
    if (!scratch || !from) {
        return hn_out_of_memory(err);
    }
    for (int k = 0; k < DRAWS; k++) {
        for (size_t a = 0; a < d; a++) {
            scratch[a] = draw_coordinate(l, a);
        }
        add_place(l, scratch);
    }
    evaluate(l);
    double width = 0.2;
    for (int round = 0; round < ROUNDS; round++, width *= 0.3) {
        memcpy(from, l->places, STARTS * d * sizeof *from);
        for (int k = 0; k < STARTS * NEIGHBOURS; k++) {
            add_neighbour(l, from + (size_t)(k % STARTS) * d, width, scratch);
        }
        evaluate(l);
    }
    *least = l->best[0];
    return HONE_OK;
}

/* --- the bound --- */

/* The best half of the complete trials, those as good as the worst of them too, as rows and losses. */
static hone_status take_rows(look *l, size_t complete, hn_gp_data *data, hone_error *err)
{
    const hn_history *history = l->study->history;
    size_t d = l->frame.d, most = complete / 2 < MOST_ROWS ? complete / 2 : MOST_ROWS;
    int64_t *numbers = HN_ARENA_NEW(l->arena, int64_t, most);
    double *x = HN_ARENA_NEW(l->arena, double, most *d), *y = HN_ARENA_NEW(l->arena, double, most);
    if (!numbers || !x || !y) {
        return hn_out_of_memory(err);
    }
    size_t n = hn_history_best(history, most, numbers);
    data->n = 0;
    for (size_t i = 0; i < n; i++) {
        double loss = hn_gp_trial_loss(history, numbers[i]);
        if (hn_history_state(history, numbers[i]) == HONE_COMPLETE && !isnan(loss) &&
            hn_history_violation(history, numbers[i]) <= 0 &&
            hn_gp_trial_row(&l->frame, history, numbers[i], x + data->n * d)) {
            y[data->n++] = loss;
        }
    }
    data->x = x;
    data->y = y;
    return HONE_OK;
}

static hone_status fit(look *l, const hn_gp_data *data, hone_error *err)
{
    hn_gp_options options = HN_GP_OPTIONS_INIT;
    options.transform = HN_GP_TRANSFORM_NONE;
    size_t d = l->frame.d;
    hone_status status = hn_gp_fit(l->arena, l->frame.axes, d, &options, data, NULL, &l->gp, err);
    l->mean = HN_ARENA_NEW(l->arena, double, MOST_ROWS);
    l->variance = HN_ARENA_NEW(l->arena, double, MOST_ROWS);
    l->coordinates = HN_ARENA_NEW(l->arena, double, BATCH *d);
    l->rows = HN_ARENA_NEW(l->arena, double, BATCH *d);
    l->best = HN_ARENA_NEW(l->arena, double, STARTS);
    l->places = HN_ARENA_NEW(l->arena, double, STARTS *d);
    l->point = hn_point_new(l->arena, l->frame.space->count);
    bool made =
        l->mean && l->variance && l->coordinates && l->rows && l->best && l->places && l->point.values;
    return status ? status : made ? HONE_OK : hn_out_of_memory(err);
}

static hone_status measure(look *l, size_t complete, hn_regret *regret, hone_error *err)
{
    hn_gp_data data = {0};
    hone_status status = take_rows(l, complete, &data, err);
    if (status || data.n < LEAST_TRIALS / 2) {
        return status;
    }
    status = fit(l, &data, err);
    if (status) {
        return status;
    }
    double n = (double)data.n, upper = INFINITY, lower = 0;
    l->root_beta = sqrt(beta_scale * 2 * log((double)l->frame.d * n * n * M_PI * M_PI / (6 * delta)));
    hn_gp_predict(l->gp, 0, data.x, data.n, l->mean, l->variance);
    for (size_t i = 0; i < data.n; i++) {
        upper = fmin(upper, l->mean[i] + l->root_beta * sqrt(l->variance[i]));
    }
    status = least_bound(l, &lower, err);
    double unit = 1 / hn_gp_target_slope(hn_gp_target_map(l->gp), data.y[0]);
    if (!status) {
        status = find_noise(l, unit * sqrt(hn_gp_noise(l->gp, 0)), &regret->noise, err);
    }
    if (!status) {
        regret->bound = fmax(unit * (upper - lower), 0);
    }
    return status;
}

hone_status hn_study_regret(hone_study *study, hn_regret *regret, hone_error *err)
{
    size_t complete = hn_history_state_count(study->history, HONE_COMPLETE);
    hn_regret found = {NAN, NAN};
    if (complete < LEAST_TRIALS) {
        *regret = found;
        return HONE_OK;
    }
    if (complete == study->regret_at) {
        *regret = (hn_regret){study->regret_bound, study->regret_noise};
        return HONE_OK;
    }
    hn_arena arena = HN_ARENA_INIT;
    look l = {.study = study, .arena = &arena};
    l.random = hn_random_stream(study->definition->seed, complete, HN_PURPOSE_STOPPING);
    hone_status status = hn_gp_frame_make(&arena, study->definition->space, &l.frame, err);
    if (!status && l.frame.d) {
        status = measure(&l, complete, &found, err);
    }
    hn_arena_release(&arena);
    if (!status) {
        study->regret_at = complete;
        study->regret_bound = found.bound;
        study->regret_noise = found.noise;
        *regret = found;
    }
    return status;
}
