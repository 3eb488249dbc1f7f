"""The command line: one module for each command, found by its entry point; errors become exit codes.

Start with `main` here, the program `hqcam`. The command `serve` is in web/, as the device must not import it. Shared by
commands: `options`, `shoot_options` (for `shoot` and its drive modes in `drive`), `open_camera`, `interrupt` (signals),
`keys` (keystrokes) and `nearest` (what was mistyped). Exit codes: 0 done, 1 known failure, 2 wrong usage or input,
3 no camera. Data goes to stdout, messages to stderr. Nothing in device/ imports this room; web/ uses `options` and
`interrupt`.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from importlib.metadata import EntryPoint, entry_points

import click

from device import __version__
from device.cli.nearest import NearestGroup
from device.cli.output import write_or_fail
from device.errors import HqcamError

GROUP = "hqcam.commands"

# Before anything imports numpy. The largest matrices here are 3 x 3 by a strip of pixels. For these OpenBLAS would
# start a thread per core, which busy-wait for each other (measured with two cores: 15 % of a frame, 1 s of the start).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


class _Commands(NearestGroup):
    """Loads a command's module only when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self._entries())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = self._entries().get(cmd_name)
        if entry is None:
            return None
        try:
            command: click.Command = entry.load()
        except (ImportError, AttributeError) as error:  # files of another version
            return _incomplete(cmd_name, error)
        return command

    @staticmethod
    def _entries() -> dict[str, EntryPoint]:
        return {entry.name: entry for entry in entry_points(group=GROUP)}


def _incomplete(name: str, error: Exception) -> click.Command:
    """Give a command that says why it cannot be loaded: the list of commands and all others go on."""

    def say_so() -> None:
        remedy = "install hqcam again, over what is there"
        raise HqcamError(f"{name} cannot be loaded, the installation is not whole: {error}", remedy=remedy) from error

    anything = {"ignore_unknown_options": True, "allow_extra_args": True}
    return click.Command(name, callback=say_so, short_help="Cannot be loaded.", context_settings=anything)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="hqcam")
def hqcam() -> None:
    """The Raspberry Pi HQ Camera as a camera: viewfinder, raw files, command line."""


def main() -> None:
    """Run the command line; every known failure ends as one sentence, its remedy and an exit code.

    Output that could not be written is such a failure.
    """
    write_or_fail()
    try:
        try:
            hqcam.main(prog_name="hqcam", standalone_mode=True)
        finally:
            sys.stdout.flush()
    except HqcamError as error:
        if os.environ.get("HQCAM_DEBUG"):
            raise
        if getattr(error.__cause__, "errno", None) not in (errno.EPIPE, errno.EIO):
            say_error(error)  # head, less or a terminal that was closed needs no words
        sys.exit(error.exit_code)
    except OSError as error:
        if error.errno not in (errno.EPIPE, errno.EIO):
            raise
        sys.exit(1)  # stderr was closed


def say_error(error: HqcamError) -> None:
    """Print an error on stderr: what was found, what was expected, what to do. Silent where it is closed."""
    with suppress(OSError):
        click.echo(f"error: {error.message}", err=True)
        if error.expected:
            click.echo(f"  expected: {error.expected}", err=True)
        if error.remedy:
            click.echo(f"  hint: {error.remedy}", err=True)
