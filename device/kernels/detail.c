/* The passes over every pixel that focus peaking needs, and the average of blocks.
 * `device/analysis/passes/detail/contract.py` says what is computed; `reference.py` beside it gives the same, bit for
 * bit. Outside the picture its edge pixels repeat.
 *
 * Plain loops over 16-bit numbers, which compilers turn into vector instructions. No function has state.
 */

#include "passes.h"

#define BLOCK 4
#define CLIPPED_SUM 1000
#define LEAST_OF_NINE 4
#define NEVER (9 * 4 * 255 + 1)

/* A checksum of the sources: the loader compares it with the sources beside the library. */
const char *hqcam_source(void) { return HQCAM_SOURCE; }

typedef struct {
    const uint8_t *luma;
    ptrdiff_t stride;
    int height, width, block_rows, block_columns;
} Picture;

INLINE Picture picture_of(const uint8_t *luma, ptrdiff_t stride, int height, int width)
{
    Picture p = {luma, stride, height, width, (height + BLOCK - 1) / BLOCK, (width + BLOCK - 1) / BLOCK};
    return p;
}

static const uint8_t *row_of(const Picture *p, int y)
{
    y = y < 0 ? 0 : y >= p->height ? p->height - 1 : y;
    return p->luma + y * p->stride;
}

INLINE int16_t magnitude(int16_t value) { return value < 0 ? (int16_t)-value : value; }

/* Structure: |second difference| along the row plus that along the column, of columns -1 to `columns`; `out` points to
 * column 0. */
INLINE void structure_of_row(const Picture *p, int y, int columns, int16_t *restrict out)
{
    const uint8_t *restrict above = row_of(p, y - 1), *restrict here = row_of(p, y), *restrict below = row_of(p, y + 1);
    const int last = p->width - 1;
    for (int x = 1; x < last; x++) {
        int16_t across = (int16_t)(here[x - 1] - 2 * here[x] + here[x + 1]);
        int16_t down = (int16_t)(above[x] - 2 * here[x] + below[x]);
        out[x] = (int16_t)(magnitude(across) + magnitude(down));
    }
    const int16_t first_down = magnitude((int16_t)(above[0] - 2 * here[0] + below[0]));
    const int16_t last_down = magnitude((int16_t)(above[last] - 2 * here[last] + below[last]));
    out[-1] = first_down;
    out[0] = first_down;
    if (last > 0) {
        out[0] = (int16_t)(first_down + magnitude((int16_t)(here[1] - here[0])));
        out[last] = (int16_t)(last_down + magnitude((int16_t)(here[last - 1] - here[last])));
    }
    for (int x = last + 1; x <= columns; x++) out[x] = last_down;
}

/* Fill `columns` values of a row of half the size: sums of four pixels. */
INLINE void half_row(const Picture *p, int row, int columns, int16_t *restrict out)
{
    const uint8_t *restrict upper = row_of(p, 2 * row), *restrict lower = row_of(p, 2 * row + 1);
    const int whole = p->width / 2 < columns ? p->width / 2 : columns, last = p->width - 1;
    for (int x = 0; x < whole; x++)
        out[x] = (int16_t)(upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1]);
    for (int x = whole; x < columns; x++) out[x] = (int16_t)(2 * (upper[last] + lower[last]));
}

INLINE int16_t of_four(const int16_t *pair, const int16_t *below)
{
    return (int16_t)(pair[0] + pair[1] + below[0] + below[1]);
}

/* Fill, for each block, the sums of fine and coarse structure, the mean level, and whether it is clipped. `spare`: 28
 * numbers per block column, and 16 more. */
