"""Start further invocations of the current Lambda function."""

import json
from collections.abc import Mapping
from typing import Any

from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from budget_monitor.config import Config
from budget_monitor.domain.errors import ConfigurationError, UnavailableError


class SelfInvoke:
    """The `Relay` port on asynchronous invocations, which Lambda queues and retries."""

    def __init__(self, config: Config) -> None:
        self._name = config.function_name
        self._region = config.region
        self._client: Any = None

    def pass_on(self, event: Mapping[str, Any]) -> None:
        """Start another invocation with the event. Raises UnavailableError if not accepted."""
        if self._name is None:
            raise ConfigurationError("only a deployed function can ask for another invocation")
        try:
            self._opened().invoke(
                FunctionName=self._name, InvocationType="Event", Payload=json.dumps(event)
            )
        except (BotoCoreError, ClientError) as fault:
            raise UnavailableError("the work could not be passed on; try again") from fault

    def _opened(self) -> Any:  # noqa: ANN401 - botocore makes its classes
        if self._client is None:
            settings = ClientConfig(
                connect_timeout=1, read_timeout=5, retries={"total_max_attempts": 4}
            )
            self._client = Session().create_client(
                "lambda", region_name=self._region, config=settings
            )
        return self._client
