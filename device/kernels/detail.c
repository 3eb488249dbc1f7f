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
#define STRETCH 16        /* blocks that the mask looks at together */
#define MOST_STRETCHES 16 /* worked on at once: what they need fits the first cache */
#define MOST_WIDE (MOST_STRETCHES * STRETCH * BLOCK + 16)

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

INLINE int within(int value, int least, int most) { return value < least ? least : value > most ? most : value; }

static const uint8_t *row_of(const Picture *p, int y)
{
    return p->luma + within(y, 0, p->height - 1) * p->stride;
}

/* Add to a sum the structure of column x of a row: |second difference| along the row plus that along the column. `row` has
 * the row above, the row and the row below; each term is added by itself, for which arm64 has one instruction. */
INLINE int16_t with_structure(int16_t sum, const uint8_t *const row[3], int left, int x, int right)
{
    const int16_t twice = (int16_t)(row[1][x] << 1);
    sum = (int16_t)(sum + apart((int16_t)(row[1][left] + row[1][right]), twice));
    return (int16_t)(sum + apart((int16_t)(row[0][x] + row[2][x]), twice));
}

/* The same of four rows; `row` has one more above and below. */
INLINE int16_t structure_of_four(const uint8_t *const row[6], int left, int x, int right)
{
    int16_t sum = with_structure(0, row, left, x, right);
    sum = with_structure(sum, row + 1, left, x, right);
    sum = with_structure(sum, row + 2, left, x, right);
    return with_structure(sum, row + 3, left, x, right);
}

