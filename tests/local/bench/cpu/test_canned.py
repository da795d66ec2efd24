"""Canned answers: what a process was answered once is answered again, without a database."""

from __future__ import annotations

import pytest

from local.bench.cpu import hot_path
from local.bench.cpu.canned import answer_from, kept_answers, kind_of
from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor
from tests.support.memory.fixture import MemoryCloud


def test_answers_are_kept_and_given_again_without_a_database(
    memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = Tenant(DirectDoor())
    with kept_answers() as kept:
        tenant.spend("3", agent_execution_id="run-1")
        first = tenant.check("1", agent_execution_id="run-1").body
    tenant.spend("4", agent_execution_id="run-1")

    monkeypatch.setattr("botocore.endpoint.Endpoint._get_response", None)  # restored afterwards
    answer_from(kept.answers)

    assert tenant.check("1", agent_execution_id="run-1").body["status"] == first["status"]


def test_reads_of_other_tables_are_of_another_kind() -> None:
    assert kind_of("BatchGetItem", {"RequestItems": {"b": {}, "a": {}}}) == "BatchGetItem/a/b"
    assert kind_of("TransactWriteItems", {"TransactItems": []}) == "TransactWriteItems"


@pytest.mark.usefixtures("botocore_set_up_once")
def test_each_call_of_the_hot_path_is_one_request() -> None:
    found = hot_path.recorded()
    asked = {case.name: case.operation for case in found.cases}
    assert asked == {
        "check": "BatchGetItem",
        "reserve": "TransactWriteItems",
        "record_cost": "TransactWriteItems",
        "settle": "TransactWriteItems",
    }
