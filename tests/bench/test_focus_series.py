"""Series of others: what is printed of a folder, and how they are fetched, here from a repository of this machine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from analysis_scenes import disc, leaves, render
from bench.fetch_focus_series import PROJECT, Source, fetch
from bench.focus_series import print_series, series
from helpers import run
from PIL import Image

SCENE = leaves((160, 200), seed=3, count=700)
RADII = {"p 8.png": 4.0, "p 9.jpg": 2.0, "p 10.tif": 0.0, "p 11.png": 3.0}


def write_sweep(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "about.txt").write_text("no picture")
    for name, radius in RADII.items():
        luma = render(disc(SCENE, radius) if radius else SCENE, gain=1.0, binning=1, gains=(1.0, 1.0))
        Image.fromarray(np.stack([luma] * 3, axis=-1)).save(folder / name, quality=95)


def test_a_series_is_scored_in_order_and_the_sharp_one_is_highest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_sweep(tmp_path / "sweep")
    scores = series(tmp_path / "sweep")
    assert list(scores) == list(RADII)
    assert sorted(scores, key=lambda name: -scores[name]) == sorted(RADII, key=lambda name: RADII[name])
    print_series(tmp_path / "sweep")
    assert capsys.readouterr().out.splitlines()[-1] == "highest: 3 of 4, p 10.tif"


def test_a_folder_without_a_picture_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"expected .*\.dng"):
        series(tmp_path)


@pytest.mark.tools
def test_a_source_is_cloned_without_its_history(tmp_path: Path) -> None:
    origin = tmp_path / "origin"
    write_sweep(origin / "data" / "sweep")
    git = ["git", "-C", origin, "-c", "user.name=A", "-c", "user.email=a@b.c"]
    run(["git", "init", "--quiet", origin], check=True)
    for subject in ("first", "second"):
        (origin / "README").write_text(subject)
        run([*git, "add", "."], check=True)
        run([*git, "commit", "--quiet", "--message", subject], check=True)
    source = Source(origin.as_uri(), "CC0", "a sweep", "data/sweep")
    pictures = fetch(source, tmp_path / "fetched")
    assert list(series(pictures)) == list(RADII)
    history = run(["git", "-C", tmp_path / "fetched", "rev-list", "--count", "HEAD"], check=True, text=True)
    assert history.stdout.strip() == "1"


def test_nothing_is_fetched_into_the_project() -> None:
    folder = PROJECT / "tests" / "bench" / "series"
    with pytest.raises(ValueError, match="inside the project"):
        fetch(Source("file:///nowhere", "", ""), folder)
    assert not folder.exists()
