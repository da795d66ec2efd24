"""A suspension keeps the signer of the request that made it, where one is known."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from budget_monitor.domain.rules.suspensions import Suspension

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize("signer", ["role/a", None])
def test_a_suspension_is_read_back_with_its_signer(signer: str | None) -> None:
    stop = Suspension("ana", "fraud", NOON, signer)
    assert stop.dump().get("principal") == signer
    assert Suspension.load(stop.dump()) == stop
