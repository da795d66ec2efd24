"""Webhooks: their secret in Secrets Manager, requests to them, and the queue of retries."""

import http.client
import json
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from budget_monitor.adapters.aws.clients import client_of
from budget_monitor.domain.alerts.webhooks import Webhook
from budget_monitor.domain.errors import UnavailableError

READ_SECONDS, ATTEMPTS = 2.0, 2
POST_SECONDS = 5.0
FRESH_SECONDS = 300.0
"""How long the receivers are kept before the secret is read again."""
_ACCEPTED = range(200, 300)


class SecretWebhooks:
    """The `Webhooks` port on a secret: a JSON list of `url`, `format` and `secret`."""

    def __init__(
        self, arn: str | None, region: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._arn, self._region, self._clock = arn, region, clock
        self._known: tuple[float, tuple[Webhook, ...]] | None = None

    def all(self) -> Sequence[Webhook]:
        """Return all receivers, at most 5 minutes old. Raises UnavailableError."""
        now = self._clock()
        if self._known is None or now - self._known[0] > FRESH_SECONDS:
            self._known = now, self._read()
        return self._known[1]

    def _read(self) -> tuple[Webhook, ...]:
        if self._arn is None:
            raise UnavailableError("this stack has no webhooks")
        text = _called(self._client.get_secret_value, SecretId=self._arn).get("SecretString", "")
        try:
            listed = json.loads(text)
            return tuple(Webhook.load(one) for one in (listed if type(listed) is list else [None]))
        except json.JSONDecodeError:
            raise UnavailableError("the secret of webhooks is not JSON") from None
        except ValueError as fault:  # its message does not tell the content
            raise UnavailableError(f"the secret of webhooks is malformed: {fault}") from None

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 - botocore makes its classes
        return client_of("secretsmanager", self._region, READ_SECONDS, ATTEMPTS)


class HttpPost:
    """The `Post` port: one request, no redirects, no proxies."""

    def send(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """Send a POST. Raises UnavailableError, which does not show the URL."""
        parts = urlsplit(url)
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        connection = kind(parts.hostname or "", parts.port, timeout=POST_SECONDS)
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        try:
            connection.request("POST", path, body, dict(headers))
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as fault:
            kind_of = type(fault).__name__
            raise UnavailableError(f"the receiver cannot be reached: {kind_of}") from None
        finally:
            connection.close()
        if status not in _ACCEPTED:
            raise UnavailableError(f"the receiver answered {status}")


class SqsLater:
    """The `LaterQueue` port on an SQS queue."""

    def __init__(self, url: str | None, region: str) -> None:
        self._url, self._region = url, region

    def put(self, text: str, seconds: int) -> None:
        """Queue a message. Raises UnavailableError."""
        if self._url is None:
            raise UnavailableError("this stack has no queue of webhooks")
        _called(
            self._client.send_message, QueueUrl=self._url, MessageBody=text, DelaySeconds=seconds
        )

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 - botocore makes its classes
        return client_of("sqs", self._region, READ_SECONDS, ATTEMPTS)


def _called(method: Callable[..., Any], **named: Any) -> Any:  # noqa: ANN401 - botocore's own
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - lean imports

    try:
        return method(**named)
    except (BotoCoreError, ClientError) as fault:
        raise UnavailableError(
            "AWS could not be reached to send to webhooks; it is tried again"
        ) from fault
