"""Holds settled at their estimate: on request, or because nobody ended them."""

from __future__ import annotations

from typing import Any

import pytest

from functions.expiring import app as expiring
from tests.support.builders import Tenant, gate
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.times import at

START = "2026-11-22T10:00:00Z"
LATER = "2026-11-22T11:00:00Z"
ARN = "arn:aws:states:eu-central-1:000000000000:execution:machine:run-1"
ITSELF = {"on_expiry": "settle_at_estimate", "expires_in_seconds": 60}

pytestmark = pytest.mark.usefixtures("forgetful_processes")


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> MemoryCloud:
    return memory_cloud


def estimate(tenant: Tenant, held: str, **fields: Any) -> Any:
    return tenant.call("settle", reservation_id=held, at_estimate=True, **fields)


def expire() -> Any:
    return expiring.lambda_handler({"operation": "expire"}, None)


def month(tenant: Tenant) -> tuple[str, str, int]:
    usage = tenant.usage()
    return usage["spent_usd"], usage["held_usd"], usage["entries"]


def test_a_hold_of_2_usd_settled_at_its_estimate_costs_2_usd(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    held = tenant.hold("2")
    answer = estimate(tenant, held)
    assert answer.has_status(201)
    assert (answer.body["entry"]["cost_usd"], answer.body["entry"]["flags"]) == ("2", ["estimated"])
    assert answer.body["reservation"]["state"] == "settled"
    assert estimate(tenant, held).body["entry"] == {**answer.body["entry"], "replayed": True}
    assert month(tenant) == ("2", "0", 1)
    assert not differences(cloud.rows())


def test_after_draws_of_half_a_usd_the_estimate_is_what_they_left(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    held = tenant.hold("2")
    tenant.draw(held, "0.5")
    assert estimate(tenant, held).body["entry"]["cost_usd"] == "1.5"
    assert month(tenant) == ("2", "0", 2)
    assert not differences(cloud.rows())


def test_an_estimate_by_usage_books_its_tokens_and_calls(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    cap = {"scope": "user", "scope_id": "ana", "period": "day", "by": "maria", "reason": "test"}
    tenant.call("set_budget", budget_id="cap", limit_tokens=1000, limit_calls=5, **cap)
    usage = {"input_tokens": 600, "max_output_tokens": 300, "calls": 3}
    held = tenant.hold("1", estimated_usage=usage, user="ana")
    body = estimate(tenant, held).body
    gates = {one["unit"]: one for one in body["gates"] if one["budget_id"] == "cap"}
    assert (gates["tokens"]["spent_tokens"], gates["tokens"]["held_tokens"]) == (900, 0)
    assert (gates["calls"]["spent_calls"], gates["calls"]["held_calls"]) == (3, 0)
    assert body["entry"]["tokens"] == 900
    assert not differences(cloud.rows())


@pytest.mark.parametrize("ended", ["release", "expire"])
def test_the_estimate_of_a_hold_that_ended_is_booked_late(
    cloud: MemoryCloud, tenant: Tenant, ended: str
) -> None:
    with at(START):
        held = tenant.hold("2", expires_in_seconds=60)
        if ended == "release":
            tenant.release(held)
    with at(LATER):
        late = {"release": "unreserved", "expire": "late_settlement"}[ended]
        assert estimate(tenant, held).body["entry"]["flags"] == ["estimated", late]
        assert month(tenant) == ("2", "0", 1)
    assert not differences(cloud.rows())


@pytest.mark.parametrize("true_cost", ["0.25", "2", "7.5"])
def test_the_true_cost_corrects_the_estimate_by_an_adjustment(
    cloud: MemoryCloud, tenant: Tenant, true_cost: str
) -> None:
    held = tenant.hold("2", agent_execution_id="run")
    estimate(tenant, held)
    answer = tenant.settle(held, true_cost, tokens=42)
    assert answer.has_status(201)
    entry = answer.body["entry"]
    assert (entry["kind"], entry["adjusts"]) == ("adjustment", f"settle:{held}")
    assert entry["tokens"] == 42
    assert gate(answer.body, "execution")["spent_usd"] == true_cost
    assert answer.body["reservation"]["entry_id"] == f"settle:{held}"
    again = tenant.settle(held, true_cost, tokens=42)
    assert again.has_status(200)
    assert again.body["entry"] == {**entry, "replayed": True}
    assert tenant.settle(held, "3").error == "IDEMPOTENCY_MISMATCH"
    assert month(tenant) == (true_cost, "0", 1)
    assert not differences(cloud.rows())


def test_the_true_usage_corrects_the_tokens_of_the_estimate_too(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    cap = {"scope": "user", "scope_id": "ana", "period": "day", "by": "maria", "reason": "test"}
    tenant.call("set_budget", budget_id="cap", limit_tokens=1000, **cap)
    usage = {"input_tokens": 600, "max_output_tokens": 300}
    held = tenant.hold("1", estimated_usage=usage, user="ana")
    estimate(tenant, held)
    true_usage = {"input_tokens": 500, "output_tokens": 150}
    body = tenant.settle(held, "0.5", usage=true_usage, idempotency_key="key").body
    assert gate(body, "cap")["spent_tokens"] == 650
    assert (body["entry"]["tokens"], body["entry"]["usage"]) == (-250, true_usage)
    assert tenant.usage()["tokens"] == 650
    again = tenant.settle(held, "0.5", usage=true_usage, idempotency_key="key").body
    assert again["entry"]["replayed"] is True
    assert not differences(cloud.rows())


def test_a_true_usage_in_a_later_month_makes_the_tokens_of_that_month_negative(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    """Each answer is compared with the OpenAPI document, which must allow for it."""
    usage = {"input_tokens": 600, "max_output_tokens": 300}
    with at("2026-11-30T12:00:00Z"):
        held = tenant.hold("1", estimated_usage=usage, model="a")
        estimate(tenant, held)
    with at("2026-12-09T12:00:00Z"):
        assert tenant.usage(month="2026-11")["tokens"] == 900
        true_usage = {"input_tokens": 500, "output_tokens": 150}
        tenant.settle(held, "0.5", usage=true_usage)
        assert tenant.usage()["tokens"] == -250
        models = tenant.call("model_costs", month="2026-12").body["items"]
        assert [(one["name"], one["tokens"]) for one in models] == [("a", -250)]
    assert not differences(cloud.rows())


def test_the_true_cost_is_booked_once_whatever_ids_its_settlements_have(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    """Before, 3 USD under two ids made an estimate of 2 USD cost 4 USD."""
    held = tenant.hold("2")
    estimate(tenant, held)
    first = tenant.settle(held, "3", entry_id="mine").body["entry"]
    assert (first["entry_id"], first["cost_usd"]) == (f"settle:.true:{held}", "1")
    for same in ({"entry_id": "mine"}, {}):
        again = tenant.settle(held, "3", **same)
        assert again.body["entry"] == {**first, "replayed": True}
    for cost, other in (("4", {"entry_id": "mine"}), ("4", {}), ("3", {"entry_id": "other"})):
        assert tenant.settle(held, cost, **other).error == "IDEMPOTENCY_MISMATCH"
    assert month(tenant) == ("3", "0", 1)
    assert not differences(cloud.rows())


def test_an_estimate_is_not_corrected_by_the_cost_of_another_hold(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    """Before, settling a hold under the id of another hold's estimate corrected that estimate."""
    first, second = tenant.hold("2"), tenant.hold("1")
    estimate(tenant, first, entry_id="mine")
    answer = tenant.settle(second, "0.5", entry_id="mine")
    assert answer.error == "IDEMPOTENCY_MISMATCH"
    assert tenant.reservation(second)["state"] == "open"
    assert month(tenant) == ("2", "1", 1)
    assert not differences(cloud.rows())


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"cost_usd": "1"}, "cost_usd"),
        ({"usage": {"input_tokens": 1}}, "usage"),
        ({"provider_response": {"prompt_tokens": 1}}, "usage"),
        ({"tokens": 1}, "tokens"),
        ({"service_tier": "flex"}, "service_tier"),
        ({"at_estimate": "yes"}, "at_estimate"),
        ({"at_estimate": False}, "cost_usd"),
    ],
)
def test_an_estimate_beside_a_cost_is_a_400_that_names_the_field(
    tenant: Tenant, more: dict[str, Any], field: str
) -> None:
    held = tenant.hold("2")
    answer = tenant.call("settle", reservation_id=held, **{"at_estimate": True, **more})
    assert answer.refusal == ("VALIDATION_ERROR", field)
    assert month(tenant) == ("0", "2", 0)


def test_a_settled_hold_is_not_settled_at_its_estimate(tenant: Tenant) -> None:
    held = tenant.hold("2")
    tenant.settle(held, "1")
    assert estimate(tenant, held).refusal == ("IDEMPOTENCY_MISMATCH", "at_estimate")


def test_a_hold_that_settles_itself_is_settled_at_its_estimate_when_it_expires(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    with at(START):
        held = tenant.hold("2", **ITSELF)
        tenant.draw(held, "0.5")
    with at(LATER):
        assert tenant.reservation(held)["state"] == "settled"
        assert expire() == {"expired": 1}
        assert expire() == {"expired": 0}
        shown = tenant.reservation(held)
        assert (shown["state"], shown["entry_id"]) == ("settled", f"settle:{held}")
        assert shown["on_expiry"] == "settle_at_estimate"
        [first, estimated] = sorted(tenant.entries(), key=lambda one: one["cost_usd"])
        assert (first["cost_usd"], estimated["cost_usd"]) == ("0.5", "1.5")
        assert estimated["flags"] == ["estimated"]
        assert estimate(tenant, held).body["entry"]["replayed"] is True
        assert tenant.release(held).error == "CONFLICT"
        assert tenant.settle(held, "0.1").body["entry"]["cost_usd"] == "-1.4"
        assert month(tenant) == ("0.6", "0", 2)
    assert not differences(cloud.rows())


def test_the_true_cost_of_an_overdue_hold_that_settles_itself_needs_no_estimate(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    with at(START):
        held = tenant.hold("2", **ITSELF)
    with at(LATER):
        assert tenant.release(held).error == "CONFLICT"
        extended = tenant.call("extend", reservation_id=held, expires_in_seconds=60)
        assert extended.error == "CONFLICT"
        assert tenant.draw(held, "0.5").body["entry"]["flags"] == []
        assert tenant.settle(held, "0.25").body["entry"]["flags"] == []
        assert expire() == {"expired": 0}
        assert month(tenant) == ("0.75", "0", 2)
    assert not differences(cloud.rows())


def test_a_refusal_leaves_an_overdue_hold_that_settles_itself_as_it_is(tenant: Tenant) -> None:
    with at(START):
        tenant.hold("9", agent_execution_id="run", **ITSELF)
    with at(LATER):
        assert not tenant.reserve("2", agent_execution_id="run").body["allowed"]
        assert expire() == {"expired": 1}
        assert not tenant.reserve("2", agent_execution_id="run").body["allowed"]
        assert tenant.usage()["spent_usd"] == "9"


def test_a_stopped_state_machine_settles_holds_that_settle_themselves(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    held = tenant.hold("2", state_machine_execution_arn=ARN, **ITSELF)
    other = tenant.hold("3", state_machine_execution_arn=ARN)
    event = {
        "source": "aws.states",
        "detail-type": "Step Functions Execution Status Change",
        "detail": {"executionArn": ARN, "status": "FAILED"},
    }
    expiring.lambda_handler(event, None)
    assert tenant.reservation(held)["state"] == "settled"
    assert tenant.reservation(other)["state"] == "released"
    assert month(tenant) == ("2", "0", 1)
    assert not differences(cloud.rows())


def test_on_expiry_is_return_unless_said_and_any_other_word_is_a_400(tenant: Tenant) -> None:
    assert tenant.reserve("1").body["reservation"]["on_expiry"] == "return"
    assert tenant.reserve("1", on_expiry="keep").refusal == ("VALIDATION_ERROR", "on_expiry")
    body = tenant.reserve("1", reservation_id="hold", on_expiry="return").body
    assert body["reservation"]["on_expiry"] == "return"
