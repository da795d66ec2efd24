"""Each operation is classified by role, and the policies of `policies/` allow exactly that."""

from __future__ import annotations

import fnmatch
import json
import re
import shlex
from typing import Any

import pytest

from budget_monitor.domain.roles import AGENT, BOUND_TO_A_TENANT, OPERATIONS_OF, OPERATOR, ROLES
from budget_monitor.entrypoints.door.operations import DIRECT
from budget_monitor.entrypoints.openapi.document import FUNCTIONS
from tests.support.docs.pages import titled
from tests.support.docs.roles_page import PAGE, page
from tests.support.paths import ROOT
from tests.support.template import token_routes, translation
from tests.support.template.conditions import in_effect
from tests.support.template.translation import of_type

pytestmark = pytest.mark.xdist_group("template")  # translated once, by one worker

ALL = {one.name: one for found in FUNCTIONS.values() for one in found}
ROUTED = [one for one in ALL.values() if one.method != DIRECT]
NOBODY_INVOKES = {"ApprovingFunction", "ForwardingFunction", "InterceptingFunction"}
"""Functions that answer a link, a queue and a gateway, and no operation."""
BEHIND_THE_API = {name for name, found in FUNCTIONS.items() if {*found} & {*ROUTED}}
TAG = "${aws:PrincipalTag/tenant}"


def statements(role: str, action: str, tenant: str | None) -> list[str]:
    """The patterns that a role's policy allows for the action; IAM skips those of a missing tag."""
    found = json.loads((ROOT / "policies" / f"{role}.json").read_text())["Statement"]
    patterns = list[str]()
    for one in found:
        assert one["Effect"] == "Allow"
        resources = one["Resource"] if isinstance(one["Resource"], list) else [one["Resource"]]
        patterns += resources if one["Action"] == action else []
    return [one.replace(TAG, tenant or "") for one in patterns if tenant or TAG not in one]


def may_call(role: str, one: Any, tagged: str | None, tenant: str) -> bool:
    """Whether a principal with this tag may call the operation's route for the tenant."""
    path = re.sub(r"\{\w+\}", "one", one.path.replace("{tenant_id}", tenant))
    resource = f"arn:aws:execute-api:REGION:ACCOUNT:API_ID/$default/{one.method}{path}"
    allowed = statements(role, "execute-api:Invoke", tagged)
    return any(fnmatch.fnmatchcase(resource, pattern) for pattern in allowed)


def may_invoke(role: str, qualifier: str, tagged: str | None) -> bool:
    """Whether a principal with this tag may invoke a function directly."""
    resource = f"arn:aws:lambda:REGION:ACCOUNT:function:STACK-CheckingFunction-1{qualifier}"
    allowed = statements(role, "lambda:InvokeFunction", tagged)
    return any(fnmatch.fnmatchcase(resource, pattern) for pattern in allowed)


def test_every_operation_is_classified_and_every_classified_one_exists() -> None:
    assert OPERATIONS_OF[OPERATOR] == ALL.keys()
    for role in ROLES:
        assert OPERATIONS_OF[role] <= ALL.keys()


def test_an_agent_decides_nothing_and_reads_no_other_runs() -> None:
    changing = {one.name for one in ROUTED if one.method != "GET"}
    assert OPERATIONS_OF[AGENT] & changing == {
        *("check", "reserve", "extend", "release", "settle", "record_cost", "record_costs"),
        *("draw", "quote", "request_raise"),
    }


@pytest.mark.parametrize("role", ROLES)
def test_the_policy_of_a_role_allows_the_routes_of_its_operations_and_no_other(role: str) -> None:
    allowed = {one.name for one in ROUTED if may_call(role, one, "acme", "acme")}
    assert allowed == {one.name for one in ROUTED if one.name in OPERATIONS_OF[role]}


@pytest.mark.parametrize("role", sorted(BOUND_TO_A_TENANT))
@pytest.mark.parametrize("tenant", ["other", "acm", "acme2", "acme.eu", "*"])
def test_a_role_of_one_tenant_reaches_no_other(role: str, tenant: str) -> None:
    of_tenants = [one for one in ROUTED if "{tenant_id}" in one.path]
    assert [one.name for one in of_tenants if may_call(role, one, "acme", tenant)] == []
    assert [one.name for one in of_tenants if may_call(role, one, None, tenant)] == []


def test_only_agents_and_operators_invoke_directly_and_agents_their_tenants_alias_alone() -> None:
    qualifiers = ("", ":$LATEST", ":7", ":operators", ":agents", ":agents-other", ":agents-acme")
    for role in ROLES:
        allowed = {one for one in qualifiers if may_invoke(role, one, "acme")}
        expected = {AGENT: {":agents-acme"}, OPERATOR: {":operators"}}.get(role, set[str]())
        assert allowed == expected, role
    assert not may_invoke(AGENT, ":agents-", None)