PASS void hqcam_block_sums(const uint8_t *luma, ptrdiff_t stride, int height, int width, float *fine, float *coarse,
                           uint8_t *level, uint8_t *clipped, int16_t *spare)
{
    const Picture p = picture_of(luma, stride, height, width);
    const int columns = p.block_columns * BLOCK, halves = p.block_columns * BLOCK / 2 + 1;
    int16_t *structure = spare + 1, *sums = structure + columns + 1, *steps = sums + columns;
    int16_t *half[3];
    for (int i = 0; i < 3; i++) half[i] = steps + columns + i * halves;
    half_row(&p, 0, halves, half[0]);
    for (int block_row = 0; block_row < p.block_rows; block_row++) {
        memset(sums, 0, (size_t)columns * sizeof *sums);
        for (int y = block_row * BLOCK; y < (block_row + 1) * BLOCK; y++) {
            structure_of_row(&p, y, columns, structure);
            for (int x = 0; x < columns; x++) sums[x] = (int16_t)(sums[x] + structure[x]);
        }
        half_row(&p, 2 * block_row + 1, halves, half[1]);
        half_row(&p, 2 * block_row + 2, halves, half[2]);
        for (int row = 0; row < 2; row++) {
            const int16_t *restrict here = half[row], *restrict below = half[row + 1];
            int16_t *restrict step = steps + row * (halves - 1);
            for (int x = 0; x < halves - 1; x++)
                step[x] = (int16_t)(magnitude((int16_t)(here[x + 1] - here[x])) + magnitude((int16_t)(below[x] - here[x])));
        }
        const ptrdiff_t at = (ptrdiff_t)block_row * p.block_columns;
        float *fine_row = fine + at, *coarse_row = coarse + at;
        uint8_t *level_row = level + at, *clipped_row = clipped + at;
        for (int x = 0; x < p.block_columns; x++) {
            const int16_t *four = sums + BLOCK * x, *upper = half[0] + 2 * x, *lower = half[1] + 2 * x;
            fine_row[x] = (float)(four[0] + four[1] + four[2] + four[3]);
            coarse_row[x] = (float)of_four(steps + 2 * x, steps + halves - 1 + 2 * x);
            level_row[x] = (uint8_t)(of_four(upper, lower) >> 4);
            clipped_row[x] = larger(larger(upper[0], upper[1]), larger(lower[0], lower[1])) >= CLIPPED_SUM;
        }
        int16_t *done = half[0];
        half[0] = half[2];
        half[2] = done;
    }
}

/* Average integers with the weights 1, 2, 2, 2, 1 along both axes; ends repeat. No sum exceeds 2^24, so that every order
 * of addition gives the same. `spare`: 4 bytes per column, and 16 more, aligned to 4 bytes. */
PASS void hqcam_average(const float *sums, int rows, int columns, float *means, float *spare)
{
    float *tall = spare + 2;
    for (int y = 0; y < rows; y++) {
        const float *from[5];
        for (int i = 0; i < 5; i++) {
            const int row = y + i - 2;
            from[i] = sums + (ptrdiff_t)(row < 0 ? 0 : row >= rows ? rows - 1 : row) * columns;
        }
        for (int x = 0; x < columns; x++)
            tall[x] = from[0][x] + from[4][x] + 2 * (from[1][x] + from[2][x] + from[3][x]);
        tall[-2] = tall[-1] = tall[0];
        tall[columns] = tall[columns + 1] = tall[columns - 1];
        float *restrict mean = means + (ptrdiff_t)y * columns;
        for (int x = 0; x < columns; x++)
            mean[x] = (tall[x - 2] + tall[x + 2] + 2 * (tall[x - 1] + tall[x] + tall[x + 1])) / 64;
    }
}

/* The rows that the peaking mask needs. Row y of structure and candidates is at y modulo 3; `least` has, for each pixel
 * of the row, the threshold of structure over 3 x 3 pixels from which it is a candidate. */
typedef struct {
    const Picture *picture;
    int columns, last_structure_row;
    int16_t *structure[3], *least;
    uint8_t *candidates[3];
} MaskRows;

