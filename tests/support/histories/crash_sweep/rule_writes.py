"""The decisions of people whose every I/O step is broken, as `crashes` does with money."""

from __future__ import annotations

from typing import Any

from tests.support.histories.crash_sweep.money_writes import CRASHES, Crash, ask, done

MARIA = {"by": "maria", "reason": "because"}
FLOW = {"workflow_execution_id": "flow"}
ABOUT_FLOW, ABOUT_ACME = "acme#workflow#flow", "acme#rules#"


def about(operation: str, **fields: Any) -> dict[str, Any]:
    return ask(operation, **FLOW, **MARIA, **fields)


def waits(token: str, **fields: Any) -> dict[str, Any]:
    return ask("await_resume", task_token=token, **FLOW, **fields)


_SPENT = ask("record_cost", entry_id="cost", cost_usd="1", **FLOW)
_BUDGET = {"scope": "tenant", "period": "month", "limit_usd": "70", "action": "block"}

DECISIONS = (
    Crash("pause", about("pause"), decided={ABOUT_FLOW: ("pause",)}, state="paused"),
    Crash(
        "pause under a key",
        about("pause", idempotency_key="key"),
        decided={ABOUT_FLOW: ("pause",)},
        state="paused",
    ),
    Crash(
        "reserve what pauses the workflow",
        ask("reserve", reservation_id="hold", estimated_cost_usd="50.01", **FLOW),
        decided={ABOUT_FLOW: ("pause",)},
        allowed=False,
    ),
    Crash(
        "resume with a limit",
        about("resume", limit_usd="70"),
        later=done(about("pause")),
        decided={ABOUT_FLOW: ("pause", "resume")},
        state="active",
    ),
    Crash(
        "give a run that goes on a limit",
        about("resume", limit_usd="0.5", idempotency_key="key"),
        later=done(_SPENT),
        costs={"cost": "1"},
        decided={ABOUT_FLOW: ("resume",)},
        state="exceeded",
    ),
    Crash(
        "resume and wake who waits",
        about("resume"),
        later=done(waits("token-1"), waits("token-2")),
        decided={ABOUT_FLOW: ("await_resume", "await_resume", "resume", "tell")},
        woken=("token-1", "token-2"),
        state="active",
    ),
    Crash(
        "await a resumption",
        waits("token-1"),
        decided={ABOUT_FLOW: ("await_resume",)},
        state="paused",
    ),
    Crash(
        "await a resumption that was",
        waits("token-1", pause_id=1),
        later=done(about("pause"), about("resume")),
        decided={ABOUT_FLOW: ("pause", "resume", "await_resume", "tell")},
        woken=("token-1",),
        state="active",
    ),
    Crash(
        "set a budget",
        ask("set_budget", budget_id="tenant-month", idempotency_key="key", **_BUDGET, **MARIA),
        decided={ABOUT_ACME: ("set_budget",)},
    ),
    Crash(
        "raise a limit",
        ask("raise_limit", budget_id="tenant-month", raise_id="more", amount_usd="5", **MARIA),
        decided={ABOUT_ACME: ("raise_limit",)},
    ),
    Crash(
        "suspend",
        ask("suspend", idempotency_key="key", **MARIA),
        decided={ABOUT_ACME: ("suspend",)},
        state="suspended",
    ),
)

WRITES = (*CRASHES, *DECISIONS)
