"""Frames over HTTP: the wire format, the headers, the states."""

from __future__ import annotations

import json
import struct
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import simplejpeg
from flask.testing import FlaskClient
from helpers import DEADLINE_S, eventually, frame_of, in_time

from device import host
from device.analysis.settings import AssistSettings
from device.frame import CameraInfo
from device.session.session import Session
from device.view.frame_copy import FrameCopy
from device.view.sizes import RUNGS
from device.view.view import View, ViewMaker
from web import wire
from web.wire import BodyOptions, first_part, second_part

Frame = tuple[dict[str, Any], bytes, dict[str, np.ndarray]]


def parse(body: bytes) -> Frame:
    """Take a frame apart by the words of web/wire.py."""
    assert body[:4] == b"HQF2"
    (length,) = struct.unpack("<I", body[4:8])
    picture, rest = body[8 : 8 + length], body[8 + length :]
    (length,) = struct.unpack("<I", rest[:4])
    header, rest = json.loads(rest[4 : 4 + length]), rest[4 + length :]
    assert header["picture"]["bytes"] == len(picture)
    packed = rest[: header["overlay"]["bytes"]]
    assert len(packed) + header["graphs"]["bytes"] == len(rest)
    overlay = header["overlay"]
    planes = {}
    if overlay["layers"]:
        row_bytes = (overlay["width"] + 7) // 8
        bits = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(-1, overlay["height"], row_bytes)
        assert len(bits) == len(overlay["layers"])
        bits = np.bitwise_xor.accumulate(bits, axis=1)
        for name, plane in zip(overlay["layers"], bits, strict=True):
            planes[name] = np.unpackbits(plane, axis=1)[:, : overlay["width"]].astype(bool)
    return header, picture, planes


def whole(view: View, session: Session, options: BodyOptions) -> bytes:
    """Both parts of a body."""
    return first_part(view, options) + second_part(view, session.info(), options)


