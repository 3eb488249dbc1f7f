"""`hqcam calibrate camera` measures the camera; `show` tells what is kept of it, `undo` goes a calibration back."""

from __future__ import annotations

import select
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from device.cli.options import camera_choice, camera_options, json_option, print_json, settings_option

if TYPE_CHECKING:
    from rich.console import Console

    from device.calibrate.camera_run import CameraRun
    from device.calibration.profile import CameraProfile
    from device.cli.interrupt import Interrupt
    from device.preferences.owner_calibrations import History, OwnerCalibrations
    from device.sensors.base import Sensor
    from device.session.session import Session

_POLL_S = 0.2
CAP = "Put the cap on the lens."
PAPER = "Take the cap off; fill the picture with white paper, evenly lit and out of focus."


@click.command("camera", short_help="Measure noise, black level, hot photosites of this camera.")
@settings_option
@camera_options
@json_option
def calibrate_camera(as_json: bool, settings: Path | None, **camera: Any) -> None:
    """Measure this camera with its cap on, then with white paper: about three minutes.

    Black level, read noise, gain, hot photosites, unequal response and dust are kept for this camera, and used from
    then on instead of the published numbers of its sensor. Enter begins each step; Ctrl-C ends it: nothing is kept.
    """
    from rich.console import Console

    from device.calibrate.camera_run import CameraRun
    from device.calibration.profile import same_sensor
    from device.cli.interrupt import interruptible
    from device.cli.open_camera import open_session

    console = Console(stderr=True, highlight=False)
    kept = _kept(settings)
    with interruptible() as interrupt:
        with open_session(camera_choice(**camera), interrupt=interrupt, calibrations=kept) as session:
            _tell(kept)
            run = CameraRun(session, tell=progress(console), ended=lambda: interrupt.requested)
            try:
                step(run.cap, CAP, interrupt, console, session)
                step(run.white, PAPER, interrupt, console, session)
            finally:
                _uncover(session, run, interrupt)
            profile = run.profile()
            published = session.measured.published
            before = kept.history(profile.camera).profile
        interrupt.check()
        kept.add(profile)
    same = same_sensor(before, profile) if before else None
    if same is False and before is not None:
        console.print(
            f"none of the hot photosites of {before.at[:10]} is hot: this is another sensor than was calibrated then"
        )
    _show(_file_name(kept, profile), kept.history(profile.camera), as_json, published, same_sensor=same)


def step(work: Callable[[], object], what: str, interrupt: Interrupt, console: Console, session: Session) -> None:
    """Have one step done; in a terminal, what is refused may be tried again."""
    from device.calibration.checks import StepRefused
    from device.cli import say_error

    by_hand = not by_itself(session)
    while True:
        if by_hand:
            console.print(f"[bold]{what}[/bold] Then press Enter.")
            _wait_for_enter(interrupt)
        else:
            console.print(f"{what} [dim](simulated: done)[/dim]")
        try:
            work()
        except StepRefused as error:
            if not by_hand or not sys.stdin.isatty():
                raise
            console.print()
            say_error(error)
        else:
            console.print()
            return


def by_itself(session: Session) -> bool:
    """Whether cap and paper come before the lens without a hand."""
    return session.info().capabilities.coverable


def answers() -> TextIO:
    """Where Enter comes from."""
    return sys.stdin


def _wait_for_enter(interrupt: Interrupt) -> None:
    from device.errors import BadInput

    stdin = answers()
    while not select.select([stdin], [], [], _POLL_S)[0]:
        interrupt.check()
    if not stdin.readline():
        raise BadInput("nobody answers", expected="Enter for each step", remedy="run it in a terminal")
    interrupt.check()


def _uncover(session: Session, run: CameraRun, interrupt: Interrupt) -> None:
    from device.errors import CameraError

    if interrupt.requested or session.status.state != "live":
        return
    try:
        run.uncover()
    except CameraError:
        return  # it went away, and what it was covered with too


def progress(console: Console) -> Callable[[int, int, str], None]:
    """Show progress: one line that changes, in a terminal; otherwise a line for each part of the work."""
    shown = ""

    def tell(done: int, of: int, what: str) -> None:
        nonlocal shown
        if console.is_terminal:
            console.print(f"  {min(done, of):>2} of {of}  {what:<40}", end="\r")
        elif what != shown:
            console.print(f"  {what}")
        shown = what

    return tell


