"""Which signers own a tenant, and what rows keep of a signer."""

from __future__ import annotations

import pytest

from budget_monitor.domain.signers import NOBODY, Owners, is_principal, signed

ROLE = "arn:aws:iam::111111111111:role/shop-owner"
SESSION = "arn:aws:sts::111111111111:assumed-role/shop-owner/maria"


def test_a_row_keeps_a_signer_only_where_there_is_one() -> None:
    assert signed(ROLE) == {"principal": ROLE}
    assert signed(None) == signed("") == {}


@pytest.mark.parametrize(
    ("principal", "signer", "owns"),
    [
        (ROLE, SESSION, True),
        (ROLE, ROLE, True),
        (ROLE, SESSION.replace("aws", "aws-cn"), False),
        (ROLE, SESSION.replace("111111111111", "222222222222"), False),
        (ROLE, SESSION.replace("shop-owner", "shop-owners"), False),
        (ROLE, "jwt:" + ROLE, False),
        ("arn:aws:iam::111111111111:role/a/b/shop-owner", SESSION, True),
        ("arn:aws:iam::111111111111:role/shop-*", SESSION, True),
        ("arn:aws:iam::111111111111:role/*-owner", SESSION, True),
        ("arn:aws:iam::111111111111:role/*-admin", SESSION, False),
        ("arn:aws:iam::*:role/shop-owner", SESSION, True),
        ("arn:aws:iam::111111111111:role/shop.owner", SESSION, False),
        ("arn:aws:iam::111111111111:user/shop-owner", SESSION, False),
        (SESSION, SESSION, True),
        (SESSION, SESSION.replace("maria", "bob"), False),
        ("jwt:auth0|ann", "jwt:auth0|ann", True),
        ("jwt:auth0|ann", "jwt:auth0|anna", False),
        ("jwt:*", "jwt:auth0|ann", False),
        ("jwt:*", "jwt:*", True),
    ],
)
def test_a_principal_is_the_signer_or_the_role_of_the_signers_session(
    principal: str, signer: str, *, owns: bool
) -> None:
    assert Owners(principals=(principal,)).include("anybody", signer) is owns
    assert Owners(contact=principal).include("anybody", signer) is owns


def test_with_principals_a_name_decides_nothing() -> None:
    owners = Owners("maria", (ROLE,))
    assert not owners.include("maria", "arn:aws:iam::111111111111:user/bob")
    assert not owners.include(ROLE, None)
    assert owners.include("bob", SESSION)


def test_a_contact_alone_is_compared_with_the_name_and_the_signer() -> None:
    owners = Owners("Maria")
    assert owners.include("maria ", None)
    assert owners.include("bob", "MARIA")
    assert not owners.include("bob", SESSION)


def test_a_tenant_without_owners_has_no_owner() -> None:
    assert not NOBODY.include("maria", SESSION)


def test_arns_and_subjects_are_principals_and_names_are_not() -> None:
    assert is_principal(ROLE)
    assert is_principal("jwt:ann")
    assert not any(map(is_principal, ("ann", "alias:agents", "JWT:ann", "")))


@pytest.mark.parametrize("signer", [None, ROLE, SESSION, "jwt:auth0|ann", "maria"])
@pytest.mark.parametrize("principals", [(), (ROLE,), ("jwt:auth0|ann",)])
@pytest.mark.parametrize("contact", [None, "maria", ROLE])
def test_what_a_request_says_in_by_only_ever_refuses(
    contact: str | None, principals: tuple[str, ...], signer: str | None
) -> None:
    owners = Owners(contact, principals)
    by_signer = owners.include("", signer)
    for by in ("maria", "bob", ROLE, SESSION, "jwt:auth0|ann"):
        assert owners.include(by, signer) or not by_signer
