"""A comparison for the exposure tools: what FFmpeg's sobel, histogram and waveform filters cost on the same luma.

FFmpeg is a Debian package (`apt install ffmpeg`), run as a program, single-threaded, on luma alone; the time to read
the frames is subtracted. Where it is not installed nothing is compared, and the bench prints that.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import tempfile
from pathlib import Path

from device.errors import ServerError
from device.frame import U8

FRAMES = 60
FILTERS = "split=3[a][b][c];[a]sobel[x];[b]histogram[y];[c]waveform[z]"
OUTPUTS = [part for name in "xyz" for part in ("-map", f"[{name}]", "-f", "null", "-")]


def is_there() -> bool:
    """Whether FFmpeg is installed."""
    return shutil.which("ffmpeg") is not None


def measure(luma: U8) -> float:
    """Give FFmpeg's milliseconds of processor time for one frame through the three filters."""
    with tempfile.TemporaryDirectory(prefix="hqcam-bench-") as folder:
        frame = Path(folder) / "frame.gray"
        frame.write_bytes(luma.tobytes())
        filtered = min(_cpu_s(frame, luma, ["-filter_complex", FILTERS, *OUTPUTS]) for _ in range(2))
        read = min(_cpu_s(frame, luma, ["-f", "null", "-"]) for _ in range(2))
    return 1000 * (filtered - read) / FRAMES


def _cpu_s(frame: Path, luma: U8, what: list[str]) -> float:
    height, width = luma.shape
    command = ["ffmpeg", "-v", "error", "-nostdin", "-threads", "1"]
    command += ["-filter_threads", "1", "-filter_complex_threads", "1", "-f", "rawvideo", "-pix_fmt", "gray"]
    command += ["-s", f"{width}x{height}", "-stream_loop", str(FRAMES - 1), "-i", str(frame), *what]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise ServerError(f"ffmpeg failed: {done.stderr.strip()[-200:]}", remedy="check `ffmpeg -version`")
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
