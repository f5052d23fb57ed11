/* math/wide.h: WIDE before a function makes one for each instruction set, chosen when the program is
 * loaded. Loops in it are vectorised by the compiler; no result depends on how they are cut.
 */
#ifndef HN_MATH_WIDE_H
#define HN_MATH_WIDE_H

#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__SANITIZE_THREAD__)
#define WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDE
#endif

#endif
