"""`hqcam lens`: which lens is on the camera, and the lenses to choose from."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from device.cli.options import json_option, print_json, settings_option

if TYPE_CHECKING:
    from device.preferences.owner_lenses import OwnerLenses


@click.command(short_help="Choose the lens that goes into the files.")
@click.argument("words", nargs=-1)
@click.option("--f", "f_number", type=float, metavar="NUMBER", help="What its aperture ring stands at.")
@click.option("--none", "nothing", is_flag=True, help="No lens is said to be on the camera.")
@click.option("--add", nargs=4, metavar="MAKER MODEL MOUNT MM", help="Add a lens to your file, with --stops.")
@click.option("--stops", metavar="2,2.8,4", help="F-numbers on the ring of the lens that is added, the widest first.")
@click.option("--file", "show_file", is_flag=True, help="Print where your lens file is; make it if it is not there.")
@settings_option
@json_option
def lens(
    as_json: bool,
    words: tuple[str, ...],
    f_number: float | None,
    nothing: bool,
    add: tuple[str, str, str, str] | None,
    stops: str | None,
    show_file: bool,
    settings: Path | None,
) -> None:
    """Choose the lens that goes into the files, by its id or by words of its name; without, list all.

    A viewfinder that is running takes it over at once.
    """
    from device.cli.interrupt import interruptible
    from device.preferences.owner_lenses import FILE, OwnerLenses
    from device.preferences.store import Preferences, default_path

    path = settings or default_path()
    preferences = Preferences(path)
    lenses = OwnerLenses(preferences, path.with_name(FILE))
    with interruptible():  # no file is half-written
        if show_file:
            click.echo(str(lenses.owner_file()))
            return
        if add:
            _add(lenses, add, stops)
        elif nothing:
            lenses.choose(None)
        elif words:
            lenses.choose(lenses.find(" ".join(words)).id, f_number)
        elif f_number is not None:
            chosen = lenses.chosen()
            lenses.choose((chosen.profile if chosen else lenses.find("")).id, f_number)
        preferences.save()
    _show(lenses, as_json, whole=not (words or nothing or f_number is not None))


def _add(lenses: OwnerLenses, add: tuple[str, str, str, str], stops: str | None) -> None:
    from device.errors import BadInput
    from device.lenses.profiles import make_profile

    maker, model, mount, focal = add
    try:
        focal_mm, f_stops = float(focal), [float(stop) for stop in (stops or "").split(",")]
    except ValueError:
        raise BadInput(
            f"{focal!r} and {stops!r} are not a focal length and f-numbers",
            expected='for instance --add Leica "Summicron-M 1:2/50" M 50 --stops 2,2.8,4,5.6,8,11,16',
        ) from None
    added = lenses.add(make_profile(maker, model, mount, focal_mm, f_stops))
    click.echo(f"added {added.id}", err=True)


def _show(lenses: OwnerLenses, as_json: bool, *, whole: bool) -> None:
    chosen = lenses.chosen()
    if lenses.problem:
        click.echo(f"warning: {lenses.problem}; the lenses that hqcam ships are used", err=True)
    if as_json:
        on = {"id": chosen.profile.id, **asdict(chosen.fitted)} if chosen else None
        print_json({"chosen": on, **({"lenses": [asdict(p) for p in lenses.profiles()]} if whole else {})})
        return
    if whole:
        _print(lenses, chosen.profile.id if chosen else "")
    stop = f" at f/{chosen.f_number:g}" if chosen and chosen.f_number is not None else ""
    click.echo(f"on the camera: {chosen.profile.maker} {chosen.profile.model}{stop}" if chosen else "no lens chosen")


def _print(lenses: OwnerLenses, chosen_id: str) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("lens", "mount", "mm", "f-stops")
    table.add_column("id", no_wrap=True)
    for p in lenses.profiles():
        stops = f"{p.f_stops[0]:g}-{p.f_stops[-1]:g}"
        style = "bold" if p.id == chosen_id else None
        table.add_row(f"{p.maker} {p.model}", p.mount, f"{p.focal_mm:g}", stops, p.id, style=style)
    Console().print(table)
