"""The places for captures: the folder that hqcam was started with, or a USB drive. The choice is kept over restarts."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from device import host
from device.captures.naming import DEFAULT_PATTERN
from device.captures.storage import RESERVE_BYTES, SHOT_BYTES_ESTIMATE, Storage, default_root
from device.captures.usb import UsbDrive, usb_drives
from device.errors import BadInput, StorageError
from device.preferences.store import Preferences

if TYPE_CHECKING:
    from device.raw.dng_writer import SampleForm

log = logging.getLogger(__name__)

HOME = "home"
"""The id of the folder that hqcam was started with."""
_SECTION = "storage"
UNPACKED_BYTES = 4056 * 3040 // 2  # what 16-bit samples take beyond packed 12-bit ones


@dataclass(frozen=True, slots=True)
class Place:
    """One place for captures."""

    id: str
    name: str
    folder: Path
    free_bytes: int
    current: bool


class Places:
    """The places that one storage can save to. Any thread may call it."""

    def __init__(
        self, storage: Storage, preferences: Preferences, *, drives: Callable[[], list[UsbDrive]] = usb_drives
    ) -> None:
        self._storage, self._preferences, self._drives = storage, preferences, drives
        self._home = storage.root

    def list(self) -> list[Place]:
        """Give the folder that hqcam was started with, then every USB drive that is there now."""
        folders = {HOME: ("this camera", self._home)}
        folders |= {drive.name: (drive.name, drive.folder) for drive in self._drives() if drive.name != HOME}
        return [
            Place(id, name, folder, _free_bytes(folder), folder == self._storage.root)
            for id, (name, folder) in folders.items()
        ]

    def choose(self, place_id: str) -> None:
        """Save there from the next shot on, and after a restart. Raises BadInput, StorageError."""
        places = self.list()
        place = next((place for place in places if place.id == place_id), None)
        if place is None:
            raise BadInput(
                f"there is no place {place_id[:80]!r} for captures",
                expected="one of " + ", ".join(p.id for p in places),
                remedy="plug the drive in, and have it mounted",
            )
        self._storage.use(place.folder)
        self._preferences.set(_SECTION, {"place": place.id})

    def restore(self) -> None:
        """Use the place that was chosen last, if it is there; else keep the present one and log a warning."""
        kept = self._preferences.get(_SECTION).get("place", HOME)
        if kept == HOME:
            return
        try:
            self.choose(str(kept))
        except (BadInput, StorageError) as error:
            log.warning("captures go to %s: %s", self._storage.root, error.message)


def output_folder(text: str | None, default: Path, *, drives: Callable[[], list[UsbDrive]] = usb_drives) -> Path:
    """Give the folder that `--output` means: a path, `usb` for the one USB drive, nothing for `default`.

    Raises BadInput when there is no USB drive, or more than one.
    """
    if text is None:
        return default
    if text != "usb":
        return Path(text)
    found = drives()
    if len(found) != 1:
        what = ", ".join(str(drive.mount) for drive in found) or "none"
        raise BadInput(
            f"--output usb needs one USB drive; mounted are: {what}",
            expected="one USB drive that is mounted and writable",
            remedy="plug it in and mount it, or give its folder",
        )
    return found[0].folder


def open_storage(output: str | None, names: str | None, *, form: SampleForm) -> Storage:
    """Make the storage of a command line, ready to save shots of a form. Raises BadInput, StorageError."""
    first = SHOT_BYTES_ESTIMATE + (UNPACKED_BYTES if form == "16-bit" else 0)
    storage = Storage(output_folder(output, default_root()), pattern=names or DEFAULT_PATTERN, first_shot_bytes=first)
    storage.prepare()
    return storage


def _free_bytes(folder: Path) -> int:
    """Free space where `folder` is or will be; 0 when it cannot be found out."""
    try:
        return max(0, host.free_bytes(host.existing_folder(folder)) - RESERVE_BYTES)
    except OSError:
        return 0
