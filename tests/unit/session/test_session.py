"""The session over the product's own cameras: states, jobs, changes, views."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from helpers import DEADLINE_S, eventually

from device.analysis.analyser import Analyser
from device.analysis.settings import BadAssist
from device.analysis.subject import Subject
from device.drivers.replay import ReplayCamera
from device.drivers.simulated import SimulatedCamera
from device.errors import BadControl, BadReplay, CameraError, CameraLost, CameraStalled, ModeRefused, NotEnoughMemory
from device.frame import Controls, Mode
from device.preferences.store import Preferences
from device.raw.dng_writer import encode_dng
from device.raw.files import read_picture
from device.raw.jpeg import encode_picture_jpeg
from device.raw.shot_metadata import ShotMetadata
from device.sensors.imx477 import IMX477
from device.session import fair_clock
from device.session.fair_clock import FairClock
from device.session.session import Session
from device.session.state import Status
from device.view import view_thread as viewing

MakeSession = Callable[..., Session]
SMALL = replace(IMX477, modes=IMX477.modes[:1])  # 1332x990 only: soon opened, and little to compute


@pytest.fixture
def replay(make_session: MakeSession, picture_folder: Path) -> Session:
    session = make_session(lambda: ReplayCamera(picture_folder))
    session.wait_open(DEADLINE_S)
    return session


def test_views_carry_picture_overlay_and_readings_of_one_frame(replay: Session) -> None:
    view = replay.wait_view(0, DEADLINE_S)
    assert view is not None
    assert view.pictures.at(0).jpeg[:2] == b"\xff\xd8" and (*view.full_size,) == (160, 120)
    assert view.findings.readings.histogram is not None and view.meta.source.startswith("frame")
    later = replay.wait_view(view.sequence, DEADLINE_S)
    assert later is not None and later.sequence > view.sequence


def test_focus_of_a_replayed_dng_is_judged_on_its_samples_also_where_nothing_else_reads_them(
    make_session: MakeSession, tmp_path: Path
) -> None:
    with closing(SimulatedCamera(pace=False, sensor=SMALL)) as camera:
        camera.open()
        camera.start(SMALL.modes[0], Controls(exposure_us=14_000.0, gain=1.0))
        still = camera.capture_still(10)
    assert still.raw is not None
    shot = ShotMetadata(still.meta, datetime.now(UTC), clock_synchronised=True, sensor=IMX477, software="test")
    preview = encode_picture_jpeg(still.picture, 80)
    (tmp_path / "shot.dng").write_bytes(
        b"".join(encode_dng(still.raw, shot, preview_jpeg=preview, preview_size=(1332, 990)))
    )
    session = make_session(lambda: ReplayCamera(tmp_path / "shot.dng"))
    session.set_assists({"clipping": False, "raw_histogram": False})
    assert not session.assists.reads_raw
    session.wait_open(DEADLINE_S)
    view = session.wait_view(0, DEADLINE_S)
    assert view is not None and view.meta.processing == "raw"
    picture = read_picture(tmp_path / "shot.dng")
    subject = Subject(
        luma=picture.yuv.y, raw=picture.raw, sensor=IMX477, gain=view.meta.analogue_gain, binning=1, processing="raw"
    )
    developed = Analyser().analyse(replace(subject, raw=None), session.assists)
    expected = Analyser().analyse(subject, session.assists).readings
    assert view.findings.readings.focus_score == expected.focus_score
    assert view.findings.readings.focus_score != developed.readings.focus_score


@pytest.mark.parametrize("mode", IMX477.modes, ids=lambda mode: mode.name)
def test_every_mode_has_views_with_the_overlay_on_the_picture(mode: Mode) -> None:
    session = Session(SimulatedCamera, sensor=IMX477, preferences=Preferences(), mode_size=(mode.width, mode.height))
    with session:
        session.wait_open(DEADLINE_S)
        view = session.wait_view(0, DEADLINE_S)
        assert view is not None and (view.meta.mode.width, view.meta.mode.height) == (mode.width, mode.height)
        picture, overlay = view.pictures.at(0), view.findings.overlays.at(0)
        assert (overlay.width, overlay.height) == (picture.width, picture.height)


def test_nobody_watching_means_no_analysis(
    make_session: MakeSession, picture_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewing, "WARM_S", 0.0)
    session = make_session(lambda: ReplayCamera(picture_folder))
    session.wait_open(DEADLINE_S)
    first = session.wait_frame(0, DEADLINE_S)
    assert first is not None and session.wait_frame(first.sequence, DEADLINE_S) is not None
    assert session.views.newest() is None
    assert session.wait_view(0, DEADLINE_S) is not None


def test_a_view_from_before_anyone_watched_is_not_given(
    make_session: MakeSession, picture_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewing, "WARM_S", 0.0)
    session = make_session(lambda: ReplayCamera(picture_folder))
    session.wait_open(DEADLINE_S)
    old = session.wait_view(0, DEADLINE_S)
    assert old is not None
    eventually(lambda: session.views.idle and not session.views.wanted, "nobody waits any more")
    stale_ns = old.meta.timestamp_ns + viewing.STALE_S * 1e9 + 3000 * old.meta.frame_duration_us
    newest = old.meta
    while newest.timestamp_ns < stale_ns:
        following = session.wait_frame(newest.sequence, DEADLINE_S)
        assert following is not None
        newest = following
    fresh = session.wait_view(0, DEADLINE_S)
    assert fresh is not None and fresh.sequence > newest.sequence


def test_status_goes_from_starting_to_live(replay: Session) -> None:
    eventually(lambda: replay.status.state == "live", "live")
    assert replay.status.message == "" and replay.info().driver == "replay"


def test_a_still_comes_through_the_camera_thread(replay: Session) -> None:
    eventually(lambda: replay.status.state == "live", "live")
    assert replay.capture().picture.y.shape == (120, 160)


def test_a_job_that_fails_fails_for_its_asker_only(replay: Session) -> None:
    eventually(lambda: replay.status.state == "live", "live")

    def broken(_: object) -> None:
        raise ZeroDivisionError("in the job")

    with pytest.raises(ZeroDivisionError):
        replay.submit(broken, budget_s=1)
    assert replay.submit(lambda driver: driver.info.driver, budget_s=1) == "replay"


def test_an_error_that_a_job_survives_goes_to_its_asker_and_the_camera_stays(replay: Session) -> None:
    eventually(lambda: replay.status.state == "live", "live")
    driver = replay.submit(lambda driver: driver, budget_s=1)

    def refused(_: object) -> None:
        raise ModeRefused("not this window")

    with pytest.raises(ModeRefused, match="not this window"):
        replay.submit(refused, budget_s=1, survives=(NotEnoughMemory, ModeRefused))
    assert replay.status.state == "live"
    assert replay.submit(lambda same: same is driver, budget_s=1)


def test_an_error_that_a_job_does_not_survive_loses_the_camera(replay: Session) -> None:
    eventually(lambda: replay.status.state == "live", "live")
    driver = replay.submit(lambda driver: driver, budget_s=1)

    def refused(_: object) -> None:
        raise ModeRefused("not this mode")

    with pytest.raises(ModeRefused, match="not this mode"):
        replay.submit(refused, budget_s=1, survives=(NotEnoughMemory,))

    def opened_anew() -> bool:
        try:
            return replay.submit(lambda other: other is not driver, budget_s=1)
        except CameraError:  # while it is lost
            return False

    eventually(opened_anew, "the camera is opened anew")


def test_changes_are_checked_counted_and_kept(make_session: MakeSession, picture_folder: Path) -> None:
    preferences = Preferences()
    session = make_session(lambda: ReplayCamera(picture_folder), preferences=preferences)
    session.wait_open(DEADLINE_S)
    revision = session.revision
    session.set_assists({"peaking": False})
    session.set_controls({"ae_lock": True})
    assert session.revision == revision + 2
    with pytest.raises(BadAssist):
        session.set_assists({"peaking": 1})
    with pytest.raises(BadControl):
        session.set_controls({"ev": 1.0})
    assert session.revision == revision + 2
    again = make_session(lambda: ReplayCamera(picture_folder), preferences=preferences)
    again.wait_open(DEADLINE_S)
    assert again.assists.peaking is False and again.controls().ae_lock is True


def test_a_bad_replay_fails_for_good_and_says_why(make_session: MakeSession, tmp_path: Path) -> None:
    session = make_session(lambda: ReplayCamera(tmp_path / "nothing"))
    with pytest.raises(BadReplay, match="there is nothing at"):
        session.wait_open(DEADLINE_S)
    assert session.status.state == "failed"
    with pytest.raises(BadReplay):
        session.capture()


def test_every_frame_and_every_still_says_how_it_is_turned(make_session: MakeSession) -> None:
    session = make_session(lambda: SimulatedCamera(sensor=SMALL))
    session.wait_open(DEADLINE_S)
    watched: list[int] = []
    session.watch(lambda frame: watched.append(frame.meta.orientation))
    for rotation_deg, exif in ((90, 7), (0, 2)):
        session.owner_orientation.change({"rotation_deg": rotation_deg, "mirrored": True})
        eventually(lambda exif=exif: (meta := session.newest_meta()) and meta.orientation == exif, "a frame")
        assert session.capture().meta.orientation == exif
        view = session.wait_view(0, DEADLINE_S)
        while view is not None and view.meta.orientation != exif:  # one of before
            view = session.wait_view(view.sequence, DEADLINE_S)
        assert view is not None
    eventually(lambda: {7, 2} <= set(watched), "what a burst keeps")


def test_a_replay_is_upright_already_however_the_camera_is_mounted(replay: Session) -> None:
    replay.owner_orientation.change({"rotation_deg": 90})
    start = replay.newest_meta()
    meta = replay.wait_frame(start.sequence + 1 if start else 0, DEADLINE_S)
    assert meta is not None and meta.orientation == replay.capture().meta.orientation == replay.orientation() == 1


def test_asking_before_the_camera_is_open_is_a_camera_error(picture_folder: Path) -> None:
    session = Session(lambda: ReplayCamera(picture_folder), sensor=IMX477, preferences=Preferences())
    for ask in (session.info, session.mode, session.controls, session.capture, lambda: session.set_controls({})):
        with pytest.raises(CameraError):
            ask()


def test_a_view_that_is_waited_for_ends_when_the_session_closes(replay: Session) -> None:
    got: list[object] = []
    waiter = threading.Thread(target=lambda: got.append(replay.wait_view(10**9, 20)), name="hqcam-test-waiter")
    waiter.start()
    replay.close()
    waiter.join(DEADLINE_S)
    assert not waiter.is_alive()


def test_who_waits_for_the_camera_to_open_or_to_settle_is_woken_when_it_is_closed(
    make_session: MakeSession, picture_folder: Path
) -> None:
    opens = threading.Event()

    class Slow(ReplayCamera):
        def open(self) -> None:
            opens.wait(60)

        def close(self) -> None:
            opens.set()

    def wait_open() -> None:
        with pytest.raises(CameraLost, match="closed"):
            opening.wait_open(60)

    opening = make_session(lambda: Slow(picture_folder))
    settled = make_session(lambda: ReplayCamera(picture_folder))
    settled.wait_open(DEADLINE_S)
    for session, wait in ((opening, wait_open), (settled, lambda: settled.wait_settled(60))):
        waiting = threading.Thread(target=wait, name="hqcam-test-waits")
        waiting.start()
        session.close()
        waiting.join(DEADLINE_S)
        assert not waiting.is_alive()


def test_a_camera_that_a_busy_machine_starves_is_slow_and_neither_lost_nor_replaced(
    replay: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    eventually(lambda: replay.status.state == "live", "live")
    monkeypatch.setattr(FairClock, "is_slow", property(lambda _: True))
    assert replay.status.state == "live" and "slow: its computer is busy" in replay.status.message
    assert "close other pages" in replay.status.remedy
    monkeypatch.setattr(FairClock, "is_slow", property(lambda _: False))
    assert replay.status == Status("live")


def test_slow_preparation_says_preparing(make_session: MakeSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FairClock, "is_slow", property(lambda _: True))
    opens = threading.Event()

    class SlowToOpen(SimulatedCamera):
        def open(self) -> None:
            assert opens.wait(DEADLINE_S)
            super().open()

    session = make_session(lambda: SlowToOpen(pace=False, sensor=SMALL))
    try:
        assert session.status.state == "starting" and session.status.message.startswith("preparing the camera")
    finally:
        opens.set()
    session.wait_open(DEADLINE_S)


def test_a_camera_that_opens_late_on_a_busy_machine_is_waited_for(
    make_session: MakeSession, picture_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_open = threading.Event()

    class Late(ReplayCamera):
        def open(self) -> None:
            assert may_open.wait(DEADLINE_S)
            super().open()

    session = make_session(lambda: Late(picture_folder))
    monkeypatch.setattr(fair_clock, "BUSY_MOST", 1000.0)
    monkeypatch.setattr(session._camera.clock, "_share", lambda: 0.0)
    with ThreadPoolExecutor(1) as pool:
        began_s = time.monotonic()
        opened = pool.submit(session.wait_open, 0.5)
        eventually(lambda: time.monotonic() > began_s + 1.0, "longer than it waits where there is time")
        may_open.set()
        assert opened.result().driver == "replay"


def test_a_camera_that_never_opens_is_not_waited_for_without_end(
    make_session: MakeSession, picture_folder: Path
) -> None:
    hangs = threading.Event()

    class Hanging(ReplayCamera):
        def open(self) -> None:
            hangs.wait(DEADLINE_S)

        def close(self) -> None:
            hangs.set()
            super().close()

    session = make_session(lambda: Hanging(picture_folder))
    with pytest.raises(CameraStalled, match=r"within 0\.2 s"):
        session.wait_open(0.2)
    hangs.set()
