"""`hqcam calibrate ring`: the distance that a focus ring stands at, estimated from how large the picture is."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from device.cli.options import camera_choice, camera_options, json_option, setting_option, settings_option
from device.cli.shoot_options import SETTLE_S
from device.cli.typed import typed_line
from device.settings.controls import CONTROLS

if TYPE_CHECKING:
    from device.analysis.magnification import Magnified
    from device.cli.interrupt import Interrupt
    from device.lenses.profiles import LensProfile
    from device.lenses.ring import Estimate
    from device.meter.ring import RingPicture
    from device.preferences.owner_lenses import ChosenLens
    from device.session.session import Session

SIMULATED_STOP = 16.0


class Metres(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """A distance in metres, or infinity."""

    name = "M"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read it."""
        try:
            metres = float(value)
        except ValueError:
            metres = math.nan
        if not metres > 0:
            self.fail(f"{value!r} is no distance: metres, or infinity", param, ctx)
        return metres


@click.command("ring", short_help="Estimate the distance a focus ring stands at.")
@click.option("--lens", "words", metavar="WORDS", help="Which lens.  [default: the one on the camera]")
@click.option("--far", "far_m", type=Metres(), default="infinity", show_default=True, help="The first known distance.")
@click.option("--near", "near_m", type=Metres(), help="The second one.  [default: the closest of the lens]")
@click.option(
    "--read", "reads", is_flag=True, help="Estimate distances with a ring that was calibrated, from --far on."
)
@click.option("--f", "f_number", type=float, metavar="N", help="Its stop, for depth of field.  [default: as chosen]")
@click.option("--circle", default="print", metavar="C", help="What is sharp: print, pixel, or micrometres.")
@click.option("--forget", is_flag=True, help="Keep no calibration of this ring any more.")
@setting_option(CONTROLS["breathing"], "--breathing", metavar="X")
@settings_option
@camera_options
@json_option
def calibrate_ring(
    as_json: bool,
    words: str | None,
    far_m: float,
    near_m: float | None,
    reads: bool,
    f_number: float | None,
    circle: str,
    forget: bool,
    breathing: float | None,
    settings: Path | None,
    **camera: Any,
) -> None:
    """Calibrate the focus ring of a manual lens by two known distances, from the sensor, and estimate others.

    Fasten the camera before a scene with detail in all of it, best 3 m away or farther, stop down to f/8 or more, turn
    the ring as told, then Enter. The picture grows as a lens is moved out to focus nearer; how much is kept with the
    lens. With --read the ring begins at --far; each Enter estimates where it is then, with its error and what is sharp
    there; q ends. Lenses that focus by a part of theirs, and zooms, are refused. A simulated camera's ring is turned to
    a distance that is typed.
    """
    from device.cli.interrupt import interruptible
    from device.cli.lens_file import opened
    from device.cli.open_camera import open_session
    from device.errors import BadInput
    from device.lenses.readout import circle_of
    from device.lenses.ring import calibrated, from_lens_m

    circle_of(circle)
    with opened(settings) as (lenses, _):
        lens = _lens(lenses.chosen(), None if words is None else lenses.find(words), f_number)
        if forget:
            if lens.profile.ring is not None:
                lenses.change(lens.profile.id, replace(lens.profile, breathing=None, breathing_error=None))
            _say(as_json, {"lens": lens.profile.id, "breathing": None}, f"{lens.profile.id}: no calibration is kept")
            return
    near_m = lens.profile.closest_m if near_m is None else near_m
    if reads and lens.profile.ring is None:
        raise BadInput(
            "the ring of this lens is not calibrated", expected="hqcam calibrate ring, without --read, first"
        )
    if not reads and near_m is None:
        raise BadInput("the closest distance of this lens is not known", expected="--near M")
    for metres in (far_m, near_m):
        if metres is not None:
            from_lens_m(lens.profile.focal_mm, metres)
    with interruptible() as interrupt, open_session(camera_choice(**camera), interrupt=interrupt) as session:
        ring = _Ring(session, lens, interrupt, 1.0 if breathing is None else breathing)
        if breathing is not None and not ring.simulated:
            raise BadInput("only a simulated camera's breathing can be set", expected="--camera simulated")
        first = ring.picture_at(far_m)
        if reads:
            _read(ring, first, far_m, circle, as_json)
            return
        assert near_m is not None
        found = ring.picture_at(near_m).against(first)
        interrupt.check()
    told = calibrated(ring.focal_mm, far_m, near_m, found.ratio, found.sigma)
    growth, error = round(told.growth, 4), round(told.sigma, 4)
    with opened(settings) as (lenses, _):
        lenses.change(lens.profile.id, replace(lenses.known(lens.profile.id), breathing=growth, breathing_error=error))
    _say(
        as_json,
        {"lens": lens.profile.id, "breathing": growth, "breathing_error": error, **_measured(found)},
        f"{lens.profile.id}: the picture grew by {found.ratio - 1:+.2%}, give or take {found.sigma:.3%}: "
        f"{told.growth:.2f} times that of a thin lens, give or take {told.sigma:.2f}; kept with the lens",
    )


