"""Past costs priced again: first shown, then booked as adjustments, and never twice."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from budget_monitor import deadline
from tests.support.builders import Tenant, by_name
from tests.support.doors.doors import Answer, DirectDoor
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import GENEROUS, WHO
from tests.support.times import ago, now


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> MemoryCloud:
    memory_cloud.set_limits(**GENEROUS)
    return memory_cloud


RUN: dict[str, Any] = {"agent_execution_id": "run-1", "agent": "reader", "model": "gpt-4o"}
MILLION = {"input_tokens": 1_000_000}  # 2.50 USD by OpenAI's list price
FALLBACK = {"input_usd_per_million": "9", "output_usd_per_million": "9"}


@pytest.fixture
def tenant(cloud: MemoryCloud) -> Tenant:
    """A tenant; reprice has no route."""
    return Tenant(DirectDoor())


def book(tenant: Tenant, **fields: Any) -> Any:
    return tenant.call("record_cost", **RUN | {"usage": MILLION} | fields).body["entry"]


def discount(tenant: Tenant, usd: str, model: str = "gpt-4o") -> None:
    """Have the model's input cost that much a million since two days ago."""
    price = {"model": model, "input_usd_per_million": usd, "from": ago(days=2)}
    made = tenant.call("set_price", **price, **WHO)
    assert made.error is None, made.message


def reprice(tenant: Tenant, **fields: Any) -> Answer:
    span = {"from": ago(days=1), "to": (now() + timedelta(hours=1)).isoformat()}
    return tenant.call("reprice", **span | WHO | fields)


def repriced(tenant: Tenant, **fields: Any) -> Any:
    answer = reprice(tenant, dry_run=False, **fields)
    assert answer.error is None, answer.message
    return answer.body


def test_a_dry_run_shows_the_difference_and_books_nothing(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    entry = book(tenant)
    discount(tenant, "2")
    before = cloud.rows()

    shown = reprice(tenant).body

    assert shown["dry_run"] is True
    assert (shown["before_usd"], shown["after_usd"], shown["difference_usd"]) == (
        "2.5",
        "2",
        "-0.5",
    )
    (item,) = shown["items"]
    assert (item["entry_id"], item["difference_usd"]) == (entry["entry_id"], "-0.5")
    assert item["price"]["source"] == "tenant"
    assert item["adjustment_id"] is None
    assert cloud.rows() == before


def test_what_the_dry_run_shows_is_then_booked_with_who_and_why(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    entry = book(tenant)
    discount(tenant, "2")
    shown = reprice(tenant).body

    done = repriced(tenant)

    assert done["difference_usd"] == shown["difference_usd"]
    adjustment = tenant.entries()[1]
    assert adjustment["entry_id"] == done["items"][0]["adjustment_id"]
    assert (adjustment["kind"], adjustment["adjusts"]) == ("adjustment", entry["entry_id"])
    assert (adjustment["cost_usd"], adjustment["by"]) == ("-0.5", WHO["by"])
    assert (adjustment["reason"], adjustment["price"]["source"]) == (WHO["reason"], "tenant")
    assert tenant.entries()[0] == entry | {"replayed": False}
    assert tenant.usage()["spent_usd"] == "2"
    assert by_name(tenant.call("agent_costs").body) == {"reader": "2"}
    assert not differences(cloud.rows())


def test_coming_again_finds_nothing_to_do(tenant: Tenant, cloud: MemoryCloud) -> None:
    book(tenant)
    discount(tenant, "2")
    repriced(tenant)
    before = cloud.rows()

    again = repriced(tenant, reason="to be sure")

    assert (again["changed"], again["items"], again["difference_usd"]) == (0, [], "0")
    assert again["before_usd"] == "2"
    assert cloud.rows() == before


def test_each_further_price_is_booked_as_the_difference_to_the_last(tenant: Tenant) -> None:
    book(tenant)
    for usd, difference in (("2", "-0.5"), ("3", "1"), ("2.5", "-0.5")):
        discount(tenant, usd)
        assert repriced(tenant)["difference_usd"] == difference
        assert tenant.usage()["spent_usd"] == usd
    assert len(tenant.entries()) == 4


def test_a_given_cost_is_never_computed(tenant: Tenant) -> None:
    tenant.record("7", usage=MILLION, **RUN)
    book(tenant)
    discount(tenant, "2")
    done = repriced(tenant)
    assert (done["given"], done["entries"], done["changed"]) == (1, 1, 1)
    assert tenant.usage()["spent_usd"] == "9"


def test_what_cost_the_fallback_price_gets_its_own(tenant: Tenant) -> None:
    tenant.call("set_tenant", fallback_price=FALLBACK, **WHO)
    entry = book(tenant, model="house-model")
    assert (entry["cost_usd"], entry["flags"]) == ("9", ["fallback_price"])
    tenant.call("set_price", model="house-model", input_usd_per_million="1", **WHO)
    assert repriced(tenant)["difference_usd"] == "0", "the price holds from now on only"

    discount(tenant, "1", model="house-model")

    assert repriced(tenant)["difference_usd"] == "-8"
    assert tenant.usage()["spent_usd"] == "1"


def test_a_cost_without_a_price_any_more_stays_and_says_so(tenant: Tenant) -> None:
    discount(tenant, "2", model="house-model")
    entry = book(tenant, model="house-model")
    tenant.call("delete_price", model="house-model", **{"from": ago(days=2)}, **WHO)

    done = repriced(tenant)

    assert (done["failed"], done["changed"], done["difference_usd"]) == (1, 0, "0")
    (item,) = done["items"]
    assert (item["entry_id"], item["error"]) == (entry["entry_id"], "UNKNOWN_PRICE")
    assert "house-model" in item["message"]
    assert tenant.usage()["spent_usd"] == "2"


def test_a_cost_that_was_given_back_is_not_taken_below_zero(tenant: Tenant) -> None:
    entry = book(tenant)
    tenant.adjust(entry["entry_id"], "-2.5")
    discount(tenant, "2")
    done = repriced(tenant)
    assert (done["failed"], done["items"][0]["error"]) == (1, "VALIDATION_ERROR")
    assert tenant.usage()["spent_usd"] == "0"


def test_only_the_range_and_the_model_that_were_named_are_computed(tenant: Tenant) -> None:
    book(tenant, occurred_at=ago(hours=30))
    book(tenant, model="gpt-4o-mini", entry_id="mini")
    book(tenant, entry_id="inside")
    discount(tenant, "2")
    discount(tenant, "1", model="gpt-4o-mini")
    done = reprice(tenant, model="GPT-4o").body
    assert [one["entry_id"] for one in done["items"]] == ["inside"]
    assert {one["entry_id"] for one in reprice(tenant).body["items"]} == {"inside", "mini"}


def test_pages_lead_through_the_whole_range_once(tenant: Tenant) -> None:
    for number in range(5):
        book(tenant, entry_id=f"e{number}", usage={"input_tokens": 400_000})
    discount(tenant, "2")
    cursor, total, pages = None, Decimal(0), 0
    while cursor or not pages:
        span = {"from": "2026-01-01T00:00:00Z", "to": "2099-01-01T00:00:00Z"}
        page = repriced(tenant, limit=2, cursor=cursor, **span)
        cursor, pages = page["cursor"], pages + 1
        total += Decimal(page["difference_usd"])
    assert total == Decimal(-1)
    assert tenant.usage()["spent_usd"] == "4"
    assert pages >= 3


def test_a_hold_that_was_settled_by_usage_is_repriced_too(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    held = tenant.hold("3", **RUN)
    tenant.call("settle", reservation_id=held, usage=MILLION)
    discount(tenant, "2")
    assert repriced(tenant)["difference_usd"] == "-0.5"
    assert not differences(cloud.rows())


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"from": None}, "from"),
        ({"to": None}, "to"),
        ({"to": "2020-01-01T00:00:00Z"}, "to"),
        ({"by": None}, "by"),
        ({"reason": ""}, "reason"),
        ({"dry_run": "no"}, "dry_run"),
        ({"limit": 0}, "limit"),
        ({"cursor": "abc"}, "cursor"),
        ({"model_name": "gpt-4o"}, "model_name"),
    ],
)
def test_bad_input_is_refused_by_its_name(
    tenant: Tenant, fields: dict[str, Any], field: str
) -> None:
    assert reprice(tenant, **fields).refusal == ("VALIDATION_ERROR", field)


