"""`hqcam upload`: other places that captures are sent to, and sending now."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from device.cli.nearest import NearestGroup
from device.cli.options import json_option, print_json, settings_option, storage_options
from device.uploads.destination import FILES, KINDS, Destination, Files, Kind

if TYPE_CHECKING:
    from device.uploads.lane import Told
    from device.uploads.uploader import Uploader

SECRET_VARIABLE = "HQCAM_UPLOAD_SECRET"


@click.group(cls=NearestGroup, short_help="Send captures to WebDAV, Immich, PhotoPrism or a folder.")
def upload() -> None:
    """Send captures to other places in the background, while `hqcam serve` runs; or now, with `hqcam upload now`.

    Each file counts as sent once its checksum was compared there. The originals stay on the camera.
    """


@upload.command(short_help="Add a place to send captures to.")
@click.argument("name")
@click.argument("address")
@click.option("--kind", type=click.Choice(KINDS), default="webdav", show_default=True, help="What is at the address.")
@click.option("--user", default="", help="User name there.")
@click.option(
    "--secret",
    metavar="-",
    help=f"Password or API key: - reads a line of stdin. Without: {SECRET_VARIABLE}, or asked for on a terminal.",
)
@click.option("--files", type=click.Choice(FILES), default="all", show_default=True, help="Which files.")
@click.option("--starred", is_flag=True, help="Only captures with a star.")
@click.option("--network", "networks", multiple=True, metavar="NAME", help="Only on this network; may be repeated.")
@click.option("--everything", is_flag=True, help="The captures that are there already too.")
@click.option("--certificate", default="", metavar="SHA256", help="Trust the server's certificate of this sum.")
@click.option("--no-check", is_flag=True, help="Do not try it out first.")
@storage_options
@settings_option
def add(
    name: str,
    address: str,
    kind: Kind,
    user: str,
    secret: str | None,
    files: Files,
    starred: bool,
    networks: tuple[str, ...],
    everything: bool,
    certificate: str,
    no_check: bool,
    output: str | None,
    names: str | None,
    settings: Path | None,
) -> None:
    """Send captures to ADDRESS, a URL or a folder, and call that NAME."""
    from device.cli.interrupt import interruptible

    destination = Destination(
        name=name,
        kind=kind,
        address=address,
        user=user,
        secret=_secret(kind, user, secret),
        files=files,
        only_starred=starred,
        networks=networks,
        fingerprint=certificate.replace(":", "").lower(),
    )
    with interruptible(), _uploader(settings, output, names) as uploader:
        if not no_check:
            uploader.try_out(destination)
        uploader.add(destination, everything=everything)
    click.echo(f"Captures go to {name} while hqcam serve runs, and with hqcam upload now.", err=True)


@upload.command("list", short_help="List the places and how far they are.")
@storage_options
@settings_option
@json_option
def list_places(as_json: bool, output: str | None, names: str | None, settings: Path | None) -> None:
    """List the places, how many files they have and how many wait."""
    from device.cli.interrupt import interruptible

    with interruptible() as interrupt, _uploader(settings, output, names) as uploader:
        found = uploader.look(lambda: interrupt.requested)
    if as_json:
        print_json([_as_json(destination, told) for destination, told in found])
        return
    for destination, told in found:
        rules: list[str] = [destination.files] if destination.files != "all" else []
        rules += ["starred"] if destination.only_starred else []
        rules += [f"on {' or '.join(destination.networks)}"] if destination.networks else []
        rules += ["paused"] if destination.paused else []
        counts = f"{told.sent} sent, {told.waiting} to be sent"
        click.echo(
            f"{destination.name}  {destination.kind}  {destination.address}  {counts}  {', '.join(rules)}".rstrip()
        )


@upload.command(short_help="Send nothing to a place any more.")
@click.argument("name")
@settings_option
def remove(name: str, settings: Path | None) -> None:
    """Send nothing to NAME any more. What is there stays there."""
    from device.cli.interrupt import interruptible

    with interruptible(), _uploader(settings, None, None) as uploader:
        uploader.remove(name)


@upload.command(short_help="Send nothing to a place until it is resumed.")
@click.argument("name")
@settings_option
def pause(name: str, settings: Path | None) -> None:
    """Send nothing to NAME until `hqcam upload resume NAME`."""
    _set_paused(name, settings, paused=True)


@upload.command(short_help="Send to a paused place again.")
@click.argument("name")
@settings_option
def resume(name: str, settings: Path | None) -> None:
    """Send to NAME again."""
    _set_paused(name, settings, paused=False)


@upload.command(short_help="Send all that waits now.")
@storage_options
@settings_option
@json_option
def now(as_json: bool, output: str | None, names: str | None, settings: Path | None) -> None:
    """Send all that waits, and say what did not arrive. Rules on networks hold here too.

    The exit code is 1 where anything waits still.
    """
    from device.cli.interrupt import interruptible

    with interruptible() as interrupt, _uploader(settings, output, names) as uploader, _progress() as show:
        with interrupt.calls(uploader.close):
            uploader.send_all(show, lambda: interrupt.requested)
        found = uploader.told()
    if as_json:
        print_json([_as_json(destination, told) for destination, told in found])
    if not found:
        click.echo("There is no place to send to; hqcam upload add makes one.", err=True)
    for destination, told in found:
        _say(destination, told, to_stdout=not as_json)
    if interrupt.requested:
        raise click.Abort
    if any(told.waiting for _, told in found):
        sys.exit(1)


def _say(destination: Destination, told: Told, *, to_stdout: bool) -> None:
    if to_stdout:
        click.echo(f"{destination.name}: {told.sent} sent, {told.waiting} left, {told.state}")
    problems = [told.problem] if told.problem else []
    problems += [{**one.problem, "message": f"{one.name}: {one.problem['message']}"} for one in told.failed]
    for problem in problems:
        remedy = f" To do: {problem['remedy']}." if problem["remedy"] else ""
        click.echo(f"{destination.name}: {problem['message']}.{remedy}", err=True)


def _set_paused(name: str, settings: Path | None, *, paused: bool) -> None:
    from device.cli.interrupt import interruptible
    from device.preferences.store import default_path
    from device.uploads.destinations import Destinations, uploads_path

    with interruptible():  # no file is half-written
        Destinations(uploads_path(settings or default_path())).change(name, {"paused": paused})


def _secret(kind: Kind, user: str, given: str | None) -> str:
    from device.errors import BadInput

    if given not in (None, "-"):
        raise BadInput(
            "a secret was given on the command line, where others can read it",
            expected=f"--secret - and the secret on stdin, or the variable {SECRET_VARIABLE}",
        )
    if given == "-":
        return sys.stdin.readline().rstrip("\r\n")
    if (found := os.environ.get(SECRET_VARIABLE)) is not None:
        return found
    if kind == "folder" or (kind != "immich" and not user) or not sys.stdin.isatty():
        return ""
    asked: str = click.prompt("API key" if kind == "immich" else "Password", hide_input=True, err=True)
    return asked


@contextmanager
def _uploader(settings: Path | None, output: str | None, names: str | None) -> Iterator[Uploader]:
    from device.captures.places import open_storage
    from device.preferences.store import default_path
    from device.uploads.destinations import uploads_path
    from device.uploads.uploader import make_uploader

    storage = open_storage(output, names, form="packed")
    with closing(make_uploader(uploads_path(settings or default_path()), storage)) as uploader:
        yield uploader


@contextmanager
def _progress() -> Iterator[Any]:
    """Show what is sent on the terminal; without a terminal nothing."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("", total=None)

        def show(destination: Destination, told: Told) -> None:
            if told.file:
                said = f"{destination.name}: {told.file}, {told.waiting} left"
                progress.update(bar, description=said, completed=told.file_sent_bytes, total=told.file_bytes)

        yield show


def _as_json(destination: Destination, told: Told) -> dict[str, Any]:
    counts = {"state": told.state, "waiting": told.waiting, "sent": told.sent, "left_out": told.left_out}
    return {**destination.shown(), **counts}
