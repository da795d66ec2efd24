"""An approver is found by signer, by name, or by link."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.approvals.asking import approve, ask, set_authority
from tests.support.builders import Tenant
from tests.support.callers.tokens import authorizer
from tests.support.doors import http_events
from tests.support.doors.doors import HttpDoor

pytestmark = pytest.mark.usefixtures("hurried")
LEAD = "arn:aws:iam::123456789012:role/Lead"
SESSION = "arn:aws:sts::123456789012:assumed-role/Lead/maria"
OTHERS = "arn:aws:sts::123456789012:assumed-role/Leads/maria"


@pytest.fixture
def acme(acme: Tenant) -> Tenant:
    """The tenant with an open request for 5 USD."""
    ask(acme, "5", request_id="ask-1", budget_id="cap")
    return acme


def signed_as(monkeypatch: pytest.MonkeyPatch, authorizer: dict[str, Any]) -> None:
    """Let API Gateway know the callers of the HTTP door so."""
    event = json.loads(http_events.ENVELOPE)
    event["requestContext"]["authorizer"] = authorizer
    monkeypatch.setattr(http_events, "ENVELOPE", json.dumps(event))


@pytest.mark.parametrize(
    ("signer", "pattern", "may"),
    [
        (SESSION, LEAD, True),
        (SESSION, "arn:aws:iam::123456789012:role/L*d", True),
        (SESSION, "arn:aws:sts::123456789012:assumed-role/Lead/*", True),
        (OTHERS, LEAD, False),
        ("arn:aws:iam::123456789012:user/maria", "arn:aws:iam::*:user/*", True),
        ("arn:aws:sts::210987654321:assumed-role/Lead/maria", LEAD, False),
    ],
)
def test_a_signer_is_matched_by_its_arn_or_the_arn_of_its_role(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch, signer: str, pattern: str, *, may: bool
) -> None:
    set_authority(acme, {"signer": pattern})
    signed_as(monkeypatch, {"iam": {"userArn": signer}})
    answer = approve(acme.through(HttpDoor()), "ask-1")
    assert (answer.error is None) == may


def test_a_jwt_is_matched_by_its_subject(acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    set_authority(acme, {"signer": "auth0|lead-*"})
    http = acme.through(HttpDoor())
    for subject, error in (("auth0|dev-7", "FORBIDDEN"), ("auth0|lead-7", None)):
        signed_as(monkeypatch, authorizer({"sub": subject, "scope": "admin"}))
        answer = approve(http, "ask-1")
        assert answer.error == error
    assert answer.body["decision"]["principal"] == "jwt:auth0|lead-7"


def test_a_subject_that_looks_like_an_arn_is_no_arn(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_authority(acme, {"signer": LEAD})
    signed_as(monkeypatch, authorizer({"sub": LEAD, "scope": "admin"}))
    assert approve(acme.through(HttpDoor()), "ask-1").error == "FORBIDDEN"


def test_a_name_counts_for_nothing_where_a_signer_is_known(acme: Tenant) -> None:
    set_authority(acme, {"by": "maria"})
    assert approve(acme.through(HttpDoor()), "ask-1").error == "FORBIDDEN"
