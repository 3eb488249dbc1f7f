"""The page's pure modules, by numbers that can be checked by hand; run in the browser that runs them."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.page.conftest import Complaints, Server

pytestmark = pytest.mark.page
GOLDEN = Path(__file__).parents[1] / "golden" / "focus_meter.json"


@pytest.fixture
def page(shared_server: Server, open_page: Callable[..., Page], complaints: Complaints) -> Page:
    """A page of the camera's origin that does nothing by itself."""
    complaints.allow("favicon.ico")  # a picture names no icon of its own
    return open_page(f"{shared_server.url}static/icon.svg")


def run(page: Page, module: str, code: str, argument: Any = None) -> Any:
    return page.evaluate(f"async (a) => {{ const m = await import('/static/{module}'); {code} }}", argument)


def frame_bytes(width: int = 10, height: int = 2, **changes: Any) -> bytes:
    # Each layer's second row comes as XOR with its first.
    layers = {"peaking": b"\x80\x40\x80\x40", "zebra_high": b"\x00\x00\x01\x80"}
    packed = zlib.compress(b"".join(layers.values()))
    picture = b"\xff\xd8 picture \xff\xd9"
    header = {
        "sequence": 7,
        "picture": {"bytes": len(picture), "width": width, "height": height, "type": "image/jpeg"},
        "overlay": {
            "bytes": len(packed),
            "width": width,
            "height": height,
            "layers": list(layers),
            "encoding": "zlib-up",
        },
        **changes,
    }
    encoded = json.dumps(header).encode()
    return b"".join(
        (b"HQF2", struct.pack("<I", len(picture)), picture, struct.pack("<I", len(encoded)), encoded, packed)
    )


PARSE = """
const bytes = new Uint8Array(a);
try {
  const frame = m.parseFrame(bytes.buffer);
  return { sequence: frame.header.sequence, picture: [...frame.picture], overlay: frame.overlay.length };
} catch (error) { return { error: error.name, message: error.message }; }
"""


def test_a_frame_is_taken_apart_where_its_header_says(page: Page) -> None:
    frame = run(page, "live/frame-parser.js", PARSE, list(frame_bytes()))
    assert frame["sequence"] == 7
    assert bytes(frame["picture"]) == b"\xff\xd8 picture \xff\xd9"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"HQF2", "too short"),
        (b"HQF1" + frame_bytes()[4:], "HQF2"),
        (frame_bytes()[:-1], "the header speaks of"),
        (frame_bytes() + b"x", "the header speaks of"),
        (b"HQF2" + struct.pack("<I", 1 << 30) + b"{}", "a picture up to"),
        (b"HQF2" + struct.pack("<I", 0) + struct.pack("<I", 1 << 30) + b"{}", "a header of"),
        (b"HQF2" + struct.pack("<I", 0) + struct.pack("<I", 2) + b"{]", "not JSON"),
        (b"HQF2" + struct.pack("<I", 0) + struct.pack("<I", 2) + b"{}", "how long"),
        (frame_bytes(picture={"bytes": 3}), "another picture"),
        (frame_bytes(picture={"bytes": -1}), "how long"),
    ],
)
def test_a_body_that_is_no_frame_is_refused(page: Page, body: bytes, words: str) -> None:
    outcome = run(page, "live/frame-parser.js", PARSE, list(body))
    assert outcome["error"] == "BadFrame"
    assert words in outcome["message"]


COMPLETE = """
const [header, known] = a;
try {
  const kept = m.completeHeader(header, known);
  return { header, kept };
} catch (error) { return { error: error.name, message: error.message }; }
"""
SETTING = {"setting": "0a0b", "simulated": True, "source": "simulated", "lens": None, "mode": {"width": 2028}}


def test_what_seldom_changes_is_kept_and_put_into_headers_that_only_name_it(page: Page) -> None:
    told = run(page, "live/frame-parser.js", COMPLETE, [{"sequence": 1, **SETTING}, None])
    assert told["kept"] == SETTING
    named = run(page, "live/frame-parser.js", COMPLETE, [{"sequence": 2, "setting": "0a0b"}, SETTING])
    assert named == {"header": {"sequence": 2, **SETTING}, "kept": SETTING}
    other = run(page, "live/frame-parser.js", COMPLETE, [{"sequence": 3, **SETTING, "setting": "ffff"}, SETTING])
    assert other["kept"]["setting"] == "ffff"


@pytest.mark.parametrize("known", [None, SETTING])
def test_a_header_that_names_what_is_not_known_is_refused(page: Page, known: dict[str, Any] | None) -> None:
    outcome = run(page, "live/frame-parser.js", COMPLETE, [{"sequence": 2, "setting": "ffff"}, known])
    assert outcome["error"] == "BadFrame" and "ffff" in outcome["message"]


