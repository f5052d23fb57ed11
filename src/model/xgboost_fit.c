/* xgboost_fit.c: a fit by the library: two matrices of floats, rounds with a look at `cancel` between them,
 * the trees read back.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cancel.h"
#include "base/memory.h"
#include "base/number.h"
#include "math/random.h"
#include "model/design.h"
#include "model/gradient_loss.h"
#include "model/xgboost.h"
#include "model/xgboost_matrix.h"

/* Up to so many rows `auto` is exact, which cuts halfway between values: a little better where they are few,
 * and smaller than the library's sketch of quantiles, whose size does not depend on them. */
enum { EXACT_ROWS = 80000 };

typedef struct fitting {
    const hn_xgboost *library;
    const hn_xgboost_config *config;
    const hn_design *train;
    const hn_fit_context *context;
    hone_error *err;
    unsigned char *aside;    /* (n,): rows watched for stopping early */
    void *learned, *watched; /* matrices; watched NULL: none */
    void *booster;
    size_t before; /* rounds whose trees the model had */
    size_t rounds; /* to be kept */
    hn_boosting *model;
} fitting;

static hone_status check_call(const fitting *f, int result)
{
    return result ? hn_xgboost_fail(f->library, f->err) : HONE_OK;
}

/* --- data --- */

static const char *method_of(const fitting *f)
{
    const char *usual = f->train->n <= EXACT_ROWS ? "exact" : "hist";
    return f->config->tree_method ? hn_xgboost_methods[f->config->tree_method] : usual;
}

/* A matrix of the rows set aside or of the others. */
static hone_status make_matrix(const fitting *f, bool aside, void **matrix)
{
    size_t n = 0;
    for (size_t i = 0; i < f->train->n; i++)
        n += f->aside[i] == aside;
    hn_xgboost_source source = {f->library, f->train, f->aside, aside, f->err};
    bool bins = !aside && !strcmp(method_of(f), "hist");
    return bins ? hn_xgboost_bins(&source, n, matrix) : hn_xgboost_floats(&source, n, matrix);
}

static hone_status make_matrices(fitting *f)
{
    hn_random random = hn_random_stream(f->context->seed, 0, HN_PURPOSE_SPLIT);
    size_t n = f->train->n, *order = HN_ARENA_NEW(f->context->scratch, size_t, n), n_aside = 0;
    f->aside = HN_ARENA_NEW(f->context->scratch, unsigned char, n);
    if (!order || !f->aside)
        return hn_out_of_memory(f->err);
    if (f->config->early_stopping_rounds)
        n_aside = hn_boosting_set_aside(f->train, f->config->validation_fraction, &random, order, f->aside);
    if (f->config->early_stopping_rounds && (n_aside == 0 || n_aside == n))
        return hn_fail(f->err, HONE_INVALID,
                       "validation_fraction sets %s aside; change it, or give early_stopping_rounds: null",
                       n_aside ? "every row" : "no row");
    hone_status status = make_matrix(f, false, &f->learned);
    return status || !n_aside ? status : make_matrix(f, true, &f->watched);
}

/* --- parameters --- */

static hone_status set_text(const fitting *f, const char *name, const char *value)
{
    return check_call(f, f->library->booster_set(f->booster, name, value));
}

/* Rounded to a float, which is what it becomes: no number is then out of range. */
static hone_status set_number(const fitting *f, const char *name, double value)
{
    char text[HN_NUMBER_SIZE];
    hn_format_double(text, (double)(float)value);
    return set_text(f, name, text);
}

/* What the trees add to: for classes even chances. Said in any case, as XGBoost's own choice depends on its
 * version. */
static hone_status set_start(fitting *f)
{
    const hn_design *t = f->train;
    if (t->n_classes)
        return set_text(f, "base_score", "0.5");
    f->model->start[0] = 0.5;
    if (f->config->start == HN_XGBOOST_MEAN)
        hn_gradient_start(0, t->y, t->weight, t->n, f->model->start);
    f->model->start[0] = (double)(float)f->model->start[0];
    return set_number(f, "base_score", f->model->start[0]);
}

static hone_status set_task(fitting *f)
{
    size_t classes = f->train->n_classes;
    const char *objective = classes == 0   ? "reg:squarederror"
                            : classes <= 2 ? "binary:logistic"
                                           : "multi:softprob";
    const char *loss = classes == 0 ? "rmse" : classes <= 2 ? "logloss" : "mlogloss";
    hone_status status = set_text(f, "objective", objective);
    if (!status)
        status = set_text(f, "eval_metric", loss);
    if (!status && classes > 2)
        status = set_number(f, "num_class", (double)classes);
    return status ? status : set_start(f);
}

