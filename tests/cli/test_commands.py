"""The command line as a user meets it: processes of their own, their output, exit codes and files."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import re
import select
import socket
import struct
import subprocess
import sys
import termios
import zipfile
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
import pytest
from helpers import in_time, run, started
from PIL import Image

from device.raw.files import read_picture
from device.sensors.imx477 import IMX477


def hqcam(*arguments: str | Path, timeout_s: float = 180) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "device", *map(str, arguments)]
    return run(command, text=True, timeout_s=timeout_s)


def test_help_names_every_command() -> None:
    result = hqcam("--help")
    assert result.returncode == 0
    for command in ("serve", "shoot", "info", "doctor", "bench", "inspect"):
        assert f"\n  {command} " in result.stdout


def test_a_command_that_cannot_be_loaded_leaves_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other_version-1.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Name: other-version\nVersion: 1\n")
    (other / "entry_points.txt").write_text("[hqcam.commands]\nlater = device.cli.later:later\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    helped, asked = hqcam("--help"), hqcam("later", "--frames", "3")
    assert helped.returncode == 0 and "\n  serve " in helped.stdout and "later " in helped.stdout
    assert asked.returncode == 1 and asked.stderr.startswith(
        "error: later cannot be loaded, the installation is not whole"
    )
    assert "hint: install hqcam again" in asked.stderr and "Traceback" not in asked.stderr


@pytest.mark.parametrize("group", [(), ("shoot",)])
def test_help_says_what_each_command_does_in_a_whole_sentence(group: tuple[str, ...]) -> None:
    result = hqcam(*group, "--help")
    listed = result.stdout.partition("Commands:\n")[2].splitlines()
    text = re.sub(r"\n {10,}", " ", "\n".join(listed))  # a sentence may go on in the next line
    assert len(text.splitlines()) >= 6 and "..." not in text
    assert all(re.fullmatch(r"  \w+ {2,}[A-Z].*\.", line) for line in text.splitlines()), text


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (("shot",), "there is no command 'shot'; did you mean shoot?"),
        (("Focus",), "did you mean focus?"),
        (("xyzzy",), "there are address, bench, calibrate,"),
        (("shoot", "brackt"), "there is no command 'brackt'; did you mean bracket?"),
    ],
)
def test_a_mistyped_command_names_the_nearest(typed: tuple[str, ...], says: str) -> None:
    result = hqcam(*typed)
    assert result.returncode == 2 and says in result.stderr and not result.stdout


@pytest.mark.parametrize("command", ["serve", "shoot", "info", "doctor", "bench", "inspect", "develop"])
def test_every_command_explains_itself(command: str) -> None:
    result = hqcam(command, "--help")
    assert result.returncode == 0 and "Options:" in result.stdout
    if command != "serve":
        assert "--json" in result.stdout


def test_shoot_writes_both_files_with_the_asked_exposure(tmp_path: Path) -> None:
    arguments = ("--camera", "simulated", "--exposure", "1/250", "--iso", "200", "--focus", "0.5")
    result = hqcam("shoot", "--output", tmp_path, "--json", *arguments)
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["simulated"] is True and report["iso"] == 200
    assert report["exposure_us"] == pytest.approx(4000, abs=30)  # one line of the full mode is 28.6 us
    assert {Path(f["path"]).suffix for f in report["files"]} == {".dng", ".jpg"}
    for file in report["files"]:
        metadata = read_picture(Path(file["path"])).metadata
        assert metadata.exposure_us == pytest.approx(report["exposure_us"], rel=1e-4) and metadata.iso == 200
        assert metadata.simulated and metadata.f_number == pytest.approx(2.8)


def test_shoot_takes_the_light_and_the_look_that_are_asked(tmp_path: Path) -> None:
    look = ("--kelvin", "3200", "--saturation", "0", "--metering", "spot", "--anti-flicker", "50 Hz")
    result = hqcam("shoot", "--output", tmp_path, "--json", "--camera", "simulated", "--exposure", "1/250", *look)
    assert result.returncode == 0, result.stderr
    files = {Path(f["path"]).suffix: Path(f["path"]) for f in json.loads(result.stdout)["files"]}
    metadata = read_picture(files[".dng"]).metadata
    assert metadata.colour_gains == pytest.approx(IMX477.colour.gains_at(3200), rel=1e-3)
    with Image.open(files[".jpg"]) as picture:
        assert int(np.ptp(np.asarray(picture.convert("YCbCr").reduce(8))[..., 1:])) <= 2, "grey"


@pytest.mark.parametrize(
    "asked",
    [
        ("--metering", "all"),
        ("--anti-flicker", "auto"),
        ("--sharpness", "9"),
        ("--kelvin", "100"),
        ("--kelvin", "3200", "--awb", "cloudy"),
    ],
)
def test_shoot_refuses_a_look_that_the_camera_does_not_offer(tmp_path: Path, asked: tuple[str, ...]) -> None:
    result = hqcam("shoot", "--output", tmp_path, "--camera", "simulated", *asked)
    assert result.returncode == 2 and "Traceback" not in result.stderr and not list(tmp_path.glob("**/*.dng"))


def test_info_reports_modes_and_limits() -> None:
    report = json.loads(hqcam("info", "--camera", "simulated", "--json").stdout)
    assert report["model"] == "imx477" and report["sensor"]["active_width"] == 4056
    assert [m["max_fps"] for m in report["modes"]] == [120.05, 50.03, 40.01, 10.0]
    text = hqcam("info", "--camera", "simulated").stdout
    assert "2028 x 1520" in text and re.search(r"exposure +│ 1/32258 s +│ 694 s", text)
    assert re.search(r"ISO +│ 100 +│ 2226 ", text)


def test_without_a_camera_auto_simulates_aloud() -> None:
    result = hqcam("info", "--json")
    assert result.returncode == 0 and "SIMULATED" in result.stderr
    assert json.loads(result.stdout)["simulated"] is True


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("info", "--camera", "nikon"), 2, "unknown camera 'nikon'"),
        (("info", "--camera", "picamera2"), 3, "--system-site-packages"),
        (("info", "--camera", "picamera2:left"), 2, "camera number 'left'"),
        (("info", "--camera", "replay:/nothing/here"), 2, "there is nothing at /nothing/here"),
        (("info", "--scene", "/nothing.jpg"), 2, "/nothing.jpg"),
        (("info", "--scene", "/dev/zero"), 2, "a pipe or a device"),
        (("info", "--depth", "2"), 2, "without a scene"),
        (("info", "--camera", "replay:/tmp", "--fault", "hang@1s"), 2, "belong to the simulated camera"),
        (("info", "--fault", "explode@1s"), 2, "explode"),
        (("shoot", "--exposure", "fast"), 2, "not an exposure time"),
        (("shoot", "--exposure", "1/0"), 2, "not longer than nothing"),
        (("shoot", "--exposure", "2000", "--camera", "simulated"), 2, "out of range"),
        (("shoot", "--iso", "1", "--camera", "simulated"), 2, "ISO 1 (gain 0.01) is out of range"),
        (("shoot", "--output", "/proc/nowhere"), 1, "could not be written"),
        (("inspect", "/nothing.jpg"), 2, "/nothing.jpg is not there"),
        (("inspect", "/etc/hostname"), 2, "not a picture"),
        (("inspect", "x.png", "--gain", "99"), 2, "gain is 99"),
        (("inspect", "x.png", "--peaking", "mask.jpg"), 2, "no PNG"),
        (("inspect", "x.png", "--zebra-high", "120"), 2, "out of range"),
        (("serve", "--port", "70000"), 2, "70000"),
        (("serve", "--host", "203.0.113.1", "--camera", "simulated"), 1, "cannot listen"),
        (("serve", "--time-code", "--camera", "replay:tests"), 2, "simulated camera"),
        (("frobnicate",), 2, "there is no command"),
    ],
)
def test_bad_input_is_one_clear_error(arguments: tuple[str, ...], code: int, says: str) -> None:
    result = hqcam(*arguments)
    assert (result.returncode, "Traceback" in result.stderr) == (code, False), result.stderr
    assert says in result.stderr and result.stdout == ""


def test_a_port_in_use_is_named_with_another(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = hqcam("serve", "--camera", "simulated", "--port", str(port), "--output", tmp_path)
    assert result.returncode == 1
    assert f"port {port} on 127.0.0.1 is in use" in result.stderr and f"--port {port + 1}" in result.stderr


def test_shoot_writes_lossless_at_half_the_size_and_the_choices_are_those_of_the_writer(tmp_path: Path) -> None:
    from device.cli.options import SAMPLE_FORMS
    from device.raw import dng_writer as dng

    assert SAMPLE_FORMS == dng.SAMPLE_FORMS
    sizes = {}
    for form in ("packed", "lossless"):
        arguments = ("--camera", "simulated", "--exposure", "1/100", "--iso", "100", "--raw", form)
        report = json.loads(hqcam("shoot", "--output", tmp_path, "--json", *arguments).stdout)
        (path,) = (Path(f["path"]) for f in report["files"] if f["kind"] == "dng")
        assert report["audit"]["verdict"] == "ok"
        sizes[form] = path.stat().st_size
    assert sizes["lossless"] <= 0.65 * sizes["packed"]


def test_doctor_says_what_is_missing_and_how_to_simulate() -> None:
    result = hqcam("doctor", "--json")
    report = json.loads(result.stdout)
    assert result.returncode == (0 if report["ready"] else 1)
    states = {check["name"]: check["state"] for check in report["checks"]}
    assert states["python"] == states["packages"] == states["import names"] == "ok"
    if not report["ready"]:
        assert "hqcam serve --camera simulated" in hqcam("doctor").stdout


def test_bench_measures_the_assists() -> None:
    rows = json.loads(hqcam("bench", "--only", "analysis", "--json").stdout)["rows"]
    values = {row["name"]: row["value"] for row in rows}
    assert values["all assists together"] > values["peaking, one 2028x1520 frame"] > 0
    assert values["all assists, in memory copies of the luma"] > 1


def test_selftest_passes_on_the_simulated_camera_and_says_so(tmp_path: Path) -> None:
    place, packed = tmp_path / "captures", tmp_path / "report.zip"
    camera = ("--camera", "simulated", "--seconds", "1", "--output", str(place))
    result = hqcam("selftest", *camera, "--report", str(packed), "--json")
    report = json.loads(result.stdout)
    assert report["complete"] and report["camera"]["simulated"] is True
    verdicts = {check["name"]: check["verdict"] for check in report["checks"]}
    assert {verdicts[n] for n in ("modes", "planes", "linearity", "black level", "still", "DNG")} == {"pass"}, report
    assert result.returncode == (0 if report["passed"] else 1) and list(place.iterdir()) == []
    assert "look at its picture before you send it" in result.stderr
    with zipfile.ZipFile(packed) as archive:
        told = json.loads(archive.read("report.json"))
        with Image.open(archive.open("picture.jpg")) as picture:
            assert picture.size == (506, 380) and not picture.getexif()
        assert f"  pass           {'DNG':16} " in archive.read("report.txt").decode()
    assert told["checks"] == report["checks"] and told["camera"]["simulated"] and len(told["doctor"]) > 10
    assert str(tmp_path) not in json.dumps(told)


def test_selftest_without_a_camera_ends_with_its_remedy(tmp_path: Path) -> None:
    packed = tmp_path / "report.zip"
    camera = ("--camera", "simulated", "--fault", "unplug@0s", "--output", str(tmp_path / "captures"))
    result = hqcam("selftest", *camera, "--report", str(packed))
    assert result.returncode == 3 and "unplugged" in result.stderr and "Traceback" not in result.stderr
    with zipfile.ZipFile(packed) as archive:
        assert set(archive.namelist()) == {"report.txt", "report.json"}
        (ended,) = json.loads(archive.read("report.json"))["checks"]
    assert ended["verdict"] == "fail" and "unplugged" in ended["measured"]
    again = hqcam("selftest", *camera, "--report", str(packed))
    assert again.returncode == 2 and "is there already" in again.stderr


def test_doctor_fits_a_screen(tmp_path: Path) -> None:
    result = hqcam("doctor", "--output", str(tmp_path))
    lines = result.stdout.splitlines()
    assert result.returncode == 1 and len(lines) <= 32 and lines[-1].startswith("This machine cannot")
    assert list(tmp_path.iterdir()) == []


def test_the_names_on_the_command_line_are_those_of_the_analysis() -> None:
    from device.analysis.peaking import LEVELS
    from device.analysis.processing import PROCESSINGS
    from device.cli import inspect

    (kinds,) = (p.type for p in inspect.inspect.params if p.name == "peaking_sensitivity")
    assert isinstance(kinds, click.Choice) and list(kinds.choices) == list(LEVELS)
    assert set(inspect.PROCESSING_NAMES) == set(PROCESSINGS)


def test_focus_prints_a_line_a_frame_where_there_is_no_terminal() -> None:
    result = hqcam("focus", "--camera", "simulated", "--seconds", "3", "--json", "--size", "0.3", "--focus", "2")
    assert result.returncode == 0, result.stderr
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(lines) >= 2 and all(line["best"] >= line["score"] > 0 for line in lines)
    assert [line["sequence"] for line in lines] == sorted({line["sequence"] for line in lines})
    plain = hqcam("focus", "--camera", "simulated", "--seconds", "2").stdout.splitlines()
    assert plain[-1].startswith("best ") and " of " in plain[0]
    close = hqcam("focus", "--camera", "simulated", "--seconds", "3", "--json", "--x", "0.42", "--loupe")
    magnified = [json.loads(line) for line in close.stdout.splitlines()]
    assert magnified and all(line["loupe"] and line["score"] > 0 for line in magnified), close.stderr
    assert not any(line["loupe"] for line in lines)


Terminal = tuple[io.FileIO, int, subprocess.Popen[bytes]]


@pytest.fixture
def focus_in_terminal() -> Iterator[Terminal]:
    """`hqcam focus` in a terminal of 90 x 24: the terminal's two ends and the process."""
    command = [sys.executable, "-P", "-m", "device", "focus", "--camera", "simulated", "--focus", "2"]
    main, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 90, 0, 0))
    environment = os.environ | {"TERM": "xterm"}
    pipes = {"stdin": side, "stdout": side, "stderr": subprocess.PIPE}
    with io.FileIO(main, "r+") as screen, started(command, env=environment, **pipes) as process:
        yield screen, side, process
    os.close(side)


