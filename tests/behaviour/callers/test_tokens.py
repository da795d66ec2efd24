"""A token's roles and its tenant decide what its holder may ask for, by the table of roles."""

from __future__ import annotations

from typing import Any

import pytest

from budget_monitor.domain.roles import BOUND_TO_A_TENANT, OPEN, OPERATIONS_OF, ROLE_OF_SCOPE
from tests.support.callers.tokens import TokenDoor, authorizer
from tests.support.cloud import Cloud
from tests.support.doors.doors import asked
from tests.support.doors.http_events import catch_all_event, http_event
from tests.support.doors.routes import ROUTES

SCOPES = sorted(ROLE_OF_SCOPE)
IDS = {"id": "one", "reservation_id": "one", "entry_id": "one", "budget_id": "one"}
IDS |= {"request_id": "one", "raise_id": "one"}
ACME = {"tenant_id": "acme"}


def call(operation: str, tenant: str = "acme", **claims: Any) -> tuple[int, str | None, str]:
    """Status, error and message of a request without a body, with a token of these claims."""
    route = ROUTES[operation]
    values = {**IDS, "tenant_id": tenant}
    event = http_event(route, {name: values[name] for name in route.placeholders})
    event["requestContext"]["authorizer"] = authorizer(claims)
    status, body, _ = asked(route.function, event)
    return status, body.get("error"), str(body.get("message"))


def of_a_tenant(operation: str) -> bool:
    return "{tenant_id}" in ROUTES[operation].path


@pytest.mark.parametrize("operation", ROUTES)
def test_each_role_reaches_the_operations_of_its_row_in_the_table_and_no_other(
    cloud: Cloud, operation: str
) -> None:
    for scope in SCOPES:
        role = ROLE_OF_SCOPE[scope]
        claims = {"scope": scope, **(ACME if role in BOUND_TO_A_TENANT else {})}
        status, error, message = call(operation, **claims)
        if operation in OPERATIONS_OF[role]:
            assert status not in {403, 500}, (scope, message)
        else:
            assert (status, error) == (403, "FORBIDDEN"), scope
            assert operation in message
            assert scope in message or role in message


@pytest.mark.parametrize("operation", [one for one in ROUTES if of_a_tenant(one)])
def test_the_id_of_another_tenant_is_a_404_whatever_the_role(cloud: Cloud, operation: str) -> None:
    before = cloud.rows()
    for scope in SCOPES:
        for other in ("other", "Acme", "acme2", "acm", "%2A"):
            found = call(operation, other, scope=scope, **ACME)
            assert found == (404, "NOT_FOUND", "no such tenant"), (scope, other)
    assert cloud.rows() == before


@pytest.mark.parametrize("operation", [one for one in ROUTES if not of_a_tenant(one)])
def test_a_token_of_one_tenant_reaches_nothing_of_all_tenants(cloud: Cloud, operation: str) -> None:
    for scope in SCOPES:
        status, error, _ = call(operation, scope=scope, **ACME)
        if operation in OPEN:
            assert status in {200, 400}
        else:
            assert (status, error) == (403, "FORBIDDEN")


@pytest.mark.parametrize(
    "scope", [one for one in SCOPES if ROLE_OF_SCOPE[one] in BOUND_TO_A_TENANT]
)
def test_a_role_of_one_tenant_needs_the_claim_that_names_it(cloud: Cloud, scope: str) -> None:
    status, error, message = call("tenant_usage" if scope != "agent" else "check", scope=scope)
    assert (status, error) == (403, "FORBIDDEN")
    assert message == "the token names no tenant (claim tenant_id)"


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"scope": ""},
        {"scope": "openid profile"},
        {"scope": "Admin ADMIN administrator admin2 operator admin,reader"},
        {"scope": "other-api/admin budget:admin"},
        {"roles": "admin", "cognito:groups": "[admin]"},
        {"scope": {"admin": True}},
        {"scope": 7},
    ],
)
def test_a_token_without_a_scope_of_a_role_reaches_nothing(
    cloud: Cloud, claims: dict[str, Any]
) -> None:
    for operation in ("tenant_usage", "openapi", "set_tenant"):
        status, error, message = call(operation, **ACME, **claims)
        assert (status, error) == (403, "FORBIDDEN")
        assert message == f"{operation} needs another role than the token's: none"


