"""Distances told from breathing, on scenes that no constant was chosen on, and on the simulated camera's own."""

from __future__ import annotations

import math

import pytest
import ring_scenes
from ring_scenes import FAR_M

from device.analysis.magnification import MagnificationRefused
from device.lenses.optics import magnification
from device.lenses.ring import calibrated, estimated, from_sensor_m

FOCAL_MM = 50.0
NEAREST_M = 0.8


def scale(focus_m: float) -> float:
    return (1 + magnification(FOCAL_MM, focus_m)) / (1 + magnification(FOCAL_MM, FAR_M))


@pytest.mark.parametrize("scene", ["builtin", "bark", "cards"])
def test_one_to_three_metres_are_told_within_a_tenth_and_their_error_is_true(scene: str) -> None:
    seen = {metres: ring_scenes.light(scene, metres) for metres in (FAR_M, NEAREST_M, 1.0, 1.5, 2.0, 3.0)}
    for gain, distances_m in ((1.0, (1.0, 2.0)), (4.0, (1.5, 3.0))):
        first = ring_scenes.picture(seen[FAR_M], gain, 1)
        near = ring_scenes.picture(seen[NEAREST_M], gain, 2).against(first)
        ring = calibrated(FOCAL_MM, math.inf, from_sensor_m(FOCAL_MM, NEAREST_M), near.ratio, near.sigma)
        assert ring.growth == pytest.approx(1, abs=0.02) and abs(ring.growth - 1) < 2.5 * ring.sigma
        for metres in distances_m:
            found = ring_scenes.picture(seen[metres], gain, 3).against(first)
            assert found.ratio == pytest.approx(scale(metres), abs=2e-4), (gain, metres)
            assert abs(found.ratio - scale(metres)) < 3 * found.sigma < 1e-3, (gain, metres)
            told = estimated(FOCAL_MM, ring, math.inf, found.ratio, found.sigma)
            assert told.distance_m == pytest.approx(from_sensor_m(FOCAL_MM, metres), rel=0.05), (gain, metres)
            assert told.near_m < from_sensor_m(FOCAL_MM, metres) < told.far_m, (gain, metres)


def test_the_simulated_lens_breathes_true_to_a_thousandth() -> None:
    first, second = (ring_scenes.picture(ring_scenes.light("bark", m, breathing=-0.5), 1.0, 8) for m in (FAR_M, 1.0))
    assert second.against(first).ratio == pytest.approx(1 - 0.5 * 0.05 / 0.95, abs=1e-3)


def test_a_wider_stop_blurs_and_the_error_grows_with_it() -> None:
    wide = {metres: ring_scenes.light("cards", metres, f_number=5.6) for metres in (FAR_M, 1.5)}
    first, second = (ring_scenes.picture(wide[metres], 1.0, 4, f_number=5.6) for metres in (FAR_M, 1.5))
    found = second.against(first)
    assert abs(found.ratio - scale(1.5)) < 3 * found.sigma
    same = ring_scenes.picture(wide[FAR_M], 1.0, 5, f_number=5.6).against(first)
    assert same.ratio == pytest.approx(1, abs=1e-4) and same.sigma < found.sigma


def test_what_does_not_tell_its_scale_is_refused() -> None:
    bark, cards, plain = (ring_scenes.picture(ring_scenes.light(s, FAR_M), 1.0, 6) for s in ("bark", "cards", "plain"))
    clipped = ring_scenes.picture(ring_scenes.light("bark", FAR_M), 1.0, 7, share=8.0)
    for first, second, why in ((plain, plain, "plain"), (bark, cards, "other"), (clipped, clipped, "clipped")):
        with pytest.raises(MagnificationRefused) as refused:
            second.against(first)
        assert refused.value.why == why
