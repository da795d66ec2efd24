"""The deployed API for tokens: the authorizer proves them, the functions judge their roles."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
import urllib3

from budget_monitor_client import BudgetMonitor, ForbiddenError, NotFoundError
from tests.support.end_to_end.issuer import Issuer
from tests.support.end_to_end.stack import Deployed

Ask = Any


@pytest.fixture
def tenant() -> str:
    return f"tenant-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def ask(deployed: Deployed) -> Ask:
    """Send a request with a token, or without one; status and body of the answer."""
    stack, pool = deployed.stack, urllib3.PoolManager(retries=False, timeout=60.0)
    url = f"{stack.endpoint}/_aws/execute-api/{stack.physical_ids['TokenApi']}"

    def send(token: str | None, method: str, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
        headers = {"content-type": "application/json"}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        content = json.dumps(body) if body else None
        answer = pool.request(method, url + path, headers=headers, body=content)
        return answer.status, json.loads(answer.data)

    return send


def test_a_token_holds_settles_and_signs_for_its_tenant(
    ask: Ask, issuer: Issuer, tenant: str
) -> None:
    token = issuer.token(scope="agent", tenant_id=tenant)
    of_it = f"/tenants/{tenant}"
    hold = {"agent_execution_id": "run-1", "estimated_cost_usd": "0.5", "reservation_id": "h-1"}
    status, held = ask(token, "POST", f"{of_it}/reservations", **hold)
    assert (status, held["reservation"]["principal"]) == (201, "jwt:maria")
    status, settled = ask(token, "POST", f"{of_it}/reservations/h-1/settle", cost_usd="0.25")
    assert (status, settled["entry"]["principal"]) == (201, "jwt:maria")
    status, refused = ask(token, "GET", f"{of_it}/usage")
    assert (status, refused["error"]) == (403, "FORBIDDEN")
    reader = issuer.token(scope="reader", tenant_id=tenant, sub="bob")
    status, usage = ask(reader, "GET", f"{of_it}/usage")
    assert (status, usage["spent_usd"]) == (200, "0.25")


def test_the_python_client_renews_a_token_that_has_ended(
    deployed: Deployed, issuer: Issuer, tenant: str
) -> None:
    good = {"scope": "agent reader", "tenant_id": tenant}
    tokens = iter([issuer.token(**good, exp=1)])
    url = f"{deployed.stack.endpoint}/_aws/execute-api/{deployed.stack.physical_ids['TokenApi']}"
    budget = BudgetMonitor.http(url, token=lambda: next(tokens, issuer.token(**good)))
    with budget.run(tenant, run_id="run-1") as run, run.call(estimated_cost_usd="0.5") as call:
        call.done(cost_usd="0.25")
    assert (call.entry or {})["principal"] == "jwt:maria"
    assert budget.tenant_usage(tenant)["spent_usd"] == "0.25"
    with pytest.raises(NotFoundError):
        budget.tenant_usage("other")
    refused = BudgetMonitor.http(url, token=issuer.token(**good, exp=1))
    with pytest.raises(ForbiddenError, match="401"):
        refused.tenant_usage(tenant)


def test_another_tenant_is_a_404_and_the_system_a_403(
    ask: Ask, issuer: Issuer, tenant: str
) -> None:
    token = issuer.token(scope="admin owner reader agent auditor", tenant_id=tenant)
    status, answer = ask(token, "GET", "/tenants/other/usage")
    assert (status, answer["error"]) == (404, "NOT_FOUND")
    status, answer = ask(token, "GET", "/system/usage")
    assert (status, answer["error"]) == (403, "FORBIDDEN")
    assert ask(issuer.token(scope="auditor"), "GET", "/system/usage")[0] == 200


def test_what_the_issuer_did_not_sign_for_us_now_is_refused(
    ask: Ask, issuer: Issuer, tenant: str
) -> None:
    path = f"/tenants/{tenant}/usage"
    good = {"scope": "reader", "tenant_id": tenant}
    assert ask(issuer.token(**good), "GET", path)[0] == 200
    head, _, signature = issuer.token(**good).split(".")
    _, stolen, _ = issuer.token(scope="admin").split(".")
    with Issuer() as other:
        forged = other.token(**good, iss=issuer.url)
    for token in (
        None,
        "",
        "no.token.",
        f"{head}.{stolen}.{signature}",
        forged,
        issuer.token(**good, exp=1),
        issuer.token(**good, aud="billing"),
        issuer.token(**good, iss="https://elsewhere.example/"),
    ):
        assert ask(token, "GET", path)[0] == 401


def test_a_signed_request_of_iam_is_no_token(deployed: Deployed, tenant: str) -> None:
    signed = type(deployed.api)(
        f"{deployed.stack.endpoint}/_aws/execute-api/{deployed.stack.physical_ids['TokenApi']}"
    )
    assert signed.call("GET", f"/tenants/{tenant}/usage").status == 401