@pytest.mark.parametrize(
    "claims",
    [
        {"scope": "openid reader"},
        {"scp": "reader"},
        {"scp": "[openid reader]"},
        {"scope": ["openid", "reader"]},
    ],
)
def test_scopes_are_read_from_each_form_that_issuers_give_them(
    cloud: Cloud, claims: dict[str, Any]
) -> None:
    assert call("tenant_usage", **ACME, **claims)[0] == 200


def test_scopes_that_the_route_lists_count_too(cloud: Cloud) -> None:
    event = http_event(ROUTES["tenant_usage"], ACME)
    event["requestContext"]["authorizer"] = authorizer(ACME, scopes=["reader"])
    assert asked("reporting", event)[0] == 200


@pytest.mark.parametrize("tenant", ["", "a/b", "[acme other]", "*", "acme ", 7, ["acme"]])
def test_a_claim_that_is_no_id_of_a_tenant_reaches_nothing(cloud: Cloud, tenant: Any) -> None:
    for scope in SCOPES:
        status, error, message = call("get_tenant", scope=scope, tenant_id=tenant)
        assert (status, error) == (403, "FORBIDDEN")
        assert "tenant_id" in message


def test_a_token_without_a_subject_reaches_nothing(cloud: Cloud) -> None:
    for subject in (None, ""):
        status, error, message = call("tenant_usage", scope="admin", sub=subject)
        assert (status, error) == (403, "FORBIDDEN")
        assert message == "the token names no subject (claim sub)"


@pytest.mark.parametrize("jwt", [None, {}, [], {"claims": None, "scopes": None}, {"claims": "x"}])
def test_a_damaged_token_is_no_request_of_iam(cloud: Cloud, jwt: Any) -> None:
    event = http_event(ROUTES["tenant_usage"], ACME)
    event["requestContext"]["authorizer"]["jwt"] = jwt  # beside what IAM says
    status, body, _ = asked("reporting", event)
    assert (status, body["error"]) == (403, "FORBIDDEN")


def test_the_names_of_the_claim_and_of_the_scopes_are_settings(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JWT_TENANT_CLAIM", "custom:org")
    monkeypatch.setenv("JWT_SCOPE_PREFIX", "budget-monitor/")
    renamed = {"custom:org": "acme", "scope": "budget-monitor/reader"}
    assert call("tenant_usage", **renamed)[0] == 200
    assert call("tenant_usage", **renamed | {"scope": "reader"})[0] == 403
    assert call("tenant_usage", **ACME, scope="budget-monitor/reader")[0] == 403
    assert call("tenant_usage", "other", **renamed)[0] == 404


def test_an_agent_with_a_token_reserves_and_settles_for_its_tenant_alone(cloud: Cloud) -> None:
    door = TokenDoor(tenant="acme")
    run: dict[str, Any] = {"agent_execution_id": "run-1", "reservation_id": "hold-1"}
    held = door.call("reserve", tenant_id="acme", **run, estimated_cost_usd="0.5")
    assert held.status == 201
    settled = door.call("settle", tenant_id="acme", reservation_id="hold-1", cost_usd="0.2")
    assert settled.body["entry"]["cost_usd"] == "0.2"
    stranger = TokenDoor(tenant="other")
    known = stranger.call("get_reservation", tenant_id="acme", reservation_id="hold-1")
    unknown = stranger.call("get_reservation", tenant_id="nobody", reservation_id="hold-1")
    assert known.status == unknown.status == 404
    assert known.message == unknown.message


def test_what_no_route_matches_is_a_404_and_a_405_for_tokens_too(cloud: Cloud) -> None:
    for method, path, expected in (("GET", "/nothing", 404), ("PUT", "/system/usage", 405)):
        event = catch_all_event(method, path)
        event["requestContext"]["authorizer"] = authorizer({})
        assert asked("reporting", event)[0] == expected
