"""What the commands of `hqcam lens` share: the owner's lenses, opened, and lenses printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from device.lenses.profiles import LensProfile
    from device.preferences.owner_lenses import OwnerLenses
    from device.preferences.store import Preferences


@contextmanager
def opened(settings: Path | None) -> Iterator[tuple[OwnerLenses, Preferences]]:
    """Give the owner's lenses with the settings; Ctrl-C waits until no file is half-written."""
    from device.cli.interrupt import interruptible
    from device.preferences.owner_lenses import FILE, OwnerLenses
    from device.preferences.store import Preferences, default_path

    path = settings or default_path()
    preferences = Preferences(path)
    lenses = OwnerLenses(preferences, path.with_name(FILE))
    with interruptible():
        yield lenses, preferences


def warn_of_file(lenses: OwnerLenses) -> None:
    """Tell on stderr what is wrong with the owner's file, if anything is."""
    if lenses.problem:
        click.echo(f"warning: {lenses.problem}; the catalogue alone is used", err=True)


def print_lenses(profiles: Sequence[LensProfile], chosen_id: str = "") -> None:
    """Print lenses as a table; the chosen one bold."""
    from rich.console import Console
    from rich.table import Table

    table = Table("lens", "mount", "mm", "f-stops")
    table.add_column("id", no_wrap=True)
    for p in profiles:
        style = "bold" if p.id == chosen_id else None
        table.add_row(p.name, p.mount, p.focal_text, p.aperture_text, p.id, style=style)
    Console().print(table)
