"""Invoke other Lambda functions and wait for what they answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from budget_monitor.config import InterceptingConfig
from budget_monitor.domain import errors

_NAMED = {
    name: one
    for name, one in vars(errors).items()
    if isinstance(one, type) and issubclass(one, errors.BudgetMonitorError)
}


class LambdaFunctions:
    """The `Functions` port on synchronous invocations."""

    def __init__(self, config: InterceptingConfig) -> None:
        self._config = config
        settings = ClientConfig(
            connect_timeout=1, read_timeout=25, retries={"total_max_attempts": 3}
        )
        self._client: Any = Session().create_client(
            "lambda", region_name=config.region, config=settings
        )

    def checking(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Invoke checking."""
        return self._invoked(self._config.checking_arn, event)

    def tracking(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Invoke tracking."""
        return self._invoked(self._config.tracking_arn, event)

    def next_interceptor(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Invoke the next interceptor. Raises UnavailableError if it fails or there is none."""
        if self._config.next_arn is None:
            raise errors.ConfigurationError("there is no next interceptor")
        return self._invoked(self._config.next_arn, event)

    def _invoked(self, arn: str, event: Mapping[str, Any]) -> dict[str, Any]:
        try:
            answer = self._client.invoke(FunctionName=arn, Payload=json.dumps(event))
            found: dict[str, Any] = json.loads(answer["Payload"].read())
        except (BotoCoreError, ClientError, ValueError) as fault:
            raise errors.UnavailableError("a function could not be invoked; try again") from fault
        if answer.get("FunctionError"):
            kind = _NAMED.get(str(found.get("errorType")), errors.UnavailableError)
            raise kind(str(found.get("errorMessage")))
        return found
