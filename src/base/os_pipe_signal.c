#include "base/os_pipe_signal.h"

#include <pthread.h>
#include <time.h>

void hn_pipe_signal_block(sigset_t *before)
{
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, before);
}

void hn_pipe_signal_restore(const sigset_t *before)
{
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    while (!sigismember(before, SIGPIPE) && sigtimedwait(&pipe, NULL, &(struct timespec){0}) > 0) {
    }
    pthread_sigmask(SIG_SETMASK, before, NULL);
}
