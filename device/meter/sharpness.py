"""How sharp the picture is at an edge: MTF50 of the next live frame or of a file, against what a perfect lens gives.

Frequencies are in cycles per pixel of the full sensor, whatever mode the frame is of. On raw samples they are line
pairs per millimetre, too, where the sensor is known. A picture's luma has a tone curve, demosaicing and often
sharpening in it: its figure is of the picture, and no lens is told from it.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from device.analysis.edges.diffraction import best_mtf50, diffraction_mtf50_lp_mm, pixel_mtf50
from device.analysis.edges.samples import Field, green_of, luma_of
from device.analysis.edges.sfr import FREQUENCIES, EdgeRefused, measure_edge
from device.frame import FrameMeta, LiveFrame, RawFrame
from device.meter.one_frame import one_frame
from device.preferences.owner_lenses import OwnerLenses
from device.raw.decode import PictureFile
from device.sensors.base import Sensor
from device.sensors.known import PITCH
from device.session.session import Session
from device.settings.declaration import Setting, check_value

POINT_X = Setting("x", "Edge, from left", "number", 0.5, "", 0.0, 1.0, help="Share of the picture's width.")
POINT_Y = Setting("y", "Edge, from top", "number", 0.5, "", 0.0, 1.0, help="Share of the picture's height.")


@dataclass(frozen=True, slots=True)
class Sharpness:
    """One reading; None is what is not known, or what a picture does not tell."""

    of: Literal["raw", "picture"]
    """"raw": of lens and pixel together, on linear green samples; "picture": of the rendered luma."""
    mtf50: float
    """Cycles per pixel of the full sensor; of a picture file, per pixel of the file."""
    mtf50_sigma: float
    mtf50_lp_mm: float | None
    mtf50_lp_mm_sigma: float | None
    binning: int
    """Pixels per sample along one axis: a binned sample blurs more than a pixel, and that is in the figure."""
    pixel_pitch_um: float | None
    pixel_mtf50: float | None
    """MTF50 of a square pixel alone; None where samples are binned."""
    f_number: float | None
    f_number_from: Literal["frame", "lens", "file", ""]
    diffraction_lp_mm: float | None
    """MTF50 of a perfect lens at this f-number, 0.55 um, without the pixel."""
    perfect_mtf50: float | None
    """MTF50 of a perfect lens and a pixel together, cycles per pixel: what is measured cannot be more."""
    angle_deg: float
    """Between the edge and the nearest row or column of pixels."""
    direction: Literal["vertical", "horizontal"]
    """How the edge lies in the frame, or in the picture of a file."""
    x: float
    """Where it was measured, as a share of the width."""
    y: float
    length_px: float
    """Of the edge, in samples of the frame, as the next two."""
    reach_px: float
    rise_px: float
    """From 10 to 90 %."""
    contrast: float
    """(bright - dark) / (bright + dark)."""
    levels_assumed: bool
    """True when black had to be assumed."""
    frequencies: tuple[float, ...]
    """Cycles per pixel, as mtf50."""
    response: tuple[float, ...]
    response_sigma: tuple[float, ...]

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return asdict(self)


def read_sharpness(session: Session, lenses: OwnerLenses, x: float, y: float) -> Sharpness:
    """Measure the edge at a point of the next live frame, shares of its sides. Raises EdgeRefused, CameraError."""

    def copied(frame: LiveFrame) -> tuple[FrameMeta, RawFrame | None]:
        raw = frame.raw
        return frame.meta, None if raw is None else replace(raw, samples=raw.samples.copy())

    meta, raw = one_frame(session, copied)
    if raw is None:
        raise EdgeRefused(
            "the frame has no raw samples: the loupe and some cameras give none while live",
            why="raw",
            expected="raw samples",
            remedy="close the loupe, or take a shot and use `hqcam inspect --mtf` on its DNG",
        )
    known = session.info().model == session.sensor.model and PITCH not in session.sensor.assumed
    chosen = lenses.chosen()
    f_number: float | None = None
    source: Literal["frame", "lens", ""] = ""
    if meta.lens is not None:
        f_number, source = meta.lens.f_number, "frame"
    elif chosen is not None and chosen.f_number is not None:
        f_number, source = chosen.f_number, "lens"
    pitch_um = session.sensor.pixel_pitch_um if known else None
    found = _measured(green_of(raw), "raw", x, y, binning=meta.mode.binning, pitch_um=pitch_um)
    return _with_limit(replace(found, levels_assumed=raw.levels_assumed), f_number, source)


def sharpness_of_file(picture: PictureFile, x: float, y: float) -> Sharpness:
    """Measure the edge at a point of a picture as it is seen, shares of its sides. Raises BadInput, EdgeRefused.

    On a DNG's green samples; on the luma of others, and of a DNG without colours.
    """
    for setting, value in ((POINT_X, x), (POINT_Y, y)):
        check_value(setting, value)
    raw = picture.raw
    if raw is None:
        return _measured(luma_of(picture.luma), "picture", x, y, binning=1, pitch_um=None)
    binning = _binning_of(raw, picture.sensor) if picture.sensor is not None else None
    pitch_um = None if binning is None or picture.sensor is None else picture.sensor.pixel_pitch_um
    found = _measured(green_of(raw), "raw", x, y, binning=binning or 1, pitch_um=pitch_um)
    f_number = picture.metadata.f_number
    return _with_limit(replace(found, levels_assumed=raw.levels_assumed), f_number, "" if f_number is None else "file")


def _binning_of(raw: RawFrame, sensor: Sensor) -> int | None:
    """Give the binning of the sensor's mode that has the size of this frame, upright or turned; None without one."""
    sizes = {(mode.height, mode.width): mode.binning for mode in sensor.modes}
    return sizes.get(raw.shape, sizes.get((raw.shape[1], raw.shape[0])))


