"""The intervalometer: a shot every few seconds or minutes, from day to night, over restarts of the service.

Start and end are appointments on the wall clock; between them a steady clock counts, so that a clock that is set
meanwhile (a Pi has no battery for it) neither ends nor stalls the series. The plan is in the manifest before the first
shot. After a restart the series continues with the next of its times; those that have passed count as missed. Where the
machine was off meanwhile, the wall clock tells them; if it is behind then, the next shot is taken at once, and the
others follow at the interval.
"""

from __future__ import annotations

from typing import Any, Final

from device.drive.appointments import Appointments, first_and_count
from device.drive.manifest import Manifest
from device.drive.mode import DriveMode
from device.drive.ramp import Ramp, RampLimits
from device.drive.series import Series
from device.errors import BadInput, CameraError, ShotFailed
from device.frame import Controls
from device.settings.declaration import Setting

SHARE_OF_INTERVAL: Final = 0.7  # chosen: the rest is for reading out and writing

SETTINGS = (
    Setting("interval_s", "Every", "number", 5.0, "s", 0.5, 86_400, steps=(2, 5, 10, 30, 60)),
    Setting("count", "Shots", "whole", 0, "", 0, 100_000, steps=(0, 60, 300, 1000), zero="until ended"),
    Setting("start_at", "Start at", "time", ""),
    Setting("end_at", "End at", "time", ""),
    Setting("ramp", "Follow the light (day to night)", "switch", False),
    Setting("iso_max", "Highest ISO of the ramp", "whole", 800, "", 100, 2200, steps=(400, 800, 1600)),
)


def _shoot(series: Series) -> None:
    first, count = first_and_count(series.settings, series.clock.wall())
    plan: dict[str, Any] = {"first_at": first.timestamp(), "first_at_text": first.isoformat()}
    if series.settings["ramp"]:
        metered = series.metered_exposure()
        if metered.lux is None or metered.lux <= 0:
            raise BadInput("this camera does not measure the light", expected="an interval without a ramp")
        plan |= {"base": metered.total_us, "lux": metered.lux}
    elif _is_exposure_fixed(series.session.controls()):
        series.hold_white_balance()
    _follow_plan(series, series.begin(total=count or None, missed=0, **plan), count)


def _is_exposure_fixed(controls: Controls) -> bool:
    return controls.ae_lock or (controls.exposure_us is not None and controls.gain is not None)


def _resume(manifest: Manifest, series: Series) -> None:
    _check_plan(manifest.content)
    series.begin(total=manifest.content["total"], resumed=manifest)
    _follow_plan(series, manifest, manifest.content["total"] or 0)


def _check_plan(content: dict[str, Any]) -> None:
    """Raise BadInput for a plan that nobody can follow: a manifest may have been edited or damaged."""
    plan = content.get("plan")
    plan = plan if isinstance(plan, dict) else {}
    numbers = [plan.get("first_at"), plan.get("base", 1.0), plan.get("lux", 1.0)]
    whole = isinstance(plan.get("missed"), int) and isinstance(content.get("total", ""), int | None)
    if not whole or not all(isinstance(number, int | float) for number in numbers):
        raise BadInput("the plan of the series cannot be read", remedy="start it again; its pictures are kept")


def _follow_plan(series: Series, manifest: Manifest, count: int) -> None:
    """Take the shots of the manifest's plan, each at its time, from the next one on."""
    plan, interval_s = manifest.content["plan"], series.settings["interval_s"]
    ramp = _ramp(series, manifest) if "base" in plan else None
    done = plan["missed"] + len(manifest.frames)
    times = Appointments(series, manifest, count)
    if done == 0:
        times.wait_for_start()
    times.begin(done)
    while times.goes_on(done):
        done = _skip_missed(series, manifest, times, done)
        if not times.goes_on(done):
            break
        ahead_s = times.due_in_s(done)
        series.expect_end_in(ahead_s + (times.count - 1 - done) * interval_s if times.count else None)
        if ahead_s > 0:
            series.wait(ahead_s, of_s=interval_s)
        try:
            _shoot_one(series, manifest, ramp, times.late_s(done))
        except (CameraError, ShotFailed) as error:  # the camera comes back by itself; the series goes on
            _count_missed(series, manifest, error.message)
        done += 1


def _skip_missed(series: Series, manifest: Manifest, times: Appointments, done: int) -> int:
    """Count the shots whose time has passed as missed, in the progress and in the plan; give the index of the next."""
    times.follow_wall_clock()
    index = times.next_index(done)
    if index > done:
        _count_missed(series, manifest, "the camera was not ready in time", index - done)
    return index


def _count_missed(series: Series, manifest: Manifest, why: str, shots: int = 1) -> None:
    series.count_missed(why, shots)
    manifest.content["plan"]["missed"] += shots
    manifest.note(plan=manifest.content["plan"])


def _shoot_one(series: Series, manifest: Manifest, ramp: Ramp | None, late_s: float) -> None:
    if ramp is None:
        series.shoot(late_s=late_s)
        return
    meta = series.session.newest_meta()
    step = ramp.next(meta.lux if meta else None)
    base = manifest.content["plan"]["base"]
    series.shoot(
        exposure_us=step.exposure_us,
        gain=step.gain,
        asked_total_us=step.asked_us,
        late_s=late_s,
        complete=lambda frame: {"deflicker_ev": round(step.deflicker_ev(frame["exposure_us"], frame["gain"], base), 4)},
        notes={"lux": meta.lux if meta else None, "ramp_ev": ramp.at_ev},
    )


def _ramp(series: Series, manifest: Manifest) -> Ramp:
    mode, plan = series.session.info().full_mode, manifest.content["plan"]
    gains = series.session.info().limits["gain"]
    limits = RampLimits(
        exposure_min_us=mode.exposure_min_us,
        exposure_max_us=min(mode.exposure_max_us, SHARE_OF_INTERVAL * 1e6 * series.settings["interval_s"]),
        gain_min=gains.minimum,
        gain_max=min(gains.maximum, series.settings["iso_max"] / 100),
    )
    at_ev = next((tuple(f["ramp_ev"]) for f in reversed(manifest.frames) if "ramp_ev" in f), (0.0, 0.0))
    return Ramp(plan["base"], plan["lux"], limits, at_ev=(at_ev[0], at_ev[1]))


MODE = DriveMode(
    "interval",
    "Interval",
    "A shot every so many seconds; follows the light if asked.",
    SETTINGS,
    _shoot,
    _resume,
    metered=True,
)
