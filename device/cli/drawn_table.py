"""A table as a picture: SVG, or PNG by Pillow. Values in, bytes out."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape

from device.errors import BadInput

_ROW_PX: Final = 26
_LETTER_PX: Final = 8  # chosen: a little wider than the letters of the fonts that are used
_TEXT_PX: Final = 14
_EDGE_PX: Final = 16
_INK, _PAPER, _SHADE = "#18181a", "#ffffff", "#f0f0f2"


def drawn(kind: str, title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """Give the picture; `kind` is .svg or .png. Raises BadInput for another."""
    if kind not in (".svg", ".png"):
        raise BadInput(f"a table cannot be drawn as {kind or 'a file without an ending'}", expected=".svg or .png")
    wide = [_LETTER_PX * (2 + max(map(len, column))) for column in zip(head, *rows, strict=True)]
    lefts = [_EDGE_PX + sum(wide[:number]) for number in range(len(wide))]
    size = (max(sum(wide), _LETTER_PX * len(title)) + 2 * _EDGE_PX, (len(rows) + 2) * _ROW_PX + 2 * _EDGE_PX)
    lines = [([_EDGE_PX], [title]), (lefts, head), *((lefts, row) for row in rows)]
    return _svg(size, lines) if kind == ".svg" else _png(size, lines)


Lines = list[tuple[list[int], Sequence[str]]]


def _svg(size: tuple[int, int], lines: Lines) -> bytes:
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}" '
        f'font-family="sans-serif" font-size="{_TEXT_PX}" fill="{_INK}">',
        f'<rect width="100%" height="100%" fill="{_PAPER}"/>',
    ]
    for number, (lefts, texts) in enumerate(lines):
        top = _EDGE_PX + number * _ROW_PX
        if number % 2:
            parts.append(f'<rect y="{top}" width="100%" height="{_ROW_PX}" fill="{_SHADE}"/>')
        weight = ' font-weight="bold"' if number < 2 else ""
        for left, text in zip(lefts, texts, strict=True):
            parts.append(f'<text x="{left}" y="{top + _ROW_PX - 8}"{weight}>{escape(text)}</text>')
    return ("\n".join([*parts, "</svg>"]) + "\n").encode()


def _png(size: tuple[int, int], lines: Lines) -> bytes:
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("RGB", size, _PAPER)
    draw = ImageDraw.Draw(page)
    try:
        font = ImageFont.load_default(size=_TEXT_PX)
    except TypeError:  # Pillow before 10.1 has one small size, without a sign for infinity
        font = ImageFont.load_default()
    for number, (lefts, texts) in enumerate(lines):
        top = _EDGE_PX + number * _ROW_PX
        if number % 2:
            draw.rectangle((0, top, size[0], top + _ROW_PX - 1), fill=_SHADE)
        for left, text in zip(lefts, texts, strict=True):
            letters = text.replace("\N{INFINITY}", "inf").encode("latin-1", "replace").decode("latin-1")
            draw.text((left, top + 6), letters, fill=_INK, font=font)
    buffer = io.BytesIO()
    page.save(buffer, "PNG")
    return buffer.getvalue()
