"""Whether a picture file is what the shot was: a second look at its bytes, as another program would see them.

A check is "ok", a "warning" (true, but not what was asked for) or a "fault" (the file is not what it says).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from device.errors import BadFile
from device.frame import FrameMeta, RawFrame
from device.raw.dng_reader import read_raw
from device.raw.file_metadata import FileFacts, facts_of, facts_of_exif
from device.raw.jpeg_header import EOI, SOI, exif_of, size_of
from device.raw.tags import Tag
from device.raw.tiff_reader import StoredDirectory, StoredTiff, read_tiff

Verdict = Literal["ok", "warning", "fault"]
SEVERITY: Final[tuple[Verdict, ...]] = ("ok", "warning", "fault")

POPULATED: Final = 1000  # chosen: with noise of 0.38 DN or more (10 bits, gain 1) a level's neighbours get 90 of these
ALONE_MAX: Final = 0.05  # chosen: plain samples have none; samples that went through 8 bits have most of them
LEVELS_MIN: Final = 8  # chosen: fewer populated levels tell nothing
EXPOSURE_TOLERANCE: Final = 0.02  # chosen: a thirtieth of a stop; a coarse line may take more at the short end
_STRIP_ROWS: Final = 64
_WORDS: Final = 1 << 15  # a white level from here on means whole 16-bit words

_PIECES: Final = (
    (Tag.STRIP_OFFSETS, Tag.STRIP_BYTE_COUNTS),
    (Tag.TILE_OFFSETS, Tag.TILE_BYTE_COUNTS),
    (Tag.JPEG_INTERCHANGE_FORMAT, Tag.JPEG_INTERCHANGE_FORMAT_LENGTH),
)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    verdict: Verdict
    told: str


@dataclass(frozen=True, slots=True)
class Expected:
    """What the camera delivered, to hold the file against."""

    meta: FrameMeta
    size: tuple[int, int]
    """(width, height) of the file's picture."""
    levels: tuple[tuple[float, ...], int] | None = None
    """(black levels as R, Gr, Gb, B; white level) of the raw samples."""
    asked_exposure_us: float | None = None
    """None when auto exposure was to choose."""


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """Give the worst of some verdicts; nothing looked at is "ok"."""
    return max(verdicts, key=SEVERITY.index, default="ok")


def audit_dng(data: bytes, expected: Expected | None = None) -> list[Check]:
    """Look at a DNG. Damage is a fault, never an exception."""
    try:
        tiff = read_tiff(data)
        structure = _structure(tiff)
        raw = read_raw(tiff)
    except BadFile as error:
        return [Check("structure", "fault", error.message)]
    height, width = raw.samples.shape
    counts = _counts(raw)
    checks = [structure, _size((width, height), expected), _levels(raw, counts, expected), tones(counts, raw.white_dn)]
    return checks + _exposure(facts_of(tiff), expected)


def audit_jpeg(data: bytes, expected: Expected | None = None) -> list[Check]:
    """Look at a JPEG, decoding all of it. Damage is a fault, never an exception."""
    from simplejpeg import decode_jpeg  # not at module level: costs start-up

    size = size_of(data)
    if not data.startswith(SOI) or size is None or EOI not in data[-64:]:
        return [Check("structure", "fault", "not a whole JPEG")]
    try:
        decode_jpeg(data, "GRAY", min_width=64, fastdct=True)
    except (ValueError, OverflowError) as error:
        return [Check("structure", "fault", f"it cannot be decoded: {error}")]
    facts = facts_of_exif(exif_of(data))
    return [Check("structure", "ok", "whole, and decodes"), _size(size, expected), *_exposure(facts, expected)]


def _structure(tiff: StoredTiff) -> Check:
    """Every piece of pixel data inside the file, and none over another or over the directories."""
    pieces = sorted(piece for directory in tiff.walk() for piece in _pieces(directory))
    if not pieces:
        return Check("structure", "fault", "it points to no pixel data")
    end = 8
    for offset, length in pieces:
        if length < 1 or offset + length > len(tiff.data):
            return Check("structure", "fault", f"{length} bytes at {offset} are not inside its {len(tiff.data)} bytes")
        if offset < end:
            return Check("structure", "fault", f"pixel data at {offset} lie over others that end at {end}")
        end = offset + length
    return Check("structure", "ok", f"{len(pieces)} pieces of pixel data, each in its place")


