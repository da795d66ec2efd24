"""What is kept of runs, holds, entries and alerts, and by which names it is found again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256

import pytest

from budget_monitor.domain.accounting.accounts import AccountKey, WorkflowTerms, tenant_key
from budget_monitor.domain.accounting.labels import Labels, parse_lineage
from budget_monitor.domain.alerts.alerts import BLOCKED, MANUAL, Alert
from budget_monitor.domain.alerts.thresholds import Crossing, crossed
from budget_monitor.domain.costs.ledger import COST, Entry
from budget_monitor.domain.documents import DocumentKey
from budget_monitor.domain.errors import ConflictError, UnavailableError, ValidationError
from budget_monitor.domain.holds.reservations import Hold
from budget_monitor.domain.periods import Booking
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.gates import Gate
from budget_monitor.domain.workflows import MAX_WAITING, WorkflowState, hashed, workflow_document

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
NOVEMBER = Booking("2026-11", "2026-11-22")
LABELS = Labels(agent_execution_id="e1")
ACME = tenant_key("acme", "2026-11")
HOLD = Hold("r1", "acme", LABELS, Decimal("1.5"), NOVEMBER, NOON, (ACME,))
ALERT = Alert("acme", BLOCKED, ("e1", "2"), NOON, "execution", "e1", "run", {"limit_usd": "5"})


# Holds and entries


def test_a_hold_keeps_by_which_prices_its_amount_was_computed() -> None:
    priced = replace(HOLD, quote={"source": "system"})
    assert priced.facts == HOLD.facts[:-1] + ',"quote":{"source":"system"}}'
    assert Hold.read("acme", "r1", priced.facts) == priced


def test_a_hold_is_booked_in_the_moment_that_it_was_made() -> None:
    assert Hold.read("acme", "r1", HOLD.facts).booking.moment == NOON


@pytest.mark.parametrize(
    ("account", "own"),
    [
        (AccountKey("*", "budget", "all#system#", "2026-11"), True),
        (AccountKey("globex", "budget", "nightly#agent#", "2026-11"), False),
    ],
)
def test_a_hold_names_the_systems_custom_budgets_and_nobody_elses(
    account: AccountKey, *, own: bool
) -> None:
    assert replace(HOLD, accounts=(ACME, account)).is_own is own


def test_an_entry_says_where_its_price_comes_from() -> None:
    entry = Entry("c1", "acme", COST, LABELS, Decimal(2), NOVEMBER, NOON, NOON, {})
    assert entry.price_source is None
    assert replace(entry, price={"source": "tenant"}).price_source == "tenant"


# Lineages


def test_a_lineage_has_up_to_eight_ancestors_and_a_workflow_or_none() -> None:
    eight = tuple(f"p{n}" for n in range(8))
    assert parse_lineage("in#w1#" + "#".join(eight)) == ("w1", eight)
    assert parse_lineage("in##p1") == (None, ("p1",))
    assert parse_lineage("in#") == (None, ())


@pytest.mark.parametrize(
    "text", ["in", "of#w1", "in#w1" + "#p" * 9, "in##?", "in#?", "in#w1##p1", "in##p1#?"]
)
def test_a_damaged_lineage_is_none_and_nothing_can_be_decided_below_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a lineage$"):
        parse_lineage(text)
    with pytest.raises(UnavailableError, match=r"^the stored lineage of a run is damaged$"):
        LABELS.within(text)


# Alerts and the thresholds that they tell of


def test_the_same_alert_has_the_same_id_and_one_by_hand_whatever_kind_it_is_called() -> None:
    def name(text: str) -> str:
        return sha256(text.encode()).hexdigest()[:32]

    by_hand = replace(ALERT, facts={"message": "look"})
    assert ALERT.alert_id == name("acme#blocked#e1#2")
    assert by_hand.alert_id == replace(by_hand, kind=MANUAL).alert_id == name("acme#manual#e1#2")
    assert (ALERT.is_manual, by_hand.is_manual) == (False, True)


def test_machines_get_all_that_an_alert_knows() -> None:
    assert ALERT.public() == {
        "alert_id": ALERT.alert_id,
        "tenant_id": "acme",
        "kind": "blocked",
        "severity": "critical",
        "scope": "execution",
        "scope_id": "e1",
        "period": "run",
        "at": "2026-11-22T12:00:00Z",
        "limit_usd": "5",
    }
    assert replace(ALERT, tenant_id="*").public()["tenant_id"] is None


def test_an_alert_of_a_kind_of_ones_own_is_for_information() -> None:
    assert ALERT.severity == "critical"
    assert replace(ALERT, kind="invoice_missing").severity == "info"


@pytest.mark.parametrize(
    ("before", "spent", "percents"),
    [("5", "6", [50]), ("4", "5", []), ("6", "9", [80]), ("0", "20", [50, 80, 100])],
)
def test_a_threshold_is_crossed_by_spending_more_than_it_and_once(
    before: str, spent: str, percents: list[int]
) -> None:
    gate = Gate(Budget("tenant-month", "tenant", Decimal(10)), ACME)
    without = Gate(Budget("ours", "tenant", None), ACME)
    found = list(crossed([without, gate], Decimal(before), Decimal(spent)))
    assert found == [Crossing(gate, percent, Decimal(spent)) for percent in percents]
    assert [one.is_over for one in found] == [percent >= 100 for percent in percents]


# What was decided about a workflow run

STATE = WorkflowState(
    version=3,
    pauses=2,
    paused=True,
    limit=Decimal("5.50"),
    by="ana",
    reason="dear",
    at="at noon",
    waiting=("t1",),
    waking=("t2",),
    woken=("t3",),
    resumed_early=True,
)


def test_what_was_decided_about_a_run_is_kept_as_it_was() -> None:
    dumped = {
        "pauses": 2,
        "paused": True,
        "limit_usd": "5.5",
        "by": "ana",
        "reason": "dear",
        "at": "at noon",
        "waiting": ["t1"],
        "waking": ["t2"],
        "woken": ["t3"],
        "unclaimed": True,
    }
    assert STATE.dump() == dumped
    assert WorkflowState.load(3, dumped) == STATE
    with pytest.raises(ValidationError) as refused:
        WorkflowState.load(3, dumped | {"limit_usd": "some"})
    assert refused.value.field == "limit_usd"


def test_a_pause_and_its_end_say_who_decided_them_when_and_why() -> None:
    paused = replace(STATE, paused=False).pause("bo", "too dear", NOON)
    assert (paused.by, paused.reason, paused.at) == ("bo", "too dear", "2026-11-22T12:00:00Z")
    assert paused.resumed_early is False
    assert paused.terms == WorkflowTerms(3, Decimal("5.50"))
    resumed = paused.resume("ana", "fine", LATER, None)
    assert (resumed.by, resumed.reason, resumed.at) == ("ana", "fine", "2026-11-22T13:00:00Z")


def test_who_waits_pauses_in_his_own_words() -> None:
    waiting = WorkflowState().wait("t1", None, "flow", "over its limit", NOON)
    assert (waiting.by, waiting.reason, waiting.at) == (
        "flow",
        "over its limit",
        "2026-11-22T12:00:00Z",
    )


def test_a_run_that_goes_on_and_gets_a_new_limit_is_claimed_or_not_as_before() -> None:
    running = WorkflowState(pauses=1)
    assert running.resume("ana", "more", NOON, Decimal(9)).resumed_early is False
    assert (
        replace(running, resumed_early=True).resume("a", "b", NOON, Decimal(9)).resumed_early
        is True
    )


def test_whoever_waits_out_a_pause_that_is_over_goes_on_at_once_and_one_that_holds_waits() -> None:
    paused = WorkflowState().pause("ana", "dear", NOON)
    assert paused.wait("t1", 1, "flow", "waits", NOON).waiting == ("t1",)
    again = paused.resume("ana", "fine", NOON, None).pause("ana", "dear", NOON)
    gone = replace(again, resumed_early=True).wait("t1", 1, "flow", "waits", NOON)
    assert (gone.waking, gone.waiting, gone.resumed_early) == (("t1",), (), False)


def test_a_pause_that_never_was_and_one_branch_too_many_are_refused_in_words() -> None:
    with pytest.raises(ValidationError, match=r"^this workflow has no pause with pause_id 1$"):
        WorkflowState().wait("t1", 1, "flow", "waits", NOON)
    full = WorkflowState(waiting=tuple(f"t{n}" for n in range(MAX_WAITING)))
    with pytest.raises(
        ConflictError, match=r"^this workflow has reached its maximum of 100 waiting branches$"
    ):
        full.wait("one more", None, "flow", "waits", NOON)


def test_a_run_has_a_document_and_a_token_a_short_name() -> None:
    assert workflow_document("acme", "w1") == DocumentKey("acme", "workflow", "w1")
    assert hashed("t1") == sha256(b"t1").hexdigest()[:16]
