"""The writes whose every I/O step is broken: how each begins, and how it must end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.histories.gateway import deliver

TENANT = "acme"
ARN = "arn:aws:states:eu-central-1:000000000000:execution:machine:one"
RUN = {"agent_execution_id": "run", "workflow_execution_id": "flow"}
MINUTES = 60
UNDECIDED = frozenset({"released", "expired"})


def ask(operation: str, **fields: Any) -> dict[str, Any]:
    return {"operation": operation, "tenant_id": TENANT, **fields}


def hold(name: str, amount: str = "2", **fields: Any) -> dict[str, Any]:
    return ask("reserve", reservation_id=name, estimated_cost_usd=amount, **RUN | fields)


def cost(name: str, amount: str, **fields: Any) -> dict[str, Any]:
    return ask("record_cost", entry_id=name, cost_usd=amount, tokens=7, **RUN | fields)


def decide(operation: str, **fields: Any) -> dict[str, Any]:
    return ask(operation, entry_id="cost", by="b", reason="r", **fields)


def of(operation: str, name: str, **fields: Any) -> dict[str, Any]:
    return ask(operation, reservation_id=name, **fields)


def nothing() -> None:
    """Before the first use of anything."""


def done(*events: dict[str, Any]) -> Callable[[], None]:
    """These events have happened, and were granted."""

    def happen() -> None:
        for event in events:
            reply = deliver(**event)
            assert reply.error is None, reply
            assert reply.body.get("allowed", True), reply

    return happen


@dataclass(frozen=True)
class Crash:
    """One write: what was before it, the event, and what must be stored when all is over."""

    name: str
    event: dict[str, Any]
    before: Callable[[], None] = nothing
    later: Callable[[], None] = nothing
    """What happens an hour after `before`, at the event's own time."""
    costs: Mapping[str, str] = field(default_factory=dict)
    ends: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The states in which each reservation may end."""
    too_late: str | None = None
    """The error that the same event may meet when it comes again after its time."""
    system_limit: str | None = None
    decided: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The history of every document that people decide by."""
    woken: tuple[str, ...] = ()
    """The tokens of those who go on."""
    allowed: bool = True
    state: str | None = None
    """What the last answer says of the workflow or the tenant."""


def _state(name: str, *states: str) -> dict[str, frozenset[str]]:
    return {name: frozenset(states)}


_SPREAD = tuple(hold(f"filled-{n}", "0.05", agent_execution_id=f"run-{n}") for n in range(12))
_FILLED = {f"filled-{n}": frozenset({"open"}) for n in range(12)}
_SHORT = tuple(hold(f"short-{n}", "4", expires_in_seconds=MINUTES) for n in range(2))
_GONE = {f"short-{n}": frozenset({"expired"}) for n in range(2)}
_SETTLED = {"settle:hold": "2.5"}

