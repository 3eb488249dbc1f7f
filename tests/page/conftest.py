"""The page in a real Chromium against a real `hqcam serve` with the simulated camera, started as a user would.

Nothing here sleeps: everything waits on a condition with a deadline. Conditions are read with `evaluate`, because
Playwright's own `wait_for_function` needs `eval` in the page, which the page's policy forbids (as it should).
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from helpers import started
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request, sync_playwright
from playwright.sync_api import Error as PlaywrightError

START_DEADLINE_S = 120.0  # a cold start imports numpy and draws the scene, on a loaded machine
DEADLINE_S = 60.0
POLL_MS = 40
PHONE = {"width": 390, "height": 844}
PHONE_ON_ITS_SIDE = {"width": 844, "height": 390}
DESKTOP = {"width": 1440, "height": 900}
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
PAINTED = "window.hqcam?.viewfinder.stats.painted ?? 0"
CONDITION = "window.hqcam?.viewfinder.condition ?? 'none'"


@dataclass
class Server:
    """One `hqcam serve` process; can be killed and started again on the same port."""

    folder: Path
    port: int
    extra: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    log: Path = field(init=False)
    _running: ExitStack = field(init=False, default_factory=ExitStack)

    def __post_init__(self) -> None:
        self.log = self.folder / "serve.log"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def output(self) -> Path:
        return self.folder / "captures"

    def start(self) -> None:
        console_script = Path(sys.executable).with_name("hqcam")
        command = [str(console_script)] if console_script.exists() else [sys.executable, "-m", "device"]
        command += ["serve", "--camera", "simulated", "--port", str(self.port), "--output", str(self.output)]
        command += ["--settings", str(self.folder / "settings.json"), *self.extra]
        with self.log.open("ab") as log:
            self.process = self._running.enter_context(started(command, stdout=log, stderr=log))
        deadline = time.monotonic() + START_DEADLINE_S
        while not self._answers():
            assert self.process.poll() is None, f"hqcam serve ended:\n{self.log.read_text()}"
            assert time.monotonic() < deadline, f"hqcam serve does not answer:\n{self.log.read_text()}"

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self.process is None:
            return
        self.process.send_signal(number)
        try:
            self.process.wait(DEADLINE_S)
        finally:
            self._running.close()
            self.process = None

    def kill(self) -> None:
        self.stop(signal.SIGKILL)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}api/status", timeout=0.5) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError as error:
            return error.code == 401  # it needs the code
        except (urllib.error.URLError, OSError):
            return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def make_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start servers of one test; they are stopped when it ends."""
    servers: list[Server] = []

    def make(*extra: str) -> Server:
        folder = tmp_path / f"server{len(servers)}"
        folder.mkdir()
        server = Server(folder, free_port(), extra)
        servers.append(server)
        server.start()
        return server

    yield make
    with ExitStack() as stopping:
        for server in servers:
            stopping.callback(server.stop)


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that leave it as they found it, or do not care."""
    server = Server(tmp_path_factory.mktemp("shared"), free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    chromium = launch_chromium(playwright)
    yield chromium
    chromium.close()


def launch_chromium(playwright: Playwright, *more: str) -> Browser:
    # Graphics in software: the page's WebGL 2 is the real one on any machine, only slow. The parts of the page are put
    # together without it: that took a core of its own, and the picture came at a quarter of its rate.
    software = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-gpu-compositing"]
    flags = ["--no-sandbox", *software, *more]
    return playwright.chromium.launch(executable_path=_chromium(), args=flags)


def _chromium() -> str:
    found = os.environ.get("HQCAM_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if found is None:
        pytest.fail("no Chromium on this machine: install it (apt install chromium) or set HQCAM_CHROMIUM")
    return found


@dataclass
class Complaints:
    """What the browser had to say; a test fails on any that it did not announce with `allow`."""

    lines: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def allow(self, part: str) -> None:
        """Messages that contain `part` are part of the test."""
        self.allowed.append(part)

    def unexpected(self) -> list[str]:
        return [line for line in self.lines if not any(part in line for part in self.allowed)]

    def note_console(self, message: ConsoleMessage) -> None:
        # Reading back a software canvas is slow, and Chromium says so: screenshots do it, the page does not.
        if message.type in ("error", "warning") and "GPU stall due to ReadPixels" not in message.text:
            self.lines.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


NEXT_PAINT = "new Promise((painted) => { requestAnimationFrame(painted); })"
# Messages go away by themselves: a test that looks late still finds what was said.
_RECORD = """
window.said = [];
new MutationObserver((changes) => {
  for (const node of changes.flatMap((change) => [...change.addedNodes]))
    if (node instanceof HTMLElement && node.matches(".toast"))
      window.said.push({ kind: node.dataset.kind, text: node.innerText, html: node.innerHTML });
}).observe(document, { childList: true, subtree: true });
"""


# The page shows its gestures once in each browser that is used by finger: most tests begin after that.
GESTURES_SEEN = "try { localStorage.setItem('hqcam.gestures.1', 'seen'); } catch { /* about:blank has no storage */ }"


@pytest.fixture
def open_page(browser: Browser, complaints: Complaints) -> Iterator[Callable[..., Page]]:
    """Open pages, each in a fresh browser profile; errors in any of them fail the test."""
    contexts: list[BrowserContext] = []

    def open_it(
        url: str, *, viewport: dict[str, int] = DESKTOP, init_script: str = "", first_run: bool = False, **options: Any
    ) -> Page:
        context = browser.new_context(viewport=viewport, **options)  # type: ignore[arg-type]
        context.set_default_timeout(DEADLINE_S * 1000)
        contexts.append(context)
        page = context.new_page()
        _watch_requests(page)
        page.on("console", complaints.note_console)
        page.on("pageerror", lambda error: complaints.lines.append(f"page error: {error}"))
        page.add_init_script(_RECORD)
        if not first_run:
            page.add_init_script(GESTURES_SEEN)
        if init_script:
            page.add_init_script(init_script)
        page.goto(url)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert not complaints.unexpected()


_unanswered: WeakKeyDictionary[Page, set[Request]] = WeakKeyDictionary()


def _watch_requests(page: Page) -> None:
    """Keep the requests of a page that change something and have no answer yet."""
    waiting = _unanswered[page] = set()
    page.on("request", lambda request: waiting.add(request) if request.method not in ("GET", "HEAD") else None)
    page.on("requestfinished", lambda request: waiting.discard(request))
    page.on("requestfailed", lambda request: waiting.discard(request))


def until_answered(page: Page) -> None:
    """Wait until the server has answered all that the page asked for: what it still gets undoes what a test sets."""
    deadline = time.monotonic() + DEADLINE_S
    page.evaluate(NEXT_PAINT)
    while _unanswered[page]:
        assert time.monotonic() < deadline, f"not answered: {[request.url for request in _unanswered[page]]}"
        page.wait_for_timeout(POLL_MS)


@pytest.fixture
def live_page(shared_server: Server, open_page: Callable[..., Page]) -> Page:
    """The shared server's page on a desktop, with a live picture."""
    page = open_page(shared_server.url)
    until_live(page)
    return page


