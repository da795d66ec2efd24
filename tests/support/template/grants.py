"""Compare the functions' AWS calls with their permissions in template.yaml.

Every SDK call during a handler is recorded, in all tests and workers. The run fails at its end if a
call is not granted. If the whole suite ran and passed, it also fails if a grant was never used.
"""

from __future__ import annotations

import functools
import importlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from fnmatch import fnmatchcase
from typing import Any

import pytest
from botocore.client import BaseClient

from tests.support.template.template import resources

Grant = tuple[str, str, str]
"""A function, an action, and what it is done to: `expiring`, `dynamodb:Query`, `T/index/i`."""

FUNCTIONS = (
    "alerting",
    "approving",
    "budgeting",
    "checking",
    "dashboard",
    "expiring",
    "forwarding",
    "intercepting",
    "reporting",
    "resetting",
    "tracking",
)
TABLES = {
    "ACCOUNTS_TABLE": "AccountsTable",
    "LEDGER_TABLE": "LedgerTable",
    "RESERVATIONS_TABLE": "ReservationsTable",
    "BUDGETS_TABLE": "BudgetsTable",
    "ALERTS_TABLE": "AlertsTable",
}
INVOKED = {
    "CHECKING_FUNCTION_ARN": "CheckingForAgents",
    "TRACKING_FUNCTION_ARN": "TrackingForAgents",
    "GATEWAY_NEXT_INTERCEPTOR": "GatewayNextInterceptorArn",
}
OTHERS = {
    ("s3", "HeadObject"): ("s3:GetObject", "PriceLists/*"),
    ("s3", "PutObject"): ("s3:PutObject", "Exports/*"),
    ("s3", "ListObjectsV2"): ("s3:ListBucket", "Exports"),
    ("s3", "ListObjectVersions"): ("s3:ListBucketVersions", "Exports"),
    ("s3", "DeleteObjects"): ("s3:DeleteObjectVersion", "Exports/*/tenant=*"),
    ("secretsmanager", "GetSecretValue"): ("secretsmanager:GetSecretValue", "SigningKey"),
    ("sns", "Publish"): ("sns:Publish", "AlertTopic"),
    ("events", "PutEvents"): ("events:PutEvents", "AlertBus"),
    ("stepfunctions", "SendTaskSuccess"): ("states:SendTaskSuccess", "stateMachine"),
    ("stepfunctions", "SendTaskFailure"): ("states:SendTaskFailure", "stateMachine"),
    ("sqs", "SendMessage"): ("sqs:SendMessage", "WebhooksQueue"),
}
"""The calls that have one place to go to."""
_WRITES = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem"}

_function: ContextVar[str | None] = ContextVar("function", default=None)


