"""The write expressions, run by a strict database: what each refuses, and what it leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.adapters.dynamodb.conflicts import ConditionFailedError
from budget_monitor.adapters.dynamodb.row_postings import Found, RowPosting
from budget_monitor.adapters.dynamodb.store import DynamoStore
from budget_monitor.config import Config
from budget_monitor.domain.accounting.accounts import (
    AccountKey,
    Move,
    execution_key,
    system_key,
    tenant_key,
)
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.ledger import COST, Entry
from budget_monitor.domain.holds.reservations import (
    RELEASED,
    Hold,
    HoldEnd,
    Reservation,
)
from budget_monitor.domain.periods import Booking
from budget_monitor.domain.transactions import IdempotencyKey, Transaction
from tests.support.memory.fixture import MemoryCloud

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
SOON, LATER = NOW + timedelta(minutes=15), NOW + timedelta(hours=1)
RUN, ACME, SYSTEM = (
    execution_key("acme", "e1"),
    tenant_key("acme", "2026-11"),
    system_key("2026-11"),
)
NOVEMBER = Booking("2026-11", "2026-11-22")
LABELS = Labels(agent_execution_id="e1")
HELD = Reservation(
    Hold("r1", "acme", LABELS, Decimal("1.5"), NOVEMBER, NOW, (RUN, ACME)), SOON, {"a": 1}
)
ENTRY = Entry("cost-1", "acme", COST, LABELS, Decimal(2), NOVEMBER, NOW, NOW, {"cost_usd": "2"})
LEVEL = "4/10/under"


class RowStore(DynamoStore):
    """The store, with the rows of a write spelled out."""

    def post(self, rows: Mapping[AccountKey, RowPosting], **facts: Any) -> bool:
        transaction = Transaction(**facts)
        places = [*[None] * transaction.facts, *rows]
        try:
            self._transact(transaction, rows)
        except ConditionFailedError as fault:
            self.refused = [places[place] for place in fault.places]
            return False
        return True


@pytest.fixture
def store(memory_cloud: MemoryCloud) -> RowStore:
    return RowStore(Config.from_environment())


def usd(text: str) -> Decimal:
    return Decimal(text)


def spending(amount: str, **said: Any) -> RowPosting:
    return RowPosting(Move(spent=usd(amount)), **said)


def stored(cloud: MemoryCloud, table: str = "AccountsTable") -> list[dict[str, str]]:
    return [
        {name: next(iter(value.values())) for name, value in row.items()}
        for row in cloud.rows()[table]
    ]


# Moves


def test_a_move_adds_each_counter_and_what_it_commits(
    store: RowStore, memory_cloud: MemoryCloud
) -> None:
    move = Move(usd("1.5"), usd("2"), usd("0.5"), 1, 2, 30, 20, 10)
    assert store.post({ACME: RowPosting(move, lineage="in#w1", level=LEVEL)})
    assert store.post({ACME: RowPosting(move)})
    assert stored(memory_cloud) == [
        {
            "pk": "acme#tenant#acme#2026-11",
            "listing": "*#tenant#2026-11",
            "ranking": ACME.ranking,
            "lineage": "in#w1",
            "level": LEVEL,
            "spent": "3",
            "held": "4",
            "workflow_spent": "1",
            "committed": "7",
            "holds": "2",
            "entries": "4",
            "tokens": "60",
            "input_tokens": "40",
            "output_tokens": "20",
        }
    ]


def test_what_is_shifted_from_other_stripes_is_committed_and_not_spent(
    store: RowStore, memory_cloud: MemoryCloud
) -> None:
    assert store.post({RUN: spending("1", shifted=usd("-0.25"))})
    assert stored(memory_cloud) == [
        {"pk": str(RUN), "ranking": RUN.ranking, "spent": "1", "committed": "0.75"}
    ]


def test_a_cost_that_takes_the_place_of_its_hold_commits_nothing_new(
    store: RowStore, memory_cloud: MemoryCloud
) -> None:
    assert store.post({RUN: RowPosting(Move(spent=usd("1"), held=usd("-1")))})
    assert stored(memory_cloud) == [
        {"pk": str(RUN), "ranking": RUN.ranking, "spent": "1", "held": "-1"}
    ]


def test_a_move_of_nothing_still_opens_the_account(
    store: RowStore, memory_cloud: MemoryCloud
) -> None:
    assert store.post({SYSTEM: RowPosting(Move())})
    assert stored(memory_cloud) == [{"pk": str(SYSTEM), "entries": "0"}]


# What an account's row refuses


@pytest.mark.parametrize(
    ("said", "granted"),
    [
        ({"committed_at_most": usd("5")}, True),
        ({"committed_at_most": usd("4.999999999999")}, False),
        ({"spent_at_least": usd("3")}, True),
        ({"spent_at_least": usd("3.000000000001")}, False),
        ({"spent_at_least": usd("0")}, True),
        ({"holds_below": 3}, True),
        ({"holds_below": 2}, False),
        ({"lineage": "in#w1"}, True),
        ({"lineage": "in#w2"}, False),
        ({"found": Found(LEVEL)}, True),
        ({"found": Found(LEVEL, or_new=True)}, True),
        ({"found": Found("4/20/under")}, False),
        ({"found": Found("4/20/under", or_new=True)}, False),
        ({"found": Found(None)}, False),
        ({"committed_at_most": usd("5"), "holds_below": 2}, False),
        ({"committed_at_most": usd("4"), "holds_below": 3}, False),
        ({"lineage": "in#w2", "found": Found(LEVEL)}, False),
    ],
)
def test_a_row_refuses_what_it_does_not_hold(
    store: RowStore, said: dict[str, Any], *, granted: bool
) -> None:
    present = RowPosting(Move(usd("3"), usd("2"), holds=2), lineage="in#w1", level=LEVEL)
    assert store.post({ACME: present})
    assert store.post({ACME: spending("1", **said)}) is granted
    assert store.accounts([ACME])[ACME].totals.spent == (4 if granted else 3)


@pytest.mark.parametrize(
    ("said", "granted"),
    [
        ({"committed_at_most": usd("0")}, True),
        ({"committed_at_most": usd("-0.1")}, False),
        ({"spent_at_least": usd("0")}, True),
        ({"spent_at_least": usd("0.1")}, False),
        ({"holds_below": 1}, True),
        ({"lineage": "in#w1"}, True),
        ({"found": Found(None)}, True),
        ({"found": Found(LEVEL)}, False),
        ({"found": Found(LEVEL, or_new=True)}, True),
    ],
)
def test_a_row_that_is_not_there_holds_nothing(
    store: RowStore, said: dict[str, Any], *, granted: bool
) -> None:
    assert store.post({ACME: spending("1", **said)}) is granted


@pytest.mark.parametrize(
    ("said", "granted"),
    [
        ({"committed_at_most": usd("-1")}, True),
        ({"committed_at_most": usd("-1.1")}, False),
        ({"committed_at_most": usd("0")}, True),
    ],
)
def test_a_row_below_zero_is_compared_as_it_is(
    store: RowStore, said: dict[str, Any], *, granted: bool
) -> None:
    assert store.post({ACME: spending("-1")})
    assert store.post({ACME: spending("1", **said)}) is granted


@pytest.mark.parametrize("present", [spending("1"), RowPosting(Move(), level="4/20/under")])
def test_a_row_of_another_shape_is_no_new_stripe(store: RowStore, present: RowPosting) -> None:
    assert store.post({SYSTEM: present})
    assert not store.post({SYSTEM: spending("1", found=Found(LEVEL, or_new=True))})


def test_one_refusal_refuses_all_and_says_where(store: RowStore, memory_cloud: MemoryCloud) -> None:
    refused = spending("1", committed_at_most=usd("-1"))
    facts = {
        "entries": (ENTRY,),
        "opens": HELD,
        "idempotency": IdempotencyKey("acme", "key-1", {"operation": "reserve"}),
    }
    assert not store.post({RUN: spending("1"), ACME: refused}, **facts)
    assert store.refused == [ACME]
    assert not any(memory_cloud.rows().values())

    assert store.post({RUN: spending("1")}, **facts)
    assert not store.post({RUN: spending("1")}, **facts)
    assert store.refused == [None, None, None]
    assert store.accounts([RUN])[RUN].totals.spent == 1


def test_a_refused_account_beside_the_end_of_a_hold_is_named_too(store: RowStore) -> None:
    assert store.post({}, opens=HELD)
    refused = spending("1", committed_at_most=usd("-1"))
    assert not store.post({ACME: refused}, changes=HoldEnd(HELD, RELEASED, NOW))
    assert store.refused == [ACME]
