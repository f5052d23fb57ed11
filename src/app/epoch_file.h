/* app/epoch_file.h: the steps of a trial's fits (a network's epochs) as a table in the trial's folder:
 * epochs.csv, or epochs-0.csv ... of several folds. Each line is there as soon as it is added; a fit that
 * goes on from a checkpoint keeps the lines before it. One thread at a time.
 */
#ifndef HN_APP_EPOCH_FILE_H
#define HN_APP_EPOCH_FILE_H

#include "base/buffer.h"
#include "model/model.h"

/* All zero at first; lives as long as the fit. */
typedef struct hn_epoch_file {
    bool begun;
    hn_buffer path;
} hn_epoch_file;

/* fold: -1 when there is one only. metric names score. What cannot be written is said in the log, once. */
void hn_epoch_file_add(hn_epoch_file *file, const char *folder, int64_t fold, const hn_fit_step *step,
                       const char *metric, double score);
void hn_epoch_file_release(hn_epoch_file *file);

#endif
