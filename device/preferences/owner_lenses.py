"""The lenses of the owner, and the one that is on the camera: kept over restarts, named in the files of shots.

The owner's lenses (the bag) are in `lenses.toml` beside the settings. The owner may edit it: only the lens that is
added, changed or removed is touched in it. All lenses are those and the catalogue's; of one id, the owner's. A file
that cannot be read is left unchanged, and nothing is written to it; the catalogue is there without it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from device.atomic import as_storage_error, write_atomically
from device.errors import BadInput, StorageError
from device.frame import FrameMeta, Limit
from device.lenses.fitted import FittedLens
from device.lenses.profiles import FORMAT, LensProfile, read_profiles, removed, replaced, with_id, write_profile
from device.lenses.search import meant, nearest
from device.preferences.lens_catalogue import by_id, catalogue
from device.preferences.store import Preferences
from device.stored import read_bounded

log = logging.getLogger(__name__)

FILE = "lenses.toml"
MAX_BYTES = 1_000_000
_SECTION = "lens"
_RECENT = 3
_NAMED_MOST = 12
_HEAD = f"""# Lenses of this camera. This file is yours: add, change and remove lenses. `hqcam lens --file` tells where.
# Lenses that hqcam knows need no entry here; `hqcam lens duplicate` copies one, for a serial number or notes.
# f_stops as engraved on the ring, the widest first; any value between them can be chosen too. For instance:
#
# [[lens]]
# id = "summicron-50"
# maker = "Leica"
# model = "Summicron-M 1:2/50"
# mount = "M"
# focal_mm = 50
# f_stops = [2, 2.8, 4, 5.6, 8, 11, 16]
# closest_m = 0.7
# serial = "3512345"

