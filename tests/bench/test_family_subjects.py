"""The short form of the bench of subjects: four renderings. The limits hold what there is, with some room.

Not yet what the focus tools shall reach: a faint texture should be found at 95, 90 and 12 %.
"""

from __future__ import annotations

import pytest
from bench.family_subjects import Subjects, judge_subjects, mean_subjects, worst_subjects
from bench.focus_families import table_of_subjects
from bench.rendering_families import FAMILIES

SOME = [FAMILIES[i] for i in (0, 8, 20, 28)]
MOST = {
    1.0: {"faint_blurred": 0.5, "rim": 0.05, "blown_rim": 0.01, "bokeh": 0.01, "hot": 0.0, "hot_score": 0.0},
    4.0: {"faint_blurred": 0.5, "rim": 0.05, "blown_rim": 0.01, "bokeh": 0.01, "hot": 0.0, "hot_score": 0.0},
    16.0: {"faint_blurred": 0.5, "rim": 0.05, "blown_rim": 0.01, "bokeh": 0.01, "hot": 0.0, "hot_score": 0.0},
}
LEAST_FAINT = {1.0: 70.0, 4.0: 50.0, 16.0: 0.0}


@pytest.mark.parametrize("gain", MOST)
def test_the_worst_rendering_finds_what_is_sharp_and_leaves_the_rest_dark(gain: float) -> None:
    rows = [judge_subjects(family, gain) for family in SOME]
    worst = worst_subjects(rows)
    for name, most in MOST[gain].items():
        assert getattr(worst, name) <= most, name
    assert mean_subjects(rows).faint >= LEAST_FAINT[gain]
    assert worst.sharp_rim >= 3
    assert (worst.ends, worst.ends_score) == (0, 0)


def test_the_worst_is_the_least_of_what_should_be_much() -> None:
    low, high = Subjects(*[1.0] * 10), Subjects(*[3.0] * 10)
    worst = worst_subjects([low, high])
    assert (worst.faint, worst.sharp_rim, worst.faint_blurred, worst.hot_score) == (1, 1, 3, 3)
    assert mean_subjects([low, high]) == Subjects(*[2.0] * 10)


def test_the_table_has_mean_and_worst_of_each_gain() -> None:
    lines = table_of_subjects(SOME[:1]).splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [[n, g] for g in ("1", "4", "16") for n in ("mean", "worst")]
