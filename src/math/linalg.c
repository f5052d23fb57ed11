#include "math/linalg.h"

#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* A tile of a product is ROWS x COLUMNS sums kept in registers over DEPTH terms; the panel of DEPTH x COLUMNS
 * right-hand values stays in the first cache. */
enum { ROWS = 4, COLUMNS = 16, DEPTH = 128, PAIR = 2 };

typedef struct kernels {
    double (*dot)(const double *a, const double *b, size_t n);
    void (*add_scaled)(double factor, const double *x, size_t n, double *y);
    /* y += f[0] x[0] + ... + f[3] x[3] */
    void (*add_four)(const double *f, const double *const *x, size_t n, double *y);
    /* sums[i][j] = sum_p a[i][p * step] * panel[p][j] */
    void (*tile)(const double *const *a, size_t step, const double *panel, size_t depth,
                 double sums[ROWS][COLUMNS]);
    /* sums[i][j] = <a[i], b[j]> */
    void (*dots)(const double *const *a, const double *const *b, size_t n, double sums[ROWS][PAIR]);
} kernels;

/* --- one set of kernels for each instruction set --- */

/* MULTIPLY_ADD(a, b, c) is a * b + c over vectors of LANES doubles, fused where the CPU can. A number less
 * zeros is a vector of it; zeros plus it would not be, for -0. */
