"""The lenses of the owner: found, chosen, added, changed and removed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, request

from device.errors import CameraError
from device.lenses.optics import equivalent_focal_mm
from device.lenses.profiles import profile_of
from device.preferences.owner_lenses import ChosenLens, controls_of
from device.sensors.base import Sensor
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
    sensor = camera_session().sensor
    return {
        "chosen": _choice(chosen) if chosen else None,
        "recent": lenses.recent(),
        "own": lenses.own(),
        "problem": lenses.problem,
        "lenses": [
            {**asdict(profile), "equivalent_mm": _equivalent_mm(profile.focal_mm, sensor)}
            for profile in lenses.profiles()
        ],
    }


@blueprint.patch("")
def choose() -> dict[str, Any]:
    """Put another lens on, turn its aperture ring, or take it off (`id` null)."""
    body = json_body()
    lens_id = body.get("id")
    if not {"id"} <= set(body) <= {"id", "f_number", "focal_mm"} or not isinstance(lens_id, str | None):
        raise BadRequest("the body names no lens", expected='{"id": "rpi-16-1.4-c", "f_number": 2.8}, or {"id": null}')
    f_number, focal_mm = (
        check_value(CONTROLS[name], body.get(name), error=BadRequest) for name in ("f_number", "focal_mm")
    )
    choice = owner_lenses().choose(lens_id, f_number, focal_mm)
    if choice is not None:
        _turn_simulated(choice)
    return show()


@blueprint.get("/search")
def search() -> dict[str, Any]:
    """Give the ids of the lenses that have all words; where none has, of the nearest."""
    found, near = owner_lenses().search(request.args.get("words", ""))
    return {"ids": [profile.id for profile in found], "near": near}


@blueprint.post("/profiles")
def add() -> dict[str, Any]:
    """Add a lens; with an id it comes back after it was removed."""
    body = json_body()
    owner_lenses().add(profile_of(body), keep_id="id" in body)
    return show()


@blueprint.put("/profiles/<lens_id>")
def change(lens_id: str) -> dict[str, Any]:
    """Write other values into a lens of the owner's file."""
    owner_lenses().change(lens_id, profile_of({**json_body(), "id": lens_id}))
    return show()


@blueprint.delete("/profiles/<lens_id>")
def remove(lens_id: str) -> dict[str, Any]:
    """Take a lens out of the owner's file."""
    owner_lenses().remove(lens_id)
    return show()


def _choice(chosen: ChosenLens) -> dict[str, Any]:
    return {"id": chosen.profile.id, "f_number": chosen.f_number, "focal_mm": chosen.fitted.focal_mm}


def _equivalent_mm(focal_mm: float, sensor: Sensor) -> float:
    """Give the full-frame equivalent of the whole sensor, to a tenth of a millimetre."""
    whole = max(sensor.modes, key=lambda mode: mode.crop.width * mode.crop.height)
    return round(equivalent_focal_mm(focal_mm, whole, sensor.pixel_pitch_um), 1)


def _turn_simulated(choice: ChosenLens) -> None:
    """Set the simulated lens like the chosen one, within its limits."""
    session = camera_session()
    try:
        stands_at = session.newest_meta()
        f_number = stands_at.lens.f_number if stands_at is not None and stands_at.lens is not None else None
        if controls := controls_of(choice, session.info().limits, f_number):
            session.set_controls(controls)
    except CameraError:
        return  # the camera is not open; the choice is saved anyway
