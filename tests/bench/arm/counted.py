"""What `make bench-arm` runs under emulation: the assists on one frame, with a mark before and after what is counted.

    python -m bench.arm.counted FRAME LIBRARY

A mark is a call of sched_yield, at which the emulator writes how many instructions it has executed. The names that
belong to the marks are printed in their order, as JSON: [name, true] where it begins, [name, false] where it ends.
"""

from __future__ import annotations

import functools
import gc
import inspect
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np

from device import kernels
from device.analysis.analyser import Analyser
from device.analysis.settings import AssistSettings, merge
from device.analysis.subject import Subject
from device.bayer import CfaOrder
from device.frame import RawFrame
from device.sensors.imx477 import IMX477

ROOM = "device.analysis."
OFF = merge(
    AssistSettings(),
    dict.fromkeys(
        (name for name, value in AssistSettings.__dataclass_fields__.items() if value.default is True), False
    ),
)
WHOLE: dict[str, AssistSettings] = {
    "nothing": OFF,
    "peaking": merge(OFF, {"peaking": True}),
    "on from the start": AssistSettings(),
}


class Marks:
    """Collects names while the emulator collects counts."""

    def __init__(self) -> None:
        self.names: list[tuple[str, bool]] = []

    def around(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        """Give the function with a mark before and after each call."""

        @functools.wraps(function)
        def marked(*args: Any, **keywords: Any) -> Any:
            self.names.append((name, True))
            os.sched_yield()
            try:
                return function(*args, **keywords)
            finally:
                os.sched_yield()
                self.names.append((name, False))

        return marked

    def around_all(self) -> None:
        """Put marks around every function and method of the analysis rooms, wherever they were imported."""
        modules = [module for name, module in sys.modules.items() if name.startswith(ROOM)]
        marked: dict[FunctionType, Callable[..., Any]] = {}
        for place in [*modules, *{c for module in modules for c in vars(module).values() if inspect.isclass(c)}]:
            for name, value in list(vars(place).items()):
                if isinstance(value, FunctionType) and value.__module__.startswith(ROOM) and not name.startswith("__"):
                    label = f"{value.__module__.removeprefix(ROOM)}.{value.__qualname__}"
                    setattr(place, name, marked.setdefault(value, self.around(value, label)))


def read_frame(path: Path) -> Subject:
    """Read what `bench.arm` wrote, as the view thread gives it to the analyser."""
    with np.load(path) as file:
        about = json.loads(str(file["about"]))
        luma, chroma, samples = file["luma"], (file["u"], file["v"]), file["samples"]
    cfa: CfaOrder = about["cfa"]
    return Subject(
        luma=luma,
        chroma=chroma,
        raw=RawFrame(samples, cfa, about["bit_depth"], tuple(about["black_dn"]), about["white_dn"]),
        sensor=IMX477,
        gain=about["gain"],
        binning=2,
        colour_gains=tuple(about["colour_gains"]),
        overlay_size=(luma.shape[0] // 2, luma.shape[1] // 2),
    )


def main(frame: Path, library: Path) -> None:
    kernels.COMPILED = kernels.load(library)  # type: ignore[misc]
    assert kernels.COMPILED is not None, "the compiled kernels do not fit their sources"
    subject, marks = read_frame(frame), Marks()
    gc.disable()
    for name, settings in WHOLE.items():
        analyser = Analyser()
        analyser.analyse(subject, settings)  # the first frame makes tables and memory
        marks.around(analyser.analyse, name)(subject, settings)
    analyser = Analyser()
    analyser.analyse(subject, AssistSettings())
    marks.around_all()
    analyser.analyse(subject, AssistSettings())
    print(json.dumps(marks.names))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
