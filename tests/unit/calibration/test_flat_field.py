"""Flat fields against a shading that is known: what is left after a raw converter has applied the maps of the DNG."""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
from calibration_bench import Bench

from device.bayer import offsets
from device.calibration.flat_field import FlatField, flat_field, parse_flat_field
from device.frame import Mode, Rect
from device.raw.opcodes import gain_map_list
from device.simulator.unit import Dust, Unit

STRONG = Unit(corner_ev=-2.5, corner_red=0.2)
FULL = WIDTH, HEIGHT = (4056, 3040)
WHOLE = Mode(WIDTH, HEIGHT, 12, Rect(0, 0, *FULL), 1, 10, 114, 10**8, 28.6)
BLACK = (259.3,) * 4


@pytest.fixture(scope="module")
def measured() -> FlatField:
    bench = Bench(unit=replace(STRONG, dust=(Dust(900, 700, 30, 0.1),), prnu=0.005), size=FULL)
    return flat_field([bench.paper(0.6, 1.0) for _ in range(4)], BLACK)


def applied(opcodes: bytes, light: np.ndarray) -> np.ndarray:
    """Apply the opcode list as chapter 7 of DNG 1.4 has it: bilinear between points, by an evaluation of its own."""
    (count,) = struct.unpack_from(">I", opcodes)
    at, out = 4, light.astype(np.float64)
    for _ in range(count):
        kind, _, _, size = struct.unpack_from(">4I", opcodes, at)
        assert kind == 9
        top, left, bottom, right, _, _, row_step, column_step, down, across = struct.unpack_from(
            ">10I", opcodes, at + 16
        )
        step_v, step_h, origin_v, origin_h = struct.unpack_from(">4d", opcodes, at + 56)
        gains = np.frombuffer(opcodes, ">f4", down * across, at + 92).reshape(down, across).astype(np.float64)
        rows, columns = np.arange(top, bottom, row_step), np.arange(left, right, column_step)
        v = ((rows + 0.5) / bottom - origin_v) / step_v
        h = ((columns + 0.5) / right - origin_h) / step_h
        along = np.stack([np.interp(h, np.arange(across), line) for line in gains])
        low = np.clip(np.floor(v).astype(int), 0, down - 2)
        part = np.clip(v - low, 0, 1)[:, None]
        out[top:bottom:row_step, left:right:column_step] *= along[low] * (1 - part) + along[low + 1] * part
        at += 16 + size
    assert at == len(opcodes)
    return out


def channels(light: np.ndarray) -> dict[str, np.ndarray]:
    return {channel: light[row::2, column::2] for channel, (row, column) in offsets("RGGB").items()}


def test_with_the_full_map_less_than_1_percent_is_left(measured: FlatField) -> None:
    response = STRONG.response(WHOLE, "RGGB", FULL)
    maps = measured.gain_maps("full", WHOLE, FULL)
    assert response is not None and maps is not None
    even = applied(gain_map_list(maps, "RGGB", (HEIGHT, WIDTH)), response)
    means = [float(values.mean()) for values in channels(even).values()]
    for values, mean in zip(channels(even).values(), means, strict=True):
        assert float(np.abs(values / mean - 1).max()) < 0.01
    assert max(means) / min(means) < 1.005
    assert float(min(gains.min() for gains in maps.values())) == pytest.approx(1, abs=1e-6)


def test_with_the_colour_map_the_tint_goes_and_the_natural_vignette_stays(measured: FlatField) -> None:
    response = STRONG.response(WHOLE, "RGGB", FULL)
    maps = measured.gain_maps("colour", WHOLE, FULL)
    assert response is not None and maps is not None
    seen = channels(applied(gain_map_list(maps, "RGGB", (HEIGHT, WIDTH)), response))
    green = seen["Gr"] / seen["Gr"][HEIGHT // 4, WIDTH // 4]
    for channel in ("R", "B"):
        assert float(np.abs(seen[channel] / seen["Gr"] - 1).max()) < 0.01
    assert np.log2(green[0, 0]) == pytest.approx(-2.5, abs=0.05)


def test_a_crop_gets_its_part_of_the_map(measured: FlatField) -> None:
    crop = replace(WHOLE, width=800, height=600, crop=Rect(WIDTH - 800, HEIGHT - 600, 800, 600))
    response = STRONG.response(crop, "RGGB", FULL)
    maps = measured.gain_maps("full", crop, FULL)
    assert response is not None and maps is not None
    even = applied(gain_map_list(maps, "RGGB", (600, 800)), response)
    assert float(np.abs(even / even.mean() - 1).max()) < 0.015


def test_it_says_what_it_found_and_survives_its_file(measured: FlatField) -> None:
    assert measured.corner_ev == pytest.approx(-2.5, abs=0.05)
    assert measured.tint("red") == pytest.approx(0.2, abs=0.01) and abs(measured.tint("blue")) < 0.01
    assert parse_flat_field(json.loads(json.dumps(asdict(measured)))) == measured
    assert measured.gain_maps("off", WHOLE, FULL) is None


@pytest.mark.parametrize(
    "broken", [{"green": [1.0]}, {"red": ["x"] * 19}, {"blue": [9.0] * 19}, {"blue": [0.0] * 19}, {"green": None}]
)
def test_what_is_no_flat_field_is_refused(measured: FlatField, broken: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError, LookupError)):
        parse_flat_field(asdict(measured) | broken)


def test_a_lens_that_falls_off_as_natural_light_does_is_followed(measured: FlatField) -> None:
    """The fourth power of the cosine, 2.5 EV down in the corners; the simulator's is a parabola."""
    y, x = np.meshgrid(*(np.linspace(-1, 1, side) for side in (HEIGHT, WIDTH)), indexing="ij")
    tangent2 = (2 ** (2.5 / 2) - 1) * (0.64 * x**2 + 0.36 * y**2)
    fall = 1 / (1 + tangent2) ** 2
    bench = Bench(size=FULL)
    frames = []
    for _ in range(4):
        white = bench.paper(0.6, 1.0)
        lit = np.random.default_rng(7).normal((white.samples - 259.3) * fall, 1.0) + 259.3
        frames.append(replace(white, samples=np.rint(lit).astype(np.uint16)))
    maps = flat_field(frames, BLACK).gain_maps("full", WHOLE, FULL)
    assert maps is not None
    for values in channels(applied(gain_map_list(maps, "RGGB", (HEIGHT, WIDTH)), fall)).values():
        assert float(np.abs(values / values.mean() - 1).max()) < 0.01
