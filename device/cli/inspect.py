"""`hqcam inspect`: the viewfinder's assists on any picture file, at the file's own resolution.

Focus alone is judged at half the size where the file has all pixels of a sensor (see `Subject.focus_size`).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from device.analysis.settings import ASSISTS, AssistSettings, merge
from device.cli.options import F, checked_option, json_option, print_json, setting_option
from device.settings.controls import CONTROLS
from device.settings.notation import exposure_text

if TYPE_CHECKING:
    import numpy as np

    from device.analysis.readings import Analysis, RawExposure
    from device.analysis.sharpness import Sharpness
    from device.analysis.subject import Subject
    from device.frame import ProcessingName
    from device.raw.decode import PictureFile

# A copy: importing the definition would load numpy for `hqcam --help`. A test checks that both are equal.
PROCESSING_NAMES = ("raw", "none", "camera", "halved", "shot", "sharp", "denoise", "jpeg")


def _level_option(flag: str, name: str, **differs: Any) -> Callable[[F], F]:
    return setting_option(ASSISTS[name], flag, metavar=ASSISTS[name].unit, **differs)


@click.command(short_help="Judge a JPEG, PNG or DNG with the assists.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--peaking", type=click.Path(path_type=Path), metavar="OUT.png", help="Write the peaking mask.")
@click.option(
    "--peaking-score",
    type=click.Path(path_type=Path),
    metavar="OUT.png",
    help="Write the sharpness of every pixel, 16 bits: (s + 1) / 3, s from -1 (noise) over 0 to 2.",
)
@click.option("--focus-score", is_flag=True, help="Print the focus score of the whole picture as the last line.")
@click.option(
    "--overlay", type=click.Path(path_type=Path), metavar="OUT.png", help="Write the picture with all overlays."
)
@checked_option(ASSISTS["peaking_sensitivity"], "--sensitivity")
@click.option(
    "--isp",
    type=click.Choice(PROCESSING_NAMES),
    help="What was done to the picture after the demosaic; halved: as camera, then 2 x 2 averaged; shot: as "
    "hqcam stores a JPEG; raw: take the samples instead.  [default: shot or jpeg for a JPEG, raw for a DNG of the HQ "
    "camera, else none]",
)
@click.option("--mtf", metavar="X,Y", help="Measure the edge at this point, shares of the sides such as 0.5,0.5.")
@_level_option("--zebra-high", "zebra_high_ire", default=ASSISTS["zebra_high_ire"].default, show_default=True)
@_level_option("--zebra-low", "zebra_low_ire", help="Level of the low zebra; off without it.")
@click.option("--zebra-band", type=(float, float), metavar="LOW HIGH", help="Levels of the band zebra, in IRE.")
@click.option("--gain", type=float, help="Analogue gain the picture was taken with.  [default: from its ISO]")
@json_option
def inspect(
    file: Path,
    peaking: Path | None,
    peaking_score: Path | None,
    focus_score: bool,
    overlay: Path | None,
    peaking_sensitivity: str,
    isp: ProcessingName | None,
    mtf: str | None,
    zebra_high_ire: float,
    zebra_low_ire: float | None,
    zebra_band: tuple[float, float] | None,
    gain: float | None,
    as_json: bool,
) -> None:
    """Read a JPEG, PNG or DNG: histogram, clipping, focus, metadata; write masks and overlays as PNG.

    --mtf measures the sharpness of a slanted edge: on the green samples of a DNG in line pairs per millimetre of the
    sensor; on other files it is that of the picture, with its tone curve and sharpening.
    """
    changes: dict[str, Any] = {
        "peaking_sensitivity": peaking_sensitivity,
        "zebra_high_ire": zebra_high_ire,
        "focus_size": 1.0,
    }
    if zebra_low_ire is not None:
        changes |= {"zebra_low": True, "zebra_low_ire": zebra_low_ire}
    if zebra_band is not None:
        low, high = zebra_band
        changes |= {"zebra_band": True, "zebra_band_low_ire": low, "zebra_band_high_ire": high}
    settings = merge(AssistSettings(), changes)
    _check_gain(gain)
    _check_outputs(peaking, overlay, peaking_score)
    point = None if mtf is None else _point(mtf)
    from device.library.assists_of_file import analyse_file

    picture, subject, analysis, sharp = analyse_file(file, settings, gain, isp)
    sharpness = None if point is None else _sharpness(picture, point)
    if peaking is not None:
        _write_mask(peaking, analysis)
    if peaking_score is not None:
        _write_png(peaking_score, _score_map(sharp, subject))
    if overlay is not None:
        _write_overlay(overlay, picture, analysis)
    report = _report(file, picture, subject, analysis) | {"audit": _audit(file, picture), "sharpness": sharpness}
    if as_json:
        print_json(report)
    else:
        _print(report)
        if focus_score:
            click.echo(f"{report['focus_score']:.9g}")


def _check_gain(gain: float | None) -> None:
    from dataclasses import replace

    from device.errors import BadControl
    from device.sensors.imx477 import IMX477
    from device.settings.declaration import check_value

    check_value(replace(CONTROLS["gain"], minimum=1, maximum=IMX477.gain_max), gain, error=BadControl)


def _check_outputs(*outputs: Path | None) -> None:
    """Refuse an output that is no PNG file, before the analysis."""
    from device.errors import BadInput

    for output in outputs:
        if output is not None and output.suffix.lower() != ".png":
            raise BadInput(f"the output {output.name} is no PNG file", expected="a name that ends in .png")


def _point(text: str) -> tuple[float, float]:
    from device.errors import BadInput

    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        raise BadInput(f"the point is {text!r}", expected="x,y as shares of the sides, such as 0.5,0.5") from None
    return x, y


def _sharpness(picture: PictureFile, point: tuple[float, float]) -> dict[str, Any]:
    from device.meter.sharpness import sharpness_of_file

    return sharpness_of_file(picture, *point).as_json()


def _score_map(sharp: Sharpness, subject: Subject) -> np.ndarray:
    """Give the sharpness of each pixel (H, W), interpolated between blocks, on the scale of `--peaking-score`."""
    import numpy as np
    from PIL import Image

    from device.analysis.passes.detail.contract import BLOCK

    signed = np.sign(sharp.squared) * np.sqrt(np.abs(sharp.squared))
    blocks = Image.fromarray((np.clip(signed, -1, 2) + 1) / 3 * 65535)
    height, width = subject.luma.shape
    side = BLOCK if subject.focus_size == (height, width) else 2 * BLOCK
    size = blocks.width * side, blocks.height * side
    pixels = np.asarray(blocks.resize(size, Image.Resampling.BILINEAR))[:height, :width]
    missing = (0, height - pixels.shape[0]), (0, width - pixels.shape[1])  # a half has no odd last row or column
    score: np.ndarray = np.rint(np.pad(pixels, missing, mode="edge")).astype(np.uint16)
    return score


def _write_mask(path: Path, analysis: Analysis) -> None:
    import numpy as np

    from device.analysis.overlay import Flag

    lit = (analysis.overlay & np.uint8(Flag.PEAKING)) != 0
    _write_png(path, lit.astype(np.uint8) * np.uint8(255))


def _write_overlay(path: Path, picture: PictureFile, analysis: Analysis) -> None:
    from device.analysis.overlay_paint import paint

    _write_png(path, paint(picture.rgb(), analysis.overlay))


def _write_png(path: Path, pixels: Any) -> None:
    import io

    from PIL import Image

    from device.atomic import write_atomically
    from device.cli.interrupt import interruptible

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=3)
    with interruptible() as interrupt:
        write_atomically(path, [buffer.getvalue()], replace=True)
        interrupt.check()


def _report(file: Path, picture: PictureFile, subject: Subject, analysis: Analysis) -> dict[str, Any]:
    from dataclasses import asdict

    values = analysis.readings
    height, width = picture.yuv.y.shape
    focus_height, focus_width = subject.focus_size
    metadata = {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in asdict(picture.metadata).items()}
    return {
        "file": str(file),
        "kind": picture.kind,
        "width": width,
        "height": height,
        "grey": picture.decoded_rgb is None,
        "bytes": picture.size_bytes,
        "metadata": metadata,
        "histogram": _summary(values.histogram) if values.histogram else None,
        "raw_clipping": asdict(values.raw_clipping) if values.raw_clipping else None,
        "raw_exposure": _raw_exposure(values.raw_exposure) if values.raw_exposure else None,
        "processing": subject.processing,
        "focus_width": focus_width,
        "focus_height": focus_height,
        "focus_halved": focus_width != width,
        "focus_score": values.focus_score,
        "focus_unclear": values.focus_unclear,
        "peaking_percent": values.peaking_percent,
        "zebra_high_percent": values.zebra_high_percent,
        "zebra_band_percent": values.zebra_band_percent,
        "zebra_low_percent": values.zebra_low_percent,
    }


def _raw_exposure(values: RawExposure) -> dict[str, Any]:
    """Give all fields, with the counts by EV."""
    from dataclasses import fields

    figures = {field.name: getattr(values, field.name) for field in fields(values)}
    return figures | {c: figures[c].tolist() for c in ("red", "green", "blue")}


def _audit(file: Path, picture: PictureFile) -> dict[str, Any] | None:
    """Check the file, and compare it with the record of its shot. None for a PNG."""
    from device.captures.shot_audit import Audit, audit_file, compared_with_record

    if picture.kind == "png":
        return None
    found = compared_with_record(audit_file(file), file)
    return {"verdict": Audit((found,)).verdict, **found.as_json()}


def _summary(histogram: Any) -> dict[str, Any]:
    """Give mean, percentiles, shares at 0 and 255 of each channel, in codes 0..255, and the counts themselves."""
    return {name: _channel(getattr(histogram, name)) for name in ("luma", "red", "green", "blue")}


def _channel(counts: Any) -> dict[str, Any]:
    import numpy as np

    total = int(counts.sum())
    running = np.cumsum(counts)
    percentiles = {f"p{p}": int(np.searchsorted(running, max(1, total * p / 100))) for p in (1, 50, 99)}
    mean = float((counts * np.arange(256)).sum() / total) if total else 0.0
    ends = {
        "at_0_percent": 100 * int(counts[0]) / max(total, 1),
        "at_255_percent": 100 * int(counts[255]) / max(total, 1),
    }
    return {"mean": round(mean, 2), **percentiles, **ends, "counts": counts.tolist()}


def _print(report: dict[str, Any]) -> None:
    grey = ", of one colour" if report["grey"] else ""
    click.echo(f"{report['file']}: {report['kind'].upper()}, {report['width']} x {report['height']}{grey}")
    for name, value in report["metadata"].items():
        if value or value == 0 and value is not False:
            text = exposure_text(value) if name == "exposure_us" else _plain(value)
            click.echo(f"  {name.replace('_', ' '):22} {text}")
    histogram = report["histogram"]
    if histogram:
        for name, channel in histogram.items():
            click.echo(
                f"  {name + ' (display)':22} mean {channel['mean']:g}, 1 % {channel['p1']}, median {channel['p50']}, "
                f"99 % {channel['p99']}, at 255: {channel['at_255_percent']:.3f} %"
            )
    clipping = report["raw_clipping"]
    if clipping:
        shares = ", ".join(f"{c} {clipping[f'{c}_percent']:.3f} %" for c in ("red", "green", "blue"))
        assumed = ", level assumed" if clipping["levels_assumed"] else ""
        click.echo(f"  {'raw clipped':22} {shares} (at {clipping['level_dn']} and above{assumed})")
    raw = report["raw_exposure"]
    if raw:
        room = "over: more than the tolerance clips" if raw["over"] else "too dark to tell"
        room = f"{raw['ettr_ev']:.2f} EV to the right" if raw["ettr_ev"] is not None else room
        assumed = ", levels assumed" if raw["levels_assumed"] else ""
        click.echo(f"  {'raw exposure':22} {room}; shadows {raw['shadow_ev']:.1f} EV above the noise floor{assumed}")
    for name in ("zebra_high_percent", "zebra_band_percent", "zebra_low_percent", "peaking_percent"):
        if report[name] is not None:
            label = name.removesuffix("_percent").replace("_", " ")
            click.echo(f"  {label + (' (display)' if 'zebra' in name else ''):22} {report[name]:.3f} %")
    if report["focus_score"] is not None:
        unclear = f" (too {report['focus_unclear']} to tell)" if report["focus_unclear"] else ""
        click.echo(f"  {'focus score':22} {report['focus_score']:.4g}{unclear}")
    if report["focus_halved"]:
        click.echo(f"  {'focus judged at':22} half size, {report['focus_width']} x {report['focus_height']}")
    if report["sharpness"] is not None:
        _print_sharpness(report["sharpness"])
    if report["audit"] is not None:
        _print_audit(report["audit"])


def _print_sharpness(found: dict[str, Any]) -> None:
    figure = f"{found['mtf50']:.4f} +- {found['mtf50_sigma']:.4f} cycles a pixel"
    if found["mtf50_lp_mm"] is not None:
        figure += f", {found['mtf50_lp_mm']:.0f} +- {found['mtf50_lp_mm_sigma']:.0f} line pairs a millimetre"
    binned = ", binned 2 x 2: no more than a binned sample shows" if found["binning"] > 1 else ""
    click.echo(f"  {'MTF50':22} {figure}{binned}")
    if found["of"] == "picture":
        click.echo(f"  {'':22} of the picture: tone curve, demosaicing and sharpening are in it; not of the lens")
    if found["diffraction_lp_mm"] is not None:
        limit = f"{found['diffraction_lp_mm']:.0f} line pairs a millimetre at f/{found['f_number']:g}"
        click.echo(f"  {'  perfect lens':22} {limit} (diffraction, 0.55 um), without the pixel")
    if found["perfect_mtf50"] is not None:
        click.echo(f"  {'  with the pixel':22} {found['perfect_mtf50']:.4f} cycles a pixel")
    if found["pixel_mtf50"] is not None:
        click.echo(f"  {'  pixel alone':22} {found['pixel_mtf50']:.4f} cycles a pixel")
    click.echo(
        f"  {'  edge':22} {found['direction']}, {found['angle_deg']:.1f} degrees to the pixels, "
        f"{found['length_px']:.0f} pixels long, contrast {100 * found['contrast']:.0f} %, at "
        f"{found['x']:.4f},{found['y']:.4f}"
    )


def _print_audit(audit: dict[str, Any]) -> None:
    click.echo(f"  {'audit':22} {audit['verdict']}")
    for check in audit["checks"]:
        mark = "" if check["verdict"] == "ok" else f"{check['verdict']}: "
        click.echo(f"  {'  ' + check['name']:22} {mark}{check['told']}")
    click.echo(f"  {'  SHA-256':22} {audit['sha256']}")


def _plain(value: Any) -> str:
    """Format a value for people: lists with commas, true as yes."""
    if isinstance(value, list | tuple):
        return ", ".join(f"{v:.4g}" if isinstance(v, float) else str(v) for v in value)
    if value is True:
        return "yes"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
