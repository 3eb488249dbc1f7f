"""White balance: estimates the light's colour temperature along the sensor's curve, or uses the requested one.

The estimate follows libcamera: every zone of the picture has a cost at each temperature, its distance from grey there.
The cost has an upper limit, so that a coloured object counts little. Bright zones count more, because white objects are
bright. A small bias to daylight decides when nothing in the picture is grey.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from device.frame import Controls
from device.sensors.base import ColourModel
from device.simulator.layers import F32

# Middles of libcamera's ranges for the vc4 tuning of the imx477 (rpi.awb "modes").
PRESETS_K: Final[dict[str, float]] = {
    "incandescent": 2750.0,
    "tungsten": 3250.0,
    "fluorescent": 4350.0,
    "indoor": 4000.0,
    "daylight": 6000.0,
    "cloudy": 7800.0,
}
AUTO_RANGE_K: Final = (2500.0, 8000.0)  # the same tuning's "auto"
SPEED: Final = 0.12  # chosen: near the target after about a third of a second
_GREY_LIMIT: Final = 0.01  # chosen: the upper limit of a zone's cost: squared distance from grey
_DAYLIGHT_K: Final = 5500.0
_DAYLIGHT_BIAS: Final = 0.12  # chosen: at the end of the range it outweighs an eighth of the picture
_START_K: Final = 4500.0  # libcamera starts here too
_DARK: Final = 0.01  # chosen: zones below this are noise


class WhiteBalance:
    """Keeps the estimated temperature between frames."""

    def __init__(self, colour: ColourModel) -> None:
        self._colour = colour
        self._mireds = np.linspace(1e6 / AUTO_RANGE_K[1], 1e6 / AUTO_RANGE_K[0], 56)
        away = self._mireds - 1e6 / _DAYLIGHT_K
        self._daylight_bias = _DAYLIGHT_BIAS * _GREY_LIMIT * (away / np.abs(away).max()) ** 2
        self._gains = np.array([colour.gains_at(1e6 / m) for m in self._mireds], np.float32)
        self._mired = 1e6 / _START_K
        self._first = True

    def current(self, controls: Controls) -> tuple[tuple[float, float], float]:
        """Give ((red, blue) gains, kelvin) to develop the next frame with."""
        if controls.awb == "manual" and controls.colour_gains is not None:
            return controls.colour_gains, self._kelvin_of(controls.colour_gains)
        if controls.awb == "kelvin" and controls.colour_temperature_k is not None:
            return self._colour.gains_at(controls.colour_temperature_k), controls.colour_temperature_k
        kelvin = PRESETS_K.get(controls.awb, 1e6 / self._mired)
        return self._colour.gains_at(kelvin), kelvin

    def update(self, zones: F32, controls: Controls) -> None:
        """Adapt to a frame's zones (see `auto_exposure.Metered`)."""
        zones = zones[zones.min(axis=1) > _DARK] if zones.size else zones
        if controls.awb != "auto" or len(zones) == 0:
            return
        found = self._best_mired(zones)
        # As libcamera: the first frame sets the estimate, later ones move it gradually.
        self._mired += (1.0 if self._first else SPEED) * (found - self._mired)
        self._first = False

    def _best_mired(self, zones: F32) -> float:
        ratios = zones[:, 0::2] / zones[:, 1:2]
        away = ((ratios[None] * self._gains[:, None] - 1) ** 2).sum(axis=2)
        cost = (np.minimum(away, _GREY_LIMIT) * zones[:, 1]).sum(axis=1) + self._daylight_bias * zones[:, 1].sum()
        best = int(cost.argmin())
        if not 0 < best < len(cost) - 1:
            return float(self._mireds[best])
        left, middle, right = (float(c) for c in cost[best - 1 : best + 2])
        curve = left - 2 * middle + right
        shift = 0.5 * (left - right) / curve if curve > 0 else 0.0
        return float(self._mireds[best] + shift * (self._mireds[1] - self._mireds[0]))

    def _kelvin_of(self, gains: tuple[float, float]) -> float:
        """Give the temperature on the curve with the nearest ratio of red to blue, for the colour matrix."""
        wanted = np.log(gains[0] / gains[1])
        return float(1e6 / self._mireds[np.abs(np.log(self._gains[:, 0] / self._gains[:, 1]) - wanted).argmin()])
