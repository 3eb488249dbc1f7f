"""One drive mode in progress: its thread waits, shoots and reports with it; other threads read, cancel and trigger it.

`Drive` makes a `Series` and starts the thread; the mode's function gets it and calls it from that thread alone. Other
threads (requests, the command line) read `progress` and call `cancel` and `trigger`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from device.captures.shot import Recipe, Shot, save_still, take_shot
from device.captures.storage import Storage
from device.controls import Asked
from device.drive.clock import Clock
from device.drive.manifest import Manifest
from device.drive.progress import Phase, Progress
from device.errors import BadInput, ShotCancelled, StorageFull
from device.frame import Controls, FrameMeta, StillFrame
from device.preferences.position import Position
from device.raw.shortfall import Shortfall
from device.session.session import Session
from device.session.shot_exposure import meter_shot, total_of_burst
from device.settings.declaration import finite

SETTLE_S = 4.0  # auto exposure of a real camera takes 1-2 s
SET_S = 2.0  # chosen: a wall clock that is off by more since the shot before was set; less is its drift
LOOK_S = 1.0  # chosen: a wall clock that is set is noticed within this


class Cancelled(Exception):
    """The series was cancelled: its mode ends now, and what is saved stays."""


@dataclass(frozen=True, slots=True)
class MeteredExposure:
    """The exposure for the scene before the first shot."""

    exposure_us: float
    gain: float
    lux: float | None
    total_us: float
    """Exposure time x gain that the light asks for; where that is out of reach, it is more than the two above."""
    out_of_reach: str = ""
    """How much of it is out of reach, in words; "" where it is not."""


class Series:
    """One drive mode in progress: session, storage, clock, settings, manifest, and how far it is.

    Only the thread of the mode calls it, except the methods whose text has "any thread".
    """

    def __init__(
        self,
        session: Session,
        storage: Storage,
        recipe: Recipe,
        clock: Clock,
        mode: str,
        settings: dict[str, Any],
        *,
        position: Position | None = None,
    ) -> None:
        """`position` is where the camera stands when the series begins; None: not known."""
        self.position = position
        self.session, self.storage, self.clock, self.settings = session, storage, clock, settings
        self.mode = mode
        self.manifest: Manifest | None = None
        self.ended = threading.Event()
        self.stays_running = False
        """Whether a cancel leaves the manifest as "running", so that the next start of the service goes on with it."""
        self._recipe = recipe
        self._held_gains: tuple[float, float] | None = None
        self._cancelled, self._triggered = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._progress = Progress(state="running", mode=mode)
        self._phase_ends: float | None = None
        self._ends: float | None = None
        self._wall_ahead_s = self._wall_ahead()

    def begin(self, *, total: int | None, resumed: Manifest | None = None, **plan: Any) -> Manifest:
        """Open the manifest, with the `plan` in it, before anything is taken.

        Raises StorageFull when the `total` shots of a new series do not fit, by estimate; StorageError.
        """
        if resumed is None:
            self._check_room(total or 1)
        info = self.session.info()
        if self._held_gains is not None:
            plan["colour_gains"] = self._held_gains
        head = {"camera": info.description, "simulated": info.simulated, "total": total, "plan": plan}
        now = self.clock.wall()
        manifest = resumed or Manifest.begin(self.storage.root, self.mode, self.settings, now, head)
        self.manifest = manifest
        self._recipe = replace(self._recipe, series=manifest.place)
        manifest.go_on()
        missed = manifest.content.get("plan", {}).get("missed", 0)
        if resumed is not None:
            self._held_gains = _gains_of(manifest.content["plan"].get("colour_gains"))
        self._update(id=manifest.id, total=total, taken=len(manifest.frames), missed=missed, missed_why=manifest.missed)
        return manifest

    def _check_room(self, shots: int) -> None:
        try:
            self.storage.check_room(shots * self.storage.shot_bytes())
        except StorageFull as error:
            raise StorageFull(
                f"{shots} shots do not fit: {error.message}",
                expected=f"{error.expected}, or at most {self.storage.shots_left()} shots",
                remedy=error.remedy,
            ) from error

    def wait(self, seconds: float, phase: Phase = "waiting", *, of_s: float | None = None) -> None:
        """Wait, counting down. Raises Cancelled."""
        self.enter_phase(phase, max(0.0, seconds), of_s=of_s)
        if self.clock.wait(self._cancelled, seconds):
            raise Cancelled

    def wait_for_time(self, left_s: Callable[[], float], *, of_s: float) -> None:
        """Wait until `left_s` gives no seconds any more; it is asked often, for a clock may be set. Raises Cancelled.

        `of_s` as in `enter_phase`.
        """
        while (left := left_s()) > 0:
            self.enter_phase("waiting", left, of_s=of_s)
            if self.clock.wait(self._cancelled, min(left, LOOK_S)):
                raise Cancelled

    def wait_trigger(self) -> None:
        """Wait, armed, for `trigger`. Raises Cancelled."""
        self.enter_phase("armed", 0.0)
        self._triggered.wait()
        self.raise_if_cancelled()

    def enter_phase(self, phase: Phase, seconds: float, *, of_s: float | None = None) -> None:
        """Report the phase and how many seconds it takes; 0 when unknown.

        `of_s` is the length of the whole countdown, when only a part of it is left.
        """
        with self._lock:
            self._phase_ends = self.clock.now_s() + seconds if seconds > 0 else None
            self._progress = replace(self._progress, phase=phase, phase_s=max(seconds, of_s or 0.0))

    def expect_end_in(self, seconds: float | None) -> None:
        """Report in how many seconds the series will have ended; None when unknown."""
        with self._lock:
            self._ends = None if seconds is None else self.clock.now_s() + seconds

    def raise_if_cancelled(self) -> None:
        """Raise Cancelled if the series was cancelled."""
        if self._cancelled.is_set():
            raise Cancelled

    def metered_exposure(self) -> MeteredExposure:
        """Give the exposure for the scene: the one that is set, or what auto exposure finds. Raises BadInput."""
        meta = self.session.wait_settled(SETTLE_S)
        self.raise_if_cancelled()
        if meta is None or not meta.exposure_known or not self.session.info().capabilities.exposure_control:
            raise BadInput(
                f"this camera cannot be exposed ({self.session.info().description})",
                expected="a camera whose exposure can be set",
                remedy="a replay's pictures were taken long ago",
            )
        self.hold_white_balance()
        metered = meter_shot(self.session, self.session.controls())
        live_us, live_gain = meta.exposure_us, meta.analogue_gain * meta.digital_gain
        if metered.total_us is None:
            return MeteredExposure(live_us, live_gain, meta.lux, live_us * live_gain)
        shot = metered.controls
        return MeteredExposure(
            shot.exposure_us or live_us, shot.gain or live_gain, meta.lux, metered.total_us, metered.out_of_reach()
        )

    def hold_white_balance(self) -> None:
        """Have every shot from now on the white balance of the newest frame, where the camera is finding it.

        `metered_exposure` calls it: what holds the exposure holds the colours too.
        """
        self._held_gains = gains_to_hold(self.session, self.session.newest_meta())

    def shoot(
        self,
        *,
        exposure_us: float | None = None,
        gain: float | None = None,
        asked_total_us: float | None = None,
        late_s: float = 0.0,
        notes: Mapping[str, Any] | None = None,
        complete: Callable[[dict[str, Any]], dict[str, Any]] = lambda _: {},
    ) -> None:
        """Take one shot, save it, and put it into the manifest with `notes` of the mode.

        `asked_total_us` is the exposure time x gain that the plan asks for, where the camera may not reach it; `late_s`
        is told where it is not 0.
        `complete` gets what the manifest will have of the shot, and gives what the mode adds to it.
        Raises Cancelled, CameraError, StorageError.
        """
        self.raise_if_cancelled()
        found = self.session.controls()
        controls = _with(found, exposure_us, gain, self._held_gains)
        set_by_s = self._clock_set_by()
        meta = self.session.newest_meta()
        expected_us = controls.exposure_us or (meta.exposure_us if meta else 0.0)
        self.enter_phase("exposing", expected_us / 1e6)
        try:
            shot = take_shot(
                self.session,
                self.storage,
                self._recipe,
                controls=controls,
                awb=found.awb,
                asked_total_us=asked_total_us,
                shortfalls=_shortfalls(late_s, set_by_s),
                exposing=lambda us: self.enter_phase("exposing", (us or expected_us) / 1e6),
                delivered=self._enter_saving,
                named=self._name,
            )
        except ShotCancelled:
            raise Cancelled from None
        told = {name: round(s, 2) for name, s in (("late_s", late_s), ("clock_set_by_s", set_by_s)) if s}
        frame = {**_manifest_frame(shot, controls.exposure_us), **told, **(notes or {})}
        self._record(shot, frame | complete(frame))

    def save(self, still: StillFrame) -> None:
        """Save a still that a burst kept in memory, and put it into the manifest. Raises ShotFailed, StorageError."""
        self._enter_saving()
        controls = self.session.controls()
        total_us = total_of_burst(self.session, still, controls)
        shot = save_still(
            still,
            self.storage,
            sensor=self.session.sensor,
            camera=self.session.measured.camera,
            awb=controls.awb,
            wanted=controls.files,
            jpeg_quality=controls.jpeg_quality,
            tuning=self.session.info().tuning,
            recipe=self._recipe,
            asked=Asked(controls.exposure_us, total_us, controls.gain),
            named=self._name,
        )
        self._record(shot, _manifest_frame(shot, None))

    def _wall_ahead(self) -> tuple[float, float]:
        """Give by how much the wall clock is ahead of the steady one: at least, at most (the machine may be busy)."""
        before_s, wall_s = self.clock.now_s(), self.clock.wall().timestamp()
        return wall_s - self.clock.now_s(), wall_s - before_s

    def _clock_set_by(self) -> float:
        """Give by how many seconds the wall clock was set since the shot before; 0.0 where it was not."""
        (least, most), self._wall_ahead_s = self._wall_ahead_s, self._wall_ahead()
        by_s = self._wall_ahead_s[0] - most, self._wall_ahead_s[1] - least
        return sum(by_s) / 2 if min(by_s) > SET_S or max(by_s) < -SET_S else 0.0

    def _enter_saving(self) -> None:
        self.enter_phase("saving", 0.0)

    def _name(self, capture_id: str) -> None:
        assert self.manifest is not None, "a mode begins before it shoots"
        self.manifest.name(capture_id)

    def _record(self, shot: Shot, frame: dict[str, Any]) -> None:
        """Put a shot that is saved into the manifest and the progress. Raises StorageError."""
        assert self.manifest is not None, "a mode begins before it shoots"
        self.manifest.add({"n": len(self.manifest.frames) + 1, **frame})
        with self._lock:
            doubtful = self._progress.doubtful + (shot.audit.verdict != "ok")
        self._update(taken=len(self.manifest.frames), last=shot.capture.id, doubtful=doubtful)

    def count_missed(self, why: str, shots: int = 1) -> None:
        """Count shots that were planned and could not be taken, in the manifest too. Raises StorageError."""
        assert self.manifest is not None, "a mode begins before it shoots"
        self.manifest.count_missed(why, shots)
        with self._lock:
            missed = self._progress.missed + shots
            self._progress = replace(self._progress, missed=missed, missed_why=self.manifest.missed, message=why)

    def plan_total(self, total: int | None) -> None:
        """Report another number of planned shots; None: until ended."""
        self._update(total=total)

    def show_message(self, message: str, *, total: int | None = None) -> None:
        """Report a message for people; `total` also changes the number of planned shots."""
        self._update(message=message, **({} if total is None else {"total": total}))

    def cancel(self) -> None:
        """Have the series end soon. Any thread."""
        self._cancelled.set()
        self._triggered.set()

    def trigger(self) -> None:
        """Note the second press. Any thread."""
        self._triggered.set()

    @property
    def triggered(self) -> bool:
        """Whether the second press came."""
        return self._triggered.is_set()

    def finish(self, **changes: Any) -> None:
        """Report how the series ended, once the mode's function has returned."""
        with self._lock:
            self._phase_ends = self._ends = None
        self._update(phase="none", phase_s=0.0, **changes)
        self.ended.set()

    def progress(self) -> Progress:
        """Give how far it is now. Any thread."""
        now = self.clock.now_s()
        with self._lock:
            phase_left = max(0.0, self._phase_ends - now) if self._phase_ends is not None else 0.0
            left = None if self._ends is None else max(0.0, self._ends - now, phase_left)
            return replace(
                self._progress, phase_left_s=round(phase_left, 2), left_s=left if left is None else round(left, 2)
            )

    def _update(self, **changes: Any) -> None:
        with self._lock:
            self._progress = replace(self._progress, **changes)


