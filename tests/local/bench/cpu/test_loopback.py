"""Answers that are kept once, and given again over HTTP by another process."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.bench.cpu.loopback import Meter, kept_answers, kind_of, served
from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor
from tests.support.environment import CREDENTIALS, REGION
from tests.support.memory.fixture import MemoryCloud


def test_the_requests_of_a_call_and_their_answers_are_kept(memory_cloud: MemoryCloud) -> None:
    tenant = Tenant(DirectDoor())
    tenant.spend("3", agent_execution_id="run-1")
    with kept_answers() as kept:
        tenant.check("1", agent_execution_id="run-1")
    ((operation, request),) = kept
    accounts = memory_cloud.tables["AccountsTable"]
    assert (operation, list(request["RequestItems"])) == ("BatchGetItem", [accounts])
    (answer,) = kept.answers.values()
    runs = [one for one in answer["Responses"][accounts] if "#execution#" in one["pk"]["S"]]
    assert [one["spent"] for one in runs] == [{"N": "3"}]


@pytest.mark.usefixtures("botocore_set_up_once")
def test_a_server_gives_kept_answers_and_404_for_any_other_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {**CREDENTIALS, "AWS_DEFAULT_REGION": REGION}.items():
        monkeypatch.setenv(name, value)
    answers = {"BatchGetItem/t": {"Responses": {"t": [{"pk": {"S": "a"}}]}}}
    wanted: Any = {"Keys": [{"pk": {"S": "a"}}]}
    with served(answers) as address:
        client = boto3.client("dynamodb", endpoint_url=address)
        meter = Meter()
        with meter.running():
            found = client.batch_get_item(RequestItems={"t": wanted})
        assert meter.spent > 0
        with pytest.raises(ClientError, match="404"):
            client.batch_get_item(RequestItems={"u": wanted})
    assert found["Responses"] == {"t": [{"pk": {"S": "a"}}]}


def test_reads_of_other_tables_are_of_another_kind() -> None:
    assert kind_of("BatchGetItem", {"RequestItems": {"b": {}, "a": {}}}) == "BatchGetItem/a/b"
    assert kind_of("TransactWriteItems", {"TransactItems": []}) == "TransactWriteItems"
