"""One declaration, many readers: the API and its description, the settings file, the command line, the page's files."""

from __future__ import annotations

import math
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import click
import jsonschema
import pytest
from flask.testing import FlaskClient
from helpers import run

from device.analysis.settings import ASSISTS, AssistSettings, PeakingSensitivity
from device.cli.develop import develop
from device.cli.drive import mode_command
from device.cli.focus import focus
from device.cli.inspect import inspect
from device.cli.options import SAME_NAME_OPTIONS, controls_from_options
from device.cli.shoot import shoot
from device.controls import keep_valid
from device.develop.settings import DEVELOP_SETTINGS, DevelopSettings
from device.drive.drive import MODES
from device.errors import HqcamError
from device.preferences.store import Preferences
from device.session.session import Session
from device.session.stored import stored_assists
from device.settings.controls import CONTROLS
from device.settings.declaration import Setting, check
from web.openapi import describe, page_settings

DESCRIPTION = describe()
STATIC = page_settings.FOLDER.parent
LEVELS = [s for s in ASSISTS.values() if s.kind == "number"]
RANGED = [s for s in CONTROLS.values() if s.kind == "number" and math.isfinite(s.maximum)]
FIGURES = [(mode.name, s) for mode in MODES.values() for s in mode.settings if s.kind in ("number", "whole")]
OPTIONS = {
    "zebra_high_ire": (inspect, "--zebra-high"),
    "zebra_low_ire": (inspect, "--zebra-low"),
    "peaking_sensitivity": (inspect, "--sensitivity"),
    "focus_x": (focus, "--x"),
    "focus_y": (focus, "--y"),
    "focus_size": (focus, "--size"),
}
CONTROL_FLAGS = {
    "exposure_us": "--exposure", "colour_temperature_k": "--kelvin", "focus_m": "--focus", "f_number": "--f-number",
    "ev": "--ev", "awb": "--awb", **{name: "--" + name.replace("_", "-") for name in SAME_NAME_OPTIONS},
}  # fmt: skip


def ends(setting: Setting) -> list[tuple[float, bool]]:
    """Both ends of the range, and the numbers just beyond; whether each may be set."""
    if setting.kind == "whole":
        beyond = (setting.minimum - 1, setting.maximum + 1)
    else:
        beyond = (math.nextafter(setting.minimum, -math.inf), math.nextafter(setting.maximum, math.inf))
    return [(setting.minimum, True), (setting.maximum, True), (beyond[0], False), (beyond[1], False)]


def described(schema: str, changes: object) -> bool:
    document = {"$ref": f"#/components/schemas/{schema}", "components": DESCRIPTION["components"]}
    return bool(jsonschema.Draft202012Validator(document).is_valid(changes))


def parsed(command: click.Command, arguments: list[str]) -> dict[str, Any] | None:
    """What a command is called with; None when click refuses it."""
    try:
        return dict(command.make_context("test", arguments).params)
    except click.UsageError:
        return None


def option(command: click.Command, flag: str) -> click.Option:
    (found,) = (p for p in command.params if isinstance(p, click.Option) and flag in p.opts)
    return found


def changes_to(name: str, value: float) -> dict[str, float]:
    """The two levels of the band go together: the lower may not be above the upper."""
    return {n: value for n in (name, name.replace("low", "high"), name.replace("high", "low")) if "band" in name} or {
        name: value
    }


@pytest.mark.parametrize("level", LEVELS, ids=lambda s: s.name)
def test_the_ends_of_an_assist_are_in_for_the_api_and_for_what_is_stored(client: FlaskClient, level: Setting) -> None:
    for value, good in ends(level):
        changes = changes_to(level.name, value)
        answer = client.patch("/api/assists", json=changes)
        assert (answer.status_code == 200) is good, value
        assert described("Assists", changes) is good, value
        if good:
            assert answer.get_json()[level.name] == value
        preferences = Preferences()
        preferences.set("assists", changes)
        assert (getattr(stored_assists(preferences), level.name) == value) is good, value


@pytest.mark.parametrize("name", [n for n in OPTIONS if ASSISTS[n].kind == "number"])
def test_the_ends_of_an_assist_are_in_for_the_command_line(name: str, tmp_path: Path) -> None:
    from click.testing import CliRunner
    from PIL import Image

    picture = tmp_path / "grey.png"
    Image.new("L", (64, 64), 90).save(picture)
    command, flag = OPTIONS[name]
    for value, good in ends(ASSISTS[name]):
        if command is focus:  # refused before the camera is opened
            given = parsed(command, [flag, repr(value)])
            assert (given is not None) is good and (given is None or given[name] == value)
        else:
            result = CliRunner().invoke(command, [str(picture), flag, repr(value), "--json"])
            assert (result.exception is None) is good, result.output
            assert good or isinstance(result.exception, HqcamError) and result.exception.code == "bad_assist"


