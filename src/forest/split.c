/* split.c: ranks make sorting unnecessary. The rows of a node are added up by code; the codes that occur are
 * read off in order, from the bins when they are few beside the rows and from a two-level bit map otherwise:
 * O(rows + codes / 4096) a column and node.
 */
#include "forest/split.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

hone_status hn_splitter_init(hn_splitter *s, const hn_columns *columns, const hn_tree_rules *rules,
                             size_t n_samples)
{
    size_t codes = columns->max_codes, words = codes / 64 + 1;
    *s = (hn_splitter){.columns = columns, .rules = rules};
    s->bins = hn_calloc(codes, sizeof *s->bins);
    s->codes = hn_calloc(codes + 1, sizeof *s->codes);
    s->present = hn_calloc(words, sizeof *s->present);
    s->summary = hn_calloc(words / 64 + 1, sizeof *s->summary);
    s->order = hn_calloc(n_samples, sizeof *s->order);
    s->left = hn_calloc(rules->n_classes, sizeof *s->left);
    s->total = hn_calloc(rules->n_classes, sizeof *s->total);
    if (s->bins && s->codes && s->present && s->summary && s->order && s->left && s->total)
        return HONE_OK;
    hn_splitter_release(s);
    return HONE_OUT_OF_MEMORY;
}

void hn_splitter_release(hn_splitter *s)
{
    hn_free(s->bins);
    hn_free(s->codes);
    hn_free(s->present);
    hn_free(s->summary);
    hn_free(s->order);
    hn_free(s->left);
    hn_free(s->total);
    *s = (hn_splitter){0};
}

static inline double moment_of(const hn_sample *sample, double centre)
{
    return sample->weight * (sample->y - centre);
}

/* --- codes in order --- */

static size_t list_by_bins(hn_splitter *s, const uint16_t *column, size_t n_codes)
{
    hn_split_bin *bins = s->bins;
    for (size_t i = 0; i < s->n; i++) {
        hn_split_bin *bin = &bins[column[s->samples[i].row]];
        bin->weight += s->samples[i].weight;
        bin->moment += moment_of(&s->samples[i], s->centre);
        bin->n++;
    }
    size_t count = 0;
    for (size_t c = 0; c < n_codes; c++) {
        s->codes[count] = (uint16_t)c;
        count += bins[c].n > 0;
    }
    return count;
}

static size_t list_by_bits(hn_splitter *s, const uint16_t *column, size_t n_codes)
{
    for (size_t i = 0; i < s->n; i++) {
        uint16_t code = column[s->samples[i].row];
        hn_split_bin *bin = &s->bins[code];
        bin->weight += s->samples[i].weight;
        bin->moment += moment_of(&s->samples[i], s->centre);
        bin->n++;
        s->present[code >> 6] |= UINT64_C(1) << (code & 63);
        s->summary[code >> 12] |= UINT64_C(1) << (code >> 6 & 63);
    }
    size_t count = 0;
    for (size_t high = 0; high <= (n_codes - 1) >> 12; high++) {
        for (uint64_t words = s->summary[high]; words; words &= words - 1) {
            size_t word = high << 6 | (size_t)__builtin_ctzll(words);
            for (uint64_t bits = s->present[word]; bits; bits &= bits - 1)
                s->codes[count++] = (uint16_t)(word << 6 | (size_t)__builtin_ctzll(bits));
            s->present[word] = 0;
        }
        s->summary[high] = 0;
    }
    return count;
}

/* Fills the bins and lists the codes that occur. The caller clears the bins of those. */
static size_t list_codes(hn_splitter *s, size_t feature)
{
    const uint16_t *column = s->columns->codes + feature * s->columns->n;
    size_t n_codes = s->columns->n_codes[feature];
    return n_codes <= 2 * s->n ? list_by_bins(s, column, n_codes) : list_by_bits(s, column, n_codes);
}

/* --- gains --- */

static double x_log_x(double x)
{
    return x > 0 ? x * log(x) : 0;
}

/* weight * entropy of two classes, of which class 1 has this much. */
static double entropy2(double weight, double one)
{
    return x_log_x(weight) - x_log_x(one) - x_log_x(weight - one);
}

