"""The camera: whether the system is configured for one, which is attached to which port, and its modes."""

from __future__ import annotations

import re

from device.doctor.board import is_pi
from device.doctor.machine import SIMULATE, Finding, Machine
from device.drivers.picamera2.errors import NO_CAMERA
from device.sensors.known import sensor_named

CONFIG_FILES = ("boot/firmware/config.txt", "boot/config.txt")
# The connector, by the part of libcamera's name of a camera that identifies it.
PORTS = {
    "i2c@88000": "CAM/DISP 0",
    "i2c@80000": "CAM/DISP 1",
    "i2c0mux/i2c@1": "the camera port",
    "i2c1mux": "CAM 1",
}


def configuration(machine: Machine) -> Finding:
    """Whether the system is configured to find a camera."""
    text = next((t for t in map(machine.read, CONFIG_FILES) if t is not None), None)
    if text is None:
        if not is_pi(machine):
            return Finding("configuration", "ok", "no config.txt: no Raspberry Pi OS")
        return Finding("configuration", "warning", "no config.txt", "hqcam is made for Raspberry Pi OS 64-bit")
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    if "start_x=1" in lines:
        remedy = "take start_x=1 out of config.txt (raspi-config: legacy camera off) and start again"
        return Finding("configuration", "missing", "the legacy camera system is on (start_x=1)", remedy)
    if "camera_auto_detect=1" in lines:
        return Finding("configuration", "ok", "camera_auto_detect=1")
    overlays = [line.removeprefix("dtoverlay=") for line in lines if re.match(r"dtoverlay=(imx|ov|arducam)", line)]
    if overlays:
        return Finding("configuration", "ok", "dtoverlay=" + ", ".join(overlays))
    remedy = "write camera_auto_detect=1 (or dtoverlay=imx477) in /boot/firmware/config.txt and start again"
    return Finding("configuration", "missing", "the system does not look for a camera", remedy)


def found(machine: Machine) -> Finding:
    """Which camera is attached, and to which port."""
    probed = machine.camera
    error = probed.get("error") or {}
    if not probed.get("cameras"):
        fact = error.get("message") or "no camera was found"
        return Finding("camera", "missing", fact, NO_CAMERA if is_pi(machine) else SIMULATE)
    models = [f"{c.get('Model', 'unknown')} on {port(str(c.get('Id', '')))}" for c in probed["cameras"]]
    fact = ", ".join(models)
    if error.get("code") == "camera_busy":
        holders = ", ".join(machine.holders()) or "another program"
        return Finding("camera", "warning", f"{fact}: in use by {holders}", error.get("remedy", ""))
    if error:
        return Finding("camera", "missing", f"{fact}: {error['message']}", error.get("remedy", ""))
    sensor = sensor_named(str(probed["cameras"][0].get("Model", "")))
    if sensor is None or sensor.assumed:
        assumed = "its figures of noise and colour are" if sensor is None else f"its {', '.join(sensor.assumed)} is"
        return Finding("camera", "warning", f"{fact}: {assumed} assumed", "measure it: hqcam calibrate camera")
    return Finding("camera", "ok", fact)


def modes(machine: Machine) -> Finding:
    """Which modes the camera has."""
    listed = machine.camera.get("modes") or []
    if not listed:
        return Finding("modes", "ok", "not known without a free camera")
    return Finding("modes", "ok", ", ".join(f"{m['name']} {m['max_fps']:.0f}/s" for m in listed))


def port(identity: str) -> str:
    """Give the connector from libcamera's name of a camera; if it is unknown, that name itself."""
    return next((name for sign, name in PORTS.items() if sign in identity), identity or "an unknown port")
