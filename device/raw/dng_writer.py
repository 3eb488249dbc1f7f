"""Writes a DNG: a JPEG preview for viewers, the Bayer samples bit for bit, and the fields that raw converters need.

DNG 1.4.0.0, readable from 1.1.0.0. IFD0 holds the preview and the camera's colour; a SubIFD the samples; an Exif IFD
the exposure. The samples are packed big-endian at their own bit depth, or 16-bit words, or lossless JPEG: the same
samples in all three. Numbers of the specification's tags: `tags`.
"""

from __future__ import annotations

import hashlib
from typing import Final, Literal, get_args

import numpy as np

from device.bayer import offsets
from device.errors import BadInput
from device.frame import U16, AnyRaw, FrameMeta
from device.pixels.packed import PackedRaw, check_range, csi2_to_tiff, pack_tiff, unpack_csi2
from device.raw.colour import as_shot_neutral, dng_colour, kelvin_of, usable_gains
from device.raw.exif import exif_directory, lens_range, main_fields, notes
from device.raw.lossless import MapWork, encode_tiles
from device.raw.opcodes import GainMaps, gain_map_list
from device.raw.shot_metadata import ShotMetadata
from device.raw.tags import COMPRESSION_JPEG, COMPRESSION_NONE, PHOTOMETRIC_CFA, PHOTOMETRIC_YCBCR, Tag
from device.raw.tiff_writer import (
    Buffer,
    Directory,
    Field,
    Type,
    numbers,
    rationals,
    raw_bytes,
    signed_rationals,
    text,
    write,
)
from device.raw.xmp import xmp_packet
from device.sensors.base import Sensor

DNG_VERSION: Final = (1, 4, 0, 0)
DNG_BACKWARD_VERSION: Final = (1, 1, 0, 0)
CFA_COLOURS: Final = "RGB"  # TIFF/EP CFAPattern: 0 red, 1 green, 2 blue
CROP_MARGIN: Final = 4  # chosen: even, and the reach of most demosaics; Adobe's SDK warns below 2
SIDE_MAX: Final = 65535  # ActiveArea and crops are written as SHORT where they fit; no sensor here is larger

_ID_ROW_STEP: Final = 64

SampleForm = Literal["packed", "16-bit", "lossless"]
SAMPLE_FORMS: Final[tuple[SampleForm, ...]] = get_args(SampleForm)
"""packed: as many bits as the sensor gives, which every program reads; 16-bit: larger, for programs that cannot
unpack; lossless: about half, slower to write, needs the extra `lossless`."""


def encode_dng(
    raw: AnyRaw,
    shot: ShotMetadata,
    *,
    preview_jpeg: bytes,
    preview_size: tuple[int, int],
    form: SampleForm = "packed",
    map_work: MapWork = map,
    gain_maps: GainMaps | None = None,
) -> list[Buffer]:
    """Give the file as buffers to be written one after the other (the samples are not copied again).

    `preview_jpeg` is a 4:2:0 JPEG of `preview_size` (width, height), as `device.raw.jpeg.encode_picture_jpeg` makes.
    `map_work` compresses the tiles of the form "lossless": an executor's `map` does so on all cores.
    `gain_maps` ask the raw converter to even out the lens's shading; the samples stay as they are.
    Raises BadInput for samples beyond their bit depth or a depth TIFF cannot pack; ExtraMissing.
    """
    samples = _raw_directory(raw, shot, form, map_work)
    if gain_maps is not None:
        opcodes = gain_map_list(gain_maps, raw.cfa, raw.shape)
        samples.fields[Tag.OPCODE_LIST_2] = raw_bytes(Type.UNDEFINED, opcodes)
    root = Directory(_shot_fields(raw, shot) | _preview_fields(preview_size, shot.software), strip=preview_jpeg)
    root.below = {Tag.SUB_IFDS: samples, Tag.EXIF_IFD: exif_directory(shot)}
    return write(root)


def _shot_fields(raw: AnyRaw, shot: ShotMetadata) -> dict[int, Field]:
    """Give the fields of IFD0 that describe the shot and the camera's colour."""
    gains, white_assumed = _white_gains(shot)
    shot_notes = notes(shot, levels_assumed=raw.levels_assumed, white_assumed=white_assumed)
    fields = main_fields(shot, shot_notes) | _camera_fields(shot.sensor, gains)
    fields[Tag.RAW_DATA_UNIQUE_ID] = raw_bytes(Type.BYTE, _unique_id(raw, shot))
    if shot_notes:
        fields[Tag.XMP] = raw_bytes(Type.BYTE, xmp_packet(shot_notes))
    if shot.lens is not None:
        fields[Tag.DNG_LENS_INFO] = lens_range(shot.lens)
    return fields


