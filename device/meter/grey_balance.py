"""White balance from a grey object: the user points at it, and the camera gets the gains that make it neutral."""

from __future__ import annotations

from device.analysis.area import area_around
from device.controls import KELVIN_RANGE
from device.errors import BadControl
from device.frame import Controls, LiveFrame
from device.meter import grey_gains
from device.meter.one_frame import one_frame
from device.session.session import Session

GREY_SIZE = 0.02  # chosen: a fingertip's share of the picture, and thousands of samples


def balance_by_grey(session: Session, x: float, y: float) -> Controls:
    """Set white balance from a grey object at a point of the picture (shares of its sides, from the top left).

    It is measured on raw samples, or without them on the display picture. Any thread but the camera's. Raises BadInput,
    BadControl, CameraError.
    """
    info, sensor = session.info(), session.sensor
    if "colour_gains" not in info.limits:
        raise BadControl(f"colour_gains cannot be set on this camera ({info.description})")
    area = area_around(x, y, GREY_SIZE)

    def gains_of(frame: LiveFrame) -> tuple[float, float]:
        if frame.raw is not None:
            return grey_gains.gains_from_raw(frame.raw, area)
        meta = frame.meta
        return grey_gains.gains_from_picture(
            frame.main,
            area,
            tone=sensor.tone.with_contrast(meta.contrast),
            ccm=sensor.colour.ccm_at(meta.colour_temperature_k or sum(KELVIN_RANGE) / 2),
            colour_gains=meta.colour_gains,
        )

    red, blue = one_frame(session, gains_of)
    return session.set_controls({"awb": "manual", "colour_gains": [round(red, 4), round(blue, 4)]})
