"""Requests from API Gateway's HTTP API, payload format 2.0."""

import functools
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote

from budget_monitor.domain.errors import BudgetMonitorError, NotFoundError, ValidationError
from budget_monitor.entrypoints.door.callers.access import CATCH_ALL, caller_of
from budget_monitor.entrypoints.door.fields import TEXT_LENGTH, Fields
from budget_monitor.entrypoints.door.json_body import parse_body
from budget_monitor.entrypoints.door.operations import (
    DELETE,
    JSON,
    MEDIA,
    READ,
    Answer,
    Operation,
    refuse_operators_fields,
)
from budget_monitor.entrypoints.door.parsers import QueryText, printable

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def is_http(event: object) -> bool:
    """True if API Gateway made this event."""
    context = event.get("requestContext") if isinstance(event, dict) else None
    return isinstance(context, dict) and isinstance(context.get("http"), dict)


def route(
    operations: Sequence[Operation[Any]],
    event: Mapping[str, Any],
    catch_all: Operation[Any] | None = None,
) -> tuple[Operation[Any], Fields]:
    """The operation that API Gateway matched, with its fields from path, query or body.

    `routeKey` names the operation and `pathParameters` has its values, both as API Gateway read
    them, so nothing is decoded a second time. Raises NotFoundError where they, the method and the
    path do not agree, and what reading the body and fields raises.
    """
    method, path, key = _method(event), _path(event), event.get("routeKey")
    if key == CATCH_ALL and catch_all is not None:
        return catch_all, Fields({"method": method, "path": printable(path, TEXT_LENGTH)})
    for operation in operations:
        named = key in {None, f"{operation.method} {operation.path}"}
        if named and operation.method == method:
            values = _values(operation.path, event, path)
            if values is not None:
                raw = _raw(operation, event, values)
                return operation, Fields(raw, caller=caller_of(event))
    raise NotFoundError(f"no such route: {method} {path[:256]}")


def methods_of(path: str, routes: Mapping[str, Iterable[str]]) -> list[str]:
    """The methods of those routes whose path this is, sorted."""
    found = {
        method for one, known in routes.items() if _matcher(one).fullmatch(path) for method in known
    }
    return sorted(method.upper() for method in found)


def render_answer(answer: Answer) -> dict[str, Any]:
    """The response of an answer."""
    text = json.dumps(answer.body) if answer.text is None else answer.text
    headers = {"content-type": "application/json", **answer.headers}
    return {"statusCode": answer.status, "headers": headers, "body": text}


def render_error(error: BudgetMonitorError, request_id: str) -> dict[str, Any]:
    """The response of an error."""
    body = {
        "error": error.code,
        "message": error.message,
        "field": error.field,
        "request_id": request_id,
    }
    return render_answer(Answer(body, error.status, error.headers))


def _method(event: Mapping[str, Any]) -> str:
    return str(event["requestContext"]["http"].get("method", ""))


def _path(event: Mapping[str, Any]) -> str:
    context = event["requestContext"]
    path = str(event.get("rawPath") or context["http"].get("path") or "/")
    prefix = f"/{context.get('stage', CATCH_ALL)}/"
    return path[len(prefix) - 1 :] if path.startswith(prefix) else path


def _values(template: str, event: Mapping[str, Any], path: str) -> dict[str, str] | None:
    """The values of the path's placeholders, or None if they do not match this path.

    The mapping of a custom domain may stand before the path. Tests and other gateways may leave
    `routeKey` and `pathParameters` out; then the values are read from the path.
    """
    if event.get("routeKey") is None:
        found = _matcher(template).fullmatch(path)
        return found.groupdict() if found else None
    values = {name: str(value) for name, value in _texts(event, "pathParameters")}
    if values.keys() != set(_PLACEHOLDER.findall(template)):
        return None
    filled = _PLACEHOLDER.sub(lambda one: values[one[1]], template)
    return values if unquote(path).endswith(unquote(filled)) else None


@functools.cache
def _matcher(template: str) -> re.Pattern[str]:
    return re.compile(_PLACEHOLDER.sub(r"(?P<\1>[^/]+)", template.replace(".", r"\.")))


def _raw(
    operation: Operation[Any], event: Mapping[str, Any], in_path: Mapping[str, str]
) -> dict[str, Any]:
    query = _query(event)
    body = parse_body(event.get("body"), is_base64=bool(event.get("isBase64Encoded")))
    headers = {name.lower(): str(value or "") for name, value in _texts(event, "headers")}
    given, misplaced = (query, body) if operation.method == READ else (body, query)
    if operation.method == DELETE:  # some clients cannot send a body with it
        given, misplaced = _merged(body, query, _in_headers(headers)), {}
    for name in (*misplaced, *(in_path.keys() & given.keys())):
        field = printable(name)
        raise ValidationError(f"{field} is not a field of this operation's body or query", field)
    refuse_operators_fields(operation.name, given)
    raw = {**given, **in_path}
    _add_key(operation, raw, headers.get("idempotency-key"))
    wanted = _format(headers.get("accept", "")) if operation.negotiates else None
    if wanted:
        raw.setdefault("format", wanted)
    return raw


def _in_headers(headers: Mapping[str, str]) -> dict[str, Any]:
    """Return who deletes and why, if headers have it."""
    return {name: headers[name] for name in ("by", "reason") if headers.get(name)}


def _merged(*places: Mapping[str, Any]) -> dict[str, Any]:
    """Merge the fields of all places; a field with two different values is refused."""
    merged = dict[str, Any]()
    for place in places:
        for name, value in place.items():
            if merged.setdefault(name, value) != value:
                field = printable(name)
                raise ValidationError(f"{field} differs between body, query and headers", field)
    return merged


def _query(event: Mapping[str, Any]) -> dict[str, Any]:
    parsed = _texts(event, "queryStringParameters")
    if event.get("queryStringParameters") is None:
        parsed = parse_qsl(str(event.get("rawQueryString") or ""), keep_blank_values=True)
    return {name: QueryText(value) for name, value in parsed}


def _texts(event: Mapping[str, Any], name: str) -> list[tuple[str, Any]]:
    """The pairs of an object of the event; empty if it is missing or null."""
    found = event.get(name)
    return list(found.items()) if isinstance(found, dict) else []


def _add_key(operation: Operation[Any], raw: dict[str, Any], key: str | None) -> None:
    if key is None or not operation.keyed:
        return
    if raw.setdefault("idempotency_key", key) != key:
        raise ValidationError(
            "idempotency_key in the body and the Idempotency-Key header differ", "idempotency_key"
        )


def _format(accept: str) -> str | None:
    """The first format that the header names and an answer can have, unless that is JSON."""
    known = {media: form for form, media in MEDIA.items()} | {"*/*": JSON}
    kinds = [kind.split(";")[0].strip().lower() for kind in accept.split(",")]
    found = next((known[kind] for kind in kinds if kind in known), JSON)
    return None if found == JSON else found