def _measured(
    field: Field, of: Literal["raw", "picture"], x: float, y: float, *, binning: int, pitch_um: float | None
) -> Sharpness:
    height, width = field.shape
    edge = measure_edge(field, x * width - 0.5, y * height - 0.5)
    lp_mm = None if pitch_um is None else 1000 / pitch_um
    mtf50, sigma = edge.mtf50 / binning, edge.mtf50_sigma / binning
    return Sharpness(
        of=of,
        mtf50=mtf50,
        mtf50_sigma=sigma,
        mtf50_lp_mm=None if lp_mm is None else mtf50 * lp_mm,
        mtf50_lp_mm_sigma=None if lp_mm is None else sigma * lp_mm,
        binning=binning,
        pixel_pitch_um=pitch_um,
        pixel_mtf50=pixel_mtf50(edge.normal_rad) if of == "raw" and pitch_um is not None and binning == 1 else None,
        f_number=None,
        f_number_from="",
        diffraction_lp_mm=None,
        perfect_mtf50=None,
        angle_deg=edge.angle_deg,
        direction=edge.direction,
        x=(edge.x + 0.5) / width,
        y=(edge.y + 0.5) / height,
        length_px=edge.length,
        reach_px=edge.reach,
        rise_px=edge.rise,
        contrast=edge.contrast,
        levels_assumed=False,
        frequencies=tuple((FREQUENCIES / binning).tolist()),
        response=tuple(edge.response.tolist()),
        response_sigma=tuple(edge.response_sigma.tolist()),
    )


def _with_limit(found: Sharpness, f_number: float | None, source: Literal["frame", "lens", "file", ""]) -> Sharpness:
    if f_number is None or found.pixel_pitch_um is None:
        return replace(found, f_number=f_number, f_number_from=source)
    whole = found.binning == 1
    angle_rad = math.radians(found.angle_deg)
    return replace(
        found,
        f_number=f_number,
        f_number_from=source,
        diffraction_lp_mm=diffraction_mtf50_lp_mm(f_number),
        perfect_mtf50=best_mtf50(f_number, found.pixel_pitch_um, angle_rad) if whole else None,
    )
