/* model/xgboost_library.h: the functions of XGBoost's C interface that hone calls, from a library that is
 * opened when they are first asked for. Their names and contracts are those of xgboost/c_api.h (1.7); 0 is
 * success. Thread-safe.
 */
#ifndef HN_MODEL_XGBOOST_LIBRARY_H
#define HN_MODEL_XGBOOST_LIBRARY_H

#include <stdint.h>

#include "base/error.h"

typedef struct hn_xgboost {
    void (*version)(int *major, int *minor, int *patch);
    const char *(*last_error)(void); /* of this thread */
    int (*set_global)(const char *json);
    int (*matrix_create)(const float *x, uint64_t rows, uint64_t columns, float missing, void **matrix);
    int (*matrix_set_floats)(void *matrix, const char *field, const float *values, uint64_t n);
    int (*matrix_free)(void *matrix);
    int (*proxy_create)(void **proxy);
    int (*proxy_set_dense)(void *proxy, const char *array_interface);
    int (*bins_create)(void *user, void *proxy, void *reference, void (*restart)(void *user),
                       int (*next)(void *user), const char *config, void **matrix);
    int (*booster_create)(void *const matrices[], uint64_t n, void **booster);
    int (*booster_set)(void *booster, const char *name, const char *value);
    int (*booster_update)(void *booster, int round, void *matrix);
    int (*booster_evaluate)(void *booster, int round, void *matrices[], const char *names[], uint64_t n,
                            const char **text);
    int (*booster_dump)(void *booster, const char *feature_map, int statistics, const char *format,
                        uint64_t *n, const char ***trees);
    int (*booster_free)(void *booster);
    const char *description; /* "XGBoost 1.7.4" */
} hn_xgboost;

/* HONE_UNSUPPORTED names the package to install. Static. */
hone_status hn_xgboost_load(const hn_xgboost **functions, hone_error *err);
/* Fails with what XGBoost says of the call that failed on this thread. */
hone_status hn_xgboost_fail(const hn_xgboost *functions, hone_error *err);

#endif