def test_overlay_bits_are_read_from_the_highest_bit_in_rows_of_whole_bytes(page: Page) -> None:
    code = """
    const { parseFrame } = await import('/static/live/frame-parser.js');
    const { layers, width, height, rowBytes, bits } = await m.unpackOverlay(parseFrame(new Uint8Array(a).buffer));
    const isSet = (index, x, y) => (bits[(index * height + y) * rowBytes + (x >> 3)] >> (7 - (x & 7))) & 1;
    const marked = [];
    layers.forEach((layer, index) => {
      for (let y = 0; y < height; y++) for (let x = 0; x < width; x++)
        if (isSet(index, x, y)) marked.push([layer, x, y]);
    });
    return marked;"""
    # 10 pixels wide: 2 bytes a row. 0x80 0x40 = pixels 0 and 9 of row 0; 0x01 0x80 in row 1 = pixels 7 and 8.
    assert run(page, "live/unpack-overlay.js", code, list(frame_bytes())) == [
        ["peaking", 0, 0],
        ["peaking", 9, 0],
        ["zebra_high", 7, 1],
        ["zebra_high", 8, 1],
    ]


def test_shutter_times_are_written_as_photographers_do(page: Page) -> None:
    written = run(
        page,
        "exposure/notation.js",
        "return a.map(m.formatShutter);",
        [125, 8000, 8001.4, 16667, 250000, 300000, 500000, 1300000, 30e6, 0],
    )
    assert written == ["1/8000", "1/125", "1/125", "1/60", "1/4", "0.3 s", "0.5 s", "1.3 s", "30 s", "—"]


def test_typed_shutter_times_are_understood(page: Page) -> None:
    texts = ["1/125", " 1 / 8 ", "0.5", "0,5", "2s", "2 s", '2"', "20 ms", "500us", "1/1.3", "fast", "", "1/0", "-1"]
    numbers = "return a.map((t) => { const us = m.parseShutter(t); return isNaN(us) ? null : us; });"
    read = run(page, "exposure/notation.js", numbers, texts)
    assert read == [8000, 125000, 500000, 500000, 2e6, 2e6, 2e6, 20000, 500, 769230.77, None, None, None, None]


def test_dials_have_thirds_of_stops_within_the_cameras_limits(page: Page) -> None:
    code = """
    const { formatIso, formatShutter } = await import('/static/exposure/notation.js');
    return {
      shutter: m.shutterSteps({minimum: 100, maximum: 1000}).map(formatShutter),
      iso: m.gainSteps({minimum: 1, maximum: 4}).map(formatIso),
      ev: m.evSteps({minimum: -1, maximum: 1}),
      nearest: [m.nearestStep([1, 2, 4], 2.9), m.nearestStep([1, 2, 4], 2.7), m.nearestStep([-1, 0, 1], 0.6)],
      ratio: m.ratioSteps({minimum: 1, maximum: 100}, 3),
    };"""
    assert run(page, "exposure/steps.js", code) == {
        "shutter": [f"1/{n}" for n in (10000, 8000, 6400, 5000, 4000, 3200, 2500, 2000, 1600, 1250, 1000)],
        "iso": ["100", "125", "160", "200", "250", "320", "400"],
        "ev": [-1, -0.67, -0.33, 0, 0.33, 0.67, 1],
        "nearest": [2, 1, 2],
        "ratio": [1, 10, 100],
    }


def test_delivered_within_a_line_or_a_code_step_is_not_pending(page: Page) -> None:
    code = """return a.map(([us, gain]) => m.pendingOf({exposure_us: 4000, gain: 2},
      {known: true, exposure_us: us, analogue_gain: gain}));"""
    assert run(page, "exposure/pending.js", code, [[3985, 1.97], [8000, 2], [4000, 4]]) == [
        {"shutter": False, "gain": False, "balance": False},
        {"shutter": True, "gain": False, "balance": False},
        {"shutter": False, "gain": True, "balance": False},
    ]


def test_conditions_follow_from_what_is_known(page: Page) -> None:
    code = """return a.map(([camera, failures, ageMs, frameDurationMs]) =>
      m.conditionOf({camera, failures, ageMs: ageMs ?? NaN, frameDurationMs}));"""
    cases = [
        (["starting", 0, None, 0], "starting"),
        (["live", 0, None, 0], "starting"),
        (["live", 0, 200, 33], "live"),
        (["live", 1, 200, 33], "live"),
        (["live", 2, 200, 33], "gone"),
        (["live", 0, 1200, 33], "late"),
        (["live", 0, 4000, 2000], "live"),
        (["live", 0, 6000, 2000], "late"),
        (["lost", 0, 200, 33], "lost"),
        (["failed", 0, None, 0], "failed"),
        (["closed", 0, 200, 33], "gone"),
    ]
    assert run(page, "page/condition.js", code, [case for case, _ in cases]) == [condition for _, condition in cases]


