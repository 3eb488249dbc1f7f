"""What a drive mode is: a name, its settings, and what it does with a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from device.drive.manifest import Manifest
from device.drive.series import Run
from device.session.session import Session
from device.settings.declaration import Setting


@dataclass(frozen=True, slots=True)
class DriveMode:
    """One mode. `does` plans, begins the manifest, and shoots; `resumes` goes on with one after a restart."""

    name: str
    title: str
    sentence: str
    """What it does, for who chooses."""
    settings: tuple[Setting, ...]
    does: Callable[[Run], None]
    resumes: Callable[[Run, Manifest], None] | None = None
    triggered: bool = False
    """Whether it takes a second press: the moment that an armed mode waits for, the end of a recording."""
    note: Callable[[Session], str] | None = None
    """What is to be known of it now, before it begins; it may raise HqcamError."""
