/* Instances of problems: the optimum moved by a seed, the value at a point, random points and their median.
 */
#include "problem/internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"

/* What a random number is for: a key of the generator. */
typedef enum {
    STREAM_OPTIMUM = 1,
    STREAM_ROTATION,
    STREAM_POINTS,
    STREAM_NOISE,
} stream;

struct hn_problem_instance {
    const hn_problem *problem;
    uint64_t seed;
    double best[HN_PROBLEM_MAX_PARAMETERS];                                /* the optimum, all entries set */
    double rotation[HN_PROBLEM_MAX_PARAMETERS][HN_PROBLEM_MAX_PARAMETERS]; /* orthogonal, rows */
    double median;                                                         /* NaN: not computed yet */
    hn_tuning_run *run;                                                    /* of a model */
};

/* --- random numbers --- */

/* The 64-bit finaliser of SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t scramble(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* A number in [0, 1), a pure function of its key: the scrambler applied to each part of the key in turn. */
static double uniform(uint64_t seed, stream use, uint64_t index, uint64_t counter)
{
    uint64_t x = scramble(seed);
    x = scramble(x ^ (uint64_t)use);
    x = scramble(x ^ index);
    x = scramble(x ^ counter);
    return (double)(x >> 11) * 0x1p-53;
}

static double normal(uint64_t seed, stream use, uint64_t index, uint64_t counter)
{
    double radius = sqrt(-2.0 * log1p(-uniform(seed, use, index, 2 * counter)));
    return radius * cos(6.283185307179586 * uniform(seed, use, index, 2 * counter + 1));
}

/* --- parameters --- */

const char *hn_problem_choice(const char *choices, int i, int *length)
{
    for (; i > 0; i--)
        choices += strcspn(choices, " ") + 1;
    *length = (int)strcspn(choices, " ");
    return choices;
}

/* The value at fraction u of [0, 1) of the parameter's scale. */
static double value_at(const hn_problem_parameter *p, double u)
{
    if (p->n_choices > 0)
        return floor(u * p->n_choices);
    double half =
        p->kind == HN_PROBLEM_INT && p->log ? 0.5 : 0.0; /* so that every integer owns an interval */
    double value;
    if (p->log) {
        double low = log(p->low - half), high = log(p->high + half);
        value = exp(low + u * (high - low));
    } else if (p->step > 0) {
        double n = floor((p->high - p->low) / p->step + 1e-9) + 1;
        value = p->low + floor(u * n) * p->step;
    } else {
        value = p->low + u * (p->high - p->low);
    }
    value = p->kind == HN_PROBLEM_INT ? round(value) : value;
    return fmin(fmax(value, p->low), p->high);
}

double hn_problem_position(const hn_problem_parameter *p, double value)
{
    if (p->kind == HN_PROBLEM_CATEGORICAL)
        return value;
    if (p->kind == HN_PROBLEM_ORDINAL)
        return value / (p->n_choices - 1);
    if (p->log)
        return (log(value) - log(p->low)) / (log(p->high) - log(p->low));
    return (value - p->low) / (p->high - p->low);
}

static bool allowed(const hn_problem_parameter *p, double value)
{
    if (p->n_choices > 0)
        return value >= 0 && value < p->n_choices && value == floor(value);
    double slack = 1e-9 * (p->high - p->low); /* low + k step may round past high */
    return value >= p->low - slack && value <= p->high + slack;
}

static int find_parameter(const hn_problem *problem, const char *name, size_t length)
{
    for (int i = 0; i < problem->n_parameters; i++)
        if (strlen(problem->parameters[i].name) == length &&
            !strncmp(problem->parameters[i].name, name, length))
            return i;
    return -1;
}

bool hn_problem_parameter_active(const hn_problem *problem, int i, const double *point)
{
    const char *when = problem->parameters[i].when;
    if (!when)
        return true;
    size_t name_length = strcspn(when, " ");
    int parent = find_parameter(problem, when, name_length);
    if (parent < 0 || parent >= i || isnan(point[parent]) ||
        !hn_problem_parameter_active(problem, parent, point))
        return false;

    const char *relation = when + name_length + 1;
    const char *operand = relation + strcspn(relation, " ") + 1;
    if (*relation == '>') {
        int64_t least = 0;
        return hn_parse_int(operand, strlen(operand), &least) && point[parent] > (double)least;
    }
    int length;
    const char *choice = hn_problem_choice(problem->parameters[parent].choices, (int)point[parent], &length);
    return strlen(operand) == (size_t)length && !strncmp(operand, choice, (size_t)length);
}

