"""The disk of the pictures: how many shots fit, and how fast it is written."""

from __future__ import annotations

from device.captures.storage import RESERVE_BYTES, SHOT_BYTES_ESTIMATE
from device.doctor.machine import Finding, Machine

FEW_SHOTS = 10
SLOW_MB_S = 10.0  # the guaranteed speed of a card of class 10: a shot of 24 MB then takes 2.4 s


def space(machine: Machine) -> Finding:
    """How many shots fit."""
    free = machine.free_bytes()
    if free is None:
        return Finding("space", "missing", f"{machine.storage} cannot be used", "choose another folder with --output")
    shots = max(0, free - RESERVE_BYTES) // SHOT_BYTES_ESTIMATE
    fact = f"{free / 1e9:.1f} GB free, about {shots} shots"
    if shots < FEW_SHOTS:
        return Finding("space", "warning", fact, "free some space, or shoot to a USB drive with --output")
    return Finding("space", "ok", fact)


def speed(machine: Machine) -> Finding:
    """How fast a shot is written to the card."""
    if not machine.write:
        return Finding("card speed", "ok", "not measured (--no-write)")
    bytes_per_s = machine.write_bytes_per_second()
    if bytes_per_s is None:
        return Finding("card speed", "missing", f"{machine.storage} cannot be written", "choose a folder with --output")
    fact = f"{bytes_per_s / 1e6:.0f} MB/s written and safe"
    if bytes_per_s < SLOW_MB_S * 1e6:
        return Finding("card speed", "warning", fact, "a faster card (A1, U3) or a USB drive saves a shot sooner")
    return Finding("card speed", "ok", fact)
