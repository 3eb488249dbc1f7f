"""How settings are declared, and the one check of a value."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import jsonschema
import pytest

from device.analysis.settings import ASSISTS
from device.drive.drive import MODES
from device.drivers.simulated import SimulatedCamera
from device.errors import BadControl, BadInput
from device.settings.controls import CONTROLS, Controls
from device.settings.declaration import Setting, check, check_value, declared, finite, setting
from device.settings.schema import schema_of

EVERY = [*ASSISTS.values(), *CONTROLS.values(), *(s for mode in MODES.values() for s in mode.settings)]


@dataclass(frozen=True, slots=True)
class Lamp:
    on: bool = setting(False, "Lamp")
    level: float = setting(0.5, "Level", unit="x", minimum=0, maximum=1, step=0.1, help="How bright.")
    flashes: int = setting(2, "Flashes", minimum=1, maximum=9)
    colour: Literal["white", "red"] = setting("white", "Colour")
    delay_s: float | None = setting(None, "Delay", unit="s")
    tint: tuple[float, float] | None = setting(None, "Tint", minimum=0, maximum=4)


LAMP = declared(Lamp)


def test_a_field_is_its_own_declaration_and_keeps_its_default() -> None:
    assert Lamp() == Lamp(on=False, level=0.5, flashes=2, colour="white", delay_s=None, tint=None)
    assert {name: (s.kind, s.optional) for name, s in LAMP.items()} == {
        "on": ("switch", False),
        "level": ("number", False),
        "flashes": ("whole", False),
        "colour": ("choice", False),
        "delay_s": ("number", True),
        "tint": ("pair", True),
    }
    level = LAMP["level"]
    assert (level.default, level.unit, level.minimum, level.maximum, level.step) == (0.5, "x", 0, 1, 0.1)
    assert LAMP["colour"].choices == ("white", "red") and math.isinf(LAMP["delay_s"].maximum)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (2, 2.0),
        (-0.5, -0.5),
        (True, None),
        (math.nan, None),
        (math.inf, None),
        (10**400, None),
        ("2", None),
        (None, None),
        ([2], None),
    ],
)
def test_a_finite_number_is_one_that_a_float_can_hold(value: object, number: float | None) -> None:
    assert finite(value) == number


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("on", True, True),
        ("level", 1, 1.0),
        ("flashes", 9.0, 9),
        ("colour", "red", "red"),
        ("delay_s", None, None),
        ("delay_s", -1e9, -1e9),
        ("tint", [0, 4], (0.0, 4.0)),
    ],
)
def test_a_good_value_is_kept_in_the_type_of_its_kind(name: str, value: Any, kept: Any) -> None:
    found = check_value(LAMP[name], value)
    assert found == kept and type(found) is type(kept)


@pytest.mark.parametrize(
    ("name", "value", "says", "expects"),
    [
        ("on", 1, "on is 1", "true or false"),
        ("level", None, "level is None, not a number", "a number from 0 to 1 x"),
        ("level", 1.01, "level is 1.01, out of range", "a number from 0 to 1 x"),
        ("level", 10**400, "not a number", "a number from 0 to 1 x"),
        ("flashes", 1.5, "flashes is 1.5, not a whole number", "a whole number from 1 to 9"),
        ("flashes", 0, "flashes is 0, out of range", "a whole number from 1 to 9"),
        ("colour", "blue", "colour is 'blue'", "one of white, red"),
        ("colour", ["red"], "colour is ['red']", "one of white, red"),
        ("delay_s", "1", "delay_s is '1', not a number", "a number s, or null"),
        ("tint", [1], "tint is [1]", "two numbers from 0 to 4, or null"),
        ("tint", [1, 5], "tint is 5, out of range", "two numbers from 0 to 4, or null"),
        ("tint", [1, True], "tint is True, not a number", "two numbers"),
    ],
)
def test_a_bad_value_is_named_with_what_was_expected(name: str, value: Any, says: str, expects: str) -> None:
    with pytest.raises(BadControl) as caught:
        check_value(LAMP[name], value, error=BadControl)
    assert says in caught.value.message and expects in caught.value.expected
    assert len(caught.value.message) < 120, "however long the value is"


def test_all_of_several_are_given_with_the_defaults_of_the_rest() -> None:
    assert check(LAMP.values(), {"level": 1}) == {
        "on": False, "level": 1.0, "flashes": 2, "colour": "white", "delay_s": None, "tint": None
    }  # fmt: skip
    with pytest.raises(BadInput, match="unknown setting 'size'") as caught:
        check(LAMP.values(), {"size": 1})
    assert "level, flashes" in caught.value.expected
    with pytest.raises(BadInput) as caught:
        check((), {"size": 1})
    assert caught.value.expected == "none"


@pytest.mark.parametrize("declaration", EVERY, ids=lambda s: s.name)
def test_every_default_is_one_of_the_values_that_may_be_set(declaration: Setting) -> None:
    assert check_value(declaration, declaration.default) == declaration.default
    jsonschema.Draft202012Validator(schema_of(declaration)).validate(declaration.default)
    assert declaration.kind not in ("number", "whole", "pair") or declaration.minimum < declaration.maximum
    assert all(declaration.minimum <= step <= declaration.maximum for step in declaration.steps)


@pytest.mark.parametrize("declaration", EVERY, ids=lambda s: s.name)
def test_check_and_schema_take_the_same_values(declaration: Setting) -> None:
    for value in (True, None, "x", "", "7:30", 0, 1, 1.5, -1e9, 1e9, [1, 2], [1], ["a", "b"], {}, *declaration.choices):
        try:
            check_value(declaration, value)
            taken = True
        except BadInput:
            taken = False
        assert jsonschema.Draft202012Validator(schema_of(declaration)).is_valid(value) is taken, value


def test_the_simulated_camera_reports_its_limits_in_the_declared_units_and_within_the_declared_ends() -> None:
    camera = SimulatedCamera()
    camera.open()
    info = camera.info
    camera.close()
    for name, limit in info.limits.items():
        assert limit.unit == CONTROLS[name].unit, name
        assert CONTROLS[name].minimum <= limit.minimum < limit.maximum <= CONTROLS[name].maximum, name
        assert getattr(Controls(), name) in (None, limit.default), name
    for name, words in info.choices.items():
        assert set(words) <= set(CONTROLS[name].choices) and CONTROLS[name].default in words, name
