/* The trainer: stopping, restoring, continuing, refusing. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "network/train.h"
#include "support.h"

enum { ROWS = 50, COLUMNS = 3, EPOCHS = 6 };

/* As an ill case of everything a state must hold: draws, statistics of batches, averages of gradients. */
static const char noisy[] = "[{dense: {units: 8, activation: relu}}, batch_norm, {dropout: 0.3}, {dense: 1}]";

typedef struct bench {
    hn_arena arena;
    hn_network *network;
    hn_trainer *trainer;
    hn_samples train, watched;
    float x[ROWS * COLUMNS], y[ROWS], against[ROWS];
} bench;

static hone_error err;

static void gather(void *user, const size_t *rows, size_t count, uint64_t draw, float *out)
{
    const bench *b = user;
    (void)draw;
    for (size_t i = 0; i < count; i++)
        memcpy(out + i * COLUMNS, b->x + rows[i] * COLUMNS, COLUMNS * sizeof *out);
}

static hn_train_options options_of(uint64_t seed)
{
    return (hn_train_options){.epochs = EPOCHS,
                              .batch = 16,
                              .learning_rate = 0.01,
                              .optimizer = {HN_ADAM, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8},
                              .schedule = {HN_CONSTANT, .every = 1},
                              .loss = HN_LOSS_MSE,
                              .seed = seed};
}

/* y is a sum of x; the watched samples have the opposite of it, so that what is learned makes them worse. */
static hone_status begin(bench *b, const char *layers, const hn_train_options *options)
{
    hn_random random = hn_random_stream(1, 0, HN_PURPOSE_TEST);
    hn_node *node;
    memset(b, 0, sizeof *b);
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t j = 0; j < COLUMNS; j++)
            b->x[i * COLUMNS + j] = (float)hn_random_normal(&random);
        b->y[i] = b->x[i * COLUMNS] + 2 * b->x[i * COLUMNS + 1];
        b->against[i] = -3 * b->y[i];
    }
    b->train = (hn_samples){.n = ROWS, .y = b->y, .gather = gather, .user = b};
    b->watched = (hn_samples){.n = ROWS, .y = b->against, .gather = gather, .user = b};
    hone_status status = hn_yaml_parse(&b->arena, "layers", layers, strlen(layers), &node, &err);
    if (!status)
        status = hn_network_create(node, &(hn_shape){1, {COLUMNS}}, &b->network, &err);
    if (!status)
        status = hn_network_init(b->network, options->seed, &err);
    if (!status)
        status = hn_trainer_create(b->network, options, &b->trainer, &err);
    return status;
}

static void end(bench *b)
{
    hn_trainer_destroy(b->trainer);
    hn_network_destroy(b->network);
    hn_arena_release(&b->arena);
}

static hn_epoch run(bench *b, const hn_samples *watched)
{
    hn_epoch epoch = {0};
    ck_assert_msg(!hn_trainer_epoch(b->trainer, &b->train, watched, NULL, &epoch, &err), "%s", err.message);
    return epoch;
}

static void same_values(const bench *a, const bench *b, bool same)
{
    size_t bytes = hn_network_size(a->network) * sizeof(float);
    ck_assert_int_eq(!memcmp(hn_network_values(a->network), hn_network_values(b->network), bytes), same);
}

/* --- stopping --- */

START_TEST(stops_when_patience_is_used_up_and_restores_the_best)
{
    bench a, b;
    hn_train_options options = options_of(1);
    hn_epoch epoch = {0};
    options.epochs = 50;
    options.patience = 3;
    options.restore_best = true;
    ck_assert(!begin(&a, "[{dense: 1}]", &options) && !begin(&b, "[{dense: 1}]", &options));
    for (int64_t e = 1; !epoch.over; e++) {
        epoch = run(&a, &a.watched);
        ck_assert_int_eq(epoch.number, e);
        ck_assert_int_eq(epoch.better, e == 1);
    }
    ck_assert_int_eq(epoch.number, 4);
    run(&b, &b.watched);
    same_values(&a, &b, false);
    hn_trainer_finish(a.trainer);
    same_values(&a, &b, true);
    ck_assert_int_eq(hn_trainer_state_of(a.trainer)->best_epoch, 1);
    end(&a);
    end(&b);
}
END_TEST

