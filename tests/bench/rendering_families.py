"""The renderings of the bench, divided by what they are for.

Constants of `device.analysis` that follow from renderings (`noise_floor` and the thresholds "none" and "camera" of
`processing`) should be chosen on "chosen" alone: half of the demosaics, with two tone curves. "judged" are other
demosaics and curves, fewer bits and the simulator's ISP; "worked" were sharpened, denoised or compressed and do not say
so. The first choice was made on photographs in sixteen renderings, with all of these demosaics: for it, what judges are
other pictures, curves, temperatures and bits, and all that is "worked". What follows from `traces` was chosen with all
of these in view, and with 25 others; then six photographs in 37 renderings by demosaics of LibRaw, OpenCV and Menon
judged it, and `LOWER_AT_GAINS` and the sign of a soft demosaic were made more careful on seven of these 37. Small
flats, uneven noise and `FINEST` were chosen with the 37 in view; twelve more, eight of them sharpened, judged them, and
then had a say in `PER_FINE`.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

from bench.renderings import SIMULATOR, Rendering

Part = Literal["chosen", "judged", "worked"]
PARTS: Final[tuple[Part, ...]] = get_args(Part)

CHOSEN_DEMOSAICS: Final = ("bilinear", "gradient", "VNG", "AHD")
CHOSEN_TONES: Final = ("sensor", "sRGB")


def part_of(rendering: Rendering) -> Part:
    """Say what a rendering is for."""
    if rendering.work is not None:
        return "worked"
    chosen = rendering.demosaic in CHOSEN_DEMOSAICS and rendering.tone in CHOSEN_TONES and rendering.bits == 12
    return "chosen" if chosen else "judged"


FAMILIES: Final = (
    Rendering(demosaic="bilinear", matrix=0),
    Rendering(demosaic="bilinear"),
    Rendering(demosaic="bilinear", matrix=0.5, kelvin=2850, tone="sRGB"),
    Rendering(demosaic="bilinear", kelvin=7500, tone="sRGB"),
    Rendering(demosaic="gradient", tone="sRGB"),
    Rendering(demosaic="gradient", matrix=0.5, kelvin=7500),
    Rendering(demosaic="VNG", tone="sRGB"),
    Rendering(demosaic="VNG", matrix=0, kelvin=3500),
    Rendering(demosaic="AHD"),
    Rendering(demosaic="AHD", matrix=0.5, kelvin=2850, tone="sRGB"),
    Rendering(demosaic="VNG", matrix=0, tone="contrasty"),
    Rendering(demosaic="gradient", kelvin=4000, tone="contrasty"),
    Rendering(demosaic="DCB", matrix=0),
    Rendering(demosaic="DCB", kelvin=6500, tone="contrasty"),
    Rendering(demosaic="PPG"),
    Rendering(demosaic="PPG", matrix=0.5, kelvin=2850, tone="sRGB"),
    Rendering(demosaic="DHT", tone="sRGB"),
    Rendering(demosaic="AAHD", kelvin=7500),
    Rendering(demosaic="AAHD", matrix=0.5, tone="contrasty"),
    Rendering(demosaic=SIMULATOR),
    Rendering(demosaic=SIMULATOR, matrix=0.5, kelvin=2850, tone="sRGB"),
    Rendering(demosaic="gradient", bits=10),
    Rendering(demosaic="DCB", tone="sRGB", bits=8),
    Rendering(demosaic="gradient", tone="sRGB", work="unsharp 1, 1"),
    Rendering(demosaic="PPG", work="unsharp 0.5, 1"),
    Rendering(demosaic="DHT", matrix=0, work="unsharp 1, 1"),
    Rendering(demosaic="VNG", matrix=0.5, work="median, half"),
    Rendering(demosaic="DCB", tone="sRGB", work="bilateral 1"),
    Rendering(demosaic="AHD", work="JPEG 75"),
    Rendering(demosaic="DHT", tone="contrasty", work="JPEG 85"),
    Rendering(demosaic="bilinear", tone="sRGB", work="JPEG 95"),
)
