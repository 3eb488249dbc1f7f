"""What may be done to a picture after the demosaic, as one would write it: (luma, gain) in, luma out.

Written from descriptions of what cameras and libraries do, some of each family and strength, because nobody can know
which one a file has seen. The strengths that follow the noise are multiples of what it is in mid grey.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from analysis_scenes import gauss
from PIL import Image

from device.analysis.noise import photosite_sigma
from device.frame import U8, ProcessingName
from device.sensors.imx477 import IMX477
from device.simulator.denoise_sharpen import denoise_and_sharpen

Work = Callable[[U8, float], U8]


def untouched(luma: U8, _: float) -> U8:
    """Nothing."""
    return luma


def gaussian(sigma: float) -> Work:
    """Blur all alike."""
    return lambda luma, _: codes(gauss(luma.astype(float), sigma))


def median(share: float) -> Work:
    """Mix the median of 3 x 3 pixels with what was there."""

    def work(luma: U8, _: float) -> U8:
        middle = np.median(np.stack([luma.astype(float), *neighbours(luma, 1)]), axis=0)
        return codes(luma + share * (middle - luma))

    return work


def bilateral(noises: float) -> Work:
    """Mean of 5 x 5 pixels, weighted by distance (sigma 1.2) and by likeness (sigma a multiple of the noise)."""

    def work(luma: U8, gain: float) -> U8:
        total, weights = luma.astype(float), np.ones(luma.shape)
        for (dy, dx), other in zip(steps(2), neighbours(luma, 2), strict=True):
            like = np.exp(-((other - luma) ** 2) / (2 * (noises * noise_codes(gain)) ** 2))
            like *= np.exp(-(dy**2 + dx**2) / (2 * 1.2**2))
            total += like * other
            weights += like
        return codes(total / weights)

    return work


def non_local(noises: float) -> Work:
    """Mean of 7 x 7 pixels, weighted by the likeness of the 3 x 3 pixels around them beyond what noise makes."""

    def work(luma: U8, gain: float) -> U8:
        sigma = noise_codes(gain)
        total, weights = luma.astype(float), np.ones(luma.shape)
        for other in neighbours(luma, 3):
            apart = (other - luma) ** 2
            apart = (apart + sum(neighbours(apart, 1))) / 9
            like = np.exp(-np.maximum(apart - 2 * sigma**2, 0) / (noises * sigma) ** 2)
            total += like * other
            weights += like
        return codes(total / weights)

    return work


def coring(luma: U8, gain: float) -> U8:
    """The simulated camera's own for stills: detail that is smaller than noise is taken away."""
    cored = luma.copy()
    denoise_and_sharpen(cored, sharpness=0.0, noise_reduction="fast", gain=gain)
    return cored


def unsharp(amount: float, sigma: float) -> Work:
    """Add what a blur takes away."""
    return lambda luma, _: codes(luma + amount * (luma - gauss(luma.astype(float), sigma)))


def jpeg(quality: int) -> Work:
    """To JPEG with halved chroma and back."""

    def work(luma: U8, _: float) -> U8:
        buffer = io.BytesIO()
        Image.fromarray(luma).convert("RGB").save(buffer, "JPEG", quality=quality, subsampling="4:2:0")
        return np.asarray(Image.open(buffer).convert("L"))

    return work


def codes(values: np.ndarray) -> U8:
    """Round to whole codes."""
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def noise_codes(gain: float) -> float:
    """Noise of a demosaicked pixel of mid grey: its luma is a mean that halves the photosites' [measured: 0.55]."""
    return 0.55 * float(photosite_sigma(IMX477, gain=gain, binning=1)[118])


def steps(reach: int) -> list[tuple[int, int]]:
    """All moves of up to `reach` pixels along both axes but none at all."""
    span = range(-reach, reach + 1)
    return [(dy, dx) for dy in span for dx in span if (dy, dx) != (0, 0)]


def neighbours(plane: np.ndarray, reach: int) -> list[np.ndarray]:
    """The plane moved by all `steps`; ends repeat."""
    height, width = plane.shape
    padded = np.pad(plane.astype(float), reach, mode="edge")
    return [padded[reach + dy :, reach + dx :][:height, :width] for dy, dx in steps(reach)]


RENDERED: dict[str, tuple[ProcessingName, Work]] = {
    "Gauss 0.5": ("denoise", gaussian(0.5)),
    "Gauss 0.65": ("denoise", gaussian(0.65)),
    "median": ("denoise", median(1.0)),
    "median, half": ("denoise", median(0.5)),
    "bilateral 1": ("denoise", bilateral(1.0)),
    "bilateral 2": ("denoise", bilateral(2.0)),
    "bilateral 4": ("denoise", bilateral(4.0)),
    "non-local 0.4": ("denoise", non_local(0.4)),
    "non-local 0.8": ("denoise", non_local(0.8)),
    "coring": ("denoise", coring),
    "unsharp 0.5, 1": ("sharp", unsharp(0.5, 1.0)),
    "unsharp 1, 1": ("sharp", unsharp(1.0, 1.0)),
    "unsharp 1, 1.5": ("sharp", unsharp(1.0, 1.5)),
    "unsharp 1.5, 1": ("sharp", unsharp(1.5, 1.0)),
    "JPEG 75": ("jpeg", jpeg(75)),
    "JPEG 85": ("jpeg", jpeg(85)),
    "JPEG 95": ("jpeg", jpeg(95)),
}
"""What is declared, and what is done."""
