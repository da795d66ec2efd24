"""Write the client's methods and routes from the OpenAPI document: `make reference`.

Each tag of the document is one module of typed methods under `operations/`, for the synchronous
and the asynchronous client alike. `routes.py` says how each operation is sent.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from budget_monitor.entrypoints.openapi.document import document

PACKAGE = Path(__file__).parent / "src" / "budget_monitor_client"
HEADER = '"""{words}\n\nGenerated from the OpenAPI document by `make reference`.\n"""\n\n'
ID_MEANS = {"executions": "agent_execution_id", "workflows": "workflow_execution_id"}
"""The direct event's field for `{id}` in a path, by the segment before it."""
KEY = "Idempotency-Key"
RESERVED = {"from": "from_"}
"""Fields that are words of Python."""


@dataclass(frozen=True)
class Parameter:
    """A field of an operation, as a parameter of its method."""

    name: str
    schema: dict[str, Any]
    required: bool
    words: str

    @property
    def python(self) -> str:
        """The parameter's name in Python."""
        return RESERVED.get(self.name, self.name)


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    name: str
    tag: str
    summary: str
    function: str
    method: str | None
    path: str | None
    parameters: tuple[Parameter, ...]
    is_keyed: bool


def operations(of: dict[str, Any]) -> list[Operation]:
    """Return every operation of the document, those with a route first."""
    routed = [
        _routed(path, method, one)
        for path, methods in of["paths"].items()
        for method, one in methods.items()
    ]
    return [*routed, *(_direct(one) for one in of["x-direct-operations"].values())]


def _routed(path: str, method: str, one: dict[str, Any]) -> Operation:
    declared = [part for part in one.get("parameters", []) if part["in"] != "header"]
    given = [_placed(path, part) for part in declared]
    content = one.get("requestBody", {}).get("content", {})
    for body in content.values():
        given += _fields(body["schema"])
    headers = {part["name"] for part in one.get("parameters", []) if part["in"] == "header"}
    found = {field.name: field for field in given}
    is_keyed = KEY in headers
    if is_keyed:
        words = "Names the whole request; the client makes one where it is left out."
        key = Parameter("idempotency_key", {"type": "string"}, required=False, words=words)
        found["idempotency_key"] = key
    return _operation(one, method.upper(), path, found, is_keyed=is_keyed)


def _direct(one: dict[str, Any]) -> Operation:
    found = {field.name: field for field in _fields(one["request"])}
    return _operation(one, None, None, found, is_keyed="idempotency_key" in found)


def _operation(
    one: dict[str, Any],
    method: str | None,
    path: str | None,
    found: dict[str, Parameter],
    *,
    is_keyed: bool,
) -> Operation:
    name, tag = one["operationId"], one["tags"][0]
    parameters = tuple(found.values())
    return Operation(
        name, tag, one["summary"], one["x-function"], method, path, parameters, is_keyed
    )


def _placed(path: str, part: dict[str, Any]) -> Parameter:
    name = part["name"]
    if name == "id":
        name = ID_MEANS[path.split("/{id}", maxsplit=1)[0].rpartition("/")[2]]
    return Parameter(name, part["schema"], part["required"], part.get("description", ""))


def _fields(schema: dict[str, Any]) -> list[Parameter]:
    required = schema.get("required", [])
    return [
        Parameter(name, one, name in required, one.get("description", ""))
        for name, one in schema.get("properties", {}).items()
    ]


def annotation(schema: dict[str, Any]) -> str:  # noqa: PLR0911 - one for each kind
    """Return the Python type of a field's schema."""
    named = schema.get("$ref", "").rpartition("/")[2]
    if named.endswith("Amount"):
        return "Amount"
    if named:
        is_object = document()["components"]["schemas"][named].get("type") == "object"
        return "Fields" if is_object else "str"
    if "anyOf" in schema:
        kinds = [annotation(one) for one in schema["anyOf"]]
        return " | ".join(dict.fromkeys(kinds))
    if "enum" in schema:
        return f"Literal[{', '.join(repr(one) for one in schema['enum'])}]"
    if schema.get("format") == "date-time":
        return "Time"
    simple = {"string": "str", "integer": "int", "boolean": "bool", "null": "None"}
    if schema.get("type") == "array":
        return f"Sequence[{annotation(schema['items'])}]"
    return simple.get(schema.get("type", ""), "Fields")


def _signature(operation: Operation) -> str:
    ordered = sorted(operation.parameters, key=lambda one: not one.required)
    parts: list[str] = []
    is_named = False
    for index, one in enumerate(ordered):
        if not is_named and not (one.required and index == 0 and one.name == "tenant_id"):
            parts, is_named = [*parts, "*"], True
        parts.append(_parameter(one))
    return ", ".join(["self", *parts])


def _parameter(one: Parameter) -> str:
    kind = annotation(one.schema)
    if one.required:
        return f"{one.python}: {kind}"
    if _is_nullable(one):
        return f"{one.python}: {kind} | LeftOut = LEFT_OUT"
    return f"{one.python}: {kind} | None = None"


