"""The focus bench: sweeps of known blur through the sensor's noise, hqcam beside the ways of others.

    make bench-focus ARGS='[PICTURE...] [--plot OUT.png]'

The second table is hqcam alone on pictures that were denoised, sharpened or compressed, and declared so.

A sharp picture in linear light is blurred by a disc, put through mosaic, noise, demosaic and tone curve, and marked.
Without pictures, generated ones are used: leaves of all sizes that cover each other. Pictures given should be sharp all
over; they are halved, so that they are sharp to the pixel.

    told    share of the textured cells of 16 pixels with at least 4 % lit, sharp or blurred by half a pixel
    lying   the same, blurred by 2 pixels or more
    F:D     lit on texture, sharp over blurred by 2 to 8 pixels
    flat    percent of noisy grey that is lit
    specks  percent of the marks that are smaller than four pixels
    flicker percent of the lit pixels that differ between two frames of a still scene
"""

from __future__ import annotations

import argparse
import functools
from collections.abc import Callable
from pathlib import Path

import numpy as np
from analysis_scenes import component_sizes, disc, leaves, render
from bench.focus_peers import PEERS
from bench.focus_renderings import RENDERED, Work, untouched
from PIL import Image, ImageDraw

from device.analysis import peaking, sharpness
from device.analysis.noise import photosite_sigma
from device.analysis.processing import PROCESSINGS
from device.frame import ProcessingName
from device.sensors.imx477 import IMX477

RADII = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
GAINS = (1.0, 4.0, 16.0)
CELL = 16
TEXTURED = 40.0  # mean square of the fine structure of a cell of the sharp picture, in codes squared
Detector = Callable[[np.ndarray, float], np.ndarray]


def hqcam(luma: np.ndarray, gain: float, *, declared: ProcessingName = "none") -> np.ndarray:
    """The product's own mask at its defaults."""
    processing = PROCESSINGS[declared]
    sigma = photosite_sigma(IMX477, gain=gain, binning=1)
    scratch = sharpness.Scratch(*luma.shape)
    sharp = sharpness.measure_sharpness(luma, sigma, processing=processing, scratch=scratch, gain=gain)
    threshold = peaking.threshold_for(sharp, processing, "medium")
    return peaking.peaking_mask(luma, sharp, threshold=threshold, detail=scratch.detail)


def detectors() -> dict[str, Detector]:
    """hqcam first, then the others, which know no gain."""
    others: dict[str, Detector] = {
        name: lambda luma, gain, find=find: find(luma.astype(float))  # type: ignore[misc]
        for name, find in PEERS.items()
    }
    return {"hqcam": hqcam, **others}