def test_callers_may_not_use_the_ids_of_repricings(tenant: Tenant) -> None:
    assert tenant.record("1", entry_id="reprice:1").refusal == ("VALIDATION_ERROR", "entry_id")
    entry_id = tenant.spend("1")
    refused = tenant.adjust(entry_id, "1", adjustment_id="reprice:1")
    assert refused.refusal == ("VALIDATION_ERROR", "adjustment_id")


def test_a_guess_takes_no_prices_place(tenant: Tenant) -> None:
    discount(tenant, "2", model="house-model")
    book(tenant, model="house-model")
    tenant.call("set_tenant", fallback_price=FALLBACK, **WHO)
    tenant.call("delete_price", model="house-model", **{"from": ago(days=2)}, **WHO)
    assert repriced(tenant)["items"][0]["error"] == "UNKNOWN_PRICE"
    assert tenant.usage()["spent_usd"] == "2"


def test_a_dry_run_refuses_what_would_be_refused(tenant: Tenant) -> None:
    entry = book(tenant)
    tenant.adjust(entry["entry_id"], "-2.5")
    discount(tenant, "2")
    shown, done = reprice(tenant).body, repriced(tenant)
    assert (shown["failed"], shown["difference_usd"]) == (1, "0")
    assert {**shown, "dry_run": False} == done


def test_costs_that_were_given_are_counted_once_where_time_ends_a_page(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        book(tenant, entry_id=f"p{number}", occurred_at=ago(minutes=30 - number))
        tenant.record("1", **RUN, occurred_at=ago(minutes=30 - number, seconds=-20))
    discount(tenant, "2")
    monkeypatch.setattr(deadline, "left", lambda: 0.0)
    cursor, given, pages = None, 0, 0
    span = {"from": "2026-01-01T00:00:00Z", "to": "2099-01-01T00:00:00Z"}
    while cursor or not pages:
        page = repriced(tenant, cursor=cursor, **span)
        cursor, pages, given = page["cursor"], pages + 1, given + page["given"]
    assert (given, pages) == (3, 3)