def test_the_camera_clock_takes_the_least_delayed_answer_and_half_the_round_trip(page: Page) -> None:
    code = """
    const clock = new m.CameraClock();
    clock.noteRoundTrip(20); clock.noteRoundTrip(8);
    // The camera is 1000 ms ahead. Answers took 5, 4 and 300 ms to come.
    for (const [arrived, way] of [[100, 5], [200, 4], [600, 300]]) {
      clock.note(arrived - way + 1000, arrived - way - 50, arrived);
    }
    const honest = [clock.offsetMs, clock.uncertaintyMs, clock.ageMs(1500, 700)];
    clock.note(900000, 690, 700);  // the camera's clock was set
    return [...honest, clock.offsetMs];"""
    offset, uncertainty, age, after_jump = run(page, "live/camera-clock.js", code)
    assert uncertainty == 4  # half of the shortest round trip, 8 ms
    assert offset == 1000  # 996 from the least delayed answer, and 4 for its way
    assert age == 200
    assert after_jump == 900000 - 700 + 4


def test_stats_are_of_the_last_three_hundred_frames(page: Page) -> None:
    code = """
    const stats = new m.Stats();
    for (let i = 0; i < 1000; i++) stats.notePainted(i, i);
    stats.noteDropped();
    return stats.snapshot();"""
    stats = run(page, "live/stats.js", code)
    assert stats["painted"] == 1000
    assert stats["dropped"] == 1
    assert stats["ageMs"] == {"median": 850, "p95": 985, "max": 999}


def test_slow_answers_merge_what_comes_meanwhile_and_the_newest_wins(page: Page) -> None:
    code = """
    const sent = [];
    let answer;
    window.fetch = (path, options) => {
      sent.push(JSON.parse(options.body));
      return new Promise((resolve) => { answer = () => resolve(new Response(options.body)); });
    };
    const sync = new m.SettingsSync('/api/controls', () => {}, () => {});
    for (const focus_m of [1, 2, 3, 4]) sync.send({ focus_m });
    sync.send({ ev: 1 });
    const inFlight = sent.length;
    answer();
    while (sent.length < 2) await new Promise(requestAnimationFrame);
    return { inFlight, sent };"""
    outcome = run(page, "page/settings-sync.js", code)
    assert outcome["inFlight"] == 1
    assert outcome["sent"] == [{"focus_m": 1}, {"focus_m": 4, "ev": 1}]


def test_graphs_are_unpacked_as_they_were_packed(page: Page) -> None:
    histogram = np.arange(1024, dtype="<u2").reshape(4, 256)
    cells = bytes([0x0F, 0x10, 0x23, 0x40])  # two rows of three: 0 15 1, 2 3 4
    packed = zlib.compress(histogram.tobytes() + cells)
    parts = [
        {"name": "histogram", "format": "uint16", "shape": [4, 256], "most": 900},
        {"name": "waveform", "format": "uint4", "shape": [1, 2, 3], "most": 9},
    ]
    code = """
    const frame = { header: { graphs: { bytes: a.packed.length, parts: a.parts } }, graphs: new Uint8Array(a.packed) };
    const { histogram, raw, waveform, vectorscope } = await m.unpackGraphs(frame);
    return { red: [...histogram.red.slice(0, 3)], blue: histogram.blue[255], sampled: histogram.sampled,
             raw, cells: [...waveform.cells], vectorscope };"""
    assert run(page, "live/unpack-graphs.js", code, {"packed": list(packed), "parts": parts}) == {
        "red": [256, 257, 258],
        "blue": 1023,
        "sampled": 900,
        "raw": None,
        "cells": [0, 15, 1, 2, 3, 4],
        "vectorscope": None,
    }


def test_the_spots_figures_are_written_as_photographers_read_them(page: Page) -> None:
    raw = {"red_ev": -4.2, "green_ev": -2.25, "blue_ev": None, "signal_dn": [1, 2, 0], "clipped_percent": 0}
    spot = {"ire": 50.6, "red": 129.4, "green": 129, "blue": 128.6, "reflectance_percent": 18.04, "from_grey_ev": 0.003}
    cases = [
        {**spot, "raw": raw},
        {**spot, "raw": {**raw, "clipped_percent": 2}},
        {**spot, "raw": {**raw, "red_ev": None, "green_ev": None}, "from_grey_ev": None},
        {**spot, "raw": None},
    ]
    rest = " · 51 IRE · R129 G129 B129 · 18.0 %"
    assert run(page, "tools/spot-meter.js", "return a.map(m.spotText);", cases) == [
        f"raw −2.3 EV{rest} (0.0)",
        f"raw ≥−2.3 EV{rest} (0.0)",
        f"raw black{rest}",
        f"display only{rest} (0.0)",
    ]


