"""What a mode has in its hands while it runs: the camera, the card, time, and a way to say how far it is."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Any

from device.captures.shot import Recipe, Shot, save_still
from device.captures.storage import Storage
from device.drive.clock import Clock
from device.drive.manifest import Manifest
from device.drive.progress import Phase, Progress
from device.errors import BadInput, ShotCancelled
from device.frame import Controls, StillFrame
from device.session.session import Session

SETTLE_S = 4.0  # auto exposure of a real camera takes 1-2 s


class Cancelled(Exception):
    """The run is to end now, and keeps what it has."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """What the scene asks for before a series."""

    exposure_us: float
    gain: float
    lux: float | None


class Run:
    """One run of one mode. The mode's thread writes, any thread reads `progress`."""

    def __init__(
        self, session: Session, storage: Storage, recipe: Recipe, clock: Clock, mode: str, settings: dict[str, Any]
    ) -> None:
        self.session, self.storage, self.clock, self.settings = session, storage, clock, settings
        self.mode = mode
        self.manifest: Manifest | None = None
        self.ended = threading.Event()
        self.leave = False
        """Whether the manifest is to stay as of a running one, for the next start of the service."""
        self._recipe = recipe
        self._cancelled, self._triggered = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._progress = Progress(state="running", mode=mode)
        self._phase_ends: float | None = None
        self._ends: float | None = None

    # -- what the mode does -----------------------------------------------------------------------------------------

    def begin(self, *, total: int | None, resumed: Manifest | None = None, **plan: Any) -> Manifest:
        """Open the manifest, with the `plan` in it, before anything is taken. Raises StorageError."""
        info = self.session.info()
        facts = {"camera": info.description, "simulated": info.simulated, "total": total, "plan": plan}
        now = self.clock.wall()
        manifest = resumed or Manifest.begin(self.storage.root, self.mode, self.settings, now, facts)
        self.manifest = manifest
        self._say(id=manifest.id, total=total, taken=len(manifest.frames))
        return manifest

    def wait(self, seconds: float, phase: Phase = "waiting", *, of_s: float | None = None) -> None:
        """Wait, counting down. Raises Cancelled."""
        self.enter(phase, max(0.0, seconds), of_s=of_s)
        if self.clock.wait(self._cancelled, seconds):
            raise Cancelled

    def wait_trigger(self) -> None:
        """Wait, armed, for `trigger`. Raises Cancelled."""
        self.enter("armed", 0.0)
        self._triggered.wait()
        self.check()

    def enter(self, phase: Phase, seconds: float, *, of_s: float | None = None, message: str = "") -> None:
        """Say what is going on and how long it takes; 0 when nobody knows."""
        with self._lock:
            self._phase_ends = self.clock.now_s() + seconds if seconds > 0 else None
            self._progress = replace(
                self._progress,
                phase=phase,
                phase_s=max(seconds, of_s or 0.0),
                message=message or self._progress.message,
            )

    def expect(self, seconds: float | None) -> None:
        """Say when the whole run will have ended, from now."""
        with self._lock:
            self._ends = None if seconds is None else self.clock.now_s() + seconds

    def check(self) -> None:
        """Raise Cancelled if the run is to end."""
        if self._cancelled.is_set():
            raise Cancelled

    def scene(self) -> Exposure:
        """What the scene asks for: the exposure that is set, or what auto exposure settled on. Raises BadInput."""
        meta = self.session.wait_settled(SETTLE_S)
        self.check()
        if meta is None or not meta.exposure_known or not self.session.info().capabilities.exposure_control:
            raise BadInput(
                f"this camera cannot be exposed ({self.session.info().description})",
                expected="a camera whose exposure can be set",
                remedy="a replay's pictures were taken long ago",
            )
        return Exposure(meta.exposure_us, meta.analogue_gain * meta.digital_gain, meta.lux)

    def shoot(self, *, exposure_us: float | None = None, gain: float | None = None, **facts: Any) -> Shot:
        """Take one shot, save it, and put it into the manifest with `facts`.

        Raises Cancelled, CameraError, StorageError.
        """
        self.check()
        self.storage.check_room()
        controls = _with(self.session.controls(), exposure_us, gain)
        meta = self.session.newest_meta()
        expected_us = controls.exposure_us or (meta.exposure_us if meta else 0.0)
        self.enter("exposing", expected_us / 1e6)
        try:
            still = self.session.capture(controls)
        except ShotCancelled:
            raise Cancelled from None
        return self.save(still, asked_us=controls.exposure_us, **facts)

    def save(self, still: StillFrame, *, asked_us: float | None = None, **facts: Any) -> Shot:
        """Save a still that was taken and put it into the manifest. Raises StorageError."""
        self.enter("saving", 0.0)
        awb = self.session.controls().awb
        shot = save_still(
            still, self.storage, sensor=self.session.sensor, awb=awb, recipe=self._recipe, asked_exposure_us=asked_us
        )
        assert self.manifest is not None, "a mode begins before it shoots"
        self.manifest.add({"n": len(self.manifest.frames) + 1, **_frame(shot, asked_us), **facts})
        with self._lock:
            doubtful = self._progress.doubtful + (shot.audit.verdict != "ok")
        self._say(taken=len(self.manifest.frames), last=shot.capture.id, doubtful=doubtful)
        return shot

    def miss(self, why: str, shots: int = 1) -> None:
        """Count shots that were planned and could not be taken."""
        with self._lock:
            self._progress = replace(self._progress, missed=self._progress.missed + shots, message=why)

    def tell(self, message: str, *, total: int | None = None) -> None:
        """Say something in words; with `total`, how many shots it will be."""
        self._say(message=message, **({} if total is None else {"total": total}))

    # -- what others do ---------------------------------------------------------------------------------------------

    def cancel(self) -> None:
        """End the run soon; any thread."""
        self._cancelled.set()
        self._triggered.set()

    def trigger(self) -> None:
        """The second press; any thread."""
        self._triggered.set()

    @property
    def triggered(self) -> bool:
        """Whether the second press came."""
        return self._triggered.is_set()

    def finish(self, **changes: Any) -> None:
        """Say how the run ended."""
        with self._lock:
            self._phase_ends = self._ends = None
        self._say(phase="none", phase_s=0.0, **changes)
        self.ended.set()

    def progress(self) -> Progress:
        """How far it is now; any thread."""
        now = self.clock.now_s()
        with self._lock:
            phase_left = max(0.0, self._phase_ends - now) if self._phase_ends is not None else 0.0
            left = None if self._ends is None else max(0.0, self._ends - now, phase_left)
            return replace(
                self._progress, phase_left_s=round(phase_left, 2), left_s=left if left is None else round(left, 2)
            )

    def _say(self, **changes: Any) -> None:
        with self._lock:
            self._progress = replace(self._progress, **changes)


def _with(controls: Controls, exposure_us: float | None, gain: float | None) -> Controls:
    return replace(
        controls,
        exposure_us=controls.exposure_us if exposure_us is None else exposure_us,
        gain=controls.gain if gain is None else gain,
    )


def _frame(shot: Shot, asked_us: float | None) -> dict[str, Any]:
    meta, lens = shot.facts.meta, shot.facts.lens
    f_number = lens.f_number if lens else None
    if f_number is None and meta.lens is not None:
        f_number = meta.lens.f_number  # as in the files
    return {
        "id": shot.capture.id,
        "files": [stored.name for stored in shot.capture.files],
        "taken_at": shot.facts.taken_at.isoformat(),
        "asked_us": asked_us,
        "exposure_us": meta.exposure_us,
        "gain": round(meta.analogue_gain, 4),
        "iso": meta.iso,
        "lens": f"{lens.maker} {lens.model}" if lens else None,
        "f_number": f_number,
        "audit": shot.audit.verdict,
        **({"findings": shot.audit.findings()} if shot.audit.verdict != "ok" else {}),
    }
