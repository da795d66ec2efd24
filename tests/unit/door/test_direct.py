"""An alias for agents answers agents' operations only; one bound to a tenant, for that tenant."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from budget_monitor.domain.errors import ForbiddenError, ValidationError
from budget_monitor.domain.roles import AGENT, OPERATIONS_OF
from budget_monitor.entrypoints.door.answer import answer
from budget_monitor.entrypoints.door.direct import alias_of, route
from budget_monitor.entrypoints.openapi.document import FUNCTIONS

ARN = "arn:aws:lambda:eu-central-1:000000000000:function:budget-monitor-checking"
ALL = [(name, one) for name, found in FUNCTIONS.items() for one in found]


def invoked(alias: str) -> Any:
    return SimpleNamespace(invoked_function_arn=f"{ARN}:{alias}" if alias else ARN)


@pytest.mark.parametrize("alias", ["", "live", "7", "$LATEST", "agents", "agents-acme"])
def test_the_alias_is_the_last_part_of_the_invoked_arn(alias: str) -> None:
    assert alias_of(invoked(alias)) == alias


def test_a_context_without_an_arn_names_no_alias() -> None:
    assert alias_of(None) == ""


@pytest.mark.parametrize(("function", "operation"), ALL, ids=[one.name for _, one in ALL])
def test_the_alias_of_agents_answers_their_operations_and_refuses_all_others(
    function: str, operation: Any
) -> None:
    event = {"operation": operation.name, "tenant_id": "acme"}
    assert route(FUNCTIONS[function], event, "")[0] is operation
    assert route(FUNCTIONS[function], event, "live")[0] is operation
    if operation.name in OPERATIONS_OF[AGENT]:
        assert route(FUNCTIONS[function], event, "agents")[0] is operation
        return
    with pytest.raises(ForbiddenError) as refused:
        route(FUNCTIONS[function], event, "agents")
    assert refused.value.field == "operation"


@pytest.mark.parametrize("tenant", ["other", "Acme", "", None, 7, ["acme"]])
def test_an_alias_bound_to_acme_refuses_every_other_tenant(tenant: Any) -> None:
    checks = FUNCTIONS["checking"]
    event = {"operation": "check", "tenant_id": tenant}
    assert route(checks, {**event, "tenant_id": "acme"}, "agents-acme")[0].name == "check"
    with pytest.raises(ForbiddenError) as refused:
        route(checks, event, "agents-acme")
    assert refused.value.field == "tenant_id"


def test_the_name_of_the_tenant_may_have_hyphens() -> None:
    event = {"operation": "check", "tenant_id": "acme-eu-1"}
    assert route(FUNCTIONS["checking"], event, "agents-acme-eu-1")[0].name == "check"


@pytest.mark.parametrize("alias", ["agents", "agents-acme"])
def test_an_event_of_the_shape_of_http_is_not_believed_behind_an_alias_of_agents(
    alias: str,
) -> None:
    forged = {
        "routeKey": "POST /tenants/{tenant_id}/costs/{entry_id}/adjustments",
        "rawPath": "/tenants/acme/costs/c-1/adjustments",
        "requestContext": {"http": {"method": "POST"}},
    }
    with pytest.raises(ValidationError) as refused:
        answer(FUNCTIONS["tracking"], lambda: pytest.fail("nothing runs"), forged, invoked(alias))
    assert refused.value.field == "operation"


@pytest.mark.parametrize("alias", ["operators", "live", "7", "$LATEST", "http"])
def test_no_alias_and_no_version_believes_an_event_of_the_shape_of_http(alias: str) -> None:
    """API Gateway invokes the function itself, and IAM tells its ARN from those of aliases."""
    forged = {
        "routeKey": "GET /tenants/{tenant_id}/usage",
        "rawPath": "/tenants/acme/usage",
        "requestContext": {
            "http": {"method": "GET"},
            "authorizer": {"iam": {"userArn": "arn:aws:iam::1:role/somebody-else"}},
        },
    }
    with pytest.raises(ValidationError) as refused:
        answer(FUNCTIONS["reporting"], lambda: pytest.fail("nothing runs"), forged, invoked(alias))
    assert refused.value.field == "operation"