/* Fill, for `columns` columns, the structure of the four rows from y on, summed. */
INLINE void structure_of_rows(const Picture *p, int y, int columns, int16_t *restrict out)
{
    const uint8_t *const row[6] = {row_of(p, y - 1), row_of(p, y),     row_of(p, y + 1),
                                   row_of(p, y + 2), row_of(p, y + 3), row_of(p, y + 4)};
    const int last = p->width - 1;
    for (int x = 1; x < last; x++) out[x] = structure_of_four(row, x - 1, x, x + 1);
    out[0] = structure_of_four(row, 0, 0, last > 0);
    if (last > 0) out[last] = structure_of_four(row, last - 1, last, last);
    for (int x = last + 1; x < columns; x++) out[x] = structure_of_four(row, last, last, last);
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

/* Fill the steps of two rows of half the size, summed: |difference| to the right plus down. `out` may not overlap. */
INLINE void steps_of_rows(const int16_t *restrict first, const int16_t *restrict second, const int16_t *restrict third,
                          int columns, int16_t *restrict out)
{
    for (int x = 0; x < columns; x++) {
        int16_t sum = apart(first[x + 1], first[x]);
        sum = (int16_t)(sum + apart(second[x], first[x]));
        sum = (int16_t)(sum + apart(second[x + 1], second[x]));
        out[x] = (int16_t)(sum + apart(third[x], second[x]));
    }
}

/* Fill, for each block, the sums of fine and coarse structure, the sum of its pixels, and whether it is clipped. `spare`: 28
 * numbers per block column, and 16 more. */
PASS void hqcam_block_sums(const uint8_t *luma, ptrdiff_t stride, int height, int width, float *fine, float *coarse,
                           int16_t *total, uint8_t *clipped, int16_t *spare)
{
    const Picture p = picture_of(luma, stride, height, width);
    const int columns = p.block_columns * BLOCK, halves = columns / 2 + 1;
    int16_t *restrict structure = spare, *restrict steps = spare + columns;
    int16_t *half[3];
    for (int i = 0; i < 3; i++) half[i] = steps + halves + i * halves;
    half_row(&p, 0, halves, half[0]);
    for (int block_row = 0; block_row < p.block_rows; block_row++) {
        structure_of_rows(&p, block_row * BLOCK, columns, structure);
        half_row(&p, 2 * block_row + 1, halves, half[1]);
        half_row(&p, 2 * block_row + 2, halves, half[2]);
        steps_of_rows(half[0], half[1], half[2], halves - 1, steps);
        const int16_t *restrict upper = half[0], *restrict lower = half[1];
        const ptrdiff_t at = (ptrdiff_t)block_row * p.block_columns;
        float *restrict fine_row = fine + at, *restrict coarse_row = coarse + at;
        int16_t *restrict total_row = total + at;
        uint8_t *restrict clipped_row = clipped + at;
        for (int x = 0; x < p.block_columns; x++) {
            const int16_t *four = structure + BLOCK * x;
            fine_row[x] = (float)(int16_t)(four[0] + four[1] + four[2] + four[3]);
        }
        for (int x = 0; x < p.block_columns; x++) coarse_row[x] = (float)(int16_t)(steps[2 * x] + steps[2 * x + 1]);
        for (int x = 0; x < p.block_columns; x++) {
            const int16_t most = larger(larger(upper[2 * x], upper[2 * x + 1]), larger(lower[2 * x], lower[2 * x + 1]));
            total_row[x] = (int16_t)(upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1]);
            clipped_row[x] = most >= CLIPPED_SUM;
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

/* Of a run of columns in four rows: the structure summed over the row above, the row and the row below. */
typedef struct {
    int16_t row[BLOCK][MOST_WIDE];
} Tall;

/* Fill column `at` from column x of the picture; `row` has the rows from two above the first of the four on. */
INLINE void tall_of_column(const uint8_t *const row[BLOCK + 4], int left, int x, int right, Tall *restrict to, int at)
{
    int16_t structure[BLOCK + 2];
    for (int i = 0; i < BLOCK + 2; i++) structure[i] = with_structure(0, row + i, left, x, right);
    const int16_t upper = (int16_t)(structure[1] + structure[2]), lower = (int16_t)(structure[3] + structure[4]);
    to->row[0][at] = (int16_t)(structure[0] + upper);
    to->row[1][at] = (int16_t)(upper + structure[3]);
    to->row[2][at] = (int16_t)(structure[2] + lower);
    to->row[3][at] = (int16_t)(lower + structure[5]);
}

/* Fill `count` columns from column `from` of the picture on, some of which may lie outside. */
INLINE void tall_of_run(const Picture *p, int y, int from, int count, Tall *restrict to)
{
    const uint8_t *row[BLOCK + 4];
    for (int i = 0; i < BLOCK + 4; i++) row[i] = row_of(p, y - 2 + i);
    const int last = p->width - 1, end = from + count, inner = within(1, from, end), outer = within(last, inner, end);
    for (int x = inner; x < outer; x++) tall_of_column(row, x - 1, x, x + 1, to, x - from);
    for (int x = from; x < inner; x++) tall_of_column(row, 0, 0, within(x + 1, 0, last), to, x - from);
    for (int x = outer; x < end; x++) tall_of_column(row, within(x - 1, 0, last), last, last, to, x - from);
}

/* Mark the candidates in a run of columns from `from` on, in four rows from y on: pixels whose structure over 3 x 3 pixels
 * reaches the threshold of their block. `blocks` has those of the run, `count`. */
INLINE void candidates_of_run(const Picture *p, int y, int from, const int16_t *blocks, int count,
                              uint8_t *const out[BLOCK])
{
    const int columns = count * BLOCK, wide = (columns + 2 + 15) / 16 * 16;
    int16_t least[MOST_WIDE];
    Tall tall;
    for (int x = 0; x < count; x++)
        for (int i = 0; i < BLOCK; i++) least[BLOCK * x + i] = blocks[x];
    tall_of_run(p, y, from - 1, wide, &tall);
    for (int i = 0; i < BLOCK; i++) {
        const int16_t *restrict sums = tall.row[i];
        uint8_t *restrict candidates = out[i] + from;
        for (int x = 0; x < columns; x++) candidates[x] = (int16_t)(sums[x] + sums[x + 1] + sums[x + 2]) >= least[x];
    }
}

/* Set the mask where a candidate has enough candidates around it, in `count` columns of a row; `row` has the candidates
 * above, of the row and below. */
INLINE void lines_of_run(const uint8_t *const row[3], int from, int count, uint8_t *restrict mask)
{
    const uint8_t *restrict above = row[0] + from - 1, *restrict here = row[1] + from, *restrict below = row[2] + from - 1;
    uint8_t tall[MOST_WIDE];
    for (int x = 0; x < count + 2; x++) tall[x] = (uint8_t)(above[x] + here[x - 1] + below[x]);
    for (int x = 0; x < count; x++)
        mask[from + x] = here[x] & ((uint8_t)(tall[x] + tall[x + 1] + tall[x + 2]) >= LEAST_OF_NINE);
}

/* Find the next run of stretches that take part, from *at on; give its length, 0 where there is none. */
INLINE int next_run(const uint8_t *taking_part, int stretches, int *at)
{
    while (*at < stretches && !taking_part[*at]) ++*at;
    int length = 0;
    while (*at + length < stretches && length < MOST_STRETCHES && taking_part[*at + length]) length++;
    return length;
}

INLINE int any_takes_part(const int16_t *restrict blocks, int count)
{
    int16_t least = NEVER;
    for (int x = 0; x < count; x++) least = smaller(least, blocks[x]);
    return least < NEVER;
}

/* Fill, for each stretch of a row of `count` blocks, whether any takes part. */
INLINE void find_stretches(const int16_t *blocks, int count, uint8_t *taking_part)
{
    const int whole = count / STRETCH, rest = count % STRETCH;
    for (int i = 0; i < whole; i++) taking_part[i] = (uint8_t)any_takes_part(blocks + i * STRETCH, STRETCH);
    if (rest) taking_part[whole] = (uint8_t)any_takes_part(blocks + whole * STRETCH, rest);
}

/* Fill the peaking mask (height x width, 1 = lit). `least` has, for each block, the threshold of structure over 3 x 3
 * pixels from which a pixel is a candidate; NEVER: none. `spare`: 28 numbers per block column, and 16 more.
 *
 * Stretches of a row of blocks are passed over where no block takes part, as in most of a picture. */
PASS void hqcam_peaking_mask(const uint8_t *luma, ptrdiff_t stride, int height, int width, const int16_t *least,
                             uint8_t *mask, int16_t *spare)
{
    const Picture p = picture_of(luma, stride, height, width);
    const int length = p.block_columns * BLOCK + 2, stretches = (p.block_columns + STRETCH - 1) / STRETCH;
    uint8_t *candidates = (uint8_t *)spare + 1; /* of row y at y modulo 8, with a column before it and after */
    uint8_t *taking_part = (uint8_t *)spare + 8 * length; /* of stretches, of the even and of the odd rows of blocks */
    memset(spare, 0, (size_t)(8 * length + 2 * stretches));
    for (int block_row = 0; block_row <= p.block_rows; block_row++) {
        const int y = block_row * BLOCK;
        const int16_t *blocks = least + (ptrdiff_t)block_row * p.block_columns;
        uint8_t *now = taking_part + block_row % 2 * stretches;
        uint8_t *out[BLOCK];
        for (int i = 0; i < BLOCK; i++) out[i] = candidates + (y + i) % 8 * length;
        memset(out[0] - 1, 0, (size_t)(BLOCK * length));
        if (block_row < p.block_rows) find_stretches(blocks, p.block_columns, now);
        else memset(now, 0, (size_t)stretches);
        for (int at = 0, run; (run = next_run(now, stretches, &at)); at += run) {
            const int from = at * STRETCH, left = p.block_columns - from, count = run * STRETCH < left ? run * STRETCH : left;
            candidates_of_run(&p, y, from * BLOCK, blocks + from, count, out);
        }
        for (int lit = y > 0 ? y - 1 : 0; lit < y + BLOCK - 1 && lit < height; lit++) {
            const uint8_t *row[3], *some = taking_part + lit / BLOCK % 2 * stretches;
            for (int i = 0; i < 3; i++) row[i] = candidates + (lit + 7 + i) % 8 * length;
            uint8_t *lit_row = mask + (ptrdiff_t)lit * width;
            memset(lit_row, 0, (size_t)width);
            for (int at = 0, run; (run = next_run(some, stretches, &at)); at += run) {
                const int from = at * STRETCH * BLOCK, count = run * STRETCH * BLOCK;
                lines_of_run(row, from, count < width - from ? count : width - from, lit_row);
            }
        }
    }
}
