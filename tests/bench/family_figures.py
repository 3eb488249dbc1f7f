"""What focus peaking and the focus score do in one rendering at one gain, with nothing declared: at most the gain.

The pictures go through `Analyser`, as every picture of the product does; each is the first that its analyser sees, but
for the second of the two frames whose flicker is judged.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from bench.family_scenes import blurred, colour_chart, grey_chart, patch_shares, plain_frames, sky
from bench.focus import cells, speck_share, textured
from bench.renderings import Rendering, render

from device.analysis.analyser import Analyser
from device.analysis.overlay import Flag
from device.analysis.settings import AssistSettings
from device.analysis.subject import Subject
from device.frame import F64, Mask, YuvPicture
from device.sensors.imx477 import IMX477

Blur = tuple[str, float]
"""The kind and the radius in pixels."""

SETTINGS = AssistSettings(
    zebra_high=False, clipping=False, raw_histogram=False, histogram=False, focus_size=1.0, peaking=True
)
LEAST_LIT = 0.04  # of a cell's pixels: the cell is told
IN_FOCUS, DEFOCUSED = 0.5, 2.0
RISE = 1.02  # times the score at a smaller radius: it rises where it should fall


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What is taken pictures of."""

    scenes: tuple[F64, ...]
    blurs: tuple[Blur, ...]
    """The sharp one first; those by a disc in the order of their radius."""
    grey_rows: int
    colour_levels: int
    side: int
    """Of a patch of the charts."""
    plain: tuple[int, int]
    plain_step: int = 1
    """Every so many of the plain frames are taken."""
    sky: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Figures:
    """One row: percent, but for `ratio` and `rises`."""

    told: float
    """Cells with texture of which enough is lit, in focus."""
    lying: float
    """The same, defocused."""
    ratio: float
    """Lit on texture, in focus over defocused."""
    ink: float
    """Lit on texture in focus."""
    greys: float
    """Lit in patches of noisy grey of every level, mean."""
    grey_worst: float
    colours: float
    """The same of colours."""
    colour_worst: float
    plain: float
    """Lit in frames of a single grey or colour, mean."""
    plain_worst: float
    sky: float
    """Lit in a smooth gradient."""
    flicker: float
    """Lit pixels that differ between two frames of a still scene."""
    specks: float
    """Marks of fewer than four pixels."""
    rises: float
    """Steps of the sweep by a disc at which the focus score rises."""


HIGHER_IS_BETTER = ("told", "ratio", "ink")
NAMES = tuple(field.name for field in fields(Figures))


def worst(rows: list[Figures]) -> Figures:
    """Give the worst of each figure."""
    return Figures(*((min if name in HIGHER_IS_BETTER else max)(getattr(row, name) for row in rows) for name in NAMES))


def mean(rows: list[Figures]) -> Figures:
    """Give the mean of each figure."""
    return Figures(*(float(np.mean([getattr(row, name) for row in rows])) for name in NAMES))


def look_at(picture: YuvPicture, gain: float | None, analyser: Analyser | None = None) -> tuple[Mask, float]:
    """Give the lit pixels and the focus score of a whole picture of which only the gain is told, or nothing."""
    subject = Subject(
        luma=picture.y, chroma=(picture.u, picture.v), sensor=IMX477, gain=gain, binning=1, processing="none"
    )
    analysis = (analyser or Analyser()).analyse(subject, SETTINGS)
    assert analysis.readings.focus_score is not None  # it is on
    return analysis.overlay & Flag.PEAKING != 0, analysis.readings.focus_score


@dataclass(frozen=True, slots=True)
class _Sweep:
    """One scene at all blurs."""

    texture: Mask
    pictures: list[YuvPicture]
    again: YuvPicture
    """Sharp, with other noise."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """All pictures of one rendering at one gain."""

    blurs: tuple[Blur, ...]
    sweeps: list[_Sweep]
    greys: YuvPicture
    colours: YuvPicture
    side: int
    plain: list[YuvPicture]
    sky: YuvPicture


def take(material: Material, rendering: Rendering, gain: float) -> Pictures:
    """Render all."""
    tone = rendering.tone_curve
    sweeps = []
    for scene in material.scenes:
        texture = textured(render(scene, rendering, 1.0, noise=False).y)
        taken = [render(blurred(scene, *blur), rendering, gain) for blur in material.blurs]
        sweeps.append(_Sweep(texture, taken, render(scene, rendering, gain, seed=2)))
    return Pictures(
        blurs=material.blurs,
        sweeps=sweeps,
        greys=render(grey_chart(tone, rows=material.grey_rows, side=material.side), rendering, gain),
        colours=render(colour_chart(levels=material.colour_levels, side=material.side), rendering, gain),
        side=material.side,
        plain=[render(frame, rendering, gain) for frame in plain_frames(tone, material.plain)[:: material.plain_step]],
        sky=render(sky(material.sky), rendering, gain),
    )


def judge(pictures: Pictures, gain: float | None) -> Figures:
    """Look at all pictures of one rendering; `gain` is what is told of it."""

    def lit(picture: YuvPicture) -> Mask:
        return look_at(picture, gain)[0]

    sharp_shares, blurred_shares, ink, ink_blurred, rises, specks, flicker = ([] for _ in range(7))
    for sweep in pictures.sweeps:
        scores = []
        for blur, picture in zip(pictures.blurs, sweep.pictures, strict=True):
            mask, score = look_at(picture, gain)
            on_texture = cells(mask.astype(float))[sweep.texture]
            told = 100 * float((on_texture >= LEAST_LIT).mean())
            if blur[1] <= IN_FOCUS:
                sharp_shares.append(told)
            if blur[1] == 0:
                ink.append(100 * float(on_texture.mean()))
                specks.append(100 * speck_share(mask))
            if blur[1] >= DEFOCUSED:
                blurred_shares.append(told)
                ink_blurred.append(100 * float(on_texture.mean()))
            if blur[0] == "disc":
                scores.append(score)
        rises.append(sum(later > RISE * before for before, later in zip(scores, scores[1:], strict=False)))
        flicker.append(100 * _flicker(sweep, gain))
    greys, colours = (
        100 * patch_shares(lit(p).astype(float), pictures.side) for p in (pictures.greys, pictures.colours)
    )
    plain = [100 * float(lit(p).mean()) for p in pictures.plain]
    return Figures(
        told=float(np.mean(sharp_shares)),
        lying=float(np.mean(blurred_shares)),
        ratio=float(np.mean(ink)) / max(float(np.mean(ink_blurred)), 0.01),
        ink=float(np.mean(ink)),
        greys=float(greys.mean()),
        grey_worst=float(greys.max()),
        colours=float(colours.mean()),
        colour_worst=float(colours.max()),
        plain=float(np.mean(plain)),
        plain_worst=max(plain),
        sky=100 * float(lit(pictures.sky).mean()),
        flicker=float(np.mean(flicker)),
        specks=float(np.mean(specks)),
        rises=max(rises),
    )


def _flicker(sweep: _Sweep, gain: float | None) -> float:
    """Share of the lit pixels that differ between two frames of a live view."""
    analyser = Analyser()
    first, second = (look_at(picture, gain, analyser)[0] for picture in (sweep.pictures[0], sweep.again))
    return float((first ^ second).sum() / max(1, first.sum() + second.sum()))
