"""The detail pass: what it gives, and that C and numpy give the same, bit for bit."""

import numpy as np
import pytest

from device import kernels
from device.analysis.passes.choose import detail_pass
from device.analysis.passes.detail import reference, reference_blocks, reference_mask
from device.analysis.passes.detail.compiled import CompiledDetail
from device.analysis.passes.detail.contract import (
    BLOCK,
    CLASSES,
    CLIPPED_SUM,
    NEVER,
    Averages,
    BlockSums,
    NoiseTable,
    Terms,
)
from device.analysis.passes.detail.reference import ReferenceDetail

SIZES = [(1, 1), (1, 9), (9, 1), (2, 3), (4, 4), (5, 8), (7, 6), (8, 5), (31, 33), (64, 130), (101, 66)]
KINDS = ("noise", "grey", "coarse", "clipped", "one line")


def picture(size, kind):
    rng = np.random.default_rng(sum(size))
    luma = rng.integers(0, 256, size).astype(np.uint8)
    if kind == "grey":
        luma[:, : size[1] // 2] = 99
        luma[:, size[1] // 2 :] //= 40
    elif kind == "coarse":
        luma = np.repeat(np.repeat(luma[::3, ::3], 3, 0), 3, 1)[: size[0], : size[1]].copy()
    elif kind == "clipped":
        luma = np.maximum(luma, rng.choice([0, 245, 255], size).astype(np.uint8))
    elif kind == "one line":
        luma[...] = 40
        luma[size[0] // 2] = 210
    return luma


def empty_sums(size):
    blocks = -(-size[0] // BLOCK), -(-size[1] // BLOCK)
    fine, coarse = (np.full(blocks, -1, np.float32) for _ in range(2))
    return BlockSums(fine, coarse, np.empty(blocks, np.int16), np.empty(blocks, np.bool_))


def least_for(sums, share):
    """A least structure near that of the blocks, in a share of them."""
    rng = np.random.default_rng(3)
    least = np.ceil(sums.fine * np.float32(9 / BLOCK**2)).astype(np.int16)
    return np.where(rng.random(least.shape) < share, least, np.int16(NEVER))


def passed(detail, luma, share):
    sums = empty_sums(luma.shape)
    detail.sums(luma, sums)
    return sums, detail.peaking_mask(luma, least_for(sums, share)).copy()


def test_it_was_compiled_here():
    assert kernels.COMPILED is not None
    assert isinstance(detail_pass(8, 8), CompiledDetail)
    assert isinstance(detail_pass(8, 8, compiled=False), ReferenceDetail)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_compiled_and_numpy_agree_bit_for_bit(size, kind):
    luma = picture(size, kind)
    compiled, reference = detail_pass(*size), detail_pass(*size, compiled=False)
    for share in (1, 0.5, 0.05, 0):
        ours, its = passed(compiled, luma, share), passed(reference, luma, share)
        for name in ("fine", "coarse", "total", "clipped"):
            assert np.array_equal(getattr(ours[0], name), getattr(its[0], name)), name
        assert np.array_equal(ours[1], its[1])
        luma = luma[::-1].copy()  # nothing of the last picture stays


@pytest.mark.parametrize("width", [1021, 1024, 1090, 2190])
@pytest.mark.parametrize("share", [1, 0.3, 0.01, 0.001])
def test_a_mask_of_far_and_of_near_blocks_agrees(share, width):
    luma = picture((22, width), "noise")
    ours, its = (
        passed(detail_pass(*luma.shape), luma, share),
        passed(detail_pass(*luma.shape, compiled=False), luma, share),
    )
    assert np.array_equal(ours[1], its[1])
    assert its[1].any()


def test_rows_may_lie_apart_and_columns_too():
    wide = picture((60, 80), "noise")
    for part in (wide[5:40, 7:61], wide[::2, ::2], wide[::-1]):
        ours = passed(detail_pass(*part.shape), part, 0.5)
        its = passed(detail_pass(*part.shape, compiled=False), part.copy(), 0.5)
        assert np.array_equal(ours[0].fine, its[0].fine) and np.array_equal(ours[1], its[1])


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_averages_have_their_weights_repeat_the_ends_and_agree(size):
    sums = np.random.default_rng(1).integers(0, 16 * 1020, size).astype(np.float32)
    ours, its = np.empty_like(sums), np.empty_like(sums)
    pixels = size[0] * BLOCK, size[1] * BLOCK
    detail_pass(*pixels).average(sums, ours)
    detail_pass(*pixels, compiled=False).average(sums, its)
    weights = (1, 2, 2, 2, 1)
    padded = np.pad(sums.astype(int), 2, mode="edge")
    expected = sum(
        a * b * padded[y:, x:][: size[0], : size[1]] for y, a in enumerate(weights) for x, b in enumerate(weights)
    )
    assert np.array_equal(64 * ours.astype(float), expected) and np.array_equal(ours, its)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_steps_between_blocks_are_differences_to_the_right_and_below(size):
    total = np.random.default_rng(4).integers(0, 4081, size).astype(np.int16)
    wide = np.pad(total.astype(int), ((0, 1), (0, 1)), mode="edge")
    expected = abs(wide[:-1, 1:] - wide[:-1, :-1]) + abs(wide[1:, :-1] - wide[:-1, :-1])
    for compiled in (True, False):
        out = np.full(size, np.nan, np.float32)
        detail_pass(64, 64, compiled=compiled).steps(total, out)
        assert np.array_equal(out, expected)


@pytest.mark.parametrize("missing", [0, 1])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_noise_around_blocks_agrees_bit_for_bit(size, missing):
    rng = np.random.default_rng(6)
    blocks = -(-size[0] // BLOCK), -(-size[1] // BLOCK)
    total = rng.integers(0, 4081, blocks).astype(np.int16)
    half = [max(1, (side + 1 - missing) // 2) for side in size]
    u, v = (rng.integers(0, 256, half).astype(np.uint8) for _ in range(2))
    table = NoiseTable(*(rng.random(count).astype(np.float32) for count in (256, CLASSES, CLASSES)))
    for chroma in ((u, v), (u[::-1], v[:, ::-1]), None):
        got = []
        for compiled in (True, False):
            fine, coarse = (np.full(blocks, np.nan, np.float32) for _ in range(2))
            detail_pass(*size, compiled=compiled).noise(table, total, chroma, fine=fine, coarse=coarse)
            got.append((fine, coarse))
        assert np.array_equal(got[0][0], got[1][0]) and np.array_equal(got[0][1], got[1][1])
        assert np.isfinite(got[0][0]).all() and np.isfinite(got[0][1]).all()


def test_noise_is_looked_up_at_the_level_and_at_the_mean_colour_of_a_block():
    total = np.full((2, 2), 16 * 100, np.int16)
    u, v = np.full((4, 4), 130, np.uint8), np.full((4, 4), 90, np.uint8)
    u[0, 0] = 250  # the mean of four is 160
    factor, coarse = np.zeros(CLASSES, np.float32), np.zeros(CLASSES, np.float32)
    place = (100 // 16 * 17 + (160 + 8) // 16) * 17 + (90 + 8) // 16
    factor[place], coarse[place] = 3, 0.5
    bare = np.zeros(256, np.float32)
    bare[100] = 2
    for compiled in (True, False):
        fine_noise, coarse_noise = (np.full((2, 2), np.nan, np.float32) for _ in range(2))
        detail = detail_pass(8, 8, compiled=compiled)
        detail.noise(NoiseTable(bare, factor, coarse), total, (u, v), fine=fine_noise, coarse=coarse_noise)
        assert (fine_noise == 36).all() and (coarse_noise == 18).all()


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_blocks_are_compared_bit_for_bit(size):
    rng = np.random.default_rng(7)
    total = rng.integers(0, 4081, size).astype(np.int16)
    fine, coarse, steps = (rng.integers(0, 4000, size).astype(np.float32) * np.float32(1 / 7) for _ in range(3))
    noise, coarse_noise = (rng.random(size).astype(np.float32) * 9e4 for _ in range(2))
    terms = Terms(
        doubt=0.3,
        floor=64.0,
        noise_removed=1.21,
        least_over_noise=1.8,
        flat=0.88,
        white=1.32,
        noisy=4.8,
        dark=96,
        bright=3936,
    )
    got = []
    for compiled in (True, False):
        squared, certain = np.full(size, np.nan, np.float32), np.empty(size, np.bool_)
        averages = Averages(fine, coarse, steps, noise, coarse_noise)
        detail_pass(64, 64, compiled=compiled).compare(total, averages, terms, squared=squared, certain=certain)
        got.append((squared, certain))
    assert np.array_equal(got[0][0], got[1][0]) and np.array_equal(got[0][1], got[1][1])
    above = (fine * fine > np.float32(1.8) * noise) & (total > 96) & (total < 3936)
    white = (steps < np.float32(0.88) * coarse) & (
        coarse * coarse * noise < np.float32(1.32) * (coarse_noise * (fine * fine))
    )
    assert np.array_equal(got[0][1], above & ~(white & (fine * fine < np.float32(4.8) * noise)))


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("size", [(37, 45), *SIZES], ids=str)
def test_block_sums_are_what_their_names_say(size, compiled):
    luma = picture(size, "clipped")
    sums = empty_sums(luma.shape)
    detail_pass(*luma.shape, compiled=compiled).sums(luma, sums)
    height, width = sums.total.shape
    codes = np.pad(luma.astype(int), ((2, 6), (2, 6)), mode="edge")[: 4 * height + 4, : 4 * width + 4]
    across = abs(codes[2:-2, 1:-3] - 2 * codes[2:-2, 2:-2] + codes[2:-2, 3:-1])
    structure = across + abs(codes[1:-3, 2:-2] - 2 * codes[2:-2, 2:-2] + codes[3:-1, 2:-2])
    half = codes[2:, 2:].reshape(2 * height + 1, 2, 2 * width + 1, 2).sum((1, 3))
    steps = abs(half[:-1, 1:] - half[:-1, :-1]) + abs(half[1:, :-1] - half[:-1, :-1])
    cells = half[:-1, :-1].reshape(height, 2, width, 2)
    assert np.array_equal(sums.fine, structure.reshape(height, 4, width, 4).sum((1, 3)))
    assert np.array_equal(sums.coarse, steps.reshape(height, 2, width, 2).sum((1, 3)))
    assert np.array_equal(sums.total, cells.sum((1, 3)))
    assert np.array_equal(sums.clipped, cells.max((1, 3)) >= CLIPPED_SUM)


def test_strips_of_the_reference_leave_no_seams(monkeypatch):
    luma = picture((101, 66), "coarse")
    whole = passed(detail_pass(*luma.shape, compiled=False), luma, 0.5)
    monkeypatch.setattr(reference, "STRIP_PIXELS", 1)
    monkeypatch.setattr(reference_mask, "MASK_PIXELS", 1)
    monkeypatch.setattr(reference_blocks, "WINDOW_BLOCKS", 1)
    strips = passed(detail_pass(*luma.shape, compiled=False), luma, 0.5)
    assert np.array_equal(strips[0].fine, whole[0].fine) and np.array_equal(strips[0].coarse, whole[0].coarse)
    means = [np.empty_like(whole[0].fine) for _ in range(2)]
    detail_pass(*luma.shape, compiled=False).average(whole[0].fine, means[0])
    detail_pass(*luma.shape).average(whole[0].fine, means[1])
    assert np.array_equal(*means)
    assert np.array_equal(strips[1], whole[1]) and 0 < whole[1].mean() < 0.5
