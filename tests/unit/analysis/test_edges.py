"""Sharpness of edges: analytic ones, whose MTF50 is known, with and without the sensor's noise; and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
from edge_pictures import Blur, luma_picture, raw_of, response, true_mtf50, values

from device.analysis.edges.diffraction import best_mtf50, diffraction_mtf50_lp_mm, diffraction_response
from device.analysis.edges.samples import green_of, luma_of
from device.analysis.edges.sfr import FREQUENCIES, METHOD_UNCERTAIN, EdgeRefused, EdgeSharpness, measure_edge
from device.bayer import CfaOrder
from device.frame import F64, RawFrame

MIDDLE = 100.0
BLURS: list[tuple[Blur, float]] = [
    ("gauss", 0.1),
    ("gauss", 0.5),
    ("gauss", 1.5),
    ("gauss", 5.0),
    ("disc", 0.8),
    ("disc", 2.0),
    ("disc", 6.0),
]
ANGLES = [(2.0, 0.1), (5.0, -0.4), (14.0, 0.7), (33.0, 0.25), (40.0, -0.6), (93.0, 0.3), (97.0, 0.0), (185.0, 0.5)]


def measured(raw: RawFrame, x: float = MIDDLE + 3, y: float = MIDDLE) -> EdgeSharpness:
    return measure_edge(green_of(raw), x, y)


def refusal(raw: RawFrame, x: float = MIDDLE, y: float = MIDDLE) -> EdgeRefused:
    with pytest.raises(EdgeRefused) as refused:
        measured(raw, x, y)
    assert refused.value.message and refused.value.expected
    return refused.value


@pytest.mark.parametrize(("blur", "size_px"), BLURS)
def test_mtf50_of_analytic_edges_is_right(blur: Blur, size_px: float) -> None:
    orders: tuple[CfaOrder, ...] = ("RGGB", "GRBG")
    errors = []
    for k, (angle, phase) in enumerate(ANGLES):
        found = measured(raw_of(values(blur, size_px, angle, phase=phase), cfa=orders[k % 2]))
        errors.append(found.mtf50 / true_mtf50(blur, size_px, angle) - 1)
        assert found.angle_deg == pytest.approx(min(angle % 90, 90 - angle % 90), abs=0.02)
        assert found.direction == ("horizontal" if 45 < angle < 135 else "vertical")
        assert math.cos(found.normal_rad - math.radians(angle)) > 0.999, "the bright side"
    print(f"{blur} {size_px}: worst error {100 * max(map(abs, errors)):.2f} % of MTF50")
    assert max(map(abs, errors)) < METHOD_UNCERTAIN


def test_the_whole_response_is_right() -> None:
    found = measured(raw_of(values("gauss", 0.5, 6.0)))
    truth = response("gauss", 0.5, 6.0, FREQUENCIES)
    assert found.response == pytest.approx(truth, abs=0.01)
    assert found.response[0] == pytest.approx(1) and found.mtf50_sigma < 0.01 * found.mtf50
    assert found.dark == pytest.approx(300, rel=0.01) and found.bright == pytest.approx(2400, rel=0.01)


@pytest.mark.parametrize("gain", [1.0, 4.0, 16.0])
def test_with_the_sensors_noise_the_uncertainty_is_honest(gain: float) -> None:
    """Errors over their told standard deviations: their mean square is 1 where the uncertainty is neither flattered nor
    padded. The method's own share is left out, as it does not show here."""
    pulls, errors = [], []
    cases: list[tuple[Blur, float, float]] = [("gauss", 0.6, 5.0), ("disc", 1.5, 95.0), ("gauss", 2.0, 12.0)]
    for blur, size_px, angle in cases:
        share, truth = values(blur, size_px, angle, phase=0.3), true_mtf50(blur, size_px, angle)
        for seed in range(6):
            found = measured(raw_of(share, gain=gain, seed=seed))
            own = math.sqrt(found.mtf50_sigma**2 - (METHOD_UNCERTAIN * found.mtf50) ** 2)
            pulls.append((found.mtf50 - truth) / own)
            errors.append(found.mtf50 / truth - 1)
    rms = float(np.sqrt(np.mean(np.square(pulls))))
    print(f"gain {gain:g}: worst error {100 * max(map(abs, errors)):.2f} %, rms of error over sigma {rms:.2f}")
    assert 0.6 < rms < 1.5 and max(map(abs, pulls)) < 4
    assert max(map(abs, errors)) < {1.0: 0.03, 4.0: 0.06, 16.0: 0.25}[gain]


