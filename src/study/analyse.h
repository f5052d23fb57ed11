/* study/analyse.h: what the functions that analyse a study share. */
#ifndef HN_STUDY_ANALYSE_H
#define HN_STUDY_ANALYSE_H

#include "base/thread_pool.h"
#include "study/study.h"

/* HONE_INVALID when a config was not begun with its macro `type`_CONFIG_INIT, of name `name`. */
hone_status hn_analyse_check_size(size_t size, size_t expected, const char *name, const char *macro,
                                  hone_error *err);
/* HONE_INVALID for an objective that the study does not have. */
hone_status hn_analyse_check_objective(const hone_study *study, size_t objective, hone_error *err);
/* threads 0: one a core. */
hone_status hn_analyse_pool(int threads, hn_thread_pool **pool, hone_error *err);
/* A loss as the user knows it. */
double hn_analyse_value(const hone_study *study, size_t objective, double loss);
/* A raw value with its text in the arena; false when memory is out. */
bool hn_analyse_copy(hn_arena *arena, const hn_distribution *distribution, double raw, hone_value *value);

#endif
