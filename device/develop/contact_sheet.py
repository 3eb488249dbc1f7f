"""Contact sheets: many pictures small on pages, each with its name and exposure under it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from device.frame import U8

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

COLUMNS, ROWS = 5, 6
CELL: Final = (480, 360)  # of a picture; a page is 2560 x 2500 pixels, which prints on A4 at 300 dpi
CAPTION, GAP = 46, 16
BACKGROUND_COLOUR: Final = (24, 24, 26)
TEXT_COLOUR: Final = (235, 235, 235)
_QUALITY: Final = 90
_TEXT_PX: Final = 16


@dataclass(frozen=True, slots=True)
class Entry:
    """One picture of a sheet."""

    name: str
    caption: str
    picture: U8 | None
    """(H, W, 3); None when it could not be developed: the sheet then has a text in its place."""


def shrink(picture: U8) -> U8:
    """Scale (H, W, 3) down to fit its place on the sheet."""
    from PIL import Image

    image = Image.fromarray(picture)
    image.thumbnail(CELL, Image.Resampling.LANCZOS)
    return np.asarray(image)


def page_names(path: Path, pictures: int) -> list[Path]:
    """Name the pages that many pictures fill: `sheet.jpg`, `sheet-2.jpg` and so on."""
    pages = max(1, -(-pictures // (COLUMNS * ROWS)))
    return [path if page == 0 else path.with_name(f"{path.stem}-{page + 1}{path.suffix}") for page in range(pages)]


def sheet(entries: Sequence[Entry]) -> bytes:
    """Lay out one page, at most COLUMNS x ROWS entries, as a JPEG."""
    from PIL import Image, ImageDraw

    step = (CELL[0] + GAP, CELL[1] + CAPTION + GAP)
    columns, rows = min(COLUMNS, len(entries)), -(-len(entries) // COLUMNS)
    page = Image.new("RGB", (columns * step[0] + GAP, rows * step[1] + GAP), BACKGROUND_COLOUR)
    draw, font = ImageDraw.Draw(page), _font()
    for index, entry in enumerate(entries):
        place = GAP + index % COLUMNS * step[0], GAP + index // COLUMNS * step[1]
        _put(page, draw, font, entry, place)
    buffer = io.BytesIO()
    page.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()


def _put(
    page: Image.Image, draw: ImageDraw.ImageDraw, font: ImageFont.ImageFont, entry: Entry, place: tuple[int, int]
) -> None:
    from PIL import Image

    left, top = place
    if entry.picture is None:
        draw.rectangle((left, top, left + CELL[0], top + CELL[1]), outline=TEXT_COLOUR)
        draw.text((left + GAP, top + CELL[1] // 2), "cannot be developed", fill=TEXT_COLOUR, font=font)
    else:
        height, width = entry.picture.shape[:2]
        page.paste(Image.fromarray(entry.picture), (left + (CELL[0] - width) // 2, top + (CELL[1] - height) // 2))
    for line, text in enumerate((entry.name, entry.caption)):
        draw.text((left, top + CELL[1] + 4 + line * (_TEXT_PX + 4)), text, fill=TEXT_COLOUR, font=font)


def _font() -> ImageFont.ImageFont:
    from PIL import ImageFont

    try:
        return ImageFont.load_default(size=_TEXT_PX)  # type: ignore[return-value]
    except TypeError:  # Pillow before 10.1 has one small size
        return ImageFont.load_default()  # type: ignore[return-value]
