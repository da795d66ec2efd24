"""Draws: several costs against one hold, which keeps the rest held."""

from __future__ import annotations

from typing import Any

import pytest

from functions.expiring import app as expiring
from tests.support.builders import Tenant, gate, new_id
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.times import at, later

LABELS = {"agent_execution_id": "run-1", "workflow_execution_id": "flow-1"}
START = "2026-11-22T10:00:00Z"
LATER = "2026-11-22T11:00:00Z"

pytestmark = pytest.mark.usefixtures("forgetful_processes")


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> MemoryCloud:
    return memory_cloud


def drawn(body: dict[str, Any]) -> tuple[str, str, int, str]:
    """What the reservation says of its draws."""
    held = body.get("reservation", body)
    return held["drawn_usd"], held["left_usd"], held["draws"], held["state"]


def month(tenant: Tenant) -> tuple[str, str, int]:
    usage = tenant.usage()
    return usage["spent_usd"], usage["held_usd"], usage["entries"]


def test_a_hold_of_2_usd_and_3_draws_of_half_a_usd_keeps_half_a_usd_held(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    held = tenant.hold("2", **LABELS)
    answers = [tenant.draw(held, "0.5", draw_id=new_id("draw")) for _ in range(3)]
    assert [one.has_status(201) for one in answers] == [True] * 3
    assert [drawn(one.body) for one in answers] == [
        ("0.5", "1.5", 1, "open"),
        ("1", "1", 2, "open"),
        ("1.5", "0.5", 3, "open"),
    ]
    shown = gate(answers[-1].body, "execution")
    assert (shown["spent_usd"], shown["held_usd"]) == ("1.5", "0.5")
    assert month(tenant) == ("1.5", "0.5", 3)
    assert drawn(tenant.reservation(held)) == ("1.5", "0.5", 3, "open")
    assert not differences(cloud.rows())


def test_a_draw_is_an_entry_with_the_labels_of_its_call(cloud: MemoryCloud, tenant: Tenant) -> None:
    held = tenant.hold("2", **LABELS, agent="writer", model="gpt-x", user="maria")
    call = {"agent": "critic", "model": "gpt-y", "provider": "example", "tags": ["blue"]}
    entry = tenant.draw(held, "0.5", draw_id="draw-1", tokens=7, **LABELS, **call).body["entry"]
    assert (LABELS | call | {"user": "maria"}).items() <= entry.items()
    assert (entry["entry_id"], entry["reservation_id"]) == ("draw-1", held)
    assert (entry["kind"], entry["cost_usd"], entry["tokens"]) == ("cost", "0.5", 7)
    assert entry["flags"] == []
    assert not differences(cloud.rows())


@pytest.mark.parametrize("field", ["agent_execution_id", "workflow_execution_id"])
def test_a_draw_for_another_run_is_a_400_and_changes_nothing(tenant: Tenant, field: str) -> None:
    held = tenant.hold("2", **LABELS)
    answer = tenant.draw(held, "0.5", **{field: "other"})
    assert answer.refusal == ("VALIDATION_ERROR", field)
    assert month(tenant) == ("0", "2", 0)


def test_a_draw_of_an_unknown_reservation_is_a_404(tenant: Tenant) -> None:
    assert tenant.draw("nobody", "1").error == "NOT_FOUND"
    assert month(tenant) == ("0", "0", 0)


def test_a_draw_sent_twice_counts_once_and_other_content_is_a_409(tenant: Tenant) -> None:
    held, other = tenant.hold("2"), tenant.hold("2")
    first = tenant.draw(held, "0.5", draw_id="draw-1")
    again = tenant.draw(held, "0.50", draw_id="draw-1")
    assert again.has_status(200)
    assert again.body["entry"] == {**first.body["entry"], "replayed": True}
    assert drawn(again.body) == ("0.5", "1.5", 1, "open")
    assert tenant.draw(held, "0.6", draw_id="draw-1").refusal == (
        "IDEMPOTENCY_MISMATCH",
        "cost_usd",
    )
    assert tenant.draw(other, "0.5", draw_id="draw-1").refusal == (
        "IDEMPOTENCY_MISMATCH",
        "reservation_id",
    )
    assert month(tenant) == ("0.5", "3.5", 1)


def test_the_id_of_a_recorded_cost_is_no_id_for_a_draw(tenant: Tenant) -> None:
    held = tenant.hold("2")
    tenant.record("1", entry_id="cost-1")
    assert tenant.draw(held, "1", draw_id="cost-1").refusal == ("IDEMPOTENCY_MISMATCH", "draw_id")


def test_an_idempotency_key_names_one_draw(tenant: Tenant) -> None:
    held = tenant.hold("2")
    first = tenant.draw(held, "0.5", idempotency_key="key-1")
    again = tenant.draw(held, "0.5", idempotency_key="key-1")
    assert again.body["entry"] == {**first.body["entry"], "replayed": True}
    assert tenant.draw(held, "0.7", idempotency_key="key-1").error == "IDEMPOTENCY_MISMATCH"
    assert month(tenant) == ("0.5", "1.5", 1)


def test_a_draw_above_what_is_left_is_booked_in_full(cloud: MemoryCloud, tenant: Tenant) -> None:
    held = tenant.hold("2", **LABELS)
    tenant.draw(held, "1.5")
    answer = tenant.draw(held, "9", **LABELS)
    assert answer.has_status(201)
    assert drawn(answer.body) == ("10.5", "0", 2, "open")
    shown = gate(answer.body, "execution")
    assert (shown["spent_usd"], shown["held_usd"], shown["exceeded"]) == ("10.5", "0", True)
    assert tenant.check("0.01", **LABELS).body["reason_code"] == "EXECUTION_EXCEEDED"
    assert drawn(tenant.draw(held, "1").body) == ("11.5", "0", 3, "open")
    assert not differences(cloud.rows())


@pytest.mark.parametrize("end", ["settle", "release", "expire"])
def test_each_end_returns_only_what_the_draws_left(
    cloud: MemoryCloud, tenant: Tenant, end: str
) -> None:
    with at(START):
        held = tenant.hold("2", expires_in_seconds=60)
        tenant.draw(held, "0.5")
        tenant.draw(held, "0.25")
        if end == "settle":
            assert tenant.settle(held, "0.1").body["reservation"]["state"] == "settled"
        if end == "release":
            assert tenant.release(held).body["state"] == "released"
    with at(LATER):
        if end == "expire":
            assert expiring.lambda_handler({"operation": "expire"}, None) == {"expired": 1}
        spent = "0.85" if end == "settle" else "0.75"
        assert month(tenant)[:2] == (spent, "0")
        state = {"settle": "settled", "release": "released", "expire": "expired"}[end]
        assert drawn(tenant.reservation(held)) == ("0.75", "0", 2, state)
    assert not differences(cloud.rows())


@pytest.mark.parametrize(
    ("end", "flags"),
    [
        ("settle", ["unreserved"]),
        ("release", ["unreserved"]),
        ("expire", ["late_settlement"]),
        ("nothing", ["late_settlement"]),
    ],
)
def test_a_draw_after_the_end_is_booked_in_full_with_the_flag_of_a_late_settlement(
    cloud: MemoryCloud, tenant: Tenant, end: str, flags: list[str]
) -> None:
    with at(START):
        held = tenant.hold("2", expires_in_seconds=60)
        tenant.draw(held, "0.5", draw_id="draw-0")
        if end == "settle":
            tenant.settle(held, "1")
        if end == "release":
            tenant.release(held)
    with at(LATER):
        if end == "expire":
            expiring.lambda_handler({"operation": "expire"}, None)
        late = [tenant.draw(held, "0.3", draw_id=f"draw-{n}") for n in (1, 2)]
        assert [one.body["entry"]["flags"] for one in late] == [flags, flags]
        assert tenant.draw(held, "0.3", draw_id="draw-1").body["entry"]["replayed"]
        spent = "2.1" if end == "settle" else "1.1"
        assert month(tenant)[:2] == (spent, "0")
        state = {"settle": "settled", "release": "released"}.get(end, "expired")
        assert drawn(late[-1].body) == ("0.5", "0", 1, state)
        if end != "settle":
            assert tenant.settle(held, "1").body["entry"]["flags"] == flags
    assert not differences(cloud.rows())


def test_tokens_and_calls_that_are_held_go_down_with_each_draw(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    cap = {"scope": "user", "scope_id": "ana", "period": "day", "by": "maria", "reason": "test"}
    tenant.call("set_budget", budget_id="cap", limit_tokens=1000, limit_calls=5, **cap)
    estimate = {"input_tokens": 600, "max_output_tokens": 300, "calls": 3}
    held = tenant.hold("1", estimated_usage=estimate, user="ana")
    seen = []
    for tokens in (500, 300, 300):
        usage = {"input_tokens": tokens, "output_tokens": 0}
        body = tenant.draw(held, "0.1", usage=usage).body
        gates = {one["unit"]: one for one in body["gates"] if one["budget_id"] == "cap"}
        seen.append(
            (
                gates["tokens"]["spent_tokens"],
                gates["tokens"]["held_tokens"],
                gates["calls"]["spent_calls"],
                gates["calls"]["held_calls"],
            )
        )
    assert seen == [(500, 400, 1, 2), (800, 100, 2, 1), (1100, 0, 3, 0)]
    assert not differences(cloud.rows())


def test_a_draw_for_another_user_counts_for_that_user_and_lowers_the_hold_where_it_is_held(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    cap = {"scope": "user", "scope_id": "*", "period": "day", "by": "maria", "reason": "test"}
    tenant.call("set_budget", budget_id="cap", limit_usd="5", **cap)
    held = tenant.hold("2", user="ana")
    tenant.draw(held, "0.5", user="bob")
    shown = {}
    for name in ("ana", "bob"):
        budget = tenant.call("get_budget", budget_id="cap", name=name).body
        shown[name] = (budget["spent_usd"], budget["held_usd"])
    assert shown == {"ana": ("0", "1.5"), "bob": ("0.5", "0")}
    assert not differences(cloud.rows())


def test_a_draw_above_the_ceiling_is_quarantined_and_takes_nothing_from_the_hold(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    held = tenant.hold("2")
    answer = tenant.draw(held, "20000", draw_id="slip")
    assert answer.body["entry"]["flags"] == ["quarantined"]
    assert drawn(answer.body) == ("0", "2", 1, "open")
    assert tenant.draw(held, "1").has_status(201)
    assert month(tenant) == ("1", "1", 1)
    tenant.call("reject_cost", entry_id="slip", by="maria", reason="a slip")
    assert not differences(cloud.rows())


def test_a_draw_extends_no_hold_and_an_extended_hold_keeps_its_draws(tenant: Tenant) -> None:
    held = tenant.hold("2", expires_in_seconds=60)
    tenant.draw(held, "0.5")
    tenant.call("extend", reservation_id=held, expires_in_seconds=1200)
    with later(seconds=61):
        assert drawn(tenant.draw(held, "0.5").body) == ("1", "1", 2, "open")


@pytest.mark.doors("direct")
def test_the_receipt_of_each_draw_saves_the_read_of_the_next(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    receipt = tenant.reserve("2", reservation_id="held").body["reservation"]["receipt"]
    for spent in ("0.5", "1", "1.5"):
        body = tenant.draw("held", "0.5", receipt=receipt, include_gates=False).body
        assert body["reservation"]["drawn_usd"] == spent
        assert body["gates"] is None
        receipt = body["reservation"]["receipt"]
    stale = tenant.call("get_reservation", reservation_id="held").body["receipt"]
    assert stale == receipt
    assert tenant.settle("held", "0.1", receipt=receipt).body["reservation"]["state"] == "settled"


@pytest.mark.parametrize(
    "said", ["1/0.5", "x/1/1/1/1/1", "1/-1/0/0/0/0", "1/1/1/1/1/1/1", "01/1/0/0/0/0"]
)
def test_a_made_up_receipt_is_a_400(tenant: Tenant, said: str) -> None:
    receipt = tenant.reserve("2", reservation_id="held").body["reservation"]["receipt"]
    expires_at, _, facts = receipt.partition(" ")
    answer = tenant.draw("held", "1", receipt=f"{expires_at} {said} {facts}")
    assert answer.refusal == ("VALIDATION_ERROR", "receipt")