/* Mark the candidates of row y: pixels whose structure over 3 x 3 pixels reaches the threshold of their block. */
INLINE void candidates_of_row(MaskRows *rows, int y, uint8_t *restrict out)
{
    const int from = y - 1 > rows->last_structure_row ? y - 1 : rows->last_structure_row + 1;
    for (int row = from; row <= y + 1; row++)
        structure_of_row(rows->picture, row, rows->columns, rows->structure[(row + 3) % 3]);
    rows->last_structure_row = y + 1;
    int16_t *restrict middle = rows->structure[(y + 3) % 3];
    const int16_t *restrict above = rows->structure[(y + 2) % 3], *restrict below = rows->structure[(y + 4) % 3];
    const int16_t *restrict least = rows->least;
    int16_t *restrict tall = rows->least + rows->columns + 1;
    for (int x = -1; x <= rows->columns; x++) tall[x] = (int16_t)(above[x] + middle[x] + below[x]);
    for (int x = 0; x < rows->columns; x++) out[x] = (int16_t)(tall[x - 1] + tall[x] + tall[x + 1]) >= least[x];
}

/* Set the mask where a candidate has enough candidates around it, of one row. */
INLINE void lines_of_row(const uint8_t *restrict above, const uint8_t *restrict here, const uint8_t *restrict below,
                         int width, uint8_t *restrict mask)
{
    for (int x = 0; x < width; x++) {
        uint8_t left = (uint8_t)(above[x - 1] + here[x - 1] + below[x - 1]);
        uint8_t middle = (uint8_t)(above[x] + here[x] + below[x]);
        uint8_t right = (uint8_t)(above[x + 1] + here[x + 1] + below[x + 1]);
        mask[x] = here[x] & ((uint8_t)(left + middle + right) >= LEAST_OF_NINE);
    }
}

/* Copy each block's threshold to its pixels of a row; true when any block is not NEVER. */
INLINE int spread_least(const int16_t *restrict blocks, int count, int16_t *restrict least)
{
    int some = 0;
    for (int x = 0; x < count; x++) {
        some |= blocks[x] != NEVER;
        for (int i = 0; i < BLOCK; i++) least[BLOCK * x + i] = blocks[x];
    }
    return some;
}

/* Fill the peaking mask (height x width, 1 = lit). `least` has, for each block, the threshold of structure over 3 x 3
 * pixels from which a pixel is a candidate; NEVER: none. `spare`: 28 numbers per block column, and 16 more. */
PASS void hqcam_peaking_mask(const uint8_t *luma, ptrdiff_t stride, int height, int width, const int16_t *least,
                             uint8_t *mask, int16_t *spare)
{
    const Picture p = picture_of(luma, stride, height, width);
    const int columns = p.block_columns * BLOCK;
    MaskRows rows = {.picture = &p, .columns = columns, .last_structure_row = -3};
    for (int i = 0; i < 3; i++) rows.structure[i] = spare + 1 + i * (columns + 2);
    rows.least = spare + 3 * (columns + 2);
    uint8_t *bytes = (uint8_t *)(spare + 5 * (columns + 2));
    for (int i = 0; i < 3; i++) rows.candidates[i] = bytes + 1 + i * (columns + 2);
    memset(bytes, 0, (size_t)(3 * (columns + 2)));
    int some = 0, dark_rows = 3;
    for (int y = 0; y <= height; y++) {
        uint8_t *row = rows.candidates[y % 3];
        if (y % BLOCK == 0 && y < p.block_rows * BLOCK)
            some = spread_least(least + (ptrdiff_t)(y / BLOCK) * p.block_columns, p.block_columns, rows.least);
        if (some && y < p.block_rows * BLOCK) {
            candidates_of_row(&rows, y, row);
            dark_rows = 0;
        } else {
            memset(row, 0, (size_t)columns);
            dark_rows++;
        }
        if (y == 0) continue;
        uint8_t *lit = mask + (ptrdiff_t)(y - 1) * width;
        if (dark_rows >= 3) memset(lit, 0, (size_t)width);
        else lines_of_row(rows.candidates[(y + 1) % 3], rows.candidates[(y + 2) % 3], row, width, lit);
    }
}
