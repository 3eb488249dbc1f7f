/* The pass over the picture that is shown: the peaking mask and the zebras go into the overlay.
 * `device/analysis/passes/display/reference.py` is the reference: both give the same, bit for bit.
 * `device/analysis/zebra.py` says what is lit.
 *
 * Plain loops over bytes and 16-bit numbers, which compilers turn into vector instructions. No state.
 */

#include "passes.h"

enum { HIGH = 2, BAND = 4, LOW = 8 }; /* peaking's flag is 1, the value in its mask */
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

/* Sum bytes that are 0 or 1: eight at a time, in runs so short that no byte of the sum exceeds 255. */
INLINE int64_t sum_of(const uint8_t *lit, int count)
{
    int64_t total = 0;
    int x = 0;
    while (x + 8 <= count) {
        const int words = (count - x) / 8 < 255 ? (count - x) / 8 : 255;
        uint64_t sums = 0;
        for (int i = 0; i < words; i++, x += 8) {
            uint64_t eight;
            memcpy(&eight, lit + x, sizeof eight);
            sums += eight;
        }
        for (; sums; sums >>= 8) total += (int64_t)(sums & 255);
    }
    for (; x < count; x++) total += lit[x];
    return total;
}

/* Set a layer's flag where its row is lit; give the number of lit pixels. */
INLINE int64_t add(const uint8_t *restrict lit, int width, int flag, uint8_t *restrict flags)
{
    for (int x = 0; x < width; x++) flags[x] |= (uint8_t)(-lit[x] & flag);
    return sum_of(lit, width);
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

/* Fill `lit` with the high zebra of a row: a threshold for each pixel, or, without `thresholds`, one code for all. */
INLINE void high_of_row(const uint8_t *restrict row, int width, const Levels *levels, const uint8_t *restrict thresholds,
                        uint8_t *restrict lit)
{
    if (!thresholds)
        for (int x = 0; x < width; x++) lit[x] = row[x] >= levels->high;
    else if (levels->channel == ANY)
        for (int x = 0; x < width; x++) lit[x] = row[x] >= thresholds[x];
    else
        for (int x = 0; x < width; x++) lit[x] = row[x] > thresholds[x];
}

/* Fill the overlay (ceil(height / factor) x ceil(width / factor)) and count the lit pixels of peaking and of the zebras
 * high, band and low. `peaking` (height x width, 0 or 1) may be NULL; so may `u` and `v` (chroma_rows x chroma_columns,
 * the last repeats), for a grey picture. `spare`: 5 bytes per column, and 2 more, aligned to 2 bytes. */
PASS void hqcam_display(const uint8_t *luma, ptrdiff_t stride, int height, int width, const uint8_t *u, ptrdiff_t u_stride,
                        const uint8_t *v, ptrdiff_t v_stride, int chroma_rows, int chroma_columns, const uint8_t *peaking,
                        ptrdiff_t peaking_stride, const Levels *levels, int factor, uint8_t *overlay, int64_t *counts,
                        uint8_t *spare)
{
    const int columns = (width + 1) / 2, has_chroma = u != NULL && levels->channel != LUMA;
    const Chroma chroma = {u, v, u_stride, v_stride, chroma_rows, chroma_columns, columns};
    const ptrdiff_t overlay_width = (width + factor - 1) / factor;
    int16_t *excess = (int16_t *)(void *)spare;
    uint8_t *thresholds = spare + 2 * columns, *flags = thresholds + 2 * columns, *lit = flags + width, *block = lit + width;
    memset(counts, 0, 4 * sizeof *counts);
    for (int y = 0; y < height; y++) {
        const uint8_t *restrict row = luma + y * stride;
        if (peaking) {
            memcpy(flags, peaking + y * peaking_stride, (size_t)width);
            counts[0] += sum_of(flags, width);
        } else {
            memset(flags, 0, (size_t)width);
        }
        if (levels->high >= 0) {
            if (has_chroma && y % 2 == 0) thresholds_at(&chroma, y, levels, excess, thresholds);
            high_of_row(row, width, levels, has_chroma ? thresholds : NULL, lit);
            counts[1] += add(lit, width, HIGH, flags);
        }
        if (levels->band_from <= levels->band_to) {
            const uint8_t from = (uint8_t)levels->band_from, span = (uint8_t)(levels->band_to - levels->band_from);
            for (int x = 0; x < width; x++) lit[x] = (uint8_t)(row[x] - from) <= span;
            counts[2] += add(lit, width, BAND, flags);
        }
        if (levels->low >= 0) {
            for (int x = 0; x < width; x++) lit[x] = row[x] <= levels->low;
            counts[3] += add(lit, width, LOW, flags);
        }
        if (y % factor == 0)
            memcpy(block, flags, (size_t)width);
        else
            for (int x = 0; x < width; x++) block[x] |= flags[x];
        if ((y + 1) % factor == 0 || y + 1 == height) reduce_row(block, width, factor, overlay + y / factor * overlay_width);
    }
}
