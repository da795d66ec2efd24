"""The client has every operation, field and error of the OpenAPI document, and no others."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

import budget_monitor_client
from budget_monitor.entrypoints.openapi.document import document
from budget_monitor_client import AsyncBudgetMonitor, BudgetMonitor, errors
from budget_monitor_client.operations import Operations
from budget_monitor_client.routes import ROUTES
from budget_monitor_client.values import LEFT_OUT
from clients.python.generate import Operation, Parameter, generated, operations
from tests.support.doors.routes import ROUTES as SERVED
from tests.support.paths import ROOT

DOCUMENT = document()
FOUND = operations(DOCUMENT)
TEXTS = generated()


def methods(client: type) -> set[str]:
    own = {name for name, _ in inspect.getmembers(Operations, inspect.isfunction)}
    return {name for name in own if not name.startswith("_") and hasattr(client, name)} - {"send"}


@pytest.mark.parametrize("client", [BudgetMonitor, AsyncBudgetMonitor])
def test_each_operation_has_a_method_and_each_method_an_operation(client: type) -> None:
    routed = {o["operationId"] for path in DOCUMENT["paths"].values() for o in path.values()}
    assert methods(client) == routed | set(DOCUMENT["x-direct-operations"])
    assert methods(client) == set(ROUTES)


@pytest.mark.parametrize("operation", FOUND, ids=lambda one: one.name)
def test_each_field_has_a_parameter_and_each_parameter_a_field(operation: Operation) -> None:
    signature = inspect.signature(getattr(BudgetMonitor, operation.name))
    given = {name: one for name, one in signature.parameters.items() if name != "self"}
    assert set(given) == {field.python for field in operation.parameters}
    required = {name for name, one in given.items() if one.default is inspect.Parameter.empty}
    assert required == {field.python for field in operation.parameters if field.required}


def served_fields(operation: dict[str, Any]) -> set[str]:
    """The fields of an operation as the document has them, without the generator's help."""
    names = {one["name"] for one in operation.get("parameters", [])}
    for body in operation.get("requestBody", {}).get("content", {}).values():
        names |= set(body["schema"]["properties"])
    return names


def test_fields_of_the_document_are_counted_without_the_generator() -> None:
    by_name = {operation.name: operation for operation in FOUND}
    renamed = {"id": {"agent_execution_id", "workflow_execution_id"}}
    for path in DOCUMENT["paths"].values():
        for one in path.values():
            ours = {field.name for field in by_name[one["operationId"]].parameters}
            for name in served_fields(one):
                expected = {name.lower().replace("-", "_")} | renamed.get(name, set())
                assert expected & ours, (one["operationId"], name)


def test_each_error_code_has_an_exception_and_each_exception_a_code() -> None:
    codes = set(DOCUMENT["components"]["schemas"]["Error"]["properties"]["error"]["enum"])
    assert set(errors.CODED) == codes
    classes = [one for one in vars(errors).values() if inspect.isclass(one)]
    own = {one for one in classes if issubclass(one, errors.BudgetMonitorError)}
    assert {one.code for one in own if one.code} == codes
    without = {one.__name__ for one in own if one.code is None}
    assert without == {"BudgetMonitorError", "RefusedError", "UnexpectedAnswerError"}
    assert {one.__name__ for one in own} <= set(budget_monitor_client.__all__)


def test_each_route_is_the_one_that_is_served() -> None:
    for name, route in SERVED.items():
        served = route.path.replace("{id}", f"{{{route.id_means}}}")
        ours = ROUTES[name]
        assert (ours.function, ours.method, ours.path) == (route.function, route.method, served)


@pytest.mark.parametrize("path", TEXTS, ids=lambda one: one.name)
def test_the_generated_files_are_what_make_reference_writes(path: Path) -> None:
    assert path.read_text() == TEXTS[path]


def test_no_module_of_operations_is_left_from_an_older_document() -> None:
    folder = ROOT / "clients" / "python" / "src" / "budget_monitor_client" / "operations"
    assert set(folder.glob("*.py")) <= set(TEXTS)


def test_none_is_left_out_except_where_it_means_no_limit() -> None:
    given = {"limit_usd": None, "limit_calls": LEFT_OUT, "scope": None, "by": "maria"}
    assert ROUTES["set_budget"].given(given) == {"limit_usd": None, "by": "maria"}


def test_a_parameter_whose_default_is_left_out_may_be_none() -> None:
    fields: dict[str, Parameter] = {
        one.name: one for o in FOUND if o.name == "update_budget" for one in o.parameters
    }
    signature = inspect.signature(BudgetMonitor.update_budget)
    assert signature.parameters["limit_usd"].default is LEFT_OUT
    assert signature.parameters["scope"].default is None
    assert "limit_usd" in fields
