"""`hqcam lens label`: a QR code for the cap of a lens, which the phone's camera opens to choose it."""

from __future__ import annotations

import io
import socket
from pathlib import Path
from urllib.parse import quote

import click

from device.cli.lens_file import opened
from device.cli.options import settings_option

PORT = 8000
_SCALE = 8  # pixels of a picture for each square of the code


@click.command(short_help="Make a QR label for the cap of a lens.")
@click.argument("words", nargs=-1, required=True)
@click.option("--url", metavar="URL", help="Address of the viewfinder.  [default: http://THIS-MACHINE.local:8000/]")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write FILE.svg or FILE.png to print.")
@settings_option
def label(words: tuple[str, ...], url: str | None, output: Path | None, settings: Path | None) -> None:
    """Make a QR code that opens the page with this lens on the camera; without --output, print it here.

    A label lasts: the address is the machine's name in the network, which stays where its number changes.
    """
    import segno

    from device.atomic import write_atomically
    from device.errors import BadInput

    base = url or f"http://{socket.gethostname().split('.')[0]}.local:{PORT}/"
    if not base.startswith(("http://", "https://")) or any(part in base for part in "?# "):
        raise BadInput(f"{base[:80]!r} is no address of a viewfinder", expected="http://hqcam.local:8000/")
    with opened(settings) as (lenses, _):
        lens = lenses.find(" ".join(words))
    address = f"{base.rstrip('/')}/?lens={quote(lens.id)}"
    code = segno.make(address, micro=False, error="m")
    if output is None:
        click.echo(f"{lens.name}\n{address}")
        drawn = io.StringIO()
        code.terminal(drawn, compact=True)
        click.echo(drawn.getvalue(), nl=False)
        return
    kind = output.suffix.lower()
    if kind not in (".svg", ".png"):
        raise BadInput(f"a label cannot be drawn as {kind or 'a file without an ending'}", expected=".svg or .png")
    picture = io.BytesIO()
    code.save(picture, kind=kind[1:], scale=_SCALE, **({"title": lens.name} if kind == ".svg" else {}))
    write_atomically(output, [picture.getvalue()], replace=True)
    click.echo(f"{output}: {lens.name}, {address}")


COMMANDS = (label,)
