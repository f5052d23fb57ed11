/* What is to be seen in a curve, in a sentence or two. Differences count when they are larger than what folds
 * differ by anyway. */
#include <math.h>

#include "app/plot_curve.h"
#include "base/number.h"
#include "math/statistics.h"

static void add_number(hn_buffer *out, double value)
{
    char text[HN_NUMBER_SIZE];
    hn_format_fixed(text, value, hn_decimals_for(fabs(value) / 100)); /* three digits at least */
    hn_buffer_text(out, text);
}

/* "accuracy is 0.98 in training and 0.81 in validation". */
static void add_scores(const hn_curve *c, size_t p, hn_buffer *out)
{
    hn_buffer_printf(out, "%s is ", c->metric->name);
    add_number(out, c->train_mean[p]);
    hn_buffer_text(out, " in training and ");
    add_number(out, c->test_mean[p]);
    hn_buffer_text(out, " in validation");
}

/* How much better training is than validation. */
static double gap(const hn_curve *c, size_t p)
{
    double difference = c->train_mean[p] - c->test_mean[p];
    return c->metric->maximize ? difference : -difference;
}

/* The standard error of validation's mean over the folds. */
static double error_of(const hn_curve *c, size_t p)
{
    return c->test_deviation[p] / sqrt((double)c->n_folds);
}

/* How much better validation is at point b than at a, in standard errors of the folds' differences: above 2
 * it is no accident. */
static double better_by(const hn_curve *c, size_t a, size_t b)
{
    double sum = 0, squares = 0, n = (double)c->n_folds;
    for (size_t f = 0; f < c->n_folds; f++) {
        double d = c->test[b * c->n_folds + f] - c->test[a * c->n_folds + f];
        sum += d;
        squares += d * d;
    }
    double mean = sum / n, variance = fmax(squares / n - mean * mean, 0);
    double error = sqrt(variance / fmax(n - 1, 1));
    double ratio = error > 0 ? mean / error : mean > 0 ? INFINITY : mean < 0 ? -INFINITY : 0;
    return c->metric->maximize ? ratio : -ratio;
}

/* Training is better than validation by more than twice what validation is uncertain by. */
static bool overfits(const hn_curve *c, size_t p)
{
    return gap(c, p) > 2 * fmax(error_of(c, p), c->test_deviation[p]);
}

/* A metric may be undefined for a fold, a ranking of one class for instance. */
static bool is_whole(const hn_curve *c, hn_buffer *out)
{
    for (size_t p = 0; p < c->n_points; p++) {
        if (isnan(c->train_mean[p]) || isnan(c->test_mean[p])) {
            hn_buffer_printf(out, "%s is not defined for every fold: some points are missing.",
                             c->metric->name);
            return false;
        }
    }
    return true;
}

void hn_learning_note(const hn_curve *c, const hn_curve_points *points, hn_buffer *out)
{
    size_t last = c->n_points - 1;
    if (!is_whole(c, out)) {
        return;
    }
    hn_buffer_printf(out, "With %s rows ", points->texts[last]);
    add_scores(c, last, out);
    if (overfits(c, last)) {
        hn_buffer_text(out, ": a gap of ");
        add_number(out, gap(c, last));
        hn_buffer_text(out, ", it overfits. ");
    } else {
        hn_buffer_text(out, ": hardly a gap. ");
    }
    if (!last) {
        hn_buffer_text(out, "One size says nothing of more rows.");
    } else if (better_by(c, last - 1, last) > 2) {
        hn_buffer_printf(out, "Validation still improves from %s rows on: more rows will help.",
                         points->texts[last - 1]);
    } else if (overfits(c, last)) {
        hn_buffer_text(out, "Validation has levelled off: a simpler or more regularised model may help more "
                            "than more rows.");
    } else {
        hn_buffer_text(out, "Validation has levelled off: a more flexible model may help, more rows hardly.");
    }
}

static size_t best_point(const hn_curve *c)
{
    size_t best = 0;
    for (size_t p = 1; p < c->n_points; p++) {
        double gain = c->test_mean[p] - c->test_mean[best];
        if ((c->metric->maximize ? gain : -gain) > 0) {
            best = p;
        }
    }
    return best;
}

/* What happens towards one end of the range, if anything does. */
static void add_side(const hn_curve *c, const hn_curve_points *points, size_t best, size_t end,
                     hn_buffer *out)
{
    if (end == best || better_by(c, end, best) <= 2) {
        return;
    }
    double train = c->train_mean[end] - c->train_mean[best];
    train = c->metric->maximize ? train : -train;
    hn_buffer_printf(out, " Towards %s %s ", points->title, points->texts[end]);
    if (train > 0) {
        hn_buffer_text(out, "it overfits: training gains, validation loses.");
    } else if (train < 0) {
        hn_buffer_text(out, "it underfits: both lose.");
    } else {
        hn_buffer_text(out, "validation loses.");
    }
}

void hn_validation_note(const hn_curve *c, const hn_curve_points *points, hn_buffer *out)
{
    size_t best = best_point(c), last = c->n_points - 1;
    if (!is_whole(c, out)) {
        return;
    }
    hn_buffer_printf(out, "Validation is best at %s %s: ", points->title, points->texts[best]);
    add_scores(c, best, out);
    hn_buffer_text(out, overfits(c, best) ? ", a gap even there." : ".");
    if (!points->numbers || !last) {
        return;
    }
    add_side(c, points, best, 0, out);
    add_side(c, points, best, last, out);
    if ((best == 0 && better_by(c, 1, 0) > 2) || (best == last && better_by(c, last - 1, last) > 2)) {
        hn_buffer_text(out, " The best is at the end of the range: widen it.");
    }
}
