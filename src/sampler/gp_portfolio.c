#include "sampler/gp_portfolio.h"

#include <math.h>

enum {
    DRAWN = 400, /* candidates of a draw from the posterior; a quarter more are neighbours of the best */
    MOST_DRAWN = 512,
    KINDS = 3,
};

/* What a choice is made among (Hoffman et al. 2011; Lyu et al. 2018). */
static const hn_acquisition_kind kinds[KINDS] = {HN_ACQUISITION_LOG_EI, HN_ACQUISITION_LOG_PI,
                                                 HN_ACQUISITION_LCB};

/* --- one criterion --- */

static size_t best_of(const hn_gp_places *places)
{
    size_t best = 0;
    for (size_t k = 1; k < places->m; k++)
        best = places->value[k] > places->value[best] ? k : best;
    return best;
}

static hone_status choose_by(hn_gp_search *search, hn_acquisition_kind kind, hn_point *point, hone_error *err)
{
    hn_gp_criterion criterion;
    hn_gp_places starts = {0};
    hone_status status = hn_gp_criterion_make(search->ask->scratch, search->study, kind, &criterion, err);
    if (!status)
        status = hn_gp_maximise(search, &criterion, &starts, err);
    if (!status)
        hn_gp_place_point(search, &starts, best_of(&starts), point);
    return status;
}

/* --- a draw from the posterior (Thompson 1933); of constraints, too (Eriksson & Poloczek 2021) --- */

static size_t least(const double *draw, const double *defect, double limit, size_t m)
{
    size_t best = 0;
    for (size_t i = 1; i < m; i++) {
        double excess = fmax(0, defect[i] - limit), best_excess = fmax(0, defect[best] - limit);
        if (excess < best_excess || (excess == best_excess && draw[i] < draw[best]))
            best = i;
    }
    return best;
}

static hone_status choose_by_draw(hn_gp_search *search, hn_point *point, hone_error *err)
{
    hn_gp_study *study = search->study;
    hn_arena *scratch = search->ask->scratch;
    hn_gp *gp = study->channels[HN_GP_OBJECTIVE];
    hn_gp_config few = *search->config;
    const hn_gp_config *config = search->config;
    hn_gp_places places = {0};
    bool listed = false;
    few.n_candidates = few.n_candidates < DRAWN ? few.n_candidates : DRAWN;
    search->config = &few;
    hone_status status = hn_gp_look_around(search, &places, &listed, err);
    search->config = config;
    if (status)
        return status;
    size_t m = places.m < MOST_DRAWN ? places.m : MOST_DRAWN, d = study->frame.d;
    size_t first = (size_t)hn_random_below(&search->random, places.m - m + 1); /* a part of a long list */
    const double *rows = places.rows + first * d;
    double *draw = HN_ARENA_NEW(scratch, double, m), *defect = HN_ARENA_NEW(scratch, double, m);
    size_t model = (size_t)hn_random_below(&search->random, hn_gp_models(gp));
    if (!draw || !defect)
        return hn_out_of_memory(err);
    status = hn_gp_draw(gp, model, scratch, rows, m, &search->random, draw, err);
    if (!status && study->channels[HN_GP_DEFECT])
        status = hn_gp_draw(study->channels[HN_GP_DEFECT], 0, scratch, rows, m, &search->random, defect, err);
    if (!status)
        hn_gp_place_point(search, &places, first + least(draw, defect, study->defect_limit, m), point);
    return status;
}

/* --- hedging: each criterion as often as its trials were good --- */

/* Which criterion trial `number` is attributed to, given what each has gained: drawn by exp(gain). The draw
 * depends on nothing but the trial, so that it can be repeated. */
static size_t arm_of(const hn_gp_search *search, int64_t number, const double *gains)
{
    hn_random random = hn_random_stream(search->ask->seed, (uint64_t)number, HN_PURPOSE_SHUFFLE);
    double largest = fmax(gains[0], fmax(gains[1], gains[2])), sum = 0, at = 0;
    for (size_t i = 0; i < KINDS; i++)
        sum += exp(gains[i] - largest);
    double wanted = hn_random_uniform(&random) * sum;
    for (size_t i = 0; i + 1 < KINDS; i++) {
        at += exp(gains[i] - largest);
        if (wanted < at)
            return i;
    }
    return KINDS - 1;
}

