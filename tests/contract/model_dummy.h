/* A model plug-in that is not in the registry: predicts the weighted mean, or the commonest class, plus a
 * shift. Shows that the contract of model/model.h is open. */
#ifndef HN_TEST_MODEL_DUMMY_H
#define HN_TEST_MODEL_DUMMY_H

#include "model/model.h"

extern const hn_model_type model_dummy;

#endif
