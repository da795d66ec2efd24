"""The forwarder of alerts in tests, with a fake Secrets Manager and SQS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from budget_monitor.adapters.aws.webhooks import SecretWebhooks, SqsLater
from budget_monitor.domain.errors import UnavailableError
from tests.support.alerts.receiver import Receiver, receiving
from tests.support.doors.doors import Context, handler_of

ODD = "<!channel> <img src=x onerror=alert(1)> & [x](http://e.example)"
ALERT = {
    "alert_id": "0f5e",
    "kind": "raise_requested",
    "at": "2026-11-22T12:00:00Z",
    "title": f"tenant {ODD} asks for 5 USD more of cap",
    "text": f"Owner: {ODD}.\nWhat to do: approve.\nAnswer here, once: https://b.example/a?token=t",
    "link": "https://b.example/a?token=t",
}


class Aws:
    """Secrets Manager and SQS of a test."""

    def __init__(self) -> None:
        self.secret: Any = []
        self.queued = list[tuple[dict[str, Any], int]]()
        self.read = 0
        self.down = False

    def get_secret_value(self, **_: str) -> dict[str, str]:
        self.read += 1
        text = self.secret if isinstance(self.secret, str) else json.dumps(self.secret)
        return {"SecretString": text}

    def send_message(self, **said: Any) -> None:
        if self.down:
            raise UnavailableError("down")
        self.queued.append((json.loads(said["MessageBody"]), said["DelaySeconds"]))

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Answer the forwarder's calls in this process."""
        from budget_monitor import bootstrap_links  # noqa: PLC0415

        bootstrap_links._webhooks.cache_clear()  # noqa: SLF001 - another test's receivers
        for name in ("ACCOUNTS", "LEDGER", "RESERVATIONS", "BUDGETS", "ALERTS"):
            patch.setenv(f"{name}_TABLE", name)
        patch.setenv("AWS_REGION", "eu-central-1")
        patch.setenv("WEBHOOKS_SECRET_ARN", "arn:aws:secretsmanager:eu-central-1:0:secret:hooks")
        patch.setenv("WEBHOOKS_QUEUE_URL", "https://sqs.invalid/webhooks")
        patch.setattr(SecretWebhooks, "_client", self)
        patch.setattr(SqsLater, "_client", self)


@pytest.fixture
def aws(clean_environment: None, monkeypatch: pytest.MonkeyPatch) -> Aws:
    """What the forwarder asks of AWS is answered in this process."""
    found = Aws()
    found.install(monkeypatch)
    return found


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook receiver of this test."""
    with receiving() as found:
        yield found


def forwarded(*messages: Any) -> list[str]:
    """Deliver messages of the queue; return the ids of those that failed."""
    records = [
        {"messageId": f"m{n}", "body": one if isinstance(one, str) else json.dumps(one)}
        for n, one in enumerate(messages)
    ]
    answer = handler_of("forwarding")({"Records": records}, Context())
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]
