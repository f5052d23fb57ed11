/* run/stragglers.h: finding and ending what a trial's process left behind, even in sessions of its own. A
 * process inherits its environment from who started it, so the variable HONE_RUN_ID says whose it is.
 * Linux: reads /proc. Blocking for some milliseconds; thread-safe. */
#ifndef HN_RUN_STRAGGLERS_H
#define HN_RUN_STRAGGLERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ends with SIGKILL the processes of this user whose HONE_RUN_ID is marker, or begins with it when prefix;
 * again until none is found, since the dying may start others, at most for `seconds`. Returns how many it
 * ended. */
size_t hn_stragglers_end(const char *marker, bool prefix, double seconds);

/* The same for a process that adopts orphans (PR_SET_CHILD_SUBREAPER): whatever the dead trial left is a
 * child of ours by now, so that only our children need looking at. Those that show no HONE_RUN_ID at all are
 * ended when no trial's child is alive. Also buries adopted children that ended by themselves. */
size_t hn_adopted_end(const char *marker, double seconds);

/* The children that somebody waits for: they are never taken for adopted ones. Begin before spawning one and
 * end after, with its number, or 0 when it failed; forget it when it was waited for. trial: it may leave
 * something behind. */
void hn_known_child_begin(void);
void hn_known_child_end(int64_t pid, bool trial);
void hn_known_child_forget(int64_t pid);

#endif
