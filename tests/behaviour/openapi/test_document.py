"""The OpenAPI document says what the API does: its routes, fields, answers and examples."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator, Registry
from openapi_schema_validator import OAS31Validator
from openapi_schema_validator._specifications import REGISTRY
from openapi_spec_validator import validate

from budget_monitor.domain.roles import OPERATORS_FIELDS
from budget_monitor.entrypoints.approving import page
from budget_monitor.entrypoints.dashboard.pages import PAGES
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.openapi import document as openapi
from budget_monitor.entrypoints.openapi.document import FUNCTIONS, declared, document
from budget_monitor.entrypoints.openapi.fields import Field
from tests.support.cloud import Cloud
from tests.support.doors.doors import DirectDoor, Door, HttpDoor
from tests.support.doors.routes import ROUTES, WITHOUT_ROUTE
from tests.support.openapi.conformance import complaints
from tests.support.openapi.examples import examples, run
from tests.support.openapi.fuller import FULLER
from tests.support.openapi.reading import READERS, Read, reads
from tests.support.paths import ROOT
from tests.support.template.template import resources
from tests.support.thorough import THOROUGH


@pytest.fixture
def compiled_dialect(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare schemas with OpenAPI's dialect by a compiled validator; a thorough run does not.

    It takes a thousandth of the time and refuses the same: types, bounds, patterns, discriminators.
    """
    registry = Registry([(name, REGISTRY[name].contents) for name in REGISTRY])
    dialect = Draft202012Validator(
        OAS31Validator.META_SCHEMA, registry=registry, validate_formats=True
    )
    if not THOROUGH:
        monkeypatch.setattr(OAS31Validator, "check_schema", lambda one, **_: dialect.validate(one))


def test_the_validator_of_openapi_accepts_the_document(compiled_dialect: None) -> None:
    validate(document())


def test_every_operation_is_declared_and_nothing_else() -> None:
    names = [one.name for operations in FUNCTIONS.values() for one in operations]
    declarations = [n for module in openapi.CAPABILITIES.values() for n in module.DECLARED]
    assert sorted(declarations) == sorted(names)
    assert {*ROUTES, *WITHOUT_ROUTE} == set(names)


def test_the_document_has_the_routes_of_the_template() -> None:
    declared_routes = {
        (event["Properties"]["Method"].lower(), event["Properties"]["Path"])
        for function in resources("AWS::Serverless::Function").values()
        for event in function.get("Events", {}).values()
        if event["Type"] == "HttpApi"
    }
    paths = document()["paths"]
    declared_routes.remove(("any", "$default"))  # what no operation answers
    declared_routes -= {("get", one.path) for one in PAGES}  # pages of HTML
    declared_routes -= {(one.method.lower(), one.path) for one in page.PAGES}
    assert {(method, path) for path, methods in paths.items() for method in methods} == (
        declared_routes
    )


def test_the_version_is_that_of_the_project() -> None:
    assert f'\nversion = "{openapi.VERSION}"\n' in (ROOT / "pyproject.toml").read_text()


def test_every_reference_leads_to_a_component_and_every_component_is_used() -> None:
    components = {
        f"#/components/{kind}/{name}"
        for kind in ("schemas", "responses")
        for name in document()["components"][kind]
    }
    assert components == set(_references(document()))


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [one for inner in value.values() for one in _references(inner)]
    return [one for inner in value for one in _references(inner)] if isinstance(value, list) else []


def _declared(fields: tuple[Field, ...], path: str = "") -> set[Read]:
    found = set[Read]()
    for one in fields:
        found.add((one.reader, path + one.name, one.limits, tuple(sorted(one.options.items()))))
        if one.null_says:
            found.add(("says_none", path + one.name, (), ()))
        found |= _declared(one.of, f"{path}{one.name}.")
        found |= _declared(() if one.other is None else (one.other,), path)
    return found


# What the direct door reads besides: an owner that is not named in a path.
TENANT_OR_SYSTEM: dict[Read, Read] = {
    ("tenant", "tenant_id", (), ()): ("optional_tenant", "tenant_id", (), ())
}
OWNED = {
    f"{verb}_{what}" for verb, what in (
        ("set", "budget"), ("delete", "budget"), ("raise", "limit"), ("budget", "history"),
        ("set", "price"), ("delete", "price"), ("list", "prices"), ("price", "history"),
        ("get", "budget"), ("update", "budget"), ("delete", "raise"),
        ("set", "alias"), ("delete", "alias"), ("list", "aliases"),
    )
}  # fmt: skip


def test_every_method_of_fields_is_noted_or_known_to_read_nothing() -> None:
    assert set(READERS) <= set(dir(Fields))
    assert {"id", "count", "inner", "each", "says_none", "tenant"} <= set(READERS)


@pytest.mark.parametrize("operation", [*ROUTES, *WITHOUT_ROUTE])
def test_the_document_has_the_fields_that_the_handler_reads(cloud: Cloud, operation: str) -> None:
    with reads() as noted:
        for name, (_, of, _) in examples().items():
            if of == operation:
                run(HttpDoor(), name)
        for request in FULLER.get(operation, ()):
            of_operators = OPERATORS_FIELDS.get(operation, frozenset()) & request.keys()
            (DirectDoor() if of_operators else HttpDoor()).call(operation, **request)
    said = _declared(declared()[operation][1].fields)
    if operation in OWNED:
        said = {TENANT_OR_SYSTEM.get(one, one) for one in said}
    assert said == noted.of.get(operation, set())


@pytest.mark.parametrize("door", [HttpDoor(), DirectDoor()], ids=["http", "direct"])
@pytest.mark.parametrize("name", examples())
def test_the_answer_to_an_example_is_as_declared(cloud: Cloud, door: Door, name: str) -> None:
    answer = run(door, name)
    assert complaints(examples()[name][1], answer.status, answer.body) == []
