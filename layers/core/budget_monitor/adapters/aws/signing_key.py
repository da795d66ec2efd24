"""The key of signed links, from Secrets Manager."""

from functools import cached_property
from typing import Any

from budget_monitor.adapters.aws.clients import client_of
from budget_monitor.domain.errors import UnavailableError

READ_SECONDS, ATTEMPTS = 2.0, 2
CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"


class SigningKey:
    """The keys that sign and verify links. They are read once, at the first use."""

    def __init__(self, arn: str | None, region: str) -> None:
        self._arn = arn
        self._region = region

    @property
    def current(self) -> bytes:
        """The key that signs. Raises UnavailableError."""
        return self.keys[0]

    @cached_property
    def keys(self) -> tuple[bytes, ...]:
        """The key that signs, and the one before it if there was a rotation.

        A process keeps them until it ends. Raises UnavailableError.
        """
        current, previous = self._read(CURRENT), self._read(PREVIOUS)
        if current is None:
            raise UnavailableError("the key of signed links cannot be read now")
        return (current,) if previous is None else (current, previous)

    def _read(self, stage: str) -> bytes | None:
        """The key at this stage, or None if there is none."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - lean imports

        if self._arn is None:
            raise UnavailableError("this stack has no key for signed links")
        try:
            found = self._client.get_secret_value(SecretId=self._arn, VersionStage=stage)
        except ClientError as fault:
            if fault.response.get("Error", {}).get("Code") == "ResourceNotFoundException":
                return None
            raise UnavailableError("the key of signed links cannot be read now") from fault
        except BotoCoreError as fault:
            raise UnavailableError("the key of signed links cannot be read now") from fault
        return str(found["SecretString"]).encode()

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 - botocore makes its classes
        return client_of("secretsmanager", self._region, READ_SECONDS, ATTEMPTS)