def photograph(path: Path) -> np.ndarray:
    """Read a picture as linear grey, half its size, at most 720 x 560, of middling brightness."""
    grey = Image.open(path).convert("L")
    codes = np.asarray(grey.resize((grey.width // 2, grey.height // 2), Image.Resampling.BOX), float)[:560, :720] / 255
    linear = np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)
    even = linear[: linear.shape[0] // 2 * 2, : linear.shape[1] // 2 * 2]
    return even * min(2.0, 0.18 / max(float(even.mean()), 1e-3))


def rendered(scene: np.ndarray, gain: float, seed: int = 1) -> np.ndarray:
    """Noise of the full-resolution mode, grey light: no white balance."""
    return render(scene, gain=gain, binning=1, seed=seed, gains=(1.0, 1.0))


def cells(plane: np.ndarray) -> np.ndarray:
    """Mean of each whole cell but the outermost."""
    height, width = (n // CELL * CELL for n in plane.shape)
    means = plane[:height, :width].reshape(height // CELL, CELL, width // CELL, CELL).mean((1, 3))
    return means[1:-1, 1:-1]


def textured(sharp: np.ndarray) -> np.ndarray:
    """The cells of a noise-free sharp picture that have texture."""
    y = np.pad(sharp.astype(float), 1, mode="edge")
    across = y[1:-1, :-2] + y[1:-1, 2:] - 2 * y[1:-1, 1:-1]
    down = y[:-2, 1:-1] + y[2:, 1:-1] - 2 * y[1:-1, 1:-1]
    return cells(across**2 + down**2) > TEXTURED


def speck_share(lit: np.ndarray) -> float:
    """Share of the 8-connected marks that have fewer than four pixels."""
    sizes = component_sizes(lit)
    return float((sizes < 4).mean()) if sizes.size else 0.0


def measure(
    scenes: list[np.ndarray], find: Detector, gain: float, *, work: Work = untouched, radii: tuple[float, ...] = RADII
) -> dict[str, float]:
    """One row: the figures in percent but F:D, and what is lit on texture at each radius ("lit 2.0").

    `work` is what was done to each picture before it was marked.
    """

    def taken(scene: np.ndarray, seed: int = 1) -> np.ndarray:
        return work(rendered(scene, gain, seed=seed), gain)

    on_texture: dict[float, list[float]] = {r: [] for r in radii}
    shares: dict[float, list[float]] = {r: [] for r in radii}
    specks, flicker = [], []
    for scene in scenes:
        texture = textured(rendered(scene, 1.0))
        for radius in radii:
            blurred = disc(scene, radius) if radius else scene
            lit = find(taken(blurred), gain)
            amounts = cells(lit.astype(float))[texture]
            on_texture[radius].append(float(amounts.mean()))
            shares[radius].append(float((amounts >= 0.04).mean()))
            if radius == 0:
                specks.append(speck_share(lit))
                again = find(taken(scene, seed=2), gain)
                flicker.append((lit ^ again).sum() / max(1, lit.sum() + again.sum()))
    flat = find(taken(np.full((400, 600), 0.18)), gain).mean()
    blurred_lit = np.mean([on_texture[r] for r in radii if r >= 2])
    return {
        "told": 100 * float(np.mean([shares[r] for r in radii if r <= 0.5])),
        "lying": 100 * float(np.mean([shares[r] for r in radii if r >= 2])),
        "F:D": float(np.mean(on_texture[0.0])) / max(float(blurred_lit), 1e-6),
        "flat": 100 * float(flat),
        "specks": 100 * float(np.mean(specks)),
        "flicker": 100 * float(np.mean(flicker)),
        **{f"lit {r}": 100 * float(np.mean(on_texture[r])) for r in radii},
    }


def measure_rendered(scenes: list[np.ndarray], name: str, gain: float) -> dict[str, float]:
    """One row of a declared rendering; the radii that tell most."""
    declared, work = RENDERED[name]
    find = functools.partial(hqcam, declared=declared)
    return measure(scenes, find, gain, work=work, radii=(0.0, 0.5, 2.0, 3.0, 4.0))


def table(results: dict[tuple[str, float], dict[str, float]]) -> str:
    """The figures as text."""
    columns = ("told", "lying", "F:D", "flat", "specks", "flicker")
    lines = [f"{'':18} {'gain':>5} " + " ".join(f"{c:>8}" for c in columns)]
    for (name, gain), row in results.items():
        lines.append(f"{name:18} {gain:5g} " + " ".join(f"{row[c]:8.2f}" for c in columns))
    return "\n".join(lines)


def plot(results: dict[tuple[str, float], dict[str, float]], path: Path) -> None:
    """What is lit on texture against blur, gain 4, one line each."""
    width, height, left, bottom = 760, 420, 60, 50
    picture = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(picture)
    colours = ("#d00000", "#1f77b4", "#2ca02c", "#9467bd", "#8c564b", "#7f7f7f")

    def at(radius: float, percent: float) -> tuple[float, float]:
        return left + radius / 8 * (width - left - 190), height - bottom - percent / 50 * (height - bottom - 30)

    for percent in range(0, 51, 10):
        draw.line([at(0, percent), at(8, percent)], fill="#dddddd")
        draw.text((20, at(0, percent)[1] - 6), f"{percent} %", fill="black")
    for radius in (0, 1, 2, 3, 4, 6, 8):
        draw.text((at(radius, 0)[0] - 3, height - bottom + 8), f"{radius}", fill="black")
    draw.text((left + 120, height - 22), "radius of the blur in pixels", fill="black")
    draw.text((left, 8), "lit on textured places, gain 4: in focus at the left", fill="black")
    for colour, name in zip(colours, dict.fromkeys(name for name, _ in results), strict=False):
        row = results[name, 4.0]
        points = [at(r, min(row[f"lit {r}"], 50)) for r in RADII]
        draw.line(points, fill=colour, width=4 if name == "hqcam" else 2)
        slot = list(dict.fromkeys(n for n, _ in results)).index(name)
        draw.line([(width - 175, 40 + 22 * slot), (width - 150, 40 + 22 * slot)], fill=colour, width=4)
        draw.text((width - 142, 34 + 22 * slot), name, fill="black")
    picture.save(path, optimize=True)


def main() -> None:
    """Run the sweeps and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("pictures", nargs="*", type=Path, metavar="PICTURE")
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    scenes = [photograph(p) for p in options.pictures] or [leaves((400, 560), seed=s, count=9000) for s in (1, 2)]
    results = {(name, gain): measure(scenes, find, gain) for name, find in detectors().items() for gain in GAINS}
    print(table(results))
    print("\ndeclared")
    print(table({(name, gain): measure_rendered(scenes, name, gain) for name in RENDERED for gain in GAINS}))
    if options.plot:
        plot(results, options.plot)


if __name__ == "__main__":
    main()
