"""The sensor: light on the photosites becomes raw samples, with photon and read noise, black level and clipping.

Noise is Gaussian with the sensor model's variance (photon noise of a few dozen electrons and more is Gaussian to the
eye), read from random places of a pool of normal numbers: new random numbers would take ten times as long. Hot
photosites and fixed patterns are those of the `unit`, by default none. Not modelled: dark current of all others,
blooming, the 10-bit readout's own noise.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from device.analysis.raw_clipping import clipped_from
from device.frame import U16, Mode
from device.sensors.base import Sensor
from device.simulator.layers import CODES_PER_WHITE, F32
from device.simulator.unit import Unit

# Electrons per square micrometre of photosite for one lux second on the sensor.
ELECTRONS_PER_UM2_LUX_S: Final = 2700.0  # assumed: the middle of 2000..3500, what silicon behind a CFA usually gives
SCENE_LUX: Final = 2000.0  # chosen: open shade; auto exposure then rests near 1/100 s and gain 1..2 at f/2.8
LENS_TRANSMISSION: Final = 0.9  # assumed
_POOL: Final = 1 << 19  # chosen: 2 MB of normal numbers
_ROWS: Final = 20  # chosen: measured as fastest; the scratch memory of a strip fits the cache


def white_dn_per_us(sensor: Sensor, f_number: float, *, scene_lux: float = SCENE_LUX) -> float:
    """Give the signal of a white object in the green channel: 12-bit DN above black per microsecond at gain 1.

    Illuminance on the sensor is E T / (4 N^2) for a distant white surface lit by E.
    """
    on_sensor_lux = scene_lux * LENS_TRANSMISSION / (4 * f_number**2)
    electrons = ELECTRONS_PER_UM2_LUX_S * sensor.pixel_pitch_um**2 * on_sensor_lux / 1e6
    return electrons * sensor.noise.dn_per_e


def saturation_cd_s_m2(sensor: Sensor) -> float:
    """Give the luminance x time / f-number^2 at which green clips at gain 1; a white surface has E / pi."""
    luminance_cd_m2 = SCENE_LUX / math.pi
    span_dn = clipped_from(sensor.white_dn, sensor.black_dn) - sensor.black_dn
    return luminance_cd_m2 * span_dn / (white_dn_per_us(sensor, 1.0) * 1e6)


def levels_dn(sensor: Sensor, mode: Mode) -> tuple[float, int]:
    """Give a mode's black level and its highest code, on its own scale."""
    return sensor.black_dn * _scale(sensor, mode), (1 << mode.bit_depth) - 1


def _scale(sensor: Sensor, mode: Mode) -> float:
    """Give the factor from DN at the sensor's bit depth to DN of the mode."""
    return float(2.0 ** (mode.bit_depth - sensor.bit_depth))


class RawMaker:
    """Makes raw frames of one mode. Keeps scratch memory and random state; use from one thread."""

    def __init__(self, sensor: Sensor, mode: Mode, rng: np.random.Generator, unit: Unit | None = None) -> None:
        self._sensor, self._mode, self._rng = sensor, mode, rng
        full = sensor.active_width, sensor.active_height
        self._response = unit.response(mode, sensor.cfa, full) if unit else None
        self._dark_e_s = unit.dark_e_s(mode, full) if unit else None
        self._scale = _scale(sensor, mode)
        self.black_dn, self.white_dn = levels_dn(sensor, mode)
        self._samples = _ROWS * mode.width
        pool = rng.standard_normal(_POOL + self._samples, dtype=np.float32)
        pool -= pool.mean()
        pool /= pool.std()
        self._pool = pool
        self._signal, self._sigma = (np.empty((_ROWS, mode.width), np.float32) for _ in range(2))

    def expose(
        self,
        light: U16,
        *,
        exposure_us: float,
        gain: float,
        f_number: float,
        out: U16,
        part: tuple[int, int] = (0, 1),
    ) -> U16:
        """Expose the mosaic `light` (codes, see `layers`) into `out`: part `part[0]` of `part[1]`; gives `out`.

        Two threads need a `RawMaker` each.
        """
        dn_per_code = white_dn_per_us(self._sensor, f_number) * exposure_us * gain / CODES_PER_WHITE * self._scale
        dn_per_e = self._sensor.noise.dn_per_e * gain * self._scale
        slope, constant = self._sensor.noise.variance_dn(gain, self._mode.binning)
        slope, constant = slope * self._scale, constant * self._scale**2
        strips = -(-self._mode.height // _ROWS)
        first, last = (strips * edge // part[1] for edge in (part[0], part[0] + 1))
        offsets = self._rng.integers(0, _POOL, size=last - first)
        for offset, y in zip(offsets, range(first * _ROWS, last * _ROWS, _ROWS), strict=True):
            rows = min(_ROWS, self._mode.height - y)
            signal, sigma = self._signal[:rows], self._sigma[:rows]
            np.copyto(signal, light[y : y + rows])
            signal *= np.float32(dn_per_code)
            if self._response is not None:
                signal *= self._response[y : y + rows]
            if self._dark_e_s is not None:
                signal += self._dark_e_s[y : y + rows] * np.float32(exposure_us / 1e6 * dn_per_e)
            np.multiply(signal, np.float32(slope), out=sigma)
            sigma += np.float32(constant)
            np.sqrt(sigma, out=sigma)
            sigma *= self._normals(int(offset), rows)
            signal += sigma
            signal += np.float32(self.black_dn + 0.5)  # the cast below rounds down
            np.clip(signal, np.float32(0), np.float32(self.white_dn), out=signal)
            # Codes fit 15 bits, and numpy casts to signed integers several times as fast.
            np.copyto(out[y : y + rows].view(np.int16), signal, casting="unsafe")
        return out

    def _normals(self, offset: int, rows: int) -> F32:
        return self._pool[offset : offset + rows * self._mode.width].reshape(rows, self._mode.width)
