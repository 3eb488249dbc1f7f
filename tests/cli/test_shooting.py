"""Drive modes and lenses on the command line, and a service that is cut off in the middle of an interval."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import helpers
import pytest
from helpers import eventually
from PIL import Image

from device.cli.shoot_options import NOT_AS_ASKED
from tests.cli.test_serve import Served, serve

__all__ = ["serve"]


@pytest.fixture
def hqcam(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The command with settings of its own."""

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", "-m", "device", *map(str, arguments)]
        environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config")}
        return helpers.run(command, text=True, timeout_s=helpers.PROGRAM_S, env=environment)

    return run


Hqcam = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def replay(picture_folder: Path) -> tuple[str, str]:
    return ("--camera", f"replay:{picture_folder}")


def test_a_lens_is_chosen_by_words_kept_and_shot_with(hqcam: Hqcam, tmp_path: Path, replay: tuple[str, str]) -> None:
    assert "no lens chosen" in hqcam("lens").stdout
    assert "Planar T* 2/50 ZM at f/5.6" in hqcam("lens", "planar", "2/50", "--f", "5.6").stdout
    assert json.loads(hqcam("lens", "--json").stdout)["chosen"]["f_number"] == 5.6
    shot = json.loads(hqcam("shoot", "--output", tmp_path / "o", "--json", *replay).stdout)
    assert shot["lens"] == "Planar T* 2/50 ZM" and shot["shots_left"] > 0
    other = json.loads(hqcam("shoot", "--output", tmp_path / "o", "--json", "--lens", "rpi 16", *replay).stdout)
    assert other["lens"] == "16 mm Telephoto Lens C"
    assert json.loads(hqcam("lens", "--f", "8", "--json").stdout)["chosen"]["id"] == "zeiss-planar-50-2-zm"
    assert json.loads(hqcam("lens", "--none", "--json").stdout)["chosen"] is None


def test_the_quality_of_the_jpeg_is_chosen(hqcam: Hqcam, tmp_path: Path, replay: tuple[str, str]) -> None:
    """By the steps that the file divides by: any picture of the folder may be the one that is shot."""

    def coarsest_step(*quality: str) -> int:
        shot = json.loads(hqcam("shoot", "--output", tmp_path / "o", "--json", *quality, *replay).stdout)
        path = next(file["path"] for file in shot["files"] if file["kind"] == "jpeg")
        with Image.open(path) as picture:
            return max(max(table) for table in picture.quantization.values())

    usual = coarsest_step()
    assert coarsest_step("--quality", "60") > usual == coarsest_step("--quality", "93") > 1
    assert coarsest_step("--quality", "100") == 1


def test_the_lens_file_is_yours(hqcam: Hqcam, tmp_path: Path) -> None:
    file = Path(hqcam("lens", "--file").stdout.strip())
    assert file == tmp_path / "config/hqcam/lenses.toml" and "[[lens]]" in file.read_text()
    added = hqcam("lens", "--add", "Leica", "Summaron 5.6/28", "M", "28", "--stops", "5.6,8,11")
    assert added.returncode == 0 and "leica-summaron-5.6-28" in added.stdout
    file.write_text("[[lens]]\nid = 3\n")
    broken = hqcam("lens")
    assert broken.returncode == 0 and "warning: lenses.toml" in broken.stderr


def test_a_series_reports_its_manifest(hqcam: Hqcam, tmp_path: Path, replay: tuple[str, str]) -> None:
    result = hqcam("shoot", "--output", tmp_path, "--names", "IMG_{number}", "--json", *replay,
                   "timer", "--delay", "1", "--count", "2", "--gap", "0")  # fmt: skip
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert (report["state"], report["taken"], report["error"]) == ("done", 2, None)
    frames = json.loads(Path(report["manifest"]).read_text())["frames"]
    assert [frame["id"] for frame in frames] == ["IMG_0001", "IMG_0002"]
    assert sorted(p.name for p in tmp_path.rglob("IMG_*.[dj]*g")) == ["IMG_0001.jpg", "IMG_0002.jpg"]


def test_ctrl_c_ends_a_series_and_keeps_it(tmp_path: Path, replay: tuple[str, str]) -> None:
    command = [sys.executable, "-P", "-m", "device", "shoot", "--output", str(tmp_path), *replay]
    command += ["interval", "--interval", "0.5"]
    with helpers.started(command, stderr=subprocess.PIPE, text=True) as process:
        eventually(lambda: len(list(tmp_path.rglob("*.jpg"))) >= 2, "two shots", 60)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=helpers.PROGRAM_S)
    manifest = json.loads(next(tmp_path.rglob("*_interval.json")).read_text())
    in_time = "missed" not in manifest and all(frame["audit"] == "ok" for frame in manifest["frames"])
    assert process.returncode == (0 if in_time else NOT_AS_ASKED) and "ended: " in err and "Traceback" not in err
    assert manifest["state"] == "cancelled" and len(manifest["frames"]) == len(list(tmp_path.rglob("*.jpg")))