@pytest.mark.parametrize("control", RANGED, ids=lambda s: s.name)
def test_the_ends_of_a_control_are_in_for_the_api_the_command_line_and_what_is_stored(
    simulated: FlaskClient, simulated_session: Session, control: Setting
) -> None:
    info, before = simulated_session.info(), simulated.get("/api/controls").get_json()[control.name]
    for value, good in ends(control):
        answer = simulated.patch("/api/controls", json={control.name: value})
        assert (answer.status_code == 200) is good and described("Controls", {control.name: value}) is good, value
        options = parsed(shoot, [CONTROL_FLAGS[control.name], repr(value)])
        assert options is not None and controls_from_options(options)[control.name] == value, "the camera checks it"
        kept, dropped = keep_valid({control.name: value}, info)
        assert (getattr(kept, control.name) == value) is good and (dropped == []) is good, value
    assert simulated.patch("/api/controls", json={control.name: before}).status_code == 200


@pytest.mark.parametrize(("mode", "figure"), FIGURES, ids=lambda v: v if isinstance(v, str) else v.name)
def test_the_ends_of_a_drive_setting_are_in_for_the_api_and_the_command_line(
    client: FlaskClient, mode: str, figure: Setting
) -> None:
    (flag,) = next(p.opts for p in mode_command(mode).params if p.name == figure.name)
    for value, good in ends(figure):
        body = {"mode": mode, "settings": {figure.name: value}}
        assert described("DriveStart", body) is good, value
        number = int(value) if figure.kind == "whole" else value
        given = parsed(mode_command(mode), [flag, repr(number)])
        assert given is not None and given[figure.name] == number
        if good:
            assert check(MODES[mode].settings, {figure.name: given[figure.name]})[figure.name] == value
        else:
            answer = client.post("/api/drive", json=body)
            assert answer.status_code == 400 and "out of range" in answer.get_json()["error"]["message"]
            with pytest.raises(HqcamError, match="out of range"):
                check(MODES[mode].settings, {figure.name: given[figure.name]})


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("patch", "/api/assists", {"zebra_high_ire": 10**400}),
        ("post", "/api/drive", {"mode": "timer", "settings": {"count": 10**400}}),
        ("put", "/api/loupe", {"x": 10**400, "y": 0}),
        ("post", "/api/controls/grey", {"x": 0, "y": 10**400}),
        ("post", "/api/meter/calibration", {"ev100": 10**400}),
        ("patch", "/api/lens", {"id": None, "f_number": 10**400}),
    ],
)
def test_a_number_beyond_every_float_is_a_bad_value_and_no_failure(
    client: FlaskClient, method: str, path: str, body: dict[str, Any]
) -> None:
    answer = client.open(path, method=method.upper(), json=body)
    error = answer.get_json()["error"]
    assert answer.status_code == 400 and error["expected"] and len(error["message"]) < 200


def test_every_declared_setting_is_described_with_its_range_and_default() -> None:
    schemas = DESCRIPTION["components"]["schemas"]
    starts = {s["properties"]["mode"]["const"]: s["properties"]["settings"] for s in schemas["DriveStart"]["oneOf"]}
    groups = [(schemas["Assists"], ASSISTS.values()), (schemas["Controls"], CONTROLS.values())]
    groups += [(starts[mode.name], mode.settings) for mode in MODES.values()]
    assert set(starts) == set(MODES)
    for schema, settings in groups:
        assert list(schema["properties"]) == [s.name for s in settings] and schema["additionalProperties"] is False
        for s in settings:
            told = schema["properties"][s.name]
            assert told.get("default") == s.default and tuple(told.get("enum", ())) == s.choices
            told = told.get("items", told)
            limits = {"minimum": s.minimum, "maximum": s.maximum} if s.kind in ("number", "whole", "pair") else {}
            assert {n: told.get(n, limit) for n, limit in limits.items()} == limits
            assert all((n in told) is math.isfinite(limit) for n, limit in limits.items())


def test_the_options_are_those_that_are_declared() -> None:
    for name, (command, flag) in OPTIONS.items():
        made = option(command, flag)
        given = parsed(command, ["picture.png"] if command is inspect else [])
        assert made.name == name and given is not None and given[name] in (None, ASSISTS[name].default)
        if isinstance(made.type, click.FloatRange):
            assert (made.type.min, made.type.max) == (ASSISTS[name].minimum, ASSISTS[name].maximum)
    sensitivity = option(inspect, "--sensitivity").type
    assert isinstance(sensitivity, click.Choice) and tuple(sensitivity.choices) == get_args(PeakingSensitivity)
    given = parsed(shoot, []) or {}
    for name, flag in CONTROL_FLAGS.items():
        made = option(shoot, flag)
        assert made.name == name and given[name] is None, "what is not given is not asked"
        assert all(word in f"{made.metavar} {made.help} kelvin manual" for word in CONTROLS[name].choices)
    for mode in MODES.values():
        if mode.settings:
            assert [p.name for p in mode_command(mode.name).params] == [s.name for s in mode.settings]