START_TEST(an_improvement_below_min_delta_is_none)
{
    bench a;
    hn_train_options options = options_of(1);
    options.epochs = 50;
    options.patience = 2;
    options.min_delta = 1e6;
    ck_assert(!begin(&a, "[{dense: 1}]", &options));
    double first = run(&a, NULL).loss;
    ck_assert(!run(&a, NULL).over);
    hn_epoch third = run(&a, NULL);
    ck_assert(third.over && !third.better && third.loss < first);
    ck_assert_int_eq(hn_trainer_state_of(a.trainer)->best_epoch, 1);
    end(&a);
}
END_TEST

START_TEST(a_plateau_lowers_the_rate)
{
    bench a;
    hn_train_options options = options_of(1);
    options.epochs = 9;
    options.schedule = (hn_schedule){HN_PLATEAU, .factor = 0.5, .floor = 0.2, .patience = 2, .every = 1};
    ck_assert(!begin(&a, "[{dense: 1}]", &options));
    static const double rates[] = {1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.2, 0.2}; /* the first epoch is the best */
    for (int e = 0; e < 9; e++)
        hn_assert_relative(run(&a, &a.watched).rate, 0.01 * rates[e], 1e-12);
    end(&a);
}
END_TEST

static hone_status read_schedule(hn_arena *arena, const char *text, hn_schedule *schedule)
{
    return hn_schedule_read(arena, hn_node_string(arena, text), schedule, &err);
}

START_TEST(a_formula_is_the_rate)
{
    bench a;
    hn_arena arena = HN_ARENA_INIT;
    hn_train_options options = options_of(1);
    ck_assert_msg(
        !read_schedule(&arena, "0.1 * 0.5 ** floor((1 + epoch) / 2) + learning_rate", &options.schedule),
        "%s", err.message);
    ck_assert(!begin(&a, "[{dense: 1}]", &options));
    for (int e = 0; e < EPOCHS; e++)
        hn_assert_relative(run(&a, NULL).rate, 0.1 * pow(0.5, floor((1 + e) / 2.0)) + 0.01, 1e-12);
    end(&a);
    hn_schedule s;
    ck_assert(!read_schedule(
        &arena, "min(step, 5) / max(steps, epochs) - -sqrt(cos(0)) * exp(log(2)) ** 2 ** -1", &s));
    hn_assert_relative(hn_schedule_rate(&s, 1, 7, 20, 2, 0), 5.0 / 20 + sqrt(2), 1e-12);
    ck_assert(!read_schedule(&arena, "-2 ** 2 + ceil(0.5)", &s));
    hn_assert_relative(hn_schedule_rate(&s, 1, 0, 20, 2, 0), -3, 1e-12);
    hn_arena_release(&arena);
}
END_TEST

START_TEST(formulas_that_say_no_rate_are_refused)
{
    static const char *const wrong[][2] = {
        {"cosin", "there is no schedule 'cosin' (did you mean 'cosine'?); there are constant, step"},
        {"0.1 * epoc", "'epoc' is no parameter and no number (did you mean 'epoch'?)"},
        {"sin(epoch)", "there is no function 'sin': there are ceil, cos"},
        {"floor(epoch, 2)", "floor takes one number"},
        {"min(epoch)", "min takes two numbers"},
        {"0.1 * (epoch > 3)", "a comparison stands where a value is needed"},
        {"0.1 * ", "it ends where a value is needed"},
        {"2 ** ** 3", "a value is needed, found '**'"},
        {"floor(1", "',' or ')'"},
        {"0.1 0.2", "an operator or the end"},
    };
    hn_arena arena = HN_ARENA_INIT;
    hn_schedule s;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ck_assert_msg(read_schedule(&arena, wrong[i][0], &s), "%s", wrong[i][0]);
        hn_assert_contains(err.message, wrong[i][1]);
    }
    char deep[1000] = "";
    for (int i = 0; i < 90; i++)
        strcat(deep, "2**");
    ck_assert_int_eq(read_schedule(&arena, strcat(deep, "2"), &s), HONE_LIMIT);

    bench a;
    hn_epoch epoch;
    hn_train_options options = options_of(1);
    ck_assert(!read_schedule(&arena, "0.01 / (1 - epoch)", &options.schedule));
    ck_assert(!begin(&a, "[{dense: 1}]", &options));
    run(&a, NULL);
    ck_assert_int_eq(hn_trainer_epoch(a.trainer, &a.train, NULL, NULL, &epoch, &err), HONE_OBJECTIVE);
    hn_assert_contains(err.message, "the schedule gives no learning rate from 0 up at step 5 of epoch 2");
    end(&a);
    hn_arena_release(&arena);
}
END_TEST

