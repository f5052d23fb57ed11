/* network/optimizer.h: one step of gradient descent over an array of values. Definitions and defaults are
 * PyTorch's (torch.optim), which for Adam are those of Kingma & Ba 2015, for AdamW of Loshchilov & Hutter
 * 2019, for Nesterov's momentum of Sutskever et al. 2013. One thread at a time per state.
 */
#ifndef HN_NETWORK_OPTIMIZER_H
#define HN_NETWORK_OPTIMIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum hn_optimizer_kind {
    HN_SGD, /* with momentum > 0 momentum; nesterov looks ahead */
    HN_ADAM,
    HN_ADAMW, /* weight decay apart from the gradient */
    HN_RMSPROP,
    HN_ADAGRAD,
} hn_optimizer_kind;

/* "sgd", "adam", "adamw", "rmsprop", "adagrad"; ends with NULL. */
extern const char *const hn_optimizer_names[];

typedef struct hn_optimizer_options {
    hn_optimizer_kind kind;
    bool nesterov;
    double momentum;     /* of sgd and rmsprop */
    double beta1, beta2; /* of adam, adamw */
    double rho;          /* of rmsprop */
    double epsilon;
    double weight_decay; /* added to the gradient as weight_decay * value; of adamw: taken off the value */
} hn_optimizer_options;

/* Arrays an optimizer keeps beside the values: 0, 1 or 2. */
size_t hn_optimizer_arrays(const hn_optimizer_options *options);

/* How one tensor's step is made. */
typedef struct hn_optimizer_step {
    double rate;    /* the learning rate now */
    double scale;   /* multiplies the gradient first: clipping */
    double l1, l2;  /* the loss has l1 sum |value| + l2 sum value^2 of this tensor */
    bool decays;    /* weight_decay applies */
    int64_t number; /* of the step, from 1 */
} hn_optimizer_step;

/* values (n,) go one step down gradients (n,). state: hn_optimizer_arrays arrays of n, each stride after the
 * one before, zeroed before step 1. */
void hn_optimizer_run(const hn_optimizer_options *options, const hn_optimizer_step *step,
                      const float *gradients, size_t n, float *state, size_t stride, float *values);

#endif
