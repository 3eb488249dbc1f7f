"""The composition root of the viewfinder: settings -> driver -> session -> app -> server."""

from __future__ import annotations

import ctypes
import errno
import logging
import socket
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from device.captures.places import open_storage
from device.cli.interrupt import Interrupt, interruptible
from device.cli.output import OutputError
from device.drivers.choose import CameraChoice, driver_factory, resolve
from device.errors import BadInput, HqcamError, ServerError, StorageError
from device.jobs.job import FILE as JOBS_FILE
from device.preferences.owner_calibrations import FOLDER, OwnerCalibrations
from device.preferences.owner_lenses import FILE as LENS_FILE
from device.preferences.store import Preferences, default_path
from device.sensors.imx477 import IMX477
from device.session.session import Session
from device.uploads.destination import UPLOADS_FILE
from web.context import Parts, make_parts
from web.server.limits import BACKLOG

if TYPE_CHECKING:
    from device.raw.dng_writer import SampleForm

log = logging.getLogger(__name__)

OPEN_TIMEOUT_S = 30.0
END_S = 5.0  # required: from the signal to the end of the process; what is then being written is left unnamed
WRITE_S = 5.0  # chosen: for what a burst has in memory, once the server has ended (2 s, in which it is written too)
WRITE_END_S = 9.0  # a service manager kills 10 s after the signal (install.sh)
CAMERA_END_S = 3.0  # chosen: after this whoever still waits for the camera is woken; 2 s are left to release it
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # malloc.h
LARGE_BLOCK_BYTES = 8 * 2**20  # above a live raw frame (2028 x 1520 x 2 = 6.2 MB), below any plane of a still

KEPT_BYTES = 48 * 2**20  # free memory that is kept for the next frames (11 MB each) instead of being given back


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """The options of `hqcam serve`."""

    camera: CameraChoice
    host: str = "127.0.0.1"
    port: int = 8000
    output: str | None = None
    names: str | None = None
    sample_form: SampleForm = "packed"
    settings: Path | None = None
    allow_hosts: tuple[str, ...] = ()
    base_path: str = ""
    proxies: tuple[str, ...] = ()
    new_code: bool = False
    time_code: bool = False
    verbose: bool = False


def run(options: ServeOptions) -> None:
    """Serve until a signal asks for the end (Ctrl-C, or TERM of a service manager), which takes END_S at most.

    While a burst has frames in memory it takes WRITE_END_S: they are written for WRITE_S, and the rest is told as lost.

    Requests and series that need the camera have CAMERA_END_S of it, and those that are writing a shot all of it.
    Raises HqcamError when the camera, the folder or the port cannot be used.
    """
    with interruptible(limit_s=END_S) as interrupt:
        _run(options, interrupt)


def _run(options: ServeOptions, interrupt: Interrupt) -> None:
    logging.basicConfig(
        level=logging.INFO if options.verbose else logging.WARNING, format="%(levelname)s %(name)s: %(message)s"
    )
    give_back_large_blocks()
    settings_path = options.settings or default_path()
    if options.sample_form == "lossless":
        from device.raw.lossless import codec

        codec()
    kind, sentence = resolve(options.camera)
    if options.time_code and kind != "simulated":
        raise BadInput(
            f"--time-code was given for the {kind} camera", expected="the simulated camera: --camera simulated"
        )
    preferences = Preferences(settings_path)
    session = Session(
        driver_factory(options.camera),
        sensor=IMX477,
        preferences=preferences,
        time_code=options.time_code,
        calibrations=OwnerCalibrations(settings_path.with_name(FOLDER), preferences.notices),
    )
    storage = open_storage(options.output, options.names, form=options.sample_form)
    parts = make_parts(
        session,
        storage,
        preferences,
        lens_file=settings_path.with_name(LENS_FILE),
        uploads_file=settings_path.with_name(UPLOADS_FILE),
        jobs_file=settings_path.with_name(JOBS_FILE),
        sample_form=options.sample_form,
    )
    parts.places.restore()
    listener = _listen(options.host, options.port)
    released = threading.Event()
    session.start()  # the camera opens while the web side is still being imported
    try:
        _serve(options, parts, listener, settings_path, sentence, interrupt, released)
    except HqcamError:
        if not interrupt.requested:  # otherwise the camera was closed while it opened, which is no failure
            raise
    finally:
        listener.close()
        parts.close(write_s=WRITE_S)
        session.close()
        released.set()


