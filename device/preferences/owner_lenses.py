"""The lenses of the owner, and the one that is on the camera: kept over restarts, named in the files of shots.

The profiles are in `lenses.toml` beside the settings. The owner may edit it: it is made from the profiles that hqcam
ships when it is first needed; later only the lens that is added, changed or removed is touched in it. A file that
cannot be read is left unchanged, and the shipped profiles are used instead.
"""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from device.atomic import as_storage_error, write_atomically
from device.errors import BadInput, StorageError
from device.frame import FrameMeta, Limit
from device.lenses.fitted import FittedLens
from device.lenses.profiles import LensProfile, read_profiles, removed, replaced, with_id, write_profile
from device.lenses.search import meant, nearest
from device.preferences.store import Preferences
from device.stored import read_bounded

log = logging.getLogger(__name__)

FILE = "lenses.toml"
MAX_BYTES = 1_000_000
_SECTION = "lens"
_RECENT = 3


@dataclass(frozen=True, slots=True)
class ChosenLens:
    """The lens that the owner chose as the one on the camera; `f_number` None: unknown."""

    profile: LensProfile
    f_number: float | None

    @property
    def fitted(self) -> FittedLens:
        """As it goes into the files."""
        return self.profile.fitted(self.f_number)


class OwnerLenses:
    """The lens profiles and the chosen lens. Any thread. `path` None: only the profiles that hqcam ships."""

    def __init__(self, preferences: Preferences, path: Path | None = None) -> None:
        self._preferences, self.path = preferences, path
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._revision, self._seen = 0, preferences.get(_SECTION)
        self._read: tuple[object, tuple[LensProfile, ...], str] | None = None

    @property
    def revision(self) -> int:
        """Rises with every change of what is on the camera."""
        kept = self._preferences.get(_SECTION)
        with self._lock:
            if kept != self._seen:  # also by another process: `hqcam lens` beside the viewfinder
                self._revision, self._seen = self._revision + 1, kept
            return self._revision

    @property
    def problem(self) -> str:
        """What is wrong with the owner's file, in one sentence; empty when nothing is."""
        return self._load()[1]

    def profiles(self) -> tuple[LensProfile, ...]:
        """Give all lenses, in the order of the owner's file; a changed file is read again."""
        return self._load()[0]

    def recent(self) -> list[str]:
        """Give the ids of the lenses that were on the camera last, the newest first."""
        known = {profile.id for profile in self.profiles()}
        kept = self._preferences.get(_SECTION).get("recent", [])
        return [id for id in kept if isinstance(id, str) and id in known] if isinstance(kept, list) else []

    def chosen(self) -> ChosenLens | None:
        """Give what is on the camera; None when nothing was chosen, or that lens is no longer in the file."""
        kept = self._preferences.get(_SECTION)
        profile = next((p for p in self.profiles() if p.id == kept.get("id")), None)
        if profile is None:
            return None
        with suppress(BadInput, TypeError):
            profile.fitted(kept.get("f_number"))
            return ChosenLens(profile, kept.get("f_number"))
        return ChosenLens(profile, None)

    def choose(self, lens_id: str | None, f_number: float | None = None) -> ChosenLens | None:
        """Put a lens on the camera, or none (None). Raises BadInput for one that is not in the lens file."""
        choice = None if lens_id is None else self._choice(lens_id, f_number)
        recent = self.recent()
        if choice is not None:
            recent = [choice.profile.id, *(id for id in recent if id != choice.profile.id)][:_RECENT]
        kept: dict[str, Any] = {"recent": recent}
        if choice is not None:
            kept |= {"id": choice.profile.id, "f_number": choice.f_number}
        self._preferences.set(_SECTION, kept)
        return choice

    def own(self) -> list[str]:
        """Give the ids of the lenses that the owner added or changed: those that hqcam does not ship like this."""
        shipped = set(_shipped_profiles())
        return [profile.id for profile in self.profiles() if profile not in shipped]

    def search(self, words: str) -> tuple[list[LensProfile], bool]:
        """Give the lenses that have all of `words`, or else the nearest ones and True; with no word all lenses."""
        profiles = self.profiles()
        if not words.split():
            return list(profiles), False
        found = meant(profiles, words)
        return (found, False) if found else (nearest(profiles, words), True)

    def find(self, words: str) -> LensProfile:
        """Give the one lens that `words` mean: its id, or words that only it has.

        Raises BadInput when there is none, or more than one.
        """
        profiles = self.profiles()
        found = [p for p in profiles if p.id == words] or meant(profiles, words)
        if len(found) != 1:
            what = "no lens is" if not found else f"{len(found)} lenses are"
            near = found or nearest(profiles, words)
            raise BadInput(
                f"{what} meant by {words!r}",
                expected=("one of " if found else "perhaps ") + ", ".join(p.id for p in near) if near else "",
                remedy="give the id, or more words; `hqcam lens` lists all",
            )
        return found[0]

    def add(self, profile: LensProfile, *, keep_id: bool = False) -> LensProfile:
        """Append a lens to the owner's file, under an id that is free. Raises StorageError, BadInput.

        `keep_id`: the lens had this id and comes back; BadInput where another has it now.
        """
        with self._writing:
            text = _text_of(self.owner_file())
            used = {p.id for p in read_profiles(text)}
            if keep_id and profile.id in used:
                raise BadInput(f"there is a lens {profile.id!r} already", expected="an id that no other lens has")
            profile = with_id(profile, used)
            self._write(text.rstrip("\n") + "\n" + write_profile(profile))
        return profile

    def change(self, lens_id: str, profile: LensProfile) -> LensProfile:
        """Write `profile` in the place of a lens, under its id. Raises StorageError, BadInput."""
        with self._writing:
            text = _text_of(self.owner_file())
            profile = replace(profile, id=self._known(lens_id).id)
            self._write(replaced(text, profile))
        return profile

    def remove(self, lens_id: str) -> LensProfile:
        """Take a lens out of the owner's file, and give it. Raises StorageError, BadInput."""
        with self._writing:
            text = _text_of(self.owner_file())
            gone = self._known(lens_id)
            self._write(removed(text, lens_id))
        return gone

    def _write(self, text: str) -> None:
        write_atomically(self.owner_file(), [text.encode()], replace=True)
        with self._lock:
            self._revision += 1
            self._read = None  # two changes may be within one tick of the file's time

    def owner_file(self) -> Path:
        """Give the owner's file, made from what hqcam ships if it is not there. Raises StorageError."""
        if self.path is None:
            raise StorageError("there is no settings folder for a lens file", remedy="start with --settings FILE")
        if not self.path.exists():
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with suppress(FileExistsError):
                    write_atomically(self.path, [_shipped().encode()])
            except StorageError:
                raise
            except OSError as error:
                raise as_storage_error(error, self.path) from error
        return self.path

    def _choice(self, lens_id: str, f_number: float | None) -> ChosenLens:
        profile = self._known(lens_id)
        profile.fitted(f_number)
        return ChosenLens(profile, f_number)

    def _known(self, lens_id: str) -> LensProfile:
        profile = next((p for p in self.profiles() if p.id == lens_id), None)
        if profile is None:
            raise BadInput(
                f"there is no lens {lens_id[:80]!r}",
                expected="the id of a lens in the lens file",
                remedy="`hqcam lens` lists them, `hqcam lens --file` tells where to add one",
            )
        return profile

    def _load(self) -> tuple[tuple[LensProfile, ...], str]:
        path = self.path
        try:
            stamp: object = None if path is None else (path.stat().st_mtime_ns, path.stat().st_size)
        except OSError:
            stamp = None
        with self._lock:
            if self._read is None or self._read[0] != stamp:
                self._read = (stamp, *_read(path if stamp is not None else None))
            return self._read[1], self._read[2]