def test_the_picture_is_sent_before_the_assists_have_looked(
    simulated_session: Session, simulated: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    look, finish = threading.Event(), ViewMaker.finish

    def later(self: ViewMaker, view: View, frame: FrameCopy, settings: AssistSettings) -> None:
        assert look.wait(DEADLINE_S)
        finish(self, view, frame, settings)

    monkeypatch.setattr(ViewMaker, "finish", later)
    try:
        last = simulated_session.views.newest()
        with frame_of(simulated, f"/api/viewfinder/frame?after={last.sequence + 1 if last else 0}") as response:
            parts = response.iter_encoded()
            first = next(parts)
            assert not simulated_session.views.newest().found.done()  # type: ignore[union-attr]
            look.set()
            header, picture, _ = parse(first + next(parts))
            assert first == b"HQF2" + struct.pack("<I", len(picture)) + picture
            assert header["sequence"] == int(response.headers["X-Frame-Sequence"]) and header["readings"]
            about = int(response.headers["X-Frame-Bytes"])
            assert len(first) < about < 1.5 * len(first) + 10_000
    finally:
        look.set()


def test_a_frame_that_cannot_be_analysed_is_still_seen(
    simulated_session: Session, simulated: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ViewMaker, "_analyse", lambda *_: 1 // 0)
    last = simulated_session.views.newest()
    after = last.sequence + 1 if last else 0
    header, picture, planes = parse(frame_of(simulated, f"/api/viewfinder/frame?after={after}").data)
    assert picture[:2] == b"\xff\xd8" and header["readings"] == {} and planes == {}
    monkeypatch.undo()
    assert (
        simulated_session.wait_view(header["sequence"] + 1, DEADLINE_S) is not None
    )  # the next test's views are whole again


def graphs(body: bytes) -> dict[str, np.ndarray]:
    """Take the graphs apart by the words of device/view/graphs.py."""
    header, _, _ = parse(body)
    size = header["graphs"]["bytes"]
    stream = zlib.decompress(body[len(body) - size :]) if size else b""
    found: dict[str, np.ndarray] = {}
    for part in header["graphs"]["parts"]:
        count = int(np.prod(part["shape"]))
        if part["format"] == "uint16":
            taken, stream = stream[: 2 * count], stream[2 * count :]
            found[part["name"]] = np.frombuffer(taken, "<u2").reshape(part["shape"])
        else:
            *rows, columns = part["shape"]
            size = int(np.prod(rows)) * ((columns + 1) // 2)
            pairs, stream = np.frombuffer(stream[:size], np.uint8).reshape(*rows, -1), stream[size:]
            found[part["name"]] = np.stack([pairs >> 4, pairs & 15], axis=-1).reshape(*rows, -1)[..., :columns]
    assert stream == b""
    return found


def get_frame(client: FlaskClient, after: int = 0) -> Frame:
    response = client.get(f"/api/viewfinder/frame?after={after}")
    assert response.status_code == 200, response.get_data(as_text=True)
    return parse(response.data)


def test_a_frame_is_whole_and_says_what_it_is(simulated: FlaskClient) -> None:
    response = frame_of(simulated, "/api/viewfinder/frame?after=0")
    header, picture, planes = parse(response.data)
    assert response.mimetype == "application/x-hqcam-frame" and response.headers["Cache-Control"] == "no-store"
    assert header["simulated"] is True and header["source"] == "simulated"
    height, width = simplejpeg.decode_jpeg(picture, "GRAY").shape[:2]
    assert (width, height) == (header["picture"]["width"], header["picture"]["height"]) == (1014, 760)
    assert header["mode"] == {"width": 2028, "height": 1520, "bit_depth": 12, "crop": {"width": 4056, "height": 3040}}
    assert int(response.headers["X-Frame-Sequence"]) == header["sequence"]
    histogram = graphs(response.data)["histogram"]
    assert histogram.shape == (4, 256) and (histogram.sum(axis=1) == header["graphs"]["parts"][0]["most"]).all()
    assert "peaking" in planes and planes["peaking"].any()


def test_what_a_client_knows_is_not_told_again(simulated: FlaskClient) -> None:
    def header(known: str) -> dict[str, Any]:
        return parse(frame_of(simulated, f"/api/viewfinder/frame?after=0&known={known}").data)[0]

    whole = header("")
    known = {"simulated", "source", "lens", "mode"}
    assert known <= set(whole)
    again = header(whole["setting"])
    assert set(again) == set(whole) - known and again["setting"] == whole["setting"]
    assert simulated.patch("/api/controls", json={"focus_m": 0.7}).status_code == 200
    eventually(lambda: header(whole["setting"])["setting"] != whole["setting"], "the change is in a frame")
    moved = header(whole["setting"])
    assert moved["lens"]["focus_m"] != whole["lens"]["focus_m"] and known <= set(moved)
    assert header("nonsense")["mode"] == whole["mode"]


def test_a_frame_has_no_headers_for_documents(simulated: FlaskClient) -> None:
    headers = frame_of(simulated, "/api/viewfinder/frame?after=0").headers
    assert "Content-Security-Policy" not in headers and headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Security-Policy" in simulated.get("/").headers


def test_age_and_capture_time_are_of_one_instant(simulated: FlaskClient) -> None:
    before_ms = time.time() * 1000
    response = frame_of(simulated, "/api/viewfinder/frame?after=0")
    after_ms = time.time() * 1000
    age_ms = float(response.headers["X-Frame-Age-Ms"])
    assert age_ms > 0
    assert before_ms - 1 <= float(response.headers["X-Frame-Captured-Ms"]) + age_ms <= after_ms + 1  # both are rounded


def test_the_next_frame_is_newer(simulated: FlaskClient) -> None:
    first, _, _ = get_frame(simulated)
    second, _, _ = get_frame(simulated, first["sequence"])
    assert second["sequence"] > first["sequence"]


def test_a_client_of_a_server_that_restarted_gets_a_frame(simulated: FlaskClient) -> None:
    header, _, _ = get_frame(simulated, 10**9)
    assert header["sequence"] < 10**9


def test_what_is_switched_off_is_not_sent(simulated: FlaskClient) -> None:
    off = {name: False for name in ("peaking", "zebra_high", "clipping", "histogram", "raw_histogram", "focus_score")}
    assert simulated.patch("/api/assists", json=off).status_code == 200
    sequence = get_frame(simulated)[0]["sequence"]
    for _ in range(3):
        header, _, planes = get_frame(simulated, sequence)
        sequence = header["sequence"]
    assert planes == {} and header["overlay"] == {**header["overlay"], "bytes": 0, "layers": []}
    assert header["readings"] == {}
    assert simulated.patch("/api/assists", json={name: True for name in off}).status_code == 200


EVERYTHING = ("peaking", "zebra_high", "zebra_band", "zebra_low", "clipping", "raw_shadow", "raw_histogram")
EVERYTHING += ("histogram", "vectorscope", "spot", "focus_score")


@pytest.mark.parametrize("waveform", ["luma", "parade"])
def test_with_every_tool_on_overlay_and_readings_take_a_third_of_the_picture(
    simulated: FlaskClient, waveform: str
) -> None:
    before = simulated.get("/api/assists").get_json()
    simulated.patch("/api/assists", json={**dict.fromkeys(EVERYTHING, True), "waveform": waveform})
    sequence = 0
    for _ in range(8):  # the picture's quality follows what the tools leave it
        response = frame_of(simulated, f"/api/viewfinder/frame?after={sequence}")
        header, picture, _ = parse(response.data)
        sequence = header["sequence"]
    simulated.patch("/api/assists", json=before)
    assert set(graphs(response.data)) == {"histogram", "raw_histogram", "waveform", "vectorscope"}
    assert len(response.data) - len(picture) <= 0.35 * len(picture)
    assert len(picture) < 90_000
    assert header["readings"]["spot"]["raw"]["green_ev"] < 0 and header["readings"]["raw_exposure"]["shadow_ev"] > 0


@pytest.mark.parametrize("after", ["x", "-1", "1.5", "", "9" * 20, "١"])
def test_a_bad_number_is_named(client: FlaskClient, after: str) -> None:
    response = client.get("/api/viewfinder/frame", query_string={"after": after})
    assert response.status_code == 400
    assert "after is" in response.get_json()["error"]["message"]


def test_a_lost_camera_answers_its_state(unplugged: FlaskClient) -> None:
    response = unplugged.get("/api/viewfinder/frame?after=0")
    for _ in in_time("the frames from before the loss end"):
        if response.status_code != 200:
            break
        response = unplugged.get(f"/api/viewfinder/frame?after={response.headers['X-Frame-Sequence']}")
    assert response.status_code == 204 and response.headers["X-Camera-State"] == "lost"
    status = unplugged.get("/api/status").get_json()
    assert status["state"] == "lost" and status["message"] and status["remedy"] and status["retry_in_s"] >= 0


def test_the_plain_stream_is_multipart_jpeg(client: FlaskClient) -> None:
    response = client.get("/stream.mjpg")
    assert response.mimetype == "multipart/x-mixed-replace"
    part = next(iter(response.response))
    assert part.startswith(b"--hqcamframe\r\nContent-Type: image/jpeg\r\n")
    head, jpeg = part.split(b"\r\n\r\n", 1)
    assert f"Content-Length: {len(jpeg) - 2}".encode() in head and jpeg[:2] == b"\xff\xd8"
    response.close()


def test_a_client_gets_what_it_can_take(simulated: FlaskClient) -> None:
    sizes = {}
    for query in ("", "&bytes=30000", "&bytes=16000&graphs=0", "&bytes=1&graphs=0", "&width=400"):
        for _ in range(12):  # the quality of a rung follows what its last pictures weighed
            after = parse(frame_of(simulated, "/api/viewfinder/frame?after=0").data)[0]["sequence"]
            response = frame_of(simulated, f"/api/viewfinder/frame?after={after}{query}")
        header, picture, _ = parse(response.data)
        width, height = header["picture"]["width"], header["picture"]["height"]
        assert simplejpeg.decode_jpeg(picture, "GRAY").shape[:2] == (height, width)
        assert header["full"]["width"] == 1014 and header["full"]["height"] == 760
        assert header["graphs"]["sent"] is ("graphs=0" not in query)
        sizes[query] = (width, header["full"]["rung"])
        assert 0 <= float(response.headers["X-Waited-Ms"]) < 2500
    assert sizes == {
        "": (1014, 0),
        "&bytes=30000": (506, 1),
        "&bytes=16000&graphs=0": (506, 2),
        "&bytes=1&graphs=0": (252, 3),
        "&width=400": (506, 1),
    }


def test_readings_are_the_same_on_every_rung(simulated_session: Session, simulated: FlaskClient) -> None:
    """A coarse picture is no reason for coarse figures: they are of the same frame, from all of its pixels."""
    view = simulated_session.wait_view(0, DEADLINE_S)
    assert view is not None
    headers = [parse(whole(view, simulated_session, BodyOptions(rung)))[0] for rung in range(len(RUNGS))]
    for header in headers[1:]:
        assert {header[k] == headers[0][k] for k in ("readings", "exposure", "sequence", "captured_ms")} == {True}


@pytest.mark.parametrize("query", ["bytes=-1", "bytes=many", "width=1.5", "bytes=", "width=9999999999"])
def test_a_number_that_is_none_is_refused(simulated: FlaskClient, query: str) -> None:
    response = frame_of(simulated, f"/api/viewfinder/frame?after=0&{query}")
    error = response.get_json()["error"]
    assert response.status_code == 400 and query.split("=")[0] in error["message"]
    assert "whole number" in error["expected"]


def test_what_lies_beside_the_picture_is_little_on_every_rung(simulated_session: Session) -> None:
    """With the assists that are on from the start; graphs come twice a second on the coarse rungs.

    It is a client that has the values which seldom change.
    """
    after = 0
    for _ in range(12):  # the quality of a rung follows what its last pictures weighed
        view = simulated_session.wait_view(after, DEADLINE_S)
        assert view is not None
        after = view.sequence
        for rung in range(len(RUNGS)):
            whole(view, simulated_session, BodyOptions(rung))
    beside, pictures = [0] * len(RUNGS), [0] * len(RUNGS)
    for turn in range(10):
        view = simulated_session.wait_view(after, DEADLINE_S)
        assert view is not None
        after = view.sequence
        for rung in range(len(RUNGS)):
            graphs_too = rung < 2 or turn % 5 == 0
            body = whole(view, simulated_session, BodyOptions(rung, graphs=graphs_too, stable=False))
            picture = len(parse(body)[1])
            pictures[rung] += picture
            beside[rung] += len(body) - picture
    shares = [b / p for b, p in zip(beside, pictures, strict=True)]
    assert max(shares) <= 0.35, (beside, pictures)


def test_a_client_waits_for_its_own_form_only(simulated_session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    view = simulated_session.wait_view(0, DEADLINE_S)
    assert view is not None
    info, second_parts = simulated_session.info(), wire.SharedSecondParts()
    begun, go_on = threading.Event(), threading.Event()
    made: list[BodyOptions] = []

    def slowly(view: View, info: CameraInfo, options: BodyOptions) -> bytes:
        made.append(options)
        if options.rung == 0:
            begun.set()
            assert go_on.wait(DEADLINE_S)
        return second_part(view, info, options)

    monkeypatch.setattr(wire, "second_part", slowly)
    fine, coarse = BodyOptions(rung=0), BodyOptions(rung=3)
    with ThreadPoolExecutor(2) as pool:
        try:
            first = pool.submit(second_parts.get, view, info, fine)
            assert begun.wait(DEADLINE_S)
            second = pool.submit(second_parts.get, view, info, fine)
            assert second_parts.get(view, info, coarse) == second_part(view, info, coarse)
            assert not first.done() and not second.done()
        finally:
            go_on.set()
        assert first.result(DEADLINE_S) is second.result(DEADLINE_S)
    assert made == [fine, coarse]


def test_a_weak_supply_is_a_notice_while_it_lasts(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def notices(flags: int | None) -> list[str]:
        monkeypatch.setattr(host, "throttle_flags", lambda: flags)
        told: list[str] = client.get("/api/status").get_json()["notices"]
        return told

    assert notices(None) == notices(0) == notices(0x50000) == []
    assert notices(0x50005) == [
        "The camera's computer: under-voltage now: frames and files can be lost. "
        "To do: use the supply that belongs to this Pi, and a short cable."
    ]
    assert "slowed down now, by heat" in notices(0x4)[0]
