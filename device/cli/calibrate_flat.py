"""`hqcam calibrate flat`: the shading of a lens at one stop, for the DNG of each shot with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from device.cli.calibrate_camera import PAPER, progress, step
from device.cli.options import camera_choice, camera_options, json_option, print_json, settings_option

if TYPE_CHECKING:
    from device.preferences.owner_flats import Flat, OwnerFlats
    from device.preferences.owner_lenses import ChosenLens

USES = ("off", "colour", "full")  # a copy, as that of sample forms; a test compares it


@click.command("flat", short_help="Measure the shading of a lens at a stop.")
@click.option("--lens", "words", metavar="WORDS", help="Which lens.  [default: the one on the camera]")
@click.option("--f", "f_number", type=float, metavar="N", help="Its stop.  [default: of the lens on the camera]")
@click.option("--mm", "focal_mm", type=float, metavar="MM", help="Where a zoom stands.")
@click.option(
    "--use",
    type=click.Choice(USES),
    help="colour: take the tint away and leave the vignette. full: even out both. off: neither.  [default: colour]",
)
@click.option("--forget", is_flag=True, help="Keep the flat of this lens and stop no more.")
@click.option("--list", "listed", is_flag=True, help="List those that are kept.")
@settings_option
@camera_options
@json_option
def calibrate_flat(
    as_json: bool,
    words: str | None,
    f_number: float | None,
    focal_mm: float | None,
    use: str | None,
    forget: bool,
    listed: bool,
    settings: Path | None,
    **camera: Any,
) -> None:
    """Measure how light and colour fall off towards the corners, with white paper before the lens.

    The DNG of every shot with this lens at this stop then asks the raw converter to even it out (GainMap); its samples
    stay as they are. With --use alone, a flat that is kept is used otherwise from then on.
    """
    from rich.console import Console

    from device.calibrate.flat_run import measure_flat
    from device.calibration.profile import Camera
    from device.cli.interrupt import interruptible
    from device.cli.open_camera import open_session
    from device.preferences.owner_flats import FILE, Flat, OwnerFlats
    from device.preferences.store import default_path

    path = settings or default_path()
    kept = OwnerFlats(path.with_name(FILE))
    if listed:
        _show(kept.all(), kept, as_json)
        return
    lens = _lens(path, words, f_number, focal_mm)
    stop = lens.f_number
    assert stop is not None
    fits = [flat for flat in kept.all() if flat.is_for(lens.profile.id, stop, lens.zoomed_mm, flat.camera)]
    if forget or (use is not None and fits):
        _change(kept, fits, use, as_json)
        return
    console = Console(stderr=True, highlight=False)
    with interruptible() as interrupt:
        with open_session(camera_choice(**camera), interrupt=interrupt) as session:
            found: list[Flat] = []

            def work() -> None:
                field = measure_flat(session, tell=progress(console), ended=lambda: interrupt.requested)
                at = session.owner_clock.now().local.isoformat(timespec="seconds")
                camera_now = Camera.of(session.info())
                chosen: Any = use or "colour"
                found.append(Flat(lens.profile.id, stop, lens.zoomed_mm, camera_now, at, field, chosen))

            step(work, PAPER, interrupt, console, session)
        interrupt.check()
        kept.put(found[0])
    _show(found, kept, as_json)


def _lens(path: Path, words: str | None, f_number: float | None, focal_mm: float | None) -> ChosenLens:
    """Give the lens that is meant, at its stop. Raises BadInput."""
    from device.errors import BadInput
    from device.preferences.owner_lenses import FILE, ChosenLens, OwnerLenses
    from device.preferences.store import Preferences

    lenses = OwnerLenses(Preferences(path), path.with_name(FILE))
    chosen = lenses.chosen()
    if words is None and chosen is None:
        raise BadInput("no lens is chosen", expected='--lens "words of its name"', remedy="hqcam lens WORDS --f N")
    profile = lenses.find(words or "") if words is not None or chosen is None else chosen.profile
    if chosen is not None and chosen.profile == profile:
        f_number = chosen.f_number if f_number is None else f_number
        focal_mm = chosen.zoomed_mm if focal_mm is None else focal_mm
    if f_number is None:
        raise BadInput("the stop is not known", expected="--f N, as on the aperture ring")
    profile.fitted(f_number, focal_mm)
    return ChosenLens(profile, f_number, focal_mm if profile.focal_long_mm is not None else None)


def _change(kept: OwnerFlats, fits: list[Flat], use: Any, as_json: bool) -> None:
    from device.errors import BadInput

    if not fits:
        raise BadInput("there is no flat of this lens at this stop", expected="one of hqcam calibrate flat --list")
    for flat in fits:
        if use is None:
            kept.forget(flat)
    _show([] if use is None else [kept.use(flat, use) for flat in fits], kept, as_json)


def _show(flats: Any, kept: OwnerFlats, as_json: bool) -> None:
    for sentence in kept.notices.list():
        click.echo(sentence, err=True)
    if as_json:
        print_json({"flats": [_as_json(flat) for flat in flats]})
        return
    for flat in flats:
        facts = _as_json(flat)
        at = f" at {flat.focal_mm:g} mm" if flat.focal_mm is not None else ""
        click.echo(
            f"{flat.lens}{at}, f/{flat.f_number:g}: corners {facts['corner_ev']:+.2f} EV, "
            f"red {facts['red_percent']:+.1f} %, blue {facts['blue_percent']:+.1f} %; used: {flat.use}"
        )


def _as_json(flat: Flat) -> dict[str, Any]:
    from dataclasses import asdict

    facts = {name: value for name, value in asdict(flat).items() if name != "field"}
    return {
        **facts,
        "corner_ev": round(flat.field.corner_ev, 3),
        "red_percent": round(100 * flat.field.tint("red"), 2),
        "blue_percent": round(100 * flat.field.tint("blue"), 2),
    }


COMMANDS = (calibrate_flat,)
