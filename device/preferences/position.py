"""Where the camera stands, as its owner told it once: for sunrise and sunset. Kept over restarts.

`hqcam position`, the page and drive modes use it. It is never asked for, sent or looked up.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from device.errors import BadInput
from device.preferences.store import Preferences
from device.settings.declaration import check_value, declared, finite, setting

_SECTION = "position"


@dataclass(frozen=True, slots=True)
class Position:
    """A place on the earth."""

    latitude_deg: float = setting(0.0, "Latitude", unit="°", minimum=-90, maximum=90, help="North is positive.")
    longitude_deg: float = setting(0.0, "Longitude", unit="°", minimum=-180, maximum=180, help="East is positive.")


POSITION: Final = declared(Position)


def checked_position(values: dict[str, Any], *, error: type[BadInput] = BadInput) -> Position:
    """Give the position of a latitude and a longitude. Raises `error` when one is missing, or no number in range."""
    if set(values) != set(POSITION):
        raise error("a position is a latitude and a longitude", expected='{"latitude_deg": 52.5, "longitude_deg": 13}')
    return Position(**{name: check_value(POSITION[name], value, error=error) for name, value in values.items()})


class OwnerPosition:
    """The position that is kept, or none. Any thread."""

    def __init__(self, preferences: Preferences) -> None:
        self._preferences = preferences

    def get(self) -> Position | None:
        """Give the position; None when none was told, or what is kept is none."""
        kept = self._preferences.get(_SECTION)
        try:
            return checked_position({name: finite(kept.get(name)) for name in POSITION})
        except BadInput:
            return None

    def set(self, position: Position | None) -> None:
        """Keep another position, or none. Raises StorageError: it is not kept then."""
        self._preferences.set(_SECTION, asdict(position) if position else {})
        self._preferences.save()
