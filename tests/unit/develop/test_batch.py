"""`hqcam develop`: LibRaw's pictures with the camera's tone, facts carried over, and nothing half-written."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from helpers import PROGRAM_S, eventually, run, started
from PIL import Image
from plain_dng import plain_dng

from device.bayer import offsets
from device.develop.batch import Task, default_workers, develop_all, plan
from device.develop.contact_sheet import CELL, Entry, page_names, sheet, shrink
from device.develop.encode import _little_endian
from device.develop.settings import DevelopSettings
from device.errors import BadFile, BadInput, ExtraMissing
from device.frame import LensState, RawFrame
from device.lenses.fitted import FittedLens
from device.raw.tags import Tag
from device.raw.tiff_reader import StoredField, read_tiff
from device.raw.tiff_writer import Type, numbers
from device.sensors.imx477 import IMX477

Make = Callable[..., Any]
GAINS = IMX477.colour.gains_at(5000)


def grey(level: float = 0.18, size: tuple[int, int] = (96, 128)) -> RawFrame:
    """An even grey of a linear level, with a white corner at the upper left."""
    samples = np.empty(size, np.uint16)
    for channel, (row, column) in offsets("RGGB").items():
        gain = {"R": GAINS[0], "B": GAINS[1]}.get(channel, 1.0)
        samples[row::2, column::2] = round(256 + 3839 * level / gain)
    samples[:16, :16] = 4095
    return RawFrame(samples, "RGGB", 12, (256.0,) * 4, 4095)


@pytest.fixture
def write_dng(make_dng: Make, make_meta: Make, tmp_path: Path) -> Make:
    def write(name: str, level: float = 0.18, **options: Any) -> Path:
        path = tmp_path / name
        size = options.pop("size", (96, 128))
        meta = make_meta(colour_gains=GAINS, lens=LensState(50.0, 2.8, 3.2), simulated=True)
        path.write_bytes(make_dng(grey(level, size), meta, **options))
        return path

    return write


def hqcam(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "device", "develop", *map(str, arguments)]
    return run(command, text=True, timeout_s=60)


def middle(path: Path) -> list[float]:
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB"), np.float64)
    height, width = pixels.shape[:2]
    return [float(v) for v in pixels[height // 3 : -height // 3, width // 3 : -width // 3].mean((0, 1))]


@pytest.mark.parametrize(
    ("look", "shown"),
    [
        ((), IMX477.tone.to_display(np.array(0.18))),
        (("--ev", "1"), IMX477.tone.to_display(np.array(0.36))),
        (("--tone", "srgb"), 1.055 * 0.18 ** (1 / 2.4) - 0.055),
        (("--half", "--tone", "srgb"), 1.055 * 0.18 ** (1 / 2.4) - 0.055),
    ],
)
def test_grey_comes_out_as_grey_on_the_chosen_curve(
    look: tuple[str, ...], shown: float, write_dng: Make, tmp_path: Path
) -> None:
    result = hqcam(write_dng("a.dng"), *look)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == [str(tmp_path / "a_developed.jpg")]
    assert middle(tmp_path / "a_developed.jpg") == pytest.approx([255 * float(shown)] * 3, abs=2)


@pytest.mark.tools
@pytest.mark.parametrize("kind", ["jpeg", "tiff"])
def test_the_facts_of_the_shot_are_carried_over(kind: str, write_dng: Make, tmp_path: Path, run_tool: Make) -> None:
    lens = FittedLens("Zeiss", "Planar T* 2/50 ZM", 50.0, 2.0, 4.0)
    source = write_dng("a.dng", lens=lens)
    assert hqcam(source, "--format", kind, "--output", tmp_path / "out").returncode == 0
    path = tmp_path / "out" / ("a.jpg" if kind == "jpeg" else "a.tif")
    assert run_tool("exiftool", "-validate", "-warning", "-error", "-a", path).split() == [b"Validate", b":", b"OK"]
    tags = [
        "ExposureTime",
        "ISO",
        "FNumber",
        "FocalLength",
        "LensModel",
        "LensMake",
        "LensInfo",
        "Model",
        "Orientation",
    ]
    tags += ["FocalLengthIn35mmFormat", "SubSecDateTimeOriginal", "ImageDescription", "SubjectDistance"]
    (before,), (after,) = (
        json.loads(run_tool("exiftool", "-json", "-n", *(f"-{t}" for t in tags), p)) for p in (source, path)
    )
    assert after | {"SourceFile": ""} == before | {"SourceFile": ""} and len(after) == len(tags) + 1


def test_a_tiff_has_all_16_bits(write_dng: Make, tmp_path: Path) -> None:
    hqcam(write_dng("a.dng", 0.2), "--format", "tiff", "--tone", "srgb", "--output", tmp_path)
    data = (tmp_path / "a.tif").read_bytes()
    main = read_tiff(data).directories[0]
    start, length = main.integers(Tag.STRIP_OFFSETS)[0], main.integers(Tag.STRIP_BYTE_COUNTS)[0]
    height, width = main.integer(Tag.IMAGE_LENGTH), main.integer(Tag.IMAGE_WIDTH)
    assert height is not None and width is not None
    pixels = np.frombuffer(data[start : start + length], "<u2").reshape(height, width, 3)
    wanted = 65535 * (1.055 * 0.2 ** (1 / 2.4) - 0.055)
    assert pixels[40:60, 50:80].mean() == pytest.approx(wanted, rel=0.003)
    assert len(np.unique(pixels)) > 2 and pixels.max() == 65535


UPRIGHT = {
    1: ((128, 96), (0, 0)),
    2: ((128, 96), (127, 0)),
    3: ((128, 96), (127, 95)),
    4: ((128, 96), (0, 95)),
    5: ((96, 128), (0, 0)),
    6: ((96, 128), (95, 0)),
    7: ((96, 128), (95, 127)),
    8: ((96, 128), (0, 127)),
}
"""By Exif's orientation: the upright size, and where the stored picture's first corner then is."""


def test_the_picture_is_upright_and_says_so(write_dng: Make, tmp_path: Path) -> None:
    for orientation, (size, corner) in UPRIGHT.items():
        hqcam(write_dng("a.dng", orientation=orientation), "--output", tmp_path, "--overwrite")
        with Image.open(tmp_path / "a.jpg") as image:
            assert image.size == size and image.getexif()[Tag.ORIENTATION] == 1
            assert min(image.getpixel(corner)) > 240, orientation  # type: ignore[type-var,arg-type]


def test_a_file_that_cannot_be_developed_costs_itself_only(write_dng: Make, tmp_path: Path) -> None:
    whole = write_dng("whole.dng")
    (tmp_path / "cut.dng").write_bytes(whole.read_bytes()[:2000])
    (tmp_path / "text.dng").write_text("not a picture")
    files = (whole, tmp_path / "cut.dng", tmp_path / "text.dng", tmp_path / "missing.dng")
    result = hqcam(*files, "--output", tmp_path / "out", "--json")
    report = json.loads(result.stdout)
    assert result.returncode == 2 and "Traceback" not in result.stderr
    assert report["written"] == [str(tmp_path / "out" / "whole.jpg")]
    assert {Path(f["file"]).name for f in report["failed"]} == {"cut.dng", "text.dng", "missing.dng"}
    assert all(f["message"] and f["expected"] for f in report["failed"])
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["whole.jpg"]


MONO = {"PHOTOMETRIC_INTERPRETATION": numbers(Type.SHORT, 34892), "AS_SHOT_NEUTRAL": None}


@pytest.mark.parametrize("options", [(), ("--format", "tiff"), ("--half",)])
def test_a_file_of_one_colour_becomes_a_grey_picture_and_the_batch_goes_on(
    options: tuple[str, ...], write_dng: Make, tmp_path: Path
) -> None:
    (tmp_path / "mono.dng").write_bytes(plain_dng(np.full((48, 64), 1200, np.uint16), 12, **MONO))
    files = [write_dng("first.dng"), tmp_path / "mono.dng", write_dng("third.dng")]
    result = hqcam(*files, "--jobs", "1", "--output", tmp_path / "out", *options)
    assert result.returncode == 0, result.stderr
    assert sorted(p.stem for p in (tmp_path / "out").iterdir()) == ["first", "mono", "third"]
    red, green, blue = middle(next((tmp_path / "out").glob("mono.*")))
    assert red == green == blue and 20 < red < 250
    sheet = tmp_path / "sheet.jpg"
    assert hqcam(*files, "--contact-sheet", sheet).returncode == 0 and sheet.exists()


def test_turned_files_of_one_colour_and_of_three_are_upright_on_a_contact_sheet(
    write_dng: Make, tmp_path: Path
) -> None:
    samples = grey().samples
    files = []
    for orientation in UPRIGHT:
        turn = {"ORIENTATION": numbers(Type.SHORT, orientation), "BLACK_LEVEL": numbers(Type.SHORT, *(256,) * 4)}
        files += [write_dng(f"{orientation}.dng", orientation=orientation), tmp_path / f"{orientation}-mono.dng"]
        files[-1].write_bytes(plain_dng(samples, 12, **MONO, **turn))
    assert hqcam(*files, "--contact-sheet", tmp_path / "sheet.jpg").returncode == 0
    with Image.open(tmp_path / "sheet.jpg") as image:
        page = np.asarray(image.convert("L"), np.float64)
    for index, path in enumerate(files):
        size, corner = UPRIGHT[int(path.stem[0])]
        small = size[0] // 2, size[1] // 2
        left = 16 + index % 5 * (CELL[0] + 16) + (CELL[0] - small[0]) // 2
        top = 16 + index // 5 * (CELL[1] + 46 + 16) + (CELL[1] - small[1]) // 2
        shown = page[top : top + small[1], left : left + small[0]]
        edge = [(3 if at == 0 else -4) for at in corner]
        assert shown[edge[1], edge[0]] > 240 and np.median(shown) < 150, path.name


def test_what_nobody_foresaw_in_one_file_costs_that_file(
    write_dng: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = [Task(write_dng(f"{n}.dng"), tmp_path / f"{n}.jpg") for n in range(3)]

    def breaks(source: Path) -> None:
        if source.stem == "1":
            raise RuntimeError("out of a library")

    monkeypatch.setattr("device.develop.picture.read_source", breaks)
    results = develop_all(tasks, DevelopSettings(), workers=1, done=lambda _: None)
    errors = {result.task.source.stem: result.error for result in results if result.error}
    assert len(results) == 3 and list(errors) == ["1"] and "out of a library" in errors["1"].message
    assert (tmp_path / "0.jpg").exists() and (tmp_path / "2.jpg").exists()


def test_pictures_are_named_without_replacing_anything(tmp_path: Path) -> None:
    folder = tmp_path / "shots"
    folder.mkdir()
    for name in ("a.dng", "b.DNG", ".hidden.dng", "a.jpg"):
        (folder / name).touch()
    assert [t.target.name for t in plan([folder], None, DevelopSettings())] == ["a_developed.jpg", "b_developed.jpg"]
    assert [t.target.name for t in plan([folder], tmp_path, DevelopSettings("tiff"))] == ["a.tif", "b.tif"]
    assert len(plan([folder, folder], None, DevelopSettings())) == 2
    with pytest.raises(BadInput, match="exists"):
        plan([folder], folder, DevelopSettings())
    assert len(plan([folder], folder, DevelopSettings(), overwrite=True)) == 2
    (tmp_path / "a.dng").touch()
    with pytest.raises(BadInput, match="both become"):
        plan([folder / "a.dng", tmp_path / "a.dng"], tmp_path / "out", DevelopSettings())
    (tmp_path / "raw.tif").touch()
    with pytest.raises(BadInput, match="its own picture"):
        plan([tmp_path / "raw.tif"], tmp_path, DevelopSettings("tiff"), overwrite=True)
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="no DNG files"):
        plan([tmp_path / "empty"], None, DevelopSettings())


def test_all_workers_work_at_once_and_tell_of_each(write_dng: Make, tmp_path: Path) -> None:
    tasks = [Task(write_dng(f"{i}.dng"), tmp_path / f"{i}.jpg") for i in range(5)]
    told: list[Task] = []
    outcomes = develop_all(tasks, DevelopSettings(), workers=3, done=lambda outcome: told.append(outcome.task))
    assert {o.task for o in outcomes} == set(told) == set(tasks) and not any(o.error for o in outcomes)
    assert all(task.target.stat().st_size > 500 for task in tasks)


def test_ctrl_c_keeps_what_is_whole_and_leaves_nothing_else(write_dng: Make, tmp_path: Path) -> None:
    files = [write_dng(f"{i:02}.dng", size=(1200, 1600)) for i in range(40)]
    out = tmp_path / "out"
    command = [sys.executable, "-P", "-m", "device", "develop", *map(str, files), "--output", str(out)]
    with started(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        eventually(lambda: list(out.glob("*.jpg")), "a picture", 60)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=PROGRAM_S)
    assert process.returncode == 1 and "Traceback" not in stderr, stderr
    assert "cancelled: " in stderr and "nothing is half-written" in stderr and stdout == ""
    written = list(out.iterdir())
    assert 1 <= len(written) < 40 and all(p.suffix == ".jpg" for p in written)
    for path in written:
        with Image.open(path) as image:
            image.load()
            assert image.size == (1600, 1200)


def test_without_the_extra_it_says_what_to_install(write_dng: Make, tmp_path: Path) -> None:
    with mock.patch.dict(sys.modules, {"rawpy": None}), pytest.raises(ExtraMissing, match="rawpy") as caught:
        develop_all([Task(write_dng("a.dng"), tmp_path / "a.jpg")], DevelopSettings(), workers=1, done=lambda _: None)
    assert "develop" in caught.value.remedy


def test_a_package_for_another_numpy_is_said_in_words(
    write_dng: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rawpy.py").write_text("raise ValueError('numpy.dtype size changed')")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "rawpy", raising=False)
    with pytest.raises(ExtraMissing, match="does not fit the numpy") as caught:
        develop_all([Task(write_dng("a.dng"), tmp_path / "a.jpg")], DevelopSettings(), workers=1, done=lambda _: None)
    assert "develop" in caught.value.remedy


def test_a_contact_sheet_shows_every_picture_with_its_name(write_dng: Make, tmp_path: Path) -> None:
    files = [write_dng(f"{i}.dng", level) for i, level in enumerate((0.05, 0.18, 0.5))]
    (tmp_path / "bad.dng").write_text("not a picture")
    page = tmp_path / "sheet.jpg"
    result = hqcam(*files, tmp_path / "bad.dng", "--contact-sheet", page)
    assert result.returncode == 2 and result.stdout.split() == [str(page)] and "bad.dng" in result.stderr
    with Image.open(page) as image:
        pixels = np.asarray(image.convert("L"), np.float64)
    left = [16 + i * (CELL[0] + 16) for i in range(4)]
    shades = [pixels[16 + CELL[1] // 2 - 8 : 16 + CELL[1] // 2 + 8, x + 220 : x + 260].mean() for x in left]
    wanted = [255 * float(IMX477.tone.to_display(np.array(v))) for v in (0.05, 0.18, 0.5)]
    assert shades[:3] == pytest.approx(wanted, abs=3)
    captions = pixels[16 + CELL[1] + 4 : 16 + CELL[1] + 20]
    assert all((captions[:, x : x + 120] > 150).sum() > 20 for x in left)  # ink under each
    assert hqcam(*files, "--contact-sheet", page).returncode == 2  # exists
    assert hqcam(*files, "--contact-sheet", tmp_path / "sheet.png").returncode == 2


def test_many_pictures_fill_several_pages() -> None:
    assert [p.name for p in page_names(Path("s.jpg"), 61)] == ["s.jpg", "s-2.jpg", "s-3.jpg"]
    assert page_names(Path("s.jpg"), 30) == [Path("s.jpg")]
    entry = Entry("a.dng", "1/125 s", shrink(np.zeros((300, 200, 3), np.uint8)))
    assert entry.picture is not None and entry.picture.shape == (300, 200, 3)
    assert sheet([entry] * 30).startswith(b"\xff\xd8")


def test_as_many_at_a_time_as_memory_allows(tmp_path: Path) -> None:
    meminfo = tmp_path / "proc/meminfo"
    meminfo.parent.mkdir()
    with mock.patch("os.cpu_count", return_value=4):
        for free_kb, workers in ((200_000, 1), (700_000, 2), (8_000_000, 4)):
            meminfo.write_text(f"MemTotal: 9 kB\nMemAvailable: {free_kb} kB\n")
            assert default_workers(tmp_path) == workers
        assert default_workers(tmp_path / "none") == 4


def test_big_endian_facts_are_turned() -> None:
    turned = _little_endian(StoredField(Type.RATIONAL, 1, memoryview(bytes.fromhex("0000000100000032")), ">"))
    assert turned.data == bytes.fromhex("0100000032000000")
    with pytest.raises(BadFile):
        _little_endian(StoredField(Type.SHORT, 2, memoryview(b"\0\1"), ">"))
