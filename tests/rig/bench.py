"""What our driver costs beside a bare picamera2 loop that takes the same pictures: fps, processor time and shots.

`make bench-rig` runs it inside the rig's environment, and it fails where the driver costs too much. Each side runs in a
process of its own, in turns, and takes the same of every frame at 2028x1520: the metadata, and copies of the planes of
the main and the small picture and of the raw samples.
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
MOST_OF_BARE = 1.2
MOST_FRAME_TIMES = 4  # from the press until a shot is in hand


def bare(frames: int) -> dict[str, float]:
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

    figures = _measure(take, frames)
    camera.close()
    return figures


def ours(frames: int) -> dict[str, float]:
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

    figures = _measure(take, frames)
    figures |= _still_figures(camera)
    camera.close()
    return figures


def _measure(take: Any, frames: int) -> dict[str, float]:
    for _ in range(20):
        take()
    began, spent = time.monotonic(), time.process_time()
    for _ in range(frames):
        take()
    return {
        "fps": frames / (time.monotonic() - began),
        "cpu_ms": (time.process_time() - spent) / frames * 1000,
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


def compare(*, rounds: int = ROUNDS, frames: int = FRAMES) -> dict[str, float]:
    """Run both in turns, and give the medians and their ratios."""
    runs: dict[str, list[dict[str, float]]] = {"bare": [], "ours": []}
    for _ in range(rounds):
        for side, figures in runs.items():
            command = [sys.executable, __file__, side, str(frames)]
            child = subprocess.run(command, capture_output=True, text=True, check=True)
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


def cheap_enough(figures: dict[str, float]) -> bool:
    """Say whether the driver costs hardly more than picamera2 itself."""
    return (
        figures["cpu_ratio"] <= MOST_OF_BARE
        and figures["fps_ratio"] >= 1 / MOST_OF_BARE
        and figures["ours_still_frame_times"] <= MOST_FRAME_TIMES
    )


if __name__ == "__main__":
    side = sys.argv[1] if len(sys.argv) > 1 else ""
    frames = int(sys.argv[2]) if len(sys.argv) > 2 else FRAMES
    figures = bare(frames) if side == "bare" else ours(frames) if side == "ours" else compare()
    print(json.dumps({name: round(value, 3) for name, value in figures.items()}))
    sys.exit(not side and not cheap_enough(figures))
