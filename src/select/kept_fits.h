/* select/kept_fits.h: fitted models of a validation's folds, kept because other settings' models follow from
 * them (hn_model_type.covers). Internally synchronised.
 *
 * Nothing is fitted that nobody asked for: a setting is fitted as it is, unless a wider one is expected to be
 * run as well; then the widest of those is fitted at once, and the others follow.
 */
#ifndef HN_SELECT_KEPT_FITS_H
#define HN_SELECT_KEPT_FITS_H

#include "model/model.h"

typedef struct hn_kept_fits hn_kept_fits;

/* A setting; both parts are borrowed. */
typedef struct hn_setting {
    const hn_node *options; /* a map or NULL */
    const void *config;     /* made of it */
} hn_setting;

/* A fitted model in the list, which it does not leave while in use. */
typedef struct hn_kept_fit hn_kept_fit;

/* type has covers. Keeps at most most_bytes, the fits used last. Returned: free with hn_kept_fits_destroy. */
hone_status hn_kept_fits_create(const hn_model_type *type, hn_model_task task, size_t most_bytes,
                                hn_kept_fits **fits, hone_error *err);
void hn_kept_fits_destroy(hn_kept_fits *fits); /* accepts NULL */

/* Each of these options (maps, copied as far as needed) will be run, once in each of n_folds. Replaces what
 * was expected before. */
hone_status hn_kept_fits_expect(hn_kept_fits *fits, const hn_node *const *options, size_t n, size_t n_folds,
                                hone_error *err);

/* How many fits a fold needs for all that is expected. */
size_t hn_kept_fits_expected(hn_kept_fits *fits);

/* The fit of the fold from which the setting's model follows, in use now; NULL when there is none. */
hn_kept_fit *hn_kept_fits_find(hn_kept_fits *fits, size_t fold, const void *config);
/* What to fit for a setting that find did not find: itself, or a wider one that is expected. */
hn_setting hn_kept_fits_choose(hn_kept_fits *fits, const hn_setting *asked);
/* Keeps the model that this setting, as choose gave it, was fitted to, in use now. NULL when there is no room
 * or memory: it stays the caller's. */
hn_kept_fit *hn_kept_fits_add(hn_kept_fits *fits, size_t fold, const hn_setting *setting, void *fitted);
const void *hn_kept_fit_model(const hn_kept_fit *fit);
/* The end of its use; accepts NULL. */
void hn_kept_fits_release(hn_kept_fits *fits, hn_kept_fit *fit);

#endif
