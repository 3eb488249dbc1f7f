"""`hqcam lens mount`: the adapter that a lens needs on the camera, and what a wrong one does."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from device.cli.lens_file import opened, warn_of_file
from device.cli.options import json_option, print_json, settings_option

if TYPE_CHECKING:
    from device.lenses.mounts import Adapting, WrongLength


@click.command(short_help="Tell which adapter a lens needs, and what a wrong one does.")
@click.argument("words", nargs=-1)
@click.option("--adapter", "length_mm", type=float, metavar="MM", help="Length of your adapter, flange to flange.")
@click.option("--ring/--no-ring", default=True, show_default=True, help="It sits on the camera's C-CS ring.")
@settings_option
@json_option
def mount(as_json: bool, words: tuple[str, ...], length_mm: float | None, ring: bool, settings: Path | None) -> None:
    """Tell the flange distance of a lens, the adapter that it needs on the HQ camera, and what a wrong length does.

    Without words, of the lens that is on the camera. Distances are from the lens, of a thin lens's formulas.
    """
    from device.errors import BadInput
    from device.lenses.mounts import adapting

    with opened(settings) as (lenses, _):
        warn_of_file(lenses)
        chosen = lenses.chosen()
        if not words and chosen is None:
            raise BadInput("no lens is chosen", expected="words of its name, as in hqcam lens mount planar 2/50")
        profile = lenses.find(" ".join(words)) if words or chosen is None else chosen.profile
    found = adapting(profile, length_mm, ring=ring)
    if as_json:
        print_json({"lens": asdict(profile), **asdict(found)})
        return
    click.echo(f"{profile.name}  ({profile.mount}, {profile.focal_text} mm)")
    for name, text in lines(found):
        click.echo(f"  {name:<18}{text}")


def lines(a: Adapting) -> list[tuple[str, str]]:
    """Give names and figures for people."""
    if a.flange_mm is None or a.ring_mm is None or a.cs_mm is None:
        none = "screwed in until it is sharp: this mount has no flange distance" if a.source else "not known"
        return [("adapter", none)]
    rows = [("flange to sensor", f"{a.flange_mm:g} mm ({a.source})"), ("adapter", _adapters(a.ring_mm, a.cs_mm))]
    for name, wrong in (("0.10 mm too long", a.long), ("0.10 mm too short", a.short)):
        if wrong is not None:
            rows.append((name, _effect(wrong)))
    if a.given is not None:
        error = a.given.error_mm
        word = "right" if error == 0 else f"{abs(error):.3f} mm too {'long' if error > 0 else 'short'}"
        rows.append(("yours", word if error == 0 else f"{word}: {_effect(a.given)}"))
    return rows


def _adapters(ring_mm: float, cs_mm: float) -> str:
    if cs_mm < 0:
        return "none: such a lens would have to sit inside the camera"
    without = f"{cs_mm:.3f} mm without the C-CS ring"
    if abs(ring_mm) < 0.001:
        return "none but the C-CS ring"
    if ring_mm < 0:
        return "none, without the C-CS ring" if cs_mm < 0.001 else without
    return f"{ring_mm:.3f} mm on the C-CS ring, {without}"


def _effect(w: WrongLength) -> str:
    from device.lenses.readout import length_text as metres

    if not w.sharp:
        return "nothing is sharp at any mark"
    nearest = f"; nearest {metres(w.closest_m)}" if w.closest_m is not None else ""
    if w.farthest_m is not None:
        return f"focuses no farther than {metres(w.farthest_m)}{nearest}"
    if w.infinity_mark_m is not None:
        return f"infinity is sharp at the mark of {metres(w.infinity_mark_m)}, nothing beyond it{nearest}"
    return f"as it should be{nearest}"


COMMANDS = (mount,)
