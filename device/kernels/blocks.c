/* The passes over blocks of 4 x 4 pixels, for the sharpness.
 * `device/analysis/passes/detail/reference_blocks.py` is the reference: both give the same, bit for bit. Each step
 * therefore rounds once, in the order of the reference; -ffp-contract=off keeps the compiler from fusing two steps.
 */

#include "passes.h"

INLINE float at_least_zero(float value) { return value > 0 ? value : 0; }

#define HUES 17

/* Fill |difference| to the block on the right plus that to the block below; 0 beyond the ends. */
PASS void hqcam_steps(const int16_t *total, int rows, int columns, float *steps)
{
    for (int y = 0; y < rows; y++) {
        const int16_t *restrict here = total + (ptrdiff_t)y * columns;
        const int16_t *restrict below = y + 1 < rows ? here + columns : here;
        float *restrict out = steps + (ptrdiff_t)y * columns;
        for (int x = 0; x + 1 < columns; x++)
            out[x] = (float)(int16_t)(apart(here[x + 1], here[x]) + apart(below[x], here[x]));
        out[columns - 1] = (float)apart(below[columns - 1], here[columns - 1]);
    }
}

typedef struct {
    const uint8_t *u, *v;
    ptrdiff_t u_stride, v_stride;
    int last_row, last_column;
} Chroma;

/* The class of a block's colour: its mean u and v. */
INLINE int hue_of(const Chroma *chroma, int row, int column)
{
    if (!chroma->u) return HUES / 2 * HUES + HUES / 2;
    const int y0 = 2 * row < chroma->last_row ? 2 * row : chroma->last_row, y1 = y0 + (y0 < chroma->last_row);
    const int x0 = 2 * column < chroma->last_column ? 2 * column : chroma->last_column, x1 = x0 + (x0 < chroma->last_column);
    const uint8_t *u0 = chroma->u + y0 * chroma->u_stride, *u1 = chroma->u + y1 * chroma->u_stride;
    const uint8_t *v0 = chroma->v + y0 * chroma->v_stride, *v1 = chroma->v + y1 * chroma->v_stride;
    const int u = (u0[x0] + u0[x1] + u1[x0] + u1[x1] + 2) >> 2, v = (v0[x0] + v0[x1] + v1[x0] + v1[x1] + 2) >> 2;
    return ((u + 8) >> 4) * HUES + ((v + 8) >> 4);
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

/* A plane that is looked at in every other row and column, and doubled: the rows that this needs. */
typedef struct {
    float *bare, *here, *last, *pair, *next;
} Doubling;

INLINE Doubling doubling_in(float *spare, int wide)
{
    Doubling rows = {spare, spare + wide, spare + 3 * wide, spare + 5 * wide, spare + 7 * wide};
    return rows;
}

/* Take the row `row` of `high` in, and give the rows that are done. */
INLINE void double_rows(Doubling *d, int row, int high, int wide, int rows, int columns, float *plane)
{
    if (row < high) doubled_row(d->bare, wide, d->here);
    quarters(row > 0 ? d->last : d->here, row < high ? d->here : d->last, 2 * wide, d->next);
    if (row > 0) {
        float *restrict out = plane + (ptrdiff_t)(2 * row - 2) * columns;
        const float *restrict pair = d->pair, *restrict next = d->next;
        for (int x = 0; x < columns; x++) out[x] = pair[x] + next[x];
        if (2 * row - 1 < rows)
            for (int x = 0; x < columns; x++) out[columns + x] = next[x] + next[x];
    }
    swap(&d->last, &d->here);
    swap(&d->pair, &d->next);
}

/* Fill the noise around each block, squared, of fine and of coarse structure. `bare` has 256 levels, `factor` and
 * `coarse_part` a value for each class of level and colour; u and v (chroma_rows x chroma_columns) are NULL for a grey
 * picture. `spare`: 9 floats per column, and 18 more. */
PASS void hqcam_noise(const int16_t *total, int rows, int columns, const float *bare, const float *factor,
                      const float *coarse_part, const uint8_t *u, ptrdiff_t u_stride, const uint8_t *v, ptrdiff_t v_stride,
                      int chroma_rows, int chroma_columns, float *fine, float *coarse, float *spare)
{
    const Chroma chroma = {u, v, u_stride, v_stride, chroma_rows - 1, chroma_columns - 1};
    const int high = (rows + 1) / 2, wide = (columns + 1) / 2;
    Doubling of_fine = doubling_in(spare, wide), of_coarse = doubling_in(spare + 9 * wide, wide);
    for (int row = 0; row <= high; row++) {
        if (row < high) {
            const int16_t *totals = total + (ptrdiff_t)(2 * row) * columns;
            for (int x = 0; x < wide; x++) {
                const int class = (totals[2 * x] >> 8) * HUES * HUES + hue_of(&chroma, 2 * row, 2 * x);
                const float noise = bare[totals[2 * x] >> 4] * factor[class];
                of_fine.bare[x] = noise * noise;
                of_coarse.bare[x] = of_fine.bare[x] * coarse_part[class];
            }
        }
        double_rows(&of_fine, row, high, wide, rows, columns, fine);
        double_rows(&of_coarse, row, high, wide, rows, columns, coarse);
    }
}

typedef struct {
    float doubt, floor, noise_removed, least_over_noise, flat, white, noisy, dark, bright;
} Terms;

/* Fill the squared sharpness, and whether it is certainly structure above the noise, of `count` blocks. */
PASS void hqcam_compare(const int16_t *restrict total, const float *restrict fine, const float *restrict coarse,
                        const float *restrict steps, const float *restrict noise, const float *restrict coarse_noise,
                        int count, const Terms *given, float *restrict squared, uint8_t *restrict certain)
{
    const Terms terms = *given;
    for (int i = 0; i < count; i++) {
        const float fine2 = fine[i] * fine[i], coarse2 = coarse[i] * coarse[i], level = (float)total[i];
        float below = at_least_zero(coarse2 - coarse_noise[i]);
        below += noise[i] * terms.doubt;
        below += terms.floor;
        squared[i] = (fine2 - noise[i] * terms.noise_removed) / below;
        const int like_noise = (steps[i] < terms.flat * coarse[i]) &
                               (coarse2 * noise[i] < terms.white * (coarse_noise[i] * fine2)) &
                               (fine2 < terms.noisy * noise[i]);
        certain[i] = (uint8_t)((fine2 > terms.least_over_noise * noise[i]) & !like_noise & (level > terms.dark) &
                               (level < terms.bright));
    }
}
