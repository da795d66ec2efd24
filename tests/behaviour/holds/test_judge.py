"""Limits to the last digit: what still fits, what is exceeded, how much is used."""

from __future__ import annotations

import pytest

from tests.support.builders import Tenant, gate
from tests.support.cloud import Cloud

FLOW_AND_RUN = {"workflow_execution_id": "flow-1", "agent_execution_id": "run-1"}


@pytest.mark.parametrize("labels", [FLOW_AND_RUN, {"workflow_execution_id": "flow-1"}])
def test_asking_for_exactly_what_remains_is_allowed(tenant: Tenant, labels: dict[str, str]) -> None:
    tenant.spend("4", **labels)
    tenant.hold("1", **labels)
    remaining = {2: "5", 1: "45"}[len(labels)]

    assert tenant.check(remaining, **labels).body["allowed"] is True
    assert tenant.check(remaining + ".000000000001", **labels).body["allowed"] is False
    assert tenant.reserve(remaining, **labels).body["allowed"] is True
    assert tenant.reserve("0.000000000001", **labels).body["allowed"] is False


def test_a_limit_of_zero_allows_nothing_but_nothing(cloud: Cloud, tenant: Tenant) -> None:
    cloud.set_limits(tenant="0")

    assert tenant.check("0.000000000001").body["allowed"] is False
    decision = tenant.check("0").body
    assert decision["allowed"] is True
    assert gate(decision, "tenant-month")["used_percent"] == "0"
    tenant.spend("0.01")
    assert tenant.usage()["used_percent"] == "100"


def test_a_gate_without_a_limit_allows_everything_and_still_counts(
    cloud: Cloud, tenant: Tenant
) -> None:
    cloud.set_limits("none", "none", "none", "none", entry="none")
    tenant.spend("999999999", **FLOW_AND_RUN)

    decision = tenant.check("999999999999", **FLOW_AND_RUN).body

    assert decision["allowed"] is True
    month = gate(decision, "tenant-month")
    assert (month["limit_usd"], month["available_usd"], month["used_percent"]) == (None,) * 3
    assert month["spent_usd"] == "999999999"
    assert (month["exceeded"], month["nearing_limit"]) == (False, False)


def test_exceeded_is_about_now_and_allowed_is_about_what_comes(tenant: Tenant) -> None:
    tenant.spend("10", agent_execution_id="run-1")

    at_the_limit = gate(tenant.check("0", agent_execution_id="run-1").body, "execution")
    assert (at_the_limit["exceeded"], at_the_limit["allowed"]) == (False, True)

    tenant.spend("0.000000000001", agent_execution_id="run-1")
    above = gate(tenant.check("0", agent_execution_id="run-1").body, "execution")
    assert (above["exceeded"], above["allowed"]) == (True, False)


@pytest.mark.parametrize(
    ("spent", "percent"),
    [
        ("0", "0"),
        ("1", "14.29"),
        ("3.5", "50"),
        ("7", "100"),
        ("8", "114.29"),
        ("0.00035", "0"),
        ("0.00105", "0.02"),
    ],
)
def test_used_percent_has_two_decimals_half_even_and_no_trailing_zeros(
    cloud: Cloud, tenant: Tenant, spent: str, percent: str
) -> None:
    cloud.set_limits(tenant="7")
    tenant.spend(spent)

    assert tenant.usage()["used_percent"] == percent


def test_a_first_hold_that_does_not_fit_the_whole_limit_is_refused(
    cloud: Cloud, tenant: Tenant
) -> None:
    cloud.set_limits(tenant="0")
    before = cloud.rows()

    assert tenant.reserve("0.000000000001").body["allowed"] is False
    after = cloud.rows()
    told = after.pop("AlertsTable"), before.pop("AlertsTable")
    assert after == before
    assert [row["kind"]["S"] for row in told[0]] == ["blocked"]
    assert tenant.reserve("0").body["allowed"] is True


def test_even_nothing_is_refused_where_the_limit_is_passed(tenant: Tenant) -> None:
    tenant.spend("10.01", agent_execution_id="run-1")

    for ask in (tenant.check, tenant.reserve):
        assert ask("0", agent_execution_id="run-1").body["reason_code"] == "EXECUTION_EXCEEDED"


def test_a_lowered_limit_holds_from_the_next_request_and_forgets_nothing(
    cloud: Cloud, tenant: Tenant
) -> None:
    tenant.spend("4", agent_execution_id="run-1")
    cloud.set_limits(execution="5")
    assert tenant.reserve("1.01", agent_execution_id="run-1").body["allowed"] is False

    cloud.set_limits(execution="6")
    assert tenant.reserve("1.01", agent_execution_id="run-1").body["allowed"] is True


def test_a_hold_belongs_to_all_of_its_gates_or_none(cloud: Cloud, tenant: Tenant) -> None:
    cloud.set_limits(execution="10", workflow="5")
    labels = {"agent_execution_id": "run-1", "workflow_execution_id": "flow-1"}

    assert tenant.reserve("6", **labels).body["allowed"] is False

    decision = tenant.check("1", **labels).body
    assert [item["held_usd"] for item in decision["gates"]] == ["0"] * 4
