"""Converts a frame's metadata from picamera2 into ours. Values only; no camera is needed.

Any item may be missing on a frame; "SensorTimestamp" is in ns, "ExposureTime" in us.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from device.frame import AeState, Controls, FrameMeta, Mode

AE_CONVERGED: Final = 2  # AeStateEnum: 0 idle, 1 searching, 2 converged
LUX_DEFAULT: Final = 400.0  # what libcamera's lux algorithm says while it has measured nothing


def meta_from(
    metadata: Mapping[str, Any],
    *,
    now_ns: int,
    boot_offset_ns: int,
    mode: Mode,
    controls: Controls,
    before: FrameMeta | None,
) -> FrameMeta:
    """Turn a frame's metadata into ours; `before` is the last frame, for the sequence number.

    `SensorTimestamp` is the moment the first row was read out, so its exposure began one exposure time earlier. It is
    documented on the boot clock and delivered on the monotonic one by the kernel's camera drivers; the two differ (by
    `boot_offset_ns`) only after the machine slept, and then a time after `now_ns` is on the boot clock.
    """
    exposure_us = float(metadata.get("ExposureTime", 0.0))
    read_ns = int(metadata.get("SensorTimestamp", now_ns))
    if read_ns > now_ns:
        read_ns -= boot_offset_ns
    gains = metadata.get("ColourGains") or (1.0, 1.0)
    frame_duration_us = float(metadata.get("FrameDuration", 1e6 / mode.max_fps))
    return FrameMeta(
        sequence=_next_sequence(before, read_ns, frame_duration_us),
        timestamp_ns=read_ns - round(exposure_us * 1000),
        exposure_us=exposure_us,
        analogue_gain=float(metadata.get("AnalogueGain", 1.0)),
        digital_gain=float(metadata.get("DigitalGain", 1.0)),
        colour_gains=(float(gains[0]), float(gains[1])),
        colour_temperature_k=float(metadata.get("ColourTemperature", 0)),
        frame_duration_us=frame_duration_us,
        ae_state=_ae_state(metadata, controls),
        mode=mode,
        simulated=False,
        sensor_temperature_c=_optional(metadata.get("SensorTemperature")) or None,  # 0.0: a driver that cannot tell
        lux=_lux(metadata),
        # libcamera reports the contrast only with the frame that changed it.
        contrast=float(metadata.get("Contrast", controls.contrast)),
        exposure_known="ExposureTime" in metadata and "AnalogueGain" in metadata,
    )


def _next_sequence(before: FrameMeta | None, read_ns: int, frame_duration_us: float) -> int:
    """Add the number of frame times that passed, so that missed frames leave a gap.

    The longer of the two durations is used: at a change the metadata do not say which of them was in force.
    """
    if before is None:
        return 1
    passed_us = (read_ns - before.timestamp_ns) / 1000 - before.exposure_us
    return before.sequence + max(1, round(passed_us / max(frame_duration_us, before.frame_duration_us)))


def _ae_state(metadata: Mapping[str, Any], controls: Controls) -> AeState:
    if controls.exposure_us is not None and controls.gain is not None:
        return "off"
    if controls.ae_lock:
        return "locked"
    # AeState since libcamera 0.4; before it AeLocked, true once converged.
    converged = metadata.get("AeState") == AE_CONVERGED or metadata.get("AeLocked") is True
    return "converged" if converged else "searching"


def _lux(metadata: Mapping[str, Any]) -> float | None:
    lux = _optional(metadata.get("Lux"))
    return None if lux == LUX_DEFAULT else lux


def _optional(value: Any) -> float | None:
    return None if value is None else float(value)
