/* base/os_pipe_signal.h: writing to a child or client that is gone raises SIGPIPE: it is blocked in this
 * thread while an event loop runs, and one that came is taken away before the mask is restored. The process'
 * disposition is not touched. */
#ifndef HN_BASE_OS_PIPE_SIGNAL_H
#define HN_BASE_OS_PIPE_SIGNAL_H

#include <signal.h>

void hn_pipe_signal_block(sigset_t *before);
void hn_pipe_signal_restore(const sigset_t *before);

#endif
