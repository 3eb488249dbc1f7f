"""The raw pass: C and numpy light the same and count the same, bit for bit."""

import numpy as np
import pytest

from device.analysis.overlay import Flag
from device.analysis.passes.choose import raw_pass
from device.analysis.passes.raw.compiled import CompiledRaw
from device.analysis.passes.raw.reference import ReferenceRaw
from device.bayer import CFA_ORDERS, offsets
from device.frame import RawFrame

SIZES = [(1, 1), (1, 9), (9, 1), (2, 2), (5, 7), (12, 14), (7, 513), (8, 514), (6, 255), (33, 769)]
LEVELS = [(4057, 260), (4057, None), (None, 260), (None, None), (0, 65535), (1, 0), (65535, 0)]


def raw_of(samples, cfa="RGGB"):
    return RawFrame(samples, cfa, 12, (256.0,) * 4, 4095)


def some(size, seed=5):
    return np.random.default_rng(seed).choice([0, 1, 260, 261, 800, 4056, 4057, 4095], size).astype(np.uint16)


def marked(raw, factor, clip, shadow, *, compiled=True, on=0, without=False):
    marks = raw_pass(*raw.samples.shape, factor, compiled=compiled)
    assert isinstance(marks, CompiledRaw if compiled else ReferenceRaw)
    overlay = np.full([-(-side // factor) for side in raw.samples.shape], on, np.uint8)
    counts = marks.mark(raw, clip_level=clip, shadow_level=shadow, overlay=None if without else overlay)
    return overlay, counts


@pytest.mark.parametrize("factor", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("cfa", CFA_ORDERS)
def test_compiled_and_numpy_agree_bit_for_bit(cfa, size, factor):
    raw = raw_of(some(size), cfa)
    for clip, shadow in LEVELS:
        (ours, counts), (its, its_counts) = (
            marked(raw, factor, clip, shadow, compiled=c, on=Flag.PEAKING) for c in (True, False)
        )
        assert np.array_equal(ours, its)
        assert counts == its_counts and list(counts) == ["R", "G", "B"]


@pytest.mark.parametrize("compiled", [True, False])
def test_without_an_overlay_it_counts_the_same(compiled):
    raw = raw_of(some((21, 300)))
    assert marked(raw, 2, 4057, 260, compiled=compiled, without=True)[1] == marked(raw, 2, 4057, 260)[1]


@pytest.mark.parametrize("compiled", [True, False])
def test_samples_may_be_a_view_with_a_stride_or_every_other_column(compiled):
    samples = some((40, 600))
    for view in (samples[3:33, 5:555], samples[::-1], samples[:, ::2]):
        got = marked(raw_of(view), 2, 4057, 260, compiled=compiled)
        wanted = marked(raw_of(view.copy()), 2, 4057, 260, compiled=False)
        assert np.array_equal(got[0], wanted[0]) and got[1] == wanted[1]


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("factor", [1, 2, 3, 4])
@pytest.mark.parametrize("cfa", CFA_ORDERS)
@pytest.mark.parametrize("shape", [(12, 14), (5, 7), (1, 1), (6, 9)])
def test_shadows_are_lit_where_green_is_at_or_below_the_level(factor, cfa, shape, compiled):
    samples = np.random.default_rng(3).integers(250, 270, shape).astype(np.uint16)
    overlay, _ = marked(raw_of(samples, cfa), factor, None, 260, compiled=compiled)
    row, column = offsets(cfa)["Gr"]
    expected = np.zeros_like(overlay)
    for y in range(shape[0]):
        for x in range(shape[1]):
            at = y // 2 * 2 + row, x // 2 * 2 + column
            if at[0] < shape[0] and at[1] < shape[1] and samples[at] <= 260:
                expected[y // factor, x // factor] = Flag.RAW_SHADOW
    assert np.array_equal(overlay, expected)


@pytest.mark.parametrize("clip", [4057, 0])
def test_a_whole_frame_agrees_whatever_the_strips(clip):
    samples = np.random.default_rng(8).integers(200, 4096, (1520, 2028)).astype(np.uint16)
    (ours, counts), (its, its_counts) = (marked(raw_of(samples), 2, clip, 300, compiled=c) for c in (True, False))
    assert np.array_equal(ours, its) and counts == its_counts
    assert sum(counts.values()) == np.count_nonzero(samples >= clip)
