"""What is read off one live frame when someone asks: the light, and a grey to balance white by.

It works whatever the assists detect, on a frame of its own, in the camera thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar

from device.analysis.focus_score import WHOLE, Area, area_around
from device.analysis.settings import RANGES
from device.controls import KELVIN
from device.drivers.base import CameraDriver
from device.errors import BadControl, BadInput, CameraStalled
from device.frame import CameraInfo, Controls, FrameMeta, LiveFrame
from device.meter import grey_gains as grey
from device.meter.exposure_value import F_NUMBERS, ISOS, Level, Light, exposure_s, measure, time_text
from device.meter.exposure_value import read as read_light
from device.preferences.owner_lenses import LensBag
from device.preferences.store import Preferences
from device.session.session import Session

T = TypeVar("T")

AreaName = Literal["frame", "spot"]
FRAME_S = 2.0  # beyond the exposure: a frame's time and what lies in the camera's queue
GREY_SIZE = 0.02  # chosen: a fingertip's share of the picture, and thousands of samples
EV100 = (-10.0, 25.0)
"""What a known light may be said to be: starlight to the sun's disc dimmed; both ends in."""
MOST_CLIPPED_PERCENT = 1.0  # chosen: glints; what they lack does not move the mean by a fiftieth of an EV
_SECTION = "light_meter"


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a comparison with a known light found."""

    offset_ev: float
    ev100: float
    """Of the known light."""
    at: str
    """When, as the camera's clock had it (ISO 8601)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of the meter. `light` is None when something is missing that it needs: `missing` says what."""

    area: AreaName
    level: Level | None
    exposure_us: float
    gain: float
    f_number: float | None
    f_number_from: Literal["given", "frame", "lens", ""]
    calibration: Calibration | None
    light: Light | None
    missing: str
    simulated: bool

    def as_json(self, isos: tuple[int, ...] = ISOS) -> dict[str, Any]:
        """Give it as plain values, with what to set on other cameras at each of `isos`."""
        return {
            **asdict(self),
            "isos": list(isos),
            "equivalents": [] if self.light is None else [_row(self.light.ev100, f, isos) for f in F_NUMBERS],
        }


def _row(ev100: float, f_number: float, isos: tuple[int, ...]) -> dict[str, Any]:
    seconds = [exposure_s(ev100, f_number, iso) for iso in isos]
    return {"f_number": f_number, "seconds": seconds, "times": [time_text(s) for s in seconds]}


class LightMeter:
    """A reflected-light meter that keeps a calibration for each kind of camera. Any thread."""

    def __init__(self, session: Session, preferences: Preferences, lenses: LensBag) -> None:
        self._session, self._preferences, self._lenses = session, preferences, lenses

    def read(self, area: AreaName = "frame", *, spot: Area | None = None, f_number: float | None = None) -> Reading:
        """Read the next live frame; `spot` is where the spot is, by default that of the assists. Raises CameraError."""
        info = self._session.info()
        where = WHOLE if area == "frame" else spot or self._spot()

        def look(frame: LiveFrame) -> tuple[FrameMeta, Level | None]:
            return frame.meta, None if frame.raw is None else measure(frame.raw, where)

        meta, level = one_frame(self._session, look)
        number, source = self._f_number(meta, f_number)
        calibration = self.calibration(info)
        missing = _missing(meta, level, number)
        found = None
        if not missing and level is not None and level.level_ev is not None and number is not None:
            offset_ev = calibration.offset_ev if calibration else 0.0
            settings = {"exposure_us": meta.exposure_us, "gain": meta.analogue_gain, "f_number": number}
            found = read_light(level.level_ev, **settings, offset_ev=offset_ev)
        return Reading(
            area,
            level,
            meta.exposure_us,
            meta.analogue_gain,
            number,
            source,
            calibration,
            found,
            missing,
            info.simulated,
        )

    def calibrate(
        self, ev100: float, area: AreaName = "frame", *, spot: Area | None = None, f_number: float | None = None
    ) -> Reading:
        """Take what the camera looks at for a light of `ev100`, from now on. Raises BadInput, CameraError."""
        check_ev100(ev100)
        before = self.read(area, spot=spot, f_number=f_number)
        if before.light is None:
            raise BadInput(f"there is no reading to calibrate: {before.missing}", expected="a reading of the meter")
        if before.level is not None and before.level.clipped_percent > MOST_CLIPPED_PERCENT:
            raise BadInput(
                f"{before.level.clipped_percent:.1f} % of what is metered clips",
                expected="a scene that does not clip",
                remedy="expose less; a grey card or an evenly lit wall is best",
            )
        known = before.calibration.offset_ev if before.calibration else 0.0
        found = Calibration(
            ev100 - before.light.ev100 + known, ev100, datetime.now().astimezone().isoformat(timespec="seconds")
        )
        self._keep(self._session.info(), asdict(found))
        return self.read(area, spot=spot, f_number=f_number)

    def forget(self) -> None:
        """Be uncalibrated again."""
        self._keep(self._session.info(), None)

    def calibration(self, info: CameraInfo) -> Calibration | None:
        """Give the calibration of this kind of camera; None without, or when what was kept cannot be used."""
        kept = self._preferences.get(_SECTION).get(_kind(info)) or {}
        try:
            found = Calibration(float(kept["offset_ev"]), float(kept["ev100"]), str(kept["at"]))
        except (TypeError, KeyError, ValueError):
            return None
        return found if abs(found.offset_ev) < 30 else None

    def _keep(self, info: CameraInfo, values: dict[str, Any] | None) -> None:
        kept = {name: kind for name, kind in self._preferences.get(_SECTION).items() if name != _kind(info)}
        self._preferences.set(_SECTION, kept if values is None else {**kept, _kind(info): values})

    def _spot(self) -> Area:
        assists = self._session.assists
        return area_around(assists.spot_x, assists.spot_y, assists.spot_size)

    def _f_number(
        self, meta: FrameMeta, given: float | None
    ) -> tuple[float | None, Literal["given", "frame", "lens", ""]]:
        """What was said now wins, then what the frame tells (a simulated lens), then the lens in the bag."""
        if given is not None:
            return given, "given"
        if meta.lens is not None:
            return meta.lens.f_number, "frame"
        chosen = self._lenses.chosen()
        if chosen is not None and chosen.f_number is not None:
            return chosen.f_number, "lens"
        return None, ""


