"""A topic and an event bus for one test, with subscribed queues that store what arrives."""

from __future__ import annotations

import json
import uuid
from typing import Any

import boto3

from tests.support.environment import CREDENTIALS, REGION


class Topic:
    """The destination of alerts in a test."""

    def __init__(self, endpoint: str | None) -> None:
        """Create a topic and a bus, each with a subscribed queue."""
        self._clients = {
            name: boto3.client(
                name,
                region_name=REGION,
                endpoint_url=endpoint,
                aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            )
            for name in ("sns", "sqs", "events")
        }
        sns, events, name = self._clients["sns"], self._clients["events"], uuid.uuid4().hex[:12]
        self.arn = sns.create_topic(Name=f"alerts-{name}")["TopicArn"]
        self.bus = f"alerts-{name}"
        events.create_event_bus(Name=self.bus)
        self._people, self._machines = self._queue(f"people-{name}"), self._queue(f"bus-{name}")
        sns.subscribe(TopicArn=self.arn, Protocol="sqs", Endpoint=self._arn(self._people))
        pattern = json.dumps({"source": ["budget-monitor"]})
        events.put_rule(Name="all", EventBusName=self.bus, EventPattern=pattern)
        target = {"Id": "queue", "Arn": self._arn(self._machines)}
        events.put_targets(Rule="all", EventBusName=self.bus, Targets=[target])

    def _queue(self, name: str) -> str:
        return str(self._clients["sqs"].create_queue(QueueName=name)["QueueUrl"])

    def _arn(self, queue: str) -> str:
        found = self._clients["sqs"].get_queue_attributes(
            QueueUrl=queue, AttributeNames=["QueueArn"]
        )
        return str(found["Attributes"]["QueueArn"])

    def alerts(self) -> list[dict[str, Any]]:
        """Return the alerts that the topic delivered since the last call, as machines read them."""
        return [json.loads(json.loads(one)["Message"]) for one in self._taken(self._people)]

    def envelopes(self) -> list[dict[str, Any]]:
        """Return the topic's messages since the last call, with subject and attributes."""
        return [json.loads(one) for one in self._taken(self._people)]

    def events(self) -> list[dict[str, Any]]:
        """Return the events that the bus delivered since the last call."""
        return [json.loads(one) for one in self._taken(self._machines)]

    def _taken(self, queue: str) -> list[str]:
        found, sqs = list[str](), self._clients["sqs"]
        while more := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            for message in more:
                found.append(message["Body"])
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return found
