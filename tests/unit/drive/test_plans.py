"""What the drive modes plan, in figures: brackets, light that pulses, appointments, day to night."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from device.controls import MAINS_HALF_PERIOD_US
from device.drive import appointments, interval, timer
from device.drive.bracket import Reach, offsets, out_of_reach, plan_steps
from device.drive.drive import MODES
from device.drive.ramp import STEP_MOST_EV, Ramp, RampLimits
from device.errors import BadInput
from device.frame import Limit
from device.sensors.imx477 import IMX477
from device.settings import declaration as rules

REACH = Reach(Limit(114, 694_000_000, None, "us"), Limit(1.0, 22.26, None, "x"))


@pytest.mark.parametrize(
    ("count", "step", "order", "evs"),
    [
        (3, 1.0, "middle first", [0.0, -1.0, 1.0]),
        (5, 0.5, "middle first", [0.0, -0.5, 0.5, -1.0, 1.0]),
        (5, 2.0, "dark to bright", [-4.0, -2.0, 0.0, 2.0, 4.0]),
        (3, 0.3, "bright to dark", [0.3, 0.0, -0.3]),
        (2, 1.0, "dark to bright", [-0.5, 0.5]),
    ],
)
def test_steps_come_in_the_order_asked(count: int, step: float, order: str, evs: list[float]) -> None:
    assert offsets(count, step, order) == evs


def test_a_bracket_moves_the_shutter_and_keeps_the_gain() -> None:
    steps = plan_steps([0.0, -1.0, 1.0], 8000, 2.0, reach=REACH, flicker="off")
    assert [(s.exposure_us, s.gain) for s in steps] == [(8000, 2.0), (4000, 2.0), (16000, 2.0)]


def test_where_the_shutter_ends_the_gain_goes_on() -> None:
    (step,) = plan_steps([-4.0], 800, 8.0, reach=REACH, flicker="off")
    assert step.exposure_us == 114 and step.exposure_us * step.gain == pytest.approx(800 * 8 / 16)
    (least,) = plan_steps([-8.0], 800, 8.0, reach=REACH, flicker="off")
    assert (least.exposure_us, least.gain) == (114, 1.0), "the end of what the camera can"
    assert least.reachable_ev == pytest.approx(math.log2(114 / 6400))
    assert out_of_reach([step]) == [] and out_of_reach([step, least]) == [
        "1 of 2 steps is out of reach: -8 EV becomes -5.81 EV"
    ]


@pytest.mark.parametrize("base_us", [8000.0, 1000.0, 150.0])
@pytest.mark.parametrize("step_ev", [0.1, 1.0, 4.0])
def test_no_two_steps_are_equal_unless_the_plan_says_so(base_us: float, step_ev: float) -> None:
    """Also where a line of the sensor is longer than a step: there the gain makes up for it."""
    full = IMX477.modes[3]
    reach = Reach(Limit(full.whole_lines_us(0), full.whole_lines_us(7e8), None, "us"), REACH.gains, full.line_us)
    steps = plan_steps(offsets(9, step_ev, "dark to bright"), base_us, 2.0, reach=reach, flicker="off")
    exposed = [full.whole_lines_us(s.exposure_us) * IMX477.quantise_gain(s.gain) for s in steps]
    told = [math.log2(total / (base_us * 2.0)) for total in exposed]
    assert told == pytest.approx([s.reachable_ev for s in steps], abs=0.03)
    short = [s for s in steps if abs(s.reachable_ev - s.ev) > 0.07]
    assert bool(short) == bool(out_of_reach(steps))
    if not short:
        assert all(b > a for a, b in zip(exposed, exposed[1:], strict=False))


@pytest.mark.parametrize("flicker", ["50 Hz", "60 Hz"])
@pytest.mark.parametrize("base_us", [4000.0, 9000.0, 16_667.0, 25_000.0, 100_000.0])
def test_under_mains_light_shutters_are_whole_half_periods_and_steps_stay_exact(flicker: str, base_us: float) -> None:
    half = MAINS_HALF_PERIOD_US[flicker]
    for step in plan_steps([-2.0, -1.0, 0.0, 1.0, 2.0], base_us, 2.0, reach=REACH, flicker=flicker):
        assert step.exposure_us * step.gain == pytest.approx(base_us * 2.0 * 2**step.ev, rel=1e-9)
        periods = step.exposure_us / half
        assert step.flicker_safe == (abs(periods - round(periods)) < 1e-9 and periods > 0.5)
        if base_us * 2**step.ev >= half:
            assert step.flicker_safe


def test_a_shutter_shorter_than_half_a_period_says_that_it_is_not_safe() -> None:
    (step,) = plan_steps([-3.0], 10_000, 1.0, reach=REACH, flicker="50 Hz")
    assert step.exposure_us == 1250 and not step.flicker_safe


def settings(**given: Any) -> dict[str, Any]:
    return rules.check(interval.SETTINGS, given)


NOON = datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)


@pytest.mark.usefixtures("utc")
@pytest.mark.parametrize(
    ("given", "first", "count"),
    [
        ({"interval_s": 10.0, "count": 5}, NOON, 5),
        ({"interval_s": 10.0}, NOON, 0),
        ({"interval_s": 60.0, "start_at": "21:45", "end_at": "21:50"}, NOON.replace(hour=21, minute=45, second=0), 6),
        ({"interval_s": 60.0, "start_at": "11:00", "count": 2}, NOON.replace(day=21, hour=11, minute=0, second=0), 2),
        ({"interval_s": 10.0, "end_at": "12:01"}, NOON, 4),
        ({"interval_s": 10.0, "end_at": "12:01", "count": 3}, NOON, 3),
        ({"interval_s": 3600.0, "start_at": "23:00", "end_at": "01:00"}, NOON.replace(hour=23, minute=0, second=0), 3),
    ],
)
def test_appointments_are_made_of_times_of_day(given: dict[str, Any], first: datetime, count: int) -> None:
    assert appointments.first_and_count(settings(**given), NOON) == (first, count)


def test_a_restart_takes_up_the_next_due_and_counts_the_missed() -> None:
    first = NOON.timestamp()
    at = (NOON + timedelta(seconds=47)).timestamp()
    assert appointments.next_due(first, 10.0, 3, at) == (5, first)
    assert appointments.next_due(first, 10.0, 3, first + 30) == (3, first), "in time"
    assert appointments.next_due(first, 10.0, 0, first - 3600) == (0, first), "it has not begun yet"
    index, moved = appointments.next_due(first, 10.0, 3, 1000.0)
    assert (index, moved + 3 * 10.0) == (3, 1000.0), "a clock that was never set: the next shot is now"


LIMITS = RampLimits(100.0, 4_000_000.0, 1.0, 8.0)


def test_from_day_to_night_the_light_is_followed_without_a_step() -> None:
    lux = [20_000 * 2 ** (-n / 12) for n in range(160)]  # a stop darker every dozen shots, 13 stops in all
    ramp = Ramp(500.0, lux[0], LIMITS)
    steps = [ramp.next(value) for value in lux]
    product = [s.exposure_us * s.gain for s in steps]
    jumps = [abs(math.log2(b / a)) for a, b in zip(product, product[1:], strict=False)]
    assert max(jumps) <= STEP_MOST_EV + 1e-9 and max(jumps) < 0.09, "as smooth as dusk itself"
    wanted = [math.log2(lux[0] / value) for value in lux]
    given = [math.log2(p / 500.0) for p in product]
    assert max(abs(w - g) for w, g in zip(wanted, given, strict=True)) < 0.2
    assert all(s.gain == 1.0 for s in steps if s.exposure_us < LIMITS.exposure_max_us), "time first, then gain"
    assert steps[-1].exposure_us == LIMITS.exposure_max_us and steps[-1].gain > 1


def test_a_lamp_switched_on_is_followed_in_small_steps_and_the_rest_is_written_down() -> None:
    ramp = Ramp(100_000.0, 10.0, LIMITS)
    brighter = [ramp.next(80.0) for _ in range(20)]
    first = brighter[0]
    assert math.log2(100_000 / (first.exposure_us * first.gain)) == pytest.approx(STEP_MOST_EV)
    missing = first.deflicker_ev(first.exposure_us, first.gain, 100_000.0)
    assert missing == pytest.approx(0.35 * -3 + STEP_MOST_EV), "development takes off what the shutter did not"
    last = brighter[-1]
    assert math.log2(last.exposure_us * last.gain / 100_000) == pytest.approx(-3, abs=0.01)
    assert last.deflicker_ev(last.exposure_us * 1.01, last.gain, 100_000.0) == pytest.approx(-math.log2(1.01), abs=0.01)


def test_a_ramp_that_is_taken_up_again_goes_on_where_it_was() -> None:
    ramp = Ramp(1000.0, 100.0, LIMITS)
    for _ in range(5):
        ramp.next(25.0)
    again = Ramp(1000.0, 100.0, LIMITS, at_ev=ramp.at_ev)
    assert again.next(25.0) == ramp.next(25.0)


def test_without_a_measurement_the_ramp_stays() -> None:
    ramp = Ramp(1000.0, 100.0, LIMITS)
    assert {ramp.next(lux).exposure_us for lux in (None, 0.0, -1.0)} == {1000.0}


def test_settings_have_defaults_that_are_valid_themselves() -> None:
    for mode in MODES.values():
        checked = rules.check(mode.settings, {})
        assert rules.check(mode.settings, checked) == checked
        assert all(setting.label and (setting.choices or setting.kind != "choice") for setting in mode.settings)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"delay_s": 0}, "delay_s is 0"),
        ({"delay_s": "10"}, "delay_s is '10'"),
        ({"delay_s": True}, "delay_s is True"),
        ({"delay_s": float("nan")}, "delay_s is nan"),
        ({"count": 1.5}, "count is 1.5"),
        ({"frames": 1}, "unknown setting 'frames'"),
    ],
)
def test_a_setting_that_is_wrong_is_named(values: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput, match=says) as caught:
        rules.check(timer.SETTINGS, values)
    assert caught.value.expected


@pytest.mark.parametrize("values", [{"start_at": "25:00"}, {"start_at": "noon"}, {"ramp": 1}, {"start_at": None}])
def test_times_and_switches_are_checked_too(values: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        settings(**values)