/* --- problems --- */

int hn_problem_count(void)
{
    const hn_problem *grids, *curves;
    return hn_problem_function_count + hn_problem_space_count + hn_problem_tuning_count +
           hn_problem_grids_load(&grids) + hn_problem_made_curve_count + hn_problem_curves_load(&curves);
}

const hn_problem *hn_problem_at(int i)
{
    const hn_problem *grids, *curves;
    int n_grids = hn_problem_grids_load(&grids), n_curves = hn_problem_curves_load(&curves);
    const struct {
        const hn_problem *problems;
        int count;
    } lists[] = {
        {hn_problem_functions, hn_problem_function_count},     {hn_problem_spaces, hn_problem_space_count},
        {hn_problem_tunings, hn_problem_tuning_count},         {grids, n_grids},
        {hn_problem_made_curves, hn_problem_made_curve_count}, {curves, n_curves}};
    for (size_t k = 0; i >= 0 && k < sizeof lists / sizeof *lists; k++) {
        if (i < lists[k].count)
            return &lists[k].problems[i];
        i -= lists[k].count;
    }
    return NULL;
}

const hn_problem *hn_problem_find(const char *name)
{
    for (int i = 0; i < hn_problem_count(); i++)
        if (!strcmp(hn_problem_at(i)->name, name))
            return hn_problem_at(i);
    return NULL;
}

const char *hn_problem_name(const hn_problem *problem)
{
    return problem->name;
}

const char *hn_problem_family(const hn_problem *problem)
{
    return problem->family;
}

int hn_problem_parameter_count(const hn_problem *problem)
{
    return problem->n_parameters;
}

const hn_problem_parameter *hn_problem_parameter_at(const hn_problem *problem, int i)
{
    return i >= 0 && i < problem->n_parameters ? &problem->parameters[i] : NULL;
}

int hn_problem_epochs(const hn_problem *problem)
{
    return problem->curves ? problem->curves->epochs : 1;
}

/* --- instances --- */

/* A random rotation: Gram-Schmidt on normal vectors, which is uniform over the orthogonal group. */
static void make_rotation(hn_problem_instance *instance)
{
    int n = instance->problem->n_parameters;
    for (int i = 0; i < n; i++) {
        double *row = instance->rotation[i];
        for (int k = 0; k < n; k++)
            row[k] = normal(instance->seed, STREAM_ROTATION, (uint64_t)i, (uint64_t)k);
        for (int j = 0; j < i; j++) {
            double dot = 0;
            for (int k = 0; k < n; k++)
                dot += row[k] * instance->rotation[j][k];
            for (int k = 0; k < n; k++)
                row[k] -= dot * instance->rotation[j][k];
        }
        double norm = 0;
        for (int k = 0; k < n; k++)
            norm += row[k] * row[k];
        for (int k = 0; k < n; k++)
            row[k] /= sqrt(norm);
    }
}

/* The setting of a table's index, last parameter fastest. */
static void table_point(const hn_problem *problem, int index, double *point)
{
    for (int i = problem->n_parameters - 1; i >= 0; i--) {
        point[i] = index % problem->parameters[i].n_choices;
        index /= problem->parameters[i].n_choices;
    }
}