def _white_gains(shot: ShotMetadata) -> tuple[tuple[float, float], bool]:
    """Give the (red, blue) gains of the shot, and whether they had to be assumed from its colour temperature."""
    meta = shot.meta
    if usable_gains(meta.colour_gains):
        return meta.colour_gains, False
    return shot.sensor.colour.gains_at(meta.colour_temperature_k), True


def _preview_fields(size: tuple[int, int], software: str) -> dict[int, Field]:
    width, height = size
    return {
        Tag.NEW_SUBFILE_TYPE: numbers(Type.LONG, 1),  # 1: a preview of another image in this file
        Tag.IMAGE_WIDTH: numbers(Type.LONG, width),
        Tag.IMAGE_LENGTH: numbers(Type.LONG, height),
        Tag.BITS_PER_SAMPLE: numbers(Type.SHORT, 8, 8, 8),
        Tag.COMPRESSION: numbers(Type.SHORT, COMPRESSION_JPEG),
        Tag.PHOTOMETRIC_INTERPRETATION: numbers(Type.SHORT, PHOTOMETRIC_YCBCR),
        Tag.SAMPLES_PER_PIXEL: numbers(Type.SHORT, 3),
        Tag.ROWS_PER_STRIP: numbers(Type.LONG, height),
        Tag.PLANAR_CONFIGURATION: numbers(Type.SHORT, 1),
        Tag.YCBCR_SUBSAMPLING: numbers(Type.SHORT, 2, 2),
        Tag.YCBCR_POSITIONING: numbers(Type.SHORT, 1),  # 1: centred, as JPEG has it
        Tag.REFERENCE_BLACK_WHITE: rationals(0, 255, 128, 255, 128, 255),  # full range
        Tag.PREVIEW_APPLICATION_NAME: text(software),
        Tag.PREVIEW_COLOR_SPACE: numbers(Type.LONG, 2),  # 2: sRGB
    }


def _camera_fields(sensor: Sensor, gains: tuple[float, float]) -> dict[int, Field]:
    colour = dng_colour(sensor.colour, kelvin_of(gains, sensor.colour))
    color, forward = colour.color_matrices, colour.forward_matrices
    return {
        Tag.DNG_VERSION: numbers(Type.BYTE, *DNG_VERSION),
        Tag.DNG_BACKWARD_VERSION: numbers(Type.BYTE, *DNG_BACKWARD_VERSION),
        Tag.UNIQUE_CAMERA_MODEL: text(sensor.unique_camera_model),
        Tag.COLOR_MATRIX_1: signed_rationals(color[0].ravel().tolist()),
        Tag.COLOR_MATRIX_2: signed_rationals(color[1].ravel().tolist()),
        Tag.FORWARD_MATRIX_1: signed_rationals(forward[0].ravel().tolist()),
        Tag.FORWARD_MATRIX_2: signed_rationals(forward[1].ravel().tolist()),
        Tag.CALIBRATION_ILLUMINANT_1: numbers(Type.SHORT, colour.illuminants[0]),
        Tag.CALIBRATION_ILLUMINANT_2: numbers(Type.SHORT, colour.illuminants[1]),
        Tag.AS_SHOT_NEUTRAL: rationals(*as_shot_neutral(gains)),
    }


def _raw_directory(raw: AnyRaw, shot: ShotMetadata, form: SampleForm, map_work: MapWork) -> Directory:
    height, width = raw.shape
    if not (2 <= width <= SIDE_MAX and 2 <= height <= SIDE_MAX):
        raise BadInput(f"raw samples of {width}x{height}", expected=f"2 to {SIDE_MAX} pixels on each side")
    crop = _default_crop(width), _default_crop(height)
    fields = {
        Tag.NEW_SUBFILE_TYPE: numbers(Type.LONG, 0),
        Tag.IMAGE_WIDTH: numbers(Type.LONG, width),
        Tag.IMAGE_LENGTH: numbers(Type.LONG, height),
        Tag.PHOTOMETRIC_INTERPRETATION: numbers(Type.SHORT, PHOTOMETRIC_CFA),
        Tag.SAMPLES_PER_PIXEL: numbers(Type.SHORT, 1),
        Tag.PLANAR_CONFIGURATION: numbers(Type.SHORT, 1),
        Tag.DEFAULT_SCALE: rationals(1, 1),
        Tag.DEFAULT_CROP_ORIGIN: numbers(Type.SHORT, *(start for start, _ in crop)),
        Tag.DEFAULT_CROP_SIZE: numbers(Type.SHORT, *(length for _, length in crop)),
        Tag.ACTIVE_AREA: numbers(Type.SHORT, 0, 0, height, width),
    }
    directory = _samples(raw, form, map_work)
    directory.fields |= fields | _cfa_fields(raw) | _level_fields(raw, shot.meta, shot.sensor)
    return directory