static hone_status set_parameters(fitting *f)
{
    const hn_xgboost_config *c = f->config;
    const struct {
        const char *name;
        double value;
    } numbers[] = {
        {"nthread", 1},
        {"verbosity", 0},
        {"learning_rate", c->learning_rate},
        {"max_depth", (double)c->max_depth},
        {"subsample", c->subsample},
        {"colsample_bytree", c->colsample},
        {"min_child_weight", c->min_child_weight},
        {"gamma", c->gamma},
        {"alpha", c->alpha},
        {"lambda", c->lambda},
    };
    char seed[24];
    snprintf(seed, sizeof seed, "%u", (unsigned)(f->context->seed & INT32_MAX));
    hone_status status = set_text(f, "seed", seed);
    if (!status) /* a round draws from (seed, round) only, whatever was before */
        status = set_text(f, "seed_per_iteration", "true");
    if (!status)
        status = set_text(f, "tree_method", method_of(f));
    for (size_t i = 0; !status && i < sizeof numbers / sizeof *numbers; i++)
        status = set_number(f, numbers[i].name, numbers[i].value);
    return status ? status : set_task(f);
}

/* --- rounds --- */

/* The loss of the rows set aside, from "[12]\twatched-rmse:0.25". */
static hone_status watch(const fitting *f, int round, double *loss)
{
    const char *names[] = {"watched"}, *text = NULL;
    void *matrices[] = {f->watched};
    hone_status status =
        check_call(f, f->library->booster_evaluate(f->booster, round, matrices, names, 1, &text));
    if (status)
        return status;
    const char *colon = strrchr(text, ':');
    if (!colon || !hn_parse_double(colon + 1, strlen(colon + 1), true, loss))
        return hn_fail(f->err, HONE_UNSUPPORTED, "XGBoost's loss is not understood: %.60s", text);
    return HONE_OK;
}

static hone_status fit_rounds(fitting *f)
{
    double least = INFINITY, loss = 0;
    int64_t first = (int64_t)f->before;
    hone_status status = first && f->watched ? watch(f, (int)first - 1, &least) : HONE_OK;
    f->rounds = f->before;
    for (int64_t round = first; !status && round < f->config->n_estimators; round++) {
        if (hn_cancelled(f->context->cancel))
            return hn_fail(f->err, HONE_CANCELLED, "cancelled before round %lld", (long long)round);
        status = check_call(f, f->library->booster_update(f->booster, (int)round, f->learned));
        if (!status && f->watched)
            status = watch(f, (int)round, &loss);
        if (status)
            return status;
        if (!f->watched || loss < least || round == 0) {
            least = loss;
            f->rounds = (size_t)round + 1;
        } else if (round + 1 - (int64_t)f->rounds >= f->config->early_stopping_rounds) {
            break;
        }
    }
    return HONE_OK;
}

static hone_status read_trees(fitting *f)
{
    uint64_t n = 0;
    const char **texts = NULL;
    size_t wanted = (f->rounds - f->before) * hn_gradient_outputs(f->train->n_classes);
    hone_status status = check_call(f, f->library->booster_dump(f->booster, "", 1, "json", &n, &texts));
    if (!status && n < wanted)
        status = hn_fail(f->err, HONE_UNSUPPORTED, "XGBoost gives %llu trees after %zu rounds",
                         (unsigned long long)n, f->rounds - f->before);
    return status ? status : hn_xgboost_read_trees(texts, wanted, f->model, f->err);
}

/* --- going on --- */

/* What the trees give the row x (d,): float by float, as the library adds them. */
static void add_margin(const fitting *f, const double *x, float *margin)
{
    const hn_tree_limits none = {SIZE_MAX, 2};
    const hn_forest *trees = &f->model->trees;
    size_t outputs = hn_gradient_outputs(f->train->n_classes);
    for (size_t k = 0; k < outputs; k++) /* softmax leaves a constant as it is: the model has none of it */
        margin[k] = outputs > 1 ? 0.5F : (float)f->model->start[0];
    for (size_t t = 0, k = 0; t < trees->n_trees; t++, k = k + 1 < outputs ? k + 1 : 0)
        margin[k] += (float)trees->trees[t].values[hn_tree_find(&trees->trees[t], x, none)];
}

