"""Payloads of AgentCore gateway interceptors, version 1.0, and MCP answers."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

VERSION = "1.0"
Json = dict[str, Any]


@dataclass(frozen=True)
class ToolCall:
    """A `tools/call` that passes the gateway."""

    rpc_id: Any
    tool: str
    claims: Mapping[str, Any]
    session: str | None
    digest: str
    """The same in the request and in its response."""


def is_response(event: Mapping[str, Any]) -> bool:
    """True if the event is of the RESPONSE interceptor."""
    return event["mcp"].get("gatewayResponse") is not None


def call_of(event: Mapping[str, Any]) -> ToolCall | None:
    """Return the call of a tool, or None for other messages, such as `tools/list`."""
    request = event["mcp"].get("gatewayRequest") or {}
    body = request.get("body")
    if not isinstance(body, Mapping) or body.get("method") != "tools/call":
        return None
    headers = {name.lower(): value for name, value in (request.get("headers") or {}).items()}
    params, session = body.get("params") or {}, headers.get("mcp-session-id")
    claims = _claims(str(headers.get("authorization", "")))
    content = [claims.get("sub"), session, body.get("id"), params]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    digest = sha256(text.encode()).hexdigest()[:32]
    return ToolCall(body.get("id"), str(params.get("name")), claims, session, digest)


def _claims(authorization: str) -> Mapping[str, Any]:
    """The claims of the bearer token. The gateway has verified its signature."""
    parts = authorization.removeprefix("Bearer ").split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, claims, signature
        return {}
    try:
        found = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return {}
    return found if isinstance(found, Mapping) else {}


def passed(event: Mapping[str, Any]) -> Json:
    """Return the answer that changes nothing."""
    mcp = event["mcp"]
    if is_response(event):
        response = mcp["gatewayResponse"]
        own = {"statusCode": response.get("statusCode", 200), "body": response.get("body")}
        return {"interceptorOutputVersion": VERSION, "mcp": {"transformedGatewayResponse": own}}
    body = (mcp.get("gatewayRequest") or {}).get("body")
    request = {"transformedGatewayRequest": {"body": body}}
    return {"interceptorOutputVersion": VERSION, "mcp": request}


def refused(rpc_id: object, reason_code: str, reason: str, decision: Json | None = None) -> Json:
    """Return MCP's answer of a tool that failed, which the gateway sends without calling it."""
    structured = {"reason_code": reason_code, "reason": reason, "decision": decision}
    result = {
        "isError": True,
        "content": [{"type": "text", "text": f"{reason_code}: {reason}"}],
        "structuredContent": structured,
    }
    body = {"jsonrpc": "2.0", "id": rpc_id, "result": result}
    own = {"statusCode": 200, "body": body}
    return {"interceptorOutputVersion": VERSION, "mcp": {"transformedGatewayResponse": own}}


def answers_itself(output: Mapping[str, Any]) -> bool:
    """True if an interceptor of requests answered in the tool's place."""
    return "transformedGatewayResponse" in output.get("mcp", {})


def was_called(event: Mapping[str, Any]) -> bool:
    """False if the gateway says by a JSON-RPC error, or a 4xx, that no tool was called."""
    response = event["mcp"]["gatewayResponse"]
    body = response.get("body")
    failed = isinstance(body, Mapping) and "error" in body
    refused_by_gateway = 400 <= int(response.get("statusCode", 200)) < 500  # noqa: PLR2004
    return not (failed or refused_by_gateway)


def reported(event: Mapping[str, Any]) -> Json:
    """Return the fields of a cost that the tool reports in `_meta`; none where it reports none.

    `budget-monitor/cost_usd` is an amount, `budget-monitor/usage` a provider's usage object.
    """
    body = event["mcp"]["gatewayResponse"].get("body")
    result = body.get("result") if isinstance(body, Mapping) else None
    meta = result.get("_meta") if isinstance(result, Mapping) else None
    if not isinstance(meta, Mapping):
        return {}
    fields = {"cost_usd": "budget-monitor/cost_usd", "provider_response": "budget-monitor/usage"}
    return {name: meta[key] for name, key in fields.items() if meta.get(key) is not None}
