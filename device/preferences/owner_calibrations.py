"""The calibrations of the owner's cameras: one file a camera in `cameras/` beside the settings, with the earlier ones.

A file that is of something else, broken, of a newer hqcam or of another camera than its name says is renamed
(`....broken.json`) and told; it is never overwritten. The newest calibrations are kept, and one of them, or none, is in
use. Any thread.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from device.calibration.profile import Camera, CameraProfile, parse_profile
from device.errors import BadInput
from device.notices import Notices
from device.preferences.shared_file import SharedFile

FOLDER: Final = "cameras"
FORMAT: Final = "hqcam camera calibration"
VERSION: Final = 1
MOST_KEPT: Final = 5  # chosen: who calibrates every season has more than a year
MAX_BYTES: Final = 8_000_000  # five calibrations of 20 000 hot sites have 4 MB


@dataclass(frozen=True, slots=True)
class History:
    """The calibrations of one camera, the oldest first; `in_use` counts from 1, 0: none of them is."""

    profiles: tuple[CameraProfile, ...] = ()
    in_use: int = 0

    @property
    def profile(self) -> CameraProfile | None:
        """The one in use."""
        return self.profiles[self.in_use - 1] if self.in_use else None


class OwnerCalibrations:
    """What is kept of each camera. `folder` None keeps it in memory only."""

    def __init__(self, folder: Path | None, notices: Notices | None = None) -> None:
        self.folder = folder
        self.notices = notices or Notices()
        self._lock = threading.Lock()
        self._files: dict[Camera, SharedFile[History]] = {}

    def history(self, camera: Camera) -> History:
        """Give what is kept of a camera; read again where its file was changed."""
        return self._file(camera).get()

    def add(self, profile: CameraProfile) -> None:
        """Keep a calibration and use it; those that were undone are forgotten. Raises StorageError."""

        def added(before: History) -> History:
            kept = (*before.profiles[: before.in_use], profile)[-MOST_KEPT:]
            return History(kept, len(kept))

        self._change(profile.camera, added)

    def use(self, camera: Camera, number: int) -> None:
        """Use the calibration of that number, counted from 1, or none (0). Raises BadInput, StorageError."""

        def used(before: History) -> History:
            if not 0 <= number <= len(before.profiles):
                raise BadInput(f"there is no calibration {number}", expected=f"0 to {len(before.profiles)}")
            return replace(before, in_use=number)

        self._change(camera, used)

    def undo(self, camera: Camera) -> History:
        """Use the calibration before the one in use, or the published numbers. Raises BadInput, StorageError."""
        return self._step(camera, -1, "no calibration of this camera is in use")

    def redo(self, camera: Camera) -> History:
        """Use the calibration that was undone last. Raises BadInput, StorageError."""
        return self._step(camera, 1, "no calibration of this camera was undone")

    def all(self) -> dict[str, History]:
        """Give what is kept of every camera, by the names of their files, without ".json"."""
        paths = sorted(self.folder.glob("*.json")) if self.folder is not None else []
        read = {path.stem: self._shared(path, None).get() for path in paths if ".broken" not in path.name}
        return {name: history for name, history in read.items() if history.profiles}

    def others(self, camera: Camera) -> list[CameraProfile]:
        """Give what is in use of other cameras of the same model, simulated or not as this one."""
        kind = (camera.model, camera.simulated)
        used = (history.profile for history in self.all().values())
        return [p for p in used if p and p.camera != camera and (p.camera.model, p.camera.simulated) == kind]

    def path(self, camera: Camera) -> Path | None:
        """Give the file of a camera; None in memory."""
        return None if self.folder is None else self.folder / _file_name(camera)

    def _step(self, camera: Camera, by: int, impossible: str) -> History:
        def stepped(before: History) -> History:
            if not 0 <= before.in_use + by <= len(before.profiles):
                raise BadInput(impossible, expected="a calibration: hqcam calibrate camera")
            return replace(before, in_use=before.in_use + by)

        self._change(camera, stepped)
        return self.history(camera)

    def _change(self, camera: Camera, edit: Callable[[History], History]) -> None:
        self._file(camera).change_readable(edit)

    def _file(self, camera: Camera) -> SharedFile[History]:
        with self._lock:
            if camera not in self._files:
                self._files[camera] = self._shared(self.path(camera), camera)
            return self._files[camera]

    def _shared(self, path: Path | None, camera: Camera | None) -> SharedFile[History]:
        return SharedFile(
            path,
            History(),
            parse=lambda values: _parsed(values, camera),
            dump=_dumped,
            limit_bytes=MAX_BYTES,
            notices=self.notices,
            what="the calibration",
            then="the published numbers are used",
        )


def _file_name(camera: Camera) -> str:
    """Give `imx477-1a2b3c4d.json`: the model, and a digest of what tells the camera from others."""
    model = re.sub(r"[^a-z0-9]+", "-", camera.model.lower()).strip("-")[:40] or "camera"
    digest = hashlib.blake2b(f"{camera.model}\n{camera.identity}\n{camera.simulated}".encode(), digest_size=4)
    return f"{model}-{'simulated-' if camera.simulated else ''}{digest.hexdigest()}.json"


def _dumped(history: History) -> Any:
    calibrations = [profile.as_json() for profile in history.profiles]
    return {"format": FORMAT, "version": VERSION, "in_use": history.in_use, "calibrations": calibrations}


def _parsed(values: Any, camera: Camera | None) -> History:
    """Read a file's values. Raises ValueError, TypeError, LookupError."""
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise ValueError("it is no calibration of a camera")
    if values["version"] != VERSION:
        raise ValueError(f"it is of version {values['version']!r:.20}, this hqcam reads version {VERSION}")
    try:
        profiles = tuple(parse_profile(profile) for profile in values["calibrations"])
    except AttributeError as error:
        raise ValueError(str(error)) from error
    if camera is not None and any(profile.camera != camera for profile in profiles):
        raise ValueError("it is of another camera")
    in_use = values["in_use"]
    if not isinstance(in_use, int) or isinstance(in_use, bool) or not 0 <= in_use <= len(profiles):
        raise ValueError("what is in use of it is not in it")
    return History(profiles, in_use)
