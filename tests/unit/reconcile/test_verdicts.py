"""What looks at an account prove: equal, different, or not known with the reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import (
    Account,
    AccountKey,
    Move,
    execution_key,
    late_key,
    tenant_key,
)
from budget_monitor.domain.periods import days_of
from budget_monitor.usecases.reconcile.look import NOTHING, Look, OpenHolds
from budget_monitor.usecases.reconcile.sums import Sum, Tally
from budget_monitor.usecases.reconcile.verdicts import (
    CANCELLING,
    MOVING,
    UNCONFIRMED,
    Judge,
    Verdict,
    judge_at_once,
    nothing_changed,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(seconds=5)
MONTH, DAY = tenant_key("acme", "2026-11"), tenant_key("acme", "2026-11-22")
AGENT = AccountKey("acme", "agent", "writer", "2026-11")
MODEL = AccountKey("acme", "model", "m", "2026-11")
ONE = Move(spent=Decimal(1), entries=1)
CENT = Move(spent=Decimal("0.01"))


def look(at: datetime = NOON, *, off: dict[AccountKey, Move] | None = None) -> Look:
    """One entry of 1 USD, listed for every account; `off`: what rows have in addition."""
    witnesses = [MONTH, *(tenant_key("acme", day) for day in days_of("2026-11"))]
    keys = (*witnesses, late_key("acme", "2026-11"), AGENT, MODEL)
    booked = {MONTH, DAY, AGENT, MODEL}
    tally = Tally(at, sums={key: Sum(Decimal(1), entries=1) for key in booked})
    rows = {}
    for key in keys:
        totals = (ONE if key in booked else NOTHING) + (off or {}).get(key, NOTHING)
        rows[key] = Account(key, totals, committed=totals.committed, seen=True)
    return Look(tally, OpenHolds({}, {}), at, at, rows)


def judged(before: Look, now: Look, *keys: AccountKey) -> dict[AccountKey, Verdict]:
    verdicts = {key: Verdict() for key in keys}
    Judge("acme", "2026-11", ["2026-11"]).judge(before, now, verdicts)
    return verdicts


def test_one_look_finds_an_account_equal_and_never_different() -> None:
    equal = judge_at_once(look(), AGENT, at_one_moment=True)
    assert (equal.is_open, equal.differs) == (False, False)
    off = judge_at_once(look(off={AGENT: CENT}), AGENT, at_one_moment=True)
    assert (off.booked, off.held, off.is_open, off.differs) == (None, NOTHING, True, False)
    striped = judge_at_once(look(), AGENT, at_one_moment=False)
    assert (striped.committed, striped.is_open) == (None, True)


def test_a_cent_too_much_in_two_looks_is_a_difference_if_the_month_confirms_the_lists() -> None:
    drift = {AGENT: CENT}
    verdict = judged(look(off=drift), look(LATER, off=drift), AGENT)[AGENT]
    assert (verdict.booked, verdict.is_open, verdict.differs) == (CENT, False, True)


def test_a_cent_too_much_everywhere_is_not_confirmed() -> None:
    drift = {AGENT: CENT, MONTH: CENT, DAY: CENT}
    verdict = judged(look(off=drift), look(LATER, off=drift), AGENT)[AGENT]
    assert (verdict.booked, verdict.reason) == (None, UNCONFIRMED)


def test_an_account_that_changes_between_the_looks_is_not_known() -> None:
    before, now = look(off={AGENT: CENT}), look(LATER, off={AGENT: CENT + CENT})
    verdict = judged(before, now, AGENT)[AGENT]
    assert (verdict.booked, verdict.reason) == (None, MOVING)


def test_two_models_that_differ_by_the_opposite_are_doubted() -> None:
    other = AccountKey("acme", "model", "n", "2026-11")
    drift = {MODEL: CENT}
    looks = look(off=drift), look(LATER, off=drift)
    for one in looks:
        totals = NOTHING - CENT
        one.rows[other] = Account(other, totals, committed=totals.committed, seen=True)
    verdicts = judged(*looks, MODEL, other)
    assert {one.reason for one in verdicts.values()} == {CANCELLING}
    assert all(one.booked is None for one in verdicts.values())


def test_a_run_is_no_account_of_the_month_and_days_and_agents_are() -> None:
    judge = Judge("acme", "2026-11", ["2026-11"])
    assert not judge.is_of_month(execution_key("acme", "e1"))
    assert not judge.is_of_month(tenant_key("acme", "2026-10"))
    assert all(judge.is_of_month(key) for key in (MONTH, DAY, AGENT))
    assert len(judge.witnesses(["2026-11"])) == 1 + 30 + 1


def test_a_third_look_is_of_no_use_if_nothing_changed_between_two() -> None:
    drift = {AGENT: CENT}
    assert nothing_changed(look(off=drift), look(LATER, off=drift), [AGENT, MONTH])
    assert not nothing_changed(look(), look(LATER, off=drift), [AGENT, MONTH])