/* Squared error falls by wl wr (mean_l - mean_r)^2 / w. For the shares of two classes Gini falls by twice
 * that. */
static inline double moment_gain(const hn_splitter *s, double weight, double moment)
{
    double rest = s->weight - weight, difference = moment * rest - (s->moment - moment) * weight;
    return difference * difference / (weight * rest * s->weight);
}

static double entropy_gain(const hn_splitter *s, double weight, double one)
{
    return entropy2(s->weight, s->moment) - entropy2(weight, one) -
           entropy2(s->weight - weight, s->moment - one);
}

/* Between the largest value of the left and the smallest of the right that occur in the node. */
static double middle(const hn_columns *columns, size_t feature, uint16_t left, uint16_t right)
{
    double low = columns->high[feature][left], high = columns->low[feature][right];
    double threshold = low / 2 + high / 2;
    return threshold >= low && threshold < high ? threshold : low;
}

static void take(const hn_splitter *s, size_t feature, double gain, uint16_t cut, uint16_t next,
                 double weight, double moment, hn_split *best)
{
    double threshold = middle(s->columns, feature, cut, next);
    *best = (hn_split){gain, threshold, weight, moment, (uint32_t)feature, cut};
}

static void scan_moments(hn_splitter *s, size_t feature, size_t count, hn_split *best)
{
    bool entropy = s->rules->criterion == HN_CRITERION_ENTROPY;
    size_t n = 0, min_leaf = s->rules->min_leaf, taken = count;
    double weight = 0, moment = 0, gain = best->gain, taken_weight = 0, taken_moment = 0;
    for (size_t i = 0; i + 1 < count; i++) {
        hn_split_bin *bin = &s->bins[s->codes[i]];
        weight += bin->weight;
        moment += bin->moment;
        n += bin->n;
        if (n < min_leaf || s->n - n < min_leaf)
            continue;
        double here = entropy ? entropy_gain(s, weight, moment) : moment_gain(s, weight, moment);
        if (here > gain) {
            gain = here;
            taken = i;
            taken_weight = weight;
            taken_moment = moment;
        }
    }
    if (taken < count)
        take(s, feature, gain, s->codes[taken], s->codes[taken + 1], taken_weight, taken_moment, best);
}

/* What the samples of code 1 add up to, in a column of codes 0 and 1. Two sums that do not wait for each
 * other. */
static hn_split_bin sum_ones(const uint16_t *column, const hn_sample *samples, size_t n, double centre)
{
    static const double unit[] = {0, 1};
    hn_split_bin even = {0}, odd = {0};
    size_t i = 0;
    for (; i + 1 < n; i += 2) {
        const hn_sample *a = &samples[i], *b = &samples[i + 1];
        uint16_t code_a = column[a->row], code_b = column[b->row];
        even.weight += unit[code_a] * a->weight;
        odd.weight += unit[code_b] * b->weight;
        even.moment += unit[code_a] * moment_of(a, centre);
        odd.moment += unit[code_b] * moment_of(b, centre);
        even.n += (uint32_t)code_a + code_b;
    }
    if (i < n) {
        uint16_t code = column[samples[i].row];
        odd.weight += unit[code] * samples[i].weight;
        odd.moment += unit[code] * moment_of(&samples[i], centre);
        odd.n = code;
    }
    return (hn_split_bin){even.weight + odd.weight, even.moment + odd.moment, even.n + odd.n};
}

static bool is_counted(const hn_splitter *s, size_t feature)
{
    return s->tallies && s->columns->pairs.number[feature] != HN_NO_PAIR;
}

/* What the samples of code 1 add up to, in a column of two codes. */
static hn_split_bin of_ones(const hn_splitter *s, size_t feature)
{
    if (!s->tallies)
        return sum_ones(s->columns->codes + feature * s->columns->n, s->samples, s->n, s->centre);
    const hn_pairs *pairs = &s->columns->pairs;
    size_t pair = pairs->number[feature];
    hn_pair_tally of = s->tallies[pair];
    hn_split_bin rare = {of[HN_TALLY_WEIGHT], of[HN_TALLY_MOMENT], of[HN_TALLY_ROWS]};
    if (pairs->rare[pair])
        return rare;
    return (hn_split_bin){s->weight - rare.weight, s->moment - rare.moment, (uint32_t)s->n - rare.n};
}