def _lens(chosen: ChosenLens | None, meant: LensProfile | None, f_number: float | None) -> ChosenLens:
    """Give the lens that is meant, at its stop. Raises BadInput."""
    from device.errors import BadInput
    from device.preferences.owner_lenses import ChosenLens

    if meant is None and chosen is None:
        raise BadInput("no lens is chosen", expected='--lens "words of its name"', remedy="hqcam lens WORDS --f N")
    if meant is None or (chosen is not None and chosen.profile == meant):
        assert chosen is not None
        meant, f_number = chosen.profile, chosen.f_number if f_number is None else f_number
    if meant.focal_long_mm is not None:
        raise BadInput("a zoom breathes by no rule that two distances tell", expected="a lens of one focal length")
    meant.fitted(f_number)
    return ChosenLens(meant, f_number)


class _Ring:
    """The ring as this command turns it, by hand or by control."""

    def __init__(self, session: Session, lens: ChosenLens, interrupt: Interrupt, breathing: float) -> None:
        self.session, self.lens, self.interrupt = session, lens, interrupt
        self.focal_mm, self.f_number = lens.profile.focal_mm, lens.f_number
        self.simulated = "breathing" in session.info().limits
        if self.simulated:
            self.f_number = self.f_number or max(SIMULATED_STOP, lens.profile.f_stops[0])
            session.set_controls({"breathing": breathing, "focal_mm": self.focal_mm, "f_number": self.f_number})

    def turned_to(self, metres: float) -> None:
        """Turn a simulated ring. Raises BadInput."""
        from device.lenses.ring import from_lens_m

        limit = self.session.info().limits["focus_m"]
        self.session.set_controls({"focus_m": min(from_lens_m(self.focal_mm, metres), limit.maximum)})

    def picture_at(self, metres: float) -> RingPicture:
        """Have the ring turned to a distance, and take its picture. Raises click.Abort, CameraError, BadInput."""
        from device.lenses.readout import length_text

        at = "infinity" if math.isinf(metres) else length_text(metres)
        click.echo(f"turn the ring to {at}, then Enter; q ends", err=True)
        if typed_line(self.interrupt) not in ("", at):
            raise click.Abort
        if self.simulated:
            self.turned_to(metres)
        return self.picture()

    def picture(self) -> RingPicture:
        """Take a picture as the ring is."""
        from device.meter.ring import ring_picture

        self.session.wait_settled(SETTLE_S)
        return ring_picture(self.session, self.interrupt.check)


def _read(ring: _Ring, first: RingPicture, far_m: float, circle: str, as_json: bool) -> None:
    """Estimate at each Enter, until q or the end of the input; what is refused is told, and the next may be none."""
    from device.errors import BadInput
    from device.lenses.ring import estimated

    known = ring.lens.profile.ring
    assert known is not None
    while True:
        click.echo("turn the ring, then Enter; q ends", err=True)
        typed = typed_line(ring.interrupt)
        if typed is None or typed == "q":
            return
        try:
            if typed and not ring.simulated:
                raise BadInput(f"{typed[:40]!r} is no answer", expected="Enter, or q")
            if typed:
                ring.turned_to(Metres().convert(typed, None, None))
            found = ring.picture().against(first)
            estimate = estimated(ring.focal_mm, known, far_m, found.ratio, found.sigma)
        except (BadInput, click.BadParameter) as error:
            message = error.message
            _say(as_json, {"estimated": None, "refused": message}, f"no estimate: {message}")
            continue
        _tell(ring, estimate, found, circle, as_json)


def _tell(ring: _Ring, estimate: Estimate, found: Magnified, circle: str, as_json: bool) -> None:
    from device.lenses.readout import circle_um_of, length_text
    from device.lenses.ring import depth_there

    def metres(value: float) -> float | None:
        return None if math.isinf(value) else round(value, 4)

    facts: dict[str, Any] = {name: metres(getattr(estimate, name)) for name in ("distance_m", "near_m", "far_m")}
    error, sharp = estimate.error_percent, None
    if ring.f_number is not None:
        pitch_um, meta = ring.session.sensor.pixel_pitch_um, ring.session.newest_meta()
        mode = ring.session.info().modes[0] if meta is None else meta.mode
        depth = depth_there(ring.focal_mm, ring.f_number, circle_um_of(circle, mode, pitch_um), estimate)
        sharp = {"near_m": metres(depth.near_m), "far_m": metres(depth.far_m), "f_number": ring.f_number}
    near, far = (length_text(facts[name]) for name in ("near_m", "far_m"))
    text = f"estimated {length_text(facts['distance_m'])}, between {near} and {far} in 95 of 100 cases"
    if sharp is not None:
        text += f"; sharp at f/{ring.f_number:g} from {length_text(sharp['near_m'])} to {length_text(sharp['far_m'])}"
    percent = None if error is None else round(error, 2)
    _say(as_json, {"estimated": facts, "error_percent": percent, "sharp": sharp, **_measured(found)}, text)


def _measured(found: Magnified) -> dict[str, Any]:
    return {"ratio": round(found.ratio, 6), "ratio_error": round(found.sigma, 6), "tiles": found.tiles}


def _say(as_json: bool, facts: dict[str, Any], text: str) -> None:
    click.echo(json.dumps(facts) if as_json else text)
    sys.stdout.flush()


COMMANDS = (calibrate_ring,)
