"""`hqcam develop`: raw files to pictures through LibRaw, and contact sheets."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from device.cli.options import checked_option, json_option, print_json
from device.develop.settings import DEVELOP_SETTINGS, DevelopSettings, develop_settings
from device.settings.notation import exposure_text

if TYPE_CHECKING:
    from device.cli.interrupt import Interrupt
    from device.develop.batch import Task, TaskResult
    from device.develop.contact_sheet import Entry

SHEET_ENDINGS = (".jpg", ".jpeg")


@click.command(short_help="Develop raw files to JPEG or 16-bit TIFF.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE.dng...")
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Folder for the pictures.  [default: beside the raw files, named ..._developed]",
)
@checked_option(DEVELOP_SETTINGS["format"], "--format")
@checked_option(DEVELOP_SETTINGS["quality"], "--quality")
@checked_option(DEVELOP_SETTINGS["ev"], "--ev")
@checked_option(DEVELOP_SETTINGS["tone"], "--tone")
@checked_option(DEVELOP_SETTINGS["white_balance"], "--white-balance")
@checked_option(DEVELOP_SETTINGS["kelvin"], "--kelvin")
@checked_option(DEVELOP_SETTINGS["tint"], "--tint")
@checked_option(DEVELOP_SETTINGS["crop"], "--crop")
@checked_option(DEVELOP_SETTINGS["cut_left"], "--cut-left")
@checked_option(DEVELOP_SETTINGS["cut_right"], "--cut-right")
@checked_option(DEVELOP_SETTINGS["cut_top"], "--cut-top")
@checked_option(DEVELOP_SETTINGS["cut_bottom"], "--cut-bottom")
@checked_option(DEVELOP_SETTINGS["half_size"], "--half")
@click.option(
    "--contact-sheet",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="SHEET.jpg",
    help="Write pages with all pictures small, instead of the pictures.",
)
@click.option("--overwrite", is_flag=True, help="Replace pictures that exist.")
@click.option("--jobs", type=click.IntRange(1, 64), help="Pictures at a time.  [default: cores, as memory allows]")
@json_option
def develop(
    files: tuple[Path, ...],
    output: Path | None,
    contact_sheet: Path | None,
    overwrite: bool,
    jobs: int | None,
    as_json: bool,
    **values: Any,
) -> None:
    """Develop raw files (or folders of them) to JPEG or 16-bit TIFF, on all cores. Ctrl-C keeps what is whole."""
    from device.cli.interrupt import interruptible
    from device.develop.batch import default_workers
    from device.develop.picture import need_libraw

    need_libraw()
    settings = develop_settings(values)
    if contact_sheet is not None:
        settings = replace(settings, half_size=True)
    workers = jobs or default_workers()
    with interruptible() as interrupt:
        if contact_sheet is None:
            results = _pictures(files, output, settings, workers, overwrite, interrupt)
            written = [result.task.target for result in results if result.error is None]
        else:
            results, written = _sheets(files, contact_sheet, settings, workers, overwrite, interrupt)
    _report(results, written, as_json)


def _pictures(
    files: Sequence[Path],
    output: Path | None,
    settings: DevelopSettings,
    workers: int,
    overwrite: bool,
    interrupt: Interrupt,
) -> list[TaskResult]:
    from device.atomic import as_storage_error
    from device.develop.batch import develop_all, plan

    tasks = plan(files, output, settings, overwrite=overwrite)
    if output is not None:
        try:
            output.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise as_storage_error(error, output) from error
    with _progress(len(tasks)) as step:
        results = develop_all(tasks, settings, workers=workers, done=step, ended=lambda: interrupt.requested)
    _check_all_done(len(results), len(tasks))
    return results


def _sheets(
    files: Sequence[Path], path: Path, settings: DevelopSettings, workers: int, overwrite: bool, interrupt: Interrupt
) -> tuple[list[TaskResult], list[Path]]:
    from device.atomic import write_atomically
    from device.develop.batch import plan, run_all
    from device.develop.contact_sheet import COLUMNS, ROWS, Entry, page_names, sheet, shrink
    from device.develop.picture import source_metadata, thumbnail_of
    from device.errors import BadInput

    if path.suffix.lower() not in SHEET_ENDINGS:
        raise BadInput(f"the contact sheet {path.name} is no JPEG file", expected="a name that ends in .jpg")
    tasks = plan(files, None, settings, overwrite=True)
    pages = page_names(path, len(tasks))
    for page in pages:
        if page.exists() and not overwrite:
            raise BadInput(f"{page} exists", remedy="choose another name, or --overwrite to replace it")
    entries: dict[Path, Entry] = {}

    def work(task: Task) -> bool:
        entries[task.source] = entry = Entry(task.source.name, "", None)
        metadata = source_metadata(task.source)
        known = [exposure_text(metadata.exposure_us)] if metadata.exposure_us else []
        caption = ", ".join([*known, *([f"ISO {metadata.iso}"] if metadata.iso else [])])
        entries[task.source] = entry = replace(entry, caption=caption)
        entries[task.source] = replace(entry, picture=shrink(thumbnail_of(task.source, settings)))
        return True

    with _progress(len(tasks)) as step:
        results = run_all(work, tasks, workers=workers, done=step, ended=lambda: interrupt.requested)
    _check_all_done(len(results), len(tasks))
    ordered = [entries[task.source] for task in tasks]
    for number, page in enumerate(pages):
        if interrupt.requested:
            _check_all_done(number, len(pages))
        first = number * COLUMNS * ROWS
        write_atomically(page, [sheet(ordered[first : first + COLUMNS * ROWS])], replace=True)
    return results, pages


@contextmanager
def _progress(total: int) -> Iterator[Callable[[TaskResult], None]]:
    """Show a progress bar on the terminal; without a terminal nothing."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (
        TextColumn("developing"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("", total=total)
        yield lambda result: progress.update(bar, advance=1, description=result.task.source.name)


def _check_all_done(done: int, total: int) -> None:
    """Raise click.Abort, after a message with the counts, when the work was cancelled before its end."""
    if done < total:
        click.echo(f"cancelled: {done} of {total} are done, nothing is half-written", err=True)
        raise click.Abort


def _report(results: Sequence[TaskResult], written: Sequence[Path], as_json: bool) -> None:
    """Print what was written, and each failure in one line. Exit with the highest exit code of the failures, if any."""
    failed = [(result.task.source, result.error) for result in results if result.error is not None]
    if as_json:
        errors: list[dict[str, Any]] = [{"file": str(source), **error.as_json()} for source, error in failed]
        print_json({"written": [str(path) for path in sorted(written)], "failed": errors})
    else:
        for path in sorted(written):
            click.echo(path)
        for _, error in failed:
            click.echo(f"{error.message}{f': {error.remedy}' if error.remedy else ''}", err=True)
    if failed:
        sys.exit(max(error.exit_code for _, error in failed))
