"""What hqcam knows about a kind of sensor: geometry, modes, noise, colour, tone. Numbers live beside their sensor."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from device.bayer import CfaOrder
from device.frame import F64, Mode


@dataclass(frozen=True, slots=True)
class NoiseModel:
    """Photon and read noise of one photosite.

    Read noise in electrons at gain g: sqrt(`read_a_e2` + `read_b_e2` / g^2): a part before and a part after the
    amplifier. `dn_per_e` is the system gain at analogue gain 1 on the sensor's own raw scale.
    """

    dn_per_e: float
    read_a_e2: float
    read_b_e2: float

    def read_noise_dn(self, gain: float) -> float:
        """Read noise in DN at analogue `gain`.

        >>> NoiseModel(0.47, 2.31, 8.29).read_noise_dn(1.0)  # doctest: +ELLIPSIS
        1.53...
        """
        return math.sqrt(self.read_a_e2 + self.read_b_e2 / gain**2) * self.dn_per_e * gain

    def variance_dn(self, gain: float, binning: int = 1) -> tuple[float, float]:
        """Give (slope, constant): variance in DN^2 = slope * signal_dn + constant.

        Binning averages `binning`^2 photosites, which divides the variance by that number (libcamera's noise factor).
        """
        sites = binning**2
        return self.dn_per_e * gain / sites, self.read_noise_dn(gain) ** 2 / sites

    def dng_profile(self, gain: float, span_dn: float, binning: int = 1) -> tuple[float, float]:
        """Give (S, O) of DNG's NoiseProfile: std(x) = sqrt(S x + O) with x = (raw - black) / `span_dn`."""
        slope, constant = self.variance_dn(gain, binning)
        return slope / span_dn, constant / span_dn**2


@dataclass(frozen=True, slots=True)
class ToneCurve:
    """A rendering's tone curve as straight pieces between knots, both axes 0..1."""

    linear: tuple[float, ...]
    display: tuple[float, ...]

    def to_display(self, linear: F64) -> F64:
        """Map scene-linear 0..1 to the display signal 0..1; values outside are clipped."""
        return np.interp(linear, self.linear, self.display)

    def to_linear(self, display: F64) -> F64:
        """Map the display signal 0..1 back to scene-linear 0..1."""
        return np.interp(display, self.display, self.linear)

    def with_contrast(self, contrast: float) -> ToneCurve:
        """Give the curve with its display axis stretched about the middle, as libcamera's Contrast does.

        Parts that are stretched beyond black and white are cut off, so that the curve can be inverted.

        >>> ToneCurve((0.0, 0.5, 1.0), (0.0, 0.5, 1.0)).with_contrast(2.0)
        ToneCurve(linear=(0.25, 0.5, 0.75), display=(0.0, 0.5, 1.0))
        """
        if contrast == 1:
            return self
        ends = [min(max(0.5 + side / contrast, 0.0), 1.0) for side in (-0.5, 0.5)]
        inner = [x for x, y in zip(self.linear, self.display, strict=True) if ends[0] < y < ends[1]]
        linear = [float(self.to_linear(np.array(ends[0]))), *inner, float(self.to_linear(np.array(ends[1])))]
        display = 0.5 + contrast * (self.to_display(np.array(linear)) - 0.5)
        return ToneCurve(tuple(linear), tuple(float(y) for y in np.clip(np.round(display, 12), 0, 1)))

    def slopes(self) -> tuple[float, ...]:
        """Give d(display)/d(linear) of each piece between two knots."""
        return tuple(float(s) for s in np.diff(self.display) / np.diff(self.linear))


@dataclass(frozen=True, slots=True)
class ColourModel:
    """White balance and colour of a sensor behind its filters, over colour temperature.

    `ct_curve` rows are (kelvin, R/G, B/G) of a grey seen by the sensor; `ccms` rows are (kelvin, 3x3 row-major
    white-balanced camera RGB -> linear sRGB, each row summing to 1).
    """

    ct_curve: tuple[tuple[float, float, float], ...]
    ccms: tuple[tuple[float, tuple[float, ...]], ...]

    def gains_at(self, kelvin: float) -> tuple[float, float]:
        """Give the (red, blue) gains that make a grey under `kelvin` neutral; beyond the curve those of its end."""
        k, r, b = zip(*self.ct_curve, strict=True)
        return 1.0 / float(np.interp(kelvin, k, r)), 1.0 / float(np.interp(kelvin, k, b))

    def kelvin_of(self, gains: tuple[float, float]) -> float:
        """Give the temperature on the white-balance curve that lies closest to (red, blue) gains."""
        neutral = np.array([1.0 / gains[0], 1.0 / gains[1]])
        curve = np.array(self.ct_curve, dtype=np.float64)
        kelvins = np.linspace(curve[0, 0], curve[-1, 0], 512)
        points = np.stack([np.interp(kelvins, curve[:, 0], curve[:, i]) for i in (1, 2)], axis=1)
        return float(kelvins[np.argmin(((points - neutral) ** 2).sum(axis=1))])

    def ccm_at(self, kelvin: float) -> F64:
        """Give the 3x3 colour correction matrix, interpolated between the two nearest temperatures."""
        kelvins = [k for k, _ in self.ccms]
        table = np.array([m for _, m in self.ccms])
        return np.array([np.interp(kelvin, kelvins, table[:, i]) for i in range(9)]).reshape(3, 3)


@dataclass(frozen=True, slots=True)
class AutoExposureTable:
    """How auto exposure divides an exposure into time and gain: stages of (exposure_us, gain), used in order."""

    stages: tuple[tuple[float, float], ...]
    target_mean: float
    """Wanted mean of the linear picture, 0..1."""
    highlight_quantile: float
    highlight_floor: float
    """The mean of the brightest (1 - quantile) part is brought to at least this."""


@dataclass(frozen=True, slots=True)
class GainLaw:
    """Which analogue gains a sensor has: one for each whole code from `code_min` to `code_max`.

    `reciprocal`: steps / (steps - code). `exponential`: `steps` codes are a factor of ten. `linear`: code / steps.

    >>> GainLaw("exponential", 200, 0, 239).gain(200)
    10.0
    """

    kind: Literal["reciprocal", "exponential", "linear"]
    steps: float
    code_min: int
    code_max: int

    def gain(self, code: int) -> float:
        """Give the gain of a code."""
        if self.kind == "reciprocal":
            return self.steps / (self.steps - code)
        return 10.0 ** (code / self.steps) if self.kind == "exponential" else code / self.steps

    def code(self, gain: float) -> int:
        """Give the code of the next lower gain (truncation, as libcamera), or the nearest there is."""
        wanted = max(gain, 1e-6)
        if self.kind == "reciprocal":
            code = self.steps - self.steps / wanted
        else:
            code = self.steps * (math.log10(wanted) if self.kind == "exponential" else wanted)
        return min(max(math.floor(code + 1e-9), self.code_min), self.code_max)


@dataclass(frozen=True, slots=True)
class Sensor:
    """A kind of image sensor as it sits in a camera module."""

    model: str
    description: str
    unique_camera_model: str
    """DNG UniqueCameraModel: never changes for this sensor."""
    active_width: int
    active_height: int
    pixel_pitch_um: float
    cfa: CfaOrder
    bit_depth: int
    black_dn: float
    white_dn: int
    gains: GainLaw
    exposure_margin_lines: int
    exposure_delay_frames: int
    gain_delay_frames: int
    modes: tuple[Mode, ...]
    noise: NoiseModel
    tone: ToneCurve
    colour: ColourModel
    auto_exposure: AutoExposureTable
    assumed: tuple[str, ...] = ()
    """Which of these figures nobody published or measured, in words; they are chosen with care, and may be wrong."""

    @property
    def gain_max(self) -> float:
        """The highest analogue gain."""
        return self.gains.gain(self.gains.code_max)

    def quantise_gain(self, gain: float) -> float:
        """Give the gain the sensor really takes: the next lower code (truncation, as libcamera).

        >>> from device.sensors.imx477 import IMX477
        >>> IMX477.quantise_gain(4.0)
        4.0
        >>> round(IMX477.quantise_gain(22.26), 3)
        21.787
        """
        return self.gains.gain(self.gains.code(gain))
