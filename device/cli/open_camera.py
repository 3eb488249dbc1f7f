"""Opens a camera for one command."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

from device.cli.interrupt import Interrupt
from device.drivers.choose import CameraChoice, driver_factory, resolve
from device.preferences.orientation import OwnerOrientation
from device.preferences.owner_calibrations import FOLDER, OwnerCalibrations
from device.preferences.store import Preferences, default_path
from device.sensors.imx477 import IMX477
from device.session.session import Session

OPEN_TIMEOUT_S = 20.0


@contextmanager
def open_session(
    choice: CameraChoice,
    overrides: Mapping[str, Any] | None = None,
    *,
    interrupt: Interrupt,
    calibrations: OwnerCalibrations | None = None,
) -> Iterator[Session]:
    """Open the chosen camera with default controls and `overrides`; print when "auto" chose the simulated camera.

    A signal closes the session: a call that waits for the camera then raises CameraLost, or returns None, at once.
    `calibrations` are by default those beside the settings. Raises CameraError, BadInput.
    """
    _, sentence = resolve(choice)
    if sentence:
        click.echo(sentence, err=True)
    session = Session(
        driver_factory(choice),
        sensor=IMX477,
        preferences=Preferences(),
        overrides=overrides,
        orientation=OwnerOrientation(Preferences(default_path())),
        calibrations=calibrations or OwnerCalibrations(default_path().with_name(FOLDER)),
    )
    session.start()
    try:
        with interrupt.calls(session.close):
            session.wait_open(OPEN_TIMEOUT_S)
            yield session
    finally:
        session.close()
