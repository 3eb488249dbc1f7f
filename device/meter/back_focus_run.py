"""Back focus, guided while its owner looks at a page: each measurement in a thread of its own.

The page begins it, watches its progress, has the lens moved, and asks for the next measurement.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from device.analysis.defocus.tilt import Tilt
from device.controls import is_settled
from device.errors import BadInput, DriveBusy, HqcamError
from device.frame import Mode
from device.meter.back_focus import F_RANGE, Advice, BackFocusGuide, measure_target
from device.session.session import Session
from device.settings.declaration import Setting

SETTLE_S: Final = 0.5
SETTLE_TIMES: Final = 12  # auto exposure of a real camera takes 1-2 s
MOST_MOVED_UM: Final = 5000.0
STEPS: Final = 3  # of one measurement
END_S: Final = 5.0  # chosen: two frames are soon there, what is computed of them takes a second on a small board

_MIDDLE: Final = "Middle of the target, as a share of the picture's sides; null: that of the focus area."
SETUP: Final = {
    "distance_m": Setting(
        "distance_m", "", "number", None, "m", 0.05, 1e6, optional=True, help="Of the target; null: infinity."
    ),
    "f_number": Setting(
        "f_number", "", "number", None, "", *F_RANGE, optional=True, help="null: that of the lens, where it is known."
    ),
    "pitch_mm": Setting(
        "pitch_mm", "", "number", None, "mm", 0.1, 10, optional=True, help="Of the ring's thread; null: a C mount's."
    ),
    "x": Setting("x", "", "number", None, "", 0, 1, optional=True, help=_MIDDLE),
    "y": Setting("y", "", "number", None, "", 0, 1, optional=True, help=_MIDDLE),
    "size": Setting(
        "size",
        "",
        "number",
        None,
        "",
        0.1,
        1,
        optional=True,
        help="Side of the target, as a share of the picture's height; null: as high as the focus area.",
    ),
}
MOVED: Final = {
    "moved_um": Setting(
        "moved_um",
        "",
        "number",
        None,
        "um",
        -MOST_MOVED_UM,
        MOST_MOVED_UM,
        optional=True,
        help="What the lens was moved since the last good measurement, out above 0; null: as was told.",
    )
}

Where = Literal["idle", "measuring", "waiting", "right", "unsure"]


@dataclass(frozen=True, slots=True)
class Setup:
    """How it was begun."""

    f_number: float
    x: float
    y: float
    """Middle of the target, shares of the picture's sides."""
    size: float
    """Side of the target, as a share of the picture's height."""
    distance_m: float | None = None
    """Of the target; None: infinity."""
    pitch_mm: float | None = None
    """Of the ring's thread; None: a C mount's."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where it is."""

    state: Where = "idle"
    """`waiting`: for the lens to be moved, or for another measurement after an error."""
    setup: Setup | None = None
    done: int = 0
    """Steps of the measurement in progress, of `STEPS`."""
    what: str = ""
    advice: Advice | None = None
    """After the last measurement that did not fail."""
    error: HqcamError | None = None
    """Why the last measurement failed."""
    tilt: Tilt | None = None
    """At the end, where all corners are known."""


@dataclass
class _Run:
    setup: Setup
    guide: BackFocusGuide
    mode: Mode
    """In which it was begun."""
    moved_um: float = 0.0
    """What the lens was moved since the last measurement that did not fail."""
    turned_um: float = 0.0
    """As much of it as the simulated lens was turned already."""
    tilt: Tilt | None = None
    ended: threading.Event = field(default_factory=threading.Event)


