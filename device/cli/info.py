"""`hqcam info`: the camera, its sensor, modes, limits and capabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from device.cli.options import camera_choice, camera_options, json_option, print_json
from device.settings.notation import exposure_text

if TYPE_CHECKING:
    from rich.table import Table


@click.command(short_help="Show the camera, its modes and its limits.")
@camera_options
@json_option
def info(as_json: bool, **camera: Any) -> None:
    """Show the camera, its modes, limits and capabilities."""
    from device.cli.interrupt import interruptible
    from device.cli.open_camera import open_session
    from device.report import camera_report

    with interruptible() as interrupt, open_session(camera_choice(**camera), interrupt=interrupt) as session:
        report = camera_report(session.info(), session.mode())
        report["sensor"] = _sensor(session.sensor) if report["model"] == session.sensor.model else None
    if as_json:
        print_json(report)
    else:
        _print(report)


def _sensor(sensor: Any) -> dict[str, Any]:
    names = ("model", "active_width", "active_height", "pixel_pitch_um", "cfa", "bit_depth", "black_dn", "white_dn")
    return {name: getattr(sensor, name) for name in (*names, "assumed")}


def _print(report: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    console.print(f"[bold]{report['description']}[/bold]" + ("  (simulated)" if report["simulated"] else ""))
    sensor = report["sensor"]
    if sensor:
        console.print(
            f"sensor {sensor['model']}: {sensor['active_width']} x {sensor['active_height']}, "
            f"{sensor['pixel_pitch_um']} um pixels, {sensor['cfa']}, {sensor['bit_depth']} bit, "
            f"black {sensor['black_dn']:g}, white {sensor['white_dn']}"
            + (f"; assumed: {', '.join(sensor['assumed'])}" if sensor["assumed"] else "")
        )
    modes = Table("mode", "bits", "max fps", "exposure", title="Modes", title_justify="left")
    for mode in report["modes"]:
        mark = " *" if mode["name"] == report["mode"] else ""
        low, high = exposure_text(mode["exposure_min_us"]), exposure_text(mode["exposure_max_us"])
        modes.add_row(
            f"{mode['width']} x {mode['height']}{mark}",
            str(mode["bit_depth"]),
            f"{mode['max_fps']:g}",
            f"{low} - {high}",
        )
    console.print(modes)
    if report["limits"]:
        console.print(_limits(report["limits"]))
    for name, words in report["choices"].items():
        console.print(f"{name.replace('_', ' ')}: {', '.join(words)}")
    able = [name.replace("_", " ") for name, value in report["capabilities"].items() if value]
    console.print("can: " + (", ".join(able) or "show pictures only"))


def _limits(limits: dict[str, Any]) -> Table:
    from rich.table import Table

    table = Table("control", "from", "to", "unit", title="Controls", title_justify="left")
    for name, limit in limits.items():
        table.add_row(*_limit_row(name, limit["unit"], (limit["minimum"], limit["maximum"])))
    return table


def _limit_row(name: str, unit: str, ends: tuple[float, float]) -> tuple[str, str, str, str]:
    """Give a limit in a photographer's units: exposures as 1/125 s, the gain as ISO."""
    if name == "gain":
        low, high = (f"{100 * end:.0f}" for end in ends)
        return "ISO", low, high, ""
    if unit == "us":
        low, high = (exposure_text(end) for end in ends)
        return name.removesuffix("_us"), low, high, ""
    low, high = (f"{end:g}" for end in ends)
    return name.removesuffix("_k").removesuffix("_mm").removesuffix("_m").replace("_", " "), low, high, unit
