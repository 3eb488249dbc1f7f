"""The intervalometer: a shot every few seconds or minutes, from day to night, over restarts of the service.

Start and end are appointments on the wall clock; between them a steady clock counts, so that a clock that is set
meanwhile (a Pi has no battery for it) neither ends nor stalls the series. The plan is in the manifest before the first
shot. After a restart the series continues with the next of its times; those that have passed count as missed. Where the
machine was off meanwhile, the wall clock tells them; if it is behind then, the next shot is taken at once, and the
others follow at the interval. With daily windows it pauses while they are closed (`daily_appointments`).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from device.drive.appointments import Appointments, first_and_count
from device.drive.daily_appointments import DailyAppointments
from device.drive.daily_schedule import Schedule, schedule_of
from device.drive.manifest import Manifest
from device.drive.mode import DriveMode
from device.drive.outline import outline_of
from device.drive.ramp import Ramp, RampLimits
from device.drive.series import Series
from device.errors import BadInput, CameraError, ShotFailed
from device.frame import Controls
from device.preferences.position import Position, checked_position
from device.settings.declaration import Setting

Times = Appointments | DailyAppointments
NOT_READY: Final = "the camera was not ready in time"
OFF: Final = "hqcam was not running"
SHARE_OF_INTERVAL: Final = 0.7  # chosen: the rest is for reading out and writing

SETTINGS = (
    Setting("interval_s", "Every", "number", 5.0, "s", 0.5, 86_400, steps=(2, 5, 10, 30, 60)),
    Setting("count", "Shots", "whole", 0, "", 0, 100_000, steps=(0, 60, 300, 1000), zero="until ended"),
    Setting("start_at", "Start at", "time", ""),
    Setting("end_at", "End at", "time", ""),
    Setting("daily", "Every day from..to", "window", ""),
    Setting("days", "Days", "whole", 0, "", 0, 3650, steps=(0, 1, 7, 30), zero="until ended"),
    Setting("ramp", "Follow the light (day to night)", "switch", False),
    Setting("iso_max", "Highest ISO of the ramp", "whole", 800, "", 100, 2200, steps=(400, 800, 1600)),
)


def _shoot(series: Series) -> None:
    now = series.clock.wall()
    schedule = _schedule(series, series.position)
    plan: dict[str, Any]
    if schedule is None:
        first, count = first_and_count(series.settings, now)
        plan, total = {"first_at": first.timestamp(), "first_at_text": first.isoformat()}, count or None
    else:
        span = schedule.span_at(now.timestamp())
        position = asdict(schedule.daily.position) if schedule.daily.position else None
        plan, (total, _) = {**asdict(span), "position": position}, schedule.total(span)
    if series.settings["ramp"]:
        metered = series.metered_exposure()
        if metered.lux is None or metered.lux <= 0:
            raise BadInput("this camera does not measure the light", expected="an interval without a ramp")
        plan |= {"base": metered.total_us, "lux": metered.lux}
    elif _is_exposure_fixed(series.session.controls()):
        series.hold_white_balance()
    _follow_plan(series, series.begin(total=total, missed=0, **plan), schedule)


def _schedule(series: Series, position: Position | None) -> Schedule | None:
    """Give the schedule of a series with daily windows; None for one without. Raises BadInput."""
    return schedule_of(series.settings, position) if series.settings["daily"] else None


def _is_exposure_fixed(controls: Controls) -> bool:
    return controls.ae_lock or (controls.exposure_us is not None and controls.gain is not None)


def _resume(manifest: Manifest, series: Series) -> None:
    _check_plan(manifest.content)
    position = manifest.content["plan"].get("position")
    schedule = _schedule(series, checked_position(position) if isinstance(position, dict) else None)
    series.begin(total=manifest.content["total"], resumed=manifest)
    _follow_plan(series, manifest, schedule, why=OFF)


def _check_plan(content: dict[str, Any]) -> None:
    """Raise BadInput for a plan that nobody can follow: a manifest may have been edited or damaged."""
    plan = content.get("plan")
    plan = plan if isinstance(plan, dict) else {}
    numbers = [plan.get("first_at"), plan.get("base", 1.0), plan.get("lux", 1.0), plan.get("paused_from") or 0.0]
    if content["settings"].get("daily"):
        numbers += [plan.get("closes_at"), plan.get("before"), plan.get("day")]
    whole = isinstance(plan.get("missed"), int) and isinstance(content.get("total", ""), int | None)
    if not whole or not all(isinstance(number, int | float) for number in numbers):
        raise BadInput("the plan of the series cannot be read", remedy="start it again; its pictures are kept")


def _follow_plan(series: Series, manifest: Manifest, schedule: Schedule | None, *, why: str = NOT_READY) -> None:
    """Take the shots of the manifest's plan, each at its time, from the next one on.

    `why` is the reason for those whose time has passed before the first one.
    """
    ramp = _ramp(series, manifest) if "base" in manifest.content["plan"] else None
    done = manifest.content["plan"]["missed"] + len(manifest.frames)
    if schedule is None:
        times = Appointments(series, manifest, manifest.content["total"] or 0)
        if done == 0:
            times.wait_for_start()
        times.begin(done)
        _take_shots(series, manifest, ramp, times, done, why)
        return
    windows = DailyAppointments(series, manifest, schedule, done)
    while windows.next_window(done):
        if ramp is not None and windows.after_pause:
            meta = series.session.newest_meta()
            ramp.begin_again(meta.lux if meta else None)
        done, why = _take_shots(series, manifest, ramp, windows, done, why)


def _take_shots(
    series: Series, manifest: Manifest, ramp: Ramp | None, times: Times, done: int, why: str
) -> tuple[int, str]:
    """Take the shots while there are times; give how many were taken or missed by then, and why the next ones would be.

    `why` is the reason for those whose time has passed, until one is taken.
    """
    while times.goes_on(done):
        done = _skip_missed(series, manifest, times, done, why)
        if not times.goes_on(done):
            break
        ahead_s = times.due_in_s(done)
        series.expect_end_in(times.ends_in_s())
        if ahead_s > 0:
            series.wait(ahead_s, of_s=series.settings["interval_s"])
        try:
            _shoot_one(series, manifest, ramp, times.late_s(done))
        except (CameraError, ShotFailed) as error:  # the camera comes back by itself; the series goes on
            _count_missed(series, manifest, error.message)
        done, why = done + 1, NOT_READY
    return done, why


def _skip_missed(series: Series, manifest: Manifest, times: Times, done: int, why: str) -> int:
    """Count the shots whose time has passed as missed, in the progress and in the plan; give the index of the next."""
    times.follow_wall_clock(done)
    if not times.goes_on(done):
        return done
    index = times.next_index(done)
    if index > done:
        _count_missed(series, manifest, why, index - done)
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
    outline=outline_of,
)
