"""The controls of a camera, with unit and choices, and with the range where it is the same for all cameras.

`device/controls.py` checks requests against these declarations and against the limits of the open camera.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from device.settings.declaration import Setting, declared, setting

AwbMode = Literal["auto", "incandescent", "tungsten", "fluorescent", "indoor", "daylight", "cloudy", "kelvin", "manual"]
Metering = Literal["centre", "spot", "matrix"]
Constraint = Literal["normal", "highlight"]
AntiFlicker = Literal["off", "auto", "50 Hz", "60 Hz"]
NoiseReduction = Literal["off", "fast", "best"]
Files = Literal["raw+jpeg", "raw", "jpeg"]


@dataclass(frozen=True, slots=True)
class Controls:
    """The requested values. `None` in `exposure_us` or `gain` leaves that to auto exposure.

    The lens fields (`focus_m`, `f_number`, `focal_mm`) are for a lens that the driver can set (the simulated one);
    for a manual lens they stay `None`. The errors of its mount, `back_focus_um` and `tilt_um`, stay 0, and so does
    its `breathing`. Contrast (about the middle of the display's range) and saturation change the rendered picture,
    live and still. Sharpness and noise reduction change only stills, because peaking reads the live picture. `files`
    and `jpeg_quality` belong to the files of a shot; the camera does not see them.
    """

    exposure_us: float | None = setting(
        None, "Shutter", unit="us", help="Exposure time; without it auto exposure chooses."
    )
    gain: float | None = setting(
        None, "Gain", unit="x", help="Analogue gain, 1 at ISO 100; without it auto exposure chooses."
    )
    slowest_us: float = setting(  # chosen: where the P mode of most cameras ends
        30_000_000.0,
        "Slowest shutter",
        unit="us",
        help="How long auto exposure may expose a shot in the dark; from there on ISO rises.",
    )
    ev: float = setting(0.0, "EV", unit="EV", help="Exposure compensation in stops.")
    ae_lock: bool = setting(False, "AE lock", help="Holds what auto exposure found.")
    awb: AwbMode = setting("auto", "White balance", help="White balance.")
    colour_gains: tuple[float, float] | None = setting(
        None, "Gains", unit="x", step=0.05, help='Gains of red and blue relative to green; used when awb is "manual".'
    )
    # The IMX477's tuning is calibrated from 2360 to 9505 K; the range is rounded inwards.
    colour_temperature_k: float | None = setting(
        None, "Kelvin", unit="K", minimum=2500, maximum=9500, step=100, help="White balance by colour temperature."
    )
    metering: Metering = setting("centre", "Metering", help="What auto exposure weighs.")
    constraint: Constraint = setting(  # "highlight" keeps the brightest two hundredths of the picture from clipping
        "normal", "Highlights", help="highlight: keep the brightest from clipping."
    )
    anti_flicker: AntiFlicker = setting(  # whole periods of lamps on this mains frequency
        "off", "Anti-flicker", help="Automatic times that lamps do not stripe."
    )
    # Chosen: the useful part of libcamera's ranges, 0 to 32 and 0 to 16; at 1 the picture is as tuned.
    contrast: float = setting(
        1.0,
        "Contrast",
        unit="x",
        minimum=0.25,
        maximum=4,
        step=0.05,
        help="Of the JPEG and the live picture; 1 as tuned.",
    )
    saturation: float = setting(
        1.0,
        "Saturation",
        unit="x",
        minimum=0,
        maximum=4,
        step=0.05,
        help="Of the JPEG and the live picture; 0 is grey.",
    )
    sharpness: float = setting(
        1.0, "Sharpness", unit="x", minimum=0, maximum=8, step=0.05, help="Of the JPEG; 0 is none."
    )
    noise_reduction: NoiseReduction = setting("best", "Noise reduction", help="Of the JPEG.")
    files: Files = setting("raw+jpeg", "Files", help="What is kept of a shot; raw is a DNG.")
    jpeg_quality: int = setting(  # chosen: 93 is visually lossless 4:2:0, at some 4-6 MB for 12 megapixels
        93, "JPEG quality", minimum=60, maximum=100, step=1, help="Of the JPEG; 100 is the largest file."
    )
    focus_m: float | None = setting(None, "Distance", unit="m", help="Focus distance of the simulated lens.")
    f_number: float | None = setting(
        None, "Aperture", help="What the lens's aperture ring stands at; sets the simulated lens."
    )
    focal_mm: float | None = setting(None, "Focal length", unit="mm", help="Focal length of the simulated lens.")
    back_focus_um: float = setting(
        0.0, "Back focus", unit="um", help="How much too far from its sensor the simulated lens is mounted."
    )
    tilt_um: float = setting(
        0.0, "Tilt", unit="um", help="How much more that is at the right end of the sensor than at the left one."
    )
    breathing: float = setting(
        0.0, "Breathing", help="How the simulated lens's picture grows with nearer focus: 1 as one moved as a whole."
    )


CONTROLS: dict[str, Setting] = declared(Controls)
"""By the field's name."""
