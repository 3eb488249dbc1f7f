"""Bursts and pre-capture: full-resolution raw at the sensor's own rate into memory, then to the card.

While frames are recorded the viewfinder shows them, at the rate of the full mode; while they are written it is back in
its own. How many fit is said before it begins, from the memory that is free. A second press ends a burst early, and
what was recorded until then is written.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from device.drive.mode import DriveMode
from device.drive.ring_buffer import Reel, available_bytes, depth
from device.drive.series import Run
from device.errors import BadInput
from device.frame import Mode
from device.session.session import Session
from device.settings.declaration import Setting

SECONDS_TO_START: Final = 8.0  # switching the mode and the first frame, on a Zero 2 W
LOOK_S: Final = 0.1
SLACK: Final = 4.0  # a camera that needs so many times as long as its rate promises has stopped

BURST_SETTINGS = (
    Setting("count", "Frames", "whole", 10, "", 1, 200, steps=(5, 10, 20, 30)),
    Setting("delay_s", "Delay", "number", 0.0, "s", 0, 600, steps=(0, 2, 10)),
)
PRE_SETTINGS = (
    Setting("before", "Frames before the press", "whole", 8, "", 1, 100, steps=(3, 5, 8, 15)),
    Setting("after", "Frames after it", "whole", 2, "", 0, 100, steps=(0, 2, 5)),
)


def room_for(mode: Mode, wanted: int) -> int:
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


def _burst(run: Run) -> None:
    count, mode = run.settings["count"], run.session.info().full_mode
    fit = room_for(mode, count)
    run.storage.check_room(count * run.storage.shot_bytes())
    run.begin(total=count, depth=fit, frames_per_second=mode.max_fps)
    run.tell(f"{count} of {fit} frames that fit, at {mode.max_fps:g} a second")
    if run.settings["delay_s"]:
        run.wait(run.settings["delay_s"])
    reel = Reel(mode, count)
    _record(run, reel, mode, lambda: _take(run, reel, count, mode, lambda: run.triggered))
    _flush(run, reel)


def _take(run: Run, reel: Reel, count: int, mode: Mode, ended: Callable[[], bool]) -> None:
    """Record `count` frames, or fewer when the press that ends it comes. Raises Cancelled: all of it is forgotten."""
    expected_s = count * _frame_s(run, mode)
    run.enter("recording", expected_s)
    reel.record(count)
    deadline = run.clock.now_s() + SLACK * (expected_s + 1)
    while not reel.wait_filled(count, LOOK_S):
        run.check()
        late = run.clock.now_s() > deadline
        if late or ended():
            reel.record(0)
            run.tell("the camera sent fewer frames than asked" if late else "ended by a press", total=reel.filled)
            break


def _precapture(run: Run) -> None:
    before, after, mode = run.settings["before"], run.settings["after"], run.session.info().full_mode
    fit = room_for(mode, before + after)
    run.storage.check_room((before + after) * run.storage.shot_bytes())
    run.begin(total=before + after, depth=fit, frames_per_second=mode.max_fps)
    run.tell(f"keeping the last {before} frames")
    reel, late = Reel(mode, before), Reel(mode, after)

    def both() -> None:
        reel.roll()
        run.wait_trigger()
        reel.stop_rolling()
        if after:
            run.session.watch(late.look)
            late.prepare(SECONDS_TO_START)
            _take(run, late, after, mode, lambda: False)

    _record(run, reel, mode, both)
    run.tell("writing", total=reel.filled + late.filled)
    _flush(run, reel, late)


def _record(run: Run, reel: Reel, mode: Mode, what: Callable[[], None]) -> None:
    """Run the live view in the full mode, with its exposure held, while `what` is done; then go back."""
    session = run.session
    usual = session.mode()
    meta = session.wait_settled(1.0)
    controls = session.controls()
    if meta is not None and meta.exposure_known and session.info().capabilities.exposure_control:
        gain = meta.analogue_gain if controls.gain is None else controls.gain
        controls = replace(controls, exposure_us=meta.exposure_us, gain=gain)
    session.watch(reel.look)
    try:
        session.set_mode(mode, controls if run.mode == "burst" else None)
        run.enter("waiting", 0.0)
        reel.prepare(SECONDS_TO_START)
        what()
    finally:
        session.watch(None)
        session.set_mode(usual)


def _frame_s(run: Run, mode: Mode) -> float:
    meta = run.session.newest_meta()
    return max(1 / mode.max_fps, (meta.exposure_us if meta else 0.0) / 1e6)


def _flush(run: Run, *reels: Reel) -> None:
    """Write what was recorded. A cancel while writing keeps what is written, and forgets the rest."""
    lost, count = sum(reel.lost for reel in reels), sum(reel.filled for reel in reels)
    if lost:
        run.miss(f"{lost} frames were lost between others", shots=lost)
    if run.manifest is not None:
        run.manifest.note(lost=lost)
    began = run.clock.now_s()
    stills = (still for reel in reels for still in iter(reel.take, None))
    for written, still in enumerate(stills):
        run.check()
        run.expect((run.clock.now_s() - began) / written * (count - written) if written else None)
        run.save(still)


BURST = DriveMode(
    "burst",
    "Burst",
    "Full-resolution raw at the sensor's own rate, from memory to the card.",
    BURST_SETTINGS,
    _burst,
    triggered=True,
    note=_room_now,
)
PRECAPTURE = DriveMode(
    "precapture",
    "Pre-capture",
    "Armed by the first press; the second keeps the frames before it.",
    PRE_SETTINGS,
    _precapture,
    triggered=True,
    note=_room_now,
)
