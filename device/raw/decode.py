"""Decodes the bytes of a JPEG, PNG or DNG file: its display signal, its raw samples if it has any, and its metadata.

Whatever the bytes are (cut short, not a picture at all), the only error is BadFile, with a remedy; and nothing is
allocated before the size that the file claims was checked. `device.raw.files` reads the bytes.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from device.errors import BadFile
from device.frame import U8, ProcessingName, RawFrame, YuvPicture
from device.pixels.bt601 import grey_picture, to_yuv
from device.pixels.orientation import turned, turned_raw
from device.raw.file_metadata import FileMetadata, is_own, metadata_of, metadata_of_exif
from device.raw.jpeg import check_jpeg
from device.raw.jpeg_header import EXIF_PREFIX, SOI, exif_of
from device.raw.limits import check_pixels
from device.raw.tags import Tag
from device.raw.tiff_reader import StoredTiff, read_tiff
from device.sensors.base import Sensor
from device.sensors.imx477 import IMX477
from device.sensors.known import SENSORS

if TYPE_CHECKING:
    from PIL import Image

Kind = Literal["jpeg", "png", "dng"]

PNG_MAGIC: Final = b"\x89PNG\r\n\x1a\n"
TIFF_MAGICS: Final = (b"II*\0", b"MM\0*")
PICTURE_FILES: Final = "a JPEG, PNG or uncompressed DNG file"
PIDNG_MODEL: Final = "PiDNG / PiCamera2"
_STRIP_ROWS: Final = 256
_COPY_AGAIN: Final = "copy the file again from where it came; it may have been cut short or damaged"


@dataclass(frozen=True, slots=True)
class PictureFile:
    """One picture file, decoded."""

    name: str
    """The file's name without its folder."""
    kind: Kind
    size_bytes: int
    yuv: YuvPicture
    """The display signal, full range, every pixel of the file the right way up; odd sides give chroma rounded up."""
    raw: RawFrame | None
    """The Bayer samples of a DNG, turned like the picture; None for a DNG of a sensor without colour filters."""
    metadata: FileMetadata
    decoded_rgb: U8 | None = field(default=None, repr=False)
    """(H, W, 3) exactly as decoded and turned; None for a grey picture. See `rgb`."""
    sensor: Sensor | None = field(default=None, repr=False)
    """Of a DNG, where its numbers can be relied on; see `_known_sensor`."""

    @property
    def luma(self) -> U8:
        """(H, W) full-range luma: a JPEG's own Y plane; BT.601 of the rest."""
        return self.yuv.y

    @property
    def processing(self) -> ProcessingName:
        """What was done as far as the file tells; "raw": its samples' noise is known; "shot": hqcam made the JPEG."""
        if self.kind == "jpeg":
            return "shot" if is_own(self.metadata.software) else "jpeg"
        known = self.raw is not None and self.metadata.colour_temperature_k is not None and self.metadata.iso
        return "raw" if known else "none"

    def rgb(self) -> U8:
        """Give (H, W, 3) exactly as decoded; a grey picture has three channels of its luma."""
        return np.stack([self.luma] * 3, axis=-1) if self.decoded_rgb is None else self.decoded_rgb


def decode_picture(data: bytes, *, name: str, memory_bytes: int | None = None) -> PictureFile:
    """Decode the bytes of a file called `name`, the right way up. Raises BadFile, and nothing else.

    A picture that takes more than `memory_bytes` to decode is refused before; None: not compared.
    """
    decoders = {"jpeg": _decode_jpeg, "png": _decode_png, "dng": _decode_dng}
    with _named(name):
        return _upright(decoders[_kind(data)](name, data, memory_bytes))


def _upright(picture: PictureFile) -> PictureFile:
    orientation = picture.metadata.orientation or 1
    if orientation == 1:
        return picture
    luma = turned(picture.luma, orientation)
    rgb = None if picture.decoded_rgb is None else turned(picture.decoded_rgb, orientation)
    yuv = grey_picture(luma) if rgb is None else to_yuv(rgb, luma=luma)
    raw = None if picture.raw is None else turned_raw(picture.raw, orientation)
    return replace(picture, yuv=yuv, decoded_rgb=rgb, raw=raw)


def _kind(data: bytes) -> Kind:
    if data.startswith(SOI):
        return "jpeg"
    if data.startswith(PNG_MAGIC):
        return "png"
    if data.startswith(TIFF_MAGICS):
        return "dng"
    found = f"it is not a picture: it begins with {data[:8].hex(' ')}"
    raise BadFile(found, expected=PICTURE_FILES, remedy="convert it to JPEG or PNG first")


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Put the file's name in front of what is wrong with it."""
    try:
        yield
    except BadFile as error:
        raise BadFile(f"{name}: {error.message}", expected=error.expected, remedy=error.remedy) from error
    except MemoryError as error:
        raise BadFile(f"{name} does not fit into memory", expected="a smaller picture") from error


def _decode_jpeg(name: str, data: bytes, memory_bytes: int | None) -> PictureFile:
    from simplejpeg import decode_jpeg, decode_jpeg_header  # not at module level: costs start-up

    try:
        height, width, space, _ = decode_jpeg_header(data)
        check_jpeg(data, width, height, memory_bytes=memory_bytes)
        if space not in ("YCbCr", "RGB", "Gray"):
            raise BadFile(f"its colour space is {space}", expected="a grey or colour JPEG", remedy="save it as RGB")
        luma: U8 = np.ascontiguousarray(decode_jpeg(data, "GRAY")[..., 0])
        rgb: U8 | None = None if space == "Gray" else decode_jpeg(data, "RGB")
    except BadFile:
        raise
    except (ValueError, OverflowError) as error:
        raise BadFile(f"the JPEG cannot be decoded: {error}", expected="a whole JPEG", remedy=_COPY_AGAIN) from error
    picture = grey_picture(luma) if rgb is None else to_yuv(rgb, luma=luma)
    return PictureFile(name, "jpeg", len(data), picture, None, metadata_of_exif(exif_of(data)), rgb)


