"""Both transports reach every function, and tell every error by its class."""

from __future__ import annotations

import io
import json
import socket
import threading
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from budget_monitor_client import (
    BudgetMonitor,
    ConflictError,
    ForbiddenError,
    HttpTransport,
    IdempotencyMismatchError,
    LambdaTransport,
    NoAnswerError,
    NotFoundError,
    UnavailableError,
    UnexpectedAnswerError,
    UnknownPriceError,
    ValidationError,
)
from budget_monitor_client.sending import Transport
from tests.support.clients.handlers import NO_WAIT, URL, HandlerPool, RawAnswer, client, direct
from tests.support.clients.power import FaultyTransport


def test_a_hold_is_taken_settled_and_seen_in_the_ledger(
    transport: Transport, tenant_id: str
) -> None:
    budget = client(transport)
    decision = budget.reserve(
        tenant_id, agent_execution_id="run-1", estimated_cost_usd=Decimal("2.50"), tags=["a", "b"]
    )
    hold = decision["reservation"]["reservation_id"]
    settled = budget.settle(tenant_id, reservation_id=hold, cost_usd="1.25")
    assert settled["entry"]["cost_usd"] == "1.25"
    assert budget.execution(tenant_id, agent_execution_id="run-1")["spent_usd"] == "1.25"
    assert len(budget.ledger(tenant_id, from_="2026-01-01T00:00:00Z", limit=10)["items"]) == 1
    asked = budget.headroom(tenant_id, agent_execution_id="run-1", tags=["a", "b"], wrap_up=False)
    assert asked["remaining"]["usd"] == "8.75"


def test_csv_and_deletes_with_reasons_work(transport: Transport, tenant_id: str) -> None:
    budget = client(transport)
    budget.record_cost(tenant_id, agent_execution_id="run-1", cost_usd="1")
    assert budget.ledger(tenant_id, format="csv")["csv"].count("run-1") == 1
    said: Any = {"by": "maria", "reason": "a test / of blanks & signs"}
    budget.set_budget(
        tenant_id, budget_id="ada", scope="user", scope_id="ada", limit_usd=None, limit_calls=3,
        period="day", **said,
    )  # fmt: skip
    assert budget.get_budget(tenant_id, budget_id="ada")["limit_usd"] is None
    budget.delete_budget(tenant_id, budget_id="ada", **said)
    with pytest.raises(NotFoundError):
        budget.get_budget(tenant_id, budget_id="ada")


def test_errors_are_raised_by_their_class(transport: Transport, tenant_id: str) -> None:
    budget = client(transport)
    with pytest.raises(ValidationError, match="estimated_cost_usd") as wrong:
        budget.reserve(tenant_id, agent_execution_id="run-1", estimated_cost_usd="-1")
    assert wrong.value.code == "VALIDATION_ERROR"
    with pytest.raises(NotFoundError):
        budget.get_reservation(tenant_id, reservation_id="nothing")
    with pytest.raises(UnknownPriceError):
        budget.record_cost(
            tenant_id, agent_execution_id="run-1", model="nobody-knows", usage={"input_tokens": 1}
        )
    budget.record_cost(tenant_id, agent_execution_id="run-1", cost_usd="1", entry_id="one")
    with pytest.raises(IdempotencyMismatchError):
        budget.record_cost(tenant_id, agent_execution_id="run-1", cost_usd="2", entry_id="one")
    hold = budget.reserve(tenant_id, agent_execution_id="run-1", estimated_cost_usd="1")
    named = hold["reservation"]["reservation_id"]
    budget.settle(tenant_id, reservation_id=named, cost_usd="1")
    with pytest.raises(ConflictError):
        budget.release(tenant_id, reservation_id=named)


def test_over_http_an_error_names_its_field_and_its_request(tenant_id: str) -> None:
    budget = client(HttpTransport(URL, token="t", pool=HandlerPool()))  # type: ignore[arg-type]  # noqa: S106
    with pytest.raises(ValidationError) as wrong:
        budget.check(tenant_id, agent_execution_id="run-1", estimated_cost_usd="x")
    assert (wrong.value.field, bool(wrong.value.request_id)) == ("estimated_cost_usd", True)


def test_a_cost_whose_answer_is_lost_three_times_is_booked_once(
    transport: Transport, tenant_id: str
) -> None:
    faulty = FaultyTransport(transport, lost_before={0}, lost_after={1, 2})
    answer = client(faulty).record_cost(tenant_id, agent_execution_id="run-1", cost_usd="1")
    assert answer["entry"]["replayed"] is True
    keys = {fields["idempotency_key"] for _, fields in faulty.sent}
    assert (len(faulty.sent), len(keys)) == (4, 1)
    usage = client(transport).tenant_usage(tenant_id)
    assert (usage["spent_usd"], usage["entries"]) == ("1", 1)


def test_four_lost_answers_are_an_error_that_says_unavailable(tenant_id: str) -> None:
    down = FaultyTransport(direct(), is_down=True)
    with pytest.raises(UnavailableError):
        client(down).tenant_usage(tenant_id)
    assert len(down.sent) == 4


