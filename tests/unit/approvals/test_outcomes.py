"""Approvals and outcomes as they are stored."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from budget_monitor.domain.approvals.outcomes import APPROVED, Approval, Outcome

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_an_approval_is_loaded_as_it_was_stored() -> None:
    made = Approval(NOON, "ana", "fine", None, Decimal("4.5"), "nonce")
    assert Approval.load(made.dump()) == made


def test_an_outcome_is_loaded_as_it_was_stored() -> None:
    made = Outcome(APPROVED, NOON, "ana", "fine", "arn", Decimal(3), None, Decimal(13))
    assert Outcome.load(made.dump()) == made
