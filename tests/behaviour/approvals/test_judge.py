"""The approving transaction enforces who may, up to how much, and four eyes."""

from __future__ import annotations

import pytest

from tests.support.approvals.asking import MARIA, approve, ask, deny, read, set_authority
from tests.support.builders import Tenant
from tests.support.doors.doors import HttpDoor
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import budgets

pytestmark = pytest.mark.usefixtures("hurried")


@pytest.fixture
def acme(acme: Tenant) -> Tenant:
    """The tenant with an open request for 5 USD."""
    ask(acme, "5", request_id="ask-1", budget_id="cap")
    return acme


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