def test_a_position_told_once_gives_windows_from_sunrise_to_sunset(
    hqcam: Hqcam, tmp_path: Path, replay: tuple[str, str]
) -> None:
    assert hqcam("position").stdout == "no position is known\n"
    assert hqcam("position", "-33.87", "151.21").stdout == "-33.87 151.21\n"
    assert json.loads(hqcam("position", "--json").stdout) == {"latitude_deg": -33.87, "longitude_deg": 151.21}
    environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config")}
    for daily in ("sunset-6h..sunset+6h", "sunrise-6h..sunrise+6h"):  # open now, or waiting
        arguments = ("interval", "--interval", "0.5", "--count", "1", "--daily", daily)
        command = [sys.executable, "-P", "-m", "device", "shoot", "--output", str(tmp_path / "taken"), *replay]
        with helpers.started([*command, *arguments], stderr=subprocess.PIPE, text=True, env=environment) as process:
            assert process.stderr is not None
            plan = next(line for line in process.stderr if line.startswith("plan: "))
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
        assert plan.startswith("plan: 1 shot in 0 s, about ") and " s of film at 25 a second · open " in plan
    assert hqcam("position", "--none").stdout == "no position is known\n"


def test_the_orientation_is_told_once_and_kept(hqcam: Hqcam) -> None:
    assert hqcam("orientation").stdout == "0\n"
    assert hqcam("orientation", "270", "--mirrored").stdout == "270 mirrored\n"
    assert hqcam("orientation", "90").stdout == "90 mirrored\n"
    assert json.loads(hqcam("orientation", "--not-mirrored", "--json").stdout) == {
        "rotation_deg": 90, "mirrored": False, "exif": 6
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("orientation", "45"), "rotation_deg is 45"),
        (("shoot", "panorama"), "there is no command"),
        (("shoot", "timer", "--delay", "0"), "delay_s is 0"),
        (("shoot", "bracket", "--order", "random"), "random"),
        (("shoot", "interval", "--start-at", "noon"), "start_at is 'noon'"),
        (("shoot", "interval", "--daily", "06:00-20:00"), "daily is '06:00-20:00'"),
        (("shoot", "interval", "--daily", "sunrise..sunset"), "needs the camera's position"),
        (("shoot", "interval", "--daily", "06:00..20:00", "--end-at", "8:00"), "a start and an end of their own"),
        (("position", "91", "0"), "latitude_deg is 91"),
        (("position", "52.5"), "the longitude is missing"),
        (("shoot", "--quality", "59"), "59 is not in the range 60<=x<=100"),
        (("shoot", "--names", "x", "timer"), "name pattern 'x'"),
        (("shoot", "--output", "usb"), "needs one USB drive"),
        (("shoot", "--lens", "xyzzy", "--camera", "simulated"), "no lens is meant by 'xyzzy'"),
        (("lens", "planar", "50"), "3 lenses are meant"),
        (("lens", "planar", "2/50", "--f", "1"), "cannot be set to f/1"),
        (("lens", "--add", "A", "B", "M", "long", "--stops", "2"), "not a focal length"),
        (("serve", "--names", "{year}"), "cannot be used"),
    ],
)
def test_bad_input_is_one_clear_error(hqcam: Hqcam, arguments: tuple[str, ...], says: str) -> None:
    result = hqcam(*arguments)
    assert (result.returncode, "Traceback" in result.stderr) == (2, False), result.stderr
    assert says in result.stderr


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_an_interval_goes_on_after_the_service_was_cut_off(
    serve: Callable[..., Served], tmp_path: Path, replay: tuple[str, str], number: int
) -> None:
    first = serve(*replay)
    started = first.json("POST", "/api/drive", {"mode": "interval", "settings": {"interval_s": 4, "count": 8}})
    assert started["state"] == "running"
    eventually(lambda: first.json("GET", "/api/drive")["taken"] >= 2, "two shots", 120)
    first.process.send_signal(number)
    first.process.communicate(timeout=helpers.PROGRAM_S)
    again = serve(*replay)
    progress = again.json("GET", "/api/drive")
    assert progress["mode"] == "interval" and progress["taken"] >= 2
    eventually(lambda: again.json("GET", "/api/drive")["state"] == "done", "the end", 120)
    manifest = json.loads(next((tmp_path / "captures").rglob("*_interval.json")).read_text())
    assert len(manifest["frames"]) + manifest["plan"]["missed"] == 8
    assert len(list((tmp_path / "captures").rglob("*.jpg"))) >= len(manifest["frames"]) >= 3


def test_a_series_whose_command_was_killed_is_told_as_interrupted_at_once(
    serve: Callable[..., Served], tmp_path: Path, replay: tuple[str, str]
) -> None:
    served, captures = serve(*replay), tmp_path / "captures"
    command = [sys.executable, "-P", "-m", "device", "shoot", "--output", str(captures), *replay]
    with helpers.started([*command, "interval", "--interval", "0.5"], stderr=subprocess.DEVNULL) as process:
        eventually(lambda: len(list(captures.rglob("*.jpg"))) >= 2, "two shots", 60)
        path = next(captures.rglob("*_interval.json"))
        served.json("GET", "/api/captures")
        assert json.loads(path.read_text())["state"] == "running"
        process.kill()
        process.wait(helpers.PROGRAM_S)
    assert served.json("GET", "/api/drive")["state"] == "idle"
    manifest = json.loads(path.read_text())
    assert manifest["state"] == "interrupted"
    assert len(manifest["frames"]) == len(served.json("GET", "/api/captures")["captures"]) >= 2
    assert served.json("GET", f"/api/drive/{path.stem}/manifest") == manifest
