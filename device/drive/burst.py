"""Burst and pre-capture: full-resolution raw frames at the sensor's own rate into memory, then to the card.

While frames are recorded the camera runs in its full mode, and the viewfinder shows that; while they are written the
live view is back in its usual mode. How many frames fit into the free memory is reported before it begins. A second
press ends a burst early, and what was recorded until then is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any, Final

from device.drive.mode import DriveMode
from device.drive.ring_buffer import RingBuffer, available_bytes, depth, missing
from device.drive.series import Cancelled, Series, gains_to_hold
from device.errors import BadInput, CameraError, HqcamError, StorageError
from device.frame import Controls, LiveFrame, Mode
from device.session.session import Session
from device.session.shot_exposure import live_exposure
from device.settings.declaration import Setting

SECONDS_TO_START: Final = 8.0  # switching the mode and the first frame, on a Zero 2 W
SETTLE_S: Final = 1.0  # chosen: a burst must not come late
POLL_S: Final = 0.1
SLACK: Final = 4.0  # chosen: a camera that takes so many times as long as its rate promises has stopped

BURST_SETTINGS = (
    Setting("count", "Frames", "whole", 10, "", 1, 200, steps=(5, 10, 20, 30)),
    Setting("delay_s", "Delay", "number", 0.0, "s", 0, 600, steps=(0, 2, 10)),
)
PRE_SETTINGS = (
    Setting("before", "Frames before the press", "whole", 8, "", 1, 100, steps=(3, 5, 8, 15)),
    Setting("after", "Frames after it", "whole", 2, "", 0, 100, steps=(0, 2, 5)),
)


def check_fits(mode: Mode, wanted: int) -> int:
    """Give how many frames of `mode` fit into memory. Raises BadInput when `wanted` do not."""
    fit = depth(mode, available_bytes())
    if wanted > fit:
        raise BadInput(
            f"{wanted} frames do not fit into the memory that is free",
            expected=f"at most {fit} frames" if fit else "more free memory",
            remedy="ask for fewer frames, or close other programs",
        )
    return fit


def _room_now(session: Session) -> str:
    mode = session.info().full_mode
    return f"{depth(mode, available_bytes())} frames fit into memory now, {mode.max_fps:.0f} a second."


def _burst(series: Series) -> None:
    count, mode = series.settings["count"], series.session.info().full_mode
    fit = check_fits(mode, count)
    series.session.wait_settled(SETTLE_S)
    warnings = _foresee(series.session, series.settings)
    series.begin(total=count, depth=fit, frames_per_second=mode.max_fps, warnings=warnings)
    series.show_message("; ".join([f"{count} of {fit} frames that fit, at {mode.max_fps:g} a second", *warnings]))
    if series.settings["delay_s"]:
        series.wait(series.settings["delay_s"])
    buffer = RingBuffer(mode, count)
    with _full_mode(series, mode, buffer):
        _record(series, [buffer], count, mode, ends_early=lambda: series.triggered)
    _write(series, [buffer])


def _foresee(session: Session, _settings: dict[str, Any]) -> list[str]:
    """Say how much less light than auto exposure asks for the frames will have: they cannot be exposed longer."""
    said = live_exposure(session).out_of_reach()
    return [said] if said else []


def _record(
    series: Series, buffers: list[RingBuffer], count: int, mode: Mode, *, ends_early: Callable[[], bool] = lambda: False
) -> None:
    """Record `count` frames into the last buffer; fewer when `ends_early` gives True or the camera stops.

    Raises Cancelled: what all buffers hold is then counted as lost.
    """
    expected_s = count * _frame_period_s(series, mode)
    series.enter_phase("recording", expected_s)
    buffer = buffers[-1]
    buffer.record(count)
    deadline = series.clock.now_s() + SLACK * (expected_s + 1)
    while not buffer.wait_filled(count, POLL_S):
        try:
            series.raise_if_cancelled()
        except Cancelled:
            buffer.record(0)
            _count_gaps(series, buffers)
            _count_unwritten(series, _filled(buffers))
            raise
        late = series.clock.now_s() > deadline
        if late or ends_early():
            buffer.record(0)
            series.show_message(
                "the camera sent fewer frames than asked" if late else "ended by a press", total=buffer.filled
            )
            break


def _precapture(series: Series) -> None:
    before, after, mode = series.settings["before"], series.settings["after"], series.session.info().full_mode
    fit = check_fits(mode, before + after)
    series.session.wait_settled(SETTLE_S)
    warnings = _foresee(series.session, series.settings)
    series.begin(total=before + after, depth=fit, frames_per_second=mode.max_fps, warnings=warnings)
    series.show_message("; ".join([f"keeping the last {before} frames", *warnings]))
    until_press, after_press = RingBuffer(mode, before), RingBuffer(mode, after)
    with _full_mode(series, mode, until_press, after_press):
        until_press.roll()
        series.wait_trigger()
        series.enter_phase("recording", 0.0)  # from here on there is something to write: see Drive.end_recording
        until_press.stop_rolling()
        if after:
            _record(series, [until_press, after_press], after, mode)
    series.show_message("writing", total=until_press.filled + after_press.filled)
    _write(series, [until_press, after_press])


@contextmanager
def _full_mode(series: Series, mode: Mode, *buffers: RingBuffer) -> Iterator[None]:
    """Run the live view in the full `mode`, its frames offered to `buffers`; afterwards go back to the usual mode.

    Auto exposure settles first. A burst then holds that exposure and white balance; pre-capture does not, for it may
    wait long.
    """
    session = series.session
    usual = session.mode()
    held = _settled_exposure(session)

    def offer(frame: LiveFrame) -> None:
        for buffer in buffers:
            buffer.offer(frame)

    session.watch(offer)
    try:
        session.set_mode(mode, held if series.mode == "burst" else None)
        series.enter_phase("waiting", 0.0)
        for buffer in buffers:
            buffer.prepare(SECONDS_TO_START)
        yield
    finally:
        session.watch(None)
        with suppress(CameraError):  # a camera that is lost now starts in the usual mode; the frames are in memory
            session.set_mode(usual)


def _settled_exposure(session: Session) -> Controls:
    """Wait until auto exposure has settled, a second at most; give the controls in force with what it found."""
    meta = session.wait_settled(SETTLE_S)
    controls = session.controls()
    if meta is None or not meta.exposure_known or not session.info().capabilities.exposure_control:
        return controls
    gain = meta.analogue_gain if controls.gain is None else controls.gain
    controls = replace(controls, exposure_us=meta.exposure_us, gain=gain)
    gains = gains_to_hold(session, meta)
    return controls if gains is None else replace(controls, awb="manual", colour_gains=gains)


def _frame_period_s(series: Series, mode: Mode) -> float:
    meta = series.session.newest_meta()
    return max(1 / mode.max_fps, (meta.exposure_us if meta else 0.0) / 1e6)


def _write(series: Series, buffers: list[RingBuffer]) -> None:
    """Write what was recorded. A cancel or an error meanwhile keeps what is written, and counts the rest as lost."""
    _count_gaps(series, buffers)
    count, written = _filled(buffers), 0
    began = series.clock.now_s()
    try:
        while (left := next((buffer for buffer in buffers if buffer.filled), None)) is not None:
            series.raise_if_cancelled()
            still = left.take()
            if still is None:
                break
            series.expect_end_in((series.clock.now_s() - began) / written * (count - written) if written else None)
            series.save(still)
            written += 1
    except (Cancelled, HqcamError):
        _count_unwritten(series, count - written)
        raise


def _filled(buffers: list[RingBuffer]) -> int:
    return sum(buffer.filled for buffer in buffers)


def _count_gaps(series: Series, buffers: list[RingBuffer]) -> None:
    """Count as lost what is missing between the frames in memory, also between those of two buffers."""
    _count_lost(series, "were lost between others", missing([n for buffer in buffers for n in buffer.sequences]))


def _count_unwritten(series: Series, frames: int) -> None:
    _count_lost(series, "were in memory and are not written", frames)


def _count_lost(series: Series, why: str, frames: int) -> None:
    """Count lost frames, in the progress and in the manifest alike."""
    if frames:
        series.count_missed(f"{frames} frames {why}", shots=frames)
    if series.manifest is not None:
        with suppress(StorageError):  # a disk that fails now: the end of the series writes it, if it can
            series.manifest.note(lost=series.progress().missed)


BURST = DriveMode(
    "burst",
    "Burst",
    "Full-resolution raw at the sensor's own rate, from memory to the card.",
    BURST_SETTINGS,
    _burst,
    triggered=True,
    foresee=_foresee,
    note=_room_now,
)
PRECAPTURE = DriveMode(
    "precapture",
    "Pre-capture",
    "Armed by the first press; the second keeps the frames before it.",
    PRE_SETTINGS,
    _precapture,
    triggered=True,
    foresee=_foresee,
    note=_room_now,
)
