"""The key of signed links in memory, as Secrets Manager answers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from botocore.endpoint import Endpoint

if TYPE_CHECKING:
    import pytest

ARN = "arn:aws:secretsmanager:eu-central-1:000000000000:secret:signing-key"


class MemorySecret:
    """A secret that was never rotated, and the environment that names it."""

    def __init__(self) -> None:
        self.value = "k" * 64
        self.reads = 0

    def install(self, monkeypatch: pytest.MonkeyPatch) -> MemorySecret:
        """Answer every request to Secrets Manager of this process."""
        send = Endpoint.make_request

        def answered(endpoint: Endpoint, operation: Any, request: dict[str, Any]) -> Any:
            if operation.service_model.service_name != "secretsmanager":
                return send(endpoint, operation, request)
            self.reads += 1
            return self._answer(b"AWSCURRENT" in request["body"])

        monkeypatch.setattr(Endpoint, "make_request", answered)
        monkeypatch.setenv("SIGNING_KEY_ARN", ARN)
        return self

    def _answer(self, known: bool) -> Any:  # noqa: FBT001 - is it the current key
        status = 200 if known else 400
        told = {"ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": {}}}
        error = {"Code": "ResourceNotFoundException", "Message": "no such version"}
        answer = {"SecretString": self.value} if known else {"Error": error}
        return SimpleNamespace(status_code=status), {**answer, **told}
