/*
 * Classical test functions of global optimisation, in one or more dimensions, as landscapes around their
 * optimum: x = optimum + width * offset, where width is the side of the usual box (equal in all dimensions).
 * Every one of them is at its lowest at the optimum over all of R^d, so moving and turning the box leaves the
 * lowest value.
 *
 * Formulas: Surjanovic and Bingham, Virtual Library of Simulation Experiments; Hartmann's constants there
 * too. The optima of Hartmann 3 and 6 were polished to 15 digits as roots of the gradient.
 */
#include "problem/internal.h"

#include <math.h>

#define PI 3.14159265358979323846

static double width(const hn_problem *problem)
{
    return problem->parameters[0].high - problem->parameters[0].low;
}

static double branin(const hn_problem *problem, const double *offset)
{
    double x = PI + width(problem) * offset[0], y = 2.275 + width(problem) * offset[1];
    double parabola = y - 5.1 / (4 * PI * PI) * x * x + 5 / PI * x - 6;
    return parabola * parabola + 10 * (1 - 1 / (8 * PI)) * cos(x) + 10;
}

/* -sum_k weight_k exp(-sum_i scale_ki (x_i - centre_ki)^2), four terms; scales and centres (4, d) */
static double hartmann(int d, const double *scale, const double *centre, const double *best,
                       const double *offset)
{
    static const double weight[4] = {1.0, 1.2, 3.0, 3.2};
    double sum = 0;
    for (int k = 0; k < 4; k++) {
        double distance = 0;
        for (int i = 0; i < d; i++) {
            double gap = best[i] + offset[i] - centre[k * d + i];
            distance += scale[k * d + i] * gap * gap;
        }
        sum += weight[k] * exp(-distance);
    }
    return -sum;
}

static double hartmann3(const hn_problem *problem, const double *offset)
{
    static const double scale[] = {3, 10, 30, 0.1, 10, 35, 3, 10, 30, 0.1, 10, 35};
    static const double centre[] = {0.3689, 0.1170, 0.2673, 0.4699, 0.4387, 0.7470,
                                    0.1091, 0.8732, 0.5547, 0.0381, 0.5743, 0.8828};
    static const double best[] = {0.114588876655069, 0.55564889461693, 0.852546984686677};
    return hartmann(problem->n_parameters, scale, centre, best, offset);
}

static double hartmann6(const hn_problem *problem, const double *offset)
{
    static const double scale[] = {10, 3,   17,  3.5, 1.7, 8, 0.05, 10, 17,   0.1, 8,   14,
                                   3,  3.5, 1.7, 10,  17,  8, 17,   8,  0.05, 10,  0.1, 14};
    static const double centre[] = {0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886, 0.2329, 0.4135,
                                    0.8307, 0.3736, 0.1004, 0.9991, 0.2348, 0.1451, 0.3522, 0.2883,
                                    0.3047, 0.6650, 0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381};
    static const double best[] = {0.201689511006705, 0.150010691823458, 0.476873974221897,
                                  0.275332430494056, 0.311651616600113, 0.65730053406562};
    return hartmann(problem->n_parameters, scale, centre, best, offset);
}

static double ackley(const hn_problem *problem, const double *offset)
{
    int d = problem->n_parameters;
    double squares = 0, waves = 0;
    for (int i = 0; i < d; i++) {
        double x = width(problem) * offset[i];
        squares += x * x;
        waves += cos(2 * PI * x);
    }
    return -20 * exp(-0.2 * sqrt(squares / d)) + 20 - exp(waves / d) + exp(1.0);
}

static double levy(const hn_problem *problem, const double *offset)
{
    int d = problem->n_parameters;
    double sum = 0;
    for (int i = 0; i < d; i++) {
        double w = width(problem) * offset[i] / 4; /* w - 1 of the usual notation */
        double wave = i < d - 1 ? sin(PI * w + PI + 1) : sin(2 * PI * w);
        if (i == 0)
            sum += sin(PI * w + PI) * sin(PI * w + PI);
        sum += w * w * (1 + (i < d - 1 ? 10 : 1) * wave * wave);
    }
    return sum;
}

