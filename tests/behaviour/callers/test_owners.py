"""The owner rule is judged by who signed the request, through every door that proves it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.callers.tokens import TokenDoor
from tests.support.doors.doors import Answer, DirectDoor, Door, HttpDoor
from tests.support.doors.http_events import Body
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import WHO, cap, lift, set_budget

FORBIDDEN = ("FORBIDDEN", "by")
ROLE = "arn:aws:iam::000000000000:role/shop-owner"
SESSION = "arn:aws:sts::000000000000:assumed-role/shop-owner/maria"


class SignedDoor(HttpDoor):
    """The HTTP door for a request that this ARN signed."""

    def __init__(self, arn: str) -> None:
        self.arn = arn

    def _invoke(self, operation: str, event: Body) -> Answer:
        event["requestContext"]["authorizer"]["iam"]["userArn"] = self.arn
        return super()._invoke(operation, event)


def owned(by: list[str] | None, door: Door | None = None, **fields: Any) -> Tenant:
    """A tenant that these principals own."""
    tenant = Tenant(door or DirectDoor())
    tenant.call("set_tenant", owners=by, **fields, **WHO).body  # noqa: B018
    return tenant


def loosens(tenant: Tenant, door: Door, **who: str) -> tuple[str | None, str | None]:
    """How a raise of the tenant's month is refused."""
    return lift(tenant.through(door), "tenant-month", "1", **who).refusal


@pytest.mark.parametrize(
    "pattern",
    [
        ROLE,
        ROLE.upper().replace("ARN:AWS:IAM", "arn:aws:iam").replace("ROLE/", "role/"),
        "arn:aws:iam::000000000000:role/teams/shop/shop-owner",
        "arn:aws:iam::000000000000:role/shop-*",
        "arn:aws:iam::*:role/shop-owner",
        SESSION,
        "arn:aws:sts::000000000000:assumed-role/shop-owner/*",
    ],
)
def test_a_session_of_the_owners_role_is_the_owner_whatever_it_says_in_by(
    cloud: MemoryCloud, pattern: str
) -> None:
    tenant = owned([pattern])
    for by in ("maria", "somebody", "shop-owner"):
        assert loosens(tenant, SignedDoor(SESSION), by=by) == FORBIDDEN


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:sts::000000000000:assumed-role/shop-owner2/maria",
        "arn:aws:sts::000000000000:assumed-role/my-shop-owner/maria",
        "arn:aws:sts::111111111111:assumed-role/shop-owner/maria",
        "arn:aws:sts::000000000000:assumed-role/admin/shop-owner",
        "arn:aws:iam::000000000000:user/shop-owner",
    ],
)
def test_another_role_is_not_the_owner_even_if_it_says_so(cloud: MemoryCloud, arn: str) -> None:
    tenant = owned([ROLE], owner="maria")
    for by in ("maria", ROLE, SESSION):
        assert loosens(tenant, SignedDoor(arn), by=by) == (None, None)


def test_the_subject_of_a_token_is_the_owner_and_no_arn_can_be_it(cloud: MemoryCloud) -> None:
    tenant = owned(["jwt:auth0|ann", ROLE])

    def subject(name: str) -> TokenDoor:
        return TokenDoor(roles=("admin",), claims={"tenant_id": None, "sub": name})

    assert loosens(tenant, subject("auth0|ann"), by="somebody") == FORBIDDEN
    for name in ("auth0|bob", "auth0|ann2", SESSION, ROLE, "jwt:auth0|ann"):
        assert loosens(tenant, subject(name), by="auth0|ann") == (None, None)
    assert loosens(tenant, SignedDoor("jwt:auth0|ann2")) == (None, None)


def test_a_star_in_a_subject_stands_for_itself(cloud: MemoryCloud) -> None:
    tenant = owned(["jwt:*"])
    everybody = TokenDoor(roles=("admin",), claims={"tenant_id": None})
    assert loosens(tenant, everybody) == (None, None)


