"""The intervalometer: a shot every few seconds or minutes, from day to night, over restarts of the service.

Each shot has its time on the wall clock; the times follow from the plan, which is in the manifest before the first
shot. After a restart the series continues with the next of them; those that have passed count as missed. If the clock
is behind after the restart (a Pi has no battery for it), the next shot is taken at once, and the others follow at the
interval.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any, Final

from device.drive.manifest import Manifest
from device.drive.mode import DriveMode
from device.drive.ramp import Ramp, RampLimits
from device.drive.series import Series
from device.errors import BadInput, CameraError, ShotFailed
from device.settings.declaration import Setting

SHARE_OF_INTERVAL: Final = 0.7  # chosen: the rest is for reading out and writing
LATE_SHARE: Final = 0.5  # chosen: a shot that is less than half an interval late is still taken

SETTINGS = (
    Setting("interval_s", "Every", "number", 5.0, "s", 0.5, 86_400, steps=(2, 5, 10, 30, 60)),
    Setting("count", "Shots", "whole", 0, "", 0, 100_000, steps=(0, 60, 300, 1000), zero="until ended"),
    Setting("start_at", "Start at", "time", ""),
    Setting("end_at", "End at", "time", ""),
    Setting("ramp", "Follow the light (day to night)", "switch", False),
    Setting("iso_max", "Highest ISO of the ramp", "whole", 800, "", 100, 2200, steps=(400, 800, 1600)),
)


def first_and_count(settings: dict[str, Any], now: datetime) -> tuple[datetime, int]:
    """Give the first shot's time and how many there will be (0: until ended). Raises BadInput.

    A time of day that has passed is tomorrow's.
    """
    first = _next(settings["start_at"], now) if settings["start_at"] else now
    count = settings["count"]
    if settings["end_at"]:
        span_s = (_next(settings["end_at"], first) - first).total_seconds()
        fit = math.floor(span_s / settings["interval_s"]) + 1
        count = min(count, fit) if count else fit
    return first, count


def _next(time_of_day: str, after: datetime) -> datetime:
    hour, minute = map(int, time_of_day.split(":"))
    moment = after.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return moment if moment >= after else moment + timedelta(days=1)


def next_due(first_at: float, interval_s: float, done: int, now: float) -> tuple[int, float]:
    """Give the index of the next shot after `done` were taken or missed, and the time of the first one.

    All times in seconds. A clock that is behind the last shot was set back: then the times are moved, so that the next
    shot is now.

    >>> next_due(1000.0, 10.0, 3, 1025.0), next_due(1000.0, 10.0, 3, 1067.0)
    ((3, 1000.0), (7, 1000.0))
    >>> next_due(1000.0, 10.0, 3, 12.0)
    (3, -18.0)
    """
    if done and now < first_at + (done - 1) * interval_s - interval_s:
        return done, now - done * interval_s
    return max(done, math.ceil((now - first_at) / interval_s - LATE_SHARE)), first_at


def _shoot(series: Series) -> None:
    first, count = first_and_count(series.settings, series.clock.wall())
    plan: dict[str, Any] = {"first_at": first.timestamp(), "first_at_text": first.isoformat()}
    if series.settings["ramp"]:
        metered = series.metered_exposure()
        if metered.lux is None or metered.lux <= 0:
            raise BadInput("this camera does not measure the light", expected="an interval without a ramp")
        plan |= {"base": metered.total_us, "lux": metered.lux}
    _follow_plan(series, series.begin(total=count or None, missed=0, **plan), count)


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
    while not count or done < count:
        now = series.clock.wall().timestamp()
        before, first_at = plan["missed"], plan["first_at"]
        done = _skip_missed(series, plan, done, count=count, now=now)
        if (plan["missed"], plan["first_at"]) != (before, first_at):
            manifest.note(plan=plan)
        if count and done >= count:
            break
        ahead_s = plan["first_at"] + done * interval_s - now
        series.expect_end_in(ahead_s + (count - 1 - done) * interval_s if count else None)
        if ahead_s > 0:
            series.wait(ahead_s, of_s=interval_s)
        try:
            _shoot_one(series, manifest, ramp)
        except (CameraError, ShotFailed) as error:  # the camera comes back by itself; the series goes on
            series.count_missed(error.message)
            plan["missed"] += 1
            manifest.note(plan=plan)
        done += 1


def _skip_missed(series: Series, plan: dict[str, Any], done: int, *, count: int, now: float) -> int:
    """Count the shots whose time has passed as missed, in the progress and in `plan`; give the index of the next."""
    index, plan["first_at"] = next_due(plan["first_at"], series.settings["interval_s"], done, now)
    index = min(index, count) if count else index
    for _ in range(index - done):
        series.count_missed("the camera was not ready in time")
    plan["missed"] += index - done
    return index


def _shoot_one(series: Series, manifest: Manifest, ramp: Ramp | None) -> None:
    if ramp is None:
        series.shoot()
        return
    meta = series.session.newest_meta()
    step = ramp.next(meta.lux if meta else None)
    base = manifest.content["plan"]["base"]
    series.shoot(
        exposure_us=step.exposure_us,
        gain=step.gain,
        asked_total_us=step.asked_us,
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