/* Trials gain the standardised goodness of their values for the criterion they are attributed to, in the
 * order in which they became known: a history alone tells who proposed what. */
static size_t hedge(const hn_gp_search *search)
{
    const hn_gp_study *study = search->study;
    const hn_gp_target *target = hn_gp_target_map(study->channels[HN_GP_OBJECTIVE]);
    double gains[KINDS] = {0};
    for (size_t r = (size_t)search->config->n_startup; r < study->n_rows; r++)
        if (!isnan(study->losses[r]))
            gains[arm_of(search, study->row_number[r], gains)] -= hn_gp_target_of(target, study->losses[r]);
    return arm_of(search, search->number, gains);
}

/* --- ensemble: one of the places that none of the criteria would give up for another --- */

/* values (KINDS, m): does place j beat place i in one criterion and lose in none? */
static bool dominates(const double *values, size_t m, size_t j, size_t i)
{
    bool better = false;
    for (size_t k = 0; k < KINDS; k++) {
        if (values[k * m + j] < values[k * m + i])
            return false;
        better = better || values[k * m + j] > values[k * m + i];
    }
    return better;
}

/* One of the places that no other dominates, each as likely. */
static size_t draw_from_front(hn_gp_search *search, const double *values, size_t m)
{
    size_t chosen = 0, n = 0;
    for (size_t i = 0; i < m; i++) {
        bool dominated = false;
        for (size_t j = 0; j < m && !dominated; j++)
            dominated = dominates(values, m, j, i);
        if (!dominated && hn_random_below(&search->random, ++n) == 0)
            chosen = i;
    }
    return chosen;
}

static hone_status choose_by_ensemble(hn_gp_search *search, hn_point *point, hone_error *err)
{
    hn_arena *scratch = search->ask->scratch;
    size_t d = search->study->frame.d, most = KINDS * (size_t)search->config->n_starts;
    hn_gp_criterion criteria[KINDS];
    hn_gp_places all = {0};
    double *values = HN_ARENA_NEW(scratch, double, KINDS *most);
    hone_status status = values ? hn_gp_places_make(scratch, most, d, &all, err) : hn_out_of_memory(err);
    for (size_t k = 0; k < KINDS && !status; k++) {
        hn_gp_places starts = {0};
        status = hn_gp_criterion_make(scratch, search->study, kinds[k], &criteria[k], err);
        if (!status)
            status = hn_gp_maximise(search, &criteria[k], &starts, err);
        for (size_t i = 0; i < starts.m && !status; i++)
            hn_gp_copy_place(&starts, i, &all, all.m++, d);
    }
    if (status)
        return status;
    for (size_t k = 0; k < KINDS; k++)
        hn_gp_criterion_at(&criteria[k], all.rows, all.m, values + k * all.m);
    hn_gp_place_point(search, &all, draw_from_front(search, values, all.m), point);
    return HONE_OK;
}

hone_status hn_gp_choose_point(hn_gp_search *search, hn_point *point, hone_error *err)
{
    switch ((hn_gp_acquisition)search->config->acquisition) {
    case HN_GP_EI: return choose_by(search, HN_ACQUISITION_EI, point, err);
    case HN_GP_PI: return choose_by(search, HN_ACQUISITION_LOG_PI, point, err);
    case HN_GP_LCB: return choose_by(search, HN_ACQUISITION_LCB, point, err);
    case HN_GP_THOMPSON: return choose_by_draw(search, point, err);
    case HN_GP_HEDGE: return choose_by(search, kinds[hedge(search)], point, err);
    case HN_GP_ENSEMBLE: return choose_by_ensemble(search, point, err);
    default: return choose_by(search, HN_ACQUISITION_LOG_EI, point, err);
    }
}
