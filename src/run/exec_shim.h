/* run/exec_shim.h: what a child does between being spawned and becoming the user's program, because a
 * spawner cannot do it from outside. The program `hone` calls this for its hidden subcommand `hone
 * __exec`. */
#ifndef HN_RUN_EXEC_SHIM_H
#define HN_RUN_EXEC_SHIM_H

/* argv, what stands after `__exec`: [--parent=PID] [--memory=BYTES] -- program arguments...   or
 * --guard=MARKER
 *
 * The first form asks the kernel for SIGKILL when its parent dies, limits its address space and becomes the
 * program, found through PATH. Returns only when that fails, after one line on standard error: the status to
 * exit with (126 or 127).
 *
 * The second waits until its standard input ends, which is when hone ended, however it ended, and then ends
 * every process whose HONE_RUN_ID begins with MARKER: what the parent's death signal, which reaches the child
 * only, leaves over. Returns 0. */
int hn_exec_shim(int argc, char **argv);

#endif
