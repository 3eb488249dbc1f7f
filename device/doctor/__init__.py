"""Whether this machine can be the camera: what `hqcam doctor` examines, and what it finds.

Start with `examine` here. Each check examines one subject and gives one `Finding`: its state, one fact and, if there is
a problem, one remedy. The checks are in `board`, `software`, `camera` and `storage`. They read the system through
`machine`: files, commands, and picamera2 in a separate process. Tests replace it by recorded machines. Only the command
imports this room, and the self-test, which measures the card in the same way.
"""

from __future__ import annotations

from device.doctor import board, camera, software, storage
from device.doctor.machine import Finding, Machine

__all__ = ["Finding", "Machine", "can_be_the_camera", "examine"]


def examine(machine: Machine) -> list[Finding]:
    """Run all checks, in the order in which a person would look. It takes seconds; no check raises an error."""
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


def can_be_the_camera(findings: list[Finding]) -> bool:
    """Whether nothing is missing; warnings do not count."""
    return all(finding.state != "missing" for finding in findings)