def _default_crop(side: int) -> tuple[int, int]:
    """Give where the picture begins on one side of the samples, and its length: both even, CROP_MARGIN inside.

    What is outside is there for the demosaic of the pixels at the edge. A side too short for a margin is kept whole.
    """
    if side < 4 * CROP_MARGIN:
        return 0, side
    return CROP_MARGIN, (side - 2 * CROP_MARGIN) // 2 * 2


def _samples(raw: AnyRaw, form: SampleForm, map_work: MapWork) -> Directory:
    """Give the pixel data of a form, and the fields that describe how it is kept."""
    if form == "lossless":
        samples = _checked(raw)
        tiles = encode_tiles(samples, bit_depth=raw.bit_depth, map_work=map_work)
        return Directory(
            {
                Tag.BITS_PER_SAMPLE: numbers(Type.SHORT, raw.bit_depth),
                Tag.COMPRESSION: numbers(Type.SHORT, COMPRESSION_JPEG),
                Tag.TILE_WIDTH: numbers(Type.LONG, tiles.columns),
                Tag.TILE_LENGTH: numbers(Type.LONG, tiles.rows),
            },
            tiles=tiles.data,
        )
    words = form == "16-bit" or raw.bit_depth == 16
    return Directory(
        {
            Tag.BITS_PER_SAMPLE: numbers(Type.SHORT, 16 if words else raw.bit_depth),
            Tag.COMPRESSION: numbers(Type.SHORT, COMPRESSION_NONE),
            Tag.ROWS_PER_STRIP: numbers(Type.LONG, raw.shape[0]),
        },
        strip=_words(_checked(raw)) if words else _packed(raw),
    )


def _checked(raw: AnyRaw) -> U16:
    samples = raw.samples
    check_range(samples, raw.bit_depth)
    return samples


def _cfa_fields(raw: AnyRaw) -> dict[int, Field]:
    return {
        Tag.CFA_REPEAT_PATTERN_DIM: numbers(Type.SHORT, 2, 2),
        Tag.CFA_PATTERN: numbers(Type.BYTE, *(CFA_COLOURS.index(c) for c in raw.cfa)),
        Tag.CFA_PLANE_COLOR: numbers(Type.BYTE, 0, 1, 2),
        Tag.CFA_LAYOUT: numbers(Type.SHORT, 1),  # 1: a plain rectangle
    }


def _level_fields(raw: AnyRaw, meta: FrameMeta, sensor: Sensor) -> dict[int, Field]:
    slope, constant = sensor.noise.dng_profile(
        meta.analogue_gain, sensor.white_dn - sensor.black_dn, binning=meta.mode.binning
    )
    return {
        Tag.BLACK_LEVEL_REPEAT_DIM: numbers(Type.SHORT, 2, 2),
        Tag.BLACK_LEVEL: rationals(*_black_in_file_order(raw)),
        Tag.WHITE_LEVEL: numbers(Type.LONG, raw.white_dn),
        Tag.NOISE_PROFILE: numbers(Type.DOUBLE, slope, constant),
    }


def _black_in_file_order(raw: AnyRaw) -> list[float]:
    """Turn R, Gr, Gb, B into the reading order of the file's 2x2 cell, as DNG requires."""
    by_place = dict(zip(offsets(raw.cfa).values(), raw.black_dn, strict=True))
    return [by_place[row, column] for row in (0, 1) for column in (0, 1)]


def _words(samples: U16) -> memoryview:
    """Give the samples as 16-bit words in the file's byte order (little-endian), not in packed bits."""
    return np.ascontiguousarray(samples, dtype="<u2").data.cast("B")


def _packed(raw: AnyRaw) -> memoryview:
    if isinstance(raw, PackedRaw):
        packed = csi2_to_tiff(raw.rows, raw.width, bit_depth=raw.bit_depth)
    else:
        packed = pack_tiff(raw.samples, bit_depth=raw.bit_depth)
    return np.ascontiguousarray(packed).data.cast("B")


def _unique_id(raw: AnyRaw, shot: ShotMetadata) -> bytes:
    """Give a digest of 16 bytes over when the shot was and some of its rows: the same shot gives the same id."""
    meta = shot.meta
    digest = hashlib.blake2b(digest_size=16)
    digest.update(f"{shot.taken_at.isoformat()} {meta.sequence} {meta.timestamp_ns} {raw.shape}".encode())
    if isinstance(raw, PackedRaw):
        some = unpack_csi2(raw.rows[::_ID_ROW_STEP], raw.width, bit_depth=raw.bit_depth)
    else:
        some = raw.samples[::_ID_ROW_STEP]
    digest.update(np.ascontiguousarray(some).data)
    return digest.digest()
