"""A tenant's owner cannot refill the tenant's budgets by refunds."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor, Door
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import WHO, Processes

ALICE: dict[str, Any] = {"by": "Alice", "reason": "I need more"}
FORBIDDEN = ("FORBIDDEN", "by")
RUN = {"agent_execution_id": "run-1"}
SIGNER = "arn:aws:iam::000000000000:user/tests"
RATES = {"input_usd_per_million": "3", "output_usd_per_million": "15"}


@pytest.fixture
def owned(tenant: Tenant) -> Tenant:
    """A tenant whose money is alice's."""
    tenant.call("set_tenant", owner="alice", **WHO).body  # noqa: B018 - must not fail
    return tenant


def test_an_owner_takes_nothing_off_a_cost_of_9_usd(owned: Tenant, cloud: MemoryCloud) -> None:
    owned.spend("9", entry_id="cost-1", **RUN)
    before = cloud.rows()

    for fields in ({}, {"adjustment_id": "fix-1"}, {"idempotency_key": "key-1"}):
        answer = owned.adjust("cost-1", "-0.000000000001", **ALICE, **fields)
        assert answer.refusal == FORBIDDEN
        assert answer.has_status(403)

    assert cloud.rows() == before
    assert owned.check("2", **RUN).body["allowed"] is False


def test_an_owner_may_add_to_a_cost_and_others_may_take_off(owned: Tenant) -> None:
    owned.spend("5", entry_id="cost-1", **RUN)

    assert owned.adjust("cost-1", "1", **ALICE).error is None
    assert owned.adjust("cost-1", "0", **ALICE).error is None
    assert owned.adjust("cost-1", "-2", **WHO).error is None
    assert owned.usage()["spent_usd"] == "4"


def test_an_owner_is_known_by_who_signed_the_adjustment(tenant: Tenant, door: Door) -> None:
    tenant.call("set_tenant", owner=SIGNER, by="boot", reason="first").body  # noqa: B018
    tenant.spend("5", entry_id="cost-1", **RUN)

    expected = FORBIDDEN if door.name == "http" else (None, None)
    assert tenant.adjust("cost-1", "-1", **WHO).refusal == expected


def test_a_process_that_has_not_read_the_owner_refuses_the_owners_refund_too(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, cloud: MemoryCloud
) -> None:
    processes = Processes(monkeypatch)
    for number in (1, 2):
        processes.answer(number)
        tenant.spend("5", entry_id=f"cost-{number}", **RUN)
    tenant.call("set_tenant", owner="alice", **WHO).body  # noqa: B018 - must not fail
    processes.answer(1)

    assert tenant.adjust("cost-1", "-1", **ALICE).refusal == FORBIDDEN


def test_a_refund_from_before_alice_was_the_owner_is_still_replayed_to_her(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    tenant.spend("5", entry_id="cost-1", **RUN)
    tenant.adjust("cost-1", "-1", adjustment_id="fix-1", **ALICE).body  # noqa: B018
    tenant.call("set_tenant", owner="alice", **WHO).body  # noqa: B018 - must not fail
    before = cloud.rows()

    again = tenant.adjust("cost-1", "-1", adjustment_id="fix-1", **ALICE)
    assert again.body["entry"]["replayed"] is True
    other = tenant.adjust("cost-1", "-2", adjustment_id="fix-1", **ALICE)
    assert other.error == "IDEMPOTENCY_MISMATCH"
    assert cloud.rows() == before


def test_an_owner_reprices_nothing_downwards(cloud: MemoryCloud) -> None:
    tenant = Tenant(DirectDoor())
    usage = {"usage": {"input_tokens": 1_000_000}, "model": "house", **RUN}

    def price(usd: str) -> None:
        since = {"from": "2020-01-01T00:00:00Z"}
        rates = {"model": "house", **RATES, "input_usd_per_million": usd}
        tenant.call("set_price", **rates, **since, **WHO).body  # noqa: B018 - must not fail

    def reprice(by: dict[str, Any], *, dry_run: bool) -> dict[str, Any]:
        span = {"from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"}
        return tenant.call("reprice", **span, dry_run=dry_run, **by).body

    price("3")
    tenant.call("record_cost", **usage).body  # noqa: B018 - must not fail
    tenant.call("set_tenant", owner="alice", **WHO).body  # noqa: B018 - must not fail
    price("2")
    before = cloud.rows()
    for dry_run in (True, False):
        page = reprice(ALICE, dry_run=dry_run)
        assert [one["error"] for one in page["items"]] == ["FORBIDDEN"]
        assert (page["failed"], page["difference_usd"]) == (1, "0")
    assert cloud.rows() == before

    assert reprice(WHO, dry_run=False)["difference_usd"] == "-1"
    price("4")
    assert reprice(ALICE, dry_run=False)["difference_usd"] == "2"
    assert tenant.usage()["spent_usd"] == "4"
