"""Requests from API Gateway's HTTP API, payload format 2.0."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote

from budget_monitor.domain.errors import BudgetMonitorError, NotFoundError, ValidationError
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.json_body import parse_body
from budget_monitor.entrypoints.door.operations import DELETE, READ, Answer, Operation
from budget_monitor.entrypoints.door.parsers import QueryText, printable

_PARAMETER = re.compile(r"\\\{([a-z_]+)\\\}")
"""A placeholder of a path, once the path is escaped for a pattern."""


def is_http(event: object) -> bool:
    """Whether API Gateway made this event."""
    context = event.get("requestContext") if isinstance(event, dict) else None
    return isinstance(context, dict) and isinstance(context.get("http"), dict)


def route(
    operations: Sequence[Operation[Any]], event: Mapping[str, Any]
) -> tuple[Operation[Any], Fields]:
    """The operation of the request's route, and its fields from path, query or body.

    Raises NotFoundError for an unknown route, and the errors of reading the body.
    """
    method = str(event["requestContext"]["http"].get("method", ""))
    path = _path(event)
    for operation in operations:
        found = _matcher(operation.path).fullmatch(path)
        if found and operation.method == method:
            raw = _raw(operation, event, found.groupdict())
            return operation, Fields(raw, principal=_principal(event))
    raise NotFoundError(f"no such route: {method} {path[:256]}")


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


def _principal(event: Mapping[str, Any]) -> str | None:
    """The ARN of the caller who signed the request, or None."""
    found: Any = event["requestContext"]
    for name in ("authorizer", "iam", "userArn"):
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) else None


def _path(event: Mapping[str, Any]) -> str:
    context = event["requestContext"]
    path = str(event.get("rawPath") or context["http"].get("path") or "/")
    prefix = f"/{context.get('stage', '$default')}/"
    return path[len(prefix) - 1 :] if path.startswith(prefix) else path


def _matcher(path: str) -> re.Pattern[str]:
    return re.compile(_PARAMETER.sub(r"(?P<\1>[^/]+)", re.escape(path)))


def _raw(
    operation: Operation[Any], event: Mapping[str, Any], in_path: Mapping[str, str]
) -> dict[str, Any]:
    query = _query(event)
    body = parse_body(event.get("body"), is_base64=bool(event.get("isBase64Encoded")))
    given, misplaced = (query, body) if operation.method == READ else (body, query)
    if operation.method == DELETE:  # some clients cannot send a body with it
        given, misplaced = {**query, **body}, {}
    for name in (*misplaced, *(in_path.keys() & given.keys())):
        field = printable(name)
        raise ValidationError(f"{field} is not a field of this operation's body or query", field)
    raw = {**given, **{name: unquote(value) for name, value in in_path.items()}}
    headers = {name.lower(): str(value or "") for name, value in _texts(event, "headers")}
    _add_key(operation, raw, headers.get("idempotency-key") or None)
    if operation.negotiates and _wants_csv(headers.get("accept", "")):
        raw.setdefault("format", "csv")
    return raw


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


def _wants_csv(accept: str) -> bool:
    kinds = [kind.split(";")[0].strip().lower() for kind in accept.split(",")]
    known = [kind for kind in kinds if kind in {"text/csv", "application/json", "*/*"}]
    return known[:1] == ["text/csv"]
