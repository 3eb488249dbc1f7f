"""Lone points in a black frame: hot pixels, which look as sharp as anything.

A long exposure in the dark shows some thousand of them, each spread over 3 x 3 pixels by the demosaic. Where most of
the picture is black, a bright spot that is dark all around, at a distance of 3 or of 5 pixels, is taken for one (or for
some beside each other). A star in focus looks the same: it is not marked either. A line, a rim and a letter are not
dark all around. Pictures that are not black cost one look at a sample of their blocks.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from device.analysis.passes.detail.contract import BLOCK
from device.frame import I16, U8

BLACK_CODES = 16  # chosen: the tone curves' dark current of 100 s at gain 16 is at 11
DARK_CODES = 10  # noise is cut off up to there, or less than rounding
OVER_BLACK = 3  # times the level of the picture: brighter pixels are looked at; at gain 16 1 % of noise is
BRIGHTEST_SHARE = 1 / 64  # of the pixels; others are not looked at: it would take long
MOST_SHARE = 1 / 32  # where more are as bright as these (of a picture of few codes), none is
REACHES = (3, 5)  # pixels: outside the 5 x 5 of a demosaic, and of two that are neighbours
FALL = 0.6  # of its brightness is all that there may be around: a blue one has twice the codes of what black leaves


def is_black(total: I16) -> bool:
    """Say whether most of these blocks are black; `total` is the sum of each block's 16 pixels."""
    sample = total[::BLOCK, ::BLOCK]
    return bool(2 * np.count_nonzero(sample <= BLOCK**2 * BLACK_CODES) >= sample.size)


def darkest_told(total: I16) -> int:
    """Give the level in codes up to which these blocks are too dark to tell.

    Where most are black, the lightest are what the cut at black has left of noise and dark current.
    """
    return BLACK_CODES if is_black(total) else DARK_CODES


def lone_points(luma: U8, total: I16) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give row and column of the blocks with a lone point; none where the picture (H, W) is not black.

    `total` is the sum of each block's 16 pixels. Called for each picture that is measured, on its thread.
    """
    none = np.empty(0, np.intp)
    if not is_black(total):
        return none, none
    sparse = luma[:: 2 * BLOCK, :: 2 * BLOCK]
    brightest = float(np.quantile(sparse, 1 - BRIGHTEST_SHARE, method="lower"))
    pad = max(REACHES)
    around = np.pad(luma, pad)
    stride, flat = around.shape[1], around.ravel()
    level = float(np.median(total[::BLOCK, ::BLOCK])) / BLOCK**2
    places = np.flatnonzero(flat > max(BLACK_CODES, OVER_BLACK * level, brightest))
    if not 0 < places.size <= MOST_SHARE * luma.size:
        return none, none
    for beside in (-1, 1, -stride, stride):
        places = places[flat[places] >= flat[places + beside]]
    most = (FALL * flat[places]).astype(np.uint8)
    lone = np.zeros(places.size, np.bool_)
    for reach in REACHES:
        beyond = np.zeros(places.size, np.uint8)
        for down, right in _ring(reach):
            np.maximum(beyond, flat[places + (down * stride + right)], out=beyond)
        lone |= beyond <= most
    rows, columns = np.divmod(places[lone], stride)
    return (rows - pad) // BLOCK, (columns - pad) // BLOCK


def _ring(reach: int) -> list[tuple[int, int]]:
    """Give the moves to all pixels at that distance along one axis, and no more along the other."""
    span = range(-reach, reach + 1)
    return [(down, right) for down in span for right in span if max(abs(down), abs(right)) == reach]
