"""The files of shots through the function of `hqcam inspect`, beside the live view of the same scene.

    make bench-families ARGS='--own-files [PICTURE]'

A picture at 2 m, or generated leaves, before the simulated camera at f/2.8; the ring is turned until the blur disc has
a known radius, in pixels of the live view. Each shot is stored as `hqcam shoot` does, and its files are inspected. The
lens blurs too (diffraction and a lens of 1.3 um: half a pixel of the live view), so that less is told at radius 0 than
in the other benches.

    told    share of the textured cells with at least 4 % lit, at a radius of 0 or half a pixel
    lying   the same, at 2 pixels or more
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from bench.family_figures import DEFOCUSED, IN_FOCUS, LEAST_LIT, SETTINGS
from bench.family_scenes import coloured_leaves
from bench.focus import cells, textured
from PIL import Image

from device.analysis.analyser import Analyser
from device.analysis.overlay import Flag
from device.analysis.subject import Subject
from device.captures.shot import save_still
from device.captures.storage import Storage
from device.drivers.simulated import SimulatedCamera
from device.frame import Controls, Mask
from device.library.assists_of_file import analyse_file
from device.sensors.imx477 import IMX477
from device.simulator.depth import Depth

MODE: Final = next(mode for mode in IMX477.modes if mode.name == "2028x1520-12")
DISTANCE_M, FOCAL_MM, F_NUMBER = 2.0, 16.0, 2.8
LIGHT_US: Final = 9000.0  # at gain 1: middling brightness
RADII: Final = (0.0, 0.5, 2.0, 3.0, 4.0)
KINDS: Final = ("live", "DNG", "JPEG")
Shares = dict[str, dict[float, float]]
"""Of each kind, at each radius: the share of the textured cells that are told, in percent."""


def leaves_picture(path: Path) -> Path:
    """Write leaves, close in one half and apart in the other, as large as the full frame."""
    close, apart = (coloured_leaves((760, 1014), seed=seed, count=count) for seed, count in ((3, 24000), (4, 6000)))
    linear = np.tile(np.concatenate([close, apart], axis=1), (4, 2, 1)).clip(0, 1)
    codes = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    Image.fromarray(np.rint(255 * codes).astype(np.uint8)).save(path, compress_level=1)
    return path


def focus_for(radius: float) -> float:
    """Give the focus distance in metres, nearer than the picture, that blurs by a disc of that radius (live pixels).

    The inverse of `optics.blur_circle_um`.
    """
    diameter_m = 2 * radius * MODE.binning * IMX477.pixel_pitch_um * 1e-6
    focal_m = FOCAL_MM / 1000
    k = focal_m**2 / F_NUMBER
    return (k * DISTANCE_M + diameter_m * DISTANCE_M * focal_m) / (k + diameter_m * DISTANCE_M)


def measure(picture: Path, gains: Sequence[float], radii: Sequence[float] = RADII) -> dict[float, Shares]:
    """Give what is told of a picture by gain: live and in both files. The first gain is 1, the first radius 0."""
    results: dict[float, Shares] = {}
    with tempfile.TemporaryDirectory() as folder:
        storage = Storage(Path(folder))
        storage.prepare()
        camera = SimulatedCamera(picture, Depth(DISTANCE_M, DISTANCE_M), pace=False)
        camera.open()
        try:
            camera.start(MODE, _controls(gains[0], radii[0]))
            texture = textured(camera.next_frame(10).main.y)  # its noise is far below what counts as texture
            for gain, radius in itertools.product(gains, radii):
                camera.start(MODE, _controls(gain, radius))
                shares = results.setdefault(gain, {kind: {} for kind in KINDS})
                for kind, lit in _looks(camera, storage):
                    shares[kind][radius] = 100 * float((cells(lit.astype(float))[texture] >= LEAST_LIT).mean())
        finally:
            camera.close()
    return results


def told_and_lying(shares: dict[float, float]) -> tuple[float, float]:
    """Give the two figures of one row."""
    told = [share for radius, share in shares.items() if radius <= IN_FOCUS]
    lying = [share for radius, share in shares.items() if radius >= DEFOCUSED]
    return float(np.mean(told)), float(np.mean(lying))


def print_table(picture: Path | None, gains: Sequence[float]) -> None:
    """Print both figures for live view, DNG and JPEG at each gain."""
    with tempfile.TemporaryDirectory() as folder:
        results = measure(picture or leaves_picture(Path(folder) / "leaves.png"), gains)
    print(f"{'':6} {'ISO':>5} {'told':>7} {'lying':>7}")
    for gain, kind in itertools.product(gains, KINDS):
        told, lying = told_and_lying(results[gain][kind])
        print(f"{kind:6} {100 * gain:5g} {told:7.2f} {lying:7.2f}")


def _controls(gain: float, radius: float) -> Controls:
    return Controls(
        exposure_us=LIGHT_US / gain,
        gain=gain,
        awb="manual",
        colour_gains=IMX477.colour.gains_at(5000),
        focus_m=focus_for(radius),
        f_number=F_NUMBER,
        focal_mm=FOCAL_MM,
    )


def _looks(camera: SimulatedCamera, storage: Storage) -> Iterator[tuple[str, Mask]]:
    """Give the lit pixels, at the size of the live view: live, and in the files of a shot."""
    frame = camera.next_frame(10)
    subject = Subject(
        luma=frame.main.y,
        chroma=(frame.main.u, frame.main.v),
        sensor=IMX477,
        gain=frame.meta.analogue_gain,
        binning=frame.meta.mode.binning,
    )
    yield "live", Analyser().analyse(subject, SETTINGS).overlay & Flag.PEAKING != 0
    frame.release()
    shot = save_still(camera.capture_still(10), storage, sensor=IMX477, awb="manual")
    for file in shot.capture.files:
        kind = {".dng": "DNG", ".jpg": "JPEG"}[file.path.suffix]
        _, _, analysis, _ = analyse_file(file.path, SETTINGS, None, None)
        yield kind, analysis.overlay[::2, ::2] & Flag.PEAKING != 0
        file.path.unlink()