class Scripted:
    """A pool that answers or raises what it was given."""

    def __init__(self, status: int, body: bytes) -> None:
        self.answer = RawAnswer(status, {"content-type": "application/json"}, body)

    def request(self, *_: Any, **__: Any) -> RawAnswer:
        return self.answer


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (403, b'{"message": "Forbidden"}', ForbiddenError),
        (404, b'{"message": "Not Found"}', UnexpectedAnswerError),
        (429, b'{"message": "Too Many Requests"}', UnavailableError),
        (502, b"<html>", NoAnswerError),
        (504, b'{"message": "Endpoint request timed out"}', NoAnswerError),
        (200, b"[]", UnexpectedAnswerError),
        (200, b"<html>", UnexpectedAnswerError),
        (301, b"{}", UnexpectedAnswerError),
    ],
)
def test_an_answer_that_is_not_budget_monitors_raises_by_its_status(
    status: int, body: bytes, expected: type[Exception]
) -> None:
    transport = HttpTransport(URL, token="t", pool=Scripted(status, body))  # type: ignore[arg-type]  # noqa: S106
    with pytest.raises(expected) as raised:
        transport.request("tenant_usage", {"tenant_id": "acme"})
    assert type(raised.value) is expected


def hang_up(server: socket.socket) -> None:
    server.accept()[0].close()


def test_a_server_that_hangs_up_or_says_nothing_gave_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=hang_up, args=(server,), daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        transport = HttpTransport(url, token="t", timeout_seconds=0.2)  # noqa: S106
        for _ in range(2):  # the second time nobody accepts
            with pytest.raises(NoAnswerError):
                transport.request("tenant_usage", {"tenant_id": "acme"})


def test_requests_are_signed_for_the_region_in_the_address(cloud: Any) -> None:
    pool = HandlerPool()
    url = "https://abc.execute-api.eu-west-3.amazonaws.com"
    BudgetMonitor(HttpTransport(url, pool=pool)).tenant_usage("acme")  # type: ignore[arg-type]
    (headers,) = pool.seen
    found = {name.lower(): value for name, value in headers.items()}
    assert "/eu-west-3/execute-api/aws4_request" in found["authorization"]
    assert found["x-amz-security-token"] == "test-session-token"


def test_credentials_are_never_sent_in_plain_text() -> None:
    with pytest.raises(ValueError, match="https"):
        HttpTransport("http://api.example.com", token="t")  # noqa: S106


def test_an_operation_without_a_route_is_named() -> None:
    transport = HttpTransport(URL, token="t", pool=HandlerPool())  # type: ignore[arg-type]  # noqa: S106
    with pytest.raises(ValueError, match="reconcile has no route"):
        transport.request("reconcile", {})


class Failing:
    """boto3's client, whose invocations fail or whose functions do."""

    def __init__(self, failure: Exception | dict[str, Any]) -> None:
        self.failure = failure

    def invoke(self, **_: Any) -> dict[str, Any]:
        if isinstance(self.failure, Exception):
            raise self.failure
        payload = io.BytesIO(json.dumps(self.failure).encode())
        return {"FunctionError": "Unhandled", "Payload": payload}


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Invoke")


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        ({"errorMessage": "2026 Task timed out after 30.00 seconds"}, NoAnswerError),
        ({"errorType": "Runtime.ExitError", "errorMessage": "killed"}, NoAnswerError),
        ({"errorType": "ForbiddenError", "errorMessage": "no"}, ForbiddenError),
        ({"errorType": "UnavailableError", "errorMessage": "busy"}, UnavailableError),
        (refused("AccessDeniedException"), ForbiddenError),
        (refused("ResourceNotFoundException"), UnexpectedAnswerError),
        (refused("TooManyRequestsException"), NoAnswerError),
        (EndpointConnectionError(endpoint_url="https://lambda"), NoAnswerError),
    ],
)
def test_a_failed_invocation_raises_the_error_that_it_means(
    failure: Any, expected: type[Exception]
) -> None:
    transport = LambdaTransport({"reporting": "r"}, client=Failing(failure))
    with pytest.raises(expected) as raised:
        transport.request("tenant_usage", {"tenant_id": "acme"})
    assert type(raised.value) is expected


def test_functions_are_found_by_the_outputs_of_the_stack(
    monkeypatch: pytest.MonkeyPatch, cloud: Any
) -> None:
    with pytest.raises(ValueError, match="REPORTING_FUNCTION_ARN"):
        LambdaTransport(client=object()).request("tenant_usage", {"tenant_id": "acme"})
    monkeypatch.setenv("REPORTING_FUNCTION_ARN", "arn:of:it")
    budget = BudgetMonitor(LambdaTransport(client=Failing(refused("X"))), retry=NO_WAIT)
    with pytest.raises(NoAnswerError):
        budget.tenant_usage("acme")
