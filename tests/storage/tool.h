/* The test executable run again as another process: with HONE_STORAGE_TOOL set to "verb number url" it does
 * that before its main begins, and exits. Scripts use it the same way.
 *
 *   write URL     a study "all" with trials of every state and kind of value, and "two" with two objectives
 *   read URL      everything as JSON on standard output
 *   append URL    one complete trial more for every study, with the parameters of its first
 *   load URL      counts the trials of study "loop"
 *   loop URL N    N trials into study "loop"; prints each number on standard output once it is told
 *   open URL      as user nobody when started by root: prints the error of opening and writing
 */
#ifndef HN_TEST_STORAGE_TOOL_H
#define HN_TEST_STORAGE_TOOL_H

#include <stdio.h>
#include <sys/types.h>

/* Starts this executable as the tool; *out reads its standard output. */
pid_t tool_start(const char *verb, const char *url, long number, FILE **out);
/* Waits for its end; the exit code, or minus the signal. */
int tool_wait(pid_t pid);
/* The study that loop writes and load reads. */
#define TOOL_STUDY "loop"

#endif
