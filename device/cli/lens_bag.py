"""`hqcam lens edit`, `duplicate`, `remove`, `import`, `export`, `code`: the lenses of the owner, and coded ones."""

from __future__ import annotations

import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from device.cli.lens_file import opened, print_lenses, warn_of_file
from device.cli.options import json_option, print_json, settings_option

TEXTS = ("maker", "model", "mount", "adapter", "serial", "notes", "source")


@click.command(short_help="Change what is said of a lens.")
@click.argument("words", nargs=-1, required=True)
@click.option("--set", "values", multiple=True, metavar="FIELD=VALUE", required=True, help="For instance serial=351.")
@settings_option
def edit(words: tuple[str, ...], values: tuple[str, ...], settings: Path | None) -> None:
    """Change fields of a lens: adapter, serial, notes, closest_m, f_stops=2,2.8,4 and all others; empty forgets.

    A lens of the catalogue becomes yours by that, under the same id, until you remove it.
    """
    from device.lenses.profiles import profile_of

    with opened(settings) as (lenses, _):
        lens = lenses.find(" ".join(words))
        changed = lenses.change(lens.id, profile_of({**asdict(lens), **dict(map(_value, values))}))
    click.echo(f"changed {changed.id}")


def _value(text: str) -> tuple[str, Any]:
    """Read FIELD=VALUE; the profile says what is wrong with a value that it cannot have."""
    name, separator, value = text.partition("=")
    if not separator:
        raise click.UsageError(f"--set {text}: there is no =, as in --set serial=3512345")
    if name in TEXTS or value == "":
        return name, value
    listed = f"[{value}]" if name == "f_stops" and not value.startswith("[") else value
    try:
        return name, tomllib.loads(f"value = {listed}")["value"]
    except ValueError:
        return name, value


@click.command(short_help="Copy a lens into your file.")
@click.argument("words", nargs=-1, required=True)
@settings_option
def duplicate(words: tuple[str, ...], settings: Path | None) -> None:
    """Copy a lens of yours, or of the catalogue, into your file under an id of its own."""
    with opened(settings) as (lenses, _):
        added = lenses.duplicate(lenses.find(" ".join(words)).id)
    click.echo(f"added {added.id}")


@click.command(short_help="Take a lens out of your file.")
@click.argument("words", nargs=-1, required=True)
@settings_option
def remove(words: tuple[str, ...], settings: Path | None) -> None:
    """Take a lens out of your file; one of the catalogue that you changed is as it was then."""
    with opened(settings) as (lenses, _):
        gone = lenses.remove(lenses.find(" ".join(words)).id)
    click.echo(f"removed {gone.id}")


@click.command("import", short_help="Add the lenses of another file.")
@click.argument("file", type=click.Path(path_type=Path))
@settings_option
@json_option
def import_(as_json: bool, file: Path, settings: Path | None) -> None:
    """Add the lenses of another lens file to yours, all or none; those that are here already are not added again."""
    from device.errors import BadInput
    from device.preferences.owner_lenses import MAX_BYTES
    from device.stored import read_bounded

    try:
        text = read_bounded(file, MAX_BYTES).decode()
    except (OSError, ValueError) as error:
        raise BadInput(f"{file} cannot be read: {error}", expected="a lens file: text in UTF-8") from error
    with opened(settings) as (lenses, _):
        added = lenses.import_text(text)
    if as_json:
        print_json({"added": [asdict(lens) for lens in added]})
    else:
        click.echo(f"added {', '.join(lens.id for lens in added)}" if added else "all of them are here already")


@click.command(short_help="Print your lenses, or named ones, as a lens file.")
@click.argument("ids", nargs=-1)
@settings_option
def export(ids: tuple[str, ...], settings: Path | None) -> None:
    """Print your lenses as a file that `hqcam lens import` reads; with IDS, those, of yours or of the catalogue."""
    with opened(settings) as (lenses, _):
        warn_of_file(lenses)
        click.echo(lenses.export_text(ids or None), nl=False)


@click.command(short_help="Find a coded Leica M lens by its six dots.")
@click.argument("dots")
@settings_option
@json_option
def code(as_json: bool, dots: str, settings: Path | None) -> None:
    """Find the lenses with six dots: 1 for a black one and 0 for a white one, as in 100001.

    Dots that are read from their other end are another number: lenses that those would mean are told too.
    """
    from device.lenses.six_bit import coded, reversed_code, six_bits

    number = six_bits(dots)
    with opened(settings) as (lenses, _):
        warn_of_file(lenses)
        every = lenses.profiles()
    found, other = coded(every, number), coded(every, reversed_code(number))
    if as_json:
        print_json({"code": number, "lenses": [p.id for p in found], "from_other_end": [p.id for p in other]})
        return
    if found:
        print_lenses(found)
    else:
        click.echo(f"no lens is known of code {number}")
    if other and reversed_code(number) != number:
        click.echo(f"read from the other end: {', '.join(p.name for p in other)}")


COMMANDS = (edit, duplicate, remove, import_, export, code)
