"""Whatever is accepted is stored: the longest texts fit every key of every table and index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.expiring import app as expiring
from tests.support.builders import Tenant, new_id
from tests.support.doors.doors import Answer, DirectDoor
from tests.support.memory.fixture import MemoryCloud
from tests.support.memory.watch import Watch
from tests.support.rules.governing import GENEROUS, set_budget
from tests.support.thorough import first, size
from tests.support.times import at

ARN = "arn:aws:states:eu-central-1:000000000000:execution:machine:"
EACH = ["%", "\U0001f600", "a", "#", "é", "\u20ac"]
CHARACTERS = first(2, EACH)
WITH_STRIPES = first(2, [*zip(EACH, "414141", strict=True), *zip(EACH, "141414", strict=True)])
NAMED = ("workflow", "agent", "model", "user", "tag")
_ID = "i" * 120
COSTS = size(25, 100)


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    """Nothing is limited but by what the test sets."""
    memory_cloud.set_limits(**GENEROUS)
    with at("2026-11-22T10:05:00Z"):
        yield memory_cloud


def labels(name: str, number: int = 0) -> dict[str, Any]:
    """Every label at its longest, each name being this one."""
    return {
        "agent_execution_id": f"{_ID}-agent{number}",
        "workflow_execution_id": f"{_ID}-flow",
        "state_machine_execution_arn": ARN.ljust(2048, "x"),
        **dict.fromkeys(("workflow", "agent", "model", "provider", "user"), name),
        "tags": [name, *(name[:-1] + str(one) for one in range(9))],
    }


def budgets(tenant: Tenant, name: str) -> None:
    """One for each scope that has a name, under the longest ids, all with alerts."""
    for scope in NAMED:
        fields = {"scope": scope, "scope_id": name, "period": "hour", "thresholds": [1, 50]}
        set_budget(tenant, f"{scope}-".ljust(128, "b"), "3", **fields).body  # noqa: B018
    runs = {"scope": "agent", "scope_id": name, "period": "run"}
    set_budget(tenant, "runs-".ljust(128, "b"), "50", **runs).body  # noqa: B018 - must not fail


def told(answer: Answer) -> Any:
    """The body of what must not fail."""
    return answer.body


@pytest.mark.parametrize(("character", "stripes"), WITH_STRIPES)
def test_256_of_any_character_are_stored_found_and_alerted(
    cloud: MemoryCloud, watch: Watch, character: str, stripes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENANT_STRIPES", stripes)
    tenant, name = Tenant(DirectDoor(), "t" * 128), character * 256
    if stripes == "1":
        budgets(tenant, name)
    else:
        fields = {"scope": "tag", "scope_id": name, "period": "hour", "thresholds": [1, 50]}
        told(set_budget(tenant, "b" * 128, "3", **fields))
    mine = labels(name)
    assert told(tenant.check("1", **mine))["allowed"]
    held = tenant.hold("1", reservation_id="r" * 128, **mine)
    told(tenant.call("extend", reservation_id=held, expires_in_seconds=7200))
    entry = told(tenant.settle(held, "1"))["entry"]["entry_id"]
    told(tenant.record("1", entry_id="e" * 128, **mine))
    told(tenant.adjust(entry, "-0.5", adjustment_id="a" * 128, reason="%" * 1024, by=name))
    assert not told(tenant.reserve("9", **mine))["allowed"]
    alerts = watch.look()

    costs = [{"cost_usd": "0.1", **labels(name, one)} for one in range(COSTS)]
    results = told(tenant.call("record_costs", costs=costs))["results"]
    assert all("entry" in one for one in results)
    alerts += watch.look()
    assert {one["threshold_percent"] for one in alerts} == {1, 50}
    for report in ("agent_costs", "model_costs", "daily_costs", "list_budgets", "alerts"):
        assert told(tenant.call(report))["items"]
    page, found = told(tenant.call("ledger", limit=1000)), 0
    while page["cursor"]:
        found += len(page["items"])
        page = told(tenant.call("ledger", limit=1000, cursor=page["cursor"]))
    assert found + len(page["items"]) == 3 + COSTS


@pytest.mark.parametrize("character", CHARACTERS)
def test_what_people_say_is_stored_at_its_longest(
    cloud: MemoryCloud, watch: Watch, character: str
) -> None:
    tenant = Tenant(DirectDoor(), "t" * 128)
    name, text = character * 256, character * 1024
    who = {"by": text, "reason": text}
    told(tenant.call("set_tenant", owner=name, **who))
    rates = {"input_usd_per_million": "1", "output_usd_per_million": "2"}
    told(tenant.call("set_price", model=name, provider=name, **rates, **who))
    told(set_budget(tenant, "tenant-month", "5", **who))
    lift = {"budget_id": "tenant-month", "raise_id": "r" * 128, "amount_usd": "1"}
    told(tenant.call("raise_limit", **lift, **who))
    flow = {"id": "f" * 128}
    told(tenant.call("pause", idempotency_key="k" * 128, **flow, **who))
    told(tenant.call("resume", idempotency_key="l" * 128, limit_usd="5", **flow, **who))
    token = {"workflow_execution_id": "f" * 128, "task_token": "\U0001f600" * 1024}
    told(tenant.call("await_resume", **token))
    told(tenant.call("suspend", idempotency_key="m" * 128, **who))
    told(tenant.call("reinstate", idempotency_key="n" * 128, **who))
    watch.call("send_alert", tenant_id=tenant.id, kind="k" * 128, message=text)
    used = {"model": name, "provider": name, "usage": {"input_tokens": 5}}
    told(tenant.call("record_cost", agent_execution_id="run", **used))


@pytest.mark.parametrize(
    "arn",
    [
        ARN + "naïve",
        ARN + "\U0001f600",
        ARN + "\u0660",
        ARN.ljust(2049, "x"),
        ARN.ljust(4000, "x"),
        "arn" + ARN[3:].replace("machine", "maschine-ü"),
    ],
)
def test_an_arn_that_is_not_ascii_or_too_long_is_refused_by_its_field(
    tenant: Tenant, arn: str
) -> None:
    field, run = "state_machine_execution_arn", {"agent_execution_id": "run"}
    for ask in (tenant.check, tenant.reserve, tenant.record):
        refused = ask("1", **run, **{field: arn})
        assert refused.refusal == ("VALIDATION_ERROR", field)
        assert refused.has_status(400)
    costs = [{"cost_usd": "1", **run}, {"cost_usd": "1", **run, field: arn}]
    assert tenant.call("record_costs", costs=costs).refusal == (
        "VALIDATION_ERROR",
        f"costs[1].{field}",
    )
    assert tenant.usage()["entries"] == 0


def test_the_longest_arn_is_stored_and_its_holds_are_released(tenant: Tenant) -> None:
    arn = ARN.ljust(2048, "x")
    tenant.hold("1", state_machine_execution_arn=arn)
    tenant.spend("1", state_machine_execution_arn=arn)
    event = {"source": "aws.states", "detail": {"executionArn": arn, "status": "FAILED"}}
    assert expiring.lambda_handler(event, None) == {"released": 1}


def test_an_execution_that_no_hold_can_name_stops_without_an_error(cloud: MemoryCloud) -> None:
    detail = {"executionArn": ARN.replace("machine", "maschine-ü"), "status": "FAILED"}
    event = {"source": "aws.states", "detail": detail}
    assert expiring.lambda_handler(event, None) == {"released": 0}


texts = st.text(min_size=1, max_size=256)
ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}", fullmatch=True)
arns = st.builds(
    lambda many, tail: ARN + "x" * many + tail,
    st.one_of(st.integers(0, 30), st.integers(1900, 2010)),
    st.one_of(st.just(""), st.text(max_size=60)),
)
requests = st.fixed_dictionaries(
    {"agent_execution_id": ids},
    optional={
        "workflow_execution_id": ids,
        "state_machine_execution_arn": arns,
        **dict.fromkeys(("workflow", "agent", "model", "provider", "user"), texts),
        "tags": st.lists(texts, max_size=10),
    },
)


@given(request=requests)
@settings(
    max_examples=size(20, 60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_request_is_stored_or_refused_by_its_field(
    cloud: MemoryCloud, request: dict[str, Any]
) -> None:
    """A 503 would be tried again for ever, and a 500 is nobody's to mend."""
    tenant = Tenant(DirectDoor(), new_id("t"))
    errors = {tenant.reserve("1", **request).error, tenant.record("1", **request).error}
    assert errors in ({None}, {"VALIDATION_ERROR"})
    if errors == {None}:
        assert len(tenant.entries()) == 1