/* A column of two codes needs no bins. False when it is constant in the node. */
static bool scan_pair(hn_splitter *s, size_t feature, hn_split *best)
{
    bool entropy = s->rules->criterion == HN_CRITERION_ENTROPY;
    hn_split_bin right = of_ones(s, feature);
    if (right.n == 0 || right.n == s->n)
        return false;
    if (right.n < s->rules->min_leaf || s->n - right.n < s->rules->min_leaf)
        return true;
    double gain =
        entropy ? entropy_gain(s, right.weight, right.moment) : moment_gain(s, right.weight, right.moment);
    if (gain > best->gain)
        take(s, feature, gain, 0, 1, s->weight - right.weight, s->moment - right.moment, best);
    return true;
}

/* --- more than two classes --- */

/* Sum over classes of f(weight), f = square (Gini) or x log x (entropy), kept up to date. */
static double term(const hn_splitter *s, double weight)
{
    return s->rules->criterion == HN_CRITERION_ENTROPY ? x_log_x(weight) : weight * weight;
}

static double side(const hn_splitter *s, double terms, double weight)
{
    return s->rules->criterion == HN_CRITERION_ENTROPY ? terms - x_log_x(weight) : terms / weight;
}

static double sum_terms(const hn_splitter *s, const double *weights)
{
    double sum = 0;
    for (size_t k = 0; k < s->rules->n_classes; k++)
        sum += term(s, weights[k]);
    return sum;
}

/* Turns the bins' counts into places and orders the samples by code. */
static void order_samples(hn_splitter *s, size_t feature, size_t count)
{
    const uint16_t *column = s->columns->codes + feature * s->columns->n;
    uint32_t begin = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t here = s->bins[s->codes[i]].n;
        s->bins[s->codes[i]].n = begin;
        begin += here;
    }
    for (size_t i = 0; i < s->n; i++)
        s->order[s->bins[column[s->samples[i].row]].n++] = (uint32_t)i;
}

static void scan_classes(hn_splitter *s, size_t feature, size_t count, hn_split *best)
{
    double weight = 0, of_left = 0, all = sum_terms(s, s->total), of_right = all;
    double whole = side(s, all, s->weight), gain = best->gain;
    size_t n = 0, taken = count;
    order_samples(s, feature, count);
    memset(s->left, 0, s->rules->n_classes * sizeof *s->left);
    for (size_t i = 0; i + 1 < count; i++) {
        for (size_t end = s->bins[s->codes[i]].n; n < end; n++) {
            const hn_sample *sample = &s->samples[s->order[n]];
            double left = s->left[sample->k], right = s->total[sample->k] - left;
            s->left[sample->k] = left + sample->weight;
            of_left += term(s, left + sample->weight) - term(s, left);
            of_right += term(s, s->total[sample->k] - s->left[sample->k]) - term(s, right);
            weight += sample->weight;
        }
        if (n < s->rules->min_leaf || s->n - n < s->rules->min_leaf)
            continue;
        double here = side(s, of_left, weight) + side(s, of_right, s->weight - weight) - whole;
        if (here > gain) {
            gain = here;
            taken = i;
        }
    }
    if (taken < count)
        take(s, feature, gain, s->codes[taken], s->codes[taken + 1], 0, 0, best);
}

/* --- random cuts --- */

/* The last code whose values are all at most the threshold; low code <= result < high code. */
static uint16_t code_at(const double *values, uint16_t low, uint16_t high, double threshold)
{
    while (low + 1 < high) {
        uint16_t mid = (uint16_t)((low + high) / 2);
        if (values[mid] <= threshold)
            low = mid;
        else
            high = mid;
    }
    return low;
}

