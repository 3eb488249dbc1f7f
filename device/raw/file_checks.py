"""Checks whether a picture file holds what the camera delivered, by reading it as another program would.

A verdict is "ok", "warning" (the file is right, but not what was asked for) or "fault" (the file is wrong). `audit_dng`
and `audit_jpeg` take bytes; `device.captures.shot_audit` calls them on files that were read back from the disk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from device.controls import LEFT_TO_CAMERA, Asked
from device.errors import BadFile
from device.frame import FrameMeta, RawFrame
from device.raw.dng_reader import GreyRaw, read_samples
from device.raw.file_metadata import FileMetadata, metadata_of, metadata_of_exif
from device.raw.jpeg import check_jpeg
from device.raw.jpeg_header import EOI, SOI, exif_of, size_of
from device.raw.shortfall import ALL_WHITE, Shortfall
from device.raw.tags import COMPRESSION_NONE, Tag
from device.raw.tiff_reader import StoredDirectory, StoredTiff, read_tiff

Verdict = Literal["ok", "warning", "fault"]
SEVERITY: Final[tuple[Verdict, ...]] = ("ok", "warning", "fault")

POPULATED: Final = 1000  # chosen: with noise of 0.38 DN or more (10 bits, gain 1) a level's neighbours get 90 of these
ALONE_MAX: Final = 0.05  # chosen: plain samples have none; samples that went through 8 bits have most of them
LEVELS_MIN: Final = 8  # chosen: with fewer populated levels the share of isolated ones means nothing
_STRIP_ROWS: Final = 64
_WORDS: Final = 1 << 15  # a white level from here on means whole 16-bit words

_PIECES: Final = (
    (Tag.STRIP_OFFSETS, Tag.STRIP_BYTE_COUNTS),
    (Tag.TILE_OFFSETS, Tag.TILE_BYTE_COUNTS),
    (Tag.JPEG_INTERCHANGE_FORMAT, Tag.JPEG_INTERCHANGE_FORMAT_LENGTH),
)


@dataclass(frozen=True, slots=True)
class FileCheck:
    """The result of one check of a file."""

    name: str
    verdict: Verdict
    finding: str
    """What was found, in words."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the camera delivered, to compare the file with."""

    meta: FrameMeta
    size: tuple[int, int]
    """(width, height) of the file's picture."""
    levels: tuple[tuple[float, ...], int] | None = None
    """(black levels as R, Gr, Gb, B; white level) of the raw samples."""
    asked: Asked = LEFT_TO_CAMERA
    shortfalls: tuple[Shortfall, ...] = ()
    """What the shot falls short in besides its exposure, where the file itself does not show it."""


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """Give the worst of some verdicts; "ok" for none."""
    return max(verdicts, key=SEVERITY.index, default="ok")


def audit_dng(data: bytes, expected: Expected | None = None) -> list[FileCheck]:
    """Check a DNG. A damaged file gives a fault, never an exception."""
    try:
        tiff = read_tiff(data)
        structure = _structure(tiff)
        raw = read_samples(tiff)
    except BadFile as error:
        return [FileCheck("structure", "fault", error.message)]
    height, width = raw.samples.shape
    counts = _counts(raw)
    checks = [structure, _size((width, height), expected), _levels(raw, counts, expected), tones(counts, raw.white_dn)]
    return checks + _exposure(metadata_of(tiff), expected) + _shortfalls(expected)


def audit_jpeg(data: bytes, expected: Expected | None = None) -> list[FileCheck]:
    """Check a JPEG; all of it is decoded. A damaged file gives a fault, never an exception."""
    from simplejpeg import decode_jpeg  # not at module level: costs start-up

    size = size_of(data)
    if not data.startswith(SOI) or size is None or EOI not in data[-64:]:
        return [FileCheck("structure", "fault", "not a whole JPEG")]
    try:
        check_jpeg(data, *size)
        decode_jpeg(data, "GRAY", min_width=64, fastdct=True)
    except (ValueError, OverflowError) as error:  # BadFile is a ValueError
        return [FileCheck("structure", "fault", f"it cannot be decoded: {error}")]
    metadata = metadata_of_exif(exif_of(data))
    whole = FileCheck("structure", "ok", "whole, and decodes")
    return [whole, _size(size, expected), *_exposure(metadata, expected), *_shortfalls(expected)]


def _structure(tiff: StoredTiff) -> FileCheck:
    """Check that every piece of pixel data lies inside the file, and none over another or over the directories."""
    # No developer looks for a picture in the Exif IFD; rpicam-still leaves an empty strip there.
    pictures = list(tiff.walk(without=(Tag.EXIF_IFD,)))
    pieces = sorted(piece for directory in pictures for piece in _pieces(directory))
    if not pieces:
        return FileCheck("structure", "fault", "it points to no pixel data")
    end = 8
    for offset, length in pieces:
        if length < 1 or offset + length > len(tiff.data):
            return FileCheck(
                "structure", "fault", f"{length} bytes at {offset} are not inside its {len(tiff.data)} bytes"
            )
        if offset < end:
            return FileCheck("structure", "fault", f"pixel data at {offset} lie over others that end at {end}")
        end = offset + length
    for directory in pictures:
        listed, needed = _listed_and_needed(directory)
        if listed < needed:
            return FileCheck("structure", "fault", f"{listed} bytes of pixel data where {needed} are needed")
    return FileCheck("structure", "ok", f"{len(pieces)} pieces of pixel data, each in its place")


