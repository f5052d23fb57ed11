/* The samplers there are. */
#include <string.h>

#include "sampler/sampler.h"

extern const hn_sampler_type hn_sampler_auto;
extern const hn_sampler_type hn_sampler_random;
extern const hn_sampler_type hn_sampler_grid;
extern const hn_sampler_type hn_sampler_sobol;
extern const hn_sampler_type hn_sampler_halton;
extern const hn_sampler_type hn_sampler_brute_force;
extern const hn_sampler_type hn_sampler_fixed;
extern const hn_sampler_type hn_sampler_refine;
extern const hn_sampler_type hn_sampler_tpe;
extern const hn_sampler_type hn_sampler_bohb;
extern const hn_sampler_type hn_sampler_rf;
extern const hn_sampler_type hn_sampler_gp;
extern const hn_sampler_type hn_sampler_cmaes;
extern const hn_sampler_type hn_sampler_de;

static const hn_sampler_type *const samplers[] = {
    &hn_sampler_auto,        &hn_sampler_random, &hn_sampler_grid,   &hn_sampler_sobol, &hn_sampler_halton,
    &hn_sampler_brute_force, &hn_sampler_fixed,  &hn_sampler_refine, &hn_sampler_tpe,   &hn_sampler_rf,
    &hn_sampler_gp,          &hn_sampler_cmaes,  &hn_sampler_de,     &hn_sampler_bohb,
};

const hn_sampler_type *hn_sampler_at(size_t i)
{
    return i < sizeof samplers / sizeof *samplers ? samplers[i] : NULL;
}

const hn_sampler_type *hn_sampler_find(const char *name)
{
    for (size_t i = 0; i < sizeof samplers / sizeof *samplers; i++) {
        if (strcmp(samplers[i]->name, name) == 0) {
            return samplers[i];
        }
    }
    return NULL;
}
