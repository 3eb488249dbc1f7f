"""The help, served by the camera itself."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from web.routes.help import FOLDER, render, titles
from web.routes.languages import LANGUAGES, TAGS

PAGES = sorted(path.stem for path in FOLDER.glob("*.md"))
LEADS = {"en": ("On which pixels.",), "de": ("Auf welchen Pixeln.", "Wie es täuschen kann."), "zh": ("涉及哪些像素。",)}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_served_with_its_pictures_and_links(client: FlaskClient, language: str, name: str) -> None:
    response = client.get(f"/help/{name}?lang={language}")
    assert response.status_code == 200 and response.mimetype == "text/html"
    text = response.get_data(as_text=True)
    assert f"<h1>{titles(language)[name]}</h1>" in text and '<table tabindex="0">' in text
    assert all(f"<b>{lead}</b>" in text for lead in LEADS[language])
    assert "**" not in text and "](" not in text and f'<html lang="{TAGS[language]}">' in text
    own = re.sub(r"<nav.*?</nav>", "", text, flags=re.DOTALL)  # each has the list of all
    for address in set(re.findall(r'(?:src|href)="(/[^"]*)"', own)):
        assert not address.startswith("/help/") or "?lang=" in address, address
        answer = client.get(address)
        assert answer.status_code == 200, address
        answer.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_contents_name_every_page_in_the_order_of_the_language(client: FlaskClient, language: str) -> None:
    text = client.get(f"/help?lang={language}").get_data(as_text=True)
    listed = re.findall(r'href="/help/([\w-]+)\?lang=(\w+)">([^<]+)</a>', text)
    assert [(name, title) for name, _, title in listed] == list(titles(language).items())
    assert {named for _, named, _ in listed} == {language} and sorted(name for name, _, _ in listed) == PAGES
    assert len(PAGES) >= 12


def test_titles_stand_where_a_reader_of_the_language_looks_for_them() -> None:
    german, chinese = (list(titles(language).values()) for language in ("de", "zh"))
    assert (
        german[:3] == ["An andere Orte senden", "Andere Programme", "Anzeige (DISP)"]
        and german[-1] == "Zebra (Anzeige)"
    )
    assert chinese.index("白平衡") < chinese.index("斑马纹（显示信号）") < chinese.index("镜头") < chinese.index("照片")


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "en"),
        ("de-AT,en;q=0.8", "de"),
        ("en;q=0.3,zh-TW;q=0.9", "zh"),
        ("fr-FR,de;q=0.5", "de"),
        ("de;q=0,fr", "en"),
        ("*", "en"),
    ],
)
def test_without_a_language_in_the_address_the_browser_has_its_own(
    client: FlaskClient, accepted: str | None, language: str
) -> None:
    answer = client.get("/help/zebra", headers={"Accept-Language": accepted} if accepted else {})
    text = answer.get_data(as_text=True)
    assert f"<h1>{titles(language)['zebra']}</h1>" in text and 'href="/help/raw-clip"' in text
    assert answer.headers["Vary"] == "Accept-Language" and answer.headers["Content-Language"] == TAGS[language]
    for other in LANGUAGES:
        assert f'hreflang="{TAGS[other]}" href="/help/zebra?lang={other}"' in text


def test_all_around_an_article_is_in_its_language(client: FlaskClient) -> None:
    answer = client.get("/help/zebra?lang=de", headers={"Accept-Language": "zh"})
    text = answer.get_data(as_text=True)
    assert 'aria-label="Seiten der Hilfe">' in text and ">Sucher</a>" in text and answer.content_language == {"de"}
    text = client.get("/help?lang=de").get_data(as_text=True)
    assert "<title>Hilfe · hqcam</title>" in text and "<h1>Hilfe</h1><p>Eine Seite je Werkzeug" in text


@pytest.mark.parametrize("path", ["/help", "/help/zebra", "/static/manifest.webmanifest"])
@pytest.mark.parametrize("name", ["fr", "", "DE", "../de", "x" * 200])
def test_an_unknown_language_is_not_found(client: FlaskClient, path: str, name: str) -> None:
    answer = client.get(path, query_string={"lang": name})
    assert answer.status_code == 404 and "one of en, de, zh" in answer.get_data(as_text=True)


def test_the_installed_page_has_its_name_in_the_language(client: FlaskClient) -> None:
    for address, accepted in (("?lang=de", "en"), ("", "de-CH")):
        answer = client.get(f"/static/manifest.webmanifest{address}", headers={"Accept-Language": accepted})
        told = answer.get_json()
        assert (told["name"], told["short_name"], told["start_url"]) == ("hqcam Sucher", "hqcam", "../")
        assert answer.mimetype == "application/manifest+json" and answer.headers["Vary"] == "Accept-Language"
    told = client.get("/static/manifest.webmanifest").get_json()
    assert told["name"] == "hqcam viewfinder"


@pytest.mark.parametrize("name", ["nothing", "..", "zebra.md", "%2e%2e"])
def test_a_page_that_is_not_there_is_not_found(client: FlaskClient, name: str) -> None:
    assert client.get(f"/help/{name}").status_code == 404


def test_text_is_escaped() -> None:
    assert render("a <script> & `x < y`") == "<p>a &lt;script&gt; &amp; <code>x &lt; y</code></p>"


def test_links_lead_to_pages_and_pictures_of_this_server_and_run_nothing() -> None:
    assert render("[x](javascript:alert(1))") == "<p>[x](javascript:alert(1))</p>"
    assert render("![a dial](../static/dial.png) [raw](raw-clip.md)") == (
        '<p><img src="/static/dial.png" alt="a dial" /> <a href="/help/raw-clip">raw</a></p>'
    )


def test_a_line_of_chinese_goes_on_without_a_space() -> None:
    assert render("它看**什么**：\n之后\n*（*A 中\nB", query="?lang=zh").startswith("<p>它看<b>什么</b>：之后")