def test_guides_lie_where_painters_put_them(page: Page) -> None:
    code = """const { guideLinesOf } = m;
    return { thirds: guideLinesOf('thirds', 4 / 3)[0], phi: guideLinesOf('phi', 4 / 3)[2][0],
      diagonals: guideLinesOf('diagonals', 2), centre: guideLinesOf('centre', 2).length, none: guideLinesOf('none', 1),
      square: m.maskRectangle('1:1', 2), wide: m.maskRectangle('16:9', 4 / 3), whole: m.maskRectangle('none', 1.5),
      upright: m.maskRectangle('3:2', 3 / 4) };"""
    got = run(page, "tools/guides.js", code)
    assert got["thirds"] == pytest.approx([1 / 3, 0, 1 / 3, 1]) and got["phi"] == pytest.approx(0.618, abs=0.001)
    assert got["diagonals"] == [[0, 0, 0.5, 1], [0, 1, 0.5, 0], [1, 0, 0.5, 1], [1, 1, 0.5, 0]]
    assert (got["centre"], got["none"], got["whole"]) == (2, [], [0, 0, 1, 1])
    assert got["upright"] == pytest.approx([1 / 18, 0, 8 / 9, 1]), "a mask stands on a picture that stands"
    assert got["square"] == [0.25, 0, 0.5, 1] and got["wide"] == pytest.approx([0, 0.125, 1, 0.75])


def test_false_colours_by_code(page: Page) -> None:
    bands = [
        {"rgb": [1, 2, 3], "first_code": 0, "last_code": 9},
        {"rgb": [4, 5, 6], "first_code": 10, "last_code": 255},
    ]
    code = "const t = m.falseColourTable(a); return [...t.slice(0, 4), ...t.slice(36, 44), ...t.slice(1020)];"
    table = run(page, "tools/false-colour.js", code, bands)
    assert table == [1, 2, 3, 255, 1, 2, 3, 255, 4, 5, 6, 255, 4, 5, 6, 255]


FOLLOW = """
const follow = (steps) => {
  const meter = new m.FocusMeter();
  return steps.map(({ score, series }) => {
    if (score === null) meter.forget(); else meter.note(score, series);
    return { score, ...(series && { series }), trend: meter.trend, share: meter.share, best: meter.best };
  });
};
const long = new m.FocusMeter();
for (let score = 0; score < a.curve_scores + 10; score++) long.note(score);
return { runs: a.runs.map(({ steps }) => follow(steps)), curve: long.curve.length };
"""


def test_the_focus_meter_gives_what_the_devices_gives(page: Page) -> None:
    golden = json.loads(GOLDEN.read_text("utf-8"))
    got = run(page, "tools/focus-meter.js", FOLLOW, golden)
    for expected, steps in zip(golden["runs"], got["runs"], strict=True):
        assert steps == [{**step, "share": pytest.approx(step["share"], abs=1e-9)} for step in expected["steps"]]
    assert got["curve"] == golden["curve_scores"]


EARLY = """
const canvas = new OffscreenCanvas(16, 16);
canvas.getContext('2d').fillRect(0, 0, 16, 16);
const jpeg = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg' })).arrayBuffer());
const none = new Uint8Array(0);
const overlay = { bytes: 0, width: 16, height: 16, layers: [], encoding: 'zlib-up' };
const header = { picture: { type: 'image/jpeg' }, overlay, graphs: { bytes: 0, parts: [], sent: true } };
const frame = (bitmap) => ({ header, picture: jpeg, overlay: none, graphs: none, bitmap });
const seen = [];
const decoder = new m.Decoder((p) => seen.push(p.bitmap), () => seen.push('replaced'), (e) => seen.push(`${e}`));
const first = decoder.begin(jpeg);
const [second, third] = [decoder.begin(jpeg), decoder.begin(jpeg)];
decoder.push(frame(first));
const whileBusy = decoder.begin(jpeg);
decoder.push(frame(second));
decoder.push(frame(third));
while (seen.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
return { isFirst: seen.includes(await first), isThird: seen.includes(await third), replaced: seen.includes('replaced'),
  width: (await first).width, closed: (await second).width, whileBusy };
"""


def test_a_picture_is_decoded_while_the_rest_of_its_frame_is_on_its_way(page: Page) -> None:
    assert run(page, "live/decoder.js", EARLY) == {
        "isFirst": True,
        "isThird": True,
        "replaced": True,
        "width": 16,
        "closed": 0,  # of a frame that nobody will see
        "whileBusy": None,
    }
