"""The template is what CloudFormation takes, and says what the code does."""

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from budget_monitor.entrypoints.approving import page
from budget_monitor.entrypoints.dashboard import pages
from budget_monitor.entrypoints.door.operations import DIRECT, Operation
from budget_monitor.entrypoints.openapi.document import FUNCTIONS
from budget_monitor.entrypoints.reporting.catch_all import CATCH_ALL
from tests.support.paths import ROOT
from tests.support.template import translation
from tests.support.template.translation import of_type
from tests.support.thorough import THOROUGH

pytestmark = pytest.mark.xdist_group("template")  # translated once, by one worker

OPERATIONS = {f"{name.capitalize()}Function": found for name, found in FUNCTIONS.items()}
PAGES: dict[str, tuple[Operation[Any], ...]] = {
    "ApprovingFunction": page.PAGES,
    "DashboardFunction": pages.PAGES,
}
"""The pages, which are no operations, and whose routes everybody may call."""
TABLES = {"AccountsTable", "LedgerTable", "ReservationsTable", "BudgetsTable", "AlertsTable"}


LINT = "import gc, sys; gc.disable(); from cfnlint.runner import main; sys.exit(main())"
"""The command cfn-lint, which looks for garbage for a quarter of its time."""


def without_repetition(translated: dict[str, Any]) -> dict[str, Any]:
    """Keep one of the permissions that SAM makes, alike, for the routes of a function."""
    written, seen = translation.source()["Resources"], set[str]()
    kept = dict[str, Any]()
    for name, one in translated["Resources"].items():
        made = one["Type"] == "AWS::Lambda::Permission" and name not in written
        invoked = (
            json.dumps([one.get("Condition"), one["Properties"]["FunctionName"]]) if made else name
        )
        if invoked not in seen:
            kept[name] = one
        seen.add(invoked)
    return translated | {"Resources": kept}


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return translation.source()


@pytest.fixture(scope="module")
def translated() -> dict[str, Any]:
    return translation.translated()


