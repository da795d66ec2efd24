"""A gateway whose interceptor is our Lambda, whose invocations reach the handlers here."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import pytest
from botocore.client import BaseClient

from budget_monitor.domain.errors import BudgetMonitorError, UnavailableError
from functions.intercepting import app
from tests.behaviour.gateway.payloads import Json, request, response, token
from tests.support.builders import Tenant
from tests.support.doors.doors import Context, handler_of

CHECKING, TRACKING, NEXT = "checking:agents", "tracking:agents", "arn:aws:lambda:eu:1:next"


@dataclass
class Gateway:
    """A gateway with our Lambda as both interceptors, and maybe another one after it."""

    tenant: Tenant
    chained: Callable[[Json], Any] | None = None
    invoked: list[str] = field(default_factory=list)
    is_down: bool = False

    @property
    def bearer(self) -> str:
        return token(sub="ada", tenant_id=self.tenant.id, client_id="researcher")

    def ask(self, body: Json, **own: Any) -> Json:
        """Send a request to the interceptor."""
        asked = request(body, own.pop("bearer", self.bearer), **own)
        return app.lambda_handler(asked, Context())

    def answer(self, body: Json, answer: Json, status: int = 200, **own: Any) -> Json:
        """Send the response of a request to the interceptor."""
        return app.lambda_handler(response(request(body, self.bearer, **own), answer, status), None)

    @property
    def costs(self) -> list[str]:
        return [one["cost_usd"] for one in self.entries]

    @property
    def entries(self) -> list[Json]:
        return list(self.tenant.call("ledger").body["items"])

    @property
    def held(self) -> str:
        return str(self.tenant.call("tenant_usage").body["held_usd"])


@pytest.fixture
def gateway(direct_tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> Gateway:
    """The interceptor with prices for two tools, whose invocations reach the handlers here."""
    settings = {
        "CHECKING_FUNCTION_ARN": CHECKING,
        "TRACKING_FUNCTION_ARN": TRACKING,
        "GATEWAY_TOOL_PRICES": "search___*=0.01, crm___read=0.002",
        "AWS_REGION": "eu-central-1",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    gateway = Gateway(direct_tenant)
    original: Any = vars(BaseClient)["_make_request"]  # below what records the grants

    def make_request(client: Any, operation: Any, asked: Json, context: Json) -> Any:
        if client.meta.service_model.service_name != "lambda":
            return original(client, operation, asked, context)
        name = unquote(asked["url_path"].split("/")[3])
        answer = invoked(gateway, name, json.loads(asked["body"]))
        return SimpleNamespace(status_code=200), {**answer, "ResponseMetadata": {}}

    monkeypatch.setattr(BaseClient, "_make_request", make_request)
    return gateway


def invoked(gateway: Gateway, name: str, event: Json) -> Json:
    """What Lambda answers."""
    gateway.invoked.append(event.get("operation", "next"))
    try:
        if gateway.is_down:
            raise UnavailableError("DynamoDB is out of reach")
        if name == NEXT:
            assert gateway.chained is not None
            answer = gateway.chained(event)
        else:
            answer = handler_of(name.partition(":")[0])(event, Context())
    except BudgetMonitorError as error:
        said = {"errorType": type(error).__name__, "errorMessage": str(error)}
        return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(said).encode())}
    return {"Payload": io.BytesIO(json.dumps(answer).encode())}


def block(gateway: Gateway) -> None:
    month = {"budget_id": "tenant-month", "limit_usd": "0", "by": "maria", "reason": "a test"}
    assert gateway.tenant.call("set_budget", **month).body


def chain(gateway: Gateway, monkeypatch: pytest.MonkeyPatch, answer: Callable[[Json], Any]) -> None:
    monkeypatch.setenv("GATEWAY_NEXT_INTERCEPTOR", NEXT)
    gateway.chained = answer
