"""A camera made of pictures: one file or a folder of JPEG, PNG or DNG files plays as live frames, again and again.

Pictures in files cannot be exposed or focused again: there are no controls. Each frame's metadata name its file;
exposure and gain are those of the file's metadata, or marked unknown.
"""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

from device import host
from device.errors import BadFile, BadReplay, CameraLost, CameraStalled
from device.frame import CameraInfo, Capabilities, Controls, FrameMeta, LiveFrame, Mode, Rect, StillFrame, YuvPicture
from device.pixels.yuv import crop, halve
from device.raw.decode import PictureFile
from device.raw.files import read_picture, read_size

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".dng"})
PICTURES_PER_SECOND = 10.0  # chosen: smooth enough for recorded focusing, slow enough to decode 12 megapixels each time
SMALL_WIDTH_MAX = 1200
MIN_SIDE = 8
CACHE_BYTES = 60_000_000  # a few pictures of 12 megapixels; the others are decoded each time they are shown


class ReplayCamera:
    """Plays the pictures at `path` in the order of their names."""

    def __init__(self, path: Path, *, pace: bool = True) -> None:
        """With `pace` False there are no waits between frames (for tests and benches)."""
        self._path = path
        self._period_s = 1 / PICTURES_PER_SECOND
        self._pace = pace
        self._files: list[Path] = []
        self._info: CameraInfo | None = None
        self._cache: dict[Path, tuple[PictureFile, YuvPicture]] = {}
        self._cached_bytes = 0
        self._closed = threading.Event()
        self._sequence = 0
        self._window: Rect | None = None
        self._due = 0.0

    @property
    def info(self) -> CameraInfo:
        """Model, mode and capabilities; raises CameraLost before `open`."""
        if self._info is None:
            raise CameraLost("the replay is not open")
        return self._info

    def open(self) -> None:
        """List the pictures and check that all have one size. Raises BadReplay."""
        self._files = _list_files(self._path)
        sizes = {}
        for file in self._files:
            try:
                sizes[file] = read_size(file)
            except BadFile as error:
                raise BadReplay(error.message, expected=error.expected, remedy="remove it from the folder") from error
        width, height = _common_size(sizes)
        mode = Mode(
            width=width,
            height=height,
            bit_depth=8,
            crop=Rect(0, 0, width, height),
            binning=1,
            max_fps=PICTURES_PER_SECOND,
            exposure_min_us=0,
            exposure_max_us=0,
            line_us=1.0,
        )
        has_raw = self._load(self._files[0])[0].raw is not None
        self._info = CameraInfo(
            driver="replay",
            model="replay",
            simulated=True,
            description=f"replay of {self._path.name} ({len(self._files)} picture{'s' * (len(self._files) > 1)})",
            modes=(mode,),
            limits={},
            capabilities=Capabilities(
                raw_live=has_raw,
                raw_still=has_raw,
                lens_control=False,
                exposure_control=False,
                loupe=True,
                turnable=False,
            ),
        )

    def start(self, mode: Mode, controls: Controls) -> None:
        """Begin with the first picture."""
        self._due = time.monotonic()

    def stop(self) -> None:
        """Do nothing: nothing runs between frames."""

    def request(self, controls: Controls) -> None:
        """Do nothing: a replay has no controls (`info.limits` is empty)."""

    def magnify(self, window: Rect | None) -> None:
        """Show a part of each picture."""
        self._window = window

    def next_frame(self, timeout_s: float) -> LiveFrame:
        """Wait until the next picture is due. Raises CameraStalled, CameraLost."""
        if self._pace and self._due - time.monotonic() > timeout_s:
            self._closed.wait(timeout_s)
            raise CameraStalled("the next picture is not due yet")
        if self._pace:
            self._closed.wait(max(0.0, self._due - time.monotonic()))
        self._check_open()
        timestamp_ns = time.monotonic_ns()
        picture, small = self._load(self._files[self._sequence % len(self._files)])
        self._sequence += 1
        self._due = max(self._due + self._period_s, time.monotonic())
        meta = self._meta(picture, timestamp_ns)
        if self._window is None:
            return LiveFrame(meta, picture.yuv, small, picture.raw)
        part = crop(picture.yuv, self._window)
        return LiveFrame(replace(meta, window=self._window), part, part, None)

    def cancel_still(self) -> None:
        """Do nothing: a still of a replay does not wait."""

    def capture_still(self, timeout_s: float, controls: Controls | None = None) -> StillFrame:
        """Give the picture of the next frame as a still. Raises CameraLost, BadReplay."""
        self._check_open()
        timestamp_ns = time.monotonic_ns()
        picture, _ = self._load(self._files[self._sequence % len(self._files)])
        return StillFrame(self._meta(picture, timestamp_ns), picture.yuv, picture.raw)

    def close(self) -> None:
        """End any wait at once."""
        self._closed.set()

    def _check_open(self) -> None:
        if self._closed.is_set() or self._info is None:
            raise CameraLost("the replay was closed")

    def _load(self, file: Path) -> tuple[PictureFile, YuvPicture]:
        cached = self._cache.get(file)
        if cached is not None:
            return cached
        try:
            picture = read_picture(file, memory_bytes=host.available_memory_bytes())
        except BadFile as error:
            raise BadReplay(error.message, expected=error.expected, remedy="remove it from the folder") from error
        small = picture.yuv
        while small.y.shape[1] > SMALL_WIDTH_MAX:
            small = halve(small)
        size = picture.yuv.y.size * 3 // 2 + (picture.raw.samples.nbytes if picture.raw else 0)
        if self._cached_bytes + size <= CACHE_BYTES:
            self._cache[file] = (picture, small)
            self._cached_bytes += size
        return picture, small

    def _meta(self, picture: PictureFile, timestamp_ns: int) -> FrameMeta:
        metadata = picture.metadata
        return FrameMeta(
            sequence=self._sequence,
            timestamp_ns=timestamp_ns,
            exposure_us=metadata.exposure_us or 0.0,
            analogue_gain=(metadata.iso or 100) / 100,
            digital_gain=1.0,
            colour_gains=metadata.colour_gains or (1.0, 1.0),
            colour_temperature_k=metadata.colour_temperature_k or 0.0,
            frame_duration_us=1e6 / PICTURES_PER_SECOND,
            ae_state="off",
            mode=self.info.modes[0],
            simulated=True,
            exposure_known=metadata.exposure_us is not None and metadata.iso is not None,
            source=picture.name,
            processing=picture.processing,
        )


def _list_files(path: Path) -> list[Path]:
    expected = "a JPEG, PNG or DNG file, or a folder of them"
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise BadReplay(f"there is nothing at {path}", expected=expected, remedy="check the path after replay:")
    try:
        files = sorted(f for f in path.iterdir() if f.suffix.lower() in SUFFIXES and not f.name.startswith("."))
    except OSError as error:
        raise BadReplay(f"{path} cannot be read: {error.strerror}", expected=expected) from error
    if not files:
        raise BadReplay(f"{path} holds no pictures", expected=expected)
    return files


def _common_size(sizes: dict[Path, tuple[int, int]]) -> tuple[int, int]:
    """Give the (width, height) that all pictures share."""
    (first, size), *rest = sizes.items()
    for file, other in rest:
        if other != size:
            raise BadReplay(
                f"{file.name} is {other[0]}x{other[1]}, but {first.name} is {size[0]}x{size[1]}",
                expected="pictures of one size in a replay folder",
                remedy="remove one of them",
            )
    if min(size) < MIN_SIDE:
        raise BadReplay(f"{first.name} is {size[0]}x{size[1]} pixels", expected=f"at least {MIN_SIDE} pixels each way")
    return size
