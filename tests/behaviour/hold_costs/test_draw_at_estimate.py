"""A draw whose true cost is not known: flagged, and corrected once by the true cost."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant, gate
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.times import at

RUN = {"agent_execution_id": "run"}
START, LATER = "2026-11-22T10:00:00Z", "2026-11-22T11:00:00Z"


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> MemoryCloud:
    return memory_cloud


def estimated(tenant: Tenant, held: str, cost: str, **fields: Any) -> dict[str, Any]:
    answer = tenant.draw(held, cost, draw_id="call-1", at_estimate=True, **fields)
    assert answer.has_status(201)
    return answer.body


@pytest.mark.parametrize("true_cost", ["0.25", "0.5", "7.5"])
def test_the_true_cost_corrects_the_estimate_once_and_the_hold_keeps_what_it_has_left(
    cloud: MemoryCloud, tenant: Tenant, true_cost: str
) -> None:
    held = tenant.hold("2", **RUN)
    first = estimated(tenant, held, "0.5")
    assert (first["entry"]["flags"], first["reservation"]["left_usd"]) == (["estimated"], "1.5")
    answer = tenant.draw(held, true_cost, draw_id="call-1", tokens=42)
    entry = answer.body["entry"]
    assert (entry["entry_id"], entry["adjusts"]) == ("settle:.draw:call-1", "call-1")
    assert (entry["kind"], entry["tokens"]) == ("adjustment", 42)
    assert entry["reason"] == "the true cost of a draw at the estimate"
    assert gate(answer.body, "execution")["spent_usd"] == true_cost
    again = tenant.draw(held, true_cost, draw_id="call-1", tokens=42)
    assert again.body["entry"] == {**entry, "replayed": True}
    assert tenant.draw(held, "9", draw_id="call-1").error == "IDEMPOTENCY_MISMATCH"
    usage = tenant.usage()
    assert (usage["spent_usd"], usage["held_usd"]) == (true_cost, "1.5")
    assert not differences(cloud.rows())


def test_the_estimate_again_is_a_replay_and_after_a_true_draw_a_409(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    held = tenant.hold("2", **RUN)
    first = estimated(tenant, held, "0.5")["entry"]
    again = tenant.draw(held, "0.5", draw_id="call-1", at_estimate=True).body["entry"]
    assert again == {**first, "replayed": True}
    tenant.draw(held, "0.5", draw_id="call-2").body  # noqa: B018
    refused = tenant.draw(held, "0.5", draw_id="call-2", at_estimate=True)
    assert refused.refusal == ("IDEMPOTENCY_MISMATCH", "at_estimate")
    assert tenant.usage()["spent_usd"] == "1"


def test_a_settlement_does_not_correct_a_draw_nor_a_draw_a_settlement(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    """They have one name space of entries, and both point at the reservation."""
    held = tenant.hold("2", **RUN)
    estimated(tenant, held, "0.5")
    assert tenant.settle(held, "1", entry_id="call-1").error == "IDEMPOTENCY_MISMATCH"
    tenant.call("settle", reservation_id=held, at_estimate=True, entry_id="end").body  # noqa: B018
    assert tenant.draw(held, "1", draw_id="end").error == "IDEMPOTENCY_MISMATCH"
    assert tenant.usage()["spent_usd"] == "2"
    assert not differences(cloud.rows())


def test_an_estimate_drawn_after_the_holds_end_is_flagged_late_too(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    with at(START):
        held = tenant.hold("2", **RUN, expires_in_seconds=60)
    with at(LATER):
        entry = estimated(tenant, held, "0.5")["entry"]
        assert entry["flags"] == ["estimated", "late_settlement"]
        assert tenant.draw(held, "0.1", draw_id="call-1").body["entry"]["cost_usd"] == "-0.4"
    assert not differences(cloud.rows())


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"at_estimate": True}, "cost_usd"), ({"at_estimate": "x"}, "at_estimate")],
)
def test_an_estimate_needs_an_amount_or_a_usage(
    cloud: MemoryCloud, tenant: Tenant, fields: dict[str, Any], field: str
) -> None:
    held = tenant.hold("2", **RUN)
    answer = tenant.call("draw", reservation_id=held, draw_id="call-1", **fields)
    assert answer.refusal == ("VALIDATION_ERROR", field)
