"""Rollover: what is left of a month adds to the next one, up to a bound."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from functions.resetting import app as resetting
from tests.support.builders import Tenant, gate
from tests.support.doors.doors import Answer
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import GENEROUS, WHO, allowed, budgets, lift, set_budget
from tests.support.times import at

NOVEMBER, DECEMBER = "2026-11-22T10:05:00Z", "2026-12-01T00:00:00Z"
IN_GRACE, AFTER_GRACE = "2026-12-03T10:00:00Z", "2026-12-04T00:00:00Z"
MONTH = {"scope": "tenant", "period": "month"}


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    """Nothing is limited but by what the test sets."""
    memory_cloud.set_limits(**GENEROUS)
    with at(NOVEMBER, tick=False):
        yield memory_cloud


def monthly(tenant: Tenant, limit: str = "100", rollover: str = "30", **fields: Any) -> Answer:
    return set_budget(tenant, "cap", limit, rollover_usd=rollover, **MONTH | fields)


def limit_at(tenant: Tenant, moment: str) -> tuple[str, str | None]:
    with at(moment, tick=False):
        shown = budgets(tenant)["cap"]
        assert gate(tenant.check("0").body, "cap")["limit_usd"] == shown["limit_usd"]
        return shown["limit_usd"], shown["carried_usd"]


@pytest.mark.parametrize(
    ("spent", "limit"),
    [("0", "130"), ("70", "130"), ("80", "120"), ("99.5", "100.5"), ("120", "100")],
)
def test_of_100_what_is_not_spent_goes_over_up_to_30(
    tenant: Tenant, spent: str, limit: str
) -> None:
    monthly(tenant)
    tenant.spend(spent)
    assert budgets(tenant)["cap"]["limit_usd"] == "100"
    assert limit_at(tenant, DECEMBER)[0] == limit


def test_a_rollover_of_the_tenants_own_month_is_refused_beyond(tenant: Tenant) -> None:
    set_budget(tenant, "tenant-month", "100", rollover_usd="30")
    tenant.spend("90")
    with at(DECEMBER, tick=False):
        assert not allowed(tenant, "110.01")
        assert allowed(tenant, "110")
        assert tenant.usage()["limit_usd"] == "110"


def test_each_month_carries_what_it_had_and_idle_months_fill_up_to_the_bound(
    tenant: Tenant,
) -> None:
    monthly(tenant, "10", "25")
    tenant.spend("4")
    assert limit_at(tenant, "2026-12-15T10:00:00Z") == ("16", "6")
    assert limit_at(tenant, "2027-01-15T10:00:00Z") == ("26", "16")
    assert limit_at(tenant, "2027-06-15T10:00:00Z") == ("35", "25")


def test_months_without_requests_count_as_well(tenant: Tenant) -> None:
    monthly(tenant, "10", "25")
    tenant.spend("4")
    assert limit_at(tenant, "2027-01-15T10:00:00Z") == ("26", "16")


def test_what_is_held_at_the_months_end_goes_over_when_the_month_takes_no_more_costs(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    monthly(tenant)
    with at("2026-11-30T23:50:00Z", tick=False):
        hold = tenant.hold("90")
    assert limit_at(tenant, DECEMBER) == ("110", "10")
    with at("2026-12-01T00:01:00Z", tick=False):
        tenant.settle(hold, "75")
    assert limit_at(tenant, IN_GRACE) == ("110", "10")
    assert limit_at(tenant, AFTER_GRACE) == ("125", "25")
    assert not differences(cloud.rows())


def test_a_late_cost_of_november_lowers_what_december_got(tenant: Tenant) -> None:
    monthly(tenant)
    tenant.spend("80")
    assert limit_at(tenant, DECEMBER) == ("120", "20")
    with at(IN_GRACE, tick=False):
        tenant.spend("15", occurred_at="2026-11-30T20:00:00Z")
    assert limit_at(tenant, AFTER_GRACE) == ("105", "5")


def test_spend_of_december_does_not_change_what_it_got(tenant: Tenant) -> None:
    monthly(tenant)
    tenant.spend("80")
    with at("2026-12-02T10:00:00Z", tick=False):
        tenant.spend("50")
    assert limit_at(tenant, "2026-12-20T10:00:00Z") == ("120", "20")


def test_a_raise_is_for_its_month_and_does_not_go_over(tenant: Tenant) -> None:
    monthly(tenant)
    lift(tenant, "cap", "50")
    tenant.spend("95")
    assert limit_at(tenant, DECEMBER) == ("105", "5")


def test_an_edit_answers_with_what_was_carried_and_tells_of_no_limit_below_the_spend(
    tenant: Tenant,
) -> None:
    monthly(tenant)
    tenant.spend("80")
    with at("2026-12-02T10:00:00Z", tick=False):
        tenant.spend("110")
        patch = {"budget_id": "cap", "limit_usd": "99", "idempotency_key": "k", **WHO}
        changed = tenant.call("update_budget", **patch).body
        assert (changed["limit_usd"], changed["carried_usd"]) == ("119", "20")
        causes = {one.get("cause") for one in tenant.call("alerts").body["items"]}
        assert causes <= {None}
    with at("2027-04-02T10:00:00Z", tick=False):
        assert tenant.call("update_budget", **patch).body == {**changed, "replayed": True}


def test_an_edit_keeps_what_was_carried_and_null_ends_it(tenant: Tenant) -> None:
    monthly(tenant)
    tenant.spend("80")
    assert limit_at(tenant, DECEMBER) == ("120", "20")
    patch = {"budget_id": "cap", **WHO}
    with at("2026-12-02T10:00:00Z", tick=False):
        tenant.call("update_budget", limit_usd="200", **patch).body  # noqa: B018
        assert budgets(tenant)["cap"]["limit_usd"] == "220"
        monthly(tenant, "50", "10")
        assert budgets(tenant)["cap"]["limit_usd"] == "70"
        tenant.call("update_budget", rollover_usd=None, **patch).body  # noqa: B018
        assert budgets(tenant)["cap"]["limit_usd"] == "50"


def test_the_statement_shows_the_limit_with_what_was_carried(tenant: Tenant) -> None:
    set_budget(tenant, "tenant-month", "100", rollover_usd="30")
    tenant.spend("80")
    with at("2026-12-10T10:00:00Z", tick=False):
        tenant.spend("1")
    with at("2027-01-05T10:00:00Z", tick=False):
        set_budget(tenant, "tenant-month", "7", rollover_usd="30")
        resetting.lambda_handler({"operation": "close_month", "month": "2026-12"}, None)
        (told,) = tenant.call("statements", month="2026-12").body["items"]
        assert told["limit_usd"] == "120"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"rollover_usd": "-1"}, "rollover_usd"),
        ({"rollover_usd": "x"}, "rollover_usd"),
        ({"rollover_usd": "1", "period": "day"}, "rollover_usd"),
        ({"rollover_usd": "1", "limit_usd": None}, "rollover_usd"),
    ],
)
def test_a_rollover_that_cannot_be_held_to_is_refused(
    tenant: Tenant, cloud: MemoryCloud, fields: dict[str, Any], field: str
) -> None:
    before = cloud.rows()
    whole = {"budget_id": "cap", "limit_usd": "5", **MONTH, **WHO} | fields
    assert tenant.call("set_budget", **whole).refusal == ("VALIDATION_ERROR", field)
    assert cloud.rows() == before


def test_a_default_for_every_tenant_has_no_rollover(tenant: Tenant) -> None:
    system = {"budget_id": "tenant-month", "limit_usd": "5", "rollover_usd": "1", **WHO}
    refused = tenant.door.call("set_system_budget", **system)
    assert refused.refusal == ("VALIDATION_ERROR", "rollover_usd")


def test_an_owner_cannot_raise_the_tenants_rollover(tenant: Tenant) -> None:
    tenant.call("set_tenant", owner="olga", **WHO)
    monthly(tenant)
    assert monthly(tenant, rollover="31", by="olga").error == "FORBIDDEN"
    assert monthly(tenant, rollover="29", by="olga").error is None
