"""Fake SNS and EventBridge in this process, below the SDK."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest  # noqa: TC002 - as everywhere, types are imported for real
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.endpoint import Endpoint

Sent = dict[str, Any]
SNS, EVENTS = "sns", "events"


class Post:
    """A topic and a bus that store what they get. `down` names those that refuse everything."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.letters: list[Sent] = []
        self.events: list[Sent] = []
        self.down: set[str] = set()
        self.asked: list[str] = []
        self.before: Callable[[str], None] = lambda _: None
        self.after: Callable[[str], None] = lambda _: None
        self._lock = threading.Lock()
        original: Any = vars(Endpoint)["_get_response"]

        def answered(endpoint: Any, request: Any, model: Any, context: Any) -> Any:
            service = model.service_model.service_name
            if service not in {SNS, EVENTS}:
                return original(endpoint, request, model, context)
            return self._answer(service, request.body), None

        patch.setattr(Endpoint, "_get_response", answered)

    def _answer(self, service: str, body: Any) -> Any:
        self.before(service)
        text = body.decode() if isinstance(body, bytes) else str(body)
        with self._lock:
            self.asked.append(service)
            if service in self.down:
                return _answer(500, {"Error": {"Code": "InternalError", "Message": "down"}})
            if service == SNS:
                self.letters.append(_letter(text))
            else:
                self.events += json.loads(text)["Entries"]
        self.after(service)
        return _answer(200, {"MessageId": "1", "FailedEntryCount": 0, "Entries": []})

    @property
    def alerts(self) -> list[Sent]:
        """Return the alerts that subscribers of the topic received, as machines read them."""
        return [json.loads(one["texts"]["default"]) for one in self.letters]


def _letter(body: str) -> Sent:
    """Parse a Publish request of SNS's query protocol."""
    asked = {name: values[0] for name, values in parse_qs(body).items()}
    attributes, number = dict[str, str](), 1
    while name := asked.get(f"MessageAttributes.entry.{number}.Name"):
        value = f"MessageAttributes.entry.{number}.Value.StringValue"
        attributes[name], number = asked[value], number + 1
    return {
        "topic": asked["TopicArn"],
        "subject": asked["Subject"],
        "structure": asked["MessageStructure"],
        "texts": json.loads(asked["Message"]),
        "attributes": attributes,
    }


def _answer(status: int, parsed: dict[str, Any]) -> Any:
    metadata = {"HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0}
    response = AWSResponse("https://post", status, HTTPHeaders(), None)
    return response, {**parsed, "ResponseMetadata": metadata}
