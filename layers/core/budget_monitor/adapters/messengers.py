"""Telling people through SNS, and machines through EventBridge."""

import json
from functools import cached_property
from typing import Any

from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from budget_monitor.config import Config
from budget_monitor.domain.alerts import Message
from budget_monitor.domain.errors import ConfigurationError, UnavailableError

SOURCE = "budget-monitor"
_FILTERED = ("tenant_id", "kind", "severity", "scope")
"""What filter policies of subscriptions can ask for."""
_MACHINES = ("sqs", "lambda", "http", "https", "firehose")


class AwsMessenger:
    """The `Messenger` port on a topic and an event bus."""

    def __init__(self, config: Config) -> None:
        if config.alert_topic is None or config.alert_bus is None:
            raise ConfigurationError("ALERT_TOPIC_ARN and ALERT_BUS_NAME are not both set")
        self._topic, self._bus, self._region = config.alert_topic, config.alert_bus, config.region

    def send(self, message: Message) -> None:
        """Put it on the bus and publish it. Raises UnavailableError where either did not take it.

        Then both are told again another time, with the same alert id.
        """
        try:
            self._put(message)
            self._publish(message)
        except (BotoCoreError, ClientError) as fault:
            raise UnavailableError("the alert could not be sent yet") from fault

    def _put(self, message: Message) -> None:
        event = {
            "Source": SOURCE,
            "DetailType": message.body["kind"],
            "Detail": json.dumps(message.body),
            "EventBusName": self._bus,
        }
        if self._client("events").put_events(Entries=[event]).get("FailedEntryCount"):
            raise UnavailableError("the event bus did not take the alert yet")

    def _publish(self, message: Message) -> None:
        body = json.dumps(message.body)
        texts = {"default": message.text, "email": message.text, "email-json": body}
        self._client("sns").publish(
            TopicArn=self._topic,
            Subject=message.subject,
            MessageStructure="json",
            Message=json.dumps({**texts, **dict.fromkeys(_MACHINES, body)}),
            MessageAttributes={
                name: {"DataType": "String", "StringValue": str(message.body[name])}
                for name in _FILTERED
                if message.body[name]
            },
        )

    def _client(self, service: str) -> Any:  # noqa: ANN401 - botocore makes its classes
        if service not in self._clients:
            limits = ClientConfig(
                connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 2}
            )
            client = Session().create_client(service, region_name=self._region, config=limits)
            self._clients[service] = client
        return self._clients[service]

    @cached_property
    def _clients(self) -> dict[str, Any]:
        return {}
