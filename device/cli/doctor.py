"""`hqcam doctor`: whether this machine can be the camera."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from device.cli.options import json_option, print_json

_STYLES = {"ok": "green", "warning": "yellow", "missing": "red"}


@click.command(short_help="Check whether this machine can be the camera.")
@json_option
@click.option("--output", type=click.Path(path_type=Path), help="Where pictures go (its room and speed are checked).")
@click.option("--no-write", is_flag=True, help="Do not measure the card by writing 16 MB to it.")
def doctor(as_json: bool, output: Path | None, no_write: bool) -> None:
    """Check whether this machine can be the camera."""
    from dataclasses import asdict

    from device.captures.storage import default_root
    from device.doctor import Machine, can_be_the_camera, examine
    from device.host import existing_folder

    place = existing_folder(output or default_root())  # before the first shot the folder's parent
    findings = examine(Machine(storage=place, write=not no_write))
    ready = can_be_the_camera(findings)
    if as_json:
        print_json({"ready": ready, "checks": [asdict(found) for found in findings]})
    else:
        for found in findings:
            # The state is readable without colour.
            click.echo(f"{click.style(f'{found.state:8}', fg=_STYLES[found.state])} {found.name:13} {found.fact}")
            if found.remedy:
                click.echo(f"{'':22} -> {found.remedy}")
        click.echo("This machine can be the camera." if ready else "This machine cannot drive a real camera.")
    sys.exit(0 if ready else 1)
