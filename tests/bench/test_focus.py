"""What the focus bench promises of peaking, on a generated picture; the others are run too, as yardsticks."""

from __future__ import annotations

from pathlib import Path

import pytest
from analysis_scenes import leaves
from bench import focus

SCENE = leaves((320, 400), seed=5, count=5000)


@pytest.mark.parametrize(("gain", "told", "ratio"), [(1.0, 90, 300), (4.0, 90, 150), (16.0, 65, 100)])
def test_hqcam_tells_and_does_not_lie(gain: float, told: float, ratio: float) -> None:
    row = focus.measure([SCENE], focus.hqcam, gain)
    assert row["told"] >= told
    assert row["lying"] <= 0.5
    assert row["F:D"] >= ratio and row["lit 0.0"] >= 15
    assert row["flat"] == 0
    assert row["specks"] <= 10
    assert row["flicker"] <= 25


DECLARED = {
    "bilateral 2": (95, 95, 85),
    "non-local 0.8": (95, 95, 80),
    "coring": (95, 90, 50),
    "median, half": (88, 82, 60),
    "median": (80, 70, 35),
    "unsharp 1, 1": (95, 95, 95),
    "unsharp 0.5, 1": (90, 80, 45),
    "JPEG 75": (93, 90, 78),
    "JPEG 95": (95, 95, 88),
}
"""Told at least, at gain 1, 4 and 16."""


@pytest.mark.parametrize("name", DECLARED)
def test_what_was_declared_is_allowed_for(name: str) -> None:
    for gain, told in zip(focus.GAINS, DECLARED[name], strict=True):
        row = focus.measure_rendered([SCENE], name, gain)
        assert row["told"] >= told, gain
        assert row["lying"] <= 0.5 and row["flat"] == 0, gain


def test_the_others_lie_or_are_silent() -> None:
    for name, find in focus.detectors().items():
        if name != "hqcam":
            row = focus.measure([SCENE], find, 4.0)
            assert row["F:D"] < 50 or row["told"] < 50, name


def test_the_table_and_the_plot(tmp_path: Path) -> None:
    row = focus.measure([leaves((96, 128), seed=1, count=600)], focus.hqcam, 4.0)
    results = {("hqcam", gain): row for gain in focus.GAINS}
    assert f"{row['told']:8.2f}" in focus.table(results)
    focus.plot(results, tmp_path / "plot.png")
    assert (tmp_path / "plot.png").stat().st_size > 1000