def test_the_second_green_site_may_differ_in_level_and_place() -> None:
    share, moved = values("gauss", 0.5, 5.0), values("gauss", 0.5, 5.0, phase=0.4)
    raw, other = raw_of(share), raw_of(moved, dark_dn=310, bright_dn=2480)
    samples = raw.samples.copy()
    samples[1::2, ::2] = other.samples[1::2, ::2]
    found = measured(RawFrame(samples, raw.cfa, 12, raw.black_dn, raw.white_dn))
    assert found.mtf50 == pytest.approx(true_mtf50("gauss", 0.5, 5.0), rel=0.01)


def test_a_tap_beside_the_edge_finds_it_and_luma_is_measured_too() -> None:
    share = values("gauss", 0.8, 6.0)
    truth = true_mtf50("gauss", 0.8, 6.0)
    assert measured(raw_of(share), MIDDLE + 20, MIDDLE - 15).mtf50 == pytest.approx(truth, rel=0.01)
    assert measure_edge(luma_of(luma_picture(share)), MIDDLE, MIDDLE).mtf50 == pytest.approx(truth, rel=0.01)


def test_a_small_bend_is_followed_and_soft_edges_take_a_larger_region() -> None:
    bent = measured(raw_of(values("gauss", 0.6, 5.0, bend_px=0.3)))
    assert bent.mtf50 == pytest.approx(true_mtf50("gauss", 0.6, 5.0), rel=0.01)
    soft = measured(raw_of(values("gauss", 14.0, 5.0, side=400)), 200.0, 200.0)
    assert soft.mtf50 == pytest.approx(true_mtf50("gauss", 14.0, 5.0), rel=0.02) and soft.reach > 32


def test_what_cannot_be_measured_is_refused_with_the_reason() -> None:
    share = values("gauss", 0.6, 5.0)
    y, x = np.mgrid[:200, :200] - 100.0
    waves = np.interp(x - 3 * np.sin(y / 6), [-1, 1], [0, 1])
    blinds: F64 = np.where(np.floor((x + y / 12) / 7) % 2 > 0, 1.0, 0.0)
    reasons = {
        "flat": refusal(raw_of(np.zeros((200, 200)))).why,
        "no contrast": refusal(raw_of(share, dark_dn=1000, bright_dn=1050)).why,
        "clipped": refusal(raw_of(share, bright_dn=4000)).why,
        "black": refusal(raw_of(share, dark_dn=-300)).why,
        "upright": refusal(raw_of(values("gauss", 0.6, 0.0))).why,
        "diagonal": refusal(raw_of(values("gauss", 0.6, 45.0))).why,
        "dark": refusal(raw_of(share, dark_dn=20, bright_dn=50, gain=16)).why,
        "soft": refusal(raw_of(values("gauss", 25.0, 5.0))).why,
        "waves": refusal(raw_of(waves)).why,
        "blinds": refusal(raw_of(blinds)).why,
        "at the border": refusal(raw_of(share), 100, 2).why,
        "outside": refusal(raw_of(share), 300, 2).why,
        "tiny": refusal(raw_of(share[90:110, 90:110]), 10, 10).why,
    }
    print(reasons)
    assert reasons == {
        "flat": "contrast",
        "no contrast": "contrast",
        "clipped": "clipped",
        "black": "dark",
        "upright": "angle",
        "diagonal": "angle",
        "dark": "noise",
        "soft": "soft",
        "waves": "straight",
        "blinds": "edges",
        "at the border": "small",
        "outside": "outside",
        "tiny": "small",
    }


def test_the_corner_of_a_square_is_no_edge_but_its_side_is() -> None:
    share = values("gauss", 0.6, 5.0) * values("gauss", 0.6, 95.0)
    assert refusal(raw_of(share), MIDDLE, MIDDLE).why in ("edges", "straight", "small")
    side = measured(raw_of(share), MIDDLE - 4, MIDDLE + 55)
    assert side.mtf50 == pytest.approx(true_mtf50("gauss", 0.6, 5.0), rel=0.01)


def test_diffraction_is_that_of_a_circular_aperture() -> None:
    """Against the overlap of two circles counted on a grid: the response is the autocorrelation of the pupil."""
    y, x = np.mgrid[-1:1:1001j, -1:1:1001j]
    pupil = x**2 + y**2 <= 1
    for f_number, share in ((2.8, 0.2), (8.0, 0.5), (16.0, 0.8)):
        shifted = (x - 2 * share) ** 2 + y**2 <= 1
        overlap = np.count_nonzero(pupil & shifted) / np.count_nonzero(pupil)
        assert diffraction_response(share / (0.00055 * f_number), f_number) == pytest.approx(overlap, abs=0.003)
        assert best_mtf50(f_number, 1.55, 0.0) < diffraction_mtf50_lp_mm(f_number) * 0.00155
    assert diffraction_response(1e4, 8) == 0