class BackFocusRun:
    """At most one adjustment of the session's camera. Any thread."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = threading.Lock()
        self._progress = Progress()
        self._run: _Run | None = None
        self._thread: threading.Thread | None = None

    @property
    def progress(self) -> Progress:
        """Where it is now."""
        with self._lock:
            return self._progress

    @property
    def active(self) -> bool:
        """Whether it was begun and has come to no end."""
        return self.progress.state in ("measuring", "waiting")

    @property
    def by_itself(self) -> bool:
        """Whether the lens is moved by the simulator. Raises CameraError."""
        return "back_focus_um" in self._session.info().limits

    def begin(self, setup: Setup) -> None:
        """Begin anew, with the first measurement. Raises BadInput, CameraError; DriveBusy."""
        info = self._session.info()
        if not info.capabilities.raw_live or not info.capabilities.exposure_control:
            raise BadInput(
                "this camera gives no raw samples while live", expected="a camera whose live frames have raw samples"
            )
        mode = self._session.mode()
        guide = BackFocusGuide(setup.f_number, self._session.sensor.pixel_pitch_um * mode.binning)
        with self._lock:
            if self._progress.state in ("measuring", "waiting"):
                raise DriveBusy("the back focus is being set", remedy="bring it to its end, or end it")
            if self.by_itself:
                focus_m = setup.distance_m if setup.distance_m is not None else info.limits["focus_m"].maximum
                self._session.set_controls({"f_number": setup.f_number, "focus_m": focus_m})
            self._run = _Run(setup, guide, mode)
            self._measure(self._run, Progress(setup=setup))

    def turn(self, moved_um: float | None = None) -> None:
        """Measure again: the lens was moved as was told, or by `moved_um` in all since the last good measurement.

        After a measurement that failed, None repeats what was given for it. Raises BadInput; DriveBusy.
        """
        if moved_um is not None and not abs(moved_um) <= MOST_MOVED_UM:  # also NaN
            raise BadInput(
                f"the lens cannot be moved by {moved_um:g} um", expected=f"at most {MOST_MOVED_UM:.0f}, in or out"
            )
        with self._lock:
            run, now = self._run, self._progress
            if now.state == "measuring":
                raise DriveBusy("the target is being measured", remedy="wait until it was measured")
            if run is None or now.state != "waiting":
                raise BadInput("the back focus is not being set", expected="that it was begun before")
            if moved_um is not None:
                run.moved_um = moved_um
            self._measure(run, now)

    def cancel(self) -> None:
        """End it; what is being measured is of no use. Does not wait, and is harmless when there is none."""
        with self._lock:
            if self._run is not None:
                self._run.ended.set()
            self._run, self._progress = None, Progress()

    def close(self) -> None:
        """End it and wait for its thread, END_S at most."""
        self.cancel()
        thread = self._thread
        if thread is not None:
            thread.join(END_S)

    def _measure(self, run: _Run, before: Progress) -> None:
        self._progress = replace(before, state="measuring", done=0, what="waiting for the exposure", error=None)
        self._thread = threading.Thread(
            target=self._work, args=(run, self._thread), name="hqcam-back-focus", daemon=True
        )
        self._thread.start()

    def _work(self, run: _Run, previous: threading.Thread | None) -> None:
        if previous is not None:
            previous.join()  # of one that was ended: it has the camera still
        advice: Advice | None = None
        error: HqcamError | None = None
        sound = True
        try:
            advice = self._advice(run)
        except HqcamError as caught:
            error = caught
        except (ArithmeticError, ValueError, MemoryError) as caught:  # numbers that no camera gives
            sound = False  # the guide has half of it
            error = BadInput(
                f"nothing can be measured from these frames: {caught}", expected="frames of a sound camera"
            )
        with self._lock:
            if self._run is not run:
                return
            now = replace(self._progress, state="waiting" if sound else "idle", error=error)
            if advice is not None:
                run.moved_um, run.turned_um = advice.move_um or 0.0, 0.0
                now = replace(now, advice=advice, state=_after(advice), tilt=run.tilt)
            self._progress = now

    def _advice(self, run: _Run) -> Advice | None:
        """Give None when it was ended."""
        step_um = run.moved_um - run.turned_um
        if step_um and self.by_itself:
            self._session.set_controls({"back_focus_um": self._session.controls().back_focus_um + step_um})
            run.turned_um = run.moved_um
        for _ in range(SETTLE_TIMES):
            meta = self._session.wait_settled(SETTLE_S)
            if run.ended.is_set():
                return None
            if meta is not None and is_settled(meta, self._session.controls()):
                break
        if self._session.mode() != run.mode:
            raise BadInput(
                "the camera's mode is another than at the beginning",
                expected="one mode from the beginning to the end",
                remedy="close the loupe and end the burst, or begin again",
            )
        self._tell(run, 1, "taking two frames")
        measured = measure_target(self._session, run.setup.x, run.setup.y, run.setup.size)
        if run.ended.is_set():
            return None
        self._tell(run, 2, "comparing with the measurements before")
        advice = run.guide.note(measured.target, run.moved_um, measured.corners)
        run.tilt = run.guide.tilt() if advice.move_um is None else None
        return advice

    def _tell(self, run: _Run, done: int, what: str) -> None:
        with self._lock:
            if self._run is run:
                self._progress = replace(self._progress, done=done, what=what)


def _after(advice: Advice) -> Where:
    if advice.move_um is not None:
        return "waiting"
    return "right" if advice.right else "unsure"