def balance_by_grey(session: Session, x: float, y: float) -> Controls:
    """Set white balance by a grey thing at a point of the picture (shares of its sides, from the top left).

    From raw samples, or without them from the rendered picture. Raises BadInput, BadControl, CameraError.
    """
    info, sensor = session.info(), session.sensor
    if "colour_gains" not in info.limits:
        raise BadControl(f"colour_gains cannot be set on this camera ({info.description})")
    area = area_around(x, y, GREY_SIZE)

    def look(frame: LiveFrame) -> tuple[float, float]:
        if frame.raw is not None:
            return grey.gains_from_raw(frame.raw, area)
        meta = frame.meta
        return grey.gains_from_picture(
            frame.main,
            area,
            tone=sensor.tone.with_contrast(meta.contrast),
            ccm=sensor.colour.ccm_at(meta.colour_temperature_k or sum(KELVIN) / 2),
            colour_gains=meta.colour_gains,
        )

    red, blue = one_frame(session, look)
    return session.set_controls({"awb": "manual", "colour_gains": [round(red, 4), round(blue, 4)]})


def check_ev100(ev100: float) -> None:
    """Raise BadInput for what no light is."""
    if not EV100[0] <= ev100 <= EV100[1]:
        raise BadInput(f"ev100 is {ev100:g}", expected=f"a number from {EV100[0]:g} to {EV100[1]:g} EV")


def spot_at(x: float, y: float, size: float) -> Area:
    """Give the area of a spot on a command line. Raises BadInput."""
    low, high = RANGES["spot_size"]
    if not (0 <= x <= 1 and 0 <= y <= 1 and low <= size <= high):
        raise BadInput(
            f"the spot is at {x:g},{y:g} with size {size:g}",
            expected=f"x and y from 0 to 1, from the left and the top; a size from {low:g} to {high:g} of the sides",
        )
    return area_around(x, y, size)


def one_frame(session: Session, look: Callable[[LiveFrame], T]) -> T:
    """Look at the next live frame in the camera thread, while its buffers are on loan. Raises CameraError."""
    meta, asked_us = session.newest_meta(), session.controls().exposure_us or 0
    longest_s = max(asked_us, meta.frame_duration_us if meta else 0) / 1e6
    budget_s = FRAME_S + 2 * longest_s

    def work(driver: CameraDriver) -> T | CameraStalled:
        try:
            frame = driver.next_frame(budget_s)
        except CameraStalled as error:
            return error  # whether the camera is lost, the session decides
        try:
            return look(frame)
        finally:
            frame.release()

    found = session.submit(work, budget_s=budget_s)
    if isinstance(found, CameraStalled):
        raise found
    return found


def _missing(meta: FrameMeta, level: Level | None, f_number: float | None) -> str:
    if level is None:
        return "the frame has no raw samples: the loupe and some cameras give none while live"
    if level.level_ev is None:
        return "the frame is black: expose more"
    if not meta.exposure_known:
        return "the exposure of this picture is not known"
    return "" if f_number is not None else "the f-number: choose the lens and its stop"


def _kind(info: CameraInfo) -> str:
    return f"{info.model}, simulated" if info.simulated else info.model
