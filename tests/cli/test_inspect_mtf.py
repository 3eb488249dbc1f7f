"""`hqcam inspect --mtf` as a user meets it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from edge_pictures import luma_picture, true_mtf50, values
from helpers import run
from PIL import Image
from plain_dng import plain_dng

TRUTH = true_mtf50("gauss", 0.7, 5.0)


def inspect(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return run([sys.executable, "-P", "-m", "device", "inspect", *map(str, arguments)], text=True, timeout_s=120)


def test_a_dng_is_measured_on_its_green_samples(tmp_path: Path) -> None:
    samples = np.full((3040, 4056), 216, np.uint16)
    samples[1000:1200, 2200:] = 3016
    samples[1000:1200, 2000:2200] = np.rint(216 + 2800 * values("gauss", 0.7, 5.0))
    file = tmp_path / "edge.dng"
    file.write_bytes(plain_dng(samples, 12))
    place = f"{2100 / 4056},{1100 / 3040}"
    told = inspect(file, "--mtf", place, "--json")
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)["sharpness"]
    assert found["of"] == "raw" and found["mtf50"] == pytest.approx(TRUTH, rel=0.02)
    assert found["mtf50_lp_mm"] == pytest.approx(TRUTH / 0.00155, rel=0.02)
    away = inspect(file, "--mtf", "0.1,0.1")
    assert away.returncode == 2 and "there is no edge here" in away.stderr and away.stdout == ""


def test_a_picture_is_measured_as_a_picture_and_nonsense_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "edge.png"
    Image.fromarray(luma_picture(values("gauss", 0.7, 5.0))).save(file)
    told = inspect(file, "--mtf", "0.5,0.5")
    assert told.returncode == 0, told.stderr
    assert "MTF50" in told.stdout and "of the picture" in told.stdout and "millimetre" not in told.stdout
    for place in ("0.5", "a,b", "0.5,0.5,0.5", "2,0.5"):
        refused = inspect(file, "--mtf", place)
        assert refused.returncode == 2 and refused.stdout == "" and refused.stderr
