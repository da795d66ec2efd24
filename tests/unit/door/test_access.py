"""Who sends a request, as the event or the invoked alias proves it."""

from __future__ import annotations

from typing import Any

import pytest

from budget_monitor.domain.errors import ForbiddenError, NotFoundError
from budget_monitor.entrypoints.door.callers.access import (
    UNPROVEN,
    Access,
    Caller,
    Token,
    caller_of,
    invoker_of,
)

ARN = "arn:aws:sts::1:assumed-role/agent/i-1"
OF_TENANT = "/tenants/{tenant_id}/usage"


def event(authorizer: Any) -> dict[str, Any]:
    return {"requestContext": {"http": {}, "authorizer": authorizer}}


@pytest.mark.parametrize("authorizer", [None, {}, [], "iam", {"iam": None}, {"iam": {}}])
def test_an_event_without_a_signer_proves_no_caller(authorizer: Any) -> None:
    assert caller_of(event(authorizer)) == UNPROVEN
    assert caller_of({"requestContext": {"http": {}}}) == UNPROVEN


def test_a_signature_of_iam_proves_an_arn() -> None:
    assert caller_of(event({"iam": {"userArn": ARN}})) == Caller(ARN)


def test_a_token_proves_its_subject_and_never_an_arn() -> None:
    found = caller_of(event({"jwt": {"claims": {"sub": ARN}, "scopes": ["a"]}, "iam": {}}))
    assert found.principal == f"jwt:{ARN}"
    assert found.token == Token({"sub": ARN}, ["a"])
    long = caller_of(event({"jwt": {"claims": {"sub": "é\n" * 500}}}))
    assert long.principal == "jwt:" + "é?" * 128


@pytest.mark.parametrize("alias", ["agents", "agents-acme", "operators", "v7"])
def test_an_alias_is_the_signer_of_a_direct_invocation(alias: str) -> None:
    assert invoker_of(alias) == Caller(f"alias:{alias}")


@pytest.mark.parametrize("qualifier", ["", "7", "$LATEST"])
def test_a_function_and_a_version_prove_no_caller(qualifier: str) -> None:
    assert invoker_of(qualifier) == UNPROVEN


def test_callers_of_iam_are_not_judged_here() -> None:
    assert Access().admitted(Caller(ARN), OF_TENANT, "set_tenant", "acme") == Caller(ARN)


def test_the_role_of_an_owner_is_noted_unless_the_token_is_an_administrators() -> None:
    def owns(scope: str) -> bool:
        token = Token({"scope": scope, "tenant_id": "acme"})
        caller = Caller("jwt:ann", token)
        return Access().admitted(caller, OF_TENANT, "tenant_usage", "acme").is_owner

    assert owns("owner")
    assert owns("agent owner auditor")
    assert not owns("owner admin")
    assert not owns("reader")


def test_a_tenant_that_is_no_id_is_another_tenant() -> None:
    caller = Caller("jwt:ann", Token({"scope": "admin", "tenant_id": "acme"}))
    for tenant in (None, "other", "acme "):
        with pytest.raises(NotFoundError):
            Access().admitted(caller, OF_TENANT, "tenant_usage", tenant)


def test_a_role_is_refused_before_the_tenant_is_asked_for() -> None:
    caller = Caller("jwt:ann", Token({"scope": "reader"}))
    with pytest.raises(ForbiddenError) as refused:
        Access().admitted(caller, OF_TENANT, "set_budget", "acme")
    assert "reader" in refused.value.message
