/* The pass over the picture that is shown: the peaking mask and the zebras go into the overlay.
 * `device/analysis/passes/display/reference.py` is the reference: both give the same, bit for bit.
 * `device/analysis/zebra.py` says what is lit.
 *
 * Plain loops over bytes and 16-bit numbers, which compilers turn into vector instructions. No state.
 */

#include "passes.h"

enum { PEAKING = 1, HIGH = 2, BAND = 4, LOW = 8, LAYERS = 4 };
enum { MOST_ROWS = 255 }; /* whose lit pixels are counted in a byte for each column */
enum { ANY, LUMA, RED, GREEN, BLUE };

/* Levels are codes. A zebra that is off has `high` or `low` -1, or `band_from` above `band_to`. */
typedef struct {
    int32_t channel, high, band_from, band_to, low;
} Levels;

/* R, G and B minus luma, in 1/128: BT.601 as in `zebra.py`. */
INLINE int16_t red_of(int16_t v) { return (int16_t)(179 * v); }
INLINE int16_t green_of(int16_t u, int16_t v) { return (int16_t)(-44 * u - 91 * v); }
INLINE int16_t blue_of(int16_t u) { return (int16_t)(227 * u); }

/* Fill `out` with the luma from which a pixel is lit: two equal values for each of `columns` chroma samples. */
INLINE void thresholds_of_row(const uint8_t *restrict u, const uint8_t *restrict v, int columns, const Levels *levels,
                            int16_t *restrict excess, uint8_t *restrict out)
{
    const int channel = levels->channel;
    const int16_t code = (int16_t)(channel == ANY ? levels->high : levels->high - 1);
    const int16_t least = (int16_t)(channel == ANY ? 0 : levels->high - 256), most = code;
    if (channel == ANY)
        for (int x = 0; x < columns; x++) {
            int16_t a = (int16_t)(u[x] - 128), b = (int16_t)(v[x] - 128);
            excess[x] = larger(larger(green_of(a, b), red_of(b)), blue_of(a));
        }
    else if (channel == RED)
        for (int x = 0; x < columns; x++) excess[x] = red_of((int16_t)(v[x] - 128));
    else if (channel == GREEN)
        for (int x = 0; x < columns; x++) excess[x] = green_of((int16_t)(u[x] - 128), (int16_t)(v[x] - 128));
    else
        for (int x = 0; x < columns; x++) excess[x] = blue_of((int16_t)(u[x] - 128));
    for (int x = 0; x < columns; x++) {
        int16_t held = smaller(larger((int16_t)((int16_t)(excess[x] + 64) >> 7), least), most);
        out[2 * x] = out[2 * x + 1] = (uint8_t)(code - held);
    }
}

/* Two rows that the same row of the overlay shows, or one row twice: then `below_counts` is 0, otherwise 1. */
typedef struct {
    const uint8_t *upper, *below;
    uint8_t below_counts;
    int width;
} Rows;

INLINE Rows rows_at(const uint8_t *upper, ptrdiff_t stride, int two, int width)
{
    Rows rows = {upper, two ? upper + stride : upper, (uint8_t)two, width};
    return rows;
}

/* Set a layer's flag where a pixel of either row is lit (1), and count both in their column. */
INLINE void add(uint8_t upper, uint8_t below, uint8_t below_counts, int flag, uint8_t *flags, uint8_t *count)
{
    *flags |= (uint8_t)(-(upper | below) & flag);
    *count = (uint8_t)(*count + upper + (below & below_counts));
}

/* Reduce a row by OR over `factor` columns. */
INLINE void reduce_row(const uint8_t *restrict row, int width, int factor, uint8_t *restrict out)
{
    const int whole = width / factor;
    if (factor == 1) {
        memcpy(out, row, (size_t)width);
        return;
    }
    if (factor == 2)
        for (int x = 0; x < whole; x++) out[x] = row[2 * x] | row[2 * x + 1];
    else
        for (int x = 0; x < whole; x++) {
            uint8_t any = 0;
            for (int i = 0; i < factor; i++) any |= row[factor * x + i];
            out[x] = any;
        }
    if (whole * factor < width) {
        uint8_t any = 0;
        for (int x = whole * factor; x < width; x++) any |= row[x];
        out[whole] = any;
    }
}

/* Chroma planes, their rows and columns, and the number of columns that the luma needs. */
typedef struct {
    const uint8_t *u, *v;
    ptrdiff_t u_stride, v_stride;
    int rows, columns, wanted;
} Chroma;

/* The thresholds of row y of luma, from the chroma that covers it; the last row and column repeat. */
INLINE void thresholds_at(const Chroma *chroma, int y, const Levels *levels, int16_t *excess, uint8_t *thresholds)
{
    const int known = chroma->columns < chroma->wanted ? chroma->columns : chroma->wanted;
    const ptrdiff_t at = y / 2 < chroma->rows ? y / 2 : chroma->rows - 1;
    const uint8_t *u = chroma->u + at * chroma->u_stride, *v = chroma->v + at * chroma->v_stride;
    thresholds_of_row(u, v, known, levels, excess, thresholds);
    memset(thresholds + 2 * known, thresholds[2 * known - 1], (size_t)(2 * (chroma->wanted - known)));
}