def _pieces(directory: StoredDirectory) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for offsets, lengths in _PIECES:
        found += zip(directory.integers(offsets), directory.integers(lengths), strict=False)
    return found


def _size(size: tuple[int, int], expected: Expected | None) -> Check:
    told = f"{size[0]} x {size[1]}"
    if expected is not None and size != expected.size:
        return Check("size", "fault", f"{told}, taken as {expected.size[0]} x {expected.size[1]}")
    return Check("size", "ok", told)


def _counts(raw: RawFrame) -> NDArray[np.int64]:
    """How many samples have each code of the scale."""
    counts = np.zeros(1 << 16, np.int64)
    for row in range(0, len(raw.samples), _STRIP_ROWS):  # bincount works on 64-bit copies: a strip at a time
        counts += np.bincount(raw.samples[row : row + _STRIP_ROWS].ravel(), minlength=1 << 16)
    return counts


def _levels(raw: RawFrame, counts: NDArray[np.int64], expected: Expected | None) -> Check:
    codes = np.flatnonzero(counts)
    lowest, highest = int(codes[0]), int(codes[-1])
    black = ", ".join(f"{level:g}" for level in (raw.black_dn if len(set(raw.black_dn)) > 1 else raw.black_dn[:1]))
    told = f"black {black}, white {raw.white_dn}, samples {lowest} to {highest}"
    if highest > raw.white_dn:
        return Check("levels", "fault", f"{told}: beyond white")
    if lowest == highest:
        white = lowest == raw.white_dn
        why = "all of it is overexposed" if white else "every sample is the same"
        return Check("levels", "warning" if white else "fault", f"{told}: {why}")
    if expected is not None and expected.levels is not None:
        wanted_black, wanted_white = expected.levels
        # A file keeps black as a fraction, and the white of its scale.
        if not np.allclose(raw.black_dn, wanted_black, atol=1e-3) or raw.white_dn != wanted_white:
            return Check("levels", "fault", f"{told}; taken with black {wanted_black}, white {wanted_white}")
    return Check("levels", "ok", told)


def tones(counts: NDArray[np.int64], white_dn: int) -> Check:
    """Catch samples that were compressed or stretched before they were stored: levels are missing between others.

    A sensor's noise spreads every tone over its neighbours, so a level with many samples has neighbours with some.
    `counts` are by code; black and the clipped ends are left out. Words of 16 bits may hold fewer bits at their upper
    end (as a Pi 5 gives them), 10 or more.
    """
    step = int(np.gcd.reduce(np.flatnonzero(counts))) if white_dn >= _WORDS else 1
    if step in (2, 4, 8, 16, 32, 64):
        counts, white_dn = counts[::step], white_dn // step
    codes = np.flatnonzero(counts)
    inner = counts[1:white_dn]
    populated = np.flatnonzero(inner >= POPULATED) + 1
    told = f"{len(codes)} tonal levels"
    if len(populated) < LEVELS_MIN:
        return Check("tones", "ok", f"{told}, too few samples of each to tell more")
    alone = (counts[populated - 1] == 0) & (counts[populated + 1] == 0)
    share = float(alone.mean())
    if share > ALONE_MAX:
        return Check("tones", "fault", f"{told}, {share:.0%} of them without neighbours: not the sensor's own samples")
    return Check("tones", "ok", f"{told}, none missing")


def _exposure(facts: FileFacts, expected: Expected | None) -> list[Check]:
    if expected is None or not expected.meta.exposure_known:
        return []
    meta, asked_us = expected.meta, expected.asked_exposure_us
    told = f"{_seconds(facts.exposure_us)}, ISO {facts.iso}"
    if facts.exposure_us is None or not np.isclose(facts.exposure_us, meta.exposure_us, rtol=1e-6):
        return [Check("exposure", "fault", f"{told}; delivered {_seconds(meta.exposure_us)}")]
    if facts.iso != meta.iso:
        return [Check("exposure", "fault", f"{told}; delivered ISO {meta.iso}")]
    if asked_us is not None:
        allowed = max(EXPOSURE_TOLERANCE * asked_us, meta.mode.line_us)
        if abs(meta.exposure_us - asked_us) > allowed:
            return [Check("exposure", "warning", f"{told}; asked for {_seconds(asked_us)}")]
    return [Check("exposure", "ok", told)]


def _seconds(exposure_us: float | None) -> str:
    return "unknown" if exposure_us is None else f"{exposure_us / 1e6:.6g} s"
