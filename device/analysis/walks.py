"""The fastest walks there are: compiled where hqcam was installed with a C compiler, else numpy's. Both do the same."""

from __future__ import annotations

from device import kernels
from device.analysis.detail import Detail
from device.analysis.detail_compiled import CompiledDetail
from device.analysis.detail_numpy import NumpyDetail
from device.analysis.display import Display
from device.analysis.display_compiled import CompiledDisplay
from device.analysis.display_numpy import NumpyDisplay
from device.analysis.raw_marks import RawMarks
from device.analysis.raw_marks_compiled import CompiledRawMarks
from device.analysis.raw_marks_numpy import NumpyRawMarks


def detail_for(height: int, width: int, *, compiled: bool = True) -> Detail:
    """Give it for pictures of this size; numpy's when not `compiled`."""
    functions = kernels.COMPILED if compiled else None
    return NumpyDetail(height, width) if functions is None else CompiledDetail(height, width, functions)


def display_for(height: int, width: int, factor: int, *, compiled: bool = True) -> Display:
    """Give it for pictures of this size and overlays brought down by `factor`; numpy's when not `compiled`."""
    functions = kernels.COMPILED if compiled else None
    if functions is None:
        return NumpyDisplay(height, width, factor)
    return CompiledDisplay(height, width, factor, functions)


def raw_marks_for(height: int, width: int, factor: int, *, compiled: bool = True) -> RawMarks:
    """Give it for frames of this size and overlays brought down by `factor`; numpy's when not `compiled`."""
    functions = kernels.COMPILED if compiled else None
    return NumpyRawMarks(height, width, factor) if functions is None else CompiledRawMarks(factor, functions)
