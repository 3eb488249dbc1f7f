"""`hqcam selftest`: checks the attached camera."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from device.cli.options import camera_choice, camera_options, json_option, print_json

_STYLES = {"pass": "green", "warning": "yellow", "fail": "red", "not applicable": "blue"}


@click.command(short_help="Check that the attached camera does its work.")
@click.option("--seconds", type=click.FloatRange(1, 3600), default=60, show_default=True, help="Hold the frame rate.")
@click.option("--lens-cap", is_flag=True, help="The cap is on the lens: measure the black level itself.")
@click.option(
    "--output", type=click.Path(path_type=Path), help="Folder where pictures go.  [default: ~/Pictures/hqcam]"
)
@click.option(
    "--report", type=click.Path(path_type=Path), metavar="FILE.zip", help="Write all that was found, for a bug report."
)
@click.option("--no-picture", is_flag=True, help="Leave the small picture out of the report.")
@camera_options
@json_option
def selftest(
    as_json: bool,
    seconds: float,
    lens_cap: bool,
    output: Path | None,
    report: Path | None,
    no_picture: bool,
    **camera: Any,
) -> None:
    """Check that the attached camera does what hqcam relies on. Point it at something with light and shade."""
    from contextlib import closing
    from dataclasses import asdict

    from rich.console import Console
    from rich.progress import Progress

    from device.captures.storage import Storage, default_root
    from device.cli.interrupt import interruptible
    from device.drivers.choose import driver_factory, resolve
    from device.errors import HqcamError
    from device.frame import CameraInfo, LiveFrame
    from device.selftest import CheckResult, SelfTest, passed
    from device.selftest.report_file import check_path, small_jpeg

    if report is not None:
        check_path(report)
    choice = camera_choice(**camera)
    sentence = resolve(choice)[1]
    storage = Storage(output or default_root())
    storage.prepare()
    console = Console(stderr=True)
    camera_tested = driver_factory(choice)()
    if sentence:
        console.print(sentence, highlight=False)
    results: list[CheckResult] = []
    who: CameraInfo | None = None
    pictures: list[bytes] = []
    broken: HqcamError | None = None

    def look(frame: LiveFrame) -> None:
        if report is not None and not no_picture and not pictures:
            pictures.append(small_jpeg(frame))

    bar = Progress(console=console, transient=True, disable=not console.is_terminal)
    # A signal closes the camera, which ends the running check, and all later ones.
    with interruptible() as interrupt, interrupt.calls(camera_tested.close), bar as progress:
        task = progress.add_task("opening the camera")
        run = SelfTest(
            lambda: camera_tested,
            storage.root,
            seconds,
            lens_cap,
            lambda share: progress.update(task, completed=share),
            seen=look,
        )
        progress.update(task, total=1.0)
        slowly = ", longer now: this computer is busy" if run.is_slow else ""
        console.print(
            f"{len(run.names) + 1} checks, about {run.estimated_s:.0f} s{slowly}; Ctrl-C ends it", highlight=False
        )
        try:
            with closing(run.run()) as steps:
                for step in steps:
                    if interrupt.requested:
                        break
                    if isinstance(step, CameraInfo):
                        who = step
                        if not as_json:
                            click.echo(f"{step.description}{' (simulated)' if step.simulated else ''}")
                    else:
                        results.append(step)
                        if not as_json:
                            _print(step)
                    following = run.names[len(results)] if len(results) < len(run.names) else "close"
                    progress.update(task, completed=0, description=following)
        except HqcamError as error:
            if not interrupt.requested:
                broken = error
        complete = len(results) == len(run.names) + 1
        if not complete and broken is None:
            console.print("stopped; what follows was not checked", highlight=False)
    if report is not None:
        if broken is not None:
            results.append(CheckResult("ended", "fail", broken.message, broken.remedy))
        _write_report(report, storage.root, who, results, complete, pictures)
        seen = "; look at its picture before you send it" if pictures else ""
        console.print(f"the report is {report}{seen}", highlight=False, soft_wrap=True)
    if broken is not None:
        raise broken
    success = complete and passed(results)
    if as_json:
        camera_named = {"driver": who.driver, "model": who.model, "simulated": who.simulated} if who else None
        print_json(
            {"passed": success, "complete": complete, "camera": camera_named, "checks": [asdict(r) for r in results]}
        )
    else:
        click.echo("The camera passed." if success else "Not passed." if complete else "Not complete.")
    sys.exit(0 if success else 1)


def _write_report(path: Path, captures: Path, who: Any, results: Any, complete: bool, pictures: list[bytes]) -> None:
    from device.doctor import Machine, examine
    from device.selftest.report_file import Report, write_report

    findings = examine(Machine(storage=captures, write=False))
    write_report(Report(who, results, complete, findings, pictures[0] if pictures else None), path, captures)


def _print(result: Any) -> None:
    click.echo(f"{click.style(f'{result.verdict:14}', fg=_STYLES[result.verdict])} {result.name:16} {result.measured}")
    if result.remedy:
        click.echo(f"{'':31} -> {result.remedy}")
