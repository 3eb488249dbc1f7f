/* What the passes share. */

#ifndef HQCAM_WALKS_H
#define HQCAM_WALKS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A PC, where the simulated camera is at home, takes the wider registers of its processor where it has them; every Pi of
 * 64 bits has the same. */
#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define WALK __attribute__((target_clones("avx2", "default")))
#define PART static inline __attribute__((always_inline))
#else
#define WALK
#define PART static inline
#endif

PART int16_t larger(int16_t a, int16_t b) { return a > b ? a : b; }
PART int16_t smaller(int16_t a, int16_t b) { return a < b ? a : b; }

#endif
