"""The page in German and in Chinese: nothing is left in English, and every control is whole and in reach."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.page.conftest import Server, until, until_live
from tests.page.sizes import SIZES, not_whole

pytestmark = pytest.mark.page
CATALOGUES = Path(__file__).parents[2] / "web" / "static" / "words"
LOCALES = {"de": "de-DE", "zh": "zh-CN"}
PANELS = ("shutter", "iso", "ev", "wb", "focus")
SHEETS = {
    "assists": "#assists-open", "drive": "#drive-open", "gallery": "#gallery-open", "lens": "#lens-open",
    "meter": "#meter-open", "preset": "#presets-open",
}  # fmt: skip
MODES = "[...document.querySelectorAll('.choice-modes input')].map((input) => input.value)"
PARTS = (".readout", ".chips", ".shutter-row", ".topbar")
# What is seen or read aloud now: texts, and the attributes that people read.
READ = """() => [...document.querySelectorAll("body, body *")]
  .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest("#toasts"))
  .flatMap((element) => [
    ...[...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.nodeValue),
    ...["aria-label", "title", "placeholder", "alt"].map((name) => element.getAttribute(name)),
  ])
  .map((text) => (text ?? "").replace(/\\s+/g, " ").trim()).filter(Boolean)"""


def english_of(language: str) -> re.Pattern[str]:
    """What matches a text that has a translation, and was not translated."""
    catalogue = json.loads((CATALOGUES / f"{language}.json").read_text())
    texts = {**catalogue["sentences"], **catalogue["words"]}
    english = {key for key, text in texts.items() if text != key and re.search(r"[a-z]{2}", key)}
    english -= set(texts.values())
    return re.compile("|".join(re.sub(r"\\\{\d\\\}", ".+", re.escape(key)) for key in english))


@pytest.mark.parametrize("language", LOCALES)
def test_a_phone_of_another_language_sees_no_english_and_every_control_whole(
    language: str, shared_server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(
        shared_server.url, viewport=SIZES["390x844"], has_touch=True, is_mobile=True, locale=LOCALES[language]
    )
    until_live(page)
    until(page, "document.querySelectorAll('.choice-modes input').length === 7")
    until(page, f"document.documentElement.lang.startsWith({language!r})")
    english = english_of(language)
    point = re.compile(r"\d\.\d") if language == "de" else re.compile("(?!)")  # German has a comma there
    for size in SIZES:
        page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
        for panel in PANELS:
            if page.get_attribute(f"#cell-{panel}", "aria-selected") != "true":
                page.click(f"#cell-{panel}")
            until(page, f"!document.querySelector('#panel-{panel}').hidden")
            assert not_whole(page, f"#panel-{panel}") == [], (size, panel)
            page.evaluate("document.querySelector('.panels').scrollTop = 0")
            read = page.evaluate(READ)
            assert [text for text in read if english.fullmatch(text) or point.search(text)] == [], (size, panel)
        assert [fault for part in PARTS for fault in not_whole(page, part)] == [], size
        for sheet, opener in SHEETS.items():
            page.evaluate(f"document.querySelector({opener!r}).click()")  # some are held, or tapped elsewhere
            until(page, f"document.querySelector('#{sheet}-sheet').checkVisibility()")
            assert [text for text in page.evaluate(READ) if english.fullmatch(text)] == [], (size, sheet)
            assert not_whole(page, f"#{sheet}-sheet") == [], (size, sheet)
            for mode in page.evaluate(MODES) if sheet == "drive" else ():
                page.click(f".choice-modes [data-value={mode}]")
                assert not_whole(page, ".shutter-side:first-child") == [], (size, mode)
            page.click(f"#{sheet}-sheet .sheet-close")
    if language == "zh":
        assert page.text_content("#help-title") == "按键手势与标记", "Chinese has no spaces between its words"


def test_the_choice_of_a_language_is_kept_and_said_in_its_own_name(
    shared_server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(shared_server.url, locale="fr-FR")
    until_live(page)
    assert page.get_attribute("html", "lang") == "en", "a language that the page has not is answered in English"
    choice = "#screen .choice-languages"
    assert page.locator(choice).inner_text().split("\n") == ["Automatic", "English", "Deutsch", "中文"]
    with page.expect_navigation():
        page.locator(f"{choice} [data-value=de]").click()
    until(page, "document.documentElement.lang === 'de' && document.title === 'hqcam Sucher'")
    until_live(page)
    assert page.locator(f"{choice} [data-value=de] input").is_checked()
    told = page.evaluate("""async () => {
      const { tell, tellFinding } = await import("/static/words/sentences.js");
      const { formatNumber } = await import("/static/words/figures.js");
      const dial = await import("/static/exposure/notation.js");
      return [
        tell("20 shots do not fit: 12 MB are free in /x"),
        tell("1 shot, about 30 MB, 0.0 s of film at 25 a second"),
        tell("what no catalogue has; try again in a moment"),
        tell("lens 3: focal_mm is 0.25, not from 0.5 to 2000"),
        tell("zebra_high_ire is 69.5, out of range"),
        tell("a number from 70 to 100 IRE"),
        tell("daily is '6-20', not understood"),
        tell("one of auto, dark to bright, off"),
        tell("shot-1.5.dng cannot be read: Input/output error"),
        tell("simulated Raspberry Pi HQ Camera (Sony IMX477)"),
        tellFinding("DNG levels: all of it is overexposed"),
        formatNumber(1234.5, 2),
        [dial.formatShutter(5e5), dial.formatShutter(4e5 / 2.2), dial.formatStop(2.8), dial.formatStop(16)].join(" "),
        [dial.formatEv(-0.7), dial.formatEv(0), dial.formatDistance(2), dial.formatFocal(12.5)].join(" "),
        ["f/2,8", "−0,7", "2,00 m", "12,5 mm"].map(dial.parseFigure).join(" "),
        ["0,5 s", "1/5,5", "1,5/2"].map((text) => Math.round(dial.parseShutter(text))).join(" "),
      ];
    }""")
    assert told == [
        "20 Aufnahmen passen nicht: 12 MB sind in /x frei",
        "1 Aufnahme, etwa 30 MB, 0,0 s Film bei 25 je Sekunde",
        "what no catalogue has; gleich noch einmal versuchen",
        "Objektiv 3: die Brennweite ist 0,25, nicht von 0,5 bis 2000",
        "Hoch ab ist 69,5, außerhalb des Bereichs",
        "eine Zahl von 70 bis 100 IRE",
        "das Zeitfenster ist '6-20': nicht verständlich",
        "eines von auto, dunkel zu hell, aus",
        "shot-1.5.dng ist nicht lesbar: Input/output error",
        "Raspberry Pi HQ Camera (Sony IMX477), simuliert",
        "DNG Pegel: alles ist überbelichtet",
        "1234,50",
        "0,5 s 1/5,5 f/2,8 f/16",
        "−0,7 0,0 2,00 m 12,5 mm",
        "2.8 -0.7 2 12.5",
        "500000 181818 750000",
    ]
    links = "a[href*='/help'], link[rel=manifest]"
    led = page.evaluate("(links) => [...document.querySelectorAll(links)].map(({ href }) => href)", links)
    assert len(led) > 10 and [address for address in led if not address.endswith("?lang=de")] == []
    page.goto(next(address for address in led if "/help/presets" in address))
    page.click("nav a[href*='/help/zebra']")
    assert page.locator("h1").inner_text() == "Zebra (Anzeige)"
    page.click(".languages a[hreflang=zh-Hans]")
    until(page, "document.documentElement.lang === 'zh-Hans'")
    assert page.get_attribute("nav:not(.languages) a[href*='/help/zebra']", "aria-current") == "page", (
        "the same article"
    )