def test_a_token_with_the_role_of_an_owner_loosens_no_budget_without_any_setting(
    cloud: MemoryCloud,
) -> None:
    tenant = Tenant(DirectDoor())
    cap(tenant, "5")
    owner = tenant.through(TokenDoor(roles=("owner",), tenant=tenant.id))
    assert cap(owner, "6").refusal == FORBIDDEN
    assert set_budget(owner, "tenant-month", "2000").refusal == FORBIDDEN
    assert owner.call("delete_budget", budget_id="cap", **WHO).refusal == FORBIDDEN
    assert cap(owner, "4").error is None
    flow = {"workflow_execution_id": "flow"}
    owner.call("pause", **flow, **WHO).body  # noqa: B018
    assert owner.call("resume", **flow, limit_usd="70", **WHO).refusal == FORBIDDEN
    assert owner.call("resume", **flow, **WHO).error is None
    both = tenant.through(TokenDoor(roles=("owner", "admin"), tenant=tenant.id))
    assert cap(both, "6").error is None


def test_an_owner_refunds_nothing_by_any_name(cloud: MemoryCloud) -> None:
    tenant = owned([ROLE])
    entry = tenant.spend("5", agent_execution_id="r")
    owner, other = (tenant.through(SignedDoor(one)) for one in (SESSION, SESSION + "2"))
    assert owner.adjust(entry, "-1", by="the provider").refusal == FORBIDDEN
    assert owner.adjust(entry, "1", by="the provider").error is None
    stranger = tenant.through(SignedDoor("arn:aws:sts::000000000000:assumed-role/ops/zoe"))
    assert other.adjust(entry, "-1").refusal == FORBIDDEN
    assert stranger.adjust(entry, "-1", by="shop-owner").error is None


def test_an_owner_cannot_take_itself_out_of_the_list(cloud: MemoryCloud) -> None:
    tenant = owned([ROLE])
    owner = tenant.through(SignedDoor(SESSION))
    changes: tuple[dict[str, Any], ...] = (
        {"owners": None},
        {"owners": []},
        {"owners": ["jwt:else"]},
        {"owner": "bob"},
    )
    for change in changes:
        assert owner.call("set_tenant", **change, **WHO).refusal == FORBIDDEN
    assert owner.call("set_tenant", owners=[ROLE], **WHO).error is None
    shown = tenant.call("set_tenant", owners=None, **WHO).body
    assert shown["owners"] == []
    assert loosens(tenant, SignedDoor(SESSION)) == (None, None)


def test_the_list_is_shown_and_stays_where_it_is_left_out(tenant: Tenant) -> None:
    assert tenant.call("get_tenant").body["owners"] == []
    tenant.call("set_tenant", owners=["jwt:b", ROLE, "jwt:b"], **WHO).body  # noqa: B018
    tenant.call("set_tenant", time_zone="Europe/Berlin", **WHO).body  # noqa: B018
    assert tenant.call("get_tenant").body["owners"] == ["jwt:b", ROLE]


def test_a_contact_that_is_a_principal_is_judged_by_the_signer(cloud: MemoryCloud) -> None:
    tenant = owned(None, owner=ROLE)
    assert loosens(tenant, SignedDoor(SESSION), by="somebody") == FORBIDDEN
    assert loosens(tenant, DirectDoor(), by=ROLE) == (None, None)


def test_nothing_proves_who_invokes_a_function_directly(cloud: MemoryCloud) -> None:
    tenant = owned([ROLE], owner="maria")
    assert loosens(tenant, DirectDoor(), by="maria") == (None, None)


@pytest.mark.parametrize(
    ("owners", "field"),
    [
        ("jwt:ann", "owners"),
        (["ann"], "owners[0]"),
        (["jwt:ann", "arn:aws:s3:::bucket"], "owners[1]"),
        (["jwt:"], "owners[0]"),
        ([7], "owners[0]"),
        (["arn:aws:iam::000000000000:role/a\nb"], "owners[0]"),
        ([f"jwt:{n}" for n in range(11)], "owners"),
    ],
)
def test_owners_that_are_no_principals_are_refused(
    tenant: Tenant, cloud: MemoryCloud, owners: Any, field: str
) -> None:
    before = cloud.rows()
    answer = tenant.call("set_tenant", owners=owners, **WHO)
    assert answer.refusal == ("VALIDATION_ERROR", field)
    assert cloud.rows() == before
