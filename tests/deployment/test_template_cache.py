"""The optional cache: off, nothing of it exists; on, it can be reached by few and can do little."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from redis import ConnectionPool, SSLConnection

from tests.support.template.conditions import defaults, holds, in_effect
from tests.support.template.translation import of_type, translated

pytestmark = pytest.mark.xdist_group("template")  # translated once, by one worker

FUNCTION, ROLE, POLICY = "AWS::Lambda::Function", "AWS::IAM::Role", "AWS::IAM::Policy"
GROUP, ENDPOINT = "AWS::EC2::SecurityGroup", "AWS::EC2::VPCEndpoint"
OF_THE_CACHE = ("AWS::EC2::", "AWS::ElastiCache::")
PASSWORD = re.compile(r"{{resolve:secretsmanager:\$\{(\w+)\}:SecretString:(\w+)}}")
Template = dict[str, Any]


@pytest.fixture(scope="module")
def off() -> Template:
    return in_effect(translated(), EnableCache="false")


@pytest.fixture(scope="module")
def on() -> Template:
    lists = {"DynamoDbPrefixList": "pl-01234567", "S3PrefixList": "pl-89abcdef"}
    return in_effect(translated(), EnableCache="true", **lists)


def only(template: Template, kind: str) -> Any:
    (found,) = of_type(template, kind).values()
    return found


def inside(template: Template) -> set[str]:
    return {name for name, one in of_type(template, FUNCTION).items() if "VpcConfig" in one}


def allowed(template: Template, function: str) -> set[tuple[str, str]]:
    """Each action that the function may do, with the resource as text."""
    role = f"{function}Role"
    policies = of_type(template, ROLE)[role]["Policies"]
    further = of_type(template, POLICY).values()
    policies = [*policies, *(one for one in further if {"Ref": role} in one["Roles"])]
    statements = [one for policy in policies for one in policy["PolicyDocument"]["Statement"]]
    found = {pair for one in statements if one["Effect"] == "Allow" for pair in pairs(one)}
    # Lambda itself keeps failed invocations, from outside the network.
    return {(action, resource) for action, resource in found if action != "sqs:SendMessage"}


def pairs(statement: dict[str, Any]) -> set[tuple[str, str]]:
    actions, resources = listed(statement["Action"]), listed(statement["Resource"])
    return {(action, json.dumps(resource)) for action in actions for resource in resources}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_no_stack_gets_a_cache_without_the_parameter(off: Template) -> None:
    assert in_effect(translated()) == off


def test_without_the_cache_nothing_of_it_exists(off: Template) -> None:
    kinds = {one["Type"] for one in off["Resources"].values()}
    assert not [kind for kind in kinds if kind.startswith(OF_THE_CACHE)]
    assert inside(off) == set()
    assert [*of_type(off, "AWS::SecretsManager::Secret")] == ["SigningKey"]
    assert "CacheEndpoint" not in off["Outputs"]
    urls = [cache_url(one) for one in of_type(off, FUNCTION).values()]
    assert set(urls) == {"", None}


def test_what_remains_without_the_cache_names_nothing_that_is_left_out(off: Template) -> None:
    missing = translated()["Resources"].keys() - off["Resources"].keys()
    assert len(missing) > 15
    remains = json.dumps(off)
    assert not [name for name in missing if f'"{name}"' in remains or f"${{{name}" in remains]


def test_switching_the_cache_on_takes_nothing_away(off: Template, on: Template) -> None:
    assert off["Resources"].keys() < on["Resources"].keys()
    assert off["Outputs"].keys() | {"CacheEndpoint"} == on["Outputs"].keys()


def test_the_functions_that_move_or_report_accounts_are_inside_and_no_others(on: Template) -> None:
    accounts = json.dumps({"Fn::GetAtt": ["AccountsTable", "Arn"]})
    moving = ("dynamodb:UpdateItem", accounts)
    movers = {name for name in of_type(on, FUNCTION) if moving in allowed(on, name)}
    assert len(movers) == 5
    # Approving only raises limits: copies never refuse, and rows carry the policy's version.
    assert inside(on) == movers - {"ApprovingFunction"} | {"ReportingFunction"}


def test_only_functions_inside_know_of_the_cache(on: Template) -> None:
    functions = of_type(on, FUNCTION)
    assert {name for name, one in functions.items() if cache_url(one)} == inside(on)
    subnets = [{"Ref": "FirstPrivateSubnet"}, {"Ref": "SecondPrivateSubnet"}]
    group = {"Fn::GetAtt": ["FunctionsSecurityGroup", "GroupId"]}
    for name in inside(on):
        assert functions[name]["VpcConfig"] == {"SubnetIds": subnets, "SecurityGroupIds": [group]}


def cache_url(function: dict[str, Any]) -> Any:
    found = function["Environment"]["Variables"].get("CACHE_URL")
    return found["Fn::Sub"] if isinstance(found, dict) else found


def test_the_address_is_encrypted_and_has_a_generated_password(on: Template) -> None:
    (url,) = {cache_url(one) for name, one in of_type(on, FUNCTION).items() if name in inside(on)}
    places = PASSWORD.search(url)
    assert places
    secret = of_type(on, "AWS::SecretsManager::Secret")[places[1]]
    generated = secret["GenerateSecretString"]
    assert secret.keys() <= {"Description", "GenerateSecretString"}
    assert generated["GenerateStringKey"] == places[2]
    assert generated["ExcludePunctuation"]
    assert generated["PasswordLength"] >= 32
    (user,) = of_type(on, "AWS::ElastiCache::User").values()
    assert user["AuthenticationMode"]["Passwords"] == [{"Fn::Sub": places[0]}]

    plain = PASSWORD.sub("Ab3", url).replace("${Cache.Endpoint.Address}", "cache.example")
    pool = ConnectionPool.from_url(plain.replace("${Cache.Endpoint.Port}", "6379"))
    found = pool.connection_kwargs
    assert pool.connection_class is SSLConnection
    assert (found["username"], found["password"]) == (user["UserName"], "Ab3")
    assert (found["host"], found["port"]) == ("cache.example", 6379)


def test_the_subnets_are_private_and_in_two_zones(on: Template) -> None:
    kinds = {one["Type"] for one in on["Resources"].values() if "::EC2::" in one["Type"]}
    parts = ("VPC", "Subnet", "RouteTable", "SubnetRouteTableAssociation", "SecurityGroup")
    assert kinds == {f"AWS::EC2::{one}" for one in (*parts, "SecurityGroupEgress", "VPCEndpoint")}
    subnets = of_type(on, "AWS::EC2::Subnet")
    assert len({json.dumps(one["AvailabilityZone"]) for one in subnets.values()}) == 2
    assert not any(one["MapPublicIpOnLaunch"] for one in subnets.values())
    (table,) = of_type(on, "AWS::EC2::RouteTable")
    routed = of_type(on, "AWS::EC2::SubnetRouteTableAssociation").values()
    assert {one["SubnetId"]["Ref"] for one in routed} == subnets.keys()
    assert {one["RouteTableId"]["Ref"] for one in routed} == {table}
    network = only(on, "AWS::EC2::VPC")
    assert network["EnableDnsSupport"]
    assert network["EnableDnsHostnames"]


def test_there_are_endpoints_for_exactly_what_the_functions_inside_call(on: Template) -> None:
    called = {action.split(":")[0] for name in inside(on) for action, _ in allowed(on, name)}
    endpoints = of_type(on, ENDPOINT).values()
    services = [one["ServiceName"]["Fn::Sub"].rsplit(".", 1)[1] for one in endpoints]
    assert sorted(services) == sorted(called) == ["dynamodb", "lambda", "s3", "states"]
    for one in endpoints:
        gateway = one["ServiceName"]["Fn::Sub"].endswith((".dynamodb", ".s3"))
        assert one["VpcEndpointType"] == ("Gateway" if gateway else "Interface")
        assert one.get("PrivateDnsEnabled", False) is not gateway


def test_endpoints_let_pass_what_the_roles_allow_and_nothing_else(on: Template) -> None:
    wanted = {pair for name in inside(on) for pair in allowed(on, name)}
    passed = set()
    endpoints = of_type(on, ENDPOINT).values()
    for statement in (each for one in endpoints for each in one["PolicyDocument"]["Statement"]):
        callers = listed(statement["Condition"]["ArnEquals"]["aws:PrincipalArn"])
        names = {one["Fn::GetAtt"][0].removesuffix("Role") for one in callers}
        actions = set(listed(statement["Action"]))
        users = {one for one in inside(on) if {action for action, _ in allowed(on, one)} & actions}
        assert names == users
        passed |= pairs(statement)
    assert {action for action, _ in passed} == {action for action, _ in wanted}
    tables = {resource for _, resource in passed}
    for _, resource in wanted:
        assert re.sub(r"/index/\w+", "/index/*", resource) in tables


def test_groups_name_each_other_and_no_addresses(on: Template) -> None:
    groups = of_type(on, GROUP)
    functions = {"Fn::GetAtt": ["FunctionsSecurityGroup", "GroupId"]}
    assert "SecurityGroupIngress" not in groups.pop("FunctionsSecurityGroup")
    opened = {}
    for name, group in groups.items():
        (rule,) = group["SecurityGroupIngress"]
        assert rule["SourceSecurityGroupId"] == functions
        opened[name] = (rule["FromPort"], rule["ToPort"])
        (nowhere,) = group["SecurityGroupEgress"]
        assert nowhere["CidrIp"] == "127.0.0.1/32"
    assert opened == {"CacheSecurityGroup": (6379, 6379), "EndpointsSecurityGroup": (443, 443)}
    out = of_type(on, "AWS::EC2::SecurityGroupEgress").values()
    (lists,) = [one for one in out if "DestinationPrefixListId" in one]
    assert lists["DestinationPrefixListId"] == {"Ref": "S3PrefixList"}
    reached = {
        one["DestinationSecurityGroupId"]["Fn::GetAtt"][0]: (one["FromPort"], one["ToPort"])
        for one in out
        if one is not lists
    }
    assert reached == opened
    assert all(one["GroupId"] == functions for one in out)


def test_the_only_way_out_is_dynamodb_and_it_is_there_before_a_function_needs_it(
    on: Template,
) -> None:
    (rule,) = of_type(on, GROUP)["FunctionsSecurityGroup"]["SecurityGroupEgress"]
    assert rule["DestinationPrefixListId"] == {"Ref": "DynamoDbPrefixList"}
    assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", 443, 443)
    assert "0.0.0.0/0" not in json.dumps(on)
    assert "::/0" not in json.dumps(on)
    waits = on["Resources"]["FunctionsSecurityGroup"]["DependsOn"]
    assert set(waits) == {"DynamoDbEndpoint", "FirstSubnetRoutes", "SecondSubnetRoutes"}


def test_a_cache_without_a_way_to_dynamodb_is_refused() -> None:
    rule = translated()["Rules"]["TheCacheLeavesAWayToDynamoDb"]
    assertion, alone = rule["Assertions"]
    asked = defaults(translated()) | {"EnableCache": "true"}
    assert not holds(rule["RuleCondition"], defaults(translated()))
    assert holds(rule["RuleCondition"], asked)
    assert not holds(assertion["Assert"], asked)
    assert holds(assertion["Assert"], asked | {"DynamoDbPrefixList": "pl-01234567"})
    assert holds(alone["Assert"], asked)
    assert not holds(alone["Assert"], asked | {"VpcSubnetIds": "subnet-1"})


def test_no_code_may_make_network_interfaces_with_or_without_the_cache(
    on: Template, off: Template
) -> None:
    policy = of_type(off, POLICY)["NobodyMakesNetworkInterfaces"]
    roles = of_type(on, ROLE).items()
    able = {name for name, one in roles if "VPCAccess" in json.dumps(one.get("ManagedPolicyArns"))}
    given = in_effect(translated(), VpcSubnetIds="subnet-1")
    assert {one["Ref"] for one in policy["Roles"]} == able == {f"{o}Role" for o in inside(given)}
    assert inside(on) < inside(given)
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Effect"] == "Deny"
    assert pairs(statement) == {("ec2:*", '"*"')}
    assert statement["Condition"] == {"Null": {"lambda:SourceFunctionArn": "false"}}
