"""The metadata in the files of a shot: the DNG, its XMP and the Exif block are written from this one value.

`device.captures.shot` makes it when a still is saved. The wall-clock time in it is for people and other programs;
durations are measured on the monotonic clock of the frame's own metadata.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from device.controls import LEFT_TO_CAMERA, Asked
from device.errors import BadInput
from device.frame import AwbMode, FrameMeta
from device.lenses.fitted import FittedLens
from device.raw.shortfall import Shortfall
from device.sensors.base import Sensor


@dataclass(frozen=True, slots=True)
class ShotMetadata:
    """The metadata of one shot, the same in all of its files. Raises BadInput for a time without its offset."""

    meta: FrameMeta
    """What the camera delivered: exposure, gains, mode."""
    taken_at: datetime
    """The wall-clock time, with its offset from UTC: files carry the local time and the offset."""
    clock_synchronised: bool
    """False on a Pi (which has no clock of its own) until its time was synchronised or told; the files then have a
    note."""
    sensor: Sensor
    software: str
    """The program that writes the files, with its version."""
    lens: FittedLens | None = None
    """The lens on the camera by the owner's choice; None without one."""
    awb: AwbMode | None = None
    """How the white balance was chosen; None leaves it out of the files."""
    asked: Asked = LEFT_TO_CAMERA
    """The exposure that was asked for; the files have a note where another one was delivered."""
    shortfalls: tuple[Shortfall, ...] = ()
    """What it falls short in besides its exposure; the files have a note of each."""
    tuning: str = ""
    """By which the picture was rendered; the files have a note of another one than the stock one."""

    def __post_init__(self) -> None:
        if self.taken_at.utcoffset() is None:
            raise BadInput(f"the time {self.taken_at} has no offset from UTC", expected="an aware datetime")
