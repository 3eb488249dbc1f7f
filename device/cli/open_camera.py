"""Opening a camera for one command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from device.drivers.choose import CameraChoice, driver_factory, resolve
from device.preferences.store import Preferences
from device.sensors.imx477 import IMX477
from device.session.session import Session

OPEN_TIMEOUT_S = 20.0


class OpenSession:
    """A session that is open inside a `with`, and says aloud when it simulates."""

    def __init__(self, choice: CameraChoice, overrides: Mapping[str, Any]) -> None:
        _, sentence = resolve(choice)
        if sentence:
            click.echo(sentence, err=True)
        self._session = Session(driver_factory(choice), sensor=IMX477, preferences=Preferences(), overrides=overrides)

    def __enter__(self) -> Session:
        self._session.start()
        try:
            self._session.wait_open(OPEN_TIMEOUT_S)
        except BaseException:
            self._session.close()
            raise
        return self._session

    def __exit__(self, *exc: object) -> None:
        self._session.close()


def open_session(choice: CameraChoice, overrides: Mapping[str, Any] | None = None) -> OpenSession:
    """Open the chosen camera with default settings and `overrides`. Raises CameraError, BadInput."""
    return OpenSession(choice, overrides or {})
