"""Alerting in this process: the tables, their stream, the topic and the bus."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import pytest

from budget_monitor.adapters.aws.signing_key import SigningKey
from tests.support.alerts.fake_sns import Post
from tests.support.doors.doors import Context, handler_of
from tests.support.memory.fixture import MemoryCloud
from tests.support.memory.stream import Record, Stream

TOPIC = "arn:aws:sns:eu-central-1:000000000000:alerts"


class Watch:
    """Inputs and outputs of alerting on an in-memory cloud."""

    def __init__(self, cloud: MemoryCloud, patch: pytest.MonkeyPatch) -> None:
        patch.setenv("ALERT_TOPIC_ARN", TOPIC)
        patch.setenv("ALERT_BUS_NAME", "alerts")
        patch.setattr(SigningKey, "keys", (b"a key of tests",))
        self.cloud, self.stream, self.post = cloud, Stream(cloud, patch), Post(patch)

    def deliver(self, records: Iterable[Record]) -> list[str]:
        """Pass the records to the function. Return those that it reports as failed."""
        event = {"Records": list(records)}
        if not event["Records"]:
            return []
        answer = handler_of("alerting")(event, Context())
        return [one["itemIdentifier"] for one in answer["batchItemFailures"]]

    def look(self) -> list[dict[str, Any]]:
        """Deliver new stream records. Return the alerts that were sent."""
        told = len(self.post.alerts)
        assert self.deliver(self.stream.taken()) == []
        return self.post.alerts[told:]

    def passed(self) -> list[tuple[str, int]]:
        """The same as budgets and thresholds."""
        return [(one["budget_id"], one["threshold_percent"]) for one in self.look()]

    def call(self, operation: str, **fields: Any) -> dict[str, Any]:
        """Invoke the function directly."""
        answer: dict[str, Any] = handler_of("alerting")(
            {"operation": operation, **fields}, Context()
        )
        return answer


def shuffled(records: Iterable[Record], seed: int) -> list[Record]:
    """Return the records in random order."""
    mixed = list(records)
    random.Random(seed).shuffle(mixed)  # noqa: S311 - a test's
    return mixed


@pytest.fixture
def watch(memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Alerting on an in-memory database."""
    return Watch(memory_cloud, monkeypatch)