def test_focus_in_a_terminal_draws_turns_the_lens_and_leaves_it_as_it_was(focus_in_terminal: Terminal) -> None:
    screen, side, process = focus_in_terminal
    before = termios.tcgetattr(side)
    seen = ""

    def read_until(*words: str) -> None:
        nonlocal seen
        for _ in in_time(f"{words} on the screen"):
            if any(some in seen for some in words):
                return
            if select.select([screen], [], [], 0.2)[0]:
                seen += os.read(screen.fileno(), 65536).decode(errors="replace")

    read_until("SIMULATED")
    read_until("arrows turn the simulated lens")
    assert termios.tcgetattr(side) != before  # keys come one by one
    screen.write(b"\x1b[D" * 40)  # nearer: out of focus
    seen = ""
    read_until("come back")
    for _ in in_time("a sharper one is forgotten"):
        if "the best so far" in seen:  # however soft
            break
        screen.write(b"r")  # again and again: frames of before the turn may still come, and be the best
        seen = ""
        read_until("the best so far", "come back", "falling", "rising")  # two frames came since
    screen.write(b"q")
    read_until("best ")
    assert process.wait(60) == 0
    assert termios.tcgetattr(side) == before
    assert process.stderr is not None and b"Traceback" not in process.stderr.read()


def test_focus_ends_when_its_terminal_is_gone(focus_in_terminal: Terminal) -> None:
    screen, _, process = focus_in_terminal
    seen = b""
    while b"SIMULATED" not in seen:
        seen += os.read(screen.fileno(), 65536)
    screen.close()
    process.wait(60)
    assert process.stderr is not None and b"Traceback" not in process.stderr.read()