def _is_nullable(one: Parameter) -> bool:
    return not one.required and "None" in annotation(one.schema).split(" | ")


def _method(operation: Operation) -> str:
    route = f"{operation.method} {operation.path}" if operation.path else "Direct invocation only."
    where = f"``{route}``" if operation.path else route
    words = "".join(
        textwrap.fill(
            f"{one.python}: {one.words.replace(chr(92), '')}",
            92,
            initial_indent=" " * 12,
            subsequent_indent=" " * 16,
        )
        + "\n"
        for one in operation.parameters
    )
    fields = f"\n\n        Args:\n{words}        " if words else "\n        "
    return (
        f"    def {operation.name}({_signature(operation)}) -> R:\n"
        f'        """{operation.summary}\n\n        {where}{fields}"""\n'
        f'        return self._call("{operation.name}", locals())\n'
    )


def _module(tag: str, words: str, found: list[Operation]) -> str:
    methods = "\n".join(_method(one) for one in found)
    named = {name for name in ("Literal", "Sequence") if f"{name}[" in methods}
    typing = ["Generic", *(["Literal"] if "Literal" in named else [])]
    values = [one for one in ("Amount", "Fields", "LEFT_OUT", "LeftOut", "Time") if one in methods]
    lines = ["from __future__ import annotations\n"]
    if "Sequence" in named:
        lines.append("from collections.abc import Sequence")
    lines.append(f"from typing import {', '.join(typing)}\n")
    lines.append("from budget_monitor_client.calling import Calling, R")
    if values:
        lines.append(f"from budget_monitor_client.values import {', '.join(values)}")
    head = HEADER.format(words=words) + "\n".join(lines) + "\n\n\n"
    said = f'class {class_of(tag)}(Calling[R], Generic[R]):\n    """{words}"""\n\n'
    return head + said + methods


def class_of(tag: str) -> str:
    """Return the class of a tag's methods: `price_names` is `PriceNames`."""
    return "".join(part.title() for part in tag.split("_"))


def _package(tags: list[str]) -> str:
    imports = "\n".join(
        f"from budget_monitor_client.operations.{tag} import {class_of(tag)}"
        for tag in sorted(tags)
    )
    bases = ", ".join(f"{class_of(tag)}[R]" for tag in tags)
    words = "Every operation of the API as a method."
    return (
        HEADER.format(words=words)
        + "from __future__ import annotations\n\nfrom typing import Generic\n\n"
        + f"from budget_monitor_client.calling import R\n{imports}\n\n\n"
        + f'class Operations({bases}, Generic[R]):\n    """{words}"""\n'
    )


def _routes(found: list[Operation]) -> str:
    rows = "\n".join(f"    {one.name!r}: {_route(one)}," for one in found)
    return (
        HEADER.format(words="How each operation is sent.")
        + "from __future__ import annotations\n\n"
        + "from budget_monitor_client.route import Route\n\n"
        + f"ROUTES: dict[str, Route] = {{\n{rows}\n}}\n"
    )


def _route(one: Operation) -> str:
    parts = [repr(one.function)]
    if one.path:
        means = [place for segment, place in ID_MEANS.items() if f"/{segment}/{{id}}" in one.path]
        path = one.path.replace("{id}", f"{{{means[0]}}}") if means else one.path
        parts += [f"method={one.method!r}", f"path={path!r}"]
    if one.is_keyed:
        parts.append("is_keyed=True")
    ids = [p.name for p in one.parameters if p.schema.get("$ref", "").endswith("/NewId")]
    if ids:
        parts.append(f"own_id={ids[0]!r}")
    nulls = tuple(p.name for p in one.parameters if _is_nullable(p))
    if nulls:
        parts.append(f"nullable={nulls!r}")
    return f"Route({', '.join(parts)})"


def files() -> Iterator[tuple[Path, str]]:
    """Return each generated file with its text before formatting."""
    said = document()
    found = operations(said)
    words = {tag["name"]: tag["description"].splitlines()[0] for tag in said["tags"]}
    tags = [tag for tag in words if any(one.tag == tag for one in found)]
    folder = PACKAGE / "operations"
    for tag in tags:
        yield folder / f"{tag}.py", _module(tag, words[tag], [o for o in found if o.tag == tag])
    yield folder / "__init__.py", _package(tags)
    yield PACKAGE / "routes.py", _routes(found)


def generated() -> dict[Path, str]:
    """Return the text of each generated file."""
    return {path: _formatted(path, text) for path, text in files()}


def _formatted(path: Path, text: str) -> str:
    ruff = [str(Path(sys.executable).parent / "ruff")]
    for words in (["check", "-q", "--fix-only"], ["format", "-q"]):
        command = [*ruff, *words, "--stdin-filename", str(path), "-"]
        done = subprocess.run(  # noqa: S603 - our own formatter
            command, input=text, capture_output=True, text=True, check=True
        )
        text = done.stdout
    return text


if __name__ == "__main__":
    for file, content in generated().items():
        file.write_text(content)
