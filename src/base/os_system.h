/* base/os_system.h: the machine and the process. Thread-safe. */
#ifndef HN_BASE_OS_SYSTEM_H
#define HN_BASE_OS_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Cores this process may use (affinity and cgroup quota counted), at least 1. */
int hn_cpu_count(void);
uint64_t hn_memory_total_bytes(void);
uint64_t hn_memory_resident_bytes(void);
/* From now on freed blocks of a megabyte and more go back to the system, not into the allocator's heap, which
 * keeps up to 64 MiB a thread. For processes of hone's own: it changes the whole process. */
void hn_memory_return_blocks(void);
/* n bytes that nobody can guess (leases, tokens, UUIDs). */
hone_status hn_random_bytes(void *out, size_t n, hone_error *err);
/* Lower-case hexadecimal text of n random bytes; out has 2n + 1 bytes. */
hone_status hn_random_hex(char *out, size_t n, hone_error *err);
const char *hn_host_name(void); /* static */
/* So many files may be open at once from now on, as far as the process is allowed to raise that. */
void hn_allow_open_files(size_t n);
int64_t hn_process_id(void);
/* A process of that number runs on this machine (perhaps as another user). */
bool hn_process_exists(int64_t process);
/* Path of the running program (for re-executed workers). Static; NULL when unknown. */
const char *hn_program_path(void);
/* The CPU can run AVX2+FMA / AVX-512F code. */
bool hn_cpu_has_avx2(void);
bool hn_cpu_has_avx512(void);

#endif
