"""`hqcam preset`: the presets C1 to C3 of camera and assists."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import click

from device.cli.options import json_option, print_json, settings_option


@click.command(short_help="Recall or save the presets C1 to C3.")
@click.argument("slot", required=False)
@click.option("--save", is_flag=True, help="Save what is set now under the slot.")
@click.option("--name", metavar="TEXT", help="With --save: what the preset is called.")
@click.option("--forget", is_flag=True, help="Save nothing under the slot any more.")
@settings_option
@json_option
def preset(as_json: bool, slot: str | None, save: bool, name: str | None, forget: bool, settings: Path | None) -> None:
    """Set camera and assists as they were saved under a slot: C1, C2 or C3; without, list all.

    A viewfinder that is running takes it over at once, else the next one does. What the page shows, and the drive mode
    that is chosen there, are a browser's own: the page saves and recalls them too. `hqcam shoot --preset C1` shoots
    with camera, files and drive mode of a preset.
    """
    from device.cli.interrupt import interruptible
    from device.errors import BadInput
    from device.preferences.presets import OwnerPresets, checked_slot, make_preset
    from device.preferences.store import Preferences, default_path

    preferences = Preferences(settings or default_path())
    presets = OwnerPresets(preferences)
    if slot is None and (save or forget):
        raise BadInput("the slot is missing", expected="hqcam preset C1 --save")
    if (name is not None and not save) or (save and forget):
        raise BadInput("these options do not go together", expected="--save with or without --name, or --forget")
    with interruptible():  # no file is half-written
        if slot is not None and forget:
            presets.set(slot, None)
        elif slot is not None and save:
            before = presets.all()[checked_slot(slot)]
            now = {part: preferences.get(part) for part in ("controls", "assists")}
            values = {"name": before.name if before else "", "display": {}, "drive": {}, **now}
            saved = make_preset(values | ({} if name is None else {"name": name}))
            presets.set(slot, replace(saved, display=before.display, drive=before.drive) if before else saved)
        elif slot is not None:
            presets.ask(slot)
    found = presets.all()
    if as_json:
        print_json({key: asdict(kept) if kept else None for key, kept in found.items()})
        return
    for key, kept in found.items():
        if slot in (None, key):
            click.echo(f"{key}: {(kept.name or 'saved') if kept else 'nothing is saved'}")
