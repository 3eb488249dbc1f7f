/* The passes over blocks of 4 x 4 pixels, for the sharpness.
 * `device/analysis/passes/detail/reference_blocks.py` is the reference: both give the same, bit for bit. Each step
 * therefore rounds once, in the order of the reference; -ffp-contract=off keeps the compiler from fusing two steps.
 */

#include "passes.h"

#define LEAST_LEVEL 8

typedef struct {
    const uint8_t *u, *v;
    ptrdiff_t u_stride, v_stride;
    int rows, columns; /* of samples of blocks: every other row and column of the chroma planes */
    float blue, red;
} Chroma;

INLINE float at_least_zero(float value) { return value > 0 ? value : 0; }

/* The noise of a block divided by that of a grey block of the same luma: 1 to 2. */
INLINE float colour_noise(const Chroma *chroma, int row, int column, uint8_t level)
{
    const ptrdiff_t y = 2 * (row < chroma->rows ? row : chroma->rows - 1);
    const ptrdiff_t x = 2 * (column < chroma->columns ? column : chroma->columns - 1);
    float shade = at_least_zero((float)chroma->u[y * chroma->u_stride + x] - 128) * chroma->blue;
    shade += at_least_zero((float)chroma->v[y * chroma->v_stride + x] - 128);
    shade *= chroma->red;
    shade /= (float)(level < LEAST_LEVEL ? LEAST_LEVEL : level);
    return (shade < 1 ? shade : 1) + 1;
}

/* Double a row: weights 1, 2, 1 at each value, 1, 1 half-way to the next; ends repeat. */
INLINE void doubled_row(const float *restrict bare, int count, float *restrict wide)
{
    float before = 2 * bare[0] * 0.25f;
    for (int x = 0; x < count; x++) {
        const float after = (x + 1 < count ? bare[x] + bare[x + 1] : 2 * bare[x]) * 0.25f;
        wide[2 * x] = before + after;
        wide[2 * x + 1] = after + after;
        before = after;
    }
}

INLINE void quarters(const float *a, const float *b, int count, float *restrict out)
{
    for (int x = 0; x < count; x++) out[x] = (a[x] + b[x]) * 0.25f;
}

INLINE void swap(float **a, float **b)
{
    float *kept = *a;
    *a = *b;
    *b = kept;
}

/* Fill the noise around each block from `table` (of 256 levels) and the chroma planes (chroma_rows x chroma_columns), NULL
 * for a grey picture. `weights`: of blue relative to red, and of red. `spare`: 5 floats per column, and 9 more. */
PASS void hqcam_noise(const uint8_t *level, int rows, int columns, const float *table, const uint8_t *u, ptrdiff_t u_stride,
                      const uint8_t *v, ptrdiff_t v_stride, int chroma_rows, int chroma_columns, const float *weights,
                      float *restrict noise, float *spare)
{
    const Chroma chroma = {u, v, u_stride, v_stride, (chroma_rows + 1) / 2, (chroma_columns + 1) / 2,
                           weights[0], weights[1]};
    const int high = (rows + 1) / 2, wide = (columns + 1) / 2;
    float *bare = spare, *here = bare + wide, *last = here + 2 * wide, *pair = last + 2 * wide, *next = pair + 2 * wide;
    for (int row = 0; row <= high; row++) {
        if (row < high) {
            const uint8_t *levels = level + (ptrdiff_t)(2 * row) * columns;
            for (int x = 0; x < wide; x++) bare[x] = table[levels[2 * x]];
            for (int x = 0; u && x < wide; x++) bare[x] *= colour_noise(&chroma, 2 * row, 2 * x, levels[2 * x]);
            doubled_row(bare, wide, here);
        }
        quarters(row > 0 ? last : here, row < high ? here : last, 2 * wide, next);
        if (row > 0) {
            float *out = noise + (ptrdiff_t)(2 * row - 2) * columns;
            for (int x = 0; x < columns; x++) out[x] = pair[x] + next[x];
            if (2 * row - 1 < rows)
                for (int x = 0; x < columns; x++) out[columns + x] = next[x] + next[x];
        }
        swap(&last, &here);
        swap(&pair, &next);
    }
}

typedef struct {
    float coarse_noise, doubt, floor, noise_removed, least_over_noise;
} Terms;

/* Fill the squared sharpness, and whether it is certainly above the noise, of `count` blocks. */
PASS void hqcam_compare(const float *restrict fine, const float *restrict coarse, const float *restrict noise, int count,
                        const Terms *given, float *restrict squared, uint8_t *restrict certain)
{
    const Terms terms = *given;
    for (int i = 0; i < count; i++) {
        const float noise2 = noise[i] * noise[i];
        float below = at_least_zero(coarse[i] * coarse[i] - noise2 * terms.coarse_noise);
        below += noise2 * terms.doubt;
        below += terms.floor;
        squared[i] = (fine[i] * fine[i] - noise2 * terms.noise_removed) / below;
        certain[i] = fine[i] > terms.least_over_noise * noise[i];
    }
}
