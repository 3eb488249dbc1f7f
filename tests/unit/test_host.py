"""The facts of the machine, read from recorded files; what is not told is None, and nothing raises."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pytest

from device import host


def record(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_the_board_is_named_and_only_a_raspberry_pi_is_one(tmp_path: Path) -> None:
    assert host.board_model(tmp_path) is host.raspberry_pi_model(tmp_path) is None
    record(tmp_path, "proc/device-tree/model", "Raspberry Pi 5 Model B Rev 1.0\0")
    assert host.board_model(tmp_path) == host.raspberry_pi_model(tmp_path) == "Raspberry Pi 5 Model B Rev 1.0"
    record(tmp_path, "proc/device-tree/model", "Pine64 RockPro64\0")
    assert host.board_model(tmp_path) == "Pine64 RockPro64" and host.raspberry_pi_model(tmp_path) is None


def test_memory_is_given_in_bytes(tmp_path: Path) -> None:
    assert host.available_memory_bytes(tmp_path) is None
    record(tmp_path, "proc/meminfo", "MemTotal:  8245188 kB\nMemAvailable: 7000 kB\nCmaFree: many kB\n")
    assert host.memory_bytes("MemTotal", tmp_path) == 8245188 * 1024
    assert host.available_memory_bytes(tmp_path) == 7000 * 1024
    assert host.memory_bytes("CmaFree", tmp_path) is host.memory_bytes("Mem", tmp_path) is None


@pytest.mark.parametrize(("text", "threads"), [("4.36 3.28 3.31 5/116 15441\n", 5), ("", None), ("busy", None)])
def test_the_threads_that_want_a_processor_are_counted(tmp_path: Path, text: str, threads: int | None) -> None:
    assert host.runnable_threads(tmp_path) is None
    record(tmp_path, "proc/loadavg", text)
    assert host.runnable_threads(tmp_path) == threads


@pytest.mark.parametrize(("text", "degrees"), [("51234\n", 51.234), ("-2000\n", -2.0), ("", None), ("warm", None)])
def test_heat_is_given_in_degrees(tmp_path: Path, text: str, degrees: float | None) -> None:
    assert host.temperature_c(tmp_path) is None
    record(tmp_path, "sys/class/thermal/thermal_zone0/temp", text)
    assert host.temperature_c(tmp_path) == degrees


def test_a_clock_without_a_mark_is_not_synchronised(tmp_path: Path) -> None:
    assert not host.clock_is_synchronised(tmp_path)
    record(tmp_path, "run/systemd/timesync/synchronized", "")
    assert host.clock_is_synchronised(tmp_path)


def test_space_is_that_of_the_disk_on_which_a_folder_will_be(tmp_path: Path) -> None:
    assert host.existing_folder(tmp_path) == host.existing_folder(tmp_path / "later" / "on") == tmp_path
    assert host.free_bytes(tmp_path) > 0
    with pytest.raises(OSError):
        host.free_bytes(tmp_path / "later")


@pytest.mark.parametrize(("alarm", "said"), [("1\n", True), ("0\n", False), ("", False)])
def test_the_supply_is_that_of_the_driver_that_watches_it(tmp_path: Path, alarm: str, said: bool) -> None:
    record(tmp_path, "sys/class/hwmon/hwmon0/name", "cpu_thermal\n")
    record(tmp_path, "sys/class/hwmon/hwmon0/in0_lcrit_alarm", "1\n")
    assert host.under_voltage(tmp_path) is None
    record(tmp_path, "sys/class/hwmon/hwmon1/name", "rpi_volt\n")
    record(tmp_path, "sys/class/hwmon/hwmon1/in0_lcrit_alarm", alarm)
    assert host.under_voltage(tmp_path) is said


@pytest.mark.parametrize(
    ("text", "fact", "now"),
    [
        ("50005\n", "under-voltage now: frames and files can be lost", True),
        ("0x50004\n", "there was under-voltage since it was switched on", False),
        ("e0008\n", "slowed down now, by heat", True),
        ("e0000\n", "it was slowed down since it was switched on", False),
        ("0\n", None, None),
    ],
)
def test_the_firmware_tells_of_supply_and_heat(tmp_path: Path, text: str, fact: str | None, now: bool | None) -> None:
    assert host.throttle_flags(tmp_path) is None
    record(tmp_path, "sys/devices/platform/soc/soc:firmware/get_throttled", text)
    flags = host.throttle_flags(tmp_path)
    assert flags is not None
    trouble = host.power_trouble(flags)
    assert (trouble and trouble.fact, trouble and trouble.now) == (fact, now)


def test_flags_that_cannot_be_read_are_none(tmp_path: Path) -> None:
    record(tmp_path, "sys/devices/platform/soc/soc:firmware/get_throttled", "error\n")
    assert host.throttle_flags(tmp_path) is None


def test_the_battery_is_that_of_the_machine_and_not_of_a_mouse(tmp_path: Path) -> None:
    assert host.battery(tmp_path) is None
    for name, text in (("type", "Battery\n"), ("scope", "Device\n"), ("capacity", "50\n")):
        record(tmp_path, f"sys/class/power_supply/hid-mouse/{name}", text)
    record(tmp_path, "sys/class/power_supply/mains/type", "Mains\n")
    assert host.battery(tmp_path) is None
    for name, text in (("type", "Battery\n"), ("capacity", "87\n"), ("status", "Discharging\n")):
        record(tmp_path, f"sys/class/power_supply/ups/{name}", text)
    assert host.battery(tmp_path) == host.Battery(87, charging=False)
    for status in ("Charging", "Full"):
        record(tmp_path, "sys/class/power_supply/ups/status", f"{status}\n")
        assert host.battery(tmp_path) == host.Battery(87, charging=True)
    record(tmp_path, "sys/class/power_supply/ups/capacity", "unknown\n")
    assert host.battery(tmp_path) is None


def test_a_boot_has_a_name(tmp_path: Path) -> None:
    assert host.boot_id(tmp_path) is None
    record(tmp_path, "proc/sys/kernel/random/boot_id", "1b3e\n")
    assert host.boot_id(tmp_path) == "1b3e"


@pytest.mark.parametrize(("answer", "said"), [(0, True), (4, True), (5, False), (-1, False)])
def test_a_clock_that_another_program_set_has_the_mark_of_the_kernel(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: int, said: bool
) -> None:
    class Library:
        def adjtimex(self, timex: ctypes.Array[ctypes.c_char]) -> int:
            assert bytes(timex) == bytes(len(timex)) and len(timex) >= 208, "it asks, and sets nothing"
            return answer

    monkeypatch.setattr(ctypes, "CDLL", lambda name: Library())
    monkeypatch.setattr(host, "ROOT", tmp_path)
    assert host.clock_is_synchronised(tmp_path) is said


def test_a_system_whose_kernel_tells_nothing_of_its_clock_has_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    monkeypatch.setattr(host, "ROOT", tmp_path)
    assert not host.clock_is_synchronised(tmp_path)


def test_the_time_since_the_boot_only_grows() -> None:
    before = host.since_boot_s()
    assert 0 < before <= host.since_boot_s()