format = {FORMAT}
"""


@dataclass(frozen=True, slots=True)
class ChosenLens:
    """The lens that the owner chose as the one on the camera; `f_number` None: unknown."""

    profile: LensProfile
    f_number: float | None
    zoomed_mm: float | None = None
    """Where a zoom stands; None for one that nobody told of, and for any other lens."""

    @property
    def fitted(self) -> FittedLens:
        """As it goes into the files."""
        return self.profile.fitted(self.f_number, self.zoomed_mm)


class OwnerLenses:
    """The lens profiles and the chosen lens. Any thread. `path` None: only the catalogue."""

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
        """Give all lenses: the owner's in the order of the file, then the catalogue. A changed file is read again."""
        bag = self.bag()
        ids = {profile.id for profile in bag}
        return (*bag, *(profile for profile in catalogue() if profile.id not in ids))

    def bag(self) -> tuple[LensProfile, ...]:
        """Give the owner's lenses, in the order of the file: all of it but mere copies of the catalogue.

        A file that an older hqcam made begins with such copies.
        """
        return tuple(profile for profile in self._load()[0] if not _is_copy(profile))

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
        f_number, zoomed_mm = kept.get("f_number"), kept.get("focal_mm")
        for values in ((f_number, zoomed_mm), (None, zoomed_mm), (f_number, None)):  # what fits the lens as it is now
            with suppress(BadInput, TypeError):
                profile.fitted(*values)
                return ChosenLens(profile, *values)
        return ChosenLens(profile, None)

    def choose(
        self, lens_id: str | None, f_number: float | None = None, focal_mm: float | None = None
    ) -> ChosenLens | None:
        """Put a lens on the camera, or none (None). Raises BadInput for one that is not known, or cannot stand so."""
        choice = None if lens_id is None else self._choice(lens_id, f_number, focal_mm)
        recent = self.recent()
        if choice is not None:
            recent = [choice.profile.id, *(id for id in recent if id != choice.profile.id)][:_RECENT]
        kept: dict[str, Any] = {"recent": recent}
        if choice is not None:
            kept |= {"id": choice.profile.id, "f_number": choice.f_number}
            if choice.zoomed_mm is not None:
                kept["focal_mm"] = choice.zoomed_mm
        self._preferences.set(_SECTION, kept)
        return choice

    def own(self) -> list[str]:
        """Give the ids of the owner's lenses."""
        return [profile.id for profile in self.bag()]

    def search(self, words: str) -> tuple[list[LensProfile], bool]:
        """Give the lenses that have all of `words`, or else the nearest ones and True; with no word all lenses."""
        profiles = self.profiles()
        if not words.split():
            return list(profiles), False
        found = meant(profiles, words)
        return (found, False) if found else (nearest(profiles, words), True)

    def find(self, words: str) -> LensProfile:
        """Give the one lens that `words` mean: its id, or words that only it has, or of the owner's lenses only it.

        Raises BadInput when there is none, or more than one.
        """
        profiles = self.profiles()
        found = [p for p in profiles if p.id == words] or meant(self.bag(), words)
        if len(found) != 1:
            found = meant(profiles, words)
        if len(found) != 1:
            what = "no lens is" if not found else f"{len(found)} lenses are"
            near = (found or nearest(profiles, words))[:_NAMED_MOST]
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
            profile = with_id(profile, used if keep_id else used | by_id().keys())
            self._write(_appended(text, [profile]))
        return profile

    def change(self, lens_id: str, profile: LensProfile) -> LensProfile:
        """Write `profile` in the place of a lens, under its id. Raises StorageError, BadInput.

        Of a lens of the catalogue, that becomes the owner's: it wins until it is removed.
        """
        with self._writing:
            text = _text_of(self.owner_file())
            profile = replace(profile, id=self.known(lens_id).id)
            in_file = any(p.id == profile.id for p in read_profiles(text))
            self._write(replaced(text, profile) if in_file else _appended(text, [profile]))
        return profile

    def duplicate(self, lens_id: str) -> LensProfile:
        """Append a copy of any lens to the owner's file, under an id of its own. Raises StorageError, BadInput."""
        return self.add(self.known(lens_id))

    def remove(self, lens_id: str) -> LensProfile:
        """Take a lens out of the owner's file, and give it. Raises StorageError, BadInput."""
        with self._writing:
            text = _text_of(self.owner_file())
            read_profiles(text)  # what is wrong with it is told first
            gone = self.known(lens_id)
            if gone.id not in self.own():
                raise BadInput(f"{gone.id!r} is a lens of the catalogue", expected="one of your own to remove")
            self._write(removed(text, lens_id))
        return gone

    def import_text(self, text: str) -> list[LensProfile]:
        """Add the lenses of another file's text, and give those that were not here yet; all of them or none.

        A lens that is here as it is there is not added again; one whose id another lens has gets an id of its own.
        Raises StorageError, BadInput that names the lens and what is wrong.
        """
        wanted = read_profiles(text)
        with self._writing:
            own = _text_of(self.owner_file())
            here = {*read_profiles(own), *catalogue()}
            used = {profile.id for profile in here}
            added: list[LensProfile] = []
            for profile in wanted:
                if profile not in here:
                    added.append(with_id(profile, used))
                    used.add(added[-1].id)
            if added:
                self._write(_appended(own, added))
        return added

    def export_text(self, ids: Collection[str] | None = None) -> str:
        """Give the owner's lenses, or the named ones of all, as the text of a file that `import_text` reads.

        Raises BadInput for an id that is not known.
        """
        chosen = self.bag() if ids is None else [self.known(id) for id in dict.fromkeys(ids)]
        return f"format = {FORMAT}\n" + "".join(map(write_profile, chosen))

    def _write(self, text: str) -> None:
        write_atomically(self.owner_file(), [text.encode()], replace=True)
        with self._lock:
            self._revision += 1
            self._read = None  # two changes may be within one tick of the file's time

    def owner_file(self) -> Path:
        """Give the owner's file, made without lenses if it is not there. Raises StorageError."""
        if self.path is None:
            raise StorageError("there is no settings folder for a lens file", remedy="start with --settings FILE")
        if not self.path.exists():
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with suppress(FileExistsError):
                    write_atomically(self.path, [_HEAD.encode()])
            except StorageError:
                raise
            except OSError as error:
                raise as_storage_error(error, self.path) from error
        return self.path

    def _choice(self, lens_id: str, f_number: float | None, focal_mm: float | None) -> ChosenLens:
        profile = self.known(lens_id)
        profile.fitted(f_number, focal_mm)
        return ChosenLens(profile, f_number, focal_mm if profile.focal_long_mm is not None else None)

    def known(self, lens_id: str) -> LensProfile:
        """Give the lens of that id. Raises BadInput."""
        profile = next((p for p in self.profiles() if p.id == lens_id), None)
        if profile is None:
            raise BadInput(
                f"there is no lens {lens_id[:80]!r}",
                expected="the id of a lens of yours or of the catalogue",
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
    if meta.lens is None:
        return fitted
    focal_mm = meta.lens.focal_mm if fitted.focal_mm is None else fitted.focal_mm
    return replace(fitted, f_number=meta.lens.f_number, focal_mm=focal_mm)


def controls_of(choice: ChosenLens, limits: dict[str, Limit], f_number: float | None = None) -> dict[str, float]:
    """Give the controls that set the simulated lens like the chosen one; empty for a lens without a motor.

    `f_number` is what the simulated lens stands at: where no f-stop was chosen, it stays, as far as the lens has it.
    """
    stops, stop = choice.profile.f_stops, choice.f_number
    if stop is None and f_number is not None:
        stop = max(f_number, stops[0])
        stop = min(stop, stops[-1]) if choice.profile.narrowest_known else stop
    wanted = {"focal_mm": choice.fitted.focal_mm, "f_number": stop}
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
            log.warning("%s: %s; using the catalogue alone", path, error.message)
            return (), f"{path.name}: {error.message}"
    return (), ""


def _text_of(path: Path) -> str:
    try:
        return read_bounded(path, MAX_BYTES).decode()
    except (OSError, ValueError) as error:  # UnicodeDecodeError is a ValueError
        raise BadInput(f"the lens file cannot be read: {error}", expected="a text file in UTF-8") from error


def _is_copy(profile: LensProfile) -> bool:
    """Whether a lens of the file says nothing but what the catalogue says of the same id."""
    known = by_id().get(profile.id)
    if known is None:
        return False
    return profile in (
        known,
        LensProfile(known.id, known.maker, known.model, known.mount, known.focal_mm, known.f_stops),
    )


def _appended(text: str, profiles: Sequence[LensProfile]) -> str:
    """Give the text of a file with lenses behind what is in it. Raises BadInput where that is no lens file."""
    whole = text.rstrip("\n") + "\n" + "".join(map(write_profile, profiles))
    read_profiles(whole)  # too many of them, or a table that was left open
    return whole
