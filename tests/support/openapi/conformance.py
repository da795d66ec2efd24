"""Whether requests and answers are as the OpenAPI document says."""

from __future__ import annotations

import functools
from typing import Any

from jsonschema import Draft202012Validator

from budget_monitor.entrypoints.openapi.document import document
from tests.support.doors.routes import ROUTES

JSON = "application/json"


def validator(schema: Any) -> Draft202012Validator:
    """A validator of one of the document's schemas."""
    return Draft202012Validator({**schema, "components": document()["components"]})


@functools.cache
def _answer_validator(operation: str, status: str | None) -> Draft202012Validator | None:
    """None: no such answer is declared."""
    if operation not in ROUTES:
        return validator(document()["x-direct-operations"][operation]["answer"])
    route = ROUTES[operation]
    responses = document()["paths"][route.path][route.method.lower()]["responses"]
    found = responses.get(status or "200")
    if found is not None and "$ref" in found:
        found = document()["components"]["responses"][found["$ref"].rpartition("/")[2]]
    return None if found is None else validator(found["content"][JSON]["schema"])


def complaints(operation: str, status: int | None, body: Any) -> list[str]:
    """What of the answer is not as the document says."""
    found = _answer_validator(operation, None if status is None else str(status))
    if found is None:
        return [f"{operation} is not declared to answer {status}: {body}"]
    return [
        f"{operation} {status}: {one.json_path}: {one.message[:300]}"
        for one in found.iter_errors(body)
    ]


@functools.cache
def _body_validator(operation: str) -> Draft202012Validator:
    route = ROUTES[operation]
    one = document()["paths"][route.path][route.method.lower()]
    if "requestBody" not in one:
        return validator({"type": "object", "maxProperties": 0})
    return validator(one["requestBody"]["content"][JSON]["schema"])


def accepts_body(operation: str, body: Any) -> bool:
    """Whether the document takes the body for a valid one."""
    return bool(_body_validator(operation).is_valid(body))