/* --- the same again --- */

START_TEST(the_seed_decides)
{
    bench a, b, c;
    hn_train_options options = options_of(4), other = options_of(5);
    ck_assert(!begin(&a, noisy, &options) && !begin(&b, noisy, &options) && !begin(&c, noisy, &other));
    for (int e = 0; e < 3; e++) {
        run(&a, NULL);
        run(&b, NULL);
        run(&c, NULL);
    }
    same_values(&a, &b, true);
    same_values(&a, &c, false);
    end(&a);
    end(&b);
    end(&c);
}
END_TEST

static void carry_over(const bench *from, bench *to)
{
    const hn_trainer_state *kept = hn_trainer_state_of(from->trainer);
    hn_trainer_state *state = hn_trainer_state_of(to->trainer);
    size_t bytes = hn_network_size(from->network) * sizeof(float);
    hn_trainer_state arrays = *state;
    *state = *kept;
    state->values = arrays.values;
    state->memory = arrays.memory;
    state->best_values = arrays.best_values;
    memcpy(state->values, kept->values, bytes);
    memcpy(state->memory, kept->memory, kept->n_memory * sizeof(float));
    memcpy(state->best_values, kept->best_values, bytes);
}

START_TEST(a_run_continued_from_its_state_is_one_that_was_not_interrupted)
{
    static const hn_optimizer_options kinds[] = {
        {HN_SGD, .momentum = 0.9, .nesterov = true},
        {HN_ADAM, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8},
        {HN_ADAMW, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .weight_decay = 0.1},
        {HN_RMSPROP, .momentum = 0.5, .rho = 0.9, .epsilon = 1e-8},
        {HN_ADAGRAD, .epsilon = 1e-8}};
    bench whole, half, rest;
    hn_train_options options = options_of(4);
    options.optimizer = kinds[_i];
    options.restore_best = true;
    options.schedule =
        (hn_schedule){_i % 2 ? HN_PLATEAU : HN_COSINE, .factor = 0.5, .patience = 1, .every = 1};
    ck_assert(!begin(&whole, noisy, &options) && !begin(&half, noisy, &options) &&
              !begin(&rest, noisy, &options));
    for (int e = 0; e < EPOCHS; e++) {
        hn_epoch a = run(&whole, &whole.watched);
        if (e == EPOCHS / 2)
            carry_over(&half, &rest);
        hn_epoch b = run(e < EPOCHS / 2 ? &half : &rest, &half.watched);
        ck_assert(a.loss == b.loss && a.watched == b.watched && a.rate == b.rate && a.better == b.better);
    }
    same_values(&whole, &rest, true);
    hn_trainer_finish(whole.trainer);
    hn_trainer_finish(rest.trainer);
    same_values(&whole, &rest, true);
    end(&whole);
    end(&half);
    end(&rest);
}
END_TEST

/* A sample that weighs 2 is one that is there twice; one that weighs 0 is not there. */
START_TEST(weights_count_samples)
{
    bench a, b;
    hn_train_options options = options_of(1);
    float weight[ROWS];
    options.batch = ROWS;
    ck_assert(!begin(&a, "[{dense: 1}]", &options) && !begin(&b, "[{dense: 1}]", &options));
    for (size_t i = 0; i < ROWS; i++)
        weight[i] = i < 10 ? 2 : i < 40 ? 1 : 0;
    a.train.weight = weight;
    memcpy(b.x + 40 * COLUMNS, b.x, 10 * COLUMNS * sizeof *b.x);
    memcpy(b.y + 40, b.y, 10 * sizeof *b.y);
    for (int e = 0; e < 3; e++)
        hn_assert_relative(run(&a, NULL).loss, run(&b, NULL).loss, 1e-5);
    end(&a);
    end(&b);
}
END_TEST

