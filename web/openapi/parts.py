"""Functions that make the parts of the description: schemas, routes, answers, parameters."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

NUMBER: Schema = {"type": "number"}
INTEGER: Schema = {"type": "integer"}
STRING: Schema = {"type": "string"}
BOOLEAN: Schema = {"type": "boolean"}


def or_null(schema: Schema) -> Schema:
    """Either of `schema`, an object, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def route(
    summary: str,
    responses: dict[str, Any],
    *,
    body: str | None = None,
    parameters: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """One method of a path: its answers, the name of its body's schema, its parameters."""
    described: dict[str, Any] = {
        "summary": summary,
        "responses": {**responses, "default": {"$ref": "#/components/responses/Error"}},
    }
    if parameters:
        described["parameters"] = parameters
    if body is not None:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": ref(body)}}}
    return described


def answer(schema: str, status: str = "200") -> dict[str, Any]:
    """The answer with a body of that schema."""
    return {status: json_answer(schema, ref(schema))}


def json_answer(description: str, schema: Schema) -> dict[str, Any]:
    """An answer in JSON."""
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def media(kind: str) -> dict[str, Any]:
    """An answer of another kind."""
    return {"description": kind, "content": {kind: {}}}


def in_query(name: str, schema: Schema) -> dict[str, Any]:
    """A parameter after the question mark."""
    return {"name": name, "in": "query", "schema": schema}


def in_path(name: str, schema: Schema = STRING) -> dict[str, Any]:
    """A part of the path."""
    return {"name": name, "in": "path", "required": True, "schema": schema}


def in_header(name: str, description: str) -> dict[str, Any]:
    """A header field of the request."""
    return {"name": name, "in": "header", "schema": {**STRING, "description": description}}


def ref(name: str) -> Schema:
    """A schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def nullable(schema: Schema) -> Schema:
    """A value of a simple type, or null."""
    return {**schema, "type": [schema["type"], "null"]}


def whole(properties: dict[str, Schema]) -> Schema:
    """An object that holds all of `properties` and nothing else."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def array(items: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": items}


def partial(properties: dict[str, Schema]) -> Schema:
    """An object of which a request may send some properties; answers hold all."""
    return {"type": "object", "properties": properties, "additionalProperties": False}
