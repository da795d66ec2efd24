"""What was spent, and its bill: amounts, the price that is kept, and the provider's own cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.facts import Facts
from budget_monitor.domain.costs.ledger import COST, Entry
from budget_monitor.domain.periods import Booking
from budget_monitor.domain.prices.sheets import FALLBACK, LIST, Line, PriceSheet, Quote
from budget_monitor.domain.units import Amounts
from budget_monitor.usecases.prices.spent import Bill, Spent, spent_of

SHEET = PriceSheet(LIST, "1", "gpt-4o", "openai", ())
QUOTE = Quote(SHEET, (Line("input_tokens", Decimal(1000), Decimal(3), 1000),))
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_a_bill_without_usage_asks_for_one_call_and_one_token_of_each_kind() -> None:
    bill = Bill(Decimal(2), tokens=30)
    assert bill.estimate is None
    assert bill.amounts == Amounts(Decimal(2), 1, 1, 1, 1)


def test_a_bill_with_usage_asks_for_its_tokens_and_calls() -> None:
    bill = Bill(Decimal(2), tokens=30, input_tokens=20, output_tokens=10, calls=3)
    assert bill.amounts == bill.estimate == Amounts(Decimal(2), 30, 20, 10, 3)


def test_a_given_cost_keeps_no_price_and_a_computed_one_its_quote() -> None:
    assert Bill(Decimal(2)).kept_quote is None
    assert Bill(Decimal(3), quote=QUOTE).kept_quote == QUOTE.dump()


def test_the_providers_cost_of_4_keeps_ours_of_3_beside_it() -> None:
    kept = Bill(Decimal(4), quote=QUOTE, by_provider=True).kept_quote
    assert kept is not None
    assert (kept["source"], kept["model"], kept["provider"]) == ("provider", "gpt-4o", "openai")
    assert kept["computed"] == {**QUOTE.dump(), "cost_usd": "3"}
    alone = Bill(Decimal(4), by_provider=True).kept_quote
    assert alone is not None
    assert (alone["model"], alone["computed"]) == (None, None)


def test_a_call_has_what_is_known_of_it_and_the_callers_request_id_first() -> None:
    facts = Facts(request_id="theirs", inference_geo="us", cost=Decimal("0.50"))
    assert Bill(Decimal(1), facts=facts, request_id="ours", service_tier="flex").call == {
        "provider_request_id": "ours",
        "service_tier": "flex",
        "region": "us",
        "provider_cost_usd": "0.5",
    }
    near = replace(facts, region="us-east-1")
    assert Bill(Decimal(1), facts=near).call["region"] == "us-east-1"
    assert Bill(Decimal(1)).call == {}


def test_only_a_fallback_price_is_a_guess() -> None:
    guess = replace(QUOTE, sheet=replace(SHEET, source=FALLBACK))
    assert Bill(Decimal(3), quote=guess).guessed
    assert not Bill(Decimal(3), quote=QUOTE).guessed
    assert not Bill(Decimal(3)).guessed


def test_the_response_is_the_usage_where_that_was_sent() -> None:
    assert Spent(None, {"provider_response": {"id": "1"}}).response == {"id": "1"}
    assert Spent(None, {"input_tokens": 1}).response is None
    assert Spent(Decimal(1)).response is None


def test_an_entry_is_priced_again_by_all_that_was_said_of_it() -> None:
    request = {
        "service_tier": "flex",
        "batch": True,
        "usage_convention": "inclusive",
        "provider_request_id": "r-1",
        "trust": "provider",
    }
    booking, labels = Booking("2026-11", "2026-11-22"), Labels(agent_execution_id="e1")
    usage = {"input_tokens": 7}
    entry = Entry("c", "acme", COST, labels, Decimal(2), booking, NOON, NOON, request, usage=usage)
    assert spent_of(entry) == Spent(
        None,
        usage,
        service_tier="flex",
        batch=True,
        convention="inclusive",
        request_id="r-1",
        trusts_provider=True,
    )
    assert spent_of(replace(entry, request={})) == Spent(None, usage)