/* --- refusing --- */

START_TEST(a_loss_that_explodes_is_an_error)
{
    bench a;
    hn_epoch epoch = {0};
    hn_train_options options = options_of(1);
    options.optimizer = (hn_optimizer_options){.kind = HN_SGD};
    options.learning_rate = 1e6;
    ck_assert(!begin(&a, "[{dense: 4}, {dense: 1}]", &options));
    hone_status status = HONE_OK;
    for (int e = 0; !status && e < EPOCHS; e++)
        status = hn_trainer_epoch(a.trainer, &a.train, NULL, NULL, &epoch, &err);
    ck_assert_int_eq(status, HONE_OBJECTIVE);
    hn_assert_contains(err.message, "the loss is not finite at step ");
    hn_assert_contains(err.message, "a lower learning rate or clip_norm may help");
    end(&a);
}
END_TEST

START_TEST(refuses_and_cancels)
{
    bench a;
    hn_epoch epoch = {.number = 77};
    hn_train_options options = options_of(1);
    volatile int cancel = 1;
    hn_samples none = {0};
    ck_assert(!begin(&a, "[{dense: 1}]", &options));
    ck_assert_int_eq(hn_trainer_epoch(a.trainer, &a.train, NULL, &cancel, &epoch, &err), HONE_CANCELLED);
    ck_assert_int_eq(hn_trainer_epoch(a.trainer, &none, NULL, NULL, &epoch, &err), HONE_INVALID);
    hn_assert_contains(err.message, "there are no samples to learn from");
    ck_assert_int_eq(hn_trainer_epoch(a.trainer, &a.train, &none, NULL, &epoch, &err), HONE_INVALID);
    ck_assert_int_eq(epoch.number, 77);
    end(&a);
}
END_TEST

START_TEST(memory_may_run_out_anywhere)
{
    bench b;
    hn_epoch epoch;
    hn_train_options options = options_of(1);
    options.restore_best = true;
    ck_assert(!begin(&b, noisy, &options)); /* BLAS is loaded once */
    end(&b);
    long allocations;
    for (long k = 0;; k++) {
        hn_memory_fail_at(k, k % 2);
        hone_status status = begin(&b, noisy, &options);
        if (!status)
            status = hn_trainer_epoch(b.trainer, &b.train, &b.watched, NULL, &epoch, &err);
        allocations = hn_memory_fail_at(-1, 0);
        end(&b);
        ck_assert_int_eq(status, allocations > k ? HONE_OUT_OF_MEMORY : HONE_OK);
        if (allocations <= k)
            break;
    }
    ck_assert_int_gt(allocations, 10);
}
END_TEST

Suite *suite_train(void)
{
    Suite *suite = suite_create("train");
    TCase *going = tcase_create("going"), *refusing = tcase_create("refusing");
    tcase_add_test(going, stops_when_patience_is_used_up_and_restores_the_best);
    tcase_add_test(going, an_improvement_below_min_delta_is_none);
    tcase_add_test(going, a_plateau_lowers_the_rate);
    tcase_add_test(going, a_formula_is_the_rate);
    tcase_add_test(refusing, formulas_that_say_no_rate_are_refused);
    tcase_add_test(going, the_seed_decides);
    tcase_add_loop_test(going, a_run_continued_from_its_state_is_one_that_was_not_interrupted, 0, 5);
    tcase_add_test(going, weights_count_samples);
    tcase_add_test(refusing, a_loss_that_explodes_is_an_error);
    tcase_add_test(refusing, refuses_and_cancels);
    tcase_add_test(refusing, memory_may_run_out_anywhere);
    suite_add_tcase(suite, going);
    suite_add_tcase(suite, refusing);
    return suite;
}
