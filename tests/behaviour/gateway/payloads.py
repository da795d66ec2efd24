"""Payloads as the AgentCore developer guide documents them ("Types of interceptors"): 1.0."""

from __future__ import annotations

import base64
import json
from typing import Any

Json = dict[str, Any]


def token(**claims: Any) -> str:
    """Return a bearer token with these claims. The gateway has verified it."""
    parts = ({"alg": "RS256", "typ": "JWT"}, claims)
    encoded = [
        base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts
    ]
    return ".".join(["Bearer " + encoded[0], encoded[1], "c2lnbmF0dXJl"])


def request(body: Json, authorization: str, session: str | None = "session-1") -> Json:
    """Return the input of the REQUEST interceptor, with passRequestHeaders on."""
    headers = {
        "Accept": "application/json",
        "Authorization": authorization,
        "SomeHeader": "headerValue1",
        "User-Agent": "a-client",
    }
    if session is not None:
        headers["Mcp-Session-Id"] = session
    gateway = {"path": "/mcp", "httpMethod": "POST", "headers": headers, "body": body}
    mcp = {"rawGatewayRequest": {"body": json.dumps(body)}, "gatewayRequest": gateway}
    return {"interceptorInputVersion": "1.0", "mcp": mcp}


def response(asked: Json, body: Json, status: int = 200) -> Json:
    """Return the input of the RESPONSE interceptor for a request."""
    answer = {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": body}
    return {**asked, "mcp": {**asked["mcp"], "gatewayResponse": answer}}


def call(rpc_id: int, tool: str = "search___web", **arguments: Any) -> Json:
    """Return the JSON-RPC body of a call of a tool."""
    params = {"name": tool, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": rpc_id, "method": "tools/call", "params": params}


def result(rpc_id: int, **more: Any) -> Json:
    """Return the JSON-RPC body of a tool's answer."""
    content = [{"type": "text", "text": "three hits"}]
    return {
        "jsonrpc": "2.0",
        "id": rpc_id,
        "result": {"content": content, "isError": False, **more},
    }


def output(*, request: Json | None = None, answer: Json | None = None, status: int = 200) -> Json:
    """Return an output that the guide allows: a request, or a response in the tool's place."""
    mcp: Json = {}
    if request is not None:
        mcp["transformedGatewayRequest"] = {"body": request}
    if answer is not None:
        mcp["transformedGatewayResponse"] = {"statusCode": status, "body": answer}
    return {"interceptorOutputVersion": "1.0", "mcp": mcp}