/* What the samples up to the cut add up to; of more than two classes also s->left. */
static hn_split_bin sum_left(hn_splitter *s, size_t feature, uint16_t cut)
{
    const uint16_t *column = s->columns->codes + feature * s->columns->n;
    hn_split_bin left = {0};
    if (is_counted(s, feature)) {
        hn_split_bin right = of_ones(s, feature);
        return (hn_split_bin){s->weight - right.weight, s->moment - right.moment, (uint32_t)s->n - right.n};
    }
    memset(s->left, 0, s->rules->n_classes * sizeof *s->left);
    for (size_t i = 0; i < s->n; i++) {
        const hn_sample *sample = &s->samples[i];
        if (column[sample->row] > cut)
            continue;
        left.weight += sample->weight;
        left.moment += moment_of(sample, s->centre);
        left.n++;
        if (s->rules->n_classes > 2)
            s->left[sample->k] += sample->weight;
    }
    return left;
}

static double cut_gain(const hn_splitter *s, hn_split_bin left)
{
    double of_right = 0;
    if (left.n < s->rules->min_leaf || s->n - left.n < s->rules->min_leaf)
        return -INFINITY;
    if (s->rules->n_classes <= 2)
        return s->rules->criterion == HN_CRITERION_ENTROPY ? entropy_gain(s, left.weight, left.moment)
                                                           : moment_gain(s, left.weight, left.moment);
    for (size_t k = 0; k < s->rules->n_classes; k++)
        of_right += term(s, s->total[k] - s->left[k]);
    return side(s, sum_terms(s, s->left), left.weight) + side(s, of_right, s->weight - left.weight) -
           side(s, sum_terms(s, s->total), s->weight);
}

/* The smallest and the largest code in the node. */
static void find_range(const hn_splitter *s, size_t feature, uint16_t *least, uint16_t *most)
{
    const uint16_t *column = s->columns->codes + feature * s->columns->n;
    if (is_counted(s, feature)) {
        size_t ones = of_ones(s, feature).n;
        *least = ones == s->n;
        *most = ones > 0;
        return;
    }
    *least = *most = column[s->samples[0].row];
    for (size_t i = 1; i < s->n; i++) {
        uint16_t code = column[s->samples[i].row];
        *least = code < *least ? code : *least;
        *most = code > *most ? code : *most;
    }
}

static bool split_at_random(hn_splitter *s, size_t feature, uint64_t random, hn_split *best)
{
    uint16_t least, most;
    find_range(s, feature, &least, &most);
    if (least == most)
        return false;
    const double *high = s->columns->high[feature], *low = s->columns->low[feature];
    double share = (double)(random >> 11) * 0x1p-53;
    double threshold = high[least] * (1 - share) + low[most] * share;
    if (!(threshold >= high[least] && threshold < low[most])) /* rounding */
        threshold = high[least];
    uint16_t cut = code_at(high, least, most, threshold);
    if (threshold >= low[cut + 1]) /* inside the next bin */
        threshold = middle(s->columns, feature, cut, (uint16_t)(cut + 1));
    hn_split_bin left = sum_left(s, feature, cut);
    double gain = cut_gain(s, left);
    if (gain > best->gain)
        *best = (hn_split){gain, threshold, left.weight, left.moment, (uint32_t)feature, cut};
    return true;
}

/* --- one column --- */

static bool is_constant(const hn_splitter *s, size_t feature)
{
    const uint16_t *column = s->columns->codes + feature * s->columns->n;
    uint16_t first = column[s->samples[0].row];
    size_t i = 1;
    while (i < s->n && column[s->samples[i].row] == first)
        i++;
    return i == s->n;
}

bool hn_split_column(hn_splitter *s, size_t feature, uint64_t random, hn_split *best)
{
    if (s->rules->random_cuts)
        return split_at_random(s, feature, random, best);
    if (s->columns->n_codes[feature] == 2 && s->rules->n_classes <= 2)
        return scan_pair(s, feature, best);
    if (is_constant(s, feature))
        return false;
    size_t count = list_codes(s, feature);
    if (s->rules->n_classes > 2)
        scan_classes(s, feature, count, best);
    else
        scan_moments(s, feature, count, best);
    for (size_t i = 0; i < count; i++)
        s->bins[s->codes[i]] = (hn_split_bin){0};
    return true;
}
