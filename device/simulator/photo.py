"""A photograph as a scene: any picture Pillow opens, taken as sRGB, seen by the 16 mm lens.

The picture's middle is cropped to the shape of the sensor, which sees it in full. A longer lens sees less of it; with a
shorter one the edge pixels are repeated. A photograph has no light above its white, so nothing in it clips at normal
exposure. What near objects hide is not known: the blur of the background next to a near edge has some of the near
colour.
"""

from __future__ import annotations

import stat
import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from device import host
from device.errors import BadFile, BadScene
from device.frame import U8
from device.raw.files import read_bytes
from device.raw.jpeg_header import scans_of
from device.raw.limits import SCANS_MAX, check_pixels, check_scans
from device.simulator.depth import Depth
from device.simulator.layers import (
    ALIGN,
    CODES_PER_WHITE,
    F32,
    BlockPainter,
    Box,
    FieldOfView,
    Layer,
    Plate,
    make_plate,
)
from device.simulator.texture import srgb_to_linear

if TYPE_CHECKING:
    from PIL.Image import Image

SMALLEST: Final = (320, 240)  # chosen: a smaller scene looks blurred at any focus
DEPTH_BANDS: Final = 8  # chosen: memory of one coverage plane each; soft borders hide the steps of blur
_EXPECTED: Final = f"a photograph of at least {SMALLEST[0]}x{SMALLEST[1]} pixels (JPEG, PNG, TIFF, WebP...)"


class Photo:
    """A photograph as a scene. Keeps the path and, while a still is made, the full-resolution pixels."""

    def __init__(self, path: Path, depth: Depth | None) -> None:
        self._path = path
        self._depth = depth or Depth(2.0, 2.0)
        self._full: tuple[FieldOfView, U8] | None = None
        self._decoding = threading.Lock()  # the strips of a still are painted on several threads

    def layers(self, field: FieldOfView, to_camera: F32) -> list[Layer]:
        """Decode and crop the photograph; give one layer for a plane, else up to `DEPTH_BANDS`. Raises BadScene."""
        small = _decoded(self._path, "scene", field, level=1)
        table = (srgb_to_linear(np.arange(256) / 255) * CODES_PER_WHITE).astype(np.float32)

        def paint(level: int, y0: int, y1: int, x0: int, x1: int) -> F32:
            pixels = _cut(self._full_pixels(field) if level == 0 else small, y0, y1, x0, x1)
            light = table[np.ascontiguousarray(pixels.transpose(2, 0, 1))]
            codes: F32 = np.matmul(to_camera, light.reshape(3, -1)).reshape(light.shape)
            return np.maximum(codes, np.float32(0))

        width, height = field.plate
        plate = make_plate(Box(0, height, 0, width), paint, field)
        if self._depth.is_plane:
            return [Layer(self._depth.near_m, plate)]
        return self._bands(field, plate)

    def forget(self) -> None:
        """Free the full-resolution pixels."""
        self._full = None

    def _full_pixels(self, field: FieldOfView) -> U8:
        with self._decoding:
            if self._full is None or self._full[0] != field:
                self._full = (field, _decoded(self._path, "scene", field, level=0))
            return self._full[1]

    def _bands(self, field: FieldOfView, plate: Plate) -> list[Layer]:
        """Give bands from far to near; each covers all pixels that are at least as near as it.

        Below the soft edge of a band is therefore always the same photograph, without holes.
        """
        nearness = self._nearness(field)
        near, far = 1 / self._depth.near_m, 1 / self._depth.far_m
        layers = []
        for band in range(DEPTH_BANDS):
            middle = far + (near - far) * (band + 0.5) / DEPTH_BANDS
            if band == 0:
                layers.append(Layer(1 / middle, plate))
                continue
            box = _box_of(nearness >= 255 * (band - 0.25) / DEPTH_BANDS)
            if box is not None:
                layers.append(Layer(1 / middle, plate, make_plate(box, _mask(nearness, band), field)))
        return layers

    def _nearness(self, field: FieldOfView) -> U8:
        """Give 0 (far) to 255 (near) for each pixel of the plate at level 1."""
        width, height = field.plate
        if self._depth.picture is None:
            _, y, _ = field.axes(1, 0, height, 0, 1)
            rows = (255 * np.clip(y / 3, 0, 1)).astype(np.uint8)
            return np.broadcast_to(rows[:, None], (height, width))
        grey = _decoded(self._depth.picture, "depth picture", field, level=1)
        return np.ascontiguousarray(_cut(grey, 0, height, 0, width)[:, :, 1])


