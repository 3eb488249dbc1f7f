"""From a scene in linear light to luma, u and v, as some camera or converter might do it.

    scene -> the sensor's colours -> mosaic, noise, whole numbers -> demosaic, white balance -> colour matrix -> tone
          -> BT.601 -> what else was done to the luma

Noise and colour are the IMX477's at full resolution. Everything is drawn from a seed: the same call gives the same
picture. The simulator's ISP is one more way from samples to picture; it has its own demosaic, matrix and tone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from bench.demosaics import DEMOSAICS
from bench.focus_renderings import RENDERED

from device.bayer import offsets
from device.frame import F64, RawFrame, YuvPicture
from device.pixels.bt601 import FROM_RGB
from device.sensors.base import ToneCurve
from device.sensors.imx477 import IMX477
from device.simulator.isp import Isp, empty_picture

SIMULATOR: Final = "simulator"


def _curve(steps: int, contrast: float) -> ToneCurve:
    """Give sRGB's curve, mixed with a share of an S over it."""
    linear = np.linspace(0, 1, steps) ** 2.5
    display = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    display += contrast * (display**2 * (3 - 2 * display) - display)
    return ToneCurve(tuple(map(float, linear)), tuple(map(float, display)))


TONES: Final = {"sensor": IMX477.tone, "sRGB": _curve(400, 0.0), "contrasty": _curve(400, 0.6)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """One way of making a picture from a scene."""

    demosaic: str
    """Of `DEMOSAICS`, or `SIMULATOR`."""
    kelvin: float = 5000
    """Of the light, which the white balance and the matrix know."""
    matrix: float = 1.0
    """0 leaves the sensor's own colours, 1 gives the scene's."""
    tone: str = "sensor"
    bits: int = 12
    """Of the samples; black and white are scaled with them."""
    work: str | None = None
    """Of `focus_renderings.RENDERED`; done to the luma, nothing else is declared."""

    @property
    def name(self) -> str:
        """Short, and different for each rendering."""
        bits = "" if self.bits == 12 else f" {self.bits}-bit"
        work = f" + {self.work}" if self.work else ""
        return f"{self.demosaic} {self.matrix:g} {self.kelvin:g} {self.tone}{bits}{work}"

    @property
    def tone_curve(self) -> ToneCurve:
        """Linear light to display."""
        return TONES[self.tone]


def render(scene: F64, rendering: Rendering, gain: float, *, seed: int = 1, noise: bool = True) -> YuvPicture:
    """Give the picture of a scene (H, W, 3) of linear sRGB, both sides even; white is 1, more is clipped."""
    gains = IMX477.colour.gains_at(rendering.kelvin)
    colour = IMX477.colour.ccm_at(rendering.kelvin)
    seen = np.clip(scene @ np.linalg.inv(colour).T, 0, None) / np.array([gains[0], 1.0, gains[1]])
    raw = samples(seen, gain, bits=rendering.bits, seed=seed, noise=noise)
    matrix = (1 - rendering.matrix) * np.eye(3) + rendering.matrix * colour
    if rendering.demosaic == SIMULATOR:
        picture = empty_picture(raw.shape[1], raw.shape[0])
        Isp(raw.shape[1], raw.shape[0], rendering.tone_curve).develop(
            raw.samples,
            black_dn=raw.black_dn[0],
            white_dn=raw.white_dn,
            colour_gains=gains,
            ccm=matrix,
            main=picture,
            small=None,
        )
    else:
        rgb = np.clip(DEMOSAICS[rendering.demosaic](raw, gains) @ matrix.T, 0, 1)
        picture = _to_yuv(255 * rendering.tone_curve.to_display(rgb))
    if rendering.work is None:
        return picture
    _, work = RENDERED[rendering.work]
    return YuvPicture(work(picture.y, gain), picture.u, picture.v)


def samples(seen: F64, gain: float, *, bits: int, seed: int, noise: bool) -> RawFrame:
    """Expose the sensor to its own colours (H, W, 3): white of green is 1."""
    rng = np.random.default_rng(seed)
    step_dn = 2 ** (12 - bits)
    white_dn = 2**bits - 1
    span_dn = IMX477.white_dn - IMX477.black_dn
    slope, constant = IMX477.noise.variance_dn(gain)
    taken = np.empty(seen.shape[:2], np.uint16)
    for site, (row, column) in offsets(IMX477.cfa).items():
        signal_dn = np.minimum(seen[row::2, column::2, "RGB".index(site[0])], 1.2) * span_dn
        if noise:
            signal_dn = signal_dn + rng.standard_normal(signal_dn.shape) * np.sqrt(slope * signal_dn + constant)
        taken[row::2, column::2] = np.clip(np.rint((signal_dn + IMX477.black_dn) / step_dn), 0, white_dn)
    return RawFrame(taken, IMX477.cfa, bits, (IMX477.black_dn / step_dn,) * 4, white_dn)


def _to_yuv(rgb: F64) -> YuvPicture:
    """Convert codes (H, W, 3), not rounded before; u and v are those of the mean of 2 x 2 pixels."""
    height, width = rgb.shape[:2]
    weights = np.array(FROM_RGB)
    cells = rgb.reshape(height // 2, 2, width // 2, 2, 3).mean((1, 3))
    y, u, v = rgb @ weights[0], cells @ weights[1] + 128, cells @ weights[2] + 128
    return YuvPicture(*(np.clip(np.rint(plane), 0, 255).astype(np.uint8) for plane in (y, u, v)))
