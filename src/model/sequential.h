/* model/sequential.h: what the files of the neural network model share. */
#ifndef HN_MODEL_SEQUENTIAL_H
#define HN_MODEL_SEQUENTIAL_H

#include "model/model.h"
#include "network/train.h"

typedef struct hn_sequential_config {
    const hn_node *layers, *schedule, *class_weight, *augment;
    int64_t epochs, batch_size, patience;
    double learning_rate, label_smoothing, clip_norm, clip_value;
    double min_delta, validation_fraction;
    int optimizer, loss;
    double momentum, beta1, beta2, rho, epsilon, weight_decay;
    bool nesterov;
} hn_sequential_config;

typedef struct hn_sequential {
    hn_arena arena;        /* layers */
    const hn_node *layers; /* with the output layer spelled out */
    hn_shape in;
    size_t n_classes, outputs;
    hn_loss loss;
    double centre, spread; /* a number is centre + spread * output */
    size_t n_values;
    float *values;  /* (n_values,) of the network */
    int64_t epochs; /* that it learned */
} hn_sequential;

extern const hn_model_type hn_model_sequential;

/* A file that keeps a training between two epochs. Borrowed. */
typedef struct hn_checkpoint {
    const char *path;
    const hn_node *record; /* what the training is of: hn_sequential_record */
    bool cloned;           /* one of other options than the data, too, when its arrays fit */
} hn_checkpoint;

/* hn_fit_record with the layers spelled out. */
hn_node *hn_sequential_record(const hn_sequential_config *config, const hn_sequential *s,
                              const hn_design *train, uint64_t seed, hn_arena *arena);
/* Atomic. n_values: of the network. */
hone_status hn_sequential_keep(const hn_checkpoint *checkpoint, const hn_trainer_state *state,
                               size_t n_values, hone_error *err);
/* Puts back what the file has. When there is none, or it is damaged or of another training, the state stays
 * as it is, and the log says why. */
void hn_sequential_restore(const hn_checkpoint *checkpoint, size_t n_values, hn_trainer_state *state);

enum { HN_SEQUENTIAL_BATCH = 256 /* rows predicted at a time */ };

/* The layers as given with `output` replaced by the dense layer that the task needs, in arena. HONE_INVALID
 * when there is none of that many outputs in the end. */
hone_status hn_sequential_layers(hn_arena *arena, const hn_node *layers, size_t n_classes,
                                 const hn_node **spelled, hone_error *err);
/* The network of these layers, of which the outputs are checked. Free with hn_network_destroy. */
hone_status hn_sequential_network(const hn_node *layers, const hn_shape *in, size_t n_classes,
                                  hn_network **network, hone_error *err);

/* The loss that these options mean for that network. HONE_INVALID when it does not go with its outputs. */
hone_status hn_sequential_loss(const hn_sequential_config *config, const hn_network *network,
                               size_t n_classes, hn_loss *loss, hone_error *err);

/* Of n training rows those set aside for patience and the schedule plateau; n leaves none. */
size_t hn_sequential_aside(const hn_sequential_config *config, const hn_schedule *schedule, size_t n);

/* Row i of a design, as floats: out (d,). */
void hn_sequential_row(const hn_design *design, size_t i, float *out);
/* The shape of a design's rows. */
hn_shape hn_sequential_shape(const hn_design *design);

hone_status hn_sequential_fit(const void *config, const hn_design *train, const hn_fit_context *context,
                              void **fitted, hone_error *err);
void hn_sequential_destroy(void *fitted);
hone_status hn_sequential_predict(const void *fitted, const hn_design *rows, double *out, hone_error *err);
hone_status hn_sequential_predict_proba(const void *fitted, const hn_design *rows, double *out,
                                        hone_error *err);
hone_status hn_sequential_save(const void *fitted, hn_arena *arena, hn_model_state *state, hone_error *err);
hone_status hn_sequential_graph(const void *fitted, hn_value rows, hn_graph *graph, hn_model_graph *out,
                                hone_error *err);
hone_status hn_sequential_load(const hn_model_state *state, size_t n_classes, size_t d, void **fitted,
                               hone_error *err);

#endif
