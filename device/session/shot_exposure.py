"""The exposure of a shot that auto exposure chooses, where the live view cannot follow: in the dark.

Live frames follow each other fast, so their automatic exposure ends at some 66 ms, and then at the highest gain. A shot
may be exposed up to the sensor's limit, or to the slowest shutter that the user allows. What the light asks for is
measured in a live frame, and where that is too dark to tell, in a test shot of a second. The same for every camera:
it is asked for the time and the gain that come out.

`captures.shot` and the drive modes call `meter_shot`, each on its own thread.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from device.analysis.exposing import Metered, meter, missing, spend, unstriped
from device.controls import reached
from device.drivers.base import CameraDriver
from device.errors import CameraStalled
from device.frame import Controls, FrameMeta, StillFrame
from device.sensors.base import Sensor
from device.session.session import Session

END_OF_LIVE: Final = 0.85  # chosen: of the table's longest time; anti-flicker takes an eighth of it off
DIM_STAGE: Final = 2  # of the table: with a gain beyond it, a set shutter may be out of the gain's reach
DARK: Final = 0.002  # chosen: a mean below it is some DN, and the black level is known to one
SURE_EV: Final = 1 / 3  # chosen: a camera's own metering may differ from ours by less
TEST_SHOT_US: Final = 1_000_000.0
FRAME_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class ShotExposure:
    """The controls of a shot, and the exposure that the light asks for."""

    controls: Controls
    total_us: float | None = None
    """Exposure time x gain by the metering, in reach or not; None where the live view's auto exposure was enough."""

    def out_of_reach(self) -> str:
        """Say how much of the light's exposure the shot will not have; "" where it has it."""
        time_us, gain = self.controls.exposure_us, self.controls.gain
        if self.total_us is None or time_us is None or gain is None:
            return ""
        off_ev = math.log2(time_us * gain / self.total_us)
        if reached(off_ev):
            return ""
        amount = f"{abs(off_ev):.1f} EV {'less' if off_ev < 0 else 'more'} than the light asks for"
        return f"a shot will have {time_us / 1e6:.3g} s at ISO {100 * gain:.0f}: {amount}"


def meter_shot(session: Session, controls: Controls, *, test_shot: bool = True) -> ShotExposure:
    """Give the exposure of a shot with `controls`. Raises CameraError, ShotCancelled. Any thread but the camera's.

    In the light, and where the exposure is set or locked, that is `controls` themselves: nothing is measured. Without
    `test_shot` a live frame must do.
    """
    meta, info = session.newest_meta(), session.info()
    if not _is_automatic(controls) or meta is None or not _can_be_metered(session, meta):
        return ShotExposure(controls)
    total_us = meta.exposure_us * meta.analogue_gain * meta.digital_gain
    if _at_its_end(meta, controls, session.sensor):
        total_us = _asked_by_the_light(session, controls, total_us, test_shot)
    elif controls.exposure_us is not None or meta.exposure_us <= controls.slowest_us:
        return ShotExposure(controls)
    time_us, gain = _divided(total_us, controls, session)
    limit = info.limits["gain"]
    set_to = replace(controls, exposure_us=time_us, gain=min(max(gain, limit.minimum), limit.maximum))
    return ShotExposure(set_to, total_us)


def total_of_burst(session: Session, still: StillFrame, controls: Controls) -> float | None:
    """Give the exposure time x gain that the light asked for at a frame of a burst, by the frame itself.

    None where auto exposure had not come to its end, or had nothing to choose: then it is as asked for. Any thread.
    """
    meta, sensor = still.meta, session.sensor
    chosen = _is_automatic(controls) and _can_be_metered(session, meta)
    if not chosen or not _at_its_end(meta, controls, sensor):
        return None
    total_us = meta.exposure_us * meta.analogue_gain
    metered = meter(still.raw, still.picture, meta, sensor=sensor, metering=controls.metering)
    wanted_us = total_us * missing(metered, sensor.auto_exposure, controls)
    return wanted_us if abs(math.log2(wanted_us / total_us)) > SURE_EV else total_us


def live_exposure(session: Session) -> ShotExposure:
    """Give the exposure of a burst, which is the live view's, with what the light asks for. Raises CameraError."""
    meta, controls = session.newest_meta(), session.controls()
    metered = meter_shot(session, controls, test_shot=False)
    if meta is None or metered.total_us is None:
        return ShotExposure(controls)
    return ShotExposure(replace(controls, exposure_us=meta.exposure_us, gain=meta.analogue_gain), metered.total_us)


def _is_automatic(controls: Controls) -> bool:
    return not controls.ae_lock and (controls.exposure_us is None or controls.gain is None)


def _can_be_metered(session: Session, meta: FrameMeta) -> bool:
    info = session.info()
    exposes = info.capabilities.exposure_control and "gain" in info.limits and meta.exposure_known
    return exposes and meta.window is None  # a magnified view shows a part, and its exposure is held


def _at_its_end(meta: FrameMeta, controls: Controls, sensor: Sensor) -> bool:
    stages = sensor.auto_exposure.stages
    if controls.exposure_us is None:
        return meta.exposure_us >= END_OF_LIVE * stages[-1][0]
    return meta.analogue_gain >= stages[DIM_STAGE][1]


def _asked_by_the_light(session: Session, controls: Controls, live_us: float, test_shot: bool) -> float:
    """Give exposure time x gain by the metering, which is `live_us` where the live view's own has found it."""
    table = session.sensor.auto_exposure
    meta, metered = _look(session, controls)
    total_us = meta.exposure_us * meta.analogue_gain
    if metered.mean < DARK and test_shot:
        brightest = replace(controls, exposure_us=TEST_SHOT_US, gain=table.stages[-1][1])
        still = session.capture(brightest)
        total_us = still.meta.exposure_us * still.meta.analogue_gain
        metered = meter(still.raw, still.picture, still.meta, sensor=session.sensor, metering=controls.metering)
    wanted_us = total_us * missing(metered, table, controls)
    return wanted_us if abs(math.log2(wanted_us / live_us)) > SURE_EV else live_us


def _look(session: Session, controls: Controls) -> tuple[FrameMeta, Metered]:
    """Meter the next live frame, on the camera thread, while its buffers are on loan."""
    newest = session.newest_meta()
    budget_s = FRAME_S + 2 * (newest.frame_duration_us if newest else 0) / 1e6

    def work(driver: CameraDriver) -> tuple[FrameMeta, Metered]:
        frame = driver.next_frame(budget_s)
        try:
            return frame.meta, meter(
                frame.raw, frame.small, frame.meta, sensor=session.sensor, metering=controls.metering
            )
        finally:
            frame.release()

    return session.submit(work, budget_s=budget_s, survives=(CameraStalled,))


def _divided(total_us: float, controls: Controls, session: Session) -> tuple[float, float]:
    """Give (exposure_us, gain): by the sensor's table as far as the slowest shutter, and beyond it by time alone."""
    mode, stages = session.info().full_mode, session.sensor.auto_exposure.stages
    slowest_us, highest = min(controls.slowest_us, mode.exposure_max_us), stages[-1][1]
    if controls.exposure_us is not None:
        return controls.exposure_us, min(total_us / controls.exposure_us, highest)
    if controls.gain is not None:
        return min(total_us / controls.gain, slowest_us), controls.gain
    limited = [(min(time_us, slowest_us), gain) for time_us, gain in stages]
    time_us, gain = unstriped(*spend(total_us, [*limited, (slowest_us, highest)]), controls.anti_flicker)
    lines_us = mode.whole_lines_us(time_us)
    return lines_us, gain * time_us / lines_us
