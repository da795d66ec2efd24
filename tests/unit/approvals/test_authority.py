"""Authority: who may approve how much, when two persons decided, and its rules as plain JSON."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.domain.approvals.authority import (
    Approver,
    Authority,
    Escalation,
    Signature,
    TimeOut,
    first_of_another,
)
from budget_monitor.domain.approvals.outcomes import Approval
from budget_monitor.domain.errors import ValidationError

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROLE = "arn:aws:iam::123456789012:role/lead"
SESSION = "arn:aws:sts::123456789012:assumed-role/lead/ana"
TOKEN = "jwt:ana@acme.example"  # noqa: S105 - a subject, no secret
FULL = Authority(
    (Approver(signer=ROLE, up_to=Decimal(50)), Approver(by="Ana"), Approver(link=True)),
    Decimal("20.5"),
    Escalation(timedelta(minutes=5), ("bo", "cy")),
    TimeOut(timedelta(hours=1), "approve", Decimal(3)),
)
AS_JSON = {
    "approvers": [
        {"signer": ROLE, "up_to_usd": "50"},
        {"by": "Ana", "up_to_usd": None},
        {"link": True, "up_to_usd": None},
    ],
    "four_eyes_above_usd": "20.5",
    "escalation": {"after_seconds": 300, "to": ["bo", "cy"]},
    "time_out": {"after_seconds": 3600, "decision": "approve", "up_to_usd": "3"},
}
NOTHING: dict[str, Any] = {
    "approvers": [],
    "four_eyes_above_usd": None,
    "escalation": None,
    "time_out": None,
}


def test_an_authority_is_kept_as_it_was_set() -> None:
    assert FULL.dump() == AS_JSON
    assert Authority.load(AS_JSON) == FULL
    assert Authority().dump() == NOTHING
    assert Authority.load(NOTHING) == Authority()
    assert FULL.says_something
    assert not Authority().says_something


def test_a_damaged_amount_of_an_authority_is_named() -> None:
    with pytest.raises(ValidationError) as refused:
        Authority.load(NOTHING | {"four_eyes_above_usd": "lots"})
    assert refused.value.field == "amount_usd"


def test_a_link_that_is_not_true_is_none() -> None:
    assert not Approver.load({"by": "ana", "link": "yes", "up_to_usd": None}).link


@pytest.mark.parametrize(
    ("one", "other", "differs"),
    [
        (Signature("ana"), Signature("bo"), True),
        (Signature("ana"), Signature("ANA "), False),
        (Signature("ana", ROLE), Signature("bo", ROLE), False),
        (Signature("ana", ROLE), Signature("bo", TOKEN), True),
        (Signature("ana", ROLE), Signature("ana", TOKEN), False),
        (Signature("ana", ROLE), Signature("bo"), True),
        (Signature("ana", None, "n1"), Signature("bo", None, "n2"), False),
        (Signature("ana", None, "n1"), Signature("bo"), True),
        (Signature("ana"), Signature("bo", None, "n2"), True),
    ],
)
def test_two_persons_are_two_names_and_two_signers_and_not_two_links(
    one: Signature, other: Signature, *, differs: bool
) -> None:
    assert one.differs_from(other) is differs


def test_the_first_approval_of_another_person_counts() -> None:
    def approval(by: str) -> Approval:
        return Approval(NOON, by, "fine", f"jwt:{by}", Decimal(1), None)

    many = [approval("ana"), approval("bo"), approval("cy")]
    who = Signature("ana", "jwt:ana")
    assert Signature.of(many[0]) == who
    assert Signature.of(replace(many[0], link="n1")).link == "n1"
    assert first_of_another(who, many) == many[1]
    assert first_of_another(who, many[:1]) is None


@pytest.mark.parametrize(
    ("approver", "who", "meant"),
    [
        (Approver(by="Ana"), Signature("ana "), True),
        (Approver(by="Ana"), Signature("bo"), False),
        (Approver(by="Ana"), Signature("ana", TOKEN), False),
        (Approver(signer=ROLE), Signature("ana"), False),
        (Approver(signer=ROLE), Signature("ana", ROLE), True),
        (Approver(signer=ROLE), Signature("ana", SESSION), True),
        (Approver(signer=ROLE[:-1]), Signature("ana", SESSION), False),
        (Approver(signer="arn:*:role/l*"), Signature("ana", SESSION), True),
        (Approver(signer=SESSION), Signature("ana", SESSION), True),
        (Approver(signer="arn:aws:iam::.*"), Signature("ana", ROLE), False),
        (Approver(signer="ana@acme.example"), Signature("x", TOKEN), True),
        (Approver(signer=TOKEN), Signature("x", TOKEN), True),
        (Approver(signer="*@acme.example"), Signature("x", TOKEN), True),
        (Approver(signer="arn:*"), Signature("x", "jwt:arn:aws:x"), False),
        (Approver(signer="jwt:*"), Signature("x", "jwt:a\nb"), True),
        (Approver(link=True), Signature("x", None, "n1"), True),
        (Approver(by="x"), Signature("x", None, "n1"), False),
        (Approver(link=True), Signature("x"), False),
        (Approver(link=True), Signature("x", ROLE), False),
    ],
)
def test_an_entry_is_for_a_name_a_signers_pattern_or_users_of_links(
    approver: Approver, who: Signature, *, meant: bool
) -> None:
    assert approver.is_for(who) is meant
    entry = replace(approver, up_to=Decimal(5))
    authority = Authority((entry, Approver(by="nobody")))
    assert authority.approvers_like(who) == ((entry,) if meant else ())


def test_without_entries_everybody_may_approve_any_amount() -> None:
    (anybody,) = Authority().approvers_like(Signature("x", ROLE))
    assert anybody.may(Decimal(10**9))


@pytest.mark.parametrize(
    ("approver", "one"),
    [
        (Approver(by="ana"), True),
        (Approver(signer=TOKEN), True),
        (Approver(signer="arn:aws:iam::123456789012:user/ana"), True),
        (Approver(signer=ROLE), False),
        (Approver(signer="jwt:*"), False),
        (Approver(link=True), False),
    ],
)
def test_a_name_and_a_signer_without_a_star_are_one_person(
    approver: Approver, *, one: bool
) -> None:
    assert approver.is_one is one


@pytest.mark.parametrize(
    ("amount", "up_to_50", "two"),
    [("50", True, True), ("50.01", False, True), ("20.5", True, False)],
)
def test_an_amount_may_be_approved_up_to_50_and_needs_two_above_20_5(
    amount: str, *, up_to_50: bool, two: bool
) -> None:
    assert FULL.approvers[0].may(Decimal(amount)) is up_to_50
    assert FULL.needs_two(Decimal(amount)) is two
    assert not Authority().needs_two(Decimal(amount))
