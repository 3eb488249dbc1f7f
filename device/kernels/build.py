"""Compiles the C sources when hqcam is installed. If that fails, the installation continues without them, and what the
compiler said is kept beside the sources for `hqcam doctor`: pip does not show it.

hatchling, which builds hqcam's wheel, runs `KernelHook`; nothing in hqcam imports this module.
"""

from __future__ import annotations

import os
import subprocess
import sysconfig
import tempfile
import zlib
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = "device/kernels"
SOURCES = ("passes.h", "blocks.c", "detail.c", "display.c", "raw.c")
LIBRARY = "compiled.so"
MESSAGE = "not-compiled.txt"
MOST_S = 600  # a second on a PC; over a minute under emulation on a busy one
# Without -march=native: a card may be moved from one Pi to another. Without reassociation arm64 sums |a - b| in one
# instruction each; with it GCC 12 orders the terms so that it needs four.
FLAGS = ["-O3", "-std=c11", "-ffp-contract=off", "-fno-tree-reassoc", "-shared", "-fPIC"]


def compile_library(folder: Path, library: Path) -> str | None:
    """Compile the sources in `folder` to `library`; give None, or the error text, and then there is no library."""
    sources = [folder / name for name in SOURCES]
    fingerprint = f"{zlib.crc32(b''.join(source.read_bytes() for source in sources)):08x}"  # as the loader has it
    define = f'-DHQCAM_SOURCE="{fingerprint}"'
    units = [str(source) for source in sources if source.suffix == ".c"]
    command = [os.environ.get("CC") or "cc", *FLAGS, define, "-o", str(library), *units]
    try:
        library.unlink(missing_ok=True)
        done = subprocess.run(command, capture_output=True, text=True, timeout=MOST_S)
        if done.returncode == 0:
            return None
        library.unlink(missing_ok=True)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"they could not be compiled: {error}"
    return f"{' '.join(command)} failed: {done.stderr.strip()}"


class KernelHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds the compiled library to a wheel; for an editable installation puts it beside the sources."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile before hatchling collects the files."""
        if self.target_name != "wheel":
            return
        folder = Path(self.root) / FOLDER
        if version == "editable":
            error = compile_library(folder, folder / LIBRARY)
            (folder / MESSAGE).unlink(missing_ok=True)
            self._tell(error, folder)
            return
        self._folder = tempfile.TemporaryDirectory(prefix="hqcam-kernels-")
        made = Path(self._folder.name)
        error = compile_library(folder, made / LIBRARY)
        self._tell(error, made)
        name = LIBRARY if error is None else MESSAGE
        build_data["force_include"][str(made / name)] = f"{FOLDER}/{name}"
        if error is None:
            build_data["pure_python"] = False
            platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
            build_data["tag"] = f"py3-none-{platform}"  # it is no extension module: any Python can load it

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what only the wheel needed."""
        if hasattr(self, "_folder"):
            self._folder.cleanup()

    def _tell(self, error: str | None, folder: Path) -> None:
        if error is not None:
            self.app.display_warning(f"hqcam is installed without compiled kernels, and slower: {error}")
            (folder / MESSAGE).write_text(f"{error}\n")
