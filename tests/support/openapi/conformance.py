"""Check requests and answers against the OpenAPI document."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator

from budget_monitor.entrypoints.openapi.document import document
from tests.support.doors.routes import ROUTES

JSON, COMPONENTS = "application/json", "urn:components"
Compiled = jsonschema_rs.Draft202012Validator
"""A validator a hundred times as fast as that of `jsonschema`: each answer of a test is checked."""


def validator(schema: Any) -> Draft202012Validator:
    """Return a validator of one of the document's schemas."""
    return Draft202012Validator({**schema, "components": document()["components"]})


@functools.cache
def _answer_validator(operation: str, status: str | None) -> Compiled | None:
    """Return a validator of the answer, or None if it is not declared."""
    if operation not in ROUTES:
        return _answers(document()["x-direct-operations"][operation]["answer"])
    route = ROUTES[operation]
    responses = document()["paths"][route.path][route.method.lower()]["responses"]
    found = responses.get(status or "200")
    if found is not None and "$ref" in found:
        found = document()["components"]["responses"][found["$ref"].rpartition("/")[2]]
    return None if found is None else _answers(found["content"][JSON]["schema"])


def _answers(schema: Any) -> Compiled:
    own = json.dumps(schema).replace('"#/components/', f'"{COMPONENTS}#/components/')
    return Compiled(json.loads(own), registry=_components())


@functools.cache
def _components() -> jsonschema_rs.Registry:
    """Return the document's components, which all answers refer to."""
    return jsonschema_rs.Registry([(COMPONENTS, {"components": document()["components"]})])


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
    """Fail the test if the answer is not as declared. Answers of one form are checked once."""
    form = operation, status, _form(body)
    if form not in _seen:
        found = complaints(operation, status, body)
        assert found == [], found
        _seen.add(form)


_seen = set[Any]()


def _form(value: Any) -> Any:
    """Return what answers of one form share: names, types, and the words that schemas list."""
    if isinstance(value, dict):
        return (*value, *map(_form, value.values()))
    if isinstance(value, list):
        return frozenset(map(_form, value))
    return value if isinstance(value, str) and value in _words() else type(value)


@functools.cache
def _words() -> frozenset[str]:
    """Return all words of the document's `enum` and `const`: a schema tells no others apart."""
    return frozenset(_listed(document()))


def _listed(schema: Any) -> Iterator[str]:
    inner = schema.values() if isinstance(schema, dict) else schema
    if isinstance(schema, dict):
        for word in (*schema.get("enum", ()), schema.get("const")):
            if isinstance(word, str):
                yield word
    if isinstance(schema, dict | list):
        for one in inner:
            yield from _listed(one)


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
