"""What the assists cost on this machine: processor time on one core, and memory."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from device.analysis.analyser import Analyser
from device.analysis.settings import AssistSettings, merge
from device.analysis.subject import Subject
from device.frame import U8, RawFrame
from device.sensors.imx477 import IMX477
from web.bench import ffmpeg
from web.bench.rows import Row, not_interrupted, row

SWITCHES: dict[str, dict[str, object]] = {
    name: {name: True}
    for name in (
        *("peaking", "focus_score", "zebra_high", "zebra_band", "zebra_low", "clipping", "raw_shadow", "raw_histogram"),
        *("histogram", "vectorscope", "spot"),
    )
}
TOOLS: dict[str, dict[str, object]] = {**SWITCHES, "waveform": {"waveform": "luma"}, "parade": {"waveform": "parade"}}
"""What switches each tool on."""
_OFF = merge(AssistSettings(), {**dict.fromkeys(SWITCHES, False), "waveform": "off"})


@dataclass(frozen=True, slots=True)
class AnalysisCost:
    """Milliseconds of processor time per frame (best of several), and bytes."""

    width: int
    height: int
    tool_ms: dict[str, float]
    """Each tool alone, less the fixed part that every frame costs."""
    fixed_ms: float
    default_ms: float
    """The tools that are on by default, together."""
    all_ms: float
    exposure_ms: float
    """All but peaking and the focus score, together."""
    copy_ms: float
    """One memory copy of the frame's luma, to compare machines by."""
    numpy_peaking_ms: float
    """Peaking where nothing was compiled."""
    kept_bytes: int
    """Working memory kept between frames."""
    peak_bytes: int
    """The most a frame allocates beyond that, its result included."""


def measure_assists(
    width: int = 2028, height: int = 1520, *, best_of: int = 30, check: Callable[[], None] = not_interrupted
) -> AnalysisCost:
    """Measure one synthetic frame with raw samples, gain 4, binned, overlay of half its size.

    `check` is called often, and may raise to end it.
    """
    frame = _Frame(width, height)
    analyser = Analyser()

    def cost(settings: AssistSettings, by: Analyser = analyser) -> float:
        check()
        return _best_ms(lambda: by.analyse(frame.subject, settings), best_of)

    everything = merge(_OFF, {**dict.fromkeys(SWITCHES, True), "waveform": "luma"})
    fixed = cost(_OFF)
    target = np.empty_like(frame.luma)
    kept, peak = _memory(frame, everything)
    return AnalysisCost(
        width=width,
        height=height,
        tool_ms={tool: cost(merge(_OFF, changes)) - fixed for tool, changes in TOOLS.items()},
        fixed_ms=fixed,
        default_ms=cost(AssistSettings()),
        all_ms=cost(everything),
        exposure_ms=cost(merge(everything, {"peaking": False, "focus_score": False})),
        copy_ms=_best_ms(lambda: np.copyto(target, frame.luma), best_of),
        numpy_peaking_ms=cost(merge(_OFF, TOOLS["peaking"]), Analyser(compiled=False)) - fixed,
        kept_bytes=kept,
        peak_bytes=peak,
    )


def measure_analysis(check: Callable[[], None] = not_interrupted) -> list[Row]:
    """Give the table's rows: each assist, all together, as multiples of a memory copy, and the memory."""
    cost = measure_assists(check=check)
    peer: list[Row] = []
    if ffmpeg.is_there():
        ffmpeg_ms = ffmpeg.measure(_Frame(cost.width, cost.height).luma)
        peer = [
            row("FFmpeg's sobel, histogram and waveform of the same luma", ffmpeg_ms, "ms"),
            row("all but peaking and the focus score, of that", cost.exposure_ms / ffmpeg_ms, "", "<= 0.5"),
        ]
    rows = [
        row(f"{name.replace('_', ' ')}, one 2028x1520 frame", ms, "ms", "<= 10" if name == "peaking" else "")
        for name, ms in cost.tool_ms.items()
    ]
    return [
        *rows,
        row("peaking where nothing was compiled", cost.numpy_peaking_ms, "ms"),
        row("peaking, in memory copies of the luma", cost.tool_ms["peaking"] / cost.copy_ms, ""),
        row("all assists beside peaking and the focus score, together", cost.exposure_ms, "ms", "<= 6"),
        *peer,
        row("assists that are on from the start, together", cost.default_ms, "ms"),
        row("all assists together", cost.all_ms, "ms"),
        row("all assists, in memory copies of the luma", cost.all_ms / cost.copy_ms, ""),
        row("memory kept between frames", cost.kept_bytes / 1e6, "MB"),
        row("peak memory beyond it", cost.peak_bytes / 1e6, "MB"),
    ]


class _Frame:
    """A seeded picture with a ramp, bars, colour, noise and clipped samples."""

    def __init__(self, width: int, height: int) -> None:
        rng = np.random.default_rng(477)
        ramp = np.linspace(10, 240, width)[None, :] + 40 * (np.arange(height)[:, None] // 16 % 2)
        self.luma: U8 = np.clip(ramp + 6 * rng.standard_normal((height, width)), 0, 255).astype(np.uint8)
        half = ((height + 1) // 2, (width + 1) // 2)
        u: U8 = np.clip(rng.normal(128, 15, half), 0, 255).astype(np.uint8)
        v: U8 = np.clip(rng.normal(128, 15, half), 0, 255).astype(np.uint8)
        samples = np.clip(256 + self.luma.astype(np.int32) * 16, 0, 4095).astype(np.uint16)
        self.subject = Subject(
            luma=self.luma,
            chroma=(u, v),
            raw=RawFrame(samples, IMX477.cfa, IMX477.bit_depth, (IMX477.black_dn,) * 4, IMX477.white_dn),
            sensor=IMX477,
            gain=4.0,
            binning=2,
            colour_gains=(2.8, 1.6),
            overlay_size=half,
        )


def _best_ms(work: Callable[[], object], times: int) -> float:
    best = float("inf")
    for _ in range(times):
        begin = time.thread_time_ns()
        work()
        best = min(best, time.thread_time_ns() - begin)
    return best / 1e6


def _memory(frame: _Frame, settings: AssistSettings) -> tuple[int, int]:
    tracemalloc.start()
    try:
        analyser = Analyser()
        analyser.analyse(frame.subject, settings)
        kept, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        analyser.analyse(frame.subject, settings)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return kept, peak - kept
