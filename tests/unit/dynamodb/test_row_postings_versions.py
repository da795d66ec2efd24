"""Rows say by which policy and terms they were decided: nothing older is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from budget_monitor.adapters.dynamodb.row_postings import RowPosting, announcement, whole
from budget_monitor.adapters.dynamodb.striping import Striping, total
from budget_monitor.domain.accounting.accounts import Move, WorkflowTerms
from budget_monitor.domain.alerts.alerts import MANUAL, Alert
from budget_monitor.domain.documents import DocumentChange, DocumentKey
from budget_monitor.domain.transactions import IdempotencyKey, Posting
from tests.support.dynamodb.stripes import (
    ACME,
    FLOW,
    FOUR,
    RUN,
    SYSTEM,
    cost,
    name_for,
    rows,
    usd,
)
from tests.support.memory.fixture import MemoryCloud
from tests.unit.dynamodb.test_writes import ENTRY, RowStore, spending, store, stored

__all__ = ["store"]

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
RULES = DocumentKey("acme", "rules")
ALERT = Alert("acme", MANUAL, ("once",), NOW, "tenant", "acme")
OWN_LIMIT, PAUSED = WorkflowTerms(0, usd("70")), WorkflowTerms(1)


# What each row is told


def test_an_account_of_one_row_gets_the_whole_posting() -> None:
    posting = cost(
        "1",
        name="crawler",
        terms=PAUSED,
        new_terms=OWN_LIMIT,
        policy_version=7,
        watched=True,
        lineage="in#w1",
        holds_below=3,
        at_least=usd("0"),
    )
    assert whole(posting, stripeable=False) == RowPosting(
        posting.move,
        spent_at_least=usd("0"),
        holds_below=3,
        lineage="in#w1",
        name="crawler",
        terms=PAUSED,
        new_terms=OWN_LIMIT,
        policy_version=7,
        watched=True,
    )


def test_a_change_of_the_policy_is_announced_on_every_row_and_moves_nothing() -> None:
    posting = Posting(policy_version=7, announces=True)
    alone = RowPosting(Move(), policy_version=7, listed=False)
    assert announcement(posting) == alone
    both = {RUN: cost("1"), SYSTEM: posting}
    written = Striping(FOUR).fast(both, "n")
    assert written == {
        RUN: whole(both[RUN], stripeable=False),
        **{SYSTEM._replace(stripe=place): alone for place in range(4)},
    }


def test_both_rows_of_an_opened_stripe_say_by_which_policy_it_was_decided() -> None:
    posting = cost("1", limit=usd("10"), policy_version=7, watched=True)
    written = Striping(FOUR).fast({SYSTEM: posting}, name_for(2))
    assert {row.stripe: one.policy_version for row, one in written.items()} == {0: 7, 2: 7}
    assert {row.stripe: one.watched for row, one in written.items()} == {0: False, 2: True}


def test_levelled_rows_all_say_the_policy_and_one_of_them_is_watched() -> None:
    posting = cost("1", limit=usd("10"), policy_version=7, watched=True)
    found = {SYSTEM: rows("1", "5", level="2/10/under")}
    written = Striping(FOUR).slow({SYSTEM: posting}, name_for(1, 2), found)
    assert written is not None
    assert {row.stripe: one.policy_version for row, one in written.items()} == {0: 7, 1: 7}
    assert {row.stripe: one.watched for row, one in written.items()} == {0: False, 1: True}


@pytest.mark.parametrize(
    ("version", "stored_version", "outdated"),
    [(6, 7, True), (7, 7, False), (8, 7, False), (None, 7, False), (0, 1, True), (0, 0, False)],
)
def test_what_was_decided_by_an_older_policy_is_outdated(
    version: int | None, stored_version: int, *, outdated: bool
) -> None:
    first, second = rows("1", "1")
    found = {SYSTEM: [first, replace(second, policy_version=stored_version)]}
    postings = {SYSTEM: cost("1", policy_version=version), RUN: cost("1")}
    assert Striping(FOUR).outdated(postings, found) is outdated


def test_an_account_is_known_by_its_own_key_and_its_rows_latest_policy() -> None:
    first, second = rows("1", "2")
    unseen = replace(second, seen=False, policy_version=1)
    summed = total(SYSTEM, [unseen, replace(first, policy_version=2)])
    assert (summed.key, summed.policy_version, summed.seen) == (SYSTEM, 2, True)
    assert not total(SYSTEM, [unseen, unseen]).seen


# What a row refuses and keeps


@pytest.mark.parametrize(("version", "granted"), [(6, False), (7, True), (8, True), (None, True)])
def test_a_row_refuses_what_was_decided_by_an_older_policy(
    store: RowStore, version: int | None, *, granted: bool
) -> None:
    assert store.post({ACME: spending("1", policy_version=7)})
    assert store.post({ACME: spending("1", policy_version=version)}) is granted
    kept = store.accounts([ACME])[ACME].policy_version
    assert kept == max(7, version or 0)


def test_a_row_that_says_no_policy_yet_takes_any(store: RowStore) -> None:
    assert store.post({ACME: spending("1", policy_version=0)})
    assert store.post({ACME: spending("1", policy_version=1)})
    assert store.accounts([ACME])[ACME].policy_version == 1


@pytest.mark.parametrize(
    ("kept", "expected", "granted"),
    [
        (None, WorkflowTerms(), True),
        (None, PAUSED, False),
        (WorkflowTerms(), WorkflowTerms(), True),
        (PAUSED, PAUSED, True),
        (PAUSED, WorkflowTerms(), False),
        (OWN_LIMIT, OWN_LIMIT, True),
        (OWN_LIMIT, PAUSED, False),
    ],
)
def test_a_run_takes_only_what_was_decided_by_its_terms(
    store: RowStore, kept: WorkflowTerms | None, expected: WorkflowTerms, *, granted: bool
) -> None:
    assert store.post({FLOW: spending("1", new_terms=kept)})
    assert store.post({FLOW: spending("1", terms=expected)}) is granted
    assert store.accounts([FLOW])[FLOW].terms == (kept or WorkflowTerms())


def test_a_run_keeps_the_name_that_it_was_called_first(store: RowStore) -> None:
    assert store.post({RUN: spending("1", name="crawler")})
    assert store.post({RUN: spending("1", name="writer")})
    assert store.accounts([RUN])[RUN].name == "crawler"


# What is written beside the moves


def test_an_alert_is_sent_once(store: RowStore) -> None:
    assert store.post({}, alerts=(ALERT,))
    assert not store.post({ACME: spending("1")}, alerts=(ALERT,))
    assert store.refused == [None]


def decided(version: int) -> DocumentChange:
    return DocumentChange(RULES, version, {"owner": "ana"}, {"by": "ana"})


@pytest.mark.parametrize(("version", "granted"), [(0, False), (1, True), (2, False)])
def test_a_write_that_counts_on_a_document_is_refused_at_another_version_of_it(
    store: RowStore, version: int, *, granted: bool
) -> None:
    assert store.post({}, document_change=decided(1))
    assert store.post({ACME: spending("1")}, counts_on={RULES: version}) is granted
    other = DocumentKey("globex", "rules")
    assert store.post({ACME: spending("1")}, counts_on={other: 0})


def test_a_refused_account_is_named_whatever_stands_before_it(store: RowStore) -> None:
    refused = {RUN: spending("1"), ACME: spending("1", committed_at_most=usd("-1"))}
    for facts in list[dict[str, Any]](
        (
            {"entries": (ENTRY,), "alerts": (ALERT,), "counts_on": {RULES: 0}},
            {"alerts": (ALERT, replace(ALERT, once=("twice",)))},
            {"document_change": decided(1), "counts_on": {DocumentKey("globex", "rules"): 0}},
        )
    ):
        assert not store.post(refused, **facts)
        assert store.refused == [ACME]


def test_what_a_person_named_is_kept_beside_the_decisions(
    store: RowStore, memory_cloud: MemoryCloud
) -> None:
    ours = IdempotencyKey("acme", "key-1", {"operation": "suspend"}, of_people=True)
    assert store.post({}, idempotency=ours)
    assert [row["pk"] for row in stored(memory_cloud, "BudgetsTable")] == [
        store._documents.operations.of(ours).pk  # noqa: SLF001 - where the row is looked for
    ]
    assert not stored(memory_cloud, "ReservationsTable")