def test_what_sam_makes_of_the_template_passes_the_lint_of_cloudformation(
    translated: dict[str, Any], tmp_path: Path
) -> None:
    plain = tmp_path / "template.json"
    plain.write_text(json.dumps(translated if THOROUGH else without_repetition(translated)))
    done = subprocess.run(  # noqa: S603 - our own environment's linter
        [sys.executable, "-c", LINT, "--regions", "us-east-1", "--", plain],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_every_operation_has_its_route_and_every_route_its_operation(
    template: dict[str, Any],
) -> None:
    functions = of_type(template, "AWS::Serverless::Function")
    for name in OPERATIONS.keys() | PAGES.keys():
        operations = OPERATIONS.get(name, ())
        events = functions[name]["Events"].values()
        found = [event["Properties"] for event in events if event["Type"] == "HttpApi"]
        routes = {(one.method, one.path) for one in operations if one.method != DIRECT}
        if name == "ReportingFunction":
            routes.add((CATCH_ALL.method, CATCH_ALL.path))
        routes |= {(one.method, one.path) for one in PAGES.get(name, ())}
        assert {(one["Method"], one["Path"]) for one in found} == routes


@pytest.mark.parametrize(("name", "scheme"), [("Api", "AWS_IAM"), ("TokenApi", "Tokens")])
def test_every_route_but_those_of_the_pages_is_authorised_by_iam_or_else_by_a_token(
    translated: dict[str, Any], name: str, scheme: str
) -> None:
    apis = of_type(translated, "AWS::ApiGatewayV2::Api")
    assert apis.keys() == {"Api", "TokenApi"}
    known = {(one.method.lower(), one.path) for found in PAGES.values() for one in found}
    places = {path for _, path in known} if name == "Api" else set()
    paths = apis[name]["Body"]["paths"].items()
    operations = [one for path, found in paths if path not in places for one in found.values()]
    opened = [one for path, found in paths if path in places for one in found.items()]
    assert len(opened) == (len(known) if name == "Api" else 0)
    assert {path for method, path in known if method != "get"} == {"/approvals"}
    assert all(one.get("security", [{"NONE": []}]) == [{"NONE": []}] for _, one in opened)
    routed = [one for each in OPERATIONS.values() for one in each if one.method != DIRECT]
    assert len(operations) == len(routed) + 1, "and the catch-all route"
    assert all(operation["security"] == [{scheme: []}] for operation in operations)


def test_every_handler_that_the_template_names_exists(template: dict[str, Any]) -> None:
    for function in of_type(template, "AWS::Serverless::Function").values():
        folder = function["CodeUri"].replace("/", ".")
        assert callable(importlib.import_module(f"{folder}.app").lambda_handler)
    assert template["Globals"]["Function"]["Handler"] == "app.lambda_handler"


def test_the_five_tables_grow_with_use_and_only_accounts_has_a_stream(
    template: dict[str, Any],
) -> None:
    tables = of_type(template, "AWS::DynamoDB::Table")
    assert tables.keys() == TABLES
    assert all(table["BillingMode"] == "PAY_PER_REQUEST" for table in tables.values())
    assert {name for name, table in tables.items() if "StreamSpecification" in table} == {
        "AccountsTable"
    }


def test_money_outlives_the_stack(template: dict[str, Any]) -> None:
    for name in TABLES:
        assert template["Resources"][name]["DeletionPolicy"] == "RetainExceptOnCreate"
        assert template["Resources"][name]["UpdateReplacePolicy"] == "Retain"


def test_lists_come_from_indexes_that_hold_keys_alone(template: dict[str, Any]) -> None:
    for table in of_type(template, "AWS::DynamoDB::Table").values():
        for index in table.get("GlobalSecondaryIndexes", []):
            assert index["Projection"] == {"ProjectionType": "KEYS_ONLY"}


def test_each_function_has_a_role_of_its_own_without_wildcards(translated: dict[str, Any]) -> None:
    roles = of_type(translated, "AWS::IAM::Role")
    functions = of_type(translated, "AWS::Lambda::Function")
    assert {json.dumps(one["Role"]) for one in functions.values()} == {
        json.dumps({"Fn::GetAtt": [f"{name}Role", "Arn"]}) for name in functions
    }
    for role in roles.values():
        for policy in role["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                actions = statement["Action"]
                assert "*" not in json.dumps(actions)
                assert statement["Resource"] != "*"
                assert "Scan" not in json.dumps(actions)


def test_a_function_that_shares_its_work_may_invoke_itself_alone(
    translated: dict[str, Any],
) -> None:
    policies = of_type(translated, "AWS::IAM::Policy")
    del policies["NobodyMakesNetworkInterfaces"]
    assert len(policies) == 2
    for policy in policies.values():
        (statement,) = policy["PolicyDocument"]["Statement"]
        (role,) = policy["Roles"]
        assert statement["Action"] == "lambda:InvokeFunction"
        assert statement["Resource"] == {"Fn::GetAtt": [role["Ref"].removesuffix("Role"), "Arn"]}


def test_reporting_cannot_write(translated: dict[str, Any]) -> None:
    role = of_type(translated, "AWS::IAM::Role")["ReportingFunctionRole"]
    allowed = json.dumps(role["Policies"])
    assert "PutItem" not in allowed
    assert "UpdateItem" not in allowed


def test_closing_a_month_cannot_move_money(translated: dict[str, Any]) -> None:
    role = of_type(translated, "AWS::IAM::Role")["ResettingFunctionRole"]
    policies = role["Policies"]
    statements = [one for policy in policies for one in policy["PolicyDocument"]["Statement"]]
    written = [one["Resource"] for one in statements if "PutItem" in json.dumps(one["Action"])]
    assert "UpdateItem" not in json.dumps(statements)
    assert {one["Fn::GetAtt"][0] for one in written} == {"BudgetsTable", "AlertsTable"}


def test_what_a_schedule_could_not_start_is_kept(translated: dict[str, Any]) -> None:
    schedules = of_type(translated, "AWS::Scheduler::Schedule")
    assert len(schedules) == 9
    assert "ResettingFunctionDailyPriceWatch" in schedules
    for name, schedule in schedules.items():
        target, arn = schedule["Target"], {"Fn::GetAtt": ["ScheduleFailures", "Arn"]}
        assert target["DeadLetterConfig"]["Arn"] == arn
        assert "MaximumRetryAttempts" in target["RetryPolicy"]
        role = of_type(translated, "AWS::IAM::Role")[f"{name}Role"]
        (sends,) = [
            one
            for policy in role["Policies"]
            for one in policy["PolicyDocument"]["Statement"]
            if "sqs:SendMessage" in json.dumps(one["Action"])
        ]
        assert sends["Resource"] == arn


def test_the_layers_hold_what_the_lock_holds() -> None:
    layer = (ROOT / "layers" / "dependencies" / "requirements.txt").read_text()
    lock = (ROOT / "requirements" / "dev.txt").read_text()
    pins = [line.split(" ")[0] for line in layer.splitlines() if "==" in line]
    assert {"pynamodb", "boto3"} <= {pin.split("==")[0] for pin in pins}
    assert all(f"\n{pin} " in f"\n{lock}" for pin in pins)
    assert "://" not in layer + lock
