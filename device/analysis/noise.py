"""How much a sensor's own noise moves the display signal, code by code: what every assist must not mistake for detail.

Raw noise (photon and read noise at the gain and binning) goes through demosaicking, white balance, the colour matrix
and the tone curve. The factors below are worked out for daylight, where red is amplified most, so that they hold for
warmer light too. Denoising and sharpening by an ISP are not in them, nor is digital gain.
"""

from __future__ import annotations

import numpy as np

from device.sensors.base import F64, Sensor

# Luma's weights on white-balanced camera R, G, B behind the 5881 K matrix are 0.39, 0.91, -0.31 [calc from imx477.py];
# daylight gains are 3.15, 1, 1.42. A grey y has raw y/3.15, y, y/1.42, so photon noise arrives with
# 0.39^2*3.15 + 0.91^2 + 0.31^2*1.42 = 0.48 + 0.82 + 0.14, read noise with (0.39*3.15)^2 + 0.82 + (0.31*1.42)^2.
# Bilinear demosaicking leaves at most 1/2, 1 and 1/2 of the variance of R, G and B (at a green site).
PHOTON_FACTOR = 1.13
READ_FACTOR = 1.68
# On average over the four sites it leaves 0.56, 0.62 and 0.56, and neighbours share samples: in green the variance
# of the difference of two neighbours is 0.75 of a photosite's, against 2 without demosaicking [calc].
NEIGHBOUR_VARIANCE_FACTOR = 0.75


def display_sigma(sensor: Sensor, *, gain: float, binning: int) -> F64:
    """Give the standard deviation of a grey's display luma, in codes, at each of the 256 codes: an upper estimate."""
    slope, constant = sensor.noise.variance_dn(gain, binning)
    span_dn = sensor.white_dn - sensor.black_dn
    linear = sensor.tone.to_linear(np.arange(256) / 255.0)
    variance_dn2 = PHOTON_FACTOR * slope * linear * span_dn + READ_FACTOR * constant
    sigma: F64 = _slope_at(sensor, linear) * np.sqrt(variance_dn2) / span_dn * 255.0
    return sigma


def _slope_at(sensor: Sensor, linear: F64) -> F64:
    """Give d(display)/d(linear); on a knot the steeper of the two pieces."""
    slopes = np.array(sensor.tone.slopes())
    last = len(slopes) - 1
    above = np.clip(np.searchsorted(sensor.tone.linear, linear, side="right") - 1, 0, last)
    below = np.clip(np.searchsorted(sensor.tone.linear, linear, side="left") - 1, 0, last)
    steeper: F64 = np.maximum(slopes[above], slopes[below])
    return steeper
