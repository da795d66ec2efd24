"""Prepaid balances: the grant that expires first is spent first, and its unused rest expires."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.support.builders import Tenant, gate
from tests.support.doors.doors import Context, Door, handler_of
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import GENEROUS, WHO, Processes, allowed, budgets
from tests.support.rules.prepaid import available, grant, left, prepaid
from tests.support.times import at

NOW, NOON, LATER = "2026-11-22T10:05:00Z", "2026-11-22T12:00:00Z", "2026-11-22T12:00:01Z"

NEXT_YEAR = "2027-12-01T00:00:00Z"

RUN = {"agent_execution_id": "run"}


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    """Nothing is limited but by what the test sets."""
    memory_cloud.set_limits(**GENEROUS)
    with at(NOW, tick=False):
        yield memory_cloud


def test_a_total_budget_never_resets(tenant: Tenant) -> None:
    prepaid(tenant, "5")
    tenant.spend("3")
    with at(NEXT_YEAR):
        shown = gate(tenant.check("2").body, "prepaid")
        facts = (shown["period"], shown["spent_usd"], shown["resets_at"], shown["allowed"])
        assert facts == ("total", "3", None, True)
        assert not allowed(tenant, "2.01")


def test_a_late_cost_counts_in_a_total_budget(tenant: Tenant) -> None:
    prepaid(tenant, "5")
    with at("2027-02-01T00:00:00Z"):
        late = tenant.record("3", occurred_at="2026-12-01T10:00:00Z").body
        assert late["entry"]["flags"] == ["late"]
        assert gate(late, "prepaid")["spent_usd"] == "3"


def test_what_is_refunded_of_an_expired_grant_is_used_before_the_next_grant(
    tenant: Tenant,
) -> None:
    """Before, grant B paid 3 USD more where another grant was added between refund and spend."""
    prepaid(tenant, "0")
    grant(tenant, "5", "a", expires_at=NOON)
    cost = tenant.spend("5")
    with at(NOON, tick=False):
        grant(tenant, "4", "b", expires_at=NEXT_YEAR)
        tenant.adjust(cost, "-3")
        grant(tenant, "1", "c")
        tenant.spend("3")
        assert left(tenant) == {"a": "0", "b": "4", "c": "1"}
        assert available(tenant) == ("10", "5")
    with at(NEXT_YEAR, tick=False):
        assert available(tenant) == ("6", "1")


def test_a_cost_that_is_refunded_leaves_the_grant_as_it_was(tenant: Tenant) -> None:
    """4 USD were spent of the budget's own limit before: the refund is not given back to these."""
    prepaid(tenant, "5")
    tenant.spend("4")
    grant(tenant, "2.5", "a", expires_at=NOON)
    tenant.adjust(tenant.spend("0.5"), "-0.5")
    assert left(tenant) == {"a": "2.5"}
    tenant.spend("0.57")
    assert left(tenant) == {"a": "1.93"}
    with at(NOON, tick=False):
        assert available(tenant) == ("5.57", "1")


def test_the_limit_is_the_sum_of_the_grants_in_force(tenant: Tenant) -> None:
    prepaid(tenant, "1")
    first = grant(tenant, "10", "a", expires_at=NOON)
    assert first.has_status(201)
    assert first.body["limit_usd"] == "11"
    assert grant(tenant, "5", "b").body["limit_usd"] == "16"
    assert not allowed(tenant, "16.01")
    assert allowed(tenant, "16")
    shown = first.body["grants"][0]
    facts = [shown[name] for name in ("grant_id", "amount_usd", "left_usd", "expires_at", "by")]
    assert facts == ["a", "10", "10", NOON, "maria"]