static double rosenbrock(const hn_problem *problem, const double *offset)
{
    double sum = 0;
    for (int i = 0; i + 1 < problem->n_parameters; i++) {
        double x = 1 + width(problem) * offset[i], next = 1 + width(problem) * offset[i + 1];
        sum += 100 * (next - x * x) * (next - x * x) + (1 - x) * (1 - x);
    }
    return sum;
}

static double rastrigin(const hn_problem *problem, const double *offset)
{
    double sum = 0;
    for (int i = 0; i < problem->n_parameters; i++) {
        double x = width(problem) * offset[i];
        sum += x * x + 10 * (1 - cos(2 * PI * x));
    }
    return sum;
}

static double griewank(const hn_problem *problem, const double *offset)
{
    double sum = 0, product = 1;
    for (int i = 0; i < problem->n_parameters; i++) {
        double x = width(problem) * offset[i];
        sum += x * x / 4000;
        product *= cos(x / sqrt(i + 1.0));
    }
    return sum - product + 1;
}

static double styblinski_tang(const hn_problem *problem, const double *offset)
{
    double sum = 0;
    for (int i = 0; i < problem->n_parameters; i++) {
        double x = -2.903534027771177 + width(problem) * offset[i];
        sum += 0.5 * (x * x * x * x - 16 * x * x + 5 * x);
    }
    return sum;
}

/* Curvatures from 1 to 1 000 along the axes. */
static double ellipsoid(const hn_problem *problem, const double *offset)
{
    int d = problem->n_parameters;
    double sum = 0;
    for (int i = 0; i < d; i++)
        sum += pow(1000, (double)i / (d - 1)) * offset[i] * offset[i];
    return sum;
}

/* Penalties and rates: a valley along the sum of neighbouring logarithms. */
static double valley(const hn_problem *problem, const double *offset)
{
    double sum = 0;
    for (int i = 0; i + 1 < problem->n_parameters; i++) {
        double across = offset[i] + offset[i + 1], along = offset[i] - offset[i + 1];
        sum += 10 * across * across + along * along;
    }
    return sum;
}

#define AXIS(axis, a, b)                                                                                     \
    {                                                                                                        \
        .name = axis, .kind = HN_PROBLEM_FLOAT, .low = (a), .high = (b)                                      \
    }
#define STEPPED(axis, a, b, s)                                                                               \
    {                                                                                                        \
        .name = axis, .kind = HN_PROBLEM_FLOAT, .low = (a), .high = (b), .step = (s)                         \
    }
#define INTEGER(axis, a, b, s)                                                                               \
    {                                                                                                        \
        .name = axis, .kind = HN_PROBLEM_INT, .low = (a), .high = (b), .step = (s)                           \
    }
#define LOG(axis, a, b)                                                                                      \
    {                                                                                                        \
        .name = axis, .kind = HN_PROBLEM_FLOAT, .low = (a), .high = (b), .log = 1                            \
    }
#define LOG_INTEGER(axis, a, b)                                                                              \
    {                                                                                                        \
        .name = axis, .kind = HN_PROBLEM_INT, .low = (a), .high = (b), .step = 1, .log = 1                   \
    }
#define FIVE(make, ...)                                                                                      \
    make("x0", __VA_ARGS__), make("x1", __VA_ARGS__), make("x2", __VA_ARGS__), make("x3", __VA_ARGS__),      \
        make("x4", __VA_ARGS__)
#define TEN(make, ...)                                                                                       \
    FIVE(make, __VA_ARGS__), make("x5", __VA_ARGS__), make("x6", __VA_ARGS__), make("x7", __VA_ARGS__),      \
        make("x8", __VA_ARGS__), make("x9", __VA_ARGS__)

