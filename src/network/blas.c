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

void hn_sgemm(bool a_transposed, bool b_transposed, size_t m, size_t n, size_t k, const float *a,
              const float *b, float beta, float *c)
{
    blas.sgemm(ROW_MAJOR, a_transposed ? TRANSPOSED : PLAIN, b_transposed ? TRANSPOSED : PLAIN, (int)m,
               (int)n, (int)k, 1, a, (int)(a_transposed ? m : k), b, (int)(b_transposed ? k : n), beta, c,
               (int)n);
}