SHELLS = ('"$@" > /dev/full', '"$@" >&-', '"$@" >&- 2>&-', '"$@" 2>/dev/null | true; exit ${PIPESTATUS[0]}')


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("arguments", [("info", "--json"), ("--help",), ("lens",)], ids=" ".join)
def test_output_that_cannot_be_written_is_an_exit_code(shell: str, arguments: tuple[str, ...], tmp_path: Path) -> None:
    settings = ("--settings", str(tmp_path / "settings.json")) if arguments == ("lens",) else ()
    command = [sys.executable, "-P", "-m", "device", *arguments, *settings]
    done = run(["bash", "-c", shell, "bash", *command], text=True)
    if "| true" in shell:  # the reader may end before or after
        assert done.returncode in (0, 1) and done.stderr == ""
        return
    assert done.returncode == 1 and done.stdout == "", done.stderr
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr
    assert ("stdout could not be written" in done.stderr) == (shell in SHELLS[:2])


def test_a_choice_that_could_not_be_kept_is_not_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    command = [sys.executable, "-P", "-m", "device", "lens", "planar", "2/50", "--settings"]
    done = run([*command, str(tmp_path / "file/s.json")], text=True)
    assert done.returncode == 1 and done.stdout == "" and "could not be written" in done.stderr


def test_presets_are_saved_listed_asked_for_and_forgotten(tmp_path: Path) -> None:
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({"controls": {"ev": 0.7}, "assists": {"peaking": False}}))
    saved = hqcam("preset", "C1", "--save", "--name", "Portrait", "--settings", settings, "--json")
    assert saved.returncode == 0, saved.stderr
    kept = json.loads(saved.stdout)
    assert (kept["C1"]["name"], kept["C1"]["controls"]) == ("Portrait", {"ev": 0.7}) and kept["C2"] is None
    assert hqcam("preset", "C1", "--settings", settings).stdout == "C1: Portrait\n"
    assert json.loads(settings.read_text())["recall"]["slot"] == "C1", "for the viewfinder"
    forgotten = hqcam("preset", "C1", "--forget", "--settings", settings)
    assert forgotten.stdout == "C1: nothing is saved\n"
    for arguments in (("C1",), ("C4",), ("--save",), ("C1", "--name", "x")):
        refused = hqcam("preset", *arguments, "--settings", settings)
        assert refused.returncode == 2 and "error" in refused.stderr.lower(), arguments