static const hn_problem_parameter branin_box[] = {AXIS("x0", -5, 10), AXIS("x1", 0, 15)};
static const hn_problem_parameter unit_box[] = {TEN(AXIS, 0, 1)};
static const hn_problem_parameter ackley_box[] = {TEN(AXIS, -32.768, 32.768)};
static const hn_problem_parameter levy_box[] = {TEN(AXIS, -10, 10)};
static const hn_problem_parameter rosenbrock_box[] = {TEN(AXIS, -2.048, 2.048)};
static const hn_problem_parameter rastrigin_box[] = {TEN(AXIS, -5.12, 5.12)};
static const hn_problem_parameter griewank_box[] = {TEN(AXIS, -50, 50)};
static const hn_problem_parameter styblinski_box[] = {TEN(AXIS, -5, 5)};
static const hn_problem_parameter rate_box[] = {FIVE(LOG, 1e-6, 1)};
static const hn_problem_parameter ackley_lattice[] = {FIVE(INTEGER, -32, 32, 1)};
static const hn_problem_parameter rastrigin_lattice[] = {FIVE(STEPPED, -5.12, 5.12, 0.16)};
static const hn_problem_parameter levy_lattice[] = {INTEGER("x0", -10, 10, 1), INTEGER("x1", -10, 10, 2),
                                                    STEPPED("x2", -10, 10, 0.5),
                                                    STEPPED("x3", -10, 10, 0.25)};
static const hn_problem_parameter units_lattice[] = {LOG_INTEGER("x0", 1, 1024), LOG_INTEGER("x1", 1, 1024),
                                                     LOG_INTEGER("x2", 1, 64), LOG("x3", 1e-4, 1)};

#define FUNCTION(group, title, d, box, f)                                                                    \
    {                                                                                                        \
        .name = title, .family = group, .n_parameters = (d), .parameters = (box), .landscape = (f)           \
    }
#define ROTATED(title, d, box, f)                                                                            \
    {                                                                                                        \
        .name = title, .family = "rotated", .n_parameters = (d), .parameters = (box), .landscape = (f),      \
        .rotated = true                                                                                      \
    }

const hn_problem hn_problem_functions[] = {
    FUNCTION("continuous", "branin", 2, branin_box, branin),
    FUNCTION("continuous", "hartmann3", 3, unit_box, hartmann3),
    FUNCTION("continuous", "hartmann6", 6, unit_box, hartmann6),
    FUNCTION("continuous", "ackley5", 5, ackley_box, ackley),
    FUNCTION("continuous", "ackley10", 10, ackley_box, ackley),
    FUNCTION("continuous", "levy5", 5, levy_box, levy),
    FUNCTION("continuous", "rosenbrock5", 5, rosenbrock_box, rosenbrock),
    FUNCTION("continuous", "rosenbrock10", 10, rosenbrock_box, rosenbrock),
    FUNCTION("continuous", "rastrigin5", 5, rastrigin_box, rastrigin),
    FUNCTION("continuous", "rastrigin10", 10, rastrigin_box, rastrigin),
    FUNCTION("continuous", "griewank5", 5, griewank_box, griewank),
    FUNCTION("continuous", "styblinski_tang5", 5, styblinski_box, styblinski_tang),
    FUNCTION("continuous", "log_valley5", 5, rate_box, valley),
    ROTATED("rotated_hartmann6", 6, unit_box, hartmann6),
    ROTATED("rotated_ackley5", 5, ackley_box, ackley),
    ROTATED("rotated_rosenbrock5", 5, rosenbrock_box, rosenbrock),
    ROTATED("rotated_rastrigin5", 5, rastrigin_box, rastrigin),
    ROTATED("rotated_ellipsoid10", 10, unit_box, ellipsoid),
    FUNCTION("stepped", "integer_ackley5", 5, ackley_lattice, ackley),
    FUNCTION("stepped", "stepped_rastrigin5", 5, rastrigin_lattice, rastrigin),
    FUNCTION("stepped", "stepped_levy4", 4, levy_lattice, levy),
    FUNCTION("stepped", "log_integer_valley4", 4, units_lattice, valley),
};

const int hn_problem_function_count = (int)(sizeof hn_problem_functions / sizeof *hn_problem_functions);
