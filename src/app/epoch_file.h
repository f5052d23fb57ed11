/* app/epoch_file.h: the steps of a trial's fits (a network's epochs) as a table in the trial's folder:
 * epochs.csv, or epochs-0.csv ... of several folds. Lines are gathered and written now and then, and when it
 * is closed; a fit that goes on from a checkpoint keeps the lines before it. One thread at a time.
 */
#ifndef HN_APP_EPOCH_FILE_H
#define HN_APP_EPOCH_FILE_H

#include "base/buffer.h"
#include "model/model.h"

typedef struct hn_epoch_file {
    char *path; /* NULL: nothing was added yet */
    hn_buffer text;
    double written; /* when; hn_monotonic_seconds */
} hn_epoch_file;

/* fold: -1 when there is one only. metric names score. What cannot be written is said in the log, and costs
 * the lines. */
void hn_epoch_file_add(hn_epoch_file *file, const char *folder, int64_t fold, const hn_fit_step *step,
                       const char *metric, double score);
/* Writes what is gathered; *file is as new. */
void hn_epoch_file_close(hn_epoch_file *file);

#endif
