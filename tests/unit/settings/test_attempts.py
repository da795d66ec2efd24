"""A use case whose write is refused 10 times in a row gives up with a 503."""

import pytest

from budget_monitor.adapters.dynamodb.store import DynamoStore
from budget_monitor.usecases.attempts import MAX_ROUNDS, too_many_rounds
from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor
from tests.support.memory.fixture import MemoryCloud


def test_ten_refused_writes_are_a_503_and_nothing_is_booked(
    memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant, commit, tried = Tenant(DirectDoor()), DynamoStore.commit, list[object]()

    def refused(_: DynamoStore, transaction: object) -> bool:
        tried.append(transaction)
        return False

    monkeypatch.setattr(DynamoStore, "commit", refused)
    answer = tenant.record("1")
    monkeypatch.setattr(DynamoStore, "commit", commit)
    assert (answer.error, answer.message) == ("UNAVAILABLE", str(too_many_rounds()))
    assert len(tried) == MAX_ROUNDS
    assert tenant.usage()["spent_usd"] == "0"
