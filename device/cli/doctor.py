"""`hqcam doctor`: whether this machine can be the camera."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from device.cli.options import json_option, print_json

_STYLES = {"ok": "green", "warning": "yellow", "missing": "red"}


@click.command()
@json_option
@click.option("--output", type=click.Path(path_type=Path), help="Where pictures go (its room and speed are checked).")
@click.option("--no-write", is_flag=True, help="Do not measure the card by writing 16 MB to it.")
def doctor(as_json: bool, output: Path | None, no_write: bool) -> None:
    """Check whether this machine can be the camera."""
    from dataclasses import asdict

    from device.captures.storage import default_root
    from device.doctor import Machine, can_be_the_camera, examine

    place = output or default_root()
    while not place.exists() and place != place.parent:
        place = place.parent  # the folder is made with the first shot: the card is the same
    checks = examine(Machine(storage=place, write=not no_write))
    ready = can_be_the_camera(checks)
    if as_json:
        print_json({"ready": ready, "checks": [asdict(check) for check in checks]})
    else:
        for check in checks:
            # The word carries the state; the colour only helps.
            click.echo(f"{click.style(f'{check.state:8}', fg=_STYLES[check.state])} {check.name:13} {check.fact}")
            if check.remedy:
                click.echo(f"{'':22} -> {check.remedy}")
        click.echo("This machine can be the camera." if ready else "This machine cannot drive a real camera.")
    sys.exit(0 if ready else 1)