def _listed_and_needed(directory: StoredDirectory) -> tuple[int, int]:
    """Give how many bytes of pixel data a directory lists, and how many its picture takes; (0, 0) if compressed.

    Of a piece that lists more than it takes only what it takes counts: it does not make up for a short one.
    """
    width, height = directory.integer(Tag.IMAGE_WIDTH, 0) or 0, directory.integer(Tag.IMAGE_LENGTH, 0) or 0
    if directory.integer(Tag.COMPRESSION, COMPRESSION_NONE) != COMPRESSION_NONE or not width or not height:
        return 0, 0
    tiled = Tag.TILE_WIDTH in directory.fields
    columns = (directory.integer(Tag.TILE_WIDTH) if tiled else width) or width
    rows = directory.integer(Tag.TILE_LENGTH if tiled else Tag.ROWS_PER_STRIP) or height
    row_bytes = -(-columns * (sum(directory.integers(Tag.BITS_PER_SAMPLE)) or 1) // 8)
    listed = directory.integers(Tag.TILE_BYTE_COUNTS if tiled else Tag.STRIP_BYTE_COUNTS)
    down, across = -(-height // rows), -(-width // columns)
    total = (down * rows if tiled else height) * across * row_bytes
    if len(listed) != down * across:
        return sum(listed), total
    tall = (rows if tiled else min(rows, height - index // across * rows) for index in range(len(listed)))
    return sum(min(length, lines * row_bytes) for length, lines in zip(listed, tall, strict=True)), total


def _pieces(directory: StoredDirectory) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for offsets, lengths in _PIECES:
        found += zip(directory.integers(offsets), directory.integers(lengths), strict=False)
    return found


def _size(size: tuple[int, int], expected: Expected | None) -> FileCheck:
    finding = f"{size[0]} x {size[1]}"
    if expected is not None and size != expected.size:
        return FileCheck("size", "fault", f"{finding}, taken as {expected.size[0]} x {expected.size[1]}")
    return FileCheck("size", "ok", finding)


def _counts(raw: RawFrame | GreyRaw) -> NDArray[np.int64]:
    """Count how many samples have each code, 0 to 65535."""
    counts = np.zeros(1 << 16, np.int64)
    for row in range(0, len(raw.samples), _STRIP_ROWS):  # bincount works on 64-bit copies: a strip at a time
        counts += np.bincount(raw.samples[row : row + _STRIP_ROWS].ravel(), minlength=1 << 16)
    return counts


def _levels(raw: RawFrame | GreyRaw, counts: NDArray[np.int64], expected: Expected | None) -> FileCheck:
    codes = np.flatnonzero(counts)
    lowest, highest = int(codes[0]), int(codes[-1])
    black = ", ".join(f"{level:g}" for level in (raw.black_dn if len(set(raw.black_dn)) > 1 else raw.black_dn[:1]))
    assumed = " (assumed)" if raw.levels_assumed else ""
    finding = f"black {black}, white {raw.white_dn}{assumed}, samples {lowest} to {highest}"
    if highest > raw.white_dn:
        return FileCheck("levels", "fault", f"{finding}: beyond white")
    if lowest == highest:
        white = lowest == raw.white_dn
        why = ALL_WHITE if white else "every sample is the same"
        return FileCheck("levels", "warning" if white else "fault", f"{finding}: {why}")
    if expected is not None and expected.levels is not None:
        wanted_black, wanted_white = expected.levels
        # A file keeps black as a fraction, and the white of its scale.
        if not np.allclose(raw.black_dn, wanted_black, atol=1e-3) or raw.white_dn != wanted_white:
            return FileCheck("levels", "fault", f"{finding}; taken with black {wanted_black}, white {wanted_white}")
    return FileCheck("levels", "ok", finding)


def tones(counts: NDArray[np.int64], white_dn: int) -> FileCheck:
    """Check for samples that were compressed or stretched before they were stored: levels are missing between others.

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
    finding = f"{len(codes)} tonal levels"
    if len(populated) < LEVELS_MIN:
        return FileCheck("tones", "ok", f"{finding}, too few samples of each to tell more")
    alone = (counts[populated - 1] == 0) & (counts[populated + 1] == 0)
    share = float(alone.mean())
    if share > ALONE_MAX:
        return FileCheck(
            "tones", "fault", f"{finding}, {share:.0%} of them without neighbours: not the sensor's own samples"
        )
    return FileCheck("tones", "ok", f"{finding}, none missing")


def _exposure(metadata: FileMetadata, expected: Expected | None) -> list[FileCheck]:
    if expected is None or not expected.meta.exposure_known:
        return []
    meta = expected.meta
    finding = f"{_seconds(metadata.exposure_us)}, ISO {metadata.iso}"
    if metadata.exposure_us is None or not np.isclose(metadata.exposure_us, meta.exposure_us, rtol=1e-6):
        return [FileCheck("exposure", "fault", f"{finding}; delivered {_seconds(meta.exposure_us)}")]
    if metadata.iso != meta.iso:
        return [FileCheck("exposure", "fault", f"{finding}; delivered ISO {meta.iso}")]
    shortfall = expected.asked.shortfall(meta)
    if shortfall:
        return [FileCheck("exposure", "warning", f"{finding}; {shortfall}")]
    return [FileCheck("exposure", "ok", finding)]


def _shortfalls(expected: Expected | None) -> list[FileCheck]:
    return [FileCheck(found.kind, "warning", found.text) for found in (expected.shortfalls if expected else ())]


def _seconds(exposure_us: float | None) -> str:
    return "unknown" if exposure_us is None else f"{exposure_us / 1e6:.6g} s"
