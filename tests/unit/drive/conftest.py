"""Series on the simulated camera with compressed time, and on a replay, whose exposure cannot be set."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from drive_helpers import SMALL, SPEED, MakeSession, UnhurriedCamera
from helpers import eventually

from device.captures.shot import Recipe
from device.captures.storage import Storage
from device.drive.clock import Clock
from device.drive.drive import Drive
from device.drivers.replay import ReplayCamera
from device.drivers.simulated import SimulatedCamera
from device.preferences.owner_lenses import OwnerLenses
from device.preferences.position import Position
from device.preferences.store import Preferences
from device.session import camera_thread
from device.session.session import Session


@contextmanager
def time_zone(name: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", name)
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def utc() -> Iterator[None]:
    with time_zone("UTC"):
        yield


@pytest.fixture
def berlin() -> Iterator[None]:
    """Summer time there begins on 29 March 2026 at 02:00 and ends on 25 October 2026 at 03:00."""
    with time_zone("Europe/Berlin"):
        yield


@pytest.fixture
def replay(make_session: MakeSession, picture_folder: Path) -> Session:
    session = make_session(lambda: ReplayCamera(picture_folder))
    session.wait_open(60)
    eventually(lambda: session.status.state == "live", "live", 60)
    return session


@pytest.fixture
def time_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may take long to show the first frame of 12 megapixels, and in slow motion to change the mode."""
    monkeypatch.setattr("device.drive.burst.SECONDS_TO_START", 60.0)
    monkeypatch.setattr(camera_thread, "STALL_GRACE_S", 60.0)


@pytest.fixture
def slow(make_session: MakeSession) -> Session:
    """Some small frames a second, and none skipped, however busy this machine is."""
    session = make_session(lambda: UnhurriedCamera(SMALL))
    session.wait_open(60)
    return session


@pytest.fixture(scope="module")
def fast() -> Iterator[Session]:
    """A simulated camera on which ten minutes are over in a second and a half."""
    session = Session(lambda: SimulatedCamera(speed=SPEED, sensor=SMALL), sensor=SMALL, preferences=Preferences())
    with session:
        session.wait_open(60)
        session.wait_settled(60)
        yield session


@pytest.fixture
def make_drive(storage: Storage) -> Iterator[Callable[..., Drive]]:
    drives: list[Drive] = []

    def make(
        session: Session,
        speed: float = SPEED,
        lenses: OwnerLenses | None = None,
        clock: Clock | None = None,
        position: Callable[[], Position | None] = lambda: None,
    ) -> Drive:
        drives.append(Drive(session, storage, Recipe(lenses), clock=clock or Clock(speed), position=position))
        return drives[-1]

    yield make
    for drive in drives:
        drive.close(keep_running=False)
