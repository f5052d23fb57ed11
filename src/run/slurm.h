/* run/slurm.h: what hone says to Slurm: sbatch, squeue, scancel, run as programs and given their words
 * without a shell. All jobs of a fleet have one name of their own, by which they are found again.
 * Thread-safe.
 *
 * Sources: the manual pages of sbatch, squeue and scancel (Slurm 22.05).
 */
#ifndef HN_RUN_SLURM_H
#define HN_RUN_SLURM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"

enum { HN_SLURM_NAME_SIZE = 64, HN_SLURM_JOB_SIZE = 32, HN_SLURM_REASON_SIZE = 64 };

/* An array of workers. Borrowed for the call. */
typedef struct hn_slurm_array {
    const char *name;
    int64_t workers;
    const char *const *options; /* (n_options,) words for sbatch, checked: they win over hone's */
    size_t n_options;
    const char *program; /* hone, by a path that the nodes know */
    const char *study;
    const char *storage; /* with its password, if it has one: that goes through the environment only */
    bool secret;         /* it has one */
    const char *folder;  /* what the workers say goes into files here */
} hn_slurm_array;

/* The tasks of all arrays of one name. */
typedef struct hn_slurm_queue {
    int64_t running, waiting;
    char reason[HN_SLURM_REASON_SIZE]; /* why the first of those that wait does; "": not said */
} hn_slurm_queue;

/* Splits texts (n,) as a shell does into words for sbatch, in arena. HONE_INVALID names a word that hone has
 * to say itself, such as --array; secret: the storage has a password, which has to reach the workers. */
hone_status hn_slurm_read_options(const char *const *texts, size_t n, bool secret, hn_arena *arena,
                                  const char *const **options, size_t *n_options, hone_error *err);
/* A name that no other job has: "hone-digits-3f2a91c0". */
hone_status hn_slurm_new_name(const char *study, char name[HN_SLURM_NAME_SIZE], hone_error *err);
/* The script of the workers, as it is handed to sbatch. */
void hn_slurm_script(const hn_slurm_array *array, hn_buffer *script);
/* The command for a shell that would submit it, with the script. */
hone_status hn_slurm_describe(const hn_slurm_array *array, hn_buffer *text, hone_error *err);
/* job gets its number. HONE_NOT_FOUND: there is no sbatch; HONE_INVALID: it refuses, with what it said. */
hone_status hn_slurm_submit(const hn_slurm_array *array, char job[HN_SLURM_JOB_SIZE], hone_error *err);
/* HONE_BUSY: no answer at the moment. */
hone_status hn_slurm_look(const char *name, hn_slurm_queue *queue, hone_error *err);
/* Tasks that wait are taken out of the queue. */
hone_status hn_slurm_cancel_waiting(const char *name, hone_error *err);
/* SIGTERM to the workers and to nothing that they run: they finish their trials. */
hone_status hn_slurm_drain(const char *name, hone_error *err);
/* All of them, now. */
hone_status hn_slurm_cancel(const char *name, hone_error *err);

#endif
