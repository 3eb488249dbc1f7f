"""`hqcam timelapse`: the shots of a series, or JPEGs, to a film."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from device.cli.options import checked_option, json_option, print_json
from device.film.timelapse import FILM_SETTINGS, FilmSettings

ENDINGS = (".jpg", ".jpeg")


@click.command(short_help="Make a film of a series.")
@click.argument("pictures", nargs=-1, required=True, metavar="SERIES|FILE...")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, metavar="FILM.mp4", help="The film."
)
@checked_option(FILM_SETTINGS["fps"], "--fps")
@checked_option(FILM_SETTINGS["size"], "--size")
@click.option(
    "--deflicker/--no-deflicker", default=FILM_SETTINGS["deflicker"].default, help=FILM_SETTINGS["deflicker"].help
)
@click.option(
    "--captures",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of captures that the series is in.  [default: ~/Pictures/hqcam]",
)
@click.option("--overwrite", is_flag=True, help="Replace a film that exists.")
@json_option
def timelapse(
    pictures: tuple[str, ...],
    output: Path,
    captures: Path | None,
    overwrite: bool,
    as_json: bool,
    **values: Any,
) -> None:
    """Make an H.264 film of a series (its id, or its JSON file), of folders of JPEGs or of JPEGs, in that order.

    Exposure steps and flicker are evened out; dusk and dawn stay. It needs ffmpeg. Ctrl-C leaves nothing half-made.
    """
    from device.atomic import discard, publish
    from device.cli.interrupt import interruptible
    from device.errors import BadInput
    from device.film.encoder import check_ffmpeg_there
    from device.film.timelapse import make_film

    check_ffmpeg_there()
    if output.suffix.lower() != ".mp4":
        raise BadInput(f"the film {output.name} is no MP4 file", expected="a name that ends in .mp4")
    if output.exists() and not overwrite:
        raise BadInput(f"{output} exists", remedy="choose another name, or --overwrite to replace it")
    files = _files(pictures, captures)
    with interruptible() as interrupt, _Bar() as bar:
        made = make_film(files, output, FilmSettings(**values), bar.step, lambda: interrupt.requested)
        if made is None:
            click.echo("cancelled: there is no film", err=True)
            raise click.Abort
        try:
            publish(made.temporary, output, replace=overwrite)
        except BaseException:
            discard(made.temporary)
            raise
    for path, error in made.left_out:
        click.echo(f"left out {path.name}: {error.message}", err=True)
    if as_json:
        left_out = [{"file": str(path), **error.as_json()} for path, error in made.left_out]
        print_json({"film": str(output), "frames": made.frames, "events": made.events, "left_out": left_out})
    else:
        click.echo(output)


def _files(names: tuple[str, ...], captures: Path | None) -> list[Path]:
    """Give the pictures of all that is named. Raises BadInput, NotFound."""
    from device.errors import BadInput

    found: list[Path] = []
    for name in names:
        path = Path(name)
        if path.is_dir():
            pictures = sorted(p for p in path.iterdir() if p.suffix.lower() in ENDINGS and not p.name.startswith("."))
            if not pictures:
                raise BadInput(f"the folder {path} holds no JPEGs", expected="pictures, or a folder of them")
            found += pictures
        elif path.suffix.lower() == ".json" and path.is_file():
            found += _of_manifest(path)
        elif path.exists() or path.suffix:
            found.append(path)
        else:
            found += _of_series(name, captures)
    return found


def _of_series(series_id: str, captures: Path | None) -> list[Path]:
    from device.captures.storage import default_root
    from device.drive.manifest import find_manifest

    return _of_manifest(find_manifest(captures or default_root(), series_id))


def _of_manifest(path: Path) -> list[Path]:
    """Give the pictures of the shots in a manifest that are there; each is in the folder of its own day."""
    from device.drive.manifest import read_content
    from device.errors import BadFile

    try:
        frames = read_content(path)["frames"]
    except (OSError, ValueError, json.JSONDecodeError) as error:
        raise BadFile(
            f"{path.name} is no manifest of a series: {error}", expected="the JSON file of a series"
        ) from error
    found = []
    for frame in frames:
        folders = [path.parent, path.parent.parent / str(frame.get("taken_at"))[:10]]
        there = [folder / (frame["id"] + suffix) for suffix in (".jpg", ".dng") for folder in folders]
        found += [file for file in there if file.is_file()][:1]
    if not found:
        raise BadFile(f"no shot of {path.name} is there any more", expected="the pictures beside it")
    return found


class _Bar:
    """A progress bar on the terminal; without a terminal nothing."""

    def __enter__(self) -> _Bar:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        console = Console(stderr=True)
        columns = (TextColumn("film"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=console, disable=not console.is_terminal)
        self._task = self._progress.add_task("", total=None)
        self._progress.start()
        return self

    def step(self, done: int, total: int) -> None:
        """So many of so many steps are done."""
        self._progress.update(self._task, completed=done, total=total)

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
