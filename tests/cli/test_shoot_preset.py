"""`hqcam shoot --preset`: a shot or a series as a preset has it, and options that win over it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.cli.test_shooting import Hqcam, hqcam

__all__ = ["hqcam"]
BRACKET = {"mode": "bracket", "settings": {"count": 2, "step_ev": 0.5}}


def keep(folder: Path, **presets: dict[str, Any]) -> None:
    """Write settings with these presets."""
    whole = {slot: {"name": "", "assists": {}, "display": {}, "drive": {}, **kept} for slot, kept in presets.items()}
    (folder / "config" / "hqcam").mkdir(parents=True)
    (folder / "config" / "hqcam" / "settings.json").write_text(json.dumps({"presets": whole}))


@pytest.fixture
def shooting(tmp_path: Path) -> tuple[str, ...]:
    Image.fromarray(np.full((480, 640, 3), 118, np.uint8)).save(tmp_path / "wall.png")
    camera = ("--camera", "simulated", "--scene", str(tmp_path / "wall.png"))
    return ("shoot", "--output", str(tmp_path / "taken"), "--json", *camera)


def test_a_preset_gives_exposure_files_and_drive_mode_and_options_win(
    hqcam: Hqcam, shooting: tuple[str, ...], tmp_path: Path
) -> None:
    controls = {"exposure_us": 4000.0, "gain": 2.0, "files": "raw"}
    keep(tmp_path, C1={"controls": controls, "drive": BRACKET}, C2={"controls": controls})
    single = json.loads(hqcam(*shooting, "--preset", "C2").stdout)
    assert (single["iso"], [file["kind"] for file in single["files"]]) == (200, ["dng"])
    assert single["exposure_us"] == pytest.approx(4000, rel=0.01)
    other = json.loads(hqcam(*shooting, "--preset", "C2", "--iso", "100", "--files", "jpeg").stdout)
    assert (other["iso"], [file["kind"] for file in other["files"]]) == (100, ["jpeg"])
    for arguments, shots in ((("--preset", "C1"), 2), (("--preset", "C1", "bracket", "--count", "3"), 3)):
        series = json.loads(hqcam(*shooting, *arguments).stdout)
        assert (series["mode"], series["state"], series["taken"]) == ("bracket", "done", shots)
        frames = json.loads(Path(series["manifest"]).read_text())["frames"]
        assert sorted(frame["ev"] for frame in frames) == ([-0.5, 0, 0.5] if shots == 3 else [-0.25, 0.25])


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ({}, "nothing is saved under C1"),
        ({"C1": {"controls": {"exposure_us": "long"}}}, "does not take Shutter long"),
        ({"C1": {"controls": {}, "drive": {"mode": "panorama"}}}, "unknown drive mode 'panorama'"),
        ({"C1": {"controls": {}, "drive": {"mode": "timer", "settings": {"delay_s": 0}}}}, "delay_s is 0"),
    ],
)
def test_a_preset_that_cannot_be_used_takes_nothing(
    hqcam: Hqcam, shooting: tuple[str, ...], tmp_path: Path, kept: dict[str, Any], told: str
) -> None:
    keep(tmp_path, **kept)
    refused = hqcam(*shooting, "--preset", "C1")
    assert refused.returncode == 2 and told in refused.stderr, refused.stderr
    assert not list((tmp_path / "taken").rglob("*.*"))
