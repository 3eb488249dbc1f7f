"""One run of the simulated camera, from `start` to `stop`: light, raw, picture, metadata of each frame. No clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from device.analysis.exposing import AVERAGE_REFLECTANCE, Metered, meter_frame
from device.errors import CameraStalled
from device.frame import (
    U16,
    AeState,
    Controls,
    FrameMeta,
    LensState,
    LiveFrame,
    Metering,
    Mode,
    RawFrame,
    StillFrame,
)
from device.sensors.base import Sensor
from device.simulator.auto_exposure import AutoExposure
from device.simulator.denoise_sharpen import denoise_and_sharpen
from device.simulator.lens import LensSetting, project
from device.simulator.renderer import Buffers, FrameParameters, FrameRenderer, Renderer
from device.simulator.scene import KIT_FOCAL_MM, Front, Scene
from device.simulator.sensor import SCENE_LUX, levels_dn, white_dn_per_us
from device.simulator.still import render_still
from device.simulator.timeline import Delay, Timeline, Timing
from device.simulator.unit import Unit
from device.simulator.white_balance import WhiteBalance
from device.simulator.workers import Workers

DEFAULT_LENS: Final = LensSetting(KIT_FOCAL_MM, 2.8, 2.0)
MOST_ON_LOAN: Final = 4  # chosen: more than any caller needs; a leak is found soon


@dataclass(frozen=True, slots=True)
class Plan:
    """A frame that the sensor has begun or will begin."""

    sequence: int
    timing: Timing
    exposure_us: float
    gain: float


class Stream:
    """Frames of one mode. Use from one thread."""

    def __init__(
        self,
        scene: Scene,
        sensor: Sensor,
        mode: Mode,
        controls: Controls,
        rng: np.random.Generator,
        now_ns: int,
        *,
        with_small: bool = True,
        workers: Workers | None = None,
        unit: Unit | None = None,
    ) -> None:
        """Without `with_small` the full picture is also used as the small one."""
        self.mode, self.controls = mode, controls
        self.plan: Plan | None = None
        self.sequence = 0
        self._scene, self._sensor, self._rng, self._unit = scene, sensor, rng, unit
        self._auto_exposure = AutoExposure(sensor, mode)
        self._white_balance = WhiteBalance(sensor.colour)
        self._timeline = Timeline(mode, sensor, now_ns)
        self._delay = Delay(sensor, self._auto_exposure.wanted(controls))
        self._renderer: FrameRenderer = (
            workers.renderer(sensor, mode, rng, with_small=with_small, unit=unit)
            if workers is not None
            else Renderer(sensor, mode, rng, with_small=with_small, unit=unit)
        )
        self._free: list[Buffers] = []
        self._on_loan = 0
        self._lit: tuple[LensSetting, Front] | None = None

    def next_plan(self) -> Plan:
        """Advance the sensor by one frame, and give its plan."""
        exposure_us, gain = self._delay.step(self._auto_exposure.wanted(self.controls))
        self.sequence += 1
        return Plan(self.sequence, self._timeline.next(exposure_us), exposure_us, gain)

    def skip(self, frames: int, duration_ns: int) -> None:
        """Skip frames that no caller waited for."""
        self._timeline.skip(frames * duration_ns)
        self.sequence += frames

    def move_window(self, mode: Mode) -> None:
        """Show another part of the sensor, of the same size, from the next frame on."""
        self.mode, self._lit = mode, None

    def restart(self, now_ns: int) -> None:
        """Restart the schedule at `now_ns`, after a still."""
        self.plan = None
        self._timeline = Timeline(self.mode, self._sensor, now_ns)

    def plan_still(self, mode: Mode, start_ns: int, controls: Controls) -> Plan:
        """Plan a still in `mode` with `controls`; its exposure begins at `start_ns`."""
        exposure_us, gain = self._auto_exposure.wanted(controls, mode)
        complete_ns = start_ns + round(1000 * (exposure_us + mode.height * mode.line_us))
        self.sequence += 1
        return Plan(self.sequence, Timing(start_ns, complete_ns, complete_ns - start_ns), exposure_us, gain)

    # -- frames ---------------------------------------------------------------------------------------------------

    def render(self, plan: Plan, buffers: Buffers) -> LiveFrame:
        """Compute the frame of `plan`; auto exposure and white balance adapt to it."""
        lens = _lens(self.controls)
        self._update_light(lens)
        parameters, kelvin = self._parameters(plan, lens, self.controls)
        self._renderer.render(parameters, buffers)
        metered = self._meter(buffers.raw, parameters, self.mode, self.controls.metering)
        state = self._auto_exposure.update(
            metered, exposure_us=plan.exposure_us, gain=plan.gain, controls=self.controls
        )
        self._white_balance.update(metered.zones, self.controls)
        meta = self._meta(plan, self.mode, lens, parameters, kelvin, state, metered)
        raw = _raw_frame(buffers.raw, self.mode, self._sensor)
        return LiveFrame(
            meta, buffers.main, buffers.small or buffers.main, raw, on_release=lambda: self.give_back(buffers)
        )

    def shoot(self, plan: Plan, mode: Mode, controls: Controls) -> StillFrame:
        """Compute a still, which owns its memory."""
        lens = _lens(controls)
        parameters, kelvin = self._parameters(plan, lens, controls)
        raw, picture = render_still(self._scene, lens, mode, self._sensor, self._rng, parameters, self._unit)
        denoise_and_sharpen(
            picture.y, sharpness=controls.sharpness, noise_reduction=controls.noise_reduction, gain=plan.gain
        )
        metered = self._meter(raw, parameters, mode, controls.metering)
        manual = controls.exposure_us is not None and controls.gain is not None
        # A shot is taken with the last values of auto exposure, converged or not.
        meta = self._meta(plan, mode, lens, parameters, kelvin, "off" if manual else "locked", metered)
        return StillFrame(meta, picture, _raw_frame(raw, mode, self._sensor))

    def _update_light(self, lens: LensSetting) -> None:
        """Give the renderer the light on the sensor; computed again only after a change of the lens."""
        if self._lit != (lens, self._scene.front):
            self._renderer.set_light(self._light(lens, self.mode))
            self._lit = lens, self._scene.front

    def _light(self, lens: LensSetting, mode: Mode) -> U16:
        covered = self._scene.covered_light(mode)
        if covered is not None:
            return covered
        return project(self._scene.layers(lens.field_focal_mm), lens, mode, self._sensor)

    def _parameters(self, plan: Plan, lens: LensSetting, controls: Controls) -> tuple[FrameParameters, float]:
        """Give the values for computing the frame, and its colour temperature in kelvin."""
        gains, kelvin = self._white_balance.current(controls)
        ccm = self._sensor.colour.ccm_at(kelvin)
        parameters = FrameParameters(
            plan.exposure_us, plan.gain, lens.f_number, gains, ccm, controls.contrast, controls.saturation
        )
        return parameters, kelvin

    def _meter(self, raw: U16, parameters: FrameParameters, mode: Mode, metering: Metering) -> Metered:
        black_dn, white_dn = levels_dn(self._sensor, mode)
        return meter_frame(
            raw,
            black_dn=black_dn,
            white_dn=white_dn,
            colour_gains=parameters.colour_gains,
            quantile=self._sensor.auto_exposure.highlight_quantile,
            metering=metering,
        )

    def _meta(
        self,
        plan: Plan,
        mode: Mode,
        lens: LensSetting,
        parameters: FrameParameters,
        kelvin: float,
        state: AeState,
        metered: Metered,
    ) -> FrameMeta:
        span_dn = self._sensor.white_dn - self._sensor.black_dn
        white = white_dn_per_us(self._sensor, lens.f_number) * plan.exposure_us * plan.gain / span_dn
        return FrameMeta(
            sequence=plan.sequence,
            timestamp_ns=plan.timing.start_ns,
            exposure_us=plan.exposure_us,
            analogue_gain=plan.gain,
            digital_gain=1.0,
            colour_gains=parameters.colour_gains,
            colour_temperature_k=kelvin,
            frame_duration_us=plan.timing.duration_ns / 1000,
            ae_state=state,
            mode=mode,
            simulated=True,
            sensor_temperature_c=self._unit.temperature_c if self._unit else None,
            # As the light meter: the mean of green counts as the average reflectance.
            lux=SCENE_LUX * metered.green / (AVERAGE_REFLECTANCE * white) if metered.green > 0 else None,
            lens=LensState(lens.focal_mm, lens.f_number, lens.focus_m),
            contrast=parameters.contrast,
        )

    def close(self) -> None:
        """Free the renderer's memory."""
        self._renderer.close()

    # -- memory ---------------------------------------------------------------------------------------------------

    def take_buffers(self) -> Buffers:
        """Give memory for a frame; `give_back` returns it. Raises CameraStalled when too many frames are in use."""
        if self._on_loan >= MOST_ON_LOAN:
            raise CameraStalled(
                f"{MOST_ON_LOAN} frames are on loan and none came back", remedy="release frames after reading them"
            )
        self._on_loan += 1
        if self._free:
            return self._free.pop()
        return self._renderer.new_buffers()

    def give_back(self, buffers: Buffers) -> None:
        """Return a frame's memory."""
        self._on_loan -= 1
        self._free.append(buffers)


def _lens(controls: Controls) -> LensSetting:
    return LensSetting(
        controls.focal_mm or DEFAULT_LENS.focal_mm,
        controls.f_number or DEFAULT_LENS.f_number,
        controls.focus_m or DEFAULT_LENS.focus_m,
        controls.back_focus_um,
        controls.tilt_um,
        controls.breathing,
    )


def _raw_frame(samples: U16, mode: Mode, sensor: Sensor) -> RawFrame:
    black_dn, white_dn = levels_dn(sensor, mode)
    return RawFrame(samples, sensor.cfa, mode.bit_depth, (black_dn, black_dn, black_dn, black_dn), white_dn)
