"""Runs a command with the real picamera2 on the rig: our simulated IMX477 behind a real libcamera.

    python tests/rig/environment.py vc4 -- python -m pytest tests/rig

`vc4` is a Pi up to 4, `pisp` a Pi 5. Build the rig first (`make rig`). Standard library only.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Literal

HERE = Path(__file__).resolve().parent
Platform = Literal["vc4", "pisp"]


def environment(
    platform: Platform, *, faults: Path | None = None, kernel: Literal["classic", "new"] = "classic"
) -> dict[str, str]:
    """Give a child process's whole environment. `faults` is a folder: a file in it named "stall" is that fault."""
    built = prefix()
    path = [str(HERE / "standins"), str(built / "python"), os.environ.get("PYTHONPATH", "")]
    changed = os.environ | {
        "HQCAM_RIG_PLATFORM": platform,
        "HQCAM_RIG_KERNEL": kernel,
        "LD_LIBRARY_PATH": str(built / "lib"),
        "LIBCAMERA_PIPELINES_MATCH_LIST": "virtual",
        "LIBCAMERA_LOG_LEVELS": os.environ.get("LIBCAMERA_LOG_LEVELS", "*:ERROR"),
        "PYTHONPATH": os.pathsep.join(p for p in path if p),
    }
    if faults is not None:
        changed["HQCAM_RIG_FAULTS"] = str(faults)
    return changed


def prefix() -> Path:
    """Give the folder where the rig was built, for this Python; it is built first if need be. Raises RuntimeError."""
    build = subprocess.run(
        [HERE / "build.sh"], stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHON": sys.executable}
    )
    if build.returncode:
        raise RuntimeError("the rig could not be built; what is missing is said above")
    return Path(build.stdout.splitlines()[-1])


def main() -> None:
    """Become the command after `--`."""
    try:
        platform, separator, *command = sys.argv[1:]
    except ValueError:
        platform, separator, command = "", "", []
    if platform not in ("vc4", "pisp") or separator != "--" or not command:
        sys.exit("usage: environment.py vc4|pisp -- COMMAND [ARGUMENT...]")
    changed = environment(platform)  # type: ignore[arg-type]
    os.execvpe(command[0], command, changed)


if __name__ == "__main__":
    main()
