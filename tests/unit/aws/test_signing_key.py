"""The key of signed links in Secrets Manager: read once, and every fault is a named error."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.endpoint import Endpoint
from botocore.exceptions import EndpointConnectionError

from budget_monitor.adapters.aws.signing_key import CURRENT, PREVIOUS, SigningKey
from budget_monitor.domain.errors import UnavailableError

ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:signing-key"


class Secret:
    """A secret with a value at each stage."""

    def __init__(self, **values: str) -> None:
        self.values, self.code, self.asked = values, "ResourceNotFoundException", list[str]()

    def answer(self, request: Any, *_: object) -> Any:
        asked = json.loads(request.body)
        assert asked["SecretId"] == ARN
        self.asked.append(asked["VersionStage"])
        found = self.values.get(asked["VersionStage"])
        response = AWSResponse(request.url, 200 if found else 400, HTTPHeaders(), None)
        if found is None:
            return (response, {"Error": {"Code": self.code}, "ResponseMetadata": {}}), None
        return (response, {"SecretString": found, "ResponseMetadata": {}}), None


@pytest.fixture
def secret(clean_environment: None, monkeypatch: pytest.MonkeyPatch) -> Secret:
    """A secret that was never rotated."""
    secret = Secret(AWSCURRENT="first")
    monkeypatch.setattr(Endpoint, "_get_response", secret.answer)
    return secret


def test_the_key_is_read_once_and_before_a_rotation_there_is_one(secret: Secret) -> None:
    key = SigningKey(ARN, "us-east-1")
    assert key.current == b"first"
    assert key.keys == (b"first",)
    assert secret.asked == [CURRENT, PREVIOUS]


def test_after_a_rotation_the_previous_key_comes_second(secret: Secret) -> None:
    secret.values = {CURRENT: "second", PREVIOUS: "first"}
    assert SigningKey(ARN, "us-east-1").keys == (b"second", b"first")


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException"])
def test_a_secret_that_cannot_be_read_is_unavailable(secret: Secret, code: str) -> None:
    secret.values, secret.code = {}, code
    with pytest.raises(UnavailableError, match="the key of signed links cannot be read now"):
        _ = SigningKey(ARN, "us-east-1").current


def test_a_service_out_of_reach_is_unavailable(
    secret: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://secretsmanager")

    monkeypatch.setattr(Endpoint, "make_request", unreachable)
    with pytest.raises(UnavailableError, match="cannot be read now"):
        _ = SigningKey(ARN, "us-east-1").keys


def test_a_stack_without_a_key_says_so(clean_environment: None) -> None:
    with pytest.raises(UnavailableError, match="this stack has no key for signed links"):
        _ = SigningKey(None, "us-east-1").current
