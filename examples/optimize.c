/* Tuning a C function with a declared space, in four threads, in memory.
 *
 *     cc optimize.c $(pkg-config --cflags --libs hone) -lm && ./a.out
 */
#include <hone/hone.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* Stands for training: the loss falls epoch by epoch towards what the parameters allow. */
static double loss_after(int epoch, double lr, int64_t layers)
{
    return pow(log10(lr) + 2.5, 2) + pow((double)layers - 3, 2) / 10 + 1.0 / epoch;
}

static hone_status train(hone_trial *trial, void *user)
{
    (void)user;
    hone_value lr, layers;
    double loss = 0;
    if (hone_trial_get(trial, "lr", &lr, NULL) || hone_trial_get(trial, "layers", &layers, NULL)) {
        return hone_trial_fail(trial, "a parameter is missing");
    }
    for (int epoch = 1; epoch <= 8; epoch++) {
        loss = loss_after(epoch, lr.as.real, layers.as.integer);
        if (hone_trial_report(trial, epoch, loss)) {
            return hone_trial_prune(trial);
        }
    }
    return hone_trial_set_value(trial, loss);
}

static hone_status print_best(hone_study *study, hone_error *error)
{
    int64_t *best = NULL;
    size_t count = 0;
    hone_trial_info *info = NULL;
    hone_status status = hone_study_best(study, 1, &best, &count, error);
    if (!status && count) {
        status = hone_study_trial(study, best[0], &info, error);
    }
    if (!status && info) {
        printf("trial %" PRId64 " of %" PRId64 " (%" PRId64 " pruned): loss %.4f\n", info->number,
               hone_study_trial_count(study), hone_study_state_count(study, HONE_PRUNED), info->values[0]);
    }
    hone_trial_info_free(info);
    hone_free(best);
    return status;
}

int main(void)
{
    hone_error error;
    hone_study *study = NULL;
    hone_study_config config = HONE_STUDY_CONFIG_INIT;
    config.goal = "minimize loss";
    config.space = "lr: {float: [1e-5, 1e-1], log: true}\n"
                   "layers: {int: [1, 5]}";
    config.sampler = "tpe";
    config.pruner = "median";
    config.seed = 7;
    config.has_seed = true;
    hone_budget budget = {.trials = 60, .workers = 4};
    hone_status status = hone_study_open("memory:", "network", &config, &study, &error);
    if (!status) {
        status = hone_study_optimize(study, train, NULL, &budget, NULL, &error);
    }
    if (!status) {
        status = print_best(study, &error);
    }
    if (status) {
        fprintf(stderr, "%s\n", error.message);
    }
    hone_study_destroy(study);
    return status ? 1 : 0;
}
