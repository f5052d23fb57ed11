#include "model/xgboost_library.h"

#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/os_library.h"

#define FUNCTION(name, member)                                                                               \
    {                                                                                                        \
        name, offsetof(hn_xgboost, member)                                                                   \
    }

static const hn_library_symbol symbols[] = {
    FUNCTION("XGBoostVersion", version),
    FUNCTION("XGBGetLastError", last_error),
    FUNCTION("XGBSetGlobalConfig", set_global),
    FUNCTION("XGDMatrixCreateFromMat", matrix_create),
    FUNCTION("XGDMatrixSetFloatInfo", matrix_set_floats),
    FUNCTION("XGDMatrixFree", matrix_free),
    FUNCTION("XGProxyDMatrixCreate", proxy_create),
    FUNCTION("XGProxyDMatrixSetDataDense", proxy_set_dense),
    FUNCTION("XGQuantileDMatrixCreateFromCallback", bins_create),
    FUNCTION("XGBoosterCreate", booster_create),
    FUNCTION("XGBoosterSetParam", booster_set),
    FUNCTION("XGBoosterUpdateOneIter", booster_update),
    FUNCTION("XGBoosterEvalOneIter", booster_evaluate),
    FUNCTION("XGBoosterDumpModelEx", booster_dump),
    FUNCTION("XGBoosterFree", booster_free),
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static hn_xgboost loaded;
static char description[40];
static hone_status loading;
static hone_error loading_error;

static void load(void)
{
    /* Debian's name with the version of the interface; that of XGBoost's own packages. */
    static const char *const names[] = {"libxgboost.so.0", "libxgboost.so", NULL};
    loading = hn_library_open("HONE_XGBOOST", names, symbols, sizeof symbols / sizeof *symbols, &loaded,
                              &loading_error);
    if (loading)
        return;
    int major = 0, minor = 0, patch = 0;
    loaded.version(&major, &minor, &patch);
    snprintf(description, sizeof description, "XGBoost %d.%d.%d", major, minor, patch);
    loaded.description = description;
}

hone_status hn_xgboost_load(const hn_xgboost **functions, hone_error *err)
{
    pthread_once(&once, load);
    if (loading)
        return hn_fail(
            err, HONE_UNSUPPORTED,
            "model xgboost needs the library XGBoost: install the package libxgboost0, or name the "
            "library's file in HONE_XGBOOST (%s)",
            loading_error.message);
    *functions = &loaded;
    return HONE_OK;
}

/* What it says begins "[time] file:line: ", and a stack trace follows on further lines. */
hone_status hn_xgboost_fail(const hn_xgboost *functions, hone_error *err)
{
    const char *text = functions->last_error();
    if (strstr(text, "bad_alloc"))
        return hn_out_of_memory(err);
    const char *time = *text == '[' ? strstr(text, "] ") : NULL, *place = time ? strstr(time, ": ") : NULL;
    text = place ? place + 2 : text;
    return hn_fail(err, HONE_INVALID, "XGBoost says: %.*s", (int)strcspn(text, "\n"), text);
}
