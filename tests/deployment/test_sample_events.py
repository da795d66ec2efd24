"""Every sample under events/ does what its name says, and no operation lacks one.

The direct samples are the examples of the OpenAPI document (`make reference` writes them). A
request to the API is such a sample in the one envelope of all, events/api.json.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from budget_monitor.entrypoints.approving import page
from budget_monitor.entrypoints.dashboard import pages
from tests.support.alerts.topic import Topic
from tests.support.cloud import Cloud
from tests.support.dashboard.memory_secret import MemorySecret
from tests.support.doors.doors import Context, handler_of
from tests.support.doors.http_events import http_event
from tests.support.doors.routes import ROUTES, WITHOUT_ROUTE
from tests.support.memory.fixture import MemoryCloud
from tests.support.openapi.examples import examples
from tests.support.paths import ROOT
from tests.support.prices.bucket import EXAMPLE, MemoryBucket, dearer
from tests.support.template.template import resources
from tests.support.times import at

EVENTS = ROOT / "events"
DOORS = ("api", "direct")
SAMPLES = {name: operation for name, (_, operation, _) in examples().items() if operation in ROUTES}
"""The operation of each sample that has a route, by the sample's name."""

# What has no route: the events of schedules and rules, and their direct forms.
NOTHING_DIFFERS = {"differences": [], "rebuilt": False}
SCHEDULED: dict[str, dict[str, Any]] = {
    "tracking/direct/reconcile.json": {"tenant_id": "acme", **NOTHING_DIFFERS},
    "tracking/direct/reprice.json": {"dry_run": True, "entries": 0, "difference_usd": "0"},
    "tracking/schedule/reconcile.json": {"tenants": 0, **NOTHING_DIFFERS},
    "alerting/direct/notice.json": {"batchItemFailures": []},
    "forwarding/direct/forward.json": {
        "batchItemFailures": [{"itemIdentifier": "059f36b4-87a3-44ab-83d2-661975830a7d"}]
    },
    "budgeting/direct/wake.json": {"woken": 0, "expired": 0},
    "budgeting/schedule/wake.json": {"woken": 0, "expired": 0},
    "resetting/direct/close_month.json": {"month": "2026-10", "statements": 0, "failed": []},
    "resetting/schedule/close_month.json": {"statements": 0, "already_closed": 0},
    "resetting/direct/export_month.json": {"month": "2026-10", "tenants": 0, "failed": []},
    "resetting/schedule/export_month.json": {"tenants": 0, "failed": []},
    "resetting/direct/close_fiscal_months.json": {"month": "2026-10", "statements": 0},
    "resetting/schedule/close_fiscal_months.json": {"month": "2026-10", "statements": 0},
    "resetting/direct/forecast_all.json": {"tenants": 0, "alerts": 0},
    "resetting/schedule/forecast_all.json": {"tenants": 0, "alerts": 0},
    "resetting/direct/watch_prices.json": {"dated": "2026-11-09"},
    "resetting/schedule/watch_prices.json": {"dated": "2026-11-09"},
    "expiring/direct/expire.json": {"expired": 0},
    "expiring/direct/release_stopped.json": {"released": 0},
    "expiring/schedule/expire.json": {"expired": 0},
    "expiring/schedule/state_machine_stopped.json": {"released": 0},
}
CREATED = {
    "add_grant", "reserve", "settle", "draw", "record_cost", "adjust", "raise_limit",
    "raise_system_limit", "request_raise", "dashboard_link", "system_dashboard_link",
}  # fmt: skip

