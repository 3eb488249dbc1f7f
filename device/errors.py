"""Every error that hqcam raises on purpose, by what went wrong.

    HqcamError
    |-- CameraError                 the camera cannot do its work now (exit code 3)
    |   |-- NoCamera                none attached, or none found
    |   |-- CameraBusy              another program holds it
    |   |-- CameraLost              it was there and went away
    |   |-- CameraStalled           it is there and sends no frames
    |   |-- NotEnoughMemory         its buffers do not fit into the memory kept for cameras (CMA)
    |   |-- ModeRefused             it does not deliver what was configured
    |   `-- DriverMissing           the software that drives it is not installed
    |-- BadInput (ValueError)       something given from outside is wrong (exit code 2)
    |   |-- BadControl              a control's value: type, range, or not offered by this camera
    |   |-- BadAssist               a setting of the assists; defined in `analysis.settings`
    |   |-- BadScene                a scene or depth picture that cannot be used
    |   |-- BadReplay               a replay path that cannot be played
    |   |-- BadFile                 a picture or raw file that cannot be read
    |   |-- EdgeRefused             an edge whose sharpness cannot be measured; defined in `analysis.edges.sfr`
    |   |-- MagnificationRefused    pictures whose scales cannot be compared; in `analysis.magnification`
    |   |-- RingRefused             a lens whose ring cannot be calibrated; defined in `lenses.ring`
    |   |-- SpectrumRefused         a target whose detail cannot be measured; in `analysis.defocus.spectrum`
    |   `-- StepRefused             frames that nothing can be calibrated from; defined in `calibration.checks`
    |-- NotFound (LookupError)      a capture or file that is not there
    |-- StorageError (OSError)      a file could not be written; nothing half-written stays
    |   `-- StorageFull             too little space on the card
    |-- UploadError                 a file did not arrive where it was sent; this and these are in `uploads.errors`
    |   |-- Unreachable             the destination cannot be reached now
    |   |-- NeedsOwner              it takes no files until its owner changes something
    |   `-- FileRefused             it does not take this file
    |-- ExtraMissing                an optional package is not installed
    |-- TimeUnknown                 it is not known what time it is
    |-- ShotCancelled               a shot was ended before its exposure was done
    |-- JobsFull                    as many jobs wait as are kept
    |-- DriveBusy                   another drive mode is running
    |-- ClockSynchronised           a time was told, and the system's clock is synchronised
    |-- DriveFailed                 a series ended before its end; defined in `cli.drive`
    |-- ShotFailed                  a shot was started and could not be finished
    |-- OutputError                 stdout could not be written; defined in `cli.output`
    `-- ServerError                 the web server cannot start (port in use, address not ours)

Any room raises them; the command line turns them into exit codes (1 where the tree names none). `web.errors` adds the
errors of requests and gives each of these its HTTP status. Each carries three sentences for people: what was found,
what was expected, what to do.
"""

from __future__ import annotations


class HqcamError(Exception):
    """Base of all: `message` is what was found, `expected` what would be right, `remedy` what to do.

    `code` is the stable name used in JSON and tests.
    """

    code = "hqcam_error"
    exit_code = 1

    def __init__(self, message: str, *, expected: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.expected = expected
        self.remedy = remedy

    def as_json(self) -> dict[str, str]:
        """Give the one JSON shape of an error: code, message, expected, remedy."""
        return {
            "code": self.code,
            "message": self.message,
            "expected": self.expected,
            "remedy": self.remedy,
        }


class CameraError(HqcamError):
    """The camera cannot do its work now."""

    code = "camera_error"
    exit_code = 3


class NoCamera(CameraError):
    """No camera is attached, or none was found."""

    code = "no_camera"


class CameraBusy(CameraError):
    """Another program holds the camera."""

    code = "camera_busy"


class CameraLost(CameraError):
    """The camera was there and went away."""

    code = "camera_lost"


class CameraStalled(CameraError):
    """The camera is there and sends no frames within the deadline."""

    code = "camera_stalled"


class NotEnoughMemory(CameraError):
    """The camera's buffers do not fit into the memory that the kernel keeps for them (CMA)."""

    code = "not_enough_memory"


class ModeRefused(CameraError):
    """The camera does not deliver the size or format that was asked for."""

    code = "mode_refused"


class DriverMissing(CameraError):
    """The software that drives this camera is not installed."""

    code = "driver_missing"


class BadInput(HqcamError, ValueError):
    """Something given from outside is wrong."""

    code = "bad_input"
    exit_code = 2


class BadControl(BadInput):
    """A control's value is of the wrong type, out of range, or not offered by this camera."""

    code = "bad_control"


class BadScene(BadInput):
    """A scene or depth picture cannot be used."""

    code = "bad_scene"


class BadReplay(BadInput):
    """A replay path cannot be played."""

    code = "bad_replay"


class BadFile(BadInput):
    """A picture or raw file cannot be read."""

    code = "bad_file"


class NotFound(HqcamError, LookupError):
    """A capture or file is not there."""

    code = "not_found"


class StorageError(HqcamError, OSError):
    """A file could not be written; nothing half-written stays behind."""

    code = "storage_error"


class StorageFull(StorageError):
    """Too little space is left where captures are written."""

    code = "storage_full"


class ExtraMissing(HqcamError):
    """What was asked for needs an optional package that is not installed."""

    code = "extra_missing"


class ShotCancelled(HqcamError):
    """A shot was ended before its exposure was done: there is nothing of it."""

    code = "shot_cancelled"


class JobsFull(HqcamError):
    """As many jobs wait as are kept."""

    code = "jobs_full"


class DriveBusy(HqcamError):
    """Another drive mode is running."""

    code = "drive_busy"


class ClockSynchronised(HqcamError):
    """A time was told, and the system's clock is synchronised."""

    code = "clock_synchronised"


class TimeUnknown(HqcamError):
    """It is not known what time it is."""

    code = "time_unknown"


class ShotFailed(HqcamError):
    """A shot was started and could not be finished."""

    code = "shot_failed"


class ServerError(HqcamError):
    """The web server cannot start."""

    code = "server_error"
