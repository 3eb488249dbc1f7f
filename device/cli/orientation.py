"""`hqcam orientation`: how the camera is mounted, told once: how its picture is turned for looking at it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from device.cli.options import json_option, print_json, settings_option


@click.command(short_help="Tell how the camera is mounted, to see it upright.")
@click.argument("rotation_deg", metavar="[0|90|180|270]", type=int, required=False)
@click.option("--mirrored/--not-mirrored", default=None, help="Exchange left and right, before it is turned.")
@settings_option
@json_option
def orientation(as_json: bool, rotation_deg: int | None, mirrored: bool | None, settings: Path | None) -> None:
    """Tell by how many degrees the picture is to be turned clockwise; without, print it.

    Live view, shots and series are turned by it; a viewfinder that is running takes it over at once. The pixels stay as
    the sensor gives them: the files say how to turn them.
    """
    from device.cli.interrupt import interruptible
    from device.preferences.orientation import OwnerOrientation
    from device.preferences.store import Preferences, default_path

    preferences = Preferences(settings or default_path())
    kept = OwnerOrientation(preferences)
    given = {"rotation_deg": rotation_deg, "mirrored": mirrored}
    changes = {name: value for name, value in given.items() if value is not None}
    with interruptible():  # no file is half-written
        if changes:
            kept.change(changes)
        preferences.save()
    found = kept.get()
    if as_json:
        print_json({**asdict(found), "exif": found.exif})
    else:
        click.echo(f"{found.rotation_deg}{' mirrored' if found.mirrored else ''}")
