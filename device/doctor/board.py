"""The board and its system: model, memory, heat, power, clock."""

from __future__ import annotations

import re

from device import host
from device.doctor.machine import SIMULATE, Finding, Machine

MEMORY_NEEDED_MB = 400  # a 512 MB Zero 2 W reports about 420 MB; the service uses at most 250 MB
# Four live frames of 2028x1520 (12 MB each with raw) or one shot (44 MB), and during the change both: as much as
# Raspberry Pi OS reserves on a board with 512 MB.
CMA_NEEDED_MB = 128
HOT_C, TOO_HOT_C = 75.0, 80.0  # a Pi begins to slow down at 80 degrees
OLDEST_DEBIAN = 12


def is_pi(machine: Machine) -> bool:
    """Whether this is a Raspberry Pi."""
    return host.raspberry_pi_model(machine.root) is not None


def model(machine: Machine) -> Finding:
    """Which board it is."""
    pi, board = host.raspberry_pi_model(machine.root), host.board_model(machine.root)
    if pi is not None:
        return Finding("board", "ok", pi)
    return Finding("board", "missing", f"this is no Raspberry Pi ({board or machine.machine()})", SIMULATE)


def system(machine: Machine) -> Finding:
    """Whether the system is 64 bit, and new enough for picamera2."""
    text = machine.read("etc/os-release")
    if text is None:
        return Finding("system", "warning", "the system does not say what it is", "use Raspberry Pi OS 64-bit")
    facts = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    name = facts.get("PRETTY_NAME", "unknown").strip('"')
    number = facts.get("VERSION_ID", "").strip('"')
    if machine.machine() in ("armv6l", "armv7l"):
        return Finding("system", "missing", f"{name}, 32 bit", "install Raspberry Pi OS 64-bit (Bookworm or newer)")
    if is_pi(machine) and number.isdecimal() and int(number) < OLDEST_DEBIAN:
        return Finding("system", "missing", f"{name} is too old", "install Raspberry Pi OS 64-bit (Bookworm or newer)")
    return Finding("system", "ok", f"{name}, {machine.machine()}")


def memory(machine: Machine) -> Finding:
    """How much memory there is."""
    total_mb, available_mb = _memory_mb(machine, "MemTotal"), _memory_mb(machine, "MemAvailable")
    if total_mb is None or available_mb is None:
        return Finding("memory", "warning", "the system does not tell its memory", f"it needs {MEMORY_NEEDED_MB} MB")
    fact = f"{total_mb} MB, {available_mb} MB available"
    if total_mb < MEMORY_NEEDED_MB:
        return Finding("memory", "missing", fact, f"hqcam needs a board with at least {MEMORY_NEEDED_MB} MB")
    return Finding("memory", "ok", fact)


def camera_memory(machine: Machine) -> Finding:
    """How much memory the kernel keeps for cameras (CMA)."""
    total_mb, free_mb = _memory_mb(machine, "CmaTotal"), _memory_mb(machine, "CmaFree")
    if not total_mb:
        if not is_pi(machine):
            return Finding("camera memory", "ok", "none reserved (CMA)")
        remedy = "camera buffers may fail: write dtoverlay=vc4-kms-v3d,cma-256 in /boot/firmware/config.txt"
        return Finding("camera memory", "warning", "the kernel reserves none (CMA)", remedy)
    fact = f"{total_mb} MB reserved, {free_mb or 0} MB free (CMA)"
    if total_mb < CMA_NEEDED_MB:
        remedy = "write dtoverlay=vc4-kms-v3d,cma-256 in /boot/firmware/config.txt and start again"
        return Finding("camera memory", "warning", f"{fact}; full shots need {CMA_NEEDED_MB}", remedy)
    return Finding("camera memory", "ok", fact)


def temperature(machine: Machine) -> Finding:
    """How warm the processor is."""
    degrees = host.temperature_c(machine.root)
    if degrees is None:
        return Finding("temperature", "ok", "not told by this board")
    fact = f"{degrees:.0f} degrees C"
    if degrees >= HOT_C:
        slower = "it slows down" if degrees >= TOO_HOT_C else f"it slows down at {TOO_HOT_C:.0f}"
        return Finding("temperature", "warning", f"{fact}: {slower}", "add a heat sink or a fan, or give it air")
    return Finding("temperature", "ok", fact)


def power(machine: Machine) -> Finding:
    """Whether there was under-voltage or throttling, now or since the start."""
    match = re.search(r"throttled=0x([0-9a-fA-F]+)", machine.run("vcgencmd", "get_throttled") or "")
    flags = int(match[1], 16) if match else host.throttle_flags(machine.root)
    if flags is None:
        return Finding("power", "ok", "not told by this board")
    trouble = host.power_trouble(flags)
    if trouble is None:
        return Finding("power", "ok", "no under-voltage, not slowed down")
    return Finding("power", "missing" if trouble.loses else "warning", trouble.fact, trouble.remedy)


def clock(machine: Machine) -> Finding:
    """Whether the clock is synchronised."""
    if host.clock_is_synchronised(machine.root):
        return Finding("clock", "ok", "synchronised")
    remedy = "connect to a network once after switching on; until then file times are marked as not synchronised"
    return Finding("clock", "warning", "not known to be synchronised", remedy)


def _memory_mb(machine: Machine, name: str) -> int | None:
    found = host.memory_bytes(name, machine.root)
    return None if found is None else found // 2**20
