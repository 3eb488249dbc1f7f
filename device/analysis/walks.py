"""The fastest walks there are: compiled where hqcam was installed with a C compiler, else numpy's. Both do the same.

Only what runs is imported: numpy's would take 6 ms of every start, 30 on a Pi.
"""

from __future__ import annotations

from device import kernels
from device.analysis.detail import Detail
from device.analysis.detail_compiled import CompiledDetail
from device.analysis.display import Display
from device.analysis.display_compiled import CompiledDisplay
from device.analysis.raw_marks import RawMarks
from device.analysis.raw_marks_compiled import CompiledRawMarks


def detail_for(height: int, width: int, *, compiled: bool = True) -> Detail:
    """Give it for pictures of this size; numpy's when not `compiled`."""
    if compiled and kernels.COMPILED is not None:
        return CompiledDetail(height, width, kernels.COMPILED)
    from device.analysis.detail_numpy import NumpyDetail

    return NumpyDetail(height, width)


def display_for(height: int, width: int, factor: int, *, compiled: bool = True) -> Display:
    """Give it for pictures of this size and overlays brought down by `factor`; numpy's when not `compiled`."""
    if compiled and kernels.COMPILED is not None:
        return CompiledDisplay(height, width, factor, kernels.COMPILED)
    from device.analysis.display_numpy import NumpyDisplay

    return NumpyDisplay(height, width, factor)


def raw_marks_for(height: int, width: int, factor: int, *, compiled: bool = True) -> RawMarks:
    """Give it for frames of this size and overlays brought down by `factor`; numpy's when not `compiled`."""
    if compiled and kernels.COMPILED is not None:
        return CompiledRawMarks(factor, kernels.COMPILED)
    from device.analysis.raw_marks_numpy import NumpyRawMarks

    return NumpyRawMarks(height, width, factor)
