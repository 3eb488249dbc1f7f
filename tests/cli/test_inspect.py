"""`hqcam inspect` as a user meets it: a process of its own, what it prints, and the pictures that it writes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers import run
from PIL import Image

from device.analysis.overlay import Flag
from device.raw.files import read_picture

PICTURES = [("L", (1, 1), 0), ("RGB", (1, 40), 255), ("LA", (40, 1), 255), ("I;16", (33, 17), 255), ("L", (33, 17), 0)]


def hqcam(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return run([sys.executable, "-P", "-m", "device", *map(str, arguments)], text=True, timeout_s=60)


@pytest.fixture(scope="module")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sharp square on grey: its outline is all there is to focus on."""
    pixels = np.full((120, 161), 90, np.uint8)
    pixels[40:80, 50:110] = 200
    path = tmp_path_factory.mktemp("chart") / "chart.png"
    Image.fromarray(pixels).save(path)
    return path


def test_inspect_writes_the_mask_and_the_overlay_at_the_files_own_size(chart: Path, tmp_path: Path) -> None:
    mask_file, overlay_file = tmp_path / "mask.png", tmp_path / "overlay.png"
    result = hqcam("inspect", chart, "--peaking", mask_file, "--overlay", overlay_file, "--json")
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    mask = np.asarray(Image.open(mask_file))
    painted = np.asarray(Image.open(overlay_file))
    assert mask.shape == (120, 161) and painted.shape == (120, 161, 3)
    lit = mask > 0
    assert report["peaking_percent"] == pytest.approx(100 * lit.mean(), abs=1e-6)
    rows, columns = np.nonzero(lit)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == pytest.approx((40, 79, 50, 109), abs=2)
    assert not lit[45:75, 55:105].any()
    assert (painted[lit] != painted[0, 0]).any(axis=1).all()


def test_inspect_marks_what_the_viewfinder_marks(chart: Path, tmp_path: Path) -> None:
    from device.analysis.analyser import Analyser
    from device.analysis.settings import AssistSettings
    from device.analysis.subject import Subject
    from device.sensors.imx477 import IMX477

    hqcam("inspect", chart, "--peaking", tmp_path / "mask.png")
    yuv = read_picture(chart).yuv
    subject = Subject(luma=yuv.y, chroma=(yuv.u, yuv.v), sensor=IMX477, gain=1.0, binning=1)
    overlay = Analyser().analyse(subject, AssistSettings()).overlay
    mask = np.asarray(Image.open(tmp_path / "mask.png"))
    assert np.array_equal(mask > 0, (overlay & Flag.PEAKING) > 0)


def test_inspect_summarises_the_histogram_exactly(chart: Path) -> None:
    luma = json.loads(hqcam("inspect", chart, "--json").stdout)["histogram"]["luma"]
    assert luma["counts"][90] == 120 * 161 - 40 * 60 and luma["counts"][200] == 40 * 60
    assert (luma["p1"], luma["p50"], luma["p99"]) == (90, 90, 200)


def test_inspect_reads_a_dng_with_its_raw_clipping(tmp_path: Path) -> None:
    shot = json.loads(hqcam("shoot", "--camera", "simulated", "--output", tmp_path, "--json").stdout)
    dng = next(f["path"] for f in shot["files"] if f["kind"] == "dng")
    report = json.loads(hqcam("inspect", dng, "--peaking", tmp_path / "mask.png", "--json").stdout)
    assert (report["width"], report["height"]) == (4056, 3040)
    assert (report["focus_width"], report["focus_height"], report["focus_halved"]) == (2028, 1520, True)
    assert report["processing"] == "raw"
    mask = np.asarray(Image.open(tmp_path / "mask.png"))
    assert mask.any() and np.array_equal(mask, np.repeat(np.repeat(mask[::2, ::2], 2, axis=0), 2, axis=1))
    assert report["raw_clipping"]["level_dn"] == 4057 and 0 < report["raw_clipping"]["green_percent"] < 5
    assert report["metadata"]["iso"] == shot["iso"]
    assert (report["audit"]["verdict"], report["audit"]["name"]) == ("ok", Path(dng).name)
    assert shot["audit"] == {"verdict": "ok", "findings": []}
    told = hqcam("inspect", dng).stdout
    assert (
        "raw clipped" in told
        and "half size, 2028 x 1520" in told
        and re.search(r"tones +\d+ tonal levels, none missing", told)
    )
    assert re.search(r"audit +ok", told) and re.search(r"exposure +\S+ s, ISO", told) and "as it was when" in told


def test_inspect_writes_the_score_of_every_pixel_and_prints_the_focus_score_last(chart: Path, tmp_path: Path) -> None:
    score_file, soft = tmp_path / "score.png", tmp_path / "soft.png"
    picture = Image.open(chart)
    picture.resize((40, 30), Image.Resampling.BOX).resize(picture.size, Image.Resampling.BICUBIC).save(soft)
    figures = []
    for file in (chart, soft):
        options = ("--peaking-score", score_file, "--focus-score", "--gain", "4", "--isp", "none")
        result = hqcam("inspect", file, *options)
        assert result.returncode == 0, result.stderr
        score = np.asarray(Image.open(score_file))
        assert score.max() > 255 and score.shape == (120, 161)
        figures.append((float(result.stdout.splitlines()[-1]), score.max()))
    assert figures[1][0] < 0.2 * figures[0][0] and figures[1][1] < figures[0][1]


@pytest.mark.parametrize(("kind", "size", "code"), PICTURES)
def test_inspect_takes_pictures_of_any_kind_and_size(
    kind: str, size: tuple[int, int], code: int, tmp_path: Path
) -> None:
    picture, mask_file = tmp_path / "picture.png", tmp_path / "mask.png"
    value = {"L": code, "RGB": (code,) * 3, "LA": (code, 255), "I;16": 257 * code}[kind]
    Image.new(kind, size, value).save(picture)
    result = hqcam("inspect", picture, "--peaking", mask_file, "--focus-score")
    assert result.returncode == 0, result.stderr
    assert float(result.stdout.splitlines()[-1]) == 0
    mask = Image.open(mask_file)
    assert mask.size == size and not np.asarray(mask).any()