def _decode_png(name: str, data: bytes, memory_bytes: int | None) -> PictureFile:
    from io import BytesIO

    from PIL.PngImagePlugin import PngImageFile  # not at module level: costs start-up

    try:
        check_pixels(*_png_size(data), file_bytes=len(data), memory_bytes=memory_bytes)
        with PngImageFile(BytesIO(data)) as image:
            image.load()
            exif = image.info.get("exif")
            pixels = _png_pixels(image)
    except BadFile:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, zlib.error) as error:
        raise BadFile(f"the PNG cannot be decoded: {error}", expected="a whole PNG", remedy=_COPY_AGAIN) from error
    rgb = pixels if pixels.ndim == 3 else None
    picture = grey_picture(pixels) if rgb is None else to_yuv(rgb)
    metadata = metadata_of_exif(exif.removeprefix(EXIF_PREFIX) if isinstance(exif, bytes) else None)
    return PictureFile(name, "png", len(data), picture, None, metadata, rgb)


def _png_size(data: bytes) -> tuple[int, int]:
    header = data[16:24]  # IHDR is always the first chunk
    if len(header) < 8:
        raise BadFile("the PNG ends in its header", expected="a whole PNG", remedy=_COPY_AGAIN)
    return int.from_bytes(header[:4], "big"), int.from_bytes(header[4:], "big")


def _png_pixels(image: Image.Image) -> U8:
    """Give (H, W) of a grey picture, (H, W, 3) of a colour one. Alpha is dropped: the pixels count as stored.

    Converted in strips: a whole picture in another mode would take as much memory again.
    """
    grey = image.mode in ("1", "L", "LA") or image.mode.startswith("I")
    pixels: U8 = np.empty((image.height, image.width) if grey else (image.height, image.width, 3), np.uint8)
    for top in range(0, image.height, _STRIP_ROWS):
        bottom = min(top + _STRIP_ROWS, image.height)
        pixels[top:bottom] = _strip_pixels(image.crop((0, top, image.width, bottom)))
    return pixels


def _strip_pixels(strip: Image.Image) -> U8:
    if strip.mode.startswith("I"):  # 16-bit grey: "I;16" or, in older Pillow, "I"
        samples = np.asarray(strip).astype(np.uint32)
        return ((samples * 255 + 32767) // 65535).astype(np.uint8)
    if strip.mode in ("1", "L", "LA"):
        return np.array(strip.convert("L"), np.uint8)
    if strip.mode != "RGB":
        strip = strip.convert("RGBA")  # a palette with transparency goes straight to RGB only with a warning
    return np.asarray(strip, np.uint8)[..., :3]


def _decode_dng(name: str, data: bytes, memory_bytes: int | None) -> PictureFile:
    # Not at module level: costs start-up.
    from device.raw.colour import kelvin_of
    from device.raw.demosaic import picture_of_grey, picture_of_raw
    from device.raw.dng_reader import GreyRaw, raw_size, read_samples

    tiff = read_tiff(data)
    check_pixels(*raw_size(tiff), memory_bytes=memory_bytes)
    raw, metadata = read_samples(tiff), metadata_of(tiff)
    if isinstance(raw, GreyRaw):
        return PictureFile(name, "dng", len(data), grey_picture(picture_of_grey(raw, tone=IMX477.tone)), None, metadata)
    sensor, assumed = _known_sensor(tiff, raw)
    metadata = replace(metadata, sensor_assumed=assumed)
    colour = sensor.colour if sensor is not None else None
    if colour is not None and metadata.colour_gains is not None:
        metadata = replace(metadata, colour_temperature_k=round(kelvin_of(metadata.colour_gains, colour)))
    rgb = picture_of_raw(raw, gains=metadata.colour_gains, colour=colour, tone=IMX477.tone)
    return PictureFile(name, "dng", len(data), to_yuv(rgb), raw, metadata, rgb, sensor)


def _known_sensor(tiff: StoredTiff, raw: RawFrame) -> tuple[Sensor | None, bool]:
    """Give the sensor that the file names, if hqcam knows it, and whether it is assumed.

    Others than the IMX477 in files of hqcam alone: other programs write other levels into theirs.
    PiDNG names itself where its caller names no camera: then size and levels say whether it can be the sensor.
    """
    main = tiff.directories[0]
    unique = main.text(Tag.UNIQUE_CAMERA_MODEL) or ""
    model = main.text(Tag.MODEL) or ""
    named = f"{model} {unique}".lower()
    if IMX477.model in named:
        return IMX477, False
    own = is_own(main.text(Tag.SOFTWARE))
    others = [sensor for sensor in SENSORS.values() if own and unique == sensor.unique_camera_model]
    if others:
        return others[0], False
    unnamed = not unique and model == PIDNG_MODEL
    return (IMX477, True) if unnamed and _looks_like(raw, IMX477) else (None, False)


def _looks_like(raw: RawFrame, sensor: Sensor) -> bool:
    sizes = {(mode.height, mode.width) for mode in sensor.modes}
    scale = 2.0 ** (raw.bit_depth - sensor.bit_depth)
    black_dn, whites = sensor.black_dn * scale, (2**raw.bit_depth - 1, sensor.white_dn * scale)
    return raw.shape in sizes and raw.black_dn == (black_dn,) * 4 and raw.white_dn in whites and not raw.levels_assumed
