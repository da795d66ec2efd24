"""Check requests and answers against the OpenAPI document."""

from __future__ import annotations

import functools
import json
from typing import Any

from jsonschema_rs import Draft202012Validator, Registry

from budget_monitor.entrypoints.openapi.document import document
from tests.support.doors.routes import ROUTES

JSON, COMPONENTS = "application/json", "urn:components"


def validator(schema: Any) -> Draft202012Validator:
    """Return a validator of one of the document's schemas.

    It is compiled, and a hundred times as fast as that of `jsonschema`: each answer is checked.
    """
    own = json.dumps(schema).replace('"#/components/', f'"{COMPONENTS}#/components/')
    return Draft202012Validator(json.loads(own), registry=_components())


@functools.cache
def _components() -> Registry:
    """Return the document's components, which all answers refer to."""
    return Registry([(COMPONENTS, {"components": document()["components"]})])


@functools.cache
def _answer_validator(operation: str, status: str | None) -> Draft202012Validator | None:
    """Return a validator of the answer, or None if it is not declared."""
    if operation not in ROUTES:
        return validator(document()["x-direct-operations"][operation]["answer"])
    route = ROUTES[operation]
    responses = document()["paths"][route.path][route.method.lower()]["responses"]
    found = responses.get(status or "200")
    if found is not None and "$ref" in found:
        found = document()["components"]["responses"][found["$ref"].rpartition("/")[2]]
    return None if found is None else validator(found["content"][JSON]["schema"])


def complaints(operation: str, status: int | None, body: Any) -> list[str]:
    """Return the deviations of the answer from the document."""
    found = _answer_validator(operation, None if status is None else str(status))
    if found is None:
        return [f"{operation} is not declared to answer {status}: {body}"]
    return [
        f"{operation} {status}: {'.'.join(map(str, one.instance_path))}: {one.message[:300]}"
        for one in found.iter_errors(body)
    ]


def check(operation: str, status: int | None, body: Any) -> None:
    """Fail the test if the answer is not as declared."""
    found = complaints(operation, status, body)
    assert found == [], found


def check_error(operation: str, code: str) -> None:
    """Fail the test if a direct invocation raised an undeclared error."""
    assert code in _codes(operation), f"{operation} is not declared to raise {code}"


@functools.cache
def _codes(operation: str) -> set[str]:
    if operation not in ROUTES:
        return {*document()["x-direct-operations"][operation]["errors"]}
    responses, route = document()["components"]["responses"], ROUTES[operation]
    return {
        code
        for answer in document()["paths"][route.path][route.method.lower()]["responses"].values()
        if "$ref" in answer
        for code in responses[answer["$ref"].rpartition("/")[2]]["x-codes"]
    }
