/* run/template.h: a program's command line with places for parameters: `python train.py --lr {lr} [--units
 * {units_2}]`.
 *
 * A string is split into words as a POSIX shell would (quotes, backslashes) and run without a shell; a list
 * is taken as it is; a shell template is handed to /bin/sh. {name} stands for a parameter's value or a
 * builtin (hn_template_builtins), inside a word or as one; {{ and }} are literal braces. An optional group,
 * from an unquoted word that begins with `[` to one that ends with `]` (in a list: from an element "[" to an
 * element "]"), is dropped when a parameter in it is inactive; brackets around no parameter are literal.
 *
 * Immutable once made; read by any number of threads.
 */
#ifndef HN_RUN_TEMPLATE_H
#define HN_RUN_TEMPLATE_H

#include "base/arena.h"
#include "base/error.h"
#include "space/space.h"

typedef struct hn_template hn_template;

/* "trial", "seed", "budget", "resume_step", "checkpoint_dir", "params_file", "log_dir"; ends with NULL. */
extern const char *const hn_template_builtins[];

/* at: where text stood in a file (all zero when it did not); errors carry it, or the byte and column within
 * text. */
hone_status hn_template_from_string(const char *text, hn_position at, hn_template **made, hone_error *err);
hone_status hn_template_from_list(const char *const *words, size_t n, hn_position at, hn_template **made,
                                  hone_error *err);
/* A value never becomes part of the script: a placeholder turns into a reference to the environment variable
 * that holds it (hn_template_variable), quoted as its place asks for, so that nothing in a value is ever read
 * as shell code. */
hone_status hn_template_from_shell(const char *text, hn_position at, hn_template **made, hone_error *err);
void hn_template_destroy(hn_template *made); /* accepts NULL */

/* What only the space can tell: unknown names (with the nearest), parameters that may be inactive outside an
 * optional group, two parameters with one environment variable. */
hone_status hn_template_check(const hn_template *made, const hn_space *space, hone_error *err);

/* The text of a parameter or builtin now, NULL = inactive. */
typedef const char *(*hn_template_value)(void *user, const char *name);

/* The words to run: (*argv)[0 .. *argc - 1], then NULL; in the arena. An inactive parameter outside a group
 * is HONE_INVALID. */
hone_status hn_template_expand(const hn_template *made, hn_template_value value, void *user, hn_arena *arena,
                               char ***argv, size_t *argc, hone_error *err);

enum { HN_VARIABLE_SIZE = 256 };
/* The environment variable of a parameter ("HONE_PARAM_UNITS_2": upper case, all but letters and digits
 * become _) or of a builtin ("HONE_TRIAL"). Returns out; long names are cut. */
const char *hn_template_variable(const char *name, char out[HN_VARIABLE_SIZE]);

/* A value as a program reads it: "3", "0.1", "true", "null", the text itself. In the arena; NULL when memory
 * is out. */
const char *hn_value_text(hn_arena *arena, hone_value value);

#endif
