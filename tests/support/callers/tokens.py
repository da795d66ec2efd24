"""Requests with a token, as the JWT authorizer of an HTTP API hands them to a function."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.support.doors.doors import Answer, HttpDoor
from tests.support.doors.http_events import Body

SUBJECT = "auth0|maria"
SIGNER = f"jwt:{SUBJECT}"


def authorizer(claims: dict[str, Any], scopes: object = None) -> Body:
    """What API Gateway puts in the event: claims as texts, `scopes` null unless the route has."""
    usual = {
        "aud": "budget-monitor",
        "exp": "1795345200",
        "iat": "1795341600",
        "iss": "https://issuer.example/",
        "sub": SUBJECT,
    }
    said = {name: one for name, one in (usual | claims).items() if one is not None}
    return {"jwt": {"claims": said, "scopes": scopes}}


@dataclass
class TokenDoor(HttpDoor):
    """The HTTP door for a caller whose token has these roles and this tenant."""

    roles: Iterable[str] = ("agent",)
    tenant: str | None = None
    claims: dict[str, Any] = field(default_factory=dict)

    name = "token"

    def _invoke(self, operation: str, event: Body) -> Answer:
        scope = " ".join(("openid", *self.roles))
        claims: dict[str, Any] = {"scope": scope, "tenant_id": self.tenant, **self.claims}
        event["requestContext"]["authorizer"] = authorizer(claims)
        return super()._invoke(operation, json.loads(json.dumps(event)))
