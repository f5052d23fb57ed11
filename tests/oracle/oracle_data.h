/* The data of forest_oracle.py, made here by the same formulas. */
#ifndef ORACLE_DATA_H
#define ORACLE_DATA_H

#include <stdint.h>

/* The upper 32 bits of Knuth's MMIX generator, whose state they move on. */
uint32_t oracle_next(uint64_t *state);

enum { ORACLE_ROWS = 300, ORACLE_COLUMNS = 6 };

/* name: two or four classes, or values. x (ORACLE_ROWS, ORACLE_COLUMNS), y (ORACLE_ROWS,). */
void oracle_data(const char *name, double *x, double *y);
/* The weights of weight_oracle.py for the same rows: (ORACLE_ROWS,). */
void oracle_weights(double *weight);

#endif