CRASHES = (
    Crash("reserve", hold("hold"), ends=_state("hold", "open"), too_late="CONFLICT"),
    Crash(
        "extend",
        of("extend", "hold", expires_in_seconds=2400),
        later=done(hold("hold")),
        ends=_state("hold", "open"),
        too_late="CONFLICT",
    ),
    Crash(
        "extend under a key",
        of("extend", "hold", expires_in_seconds=2400, idempotency_key="key"),
        later=done(hold("hold")),
        ends=_state("hold", "open"),
        too_late="CONFLICT",
    ),
    Crash("release", of("release", "hold"), later=done(hold("hold")), ends={"hold": UNDECIDED}),
    Crash(
        "release under a key",
        of("release", "hold", idempotency_key="key"),
        later=done(hold("hold")),
        ends={"hold": UNDECIDED},
    ),
    Crash(
        "settle in time",
        of("settle", "hold", cost_usd="2.5", tokens=7),
        later=done(hold("hold")),
        costs=_SETTLED,
        ends=_state("hold", "settled", "expired"),
    ),
    Crash(
        "settle after release",
        of("settle", "hold", cost_usd="2.5"),
        later=done(hold("hold"), of("release", "hold")),
        costs=_SETTLED,
        ends=_state("hold", "released"),
    ),
    Crash(
        "settle after expiry",
        of("settle", "hold", cost_usd="2.5"),
        before=done(hold("hold", expires_in_seconds=MINUTES)),
        costs=_SETTLED,
        ends=_state("hold", "expired"),
    ),
    Crash(
        "draw in time",
        of("draw", "hold", cost_usd="0.5", draw_id="draw"),
        later=done(hold("hold")),
        costs={"draw": "0.5"},
        ends=_state("hold", "open", "expired"),
    ),
    Crash(
        "draw under a key, above what is left",
        of("draw", "hold", cost_usd="3", draw_id="draw", idempotency_key="key"),
        later=done(hold("hold"), of("draw", "hold", cost_usd="1", draw_id="first")),
        costs={"first": "1", "draw": "3"},
        ends=_state("hold", "open", "expired"),
    ),
    Crash(
        "draw after expiry",
        of("draw", "hold", cost_usd="0.5", draw_id="draw"),
        before=done(hold("hold", expires_in_seconds=MINUTES)),
        costs={"draw": "0.5"},
        ends=_state("hold", "expired"),
    ),
    Crash(
        "settle at the estimate",
        of("settle", "hold", at_estimate=True),
        later=done(hold("hold", "2"), of("draw", "hold", cost_usd="0.5", draw_id="draw")),
        costs={"draw": "0.5", "settle:hold": "1.5"},
        ends=_state("hold", "settled", "expired"),
    ),
    Crash(
        "correct an estimate",
        of("settle", "hold", cost_usd="2.5"),
        later=done(hold("hold", "2"), of("settle", "hold", at_estimate=True)),
        costs={"settle:hold": "2", "settle:.true:hold": "0.5"},
        ends=_state("hold", "settled"),
    ),
    Crash(
        "expire a hold that settles itself",
        {"operation": "expire"},
        before=done(hold("hold", "2", expires_in_seconds=MINUTES, on_expiry="settle_at_estimate")),
        costs={"settle:hold": "2"},
        ends=_state("hold", "settled"),
    ),
    Crash("record a cost", cost("cost", "3", agent="writer", model="m"), costs={"cost": "3"}),
    Crash(
        "reserve under a key",
        hold("hold", idempotency_key="key"),
        ends=_state("hold", "open"),
        too_late="CONFLICT",
    ),
    Crash(
        "settle under a key",
        of("settle", "hold", cost_usd="2.5", idempotency_key="key"),
        later=done(hold("hold")),
        costs=_SETTLED,
        ends=_state("hold", "settled", "expired"),
    ),
    Crash(
        "record a cost under a key",
        cost("cost", "3", idempotency_key="key"),
        costs={"cost": "3"},
    ),
    Crash(
        "record costs under a key",
        ask(
            "record_costs",
            costs=[
                {"entry_id": f"cost-{n}", "cost_usd": f"0.0{n}", "agent_execution_id": f"run-{n}"}
                for n in range(1, 5)
            ],
            idempotency_key="key",
        ),
        costs={f"cost-{n}": f"0.0{n}" for n in range(1, 5)},
    ),
    Crash(
        "record costs",
        ask(
            "record_costs",
            costs=[
                {"entry_id": f"cost-{n}", "cost_usd": f"0.0{n}", "agent_execution_id": f"run-{n}"}
                for n in range(1, 5)
            ],
        ),
        costs={f"cost-{n}": f"0.0{n}" for n in range(1, 5)},
    ),
    Crash(
        "adjust",
        ask("adjust", entry_id="cost", adjustment_id="less", amount_usd="-1", reason="r", by="b"),
        later=done(cost("cost", "3")),
        costs={"cost": "3", "less": "-1"},
    ),
    Crash("record what is quarantined", cost("cost", "20000"), costs={"cost": "20000"}),
    Crash(
        "settle what is quarantined",
        of("settle", "hold", cost_usd="20000"),
        later=done(hold("hold")),
        costs={"settle:hold": "20000"},
        ends=_state("hold", "settled", "expired"),
    ),
    Crash(
        "confirm a cost",
        decide("confirm_cost"),
        later=done(cost("cost", "20000", agent="writer")),
        costs={"cost": "20000"},
    ),
    Crash(
        "confirm a cost under a key",
        decide("confirm_cost", idempotency_key="key"),
        later=done(cost("cost", "20000")),
        costs={"cost": "20000"},
    ),
    Crash(
        "reject a cost",
        decide("reject_cost"),
        later=done(cost("cost", "20000")),
        costs={"cost": "20000"},
    ),
    Crash("expire", {"operation": "expire"}, before=done(*_SHORT), ends=_GONE),
    Crash(
        "release what stopped",
        {"operation": "release_stopped", "state_machine_execution_arn": ARN},
        later=done(*(hold(f"hold-{n}", "1", state_machine_execution_arn=ARN) for n in range(2))),
        ends={"hold-0": UNDECIDED, "hold-1": UNDECIDED},
    ),
    Crash(
        "reserve where expired holds are in the way",
        hold("hold", "9"),
        before=done(*_SHORT),
        ends=_GONE | _state("hold", "open"),
        too_late="CONFLICT",
    ),
    Crash(
        "reserve where stripes must be levelled",
        hold("hold", "0.4"),
        later=done(*_SPREAD),
        ends=_FILLED | _state("hold", "open"),
        too_late="CONFLICT",
        system_limit="1",
    ),
    Crash(
        "record where the system is overrun",
        cost("cost", "3"),
        later=done(*_SPREAD),
        ends=_FILLED,
        costs={"cost": "3"},
        system_limit="1",
    ),
)
