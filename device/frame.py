"""The types that all rooms share: what a camera delivers and what can be asked of it. Values only, no driver code.

`Controls` and the types of its choices are declared in `device/settings/controls.py`.

Units are in the names: `_us` microseconds, `_ns` nanoseconds, `_dn` data numbers (values of raw samples at the frame's
bit depth), `_mm` and `_m` lengths, `_k` kelvin. Gains are linear.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from device.bayer import CfaOrder
from device.settings.controls import AntiFlicker as AntiFlicker
from device.settings.controls import AwbMode as AwbMode
from device.settings.controls import Constraint as Constraint
from device.settings.controls import Controls as Controls
from device.settings.controls import Metering as Metering
from device.settings.controls import NoiseReduction as NoiseReduction

U8 = NDArray[np.uint8]
U16 = NDArray[np.uint16]
I16 = NDArray[np.int16]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]
"""True where a pixel, or a block of pixels, is lit."""

AeState = Literal["off", "searching", "converged", "locked"]
ProcessingName = Literal["raw", "none", "camera", "halved", "shot", "sharp", "denoise", "jpeg"]
"""What was done to a picture on its way from the sensor; see `device.analysis.processing`."""


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in pixels of the sensor's full active array."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Mode:
    """One way of reading the sensor out."""

    width: int
    height: int
    bit_depth: int
    crop: Rect
    """What part of the full array the mode sees."""
    binning: int
    """Full-array pixels per output pixel along one axis (1 or 2)."""
    max_fps: float
    exposure_min_us: int
    exposure_max_us: int
    line_us: float
    """Time to read one line; exposures come in whole lines."""

    @property
    def name(self) -> str:
        """`2028x1520-12`: size and bit depth."""
        return f"{self.width}x{self.height}-{self.bit_depth}"

    def whole_lines_us(self, exposure_us: float) -> float:
        """Give the exposure of whole lines that is nearest to `exposure_us`, within the mode's limits.

        The limits are whole microseconds: the shortest is cut, so that 114 us stand for four lines of 28.57 us.

        >>> mode = Mode(4056, 3040, 12, Rect(0, 0, 4056, 3040), 1, 10.0, 114, 694_422_939, 200 / 7)
        >>> [round(mode.whole_lines_us(us), 2) for us in (1000, 114, 1, 310)]
        [1000.0, 114.29, 114.29, 314.29]
        """
        fewest = max(1, math.ceil(self.exposure_min_us / self.line_us - 1e-6))
        most = max(fewest, math.floor(self.exposure_max_us / self.line_us + 1e-6))
        return min(max(math.floor(exposure_us / self.line_us + 0.5), fewest), most) * self.line_us


@dataclass(frozen=True, slots=True)
class Limit:
    """The closed range of one numeric control, as this camera reports it."""

    minimum: float
    maximum: float
    default: float | None
    unit: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What this camera can do beyond the minimum."""

    raw_live: bool
    """Raw samples come with every live frame."""
    raw_still: bool
    """A still has raw samples."""
    lens_control: bool
    """The driver can turn the lens (simulated lens only)."""
    exposure_control: bool
    """Exposure, gain and white balance can be set (a replay cannot)."""
    loupe: bool
    """Live frames can show a part of the full-resolution mode, pixel for pixel."""
    coverable: bool = False
    """The driver can put a cap or white paper before the lens (simulated only; `drivers.base.Coverable`)."""
    turnable: bool = True
    """Its pictures are to be turned as its mount asks; those of a replay are the right way up already."""


