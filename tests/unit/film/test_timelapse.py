"""Films of generated series, read back with ffprobe and ffmpeg: size, colours, order, light, and nothing half-made."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import PROGRAM_S, eventually, run, started
from PIL import Image

from device.errors import BadFile, BadInput, ExtraMissing, HqcamError
from device.film import encoder
from device.film.levels import level_ev, linear_codes
from device.film.timelapse import FilmSettings, even_size, make_film, read_upright
from device.frame import U8

pytestmark = pytest.mark.tools
RunTool = Callable[..., bytes]
SIDE = (160, 120)
EXPOSURE_TIME, ISO, F_NUMBER, ORIENTATION, EXIF_IFD = 0x829A, 0x8827, 0x829D, 0x0112, 0x8769


def picture(level: float, size: tuple[int, int] = SIDE) -> U8:
    """A textured grey of a linear level on the curve of sRGB, brighter towards the right."""
    texture = (
        np.random.default_rng(5).uniform(0.7, 1.3, (size[1], size[0], 1)) * np.linspace(0.6, 1.4, size[0])[:, None]
    )
    light = np.repeat(np.clip(level * texture, 0, 1), 3, axis=2)
    shown = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(255 * shown).astype(np.uint8)


def write(path: Path, level: float, *, size: tuple[int, int] = SIDE, orientation: int = 1, seconds: float = 0) -> Path:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    if seconds:
        exif.get_ifd(EXIF_IFD).update({EXPOSURE_TIME: seconds, ISO: 100, F_NUMBER: 2.8})
    Image.fromarray(picture(level, size)).save(path, "JPEG", quality=95, subsampling=0, exif=exif)
    return path


@pytest.fixture
def series(tmp_path: Path) -> Callable[..., list[Path]]:
    def make(levels: Any, **options: Any) -> list[Path]:
        folder = tmp_path / "series"
        folder.mkdir(exist_ok=True)
        return [write(folder / f"{n:04d}.jpg", float(level), **options) for n, level in enumerate(levels)]

    return make


def film(pictures: list[Path], target: Path, **settings: Any) -> list[Path]:
    made = make_film(pictures, target, FilmSettings(**settings), lambda done, total: None)
    assert made is not None
    made.temporary.rename(target)
    return [path for path, _ in made.left_out]


def facts(run_tool: RunTool, path: Path) -> dict[str, Any]:
    shown = run_tool("ffprobe", "-v", "error", "-count_frames", "-show_streams", "-show_format", "-of", "json", path)
    read = json.loads(shown)
    (stream,) = read["streams"]
    return {**stream, "format": read["format"]["format_name"]}


def levels_of(run_tool: RunTool, path: Path) -> np.ndarray:
    """The level of each frame of a film in EV, of sRGB."""
    stream = facts(run_tool, path)
    size = (int(stream["nb_read_frames"]), stream["height"], stream["width"], 3)
    raw = run_tool("ffmpeg", "-v", "error", "-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
    frames = np.frombuffer(raw, np.uint8).reshape(size)
    return np.array([level_ev(frame, linear_codes(own=False)) for frame in frames])


def flicker_percent(levels: np.ndarray) -> float:
    light = np.exp2(levels)
    return float(100 * np.sqrt(np.mean((light[1:-1] / (0.5 * (light[:-2] + light[2:])) - 1) ** 2)))


def test_flicker_of_ten_percent_is_below_one_in_the_film(series: Any, run_tool: RunTool, tmp_path: Path) -> None:
    levels = 0.18 * (1 + 0.1 * np.random.default_rng(1).uniform(-1, 1, 60))
    pictures = series(levels)
    film(pictures, tmp_path / "even.mp4")
    film(pictures, tmp_path / "plain.mp4", deflicker=False)
    even, plain = levels_of(run_tool, tmp_path / "even.mp4"), levels_of(run_tool, tmp_path / "plain.mp4")
    assert flicker_percent(plain) > 4 and flicker_percent(even) < 1
    assert even.mean() == pytest.approx(np.log2(0.18), abs=0.1), "tags and matrix agree with what was given"


def test_a_dusk_of_six_ev_keeps_its_slope(series: Any, run_tool: RunTool, tmp_path: Path) -> None:
    falls = np.linspace(-1, -7, 90)
    noise = np.log2(1 + 0.1 * np.random.default_rng(2).uniform(-1, 1, 90))
    film(series(np.exp2(falls + noise)), tmp_path / "dusk.mp4")
    bright = slice(0, 60)  # further down eight bits have too few codes to measure
    slope = np.polyfit(np.arange(90)[bright], levels_of(run_tool, tmp_path / "dusk.mp4")[bright], 1)[0]
    assert slope == pytest.approx(-6 / 89, rel=0.05)


def test_a_film_is_as_players_want_it(series: Any, run_tool: RunTool, tmp_path: Path) -> None:
    target = tmp_path / "a.mp4"
    film(series([0.1, 0.2, 0.3], size=(163, 121)), target, fps=12, size="original")
    stream = facts(run_tool, target)
    assert (stream["codec_name"], stream["pix_fmt"], stream["width"], stream["height"]) == ("h264", "yuv420p", 162, 120)
    colour = [stream[f"color_{name}"] for name in ("space", "primaries", "transfer", "range")]
    assert colour == ["bt709", "bt709", "iec61966-2-1", "tv"]
    assert stream["r_frame_rate"] == "12/1" and stream["nb_read_frames"] == "3" and "mp4" in stream["format"]
    data = target.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat"), "it plays while it is loaded"


def test_turned_pictures_are_upright_and_scaled_down_never_up(series: Any, run_tool: RunTool, tmp_path: Path) -> None:
    film(series([0.2, 0.2], size=(1600, 1200), orientation=6), tmp_path / "a.mp4")
    stream = facts(run_tool, tmp_path / "a.mp4")
    assert (stream["width"], stream["height"]) == (1080, 1440)
    film(series([0.2, 0.2], size=(320, 240)), tmp_path / "b.mp4", size="2160")
    assert facts(run_tool, tmp_path / "b.mp4")["height"] == 240
    assert even_size(3, 3, "original") == (2, 2) and even_size(1, 9, "original") == (2, 8)


def test_a_picture_that_cannot_be_used_is_left_out_and_told(series: Any, run_tool: RunTool, tmp_path: Path) -> None:
    pictures = series([0.1, 0.2, 0.3, 0.2])
    pictures[1].write_bytes(b"no picture")
    write(pictures[2], 0.2, size=(120, 160))
    assert film(pictures, tmp_path / "a.mp4") == pictures[1:3]
    assert facts(run_tool, tmp_path / "a.mp4")["nb_read_frames"] == "2"
    pictures[0].unlink()
    with pytest.raises(BadFile, match="1 of 4 pictures can be read"):
        film(pictures, tmp_path / "b.mp4")
    with pytest.raises(BadInput, match="1 pictures make no film"):
        film(pictures[:1], tmp_path / "b.mp4")
    assert not list(tmp_path.glob("**/.*")) and not (tmp_path / "b.mp4").exists()


def test_an_end_at_any_step_leaves_nothing(series: Any, tmp_path: Path) -> None:
    pictures = series([0.1, 0.2, 0.3])
    for steps in range(6):
        told: list[int] = []

        def step(done: int, _total: int, told: list[int] = told) -> None:
            told.append(done)

        def ended(told: list[int] = told, steps: int = steps) -> bool:
            return len(told) > steps

        assert make_film(pictures, tmp_path / "a.mp4", FilmSettings(), step, ended) is None
        assert told == sorted(told)
    assert not list(tmp_path.glob("*.mp4")) and not list(tmp_path.glob(".*"))


def test_what_is_missing_or_fails_is_said(series: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = series([0.1, 0.2])
    failing = tmp_path / "ffmpeg"
    failing.write_text("#!/bin/sh\necho 'Unknown encoder libx264' >&2\nexit 1\n")
    failing.chmod(0o755)
    with monkeypatch.context() as patched:
        patched.setattr(encoder, "check_ffmpeg_there", lambda: str(failing))
        with pytest.raises(HqcamError, match="ffmpeg made no film: Unknown encoder libx264"):
            film(pictures, tmp_path / "a.mp4")
    monkeypatch.setattr(encoder.shutil, "which", lambda _: None)
    with pytest.raises(ExtraMissing, match="films need the program ffmpeg"):
        film(pictures, tmp_path / "a.mp4")
    assert not list(tmp_path.glob(".*"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
def test_a_card_that_is_full_is_told(series: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "temporary_name", lambda _: Path("/dev/full"))
    monkeypatch.setattr(encoder, "discard", lambda _: None)
    with pytest.raises(HqcamError) as caught:
        film(series([0.1, 0.2]), tmp_path / "a.mp4")
    assert "no space left" in caught.value.message or "ffmpeg made no film" in caught.value.message


def test_a_small_copy_of_a_picture_is_upright(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jpg", 0.2, size=(1600, 1200), orientation=8)
    assert read_upright(path, None).shape == (1600, 1200, 3)
    small = read_upright(path, None, (480, 360))
    assert small.shape[0] < 900 and small.shape[0] > small.shape[1]


def hqcam(*arguments: object) -> subprocess.CompletedProcess[str]:
    return run([sys.executable, "-P", "-m", "device", "timelapse", *map(str, arguments)], text=True)


def test_the_command_makes_a_film_of_a_folder_and_of_a_manifest(series: Any, run_tool: RunTool, tmp_path: Path) -> None:
    pictures = series([0.1, 0.2, 0.3], seconds=0.01)
    folder, target = pictures[0].parent, tmp_path / "a.mp4"
    done = hqcam(folder, "--output", target, "--fps", "10", "--no-deflicker", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["frames"] == 3 and facts(run_tool, target)["r_frame_rate"] == "10/1"
    again = hqcam(folder, "--output", target)
    assert again.returncode == 2 and f"{target} exists" in again.stderr

    day = tmp_path / "captures" / "2026-11-28"
    day.mkdir(parents=True)
    frames = []
    for number, path in enumerate(pictures[:2], 1):
        path.rename(day / f"s{number}.jpg")
        frames.append({"n": number, "id": f"s{number}", "taken_at": "2026-11-28T21:00:00+00:00"})
    head = {"mode": "interval", "state": "done", "started_at": "2026-11-28T21:00:00+00:00", "settings": {}}
    manifest = day / "night_interval.json"
    manifest.write_text(json.dumps({**head, "frames": [*frames, {"n": 3, "id": "gone"}]}))
    for named in ((manifest,), ("night_interval", "--captures", tmp_path / "captures")):
        done = hqcam(*named, "--output", target, "--overwrite")
        assert done.returncode == 0 and done.stdout.strip() == str(target), done.stderr
        assert facts(run_tool, target)["nb_read_frames"] == "2"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nothing.jpg", "--output", "a.mov"), "is no MP4 file"),
        (("nothing.jpg", "--output", "a.mp4"), "1 pictures make no film"),
        (("no_series", "--output", "a.mp4", "--captures", "."), "there is no series 'no_series'"),
        ((".", "--output", "a.mp4"), "holds no JPEGs"),
        (("broken.json", "--output", "a.mp4"), "is no manifest of a series"),
    ],
)
def test_the_command_refuses_what_makes_no_film(
    arguments: tuple[str, ...], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.json").write_text("{}")
    done = hqcam(*arguments)
    assert done.returncode in (1, 2) and says in done.stderr, done.stderr
    assert not list(tmp_path.glob("*.mp4")) and "Traceback" not in done.stderr


def test_ctrl_c_leaves_nothing(series: Any, tmp_path: Path) -> None:
    folder = series([0.2] * 200, size=(800, 600))[0].parent
    command = [sys.executable, "-P", "-m", "device", "timelapse", folder, "--output", tmp_path / "a.mp4"]
    with started(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        eventually(lambda: list(tmp_path.glob(".a.mp4.*")), "the film is begun")
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PROGRAM_S)
    assert process.returncode == 1 and b"cancelled: there is no film" in said, said
    assert not list(tmp_path.glob("*.mp4")) and not list(tmp_path.glob(".*"))
