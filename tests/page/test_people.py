"""Several people at one camera: each page says who else watches and what they changed."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from tests.page.conftest import PHONE, PHONE_ON_ITS_SIDE, Complaints, Server, until, until_answered, until_live

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
COUNT = "document.querySelector('#people-count').hidden ? '' : document.querySelector('#people-number').textContent"
CHANGE = "document.querySelector('#people-change').textContent"
# What stood there a while is kept: words go away by themselves.
RECORD = f"""
addEventListener("DOMContentLoaded", () => {{
  window.changed = [];
  new MutationObserver(() => {{ if ({CHANGE}) changed.push({CHANGE}); }})
    .observe(document.querySelector("#people-change"), {{ childList: true, characterData: true, subtree: true }});
}});
"""


def test_a_page_tells_who_else_watches_and_what_they_changed(
    shared_server: Server, open_page: Callable[..., Page]
) -> None:
    mine = open_page(shared_server.url, viewport=PHONE, init_script=RECORD)
    until_live(mine)
    until(mine, COUNT, "")  # who looked for the test before is gone
    other = open_page(shared_server.url, viewport=PHONE_ON_ITS_SIDE, user_agent=IPHONE, init_script=RECORD)
    until_live(other)
    until(mine, COUNT, "1")
    until(other, COUNT, "1")
    assert mine.get_attribute("#people-count", "title") == "Also watching: iPhone"
    until(other, "document.querySelector('#chip-peaking').ariaPressed", "true")  # it knows what is set
    other.click("#chip-peaking")
    until(mine, "changed.includes('iPhone changed: peaking')")
    other.click("#chip-peaking")
    until_answered(other)
    assert other.evaluate("changed") == []
    box = mine.locator(".people").bounding_box()
    assert box and 0 <= box["x"] and box["x"] + box["width"] <= PHONE["width"]
    other.context.close()
    until(mine, COUNT, "")
    until(mine, CHANGE, "")


def test_every_setting_has_a_word(
    shared_server: Server, open_page: Callable[..., Page], complaints: Complaints
) -> None:
    complaints.allow("favicon.ico")  # a picture alone names no icon
    page = open_page(f"{shared_server.url}static/icon.svg")
    words = page.evaluate(
        """async () => {
          const { ASSISTS, CONTROLS } = await import("/static/declared/settings.js");
          const { settingWord } = await import("/static/page/people.js");
          const all = [...Object.keys(ASSISTS), ...Object.keys(CONTROLS)];
          return Object.fromEntries(all.map((name) => [name, settingWord(name)]));
        }"""
    )
    assert not [name for name, word in words.items() if not word or "_" in word]
    assert (words["gain"], words["focus_x"], words["files"]) == ("ISO", "focus area", "Files")