/* Add peaking in rows of its mask. `flags` are those of the row of the overlay, `counts` of the columns, also below. */
INLINE void add_peaking(Rows mask, uint8_t *restrict flags, uint8_t *restrict counts)
{
    const uint8_t *restrict upper = mask.upper, *restrict below = mask.below;
    for (int x = 0; x < mask.width; x++) {
        flags[x] |= upper[x] | below[x];
        counts[x] = (uint8_t)(counts[x] + upper[x] + (below[x] & mask.below_counts));
    }
}

/* Add the high zebra: by a threshold for each pixel, or, without `thresholds`, by one code for all. */
INLINE void add_high(Rows luma, const Levels *levels, const uint8_t *restrict thresholds, uint8_t *restrict flags,
                     uint8_t *restrict counts)
{
    const uint8_t *restrict a = luma.upper, *restrict b = luma.below, high = (uint8_t)levels->high;
    const uint8_t *restrict least = thresholds;
    const uint8_t two = luma.below_counts;
    if (!thresholds)
        for (int x = 0; x < luma.width; x++) add(a[x] >= high, b[x] >= high, two, HIGH, flags + x, counts + x);
    else if (levels->channel == ANY)
        for (int x = 0; x < luma.width; x++) add(a[x] >= least[x], b[x] >= least[x], two, HIGH, flags + x, counts + x);
    else
        for (int x = 0; x < luma.width; x++) add(a[x] > least[x], b[x] > least[x], two, HIGH, flags + x, counts + x);
}

INLINE void add_band(Rows luma, const Levels *levels, uint8_t *restrict flags, uint8_t *restrict counts)
{
    const uint8_t *restrict a = luma.upper, *restrict b = luma.below, two = luma.below_counts;
    const uint8_t from = (uint8_t)levels->band_from, span = (uint8_t)(levels->band_to - levels->band_from);
    for (int x = 0; x < luma.width; x++)
        add((uint8_t)(a[x] - from) <= span, (uint8_t)(b[x] - from) <= span, two, BAND, flags + x, counts + x);
}

INLINE void add_low(Rows luma, const Levels *levels, uint8_t *restrict flags, uint8_t *restrict counts)
{
    const uint8_t *restrict a = luma.upper, *restrict b = luma.below, low = (uint8_t)levels->low;
    const uint8_t two = luma.below_counts;
    for (int x = 0; x < luma.width; x++) add(a[x] <= low, b[x] <= low, two, LOW, flags + x, counts + x);
}

/* Add the counts of the columns to those of the layers, and begin anew. */
INLINE void collect(uint8_t *columns, int width, int64_t *counts)
{
    for (int i = 0; i < LAYERS; i++) {
        uint32_t sum = 0;
        for (int x = 0; x < width; x++) sum += columns[i * width + x];
        counts[i] += sum;
    }
    memset(columns, 0, (size_t)(LAYERS * width));
}

/* Fill the overlay (ceil(height / factor) x ceil(width / factor)) and count the lit pixels of peaking and of the zebras
 * high, band and low. `peaking` (height x width, 0 or 1) may be NULL; so may `u` and `v` (chroma_rows x chroma_columns,
 * the last repeats), for a grey picture. `spare`: 7 bytes per column, and 2 more, aligned to 2 bytes. */
PASS void hqcam_display(const uint8_t *luma, ptrdiff_t stride, int height, int width, const uint8_t *u, ptrdiff_t u_stride,
                        const uint8_t *v, ptrdiff_t v_stride, int chroma_rows, int chroma_columns, const uint8_t *peaking,
                        ptrdiff_t peaking_stride, const Levels *levels, int factor, uint8_t *overlay, int64_t *counts,
                        uint8_t *spare)
{
    const int columns = (width + 1) / 2, has_chroma = u != NULL && levels->channel != LUMA;
    const Chroma chroma = {u, v, u_stride, v_stride, chroma_rows, chroma_columns, columns};
    const ptrdiff_t overlay_width = (width + factor - 1) / factor;
    int16_t *excess = (int16_t *)(void *)spare;
    uint8_t *thresholds = spare + 2 * columns, *flags = thresholds + 2 * columns, *in_columns = flags + width;
    memset(counts, 0, LAYERS * sizeof *counts);
    memset(in_columns, 0, (size_t)(LAYERS * width));
    int counted = 0;
    for (int y = 0, step; y < height; y += step) {
        const int two = factor % 2 == 0 && y + 1 < height;
        const Rows rows = rows_at(luma + y * stride, stride, two, width);
        step = 1 + two;
        if (y % factor == 0) memset(flags, 0, (size_t)width);
        if (peaking) add_peaking(rows_at(peaking + y * peaking_stride, peaking_stride, two, width), flags, in_columns);
        if (levels->high >= 0) {
            if (has_chroma && y % 2 == 0) thresholds_at(&chroma, y, levels, excess, thresholds);
            add_high(rows, levels, has_chroma ? thresholds : NULL, flags, in_columns + width);
        }
        if (levels->band_from <= levels->band_to) add_band(rows, levels, flags, in_columns + 2 * width);
        if (levels->low >= 0) add_low(rows, levels, flags, in_columns + 3 * width);
        const int next = y + step;
        if (next % factor == 0 || next == height) reduce_row(flags, width, factor, overlay + y / factor * overlay_width);
        if (next - counted > MOST_ROWS - 2 || next == height) {
            collect(in_columns, width, counts);
            counted = next;
        }
    }
}
