"""Chooses how a pixel pass runs: compiled where hqcam was installed with a C compiler, else in numpy. Results are
equal.

The numpy modules are imported only where they run: they would add 6 ms to every start, 30 on a Pi.
"""

from __future__ import annotations

from device import kernels
from device.analysis.passes.detail.compiled import CompiledDetail
from device.analysis.passes.detail.contract import DetailPass
from device.analysis.passes.display.compiled import CompiledDisplay
from device.analysis.passes.display.contract import DisplayPass
from device.analysis.passes.raw.compiled import CompiledRaw
from device.analysis.passes.raw.contract import RawPass


def detail_pass(height: int, width: int, *, compiled: bool = True) -> DetailPass:
    """Give the pass for pictures of this size; when not `compiled`, the reference (so below)."""
    if compiled and kernels.COMPILED is not None:
        return CompiledDetail(height, width, kernels.COMPILED)
    from device.analysis.passes.detail.reference import ReferenceDetail

    return ReferenceDetail(height, width)


def display_pass(height: int, width: int, factor: int, *, compiled: bool = True) -> DisplayPass:
    """Give the pass for pictures of this size and overlays `factor` times smaller."""
    if compiled and kernels.COMPILED is not None:
        return CompiledDisplay(height, width, factor, kernels.COMPILED)
    from device.analysis.passes.display.reference import ReferenceDisplay

    return ReferenceDisplay(height, width, factor)


def raw_pass(height: int, width: int, factor: int, *, compiled: bool = True) -> RawPass:
    """Give the pass for frames of this size and overlays `factor` times smaller."""
    if compiled and kernels.COMPILED is not None:
        return CompiledRaw(factor, kernels.COMPILED)
    from device.analysis.passes.raw.reference import ReferenceRaw

    return ReferenceRaw(height, width, factor)