def until(page: Page, expression: str, expected: object = None, *, deadline_s: float = DEADLINE_S) -> Any:
    """Wait until a JavaScript expression is true, or equal to `expected`; give its value."""
    deadline = time.monotonic() + deadline_s
    while True:
        try:
            value = page.evaluate(expression)
        except PlaywrightError as error:  # the page was left for another meanwhile: not yet
            if "context was destroyed" not in error.message:
                raise
            value = None
        if value == expected if expected is not None else value:
            return value
        assert time.monotonic() < deadline, f"after {deadline_s:g} s {expression} is {value!r}, expected {expected!r}"
        page.wait_for_timeout(POLL_MS)  # the pause between two looks, during which the browser's events come in


def until_said(page: Page, part: str, *, kind: str | None = None) -> dict[str, str]:
    """Wait until a message with this part was shown, and of this kind; give its kind, text and HTML."""
    wanted = f"text.includes({part!r})" + (f" && kind === {kind!r}" if kind else "")
    found: dict[str, str] = until(page, f"window.said.find(({{ kind, text }}) => {wanted}) ?? null")
    return found


def press_until_asked(page: Page, asked: list[str], method: str) -> None:
    """Press the shutter until the page has asked for it: a warning holds for seconds, a later press warns again."""
    while method not in asked:  # pytest's time limit ends a test that waits in vain
        page.click("#shutter")
        page.evaluate(NEXT_PAINT)


def until_live(page: Page, *, deadline_s: float = DEADLINE_S) -> None:
    """Wait until the page shows new frames and says it is live."""
    until(page, f"({CONDITION}) === 'live' && ({PAINTED}) > 0", deadline_s=deadline_s)


def until_painted(page: Page, more: int = 3) -> None:
    """Wait for some more frames."""
    until(page, f"({PAINTED}) >= {page.evaluate(PAINTED) + more}")


def watch_elsewhere(server: Server, *, frames: int) -> None:
    """Have somebody else see some more frames: a page that would take them has had the time."""
    sequence = 0
    for _ in range(frames):
        with urllib.request.urlopen(f"{server.url}api/viewfinder/frame?after={sequence}", timeout=DEADLINE_S) as answer:
            sequence = int(answer.headers["X-Frame-Sequence"])


def text(page: Page, selector: str) -> str:
    return (page.text_content(selector) or "").strip()
