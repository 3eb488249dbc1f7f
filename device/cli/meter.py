"""`hqcam meter` reads the light; `hqcam calibrate meter` compares it with a known one. The group `calibrate`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from device.analysis.settings import ASSISTS
from device.cli import calibrate_camera, calibrate_flat, calibrate_ring
from device.cli.backfocus import backfocus
from device.cli.options import ExposureTime, camera_choice, camera_options, json_option, print_json
from device.cli.shoot_options import SETTLE_S
from device.settings.notation import exposure_text

if TYPE_CHECKING:
    from device.meter.light_meter import LightMeter, Reading

F = TypeVar("F", bound=Callable[..., Any])


def meter_options(function: F) -> F:
    """Add the options of both commands; the commands pass them to `_run`."""
    decorators = (
        click.option("--spot", metavar="X,Y[,SIZE]", help="A spot instead of the whole frame, e.g. 0.5,0.5,0.02."),
        click.option("--f-number", type=float, help="What the aperture ring stands at.  [default: the chosen lens's]"),
        click.option("--exposure", type=ExposureTime(), help="Exposure time; without it auto exposure chooses."),
        click.option("--iso", type=float, help="ISO of this camera, 100 x gain; without it auto exposure chooses."),
        click.option("--settings", type=click.Path(path_type=Path), help="Settings file.  [default: as `hqcam serve`]"),
        camera_options,
        json_option,
    )
    for decorate in reversed(decorators):
        function = decorate(function)
    return function


@click.command(short_help="Measure the light: EV100, luminance, lux.")
@meter_options
@click.option("--for-iso", multiple=True, type=click.IntRange(1, 1_000_000), help="ISO of another camera; repeatable.")
def meter(as_json: bool, for_iso: tuple[int, ...], **options: Any) -> None:
    """Measure the light: EV100, luminance, lux, and what to set on other cameras.

    The viewfinder on the phone has the same meter while it runs.
    """
    _run(options, as_json, for_iso, lambda light_meter, where: light_meter.read(**where))


@click.group()
def calibrate() -> None:
    """Compare what hqcam measures with what is known."""


for _command in (*calibrate_camera.COMMANDS, *calibrate_flat.COMMANDS, *calibrate_ring.COMMANDS):
    calibrate.add_command(_command)
calibrate.add_command(backfocus)


@calibrate.command("meter")
@meter_options
@click.option("--ev100", type=float, help="EV at ISO 100 that a meter you trust shows for what the camera sees.")
@click.option("--forget", is_flag=True, help="Be uncalibrated again.")
def calibrate_meter(as_json: bool, ev100: float | None, forget: bool, **options: Any) -> None:
    """Take what the camera looks at for a known light; kept for this kind of camera.

    Point camera and meter at the same evenly lit wall or grey card: hqcam meter then shows what the meter shows.
    """
    from device.errors import BadInput
    from device.meter.light_meter import check_ev100

    if (ev100 is None) != forget:
        raise BadInput("nothing to calibrate by", expected="--ev100 X, or --forget")
    if ev100 is not None:
        check_ev100(ev100)

    def act(light_meter: LightMeter, where: dict[str, Any]) -> Reading:
        if ev100 is None:
            light_meter.forget()
            return light_meter.read(**where)
        return light_meter.calibrate(ev100, **where)

    _run(options, as_json, (), act)


def _run(
    options: dict[str, Any],
    as_json: bool,
    isos: tuple[int, ...],
    act: Callable[[LightMeter, dict[str, Any]], Reading],
) -> None:
    from device.cli.interrupt import interruptible
    from device.cli.open_camera import open_session
    from device.meter.exposure_value import ISOS
    from device.meter.light_meter import LightMeter
    from device.preferences.owner_lenses import FILE, OwnerLenses
    from device.preferences.store import Preferences, default_path

    where = _where(options.pop("spot"), options.pop("f_number"))
    path = options.pop("settings") or default_path()
    exposure_us, iso = options.pop("exposure"), options.pop("iso")
    wanted = {"exposure_us": exposure_us, "gain": iso / 100 if iso is not None else None}
    preferences = Preferences(path)
    given = {name: value for name, value in wanted.items() if value is not None}
    with interruptible() as interrupt:
        with open_session(camera_choice(**options), given, interrupt=interrupt) as session:
            session.wait_settled(SETTLE_S + 3 * (exposure_us or 0) / 1e6)
            interrupt.check()
            reading = act(LightMeter(session, preferences, OwnerLenses(preferences, path.with_name(FILE))), where)
        preferences.save()
    if as_json:
        print_json(reading.as_json(isos or ISOS))
    else:
        _print(reading, isos or ISOS)


def _where(spot: str | None, f_number: float | None) -> dict[str, Any]:
    from device.errors import BadInput
    from device.meter.light_meter import spot_at

    if f_number is not None and not 0.5 <= f_number <= 128:
        raise BadInput(f"the f-number is {f_number:g}", expected="a number from 0.5 to 128, as on the aperture ring")
    if spot is None:
        return {"f_number": f_number}
    try:
        x, y, *size = (float(part) for part in spot.split(","))
        area = spot_at(x, y, *(size or [ASSISTS["spot_size"].default]))
    except (TypeError, ValueError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(f"the spot is {spot!r}", expected="x,y or x,y,size, such as 0.5,0.5,0.02") from None
    return {"area": "spot", "spot": area, "f_number": f_number}


def _print(reading: Reading, isos: tuple[int, ...]) -> None:
    from rich.console import Console
    from rich.table import Table

    from device.meter.light_meter import MOST_CLIPPED_PERCENT

    console = Console(highlight=False, soft_wrap=True)
    seen = f"{exposure_text(reading.exposure_us)}, ISO {100 * reading.gain:.0f}"
    stop = f", f/{reading.f_number:g}" if reading.f_number is not None else ""
    console.print(f"{'spot' if reading.area == 'spot' else 'whole frame'}, {seen}{stop}")
    if reading.light is None:
        console.print(f"no reading: {reading.missing}")
        return
    known = reading.calibration
    state = f"calibrated {known.at[:10]} by {known.offset_ev:+.2f} EV" if known else "not calibrated"
    found = reading.light
    console.print(
        f"[bold]EV100 {found.ev100:.1f}[/bold]   {found.luminance_cd_m2:.3g} cd/m2   "
        f"{found.illuminance_lux:.3g} lux   ({state}{', simulated' if reading.simulated else ''})"
    )
    if reading.level is not None and reading.level.clipped_percent > MOST_CLIPPED_PERCENT:
        console.print(f"{reading.level.clipped_percent:.1f} % clips: the light is brighter than that")
    table = Table("", *(f"ISO {iso}" for iso in isos), title="the same exposure elsewhere", title_justify="left")
    for row in reading.as_json(isos)["equivalents"]:
        table.add_row(f"f/{row['f_number']:g}", *row["times"])
    console.print(table)
