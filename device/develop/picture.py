"""One raw file to a picture, through LibRaw: linear light, tone curve, JPEG or 16-bit TIFF.

A picture is written whole or not at all. `develop` calls this for many files, each on a thread of its pool.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from device.atomic import Buffer, write_atomically
from device.develop.encode import jpeg_file, tiff_file
from device.develop.settings import DevelopSettings, crop_of
from device.develop.white_balance import gains_for
from device.errors import BadFile, ExtraMissing
from device.frame import U8, U16
from device.raw.file_metadata import NO_METADATA, FileMetadata, metadata_of
from device.raw.files import read_bytes
from device.raw.limits import check_pixels
from device.raw.tiff_reader import StoredTiff, read_tiff
from device.sensors.imx477 import IMX477

_LEVELS: Final = 65536
_ROWS: Final = 64


def need_libraw() -> Any:
    """Give the module rawpy. Raises ExtraMissing; callers check this before they begin."""
    try:
        import rawpy  # not at module level: an extra
    except ImportError as error:
        raise _missing() from error
    except ValueError as error:  # what numpy raises for a binary of another of its versions
        raise ExtraMissing(
            f"the package rawpy does not fit the numpy that is installed: {error}",
            expected="hqcam with its extra 'develop'",
            remedy="install hqcam again with [develop]",
        ) from error
    return rawpy


def check_libraw_there() -> None:
    """Raise ExtraMissing where rawpy is not installed; it is not loaded."""
    if find_spec("rawpy") is None:
        raise _missing()


def _missing() -> ExtraMissing:
    return ExtraMissing(
        "developing needs LibRaw by the package rawpy, which is not installed",
        expected="hqcam with its extra 'develop'",
        remedy="install hqcam again with [develop]",
    )


def develop(source: Path, target: Path, settings: DevelopSettings, ended: Callable[[], bool]) -> bool:
    """Develop one file; give whether it was written: not when `ended` is true by then. Any thread.

    Raises BadFile, StorageError, ExtraMissing.
    """
    chunks = developed(source, settings)
    if ended():
        return False
    write_atomically(target, chunks, replace=True)
    return True


def developed(source: Path, settings: DevelopSettings) -> Sequence[Buffer]:
    """Develop one file; give the bytes of the picture. Raises BadFile, ExtraMissing."""
    rgb = linear_picture(source, settings)
    tiff = read_source(source)
    if settings.format == "jpeg":
        return [jpeg_file(on_curve(rgb, settings, 255), tiff, quality=settings.quality, software=_software())]
    return tiff_file(on_curve(rgb, settings, _LEVELS - 1), tiff, software=_software())


def linear_picture(path: Path, settings: DevelopSettings) -> U16:
    """Give (H, W, 3) linear sRGB of a raw file, upright and cropped, white at 65535; one of a single colour is grey.

    Raises BadFile; with white balance by kelvin also for a file that does not describe its colours.
    """
    rawpy = need_libraw()
    read_bytes(path, limit=8)  # raises a BadFile that names what is missing, empty or no file
    gains = None
    if settings.white_balance == "kelvin":
        red, blue = gains_for(read_source(path), settings.kelvin, settings.tint, name=path.name)
        gains = [red, 1.0, blue, 1.0]
    try:
        with rawpy.RawPy() as raw:
            raw.open_file(str(path))
            check_pixels(raw.sizes.raw_width, raw.sizes.raw_height)  # before postprocess unpacks the pixels
            rgb: U16 = raw.postprocess(
                user_wb=gains,
                use_camera_wb=settings.white_balance == "camera",
                use_auto_wb=settings.white_balance == "auto",
                no_auto_bright=True,
                gamma=(1, 1),
                output_bps=16,
                half_size=settings.half_size,
            )
    except BadFile as error:
        raise BadFile(f"{path.name}: {error.message}", expected=error.expected, remedy=error.remedy) from error
    except (rawpy.LibRawError, rawpy.NotSupportedError) as error:
        reason = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        raise BadFile(
            f"{path.name}: LibRaw cannot develop it: {reason}",
            expected="a raw file such as DNG",
            remedy="look at it with hqcam inspect; copy it again if it was cut short",
        ) from error
    except MemoryError as error:
        raise BadFile(f"{path.name} does not fit into memory", remedy="give --jobs 1 or --half") from error
    if rgb.ndim != 3 or rgb.shape[2] not in (1, 3):
        raise BadFile(f"{path.name}: LibRaw gives a picture of the shape {rgb.shape}", expected="one colour, or three")
    rows, columns = crop_of(rgb.shape[0], rgb.shape[1], settings)
    rgb = rgb[rows, columns]
    return rgb if rgb.shape[2] == 3 else np.repeat(rgb, 3, axis=2)


def on_curve(linear: U16, settings: DevelopSettings, top: int) -> NDArray[Any]:
    """Apply the tone curve to linear light; gives uint8 for a `top` of 255, else uint16."""
    light = np.minimum(np.linspace(0.0, 1.0, _LEVELS) * 2.0**settings.ev, 1.0)
    if settings.tone == "camera":
        shown = IMX477.tone.to_display(light)
    else:  # IEC 61966-2-1
        shown = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    curve = np.rint(shown * top).astype(np.uint8 if top == 255 else np.uint16)
    result = np.empty(linear.shape, curve.dtype)
    for row in range(0, len(linear), _ROWS):
        np.take(curve, linear[row : row + _ROWS], out=result[row : row + _ROWS])
    return result


def read_source(path: Path) -> StoredTiff | None:
    """Give the directories of a raw file; None when it is not a TIFF that can be read."""
    try:
        return read_tiff(read_bytes(path))
    except BadFile:
        return None


def source_metadata(path: Path) -> FileMetadata:
    """Give the metadata of a raw file; empty when it cannot be read."""
    tiff = read_source(path)
    return NO_METADATA if tiff is None else metadata_of(tiff)


def thumbnail_of(path: Path, settings: DevelopSettings) -> U8:
    """Give a small upright picture of a raw file, for a contact sheet. Raises BadFile."""
    small: U8 = on_curve(linear_picture(path, settings), settings, 255)
    return small


def _software() -> str:
    from device import __version__

    return f"hqcam {__version__}"
