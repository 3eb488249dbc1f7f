"""The driver of the simulated HQ camera: the pace and delays of a real camera, scripted faults, no hardware.

A frame is computed during the call of `next_frame`, in the time of its exposure and readout, so that the simulation
adds no latency. A caller that is late gets the newest frame and a gap in the sequence. With `pace` off there are no
waits: time is a virtual clock, and the same seed and the same calls give the same bytes.

Exposure and gain take effect in the third frame after the request (`simulator.timeline`); the lens and the white
balance in the next one.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import Final, NoReturn

import numpy as np

from device.controls import CHOICES, KELVIN_RANGE, MAINS_HALF_PERIOD_US, PICTURE_RANGES, held, held_state
from device.errors import CameraLost, CameraStalled, NoCamera, ShotCancelled
from device.frame import CameraInfo, Capabilities, Controls, FrameMeta, Limit, LiveFrame, Mode, Rect, StillFrame
from device.sensors.base import Sensor
from device.sensors.imx477 import IMX477
from device.simulator.depth import Depth
from device.simulator.faults import FaultScript
from device.simulator.scene import KIT_FOCAL_MM, LIGHT_K, Front, Scene
from device.simulator.sensor import saturation_cd_s_m2
from device.simulator.stream import DEFAULT_LENS, Plan, Stream
from device.simulator.unit import Unit
from device.simulator.workers import Workers

MODE_SWITCH_NS: Final = 20_000_000  # chosen: a real camera takes some tenths of a second longer
COMPUTE_NS: Final = 20_000_000  # chosen: about what the first frame costs
LENS_FOCAL_RANGE_MM: Final = (4.0, 135.0)  # chosen: a longer lens would be longer than the nearest focus, 0.2 m
LENS_F_RANGE: Final = (0.95, 32.0)  # chosen: the widest and the narrowest stop of common lenses
BREATHING_MOST: Final = 2.0  # chosen: lenses that are moved as a whole have about 1, inner focusing less, also below 0
MOUNT_ERROR_UM: Final = 500.0  # chosen: more than adapters and the HQ camera's ring are commonly off
_MOST_COMPUTE_NS: Final = 100_000_000  # chosen: a moving lens costs more, but a longer wait would delay the frame
_COSTS_KEPT: Final = 3  # chosen: frames whose cost is kept; the smallest counts: other programs can only make it larger
_POLL_S: Final = 0.5  # chosen: how often a long wait checks the fault script
_REMEDY: Final = "this camera is simulated; the fault was scripted"


class SimulatedCamera:
    """A simulated Raspberry Pi HQ Camera. See `drivers.base` for the contract."""

    def __init__(
        self,
        scene: Path | None = None,
        depth: Depth | None = None,
        *,
        sensor: Sensor = IMX477,
        seed: int = 0,
        faults: FaultScript | None = None,
        pace: bool = True,
        speed: float = 1.0,
        light_k: float = LIGHT_K,
        workers: int = 0,
        unit: Unit | None = None,
    ) -> None:
        """`scene` is a photograph (None: the built-in scene), `depth` the distances of its parts.

        `sensor` may have fewer modes than the real one, to make tests faster. `speed` compresses time: at 1000 an
        exposure of ten minutes ends after 0.6 s, and its metadata have ten minutes. `faults` is shared with the drivers
        after a reopening, so that its clock continues. `light_k` is the colour temperature of the light on the scene,
        in kelvin. `workers` is how many processes compute the live frames (0: the caller's thread does). `unit` is what
        this specimen has beside the numbers of its sensor (None: nothing).
        """
        self._sensor, self._unit = sensor, unit
        self._photo, self._depth, self._light_k = scene, depth, light_k
        self._faults = faults or FaultScript()
        self._pace, self._speed = pace, speed
        self._epoch_ns = time.monotonic_ns()
        self._rng = np.random.default_rng(seed)
        self._closed = threading.Event()
        self._still_ends = threading.Event()
        self._virtual_ns = time.monotonic_ns()
        self._costs_ns: deque[int] = deque(maxlen=_COSTS_KEPT)
        self._worker_count = workers
        self._workers: Workers | None = None
        self._scene: Scene | None = None
        self._stream: Stream | None = None
        self._whole: Stream | None = None  # while magnified: the live stream that continues afterwards
        self._window: Rect | None = None
        self._last_live: FrameMeta | None = None

    @property
    def info(self) -> CameraInfo:
        """Model, modes, limits and capabilities; raises CameraLost before `open`."""
        if self._scene is None:
            raise CameraLost("the simulated camera is not open")
        return _info(self._sensor, self._unit)

    # -- life -----------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Paint or decode the scene. Raises BadScene; NoCamera while it is scripted to be unplugged."""
        self._virtual_ns = self._faults.begin(self._now_ns(), virtual=not self._pace)
        if self._faults.until_ns("unplug", self._now_ns()) is not None:
            raise NoCamera("the simulated camera is unplugged", remedy=_REMEDY)
        if self._worker_count and self._workers is None:
            self._workers = Workers(self._worker_count)
        scene = Scene(self._photo, self._depth, self._sensor, self._light_k)
        scene.layers(KIT_FOCAL_MM)
        self._scene = scene

    def start(self, mode: Mode, controls: Controls) -> None:
        """Begin live frames, with `controls` in force from the first."""
        self._check_there()
        self.stop()
        self._last_live = None
        self._stream = self._begin(mode, controls)

    def stop(self) -> None:
        """End live frames."""
        streams = self._stream, self._whole
        self._stream = self._whole = self._window = None
        for stream in streams:
            if stream is not None and not self._closed.is_set():
                stream.close()

    def close(self) -> None:
        """End all waits and the worker processes. Any thread."""
        self._closed.set()
        self._still_ends.set()
        if self._workers is not None:
            self._workers.close()

    def request(self, controls: Controls) -> None:
        """Request `controls`; while magnified, automatic exposure is held."""
        if self._whole is not None:
            self._whole.controls, controls = controls, held(controls, self._last_live, self.info.limits)
        if self._stream is not None:
            self._stream.controls = controls

    def _begin(self, mode: Mode, controls: Controls, *, with_small: bool = True) -> Stream:
        scene, now_ns = self._check_there(), self._now_ns()
        self._costs_ns.clear()
        return Stream(
            scene,
            self._sensor,
            mode,
            controls,
            self._rng,
            now_ns,
            with_small=with_small,
            workers=self._workers,
            unit=self._unit,
        )

    def cover(self, front: Front) -> None:
        """Put the cap or white paper before the lens, or take it away, from the next frame on."""
        self._check_there().front = front

    def magnify(self, window: Rect | None) -> None:
        """Show `window` of the full-resolution mode, or the live mode again; exposure is held while magnified."""
        stream, whole = self._streaming(), self._whole
        if window is not None:
            mode = _mode_of(window, self.info.full_mode)
            if whole is not None:
                stream.move_window(mode)
            else:
                self._whole = stream
                controls = held(stream.controls, self._last_live, self.info.limits)
                self._stream = self._begin(mode, controls, with_small=False)
                self._stream.sequence = stream.sequence
        elif whole is not None:
            whole.sequence = stream.sequence
            whole.restart(self._now_ns())
            stream.close()
            self._stream, self._whole = whole, None
            self._check_there().forget_full_size()
        self._window = window

    # -- frames ---------------------------------------------------------------------------------------------------

    def next_frame(self, timeout_s: float) -> LiveFrame:
        """Wait for the next complete frame. An exposure longer than `timeout_s` continues in the next call."""
        stream = self._streaming()
        deadline_ns = self._deadline_ns(timeout_s)
        self._obey_script(deadline_ns)
        plan = self._newest_plan(stream)
        if plan.timing.complete_ns > deadline_ns:
            self._stall(deadline_ns, timeout_s)
        buffers = stream.take_buffers()
        try:
            began_ns = self._now_ns()
            frame = stream.render(plan, buffers)
            self._costs_ns.append(self._now_ns() - began_ns)
            self._wait_until(plan.timing.complete_ns)
        except BaseException:
            stream.give_back(buffers)
            raise
        stream.plan = None
        frame.meta = self._on_our_clock(frame.meta)
        if self._whole is not None:
            state = held_state(self._whole.controls)
            frame.meta = replace(frame.meta, mode=self.info.full_mode, window=self._window, ae_state=state)
            frame.raw = None
        else:
            self._last_live = frame.meta
        return frame

    def capture_still(self, timeout_s: float, controls: Controls | None = None) -> StillFrame:
        """Take one shot in the mode with the most pixels; live frames continue afterwards."""
        stream = self._streaming()
        if not self._closed.is_set():
            self._still_ends.clear()
        deadline_ns = self._deadline_ns(timeout_s)
        self._obey_script(deadline_ns)
        mode = self.info.full_mode
        used = controls or stream.controls
        plan = stream.plan_still(mode, self._now_ns() + MODE_SWITCH_NS, used)
        if plan.timing.complete_ns > deadline_ns:
            self._stall(deadline_ns, timeout_s)
        still = stream.shoot(plan, mode, used)
        try:
            self._wait_until(plan.timing.complete_ns, self._still_ends)
        finally:
            stream.restart(self._now_ns())
        meta = self._on_our_clock(still.meta)
        if self._whole is not None and controls is None:
            meta = replace(meta, ae_state=held_state(self._whole.controls))
        return replace(still, meta=meta)

    def cancel_still(self) -> None:
        """Cancel the still in progress. Any thread."""
        self._still_ends.set()

    def _newest_plan(self, stream: Stream) -> Plan:
        """The first frame that was not delivered yet, or the newest that will be complete when it is computed."""
        now_ns = self._now_ns()
        ready_ns = now_ns + min(_MOST_COMPUTE_NS, *self._costs_ns or [COMPUTE_NS])
        plan = stream.plan or stream.next_plan()
        while self._pace and plan.timing.complete_ns + plan.timing.duration_ns <= ready_ns:
            late = (now_ns - plan.timing.complete_ns) // plan.timing.duration_ns - 1
            if late > 8:  # after 8 frames all controls have taken effect: the others are skipped in one step
                stream.skip(late, plan.timing.duration_ns)
            plan = stream.next_plan()
        if self._faults.spend("corrupt", plan.timing.complete_ns):
            plan = stream.next_plan()
        stream.plan = plan
        return plan

    # -- time and faults ------------------------------------------------------------------------------------------

    def _now_ns(self) -> int:
        if not self._pace:
            return self._virtual_ns
        now_ns = time.monotonic_ns()
        return now_ns if self._speed == 1 else self._epoch_ns + round((now_ns - self._epoch_ns) * self._speed)

    def _deadline_ns(self, timeout_s: float) -> int:
        return self._now_ns() + round(timeout_s * 1e9 * self._speed)

    def _on_our_clock(self, meta: FrameMeta) -> FrameMeta:
        """Convert the timestamp from compressed time to `time.monotonic_ns()`."""
        if not self._pace or self._speed == 1:
            return meta
        since_ns = (meta.timestamp_ns - self._epoch_ns) / self._speed
        return replace(meta, timestamp_ns=self._epoch_ns + round(since_ns))

    def _wait_until(self, moment_ns: float, ends: threading.Event | None = None) -> None:
        """Sleep, or advance the virtual clock. Raises CameraLost when closed, or unplugged by the script.

        Raises ShotCancelled when `ends` is set.
        """
        self._check_there()
        while (left_ns := moment_ns - self._now_ns()) > 0:
            if not self._pace:
                self._virtual_ns = round(moment_ns)
            else:
                (ends or self._closed).wait(min(left_ns / 1e9 / self._speed, _POLL_S))
            self._check_there()
            if ends is not None and ends.is_set():
                raise ShotCancelled("the shot was ended before its exposure was done")

    def _check_there(self) -> Scene:
        if self._closed.is_set():
            raise CameraLost("the simulated camera was closed")
        if self._scene is None:
            raise CameraLost("the simulated camera is not open")
        if self._faults.until_ns("unplug", self._now_ns()) is not None:
            raise CameraLost("the simulated camera was unplugged", remedy=_REMEDY)
        return self._scene

    def _streaming(self) -> Stream:
        self._check_there()
        if self._stream is None:
            raise CameraLost("the simulated camera was not started")
        return self._stream

    def _stall(self, deadline_ns: int, timeout_s: float) -> NoReturn:
        self._wait_until(deadline_ns)
        raise CameraStalled(f"no frame within {timeout_s:g} s", remedy="wait longer than the exposure takes")

    def _obey_script(self, deadline_ns: int) -> None:
        """Apply scripted hangs (until closed) and stalls. Raises CameraStalled when the deadline comes first."""
        if self._faults.spend("hang", self._now_ns()):
            self._closed.wait()
            self._check_there()
        until_ns = self._faults.until_ns("stall", self._now_ns())
        if until_ns is None:
            return
        self._wait_until(min(until_ns, deadline_ns))
        if until_ns > deadline_ns:
            raise CameraStalled("the simulated camera sends no frames", remedy=_REMEDY)


def _mode_of(window: Rect, full: Mode) -> Mode:
    """The full mode as if it read only the window."""
    return replace(full, width=window.width, height=window.height, crop=window)


def _info(sensor: Sensor, unit: Unit | None) -> CameraInfo:
    return CameraInfo(
        driver="simulated",
        model=sensor.model,
        simulated=True,
        description=f"simulated {sensor.description}",
        pixel_pitch_um=sensor.pixel_pitch_um,
        identity=f"simulated unit {unit.seed}" if unit else "simulated",
        modes=sensor.modes,
        limits={
            "exposure_us": Limit(
                min(m.exposure_min_us for m in sensor.modes), max(m.exposure_max_us for m in sensor.modes), None, "us"
            ),
            "slowest_us": Limit(
                min(m.exposure_min_us for m in sensor.modes),
                max(m.exposure_max_us for m in sensor.modes),
                Controls().slowest_us,
                "us",
            ),
            "gain": Limit(1.0, sensor.gain_max, None, "x"),
            "ev": Limit(-8.0, 8.0, 0.0, "EV"),
            "colour_gains": Limit(0.1, 32.0, None, "x"),
            "colour_temperature_k": Limit(*KELVIN_RANGE, None, "K"),
            **{name: Limit(*ends, 1.0, "x") for name, ends in PICTURE_RANGES.items()},
            "focus_m": Limit(0.2, 1000.0, DEFAULT_LENS.focus_m, "m"),
            "f_number": Limit(*LENS_F_RANGE, DEFAULT_LENS.f_number, ""),
            "focal_mm": Limit(*LENS_FOCAL_RANGE_MM, DEFAULT_LENS.focal_mm, "mm"),
            "back_focus_um": Limit(-MOUNT_ERROR_UM, MOUNT_ERROR_UM, 0.0, "um"),
            "tilt_um": Limit(-MOUNT_ERROR_UM, MOUNT_ERROR_UM, 0.0, "um"),
            "breathing": Limit(-BREATHING_MOST, BREATHING_MOST, 0.0, ""),
        },
        capabilities=Capabilities(
            raw_live=True, raw_still=True, lens_control=True, exposure_control=True, loupe=True, coverable=True
        ),
        # As on a Pi: its auto exposure cannot find the frequency of the mains.
        saturation_cd_s_m2=saturation_cd_s_m2(sensor),
        choices=CHOICES | {"anti_flicker": ("off", *MAINS_HALF_PERIOD_US)},
    )