def test_how_to_develop_is_asked_as_it_is_declared(tmp_path: Path) -> None:
    """From the command line alone: click knows the ranges."""
    file = str(tmp_path / "a.dng")
    given = parsed(develop, [file])
    assert (
        given is not None and DevelopSettings(**{name: given[name] for name in DEVELOP_SETTINGS}) == DevelopSettings()
    )
    quality, shots = DEVELOP_SETTINGS["quality"], CONTROLS["jpeg_quality"]
    assert replace(quality, name=shots.name) == shots, "one setting, declared once"
    flags = {s.name: next(p.opts[0] for p in develop.params if p.name == s.name) for s in DEVELOP_SETTINGS.values()}
    for s in DEVELOP_SETTINGS.values():
        if s.kind in ("number", "whole"):
            for value, good in ends(s):
                given = parsed(develop, [file, flags[s.name], repr(int(value) if s.kind == "whole" else value)])
                assert (given is not None) is good and (given is None or given[s.name] == value)
        elif s.kind == "choice":
            assert all((parsed(develop, [file, flags[s.name], word]) or {})[s.name] == word for word in s.choices)
            assert parsed(develop, [file, flags[s.name], "no such"]) is None


def test_the_help_of_all_commands_needs_no_numpy() -> None:
    modules = ("shoot", "info", "focus", "inspect", "selftest", "develop", "lens", "meter", "doctor", "options")
    code = f"import sys; import {', '.join(f'device.cli.{m}' for m in modules)}; sys.exit('numpy' in sys.modules)"
    assert run([sys.executable, "-c", code]).returncode == 0


# -- the page's files ---------------------------------------------------------------------------------------------


def test_the_pages_files_are_as_they_are_generated() -> None:
    assert {p.name: p.read_text("utf-8") for p in page_settings.FOLDER.glob("*.js")} == page_settings.files()


def test_a_stale_file_is_told_and_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(page_settings, "FOLDER", tmp_path / "declared")
    assert page_settings.main(["--check"]) == 1 and "settings.js is not as declared" in capsys.readouterr().err
    assert page_settings.main([]) == 0 and page_settings.main(["--check"]) == 0
    stale = tmp_path / "declared" / "settings.js"
    stale.write_text(stale.read_text().replace("maximum: 100", "maximum: 110"))
    assert page_settings.main(["--check"]) == 1


def test_every_declared_setting_is_in_the_pages_files_with_its_range() -> None:
    data, types = page_settings.files()["settings.js"], page_settings.files()["types.js"]
    without_developing = re.sub(r"export const DEVELOP = .*?\}\)", "", data, flags=re.DOTALL)
    assert all(f"  {name}: " in data for name in DEVELOP_SETTINGS)
    for s in (*ASSISTS.values(), *CONTROLS.values()):
        (row,) = re.findall(rf"^  {s.name}: (.*),$", without_developing, re.MULTILINE)
        (line,) = re.findall(rf"^ \* @property \{{([^}}]*)\}} {s.name}\b", types, re.MULTILINE)
        assert all(f'"{word}"' in row and f'"{word}"' in line for word in s.choices)
        if s.kind == "number" and math.isfinite(s.maximum):
            assert f"minimum: {s.minimum:g}, maximum: {s.maximum:g}" in row


def test_no_other_file_of_the_page_says_what_is_declared() -> None:
    names = "|".join(s.name for s in (*ASSISTS.values(), *CONTROLS.values()) if s.kind in ("number", "pair"))
    levels = re.compile(
        rf'"(?:{names})", *-?[\d.]|\b(?:{"|".join(s.name for s in LEVELS)})\b["\]]*\s*(?::|\?\?|=) *-?\d'
    )
    properties = re.compile(rf"@property \S+ (?:{'|'.join(s.name for s in LEVELS)})\b")
    modules = [path for path in STATIC.rglob("*.js") if path.parent != page_settings.FOLDER]
    assert modules
    for path in modules:
        text = path.read_text("utf-8")
        assert not levels.findall(text) and not properties.findall(text), path.name


def test_the_settings_of_the_assists_are_the_fields_of_the_dataclass() -> None:
    assert list(ASSISTS) == list(AssistSettings.__dataclass_fields__)
    assert AssistSettings() == AssistSettings(**{s.name: s.default for s in ASSISTS.values()})
