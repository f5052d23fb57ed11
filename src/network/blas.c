#include "network/blas.h"

#include <pthread.h>

#include "base/os_library.h"

/* cblas.h's order and transposition; pinned by every CBLAS. */
enum { ROW_MAJOR = 101, PLAIN = 111, TRANSPOSED = 112 };

static struct {
    void (*sgemm)(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha,
                  const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc);
} blas;
static hone_status found;
static hone_error why;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void)
{
    static const char *const names[] = {"libopenblas.so.0", "libblas.so.3", NULL};
    static const hn_library_symbol symbols[] = {{"cblas_sgemm", 0}};
    found = hn_library_open("HONE_BLAS", names, symbols, 1, &blas, &why);
}

hone_status hn_blas_load(hone_error *err)
{
    pthread_once(&once, load);
    return found ? hn_fail(err, HONE_UNSUPPORTED, "neural networks need a BLAS: install libopenblas0 (%s)",
                           why.message)
                 : HONE_OK;
}

static int as_given(hn_matrix x)
{
    return x.transposed ? TRANSPOSED : PLAIN;
}

void hn_sgemm(hn_matrix a, hn_matrix b, size_t m, size_t n, size_t k, float beta, float *c, size_t stride)
{
    blas.sgemm(ROW_MAJOR, as_given(a), as_given(b), (int)m, (int)n, (int)k, 1, a.values, (int)a.stride,
               b.values, (int)b.stride, beta, c, (int)stride);
}
