/* svm_save.c: a fitted machine as settings {kernel, gamma, coef0, degree, classes, count} and the tensors
 * coefficients (rows, n_support), rho (pairs,), vectors (n_support, d), with probabilities sigmoids (pairs,
 * 2).
 */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "model/svm.h"

static hn_node *size_list(hn_arena *arena, const size_t *values, size_t n)
{
    hn_node *list = hn_node_list(arena);
    for (size_t i = 0; i < n; i++)
        list = hn_list_append(arena, list, hn_node_integer(arena, (int64_t)values[i]));
    return list;
}

hone_status hn_svm_save(const void *fitted, hn_arena *arena, hn_model_state *state, hone_error *err)
{
    const hn_svm *svm = fitted;
    hn_node *map = hn_node_map(arena);
    map = hn_map_set(arena, map, "kernel", hn_node_string(arena, hn_svm_kernel_names[svm->kernel.kind]));
    map = hn_map_set(arena, map, "gamma", hn_node_real(arena, svm->kernel.gamma));
    map = hn_map_set(arena, map, "coef0", hn_node_real(arena, svm->kernel.coef0));
    map = hn_map_set(arena, map, "degree", hn_node_integer(arena, svm->kernel.degree));
    map = hn_map_set(arena, map, "classes", size_list(arena, svm->present, svm->n_present));
    map = hn_map_set(arena, map, "count", size_list(arena, svm->count, svm->n_present));
    if (svm->sigmoids)
        map = hn_map_set(arena, map, "probability", hn_node_bool(arena, true));
    hn_tensor *tensors = HN_ARENA_NEW(arena, hn_tensor, 4);
    if (!map || !tensors)
        return hn_out_of_memory(err);
    tensors[0] = (hn_tensor){.name = "coefficients",
                             .dims = 2,
                             .shape = {hn_svm_coefficient_rows(svm), svm->n_support},
                             .values = svm->coefficients};
    tensors[1] = (hn_tensor){.name = "rho", .dims = 1, .shape = {hn_svm_pairs(svm)}, .values = svm->rho};
    tensors[2] =
        (hn_tensor){.name = "vectors", .dims = 2, .shape = {svm->n_support, svm->d}, .values = svm->vectors};
    tensors[3] =
        (hn_tensor){.name = "sigmoids", .dims = 2, .shape = {hn_svm_pairs(svm), 2}, .values = svm->sigmoids};
    size_t n_tensors = svm->sigmoids ? 4 : 3;
    *state = (hn_model_state){.settings = map, .tensors = tensors, .n_tensors = n_tensors};
    return HONE_OK;
}

/* --- loading --- */

static bool load_kernel(const hn_node *settings, hn_kernel *kernel)
{
    const hn_node *name = hn_map_get(settings, "kernel");
    int64_t degree;
    if (!name || name->kind != HN_STRING || !hn_node_double(hn_map_get(settings, "gamma"), &kernel->gamma) ||
        !hn_node_double(hn_map_get(settings, "coef0"), &kernel->coef0) ||
        !hn_node_int(hn_map_get(settings, "degree"), &degree))
        return false;
    int kind = 0;
    while (hn_svm_kernel_names[kind] && strcmp(hn_svm_kernel_names[kind], name->as.string) != 0)
        kind++;
    kernel->kind = (hn_kernel_kind)kind;
    kernel->degree = (int)degree;
    return hn_svm_kernel_names[kind] && degree >= 0 && degree <= 100 && kernel->gamma > 0 &&
           isfinite(kernel->gamma) && isfinite(kernel->coef0);
}

static bool load_sizes(const hn_node *list, size_t n, size_t limit, size_t *out)
{
    for (size_t i = 0; i < n; i++) {
        int64_t value;
        if (!hn_node_int(list->as.items[i], &value) || value < 0 || (uint64_t)value >= limit)
            return false;
        out[i] = (size_t)value;
    }
    return true;
}

/* Classes ascend below n_classes, and the counts add up to the support vectors. */
static bool load_classes(const hn_node *settings, hn_svm *svm)
{
    const hn_node *classes = hn_map_get(settings, "classes"), *count = hn_map_get(settings, "count");
    if (!count || count->kind != HN_LIST || count->count != svm->n_present)
        return false;
    if (!load_sizes(classes, svm->n_present, svm->n_classes ? svm->n_classes : 1, svm->present) ||
        !load_sizes(count, svm->n_present, svm->n_support + 1, svm->count))
        return false;
    size_t total = 0;
    for (size_t i = 0; i < svm->n_present; i++) {
        if (i && svm->present[i] <= svm->present[i - 1])
            return false;
        total += svm->count[i];
    }
    return total == svm->n_support;
}

hone_status hn_svm_load(const hn_model_state *state, size_t n_classes, size_t d, void **fitted,
                        hone_error *err)
{
    const hn_tensor *coefficients = hn_tensor_find(state->tensors, state->n_tensors, "coefficients", 2);
    const hn_tensor *rho = hn_tensor_find(state->tensors, state->n_tensors, "rho", 1);
    const hn_tensor *vectors = hn_tensor_find(state->tensors, state->n_tensors, "vectors", 2);
    const hn_node *classes = hn_map_get(state->settings, "classes");
    hn_kernel kernel;
    if (!coefficients || !rho || !vectors || !classes || classes->kind != HN_LIST || classes->count == 0 ||
        !load_kernel(state->settings, &kernel))
        return hn_fail(err, HONE_PARSE,
                       "model svm: a setting or array is missing or has another form than hone writes");
    size_t n_present = classes->count, n_support = vectors->shape[0];
    if (vectors->shape[1] != d || n_present > (n_classes ? n_classes : 1) || (n_classes && n_present < 2))
        return hn_fail(err, HONE_PARSE,
                       "model svm: arrays for %zu columns and %zu classes in a file for %zu and %zu",
                       vectors->shape[1], n_present, d, n_classes);
    hn_svm *svm = hn_svm_new(n_classes, n_present, n_support, d);
    if (!svm)
        return hn_out_of_memory(err);
    svm->kernel = kernel;
    const hn_node *probability = hn_map_get(state->settings, "probability");
    const hn_tensor *sigmoids = hn_tensor_find(state->tensors, state->n_tensors, "sigmoids", 2);
    if (sigmoids && !(svm->sigmoids = hn_calloc(2 * hn_svm_pairs(svm), sizeof *svm->sigmoids))) {
        hn_svm_destroy(svm);
        return hn_out_of_memory(err);
    }
    bool stated = !probability || (probability->kind == HN_BOOL && probability->as.boolean);
    bool sound =
        stated && !probability == !sigmoids && coefficients->shape[0] == hn_svm_coefficient_rows(svm) &&
        coefficients->shape[1] == n_support && rho->shape[0] == hn_svm_pairs(svm) &&
        load_classes(state->settings, svm) && hn_tensor_copy_finite(coefficients, svm->coefficients) &&
        hn_tensor_copy_finite(rho, svm->rho) && hn_tensor_copy_finite(vectors, svm->vectors) &&
        (!sigmoids || (n_classes && sigmoids->shape[0] == hn_svm_pairs(svm) && sigmoids->shape[1] == 2 &&
                       hn_tensor_copy_finite(sigmoids, svm->sigmoids)));
    if (!sound) {
        hn_svm_destroy(svm);
        return hn_fail(err, HONE_PARSE, "model svm: its arrays do not fit each other");
    }
    hn_squared_norms(svm->vectors, n_support, d, svm->norms);
    *fitted = svm;
    return HONE_OK;
}
