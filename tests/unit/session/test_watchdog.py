"""When the watchdog writes the settings."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

from device.errors import StorageError
from device.preferences import store
from device.preferences.store import Preferences
from device.session.watchdog import CHECK_S, RETRY_CAP_S, Saver


class Desk:
    """Settings on a card that can fail, and a clock that the test turns."""

    def __init__(self, folder: Path) -> None:
        self.now_s = 100.0
        self.preferences = Preferences(folder / "settings.json")
        self.saver = Saver(self.preferences, clock=lambda: self.now_s)

    def tries_in(self, seconds: float, *, fails: bool) -> int:
        """Check as the watchdog does; give how often a write was tried."""
        error = StorageError("the card is worn") if fails else None
        with mock.patch.object(store, "write_atomically", side_effect=error, wraps=store.write_atomically) as writes:
            for _ in range(round(seconds / CHECK_S)):
                self.saver.check()
                self.now_s += CHECK_S
        return writes.call_count


def test_a_card_that_fails_is_tried_less_and_less_and_its_owner_is_told(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.preferences.set("assists", {"peaking": True})
    assert [desk.tries_in(64, fails=True), desk.tries_in(600, fails=True)] == [7, 10], "1 s, 2 s ... 60 s"
    assert RETRY_CAP_S == 60.0
    assert any("could not be kept" in notice for notice in desk.preferences.notices.list())


def test_a_change_is_tried_at_once_also_while_the_card_fails(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.preferences.set("assists", {"peaking": True})
    desk.tries_in(600, fails=True)
    for value in (False, True):
        desk.preferences.set("assists", {"peaking": value})
        assert desk.tries_in(CHECK_S, fails=True) == 1


def test_what_was_not_kept_is_kept_when_the_card_works_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.preferences.set("assists", {"peaking": True})
    desk.tries_in(600, fails=True)
    assert desk.tries_in(RETRY_CAP_S + CHECK_S, fails=False) == 1
    assert Preferences(tmp_path / "settings.json").get("assists") == {"peaking": True}
    assert not desk.preferences.notices.list()
    assert desk.tries_in(600, fails=False) == 0, "nothing has changed since"
