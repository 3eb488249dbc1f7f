"""Fingers on a page, at moments that the test tells: how busy the machine is does not matter."""

from __future__ import annotations

import time

from playwright.sync_api import Page


class Fingers:
    """Touches of one page, through Chromium's own input."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._client = page.context.new_cdp_session(page)
        self._at_s = time.time()

    def touch(self, kind: str, *points: tuple[float, float], after_ms: float = 20, on: str = "#picture") -> None:
        """Send touchStart, touchMove or touchEnd with all fingers that are down, at shares of an element's sides."""
        self._at_s += after_ms / 1000
        box = self._page.locator(on).bounding_box()
        assert box
        where = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
        fingers = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(where)]
        event = {"type": kind, "touchPoints": fingers, "timestamp": self._at_s}
        self._client.send("Input.dispatchTouchEvent", event)

    def tap(self, point: tuple[float, float], *, after_ms: float = 1000, on: str = "#picture") -> None:
        """Tap once; a tap soon after another one is a double tap."""
        self.touch("touchStart", point, after_ms=after_ms, on=on)
        self.touch("touchEnd")

    def stroke(self, start: tuple[float, float], end: tuple[float, float], *, ms: float) -> None:
        """Draw one finger from a point to another in so many milliseconds."""
        self.touch("touchStart", start, after_ms=1000)
        for step in range(1, 5):
            share = step / 4
            at = (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))
            self.touch("touchMove", at, after_ms=ms / 5)
        self.touch("touchEnd", after_ms=ms / 5)

    def pinch(self, middle: tuple[float, float], start: float, end: float) -> None:
        """Draw two fingers apart or together around a point, from and to so much of the width on each side of it."""
        x, y = middle
        self.touch("touchStart", (x - start, y), after_ms=1000)
        self.touch("touchStart", (x - start, y), (x + start, y))
        for step in range(1, 6):
            side = start + (end - start) * step / 5
            self.touch("touchMove", (x - side, y), (x + side, y))
        self.touch("touchEnd")