# Where the answer shows the sample's own number.
EXPECTED: dict[str, tuple[str, Any]] = {
    "dashboard_link": ("tenant_id", "acme"),
    "system_dashboard_link": ("tenant_id", None),
    "check": ("status.available_usd", "1000"),
    "reserve": ("reservation.amount_usd", "0.25"),
    "get_reservation": ("state", "open"),
    "extend": ("state", "open"),
    "release": ("state", "released"),
    "settle": ("entry.cost_usd", "0.1875"),
    "settle_at_estimate": ("entry.flags.0", "estimated"),
    "draw": ("reservation.left_usd", "0.2"),
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
    "user_costs": ("items.0.name", "maria"),
    "tag_costs": ("items.0.name", "production"),
    "workflow_costs": ("items.0.name", "invoices"),
    "provider_costs": ("items.0.name", "openai"),
    "system_agent_costs": ("items.0.name", "invoice-reader"),
    "system_model_costs": ("items.0.name", "gpt-4o"),
    "system_daily_costs": ("items.0.spent_usd", "0.000075"),
    "system_user_costs": ("items.0.name", "maria"),
    "system_tag_costs": ("items.0.name", "production"),
    "system_workflow_costs": ("items.0.name", "invoices"),
    "system_provider_costs": ("items.0.name", "openai"),
    "list_executions": ("items.0.spent_usd", "0.000075"),
    "list_workflows": ("items.0.spent_usd", "0.000075"),
    "list_reservations": ("items.0.amount_usd", "0.25"),
    "execution": ("spent_usd", "0.000075"),
    "workflow": ("items.0.entry_id", "cost-0001"),
    "ledger": ("items.0.entry_id", "cost-0001"),
    "shadow_report": ("items", []),
    "alerts": ("items", []),
    "system_alerts": ("items", []),
    "statements": ("items", []),
    "system_statements": ("cursor", None),
    "openapi": ("openapi", "3.1.0"),
    "forecast": ("enough_data", False),
    "headroom": ("reason_code", None),
    "list_budgets": ("items.2.budget_id", "tenant-month"),
    "set_budget": ("limit_usd", "25"),
    "delete_budget": ("deleted", True),
    "raise_limit": ("limit_usd", "1250"),
    "budget_history": ("items.0.after.limit_usd", "25"),
    "tenant_history": ("items.0.by", "maria"),
    "budget_names": ("items.0.name", "maria"),
    "list_system_budgets": ("items.3.budget_id", "system-month"),
    "set_system_budget": ("period", "day"),
    "delete_system_budget": ("deleted", True),
    "raise_system_limit": ("limit_usd", "11000"),
    "system_budget_history": ("items.0.operation", "set_budget"),
    "system_history": ("items.0.budget_id", "system-day"),
    "set_price": ("output_usd_per_million", "1.2"),
    "set_budget_for_each": ("scope_id", "*"),
    "set_budget_of_tokens": ("limit_tokens.output", 200000),
    "set_price_sheet": ("prices.0.service_tiers.batch.percent", "50"),
    "delete_price": ("deleted", True),
    "list_prices": ("in_force.source", "tenant"),
    "price_history": ("items.0.after.prices.0.input_usd_per_million", "0.4"),
    "set_system_price": ("discount_percent", "7.5"),
    "delete_system_price": ("deleted", True),
    "list_system_prices": ("items.0.model", "*"),
    "system_price_history": ("items.0.by", "maria"),
    "get_price": ("unit_prices.0.usd", "2.5"),
    "set_alias": ("model", "gpt-4o"),
    "delete_alias": ("deleted", True),
    "list_aliases": ("items.0.alias", "our-gpt4o"),
    "set_price_list": ("dated", "2026-11-20"),
    "list_price_lists": ("items.0.reason", "New prices of November"),
    "quote": ("price.terms.service_tier", "priority"),
    "match_prices": ("items.1.price.terms.batch", "true"),
    "price_models": ("items.0.provider", "deepseek"),
    "pause": ("state", "paused"),
    "resume": ("own_limit_usd", "80"),
    "workflow_history": ("items.0.operation", "pause"),
    "get_tenant": ("time_zone", "UTC"),
    "set_tenant": ("time_zone", "Europe/Berlin"),
    "suspend": ("state", "suspended"),
    "reinstate": ("state", "active"),
    "record_slip": ("entry.flags.0", "quarantined"),
    "check_for_usage": ("quote.lines.1.usd", "10"),
    "reserve_for_usage": ("reservation.amount_usd", "0.025"),
    "settle_usage": ("entry.cost_usd", "0.02052"),
    "record_usage": ("entry.cost_usd", "0.000115"),
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
    "set_prepaid": ("period", "total"),
    "request_raise": ("available_usd", "10"),
    "list_requests": ("items.0.request_id", "ask-0001"),
    "get_request": ("state", "open"),
    "approve": ("decision.own_limit_usd", "13"),
    "deny": ("decision.state", "denied"),
    "set_authority": ("approvers.0.up_to_usd", "100"),
    "get_authority": ("four_eyes_above_usd", "500"),
    "set_system_authority": ("time_out.up_to_usd", "5"),
    "get_system_authority": ("source", "default"),
}


