"""One run of the simulated camera, from `start` to `stop`: light, raw, picture, metadata of each frame. No clocks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

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
    YuvPicture,
)
from device.sensors.base import Sensor
from device.simulator.exposure import AutoExposure, Measured, measure
from device.simulator.finish import finish
from device.simulator.isp import Isp, empty_picture, half_size
from device.simulator.lens import LensSetting, project
from device.simulator.scene import KIT_FOCAL_MM, Scene
from device.simulator.sensor import SCENE_LUX, RawMaker, white_dn_per_us
from device.simulator.timeline import Delay, Timeline, Timing
from device.simulator.white_balance import WhiteBalance

DEFAULT_LENS: Final = LensSetting(KIT_FOCAL_MM, 2.8, 2.0)
LARGE_PIXELS: Final = 6_000_000
MOST_ON_LOAN: Final = 4  # chosen: more than any caller needs; a leak shows soon


@dataclass(frozen=True, slots=True)
class Plan:
    """A frame that the sensor has begun or will begin."""

    sequence: int
    timing: Timing
    exposure_us: float
    gain: float


@dataclass(frozen=True, slots=True)
class Buffers:
    """The memory of one live frame."""

    raw: U16
    main: YuvPicture
    small: YuvPicture | None


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
    ) -> None:
        """Without `with_small` the full picture takes the small one's place."""
        self.mode, self.controls = mode, controls
        self.plan: Plan | None = None
        self.sequence = 0
        self._scene, self._sensor, self._rng = scene, sensor, rng
        self._auto_exposure = AutoExposure(sensor, mode)
        self._white_balance = WhiteBalance(sensor.colour)
        self._timeline = Timeline(mode, sensor, now_ns)
        self._delay = Delay(sensor, self._auto_exposure.wanted(controls))
        self._raw_maker = RawMaker(sensor, mode, rng)
        # The largest mode's pictures take longer than its frames last: two threads share them.
        shares = 2 if mode.width * mode.height > LARGE_PIXELS else 1
        self._isps = [Isp(mode.width, mode.height, sensor.tone) for _ in range(shares)]
        self._helper = ThreadPoolExecutor(1, "simulated-isp") if shares > 1 else None
        self._free: list[Buffers] = []
        self._on_loan = 0
        self._with_small = with_small
        self._light: tuple[LensSetting, U16] | None = None

    def next_plan(self) -> Plan:
        """Step the sensor by one frame."""
        exposure_us, gain = self._delay.step(self._auto_exposure.wanted(self.controls))
        self.sequence += 1
        return Plan(self.sequence, self._timeline.next(exposure_us), exposure_us, gain)

    def skip(self, frames: int, duration_ns: int) -> None:
        """Let frames pass that nobody waited for."""
        self._timeline.skip(frames * duration_ns)
        self.sequence += frames

    def look_at(self, mode: Mode) -> None:
        """Show another part of the sensor, of the same size, from the next frame on."""
        self.mode, self._light = mode, None

    def restart(self, now_ns: int) -> None:
        """Begin the schedule anew after a still."""
        self.plan = None
        self._timeline = Timeline(self.mode, self._sensor, now_ns)

    def plan_still(self, mode: Mode, start_ns: int, controls: Controls) -> Plan:
        """A still in `mode` with `controls`; its exposure begins at `start_ns`."""
        exposure_us, gain = self._auto_exposure.wanted(controls)
        exposure_us = self._sensor.quantise_exposure_us(exposure_us, mode)
        complete_ns = start_ns + round(1000 * (exposure_us + mode.height * mode.line_us))
        self.sequence += 1
        return Plan(self.sequence, Timing(start_ns, complete_ns, complete_ns - start_ns), exposure_us, gain)

    # -- frames ---------------------------------------------------------------------------------------------------

    def render(self, plan: Plan, buffers: Buffers) -> LiveFrame:
        """Compute the frame of `plan` and let the automatics learn from it."""
        lens, maker = _lens(self.controls), self._raw_maker
        maker.expose(
            self._light_through(lens),
            exposure_us=plan.exposure_us,
            gain=plan.gain,
            f_number=lens.f_number,
            out=buffers.raw,
        )
        gains, kelvin = self._develop(maker, self._isps, buffers.raw, buffers.main, buffers.small, self.controls)
        measured = self._measure(maker, buffers.raw, gains, self.controls.metering)
        state = self._auto_exposure.update(
            measured, exposure_us=plan.exposure_us, gain=plan.gain, controls=self.controls
        )
        self._white_balance.update(measured.zones, self.controls)
        meta = self._meta(plan, self.mode, lens, (gains, kelvin), state, measured, self.controls.contrast)
        raw = _raw_frame(buffers.raw, maker, self.mode, self._sensor)
        return LiveFrame(
            meta, buffers.main, buffers.small or buffers.main, raw, on_release=lambda: self.give_back(buffers)
        )

    def shoot(self, plan: Plan, mode: Mode, controls: Controls) -> StillFrame:
        """Compute a still, which owns its memory."""
        lens = _lens(controls)
        maker = RawMaker(self._sensor, mode, self._rng)
        raw = project(self._scene.layers(lens.focal_mm), lens, mode, self._sensor)
        self._scene.forget_full_size()
        # In place: each strip of light is read before its samples are written.
        maker.expose(raw, exposure_us=plan.exposure_us, gain=plan.gain, f_number=lens.f_number, out=raw)
        picture = empty_picture(mode.width, mode.height)
        isp = Isp(mode.width, mode.height, self._sensor.tone)
        gains, kelvin = self._develop(maker, [isp], raw, picture, None, controls)
        finish(picture.y, sharpness=controls.sharpness, noise_reduction=controls.noise_reduction, gain=plan.gain)
        measured = self._measure(maker, raw, gains, controls.metering)
        manual = controls.exposure_us is not None and controls.gain is not None
        # A shot is taken with the values that auto exposure held, wherever it was going.
        meta = self._meta(plan, mode, lens, (gains, kelvin), "off" if manual else "locked", measured, controls.contrast)
        return StillFrame(meta, picture, _raw_frame(raw, maker, mode, self._sensor))

    def _light_through(self, lens: LensSetting) -> U16:
        """The picture on the sensor; computed anew only when the lens has moved."""
        if self._light is None or self._light[0] != lens:
            self._light = None
            self._light = (lens, project(self._scene.layers(lens.focal_mm), lens, self.mode, self._sensor))
        return self._light[1]

    def _develop(
        self, maker: RawMaker, isps: list[Isp], raw: U16, main: YuvPicture, small: YuvPicture | None, controls: Controls
    ) -> tuple[tuple[float, float], float]:
        gains, kelvin = self._white_balance.current(controls)
        for isp in isps:
            isp.set_look(controls.contrast, controls.saturation)
        facts: dict[str, Any] = {
            "black_dn": maker.black_dn,
            "white_dn": maker.white_dn,
            "colour_gains": gains,
            "ccm": self._sensor.colour.ccm_at(kelvin),
            "main": main,
            "small": small,
        }
        if len(isps) == 1 or self._helper is None:
            isps[0].develop(raw, **facts)
        else:
            middle = isps[0].strips // 2
            other = self._helper.submit(isps[1].develop, raw, **facts, strips=(middle, isps[1].strips))
            isps[0].develop(raw, **facts, strips=(0, middle))
            other.result()
        return gains, kelvin

    def _measure(self, maker: RawMaker, raw: U16, gains: tuple[float, float], metering: Metering) -> Measured:
        return measure(
            raw,
            black_dn=maker.black_dn,
            white_dn=maker.white_dn,
            colour_gains=gains,
            quantile=self._sensor.auto_exposure.highlight_quantile,
            metering=metering,
        )

    def _meta(
        self,
        plan: Plan,
        mode: Mode,
        lens: LensSetting,
        balance: tuple[tuple[float, float], float],
        state: AeState,
        measured: Measured,
        contrast: float,
    ) -> FrameMeta:
        span_dn = self._sensor.white_dn - self._sensor.black_dn
        white = white_dn_per_us(self._sensor, lens.f_number) * plan.exposure_us * plan.gain / span_dn
        return FrameMeta(
            sequence=plan.sequence,
            timestamp_ns=plan.timing.start_ns,
            exposure_us=plan.exposure_us,
            analogue_gain=plan.gain,
            digital_gain=1.0,
            colour_gains=balance[0],
            colour_temperature_k=balance[1],
            frame_duration_us=plan.timing.duration_ns / 1000,
            ae_state=state,
            mode=mode,
            simulated=True,
            # As a meter would: the mean is taken for an 18 % grey.
            lux=SCENE_LUX * measured.mean / (0.18 * white),
            lens=LensState(lens.focal_mm, lens.f_number, lens.focus_m),
            contrast=contrast,
        )

    def close(self) -> None:
        """End the second thread, if there is one."""
        if self._helper is not None:
            self._helper.shutdown(wait=False)

    # -- memory ---------------------------------------------------------------------------------------------------

    def take_buffers(self) -> Buffers:
        """Lend a frame's memory. Raises CameraStalled when too much is on loan."""
        if self._on_loan >= MOST_ON_LOAN:
            raise CameraStalled(
                f"{MOST_ON_LOAN} frames are on loan and none came back", remedy="release frames after reading them"
            )
        self._on_loan += 1
        if self._free:
            return self._free.pop()
        width, height = self.mode.width, self.mode.height
        raw = np.empty((height, width), np.uint16)
        small = empty_picture(*half_size(width, height)) if self._with_small else None
        return Buffers(raw, empty_picture(width, height), small)

    def give_back(self, buffers: Buffers) -> None:
        """Take a frame's memory back."""
        self._on_loan -= 1
        self._free.append(buffers)


def _lens(controls: Controls) -> LensSetting:
    return LensSetting(
        controls.focal_mm or DEFAULT_LENS.focal_mm,
        controls.f_number or DEFAULT_LENS.f_number,
        controls.focus_m or DEFAULT_LENS.focus_m,
    )


def _raw_frame(samples: U16, maker: RawMaker, mode: Mode, sensor: Sensor) -> RawFrame:
    black = maker.black_dn
    return RawFrame(samples, sensor.cfa, mode.bit_depth, (black, black, black, black), maker.white_dn)
