"""Lossless JPEG tiles: every sample back, sizes no one likes, and files that lie."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from unittest import mock

import numpy as np
import pytest

from device.errors import BadFile, ExtraMissing
from device.raw.dng_reader import read_raw
from device.raw.lossless import decode, encode_tiles
from device.raw.tags import Tag
from device.raw.tiff_reader import read_tiff
from web.errors import status_of

Make = Callable[..., Any]


def noise(shape: tuple[int, int], bits: int = 12) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 2**bits, shape, dtype=np.uint16)


@pytest.mark.parametrize("bits", [10, 12, 16])
@pytest.mark.parametrize("shape", [(2, 2), (3, 5), (16, 16), (300, 130), (33, 1500), (520, 4056)])
def test_every_sample_comes_back(shape: tuple[int, int], bits: int, make_raw: Make, make_dng: Make) -> None:
    raw = replace(make_raw("GRBG", bits), samples=noise(shape, bits))
    back = read_raw(read_tiff(make_dng(raw, form="lossless")))
    assert np.array_equal(back.samples, raw.samples) and back.bit_depth == bits


def test_tiles_are_as_tiff_wants_them_and_a_full_frame_has_enough_for_every_core() -> None:
    tiles = encode_tiles(noise((3040, 4056)) // 256, bit_depth=12)
    assert (tiles.columns, tiles.rows, len(tiles.data)) == (2032, 256, 24)
    assert tiles.columns % 16 == tiles.rows % 16 == 0


def test_threads_give_the_same_bytes() -> None:
    samples = noise((600, 700))
    with ThreadPoolExecutor(2) as pool:
        assert encode_tiles(samples, bit_depth=12, map_work=pool.map) == encode_tiles(samples, bit_depth=12)


def test_the_components_and_the_predictor_are_those_that_every_converter_reads() -> None:
    (tile,) = encode_tiles(noise((16, 32)), bit_depth=12).data
    frame, scan = tile.index(b"\xff\xc3"), tile.index(b"\xff\xda")
    assert tile[frame + 4] == 12 and tile[frame + 9] == 2  # precision, components
    assert int.from_bytes(tile[frame + 5 : frame + 7], "big") == 16
    assert int.from_bytes(tile[frame + 7 : frame + 9], "big") == 16
    assert tile[scan + 5 + 2 * 2] == 1  # Ss: the predictor


def test_a_tile_that_lies_about_its_size_is_refused_before_it_is_decoded() -> None:
    (tile,) = encode_tiles(noise((16, 32)), bit_depth=12).data
    frame = tile.index(b"\xff\xc3")
    huge = tile[: frame + 5] + b"\xff\xff\xff\xff" + tile[frame + 9 :]
    with pytest.raises(BadFile, match="not of the size"):
        decode(huge, rows=16, columns=32)
    with pytest.raises(BadFile, match="megapixels"):
        decode(tile, rows=2**31, columns=2**31)


def test_a_tile_that_is_damaged_or_something_else_is_refused(grey_preview: bytes) -> None:
    (tile,) = encode_tiles(noise((64, 64)), bit_depth=12).data
    for broken in (tile[: len(tile) // 2], tile[:-100], b"", b"\xff\xd8"):
        with pytest.raises(BadFile):
            decode(broken, rows=64, columns=64)
    with pytest.raises(BadFile, match="lossless"):
        decode(grey_preview, rows=24, columns=32)


def test_without_the_extra_it_says_what_to_install(make_raw: Make, make_dng: Make) -> None:
    data = make_dng(form="lossless")
    with mock.patch.dict(sys.modules, {"imagecodecs": None}):
        with pytest.raises(ExtraMissing, match="imagecodecs") as caught:
            make_dng(form="lossless")
        assert "lossless" in caught.value.remedy and status_of(caught.value) == 501
        with pytest.raises(ExtraMissing):
            read_raw(read_tiff(data))


def test_a_file_whose_tiles_are_cut_off_is_refused(make_dng: Make) -> None:
    data = make_dng(form="lossless")
    directory = read_tiff(data).directories[0].below[Tag.SUB_IFDS][0]
    assert directory.integers(Tag.TILE_OFFSETS)[0] + directory.integers(Tag.TILE_BYTE_COUNTS)[0] in (
        len(data),
        len(data) - 1,
    )
    for cut in (2, 50, 500):
        with pytest.raises(BadFile):
            read_raw(read_tiff(data[:-cut]))