#define UNROLL _Pragma("GCC unroll 8")
#define DEFINE_KERNELS(set, attributes, vector, MULTIPLY_ADD)                                                \
    enum { set##_LANES = sizeof(vector) / sizeof(double) };                                                  \
    attributes static inline vector set##_load(const double *x)                                              \
    {                                                                                                        \
        vector v;                                                                                            \
        memcpy(&v, x, sizeof v);                                                                             \
        return v;                                                                                            \
    }                                                                                                        \
    attributes static double set##_dot(const double *a, const double *b, size_t n)                           \
    {                                                                                                        \
        vector even = {0}, odd = {0};                                                                        \
        double lanes[set##_LANES], sum = 0;                                                                  \
        size_t i = 0;                                                                                        \
        for (; i + (size_t)2 * set##_LANES <= n; i += (size_t)2 * set##_LANES) {                             \
            even = MULTIPLY_ADD(set##_load(a + i), set##_load(b + i), even);                                 \
            odd = MULTIPLY_ADD(set##_load(a + i + set##_LANES), set##_load(b + i + set##_LANES), odd);       \
        }                                                                                                    \
        if (i + set##_LANES <= n) {                                                                          \
            even = MULTIPLY_ADD(set##_load(a + i), set##_load(b + i), even);                                 \
            i += set##_LANES;                                                                                \
        }                                                                                                    \
        for (; i < n; i++)                                                                                   \
            sum += a[i] * b[i];                                                                              \
        even = even + odd;                                                                                   \
        memcpy(lanes, &even, sizeof lanes);                                                                  \
        for (size_t k = 0; k < set##_LANES; k++)                                                             \
            sum += lanes[k];                                                                                 \
        return sum;                                                                                          \
    }                                                                                                        \
    attributes static void set##_add_scaled(double factor, const double *x, size_t n, double *y)             \
    {                                                                                                        \
        vector f = factor - (vector){0};                                                                     \
        size_t i = 0;                                                                                        \
        for (; i + set##_LANES <= n; i += set##_LANES) {                                                     \
            vector v = MULTIPLY_ADD(f, set##_load(x + i), set##_load(y + i));                                \
            memcpy(y + i, &v, sizeof v);                                                                     \
        }                                                                                                    \
        for (; i < n; i++)                                                                                   \
            y[i] += factor * x[i];                                                                           \
    }                                                                                                        \
    attributes static void set##_add_four(const double *f, const double *const *x, size_t n, double *y)      \
    {                                                                                                        \
        size_t i = 0;                                                                                        \
        for (; i + set##_LANES <= n; i += set##_LANES) {                                                     \
            vector v = set##_load(y + i);                                                                    \
            for (int r = 0; r < 4; r++)                                                                      \
                v = MULTIPLY_ADD(f[r] - (vector){0}, set##_load(x[r] + i), v);                               \
            memcpy(y + i, &v, sizeof v);                                                                     \
        }                                                                                                    \
        for (; i < n; i++)                                                                                   \
            y[i] += f[0] * x[0][i] + f[1] * x[1][i] + f[2] * x[2][i] + f[3] * x[3][i];                       \
    }                                                                                                        \
    attributes static void set##_tile(const double *const *a, size_t step, const double *panel,              \
                                      size_t depth, double sums[ROWS][COLUMNS])                              \
    {                                                                                                        \
        for (size_t j = 0; j < COLUMNS; j += (size_t)2 * set##_LANES) {                                      \
            vector s[ROWS][2] = {{{0}}};                                                                     \
            for (size_t p = 0; p < depth; p++) {                                                             \
                vector left = set##_load(panel + p * (size_t)COLUMNS + j);                                   \
                vector right = set##_load(panel + p * (size_t)COLUMNS + j + set##_LANES);                    \
                UNROLL for (int i = 0; i < ROWS; i++)                                                        \
                {                                                                                            \
                    vector f = a[i][p * step] - (vector){0};                                                 \
                    s[i][0] = MULTIPLY_ADD(f, left, s[i][0]);                                                \
                    s[i][1] = MULTIPLY_ADD(f, right, s[i][1]);                                               \
                }                                                                                            \
            }                                                                                                \
            for (int i = 0; i < ROWS; i++)                                                                   \
                memcpy(sums[i] + j, s[i], sizeof s[i]);                                                      \
        }                                                                                                    \
    }                                                                                                        \
    attributes static void set##_dots(const double *const *a, const double *const *b, size_t n,              \
                                      double sums[ROWS][PAIR])                                               \
    {                                                                                                        \
        vector s[ROWS][PAIR] = {{{0}}};                                                                      \
        size_t p = 0;                                                                                        \
        for (; p + set##_LANES <= n; p += set##_LANES) {                                                     \
            vector left = set##_load(b[0] + p), right = set##_load(b[1] + p);                                \
            UNROLL for (int i = 0; i < ROWS; i++)                                                            \
            {                                                                                                \
                vector f = set##_load(a[i] + p);                                                             \
                s[i][0] = MULTIPLY_ADD(f, left, s[i][0]);                                                    \
                s[i][1] = MULTIPLY_ADD(f, right, s[i][1]);                                                   \
            }                                                                                                \
        }                                                                                                    \
        for (size_t i = 0; i < ROWS; i++)                                                                    \
            for (size_t j = 0; j < PAIR; j++) {                                                              \
                double lanes[set##_LANES], sum = 0;                                                          \
                memcpy(lanes, &s[i][j], sizeof lanes);                                                       \
                for (size_t k = 0; k < set##_LANES; k++)                                                     \
                    sum += lanes[k];                                                                         \
                for (size_t q = p; q < n; q++)                                                               \
                    sum += a[i][q] * b[j][q];                                                                \
                sums[i][j] = sum;                                                                            \
            }                                                                                                \
    }                                                                                                        \
    static const kernels set = {set##_dot, set##_add_scaled, set##_add_four, set##_tile, set##_dots};

typedef double vector2 __attribute__((vector_size(16)));
#define SEPARATE(a, b, c) ((a) * (b) + (c))
DEFINE_KERNELS(plain, , vector2, SEPARATE)

#if defined(__x86_64__)
DEFINE_KERNELS(avx2, __attribute__((target("avx2,fma"))), __m256d, _mm256_fmadd_pd)
DEFINE_KERNELS(avx512, __attribute__((target("avx512f"))), __m512d, _mm512_fmadd_pd)
#endif

static const kernels *for_this_cpu(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f"))
        return &avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return &avx2;
#endif
    return &plain;
}

/* --- vectors --- */

double hn_dot(const double *a, const double *b, size_t n)
{
    return for_this_cpu()->dot(a, b, n);
}

void hn_add_scaled(double factor, const double *x, size_t n, double *y)
{
    for_this_cpu()->add_scaled(factor, x, n, y);
}

void hn_rows_times(const double *x, size_t n, size_t d, const double *w, double *out)
{
    const kernels *k = for_this_cpu();
    for (size_t i = 0; i < n; i++)
        out[i] = k->dot(x + i * d, w, d);
}

void hn_add_columns_times(const double *x, size_t n, size_t d, const double *r, double *out)
{
    const kernels *k = for_this_cpu();
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        const double *rows[4] = {x + i * d, x + (i + 1) * d, x + (i + 2) * d, x + (i + 3) * d};
        k->add_four(r + i, rows, d, out);
    }
    for (; i < n; i++)
        k->add_scaled(r[i], x + i * d, d, out);
}

/* --- products --- */

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* out rows [0, n_rows) x columns [0, n_columns), n_columns <= COLUMNS, += a panel. Row i of a begins at
 * a + i * row_step; its terms are `step` apart. */
static void add_panel(const kernels *k, const double *a, size_t row_step, size_t step, size_t n_rows,
                      const double *panel, size_t depth, double *out, size_t out_step, size_t n_columns)
{
    double sums[ROWS][COLUMNS];
    for (size_t i = 0; i < n_rows; i += ROWS) {
        const double *rows[ROWS];
        for (size_t r = 0; r < ROWS; r++)
            rows[r] = a + smaller(i + r, n_rows - 1) * row_step; /* past the end: the last row, not stored */
        k->tile(rows, step, panel, depth, sums);
        for (size_t r = 0; r < ROWS && i + r < n_rows; r++)
            for (size_t j = 0; j < n_columns; j++)
                out[(i + r) * out_step + j] += sums[r][j];
    }
}

/* Rows p .. p+depth and columns j .. j+width of b times the factor, 0 right of them. */
static void pack(hn_strided b, size_t p, size_t depth, size_t j, size_t width, double factor, double *panel)
{
    const double *from = b.values + p * b.row + j * b.column;
    if (width < COLUMNS)
        memset(panel, 0, depth * COLUMNS * sizeof *panel);
    if (b.column == 1)
        for (size_t q = 0; q < depth; q++)
            for (size_t c = 0; c < width; c++)
                panel[q * COLUMNS + c] = factor * from[q * b.row + c];
    else
        for (size_t c = 0; c < width; c++)
            for (size_t q = 0; q < depth; q++)
                panel[q * COLUMNS + c] = factor * from[q * b.row + c * b.column];
}

void hn_add_product(double factor, hn_strided a, hn_strided b, size_t m, size_t n, size_t k, double *out,
                    size_t stride)
{
    double panel[DEPTH * COLUMNS];
    const kernels *set = for_this_cpu();
    for (size_t p = 0; p < k; p += DEPTH) {
        size_t depth = smaller(DEPTH, k - p);
        for (size_t j = 0; j < n; j += COLUMNS) {
            size_t width = smaller(COLUMNS, n - j);
            pack(b, p, depth, j, width, factor, panel);
            add_panel(set, a.values + p * a.column, a.row, a.column, m, panel, depth, out + j, stride, width);
        }
    }
}

void hn_product_transposed(const double *a, size_t m, const double *b, size_t n, size_t k, double *out)
{
    memset(out, 0, m * n * sizeof *out);
    hn_add_product(1, (hn_strided){a, k, 1}, (hn_strided){b, 1, k}, m, n, k, out, n);
}

void hn_add_transposed_product(const double *a, size_t p, const double *b, size_t d, size_t n, double *out)
{
    hn_add_product(1, (hn_strided){a, 1, p}, (hn_strided){b, d, 1}, p, d, n, out, d);
}

/* Columns j .. j+width of rows p .. p+depth of b (n, d), times the weights. */
static void pack_columns(const double *b, size_t d, size_t p, size_t depth, size_t j, size_t width,
                         const double *weight, double *panel)
{
    memset(panel, 0, (size_t)DEPTH * COLUMNS * sizeof *panel);
    for (size_t q = 0; q < depth; q++) {
        double factor = weight ? weight[p + q] : 1;
        for (size_t c = 0; c < width; c++)
            panel[q * COLUMNS + c] = factor * b[(p + q) * d + j + c];
    }
}

void hn_gram(const double *x, size_t n, size_t d, const double *weight, double *out)
{
    double panel[DEPTH * COLUMNS];
    memset(out, 0, d * d * sizeof *out);
    for (size_t begin = 0; begin < n; begin += DEPTH) {
        size_t depth = smaller(DEPTH, n - begin);
        for (size_t j = 0; j < d; j += COLUMNS) {
            size_t width = smaller(COLUMNS, d - j);
            pack_columns(x, d, begin, depth, j, width, weight, panel);
            add_panel(for_this_cpu(), x + begin * d, 1, d, j + width, panel, depth, out + j, d, width);
        }
    }
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < i; j++)
            out[i * d + j] = out[j * d + i];
}

void hn_add_gram_of_columns(const double *columns, size_t d, size_t n, double *out)
{
    double sums[ROWS][PAIR];
    for (size_t j = 0; j < d; j += PAIR) {
        const double *b[PAIR] = {columns + j * n, columns + smaller(j + 1, d - 1) * n};
        for (size_t i = 0; i < j + PAIR && i < d; i += ROWS) {
            const double *a[ROWS];
            for (size_t r = 0; r < ROWS; r++)
                a[r] = columns + smaller(i + r, d - 1) * n; /* past the end: the last one, not stored */
            for_this_cpu()->dots(a, b, n, sums);
            for (size_t r = 0; r < ROWS && i + r < d; r++)
                for (size_t c = 0; c < PAIR && j + c < d; c++)
                    if (i + r <= j + c)
                        out[(i + r) * d + j + c] += sums[r][c];
        }
    }
}

/* --- triangles in panels --- */

static size_t panel_offset(size_t p)
{
    return (size_t)COLUMNS * COLUMNS * (p * (p + 1) / 2);
}

size_t hn_panels_size(size_t n)
{
    return panel_offset((n + COLUMNS - 1) / COLUMNS);
}

void hn_panels_set_row(double *panels, size_t i, const double *row)
{
    size_t p = i / COLUMNS, depth = (p + 1) * COLUMNS;
    double *lane = panels + panel_offset(p) + i % COLUMNS;
    for (size_t k = 0; k < depth; k++)
        lane[k * COLUMNS] = k <= i ? row[k] : 0;
}

void hn_panels_get_row(const double *panels, size_t i, size_t n, double *row)
{
    const double *lane = panels + panel_offset(i / COLUMNS) + i % COLUMNS;
    for (size_t k = 0; k < n; k++)
        row[k] = lane[k * COLUMNS];
}

void hn_times_panels(const double *a, size_t m, size_t stride, const double *panels, size_t n, double *out)
{
    const kernels *set = for_this_cpu();
    for (size_t i = 0; i < m; i++)
        memset(out + i * stride, 0, n * sizeof *out);
    for (size_t j = 0; j < n; j += COLUMNS) {
        const double *panel = panels + panel_offset(j / COLUMNS);
        size_t width = smaller(COLUMNS, n - j), whole = j + width;
        for (size_t p = 0; p < whole; p += DEPTH)
            add_panel(set, a + p, stride, 1, m, panel + p * COLUMNS, smaller(DEPTH, whole - p), out + j,
                      stride, width);
    }
}

void hn_panels_times(const double *panels, size_t n, const double *a, size_t m, size_t stride, double *out)
{
    double square[COLUMNS * COLUMNS];
    const kernels *set = for_this_cpu();
    memset(out, 0, n * m * sizeof *out);
    for (size_t i = 0; i < n; i += COLUMNS) {
        size_t height = smaller(COLUMNS, n - i);
        const double *panel = panels + panel_offset(i / COLUMNS);
        memset(square, 0, sizeof square); /* rows past n count nothing */
        for (size_t j = 0; j < m; j += COLUMNS) {
            size_t width = smaller(COLUMNS, m - j);
            pack((hn_strided){a + i, 1, stride}, 0, height, j, width, 1, square);
            add_panel(set, panel, COLUMNS, 1, i + height, square, COLUMNS, out + j, m, width);
        }
    }
}

/* --- Cholesky --- */

bool hn_cholesky(double *a, size_t n)
{
    const kernels *k = for_this_cpu();
    for (size_t i = 0; i < n; i++) {
        double *row = a + i * n;
        for (size_t j = 0; j < i; j++)
            row[j] = (row[j] - k->dot(row, a + j * n, j)) / a[j * n + j];
        double pivot = row[i] - k->dot(row, row, i);
        /* What is left after cancelling n terms of the size of row[i] is noise below this. */
        if (!(pivot > 1e-15 * row[i]) || !isfinite(pivot))
            return false;
        row[i] = sqrt(pivot);
    }
    return true;
}

void hn_cholesky_forward(const double *l, size_t n, double *b)
{
    const kernels *k = for_this_cpu();
    for (size_t i = 0; i < n; i++)
        b[i] = (b[i] - k->dot(l + i * n, b, i)) / l[i * n + i];
}

void hn_cholesky_solve(const double *l, size_t n, double *b)
{
    const kernels *k = for_this_cpu();
    hn_cholesky_forward(l, n, b);
    for (size_t i = n; i-- > 0;) {
        b[i] /= l[i * n + i];
        k->add_scaled(-b[i], l + i * n, i, b);
    }
}
