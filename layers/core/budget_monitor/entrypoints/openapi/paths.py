"""The objects of single operations in the document."""

import functools
import inspect
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from budget_monitor.domain.errors import (
    BudgetMonitorError,
    IdempotencyMismatchError,
    MalformedJsonError,
    TooLargeError,
    TooManyRequestsError,
    UnavailableError,
    ValidationError,
)
from budget_monitor.entrypoints.door.operations import (
    CSV,
    DELETE,
    JSON_LINES,
    MEDIA,
    READ,
    Operation,
)
from budget_monitor.entrypoints.openapi.declared import Declared, Example
from budget_monitor.entrypoints.openapi.fields import Field, object_of
from budget_monitor.entrypoints.openapi.schemas import ref
from budget_monitor.entrypoints.openapi.shared import KEY

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_ALWAYS = (ValidationError, MalformedJsonError, TooLargeError, UnavailableError)
_LIMITED = (*_ALWAYS, TooManyRequestsError)
_NEVER_LIMITED = "tracking"
"""The function whose requests are answered however many there are: costs are never refused."""
_ANSWERS = Path(__file__).with_name("answers.json")
"""The answers to the examples, written by `make reference`."""


def path_object(
    function: str, operation: Operation[Any], capability: str, said: Declared
) -> dict[str, Any]:
    """The operation as an OpenAPI operation object."""
    outside, inside = _places(operation, said.fields)
    made = {
        **_about(function, operation, capability),
        "parameters": [_parameter(where, name, one, said) for where, name, one in outside],
        "responses": _responses(function, operation, said),
    }
    if inside:
        content = {
            "schema": object_of(inside, said.needs),
            "examples": _bodies(operation, said, inside),
        }
        made["requestBody"] = {"required": True, "content": {"application/json": content}}
    return made


def direct_object(
    function: str, operation: Operation[Any], capability: str, said: Declared
) -> dict[str, Any]:
    """An operation that has no route: its event and its answer as schemas."""
    event = {"operation": operation.name, **said.example.request}
    return {
        **_about(function, operation, capability),
        "request": object_of(said.fields, said.needs),
        "answer": said.answer,
        "errors": [one.code for one in _errors(said, (ValidationError, UnavailableError))],
        "example": event,
        "exampleAnswer": _answers().get(operation.name, {}).get("body"),
    }


def examples_of(operation: Operation[Any], said: Declared) -> dict[str, Example]:
    """All examples of an operation; the first has the operation's name."""
    return {operation.name: said.example, **said.more}


def _about(function: str, operation: Operation[Any], capability: str) -> dict[str, Any]:
    _, _, rest = (inspect.getdoc(operation.run) or "").partition("\n\n")
    about = {
        "operationId": operation.name,
        "tags": [capability],
        "summary": _first_line(operation.run),
        "x-function": function,
    }
    return about | ({"description": rest} if rest else {})


def _places(
    operation: Operation[Any], fields: Sequence[Field]
) -> tuple[list[tuple[str, str, Field]], list[Field]]:
    """The fields in path, query and headers with their place and name there, and the body's."""
    in_path = _PLACEHOLDER.findall(operation.path)
    outside, inside = list[tuple[str, str, Field]](), list[Field]()
    for one in fields:
        name = "id" if one.reader == "id_in_path" else one.name
        if name in in_path:
            outside.append(("path", name, one))
        elif one == KEY:
            outside.append(("header", "Idempotency-Key", one))
        elif operation.method in {READ, DELETE}:
            outside.append(("query", name, one))
        else:
            inside.append(one)
    return outside, [*inside, KEY] if inside and KEY in fields else inside


def _parameter(where: str, name: str, one: Field, said: Declared) -> dict[str, Any]:
    schema = {key: value for key, value in one.schema.items() if key != "description"}
    made = {
        "name": name,
        "in": where,
        "required": one.required or where == "path",
        "description": one.says,
        "schema": schema,
    }
    if schema.get("type") == "array" and where == "query":
        made |= {"style": "form", "explode": False}
    given = said.example.request.get(one.name)
    return made if given is None or where == "header" else {**made, "example": given}


def _bodies(operation: Operation[Any], said: Declared, inside: Sequence[Field]) -> dict[str, Any]:
    names = {one.name for one in inside}
    return {
        name: {"value": {key: value for key, value in one.request.items() if key in names}}
        for name, one in examples_of(operation, said).items()
    }


def _responses(function: str, operation: Operation[Any], said: Declared) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status in ("200", "201") if said.creates else ("200",):
        answers = {
            name: {"value": _answers()[name]["body"]}
            for name in examples_of(operation, said)
            if str(_answers().get(name, {}).get("status")) == status
        }
        content: dict[str, Any] = {"schema": said.answer}
        found[status] = {
            "description": _SUCCESS[status] if said.creates else "The answer.",
            "content": {"application/json": content | ({"examples": answers} if answers else {})},
        }
        if operation.negotiates:
            texts = {MEDIA[form]: {"schema": {"type": "string"}} for form in (CSV, JSON_LINES)}
            found[status]["content"] |= texts
    refused = {
        str(of[0].status): {"$ref": f"#/components/responses/{name}"}
        for name, of in _error_groups(function, said).items()
    }
    return found | dict(sorted(refused.items()))


_SUCCESS = {"201": "Something new was made.", "200": "A replay or a refusal; nothing new was made."}


def error_responses(every: Iterable[tuple[str, Declared]]) -> dict[str, Any]:
    """The responses that these functions' operations give instead of an answer, by name."""
    groups = {name: of for one in every for name, of in _error_groups(*one).items()}
    return {name: _error(groups[name]) for name in sorted(groups)}


def _error_groups(function: str, said: Declared) -> dict[str, Sequence[type[BudgetMonitorError]]]:
    """The errors of an operation by status, under a name made of their codes."""
    by_status: dict[int, list[type[BudgetMonitorError]]] = {}
    for one in _errors(said, _ALWAYS if function == _NEVER_LIMITED else _LIMITED):
        by_status.setdefault(one.status, []).append(one)
    return {".".join(one.code for one in of): of for of in by_status.values()}


def _errors(
    said: Declared, always: Sequence[type[BudgetMonitorError]]
) -> list[type[BudgetMonitorError]]:
    keyed = (IdempotencyMismatchError,) if KEY in said.fields else ()
    return [*always, *keyed, *said.errors]


def _error(of: Sequence[type[BudgetMonitorError]]) -> dict[str, Any]:
    codes = {one.code: _first_line(one) for one in of}
    schema = {**ref("Error"), "properties": {"error": {"enum": list(codes)}}}
    made: dict[str, Any] = {
        "description": " ".join(f"`{code}`: {says}" for code, says in codes.items()),
        "content": {"application/json": {"schema": schema}},
        "x-codes": codes,
    }
    if UnavailableError in of or TooManyRequestsError in of:
        made["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return made


def _first_line(documented: object) -> str:
    return " ".join((inspect.getdoc(documented) or "").partition("\n\n")[0].split())


@functools.cache
def _answers() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(_ANSWERS.read_text())
    return found
