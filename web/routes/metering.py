"""The light meter, its calibration, white balance from a grey object, and the sharpness of an edge."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, cast, get_args

from flask import Blueprint, request

from device.meter.grey_balance import balance_by_grey
from device.meter.light_meter import AreaName
from device.meter.sharpness import read_sharpness
from device.settings.declaration import finite
from web.context import camera_session, light_meter, owner_lenses
from web.errors import BadRequest, json_body
from web.point import point_of

blueprint = Blueprint("metering", __name__, url_prefix="/api")


@blueprint.get("/meter")
def read() -> dict[str, Any]:
    """Read the light of the whole frame, or of the spot."""
    return light_meter().read(_area(request.args.get("area", "frame"))).as_json()


@blueprint.post("/meter/calibration")
def calibrate() -> dict[str, Any]:
    """Calibrate the meter: the scene now has the brightness `ev100`."""
    body = json_body()
    ev100 = finite(body.get("ev100"))
    if ev100 is None or not set(body) <= {"ev100", "area"}:
        raise BadRequest("the body names no light", expected='{"ev100": 12.0, "area": "frame"}')
    return light_meter().calibrate(ev100, _area(body.get("area", "frame"))).as_json()


@blueprint.put("/meter/calibration")
def take_back() -> dict[str, Any]:
    """Be calibrated as before, and read the light; the body is the `calibration` of an earlier reading."""
    body = json_body()
    if set(body) != {"offset_ev", "ev100", "at"}:
        raise BadRequest("the body is no calibration", expected='{"offset_ev": ..., "ev100": ..., "at": "..."}')
    light_meter().take_back(body)
    return light_meter().read().as_json()


@blueprint.delete("/meter/calibration")
def forget() -> dict[str, Any]:
    """Delete the calibration, and read the light."""
    light_meter().forget()
    return light_meter().read().as_json()


@blueprint.post("/controls/grey")
def pick_grey() -> dict[str, Any]:
    """Set white balance from the grey object at a point of the picture."""
    x, y = point_of(json_body(), error=BadRequest)
    return asdict(balance_by_grey(camera_session(), x, y))


@blueprint.post("/sharpness")
def measure_sharpness() -> dict[str, Any]:
    """Measure the sharpness of the edge at a point of the picture, on the next frame's raw samples."""
    x, y = point_of(json_body(), error=BadRequest)
    return read_sharpness(camera_session(), owner_lenses(), x, y).as_json()


def _area(value: Any) -> AreaName:
    if value not in get_args(AreaName):
        raise BadRequest(f"area is {value!r}", expected="frame or spot")
    return cast(AreaName, value)
