"""Erasure: names of users, tags and people go, sums and accounts stay."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import AccountKey, execution_key, tenant_key
from budget_monitor.domain.accounting.labels import Labels, key
from budget_monitor.domain.costs.erasure import (
    ERASED,
    accounts_without_people,
    document_without_people,
    entry_without_people,
    labels_without_people,
    names_people,
)
from budget_monitor.domain.costs.ledger import COST, Entry
from budget_monitor.domain.periods import Booking

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MONTH = tenant_key("acme", "2026-11")


def account(scope: str, *name: str) -> AccountKey:
    return AccountKey("acme", "budget", key("cap", scope, *name), "2026-11")


def test_accounts_of_users_and_tags_name_people_and_no_others() -> None:
    people = [account("user", "ann"), account("tag", "patient-1")]
    others = [account("model", "gpt-4o"), account("tenant"), MONTH, execution_key("acme", "user")]
    assert [names_people(one) for one in people] == [True, True]
    assert [names_people(one) for one in others] == [False] * 4
    assert accounts_without_people((*people, *others)) == tuple(others)


def test_labels_keep_the_run_and_the_model() -> None:
    labels = Labels(agent_execution_id="e1", model="gpt-4o", user="ann", tags=("patient-1",))
    assert labels_without_people(labels) == Labels(agent_execution_id="e1", model="gpt-4o")


def test_an_entry_keeps_its_2_usd_and_its_accounts_without_names() -> None:
    labels = Labels(agent_execution_id="e1", user="ann")
    request = {"user": "ann"}
    moved = (MONTH, account("user", "ann"))
    entry = Entry(
        "c1",
        "acme",
        COST,
        labels,
        Decimal(2),
        Booking("2026-11", "2026-11-22"),
        NOON,
        NOON,
        request,
        by="ann",
        reason="Ann asked",
        moved=moved,
    )
    left = entry_without_people(entry)
    assert (left.amount, left.booking, left.moved) == (Decimal(2), entry.booking, (MONTH,))
    assert (left.by, left.reason, left.request) == (ERASED, ERASED, {ERASED: True})
    assert left.labels.user is None
    assert entry_without_people(left) == left


def test_an_entry_without_who_and_why_stays_without_them() -> None:
    booking = Booking("2026-11", "2026-11-22")
    labels = Labels(agent_execution_id="e1")
    entry = Entry("c1", "acme", COST, labels, Decimal(2), booking, NOON, NOON, {})
    left = entry_without_people(entry)
    assert (left.by, left.reason, left.review) == (None, None, None)


def test_a_document_keeps_its_amounts_at_any_depth() -> None:
    document = {
        "owner": "ann",
        "limit_usd": "5",
        "budgets": [
            {"scope": "user", "scope_id": "ann", "limit_usd": "3"},
            {"scope": "model", "scope_id": "gpt-4o", "by": None},
            {"scope": "tag", "scope_id": None},
        ],
        "change": {"by": "ann", "reason": "Ann asked", "principal": "arn", "at": "2026"},
    }
    assert document_without_people(document) == {
        "owner": ERASED,
        "limit_usd": "5",
        "budgets": [
            {"scope": "user", "scope_id": ERASED, "limit_usd": "3"},
            {"scope": "model", "scope_id": "gpt-4o", "by": None},
            {"scope": "tag", "scope_id": None},
        ],
        "change": {"by": ERASED, "reason": ERASED, "principal": ERASED, "at": "2026"},
    }