def _box_of(there: NDArray[np.bool_]) -> Box | None:
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    if not rows.size:
        return None
    (y0, y1), (x0, x1) = ((int(v[0]) // ALIGN * ALIGN, -(-(int(v[-1]) + 1) // ALIGN) * ALIGN) for v in (rows, columns))
    return Box(y0, y1, x0, x1)


def _mask(nearness: U8, band: int) -> BlockPainter:
    """Paint the coverage of all pixels at or nearer than `band`, with a soft border of half a band."""
    share = np.arange(256) / 255 * DEPTH_BANDS - band
    codes = (np.clip(2 * share + 0.5, 0, 1) * CODES_PER_WHITE).astype(np.float32)

    def paint(level: int, y0: int, y1: int, x0: int, x1: int) -> F32:
        if level == 1:
            return codes[nearness[y0:y1, x0:x1]][None]
        rows, columns = np.arange(y0, y1) // 2, np.arange(x0, x1) // 2
        there: F32 = codes[nearness[rows][:, columns]][None]
        return there

    return paint


def _cut(pixels: U8, y0: int, y1: int, x0: int, x1: int) -> U8:
    """Give a block of the picture; rows and columns beyond its edges repeat the edge."""
    height, width = pixels.shape[:2]
    if y1 <= height and x1 <= width:
        return pixels[y0:y1, x0:x1]
    rows = np.minimum(np.arange(y0, y1), height - 1)
    columns = np.minimum(np.arange(x0, x1), width - 1)
    block: U8 = pixels[rows][:, columns]
    return block


def _decoded(path: Path, kind: str, field: FieldOfView, *, level: int) -> U8:
    """Decode `path` to (h, w, 3) at the level's picture size for `field`. Raises BadScene."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    size = (field.width >> level, field.height >> level)
    check_file(path, kind)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            warnings.filterwarnings("ignore", module="PIL")
            with Image.open(path) as image:
                if min(image.width / SMALLEST[0], image.height / SMALLEST[1]) < 1:
                    found = f"{image.width}x{image.height}"
                    raise BadScene(f"the {kind} {path} has only {found} pixels", expected=_EXPECTED)
                _check_cost(path, image)
                # A JPEG decodes at half its size in a quarter of time and memory; live, 10 % too small is enough.
                wanted = max(1.0, field.zoom) * (0.9 if level else 1.0)
                image.draft("RGB", (int(size[0] * wanted), int(size[1] * wanted)))
                upright = ImageOps.exif_transpose(image)
                return _fitted(_as_rgb(upright), size, field.zoom)
    except BadScene:
        raise
    except BadFile as error:
        raise BadScene(f"the {kind} {path}: {error.message}", expected=error.expected, remedy=error.remedy) from error
    except (OSError, ValueError, SyntaxError, MemoryError, UnidentifiedImageError, EOFError) as error:
        raise BadScene(f"the {kind} {path} cannot be read: {error}", expected=_EXPECTED) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadScene(
            f"the {kind} {path} is too large: {error}", expected=_EXPECTED, remedy="make the picture smaller first"
        ) from error


def check_file(path: Path, kind: str) -> None:
    """Refuse what is no file with something in it, before it is opened: a pipe would wait for ever. Raises BadScene.

    Called before a camera is made, and again when the picture is read. `kind` names it: "scene", "depth picture".
    """
    remedy = "give the path of a picture file"
    try:
        status = path.stat()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        why = "does not exist" if isinstance(error, FileNotFoundError) else f"cannot be read: {error}"
        raise BadScene(f"the {kind} {path} {why}", expected=_EXPECTED, remedy=remedy) from error
    if not stat.S_ISREG(status.st_mode):
        what = "a folder" if stat.S_ISDIR(status.st_mode) else "a pipe or a device"
        raise BadScene(f"the {kind} {path} is {what}, not a file", expected=_EXPECTED, remedy=remedy)
    if status.st_size == 0:
        raise BadScene(f"the {kind} {path} is empty (0 bytes)", expected=_EXPECTED, remedy="copy the file again")


def _check_cost(path: Path, image: Image) -> None:
    """Refuse a picture that takes too much memory or time, before it is decoded. Raises BadFile."""
    check_pixels(*image.size, file_bytes=path.stat().st_size, memory_bytes=host.available_memory_bytes())
    if image.format in ("JPEG", "MPO"):
        check_scans(scans_of(read_bytes(path), SCANS_MAX), image.width * image.height)


def _as_rgb(image: Image) -> Image:
    if image.mode.startswith("I"):
        # Pillow clips 16-bit greys when it makes 8-bit ones of them.
        from PIL import Image as Images

        deep = np.asarray(image).astype(np.float32) / np.float32(257)
        return Images.fromarray(np.clip(deep, 0, 255).astype(np.uint8)).convert("RGB")
    return image.convert("RGB")


def _fitted(image: Image, size: tuple[int, int], zoom: float) -> U8:
    """Crop the middle to the sensor's shape (and to what the lens sees) and resize; shrink by area."""
    from PIL.Image import Resampling

    width, height = image.size
    shape = size[0] / size[1]
    seen = min(width, height * shape) / max(zoom, 1.0)
    tall = seen / shape
    box = ((width - seen) / 2, (height - tall) / 2, (width + seen) / 2, (height + tall) / 2)
    inner = (round(size[0] * min(zoom, 1.0)), round(size[1] * min(zoom, 1.0)))
    method = Resampling.BOX if seen >= inner[0] else Resampling.BICUBIC
    pixels: U8 = np.asarray(image.resize(inner, method, box=box, reducing_gap=None))
    if inner == size:
        return pixels
    left, top = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    margins = ((top, size[1] - inner[1] - top), (left, size[0] - inner[0] - left), (0, 0))
    return np.pad(pixels, margins, mode="edge")
