"""`hqcam lens show` and `table`: what the optics of lenses come to."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from device.cli.lens_file import opened, warn_of_file
from device.cli.options import json_option, print_json, settings_option

if TYPE_CHECKING:
    from device.lenses.profiles import LensProfile
    from device.lenses.readout import Readout

_distance = click.option("--distance", "distance_m", type=float, metavar="M", help="Distance.  [default: infinity]")
_circle = click.option(
    "--coc",
    "circle",
    default="print",
    show_default=True,
    metavar="print|pixel|MICROMETRES",
    help="Blur that still is sharp: the diagonal by 1500, two pixels, or your own.",
)
# A copy: importing the definition would load numpy for `hqcam lens --help`. A test checks that both are equal.
SENSORS = ("imx477", "imx219", "imx283", "imx296", "imx585", "imx708", "ov5647")
_sensor = click.option(
    "--sensor", "model", type=click.Choice(SENSORS), default="imx477", show_default=True, help="On which sensor."
)


def _read(profile: LensProfile, model: str, circle: str, **asked: Any) -> Readout:
    from device.lenses.readout import circle_of, read_out
    from device.sensors import known

    sensor = known.SENSORS[model]
    whole = max(sensor.modes, key=lambda mode: mode.crop.width * mode.crop.height)
    return read_out(profile, whole, sensor.pixel_pitch_um, circle=circle_of(circle), **asked)


@click.command(short_help="Show what the optics of a lens come to.")
@click.argument("words", nargs=-1)
@_distance
@click.option("--f-number", type=float, metavar="N", help="F-number.  [default: of the chosen lens, else wide open]")
@click.option("--mm", "focal_mm", type=float, metavar="MM", help="Where a zoom stands.  [default: its shortest]")
@_circle
@_sensor
@settings_option
@json_option
def show(
    as_json: bool,
    words: tuple[str, ...],
    model: str,
    distance_m: float | None,
    f_number: float | None,
    focal_mm: float | None,
    circle: str,
    settings: Path | None,
) -> None:
    """Show field, depth of field, diffraction, extension and adapter of a lens on a whole sensor.

    Without words, of the lens that is on the camera. Distances are from the lens, of a thin lens's formulas.
    """
    from device.cli.lens_mount import lines as mount_lines
    from device.errors import BadInput
    from device.lenses.mounts import adapting

    with opened(settings) as (lenses, _):
        warn_of_file(lenses)
        chosen = lenses.chosen()
        if not words and chosen is None:
            raise BadInput("no lens is chosen", expected="words of its name, as in hqcam lens show planar 2/50")
        profile = lenses.find(" ".join(words)) if words or chosen is None else chosen.profile
        if chosen is not None and chosen.profile == profile:
            f_number = chosen.f_number if f_number is None else f_number
            focal_mm = chosen.zoomed_mm if focal_mm is None else focal_mm
    found = _read(profile, model, circle, f_number=f_number, focal_mm=focal_mm, distance_m=distance_m)
    if as_json:
        print_json({"lens": asdict(profile), "sensor": model, **asdict(found), "adapting": asdict(adapting(profile))})
        return
    click.echo(f"{profile.name}  ({profile.mount}, {profile.focal_text} mm, f/{profile.aperture_text})")
    for name, text in [*_lines(found), *mount_lines(adapting(profile))]:
        click.echo(f"  {name:<18}{text}")


def _lines(r: Readout) -> list[tuple[str, str]]:
    from device.lenses.readout import length_text as metres

    field, frame = r.field_deg, r.frame_m
    at = "infinity" if r.distance_m is None else metres(r.distance_m)
    near = " (nearer than it focuses)" if r.nearer_than_focus else ""
    lines = [
        ("set to", f"{r.focal_mm:g} mm, f/{r.f_number:g}, {at}{near}"),
        ("field", f"{field.width:.1f} x {field.height:.1f} degrees, diagonal {field.diagonal:.1f}"),
        ("equivalent", f"{r.equivalent_mm:.0f} mm on 36 x 24 mm, by the diagonal"),
        ("circle", f"{r.circle_um:.2f} um ({r.circle})"),
        ("hyperfocal", metres(r.hyperfocal_m)),
        ("depth of field", f"{metres(r.near_m)} to {metres(r.far_m)}, {metres(r.total_m)} deep"),
        ("diffraction", f"Airy disc {r.airy_um:.2f} um; wider than two pixels from f/{r.diffraction_f:.1f} on"),
        ("best stop", f"f/{r.best_f:g} by the two-pixel rule, which knows no aberrations"),
    ]
    if frame is not None:
        lines.insert(2, ("frame", f"{metres(frame.width)} x {metres(frame.height)}"))
        lines.append(("extension", f"{r.extension_mm:.3g} mm, scale {r.magnification:.3g}, costs {r.loss_ev:.2f} EV"))
    return lines


@click.command(short_help="Print or draw a table of the optics of your lenses.")
@_distance
@_circle
@_sensor
@click.option("--all", "every", is_flag=True, help="Of the catalogue too.")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Draw it: FILE.svg or FILE.png.")
@settings_option
@json_option
def table(
    as_json: bool,
    distance_m: float | None,
    circle: str,
    model: str,
    every: bool,
    output: Path | None,
    settings: Path | None,
) -> None:
    """Print field, equivalent, hyperfocal, depth of field and diffraction of each of your lenses, wide open."""
    from device.errors import BadInput

    with opened(settings) as (lenses, _):
        warn_of_file(lenses)
        profiles = lenses.profiles() if every else lenses.bag()
        if not profiles:
            raise BadInput(
                "no lens is yours", expected="lenses in your file, or --all", remedy="hqcam lens duplicate WORDS"
            )
        rows = [(profile, _read(profile, model, circle, distance_m=distance_m)) for profile in profiles]
        if output is not None:
            _draw(output, rows, model, distance_m)
    if as_json:
        print_json({"sensor": model, "lenses": [{"lens": asdict(p), **asdict(r)} for p, r in rows]})
    elif output is None:
        _print(rows)
    else:
        click.echo(str(output))


HEAD = ("lens", "mm", "f/", "field", "equivalent", "hyperfocal", "near", "far", "diffraction from")


def _cells(profile: LensProfile, r: Readout) -> tuple[str, ...]:
    from device.lenses.readout import length_text as metres

    field = f"{r.field_deg.width:.1f} x {r.field_deg.height:.1f}°"
    figures = (f"{r.equivalent_mm:.0f} mm", metres(r.hyperfocal_m), metres(r.near_m), metres(r.far_m))
    return profile.name, f"{r.focal_mm:g}", f"{r.f_number:g}", field, *figures, f"f/{r.diffraction_f:.1f}"


def _print(rows: list[tuple[LensProfile, Readout]]) -> None:
    from rich.console import Console
    from rich.table import Table

    printed = Table(*HEAD)
    for row in rows:
        printed.add_row(*_cells(*row))
    Console().print(printed)


def _draw(output: Path, rows: list[tuple[LensProfile, Readout]], model: str, distance_m: float | None) -> None:
    from device.atomic import write_atomically
    from device.cli.drawn_table import drawn
    from device.lenses.readout import length_text

    at = "infinity" if distance_m is None else length_text(distance_m)
    title = f"Lenses on the {model.upper()}, wide open, focused at {at}, circle {rows[0][1].circle_um:.2f} um"
    picture = drawn(output.suffix.lower(), title, HEAD, [_cells(*row) for row in rows])
    write_atomically(output, [picture], replace=True)


COMMANDS = (show, table)
