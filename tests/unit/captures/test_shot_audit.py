"""The self-audit: sound files pass, every kind of damage is found, and the record outlives the service."""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from helpers import run
from plain_dng import plain_dng

from device.captures.capture import RECORD_SUFFIX
from device.captures.shot import Recipe, Shot, save_still
from device.captures.shot_audit import Audit, audit_file, compared_with_record, read_record
from device.captures.storage import Storage
from device.cli.inspect import inspect
from device.controls import Asked
from device.drivers.simulated import SimulatedCamera
from device.errors import StorageError, StorageFull
from device.frame import Controls, RawFrame, StillFrame
from device.pixels.packed import PackedRaw, pack_csi2
from device.raw.dng_writer import SAMPLE_FORMS, SampleForm, encode_dng
from device.raw.file_checks import Expected, audit_dng, audit_jpeg, tones, worst
from device.raw.files import read_picture
from device.raw.shortfall import ALL_WHITE
from device.raw.shot_metadata import ShotMetadata
from device.raw.tags import Tag
from device.raw.tiff_reader import read_tiff
from device.raw.tiff_writer import Type, numbers
from device.sensors.imx477 import IMX477


@pytest.fixture(scope="module")
def stills() -> dict[float, StillFrame]:
    """A full-size still at the least and at a high gain."""
    camera = SimulatedCamera(pace=False)
    camera.open()
    camera.start(IMX477.modes[2], Controls(exposure_us=9000.0, gain=1.0))
    found = {}
    for gain in (1.0, 16.0):
        camera.request(Controls(exposure_us=9000.0 / gain, gain=gain))
        for _ in range(4):
            camera.next_frame(5).release()
        found[gain] = camera.capture_still(10)
    camera.close()
    return found


@pytest.fixture
def still(stills: dict[float, StillFrame]) -> StillFrame:
    return stills[1.0]


@pytest.fixture
def save(tmp_path: Path, still: StillFrame) -> Callable[..., Shot]:
    storage = Storage(tmp_path / "captures")
    storage.prepare()

    def shoot(changed: StillFrame = still, form: SampleForm = "packed", asked_exposure_us: float | None = None) -> Shot:
        recipe = Recipe(form=form)
        return save_still(changed, storage, sensor=IMX477, awb="auto", recipe=recipe, asked=Asked(asked_exposure_us))

    return shoot


def verdicts(shot: Shot) -> dict[str, dict[str, str]]:
    return {file.name[-4:]: {check.name: check.verdict for check in file.checks} for file in shot.audit.files}


@pytest.mark.parametrize("form", SAMPLE_FORMS)
def test_a_shot_is_sound_in_every_form(form: SampleForm, save: Callable[..., Shot]) -> None:
    shot = save(form=form, asked_exposure_us=9000.0)
    wanted = {".dng": ["structure", "size", "levels", "tones", "exposure"], ".jpg": ["structure", "size", "exposure"]}
    assert verdicts(shot) == {kind: dict.fromkeys(names, "ok") for kind, names in wanted.items()}
    assert shot.audit.verdict == "ok" and shot.audit.findings() == []
    dng = shot.audit.files[0]
    assert {c.name: c.finding for c in dng.checks}["size"] == "4056 x 3040" and len(dng.sha256) == 64


def test_what_is_read_back_comes_from_the_disk(save: Callable[..., Shot]) -> None:
    forgotten: list[str] = []

    def forget(handle: int, offset: int, length: int, advice: int) -> None:
        assert (offset, length, advice) == (0, 0, os.POSIX_FADV_DONTNEED) and os.lseek(handle, 0, os.SEEK_CUR) == 0
        forgotten.append(Path(os.readlink(f"/proc/self/fd/{handle}")).name)

    with mock.patch("os.posix_fadvise", forget):
        shot = save()
    assert sorted(forgotten) == sorted(stored.name for stored in shot.capture.files)  # both are read at once


def test_the_record_is_beside_the_files_and_reads_back(save: Callable[..., Shot]) -> None:
    shot = save()
    path = shot.capture.files[0].path
    record = path.with_name(shot.capture.id + RECORD_SUFFIX)
    assert read_record(path) == read_record(shot.capture.files[1].path) == shot.audit
    assert json.loads(record.read_text())["verdict"] == "ok"
    for broken in (b"", b"{}", b'{"files": [1]}', b"\xff", b'{"files": [{"name": "x", "checks": [{}]}]}'):
        record.write_bytes(broken)
        assert read_record(path) is None