/* Rounds on a matrix that begins with the margins of the trees there are go on from these. */
static hone_status set_margins(const fitting *f, bool aside, void *matrix)
{
    enum { BLOCK_ROWS = 256 };
    const hn_design *t = f->train;
    size_t outputs = hn_gradient_outputs(t->n_classes), n = 0;
    double *block = hn_aligned_array(BLOCK_ROWS, t->d * sizeof *block);
    float *margins = hn_aligned_array(t->n, outputs * sizeof *margins);
    hone_status status = block && margins ? HONE_OK : hn_out_of_memory(f->err);
    for (size_t from = 0; !status && from < t->n; from += BLOCK_ROWS) {
        size_t rows = t->n - from < BLOCK_ROWS ? t->n - from : BLOCK_ROWS;
        status = hn_design_rows(t, from, rows, block, f->err);
        for (size_t i = 0; !status && i < rows; i++)
            if (f->aside[from + i] == aside)
                add_margin(f, block + i * t->d, margins + outputs * n++);
    }
    if (!status)
        status = check_call(f, f->library->matrix_set_floats(matrix, "base_margin", margins, n * outputs));
    hn_free(block);
    hn_free(margins);
    return status;
}

/* The model with the trees of `before`. HONE_UNSUPPORTED: but for the exact method, the library draws with
 * generators that go on from round to round. */
static hone_status take_over(fitting *f, const hn_boosting *before)
{
    bool draws = f->config->subsample < 1 || f->config->colsample < 1;
    if (draws && strcmp(method_of(f), "exact") != 0)
        return hn_fail(f->err, HONE_UNSUPPORTED,
                       "rounds that draw rows or columns (subsample, colsample) go on with tree_method exact "
                       "only, not with %s",
                       method_of(f));
    if (before->trees.d != f->train->d)
        return hn_fail(f->err, HONE_INVALID, "rows of %zu columns, it was fitted to %zu", f->train->d,
                       before->trees.d);
    f->before = before->trees.n_trees / hn_gradient_outputs(f->train->n_classes);
    return hn_boosting_copy(before, &f->model, f->err);
}

/* --- the fit --- */

static hone_status prepare(fitting *f)
{
    const hn_design *t = f->train;
    if (hn_cancelled(f->context->cancel))
        return hn_fail(f->err, HONE_CANCELLED, "cancelled before the fit");
    if (t->n == 0 || t->d == 0)
        return hn_fail(f->err, HONE_INVALID, "%zu rows of %zu columns; it needs one of each", t->n, t->d);
    if (!f->model)
        f->model = hn_boosting_new("xgboost", t->n_classes, t->d);
    if (!f->model)
        return hn_out_of_memory(f->err);
    hone_status status = check_call(f, f->library->set_global("{\"verbosity\": 0}"));
    return status ? status : make_matrices(f);
}

static hone_status fit(fitting *f)
{
    hone_status status = prepare(f);
    if (!status && f->before)
        status = set_margins(f, false, f->learned);
    if (!status && f->before && f->watched)
        status = set_margins(f, true, f->watched);
    void *matrices[] = {f->learned, f->watched};
    if (!status)
        status = check_call(f, f->library->booster_create(matrices, f->watched ? 2 : 1, &f->booster));
    if (!status)
        status = set_parameters(f);
    if (!status)
        status = fit_rounds(f);
    return status ? status : read_trees(f);
}

hone_status hn_xgboost_extend(const void *before, const void *config, const hn_design *train,
                              const hn_fit_context *context, void **extended, hone_error *err)
{
    fitting f = {.config = config, .train = train, .context = context, .err = err};
    hone_status status = hn_xgboost_load(&f.library, err);
    if (status)
        return status;
    status = before ? take_over(&f, before) : HONE_OK;
    if (!status)
        status = fit(&f);
    if (f.booster)
        f.library->booster_free(f.booster);
    if (f.learned)
        f.library->matrix_free(f.learned);
    if (f.watched)
        f.library->matrix_free(f.watched);
    if (status) {
        hn_boosting_destroy(f.model);
        return hn_fail_within(err, status, "model xgboost");
    }
    *extended = f.model;
    return HONE_OK;
}

hone_status hn_xgboost_fit(const void *config, const hn_design *train, const hn_fit_context *context,
                           void **fitted, hone_error *err)
{
    return hn_xgboost_extend(NULL, config, train, context, fitted, err);
}
