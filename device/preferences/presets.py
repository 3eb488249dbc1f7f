"""The owner's presets C1 to C3: how camera, assists, display and drive mode were set, to be set like that again.

They are a section of the settings file. What is kept of one is input that may be anything: a preset that cannot be used
counts as none, and stays in the file until another is saved in its place. `hqcam preset C1` beside a running viewfinder
leaves its wish in the file (`ask`), and the session there takes it (`take_asked`).
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from device.errors import BadInput
from device.preferences.store import Preferences
from device.settings.controls import CONTROLS

SLOTS: Final = ("C1", "C2", "C3")
NAME_MAX: Final = 40
PART_MAX_BYTES: Final = 10_000
OF_THE_LENS: Final = ("focus_m", "f_number", "focal_mm", "back_focus_um", "tilt_um", "breathing")
"""Controls that no preset changes: the lens is as it is."""
OF_THE_MOMENT: Final = ("ae_lock",)
"""Controls that a preset sets back: a lock is for one scene."""
_SECTION, _ASKED, _TAKEN = "presets", "recall", "recalled"  # each of the last two has one writer
_PARTS: Final = ("controls", "assists", "display", "drive")


@dataclass(frozen=True, slots=True)
class Preset:
    """One preset. The values are checked when it is recalled: the camera may be another one by then."""

    name: str
    controls: dict[str, Any]
    assists: dict[str, Any]
    display: dict[str, Any]
    """Settings of the browser it was saved from; empty when it was saved elsewhere."""
    drive: dict[str, Any]
    """Mode and settings of the drive; empty when it was saved elsewhere."""


def make_preset(values: Mapping[str, Any]) -> Preset:
    """Make a preset of untyped values. Raises BadInput."""
    if set(values) != {"name", *_PARTS}:
        odd = min(set(values) ^ {"name", *_PARTS})
        raise BadInput(f"{odd[:40]} is missing or not known in a preset", expected="name, " + ", ".join(_PARTS))
    name = values["name"]
    if not isinstance(name, str) or len(name) > NAME_MAX or not name.isprintable():
        raise BadInput("the preset's name cannot be used", expected=f"a text of at most {NAME_MAX} characters")
    for part in _PARTS:
        if not isinstance(values[part], dict) or len(json.dumps(values[part])) > PART_MAX_BYTES:
            raise BadInput(
                f"{part} of the preset is not a set of settings",
                expected=f"an object of at most {PART_MAX_BYTES} bytes",
            )
    controls = presettable(values["controls"])
    unknown = set(controls) - set(CONTROLS)
    if unknown:
        raise BadInput(f"unknown control {min(unknown)[:40]!r}", expected="one of " + ", ".join(CONTROLS))
    return Preset(name.strip(), controls, *(dict(values[part]) for part in _PARTS[1:]))


def presettable(controls: Mapping[str, Any]) -> dict[str, Any]:
    """Give the controls that a preset keeps: all but those of the lens and of the moment."""
    return {name: value for name, value in controls.items() if name not in {*OF_THE_LENS, *OF_THE_MOMENT}}


class OwnerPresets:
    """The presets that are kept. Any thread."""

    def __init__(self, preferences: Preferences) -> None:
        self._preferences = preferences
        self._lock = threading.Lock()
        self._revision, self._seen = 0, preferences.get(_SECTION)

    @property
    def revision(self) -> int:
        """Rises with every change, also by another process."""
        kept = self._preferences.get(_SECTION)
        with self._lock:
            if kept != self._seen:
                self._revision, self._seen = self._revision + 1, kept
            return self._revision

    def all(self) -> dict[str, Preset | None]:
        """Give every slot with what is in it; None where nothing is that can be used."""
        kept = self._preferences.get(_SECTION)
        return {slot: _usable(kept.get(slot)) for slot in SLOTS}

    def get(self, slot: str) -> Preset:
        """Give a preset. Raises BadInput for a slot that is none, or empty."""
        preset = self.all()[checked_slot(slot)]
        if preset is None:
            raise BadInput(f"nothing is saved under {slot}", expected="a preset that was saved", remedy="save it first")
        return preset

    def set(self, slot: str, preset: Preset | None) -> None:
        """Save a preset under a slot, or nothing. Raises BadInput, StorageError: it is not kept then."""
        kept = self._preferences.get(_SECTION)
        if preset is None:
            kept.pop(checked_slot(slot), None)
        else:
            kept[checked_slot(slot)] = asdict(preset)
        self._preferences.set(_SECTION, kept)
        self._preferences.save()

    def ask(self, slot: str) -> None:
        """Have the viewfinder that runs, or the next one, recall a preset. Raises BadInput, StorageError."""
        self.get(slot)
        self._preferences.set(_ASKED, {"slot": slot, "number": time.time_ns()})
        self._preferences.save()

    def take_asked(self) -> str | None:
        """Give the slot that another process asked for, once."""
        asked, taken = self._preferences.get(_ASKED), self._preferences.get(_TAKEN)
        if asked.get("number") == taken.get("number"):
            return None
        self._preferences.set(_TAKEN, {"number": asked.get("number")})
        slot = asked.get("slot")
        return slot if slot in SLOTS else None


def checked_slot(slot: str) -> str:
    """Give a slot's name. Raises BadInput for any other."""
    if slot not in SLOTS:
        raise BadInput(f"there is no preset {slot[:40]!r}", expected=" or ".join(SLOTS))
    return slot


def _usable(kept: Any) -> Preset | None:
    try:
        return make_preset(kept) if isinstance(kept, dict) else None
    except BadInput:
        return None
