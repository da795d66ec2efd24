"""Lost answers, conflicts and crashes: nothing doubled, nothing lost, and a plain answer."""

from __future__ import annotations

import pytest

from tests.support.builders import Tenant, gate, new_id
from tests.support.dynamodb.faults import (
    KilledError,
    answer_lost,
    cancelled,
    faults,
    killed_after,
    killed_before,
    never_sent,
    refused,
)

pytestmark = pytest.mark.doors("http")

WRITE = "TransactWriteItems"


def test_a_conflict_with_another_writer_is_tried_again(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = faults(monkeypatch, WRITE, [cancelled("None", "TransactionConflict", "None")] * 3)

    assert tenant.reserve("1").has_status(201)
    assert log.count(WRITE) == 4


def test_a_failed_condition_beside_a_conflict_is_no_refusal(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults(monkeypatch, WRITE, [cancelled("ConditionalCheckFailed", "TransactionConflict")])

    assert tenant.reserve("1").body["allowed"] is True


@pytest.mark.parametrize(
    "fate",
    [
        cancelled("TransactionConflict"),
        cancelled("ThrottlingError"),
        refused("ProvisionedThroughputExceededException"),
        refused("InternalServerError", 500),
        refused("ResourceNotFoundException"),
        refused("AccessDeniedException"),
        never_sent,
    ],
    ids=["conflict", "throttled", "throughput", "500", "no table", "no permission", "no network"],
)
def test_a_database_that_will_not_serve_is_a_503_and_never_a_yes(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, fate: object
) -> None:
    monkeypatch.setattr("budget_monitor.deadline.BUDGET_SECONDS", 0.2)
    faults(monkeypatch, WRITE, [fate], for_ever=True)  # type: ignore[list-item]

    for answer in (tenant.reserve("1"), tenant.record("1")):
        assert answer.has_status(503)
        assert answer.error == "UNAVAILABLE"
        assert answer.headers["retry-after"] == "1"
        assert "able" not in answer.message.replace("database", "").lower()


def test_a_check_that_cannot_read_is_a_503(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    faults(monkeypatch, "BatchGetItem", [never_sent], for_ever=True)

    assert tenant.check("1").error == "UNAVAILABLE"


def test_an_answer_lost_twice_is_found_again_by_the_token(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults(monkeypatch, WRITE, [answer_lost, answer_lost])

    answer = tenant.record("1", entry_id="e1")

    assert answer.has_status(201)
    assert tenant.usage()["spent_usd"] == "1"


def test_an_answer_lost_for_good_is_a_503_and_the_retry_finds_what_was_done(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        faults(broken, WRITE, [answer_lost] * 3)
        assert tenant.record("1", entry_id="e1", agent_execution_id="run").error == "UNAVAILABLE"

    again = tenant.record("1", entry_id="e1", agent_execution_id="run")

    assert again.body["entry"]["replayed"] is True
    assert tenant.usage()["spent_usd"] == "1"


@pytest.mark.parametrize("killed", [killed_before, killed_after])
def test_a_function_killed_at_its_write_leaves_all_or_nothing_for_the_retry(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, killed: object
) -> None:
    hold = tenant.hold("3", agent_execution_id="run", reservation_id=new_id("hold"))
    with monkeypatch.context() as broken:
        faults(broken, WRITE, [killed])  # type: ignore[list-item]
        with pytest.raises(KilledError):
            tenant.settle(hold, "2.5")

    tenant.settle(hold, "2.5")
    answer = tenant.settle(hold, "2.5")

    assert answer.body["entry"]["replayed"] is True
    shown = gate(answer.body, "execution")
    assert (shown["spent_usd"], shown["held_usd"]) == ("2.5", "0")
    assert tenant.usage()["entries"] == 1


def test_a_read_that_fails_behind_a_write_does_not_unsay_the_write(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant.check("1")  # a process that never read the policy cannot decide by it
    with monkeypatch.context() as broken:
        faults(broken, "BatchGetItem", [never_sent], for_ever=True)
        recorded = tenant.record("1")
        held = tenant.reserve("1")

    assert recorded.has_status(201)
    assert recorded.body["gates"] is None
    assert held.body["allowed"] is True
    usage = tenant.usage()
    assert (usage["spent_usd"], usage["held_usd"]) == ("1", "1")
