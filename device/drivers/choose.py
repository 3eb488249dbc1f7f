"""Chooses the driver: turns `--camera`, `--scene` and the other camera options into a factory of drivers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from device import host
from device.drivers.base import DriverFactory
from device.errors import BadInput
from device.sensors.imx477 import IMX477
from device.sensors.known import SENSORS

CHOICES = "auto, simulated, simulated:SENSOR, replay:PATH, picamera2 or picamera2:N (the N-th camera, counted from 0)"


@dataclass(frozen=True, slots=True)
class CameraChoice:
    """The values of the camera options of a command line."""

    camera: str = "auto"
    scene: Path | None = None
    depth: str | None = None
    seed: int = 0
    fault: str | None = None
    """Scripted faults of the simulated camera, for instance "unplug@5s+3s"."""
    tuning: str = "stock"
    """Of the real camera: stock, scientific, noir or the path of a tuning file."""


def resolve(choice: CameraChoice) -> tuple[str, str]:
    """Turn "auto" into a driver; give (driver, sentence for the user or "").

    On a Raspberry Pi auto is the real camera, and an error if there is none. On other computers, or with a scene, auto
    is the simulated camera.
    """
    if choice.camera != "auto":
        return choice.camera, ""
    if choice.scene is not None:
        return "simulated", ""
    if host.raspberry_pi_model() is None:
        return "simulated", "No camera on this computer: showing a SIMULATED HQ camera."
    return "picamera2", ""


def driver_factory(choice: CameraChoice) -> DriverFactory:
    """Give the factory of the chosen camera. Raises BadInput for an unknown name or options that do not go together."""
    driver, _ = resolve(choice)
    kind, _, which = driver.partition(":")
    if kind != "simulated" and (choice.scene or choice.depth or choice.fault):
        raise BadInput(
            f"a scene, depth or fault was given with the camera {driver!r}",
            expected="these belong to the simulated camera",
            remedy="add --camera simulated, or leave them out",
        )
    real = kind == "picamera2"
    if not real and choice.tuning != "stock":
        raise BadInput(f"a tuning was given with the camera {driver!r}", expected="it belongs to the real camera")
    if driver == "simulated" or (kind == "simulated" and which):
        return _simulated(choice, which or IMX477.model)
    if driver.startswith("replay:"):
        return _replay(Path(driver.removeprefix("replay:")))
    if real:
        return _picamera2(which or "0", choice.tuning)
    raise BadInput(f"unknown camera {driver!r}", expected=CHOICES)


def _simulated(choice: CameraChoice, model: str) -> DriverFactory:
    sensor = SENSORS.get(model)
    if sensor is None:
        raise BadInput(f"no simulated sensor {model[:40]!r}", expected="one of " + ", ".join(SENSORS))
    from device.drivers.simulated import SimulatedCamera
    from device.simulator.depth import parse_depth
    from device.simulator.faults import FaultScript
    from device.simulator.photo import check_file
    from device.simulator.workers import sensible_count

    if choice.depth is not None and choice.scene is None:
        raise BadInput("a depth was given without a scene", expected="--depth goes with --scene FILE")
    if choice.scene is not None:
        check_file(choice.scene, "scene")
    depth = parse_depth(choice.depth) if choice.depth is not None else None
    script = FaultScript.parse(choice.fault) if choice.fault else None
    workers = sensible_count()
    return lambda: SimulatedCamera(
        scene=choice.scene, depth=depth, sensor=sensor, seed=choice.seed, faults=script, workers=workers
    )


def _replay(path: Path) -> DriverFactory:
    from device.drivers.replay import ReplayCamera

    return lambda: ReplayCamera(path)


def _picamera2(number: str, tuning: str) -> DriverFactory:
    if not number.isdecimal():
        raise BadInput(f"camera number {number!r}", expected="picamera2 or picamera2:N, counted from 0")
    from device.drivers.picamera2.driver import Picamera2Camera
    from device.drivers.picamera2.tuning import check_tuning

    check_tuning(tuning)
    return lambda: Picamera2Camera(int(number), tuning=tuning)
