"""Another interceptor comes after ours."""

from __future__ import annotations

from typing import Any

import pytest

from budget_monitor.domain.errors import UnavailableError, ValidationError
from tests.behaviour.gateway.conftest import Gateway, block, chain
from tests.behaviour.gateway.payloads import Json, call, output, request, response, result


def test_the_next_interceptor_sees_the_event_and_has_the_last_word(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def changes(event: Json) -> Json:
        seen.append(event)
        is_response = "gatewayResponse" in event["mcp"]
        return output(answer={"changed": 2}) if is_response else output(request={"changed": 1})

    chain(gateway, monkeypatch, changes)
    assert gateway.ask(call(1)) == output(request={"changed": 1})
    assert gateway.held == "0.01"
    assert gateway.answer(call(1), result(1)) == output(answer={"changed": 2})
    assert (gateway.held, gateway.costs) == ("0", ["0.01"])
    assert seen[0] == request(call(1), gateway.bearer)
    assert seen[1] == response(request(call(1), gateway.bearer), result(1))


def test_what_the_next_interceptor_refuses_is_released(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain(gateway, monkeypatch, lambda _: output(answer={"denied": True}, status=403))
    assert gateway.ask(call(1)) == output(answer={"denied": True}, status=403)
    assert (gateway.held, gateway.costs) == ("0", [])


@pytest.mark.parametrize("fault", ["raises", "says nothing"])
def test_a_next_interceptor_that_fails_stops_the_request_and_releases(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    def fails(event: Json) -> Any:
        if fault == "raises":
            raise ValidationError("broken")
        return []

    chain(gateway, monkeypatch, fails)
    with pytest.raises((ValidationError, UnavailableError)):
        gateway.ask(call(1))
    assert (gateway.held, gateway.costs) == ("0", [])


def test_what_budgets_refuse_does_not_reach_the_next_interceptor(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain(gateway, monkeypatch, lambda _: pytest.fail("it was reached"))
    block(gateway)
    assert "transformedGatewayResponse" in gateway.ask(call(1))["mcp"]
