"""ffmpeg behind a pipe: pictures in, an MP4 out that every player and browser plays.

ffmpeg and not PyAV: it is a package of every Raspberry Pi OS that brings nothing into hqcam's environment, it cannot
disturb the system's numpy and picamera2, and what it does to memory costs its own process.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from device.atomic import as_storage_error, discard, temporary_name
from device.errors import ExtraMissing, HqcamError, StorageFull
from device.frame import U8

_LARGE_PIXELS: Final = 3840 * 2160
_QUALITY: Final = "18"  # CRF of x264, chosen: no difference is seen in a film that is looked at
_END_S: Final = 600.0  # the index is moved to the front at the end: the whole file is written once more
_NO_SPACE: Final = "No space left on device"


def check_ffmpeg_there() -> str:
    """Give the path of ffmpeg. Raises ExtraMissing."""
    found = shutil.which("ffmpeg")
    if found is None:
        raise ExtraMissing(
            "films need the program ffmpeg, which is not installed",
            expected="ffmpeg with x264, as Raspberry Pi OS has it",
            remedy="install it: `sudo apt install ffmpeg`",
        )
    return found


class Encoder:
    """Writes one film under a hidden name beside `target`; `finish` gives that name. One thread."""

    def __init__(self, target: Path, width: int, height: int, fps: float) -> None:
        """Width and height are even. Raises ExtraMissing, StorageError."""
        self._target, self.temporary = target, temporary_name(target)
        large = width * height > _LARGE_PIXELS
        # The pictures are sRGB; the matrix from RGB and the tags say the same, so that no player has to guess.
        command = [check_ffmpeg_there(), "-v", "error", "-nostdin", "-y"]
        command += [
            "-f",
            "rawvideo",
            "-pix_fmt",
            "rgb24",
            "-s",
            f"{width}x{height}",
            "-framerate",
            f"{fps:g}",
            "-i",
            "-",
        ]
        command += [
            "-vf",
            "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int,format=yuv420p",
        ]
        command += ["-c:v", "libx264", "-preset", "superfast" if large else "veryfast", "-crf", _QUALITY]
        command += ["-color_primaries", "bt709", "-color_trc", "iec61966-2-1", "-colorspace", "bt709"]
        command += ["-color_range", "tv", "-movflags", "+faststart", "-f", "mp4", os.fspath(self.temporary)]
        self._said: IO[bytes] = tempfile.TemporaryFile()
        try:
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=self._said, stderr=self._said)
        except OSError as error:
            self._said.close()
            raise HqcamError(f"ffmpeg could not be started: {error}", remedy="check `ffmpeg -version`") from error

    def add(self, rgb: U8) -> None:
        """Add a picture, (height, width, 3). Raises HqcamError, StorageFull."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(rgb.data.cast("B"))
        except BrokenPipeError:
            raise self._failure() from None

    def finish(self) -> Path:
        """Complete the film, and force it to the disk. Raises HqcamError, StorageError."""
        assert self._process.stdin is not None
        try:
            with suppress(BrokenPipeError):
                self._process.stdin.close()
            if self._process.wait(_END_S) != 0:
                raise self._failure()
            handle = os.open(self.temporary, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            if isinstance(error, HqcamError):
                raise
            raise as_storage_error(error, self._target) from error
        self._said.close()
        return self.temporary

    def give_up(self) -> None:
        """End ffmpeg and leave nothing of the film. A second call does nothing."""
        if self._process.poll() is None:
            self._process.kill()
        with suppress(BrokenPipeError):
            self._process.communicate()
        self._said.close()
        discard(self.temporary)

    def _failure(self) -> HqcamError:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_S)
        self._said.seek(0)
        said = self._said.read().decode("utf-8", "replace").strip()
        if _NO_SPACE in said:
            return StorageFull(
                f"no space left for {self._target.name} in {self._target.parent}",
                remedy="free some space, or make the film smaller",
            )
        last = said.splitlines()[-1][-200:] if said else f"it ended with {self._process.returncode}"
        return HqcamError(f"ffmpeg made no film: {last}", remedy="check `ffmpeg -version`; it needs libx264")