def _shortfalls(late_s: float, set_by_s: float) -> list[Shortfall]:
    found = [Shortfall("time", f"{late_s:.2f} s later than planned")] if late_s else []
    if set_by_s:
        way, by = "forward" if set_by_s > 0 else "back", timedelta(seconds=round(abs(set_by_s)))
        found.append(Shortfall("clock", f"it was set {way} by {by} since the shot before"))
    return found


def gains_to_hold(session: Session, seen: FrameMeta | None) -> tuple[float, float] | None:
    """Give the gains of red and blue of a frame, to hold them; None where they are set already or cannot be set."""
    fixed = session.controls().awb in ("manual", "kelvin")
    return None if fixed or seen is None or "colour_gains" not in session.info().limits else seen.colour_gains


def _with(
    controls: Controls, exposure_us: float | None, gain: float | None, gains: tuple[float, float] | None
) -> Controls:
    if gains is not None:
        controls = replace(controls, awb="manual", colour_gains=gains)
    return replace(
        controls,
        exposure_us=controls.exposure_us if exposure_us is None else exposure_us,
        gain=controls.gain if gain is None else gain,
    )


def _gains_of(kept: object) -> tuple[float, float] | None:
    """Read the gains of a manifest, which may have been edited."""
    gains = [finite(gain) for gain in kept] if isinstance(kept, list) else []
    red, blue = gains if len(gains) == 2 else (None, None)
    return (red, blue) if red is not None and blue is not None else None


def _manifest_frame(shot: Shot, asked_us: float | None) -> dict[str, Any]:
    """Give what the manifest keeps of a shot."""
    meta, lens = shot.metadata.meta, shot.metadata.lens
    f_number = lens.f_number if lens else None
    if f_number is None and meta.lens is not None:
        f_number = meta.lens.f_number  # as in the files
    return {
        "id": shot.capture.id,
        "files": [stored.name for stored in shot.capture.files],
        "taken_at": shot.metadata.taken_at.isoformat(),
        "time_synchronised": shot.metadata.clock_synchronised,
        "asked_us": asked_us,
        "exposure_us": meta.exposure_us,
        "gain": round(meta.analogue_gain, 4),
        "iso": meta.iso,
        "sensor_temperature_c": meta.sensor_temperature_c,
        "lens": f"{lens.maker} {lens.model}" if lens else None,
        "f_number": f_number,
        "audit": shot.audit.verdict,
        **({"findings": shot.audit.findings()} if shot.audit.verdict != "ok" else {}),
    }
