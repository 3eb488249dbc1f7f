"""The drive modes on the command line: options from their settings, progress in the terminal, Ctrl-C to end."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import click

from device.captures.places import open_storage
from device.cli.interrupt import Interrupt, interruptible
from device.cli.keys import Keys
from device.cli.open_camera import open_session
from device.cli.options import camera_choice, option_facts, print_json
from device.cli.shoot_options import NOT_AS_ASKED, ShootOptions, recipe_of, settle, shots_left
from device.drive.clock import Clock
from device.drive.drive import MODES, Drive, plan_text
from device.drive.progress import Progress
from device.errors import BadInput, HqcamError
from device.preferences.position import OwnerPosition
from device.preferences.store import Preferences, default_path
from device.settings.declaration import Setting

POLL_S = 0.1
METAVARS = {"number": "NUMBER", "whole": "COUNT", "time": "HH:MM", "window": "FROM..TO"}


class DriveFailed(HqcamError):
    """A series failed before its end; the shots that were saved stay."""

    code = "drive_failed"


def mode_command(name: str) -> click.Command:
    """Make the command of one mode."""
    mode = MODES[name]

    @click.pass_context
    def command(ctx: click.Context, /, **settings: Any) -> None:
        run_mode(ctx.obj, name, {key: value for key, value in settings.items() if value is not None})

    params: list[click.Parameter] = [_option(setting) for setting in mode.settings]
    return click.Command(
        name,
        params=params,
        callback=command,
        help=f"{mode.sentence} Ctrl-C ends it, and keeps it.",
        short_help=mode.sentence,
    )


def _option(setting: Setting) -> click.Option:
    flag = "--" + setting.name.removesuffix("_s").removesuffix("_ev").replace("_", "-")
    unit = f" in {setting.unit}" if setting.unit else ""
    zero = f" (0: {setting.zero})" if setting.zero else ""
    text = f"{setting.label}{unit}{zero}.  [default: {setting.default if setting.default != '' else 'none'}]"
    facts = {**option_facts(setting), "metavar": METAVARS.get(setting.kind), "help": text}
    if setting.kind == "switch":
        facts = {"is_flag": True, "default": None, "help": f"{setting.label}."}
    elif setting.kind == "choice":
        facts["type"] = click.Choice(setting.choices)
    return click.Option([flag, setting.name], **facts)


def run_mode(options: ShootOptions, name: str, settings: dict[str, Any]) -> None:
    """Take a series; what `settings` does not name is as in the preset, or the default. Raises HqcamError."""
    settings = {**options.drive_settings(name), **settings}
    position = OwnerPosition(Preferences(default_path()))
    storage, recipe = open_storage(options.output, options.names, form=options.sample_form), recipe_of(options)
    clock = Clock(wall_s=recipe.clock.unix_s)
    plan_text(name, settings, clock.wall(), position.get(), storage.shot_bytes())  # bad input opens no camera
    camera = camera_choice(**options.camera)
    with interruptible() as interrupt, open_session(camera, options.controls, interrupt=interrupt) as session:
        settle(session, options)
        with interrupt.calls(None):  # from here on a signal must not close the camera: shots are saved first
            interrupt.check()
            drive = Drive(session, storage, recipe, clock=clock, position=position.get)
            drive.settle()
            if plan := drive.plan(name, settings):
                click.echo(f"plan: {plan}", err=True)
            for warning in drive.foresee(name, settings):
                click.echo(f"warning: {warning}", err=True)
            drive.start(name, settings)
            try:
                _watch_to_the_end(drive, interrupt)
            finally:
                drive.close(keep_running=False)
            progress = drive.progress()
    manifest = next(iter(storage.root.rglob(f"{progress.id}.json")), None) if progress.id else None
    if options.as_json:
        print_json({**asdict(progress), "manifest": str(manifest) if manifest else None})
    elif manifest:
        click.echo(str(manifest))
    if progress.error is not None:
        error = progress.error
        raise DriveFailed(error["message"], expected=error["expected"], remedy=error["remedy"])
    if not options.as_json:
        missed = f", {progress.missed} missed" if progress.missed else ""
        missed += f", {progress.doubtful} of them doubtful: see the manifest" if progress.doubtful else ""
        ended = "ended: " if progress.state == "cancelled" else ""
        click.echo(f"{ended}{progress.taken} shots{missed}; {shots_left(storage)}", err=True)
    if progress.doubtful:
        click.echo(f"warning: {progress.doubtful} of {progress.taken} shots are not as asked for", err=True)
    if progress.missed:
        what = "shot was" if progress.missed == 1 else "shots were"
        why = "; ".join(f"{reason} ({shots})" for reason, shots in progress.missed_why.items())
        click.echo(f"warning: {progress.missed} {what} missed: {why or 'the manifest says why'}", err=True)
    if progress.doubtful or progress.missed:
        sys.exit(NOT_AS_ASKED)


def _watch_to_the_end(drive: Drive, interrupt: Interrupt) -> None:
    """Show the progress until the series ends, a signal comes or the terminal is closed.

    If a burst is recording then, only the recording ends. Its frames are only in memory: all are still written.
    """
    _watch_terminal(drive, lambda: interrupt.requested)
    progress = drive.progress()
    if MODES[progress.mode].triggered and progress.phase in ("recording", "saving"):
        with suppress(BadInput):  # it has ended by itself
            drive.trigger()
        _watch_terminal(drive, lambda: False)
        while drive.running:
            drive.wait(POLL_S)


def _watch_terminal(drive: Drive, ended: Callable[[], bool]) -> None:
    """Show the progress while there is a terminal; a closed terminal (EIO) is no error."""
    try:
        _watch(drive, ended)
    except OSError as error:
        if error.errno != errno.EIO:
            raise


def _watch(drive: Drive, ended: Callable[[], bool]) -> None:
    """Show the progress until the series ends or `ended()` is true: a bar in a terminal, else a line for each shot."""
    if not sys.stderr.isatty():
        taken = -1
        while drive.running and not ended():
            progress = drive.wait(POLL_S)
            if progress.taken != taken and progress.phase != "none":
                taken = progress.taken
                click.echo(_line(progress), err=True)
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(None), TextColumn("{task.fields[left]}"))
    with Keys() as keys, Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task("", total=1.0, left="")
        while drive.running and not ended():
            progress = drive.wait(POLL_S)
            share = 1 - progress.phase_left_s / progress.phase_s if progress.phase_s else None
            bars.update(bar, description=_line(progress), completed=share or 0.0, left=f"{progress.phase_left_s:.0f} s")
            if progress.phase in ("armed", "recording") and keys.pressed():
                drive.trigger()


def _line(progress: Progress) -> str:
    total = f" of {progress.total}" if progress.total else ""
    armed = {"armed": " - press a key", "recording": " - a key ends it"}.get(progress.phase, "")
    phase = "starting" if progress.phase == "none" else progress.phase
    left = f", {progress.left_s:.0f} s left" if progress.left_s else ""
    message = f" ({progress.message})" if progress.message else ""
    return f"{phase}{armed}: {progress.taken}{total}{left}{message}"
