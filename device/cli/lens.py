"""`hqcam lens`: which lens is on the camera, and the lenses to choose from."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from device.cli import lens_bag, lens_label, lens_mount, lens_optics
from device.cli.lens_file import opened, print_lenses, warn_of_file
from device.cli.options import json_option, print_json, settings_option

if TYPE_CHECKING:
    from device.preferences.owner_lenses import OwnerLenses


class _Lenses(click.Group):
    """Commands by their names; anything else is for `choose`, so that `hqcam lens planar 2/50` chooses one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["choose", *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=_Lenses,
    subcommand_metavar="[WORDS]... [OPTIONS] | COMMAND ...",
    short_help="Choose the lens that goes into the files; optics, labels, your lenses.",
)
def lens() -> None:
    """Choose the lens that goes into the files, by its id or by words of its name; without, list all.

    `hqcam lens planar 2/50 --f 4` puts it on the camera; a viewfinder that is running takes it over at once.
    `hqcam lens choose --help` has all options of that.
    """


@lens.command(short_help="Put a lens on the camera (also without this word).")
@click.argument("words", nargs=-1)
@click.option("--f", "f_number", type=float, metavar="NUMBER", help="What its aperture ring stands at.")
@click.option("--mm", "focal_mm", type=float, metavar="MM", help="Where a zoom stands.")
@click.option("--none", "nothing", is_flag=True, help="No lens is said to be on the camera.")
@click.option("--add", nargs=4, metavar="MAKER MODEL MOUNT MM", help="Add a lens to your file, with --stops.")
@click.option("--stops", metavar="2,2.8,4", help="F-numbers on the ring of the lens that is added, the widest first.")
@click.option("--file", "show_file", is_flag=True, help="Print where your lens file is; make it if it is not there.")
@settings_option
@json_option
def choose(
    as_json: bool,
    words: tuple[str, ...],
    f_number: float | None,
    focal_mm: float | None,
    nothing: bool,
    add: tuple[str, str, str, str] | None,
    stops: str | None,
    show_file: bool,
    settings: Path | None,
) -> None:
    """Choose the lens that goes into the files, by its id or by words of its name; without, list all.

    A viewfinder that is running takes it over at once.
    """
    with opened(settings) as (lenses, preferences):
        if show_file:
            click.echo(str(lenses.owner_file()))
            return
        if add:
            _add(lenses, add, stops)
        elif nothing:
            lenses.choose(None)
        elif words:
            lenses.choose(lenses.find(" ".join(words)).id, f_number, focal_mm)
        elif f_number is not None or focal_mm is not None:
            chosen = lenses.chosen()
            stop = f_number if f_number is not None or chosen is None else chosen.f_number
            stands_mm = focal_mm if focal_mm is not None or chosen is None else chosen.zoomed_mm
            lenses.choose((chosen.profile if chosen else lenses.find("")).id, stop, stands_mm)
        preferences.save()
    _show(lenses, as_json, whole=not (words or nothing or f_number is not None or focal_mm is not None))


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
    warn_of_file(lenses)
    if as_json:
        on = {"id": chosen.profile.id, **asdict(chosen.fitted)} if chosen else None
        print_json({"chosen": on, **({"lenses": [asdict(p) for p in lenses.profiles()]} if whole else {})})
        return
    if whole:
        print_lenses(lenses.profiles(), chosen.profile.id if chosen else "")
    stands = f" at {chosen.zoomed_mm:g} mm" if chosen and chosen.zoomed_mm is not None else ""
    stop = f" at f/{chosen.f_number:g}" if chosen and chosen.f_number is not None else ""
    click.echo(f"on the camera: {chosen.profile.name}{stands}{stop}" if chosen else "no lens chosen")


for _command in (*lens_optics.COMMANDS, *lens_mount.COMMANDS, *lens_bag.COMMANDS, *lens_label.COMMANDS):
    lens.add_command(_command)
