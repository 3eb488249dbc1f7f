"""The objects that the routes share: session, storage, lenses, places, light meter, position, clock,
presets and drive modes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from flask import Flask, current_app

from device import host
from device.captures.places import Places
from device.captures.storage import Storage
from device.errors import DriveBusy
from device.meter.light_meter import LightMeter
from device.notices import Notices
from device.preferences.owner_clock import OwnerClock
from device.preferences.owner_flats import FILE as FLATS_FILE
from device.preferences.owner_flats import OwnerFlats
from device.preferences.owner_lenses import OwnerLenses
from device.preferences.position import OwnerPosition
from device.preferences.presets import OwnerPresets
from device.preferences.store import Preferences
from device.session.session import Session
from web.transfer.copies import copy_slots
from web.transfer.digests import DIGESTS_FILE, Digests
from web.transfer.slots import Slots
from web.transfer.zip import Selections, zip_slots
from web.wire import SharedSecondParts

if TYPE_CHECKING:
    from device.calibrate.background import BackgroundCalibration
    from device.captures.shot import Recipe
    from device.drive.drive import Drive
    from device.jobs.room import Jobs
    from device.library.series_shots import SeriesIndex
    from device.meter.back_focus_run import BackFocusRun
    from device.raw.dng_writer import SampleForm
    from device.uploads.uploader import Uploader

_KEY = "hqcam"


@dataclass(frozen=True, slots=True)
class Transfers:
    """What the downloads of all clients share."""

    digests: Digests = field(default_factory=Digests)
    copies: Slots = field(default_factory=copy_slots)
    zips: Slots = field(default_factory=zip_slots)
    selections: Selections = field(default_factory=Selections)


@dataclass
class Parts:
    """The shared objects. `web.serve` makes them; making them starts no thread. Any thread may read them."""

    session: Session
    storage: Storage
    lenses: OwnerLenses
    places: Places
    meter: LightMeter
    position: OwnerPosition
    clock: OwnerClock
    presets: OwnerPresets
    flats: OwnerFlats = field(default_factory=lambda: OwnerFlats(None))
    """The flat fields of the owner's lenses."""
    notices: Notices = field(default_factory=Notices)
    """What the settings and the access code have to say; see `camera_notices`."""
    sample_form: SampleForm = "packed"
    second_parts: SharedSecondParts = field(default_factory=SharedSecondParts)
    transfers: Transfers = field(default_factory=Transfers)
    uploads_file: Path | None = None
    _uploader: Uploader | None = None
    _series: SeriesIndex | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _drive: Drive | None = None
    _calibration: BackgroundCalibration | None = None
    _back_focus: BackFocusRun | None = None
    guiding: threading.Lock = field(default_factory=threading.Lock)
    """Held while a calibration or the back focus begins: one at a time."""
    jobs_file: Path | None = None
    """What keeps the jobs; without it they last as long as the server."""
    _jobs: Jobs | None = None

    @property
    def jobs(self) -> Jobs:
        """The jobs, made at their first use, as the drive modes are; what the file has of them is taken up then."""
        from device.jobs.room import Jobs

        with self._lock:
            if self._jobs is None:
                self._jobs = Jobs(self.storage, self.jobs_file, made=lambda: self.uploader.look_at_all_again())
                self._jobs.resume()
            return self._jobs

    def take_up_jobs(self) -> None:
        """Have the jobs go on that a start before this one has left."""
        if self.jobs_file is not None and self.jobs_file.exists():
            self.jobs.list()

    @property
    def recipe(self) -> Recipe:
        """How the files of a shot are made: the lens named in them and the form of the samples."""
        from device.captures.shot import Recipe  # not at module level: the file writers would delay the first frame

        return Recipe(self.lenses, self.sample_form, self.clock, flats=self.flats)

    @property
    def drive(self) -> Drive:
        """The drive modes, made at their first use: importing the file writers would delay the first frame."""
        from device.drive.clock import Clock
        from device.drive.drive import Drive

        with self._lock:
            if self._drive is None:
                clock = Clock(wall_s=self.clock.unix_s)
                self._drive = Drive(self.session, self.storage, self.recipe, clock=clock, position=self.position.get)
            return self._drive

    @property
    def series(self) -> SeriesIndex:
        """Which captures belong to which series; made at its first use, as the drive modes are."""
        from device.library.series_shots import SeriesIndex

        with self._lock:
            if self._series is None:
                self._series = SeriesIndex(self.storage)
            return self._series

    @property
    def uploader(self) -> Uploader:
        """What sends captures to other places; made at its first use: it would delay the first frame."""
        from device.uploads.uploader import make_uploader

        with self._lock:
            if self._uploader is None:
                self._uploader = make_uploader(self.uploads_file, self.storage, notices=self.notices)
            return self._uploader

    @property
    def drive_if_used(self) -> Drive | None:
        """The drive modes; None when they were not used yet."""
        return self._drive

    @property
    def calibration(self) -> BackgroundCalibration:
        """The calibration of the camera, made at its first use."""
        from device.calibrate.background import BackgroundCalibration

        with self._lock:
            if self._calibration is None:
                self._calibration = BackgroundCalibration(self.session)
            return self._calibration

    @property
    def back_focus(self) -> BackFocusRun:
        """The guide to the right back focus, made at its first use."""
        from device.meter.back_focus_run import BackFocusRun

        with self._lock:
            if self._back_focus is None:
                self._back_focus = BackFocusRun(self.session)
            return self._back_focus

    def close(self, *, write_s: float = 0.0) -> None:
        """End job, uploads and the series in progress. An interval stays marked as running: the next start resumes it.

        `write_s` is how long what a burst has in memory may take to be written.
        """
        if self._calibration is not None:
            self._calibration.close()
        if self._back_focus is not None:
            self._back_focus.close()
        if self._jobs is not None:
            self._jobs.close()
        if self._uploader is not None:
            self._uploader.close()
        if self._drive is not None:
            self._drive.close(write_s=write_s)


