"""`moto_cloud`: the project's tables in moto, in this process, with a topic for alerts.

moto ignores a transaction's ClientRequestToken, has no conflicts, and copies whole tables for each
transaction. The eleven behaviours do not depend on this. Retries, races and large tables are tested
on the strict database of `tests.support.memory`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws  # here: moto does not patch botocore sessions made before this import

from tests.support.alerts.topic import Topic
from tests.support.cloud import Cloud
from tests.support.doors.doors import Context, handler_of
from tests.support.environment import CREDENTIALS, REGION
from tests.support.memory.stream import passes, template_filters


@pytest.fixture
def moto_cloud(
    botocore_set_up_once: None, clean_environment: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Cloud]:
    """The project's tables, empty, in moto. Every client of the process uses it."""
    with mock_aws(config={"core": {"mock_credentials": False}}):
        yield Cloud(_client("dynamodb"), monkeypatch)


class MotoWatch:
    """Alerting on moto: the accounts' stream, and a topic with a subscribed queue.

    No event bus: moto needs jsonpath_ng to deliver events, and it is not in the lock.
    """

    def __init__(self, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
        self._topic, self._streams, self._taken = Topic(None), _client("dynamodbstreams"), 0
        monkeypatch.setenv("ALERT_TOPIC_ARN", self._topic.arn)
        monkeypatch.setenv("ALERT_BUS_NAME", "")
        table = cloud.client.describe_table(TableName=cloud.tables["AccountsTable"])["Table"]
        self._arn = table["LatestStreamArn"]

    def look(self) -> list[dict[str, Any]]:
        """Deliver new stream records. Return the alerts that were sent."""
        if records := self._new():
            answer = handler_of("alerting")({"Records": records}, Context())
            assert answer == {"batchItemFailures": []}
        return self._topic.alerts()

    def _new(self) -> list[dict[str, Any]]:
        """Return the new records that passed the template's filter since the last call."""
        stream = self._streams.describe_stream(StreamArn=self._arn)["StreamDescription"]
        iterator = self._streams.get_shard_iterator(
            StreamArn=self._arn,
            ShardId=stream["Shards"][0]["ShardId"],
            ShardIteratorType="TRIM_HORIZON",
        )["ShardIterator"]
        records = self._streams.get_records(ShardIterator=iterator)["Records"]
        new, self._taken = records[self._taken :], len(records)
        return [one for one in new if any(passes(one, each) for each in template_filters())]


def _client(name: str) -> Any:
    return boto3.client(
        name,  # type: ignore[call-overload] # boto3's stubs know services by literals alone
        region_name=REGION,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )
