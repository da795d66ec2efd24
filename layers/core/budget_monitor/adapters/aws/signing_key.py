"""The key of signed links, from Secrets Manager."""

from functools import cached_property
from typing import Any

from budget_monitor.domain.errors import UnavailableError

CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 1.0, 2.0, 2
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
        from botocore.config import Config  # noqa: PLC0415 - lean imports
        from botocore.session import Session  # noqa: PLC0415

        settings = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": ATTEMPTS},
        )
        return Session().create_client("secretsmanager", region_name=self._region, config=settings)