def test_the_soonest_to_expire_is_spent_first_then_the_lowest_priority(tenant: Tenant) -> None:
    prepaid(tenant, "1")
    grant(tenant, "5", "never")
    grant(tenant, "5", "second", expires_at=NEXT_YEAR, priority=2)
    grant(tenant, "5", "first", expires_at=NEXT_YEAR, priority=1)
    grant(tenant, "5", "soon", expires_at=NOON)
    tenant.spend("12")
    assert left(tenant) == {"soon": "0", "first": "0", "second": "3", "never": "5"}
    cost = tenant.spend("9")
    assert left(tenant) == {"soon": "0", "first": "0", "second": "0", "never": "0"}
    tenant.adjust(cost, "-3")
    assert left(tenant) == {"soon": "0", "first": "0", "second": "0", "never": "2"}


def test_what_expires_unused_is_gone_and_what_was_spent_of_it_stays(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    prepaid(tenant)
    grant(tenant, "10", "a", expires_at=NOON)
    grant(tenant, "5", "b")
    tenant.spend("4")
    with at(NOON, tick=False):
        assert available(tenant) == ("9", "5")
        assert left(tenant) == {"a": "0", "b": "5"}
        assert not allowed(tenant, "5.01")
        tenant.settle(tenant.hold("3"), "3")
        assert available(tenant) == ("9", "2")
        assert left(tenant) == {"a": "0", "b": "2"}
    assert not differences(cloud.rows())


@pytest.mark.parametrize("spends", [["1", "3"], ["3", "1"], ["2", "2"]])
@pytest.mark.parametrize("first", ["record", "reserve", "adjust", "get_budget"])
def test_what_is_spent_after_an_expiry_is_not_taken_for_what_was_spent_before(
    tenant: Tenant, first: str, spends: list[str]
) -> None:
    prepaid(tenant)
    grant(tenant, "10", "a", expires_at=NOON)
    grant(tenant, "5", "b")
    cost = tenant.spend(spends[0], **RUN)
    with at(LATER, tick=False):
        if first == "reserve":
            tenant.settle(tenant.hold(spends[1], **RUN), spends[1])
        elif first == "adjust":
            tenant.adjust(cost, spends[1])
        else:
            if first == "get_budget":
                tenant.call("get_budget", budget_id="prepaid").body  # noqa: B018
            tenant.spend(spends[1], **RUN)
    with at("2026-11-25T10:00:00Z", tick=False):
        limit = Decimal(spends[0]) + 5
        assert available(tenant) == (str(limit), str(5 - Decimal(spends[1])))


def test_every_process_and_function_agrees_on_an_expiry(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    processes = Processes(monkeypatch)
    prepaid(tenant)
    grant(tenant, "10", "a", expires_at=NOON)
    grant(tenant, "5", "b")
    processes.answer(2)
    hold = tenant.hold("4", **RUN)
    with at(LATER, tick=False):
        processes.answer(1)
        tenant.settle(hold, "4")  # held, not spent, when the grant expired
        processes.answer(2)
        assert available(tenant) == ("5", "1")
        assert allowed(tenant, "1")
        processes.answer(3)
        assert not allowed(tenant, "0.01")
    assert not differences(cloud.rows())


def test_a_hold_that_expires_after_a_grant_writes_the_grants_end_down(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    prepaid(tenant)
    grant(tenant, "10", "a", expires_at=NOON)
    tenant.spend("2")
    tenant.hold("4", expires_in_seconds=60)
    with at(LATER, tick=False):
        assert handler_of("expiring")({"operation": "expire"}, Context())["expired"] == 1
        tenant.spend("1")
        assert available(tenant) == ("2", "-1")


def test_an_expired_grant_leaves_the_limit_at_the_spend_or_above(tenant: Tenant) -> None:
    prepaid(tenant)
    grant(tenant, "10", "a", expires_at=NOON)
    tenant.spend("8")
    with at("2026-11-22T12:00:30Z", tick=False):
        assert handler_of("budgeting")({"operation": "wake"}, Context())["alerts"] == 0
        assert available(tenant) == ("8", "0")


def test_a_grant_is_made_once_under_its_id(tenant: Tenant) -> None:
    prepaid(tenant)
    first = grant(tenant, "10", "a", expires_at=NOON)
    again = grant(tenant, "10.0", "a", expires_at=NOON)
    assert again.has_status(200)
    assert again.body == {**first.body, "replayed": True}
    assert grant(tenant, "11", "a").refusal == ("IDEMPOTENCY_MISMATCH", "amount_usd")
    key = {"budget_id": "prepaid", "amount_usd": "1", "idempotency_key": "k", **WHO}
    assert tenant.call("add_grant", **key).body["limit_usd"] == "11"
    assert tenant.call("add_grant", **key).body["replayed"] is True


def test_grants_stay_when_the_budget_is_put_or_patched_and_its_account_stays(
    tenant: Tenant,
) -> None:
    prepaid(tenant)
    grant(tenant, "10", "a", expires_at=NOON)
    tenant.spend("4")
    with at(LATER, tick=False):
        assert prepaid(tenant, "1", thresholds=[90]).body["limit_usd"] == "5"
        patch = {"budget_id": "prepaid", "limit_usd": "2", **WHO}
        assert tenant.call("update_budget", **patch).body["limit_usd"] == "6"
        tenant.spend("1")
        assert available(tenant) == ("6", "1")
        assert prepaid(tenant, "1", period="month").error == "CONFLICT"
        assert prepaid(tenant, None).error == "CONFLICT"


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"amount_usd": "0"}, ("VALIDATION_ERROR", "amount_usd")),
        ({"amount_usd": "-1"}, ("VALIDATION_ERROR", "amount_usd")),
        ({"amount_usd": "999999999999.9"}, ("VALIDATION_ERROR", "amount_usd")),
        ({"expires_at": NOW}, ("VALIDATION_ERROR", "expires_at")),
        ({"expires_at": "tomorrow"}, ("VALIDATION_ERROR", "expires_at")),
        ({"priority": -1}, ("VALIDATION_ERROR", "priority")),
        ({"priority": 1001}, ("VALIDATION_ERROR", "priority")),
        ({"grant_id": "settle:x"}, ("VALIDATION_ERROR", "grant_id")),
        ({"smile": 1}, ("VALIDATION_ERROR", "smile")),
        ({"budget_id": "other"}, ("NOT_FOUND", None)),
        ({"budget_id": "tenant-month"}, ("CONFLICT", None)),
    ],
)
def test_a_grant_that_cannot_be_held_to_changes_nothing(
    tenant: Tenant, cloud: MemoryCloud, fields: dict[str, Any], refusal: tuple[str, str | None]
) -> None:
    prepaid(tenant, "1")
    before = cloud.rows()
    assert grant(tenant, "5", **{"grant_id": "a"} | fields).refusal == refusal
    assert cloud.rows() == before


def test_an_owner_cannot_grant_to_himself(tenant: Tenant) -> None:
    tenant.call("set_tenant", owner="olga", **WHO)
    prepaid(tenant)
    assert grant(tenant, "5", "a", by="olga").error == "FORBIDDEN"


def test_of_60_grants_those_that_expired_are_summed_up(tenant: Tenant) -> None:
    prepaid(tenant)
    for number in range(50):
        grant(tenant, "1", f"g{number}", expires_at=NOON)
    assert grant(tenant, "1", "more").error == "CONFLICT"
    tenant.spend("30.5")
    with at(LATER, tick=False):
        for number in range(10):
            assert grant(tenant, "1", f"h{number}").error is None
        assert available(tenant) == ("40.5", "10")
        assert len(budgets(tenant)["prepaid"]["grants"]) == 50


def test_a_grant_of_one_tenant_is_unknown_to_another(door: Door, tenant: Tenant) -> None:
    prepaid(tenant)
    assert grant(Tenant(door), "5", "a").error == "NOT_FOUND"
