"""Pictures to a film: each read, turned upright, evened out in linear light, scaled, and given to the encoder."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from device.errors import BadFile, BadInput, HqcamError
from device.film.encoder import Encoder
from device.film.evening import Evened, evened
from device.film.levels import gain_table, level_ev, linear_codes
from device.frame import F64, U8
from device.raw.file_metadata import FileMetadata, is_own
from device.raw.files import read_jpeg, read_metadata
from device.raw.limits import check_pixels
from device.settings.declaration import Setting, declared, setting

Size = Literal["1080", "2160", "original"]
_MEASURED: Final = (480, 360)  # chosen: pixels on which the level is measured; decoding them is a tenth of the work
LEAST_FRAMES: Final = 2


@dataclass(frozen=True, slots=True)
class FilmSettings:
    """How a film is made."""

    fps: float = setting(25.0, "Frames a second", unit="fps", minimum=1, maximum=60, step=1, help="Pictures a second.")
    size: Size = setting("1080", "Size", help="Pixels of the shorter side, never more than the pictures have.")
    deflicker: bool = setting(True, "Even out flicker", help="Even out exposure steps and flicker; dusk and dawn stay.")


FILM_SETTINGS: dict[str, Setting] = declared(FilmSettings)
"""By the field's name."""


@dataclass(frozen=True, slots=True)
class Made:
    """A film that is whole, still under its hidden name."""

    temporary: Path
    frames: int
    left_out: list[tuple[Path, HqcamError]]
    """Pictures that could not be read."""
    events: int
    """Frames that differ from their neighbours as flicker does not, and were left so."""


def make_film(
    pictures: Sequence[Path],
    target: Path,
    settings: FilmSettings,
    step: Callable[[int, int], None],
    ended: Callable[[], bool] = lambda: False,
) -> Made | None:
    """Make a film of JPEGs, or of DNGs by their previews, in this order; None when `ended` is true before its end.

    `step` is called with how many of how many steps are done: each picture is measured, where flicker is evened out,
    and then encoded. The film has the size of the first picture; others are scaled to it, and must have its shape.
    Raises BadInput, ExtraMissing, StorageError, HqcamError.
    """
    if len(pictures) < LEAST_FRAMES:
        raise BadInput(f"{len(pictures)} pictures make no film", expected=f"at least {LEAST_FRAMES}")
    steps = len(pictures) * (2 if settings.deflicker else 1)
    found = None
    if settings.deflicker:
        found = _measured(pictures, lambda done: step(done, steps), ended)
        if found is None:
            return None
    encoder: Encoder | None = None
    left_out: list[tuple[Path, HqcamError]] = []
    frames = 0
    try:
        for number, path in enumerate(pictures):
            if ended():
                _given_up(encoder)
                return None
            step(steps - len(pictures) + number, steps)
            try:
                rgb = read_upright(path, None if settings.size == "original" else int(settings.size))
                if encoder is None:
                    width, height = even_size(rgb.shape[1], rgb.shape[0], settings.size)
                    encoder = Encoder(target, width, height, settings.fps)
                rgb = _fitted(rgb, width, height, path)
            except BadFile as error:
                left_out.append((path, error))
                continue
            if found is not None:
                own, gain = _is_own(path), float(found.gains[number])
                rgb = np.take(gain_table(gain, linear_codes(own=own)), rgb)
            encoder.add(np.ascontiguousarray(rgb))
            frames += 1
        if encoder is None or frames < LEAST_FRAMES:
            raise BadFile(
                f"{frames} of {len(pictures)} pictures can be read: they make no film",
                expected=f"at least {LEAST_FRAMES}",
            )
        if ended():
            _given_up(encoder)
            return None
        temporary = encoder.finish()
    except BaseException:
        _given_up(encoder)
        raise
    step(steps, steps)
    return Made(temporary, frames, left_out, 0 if found is None else found.events)


def even_size(width: int, height: int, size: Size) -> tuple[int, int]:
    """Give width and height of the film: even, as H.264 with half of the colour needs it, and never enlarged.

    >>> even_size(4056, 3040, "1080"), even_size(3040, 4056, "1080"), even_size(101, 75, "original")
    ((1440, 1080), (1080, 1440), (100, 74))
    """
    scale = 1.0 if size == "original" else min(1.0, int(size) / min(width, height))
    return max(2, round(width * scale) // 2 * 2), max(2, round(height * scale) // 2 * 2)


def read_upright(path: Path, short_side: int | None, box: tuple[int, int] | None = None) -> U8:
    """Give the pixels of a JPEG, or of the preview in a DNG, turned as they are to be seen, (H, W, 3).

    With `short_side` they may be fewer, by a whole factor, and at least so many on the shorter side; `box` is the same
    for width and height. Raises BadFile.
    """
    data = read_jpeg(path)
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
            check_pixels(*image.size, file_bytes=len(data))
            if short_side is not None:
                box = (
                    -(-short_side * image.width // min(image.size)),
                    -(-short_side * image.height // min(image.size)),
                )
            if box is not None:
                image.draft("RGB", box)
            upright = ImageOps.exif_transpose(image.convert("RGB") if image.mode != "RGB" else image)
            return np.asarray(upright)
    except BadFile as error:
        raise BadFile(f"{path.name}: {error.message}", expected=error.expected, remedy=error.remedy) from error
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError) as error:
        raise BadFile(f"{path.name} cannot be read: {error}", expected="a whole JPEG") from error


def _fitted(rgb: U8, width: int, height: int, path: Path) -> U8:
    if rgb.shape[:2] == (height, width):
        return rgb
    shape, wanted = rgb.shape[1] / rgb.shape[0], width / height
    if abs(shape / wanted - 1) > 0.02:
        raise BadFile(
            f"{path.name} is {rgb.shape[1]}x{rgb.shape[0]}, of another shape than the first picture",
            expected="pictures of one shape",
        )
    return np.asarray(Image.fromarray(rgb).resize((width, height), Image.Resampling.LANCZOS))


def _measured(pictures: Sequence[Path], step: Callable[[int], None], ended: Callable[[], bool]) -> Evened | None:
    """Measure all pictures, and give what evens them out; None when `ended` came before."""
    levels, written = np.full(len(pictures), np.nan), np.full(len(pictures), np.nan)
    for number, path in enumerate(pictures):
        if ended():
            return None
        step(number)
        try:
            metadata = read_metadata(path)
            levels[number] = level_ev(read_upright(path, None, _MEASURED), linear_codes(own=is_own(metadata.software)))
            written[number] = written_ev(metadata)
        except BadFile:
            continue
    return evened(levels, _exposures(levels, written))


def written_ev(metadata: FileMetadata) -> float:
    """Give the exposure that is written in a file, in EV above an arbitrary zero; NaN where none is."""
    if metadata.exposure_us is None or metadata.iso is None:
        return float("nan")
    aperture = 2 * float(np.log2(metadata.f_number)) if metadata.f_number else 0.0
    return float(np.log2(metadata.exposure_us * metadata.iso)) - aperture


def _exposures(levels: F64, written: F64) -> F64 | None:
    """Give the written exposures; None unless each picture that was measured has one: a gap would look like a step."""
    measured = np.isfinite(levels)
    return written if np.isfinite(written[measured]).all() and measured.any() else None


def _is_own(path: Path) -> bool:
    try:
        return is_own(read_metadata(path).software)
    except BadFile:
        return False


def _given_up(encoder: Encoder | None) -> None:
    if encoder is not None:
        encoder.give_up()
