"""`hqcam bench`: the command; each measurement is in a file of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from device.cli.interrupt import interruptible
from device.cli.options import json_option, print_json

if TYPE_CHECKING:
    from web.bench.rows import Row


@click.command(short_help="Measure the viewfinder on this machine.")
@click.option(
    "--seconds", type=click.FloatRange(2, 120), default=10.0, show_default=True, help="Length of each live part."
)
@click.option(
    "--soak", type=click.FloatRange(0, 120), default=0.0, metavar="MINUTES", help="Also stream this long, for memory."
)
@click.option("--only", type=click.Choice(["analysis", "start", "live", "slow", "burst"]), help="Measure one part.")
@json_option
def bench(seconds: float, soak: float, only: str | None, as_json: bool) -> None:
    """Measure the viewfinder on this machine: analysis, start, frame rate, age, memory, burst."""
    from web.bench.rows import print_rows

    with interruptible() as interrupt:
        rows = _measure(seconds, soak, only, interrupt.check)
    if as_json:
        print_json({"rows": rows})
    else:
        print_rows(rows, "hqcam bench")


def _measure(seconds: float, soak: float, only: str | None, check: Callable[[], None]) -> list[Row]:
    """Measure one part, or all; `check` is called about every second, and raises when Ctrl-C was pressed."""
    from web.bench import ffmpeg, live, start
    from web.bench.analysis import measure_analysis

    rows: list[Row] = []
    if only in (None, "analysis"):
        click.echo("analysis of one frame ...", err=True)
        if not ffmpeg.is_there():
            click.echo("ffmpeg is not installed: nothing to compare with (apt install ffmpeg)", err=True)
        rows += measure_analysis(check)
    if only in (None, "start"):
        click.echo("start ...", err=True)
        rows += start.measure_start(check)
    if only in (None, "live"):
        click.echo(f"live view, {seconds:g} s ...", err=True)
        rows += live.measure_live(seconds, soak_minutes=soak, check=check)
    if only in (None, "slow"):
        click.echo("slow reader beside a fast one, 15 s ...", err=True)
        rows += live.measure_slow_reader(check)
    if only in (None, "burst"):
        from web.bench.burst import measure_burst

        click.echo("burst of 30 raw frames ...", err=True)
        rows += measure_burst(check=check)
    return rows
