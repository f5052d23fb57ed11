/* app/plot_confusion.h: who is taken for whom by a saved model, for the program and the report. One thread at
 * a time.
 */
#ifndef HN_APP_PLOT_CONFUSION_H
#define HN_APP_PLOT_CONFUSION_H

#include "app/model_data.h"
#include "view/figure.h"

/* The matrix of a model that is open with data that have the target; the page lives in arena and in `a`.
 * HONE_INVALID for a model that predicts numbers. */
hone_status hn_confusion_page(const hn_model_data *a, const hone_confusion_options *options, hn_arena *arena,
                              hn_page *page, hone_error *err);

#endif
