"""`hqcam shoot`: one shot to disk, as DNG and JPEG; with the name of a drive mode, a series."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from device.cli.nearest import NearestGroup
from device.cli.options import (
    camera_choice,
    camera_options,
    checked_option,
    control_options,
    controls_from_options,
    focus_option,
    json_option,
    print_json,
    sample_form_option,
    setting_option,
    storage_options,
)
from device.cli.shoot_options import NOT_AS_ASKED, ShootOptions, kept_preset, recipe_of, settle, shots_left
from device.settings.controls import CONTROLS
from device.settings.notation import exposure_text

if TYPE_CHECKING:
    from device.raw.dng_writer import SampleForm

MODES = ("timer", "bracket", "interval", "bulb", "burst", "precapture")


class _Modes(NearestGroup):
    """The drive modes as subcommands; their options are made from the same settings as page and API."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(MODES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in MODES:
            return None
        from device.cli.drive import mode_command

        return mode_command(cmd_name)


@click.group(
    cls=_Modes,
    invoke_without_command=True,
    subcommand_metavar="[MODE [OPTIONS]]",
    short_help="Take a shot as DNG and JPEG, or a series.",
)
@storage_options
@click.option("--preset", metavar="SLOT", help="Start from C1, C2 or C3: camera, files, drive mode. Other options win.")
@control_options
@click.option("--lens", metavar="WORDS", help="Lens for the files, as in `hqcam lens`.  [default: the chosen one]")
@setting_option(CONTROLS["f_number"], "--f-number")
@focus_option()
@sample_form_option
@setting_option(CONTROLS["files"], "--files")
@checked_option(CONTROLS["jpeg_quality"], "--quality")
@camera_options
@json_option
@click.pass_context
def shoot(
    ctx: click.Context,
    /,
    as_json: bool,
    output: str | None,
    names: str | None,
    preset: str | None,
    lens: str | None,
    sample_form: SampleForm,
    **options: Any,
) -> None:
    """Take one shot and write it as DNG and JPEG, or a series by the name of a mode (else by that of the preset).

    Exit code 4: what was taken is saved, and something is not as asked for, or a planned shot was not taken
    (stderr and the manifest say what).
    """
    given = controls_from_options(options)
    kept = kept_preset(preset)
    exposure_us = ({**kept.controls, **given} if kept else given).get("exposure_us")
    f_number = given.get("f_number")
    ctx.obj = ShootOptions(as_json, output, names, exposure_us, given, lens, f_number, sample_form, options, kept)
    mode = str(kept.drive.get("mode", "single")) if kept else "single"
    if ctx.invoked_subcommand is None and mode != "single":
        from device.cli.drive import run_mode

        run_mode(ctx.obj, mode, {})
    elif ctx.invoked_subcommand is None:
        _single(ctx.obj)


def _single(options: ShootOptions) -> None:
    """Take one shot. Ctrl-C cancels it; a shot that is already exposed is still saved and reported."""
    from device.captures.places import open_storage
    from device.captures.shot import take_shot
    from device.cli.interrupt import interruptible
    from device.cli.open_camera import open_session

    storage, recipe = open_storage(options.output, options.names, form=options.sample_form), recipe_of(options)
    camera = camera_choice(**options.camera)
    with interruptible() as interrupt, open_session(camera, options.controls, interrupt=interrupt) as session:
        settle(session, options)
        interrupt.check()
        shot = take_shot(session, storage, recipe)
    meta, lens = shot.metadata.meta, shot.metadata.lens
    files = [{"path": str(f.path), "kind": f.kind, "bytes": f.size_bytes} for f in shot.capture.files]
    if options.as_json:
        delivered = {"exposure_us": meta.exposure_us, "analogue_gain": meta.analogue_gain, "iso": meta.iso}
        print_json(
            {
                "id": shot.capture.id,
                "taken_at": shot.metadata.taken_at.isoformat(),
                "time_synchronised": shot.metadata.clock_synchronised,
                "simulated": meta.simulated,
                **delivered,
                "audit": {"verdict": shot.audit.verdict, "findings": shot.audit.findings()},
                "lens": lens.model if lens else None,
                "files": files,
                "shots_left": storage.shots_left(),
            }
        )
    else:
        for file in files:
            click.echo(file["path"])
        label = "simulated, " if meta.simulated else ""
        click.echo(f"{label}{exposure_text(meta.exposure_us)}, ISO {meta.iso}; {shots_left(storage)}", err=True)
    for finding in shot.audit.findings():
        click.echo(f"warning: {finding}", err=True)
    if shot.audit.verdict != "ok":
        sys.exit(NOT_AS_ASKED)
