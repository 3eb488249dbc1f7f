/* Shared by the passes. PASS marks the functions that Python calls, INLINE the helpers inside them. */

#ifndef HQCAM_PASSES_H
#define HQCAM_PASSES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* On a PC, each pass is compiled twice, with AVX2 and without; the loader of the library chooses. All 64-bit Pis have the
 * same vector registers and need no choice. */
#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define PASS __attribute__((target_clones("avx2", "default")))
#define INLINE static inline __attribute__((always_inline))
#else
#define PASS
#define INLINE static inline
#endif

INLINE int16_t larger(int16_t a, int16_t b) { return a > b ? a : b; }
INLINE int16_t smaller(int16_t a, int16_t b) { return a < b ? a : b; }

/* |a - b|, in the form of which the compiler makes the fewest instructions. */
#if defined(__aarch64__)
INLINE int16_t apart(int16_t a, int16_t b) { return (int16_t)(larger(a, b) - smaller(a, b)); }
#else
INLINE int16_t apart(int16_t a, int16_t b) { return (int16_t)(a < b ? b - a : a - b); }
#endif

#endif
