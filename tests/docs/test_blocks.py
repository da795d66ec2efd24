"""Blocks of the documents that need more than the local stack: policies, filters, messages."""

from __future__ import annotations

import fnmatch
import json
import re
import shlex
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from budget_monitor.domain.alerts.alerts import NEARING_LIMIT, SEVERITIES, Alert
from budget_monitor.usecases.alerts.messages import message_of
from local.stack.template import load
from tests.docs.test_complete import GROUPS, ROUTED
from tests.support.docs.pages import titled
from tests.support.paths import ROOT

TEMPLATE = load(ROOT / "template.yaml")
OPERATIONS = {one.name for group in GROUPS for one in group}
AGENT = {
    "draw",
    "check",
    "reserve",
    "get_reservation",
    "extend",
    "release",
    "settle",
    "record_cost",
}
ALERT = Alert(
    tenant_id="shop",
    kind=NEARING_LIMIT,
    once=("80",),
    at=datetime(2026, 11, 22, 14, 3, 7, tzinfo=UTC),
    scope="tenant",
    scope_id="shop",
    period="2026-11",
    facts={
        "budget_id": "tenant-month",
        "threshold_percent": 80,
        "spent_usd": "815",
        "limit_usd": "1000",
        "action": "block",
        "enforcement": "enforce",
        "resets_at": "2026-12-01T00:00:00Z",
        "owner": "lee@shop.example",
    },
)


def test_the_mail_reads_as_the_page_shows_it() -> None:
    assert message_of(ALERT).text + "\n" == titled("message").format(alert_id=ALERT.alert_id)


def allowed(title: str, method: str, path: str) -> bool:
    """Whether a policy of the documents lets its holder call this route."""
    resource = f"arn:aws:execute-api:us-east-1:123456789012:API_ID/$default/{method}{path}"
    effects = set()
    for statement in json.loads(titled(title))["Statement"]:
        assert statement["Action"] == "execute-api:Invoke"
        patterns = statement["Resource"]
        patterns = [patterns] if isinstance(patterns, str) else patterns
        if any(fnmatch.fnmatchcase(resource, pattern) for pattern in patterns):
            effects.add(statement["Effect"])
    return effects == {"Allow"}


def routes(title: str, tenant: str) -> set[str]:
    """The operations that a policy of the documents allows for a tenant."""
    paths = {one.name: one.path.replace("{tenant_id}", tenant) for one in ROUTED}
    named = {name: re.sub(r"\{\w+\}", "one", path) for name, path in paths.items()}
    return {one.name for one in ROUTED if allowed(title, one.method, named[one.name])}


def test_the_policy_of_an_agent_allows_what_its_page_says_and_nothing_else() -> None:
    assert routes("policy: an agent", "shop") == AGENT | {"record_costs"}
    assert routes("policy: an agent", "other") == set()


def test_the_policy_of_a_dashboard_allows_every_read_of_one_tenant() -> None:
    reads = {one.name for one in ROUTED if one.method == "GET" and "{tenant_id}" in one.path}
    # `GET /tenants/shop` itself is the tenant's settings, which the pattern leaves out.
    assert routes("policy: a dashboard", "shop") == reads - {"get_tenant"}
    assert routes("policy: a dashboard", "other") == set()


def test_the_policy_of_an_administrator_allows_everything_of_one_tenant() -> None:
    title = "policy: a tenant's administrator"
    assert routes(title, "shop") == {one.name for one in ROUTED if "{tenant_id}" in one.path}
    assert routes(title, "other") == set()


def test_the_subscription_filters_by_attributes_that_messages_have() -> None:
    words = shlex.split(titled("subscribe").replace("\\\n", ""))
    attributes = json.loads(words[words.index("--attributes") + 1])
    policy = json.loads(attributes["FilterPolicy"])
    assert policy == {"tenant_id": ["shop"], "severity": ["warning", "critical"]}
    assert set(policy["severity"]) <= set(SEVERITIES.values())
    assert "$ALERT_TOPIC_ARN" in words


def test_the_event_pattern_matches_an_alert_of_its_kind() -> None:
    pattern = json.loads(titled("event pattern"))
    body = replace(ALERT, kind="limit_exceeded").public()
    assert pattern["source"] == ["budget-monitor"]
    assert body["kind"] in pattern["detail-type"]
    assert {name: [body[name]] for name in pattern["detail"]} == pattern["detail"]


@pytest.mark.parametrize("title", ["await_resume: a state", "reserve: a state"])
def test_a_state_invokes_an_operation_of_a_function_that_the_template_gives(title: str) -> None:
    state: dict[str, Any] = json.loads(titled(title))
    parameters = state["Parameters"]
    assert parameters["FunctionName"].strip("${}") in TEMPLATE["Outputs"]
    assert parameters["Payload"]["operation"] in OPERATIONS
    assert state["Resource"].startswith("arn:aws:states:::lambda:invoke")


def test_the_cache_is_switched_on_by_parameters_of_the_template() -> None:
    _, _, command = titled("switch on the cache").partition("sam deploy ")
    given = dict(one.split("=", 1) for one in re.findall(r"\w+=[^ \n]+", command))
    assert given.keys() == {"EnableCache", "DynamoDbPrefixList"}
    assert given.keys() <= TEMPLATE["Parameters"].keys()


def test_the_deployment_uses_the_defaults_that_samconfig_has() -> None:
    assert titled("deploy") == "make build && sam deploy --guided\n"
    assert (ROOT / "samconfig.toml").is_file()


def test_one_test_is_run_from_a_file_that_exists() -> None:
    files = re.findall(r"tests/\S+\.py", titled("run one test"))
    assert len(files) == 2
    assert all((ROOT / one).is_file() for one in files)


def test_the_gateway_is_to_send_both_points_and_the_headers_with_the_token() -> None:
    found = json.loads(titled("interceptor configuration"))
    assert found["interceptionPoints"] == ["REQUEST", "RESPONSE"]
    assert found["inputConfiguration"] == {"passRequestHeaders": True}
    assert "GatewayInterceptorArn" in TEMPLATE["Outputs"]
