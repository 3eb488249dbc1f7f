"""Follows focus scores while someone turns the focus ring: the best so far, and whether the ring went past it."""

from __future__ import annotations

from collections import deque
from typing import Literal

Trend = Literal["waiting", "rising", "best", "falling", "passed"]

AT_BEST = 0.97  # of the best: noise moves a score by 1 to 2 % at gain 16
PASSED = 0.85  # below this the best was passed, and the ring should come back
CLIMBED = 1.3  # times the lowest score: a best below that is no peak
TURNED = 1.05  # times the score where the ring turned: chosen, well above that noise


class FocusMeter:
    """Follows one score after the other; the last `kept` make the curve."""

    def __init__(self, kept: int = 240) -> None:
        self.curve: deque[float] = deque(maxlen=kept)
        self.best = 0.0
        self._lowest = float("inf")
        self._series: int | None = None
        self._turn, self._falling = 0.0, False  # the highest score since it last fell, or the lowest since it rose

    def note(self, score: float, series: int | None = None) -> Trend:
        """Add the next score; give the trend. One of another series (`device.view.score_series`) begins anew."""
        if series != self._series:
            self.forget()
            self._series = series
        self.curve.append(score)
        if score > self.best:
            self.best = score
        self._lowest = min(self._lowest, score)
        turned = score > TURNED * self._turn if self._falling else self._turn > TURNED * score
        if turned:
            self._turn, self._falling = score, not self._falling
        else:
            self._turn = (min if self._falling else max)(self._turn, score)
        return self.trend

    @property
    def share(self) -> float:
        """The newest score over the best, 0..1."""
        return self.curve[-1] / self.best if self.curve and self.best > 0 else 0.0

    @property
    def trend(self) -> Trend:
        """How the score changes: too few scores yet, rising, at the best, falling, or past the best."""
        if len(self.curve) < 2 or self.best <= 0:
            return "waiting"
        if self.share >= AT_BEST:
            return "best"
        if self.share < PASSED and self.best >= CLIMBED * self._lowest:
            return "passed" if self._falling else "rising"
        return "falling"

    def forget(self) -> None:
        """Begin anew: another subject, another area."""
        self.curve.clear()
        self.best, self._lowest = 0.0, float("inf")
        self._turn, self._falling = 0.0, False
