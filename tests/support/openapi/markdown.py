"""The Markdown reference of all operations, generated from the OpenAPI document only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]

_HEAD = """\
# Operations

<!-- Made by `make reference` from the OpenAPI document. Do not edit. -->

Every operation of the HTTP API and of direct invocations. The same as a machine-readable
[OpenAPI 3.1 document](openapi.json), which the API serves at `GET /openapi.json`.
"""
_MORE = {
    "minimum": "from {}",
    "maximum": "to {}",
    "maxItems": "at most {} items",
    "maxLength": "at most {} characters",
    "x-max-bytes": "at most {} bytes",
    "default": "default `{}`",
}


def reference(document: Json) -> str:
    """Return the whole page."""
    parts = [_HEAD, document["info"]["description"], _contents(document)]
    for tag in document["tags"]:
        parts.append(f"## {tag['description'].rstrip('.')}")
        parts += [_operation(document, *one) for one in _operations(document, tag["name"])]
    parts += [_error_table(document), _shapes(document)]
    return "\n".join(part.strip() + "\n" for part in parts)


def _operations(document: Json, tag: str) -> Iterator[tuple[str, Json]]:
    for path, methods in document["paths"].items():
        for method, one in methods.items():
            if tag in one["tags"]:
                yield f"{method.upper()} {path}", one
    for one in document["x-direct-operations"].values():
        if tag in one["tags"]:
            yield "", one


def _contents(document: Json) -> str:
    lines = ["| operation | HTTP | function |", "|---|---|---|"]
    for tag in document["tags"]:
        for route, one in _operations(document, tag["name"]):
            name, shown = one["operationId"], f"`{route}`" if route else "direct only"
            lines.append(f"| [`{name}`](#{name}) | {shown} | {one['x-function']} |")
    return "\n".join(lines)


def _operation(document: Json, route: str, one: Json) -> str:
    name = one["operationId"]
    where = f"`{route}`" if route else "No route: invoke it directly."
    parts = [
        f"### `{name}`",
        f"{where} Function: {one['x-function']}.",
        one["summary"] + (f"\n\n{one['description']}" if "description" in one else ""),
        _fields(one),
        _errors(document, one),
    ]
    parts += _routed_examples(route, one) if route else _direct_example(one)
    return "\n\n".join(part for part in parts if part)


def _fields(one: Json) -> str:
    rows = [
        (entry["name"], entry["in"], entry["required"], entry["schema"], entry["description"])
        for entry in one.get("parameters", [])
    ]
    rows += [
        (name, "body", required, schema, schema.get("description", ""))
        for name, required, schema in _flat(_body(one))
    ]
    if not rows:
        return "No fields."
    lines = ["| field | in | required | type | |", "|---|---|---|---|---|"]
    for name, where, required, schema, says in rows:
        shown = says.replace("|", "\\|")
        lines.append(
            f"| `{name}` | {where} | {'yes' if required else ''} | {_type(schema)} | {shown} |"
        )
    notes = [_need(need) for need in _body(one).get("allOf", [])]
    return "\n".join(lines) + "".join(f"\n\n{note}" for note in notes)


def _body(one: Json) -> Json:
    content = one.get("requestBody", {}).get("content", {})
    found: Json = one.get("request") or content.get("application/json", {}).get("schema", {})
    return found


def _flat(schema: Json, prefix: str = "") -> Iterator[tuple[str, bool, Json]]:
    """Return the fields of an object and of its nested objects."""
    required = schema.get("required", [])
    for name, inner in schema.get("properties", {}).items():
        yield f"{prefix}{name}", name in required, inner
        nested, step = inner.get("items", inner), "[]." if "items" in inner else "."
        for known in (nested, *nested.get("anyOf", [])):
            if "properties" in known:
                yield from _flat(known, f"{prefix}{name}{step}")


def _need(need: Json) -> str:
    ((kind, options),) = need.items()
    names = ", ".join(f"`{name}`" for option in options for name in option["required"])
    return f"{'At least one' if kind == 'anyOf' else 'Exactly one'} of {names}."


def _type(schema: Json) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#type-{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"`{word}`" for word in schema["enum"])
    kind = schema.get("format", schema.get("type", "any"))
    if "items" in schema:
        items = _type(schema["items"])
        kind = "list of objects" if items == "object" else f"list of {items}"
    more = [
        text.format(json.dumps(schema[key]))
        for key, text in _MORE.items()
        if schema.get(key) is not None
    ]
    return ", ".join([kind, *more])


def _errors(document: Json, one: Json) -> str:
    codes = one.get("errors") or [
        code
        for answer in one["responses"].values()
        if "$ref" in answer
        for code in _response(document, answer)["x-codes"]
    ]
    return "Errors: " + ", ".join(f"[`{code}`](#errors)" for code in codes) + "."


def _response(document: Json, answer: Json) -> Json:
    found: Json = document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    return found


def _error_table(document: Json) -> str:
    """Return the table of all error codes with their statuses."""
    found = {
        code: (status, says)
        for methods in document["paths"].values()
        for one in methods.values()
        for status, answer in one["responses"].items()
        if "$ref" in answer
        for code, says in _response(document, answer)["x-codes"].items()
    }
    rows = sorted((status, code, says) for code, (status, says) in found.items())
    lines = ["## Errors", "", "| code | HTTP | when |", "|---|---|---|"]
    return "\n".join(
        [*lines, *(f"| `{code}` | {status} | {says} |" for status, code, says in rows)]
    )


def _routed_examples(route: str, one: Json) -> list[str]:
    method, _, path = route.partition(" ")
    given = {entry["name"]: entry["example"] for entry in one["parameters"] if "example" in entry}
    query = []
    for entry in one["parameters"]:
        if entry["name"] in given and entry["in"] == "path":
            path = path.replace(f"{{{entry['name']}}}", str(given[entry["name"]]))
        elif entry["name"] in given:
            query.append(f"{entry['name']}={given[entry['name']]}")
    target = path + (f"?{'&'.join(query)}" if query else "")
    content = one.get("requestBody", {}).get("content", {}).get("application/json", {})
    answers = {
        name: (status, answer["value"])
        for status, response in one["responses"].items()
        if "content" in response
        for name, answer in response["content"]["application/json"].get("examples", {}).items()
    }
    parts = []
    for name in answers or [one["operationId"]]:
        body = content.get("examples", {}).get(name, {}).get("value")
        parts.append("Example:" if name == one["operationId"] else f"Example `{name}`:")
        parts.append(
            _block("http", f"{method} {target}" + (f"\n\n{_pretty(body)}" if body else ""))
        )
        if name in answers:
            status, answer = answers[name]
            parts.append(_block("json", _pretty(answer), f"Answer {status}:"))
    return parts


def _direct_example(one: Json) -> list[str]:
    return [
        _block("json", _pretty(one["example"]), "Example:"),
        _block("json", _pretty(one["exampleAnswer"]), "Answer:"),
    ]


def _block(language: str, text: str, title: str = "") -> str:
    return (f"{title}\n\n" if title else "") + f"```{language}\n{text}\n```"


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _shapes(document: Json) -> str:
    parts = ["## Types and answers"]
    for name, schema in document["components"]["schemas"].items():
        parts.append(f"### Type `{name}`")
        if "description" in schema:
            parts.append(schema["description"])
        if schema.get("type") != "object":
            pattern = f" Pattern: `{schema['pattern']}`." if "pattern" in schema else ""
            parts.append(f"Type: {_type(schema)}.{pattern}")
            continue
        lines = ["| field | type |", "|---|---|"]
        lines += [f"| `{path}` | {_type(inner)} |" for path, _, inner in _flat(schema)]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)
