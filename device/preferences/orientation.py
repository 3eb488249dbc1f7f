"""How the camera is mounted: upside down, on its side, before a mirror. Kept over restarts.

The pixels stay as the sensor gives them, everywhere on the device. Each frame says how to turn it (`FrameMeta`), and so
does each file; the page and whoever opens a file turn the picture. `hqcam orientation`, the page and the session use
it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from device.errors import BadInput
from device.pixels.orientation import exif_orientation
from device.preferences.store import Preferences
from device.settings.declaration import check_value, declared, find, setting

ROTATIONS_DEG: Final = (0, 90, 180, 270)
_SECTION = "orientation"


@dataclass(frozen=True, slots=True)
class Orientation:
    """How to turn the sensor's picture for looking at it: first mirrored, then turned clockwise."""

    rotation_deg: int = setting(0, "Turned", unit="°", minimum=0, maximum=270, step=90, help="Clockwise.")
    mirrored: bool = setting(False, "Mirrored", help="Left and right are exchanged, before it is turned.")

    @property
    def exif(self) -> int:
        """Exif's number for it, 1 to 8."""
        return exif_orientation(self.rotation_deg, mirrored=self.mirrored)


ORIENTATION: Final = declared(Orientation)


def changed_orientation(
    before: Orientation, changes: Mapping[str, Any], *, error: type[BadInput] = BadInput
) -> Orientation:
    """Give an orientation with some values changed. Raises `error` for one that is unknown or none of its choices."""
    checked = {
        name: check_value(find(ORIENTATION, name, error=error), value, error=error) for name, value in changes.items()
    }
    after = replace(before, **checked)
    if after.rotation_deg not in ROTATIONS_DEG:
        raise error(f"rotation_deg is {after.rotation_deg}", expected="0, 90, 180 or 270, clockwise")
    return after


class OwnerOrientation:
    """The orientation that is kept: the sensor's own until another was told. Any thread."""

    def __init__(self, preferences: Preferences) -> None:
        self._preferences = preferences

    def get(self) -> Orientation:
        """Give the orientation, also when another process has just changed it. What is kept and is none counts as 0."""
        try:
            return changed_orientation(Orientation(), self._preferences.get(_SECTION))
        except BadInput:
            return Orientation()

    def change(self, changes: Mapping[str, Any], *, error: type[BadInput] = BadInput) -> Orientation:
        """Keep other values; they hold from the next frame on, and are on disk after the preferences' `save`.

        Raises `error`.
        """
        after = changed_orientation(self.get(), changes, error=error)
        self._preferences.set(_SECTION, asdict(after))
        return after
