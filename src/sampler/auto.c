/* sampler/auto.c: the default. Which sampler proposes the next trial follows from the space, the goals and
 * how much is known; what it rests on is in docs/benchmarks.md:
 *
 *   several goals                        tpe   the others know one
 *   one goal, up to `gp_trials` trials   gp    the best after 25, 50 and 100 trials in every family of
 * problems one goal, more trials                tpe   an ask that stays below a millisecond at any number of
 * trials
 */
#include "base/log.h"
#include "sampler/sampler.h"

typedef struct auto_config {
    int64_t gp_trials;
} auto_config;

typedef struct auto_state {
    const auto_config *config;
    hn_sampler *gp, *tpe;
    const hn_sampler *chosen; /* the one named in the log last */
} auto_state;

static void release(void *state)
{
    auto_state *s = state;
    hn_sampler_destroy(s->gp);
    hn_sampler_destroy(s->tpe);
}

static hone_status init(void *state, const void *config, hone_error *err)
{
    auto_state *s = state;
    s->config = config;
    hone_status status = hn_sampler_create_from(hn_sampler_find("gp"), NULL, &s->gp, err);
    if (status == HONE_OK) {
        status = hn_sampler_create_from(hn_sampler_find("tpe"), NULL, &s->tpe, err);
    }
    if (status != HONE_OK) {
        release(s); /* which nobody calls after a failed init */
    }
    return status;
}

static hone_status check(void *state, const hn_space *space, hone_error *err)
{
    const auto_state *s = state;
    hone_status status = hn_sampler_check(s->gp, space, err);
    return status != HONE_OK ? status : hn_sampler_check(s->tpe, space, err);
}

static hn_sampler *choose(auto_state *s, const hn_ask *ask)
{
    size_t goals = hn_history_objective_count(ask->view.history), told = hn_ask_known_count(ask);
    bool several = goals > 1, many = told > (size_t)s->config->gp_trials;
    hn_sampler *chosen = several || many ? s->tpe : s->gp;
    if (chosen != s->chosen) {
        s->chosen = chosen;
        hn_log(HN_LOG_INFO, "sampler auto: %s from trial %lld on, because there %s",
               hn_sampler_type_of(chosen)->name, (long long)ask->number,
               several ? "are several goals"
               : many  ? "are many trials, of which it learns quickly"
                       : "is one goal and each trial counts");
    }
    return chosen;
}

static hone_status propose(void *state, const hn_ask *ask, size_t n, hn_point *points, size_t *count,
                           hone_error *err)
{
    return hn_sampler_propose(choose(state, ask), ask, NULL, n, points, count, err);
}

static hone_status propose_one(void *state, const hn_ask *ask, size_t parameter, const hn_point *partial,
                               double *value, hone_error *err)
{
    return hn_sampler_propose_one(choose(state, ask), ask, parameter, partial, value, err);
}

static const hn_option options[] = {
    {.name = "gp_trials",
     .type = HN_OPTION_INT,
     .default_text = "1000",
     .low = 0,
     .high = 1e9,
     .offset = offsetof(auto_config, gp_trials),
     .help = "with one goal: trials told up to which gp proposes, tpe after that"},
};

const hn_sampler_type hn_sampler_auto = {
    .name = "auto",
    .help = "the default: gp with one goal while there are few trials, else tpe",
    .capabilities = HN_SAMPLER_WHOLE | HN_SAMPLER_SINGLE | HN_SAMPLER_CONDITIONAL |
                    HN_SAMPLER_MULTI_OBJECTIVE | HN_SAMPLER_EARLIER,
    .options = {options, sizeof options / sizeof *options, sizeof(auto_config)},
    .state_size = sizeof(auto_state),
    .init = init,
    .release = release,
    .check = check,
    .propose = propose,
    .propose_one = propose_one,
};
