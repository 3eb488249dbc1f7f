/* The pass over the raw samples: clipped samples, and samples in raw shadow, go into the overlay.
 * `device/analysis/passes/raw/reference.py` is the reference: both give the same, bit for bit.
 *
 * Most of a frame is neither. Each stretch of two rows is therefore first searched for its least and greatest value, and
 * skipped where these are within the levels. No state.
 */

#include "passes.h"

enum { STRETCH = 256 }; /* samples, even */

/* Levels are samples' values: clipped at or above `clip` (none: 65536), in shadow at or below `shadow` (none: -1).
 * `flags` has the flag of a clipped sample for each place in the quad of 2 x 2 samples: 0 and 1 in its upper row, 2 and 3
 * in its lower. `shadow_at` is the place of the sample that decides about shadow for its quad, `shadow_flag` its flag. */
typedef struct {
    int32_t clip, shadow, flags[4], shadow_at, shadow_flag;
} Levels;

typedef struct {
    uint8_t *flags;
    int height, width, factor;
} Overlay;

/* Whether any sample of two rows is clipped or in shadow. */
INLINE int any_marked(const uint16_t *restrict upper, const uint16_t *restrict lower, int count, const Levels *levels)
{
    uint16_t least = 65535, most = 0;
    for (int x = 0; x < count; x++) {
        least = upper[x] < least ? upper[x] : least;
        most = upper[x] > most ? upper[x] : most;
        least = lower[x] < least ? lower[x] : least;
        most = lower[x] > most ? lower[x] : most;
    }
    return most >= levels->clip || least <= levels->shadow;
}

/* Mark the quads whose left (`place` even) or right sample is clipped; give their number. */
INLINE int64_t clipped_of(const uint16_t *restrict samples, int count, const Levels *levels, int place,
                          uint8_t *restrict quads)
{
    if (levels->clip > 65535) return 0;
    const uint16_t clip = (uint16_t)levels->clip;
    const uint8_t flag = (uint8_t)levels->flags[place];
    int lit = 0;
    for (int i = 0; i < (count + 1 - place % 2) / 2; i++) {
        const int is = samples[2 * i + place % 2] >= clip;
        quads[i] |= (uint8_t)(-is & flag);
        lit += is;
    }
    return lit;
}

/* Mark the quads whose sample at `shadow_at` is in shadow. */
INLINE void shadow_of(const uint16_t *restrict samples, int count, const Levels *levels, uint8_t *restrict quads)
{
    if (levels->shadow < 0) return;
    const uint16_t shadow = (uint16_t)levels->shadow;
    const uint8_t flag = (uint8_t)levels->shadow_flag;
    const int column = levels->shadow_at % 2;
    for (int i = 0; i < (count + 1 - column) / 2; i++) quads[i] |= (uint8_t)(-(samples[2 * i + column] <= shadow) & flag);
}

/* OR the flags of quads, from quad column `first` of the quad row that begins at sample row `y`, into the overlay. */
INLINE void merge(const uint8_t *restrict quads, int count, int y, int first, const Overlay *to)
{
    const int factor = to->factor;
    if (factor == 2) {
        uint8_t *restrict row = to->flags + (ptrdiff_t)(y / 2) * to->width + first;
        for (int i = 0; i < count; i++) row[i] |= quads[i];
        return;
    }
    for (int i = 0; i < count; i++) {
        if (!quads[i]) continue;
        for (int place = 0; place < 4; place++) {
            const int row = (y + place / 2) / factor, column = (2 * (first + i) + place % 2) / factor;
            if (row < to->height && column < to->width) to->flags[(ptrdiff_t)row * to->width + column] |= quads[i];
        }
    }
}

/* OR the flags of `samples` (height x width, `stride` bytes a row) into `overlay` (ceil(height / factor) x
 * ceil(width / factor), or NULL), and count the clipped samples of each place in the quad. */
PASS void hqcam_raw(const uint8_t *samples, ptrdiff_t stride, int height, int width, const Levels *levels, int factor,
                          uint8_t *overlay, int64_t *counts)
{
    const Overlay to = {overlay, (height + factor - 1) / factor, (width + factor - 1) / factor, factor};
    uint8_t quads[STRETCH / 2];
    memset(counts, 0, 4 * sizeof *counts);
    for (int y = 0; y < height; y += 2) {
        const int rows = y + 1 < height ? 2 : 1;
        for (int x = 0; x < width; x += STRETCH) {
            const int count = width - x < STRETCH ? width - x : STRETCH;
            const uint16_t *row[2]; /* twice the same where there is one */
            for (int i = 0; i < 2; i++)
                row[i] = (const uint16_t *)(const void *)(samples + (y + (i < rows ? i : 0)) * stride) + x;
            if (!any_marked(row[0], row[1], count, levels)) continue;
            memset(quads, 0, sizeof quads);
            for (int place = 0; place < 2 * rows; place++)
                counts[place] += clipped_of(row[place / 2], count, levels, place, quads);
            if (levels->shadow_at / 2 < rows) shadow_of(row[levels->shadow_at / 2], count, levels, quads);
            if (overlay) merge(quads, (count + 1) / 2, y, x / 2, &to);
        }
    }
}
