"""The help, served by the camera itself."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from web.routes.help import FOLDER, render, titles

PAGES = sorted(path.stem for path in FOLDER.glob("*.md"))


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_served_with_its_pictures_and_links(client: FlaskClient, name: str) -> None:
    response = client.get(f"/help/{name}")
    assert response.status_code == 200 and response.mimetype == "text/html"
    text = response.get_data(as_text=True)
    assert f"<h1>{titles()[name]}</h1>" in text and "<b>On which pixels.</b>" in text and '<table tabindex="0">' in text
    assert "**" not in text and "](" not in text
    for address in re.findall(r'(?:src|href)="(/[^"]*)"', text):
        answer = client.get(address)
        assert answer.status_code == 200, address
        answer.close()


def test_the_contents_name_every_page(client: FlaskClient) -> None:
    text = client.get("/help").get_data(as_text=True)
    assert all(f'href="/help/{name}"' in text for name in PAGES) and len(PAGES) >= 12


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
