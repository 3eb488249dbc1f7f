"""Options and value types that several commands share. Imports nothing heavy: `hqcam --help` loads it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from device.settings.controls import CONTROLS
from device.settings.declaration import Kind, Setting

if TYPE_CHECKING:
    from device.drivers.choose import CameraChoice

F = TypeVar("F", bound=Callable[..., Any])

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
settings_option = click.option(
    "--settings", type=click.Path(path_type=Path), help="Settings file.  [default: ~/.config/hqcam/settings.json]"
)


# A copy: importing the definition would load numpy for `hqcam --help`. A test checks that both are equal.
SAMPLE_FORMS = ("packed", "16-bit", "lossless")
sample_form_option = click.option(
    "--raw",
    "sample_form",
    type=click.Choice(SAMPLE_FORMS),
    default="packed",
    show_default=True,
    help="How the DNG keeps its samples. lossless: half the size, slower, needs the extra of that name.",
)


def camera_options(function: F) -> F:
    """Add the options that choose a camera; the command gets them as `camera_choice(**kwargs)` takes them."""
    decorators = (
        click.option(
            "--camera",
            default="auto",
            show_default=True,
            metavar="auto|simulated[:SENSOR]|replay:PATH|picamera2[:N]",
            help="Which camera. auto: the real one on a Raspberry Pi, elsewhere the simulated one.",
        ),
        click.option("--scene", type=click.Path(path_type=Path), help="Photograph that the simulated camera sees."),
        click.option("--depth", metavar="M|NEAR:FAR|FILE", help="Depth of the scene: a plane, a ramp, a grey picture."),
        click.option("--seed", type=int, default=0, show_default=True, help="Seed of the simulated noise."),
        click.option("--fault", metavar="SCRIPT", help="Faults of the simulated camera, e.g. unplug@5s+3s."),
        click.option(
            "--tuning",
            default="stock",
            show_default=True,
            metavar="stock|scientific|noir|FILE",
            help="How libcamera renders the real camera: its own files for the sensor, or one of yours.",
        ),
    )
    for decorate in reversed(decorators):
        function = decorate(function)
    return function


def camera_choice(
    camera: str, scene: Path | None, depth: str | None, seed: int, fault: str | None, tuning: str = "stock"
) -> CameraChoice:
    """Bundle the values of `camera_options`."""
    from device.drivers.choose import CameraChoice

    return CameraChoice(camera, scene, depth, seed, fault, tuning)


def storage_options(function: F) -> F:
    """Add the folder and the file names of captures; the command gets `output` and `names`."""
    decorators = (
        click.option(
            "--output", metavar="FOLDER|usb", help="Folder for captures, or the USB drive.  [default: ~/Pictures/hqcam]"
        ),
        click.option("--names", metavar="PATTERN", help="Names of files, from {date}, {time}, {ms} and {number}."),
    )
    for decorate in reversed(decorators):
        function = decorate(function)
    return function


class ExposureTime(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """An exposure as photographers write it: 1/125, 0.5, 2s, 8ms, 500us. Gives microseconds."""

    name = "TIME"
    _UNITS = {"": 1e6, "s": 1e6, "ms": 1e3, "us": 1.0}

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Parse the text; a number that is not positive or no number at all is a usage error."""
        if isinstance(value, float):
            return value
        match = re.fullmatch(r"\s*(?:(\d+)\s*/\s*)?(\d+(?:\.\d+)?|\.\d+)\s*(s|ms|us)?\s*", str(value))
        if match is None:
            self.fail(f"{value!r} is not an exposure time; write it like 1/125, 0.5, 2s, 8ms or 500us", param, ctx)
        numerator, number, unit = match.groups()
        seconds = float(number)
        if numerator is not None:
            seconds = float(numerator) / seconds if seconds else 0.0
        microseconds = seconds * self._UNITS[unit or ""]
        if microseconds <= 0:
            self.fail(f"{value!r} is not longer than nothing", param, ctx)
        return microseconds


def setting_option(setting: Setting, flag: str, **differs: Any) -> Callable[[F], F]:
    """Add the option of a declared setting; the command gets it under the setting's name, None when it is not given.

    `differs` are arguments of click.option that replace the declared ones. Range and choices are checked later, by the
    camera, which may offer less than is declared.
    """
    return click.option(flag, setting.name, **{**option_facts(setting), **differs})


def checked_option(setting: Setting, flag: str) -> Callable[[F], F]:
    """Add the option of a declared setting that is the same for every camera.

    Its default is shown and used, and click refuses a value out of range before the command begins.
    """
    default = {"default": setting.default, "show_default": True}
    if setting.kind == "switch":
        return setting_option(setting, flag, type=None, is_flag=True)
    kinds: dict[Kind, Any] = {
        "whole": click.IntRange(int(setting.minimum), int(setting.maximum)),
        "number": click.FloatRange(setting.minimum, setting.maximum),
        "choice": click.Choice(setting.choices),
    }
    return setting_option(setting, flag, type=kinds[setting.kind], metavar=None, **default)


def option_facts(setting: Setting) -> dict[str, Any]:
    """Give the arguments of click.option for a setting: type, choices, help."""
    kinds: dict[Kind, Any] = {"number": float, "whole": int}
    words = "|".join(f'"{word}"' if " " in word else word for word in setting.choices)
    return {"type": kinds.get(setting.kind, str), "metavar": words or None, "help": setting.help}


# Controls whose option has their own name.
SAME_NAME_OPTIONS = ("metering", "constraint", "anti_flicker", "contrast", "saturation", "sharpness", "noise_reduction")


def control_options(function: F) -> F:
    """Add the options of the controls, without the lens; `controls_from_options` reads them."""
    exposure = "Exposure time such as 1/125; without it auto exposure chooses."
    presets = ", ".join(word for word in CONTROLS["awb"].choices if word not in ("kelvin", "manual"))
    decorators = (
        setting_option(CONTROLS["exposure_us"], "--exposure", type=ExposureTime(), help=exposure),
        click.option("--iso", type=float, help="ISO, 100 x gain; without it auto exposure chooses."),
        setting_option(CONTROLS["slowest_us"], "--slowest", type=ExposureTime()),
        setting_option(CONTROLS["ev"], "--ev"),
        setting_option(CONTROLS["awb"], "--awb", metavar=None, help=f"White balance: {presets}."),
        setting_option(CONTROLS["colour_temperature_k"], "--kelvin"),
        *(setting_option(CONTROLS[name], "--" + name.replace("_", "-")) for name in SAME_NAME_OPTIONS),
    )
    for decorate in reversed(decorators):
        function = decorate(function)
    return function


def focus_option(**differs: Any) -> Callable[[F], F]:
    """Add the option of the focus distance of the simulated lens."""
    return setting_option(CONTROLS["focus_m"], "--focus", **{"metavar": "METRES", **differs})


def controls_from_options(options: dict[str, Any]) -> dict[str, Any]:
    """Remove the controls from a command's options, and give those with a value. A temperature sets `awb` to kelvin."""
    iso = options.pop("iso")
    values = {name: options.pop(name) for name in CONTROLS if name in options}
    given = {name: value for name, value in values.items() if value is not None}
    if iso is not None:
        given["gain"] = iso / 100
    if "colour_temperature_k" in given and given.setdefault("awb", "kelvin") != "kelvin":
        raise click.UsageError(f"--kelvin and --awb {given['awb']} contradict each other")
    return given


def print_json(data: Any) -> None:
    """Print one JSON document on stdout."""
    click.echo(json.dumps(data, indent=2))
