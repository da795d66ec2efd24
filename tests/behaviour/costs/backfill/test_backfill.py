"""Backfill: costs of months before the first statement, in their own month and no budget."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.support.builders import Tenant, by_name
from tests.support.costs.backfilling import WHY, backfill, cost
from tests.support.doors.doors import HttpDoor, handler_of
from tests.support.memory.fixture import MemoryCloud
from tests.support.times import at

NOW = "2026-11-22T10:05:00Z"


@pytest.fixture
def tenant(direct_tenant: Tenant) -> Tenant:
    """Operators backfill by direct invocation."""
    return direct_tenant


def test_an_october_cost_is_booked_in_october_and_eats_nothing_of_november(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    cloud.set_limits(execution="none")
    with at(NOW):
        tenant.spend("1", agent_execution_id="new-run")
        (entry,) = backfill(tenant, cost("900", "2026-10-05T12:00:00Z", user="ana"))

        assert (entry["month"], entry["flags"]) == ("2026-10", ["backfill"])
        assert (entry["by"], entry["reason"]) == ("maria", "moved from the old monitor")
        november, october = tenant.usage(), tenant.usage(month="2026-10")
        assert (november["spent_usd"], october["spent_usd"]) == ("1", "900")
        assert by_name(tenant.call("agent_costs", month="2026-10").body) == {"writer": "900"}
        assert by_name(tenant.call("user_costs", month="2026-10").body) == {"ana": "900"}
        days = by_name(tenant.call("daily_costs", month="2026-10").body)
        assert days == {"2026-10-05": "900"}
        assert tenant.check("998.99").body["allowed"]


def test_custom_budgets_of_any_period_do_not_count_a_backfill(tenant: Tenant) -> None:
    with at(NOW):
        for period in ("day", "week", "month", "quarter", "year", "total"):
            tenant.call(
                "set_budget", budget_id=f"cap-{period}", scope="agent", scope_id="writer",
                period=period, limit_usd="10", action="block", by="maria", reason="test",
            )  # fmt: skip
        backfill(tenant, cost("9", "2026-10-05T12:00:00Z"))

        for period in ("day", "week", "month", "quarter", "year", "total"):
            shown = tenant.call("get_budget", budget_id=f"cap-{period}").body
            assert shown["spent_usd"] == "0", period
        assert tenant.check("10", agent="writer").body["allowed"]


def test_the_forecast_knows_the_days_of_a_backfill(tenant: Tenant) -> None:
    with at("2026-11-02T12:00:00Z"):
        tenant.spend("1")
        before = tenant.call("forecast").body
        backfill(
            tenant,
            *(cost("10", f"2026-10-{day:02}T12:00:00Z") for day in range(5, 32)),
        )
        after = tenant.call("forecast").body

    assert after["days_used"] > before["days_used"]
    assert after["first_day"] < "2026-11-01"
    assert Decimal(after["estimate_usd"]) > 200


def test_a_backfilled_month_gets_a_statement_that_adds_up(tenant: Tenant) -> None:
    resetting = handler_of("resetting")
    with at(NOW):
        backfill(tenant, cost("5", "2026-09-30T23:30:00Z"), cost("7", "2026-09-01T00:00:00Z"))
        resetting({"operation": "close_month", "month": "2026-09"}, None)
        (statement,) = tenant.call("statements", month="2026-09").body["items"]

    assert (statement["spent_usd"], statement["entries"]) == ("12", 2)
    assert [one["spent_usd"] for one in statement["by_agent"]] == ["12"]


def test_months_with_a_statement_and_later_ones_take_no_backfill(tenant: Tenant) -> None:
    resetting = handler_of("resetting")
    with at(NOW):
        early = cost("5", "2026-09-10T12:00:00Z", entry_id="early")
        backfill(tenant, early)
        resetting({"operation": "close_month", "month": "2026-09"}, None)

        for day in ("2026-09-11", "2026-10-11"):
            refused = tenant.call(
                "record_costs",
                costs=[cost("1", "2026-08-01T12:00:00Z"), cost("1", f"{day}T12:00:00Z")],
                **WHY,
            )
            assert refused.refusal == ("CONFLICT", "costs[1].occurred_at")
        assert "not before 2026-09, the first month with a statement" in refused.message
        assert tenant.usage(month="2026-08")["spent_usd"] == "0"
        # A month before the first statement is open to it, and a replay is answered as before.
        (august,) = backfill(tenant, cost("2", "2026-08-31T12:00:00Z"))
        assert august["month"] == "2026-08"
        (again,) = backfill(tenant, early)
        assert again["replayed"]


def test_the_write_itself_refuses_a_month_that_was_closed_meanwhile(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    from budget_monitor.usecases.costs.backfill import Backfilling  # noqa: PLC0415 - patched here

    resetting = handler_of("resetting")
    with at(NOW):
        backfill(tenant, cost("5", "2026-09-10T12:00:00Z"))
        resetting({"operation": "close_month", "month": "2026-09"}, None)
        monkeypatch.setattr(Backfilling, "_refuse_closed", lambda *_: None)
        refused = tenant.call("record_costs", costs=[cost("1", "2026-09-11T12:00:00Z")], **WHY)

        assert refused.error == "UNAVAILABLE"
        assert tenant.usage(month="2026-09")["spent_usd"] == "5"


@pytest.mark.parametrize(
    ("costs", "fields", "refusal"),
    [
        ([cost("1", "2026-11-01T00:00:00Z")], {}, ("VALIDATION_ERROR", "costs[0].occurred_at")),
        (
            [{"cost_usd": "1", "agent_execution_id": "r"}],
            {},
            ("VALIDATION_ERROR", "costs[0].occurred_at"),
        ),
        ([cost("1", "2026-10-01T00:00:00Z")], {"by": None}, ("VALIDATION_ERROR", "by")),
        ([cost("1", "2026-10-01T00:00:00Z")], {"reason": None}, ("VALIDATION_ERROR", "reason")),
        ([cost("1", "2026-10-01T00:00:00Z")], {"backfill": None}, ("VALIDATION_ERROR", "by")),
        (
            [cost("1", "2026-10-01T00:00:00Z")],
            {"backfill": "yes"},
            ("VALIDATION_ERROR", "backfill"),
        ),
    ],
)
def test_a_bad_backfill_names_the_field_and_changes_nothing(
    tenant: Tenant,
    cloud: MemoryCloud,
    costs: list[dict[str, Any]],
    fields: dict[str, Any],
    refusal: tuple[str, str],
) -> None:
    with at(NOW):
        answer = tenant.call("record_costs", costs=costs, **{**WHY, **fields})

    assert answer.refusal == refusal
    assert not cloud.rows()["LedgerTable"]


def test_a_backfill_again_is_a_replay_and_an_ordinary_cost_as_a_backfill_is_other_content(
    tenant: Tenant,
) -> None:
    with at(NOW):
        old = cost("5", "2026-10-05T12:00:00Z", entry_id="old-1")
        (first,), (second,) = backfill(tenant, old), backfill(tenant, old)
        assert (first["replayed"], second["replayed"]) == (False, True)
        assert tenant.usage(month="2026-10")["spent_usd"] == "5"

        # A retry may leave fields out, and adds none.
        (ordinary,) = tenant.call("record_costs", costs=[old]).body["results"]
        assert ordinary["entry"]["replayed"]
        tenant.spend("1", entry_id="new-1", agent_execution_id="old-run")
        new = {"cost_usd": "1", "occurred_at": old["occurred_at"], "entry_id": "new-1"}
        (result,) = tenant.call(
            "record_costs", costs=[{**new, "agent_execution_id": "old-run"}], **WHY
        ).body["results"]
        assert result["error"] == "IDEMPOTENCY_MISMATCH"
        other = tenant.call("record_costs", costs=[old], **{**WHY, "by": "jo"}).body["results"][0]
        assert (other["error"], other["field"]) == ("IDEMPOTENCY_MISMATCH", "by")


def test_a_correction_of_a_backfill_stays_in_its_month_and_frees_no_budget(tenant: Tenant) -> None:
    with at(NOW):
        tenant.spend("1")
        backfill(tenant, cost("50", "2026-10-05T12:00:00Z", entry_id="old-1"))
        correction = tenant.adjust("old-1", "-20").body["entry"]

        assert (correction["month"], correction["flags"]) == ("2026-10", ["backfill"])
        assert tenant.usage(month="2026-10")["spent_usd"] == "30"
        assert tenant.usage()["spent_usd"] == "1"


@pytest.mark.unlimited
def test_a_backfilled_slip_waits_for_review_and_then_counts_in_its_own_month(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    cloud.set_limits(entry="100")
    with at(NOW):
        (slip,) = backfill(tenant, cost("5000", "2026-10-05T12:00:00Z", entry_id="slip"))
        assert slip["flags"] == ["backfill", "quarantined"]
        assert tenant.usage(month="2026-10")["spent_usd"] == "0"

        done = tenant.call("confirm_cost", entry_id="slip", by="jo", reason="it was so").body

        assert (done["entry"]["month"], done["entry"]["flags"]) == ("2026-10", ["backfill"])
        assert tenant.usage(month="2026-10")["spent_usd"] == "5000"
        assert tenant.usage()["spent_usd"] == "0"


def test_usage_is_priced_by_the_prices_of_its_own_day(tenant: Tenant) -> None:
    with at(NOW):
        for since, price in (("2026-01-01T00:00:00Z", "1"), ("2026-11-01T00:00:00Z", "9")):
            tenant.call(
                "set_price", model="house", input_usd_per_million=price,
                output_usd_per_million=price, by="jo", reason="test", **{"from": since},
            )  # fmt: skip
        usage = {"input_tokens": 1_000_000, "output_tokens": 0}
        old = cost("0", "2026-10-05T12:00:00Z", model="house", usage=usage)
        old.pop("cost_usd")
        (entry,) = backfill(tenant, old)

    assert entry["cost_usd"] == "1"


def test_a_tenants_months_are_those_of_its_time_zone(tenant: Tenant) -> None:
    with at("2026-08-01T00:00:00Z"):
        tenant.call("set_tenant", time_zone="Asia/Tokyo", by="jo", reason="test")
    with at(NOW):
        (entry,) = backfill(tenant, cost("3", "2026-09-30T20:00:00Z"))
        assert entry["month"] == "2026-10"
        days = by_name(tenant.call("daily_costs", month="2026-10").body)
        assert days == {"2026-10-01": "3"}


def test_backfill_over_http_and_at_the_agents_alias_is_forbidden(cloud: MemoryCloud) -> None:
    with at(NOW):
        old = [cost("1", "2026-10-05T12:00:00Z")]
        by_http = Tenant(HttpDoor()).call("record_costs", costs=old, **WHY)
        assert (by_http.status, *by_http.refusal) == (403, "FORBIDDEN", "backfill")

        class AgentsContext:
            invoked_function_arn = "arn:aws:lambda:eu-central-1:1:function:tracking:agents"
            aws_request_id = "request"

        from budget_monitor.domain.errors import ForbiddenError  # noqa: PLC0415

        event = {"operation": "record_costs", "tenant_id": "acme", "costs": old, **WHY}
        with pytest.raises(ForbiddenError, match="backfill"):
            handler_of("tracking")(event, AgentsContext())
    assert not cloud.rows()["LedgerTable"]


@pytest.mark.parametrize("value", [False, None])
def test_over_http_a_batch_that_says_it_is_no_backfill_is_an_ordinary_one(
    cloud: MemoryCloud, value: Any
) -> None:
    costs = [{"agent_execution_id": "run", "cost_usd": "1"}]
    answer = Tenant(HttpDoor()).call("record_costs", costs=costs, backfill=value)
    assert (answer.status, answer.body["results"][0]["entry"]["flags"]) == (200, [])
