"""`hqcam shoot`: one shot to disk, as DNG and JPEG."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from device.cli.options import (
    ExposureTime,
    camera_choice,
    camera_options,
    exposure_text,
    json_option,
    print_json,
    sample_form_option,
)

if TYPE_CHECKING:
    from device.raw.dng import SampleForm

SETTLE_S = 6.0  # auto exposure of a real camera takes 1-2 s from the start


@click.command()
@click.option("--output", type=click.Path(path_type=Path), help="Folder for the files.  [default: ~/Pictures/hqcam]")
@click.option("--exposure", type=ExposureTime(), help="Exposure time such as 1/125; without it auto exposure chooses.")
@click.option("--iso", type=float, help="ISO, 100 x gain; without it auto exposure chooses.")
@click.option("--ev", type=float, help="Exposure compensation in stops.")
@click.option("--awb", help="White balance: auto, incandescent, tungsten, fluorescent, indoor, daylight, cloudy.")
@click.option("--focus", type=float, metavar="METRES", help="Focus distance of the simulated lens.")
@click.option("--f-number", type=float, help="Aperture of the simulated lens.")
@sample_form_option
@camera_options
@json_option
def shoot(
    as_json: bool,
    output: Path | None,
    exposure: float | None,
    iso: float | None,
    ev: float | None,
    awb: str | None,
    focus: float | None,
    f_number: float | None,
    sample_form: SampleForm,
    **camera: Any,
) -> None:
    """Take one shot and write it as DNG and JPEG."""
    from device.cli.open_camera import open_session
    from device.shooting import Recipe, take_shot
    from device.storage import Storage, default_root

    asked = {
        "exposure_us": exposure,
        "gain": iso / 100 if iso is not None else None,
        "ev": ev,
        "awb": awb,
        "focus_m": focus,
        "f_number": f_number,
    }
    storage = Storage(output or default_root())
    storage.prepare()
    with open_session(camera_choice(**camera), {k: v for k, v in asked.items() if v is not None}) as session:
        session.wait_settled(SETTLE_S + 3 * (exposure or 0) / 1e6)
        shot = take_shot(session, storage, Recipe(form=sample_form))
    meta = shot.meta
    files = [{"path": str(f.path), "kind": f.kind, "bytes": f.size_bytes} for f in shot.capture.files]
    if as_json:
        delivered = {"exposure_us": meta.exposure_us, "analogue_gain": meta.analogue_gain, "iso": meta.iso}
        print_json(
            {
                "id": shot.capture.id,
                "taken_at": shot.taken.at.isoformat(),
                "simulated": meta.simulated,
                **delivered,
                "audit": {"verdict": shot.audit.verdict, "findings": shot.audit.findings()},
                "files": files,
            }
        )
        return
    for file in files:
        click.echo(file["path"])
    for finding in shot.audit.findings():
        click.echo(finding, err=True)
    label = "simulated, " if meta.simulated else ""
    click.echo(f"{label}{exposure_text(meta.exposure_us)}, ISO {meta.iso}", err=True)
