"""What the routes share: the session, the storage and the encoder that the app was made with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask import Flask, current_app

from device.session import Session
from device.storage import Storage
from web.wire import SharedEncoder

if TYPE_CHECKING:
    from device.raw.dng import SampleForm

_KEY = "hqcam"


@dataclass(slots=True)
class Parts:
    """The parts that `create_app` was given."""

    session: Session
    storage: Storage
    sample_form: SampleForm = "packed"
    encoder: SharedEncoder = field(default_factory=SharedEncoder)


def install(app: Flask, parts: Parts) -> None:
    """Make `parts` reachable from the routes of `app`."""
    app.extensions[_KEY] = parts


def _parts() -> Parts:
    parts: Parts = current_app.extensions[_KEY]
    return parts


def camera_session() -> Session:
    """The session of this app."""
    return _parts().session


def capture_storage() -> Storage:
    """The storage of this app."""
    return _parts().storage


def sample_form() -> SampleForm:
    """How this app's DNGs keep their samples."""
    return _parts().sample_form


def frame_encoder() -> SharedEncoder:
    """The encoder of this app."""
    return _parts().encoder
