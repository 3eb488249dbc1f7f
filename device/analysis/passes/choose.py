"""The fastest walks there are: compiled where hqcam was installed with a C compiler, else numpy's. Both do the same.

Only what runs is imported: numpy's would take 6 ms of every start, 30 on a Pi.
"""

from __future__ import annotations

from device import kernels
from device.analysis.passes.detail.compiled import CompiledDetail
from device.analysis.passes.detail.contract import Detail
from device.analysis.passes.display.compiled import CompiledDisplay
from device.analysis.passes.display.contract import Display
from device.analysis.passes.raw_marks.compiled import CompiledRawMarks
from device.analysis.passes.raw_marks.contract import RawMarks


def detail_for(height: int, width: int, *, compiled: bool = True) -> Detail:
    """Give it for pictures of this size; numpy's when not `compiled`."""
    if compiled and kernels.COMPILED is not None:
        return CompiledDetail(height, width, kernels.COMPILED)
    from device.analysis.passes.detail.reference import NumpyDetail

    return NumpyDetail(height, width)


def display_for(height: int, width: int, factor: int, *, compiled: bool = True) -> Display:
    """Give it for pictures of this size and overlays brought down by `factor`; numpy's when not `compiled`."""
    if compiled and kernels.COMPILED is not None:
        return CompiledDisplay(height, width, factor, kernels.COMPILED)
    from device.analysis.passes.display.reference import NumpyDisplay

    return NumpyDisplay(height, width, factor)


def raw_marks_for(height: int, width: int, factor: int, *, compiled: bool = True) -> RawMarks:
    """Give it for frames of this size and overlays brought down by `factor`; numpy's when not `compiled`."""
    if compiled and kernels.COMPILED is not None:
        return CompiledRawMarks(factor, kernels.COMPILED)
    from device.analysis.passes.raw_marks.reference import NumpyRawMarks

    return NumpyRawMarks(height, width, factor)