hn_problem_instance *hn_problem_instance_create(const hn_problem *problem, uint64_t seed)
{
    hn_problem_instance *instance = hn_calloc(1, sizeof *instance);
    if (!instance)
        return NULL;
    instance->problem = problem;
    instance->seed = seed;
    instance->median = NAN;
    bool moves = problem->landscape || (problem->curves && problem->curves->formula);
    for (int i = 0; moves && i < problem->n_parameters; i++)
        instance->best[i] = value_at(&problem->parameters[i], uniform(seed, STREAM_OPTIMUM, 0, (uint64_t)i));
    if (problem->table)
        table_point(problem, problem->table->best, instance->best);
    if (problem->curves && !moves)
        memcpy(instance->best,
               problem->curves->settings + (ptrdiff_t)problem->curves->best * problem->n_parameters,
               (size_t)problem->n_parameters * sizeof *instance->best);
    if (problem->rotated)
        make_rotation(instance);
    if (problem->tuning) {
        memcpy(instance->best, problem->tuning->known->point, sizeof instance->best);
        instance->median = problem->tuning->known->median;
        if (hn_tuning_run_create(problem, &instance->run, NULL)) {
            hn_problem_instance_destroy(instance);
            return NULL;
        }
    }
    return instance;
}

void hn_problem_instance_destroy(hn_problem_instance *instance)
{
    if (instance)
        hn_tuning_run_destroy(instance->run);
    hn_free(instance);
}

const hn_problem *hn_problem_of(const hn_problem_instance *instance)
{
    return instance->problem;
}

static void rotate(const hn_problem_instance *instance, double *offset)
{
    int n = instance->problem->n_parameters;
    double turned[HN_PROBLEM_MAX_PARAMETERS];
    for (int i = 0; i < n; i++) {
        turned[i] = 0;
        for (int k = 0; k < n; k++)
            turned[i] += instance->rotation[i][k] * offset[k];
    }
    memcpy(offset, turned, (size_t)n * sizeof *offset);
}

static double offset_from_best(const hn_problem_instance *instance, int i, double value)
{
    const hn_problem_parameter *p = &instance->problem->parameters[i];
    double offset = hn_problem_position(p, value) - hn_problem_position(p, instance->best[i]);
    return p->kind == HN_PROBLEM_CATEGORICAL && offset < 0 ? offset + p->n_choices : offset;
}

static double table_value(const hn_problem *problem, const double *point)
{
    int index = 0;
    for (int i = 0; i < problem->n_parameters; i++)
        index = index * problem->parameters[i].n_choices + (int)point[i];
    return problem->table->values[index];
}

/* --- learning curves --- */

static int nearest_setting(const hn_problem *problem, const double *point)
{
    int nearest = 0, d = problem->n_parameters;
    double least = INFINITY, at[HN_PROBLEM_MAX_PARAMETERS];
    for (int i = 0; i < d; i++)
        at[i] = hn_problem_position(&problem->parameters[i], point[i]);
    for (int k = 0; k < problem->curves->n; k++) {
        const double *setting = problem->curves->settings + (ptrdiff_t)k * d;
        double sum = 0;
        for (int i = 0; i < d && sum < least; i++) {
            const hn_problem_parameter *p = &problem->parameters[i];
            double gap = hn_problem_position(p, setting[i]) - at[i];
            sum += p->kind == HN_PROBLEM_CATEGORICAL ? gap != 0 : gap * gap;
        }
        if (sum < least) {
            least = sum;
            nearest = k;
        }
    }
    return nearest;
}

/* A logarithm's noise, a function of seed, point and epoch. */
static double curve_noise(const hn_problem_instance *instance, const double *offset, int epoch)
{
    uint64_t key = 0, bits;
    for (int i = 0; i < instance->problem->n_parameters; i++) {
        memcpy(&bits, &offset[i], sizeof bits);
        key = scramble(key ^ bits);
    }
    return instance->problem->curves->noise * normal(instance->seed, STREAM_NOISE, key, (uint64_t)epoch);
}

/* losses (epochs,) of the point with this offset. */
static void fill_curve(const hn_problem_instance *instance, const double *point, const double *offset,
                       double *losses)
{
    const hn_problem_curves *curves = instance->problem->curves;
    if (curves->n) {
        int k = nearest_setting(instance->problem, point);
        memcpy(losses, curves->losses + (ptrdiff_t)k * curves->epochs,
               (size_t)curves->epochs * sizeof *losses);
        return;
    }
    for (int e = 0; e < curves->epochs; e++)
        losses[e] = curves->formula(offset, e + 1) * exp(curve_noise(instance, offset, e));
}

