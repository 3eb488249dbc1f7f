"""What our driver costs beside a bare picamera2 loop that takes the same pictures: fps, processor time and shots.

Run inside the rig's environment. Each side runs in a process of its own, in turns, and takes the same of every frame at
2028x1520: the metadata, and copies of the planes of the main and the small picture and of the raw samples.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from typing import Any

SIZE, SMALL = (2028, 1520), (1014, 760)
FRAMES = 150
ROUNDS = 3


def bare() -> dict[str, float]:
    """picamera2 as its manual shows it: capture a request, map its arrays, copy, release it."""
    import numpy as np
    from picamera2 import MappedArray, Picamera2

    camera = Picamera2()
    camera.configure(
        camera.create_preview_configuration(
            main={"format": "YUV420", "size": SIZE},
            lores={"format": "YUV420", "size": SMALL},
            raw={"format": "SRGGB12", "size": SIZE},
            controls={"FrameDurationLimits": (33_333, 83_333)},
        )
    )
    camera.start()

    def take() -> None:
        request = camera.capture_request(wait=5)
        copies = []
        for stream, (width, height) in (("main", SIZE), ("lores", SMALL)):
            with MappedArray(request, stream, write=False) as mapped:
                half = mapped.array.reshape(height * 3, -1)[2 * height :, : width // 2]
                copies += [mapped.array[:height, :width].copy()]
                copies += [half[: height // 2].copy(), half[height // 2 :].copy()]
        with MappedArray(request, "raw", write=False) as mapped:
            copies.append(mapped.array.view(np.uint16)[:, : SIZE[0]].copy())
        request.get_metadata()
        request.release()

    figures = _measure(take)
    camera.close()
    return figures


def ours() -> dict[str, float]:
    """The same through the driver."""
    from device.drivers.picamera2.driver import Picamera2Camera
    from device.frame import Controls

    camera = Picamera2Camera()
    camera.open()
    camera.start(next(m for m in camera.info.modes if (m.width, m.height) == SIZE), Controls())

    def take() -> None:
        frame = camera.next_frame(5)
        assert frame.raw is not None
        pictures: tuple[Any, ...] = (frame.main, frame.small)
        copies = [plane.copy() for p in pictures for plane in (p.y, p.u, p.v)]
        copies.append(frame.raw.samples.copy())
        frame.release()

    figures = _measure(take)
    figures |= _still_figures(camera)
    camera.close()
    return figures


def _measure(take: Any) -> dict[str, float]:
    for _ in range(20):
        take()
    began, spent = time.monotonic(), time.process_time()
    for _ in range(FRAMES):
        take()
    return {
        "fps": FRAMES / (time.monotonic() - began),
        "cpu_ms": (time.process_time() - spent) / FRAMES * 1000,
    }


def _still_figures(camera: Any) -> dict[str, float]:
    """Seconds from the press to raw and picture in hand with live frames on again, in frame times of the mode."""
    times = []
    for _ in range(5):
        began = time.monotonic()
        still = camera.capture_still(10)
        times.append((time.monotonic() - began) * still.meta.mode.max_fps)
        camera.next_frame(5).release()
    return {"still_frame_times": statistics.median(times)}


def compare() -> dict[str, float]:
    """Run both in turns, and give the medians and their ratios."""
    runs: dict[str, list[dict[str, float]]] = {"bare": [], "ours": []}
    for _ in range(ROUNDS):
        for side, figures in runs.items():
            child = subprocess.run([sys.executable, __file__, side], capture_output=True, text=True, check=True)
            figures.append(json.loads(child.stdout.splitlines()[-1]))
    median = {
        f"{side}_{name}": statistics.median(run[name] for run in figures)
        for side, figures in runs.items()
        for name in figures[0]
    }
    return median | {
        "cpu_ratio": median["ours_cpu_ms"] / median["bare_cpu_ms"],
        "fps_ratio": median["ours_fps"] / median["bare_fps"],
    }


if __name__ == "__main__":
    side = sys.argv[1] if len(sys.argv) > 1 else ""
    figures = bare() if side == "bare" else ours() if side == "ours" else compare()
    print(json.dumps({name: round(value, 3) for name, value in figures.items()}))
