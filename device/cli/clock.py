"""`hqcam clock`: what time it is for the camera, and the times of captures corrected once it is known."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from device.cli.options import json_option, print_json, settings_option
from device.errors import BadInput

if TYPE_CHECKING:
    from device.captures.taken_times import Corrected
    from device.preferences.owner_clock import Moment

SOURCES = {
    "synchronised": "synchronised",
    "told": "told by a phone",
    "unknown": "not synchronised, and not told by a phone",
}


@click.command(short_help="Correct the times of shots that were taken at a wrong clock.")
@click.option("--correct", is_flag=True, help="Give the shots since the last start of this machine their true times.")
@click.option("--undo", is_flag=True, help="Give them the times back that they had first.")
@click.option("--shot", metavar="ID", help="Correct or undo the start of this machine at which this shot was taken.")
@click.option("--taken", metavar="TIME", help='When that shot was really taken: "2026-11-20 21:45".')
@click.option("--output", metavar="FOLDER|usb", help="Folder of the captures.  [default: ~/Pictures/hqcam]")
@settings_option
@json_option
def clock(
    as_json: bool,
    correct: bool,
    undo: bool,
    shot: str | None,
    taken: str | None,
    output: str | None,
    settings: Path | None,
) -> None:
    """Print what time it is for the camera and from where that is known, and how many shots have a wrong time.

    A Pi without a network does not know the time: the page of a phone offers it. Shots that were taken before, since
    the machine was started, can then be corrected: the times in their files change, their names do not. Those of an
    earlier start are corrected as a set by the true time of one of them: --correct --shot ID --taken TIME.
    """
    from device.captures import taken_times
    from device.captures.places import open_storage
    from device.cli.interrupt import interruptible
    from device.preferences.owner_clock import OwnerClock
    from device.preferences.store import Preferences, default_path

    if correct and undo:
        raise BadInput("--correct and --undo were given together", expected="one of them")
    if (shot is not None and not (correct or undo)) or (taken is not None) != (correct and shot is not None):
        raise BadInput(
            "--shot and --taken do not go with the rest",
            expected="--correct --shot ID --taken TIME, or --undo --shot ID",
        )
    storage, now = open_storage(output, None, form="packed"), OwnerClock(Preferences(settings or default_path())).now()
    of = now if shot is None else taken_times.moment_of(storage, shot, _moment(taken))
    done = taken_times.Corrected(0, 0)
    with interruptible() as interrupt:
        if correct or undo:
            change = taken_times.correct if correct else taken_times.undo
            with interrupt.calls(None):  # a signal ends it between two captures
                done = change(storage, of, enough=lambda: interrupt.requested)
        interrupt.check()
        _say(now, done, wrong=taken_times.to_correct(storage, now), as_json=as_json, asked=correct or undo)


def _moment(text: str | None) -> datetime | None:
    """Read a time as a person writes it; local without an offset. Raises BadInput."""
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError, OSError) as error:
        raise BadInput(f"the time {text[:40]!r} cannot be read", expected="2026-11-20 21:45, or with +01:00") from error


def _say(now: Moment, done: Corrected, *, wrong: int, as_json: bool, asked: bool) -> None:
    if as_json:
        facts: dict[str, Any] = {"time": now.local.isoformat(timespec="seconds"), "source": now.source}
        print_json({**facts, "to_correct": wrong, **({"corrections": asdict(done)} if asked else {})})
        return
    click.echo(f"{now.local:%Y-%m-%d %H:%M:%S %z}, {SOURCES[now.source]}")
    if asked:
        click.echo(f"{_captures(done.changed)} another time now")
    for capture in done.skipped:
        click.echo(f"warning: {capture} was changed by another program and is left as it is", err=True)
    if wrong and not asked:
        click.echo(f"{_captures(wrong)} a wrong time: hqcam clock --correct", err=True)


def _captures(count: int) -> str:
    return f"{count} capture{' has' if count == 1 else 's have'}"
