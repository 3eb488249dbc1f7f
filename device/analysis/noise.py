"""The sensor's noise in the display signal, for each code: no assist may mistake it for detail."""

from __future__ import annotations

import numpy as np

from device.frame import F64
from device.sensors.base import Sensor

ROUNDING_VARIANCE = 1 / 12  # of a uniform distribution over one code


def photosite_sigma(sensor: Sensor, *, gain: float, binning: int) -> F64:
    """Give one photosite's standard deviation, in display codes at each of the 256 codes, and that of rounding.

    Photon and read noise at the gain and binning, through the slope of the tone curve. No demosaicking, white balance
    or colour matrix: `processing.Processing` knows what these do to noise. Digital gain is not in it.
    """
    slope, constant = sensor.noise.variance_dn(gain, binning)
    span_dn = sensor.white_dn - sensor.black_dn
    linear = sensor.tone.to_linear(np.arange(256) / 255.0)
    sigma: F64 = _slope_at(sensor, linear) * np.sqrt(slope * linear * span_dn + constant) / span_dn * 255.0
    return np.sqrt(sigma**2 + ROUNDING_VARIANCE)


def contrast_codes(sensor: Sensor) -> F64:
    """Give what a small change of light makes of the display signal: codes for each unit of ln(light), at each code.

    A structure's codes over this are its contrast in the light, whatever the exposure.
    """
    linear = sensor.tone.to_linear(np.arange(256) / 255.0)
    codes: F64 = _slope_at(sensor, linear) * linear * 255.0
    return codes


def _slope_at(sensor: Sensor, linear: F64) -> F64:
    """Give d(display)/d(linear); on a knot the steeper of the two pieces."""
    slopes = np.array(sensor.tone.slopes())
    last = len(slopes) - 1
    above = np.clip(np.searchsorted(sensor.tone.linear, linear, side="right") - 1, 0, last)
    below = np.clip(np.searchsorted(sensor.tone.linear, linear, side="left") - 1, 0, last)
    steeper: F64 = np.maximum(slopes[above], slopes[below])
    return steeper
