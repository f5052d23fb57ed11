/* app/plot_curve.h: what the files of learning and validation curves share. One thread at a time. */
#ifndef HN_APP_PLOT_CURVE_H
#define HN_APP_PLOT_CURVE_H

#include "app/model_rows.h"
#include "app/plan.h"
#include "base/thread_pool.h"
#include "select/cross_validate.h"
#include "select/curve.h"

/* The setting that a plan's curve is of. */
typedef struct hn_curve_setting {
    hone_plan *plan;
    struct hn_model_job *job;
    hn_arena arena;
    const hn_dataset *dataset;
    hn_rows rows; /* kept: those that trials see */
    const hn_model_type *type;
    hn_node *settings; /* a map: the options */
    hn_validation_options validation;
    int64_t trial; /* whose parameters these are; -1: the plan's fixed options and the model's defaults */
    hn_thread_pool *pool;
} hn_curve_setting;

/* plan is borrowed until release; where its options are searched, those of the best trial of its study are
 * taken when there is one, else the model's defaults. metric NULL: the plan's goal. s begins zeroed; release
 * it in any case. */
hone_status hn_curve_setting_make(hone_plan *plan, const char *metric, int threads, hn_curve_setting *s,
                                  hone_error *err);
void hn_curve_setting_release(hn_curve_setting *s);

/* What was varied. */
typedef struct hn_curve_points {
    const char *title;        /* "training rows", or the option's name */
    const char *key;          /* the same as a key: "rows", or the option's name */
    const hn_node *values;    /* a list (n_points) */
    const char *const *texts; /* (n_points,) the values for people */
    const double *numbers;    /* (n_points,); NULL: not all of them are numbers */
    bool log;
} hn_curve_points;

/* One sentence or two: the gap between train and validation, whether more rows help. */
void hn_learning_note(const hn_curve *curve, const hn_curve_points *points, hn_buffer *out);
/* The best value, and on which side the model over- or underfits. */
void hn_validation_note(const hn_curve *curve, const hn_curve_points *points, hn_buffer *out);

/* As a figure (into the picture's file, if there is one), JSON or CSV. title: of the figure; note: of the
 * figure and JSON's "summary". */
hone_status hn_curve_show(const hn_curve *curve, const hn_curve_points *points, const char *title,
                          const char *note, const hone_picture *picture, hone_format format,
                          const hone_sink *sink, hone_error *err);

#endif
