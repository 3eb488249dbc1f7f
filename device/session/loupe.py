"""The loupe: a part of the full-resolution mode, pixel for pixel.

It belongs to the camera: all viewers see the same part. When the camera is reopened, it shows the whole frame again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from device.drivers.base import CameraDriver
from device.errors import BadControl, CameraError, ModeRefused, NotEnoughMemory
from device.frame import CameraInfo, Mode, Rect
from device.view.view import View
from device.view.view_thread import ViewThread

T = TypeVar("T")

# Chosen: the size of the live picture, a quarter of the sides; multiples of 4, because it is halved in 4:2:0.
LOUPE_SIZE: Final = (1016, 760)
BUDGET_S: Final = 5.0  # chosen: switching modes takes about a second on a Pi


class CameraAccess(Protocol):
    """The methods of the session that the loupe uses."""

    views: ViewThread

    def info(self) -> CameraInfo:
        """Model, modes, limits and capabilities; raises CameraError while no camera has been opened."""
        ...

    def submit(
        self, work: Callable[[CameraDriver], T], *, budget_s: float, survives: tuple[type[CameraError], ...] = ()
    ) -> T:
        """Run `work` on the camera thread between two frames and give its result."""
        ...


class Loupe:
    """The loupe of a session's camera. Made by the session, called by the routes. Any thread."""

    def __init__(self, session: CameraAccess) -> None:
        self._session = session
        self._point: tuple[float, float] | None = None
        self._map: View | None = None

    @property
    def point(self) -> tuple[float, float] | None:
        """The magnified point (x, y), as shares 0..1 of the whole frame's sides; None for the whole frame."""
        return self._point

    @property
    def map(self) -> View | None:
        """The last view of the whole frame; None before the first."""
        newest = self._session.views.newest()
        return newest if newest is not None and newest.meta.window is None else self._map

    def put(self, x: float, y: float) -> None:
        """Magnify around a point (shares of the whole frame's sides, 0..1), or move there.

        Returns when the driver has the request; a frame shows the part when its `meta.window` says so. Raises
        BadControl on a camera without a loupe, CameraError.
        """
        info = self._session.info()
        if not info.capabilities.loupe:
            raise BadControl(
                f"this camera ({info.description}) has no loupe",
                expected="a camera that can cut its picture from the full-resolution mode",
            )
        self._magnify((x, y), window_around(x, y, info.full_mode))

    def take_away(self) -> None:
        """Show the whole frame again. Raises CameraError."""
        self._magnify(None, None)

    def forget(self) -> None:
        """Note that the camera is reopened and shows the whole frame. The camera thread calls this."""
        self._point = None

    def _magnify(self, point: tuple[float, float] | None, window: Rect | None) -> None:
        def on_camera_thread(driver: CameraDriver) -> None:
            self._map = self.map
            driver.magnify(window)
            self._point = point

        # A driver that refuses the window still shows the whole frame: the camera is not lost.
        self._session.submit(on_camera_thread, budget_s=BUDGET_S, survives=(ModeRefused, NotEnoughMemory))


def window_around(x: float, y: float, mode: Mode) -> Rect:
    """Give the window around a point of `mode` (shares of its sides, 0..1), moved inside the mode, its corner even.

    Even, because the colour filter repeats every two pixels.
    """
    width, height = min(LOUPE_SIZE[0], mode.crop.width), min(LOUPE_SIZE[1], mode.crop.height)
    left = _start(x, mode.crop.width, width)
    top = _start(y, mode.crop.height, height)
    return Rect(mode.crop.x + left, mode.crop.y + top, width, height)


def _start(middle: float, whole: int, part: int) -> int:
    return min(max(round(middle * whole - part / 2), 0), whole - part) // 2 * 2
