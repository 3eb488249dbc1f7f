"""One full frame of CSI-2 rows to a DNG on the disk, beside PiDNG: time and size, pixels compared.

Run with `make bench-dng`. The shot is the simulated camera's; both write without forcing the disk.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from device.drivers.simulated import SimulatedCamera
from device.frame import Controls, StillFrame
from device.pixels.packed import PackedRaw, pack_csi2
from device.pixels.yuv import halve
from device.raw.dng_reader import read_raw
from device.raw.dng_writer import SampleForm, encode_dng
from device.raw.jpeg import encode_picture_jpeg
from device.raw.shot_metadata import ShotMetadata
from device.raw.tiff_reader import read_tiff
from device.sensors.imx477 import IMX477

STRIDE = 6112  # what libcamera gives for 4056 pixels of 12 bits
ROUNDS = 15


def still() -> StillFrame:
    camera = SimulatedCamera(pace=False)
    camera.open()
    camera.start(IMX477.modes[2], Controls(exposure_us=14_000.0, gain=1.0))
    shot = camera.capture_still(10)
    camera.close()
    return shot


def hqcam_writer(shot: StillFrame, rows: np.ndarray, form: SampleForm, pool: ThreadPoolExecutor) -> Callable[..., None]:
    assert shot.raw is not None
    raw = PackedRaw(rows, 4056, shot.raw.cfa, 12, shot.raw.black_dn, shot.raw.white_dn)
    metadata = ShotMetadata(shot.meta, datetime.now(UTC), clock_synchronised=True, sensor=IMX477, software="bench")
    picture = halve(halve(shot.picture))

    def write(path: Path) -> None:
        preview = encode_picture_jpeg(picture, 85)
        size = (picture.y.shape[1], picture.y.shape[0])
        buffers = encode_dng(raw, metadata, preview_jpeg=preview, preview_size=size, form=form, map_work=pool.map)
        with path.open("wb", buffering=0) as file:
            for buffer in buffers:
                file.write(buffer)

    return write


def pidng_writer(shot: StillFrame, rows: np.ndarray) -> Callable[..., None]:
    from pidng.camdefs import Picamera2Camera
    from pidng.core import PICAM2DNG

    metadata = {
        "SensorBlackLevels": (4096,) * 4,
        "ColourGains": shot.meta.colour_gains,
        "ColourCorrectionMatrix": IMX477.colour.ccm_at(shot.meta.colour_temperature_k).ravel().tolist(),
        "ExposureTime": round(shot.meta.exposure_us),
        "AnalogueGain": shot.meta.analogue_gain,
        "DigitalGain": 1.0,
        "SensorTimestamp": shot.meta.timestamp_ns,
    }

    def write(path: Path) -> None:
        camera = Picamera2Camera({"size": (4056, 3040), "format": "SRGGB12_CSI2P", "stride": STRIDE}, metadata)
        writer = PICAM2DNG(camera)
        writer.options()
        writer.convert(rows, str(path))

    return write


def main() -> None:
    shot = still()
    assert shot.raw is not None
    rows = pack_csi2(shot.raw.samples, bit_depth=12, stride=STRIDE)
    with ThreadPoolExecutor(os.cpu_count()) as pool, tempfile.TemporaryDirectory() as folder:
        writers = {
            "PiDNG": pidng_writer(shot, rows),
            "packed": hqcam_writer(shot, rows, "packed", pool),
            "lossless": hqcam_writer(shot, rows, "lossless", pool),
        }
        paths = {name: Path(folder) / f"{name}.dng" for name in writers}
        times: dict[str, list[float]] = {name: [] for name in writers}
        for _ in range(ROUNDS):  # in turns, so that whatever else the machine does meets all alike
            for name, write in writers.items():
                begin = time.perf_counter()
                write(paths[name])
                times[name].append(time.perf_counter() - begin)
        for name, path in paths.items():
            same = np.array_equal(read_raw(read_tiff(path.read_bytes())).samples, shot.raw.samples)
            ratio = statistics.median(a / b for a, b in zip(times[name], times["PiDNG"], strict=True))
            size = path.stat().st_size
            print(
                f"{name:9} {1000 * statistics.median(times[name]):6.0f} ms  best {1000 * min(times[name]):6.0f} ms  "
                f"{ratio:5.2f} of PiDNG's time  {size / 1e6:6.2f} MB  {size / paths['packed'].stat().st_size:5.2f} of "
                f"packed  pixels {'equal' if same else 'DIFFER'}"
            )


if __name__ == "__main__":
    main()
