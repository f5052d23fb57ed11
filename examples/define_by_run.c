/* A space that the objective itself spells out while it runs: how many layers there are decides which
 * parameters exist. The study is kept in a file: run it twice, and the second run continues the first.
 *
 *     cc define_by_run.c $(pkg-config --cflags --libs hone) -lm && ./a.out
 */
#include <hone/hone.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static hone_status build_and_train(hone_trial *trial, void *user)
{
    (void)user;
    static const char *const optimizers[] = {"adam", "sgd"};
    const char *optimizer = hone_trial_suggest_categorical(trial, "optimizer", optimizers, 2);
    double lr = hone_trial_suggest_float(trial, "lr", 1e-5, 1e-1, HONE_LOG);
    double momentum =
        !strcmp(optimizer, "sgd") ? hone_trial_suggest_float(trial, "momentum", 0, 0.99, HONE_LINEAR) : 0.9;
    int64_t layers = hone_trial_suggest_int(trial, "layers", 1, 4, 1), weights = 0;
    for (int64_t i = 0; i < layers; i++) {
        char name[32];
        snprintf(name, sizeof name, "units_%" PRId64, i);
        weights += hone_trial_suggest_int_log(trial, name, 16, 512);
    }
    /* Stands for training: best with lr 3e-3, momentum 0.9 and about 300 units in all. */
    double loss = pow(log10(lr) + 2.5, 2) + pow(momentum - 0.9, 2) + pow(log((double)weights / 300), 2);
    return hone_trial_set_value(trial, loss);
}

static bool show(hone_study *study, const hone_trial *trial, hone_trial_state state, void *user)
{
    (void)study;
    (void)user;
    hone_named_value param;
    printf("%3" PRId64 " %s:", hone_trial_number(trial), hone_trial_state_name(state));
    for (size_t i = 0; hone_trial_param(trial, i, &param); i++) {
        printf(" %s", param.name);
    }
    putchar('\n');
    return true;
}

int main(void)
{
    hone_error error;
    hone_study *study = NULL;
    hone_study_config config = HONE_STUDY_CONFIG_INIT; /* no space: define-by-run */
    config.goal = "minimize loss";
    hone_budget budget = {.more_trials = 20, .callback = show};
    hone_status status = hone_study_open("sqlite:///define_by_run.db", "layers", &config, &study, &error);
    if (!status) {
        status = hone_study_optimize(study, build_and_train, NULL, &budget, NULL, &error);
    }
    if (!status) {
        printf("%" PRId64 " trials in define_by_run.db; `hone best define_by_run.db` shows the best\n",
               hone_study_trial_count(study));
    } else {
        fprintf(stderr, "%s\n", error.message);
    }
    hone_study_destroy(study);
    return status ? 1 : 0;
}
