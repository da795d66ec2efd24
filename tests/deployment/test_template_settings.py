"""Settings of a deployment: keys, boundary, network, throttles, reserved instances, failures."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.docs.pages import titled
from tests.support.template import translation
from tests.support.template.conditions import in_effect
from tests.support.template.translation import of_type

pytestmark = pytest.mark.xdist_group("template")  # translated once, by one worker

TABLES = ("Accounts", "Ledger", "Reservations", "Budgets", "Alerts")
KEY = "arn:aws:kms:eu-central-1:000000000000:key/1234"
BOUNDARY = "arn:aws:iam::000000000000:policy/boundary"
KEY_OF = {
    "AWS::SQS::Queue": "KmsMasterKeyId",
    "AWS::SNS::Topic": "KmsMasterKeyId",
    "AWS::Logs::LogGroup": "KmsKeyId",
}
OF_BUCKETS = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Ref": "KmsKeyArn"}}


def deployed(**parameters: str) -> dict[str, Any]:
    return in_effect(translation.translated(), **parameters)


@pytest.fixture(scope="module")
def plain() -> dict[str, Any]:
    return deployed()


def test_a_key_of_ones_own_is_used_by_everything_that_stores(plain: dict[str, Any]) -> None:
    keyed, key = deployed(KmsKeyArn=KEY), {"Ref": "KmsKeyArn"}
    for kind, name in KEY_OF.items():
        assert all(name not in one for one in of_type(plain, kind).values())
        assert {json.dumps(one[name]) for one in of_type(keyed, kind).values()} == {json.dumps(key)}
    for table in of_type(plain, "AWS::DynamoDB::Table").values():
        assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
    for table in of_type(keyed, "AWS::DynamoDB::Table").values():
        assert table["SSESpecification"]["KMSMasterKeyId"] == key
    for queue in of_type(keyed, "AWS::SQS::Queue").values():
        assert queue["SqsManagedSseEnabled"] is False
    assert all(q["SqsManagedSseEnabled"] for q in of_type(plain, "AWS::SQS::Queue").values())
    for template, used in ((plain, {"SSEAlgorithm": "AES256"}), (keyed, OF_BUCKETS)):
        for bucket in of_type(template, "AWS::S3::Bucket").values():
            (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
            assert rule["ServerSideEncryptionByDefault"] == used


def test_the_key_policy_of_the_documents_names_every_service_that_uses_the_key() -> None:
    keyed = deployed(KmsKeyArn=KEY)["Resources"].values()
    using = {one["Type"] for one in keyed if "KmsKeyArn" in json.dumps(one)}
    services = {kind.split("::")[1].lower() for kind in using}
    by_tables, by_senders = json.loads(titled("key policy: services"))["Statement"]
    called = {one.split(".")[0] for one in by_tables["Condition"]["StringEquals"]["kms:ViaService"]}
    senders = {one.split(".")[0] for one in by_senders["Principal"]["Service"]}
    assert services == called | {"logs"}
    assert senders == {"cloudwatch", "events", "scheduler", "sns", "logs"}


def test_every_role_has_the_permissions_boundary(plain: dict[str, Any]) -> None:
    bounded = deployed(PermissionsBoundaryArn=BOUNDARY)
    for role in of_type(bounded, "AWS::IAM::Role").values():
        assert role["PermissionsBoundary"] == {"Ref": "PermissionsBoundaryArn"}
    assert all("PermissionsBoundary" not in r for r in of_type(plain, "AWS::IAM::Role").values())


def test_all_functions_stand_in_the_vpc_that_is_given_and_none_without(
    plain: dict[str, Any],
) -> None:
    inside = deployed(VpcSubnetIds="subnet-1,subnet-2", VpcSecurityGroupIds="sg-1")
    for function in of_type(inside, "AWS::Lambda::Function").values():
        assert function["VpcConfig"] == {
            "SubnetIds": {"Ref": "VpcSubnetIds"},
            "SecurityGroupIds": {"Ref": "VpcSecurityGroupIds"},
        }
    assert all("VpcConfig" not in f for f in of_type(plain, "AWS::Lambda::Function").values())


def test_tables_are_protected_and_may_have_the_names_of_restored_ones(
    plain: dict[str, Any],
) -> None:
    named = {f"{one}TableName": f"restored-{one.lower()}" for one in TABLES}
    restored = deployed(ProtectTables="false", **named)
    for one in TABLES:
        table = plain["Resources"][f"{one}Table"]["Properties"]
        assert "TableName" not in table
        assert table["DeletionProtectionEnabled"] is True
        table = restored["Resources"][f"{one}Table"]["Properties"]
        assert table["TableName"] == {"Ref": f"{one}TableName"}
        assert table["DeletionProtectionEnabled"] is False


@pytest.mark.parametrize(
    ("function", "parameter"),
    [
        ("Checking", "CheckingConcurrency"),
        ("Tracking", "TrackingConcurrency"),
        ("Reporting", "ReportingConcurrency"),
        ("Resetting", "JobConcurrency"),
    ],
)
def test_instances_are_reserved_or_capped_where_a_parameter_says_so(
    plain: dict[str, Any], function: str, parameter: str
) -> None:
    name = "ReservedConcurrentExecutions"
    functions = of_type(deployed(**{parameter: "50"}), "AWS::Lambda::Function")
    assert {n for n, one in functions.items() if name in one} == {f"{function}Function"}
    assert functions[f"{function}Function"][name] == {"Ref": parameter}
    assert all(name not in one for one in of_type(plain, "AWS::Lambda::Function").values())


def test_the_api_is_throttled_and_its_access_log_has_no_query(plain: dict[str, Any]) -> None:
    (stage,) = of_type(plain, "AWS::ApiGatewayV2::Stage").values()
    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] == {"Ref": "RequestsPerSecond"}
    assert stage["DefaultRouteSettings"]["ThrottlingBurstLimit"] == {"Ref": "RequestBurst"}
    line = json.loads(stage["AccessLogSettings"]["Format"])
    assert {"requestId", "signer", "route", "status", "ms"} <= line.keys()
    assert "query" not in json.dumps(line).lower()


def test_a_queue_stands_behind_every_function_and_every_rule(plain: dict[str, Any]) -> None:
    functions = of_type(plain, "AWS::Lambda::Function")
    invoked = of_type(plain, "AWS::Lambda::EventInvokeConfig").values()
    behind = {(one["FunctionName"]["Ref"], one["Qualifier"]) for one in invoked}
    aliases = of_type(plain, "AWS::Lambda::Alias").values()
    called = {(one["FunctionName"]["Ref"], one["Name"]) for one in aliases}
    assert behind == called | {(name, "$LATEST") for name in functions}
    queue = {"Fn::GetAtt": ["InvocationFailures", "Arn"]}
    assert all(one["DestinationConfig"]["OnFailure"]["Destination"] == queue for one in invoked)
    rules = of_type(plain, "AWS::Events::Rule")
    queue = {"Fn::GetAtt": ["ScheduleFailures", "Arn"]}
    (policy,) = of_type(plain, "AWS::SQS::QueuePolicy").values()
    (statement,) = policy["PolicyDocument"]["Statement"]
    sources = statement["Condition"]["ArnEquals"]["aws:SourceArn"]
    known = sources if isinstance(sources, list) else [sources]
    for name, rule in rules.items():
        assert [one["DeadLetterConfig"]["Arn"] for one in rule["Targets"]] == [queue]
        assert {"Fn::GetAtt": [name, "Arn"]} in known


def test_every_queue_has_an_alarm(plain: dict[str, Any]) -> None:
    watched = {
        one["Dimensions"][0]["Value"]["Fn::GetAtt"][0]
        for one in of_type(plain, "AWS::CloudWatch::Alarm").values()
        if one.get("Namespace") == "AWS/SQS"
    }
    assert watched == of_type(plain, "AWS::SQS::Queue").keys()


def test_traces_are_sent_only_where_a_parameter_says_so(plain: dict[str, Any]) -> None:
    for parameters, mode in ((plain, "PassThrough"), (deployed(EnableTracing="true"), "Active")):
        functions = of_type(parameters, "AWS::Lambda::Function").values()
        assert {one["TracingConfig"]["Mode"] for one in functions} == {mode}