LIVE_FPS: Final = 20.0  # chosen: less is no viewfinder to follow a subject with
LIVE_PIXELS: Final = 5_200_000  # chosen: what a Pi 4 looks through 15 times a second and more


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """The description of a camera; known once it is open."""

    driver: str
    model: str
    """Sensor model in lower case ("imx477"), or "replay"."""
    simulated: bool
    """True when the frames do not come from a real sensor now: simulated and replay."""
    description: str
    modes: tuple[Mode, ...]
    limits: dict[str, Limit]
    """By field name of `Controls`, in the units of that field; a field that is missing cannot be set."""
    capabilities: Capabilities
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By field name of `Controls`, the choices that this camera offers; a field that is missing cannot be set."""
    tuning: str = ""
    """The tuning by which libcamera exposes, balances and renders: "stock", "scientific", "noir" or the name of a file;
    "" where there is none."""
    pixel_pitch_um: float | None = None
    """Of a photosite, as the camera tells it; None: it does not."""
    identity: str = ""
    """What tells this camera from another of its kind, as far as its software can: for libcamera the path of the port
    it is at, as the sensor has no number that can be read. "" where there is nothing of the kind."""
    saturation_cd_s_m2: float | None = None
    """Luminance x time / f-number^2 that saturates green at gain 1; known only of a simulated camera with its lens."""

    @property
    def full_mode(self) -> Mode:
        """The mode with the most pixels, and of these the deepest: that of stills and of the loupe."""
        return max(self.modes, key=lambda m: (m.width * m.height, m.bit_depth))

    @property
    def live_mode(self) -> Mode:
        """The mode to begin with: the largest field at a live rate, and of these the most pixels up to LIVE_PIXELS."""

        def worth(mode: Mode) -> tuple[bool, int, bool, int]:
            pixels = mode.width * mode.height
            modest = pixels <= LIVE_PIXELS
            field = mode.crop.width * mode.crop.height
            return mode.max_fps >= LIVE_FPS, field, modest, pixels if modest else -pixels

        return max(self.modes, key=worth)


@dataclass(frozen=True, slots=True)
class LensState:
    """The lens during the frame; only a simulated lens reports it."""

    focal_mm: float
    f_number: float
    focus_m: float


@dataclass(frozen=True, slots=True)
class FrameMeta:
    """The metadata of one frame: what the camera delivered, never what was requested."""

    sequence: int
    """Counts up from 1 for each frame the driver delivered since start; gaps are dropped frames."""
    timestamp_ns: int
    """Start of the first row's exposure on the monotonic clock (libcamera's SensorTimestamp)."""
    exposure_us: float
    analogue_gain: float
    digital_gain: float
    colour_gains: tuple[float, float]
    colour_temperature_k: float
    frame_duration_us: float
    ae_state: AeState
    mode: Mode
    simulated: bool
    sensor_temperature_c: float | None = None
    lux: float | None = None
    lens: LensState | None = None
    exposure_known: bool = True
    """False when exposure and gain are placeholders (a replayed picture without EXIF)."""
    source: str = ""
    """Replay: the file name this frame was read from."""
    processing: ProcessingName = "camera"
    contrast: float = 1.0
    """As in `Controls`: the contrast that was applied to the display's tone curve."""
    window: Rect | None = None
    """The part of the full array that the picture shows; None: all that the mode sees."""
    orientation: int = 1
    """Exif's 1 to 8: how to turn the picture for looking at it. Its pixels are as the sensor gave them. The session
    sets it, not the driver."""

    @property
    def iso(self) -> int:
        """ISO by the software convention of libcamera and rpicam: 100 x analogue gain."""
        return round(100 * self.analogue_gain)


@dataclass(frozen=True, slots=True)
class YuvPicture:
    """A full-range BT.601 (JPEG) picture: `y` (H, W), `u` and `v` half that, rounded up; uint8, C-contiguous rows."""

    y: U8
    u: U8
    v: U8


@dataclass(frozen=True, slots=True)
class RawFrame:
    """Unprocessed Bayer samples.

    `samples` is (H, W) uint16, right-justified at `bit_depth`. `black_dn` follows the order R, Gr, Gb, B.
    """

    samples: U16
    cfa: CfaOrder
    bit_depth: int
    black_dn: tuple[float, float, float, float]
    white_dn: int
    levels_assumed: bool = False
    """True when black or white were not reported with the frame and had to be assumed."""

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W) of the samples."""
        return self.samples.shape[0], self.samples.shape[1]


class AnyRaw(Protocol):
    """Bayer samples in memory: a `RawFrame`, or rows that are still packed (`pixels.packed.PackedRaw`)."""

    @property
    def samples(self) -> U16:
        """(H, W) uint16, right-justified at `bit_depth`; unpacked anew each time where they are packed."""
        ...

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W) of the samples."""
        ...

    @property
    def cfa(self) -> CfaOrder:
        """The colours of the first two by two samples."""
        ...

    @property
    def bit_depth(self) -> int:
        """Bits of a sample."""
        ...

    @property
    def black_dn(self) -> tuple[float, float, float, float]:
        """R, Gr, Gb, B."""
        ...

    @property
    def white_dn(self) -> int:
        """The value of a saturated sample."""
        ...

    @property
    def levels_assumed(self) -> bool:
        """True when black or white had to be assumed."""
        ...


@dataclass(slots=True)
class LiveFrame:
    """One live frame on loan from the driver: read it, copy what must outlive it, then `release()` once.

    After release the arrays may be overwritten by the next frame. `main` has the mode's full size; `small` is the
    picture for the phone (half the main size in the simulator, the lores stream on a Pi).
    """

    meta: FrameMeta
    main: YuvPicture
    small: YuvPicture
    raw: RawFrame | None
    on_release: Callable[[], None] = field(default=lambda: None, repr=False)

    def release(self) -> None:
        """Give the buffers back to the driver. More than once is harmless."""
        on_release, self.on_release = self.on_release, lambda: None
        on_release()


@dataclass(frozen=True, slots=True)
class StillFrame:
    """One full-resolution shot: raw samples and the rendered picture of the same frame; owns its arrays."""

    meta: FrameMeta
    picture: YuvPicture
    raw: AnyRaw | None
