"""Send alerts to people through SNS, and to machines through EventBridge."""

import json
from functools import cached_property
from typing import Any

from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from budget_monitor.config import Config
from budget_monitor.domain.alerts.alerts import Message
from budget_monitor.domain.errors import ConfigurationError, UnavailableError

SOURCE = "budget-monitor"
_FILTERED = ("tenant_id", "kind", "severity", "scope")
"""Message attributes for the filter policies of subscriptions."""


class AwsMessenger:
    """The `Messenger` port on an SNS topic and, if configured, an event bus."""

    def __init__(self, config: Config) -> None:
        if config.alert_topic is None:
            raise ConfigurationError("the environment variable ALERT_TOPIC_ARN is not set")
        self._topic, self._bus, self._region = config.alert_topic, config.alert_bus, config.region

    def send_to_people(self, message: Message) -> None:
        """Publish on the topic: text for email and SMS, JSON for others.

        Raises UnavailableError.
        """
        body = json.dumps(message.body, ensure_ascii=False)
        texts = {"default": body, "email": message.text, "sms": message.subject}
        self._asked(
            "sns",
            "publish",
            TopicArn=self._topic,
            Subject=message.subject,
            MessageStructure="json",
            Message=json.dumps(texts, ensure_ascii=False),
            MessageAttributes={
                name: {"DataType": "String", "StringValue": str(message.body[name])}
                for name in _FILTERED
                if message.body[name]
            },
        )

    def send_event(self, message: Message) -> None:
        """Put the event on the bus, if there is one. Raises UnavailableError if not accepted."""
        if self._bus is None:
            return
        event = {
            "Source": SOURCE,
            "DetailType": message.body["kind"],
            "Detail": json.dumps(message.body, ensure_ascii=False),
            "EventBusName": self._bus,
        }
        if self._asked("events", "put_events", Entries=[event]).get("FailedEntryCount"):
            raise UnavailableError("the event bus has not accepted the alert yet")

    def _asked(self, service: str, operation: str, **fields: Any) -> Any:  # noqa: ANN401 - as above
        try:
            return getattr(self._client(service), operation)(**fields)
        except (BotoCoreError, ClientError) as fault:
            raise UnavailableError("the alert could not be sent yet") from fault

    def _client(self, service: str) -> Any:  # noqa: ANN401 - botocore makes its classes
        if service not in self._clients:
            limits = ClientConfig(
                connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 1}
            )  # no SDK retries: the schedule retries, and other alerts wait meanwhile
            client = Session().create_client(service, region_name=self._region, config=limits)
            self._clients[service] = client
        return self._clients[service]

    @cached_property
    def _clients(self) -> dict[str, Any]:
        return {}
