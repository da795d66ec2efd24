"""Changes of a workflow: one transaction, a history record, and a view without task tokens."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from budget_monitor.domain.accounting.accounts import WorkflowTerms, workflow_key
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.domain.transactions import IdempotencyKey, Posting, Transaction
from budget_monitor.domain.workflows import WorkflowState, workflow_document
from budget_monitor.ports import Document
from budget_monitor.usecases.authority import Who
from budget_monitor.usecases.workflows.change import (
    change_of,
    change_transaction,
    output,
    public_state,
    read_workflow,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
FLOW = workflow_document("acme", "w1")
MARIA = Who("maria", "dear", "arn:maria")
ACTIVE = WorkflowState(version=3)
PAUSED = ACTIVE.wait("secret-token", None, MARIA.by, MARIA.reason, NOON)
CHANGE = change_of("pause", ACTIVE, PAUSED, MARIA, NOON)
KEY = IdempotencyKey("acme", "k1", {"operation": "pause"})


def test_a_pause_writes_the_next_version_the_terms_the_key_and_one_alert() -> None:
    written = change_transaction(FLOW, ACTIVE, PAUSED, CHANGE, KEY)
    terms = Posting(terms=WorkflowTerms(), new_terms=WorkflowTerms(1), began_at=NOON)
    assert written.postings == {workflow_key("acme", "w1"): terms}
    assert written.document_change is not None
    assert (written.document_change.version, written.document_change.due) == (4, False)
    assert written.idempotency == KEY
    assert [alert.kind for alert in written.alerts] == ["workflow_paused"]


def test_a_resume_is_due_until_its_callbacks_are_sent() -> None:
    resumed = PAUSED.resume("maria", "fine", NOON, Decimal(9))
    written = change_transaction(FLOW, PAUSED, resumed, CHANGE)
    assert written.document_change is not None
    assert written.document_change.due is True
    assert [alert.kind for alert in written.alerts] == ["workflow_resumed"]
    told = change_transaction(FLOW, resumed, resumed.with_woken(("secret-token",)), CHANGE)
    assert (told.postings, told.alerts) == ({}, ())


def test_a_repeat_stores_only_its_key() -> None:
    repeat = change_transaction(FLOW, PAUSED, PAUSED, CHANGE, KEY)
    assert repeat == Transaction(idempotency=KEY)


def test_no_view_shows_a_task_token() -> None:
    assert public_state(PAUSED) == {
        "state": "paused",
        "pause_id": 1,
        "limit_usd": None,
        "waiting": 1,
        "waking": 0,
    }
    assert (CHANGE["by"], CHANGE["principal"], CHANGE["after"]["state"]) == (
        "maria",
        "arn:maria",
        "paused",
    )
    sent = json.loads(output(FLOW, PAUSED))
    assert (sent["workflow_execution_id"], sent["by"]) == ("w1", "maria")
    assert "secret" not in json.dumps([CHANGE, sent])


def test_a_stored_state_is_read_and_a_damaged_one_is_a_503() -> None:
    assert read_workflow(None) == WorkflowState()
    assert read_workflow(Document(4, PAUSED.dump())) == replace(PAUSED, version=4)
    for damage in ({}, {"limit_usd": "much"}, {"waiting": None}):
        body = damage and PAUSED.dump() | damage
        with pytest.raises(UnavailableError, match="state of the workflow is damaged"):
            read_workflow(Document(4, body))
