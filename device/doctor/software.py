"""The software: Python, our packages, picamera2, and whether their versions work together."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from device import kernels
from device.doctor.board import is_pi
from device.doctor.machine import SIMULATE, Finding, Machine
from device.drivers.picamera2.errors import NO_PICAMERA2

PYTHON_RANGE = ((3, 11), (3, 14))
PACKAGES = ("numpy", "flask", "simplejpeg", "click", "rich", "pillow", "segno", "markdown-it-py", "zipstream-ng")
HOME = Path(__file__).resolve().parent.parent.parent


def python(machine: Machine) -> Finding:
    """Whether the version of Python is supported."""
    found = machine.python()
    fact = "Python " + ".".join(map(str, found))
    if PYTHON_RANGE[0] <= found[:2] < PYTHON_RANGE[1]:
        return Finding("python", "ok", fact)
    return Finding("python", "missing", fact, "hqcam needs Python 3.11 to 3.13")


def packages(machine: Machine) -> Finding:
    """Whether the packages that hqcam needs are installed."""
    found = {name: machine.installed(name) for name in PACKAGES}
    missing = [name for name, package in found.items() if package is None]
    if missing:
        return Finding("packages", "missing", "not installed: " + ", ".join(missing), "install hqcam again: make setup")
    return Finding("packages", "ok", ", ".join(f"{name} {p.version}" for name, p in found.items() if p))


def compiled(_: Machine) -> Finding:
    """Whether the pixel passes were compiled when hqcam was installed."""
    if kernels.COMPILED is not None:
        return Finding("compiled", "ok", "peaking, zebras and raw clipping are compiled for this machine")
    why = kernels.why_not()
    remedy = "sudo apt install gcc libc6-dev, then install hqcam again"
    if kernels.MESSAGE.exists() and "No such file" not in why:  # the compiler was there, and so were its headers
        remedy = f"see all that it said in {kernels.MESSAGE}, mend that, then install hqcam again"
    fact = f"peaking, zebras and raw clipping run in numpy, at half the speed: {why}"
    return Finding("compiled", "warning", fact, remedy)


def import_names(_: Machine) -> Finding:
    """Whether `device` and `web`, which are common words, are imported from hqcam and not from another package."""
    for name in ("device", "web"):
        spec = importlib.util.find_spec(name)
        places = [Path(p).resolve() for p in (spec.submodule_search_locations or [])] if spec else []
        if places != [HOME / name]:
            where = ", ".join(map(str, places)) or "nowhere"
            remedy = "run hqcam from its own virtual environment and not from a folder that has such a package"
            return Finding("import names", "missing", f"{name!r} is imported from {where}", remedy)
    return Finding("import names", "ok", f"device and web are ours ({HOME})")


def picamera2(machine: Machine) -> Finding:
    """Whether the camera's driver can be imported, and its version."""
    probed = machine.camera
    error = probed.get("error") or {}
    versions = [f"{name} {probed[name]}" for name in ("picamera2", "libcamera") if probed.get(name)]
    if error.get("code") == "driver_missing":
        remedy = NO_PICAMERA2 if is_pi(machine) else f"it comes with Raspberry Pi OS only; {SIMULATE}"
        return Finding("picamera2", "missing", error["message"], remedy)
    if not versions:
        return Finding("picamera2", "missing", error.get("message", "not told"), error.get("remedy", ""))
    return Finding("picamera2", "ok", ", ".join(versions))


def numpy_match(machine: Machine) -> Finding:
    """Whether numpy is the system's: the system's compiled camera packages do not work with another numpy."""
    numpy, camera = machine.installed("numpy"), machine.installed("picamera2")
    if numpy is None or camera is None:
        return Finding("numpy", "ok", "nothing to compare (no picamera2)" if numpy else "not installed")
    fact = f"numpy {numpy.version}, picamera2 {camera.version}"
    system = Path("/usr/lib/python3")
    if camera.place.is_relative_to(system) and not numpy.place.is_relative_to(system):
        return Finding(
            "numpy",
            "missing",
            f"{fact}: numpy is not the system's ({numpy.place})",
            "remove it from the environment: pip uninstall numpy; the system's is then used",
        )
    return Finding("numpy", "ok", f"{fact}, from one place")