def asked(service: str, operation: str, request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Return the IAM actions that a call needs, each with its resource."""
    if service == "lambda" and operation != "Invoke":
        yield f"lambda:{operation}", "function"
    elif service == "lambda":
        name = request["FunctionName"]
        own = name == os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        yield f"lambda:{operation}Function", "itself" if own else _invoked(name)
    elif service != "dynamodb":
        yield _other(service, operation, request)
    elif operation == "TransactWriteItems":
        for item in request["TransactItems"]:
            ((kind, one),) = item.items()
            yield f"dynamodb:{_WRITES.get(kind, 'ConditionCheckItem')}", _table(one["TableName"])
    elif operation == "TransactGetItems":
        for item in request["TransactItems"]:
            yield "dynamodb:GetItem", _table(item["Get"]["TableName"])
    elif operation == "BatchGetItem":
        for name in request["RequestItems"]:
            yield "dynamodb:BatchGetItem", _table(name)
    else:
        index = f"/index/{request['IndexName']}" if "IndexName" in request else ""
        yield f"dynamodb:{operation}", _table(request["TableName"]) + index


def _other(service: str, operation: str, request: Mapping[str, Any]) -> tuple[str, str]:
    """Return the action and resource of a call with one place to go to."""
    if (service, operation) == ("s3", "GetObject"):
        if "VersionId" in request:
            return "s3:GetObjectVersion", "PriceLists/*"
        return "s3:GetObject", "Exports/*"
    webhooks = os.environ.get("WEBHOOKS_SECRET_ARN")
    if webhooks and request.get("SecretId") == webhooks:
        return "secretsmanager:GetSecretValue", "WebhooksSecretArn"
    return OTHERS.get((service, operation), (f"{service}:{operation}", "?"))


def _invoked(arn: str) -> str:
    """Return the template's name of a function that a variable names."""
    named = {os.environ.get(variable): one for variable, one in INVOKED.items()}
    return named.get(arn, "?")


def _table(name: str) -> str:
    """Return the table's name in the template."""
    if name not in _tables:
        _tables.update((os.environ.get(variable), table) for variable, table in TABLES.items())
    return _tables.get(name, name)


_tables: dict[str | None, str] = {}
"""Each test's tables have names that no other has."""


@functools.cache
def granted() -> frozenset[Grant]:
    """Return the grants: each function's policies and those attached to its role."""
    found = set[Grant]()
    for name, function in resources("AWS::Serverless::Function").items():
        for policy in function["Policies"]:
            found |= set(_grants(name, policy["Statement"]))
    for policy in resources("AWS::IAM::Policy").values():
        for role in policy["Roles"]:
            name = role["Ref"].removesuffix("Role")
            found |= set(_grants(name, policy["PolicyDocument"]["Statement"]))
    return frozenset(found)


def _grants(logical_id: str, statements: Iterable[Mapping[str, Any]]) -> Iterator[Grant]:
    function = logical_id.removesuffix("Function").lower()
    for statement in statements:
        if statement["Effect"] == "Allow":
            for action in _listed(statement["Action"]):
                for resource in _listed(statement["Resource"]):
                    yield function, action, _named(resource, logical_id)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _named(resource: Mapping[str, Any], function: str) -> str:
    """Return a statement's resource as text."""
    ((kind, value),) = resource.items()
    if kind == "Fn::If":
        ((kind, value),) = value[1].items()
    if kind == "Fn::GetAtt":
        value = value if isinstance(value, str) else ".".join(value)
        name = value.partition(".")[0]
        return "itself" if name == function else name
    if kind == "Fn::Sub" and ":stateMachine:" in value:
        return "stateMachine"
    if kind == "Fn::Sub" and value.endswith(":function:*"):
        return "function"
    return str(value).replace("${", "").replace(".Arn}", "")


def not_granted(used: Iterable[Grant]) -> list[Grant]:
    """Return the calls that no statement allows."""
    return sorted(one for one in set(used) if not any(_covers(grant, one) for grant in granted()))


def not_used(used: Iterable[Grant]) -> list[Grant]:
    """Return the grants that were never used."""
    known = set(used)
    return sorted(one for one in granted() if not any(_covers(one, use) for use in known))


def _covers(grant: Grant, use: Grant) -> bool:
    return grant[:2] == use[:2] and fnmatchcase(use[2], grant[2])


class Recorder:
    """A pytest plugin that records the handlers' calls, in this process and in all workers."""

    def __init__(self, config: pytest.Config) -> None:
        """Start recording at once: before any test module is imported."""
        self.used = set[Grant]()
        self.problems = list[str]()
        self._worker: dict[str, Any] | None = getattr(config, "workeroutput", None)
        self._whole = _is_whole(config) and not config.option.collectonly
        self._patch = pytest.MonkeyPatch()
        self._note()

    def _note(self) -> None:
        original: Any = vars(BaseClient)["_make_api_call"]
        used = self.used

        def noted(client: BaseClient, operation: str, request: Mapping[str, Any]) -> Any:
            function = _function.get()
            if function is not None:
                service = client.meta.service_model.service_name
                used.update((function, *one) for one in asked(service, operation, request))
            return original(client, operation, request)

        self._patch.setattr(BaseClient, "_make_api_call", noted)
        for name in FUNCTIONS:
            module = importlib.import_module(f"functions.{name}.app")
            self._patch.setattr(module, "lambda_handler", _named_after(name, module))

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Hand over the records in a worker; compare them in the main process."""
        self._patch.undo()
        if self._worker is not None:
            self._worker["asked_of_aws"] = sorted(self.used)
            return
        self.problems = [f"{_text(one)} is not granted" for one in not_granted(self.used)]
        if self._whole and exitstatus == 0:
            self.problems += [f"{_text(one)} is granted to no use" for one in not_used(self.used)]
        if self.problems:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Collect the records of a worker. A crashed worker has none."""
        noted = getattr(node, "workeroutput", {}).get("asked_of_aws", ())
        self.used.update((function, action, resource) for function, action, resource in noted)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Report missing and unused grants of template.yaml."""
        if self.problems:
            terminalreporter.section("template.yaml and what the functions ask", red=True)
            for problem in self.problems:
                terminalreporter.write_line(problem)


def _is_whole(config: pytest.Config) -> bool:
    """True if the run was not limited to some tests."""
    by_paths = config.args_source == pytest.Config.ArgsSource.TESTPATHS
    return by_paths and not (config.option.keyword or config.option.markexpr)


def _named_after(function: str, module: Any) -> Callable[..., Any]:
    handler = module.lambda_handler

    @functools.wraps(handler)
    def named(event: Any, context: object) -> Any:
        token = _function.set(function)
        try:
            return handler(event, context)
        finally:
            _function.reset(token)

    return named


def _text(grant: Grant) -> str:
    function, action, resource = grant
    return f"{function}: {action} on {resource}"