def test_each_function_with_operations_of_agents_has_an_alias_for_them() -> None:
    found = translation.translated()
    aliases = of_type(found, "AWS::Lambda::Alias").values()
    assert {one["FunctionVersion"] for one in aliases} == {"$LATEST"}
    assert {one["Name"] for one in aliases} == {"agents", "operators"}
    functions = {one["FunctionName"]["Ref"] for one in aliases if one["Name"] == "agents"}
    own = OPERATIONS_OF[AGENT] - {"openapi", "get_price", "price_models"}
    assert functions == {
        f"{name.capitalize()}Function"
        for name, operations in FUNCTIONS.items()
        if own & {one.name for one in operations}
    }


def test_each_function_has_an_alias_for_operators() -> None:
    found = translation.translated()
    aliases = of_type(found, "AWS::Lambda::Alias").values()
    named = [one["FunctionName"]["Ref"] for one in aliases if one["Name"] == "operators"]
    invoked = of_type(found, "AWS::Lambda::Function").keys() - NOBODY_INVOKES
    assert sorted(named) == sorted(invoked)


def test_people_invoke_no_function_without_an_alias() -> None:
    """Else they could send events that look like those of API Gateway, with any signer.

    What remains are schedules, whose events are fixed, and the function itself.
    """
    found = translation.translated()
    schedules = {
        owner
        for owner, role in of_type(found, "AWS::IAM::Role").items()
        if "scheduler.amazonaws.com" in json.dumps(role["AssumeRolePolicyDocument"])
    }
    for name in (f"{one.capitalize()}Function" for one in BEHIND_THE_API):
        bare = {"Fn::GetAtt": [name, "Arn"]}
        invokers = {
            owner
            for owner, body in found["Resources"].items()
            if body["Type"] in {"AWS::IAM::Role", "AWS::IAM::Policy"}
            for statement in _statements(body["Properties"])
            if bare in _listed(statement["Resource"])
        }
        services = {
            one["Principal"]
            for one in of_type(found, "AWS::Lambda::Permission").values()
            if one["FunctionName"] in ({"Ref": name}, bare)
        }
        assert services == {"apigateway.amazonaws.com"}
        assert invokers - schedules <= {f"{name.removesuffix('Function')}SharesItsWork"}, name


def _statements(properties: dict[str, Any]) -> list[dict[str, Any]]:
    policies = properties.get("Policies", [properties])
    return [one for each in policies for one in each["PolicyDocument"]["Statement"]]


def _listed(found: Any) -> list[Any]:
    return found if isinstance(found, list) else [found]


def test_the_api_for_tokens_has_the_routes_of_the_operations_and_reaches_their_functions() -> None:
    text = token_routes.TEMPLATE.read_text()
    assert text == token_routes.with_section(text), "run `make reference`"
    body = of_type(translation.translated(), "AWS::ApiGatewayV2::Api")["TokenApi"]["Body"]
    found = {
        (method, path): one["x-amazon-apigateway-integration"]["$ref"].rpartition("/")[2]
        for path, methods in body["paths"].items()
        for method, one in methods.items()
    }
    expected = {
        (one.method.lower(), one.path): function
        for function, operations in FUNCTIONS.items()
        for one in operations
        if one.method != DIRECT
    }
    assert found == expected | {("x-amazon-apigateway-any-method", "$default"): "reporting"}
    shared = body["components"]["x-amazon-apigateway-integrations"]
    assert shared.keys() == BEHIND_THE_API
    for name, integration in shared.items():
        assert f"${{{name.capitalize()}Function.Arn}}/invocations" in str(integration["uri"])


def test_the_api_for_tokens_is_there_only_with_an_issuer() -> None:
    plain = translation.translated()
    of_tokens = {n for n in plain["Resources"] if n.startswith(("TokenApi", "TokensReach"))}
    assert len(of_tokens) == 9
    assert not of_tokens & in_effect(plain)["Resources"].keys()
    words = [one for one in shlex.split(titled("deploy with tokens")) if "=" in one]
    given = dict(one.split("=", 1) for one in words)
    assert given.keys() == {"JwtIssuer", "JwtAudience"} <= plain["Parameters"].keys()
    assert of_tokens <= in_effect(plain, **given)["Resources"].keys()


def test_the_page_of_roles_is_what_the_code_says() -> None:
    assert PAGE.read_text() == page()
