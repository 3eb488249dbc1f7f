"""The computer that hqcam runs on: board, memory, load, temperature, clock and free space, as the system reports them.

Only this module reads these values; session, captures, drive modes, `develop`, the choice of a camera, doctor and
self-test call it. A function raises only what its text names; None means that this system does not report the value.
Any thread; no state. `root` is the top of the file system; tests give a folder of recorded files.
"""

from __future__ import annotations

import re
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path("/")
# Bits of the firmware's get_throttled (Raspberry Pi documentation, vcgencmd): under-voltage; capped, throttled, or at
# the soft limit of temperature; 16 bits higher: since the boot.
_UNDER_VOLTAGE, _SLOWED, _ONCE = 0b0001, 0b1110, 16
_NMCLI_S = 10.0  # chosen: it asks a daemon
_NO_NETWORKS = ("loopback", "bridge", "tun")
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


def local_time(unix_s: float) -> datetime:
    """Give a moment as the machine's clock on the wall shows it, with its offset from UTC."""
    return datetime.fromtimestamp(unix_s, UTC).astimezone()


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


@dataclass(frozen=True, slots=True)
class Battery:
    """The battery that feeds this machine."""

    percent: int
    """0 to 100, as its gauge says."""
    charging: bool
    """Whether a supply is connected: it is charged, or full."""


def battery(root: Path = ROOT) -> Battery | None:
    """Give the machine's battery, as the kernel's class `power_supply` shows it; None without one that can be read.

    A mouse has a battery there too: its scope is "Device".
    """
    for folder in sorted((root / "sys/class/power_supply").glob("*")):
        kind, scope = (_read(folder / name) or "" for name in ("type", "scope"))
        capacity = (_read(folder / "capacity") or "").strip()
        if kind.strip() == "Battery" and scope.strip() != "Device" and re.fullmatch(r"[0-9]{1,3}", capacity):
            status = (_read(folder / "status") or "").strip()
            return Battery(min(int(capacity), 100), status in ("Charging", "Full", "Not charging"))
    return None


@dataclass(frozen=True, slots=True)
class PowerTrouble:
    """What a Raspberry Pi's firmware says against its supply or its cooling."""

    fact: str
    remedy: str
    now: bool
    """Else: once since the boot."""
    loses: bool = False
    """Whether frames and files can be lost by it."""


_SUPPLY = "use the supply that belongs to this Pi, and a short cable"


def throttle_flags(root: Path = ROOT) -> int | None:
    """Give the bits of the firmware's get_throttled, as the kernel of Raspberry Pi OS shows them."""
    for path in sorted((root / "sys/devices/platform").glob("soc*/*firmware/get_throttled")):
        if found := re.fullmatch(r"\s*(?:0x)?([0-9a-fA-F]+)\s*", _read(path) or ""):
            return int(found[1], 16)
    return None


def power_trouble(flags: int) -> PowerTrouble | None:
    """Give the gravest that the bits of get_throttled tell."""
    if flags & _UNDER_VOLTAGE:
        return PowerTrouble("under-voltage now: frames and files can be lost", _SUPPLY, now=True, loses=True)
    if flags & _UNDER_VOLTAGE << _ONCE:
        return PowerTrouble("there was under-voltage since it was switched on", _SUPPLY, now=False)
    if flags & _SLOWED:
        return PowerTrouble("slowed down now, by heat", "add a heat sink or a fan, or give it air", now=True)
    if flags & _SLOWED << _ONCE:
        return PowerTrouble("it was slowed down since it was switched on", "give it air", now=False)
    return None


def network_names() -> tuple[str, ...] | None:
    """Give the names of the networks in use, as NetworkManager calls them: a Wi-Fi's is its own unless it was changed.

    None without NetworkManager, or where it does not answer.
    """
    import subprocess  # not at module level: costs start-up

    command = ["nmcli", "--terse", "--escape", "no", "--fields", "NAME,TYPE", "connection", "show", "--active"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_NMCLI_S, errors="replace", check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    found = [line.rpartition(":") for line in done.stdout.splitlines()]
    return tuple(name for name, _, kind in found if name and kind not in _NO_NETWORKS)


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