def make_parts(
    session: Session,
    storage: Storage,
    preferences: Preferences,
    *,
    lens_file: Path | None = None,
    uploads_file: Path | None = None,
    jobs_file: Path | None = None,
    sample_form: SampleForm = "packed",
) -> Parts:
    """Make the shared objects of one camera; `preferences` keeps what the user chose.

    Without `uploads_file` the destinations of uploads are kept in memory only, and so are checksums of downloads.
    """
    lenses = OwnerLenses(preferences, lens_file)
    meter = LightMeter(session, preferences, lenses)
    places, position, clock = Places(storage, preferences), OwnerPosition(preferences), session.owner_clock
    presets = OwnerPresets(preferences)
    flats = OwnerFlats(lens_file.with_name(FLATS_FILE) if lens_file else None, preferences.notices)
    digests = Digests(uploads_file.with_name(DIGESTS_FILE) if uploads_file else None)
    return Parts(
        session,
        storage,
        lenses,
        places,
        meter,
        position,
        clock,
        presets,
        flats,
        preferences.notices,
        sample_form,
        transfers=Transfers(digests),
        uploads_file=uploads_file,
        jobs_file=jobs_file,
    )


def install(app: Flask, parts: Parts) -> None:
    """Make `parts` reachable from the routes of `app`."""
    app.extensions[_KEY] = parts


def _parts() -> Parts:
    parts: Parts = current_app.extensions[_KEY]
    return parts


def camera_session() -> Session:
    """The session of this app."""
    return _parts().session


def capture_storage() -> Storage:
    """The storage of this app."""
    return _parts().storage


def owner_lenses() -> OwnerLenses:
    """The lenses of this app."""
    return _parts().lenses


def light_meter() -> LightMeter:
    """The light meter of this app."""
    return _parts().meter


def capture_places() -> Places:
    """The places for captures of this app."""
    return _parts().places


def owner_position() -> OwnerPosition:
    """The position of the camera of this app."""
    return _parts().position


def owner_clock() -> OwnerClock:
    """The clock of the camera of this app."""
    return _parts().clock


def drive_modes() -> Drive:
    """The drive modes of this app."""
    return _parts().drive


def capture_uploader() -> Uploader:
    """What sends captures of this app to other places."""
    return _parts().uploader


def jobs() -> Jobs:
    """The jobs of this app."""
    return _parts().jobs


def owner_presets() -> OwnerPresets:
    """The presets of this app."""
    return _parts().presets


def camera_notices() -> list[str]:
    """What the owner should know and nobody asked for: of settings, access code, captures, and of the supply now."""
    told = [*_parts().notices.list(), *_parts().storage.notices.list()]
    trouble = host.power_trouble(host.throttle_flags() or 0)
    if trouble is not None and trouble.now:
        told.append(f"The camera's computer: {trouble.fact}. To do: {trouble.remedy}.")
    return told


def series_index() -> SeriesIndex:
    """Which captures belong to which series."""
    return _parts().series


def settle_series() -> None:
    """Have the manifests tell the truth: another process that took a series into this folder may have been killed."""
    from device.drive.manifest import any_left

    if any_left(_parts().storage.root):
        _parts().drive.settle_new()


def camera_calibration() -> BackgroundCalibration:
    """The calibration of this app's camera."""
    return _parts().calibration


def refuse_while_calibrating() -> None:
    """Raise DriveBusy while a step of a calibration is in progress."""
    _parts().calibration.check_free()


def back_focus() -> BackFocusRun:
    """The guide to the right back focus of this app's camera."""
    return _parts().back_focus


@contextmanager
def alone(kind: Literal["calibration", "back focus"]) -> Iterator[None]:
    """Begin what leads people, in its block. Raises DriveBusy while a series or the other of the two is in progress."""
    refuse_while_shooting()
    parts = _parts()
    with parts.guiding:
        if kind == "back focus":
            parts.calibration.check_free()
        if kind == "calibration" and parts.back_focus.active:
            raise DriveBusy("the back focus is being set", remedy="bring it to its end, or end it")
        yield


def refuse_while_shooting() -> None:
    """Raise DriveBusy while a series is in progress."""
    if (drive := _parts().drive_if_used) is not None:
        drive.check_free()


def drive_state() -> str:
    """The state of the series in progress or of the last one; `idle` before the first."""
    drive = _parts().drive_if_used
    return drive.progress().state if drive is not None else "idle"


def recipe() -> Recipe:
    """How the files of a shot are made: the lens named in them and the form of the samples."""
    return _parts().recipe


def shared_second_parts() -> SharedSecondParts:
    """The second parts of the viewfinder's bodies, which its clients share."""
    return _parts().second_parts


def transfers() -> Transfers:
    """What the downloads of this app share."""
    return _parts().transfers
