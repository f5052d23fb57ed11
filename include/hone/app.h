/* hone/app.h: what the program `hone` is made of: study files, running external programs and built-in models, the protocol, and
 * everything that is shown. The program's own folder, cli/, uses nothing else, so whatever it does, a C program can do.
 *
 * Conventions as in hone/hone.h. Text for people and machines goes to a hone_sink: the library itself never prints.
 */
#ifndef HONE_APP_H
#define HONE_APP_H

#include "hone/hone.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Where output goes. write is called with whole lines or, on a terminal, with control sequences; it is never called after the
 * function it was given to has returned. */
typedef struct hone_sink {
    void (*write)(void *user, const char *text, size_t size);
    void *user;
    bool terminal; /* progress is redrawn in place; otherwise plain lines */
    bool color;
    int columns; /* width in characters; 0 = 80 */
} hone_sink;

/* --- plans: a study file, or the same from options ------------------------------------------------------------------- */

/* --- ask, tell, serve ------------------------------------------------------------------------------------------------ */

/* --- showing --------------------------------------------------------------------------------------------------------- */

#ifdef __cplusplus
}
#endif
#endif
