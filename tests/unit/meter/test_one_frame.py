"""One live frame for someone who asks: given back at once, and a frame that does not come costs nobody the camera."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers import DEADLINE_S, eventually

from device.drivers.base import CameraDriver
from device.drivers.replay import ReplayCamera
from device.errors import CameraError, CameraLost, CameraStalled
from device.frame import LiveFrame
from device.meter.one_frame import FRAME_S, one_frame
from device.session.session import Session

MakeSession = Callable[..., Session]


class Hesitant(ReplayCamera):
    """Has no frame for whoever waits as long as `one_frame` does; the session, which waits less, gets its frames."""

    def next_frame(self, timeout_s: float) -> LiveFrame:
        if timeout_s >= FRAME_S:
            raise CameraStalled("no frame came")
        return super().next_frame(timeout_s)


def driver_of(session: Session) -> CameraDriver | None:
    """The driver that is open now; None while the camera is lost."""
    try:
        return session.submit(lambda driver: driver, budget_s=1)
    except CameraError:
        return None


def test_a_frame_is_looked_at_while_it_is_on_loan(make_session: MakeSession, picture_folder: Path) -> None:
    session = make_session(lambda: ReplayCamera(picture_folder))
    session.wait_open(DEADLINE_S)
    seen: list[LiveFrame] = []
    released: list[bool] = []

    def look(frame: LiveFrame) -> tuple[int, ...]:
        seen.append(frame)
        give_back = frame.on_release
        frame.on_release = lambda: (released.append(True), give_back())[-1]
        assert not released
        return frame.main.y.shape

    assert one_frame(session, look) == (120, 160)
    assert len(seen) == 1 and released == [True]


def test_a_frame_that_does_not_come_fails_the_asker_and_keeps_the_camera(
    make_session: MakeSession, picture_folder: Path
) -> None:
    session = make_session(lambda: Hesitant(picture_folder))
    session.wait_open(DEADLINE_S)
    eventually(lambda: session.status.state == "live", "live")
    camera = driver_of(session)
    with pytest.raises(CameraStalled, match="no frame came"):
        one_frame(session, lambda frame: frame.meta)
    assert session.status.state == "live" and driver_of(session) is camera


def test_any_other_camera_error_loses_the_camera(make_session: MakeSession, picture_folder: Path) -> None:
    session = make_session(lambda: ReplayCamera(picture_folder))
    session.wait_open(DEADLINE_S)
    camera = driver_of(session)

    def unplugged(_: LiveFrame) -> None:
        raise CameraLost("it is gone")

    with pytest.raises(CameraLost, match="it is gone"):
        one_frame(session, unplugged)
    eventually(lambda: driver_of(session) not in (None, camera), "opened anew")
