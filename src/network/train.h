/* network/train.h: gradient descent over batches: order, loss, clipping, learning-rate schedule, early
 * stopping. A trainer goes epoch by epoch, so that whoever drives it may report, save, prune or stop between
 * two. The same seed, data and state give the same trajectory, whether it ran in one go or was continued from
 * a state. One thread at a time.
 */
#ifndef HN_NETWORK_TRAIN_H
#define HN_NETWORK_TRAIN_H

#include "network/loss.h"
#include "network/network.h"
#include "network/optimizer.h"
#include "network/schedule.h"

/* Samples to learn from or to look at. Borrowed for the call. */
typedef struct hn_samples {
    size_t n;
    const float *y;      /* (n,) class or value */
    const float *weight; /* (n,) or NULL */
    /* Writes the input's values of rows (count,) to out (count, input). draw keys random changes of the
     * samples in training; 0: none. */
    void (*gather)(void *user, const size_t *rows, size_t count, uint64_t draw, float *out);
    void *user;
} hn_samples;

typedef struct hn_train_options {
    int64_t epochs; /* the schedule's length */
    size_t batch;   /* samples a step */
    double learning_rate;
    hn_schedule schedule;
    hn_optimizer_options optimizer;
    hn_loss loss;
    double label_smoothing;
    double clip_norm;  /* the gradient's length is at most this; 0: not clipped */
    double clip_value; /* each of its numbers; 0: not clipped */
    int64_t patience;  /* epochs without a better watched loss before it stops; 0: never */
    double min_delta;  /* what counts as better */
    bool restore_best; /* at the end the values are those of the best epoch */
    uint64_t seed;
} hn_train_options;

/* What an epoch came to. */
typedef struct hn_epoch {
    int64_t number; /* 1, 2 ... */
    double loss;    /* mean over the training samples as they were met, with penalties left out */
    double watched; /* loss of the watched samples after the epoch; NaN without any */
    double rate;    /* learning rate at its end */
    double seconds;
    bool better; /* the watched loss is the best so far */
    bool over;   /* patience or epochs are used up */
} hn_epoch;

typedef struct hn_trainer hn_trainer;

/* The network must be initialised; it is borrowed until destroy. Returned: free with hn_trainer_destroy. */
hone_status hn_trainer_create(hn_network *network, const hn_train_options *options, hn_trainer **trainer,
                              hone_error *err);
void hn_trainer_destroy(hn_trainer *trainer); /* accepts NULL */
/* Are patience or epochs used up? */
bool hn_trainer_over(const hn_trainer *trainer);

/* One epoch. watched may be NULL: then patience and plateaus go by the training loss. HONE_OBJECTIVE when the
 * loss is not finite: the message says at which step; HONE_CANCELLED when *cancel (may be NULL) becomes
 * non-zero. O(samples). */
hone_status hn_trainer_epoch(hn_trainer *trainer, const hn_samples *train, const hn_samples *watched,
                             const volatile int *cancel, hn_epoch *epoch, hone_error *err);
/* Puts the best epoch's values into the network, if restore_best and there is one. */
void hn_trainer_finish(hn_trainer *trainer);

/* Mean loss of samples under the network as it is. */
hone_status hn_network_loss(hn_network *network, const hn_samples *samples, hn_loss loss, size_t batch,
                            double *mean, hone_error *err);

/* Everything a trajectory depends on beside the options, to be kept in a checkpoint and put back. */
typedef struct hn_trainer_state {
    int64_t epoch, step;     /* done */
    int64_t stale, plateaus; /* epochs since the best one; cuts of the rate by HN_PLATEAU */
    int64_t stale_plateau;   /* epochs since the best one or the last cut */
    int64_t best_epoch;      /* 0: none */
    double best;             /* its watched loss */
    float *values;           /* (hn_network_size,) */
    float *memory;           /* (n_memory,): the optimizer's */
    size_t n_memory;
    float *best_values; /* (hn_network_size,); NULL unless restore_best */
} hn_trainer_state;

/* The arrays are the trainer's own: written into, they are restored. Borrowed until destroy. */
hn_trainer_state *hn_trainer_state_of(hn_trainer *trainer);

#endif
