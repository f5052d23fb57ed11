#include "study/analyse.h"

#include "base/os_system.h"

hone_status hn_analyse_check_size(size_t size, size_t expected, const char *name, const char *macro,
                                  hone_error *err)
{
    return size == expected ? HONE_OK : hn_fail(err, HONE_INVALID, "begin a %s with %s", name, macro);
}

hone_status hn_analyse_check_objective(const hone_study *study, size_t objective, hone_error *err)
{
    size_t n = study->definition->n_objectives;
    return objective < n ? HONE_OK
                         : hn_fail(err, HONE_INVALID, "objective %zu: the study has %zu, numbered from 0",
                                   objective, n);
}

hone_status hn_analyse_pool(int threads, hn_thread_pool **pool, hone_error *err)
{
    return hn_thread_pool_create(threads > 0 ? (size_t)threads : (size_t)hn_cpu_count(), pool, err);
}

double hn_analyse_value(const hone_study *study, size_t objective, double loss)
{
    return study->definition->directions[objective] == HONE_MAXIMIZE ? -loss : loss;
}

bool hn_analyse_copy(hn_arena *arena, const hn_distribution *distribution, double raw, hone_value *value)
{
    *value = hn_distribution_to_value(distribution, raw);
    if (value->type == HONE_STRING) {
        value->as.string = hn_arena_strdup(arena, value->as.string);
        return value->as.string != NULL;
    }
    return true;
}
