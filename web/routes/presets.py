"""The owner's presets C1 to C3: saved, recalled, forgotten."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint

from device.analysis import settings as assist_rules
from device.preferences.presets import checked_slot, make_preset, presettable
from device.settings.declaration import check
from web.context import camera_session, drive_modes, drive_state, owner_presets
from web.errors import BadRequest, check_no_fields, json_body

blueprint = Blueprint("presets", __name__, url_prefix="/api/presets")


@blueprint.get("")
def show() -> dict[str, Any]:
    """Give every slot with its preset; null where none is."""
    return {"presets": {slot: asdict(preset) if preset else None for slot, preset in owner_presets().all().items()}}


@blueprint.put("/<slot>")
def save(slot: str) -> dict[str, Any]:
    """Save under a slot; controls and assists that are not given are those of now."""
    checked_slot(slot)
    body = json_body()
    if unknown := set(body) - {"name", "controls", "assists", "display", "drive"}:
        raise BadRequest(f"unknown field {min(unknown)[:40]!r}", expected="name, controls, assists, display, drive")
    preset = make_preset({"name": "", "display": {}, "drive": {}, **_now(), **body})
    _check_drive(preset.drive)
    owner_presets().set(slot, preset)
    return show()


@blueprint.post("/<slot>")
def recall(slot: str) -> dict[str, Any]:
    """Set everything as it was saved, or nothing; gives the preset, and what was set before."""
    check_no_fields()
    _check_no_series()
    preset, before = owner_presets().get(slot), _now()
    _check_drive(preset.drive)
    camera_session().recall(preset.controls, preset.assists)
    return {"preset": asdict(preset), "before": before}


@blueprint.post("")
def take_back() -> dict[str, Any]:
    """Set controls and assists as they were before a recall, all or nothing."""
    body = json_body()
    if set(body) != {"controls", "assists"} or not all(isinstance(part, dict) for part in body.values()):
        raise BadRequest("the body is not what was set before", expected='{"controls": {...}, "assists": {...}}')
    _check_no_series()
    before = make_preset({"name": "", "display": {}, "drive": {}, **body})
    camera_session().recall(before.controls, before.assists)
    return _now()


@blueprint.delete("/<slot>")
def forget(slot: str) -> dict[str, Any]:
    """Save nothing under a slot."""
    owner_presets().set(slot, None)
    return show()


def _now() -> dict[str, Any]:
    """Controls and assists as they are, without what belongs to the lens or the moment."""
    session = camera_session()
    return {"controls": presettable(asdict(session.controls())), "assists": assist_rules.as_json(session.assists)}


def _check_no_series() -> None:
    """Raise DriveBusy while a series is taken: its exposure is to stay as it is."""
    if drive_state() == "running":
        drive_modes().check_free()


def _check_drive(drive: dict[str, Any]) -> None:
    """Raise BadInput for a drive mode that there is not, or a setting that it does not take."""
    from device.drive.drive import MODES  # not at module level: the file writers would delay the first frame

    if not drive:
        return
    mode, settings = drive.get("mode"), drive.get("settings", {})
    if not set(drive) <= {"mode", "settings"} or not isinstance(mode, str) or mode not in MODES:
        raise BadRequest("the preset names no drive mode", expected='{"mode": "timer", "settings": {"delay_s": 2}}')
    if not isinstance(settings, dict):
        raise BadRequest("the drive mode's settings are no object", expected='{"delay_s": 2}')
    check(MODES[mode].settings, settings)
