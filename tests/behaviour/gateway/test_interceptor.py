"""The interceptor of an AgentCore gateway holds before a tool is called and settles after."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from budget_monitor.domain.errors import ValidationError
from functions.intercepting import app
from tests.behaviour.gateway.conftest import Gateway, block, chain
from tests.behaviour.gateway.payloads import call, output, result, token
from tests.support.builders import Tenant
from tests.support.doors.doors import Context, DirectDoor, handler_of
from tests.support.template.grants import granted, not_granted
from tests.support.times import at


def test_a_call_is_held_before_and_settled_by_its_response(gateway: Gateway) -> None:
    asked = call(1, query="budgets")
    assert gateway.ask(asked) == output(request=asked)
    assert (gateway.held, gateway.costs) == ("0.01", [])
    answer = result(1)
    assert gateway.answer(asked, answer) == output(answer=answer)
    (entry,) = gateway.entries
    assert (entry["cost_usd"], entry["user"], entry["agent"]) == ("0.01", "ada", "researcher")
    assert (entry["tags"], gateway.held) == (["tool:search___web"], "0")


def test_a_refusal_is_mcps_answer_of_a_failed_tool_with_the_decision(gateway: Gateway) -> None:
    block(gateway)
    asked = call(7)
    refusal = gateway.ask(asked)
    assert refusal["interceptorOutputVersion"] == "1.0"
    (kind,) = refusal["mcp"]
    own = refusal["mcp"][kind]
    assert (kind, own["statusCode"]) == ("transformedGatewayResponse", 200)
    assert (own["body"]["jsonrpc"], own["body"]["id"]) == ("2.0", 7)
    assert own["body"]["result"]["isError"] is True
    assert "TENANT_MONTH_EXCEEDED" in own["body"]["result"]["content"][0]["text"]
    assert own["body"]["result"]["structuredContent"]["decision"]["allowed"] is False
    # The gateway invokes the RESPONSE interceptor for it, too.
    assert gateway.answer(asked, own["body"]) == output(answer=own["body"])
    assert (gateway.held, gateway.costs) == ("0", [])


def test_messages_that_call_no_tool_pass_unchanged(gateway: Gateway) -> None:
    for body in ({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}, {"method": "initialize"}):
        assert gateway.ask(body) == output(request=body)
        assert gateway.answer(body, {"result": {}}) == output(answer={"result": {}})
    assert gateway.invoked == []


@pytest.mark.parametrize(
    ("bearer", "says"),
    [
        (token(sub="ada"), "tenant_id"),
        (token(sub="ada", tenant_id=5), "tenant_id"),
        ("Bearer no.token", "tenant_id"),
        ("Bearer a.%%%.c", "tenant_id"),
        ("", "tenant_id"),
    ],
)
def test_a_token_that_names_no_tenant_is_refused(gateway: Gateway, bearer: str, says: str) -> None:
    refusal = gateway.ask(call(1), bearer=bearer)["mcp"]["transformedGatewayResponse"]["body"]
    assert says in refusal["result"]["content"][0]["text"]
    assert gateway.invoked == []


def test_a_tool_without_a_price_is_refused_and_never_free(gateway: Gateway) -> None:
    refusal = gateway.ask(call(1, "crm___delete"))["mcp"]["transformedGatewayResponse"]["body"]
    assert "UNKNOWN_PRICE" in refusal["result"]["content"][0]["text"]


def test_a_tool_reports_its_own_cost_or_usage(gateway: Gateway) -> None:
    usage = {"model": "gpt-4o", "usage": {"prompt_tokens": 1200, "completion_tokens": 300}}
    for number, meta in enumerate(
        [
            {"budget-monitor/cost_usd": "0.004"},
            {"budget-monitor/usage": usage},
            {"budget-monitor/cost_usd": "much"},
        ]
    ):
        gateway.ask(call(number))
        gateway.answer(call(number), result(number, _meta=meta))
    assert gateway.costs == ["0.004", "0.006", "0.01"]
    assert gateway.held == "0"


def test_a_call_that_reached_no_tool_is_released(gateway: Gateway) -> None:
    error = {"jsonrpc": "2.0", "id": 1, "error": {"code": -32602, "message": "Unknown tool"}}
    gateway.ask(call(1))
    gateway.answer(call(1), error)
    gateway.ask(call(2))
    gateway.answer(call(2), {}, status=403)
    gateway.ask(call(3))
    gateway.answer(call(3), result(3) | {"result": {"isError": True}}, status=200)
    assert (gateway.held, gateway.costs) == ("0", ["0.01"])


def test_a_repeated_event_holds_and_books_once(gateway: Gateway) -> None:
    asked, answer = call(1), result(1)
    for _ in range(3):
        gateway.ask(asked)
    assert gateway.held == "0.01"
    for _ in range(3):
        assert gateway.answer(asked, answer) == output(answer=answer)
    assert (gateway.held, gateway.costs) == ("0", ["0.01"])


def test_the_same_call_after_its_end_or_without_a_session_is_another_call(
    gateway: Gateway,
) -> None:
    for _ in range(2):
        gateway.ask(call(1))
        gateway.answer(call(1), result(1))
    assert gateway.costs == ["0.01", "0.01"]
    gateway.ask(call(1), session=None)
    gateway.ask(call(1), session=None)
    assert gateway.held == "0.02"
    for _ in range(2):
        gateway.answer(call(1), result(1), session=None)
    assert (gateway.held, gateway.costs) == ("0", ["0.01"] * 4)


def test_a_call_whose_response_never_comes_is_booked_at_its_price(gateway: Gateway) -> None:
    with at("2026-11-22T10:00:00Z"):
        gateway.ask(call(1))
    with at("2026-11-22T10:30:00Z"):
        handler_of("expiring")({"operation": "expire"}, Context())
        assert (gateway.held, gateway.costs) == ("0", ["0.01"])


def test_an_outage_refuses_requests_and_passes_answers(gateway: Gateway) -> None:
    gateway.ask(call(1))
    gateway.is_down = True
    refusal = gateway.ask(call(2))["mcp"]["transformedGatewayResponse"]["body"]
    assert "UNAVAILABLE" in refusal["result"]["content"][0]["text"]
    assert gateway.answer(call(1), result(1)) == output(answer=result(1))
    gateway.is_down = False
    assert gateway.held == "0.01"


def test_targets_that_do_not_speak_mcp_are_an_error_and_not_free(gateway: Gateway) -> None:
    with pytest.raises(ValidationError, match="MCP"):
        app.lambda_handler({"interceptorInputVersion": "1.0", "http": {}}, None)


def test_tenants_are_apart(gateway: Gateway) -> None:
    gateway.ask(call(1))
    other = Gateway(Tenant(DirectDoor()))
    assert other.tenant.id != gateway.tenant.id
    other.answer(call(1), result(1))
    assert gateway.held == "0.01"
    assert uuid.uuid4().hex not in json.dumps(other.entries)


def test_each_grant_is_used(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    recorder: Any = pytestconfig.pluginmanager.get_plugin("grants")
    chain(gateway, monkeypatch, lambda event: output(request=event))
    gateway.ask(call(1))
    gateway.answer(call(1), result(1))
    mine = {one for one in recorder.used if one[0] == "intercepting"}
    assert mine >= {one for one in granted() if one[0] == "intercepting"}
    assert not_granted(mine) == []
