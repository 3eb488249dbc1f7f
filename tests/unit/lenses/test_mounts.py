"""Mounts: flange distances, the adapters between them, and what a wrong one does."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from device.errors import BadInput
from device.lenses.mounts import MOUNTS, adapter_mm, adapting, wrong_length
from device.lenses.optics import extension_mm
from device.preferences.lens_catalogue import by_id, catalogue

PLANAR = by_id()["zeiss-planar-50-2-zm"]  # M, 0.7 m


@pytest.mark.parametrize(
    ("mount", "ring_mm", "cs_mm"),
    [
        ("C", 0, 5), ("CS", -5, 0), ("M", 10.274, 15.274), ("M39", 11.274, 16.274), ("M42", 27.934, 32.934),
        ("F", 28.974, 33.974), ("EF", 26.474, 31.474), ("D", -5.236, -0.236),
    ],
)  # fmt: skip
def test_an_adapter_makes_up_the_difference_of_the_flanges(mount: str, ring_mm: float, cs_mm: float) -> None:
    assert adapter_mm(MOUNTS[mount], ring=True) == pytest.approx(ring_mm, abs=5e-4)
    assert adapter_mm(MOUNTS[mount], ring=False) == pytest.approx(cs_mm, abs=5e-4)
    assert adapter_mm(MOUNTS["M12"], ring=False) is None


def test_every_lens_of_the_catalogue_is_of_a_known_mount_with_a_source() -> None:
    for lens in catalogue():
        told = adapting(lens)
        assert told.source and (told.flange_mm or lens.mount == "M12"), lens.id
    assert all(mount.source for mount in MOUNTS.values())


@pytest.mark.parametrize(("focal_mm", "farthest_m"), [(12, 1.4), (28, 7.8), (35, 12), (50, 25), (90, 81)])
def test_an_adapter_a_tenth_too_long_costs_what_is_far(focal_mm: float, farthest_m: float) -> None:
    found = wrong_length(focal_mm, 0.1)
    assert found.farthest_m == pytest.approx(farthest_m, rel=0.04) and found.sharp and found.infinity_mark_m is None
    assert found.farthest_m is not None
    assert extension_mm(focal_mm, found.farthest_m) == pytest.approx(0.1)


def test_the_nearest_distance_changes_by_the_error() -> None:
    long, short = (wrong_length(50, error, 0.7) for error in (0.1, -0.1))
    assert long.closest_m is not None and short.closest_m is not None
    assert long.closest_m < 0.7 < short.closest_m
    assert extension_mm(50, long.closest_m) == pytest.approx(extension_mm(50, 0.7) + 0.1)
    assert short.farthest_m is None and short.infinity_mark_m == pytest.approx(25.05)
    exact = wrong_length(50, 0.0, 0.7)
    assert (exact.farthest_m, exact.infinity_mark_m, exact.closest_m) == (None, None, 0.7)


def test_much_too_short_shows_nothing_sharp() -> None:
    found = wrong_length(50, -5.0, 0.7)  # a C lens's ring was forgotten
    assert not found.sharp and found.closest_m is None
    assert wrong_length(50, -5.0).sharp, "how far its ring goes is not known"


def test_a_given_adapter_is_judged_on_the_ring_or_without() -> None:
    assert adapting(PLANAR).given is None
    on_ring, without = adapting(PLANAR, 10.374).given, adapting(PLANAR, 15.274, ring=False).given
    assert on_ring is not None and on_ring.error_mm == pytest.approx(0.1) and round(on_ring.farthest_m or 0) == 25
    assert without is not None and without.error_mm == 0


@pytest.mark.parametrize(
    ("lens", "length_mm", "says"),
    [
        (PLANAR, -1.0, "an adapter of -1 mm is none"),
        (PLANAR, math.nan, "an adapter of nan mm is none"),
        (replace(PLANAR, mount="M12"), 3.0, "from M12 must have is not known"),
        (replace(PLANAR, mount="own"), 3.0, "from own must have is not known"),
    ],
)
def test_what_no_adapter_is_is_refused(lens: object, length_mm: float, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        adapting(lens, length_mm)  # type: ignore[arg-type]


@pytest.mark.parametrize(("focal_mm", "error_mm"), [(50, math.nan), (50, math.inf), (0, 0.1), (-50, 0.1)])
def test_what_no_lens_has_is_refused(focal_mm: float, error_mm: float) -> None:
    with pytest.raises(BadInput):
        wrong_length(focal_mm, error_mm)
