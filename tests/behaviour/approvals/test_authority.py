"""Who may approve up to how much: people set it, and the approving transaction enforces it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.approvals.asking import MARIA, approve, ask, deny, read
from tests.support.builders import Tenant
from tests.support.doors import http_events
from tests.support.doors.doors import Answer, DirectDoor, HttpDoor
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import budgets, cap

pytestmark = pytest.mark.usefixtures("hurried")
LEAD = "arn:aws:iam::123456789012:role/Lead"
SESSION = "arn:aws:sts::123456789012:assumed-role/Lead/maria"
OTHERS = "arn:aws:sts::123456789012:assumed-role/Leads/maria"


def set_authority(tenant: Tenant, *approvers: dict[str, Any], **rules: Any) -> Answer:
    given: dict[str, Any] = {"approvers": list(approvers)} if approvers else {}
    return tenant.call("set_authority", **given, **MARIA | rules)


def signed_as(monkeypatch: pytest.MonkeyPatch, authorizer: dict[str, Any]) -> None:
    """Let API Gateway know the callers of the HTTP door so."""
    event = json.loads(http_events.ENVELOPE)
    event["requestContext"]["authorizer"] = authorizer
    monkeypatch.setattr(http_events, "ENVELOPE", json.dumps(event))


@pytest.fixture
def acme(cloud: MemoryCloud) -> Tenant:
    """A tenant whose callers have no signer: direct invocations."""
    tenant = Tenant(DirectDoor(), "acme")
    cap(tenant, "2", period="month")
    ask(tenant, "5", request_id="ask-1", budget_id="cap")
    return tenant


def test_what_was_set_is_read_back(tenant: Tenant) -> None:
    rules: dict[str, Any] = {
        "four_eyes_above_usd": "50",
        "escalation": {"after_seconds": 3600, "to": ["head"]},
        "time_out": {"after_seconds": 7200, "decision": "approve", "up_to_usd": "5"},
    }
    made = set_authority(tenant, {"by": "maria", "up_to_usd": "100"}, {"signer": LEAD}, **rules)
    shown = tenant.call("get_authority").body
    assert shown == {**made.body, "replayed": False}
    assert shown["approvers"] == [
        {"by": "maria", "up_to_usd": "100"},
        {"signer": LEAD, "up_to_usd": None},
    ]
    assert {name: shown[name] for name in rules} == rules | {
        "escalation": {"after_seconds": 3600, "to": ["head"]}
    }
    assert (shown["source"], shown["version"]) == ("tenant", 1)


def test_without_rules_everybody_who_may_call_approve_may(tenant: Tenant) -> None:
    shown = tenant.call("get_authority").body
    assert (shown["approvers"], shown["source"]) == ([], "default")
    set_authority(tenant, {"by": "maria"})
    cleared = set_authority(tenant).body
    assert (cleared["approvers"], cleared["source"]) == ([], "default")


def test_the_systems_rules_apply_until_a_tenant_has_its_own(acme: Tenant) -> None:
    acme.door.call("set_system_authority", approvers=[{"by": "paul"}], **MARIA)
    assert acme.call("get_authority").body["source"] == "system"
    assert approve(acme, "ask-1").error == "FORBIDDEN"
    set_authority(acme, {"by": "maria"})
    assert approve(acme, "ask-1", by="paul").error == "FORBIDDEN"
    assert approve(acme, "ask-1").body["state"] == "approved"


def test_an_approver_of_3_usd_approves_3_of_5_and_no_more(acme: Tenant, cloud: MemoryCloud) -> None:
    set_authority(acme, {"by": "Maria", "up_to_usd": "3"})
    refused = approve(acme, "ask-1")
    assert (refused.error, refused.field) == ("FORBIDDEN", "amount_usd")
    assert "maria may approve up to 3 USD" in refused.message
    assert approve(acme, "ask-1", amount_usd="3").body["decision"]["amount_usd"] == "3"
    assert budgets(acme)["cap"]["limit_usd"] == "5"
    assert not differences(cloud.rows())


def test_who_is_no_approver_neither_approves_nor_denies(acme: Tenant) -> None:
    set_authority(acme, {"by": "paul"})
    for answer in (approve(acme, "ask-1"), deny(acme, "ask-1")):
        assert (answer.error, answer.field) == ("FORBIDDEN", "by")
    assert read(acme, "ask-1")["state"] == "open"
    assert deny(acme, "ask-1", by="paul").body["state"] == "denied"


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
        signed_as(monkeypatch, {"jwt": {"claims": {"sub": subject}, "scopes": None}})
        answer = approve(http, "ask-1")
        assert answer.error == error
    assert answer.body["decision"]["principal"] == "auth0|lead-7"


def test_a_name_counts_for_nothing_where_a_signer_is_known(acme: Tenant) -> None:
    set_authority(acme, {"by": "maria"})
    assert approve(acme.through(HttpDoor()), "ask-1").error == "FORBIDDEN"


@pytest.mark.parametrize("budget_id", ["cap", "execution"])
def test_above_4_usd_the_second_of_two_approvers_completes_with_the_lower_amount(
    acme: Tenant, cloud: MemoryCloud, budget_id: str
) -> None:
    set_authority(acme, four_eyes_above_usd="4")
    ask(acme, "9", request_id="ask-2", budget_id=budget_id, agent_execution_id="run-2")
    first = approve(acme, "ask-2", amount_usd="8")
    assert first.has_status(200)
    assert (first.body["state"], first.body["decision"]) == ("open", None)
    (given,) = first.body["approvals"]
    assert (given["by"], given["amount_usd"]) == ("maria", "8")
    again = approve(acme, "ask-2", amount_usd="8")
    assert again.body == {**first.body, "replayed": True}
    own = approve(acme, "ask-2", amount_usd="9")
    assert (own.error, own.field) == ("FORBIDDEN", "by")
    second = approve(acme, "ask-2", by="paul").body
    assert (second["state"], second["decision"]["amount_usd"]) == ("approved", "8")
    assert approve(acme, "ask-2", by="paul").body["replayed"]
    kinds = [one["kind"] for one in acme.call("alerts").body["items"]]
    assert kinds.count("second_approver_needed") == 1
    assert not differences(cloud.rows())


def test_one_approver_suffices_for_4_usd_and_a_denial_needs_one(acme: Tenant) -> None:
    set_authority(acme, four_eyes_above_usd="4")
    approve(acme, "ask-1")
    assert approve(acme, "ask-1", amount_usd="4").body["decision"]["amount_usd"] == "4"
    ask(acme, "5", request_id="ask-2", budget_id="cap")
    approve(acme, "ask-2")
    assert deny(acme, "ask-2", by="paul").body["state"] == "denied"


def test_two_names_of_one_signer_are_one_approver(acme: Tenant) -> None:
    set_authority(acme, four_eyes_above_usd="4")
    http = acme.through(HttpDoor())
    approve(http, "ask-1")
    assert approve(http, "ask-1", by="paul").error == "FORBIDDEN"
    assert approve(acme, "ask-1", by="MARIA").error == "FORBIDDEN"
    assert approve(acme, "ask-1", by="paul").body["state"] == "approved"


def test_rules_that_change_between_two_approvals_are_those_of_the_second(acme: Tenant) -> None:
    set_authority(acme, four_eyes_above_usd="4")
    approve(acme, "ask-1")
    set_authority(acme, {"by": "olga"})
    assert approve(acme, "ask-1", by="paul").error == "FORBIDDEN"
    assert approve(acme, "ask-1", by="olga").body["state"] == "approved"


ANY = {"by": "maria"}


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        ({"approvers": []}, "approvers"),
        ({"approvers": [{}]}, "approvers[0].signer"),
        ({"approvers": [ANY, {"by": "a", "signer": "b"}]}, "approvers[1].signer"),
        ({"approvers": [{"by": "a", "up_to_usd": "0"}]}, "approvers[0].up_to_usd"),
        ({"approvers": [{"by": "a", "most": "1"}]}, "approvers[0].most"),
        ({"approvers": [{"signer": "arn:aws:s3:::bucket"}]}, "approvers[0].signer"),
        ({"approvers": [{"signer": "arn:aws:iam::12:role/x"}]}, "approvers[0].signer"),
        ({"four_eyes_above_usd": "0"}, "four_eyes_above_usd"),
        ({"approvers": [ANY], "four_eyes_above_usd": "5"}, "four_eyes_above_usd"),
        ({"approvers": [{"link": True}], "four_eyes_above_usd": "5"}, "four_eyes_above_usd"),
        ({"escalation": {"after_seconds": 3600}}, "escalation.to"),
        ({"escalation": {"to": ["x"]}}, "escalation.after_seconds"),
        ({"escalation": {"after_seconds": 59, "to": ["x"]}}, "escalation.after_seconds"),
        ({"time_out": {"after_seconds": 60}}, "time_out.decision"),
        ({"time_out": {"after_seconds": 60, "decision": "allow"}}, "time_out.decision"),
        ({"time_out": {"after_seconds": 60, "decision": "approve"}}, "time_out.up_to_usd"),
        (
            {"time_out": {"after_seconds": 60, "decision": "deny", "up_to_usd": "1"}},
            "time_out.up_to_usd",
        ),
        (
            {
                "four_eyes_above_usd": "5",
                "time_out": {"after_seconds": 60, "decision": "approve", "up_to_usd": "6"},
            },
            "time_out.up_to_usd",
        ),
        (
            {
                "escalation": {"after_seconds": 60, "to": ["x"]},
                "time_out": {"after_seconds": 60, "decision": "deny"},
            },
            "escalation.after_seconds",
        ),
    ],
)
def test_rules_that_cannot_be_met_are_refused_by_the_name_of_their_field(
    tenant: Tenant, rules: dict[str, Any], field: str
) -> None:
    answer = tenant.call("set_authority", **rules, **MARIA)
    assert (answer.error, answer.field) == ("VALIDATION_ERROR", field)
    assert tenant.call("get_authority").body["source"] == "default"


def test_an_authority_of_the_owner_alone_matches_nobody(tenant: Tenant) -> None:
    tenant.call("set_tenant", owner="Olga", by="paul", reason="she leads it")
    answer = set_authority(tenant, {"by": "olga"})
    assert (answer.error, answer.field) == ("VALIDATION_ERROR", "approvers")
    assert "matches nobody" in answer.message
    assert set_authority(tenant, by="olga").error == "FORBIDDEN"


def test_a_gap_above_the_highest_amount_is_said(tenant: Tenant) -> None:
    made = set_authority(tenant, {"signer": LEAD, "up_to_usd": "100"}).body
    assert made["warnings"] == [
        "nobody may approve more than 100 USD; such a request can only be approved in part"
    ]
