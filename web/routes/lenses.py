"""The lenses of the owner: found, chosen, added, changed and removed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, request

from device.errors import CameraError
from device.frame import Mode
from device.lenses.mounts import adapting
from device.lenses.optics import equivalent_focal_mm
from device.lenses.profiles import profile_of
from device.lenses.readout import circle_of, read_out
from device.lenses.six_bit import coded, reversed_code, six_bits
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
        "pixel_pitch_um": sensor.pixel_pitch_um,
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


@blueprint.get("/optics")
def show_optics() -> dict[str, Any]:
    """Give what the optics of a lens come to on the whole sensor: of the one that is chosen, or of `id`."""
    chosen, lens_id = owner_lenses().chosen(), request.args.get("id")
    if lens_id is None and chosen is None:
        raise BadRequest("no lens is chosen", expected="id=rpi-16-1.4-c")
    of_chosen = chosen is not None and lens_id in (None, chosen.profile.id)
    profile = chosen.profile if chosen is not None and of_chosen else owner_lenses().known(lens_id or "")
    f_number, focal_mm, distance_m = (_figure(name) for name in ("f_number", "focal_mm", "distance_m"))
    if chosen is not None and of_chosen:
        f_number = chosen.f_number if f_number is None else f_number
        focal_mm = chosen.zoomed_mm if focal_mm is None else focal_mm
    sensor = camera_session().sensor
    found = read_out(
        profile,
        _whole(sensor),
        sensor.pixel_pitch_um,
        f_number=f_number,
        focal_mm=focal_mm,
        distance_m=distance_m,
        circle=circle_of(request.args.get("circle", "print")),
    )
    return {"id": profile.id, "sensor": sensor.model, **asdict(found)}


@blueprint.get("/mount")
def show_mount() -> dict[str, Any]:
    """Give the adapter that the chosen lens, or `id`, needs on the HQ camera; judge one of `adapter_mm`."""
    chosen, lens_id = owner_lenses().chosen(), request.args.get("id")
    if lens_id is None and chosen is None:
        raise BadRequest("no lens is chosen", expected="id=rpi-16-1.4-c")
    profile = chosen.profile if lens_id is None and chosen is not None else owner_lenses().known(lens_id or "")
    ring = request.args.get("ring", "true")
    if ring not in ("true", "false"):
        raise BadRequest(f"ring is {ring[:40]!r}", expected="true or false")
    return {"id": profile.id, **asdict(adapting(profile, _figure("adapter_mm"), ring=ring == "true"))}


def _figure(name: str) -> float | None:
    text = request.args.get(name)
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        raise BadRequest(f"{name} is {text[:40]!r}", expected="a number") from None


@blueprint.get("/code/<dots>")
def show_code(dots: str) -> dict[str, Any]:
    """Give the ids of the lenses with six dots (1 black, 0 white), and of those that they are from their other end."""
    code, lenses = six_bits(dots), owner_lenses().profiles()
    found, other = ([lens.id for lens in coded(lenses, number)] for number in (code, reversed_code(code)))
    return {"code": code, "ids": found, "from_other_end": other}


@blueprint.get("/file")
def export() -> Response:
    """Give the owner's lenses as a file that can be imported."""
    named = {"Content-Disposition": "attachment; filename=hqcam-lenses.toml"}
    return Response(owner_lenses().export_text(), mimetype="application/toml", headers=named)


@blueprint.post("/file")
def import_() -> dict[str, Any]:
    """Add the lenses of such a file: all of them, but those that are here already, or none."""
    body = json_body()
    if set(body) != {"text"} or not isinstance(body["text"], str):
        raise BadRequest("the body has no text of a lens file", expected='{"text": "[[lens]] ..."}')
    owner_lenses().import_text(body["text"])
    return show()


@blueprint.post("/profiles/<lens_id>/copy")
def duplicate(lens_id: str) -> dict[str, Any]:
    """Copy a lens into the owner's file, under an id of its own."""
    json_body()
    owner_lenses().duplicate(lens_id)
    return show()


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
    return round(equivalent_focal_mm(focal_mm, _whole(sensor), sensor.pixel_pitch_um), 1)


def _whole(sensor: Sensor) -> Mode:
    return max(sensor.modes, key=lambda mode: mode.crop.width * mode.crop.height)


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
