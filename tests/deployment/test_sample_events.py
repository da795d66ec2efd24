"""Every sample under events/ does what its name says, and no operation lacks one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.alerts.topic import Topic
from tests.support.cloud import Cloud
from tests.support.doors.doors import Context, handler_of
from tests.support.doors.routes import ROUTES
from tests.support.paths import ROOT
from tests.support.template.template import resources

EVENTS = ROOT / "events"
DOORS = ("api", "direct")

# What must have happened before: each of these is a sample of the same door.
BEFORE = {
    "get_reservation": ["reserve"],
    "extend": ["reserve"],
    "release": ["reserve"],
    "settle": ["reserve"],
    "adjust": ["record_cost"],
    "confirm_cost": ["record_slip"],
    "reject_cost": ["record_slip"],
    "tenant_usage": ["record_cost"],
    "system_usage": ["record_cost"],
    "agent_costs": ["record_cost"],
    "model_costs": ["record_cost"],
    "daily_costs": ["record_cost"],
    "execution": ["record_cost"],
    "workflow": ["record_cost"],
    "ledger": ["record_cost"],
    "delete_budget": ["set_budget"],
    "budget_history": ["set_budget"],
    "tenant_history": ["set_budget"],
    "delete_system_budget": ["set_system_budget"],
    "system_budget_history": ["set_system_budget"],
    "system_history": ["set_system_budget"],
    "delete_price": ["set_price"],
    "list_prices": ["set_price"],
    "price_history": ["set_price"],
    "delete_system_price": ["set_system_price"],
    "list_system_prices": ["set_system_price"],
    "system_price_history": ["set_system_price"],
    "resume": ["pause"],
    "workflow_history": ["pause"],
    "reinstate": ["suspend"],
    "delete_tenant": ["record_cost"],
    "list_tenants": ["record_cost"],
    "system_shadow_report": ["record_cost"],
    "add_grant": ["set_prepaid"],
    "delete_system_raise": ["raise_system_limit"],
    "delete_raise": ["raise_limit"],
}
# What has no route: the events of schedules and rules, and their direct forms.
NOTHING_DIFFERS = {"differences": [], "rebuilt": False}
SCHEDULED: dict[str, dict[str, Any]] = {
    "tracking/direct/reconcile.json": {"tenant_id": "acme", **NOTHING_DIFFERS},
    "tracking/direct/reprice.json": {"dry_run": True, "entries": 0, "difference_usd": "0"},
    "tracking/schedule/reconcile.json": {"tenants": 0, **NOTHING_DIFFERS},
    "budgeting/direct/wake.json": {"woken": 0},
    "budgeting/schedule/wake.json": {"woken": 0},
    "resetting/direct/close_month.json": {"month": "2026-10", "statements": 0, "failed": []},
    "resetting/schedule/close_month.json": {"statements": 0, "already_closed": 0},
    "resetting/direct/forecast_all.json": {"tenants": 0, "alerts": 0},
    "resetting/schedule/forecast_all.json": {"tenants": 0, "alerts": 0},
    "expiring/direct/expire.json": {"expired": 0},
    "expiring/direct/release_stopped.json": {"released": 0},
    "expiring/schedule/expire.json": {"expired": 0},
    "expiring/schedule/state_machine_stopped.json": {"released": 0},
}
CREATED = {
    "add_grant",
    "reserve",
    "settle",
    "record_cost",
    "adjust",
    "raise_limit",
    "raise_system_limit",
}

# Where the answer shows the sample's own number.
EXPECTED: dict[str, tuple[str, Any]] = {
    "check": ("status.available_usd", "1000"),
    "reserve": ("reservation.amount_usd", "0.25"),
    "get_reservation": ("state", "open"),
    "extend": ("state", "open"),
    "release": ("state", "released"),
    "settle": ("entry.cost_usd", "0.1875"),
    "record_cost": ("entry.cost_usd", "0.000075"),
    "record_costs": ("results.1.entry.cost_usd", "0.02"),
    "adjust": ("entry.cost_usd", "-0.000025"),
    "confirm_cost": ("entry.decision.state", "confirmed"),
    "reject_cost": ("entry.flags", ["quarantined"]),
    "tenant_usage": ("spent_usd", "0.000075"),
    "system_usage": ("tenants.0.tenant_id", "acme"),
    "agent_costs": ("items.0.name", "invoice-reader"),
    "model_costs": ("items.0.name", "gpt-4o"),
    "daily_costs": ("items.0.spent_usd", "0.000075"),
    "execution": ("spent_usd", "0.000075"),
    "workflow": ("items.0.entry_id", "cost-0001"),
    "ledger": ("items.0.entry_id", "cost-0001"),
    "shadow_report": ("items", []),
    "alerts": ("items", []),
    "system_alerts": ("items", []),
    "statements": ("items", []),
    "system_statements": ("cursor", None),
    "forecast": ("enough_data", False),
    "list_budgets": ("items.2.budget_id", "tenant-month"),
    "set_budget": ("limit_usd", "25"),
    "delete_budget": ("deleted", True),
    "raise_limit": ("limit_usd", "1250"),
    "budget_history": ("items.0.after.limit_usd", "25"),
    "tenant_history": ("items.0.by", "maria"),
    "list_system_budgets": ("items.3.budget_id", "system-month"),
    "set_system_budget": ("period", "day"),
    "delete_system_budget": ("deleted", True),
    "raise_system_limit": ("limit_usd", "11000"),
    "system_budget_history": ("items.0.operation", "set_budget"),
    "system_history": ("items.0.budget_id", "system-day"),
    "set_price": ("output_usd_per_million", "1.2"),
    "delete_price": ("deleted", True),
    "list_prices": ("in_force.source", "tenant"),
    "price_history": ("items.0.after.prices.0.input_usd_per_million", "0.4"),
    "set_system_price": ("discount_percent", "7.5"),
    "delete_system_price": ("deleted", True),
    "list_system_prices": ("items.0.model", "*"),
    "system_price_history": ("items.0.by", "maria"),
    "get_price": ("unit_prices.0.usd", "2.5"),
    "pause": ("state", "paused"),
    "resume": ("own_limit_usd", "80"),
    "workflow_history": ("items.0.operation", "pause"),
    "get_tenant": ("time_zone", "UTC"),
    "set_tenant": ("time_zone", "Europe/Berlin"),
    "suspend": ("state", "suspended"),
    "reinstate": ("state", "active"),
    "delete_tenant": ("state", "erased"),
    "list_tenants": ("items.0.tenant_id", "acme"),
    "system_shadow_report": ("summary.runs", 0),
    "add_grant": ("grants.0.left_usd", "200"),
    "get_system_budget": ("spent_usd", "0"),
    "get_budget": ("available_usd", "1000"),
    "delete_system_raise": ("limit_usd", "10000"),
    "update_system_budget": ("thresholds.0", 90),
    "delete_raise": ("limit_usd", "1000"),
    "update_budget": ("limit_usd", "1200"),
}

# More of an operation: which one, what comes before, and what it must be.
MORE: dict[str, tuple[str, list[str], tuple[str, str]]] = {
    "record_slip": ("record_cost", [], ("entry.flags.0", "quarantined")),
    "set_prepaid": ("set_budget", [], ("period", "total")),
    "check_for_usage": ("check", [], ("quote.lines.1.usd", "10")),
    "reserve_for_usage": ("reserve", [], ("reservation.amount_usd", "0.025")),
    "settle_usage": ("settle", ["reserve"], ("entry.cost_usd", "0.02052")),
    "record_usage": ("record_cost", [], ("entry.cost_usd", "0.000115")),
}


def sample(door: str, operation: str, name: str | None = None) -> dict[str, Any]:
    path = EVENTS / ROUTES[operation].function / door / f"{name or operation}.json"
    loaded: dict[str, Any] = json.loads(path.read_text())
    return loaded


def run(door: str, operation: str, name: str | None = None) -> tuple[int | None, dict[str, Any]]:
    """The status, where there is one, and the body of the answer to the sample."""
    answer = handler_of(ROUTES[operation].function)(sample(door, operation, name), Context())
    if door == "direct":
        return None, answer
    return answer["statusCode"], json.loads(answer["body"])


def found(body: Any, path: str) -> Any:
    for part in path.split("."):
        body = body[int(part)] if part.isdigit() else body[part]
    return body


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("operation", ROUTES)
def test_the_sample_of_an_operation_runs(cloud: Cloud, operation: str, door: str) -> None:
    for earlier in BEFORE.get(operation, []):
        run(door, MORE.get(earlier, (earlier,))[0], earlier)

    status, body = run(door, operation)

    assert status in (None, 201 if operation in CREATED else 200)
    path, value = EXPECTED[operation]
    assert found(body, path) == value


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", MORE)
def test_a_further_sample_of_an_operation_runs(cloud: Cloud, name: str, door: str) -> None:
    operation, before, (path, value) = MORE[name]
    for earlier in before:
        run(door, earlier)
    _, body = run(door, operation, name)
    assert found(body, path) == value


@pytest.mark.parametrize(("name", "expected"), SCHEDULED.items())
def test_what_schedules_and_rules_send_is_answered(
    cloud: Cloud, name: str, expected: dict[str, Any]
) -> None:
    event = json.loads((EVENTS / name).read_text())
    answer = handler_of(name.split("/", maxsplit=1)[0])(event, Context())
    assert expected.items() <= answer.items()


@pytest.mark.parametrize("operation", ROUTES)
def test_the_samples_of_an_operation_ask_for_it(operation: str) -> None:
    route, api = ROUTES[operation], sample("api", operation)

    assert api["routeKey"] == route.key
    assert api["requestContext"]["http"]["method"] == route.method
    assert api.get("pathParameters", {}).keys() == set(route.placeholders)
    assert sample("direct", operation)["operation"] == operation


def test_the_sample_of_a_state_machine_that_waits_runs(cloud: Cloud) -> None:
    run("direct", "pause")
    event = json.loads((EVENTS / "budgeting/direct/await_resume.json").read_text())
    answer = handler_of("budgeting")(event, Context())
    assert (answer["state"], answer["waiting"]) == ("paused", 1)


ALERTING = {
    "alerting/direct/send_alert.json": {"kind": "manual", "state": "sent"},
    "alerting/direct/send_due.json": {"sent": 0, "failed": 0},
    "alerting/schedule/send_due.json": {"sent": 0, "failed": 0},
    "alerting/stream/threshold.json": {"batchItemFailures": []},
}


@pytest.mark.parametrize(("name", "expected"), ALERTING.items())
def test_the_samples_of_alerting_run(
    cloud: Cloud, topic: Topic, name: str, expected: dict[str, Any]
) -> None:
    event = json.loads((EVENTS / name).read_text())
    answer = handler_of("alerting")(event, Context())
    assert expected.items() <= answer.items()


def test_there_is_no_sample_of_anything_else() -> None:
    expected = {
        EVENTS / route.function / door / f"{operation}.json"
        for operation, route in ROUTES.items()
        for door in DOORS
    }
    expected |= {
        EVENTS / ROUTES[operation].function / door / f"{name}.json"
        for name, (operation, *_) in MORE.items()
        for door in DOORS
    }
    others = {*SCHEDULED, "budgeting/direct/await_resume.json", *ALERTING}
    assert set(EVENTS.rglob("*.json")) == expected | {EVENTS / name for name in others}


def test_the_template_declares_exactly_these_routes() -> None:
    declared = {
        (properties["CodeUri"].rpartition("/")[2], event["Properties"]["Method"].upper(),
         event["Properties"]["Path"])
        for properties in resources("AWS::Serverless::Function").values()
        for event in properties.get("Events", {}).values()
        if event["Type"] == "HttpApi"
    }  # fmt: skip

    assert declared == {(route.function, route.method, route.path) for route in ROUTES.values()}
