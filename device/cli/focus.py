"""`hqcam focus`: a focus meter in the terminal, for focusing without a phone."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import click

from device.analysis.settings import ASSISTS
from device.cli.options import camera_choice, camera_options, checked_option, focus_option, json_option
from device.cli.shoot_options import SETTLE_S

if TYPE_CHECKING:
    from rich.console import RenderableType

    from device.meter.focus_meter import FocusMeter
    from device.session.session import Session
    from device.view.view import View

FRAME_TIMEOUT_S = 5.0
SCREEN_HZ = 12.0
LENS_STEP = 1.03  # chosen: a keystroke changes the distance of the simulated lens by 3 %
BARS = " ▁▂▃▄▅▆▇█"
KEYS_TEXT = "r forgets the best, q ends"
LENS_KEYS_TEXT = ", arrows turn the simulated lens"
TREND_TEXTS = {
    "waiting": "turn the ring",
    "rising": "rising: go on",
    "best": "the best so far",
    "falling": "falling",
    "passed": "passed it: come back",
}


@click.command(short_help="Show how sharp the picture is.")
@click.option("--seconds", type=click.FloatRange(0.1, 86400), help="End after this long.  [default: Ctrl-C or q ends]")
@checked_option(ASSISTS["focus_x"], "--x")
@checked_option(ASSISTS["focus_y"], "--y")
@checked_option(ASSISTS["focus_size"], "--size")
@click.option("--loupe", is_flag=True, help="Look through the loupe at the middle of the area: the full resolution.")
@focus_option(help="Focus distance of the simulated lens at the start.")
@camera_options
@json_option
def focus(
    as_json: bool,
    seconds: float | None,
    focus_x: float,
    focus_y: float,
    focus_size: float,
    loupe: bool,
    focus_m: float | None,
    **camera: Any,
) -> None:
    """Show how sharp the picture is, with the best so far. Keys: r forgets the best, q ends, arrows turn a simulated
    lens. With --json, or not in a terminal, one line a frame."""
    from device.cli.interrupt import interruptible
    from device.cli.open_camera import open_session
    from device.meter.focus_meter import FocusMeter

    meter = FocusMeter()
    area = {"focus_x": focus_x, "focus_y": focus_y, "focus_size": focus_size}
    only_score = {
        name: name == "focus_score"
        for name in ("peaking", "zebra_high", "clipping", "histogram", "raw_histogram", "focus_score")
    }
    controls = {"focus_m": focus_m} if focus_m is not None else {}
    with interruptible() as interrupt, open_session(camera_choice(**camera), controls, interrupt=interrupt) as session:
        session.set_assists({**only_score, **area})
        session.wait_settled(SETTLE_S)  # a change of exposure changes the score too
        if loupe:
            session.loupe.put(focus_x, focus_y)
        interrupt.check()
        views = _views(session, seconds, lambda: interrupt.requested)
        if as_json or not sys.stdout.isatty():
            _lines(views, meter, as_json)
        else:
            _screen(session, views, meter)
    if not as_json:
        click.echo(f"best {meter.best:.4g}")


def _views(session: Session, seconds: float | None, ended: Callable[[], bool]) -> Iterator[View]:
    """Yield each newest view until `seconds` are over or `ended()` is true (then the session is closed).

    Raises the camera's error, or CameraStalled, when no view comes.
    """
    from device.errors import CameraStalled

    end = time.monotonic() + (seconds if seconds is not None else float("inf"))
    sequence = 0
    while time.monotonic() < end:
        view = session.wait_view(sequence, FRAME_TIMEOUT_S)
        if ended():
            return
        if view is None:
            raise session.status.error or CameraStalled("the camera sends no frames")
        sequence = view.sequence
        if session.loupe.point is None or view.meta.window is not None:  # no view from before the loupe
            yield view


def _lines(views: Iterator[View], meter: FocusMeter, as_json: bool) -> None:
    for view in views:
        score, unclear = view.findings.readings.focus_score or 0.0, view.findings.readings.focus_unclear
        trend = meter.trend if unclear else meter.note(score, view.findings.readings.focus_series)
        if as_json:
            facts = {"sequence": view.sequence, "score": score, "best": meter.best, "trend": trend, "unclear": unclear}
            click.echo(json.dumps({**facts, "loupe": view.meta.window is not None}))
        elif unclear:
            click.echo(f"too {unclear} to tell")
        else:
            click.echo(f"{score:.4g} of {meter.best:.4g}: {TREND_TEXTS[trend]}")
        sys.stdout.flush()


def _screen(session: Session, views: Iterator[View], meter: FocusMeter) -> None:
    from rich.live import Live

    from device.cli.keys import Keys

    painted = 0.0
    keys_text = KEYS_TEXT + LENS_KEYS_TEXT * ("focus_m" in session.info().limits)
    with Keys() as keys, Live(auto_refresh=False, transient=True) as live:
        for view in views:
            unclear = view.findings.readings.focus_unclear
            if not unclear:
                meter.note(view.findings.readings.focus_score or 0.0, view.findings.readings.focus_series)
            if not _handle_keys(keys.pressed(), session, view, meter):
                return
            if time.monotonic() - painted >= 1 / SCREEN_HZ:
                painted = time.monotonic()
                marks = "  LOUPE" * (view.meta.window is not None) + "  SIMULATED" * view.meta.simulated
                marks += f"  TOO {unclear.upper()} TO TELL" if unclear else ""
                live.update(picture(meter, live.console.width, marks, keys_text), refresh=True)


def _handle_keys(pressed: str, session: Session, view: View, meter: FocusMeter) -> bool:
    """Act on the pressed keys; false when the command is to end."""
    if "q" in pressed:
        return False
    if "r" in pressed:
        meter.forget()
    steps = pressed.count("\x1b[C") + pressed.count("\x1b[A") - pressed.count("\x1b[D") - pressed.count("\x1b[B")
    limit = session.info().limits.get("focus_m")
    if steps and limit is not None and view.meta.lens is not None:
        asked_m = session.controls().focus_m or view.meta.lens.focus_m  # keys can be faster than frames
        metres = asked_m * LENS_STEP**steps
        session.set_controls({"focus_m": min(max(metres, limit.minimum), limit.maximum)})
    return True


def picture(meter: FocusMeter, width: int, marks: str, keys: str) -> RenderableType:
    """Give the meter as text: scores, `marks`, a bar up to the best score, the curve of the last frames, the keys."""
    from rich.text import Text

    columns = max(10, min(width, 100) - 2)
    trend = meter.trend
    newest = meter.curve[-1] if meter.curve else 0.0
    filled = round(meter.share * columns)
    colour = {"best": "bold green", "passed": "bold yellow"}.get(trend, "")
    curve = list(meter.curve)[-columns:]
    shapes = "".join(BARS[round(8 * score / meter.best)] if meter.best else " " for score in curve)
    return Text.assemble(
        (f"{newest:.4g}", "bold"),
        f"   best {meter.best:.4g}   ",
        (TREND_TEXTS[trend], colour),
        marks,
        "\n",
        ("█" * filled, colour),
        "·" * (columns - filled),
        "|\n",
        shapes,
        "\n",
        (keys, "dim"),
        "\n",
    )
