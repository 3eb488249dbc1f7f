"""How many instructions the assists cost on arm64, counted under emulation, and the milliseconds that follow.

    make bench-arm ARGS='[--cpu cortex-a76] [--suite trixie]'

The code that runs is that of a Pi: Debian's Python and numpy for arm64, and the kernels as an installation there
compiles them. The frame is one of the simulated camera: 2028 x 1520, colour, raw samples. What each function costs is
its own, without that of the functions of hqcam that it calls.

An emulator knows no caches and no pipeline: instructions are exact, the milliseconds an estimate. Loops over pixels run
at 1 to 2 instructions a cycle. Ends with 1 where peaking or all that is on from the start costs more than MOST_M.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from device import kernels
from device.drivers.simulated import SimulatedCamera
from device.frame import Controls
from device.kernels.build import compile_library
from device.sensors.imx477 import IMX477

HERE = Path(__file__).parent
TREE = HERE.parents[2]
CACHE = Path(os.environ.get("HQCAM_ARM_CACHE") or Path.home() / ".cache" / "hqcam-arm")
LIBRARIES = "/usr/lib/aarch64-linux-gnu"
CORES = {"Cortex-A53 1.0 GHz": 1.0, "Cortex-A72 1.8 GHz": 1.8, "Cortex-A76 2.4 GHz": 2.4}
"""Of a Zero 2 W, a Pi 4 and a Pi 5: cycles per nanosecond."""
PER_CYCLE = (1.0, 2.0)
LEAST_M = 0.1  # million instructions: what costs less is in one row
TOTALS = ("nothing", "peaking", "on from the start")
MOST_M = {"peaking": 45.0, "on from the start": 65.0}


@dataclass(frozen=True, slots=True)
class Counted:
    """Million instructions of one frame."""

    totals: dict[str, float]
    """By what is switched on: each name of TOTALS. With nothing a frame still gets an empty overlay."""
    own: dict[str, float]
    """Of everything that is on from the start, by function: its own."""


def arm_root(suite: str) -> Path:
    """Give a folder with Debian's Python and numpy for arm64; made once a machine, from apt's own mirror."""
    root = CACHE / suite
    if not root.is_dir():
        listed = ["apt-get", "indextargets", "--format", "$(LABEL) $(REPO_URI)", "Created-By: Packages"]
        lines = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.splitlines()
        mirrors = [line.removeprefix("Debian ") for line in lines if line.startswith("Debian ")]
        if not mirrors:
            raise SystemExit("apt knows no Debian mirror on this machine: run apt-get update")
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            made = Path(folder) / "root"
            command = ["mmdebstrap", "--quiet", "--architectures=arm64", "--variant=extract"]
            command += ["--include=base-files,python3,python3-numpy", suite, str(made), mirrors[0]]
            subprocess.run(command, check=True)
            made.rename(root)
    return root


def build_plugin(folder: Path) -> Path:
    """Compile the counter for the emulator that is installed."""
    said = subprocess.run(["qemu-aarch64", "-version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"version (\d+)", said)
    assert found, said
    version, plugin = 1 if int(found[1]) < 9 else 2, folder / "count.so"
    flags = ["-O2", "-shared", "-fPIC", f"-DPLUGIN_VERSION={version}"]
    subprocess.run(["cc", *flags, "-o", plugin, HERE / "count.c"], check=True)
    return plugin


def write_frame(path: Path) -> None:
    """Write one frame of the simulated camera so that a Python with another numpy can read it."""
    camera = SimulatedCamera(pace=False)
    camera.open()
    try:
        mode = next(mode for mode in IMX477.modes if (mode.width, mode.height) == (2028, 1520))
        camera.start(mode, Controls(exposure_us=10_000.0, gain=2.0))
        frame = camera.next_frame(30)
        assert frame.raw is not None
        about = asdict(frame.raw) | {"gain": frame.meta.analogue_gain, "colour_gains": frame.meta.colour_gains}
        samples, main = about.pop("samples"), frame.main
        np.savez(path, luma=main.y, u=main.u, v=main.v, samples=samples, about=np.array(json.dumps(about)))
        frame.release()
    finally:
        camera.close()


def count(root: Path, *, cpu: str) -> Counted:
    """Run one frame under emulation; `root` has the Python, `cpu` is QEMU's name of a processor."""
    with tempfile.TemporaryDirectory(prefix="hqcam-bench-arm-") as name:
        folder = Path(name)
        frame, library, counts = folder / "frame.npz", folder / "compiled.so", folder / "counts"
        write_frame(frame)
        os.environ["CC"] = "aarch64-linux-gnu-gcc"
        if wrong := compile_library(kernels.FOLDER, library):
            raise SystemExit(wrong)
        inside = {
            "LD_LIBRARY_PATH": f"{LIBRARIES}/blas:{LIBRARIES}/lapack",  # no alternatives are set up in the root
            "PYTHONPATH": f"{TREE}:{TREE}/tests",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
        }
        command = ["qemu-aarch64", "-cpu", cpu, "-L", str(root), "-plugin", f"{build_plugin(folder)},out={counts}"]
        command += [part for name, value in inside.items() for part in ("-E", f"{name}={value}")]
        command += [f"{root}/usr/bin/python3", "-m", "bench.arm.counted", str(frame), str(library)]
        done = subprocess.run(command, env={"PATH": os.environ["PATH"]}, stdout=subprocess.PIPE, text=True, check=True)
        return counted_from(json.loads(done.stdout), [int(line) for line in counts.read_text().split()])


