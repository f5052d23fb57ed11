/* model/svm_platt.h: probabilities of a support vector machine: a sigmoid of the decision of each pair of
 * classes, and the pairs coupled. */
#ifndef HN_MODEL_SVM_PLATT_H
#define HN_MODEL_SVM_PLATT_H

#include "model/svm_solver.h"

/* The a and b for which 1 / (1 + exp(a * decision + b)) is likeliest, given decisions (n,) and whether each
 * row is of the class that positive decisions speak for. */
void hn_svm_sigmoid(const double *decision, const bool *positive, size_t n, double *a, double *b);
/* out (2 n_present,): first the probabilities of the classes from one row's decisions (pairs,), then scratch.
 * pairwise: scratch (n_present, n_present). The machine has sigmoids. */
void hn_svm_couple(const hn_svm *svm, const double *decisions, double *pairwise, double *out);
/* Fits the sigmoid of each pair of classes to decisions for rows that took no part in the machine that made
 * them: five folds of the pair's rows, drawn by the context's seed. */
hone_status hn_svm_calibrate(const hn_svm_fitting *fitting, hn_svm *svm);

#endif
