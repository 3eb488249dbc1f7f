"""The type of a drive mode: a name, its settings, and the function that takes its shots."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from device.drive.manifest import Manifest
from device.drive.outline import Outline
from device.drive.series import Series
from device.preferences.position import Position
from device.session.session import Session
from device.settings.declaration import Setting


@dataclass(frozen=True, slots=True)
class DriveMode:
    """One mode. Its functions run in the thread of the series."""

    name: str
    title: str
    sentence: str
    """Describes the mode in the list where a user chooses one."""
    settings: tuple[Setting, ...]
    shoot: Callable[[Series], None]
    """Plans, begins the manifest, and shoots; returns when all is done."""
    resume: Callable[[Manifest, Series], None] | None = None
    """Continues the series of a manifest after a restart; None for a mode that cannot."""
    triggered: bool = False
    """Whether it takes a second press: the moment that an armed mode waits for, the end of a recording."""
    foresee: Callable[[Session, dict[str, Any]], list[str]] | None = None
    """Says in words what of these settings the camera cannot do now, before the mode begins; may raise HqcamError."""
    exposures: Callable[[Session, dict[str, Any]], str] | None = None
    """Says at which shutter times it would shoot now; "" while the camera tells none; may raise HqcamError."""
    metered: bool = False
    """Whether its shots have the exposure that auto exposure chooses for each."""
    outline: Callable[[dict[str, Any], datetime, Position | None], Outline] | None = None
    """Gives what checked settings come to from a moment on at a place; raises BadInput where they contradict."""
    note: Callable[[Session], str] | None = None
    """Gives a sentence for the page before the mode begins, such as how many frames fit; may raise HqcamError."""
