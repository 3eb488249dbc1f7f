"""The light meter: measures how bright the scene is, and keeps a calibration with a known light.

Each reading is of the next live frame, whatever the assists detect. The web routes and `hqcam meter` use it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from device.analysis.area import WHOLE, Area, area_around
from device.analysis.settings import ASSISTS
from device.errors import BadInput
from device.frame import CameraInfo, FrameMeta, LiveFrame
from device.meter.exposure_value import (
    F_NUMBERS,
    ISOS,
    Level,
    Light,
    exposure_s,
    green_level,
    light_from,
    saturation_offset_ev,
    time_text,
)
from device.meter.one_frame import one_frame
from device.preferences.owner_lenses import OwnerLenses
from device.preferences.store import Preferences
from device.session.session import Session
from device.settings.declaration import Setting, check_value

AreaName = Literal["frame", "spot"]
KNOWN_LIGHT = Setting("ev100", "Known light", "number", None, "EV", -10.0, 25.0, help="EV at ISO 100 of a known light.")
"""What a known light may be: from starlight to the dimmed disc of the sun."""
EV100 = (KNOWN_LIGHT.minimum, KNOWN_LIGHT.maximum)
MOST_CLIPPED_PERCENT = 1.0  # chosen: reflections may clip; so few move the mean by less than a fiftieth of an EV
MOST_OFFSET_EV = 30.0  # chosen: from the dimmest known light to the brightest
_SECTION = "light_meter"


@dataclass(frozen=True, slots=True)
class Calibration:
    """The result of a comparison with a known light."""

    offset_ev: float
    ev100: float
    """Of the known light."""
    at: str
    """When, as the camera's clock had it (ISO 8601)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of the meter. `light` is None when a value is missing for it; `missing` names that value."""

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

    def __init__(self, session: Session, preferences: Preferences, lenses: OwnerLenses) -> None:
        self._session, self._preferences, self._lenses = session, preferences, lenses

    def read(self, area: AreaName = "frame", *, spot: Area | None = None, f_number: float | None = None) -> Reading:
        """Read the next live frame; `spot` is where the spot is, by default that of the assists. Raises CameraError."""
        info = self._session.info()
        where = WHOLE if area == "frame" else spot or self._spot()

        def level_of(frame: LiveFrame) -> tuple[FrameMeta, Level | None]:
            return frame.meta, None if frame.raw is None else green_level(frame.raw, where)

        meta, level = one_frame(self._session, level_of)
        number, source = self._f_number(meta, f_number)
        calibration = self.calibration(info)
        missing = _missing(meta, level, number)
        found = None
        if not missing and level is not None and level.level_ev is not None and number is not None:
            offset_ev = saturation_offset_ev(info.saturation_cd_s_m2) + (calibration.offset_ev if calibration else 0.0)
            settings = {"exposure_us": meta.exposure_us, "gain": meta.analogue_gain, "f_number": number}
            found = light_from(level.level_ev, **settings, offset_ev=offset_ev)
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
        """Calibrate: the scene now has the brightness `ev100`. Raises BadInput, CameraError."""
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
        at = self._session.owner_clock.now().local.isoformat(timespec="seconds")
        found = Calibration(ev100 - before.light.ev100 + known, ev100, at)
        self._keep(self._session.info(), asdict(found))
        return self.read(area, spot=spot, f_number=f_number)

    def forget(self) -> None:
        """Delete the calibration of this kind of camera."""
        self._keep(self._session.info(), None)

    def take_back(self, earlier: dict[str, Any]) -> None:
        """Be calibrated as before: `earlier` is a calibration of this kind of camera. Raises BadInput."""
        found = _calibration_of(earlier)
        if found is None:
            raise BadInput(
                "this is no calibration", expected='{"offset_ev": 0.3, "ev100": 12.0, "at": "2026-05-01T12:00:00"}'
            )
        self._keep(self._session.info(), asdict(found))

    def calibration(self, info: CameraInfo) -> Calibration | None:
        """Give the calibration of this kind of camera; None when there is none, or when the stored one is not valid."""
        return _calibration_of(self._preferences.get(_SECTION).get(_kind(info)))

    def _keep(self, info: CameraInfo, values: dict[str, Any] | None) -> None:
        kept = {name: kind for name, kind in self._preferences.get(_SECTION).items() if name != _kind(info)}
        self._preferences.set(_SECTION, kept if values is None else {**kept, _kind(info): values})

    def _spot(self) -> Area:
        assists = self._session.assists
        return area_around(assists.spot_x, assists.spot_y, assists.spot_size)

    def _f_number(
        self, meta: FrameMeta, given: float | None
    ) -> tuple[float | None, Literal["given", "frame", "lens", ""]]:
        """Give the f-number and its source: `given`, else the frame (a simulated lens), else the chosen lens."""
        if given is not None:
            return given, "given"
        if meta.lens is not None:
            return meta.lens.f_number, "frame"
        chosen = self._lenses.chosen()
        if chosen is not None and chosen.f_number is not None:
            return chosen.f_number, "lens"
        return None, ""


def check_ev100(ev100: float) -> None:
    """Raise BadInput for an EV that no light has."""
    check_value(KNOWN_LIGHT, ev100)


def spot_at(x: float, y: float, size: float) -> Area:
    """Give the area of a spot on a command line. Raises BadInput."""
    for name, value in (("spot_x", x), ("spot_y", y), ("spot_size", size)):
        check_value(ASSISTS[name], value)
    return area_around(x, y, size)


def _calibration_of(values: Any) -> Calibration | None:
    """Give a calibration from what was kept; None where that is none."""
    try:
        offset_ev, ev100, at = float(values["offset_ev"]), float(values["ev100"]), datetime.fromisoformat(values["at"])
        check_ev100(ev100)
    except (TypeError, KeyError, ValueError, BadInput):
        return None
    return Calibration(offset_ev, ev100, at.isoformat(timespec="seconds")) if abs(offset_ev) < MOST_OFFSET_EV else None


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
