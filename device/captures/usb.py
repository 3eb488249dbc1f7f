"""USB drives: where a stick or a disk that was plugged in is mounted, from the kernel's own list of mounts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

CAPTURES = "hqcam"
"""The folder for captures on a drive."""


@dataclass(frozen=True, slots=True)
class UsbDrive:
    """One mounted, writable USB drive."""

    name: str
    """The last part of its mount point, usually the label of the drive."""
    mount: Path

    @property
    def folder(self) -> Path:
        """Where captures go on it."""
        return self.mount / CAPTURES


def usb_drives(root: Path = Path("/")) -> list[UsbDrive]:
    """List the USB drives that are mounted and writable, in the order of their names. `root` is for tests."""
    try:
        lines = (root / "proc/self/mountinfo").read_text(errors="replace").splitlines()
    except OSError:
        return []
    drives = {drive.mount: drive for line in lines if (drive := _drive(line, root)) is not None}
    return sorted(drives.values(), key=lambda drive: drive.name)


def _drive(line: str, root: Path) -> UsbDrive | None:
    """Read one line of proc(5)'s mountinfo: `36 35 8:1 / /media/pi/STICK rw,nosuid shared:1 - vfat /dev/sda1 rw`."""
    before, _, after = line.partition(" - ")
    fields, source = before.split(), after.split()
    if len(fields) < 6 or len(source) < 3 or "rw" not in fields[5].split(",") or "rw" not in source[2].split(","):
        return None
    try:
        hardware = (root / "sys/dev/block" / fields[2]).resolve(strict=True).as_posix()
    except OSError:
        return None  # no block device: a network share, a folder in memory
    if not re.search(r"/usb\d+/", hardware) or fields[4] in ("/", "/boot", "/boot/firmware", "/home"):
        return None  # the system disk of a Pi that was started from USB
    mount = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4]))
    return UsbDrive(mount.name, mount)
