"""The ceiling per entry as pure functions: which one holds, what a verdict says, what is kept."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from budget_monitor.domain.accounting.accounts import Account
from budget_monitor.domain.costs.ledger import Review
from budget_monitor.domain.holds.decisions import judge
from budget_monitor.domain.holds.standing import standings_of
from budget_monitor.domain.rules.defaults import default_policy
from budget_monitor.domain.rules.policy import Policy
from budget_monitor.domain.rules.rulebook import Rules, policy_of
from budget_monitor.domain.rules.suspensions import Suspension
from budget_monitor.domain.units import Amounts
from tests.support.times import instant

NOON = instant("2026-11-22T12:00:00Z")
PLAIN = default_policy(Decimal(10), Decimal(50), Decimal(1000), Decimal(10000))


def ceilings(of_all: str | None, own: str | None) -> Policy:
    def limit(text: str | None) -> Decimal | None:
        return None if text is None else Decimal(text)

    return replace(PLAIN, max_per_entry=limit(of_all), own_max_per_entry=limit(own))


@pytest.mark.parametrize(
    ("of_all", "own", "holds"),
    [
        (None, None, None),
        ("10000", None, 10000),
        (None, "5", 5),
        ("10000", "5", 5),
        ("4", "5", 4),
        ("10000", "0", 0),
    ],
)
def test_the_lower_of_the_two_ceilings_holds(
    of_all: str | None, own: str | None, holds: int | None
) -> None:
    assert ceilings(of_all, own).entry_ceiling == holds


def test_an_amount_is_above_the_ceiling_from_the_smallest_unit_on() -> None:
    policy = ceilings("5", None)
    assert not policy.is_above_ceiling(Decimal(5))
    assert policy.is_above_ceiling(Decimal("5.000000000001"))
    assert not ceilings(None, None).is_above_ceiling(Decimal(10) ** 11)
    assert ceilings("0", None).is_above_ceiling(Decimal("0.000000000001"))


def test_the_tenants_ceiling_is_part_of_its_policy_and_the_systems_is_not() -> None:
    defaults = ceilings("10000", None)
    system = Rules("*", 1, max_per_entry=Decimal(1))
    policy = policy_of(defaults, system, Rules("acme", 2, max_per_entry=Decimal(7)))
    assert policy.max_per_entry == 10000
    assert policy.own_max_per_entry == 7


def test_a_verdict_names_the_ceiling_after_a_suspension_and_a_pause_and_before_the_gates() -> None:
    gate = PLAIN.tenant_gate("acme", "2026-11")

    def verdict(asked: str, **stops: object) -> str | None:
        standings = standings_of(
            [gate], {gate.account: Account(gate.account)}, Amounts(Decimal(asked))
        )
        return judge(standings, ceiling=Decimal(20), **stops).reason_code  # type: ignore[arg-type]

    assert verdict("20") is None
    assert verdict("20.01") == "ENTRY_CEILING_EXCEEDED"
    assert verdict("2000") == "ENTRY_CEILING_EXCEEDED"
    stopped = Suspension("ana", "fraud", NOON)
    assert verdict("2000", suspended=stopped) == "TENANT_SUSPENDED"
    assert judge(
        standings_of([gate], {gate.account: Account(gate.account)}, Amounts(Decimal(2000)))
    ).reason_code == ("TENANT_MONTH_EXCEEDED")


def test_the_words_of_the_refusal_say_both_numbers_and_what_to_do() -> None:
    gate = PLAIN.tenant_gate("acme", "2026-11")
    standings = standings_of(
        [gate], {gate.account: Account(gate.account)}, Amounts(Decimal("20.5"))
    )
    said = judge(standings, ceiling=Decimal(20))
    assert (said.action, said.allowed, said.budget_id) == ("block", False, None)
    assert said.reason == (
        "Entry ceiling exceeded: 20.5 USD is more than the 20 USD that one cost or hold may be"
    )
    assert said.unblock == (
        "check the amount's unit, hold in parts, or raise the ceiling per entry"
    )


@pytest.mark.parametrize("principal", [None, "arn:aws:iam::1:user/maria"])
def test_a_decision_is_kept_as_it_was_made(principal: str | None) -> None:
    review = Review("confirmed", "maria", "the invoice", NOON, principal)
    assert review.dump() == {
        "state": "confirmed",
        "by": "maria",
        "reason": "the invoice",
        "at": "2026-11-22T12:00:00Z",
        "principal": principal,
    }
    assert Review.load(review.dump()) == review  # type: ignore[arg-type] # as JSON brings it back
