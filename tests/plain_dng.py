"""DNGs as other programs write them, made by code: one directory, plain samples, and any field changed."""

from __future__ import annotations

from typing import Any

import numpy as np

from device.pixels.packed import pack_tiff
from device.raw.tags import Tag
from device.raw.tiff_writer import Directory, Field, Type, numbers, rationals, text, write


def plain_dng(
    samples: np.ndarray,
    bits: int,
    *,
    tile: int = 0,
    strip: int = 0,
    exif: dict[int, Field] | None = None,
    **changes: Any,
) -> bytes:
    """A single-IFD DNG as other programs write: one directory, samples in tiles or strips, an Exif IFD of `exif`."""
    height, width = samples.shape
    fields: dict[int, Field] = {
        Tag.NEW_SUBFILE_TYPE: numbers(Type.LONG, 0), Tag.IMAGE_WIDTH: numbers(Type.LONG, width),
        Tag.IMAGE_LENGTH: numbers(Type.LONG, height), Tag.BITS_PER_SAMPLE: numbers(Type.SHORT, bits),
        Tag.COMPRESSION: numbers(Type.SHORT, 1), Tag.PHOTOMETRIC_INTERPRETATION: numbers(Type.SHORT, 32803),
        Tag.SAMPLES_PER_PIXEL: numbers(Type.SHORT, 1), Tag.MAKE: text("RaspberryPi"), Tag.MODEL: text("imx477"),
        Tag.CFA_REPEAT_PATTERN_DIM: numbers(Type.SHORT, 2, 2), Tag.CFA_PATTERN: numbers(Type.BYTE, 2, 1, 1, 0),
        Tag.EXPOSURE_TIME: rationals((1, 50)), Tag.PHOTOGRAPHIC_SENSITIVITY: numbers(Type.SHORT, 400),
        Tag.BLACK_LEVEL_REPEAT_DIM: numbers(Type.SHORT, 2, 2), Tag.BLACK_LEVEL: numbers(Type.SHORT, 16, 16, 16, 16),
        Tag.WHITE_LEVEL: numbers(Type.SHORT, 2**bits - 1), Tag.AS_SHOT_NEUTRAL: rationals(0.5, 1, 0.625),
    }  # fmt: skip
    step = tile or strip or height
    across = range(0, width, tile or width)
    blocks = []
    for row in range(0, height, step):
        for column in across:
            block = samples[row : row + step, column : column + (tile or width)]
            if tile:
                block = np.pad(block, ((0, tile - block.shape[0]), (0, tile - block.shape[1])))
            blocks.append(block.astype("<u2").tobytes() if bits == 16 else pack_tiff(block, bit_depth=bits).tobytes())
    if tile:
        fields |= {Tag.TILE_WIDTH: numbers(Type.SHORT, tile), Tag.TILE_LENGTH: numbers(Type.SHORT, tile)}
        offsets_tag, counts_tag = Tag.TILE_OFFSETS, Tag.TILE_BYTE_COUNTS
    else:
        fields[Tag.ROWS_PER_STRIP] = numbers(Type.LONG, step)
        offsets_tag, counts_tag = Tag.STRIP_OFFSETS, Tag.STRIP_BYTE_COUNTS
    fields[counts_tag] = numbers(Type.LONG, *(len(b) for b in blocks))
    fields[offsets_tag] = numbers(Type.LONG, *(0 for _ in blocks))
    fields |= {getattr(Tag, name): value for name, value in changes.items() if value is not None}
    for name in [name for name, value in changes.items() if value is None]:
        fields.pop(getattr(Tag, name))
    below = {} if exif is None else {Tag.EXIF_IFD: exif}

    def directory() -> Directory:
        return Directory(dict(fields), {tag: Directory(dict(inner)) for tag, inner in below.items()})

    start = sum(memoryview(b).nbytes for b in write(directory()))
    if offsets_tag.name not in changes:
        places = [start + sum(len(b) for b in blocks[:i]) for i in range(len(blocks))]
        fields[offsets_tag] = numbers(Type.LONG, *places)
    return b"".join([*(bytes(b) for b in write(directory())), *blocks])
