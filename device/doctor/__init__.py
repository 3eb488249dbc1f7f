"""Whether this machine can be the camera: checks by subject, each with its state, one fact and one remedy.

`machine` is where the facts come from (files, commands, the camera); tests put recorded machines in its place.
"""

from __future__ import annotations

from device.doctor import board, camera, software, storage
from device.doctor.machine import Check, Machine

__all__ = ["Check", "Machine", "can_be_the_camera", "examine"]


def examine(machine: Machine) -> list[Check]:
    """Run all checks. None of them raises."""
    checks = (
        board.model,
        board.system,
        board.memory,
        board.camera_memory,
        board.temperature,
        board.power,
        board.clock,
        software.python,
        software.packages,
        software.compiled,
        software.import_names,
        software.picamera2,
        software.numpy_match,
        camera.configuration,
        camera.found,
        camera.modes,
        storage.space,
        storage.speed,
    )
    return [check(machine) for check in checks]


def can_be_the_camera(checks: list[Check]) -> bool:
    """Whether nothing is missing."""
    return all(check.state != "missing" for check in checks)
