"""The computer that hqcam runs on: board, memory, load, temperature, clock and free space, as the system reports them.

Only this module reads these values; session, captures, drive modes, `develop`, the choice of a camera, doctor and
self-test call it. A function raises only what its text names; None means that this system does not report the value.
Any thread; no state. `root` is the top of the file system; tests give a folder of recorded files.
"""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path

ROOT = Path("/")
_CLOCK_GOOD = range(5)  # adjtimex(2): TIME_OK to TIME_WAIT; 5 is TIME_ERROR, not synchronised


def board_model(root: Path = ROOT) -> str | None:
    """Give the name of the board, such as "Raspberry Pi 5 Model B Rev 1.0"; a PC has none."""
    return (_read(root / "proc/device-tree/model") or "").strip("\0\n ") or None


def raspberry_pi_model(root: Path = ROOT) -> str | None:
    """Give the name of the board when it is a Raspberry Pi, else None."""
    model = board_model(root)
    return model if model is not None and model.startswith("Raspberry Pi") else None


def memory_bytes(name: str, root: Path = ROOT) -> int | None:
    """Give one of the kernel's figures on memory, by its name in proc(5)'s meminfo: "MemTotal", "CmaFree" ..."""
    found = re.search(rf"^{re.escape(name)}:\s*(\d+) kB", _read(root / "proc/meminfo") or "", re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def available_memory_bytes(root: Path = ROOT) -> int | None:
    """Give the memory that programs could have now without swapping, as the kernel estimates it."""
    return memory_bytes("MemAvailable", root)


def runnable_threads(root: Path = ROOT) -> int | None:
    """Give how many threads of all programs run now or wait for a processor; the caller's is one of them."""
    found = re.match(r"(?:\S+ ){3}(\d+)/", _read(root / "proc/loadavg") or "")
    return int(found[1]) if found else None


def temperature_c(root: Path = ROOT) -> float | None:
    """Give how warm the processor is, in degrees Celsius."""
    text = (_read(root / "sys/class/thermal/thermal_zone0/temp") or "").strip()
    return int(text) / 1000 if text.removeprefix("-").isdecimal() else None


def clock_is_synchronised(root: Path = ROOT) -> bool:
    """Whether the system clock was set from a time source since boot: by systemd-timesyncd's mark or by the kernel's.

    Other programs that set it (chrony, ntpd) leave the kernel's mark only. The battery-backed clock of a Pi 5 leaves
    none: whether it was ever right is not known, and counts as not set.
    """
    return (root / "run/systemd/timesync/synchronized").exists() or (root == ROOT and _kernel_says_synchronised())


def _kernel_says_synchronised() -> bool:
    import ctypes  # not at module level: costs start-up

    timex = ctypes.create_string_buffer(512)  # zeros, and larger than adjtimex(2)'s struct: read only, change nothing
    try:
        return int(ctypes.CDLL(None).adjtimex(timex)) in _CLOCK_GOOD
    except (OSError, AttributeError):  # not Linux
        return False


def since_boot_s() -> float:
    """Seconds since the boot, sleep included; where the system has no such clock, Python's monotonic one."""
    boot_time: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_time is None else time.clock_gettime(boot_time)


def boot_id(root: Path = ROOT) -> str | None:
    """Give a text that is another one after each boot of the machine."""
    return (_read(root / "proc/sys/kernel/random/boot_id") or "").strip() or None


def under_voltage(root: Path = ROOT) -> bool | None:
    """Whether the supply of a Raspberry Pi fell below what it needs (4.63 V) within the last two seconds or so.

    The kernel's driver `rpi_volt` asks the firmware that often.
    """
    for folder in sorted((root / "sys/class/hwmon").glob("hwmon*")):
        if (_read(folder / "name") or "").strip() == "rpi_volt":
            return (_read(folder / "in0_lcrit_alarm") or "").strip() == "1"
    return None


def existing_folder(path: Path) -> Path:
    """Give the folder, or the nearest one above it that exists."""
    return next((place for place in (path, *path.parents) if place.exists()), ROOT)


def free_bytes(folder: Path) -> int:
    """Give the space that is left for normal users on the disk of a folder. Raises OSError."""
    return shutil.disk_usage(folder).free


def _read(path: Path) -> str | None:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return None
