"""Who may approve is set by people: what is accepted is enforced."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.approvals.asking import MARIA, set_authority
from tests.support.builders import Tenant

pytestmark = pytest.mark.usefixtures("hurried")
LEAD = "arn:aws:iam::123456789012:role/Lead"
ANY = {"by": "maria"}


def test_what_was_set_is_read_back(tenant: Tenant) -> None:
    rules: dict[str, Any] = {
        "four_eyes_above_usd": "50",
        "escalation": {"after_seconds": 3600, "to": ["head"]},
        "time_out": {"after_seconds": 7200, "decision": "approve", "up_to_usd": "5"},
    }
    made = set_authority(tenant, {"by": "maria", "up_to_usd": "100"}, {"signer": LEAD}, **rules)
    shown = tenant.call("get_authority").body
    assert shown == {k: v for k, v in made.body.items() if k != "principal"}
    assert shown["approvers"] == [
        {"by": "maria", "up_to_usd": "100"},
        {"signer": LEAD, "up_to_usd": None},
    ]
    assert {name: shown[name] for name in rules} == rules | {
        "escalation": {"after_seconds": 3600, "to": ["head"]}
    }
    assert (shown["source"], shown["version"]) == ("tenant", 1)


def test_without_rules_everyone_who_may_call_approve_may(tenant: Tenant) -> None:
    shown = tenant.call("get_authority").body
    assert (shown["approvers"], shown["source"]) == ([], "default")
    set_authority(tenant, {"by": "maria"})
    cleared = set_authority(tenant).body
    assert (cleared["approvers"], cleared["source"]) == ([], "default")


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


def test_an_authority_of_the_owner_alone_matches_no_one(tenant: Tenant) -> None:
    tenant.call("set_tenant", owner="Olga", by="paul", reason="she leads it")
    answer = set_authority(tenant, {"by": "olga"})
    assert (answer.error, answer.field) == ("VALIDATION_ERROR", "approvers")
    assert "has no one else" in answer.message
    assert set_authority(tenant, by="olga").error == "FORBIDDEN"


def test_a_gap_above_the_highest_amount_is_said(tenant: Tenant) -> None:
    made = set_authority(tenant, {"signer": LEAD, "up_to_usd": "100"}).body
    assert made["warnings"] == [
        "no one may approve more than 100 USD; such a request can only be approved in part"
    ]