/* --- values --- */

/* (parameters,), NaN where inactive; false when a parameter is missing or outside its range. */
static bool offsets(const hn_problem_instance *instance, const double *point, double *offset)
{
    const hn_problem *problem = instance->problem;
    for (int i = 0; i < problem->n_parameters; i++) {
        const hn_problem_parameter *p = &problem->parameters[i];
        offset[i] = NAN;
        if (!hn_problem_parameter_active(problem, i, point))
            continue;
        if (!allowed(p, point[i])) /* NaN is not allowed either */
            return false;
        offset[i] = offset_from_best(instance, i, point[i]);
    }
    return true;
}

int hn_problem_curve(const hn_problem_instance *instance, const double *point, double *losses)
{
    double offset[HN_PROBLEM_MAX_PARAMETERS];
    int epochs = hn_problem_epochs(instance->problem);
    if (!instance->problem->curves)
        losses[0] = hn_problem_evaluate(instance, point);
    else if (offsets(instance, point, offset))
        fill_curve(instance, point, offset, losses);
    else
        for (int e = 0; e < epochs; e++)
            losses[e] = NAN;
    return epochs;
}

/* Of a curve: the lowest loss. */
static double lowest(const hn_problem_instance *instance, const double *point)
{
    double losses[HN_PROBLEM_MAX_EPOCHS], least = NAN;
    int n = hn_problem_curve(instance, point, losses);
    for (int e = 0; e < n; e++)
        least = fmin(least, losses[e]); /* passes over NaN */
    return least;
}

double hn_problem_evaluate(const hn_problem_instance *instance, const double *point)
{
    const hn_problem *problem = instance->problem;
    double offset[HN_PROBLEM_MAX_PARAMETERS];
    if (!offsets(instance, point, offset))
        return NAN;
    if (problem->curves)
        return lowest(instance, point);
    if (problem->table)
        return table_value(problem, point);
    if (problem->tuning)
        return hn_tuning_run_value(instance->run, point);
    if (problem->rotated)
        rotate(instance, offset);
    return problem->landscape(problem, offset);
}

double hn_problem_optimum(const hn_problem_instance *instance)
{
    const hn_problem_tuning *tuning = instance->problem->tuning;
    return tuning ? tuning->known->best : hn_problem_evaluate(instance, instance->best);
}

void hn_problem_optimum_point(const hn_problem_instance *instance, double *point)
{
    for (int i = 0; i < instance->problem->n_parameters; i++)
        point[i] =
            hn_problem_parameter_active(instance->problem, i, instance->best) ? instance->best[i] : NAN;
}

void hn_problem_random_point(const hn_problem_instance *instance, uint64_t index, double *point)
{
    const hn_problem *problem = instance->problem;
    for (int i = 0; i < problem->n_parameters; i++) {
        double u = uniform(instance->seed, STREAM_POINTS, index, (uint64_t)i);
        point[i] =
            hn_problem_parameter_active(problem, i, point) ? value_at(&problem->parameters[i], u) : NAN;
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double hn_problem_median(hn_problem_instance *instance)
{
    if (!isnan(instance->median))
        return instance->median;
    double *values = hn_calloc(HN_PROBLEM_MEDIAN_POINTS, sizeof *values);
    if (!values)
        return NAN;
    for (int i = 0; i < HN_PROBLEM_MEDIAN_POINTS; i++) {
        double point[HN_PROBLEM_MAX_PARAMETERS];
        hn_problem_random_point(instance, (uint64_t)i, point);
        values[i] = hn_problem_evaluate(instance, point);
        values[i] = isnan(values[i]) ? INFINITY : values[i]; /* a learning curve that breaks down at once */
    }
    qsort(values, HN_PROBLEM_MEDIAN_POINTS, sizeof *values, ascending);
    int n = HN_PROBLEM_MEDIAN_POINTS;
    if (!isfinite(values[n / 2])) /* of those that are numbers, where most break down at once */
        while (n > 2 && !isfinite(values[n - 1]))
            n--;
    instance->median = 0.5 * (values[(n - 1) / 2] + values[n / 2]);
    hn_free(values);
    return instance->median;
}