def lens_of_shot(choice: ChosenLens | None, meta: FrameMeta) -> FittedLens | None:
    """Give the lens for the files of a shot. The f-number in the frame's metadata (a simulated lens) wins."""
    if choice is None:
        return None
    fitted = choice.fitted
    return replace(fitted, f_number=meta.lens.f_number) if meta.lens is not None else fitted


def controls_of(choice: ChosenLens, limits: dict[str, Limit], f_number: float | None = None) -> dict[str, float]:
    """Give the controls that set the simulated lens like the chosen one; empty for a lens without a motor.

    `f_number` is what the simulated lens stands at: where no f-stop was chosen, it stays, as far as the lens has it.
    """
    stops, stop = choice.profile.f_stops, choice.f_number
    if stop is None and f_number is not None:
        stop = min(max(f_number, stops[0]), stops[-1])
    wanted = {"focal_mm": choice.profile.focal_mm, "f_number": stop}
    return {
        name: value
        for name, value in wanted.items()
        if value is not None and name in limits and limits[name].minimum <= value <= limits[name].maximum
    }


def _read(path: Path | None) -> tuple[tuple[LensProfile, ...], str]:
    if path is not None:
        try:
            return read_profiles(_text_of(path)), ""
        except BadInput as error:
            log.warning("%s: %s; using the lenses that hqcam ships", path, error.message)
            return _shipped_profiles(), f"{path.name}: {error.message}"
    return _shipped_profiles(), ""


def _text_of(path: Path) -> str:
    try:
        return read_bounded(path, MAX_BYTES).decode()
    except (OSError, ValueError) as error:  # UnicodeDecodeError is a ValueError
        raise BadInput(f"the lens file cannot be read: {error}", expected="a text file in UTF-8") from error


@lru_cache(maxsize=1)
def _shipped_profiles() -> tuple[LensProfile, ...]:
    return read_profiles(_shipped())


def _shipped() -> str:
    return (files("device.lenses") / "shipped.toml").read_text(encoding="utf-8")