@pytest.fixture(autouse=True)
def bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    """The price list that the samples put in place, and the key of links."""
    MemoryBucket().install(monkeypatch).put(dearer(), EXAMPLE)
    MemorySecret().install(monkeypatch)


def sample(name: str) -> dict[str, Any]:
    function, _, _ = examples()[name]
    loaded: dict[str, Any] = json.loads((EVENTS / function / "direct" / f"{name}.json").read_text())
    return loaded


def api_event(name: str) -> dict[str, Any]:
    """The sample in the envelope of the API: ids in the path, the rest in the query or body."""
    fields = sample(name)
    route = ROUTES[fields.pop("operation")]
    path = {one: fields.pop(route.field_of(one)) for one in route.placeholders}
    if route.method == "GET":
        return http_event(route, path, query={key: str(value) for key, value in fields.items()})
    return http_event(route, path, body=json.dumps(fields))


def run(door: str, name: str) -> tuple[int | None, dict[str, Any]]:
    """The status, where there is one, and the body of the answer to the sample."""
    event = sample(name) if door == "direct" else api_event(name)
    answer = handler_of(examples()[name][0])(event, Context())
    if door == "direct":
        return None, answer
    return answer["statusCode"], json.loads(answer["body"])


def found(body: Any, path: str) -> Any:
    for part in path.split("."):
        body = body[int(part)] if part.isdigit() else body[part]
    return body


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", SAMPLES)
def test_the_sample_of_an_operation_runs(memory_cloud: MemoryCloud, name: str, door: str) -> None:
    for earlier in examples()[name][2].after:
        run(door, earlier)

    status, body = run(door, name)

    assert status in (None, 201 if SAMPLES[name] in CREATED else 200)
    path, value = EXPECTED[name]
    assert found(body, path) == value


@pytest.mark.parametrize(("name", "expected"), SCHEDULED.items())
def test_what_schedules_and_rules_send_is_answered(
    memory_cloud: MemoryCloud, name: str, expected: dict[str, Any]
) -> None:
    event = json.loads((EVENTS / name).read_text())
    with at("2026-11-22T12:00:00Z"):
        answer = handler_of(name.split("/", maxsplit=1)[0])(event, Context())
    assert expected.items() <= answer.items()


@pytest.mark.parametrize("operation", ROUTES)
def test_the_samples_of_an_operation_ask_for_it(operation: str) -> None:
    assert sample(operation)["operation"] == operation
    assert api_event(operation)["routeKey"] == ROUTES[operation].key


def test_the_sample_of_a_state_machine_that_waits_runs(memory_cloud: MemoryCloud) -> None:
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
    direct = {EVENTS / one[0] / "direct" / f"{name}.json" for name, one in examples().items()}
    others = {EVENTS / name for name in (*SCHEDULED, *ALERTING)} | {EVENTS / "api.json"}
    assert set(EVENTS.rglob("*.json")) == direct | others
    assert {operation for _, operation, _ in examples().values()} == {*ROUTES, *WITHOUT_ROUTE}


def test_the_template_declares_exactly_these_routes() -> None:
    declared = {
        (properties["CodeUri"].rpartition("/")[2], event["Properties"]["Method"].upper(),
         event["Properties"]["Path"])
        for properties in resources("AWS::Serverless::Function").values()
        for event in properties.get("Events", {}).values()
        if event["Type"] == "HttpApi"
    }  # fmt: skip

    declared.remove(("reporting", "ANY", "$default"))  # what no operation answers
    declared -= {("dashboard", one.method, one.path) for one in pages.PAGES}
    declared -= {("approving", one.method, one.path) for one in page.PAGES}
    assert declared == {(route.function, route.method, route.path) for route in ROUTES.values()}
