"""The lenses of the owner, and the one that is on the camera."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint

from device.errors import CameraError
from device.preferences.owner_lenses import ChosenLens, controls_of
from device.settings.controls import CONTROLS
from device.settings.declaration import check_value
from web.context import camera_session, owner_lenses
from web.errors import BadRequest, json_body

blueprint = Blueprint("lenses", __name__, url_prefix="/api/lens")


@blueprint.get("")
def show() -> dict[str, Any]:
    """List the lenses and what is on the camera."""
    lenses = owner_lenses()
    chosen = lenses.chosen()
    return {
        "chosen": {"id": chosen.profile.id, "f_number": chosen.f_number} if chosen else None,
        "recent": lenses.recent(),
        "problem": lenses.problem,
        "lenses": [asdict(profile) for profile in lenses.profiles()],
    }


@blueprint.patch("")
def choose() -> dict[str, Any]:
    """Put another lens on, turn its aperture ring, or take it off (`id` null)."""
    body = json_body()
    lens_id, f_number = body.get("id"), body.get("f_number")
    if not {"id"} <= set(body) <= {"id", "f_number"} or not isinstance(lens_id, str | None):
        raise BadRequest("the body names no lens", expected='{"id": "rpi-16-1.4-c", "f_number": 2.8}, or {"id": null}')
    f_number = check_value(CONTROLS["f_number"], f_number, error=BadRequest)
    choice = owner_lenses().choose(lens_id, f_number)
    if choice is not None:
        _turn_simulated(choice)
    return show()


def _turn_simulated(choice: ChosenLens) -> None:
    """Set the simulated lens like the chosen one, within its limits."""
    session = camera_session()
    try:
        if controls := controls_of(choice, session.info().limits):
            session.set_controls(controls)
    except CameraError:
        return  # the camera is not open; the choice is saved anyway
