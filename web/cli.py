"""`hqcam serve`, `address`, `token`. Only the options are here; `web.serve` puts the parts of the server together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from device.cli.options import (
    camera_choice,
    camera_options,
    json_option,
    print_json,
    sample_form_option,
    settings_option,
    storage_options,
)

if TYPE_CHECKING:
    from device.raw.dng_writer import SampleForm
    from web.access.tokens import Tokens


@click.command()
@camera_options
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for the network.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port; 0 takes a free one."
)
@storage_options
@sample_form_option
@settings_option
@click.option(
    "--allow-host",
    multiple=True,
    metavar="NAME",
    envvar="HQCAM_ALLOW_HOSTS",
    help="Another name by which this camera is reached.  [also: HQCAM_ALLOW_HOSTS, with spaces between]",
)
@click.option(
    "--base-path",
    default="",
    metavar="/PATH",
    envvar="HQCAM_BASE_PATH",
    help="Path of the viewfinder behind a reverse proxy that does not tell it.  [also: HQCAM_BASE_PATH]",
)
@click.option(
    "--trusted-proxy",
    multiple=True,
    metavar="ADDRESS",
    envvar="HQCAM_TRUSTED_PROXIES",
    help="Whose X-Forwarded-Prefix counts, besides this machine's.  [also: HQCAM_TRUSTED_PROXIES]",
)
@click.option("--new-code", is_flag=True, help="Make a new access code; everyone let in before needs it.")
@click.option("--time-code", is_flag=True, help="Write the capture time into the simulated camera's picture.")
@click.option("--verbose", "-v", is_flag=True, help="Log more.")
def serve(
    host: str,
    port: int,
    output: str | None,
    names: str | None,
    sample_form: SampleForm,
    settings: Path | None,
    allow_host: tuple[str, ...],
    base_path: str,
    trusted_proxy: tuple[str, ...],
    new_code: bool,
    time_code: bool,
    verbose: bool,
    **camera: Any,
) -> None:
    """Serve the viewfinder to a browser."""
    from web.serve import ServeOptions, run

    run(
        ServeOptions(
            camera=camera_choice(**camera),
            host=host,
            port=port,
            output=output,
            names=names,
            sample_form=sample_form,
            settings=settings,
            allow_hosts=allow_host,
            base_path=base_path,
            proxies=trusted_proxy,
            new_code=new_code,
            time_code=time_code,
            verbose=verbose,
        )
    )


@click.command(short_help="Show the address and the access code.")
@json_option
@click.option("--host", default="0.0.0.0", show_default=True, help="Address that the viewfinder listens on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Its port.")
@settings_option
def address(as_json: bool, host: str, port: int, settings: Path | None) -> None:
    """Show where the viewfinder is: its address and access code, also as a QR code."""
    from device.preferences.store import default_path
    from web.address import announce, served_key, viewfinder_url

    key = served_key(host, port, settings or default_path())
    url = viewfinder_url(host, port)
    if as_json:
        print_json({"url": url, "code": key.code if key else None})
    else:
        announce(url, key)


@click.group(short_help="Let other programs see the picture, or read the files.")
def token() -> None:
    """Let programs see the picture that cannot type the access code: home automation, a video mixer, a 3D printer.

    A token is a secret at the end of an address. It opens /snapshot.jpg and /stream.mjpg and nothing else. One made
    with --files also opens the captures at /dav/, as a password, to read them.
    """


@token.command(short_help="Make a token and show it once.")
@click.argument("name")
@click.option("--files", is_flag=True, help="It opens the files of captures too, to read them (WebDAV).")
@settings_option
@json_option
def add(as_json: bool, name: str, files: bool, settings: Path | None) -> None:
    """Make a token called NAME and show its secret, which is not shown again."""
    from device.cli.interrupt import interruptible
    from web.access.tokens import checked_name

    with interruptible():  # no file is half-written
        secret = _tokens(settings).add(name, files=files)
    if as_json:
        print_json({"name": checked_name(name), "token": secret})
        return
    click.echo(secret)
    use = "It is the password at /dav/, with any user name." if files else "Add it to an address: "
    click.echo(f"It is not shown again. {use}" + ("" if files else f"/snapshot.jpg?token={secret}"), err=True)


@token.command("list", short_help="List the tokens.")
@settings_option
@json_option
def list_tokens(as_json: bool, settings: Path | None) -> None:
    """List the names of the tokens and when they were made."""
    found = _tokens(settings).list()
    if as_json:
        print_json([{"name": one.name, "created_at": one.created_at, "files": one.files} for one in found])
        return
    for one in found:
        click.echo(f"{one.name}  {one.created_at}  {'picture and files' if one.files else 'picture'}")


@token.command(short_help="Let nobody in with a token any more.")
@click.argument("name")
@settings_option
def revoke(name: str, settings: Path | None) -> None:
    """Let nobody in with the token NAME any more: at once, also where the viewfinder runs."""
    from device.cli.interrupt import interruptible

    with interruptible():  # no file is half-written
        _tokens(settings).revoke(name)


def _tokens(settings: Path | None) -> Tokens:
    from device.preferences.owner_clock import OwnerClock
    from device.preferences.store import Preferences, default_path
    from web.access.tokens import Tokens, tokens_path

    path = settings or default_path()
    return Tokens(tokens_path(path), unix_s=OwnerClock(Preferences(path)).unix_s)
