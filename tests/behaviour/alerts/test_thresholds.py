"""Thresholds: crossed upward, above and not at, each alerts once per limit and period."""

from __future__ import annotations

import pytest

from tests.support.builders import Tenant
from tests.support.memory.watch import Watch, shuffled
from tests.support.rules.governing import cap, lift, set_budget
from tests.support.times import at

pytestmark = pytest.mark.doors("direct")


def test_at_a_threshold_there_is_no_alert_and_above_it_one(tenant: Tenant, watch: Watch) -> None:
    tenant.spend("50")
    assert watch.passed() == []
    tenant.spend("0.000000000001")
    assert watch.passed() == [("tenant-month", 50)]
    tenant.spend("29.999999999999")
    assert watch.passed() == []
    tenant.spend("0.01")
    assert watch.passed() == [("tenant-month", 80)]


@pytest.mark.parametrize(
    ("spent", "then", "told"),
    [("60", "45", [80, 100]), ("0", "101", [50, 80, 100]), ("81", "900", [100]), ("10", "20", [])],
)
def test_each_threshold_that_one_cost_crosses_alerts(
    tenant: Tenant, watch: Watch, spent: str, then: str, told: list[int]
) -> None:
    tenant.spend(spent)
    watch.look()
    tenant.spend(then)
    assert [percent for _, percent in watch.passed()] == told


def test_reaching_the_limit_is_nearing_it_and_passing_it_is_exceeding_it(
    tenant: Tenant, watch: Watch
) -> None:
    tenant.spend("100")
    assert {one["kind"] for one in watch.look()} == {"nearing_limit"}
    tenant.spend("0.01")
    (alert,) = watch.look()
    assert (alert["kind"], alert["severity"]) == ("limit_exceeded", "critical")
    assert (alert["spent_usd"], alert["limit_usd"]) == ("100.01", "100")


def test_holds_are_no_spend(tenant: Tenant, watch: Watch) -> None:
    hold = tenant.hold("90")
    assert watch.look() == []
    tenant.settle(hold, "85")
    assert [percent for _, percent in watch.passed()] == [50, 80]


def test_any_number_of_deliveries_in_any_order_gives_each_alert_once(
    tenant: Tenant, watch: Watch
) -> None:
    for _ in range(40):
        tenant.spend("3")
    records = watch.stream.taken()
    for seed in range(5):
        for record in shuffled(records, seed):
            assert watch.deliver([record]) == []
        assert watch.deliver(shuffled(records, seed)) == []
    told = sorted(one["threshold_percent"] for one in watch.post.alerts)
    assert told == [50, 80, 100]


def test_a_raised_limit_arms_what_is_above_the_present_spend_again(
    tenant: Tenant, watch: Watch
) -> None:
    tenant.spend("70")
    watch.look()
    lift(tenant, "tenant-month", "50")  # 50 % is 75 now, 80 % is 120
    tenant.spend("4")
    assert watch.passed() == []
    tenant.spend("4")
    assert watch.passed() == [("tenant-month", 50)]
    lift(tenant, "tenant-month", "5")  # 77.5: below what is spent
    tenant.spend("1")
    assert watch.passed() == []


def test_a_lowered_limit_tells_of_what_is_passed_from_then_on(tenant: Tenant, watch: Watch) -> None:
    tenant.spend("45")
    assert watch.look() == []
    set_budget(tenant, "tenant-month", "50", scope="tenant", period="month")
    assert watch.look() == []
    tenant.spend("6")
    (alert,) = watch.look()
    assert (alert["threshold_percent"], alert["limit_usd"]) == (100, "50")


def test_a_limit_that_falls_back_tells_nothing_twice(tenant: Tenant, watch: Watch) -> None:
    with at("2026-11-22T10:00:00Z"):
        entry = tenant.spend("81")
        assert len(watch.look()) == 2
        lift(tenant, "tenant-month", "100", until="2026-11-22T11:00:00Z")
        tenant.adjust(entry, "-10")
    with at("2026-11-22T12:00:00Z"):
        tenant.spend("20")
        assert watch.passed() == []
        tenant.spend("20")
        assert watch.passed() == [("tenant-month", 100)]


def test_down_and_up_again_alerts_once(tenant: Tenant, watch: Watch) -> None:
    entry = tenant.spend("85")
    watch.look()
    for _ in range(3):
        tenant.adjust(entry, "-20")
        tenant.spend("20")
    assert watch.look() == []


def test_an_adjustment_upward_passes_thresholds_as_a_cost_does(
    tenant: Tenant, watch: Watch
) -> None:
    entry = tenant.spend("40")
    tenant.adjust(entry, "15")
    assert watch.passed() == [("tenant-month", 50)]


def test_an_adjustment_of_an_old_cost_is_seen_in_the_month_that_it_is_booked_in(
    tenant: Tenant, watch: Watch
) -> None:
    with at("2026-10-05T10:00:00Z"):
        entry = tenant.spend("1")
    with at("2026-11-22T10:00:00Z"):
        watch.look()
        tenant.adjust(entry, "55")
        (alert,) = watch.look()
        assert (alert["period"], alert["threshold_percent"]) == ("2026-11", 50)


def test_a_new_period_arms_everything(tenant: Tenant, watch: Watch) -> None:
    for month in ("2026-10", "2026-11"):
        with at(f"{month}-22T10:00:00Z"):
            tenant.spend("55")
            (alert,) = watch.look()
            assert alert["period"] == month


def test_a_late_cost_in_a_closing_month_says_so_and_nothing_waits_for_it(
    tenant: Tenant, watch: Watch
) -> None:
    cap(tenant, "10")
    with at("2026-12-01T10:00:00Z"):
        tenant.spend("55", occurred_at="2026-11-30T10:00:00Z")
        alerts = watch.look()
    assert {(one["period"], one["resets_at"]) for one in alerts} == {
        ("2026-11", None),
        ("2026-11-30", None),
    }


def test_runs_have_none_unless_they_are_set(tenant: Tenant, watch: Watch) -> None:
    run = {"agent_execution_id": "run", "workflow_execution_id": "flow"}
    watch.cloud.set_limits(execution="10", workflow="10", tenant="none", system="none")
    tenant.spend("30", **run)
    assert watch.stream.taken() == []
    set_budget(tenant, "workflow", "50", scope="workflow", period="run", thresholds=[90])
    tenant.spend("16", **run)
    (alert,) = watch.look()
    assert (alert["scope"], alert["scope_id"], alert["period"]) == ("workflow", "flow", "run")


def test_a_run_with_its_own_limit_alerts_by_that(tenant: Tenant, watch: Watch) -> None:
    run, who = {"workflow_execution_id": "flow"}, {"by": "maria", "reason": "worth it"}
    set_budget(tenant, "workflow", "10", scope="workflow", period="run", thresholds=[80])
    tenant.spend("9", **run)
    assert watch.passed() == [("workflow", 80)]
    tenant.call("pause", workflow_execution_id="flow", **who)
    tenant.call("resume", workflow_execution_id="flow", limit_usd="20", **who)
    tenant.spend("6", **run)
    assert watch.passed() == []
    tenant.spend("2", **run)
    (alert,) = watch.look()
    assert (alert["limit_usd"], alert["spent_usd"]) == ("20", "17")
