"""What can go wrong on the way to a destination, by what it means for the queue."""

from __future__ import annotations

from device.errors import HqcamError


class UploadError(HqcamError):
    """A file did not arrive; it is tried again later, and so are the others."""

    code = "upload_error"


class Unreachable(UploadError):
    """The destination cannot be reached now: no file is tried before some time has passed."""

    code = "destination_unreachable"


class NeedsOwner(UploadError):
    """The destination does not take files from this camera until its owner changes something: password, address."""

    code = "destination_needs_owner"


class FileRefused(UploadError):
    """The destination does not take this file; the others go on."""

    code = "file_refused"


class Ended(Exception):
    """The work was ended from outside: cancelled, or the program ends. Nothing is wrong."""
