"""The paths of the lenses: the one on the camera, those to choose from, their optics and adapters."""

from __future__ import annotations

from typing import Any

from web.openapi.parts import BOOLEAN, NUMBER, STRING, answer, in_path, in_query, media, route


def lens_paths() -> dict[str, Any]:
    """Give them."""
    return {
        "/api/lens": {
            "get": route("The lenses, and the one on the camera", answer("Lenses")),
            "patch": route("Choose a lens and its f-stop", answer("Lenses"), body="LensChoice"),
        },
        "/api/lens/search": {
            "get": route(
                "Lenses that have all words, or else the nearest",
                answer("FoundLenses"),
                parameters=[in_query("words", {**STRING, "default": ""})],
            )
        },
        "/api/lens/optics": {
            "get": route(
                "What the optics of a lens come to on the whole sensor",
                answer("LensOptics"),
                parameters=[
                    in_query("id", {**STRING, "description": "without it the lens on the camera, as it stands"}),
                    in_query("f_number", {**NUMBER, "description": "without it wide open"}),
                    in_query("focal_mm", {**NUMBER, "description": "where a zoom stands; without it its shortest"}),
                    in_query("distance_m", {**NUMBER, "description": "from the lens; without it infinity"}),
                    in_query("circle", {**STRING, "description": "print, pixel or micrometres"}),
                ],
            )
        },
        "/api/lens/mount": {
            "get": route(
                "The adapter that a lens needs on the HQ camera, and what a wrong one does",
                answer("LensMount"),
                parameters=[
                    in_query("id", {**STRING, "description": "without it the lens on the camera"}),
                    in_query("adapter_mm", {**NUMBER, "description": "length of the adapter that is to be judged"}),
                    in_query("ring", {**BOOLEAN, "description": "it sits on the C-CS ring", "default": True}),
                ],
            )
        },
        "/api/lens/code/{dots}": {
            "get": route(
                "The coded lenses with six dots, as 100001", answer("CodedLenses"), parameters=[in_path("dots")]
            )
        },
        "/api/lens/file": {
            "get": route("Your lenses as a file", {"200": media("application/toml")}),
            "post": route("Add the lenses of such a file, all or none", answer("Lenses"), body="LensFile"),
        },
        "/api/lens/profiles/{lens_id}/copy": {
            "post": route(
                "Copy a lens into your file", answer("Lenses"), body="Nothing", parameters=[in_path("lens_id")]
            )
        },
        "/api/lens/profiles": {"post": route("Add a lens", answer("Lenses"), body="NewLens")},
        "/api/lens/profiles/{lens_id}": {
            "put": route("Change a lens", answer("Lenses"), body="LensValues", parameters=[in_path("lens_id")]),
            "delete": route("Remove a lens", answer("Lenses"), parameters=[in_path("lens_id")]),
        },
    }
