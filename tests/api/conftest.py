"""The real app over the product's own cameras, asked through Flask's client."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from helpers import eventually

from device.captures.storage import Storage
from device.drivers.replay import ReplayCamera
from device.drivers.simulated import SimulatedCamera
from device.preferences.store import Preferences
from device.sensors.imx477 import IMX477
from device.session.session import Session
from device.simulator.faults import FaultScript
from web.app import MAX_BODY_BYTES, create_app
from web.guard import Guard
from web.server.loop import Server


@pytest.fixture
def session(make_session: Callable[..., Session], picture_folder: Path) -> Session:
    session = make_session(lambda: ReplayCamera(picture_folder))
    session.wait_open(60)
    eventually(lambda: session.status.state == "live", "live")
    return session


@pytest.fixture
def client(session: Session, storage: Storage) -> FlaskClient:
    return create_app(session, storage, Guard(None)).test_client()


@pytest.fixture(scope="module")
def simulated_session() -> Iterator[Session]:
    session = Session(lambda: SimulatedCamera(), sensor=IMX477, preferences=Preferences())
    with session:
        session.wait_open(60)
        session.wait_settled(60)
        yield session


@pytest.fixture
def simulated(simulated_session: Session, storage: Storage) -> FlaskClient:
    return create_app(simulated_session, storage, Guard(None)).test_client()


@pytest.fixture
def unplugged(make_session: Callable[..., Session], storage: Storage) -> FlaskClient:
    script = FaultScript.parse("unplug@0.3s")
    session = make_session(lambda: SimulatedCamera(faults=script))
    session.wait_open(60)
    eventually(lambda: session.status.state == "lost", "lost")
    return create_app(session, storage, Guard(None)).test_client()


@pytest.fixture
def serve_app() -> Iterator[Callable[[Flask, Guard], int]]:
    """Serve an app with the real server on loopback until the test ends; gives the port."""
    served: list[tuple[Server, threading.Thread, socket.socket]] = []

    def serve(app: Flask, guard: Guard) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        server = Server(app, listener, knows=guard.lets_in, body_bytes=MAX_BODY_BYTES)
        thread = threading.Thread(target=server.serve, name="hqcam-test-server")
        served.append((server, thread, listener))
        thread.start()
        return int(listener.getsockname()[1])

    yield serve
    for server, thread, listener in served:
        server.stop()
        thread.join()
        listener.close()
