"""The focus meter: best so far, and which way the ring should go."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from device.cli.focus import picture
from device.meter.focus_meter import FocusMeter

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "focus_meter.json").read_text("utf-8"))


def after(*scores):
    meter = FocusMeter()
    for score in scores:
        meter.note(score)
    return meter


@pytest.mark.parametrize(
    ("scores", "trend"),
    [
        ((), "waiting"),
        ((5,), "waiting"),
        ((0, 0, 0), "waiting"),
        ((1, 2, 4), "best"),
        ((4, 3.95), "best"),
        ((4, 3.6), "falling"),
        ((1, 4, 3.2, 2.0), "passed"),
        ((1, 4, 2, 2, 2, 2, 2, 3), "rising"),
        ((1, 4, 2, 3.9), "best"),
        ((4, 3.3, 3.3), "falling"),  # never climbed: a scene that wavers is no peak
    ],
)
def test_where_the_ring_stands(scores, trend):
    assert after(*scores).trend == trend


def test_the_best_stays_until_it_is_forgotten_and_the_curve_is_bounded():
    meter = FocusMeter(kept=10)
    for score in [*range(20), *range(20, 0, -1)]:
        meter.note(score)
    assert meter.best == 20 and len(meter.curve) == 10 and meter.share == pytest.approx(1 / 20)
    meter.forget()
    assert meter.best == 0 and meter.trend == "waiting" and meter.share == 0
    assert meter.note(3) == "waiting" and meter.best == 3


@pytest.mark.parametrize("run", GOLDEN["runs"], ids=lambda run: run["name"])
def test_the_golden_runs_which_the_page_is_held_to_as_well(run):
    meter = FocusMeter()
    for step in run["steps"]:
        if step["score"] is None:
            meter.forget()
        else:
            assert meter.note(step["score"], step.get("series")) == step["trend"]
        assert (meter.trend, meter.best) == (step["trend"], step["best"])
        assert meter.share == pytest.approx(step["share"], abs=1e-9)


def test_the_curve_is_as_long_as_the_pages():
    assert len(after(*range(GOLDEN["curve_scores"] + 10)).curve) == GOLDEN["curve_scores"]


@pytest.mark.parametrize("width", [20, 80, 300])
def test_the_picture_fits_and_shows_share_best_and_hint(width):
    console = Console(file=io.StringIO(), width=width)
    console.print(picture(after(1, 8, 4, 2), width, "  SIMULATED", "q ends"), crop=False)
    text = console.file.getvalue()
    bar = next(line for line in text.splitlines() if "·" in line)
    room = max(10, min(width, 100) - 2)
    assert bar.count("█") == round(room / 4) and len(bar.rstrip()) == room + 1
    assert "best 8" in text and "SIMULATED" in text and "come back" in text.replace("\n", " ")
    assert "▁█▄▂" in text and "q ends" in text
