"""The guide to the right distance between lens and sensor: measure, move the lens, measure again."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint

from device.analysis.defocus.spectrum import SpectrumRefused
from device.errors import BadInput
from device.meter.back_focus import THREAD_MM, TURNS_MOST
from device.meter.back_focus_run import MOVED, SETUP, STEPS, Setup
from device.settings.declaration import Setting, check_value, find
from web.context import alone, back_focus, camera_session, owner_lenses
from web.errors import BadRequest, json_body

blueprint = Blueprint("backfocus", __name__, url_prefix="/api")


@blueprint.get("/backfocus")
def read() -> dict[str, Any]:
    """Where it is, and what the lens is to be moved."""
    return _answer()


@blueprint.post("/backfocus")
def begin() -> tuple[dict[str, Any], int]:
    """Begin, with the first measurement."""
    given = _checked(SETUP)
    known, assists = _known_f_number(), camera_session().assists
    f_number = given["f_number"] if given["f_number"] is not None else known
    if f_number is None:
        raise BadInput(
            "the f-number is not known",
            expected="what the aperture ring stands at",
            remedy="type it, or choose the lens and its stop",
        )
    x, y, size = (
        given[name] if given[name] is not None else getattr(assists, f"focus_{name}") for name in ("x", "y", "size")
    )
    setup = Setup(f_number, x, y, size, given["distance_m"], given["pitch_mm"])
    with alone("back focus"):
        back_focus().begin(setup)
    return _answer(), 202


@blueprint.put("/backfocus")
def turn() -> tuple[dict[str, Any], int]:
    """Measure again: the lens was moved, or what refused the measurement was put right."""
    moved_um = _checked(MOVED)["moved_um"]
    with alone("back focus"):
        back_focus().turn(moved_um)
    return _answer(), 202


@blueprint.delete("/backfocus")
def end() -> dict[str, Any]:
    """End it, whether it is in progress or done."""
    back_focus().cancel()
    return _answer()


def _checked(settings: dict[str, Setting]) -> dict[str, Any]:
    body = json_body()
    for name in body:
        find(settings, name, what="field", error=BadRequest)
    return {
        name: check_value(setting, body.get(name, setting.default), error=BadRequest)
        for name, setting in settings.items()
    }


def _known_f_number() -> float | None:
    meta, chosen = camera_session().newest_meta(), owner_lenses().chosen()
    if meta is not None and meta.lens is not None:
        return meta.lens.f_number
    return chosen.f_number if chosen is not None else None


def _answer() -> dict[str, Any]:
    guide, capabilities = back_focus(), camera_session().info().capabilities
    now = guide.progress
    advice, setup, error = now.advice, now.setup, now.error
    pitch_mm = setup.pitch_mm if setup is not None and setup.pitch_mm is not None else THREAD_MM
    return {
        "possible": capabilities.raw_live and capabilities.exposure_control,
        "by_itself": guide.by_itself,
        "known_f_number": _known_f_number(),
        "state": now.state,
        "setup": asdict(setup) if setup else None,
        "done": now.done,
        "of": STEPS,
        "what": now.what,
        "turns_most": TURNS_MOST,
        "advice": {**asdict(advice), "degrees": advice.degrees_of(pitch_mm)} if advice else None,
        "tilt": asdict(now.tilt) if now.tilt else None,
        "error": {**error.as_json(), "why": error.why if isinstance(error, SpectrumRefused) else ""} if error else None,
    }
