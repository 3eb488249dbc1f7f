"""The steps of a calibration of the camera: the cap on, then white paper. Each chooses its exposures, and checks them.

All frames are stills: raw of the mode with the most pixels. 16 with the cap on, some 25 of the paper; about three
minutes on a Raspberry Pi (estimated). A simulated lens is covered without a hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal, cast

from device import __version__, host
from device.calibration.cap import DarkLevel, HotSites, dark_level, hot_sites, mask_of
from device.calibration.checks import StepRefused, check_cap, check_white
from device.calibration.fixed_pattern import DustSpot, dust, prnu
from device.calibration.frames import Exposed, plane
from device.calibration.photon_transfer import Transfer, noise_model, transfer
from device.calibration.profile import CameraProfile
from device.drivers.base import CameraDriver, Coverable
from device.errors import BadInput, ShotCancelled
from device.session.session import Session

Front = Literal["open", "cap", "paper"]

DARK_GAINS: Final = (1.0, 2.0, 4.0, 8.0, 16.0)
HOT_GAIN: Final = 4.0  # chosen: read noise is half that of gain 1, and 800 electrons a second fit 6 s
HOT_US: Final = (2e6, 6e6)  # chosen: two exposures tell a rate from an offset, and 6 s shows 1.5 electrons a second
WHITE_GAINS: Final = (1.0, 4.0, 16.0)
WHITE_SHARES: Final = (0.1, 0.3, 0.6)  # of the scale, of the brightest colour
RESPONSE_FRAMES: Final = 4
FIRST_US: Final = 10_000.0
LONGEST_US: Final = 1_000_000.0  # chosen: a whole second for 0.6 of the scale at gain 1 is a dark room
PROBES: Final = 6
NEAR_WHITE: Final = 0.9  # of the scale; from there on a mean tells nothing
TOO_DARK: Final = 0.01
MEMORY_BYTES: Final = 28  # for each photosite at once: six frames of 2, their sum and slope of 4, what is computed with
COVER_S: Final = 5.0
WHITE_STILLS: Final = 2 * len(WHITE_GAINS) * len(WHITE_SHARES) + RESPONSE_FRAMES - 2
CAP_STILLS: Final = 2 * (len(DARK_GAINS) + 1 + len(HOT_US))


@dataclass(frozen=True, slots=True)
class CapFound:
    """What the frames without light gave."""

    darks: tuple[DarkLevel, ...]
    hot: HotSites
    temperature_c: float | None


@dataclass(frozen=True, slots=True)
class WhiteFound:
    """What the frames of white paper gave."""

    transfers: tuple[Transfer, ...]
    prnu: float
    dust: tuple[DustSpot, ...]


class CameraRun:
    """One calibration of the camera of a session, on the thread that calls it."""

    def __init__(
        self,
        session: Session,
        *,
        tell: Callable[[int, int, str], None] = lambda done, of, what: None,
        ended: Callable[[], bool] = lambda: False,
    ) -> None:
        """`tell` gets the stills taken, those there will be, and what is done; `ended` is asked before each still.

        Raises BadInput for a camera that cannot be calibrated, StepRefused for too little memory.
        """
        self._session, self._tell, self._ended = session, tell, ended
        self._taken, self._of = 0, CAP_STILLS
        self._cap: CapFound | None = None
        self._white: WhiteFound | None = None
        info = session.info()
        if session.measured.camera is None or not info.capabilities.exposure_control:
            raise BadInput(
                f"{info.description} cannot be calibrated",
                expected=f"raw stills of a chosen exposure from the sensor {session.measured.published.model}",
            )
        self._camera = session.measured.camera
        full = info.full_mode
        needed, free = MEMORY_BYTES * full.width * full.height, host.available_memory_bytes()
        if free is not None and free < needed:
            raise StepRefused(
                f"{free / 1e6:.0f} MB of memory are free",
                expected=f"{needed / 1e6:.0f} MB",
                remedy="close other programs, or calibrate this camera on a board with more memory",
            )
        self._shortest_us = float(full.exposure_min_us)

    def cap(self) -> CapFound:
        """Measure with the cap on. Raises StepRefused, CameraError, ShotCancelled."""
        self._begin("cap", CAP_STILLS)
        first = self._still(self._shortest_us, HOT_GAIN, "checking that it is dark")
        check_cap([first])
        hot_dark = (first, self._still(self._shortest_us, HOT_GAIN, "black level and read noise"))
        darks = {hot_dark[0].gain: dark_level(*hot_dark)}
        for gain in (*DARK_GAINS, self._session.info().limits["gain"].maximum):
            if gain != HOT_GAIN:
                found = dark_level(*self._pair(self._shortest_us, gain, f"read noise at gain {gain:.3g}"))
                darks[found.gain] = found
        pairs = [hot_dark]
        for exposure_us in HOT_US:
            pairs.append(self._pair(exposure_us, HOT_GAIN, f"hot photosites, {exposure_us / 1e6:g} s"))
            check_cap([pairs[0][0], pairs[-1][1]])
        self._tell(self._taken, self._of, "finding hot photosites")
        self._cap = CapFound(tuple(darks[gain] for gain in sorted(darks)), hot_sites(pairs), pairs[-1][1].temperature_c)
        return self._cap

    def white(self) -> WhiteFound:
        """Measure white paper, after `cap`. Raises StepRefused, CameraError, ShotCancelled; BadInput before `cap`."""
        if self._cap is None:
            raise BadInput("white paper was asked for first", expected="the step with the cap on before it")
        self._begin("paper", WHITE_STILLS)
        per_us = self._brightness()
        hot = mask_of(self._cap.hot.sites, self._shape)
        transfers = []
        response: list[Exposed] = []
        for gain in WHITE_GAINS:
            pairs = []
            for share in WHITE_SHARES:
                exposure_us = share / per_us / gain
                if exposure_us < self._shortest_us and share < WHITE_SHARES[-1]:
                    self._taken += 2
                    continue
                pair = self._pair(max(exposure_us, self._shortest_us), gain, f"noise of light at gain {gain:g}")
                check_white(*pair)
                pairs.append(pair)
            if gain == WHITE_GAINS[0]:
                response = list(pairs[-1])
                exposure_us = response[0].exposure_us
                more = RESPONSE_FRAMES - len(response)
                response += [self._still(exposure_us, gain, "response and dust") for _ in range(more)]
            transfers.append(transfer(pairs, self._dark_at(pairs[0][0].gain), hot))
        self._tell(self._taken, self._of, "measuring response and dust")
        dark = self._dark_at(response[0].gain)
        self._white = WhiteFound(tuple(transfers), prnu(response, dark, transfers[0], hot), dust(response, dark))
        return self._white

    def white_frames(self, share: float, count: int) -> list[Exposed]:
        """Take frames of white paper at gain 1, the brightest colour at `share` of the scale in the mean.

        Raises StepRefused, CameraError, ShotCancelled.
        """
        self._begin("paper", count)
        exposure_us = max(share / self._brightness(), self._shortest_us)
        return [self._still(exposure_us, 1.0, "the shading of the lens") for _ in range(count)]

    def profile(self) -> CameraProfile:
        """Give what both steps found. Raises BadInput before they are done."""
        if self._cap is None or self._white is None:
            raise BadInput("the calibration is not complete", expected="both steps, cap and white paper")
        cap, white = self._cap, self._white
        return CameraProfile(
            camera=self._camera,
            at=self._session.owner_clock.now().local.isoformat(timespec="seconds"),
            software=f"hqcam {__version__}",
            noise=noise_model(white.transfers, cap.darks, self._session.measured.published.noise),
            darks=cap.darks,
            transfers=white.transfers,
            hot=cap.hot.sites,
            hot_found=cap.hot.found,
            hot_limit_dn_s=cap.hot.limit_dn_s,
            dark_dn_s=cap.hot.dark_dn_s,
            prnu=white.prnu,
            dust=white.dust,
            temperature_c=cap.temperature_c,
        )

    def uncover(self) -> None:
        """Take away what a simulated lens was covered with; harmless where there is none, or the camera is gone."""
        cover(self._session, "open")

    # -- frames -------------------------------------------------------------------------------------------------------

    def _begin(self, front: Front, stills: int) -> None:
        cover(self._session, front)
        self._taken, self._of = 0, stills

    def _dark_at(self, gain: float) -> DarkLevel:
        assert self._cap is not None
        return min(self._cap.darks, key=lambda dark: abs(dark.gain - gain))

    def _brightness(self) -> float:
        """Give the share of the scale that the brightest colour gets in a microsecond at gain 1."""
        exposure_us = FIRST_US
        for _ in range(PROBES):
            self._of += 1
            frame = self._still(exposure_us, 1.0, "looking how bright the paper is")
            share = max(
                (float(plane(frame.samples, frame.cfa, channel).mean()) - black) / (frame.white_dn - black)
                for channel, black in zip(("R", "Gr", "B"), frame.black_dn[:2] + frame.black_dn[3:], strict=True)
            )
            if TOO_DARK <= share <= NEAR_WHITE:
                per_us = share / frame.exposure_us
                self._check_reach(per_us)
                return per_us
            if share > NEAR_WHITE and frame.exposure_us <= self._shortest_us * 1.5:
                break
            if share < TOO_DARK and exposure_us >= LONGEST_US:
                break
            exposure_us = exposure_us / 8 if share > NEAR_WHITE else exposure_us * 8
            exposure_us = min(max(exposure_us, self._shortest_us), LONGEST_US)
        raise _out_of_reach(share < TOO_DARK)

    def _check_reach(self, per_us: float) -> None:
        most = WHITE_SHARES[-1]
        if most / per_us > LONGEST_US:
            raise _out_of_reach(True)
        if most / per_us / WHITE_GAINS[-1] < self._shortest_us:
            raise _out_of_reach(False)

    def _pair(self, exposure_us: float, gain: float, what: str) -> tuple[Exposed, Exposed]:
        return self._still(exposure_us, gain, what), self._still(exposure_us, gain, what)

    def _still(self, exposure_us: float, gain: float, what: str) -> Exposed:
        if self._ended():
            raise ShotCancelled("the calibration was ended; nothing of it is kept")
        self._tell(self._taken, self._of, what)
        asked = replace(self._session.controls(), exposure_us=exposure_us, gain=gain, noise_reduction="off")
        still = self._session.capture(asked)
        if still.raw is None:
            raise BadInput("the shot has no raw samples", expected="a camera that gives raw")
        self._taken += 1
        frame = Exposed.of(still.raw, still.meta)
        self._shape = (frame.samples.shape[0], frame.samples.shape[1])
        return frame


def cover(session: Session, front: Front) -> None:
    """Put something before a simulated lens; nothing happens where a hand has to do it."""

    def on_camera_thread(driver: CameraDriver) -> None:
        cast(Coverable, driver).cover(front)

    if session.info().capabilities.coverable:
        session.submit(on_camera_thread, budget_s=COVER_S)


def _out_of_reach(dark: bool) -> StepRefused:
    if dark:
        return StepRefused(
            "the paper is too dark",
            expected=f"{WHITE_SHARES[-1]:.0%} of the scale within {LONGEST_US / 1e6:g} s at gain 1",
            remedy="take the cap off; more light, or open the aperture",
        )
    return StepRefused(
        "the paper is too bright",
        expected=f"under {WHITE_SHARES[-1]:.0%} of the scale in the shortest exposure at gain {WHITE_GAINS[-1]:g}",
        remedy="close the aperture, dim the light, or lay more paper over it",
    )
