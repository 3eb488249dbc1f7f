"""`hqcam position`: where the camera stands, told once, for sunrise and sunset."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from device.cli.options import json_option, print_json, settings_option


@click.command(
    context_settings={"ignore_unknown_options": True},  # a latitude in the south begins like an option
    short_help="Tell where the camera stands, for the sun.",
)
@click.argument("latitude", type=float, required=False)
@click.argument("longitude", type=float, required=False)
@click.option("--none", "nothing", is_flag=True, help="Forget the position.")
@settings_option
@json_option
def position(
    as_json: bool, latitude: float | None, longitude: float | None, nothing: bool, settings: Path | None
) -> None:
    """Tell where the camera stands, in degrees (north and east are positive); without, print it.

    Sunrise and sunset of `hqcam shoot interval --daily` are computed from it, without a network.
    """
    from device.cli.interrupt import interruptible
    from device.errors import BadInput
    from device.preferences.position import OwnerPosition, checked_position
    from device.preferences.store import Preferences, default_path

    kept = OwnerPosition(Preferences(settings or default_path()))
    with interruptible():  # no file is half-written
        if nothing:
            kept.set(None)
        elif longitude is not None:
            kept.set(checked_position({"latitude_deg": latitude, "longitude_deg": longitude}))
        elif latitude is not None:
            raise BadInput("the longitude is missing", expected="hqcam position 52.52 13.41")
    found = kept.get()
    if as_json:
        print_json(asdict(found) if found else None)
    else:
        click.echo(f"{found.latitude_deg:g} {found.longitude_deg:g}" if found else "no position is known")