def test_a_noisy_shot_and_10_bits_are_sound_too(stills: dict[float, StillFrame], save: Callable[..., Shot]) -> None:
    assert save(stills[16.0]).audit.verdict == "ok"
    raw = stills[1.0].raw
    assert raw is not None
    coarse = RawFrame(raw.samples >> np.uint16(2), raw.cfa, 10, (64.0,) * 4, 1023)
    assert save(replace(stills[1.0], raw=coarse)).audit.verdict == "ok"


def companded(samples: np.ndarray) -> np.ndarray:
    """Through 8 bits on a square-root scale and back: what a lossy raw does."""
    codes = np.rint(np.sqrt(samples / 4095) * 255)
    return np.rint((codes / 255) ** 2 * 4095).astype(np.uint16)


@pytest.mark.parametrize(
    "spoil",
    [companded, lambda s: s // 8 * 8, lambda s: s // 2 * 2, lambda s: np.where(s < 1400, s * 3 - 512, 4095)],
    ids=["companded", "nine bits", "eleven bits", "stretched"],
)
def test_compressed_samples_passed_off_as_raw_are_caught(
    spoil: Callable[[np.ndarray], np.ndarray], still: StillFrame, save: Callable[..., Shot]
) -> None:
    assert still.raw is not None
    spoilt = replace(still, raw=replace(still.raw, samples=spoil(still.raw.samples).astype(np.uint16)))
    shot = save(spoilt)
    assert verdicts(shot)[".dng"]["tones"] == "fault" and shot.audit.verdict == "fault"
    assert "without neighbours" in shot.audit.findings()[0]


def test_a_pi_5_container_is_no_compression_but_eight_bits_in_it_are(still: StillFrame) -> None:
    assert still.raw is not None
    counts = np.zeros(1 << 16, np.int64)
    np.add.at(counts, still.raw.samples[::4, ::4].ravel() << np.uint16(4), 64)
    assert tones(counts, 65520).verdict == "ok"
    eight = np.zeros(1 << 16, np.int64)
    eight[4096:60_000:256] = 10_000
    assert tones(eight, 65520).verdict == "fault"


def test_another_exposure_than_asked_for_is_told(still: StillFrame, save: Callable[..., Shot]) -> None:
    for asked, verdict in ((9000.0, "ok"), (None, "ok"), (9400.0, "warning"), (30_000.0, "warning")):
        shot = save(asked_exposure_us=asked)
        assert verdicts(shot)[".dng"]["exposure"] == verdict
        assert all("asked for" in finding for finding in shot.audit.findings())
    short = replace(still, meta=replace(still.meta, exposure_us=still.meta.mode.line_us * 4))
    assert save(short, asked_exposure_us=120.0).audit.verdict == "ok"  # within half a line
    assert save(short, asked_exposure_us=short.meta.exposure_us + 16).audit.verdict == "warning"


@pytest.mark.tools
def test_a_simulated_exposure_of_650_seconds_reads_650_seconds_everywhere(
    save: Callable[..., Shot], capsys: pytest.CaptureFixture[str]
) -> None:
    camera = SimulatedCamera(pace=False)  # its time is its own: the exposure takes as long as its computing
    camera.open()
    camera.start(IMX477.modes[3], Controls(exposure_us=650e6, gain=1.0))
    long = camera.capture_still(2000)
    camera.close()
    assert long.meta.exposure_us == pytest.approx(650e6, abs=long.meta.mode.line_us)
    shot = save(long, asked_exposure_us=650e6)
    assert shot.audit.verdict == "warning" and all("overexposed" in told for told in shot.audit.findings())
    for stored in shot.capture.files:
        assert read_picture(stored.path).metadata.exposure_us == pytest.approx(650e6, abs=50)
        (read,) = json.loads(run(["exiftool", "-json", "-n", "-ExposureTime", stored.path], check=True).stdout)
        assert read["ExposureTime"] == pytest.approx(650, abs=5e-5)
        with pytest.raises(SystemExit) as ended:
            inspect([str(stored.path)])
        assert ended.value.code == 0 and re.search(r"exposure us +650 s", capsys.readouterr().out)


@pytest.fixture
def small(still: StillFrame) -> Iterator[tuple[bytes, Expected]]:
    assert still.raw is not None
    raw = replace(still.raw, samples=np.ascontiguousarray(still.raw.samples[:400, :600]))
    metadata = ShotMetadata(still.meta, datetime.now(UTC), clock_synchronised=True, sensor=IMX477, software="t")
    buffers = encode_dng(raw, metadata, preview_jpeg=b"\xff\xd8", preview_size=(8, 8))
    yield b"".join(buffers), Expected(still.meta, (600, 400), (raw.black_dn, raw.white_dn))


def faults(data: bytes, expected: Expected) -> dict[str, str]:
    return {check.name: check.finding for check in audit_dng(data, expected) if check.verdict == "fault"}


def test_what_is_not_as_delivered_is_a_fault(small: tuple[bytes, Expected]) -> None:
    data, expected = small
    assert faults(data, expected) == {}
    meta = expected.meta
    assert set(faults(data, replace(expected, size=(602, 400)))) == {"size"}
    assert set(faults(data, replace(expected, levels=((257.0,) * 4, 4095)))) == {"levels"}
    assert set(faults(data, replace(expected, levels=((256.0,) * 4, 4000)))) == {"levels"}
    assert set(faults(data, replace(expected, meta=replace(meta, exposure_us=8000.0)))) == {"exposure"}
    assert set(faults(data, replace(expected, meta=replace(meta, analogue_gain=2.0)))) == {"exposure"}


def test_damage_is_a_fault_and_never_an_exception(small: tuple[bytes, Expected]) -> None:
    data, expected = small
    for length in (0, 4, 100, 3000, len(data) - 1000):
        assert "structure" in faults(data[:length], expected)
    where = read_tiff(data).directories[0].below[Tag.SUB_IFDS][0].fields[Tag.STRIP_OFFSETS].data
    broken = bytearray(data)
    place = data.index(bytes(where))
    for offset in (4, len(data)):
        broken[place : place + 4] = offset.to_bytes(4, "little")
        assert "structure" in faults(bytes(broken), expected)
    rng = np.random.default_rng(2)
    for _ in range(60):
        flipped = bytearray(data)
        for position in rng.integers(0, 2500, 3):
            flipped[position] = rng.integers(0, 256)
        audit_dng(bytes(flipped), expected)


def test_samples_that_are_all_the_same_are_a_fault(small: tuple[bytes, Expected]) -> None:
    data, expected = small
    strip = read_tiff(data).directories[0].below[Tag.SUB_IFDS][0]
    start, length = strip.integers(Tag.STRIP_OFFSETS)[0], strip.integers(Tag.STRIP_BYTE_COUNTS)[0]
    dead = data[:start] + bytes.fromhex("100100") * (length // 3) + data[start + length :]
    assert "every sample is the same" in faults(dead, expected)["levels"]


def test_a_jpeg_that_is_cut_or_of_another_size_is_a_fault(save: Callable[..., Shot], still: StillFrame) -> None:
    shot = save()
    stored = shot.capture.file("jpeg")
    assert stored is not None
    data = stored.path.read_bytes()
    expected = Expected(still.meta, (4056, 3040))
    assert worst([c.verdict for c in audit_jpeg(data, expected)]) == "ok"
    for broken in (b"", data[:5000], data[: len(data) // 2], b"\xff\xd8" + bytes(100)):
        assert [c.verdict for c in audit_jpeg(broken, expected)] == ["fault"]
    assert {c.name for c in audit_jpeg(data, replace(expected, size=(1, 1))) if c.verdict == "fault"} == {"size"}


def test_a_file_that_was_changed_later_is_no_more_the_one_that_was_taken(save: Callable[..., Shot]) -> None:
    shot = save()
    path = shot.capture.files[0].path
    assert Audit((compared_with_record(audit_file(path), path),)).verdict == "ok"
    with path.open("r+b") as file:
        file.seek(-10, 2)
        file.write(b"\0\1")
    changed = Audit((compared_with_record(audit_file(path), path),))
    assert changed.verdict == "warning" and "SHA-256" in changed.findings()[0]


def test_a_full_card_costs_the_record_and_not_the_shot(save: Callable[..., Shot]) -> None:
    with mock.patch("device.captures.shot_audit.write_atomically", side_effect=StorageFull("no space")):
        shot = save()
    assert shot.audit.verdict == "ok" and read_record(shot.capture.files[0].path) is None


@pytest.mark.parametrize("layout", [{}, {"strip": 16}, {"tile": 16}])
def test_pieces_that_list_fewer_bytes_than_their_samples_take_are_a_fault(layout: dict[str, int]) -> None:
    samples = np.random.default_rng(1).integers(300, 900, (48, 64)).astype(np.uint16)
    whole = plain_dng(samples, 16, **layout)
    assert worst([check.verdict for check in audit_dng(whole)]) == "ok"
    tag = Tag.TILE_BYTE_COUNTS if "tile" in layout else Tag.STRIP_BYTE_COUNTS
    counts = list(read_tiff(whole).directories[0].integers(tag))
    counts[0] = counts[0] * 3 // 4
    short = plain_dng(samples, 16, **layout, **{tag.name: numbers(Type.LONG, *counts)})
    structure = audit_dng(short)[0]
    assert (structure.name, structure.verdict) == ("structure", "fault")
    assert structure.finding == f"{sum(counts)} bytes of pixel data where 6144 are needed"


def test_an_empty_strip_in_the_exif_block_is_no_picture_that_is_missing() -> None:
    samples = np.random.default_rng(1).integers(300, 900, (48, 64)).astype(np.uint16)
    nothing = numbers(Type.LONG, 0)
    data = plain_dng(samples, 16, exif={Tag.STRIP_OFFSETS: nothing, Tag.STRIP_BYTE_COUNTS: nothing})
    assert [check.verdict for check in audit_dng(data)] == ["ok"] * 4
    in_the_picture = plain_dng(samples, 16, STRIP_OFFSETS=nothing, STRIP_BYTE_COUNTS=nothing)
    assert audit_dng(in_the_picture)[0].verdict == "fault"


@pytest.mark.parametrize("missing", ["BLACK_LEVEL", "WHITE_LEVEL"])
def test_levels_that_the_file_does_not_tell_are_printed_as_assumed(
    missing: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    samples = np.random.default_rng(1).integers(300, 900, (48, 64)).astype(np.uint16)
    path = tmp_path / "shot.dng"
    for data, assumed in ((plain_dng(samples, 12), False), (plain_dng(samples, 12, **{missing: None}), True)):
        path.write_bytes(data)
        with pytest.raises(SystemExit) as ended:
            inspect([str(path)])
        told = capsys.readouterr().out
        assert ended.value.code == 0
        for line in ("levels +black", "raw clipped", "raw exposure"):
            (found,) = re.findall(f"^ +{line}.*$", told, re.MULTILINE)
            assert ("assumed" in found) == assumed, found


def test_a_file_that_cannot_be_read_back_is_not_said_to_be_unwritten(tmp_path: Path) -> None:
    path = tmp_path / "shot.dng"
    path.write_bytes(b"II*\0")
    failing = OSError(errno.EIO, os.strerror(errno.EIO))
    with mock.patch("os.posix_fadvise", side_effect=failing), pytest.raises(StorageError) as caught:
        audit_file(path)
    assert "could not be read" in caught.value.message and "written" not in caught.value.message


@pytest.mark.parametrize("packed", [False, True], ids=["words", "packed"])
@pytest.mark.parametrize("spared", [0, 1])
def test_all_files_say_when_every_sample_is_overexposed(
    save: Callable[..., Shot], still: StillFrame, packed: bool, spared: int
) -> None:
    assert still.raw is not None
    white = np.full(still.raw.shape, still.raw.white_dn, np.uint16)
    white[-1, -1] -= spared
    raw = RawFrame(white, still.raw.cfa, still.raw.bit_depth, still.raw.black_dn, still.raw.white_dn)
    rows = pack_csi2(white, bit_depth=raw.bit_depth)
    in_memory = PackedRaw(rows, raw.shape[1], raw.cfa, raw.bit_depth, raw.black_dn, raw.white_dn) if packed else raw
    shot = save(replace(still, raw=in_memory))
    said = {finding.partition(" ")[0] for finding in shot.audit.findings() if finding.endswith(ALL_WHITE)}
    notes = [read_picture(file.path).metadata.notes for file in shot.capture.files]
    assert said == (set() if spared else {"DNG", "JPG"})
    assert [f"levels: {ALL_WHITE}" in found for found in notes] == [not spared] * 2