@click.command("show", short_help="Show what is kept of your cameras.")
@settings_option
@json_option
def show(as_json: bool, settings: Path | None) -> None:
    """Show what calibrations are kept, and how they differ from the sensor's published numbers."""

    kept = _kept(settings)
    histories = kept.all()
    _tell(kept)
    if as_json:
        print_json({"cameras": [_as_json(name, history, _published(history)) for name, history in histories.items()]})
        return
    if not histories:
        click.echo("no camera was calibrated: hqcam calibrate camera")
    for name, history in histories.items():
        _print(name, history, _published(history))


@click.command("undo", short_help="Go one calibration of a camera back.")
@click.argument("name", required=False)
@click.option("--redo", is_flag=True, help="Go forward again.")
@settings_option
@json_option
def undo(as_json: bool, name: str | None, redo: bool, settings: Path | None) -> None:
    """Use the calibration before the one in use, or the published numbers; NAME as `show` tells, where there are more.

    A viewfinder that is running takes it over at once.
    """
    from device.errors import BadInput

    kept = _kept(settings)
    found = {key: history for key, history in kept.all().items() if name is None or name in key}
    _tell(kept)
    if len(found) != 1:
        raise BadInput(
            f"{len(found)} cameras are meant" if found else "no such camera was calibrated",
            expected=f"one of {', '.join(kept.all())}" if kept.all() else "a camera that was calibrated",
        )
    ((key, history),) = found.items()
    camera = history.profiles[-1].camera
    _show(key, kept.redo(camera) if redo else kept.undo(camera), as_json, _published(history))


def _kept(settings: Path | None) -> OwnerCalibrations:
    from device.preferences.owner_calibrations import FOLDER, OwnerCalibrations
    from device.preferences.store import default_path

    return OwnerCalibrations((settings or default_path()).with_name(FOLDER))


def _tell(kept: OwnerCalibrations) -> None:
    for sentence in kept.notices.list():
        click.echo(sentence, err=True)


def _file_name(kept: OwnerCalibrations, profile: CameraProfile) -> str:
    path = kept.path(profile.camera)
    return path.stem if path is not None else profile.camera.model


def _as_json(name: str, history: History, published: Sensor | None, **more: Any) -> dict[str, Any]:
    from dataclasses import asdict

    from device.calibration.difference import figures

    profile = history.profile
    told = figures(profile, published) if profile and published else []
    return {
        "name": name,
        "camera": asdict(history.profiles[-1].camera),
        "kept": len(history.profiles),
        "in_use": history.in_use,
        "profile": profile.as_json() if profile else None,
        "figures": [{**asdict(f), "percent": f.percent} for f in told],
        **more,
    }


def _show(name: str, history: History, as_json: bool, published: Sensor | None, **more: Any) -> None:
    if as_json:
        print_json(_as_json(name, history, published, **more))
    else:
        _print(name, history, published)


def _published(history: History) -> Sensor | None:
    """Give the sensor as published; None for one that is not described."""
    from device.sensors.known import sensor_named

    return sensor_named(history.profiles[-1].camera.model)


def _print(name: str, history: History, published: Sensor | None) -> None:
    from rich.console import Console
    from rich.table import Table

    from device.calibration.difference import figures

    console = Console(highlight=False, soft_wrap=True)
    camera, profile = history.profiles[-1].camera, history.profile
    simulated = " (simulated)" if camera.simulated and camera.identity != "simulated" else ""
    console.print(f"[bold]{name}[/bold]  {camera.model}, {camera.identity or 'port unknown'}{simulated}")
    if profile is None:
        console.print("the published numbers are in use; hqcam calibrate undo --redo takes the calibration again")
        return
    warm = f" at {profile.temperature_c:.0f} C" if profile.temperature_c is not None else ", temperature not told"
    console.print(
        f"calibrated {profile.at[:16].replace('T', ' ')}{warm}; {history.in_use} of {len(history.profiles)} kept"
    )
    if published is None:
        console.print(f"the sensor {camera.model} is not described: the page tells the figures while it is open")
        return
    table = Table("", "published", "measured", "", "difference")
    for figure in figures(profile, published):
        known = "" if figure.published is None else f"{figure.published:.4g}"
        by = "" if figure.percent is None else f"{figure.percent:+.1f} %"
        table.add_row(
            figure.name,
            known,
            "under half a code" if figure.measured is None else f"{figure.measured:.4g}",
            figure.unit,
            by,
        )
    console.print(table)


COMMANDS = (calibrate_camera, show, undo)