def _serve(
    options: ServeOptions,
    parts: Parts,
    listener: socket.socket,
    settings_path: Path,
    sentence: str,
    interrupt: Interrupt,
    released: threading.Event,
) -> None:
    from web.access.key import key_path, load_key
    from web.access.tokens import Tokens, tokens_path
    from web.address import announce, is_loopback, viewfinder_url
    from web.app import MAX_BODY_BYTES, create_app
    from web.guard import Guard, machine_names
    from web.prefix import Prefixed, checked_prefix
    from web.server.loop import Server

    key = None
    if not is_loopback(options.host):
        key = load_key(key_path(settings_path), renew=options.new_code, notices=parts.notices)
    hosts = frozenset(name.lower() for name in options.allow_hosts) | (machine_names() if key else frozenset())
    tokens = Tokens(tokens_path(settings_path), notices=parts.notices, unix_s=parts.clock.unix_s)
    guard = Guard(key, hosts, tokens=tokens)
    app = create_app(parts.session, parts.storage, guard, parts)
    prefixed = Prefixed(app, base_path=options.base_path, proxies=options.proxies)
    server = Server(prefixed, listener, knows=guard.lets_in, body_bytes=MAX_BODY_BYTES)
    with interrupt.calls(parts.session.close):
        parts.session.wait_open(OPEN_TIMEOUT_S)
    if interrupt.requested:
        return
    try:
        if sentence:
            print(sentence, file=sys.stderr)
        base = checked_prefix(options.base_path)
        announce(viewfinder_url(options.host, listener.getsockname()[1], base_path=base), key)
    except (OSError, OutputError) as error:  # a log on a disk that is full must not end the camera
        log.warning("the address could not be printed: %s", error)
    _settle(parts)

    def give_up_camera() -> None:
        if not released.wait(CAMERA_END_S):
            parts.session.close()

    def stop() -> None:
        drive = parts.drive_if_used
        if drive is not None and drive.end_recording():
            interrupt.limit_s = WRITE_END_S
        server.stop()
        threading.Thread(target=give_up_camera, name="hqcam-give-up", daemon=True).start()

    with interrupt.calls(stop):
        server.serve()


def _settle(parts: Parts) -> None:
    """Complete what a kill or a power cut left: captures, the series they belong to, uploads. Never stops the start."""
    from device.develop.repair import incomplete, repair
    from device.drive.manifest import any_left

    try:
        if incomplete(parts.storage):
            repair(parts.storage)
        if any_left(parts.storage.root):
            parts.drive.resume()
        parts.take_up_jobs()
    except StorageError as error:
        parts.storage.notices.say("what was cut off", f"what was cut off could not be completed: {error.message}")
    parts.uploader.start()


def give_back_large_blocks() -> None:
    """Have the C library return arrays of a still's size to the system, and keep those of live frames for reuse.

    By default glibc raises its threshold when large blocks are freed, and holds 200 MB after a few 12-megapixel shots:
    too much for a board with 512 MB. With a fixed threshold alone it would return and request the memory of every
    frame (measured: 14 ms of processor time a frame). So KEPT_BYTES are kept, in one arena for all threads.
    """
    try:
        c_library = ctypes.CDLL(None)
        c_library.mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK_BYTES)
        c_library.mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
        c_library.mallopt(M_ARENA_MAX, 1)
    except (OSError, AttributeError):
        log.info("this C library has no mallopt; memory after a still may stay high")


def _listen(host: str, port: int) -> socket.socket:
    """Open the port, before the slow part of the start. Raises ServerError with the remedy."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ServerError(
            f"cannot listen on {host}: {error.strerror or error}",
            expected="an address of this machine, such as 127.0.0.1 or 0.0.0.0",
        ) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise _port_error(host, port, error) from error
    return listener


def _port_error(host: str, port: int, error: OSError) -> ServerError:
    if error.errno == errno.EADDRINUSE:
        remedy = f"end the other program (another hqcam?), or choose another port with --port {port + 1}"
        return ServerError(f"port {port} on {host} is in use", remedy=remedy)
    if error.errno == errno.EACCES:
        return ServerError(
            f"port {port} needs more rights", remedy="choose a port above 1023, for instance --port 8000"
        )
    return ServerError(
        f"cannot listen on {host}:{port}: {error.strerror or error}",
        expected="an address of this machine, such as 127.0.0.1 or 0.0.0.0",
    )