def counted_from(names: list[tuple[str, bool]], counts: list[int]) -> Counted:
    """Bring names of marks and the counts at them together.

    `names` are those of the marks, and whether it begins there. What lies between functions counts nowhere.
    """
    totals: dict[str, float] = {}
    own: defaultdict[str, float] = defaultdict(float)
    open_now: list[str] = []
    before = 0
    for (name, begins), at in zip(names, counts, strict=True):
        spent, before = (at - before) / 1e6, at
        if open_now:
            own[open_now[-1]] += spent
        if begins:
            open_now.append(name)
        elif (ended := open_now.pop()) in TOTALS:
            totals[ended] = own.pop(ended)
    return Counted(totals, dict(own))


def print_table(counted: Counted) -> None:
    """Print the totals, and each function that costs much."""
    width = max(len(name) for name in (*counted.own, *counted.totals)) + 2
    print(f"{'one frame of 2028 x 1520':{width}}{'million':>12}" + "".join(f"{core:>22}" for core in CORES))
    per_cycle = "".join(f"{f'ms at {rate:g}':>11}" for rate in PER_CYCLE)
    print(f"{'':{width}}{'instructions':>12}" + per_cycle * len(CORES))

    def row(name: str, million: float) -> None:
        ms = [million / ghz / rate for ghz in CORES.values() for rate in PER_CYCLE]
        print(f"{name:{width}}{million:12.2f}" + "".join(f"{value:11.1f}" for value in ms))

    for name, million in counted.totals.items():
        row(name, million)
    print("\nof what is on from the start, each function's own")
    much = {name: million for name, million in counted.own.items() if million >= LEAST_M}
    for name, million in sorted(much.items(), key=lambda item: -item[1]):
        row(name, million)
    row("all others", sum(counted.own.values()) - sum(much.values()))


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-arm", description=__doc__.partition("\n")[0])
    parser.add_argument("--cpu", default="cortex-a72")
    parser.add_argument("--suite", default="bookworm", help="of Debian: bookworm or trixie")
    chosen = parser.parse_args()
    missing = [name for name in ("qemu-aarch64", "aarch64-linux-gnu-gcc", "mmdebstrap") if not shutil.which(name)]
    if missing:
        raise SystemExit(f"not installed: {', '.join(missing)}")
    counted = count(arm_root(chosen.suite), cpu=chosen.cpu)
    print_table(counted)
    if much := [name for name, most in MOST_M.items() if counted.totals[name] > most]:
        raise SystemExit(f"more than {' and '.join(f'{MOST_M[name]:g} million for {name}' for name in much)}")


if __name__ == "__main__":
    main()
