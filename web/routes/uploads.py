"""Other places that captures are sent to: WebDAV, Immich, PhotoPrism, a folder; their rules, and how far they are."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint

from device.uploads.destination import CHANGEABLE, Destination
from web.context import capture_uploader
from web.errors import BadRequest, check_no_fields, json_body

if TYPE_CHECKING:
    from device.uploads.lane import Told

blueprint = Blueprint("uploads", __name__, url_prefix="/api/uploads")

_GIVEN: Final = {one.name for one in fields(Destination)} - {"other_disk"}


@blueprint.get("")
def show() -> dict[str, Any]:
    """List the destinations without their passwords, and how far each is; and the networks in use, null: unknown."""
    uploader = capture_uploader()
    found = [_as_json(destination, told) for destination, told in uploader.told()]
    networks = uploader.networks()
    return {"destinations": found, "networks": None if networks is None else list(networks)}


@blueprint.post("")
def add() -> tuple[dict[str, Any], int]:
    """Add a destination, once it was tried out: for captures from now on, or for `everything`."""
    body = json_body()
    everything, check = _flag(body, "everything", False), _flag(body, "check", True)
    destination = _destination(body)
    if check:
        capture_uploader().try_out(destination)
    capture_uploader().add(destination, everything=everything)
    return show(), 201


@blueprint.patch("/<name>")
def change(name: str) -> dict[str, Any]:
    """Change a destination, once it was tried out; what only concerns the camera itself is not tried."""
    body = json_body()
    check = _flag(body, "check", True)
    if unknown := set(body) - CHANGEABLE:
        raise BadRequest(f"unknown field {min(unknown)[:40]!r}", expected=", ".join(sorted(CHANGEABLE)))
    values = _values(body)
    changed = replace(capture_uploader().destinations.get(name), **values)
    if check and set(values) & {"address", "user", "secret", "fingerprint"}:
        capture_uploader().try_out(changed)
    capture_uploader().change(name, values)
    return show()


@blueprint.delete("/<name>")
def remove(name: str) -> dict[str, Any]:
    """Send nothing there any more. What was sent stays there; the captures stay here."""
    capture_uploader().remove(name)
    return show()


@blueprint.post("/<name>/retry")
def retry(name: str) -> dict[str, Any]:
    """Try at once what failed."""
    check_no_fields()
    capture_uploader().retry(name)
    return show()


@blueprint.post("/<name>/everything")
def everything(name: str) -> dict[str, Any]:
    """Send the captures too that were there before the destination was."""
    check_no_fields()
    capture_uploader().send_left_out(name)
    return show()


def _destination(body: dict[str, Any]) -> Destination:
    if unknown := set(body) - _GIVEN:
        raise BadRequest(f"unknown field {min(unknown)[:40]!r}", expected=", ".join(sorted(_GIVEN)))
    if missing := {"name", "kind", "address"} - set(body):
        raise BadRequest(f"{min(missing)} is missing", expected="name, kind and address at least")
    return Destination(**_values(body))


def _values(body: dict[str, Any]) -> dict[str, Any]:
    networks = body.get("networks", ())
    if isinstance(networks, str) or not isinstance(networks, (list, tuple)):
        raise BadRequest("networks is no list", expected='["Home"]')
    return {**body, **({"networks": tuple(networks)} if "networks" in body else {})}


def _flag(body: dict[str, Any], name: str, default: bool) -> bool:
    value = body.pop(name, default)
    if not isinstance(value, bool):
        raise BadRequest(f"{name} is {str(value)[:40]!r}", expected="true or false")
    return value


def _as_json(destination: Destination, told: Told) -> dict[str, Any]:
    shown = destination.shown()
    del shown["other_disk"]
    how = asdict(told)
    how["failed"] = [{"name": one.name, "problem": one.problem, "attempts": one.attempts} for one in told.failed]
    how["try_again_s"] = round(told.try_again_s, 1)
    return {**shown, "progress": how}
