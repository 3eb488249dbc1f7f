"""`hqcam calibrate backfocus`: leads to the right distance between lens and sensor."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from device.analysis.settings import ASSISTS
from device.cli.options import camera_choice, camera_options, checked_option, json_option, setting_option
from device.cli.shoot_options import SETTLE_S
from device.cli.typed import typed_line
from device.settings.controls import CONTROLS

if TYPE_CHECKING:
    from device.analysis.defocus.tilt import Tilt
    from device.cli.interrupt import Interrupt
    from device.meter.back_focus import Advice
    from device.session.session import Session


@click.command(short_help="Bring a lens to the right distance from the sensor.")
@click.option("--distance", "distance_m", type=float, metavar="M", help="Of the target.  [default: infinity]")
@click.option(
    "--f-number", type=float, metavar="N", help="What the aperture ring stands at.  [default: the chosen lens's]"
)
@click.option("--pitch", "pitch_mm", type=float, metavar="MM", help="Of the ring's thread, for degrees.")
@checked_option(ASSISTS["focus_x"], "--x")
@checked_option(ASSISTS["focus_y"], "--y")
@click.option(
    "--size", type=click.FloatRange(0.1, 1.0), default=0.3, show_default=True, help="Side of the target, of the height."
)
@setting_option(CONTROLS["back_focus_um"], "--back-focus", metavar="UM")
@click.option("--settings", type=click.Path(path_type=Path), help="Settings file.  [default: as `hqcam serve`]")
@camera_options
@json_option
def backfocus(
    as_json: bool,
    distance_m: float | None,
    f_number: float | None,
    pitch_mm: float | None,
    focus_x: float,
    focus_y: float,
    size: float,
    back_focus_um: float | None,
    settings: Path | None,
    **camera: Any,
) -> None:
    """Measure how far the sensor is from the focus of its lens, and say which way to turn the ring or to shim.

    Open the lens, set its ring to the target's distance, or to infinity for a target beyond 2000 focal lengths, and
    fasten the camera. Turn the back focus ring as told, then Enter; a number says how many micrometres the lens was
    moved instead, outwards above 0, as with shims; q ends. A simulated camera's ring is turned by Enter.

    It is known to be right within 2.5 micrometres times the f-number. The exit code is 1 where that was not reached.
    """
    from device.cli.interrupt import interruptible
    from device.cli.open_camera import open_session
    from device.errors import BadInput, HqcamError
    from device.meter.back_focus import BackFocusGuide

    for name, value in (("distance", distance_m), ("pitch", pitch_mm)):
        if value is not None and not 0 < value < 1e6:
            raise BadInput(f"the {name} cannot be {value:g}", expected="a number above 0")
    stop = f_number if f_number is not None else _chosen_stop(settings)
    given = {"focus_m": distance_m, "back_focus_um": back_focus_um}
    controls = {name: value for name, value in given.items() if value is not None}
    with interruptible() as interrupt, open_session(camera_choice(**camera), interrupt=interrupt) as session:
        simulated = "back_focus_um" in session.info().limits
        if back_focus_um is not None and not simulated:
            raise BadInput("only a simulated camera's back focus can be set", expected="--camera simulated")
        if simulated:
            session.set_controls({**controls, "f_number": stop if stop is not None else 2.0})
            stop = stop if stop is not None else 2.0
        if stop is None:
            raise BadInput("the f-number is not known", expected="--f-number, or a lens that was chosen with it")
        pixel_um = session.sensor.pixel_pitch_um
        guide: BackFocusGuide | None = None
        moved_um: float | None = None
        while True:
            session.wait_settled(SETTLE_S)
            interrupt.check()
            meta = session.newest_meta()
            binning = meta.mode.binning if meta is not None else 1
            guide = guide or BackFocusGuide(stop, pixel_um * binning)
            advice = _measured(session, guide, (focus_x, focus_y, size), moved_um)
            _tell(advice, guide.tilt() if advice.move_um is None else None, as_json, pitch_mm)
            if advice.move_um is None:
                break
            moved_um = _turned(interrupt, advice.move_um)
            if simulated:
                now = session.controls().back_focus_um
                session.set_controls({"back_focus_um": now + (advice.move_um if moved_um is None else moved_um)})
    if not advice.right:
        raise HqcamError(
            f"it is not known to be right after {advice.turns} turns",
            remedy="more light, a target with finer print, a firmer stand; then begin again from here",
        )


def _chosen_stop(settings: Path | None) -> float | None:
    from device.cli.lens_file import opened

    with opened(settings) as (lenses, _):
        chosen = lenses.chosen()
    return None if chosen is None else chosen.f_number


def _measured(session: Session, guide: Any, where: tuple[float, float, float], moved_um: float | None) -> Advice:
    from device.meter.back_focus import measure_target

    measured = measure_target(session, *where)
    advice: Advice = guide.note(measured.target, moved_um, measured.corners)
    return advice


def _tell(advice: Advice, tilt: Tilt | None, as_json: bool, pitch_mm: float | None) -> None:
    if as_json:
        click.echo(
            json.dumps({**asdict(advice), "direction": _direction(advice.move_um), "tilt": tilt and asdict(tilt)})
        )
        sys.stdout.flush()
        return
    if advice.place is not None:
        um = advice.place.um
        side = "too far from" if um > 0 else "too near to"
        click.echo(f"the lens is {abs(um):.0f} um {side} the sensor, give or take {advice.place.sigma_um:.0f}")
    if advice.move_um is None:
        click.echo("right: lock the ring" if advice.right else "not known to be right")
        click.echo(_tilt_text(tilt))
        return
    how_far = f"{abs(advice.move_um):.0f} um{_angle(advice, pitch_mm)}"
    click.echo(f"turn {advice.turns + 1}: {_direction(advice.move_um)} by {how_far}")
    sys.stdout.flush()


def _tilt_text(tilt: Tilt | None) -> str:
    if tilt is None:
        return "tilt: not known, too little is seen in the corners or they are not as far away as the target"
    ends = ("right", tilt.right), ("bottom", tilt.bottom)
    told = ", ".join(f"the {end} by {place.um:+.0f} um, give or take {place.sigma_um:.0f}" for end, place in ends)
    return f"tilt, if all corners are as far away as the target: {told}; + is farther from the lens"


def _direction(move_um: float | None) -> str:
    return "" if move_um is None else "out, away from the sensor" if move_um > 0 else "in, towards the sensor"


def _angle(advice: Advice, pitch_mm: float | None) -> str:
    if pitch_mm is not None:
        return f", {abs(advice.degrees_of(pitch_mm)):.0f} degrees"
    return f", about {abs(advice.degrees):.0f} degrees if its thread is that of a C mount"


def _turned(interrupt: Interrupt, asked_um: float) -> float | None:
    """Wait for Enter; give what was moved where a number was typed, else None. Raises click.Abort at q and the end."""
    from device.errors import BadInput

    text = typed_line(interrupt)
    if text is None:
        raise click.Abort
    if text == "q":
        raise click.Abort
    if not text:
        return None
    try:
        moved_um = float(text)
    except ValueError:
        moved_um = float("nan")
    if not abs(moved_um) <= 5000:
        raise BadInput(f"{text[:40]!r} is no move", expected=f"Enter, or micrometres such as {asked_um:.0f}")
    return moved_um
