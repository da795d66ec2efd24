"""A real trace of LLM requests as the calls of four tenants' agents.

The trace has times and token counts only. Who asked is made up here, by the row's number alone, so
that the same row is the same call on every run: tenants of uneven size, each with agent executions
of twenty calls, most of them inside a workflow run, every fourth standing alone.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data" / "azure-llm-trace-2023-code.csv"
TENANTS = ("acme", "globex", "initech", "umbrella")
WORKFLOWS = ("code-review", "release-notes", "support-triage")
AGENTS = ("planner", "coder", "reviewer", "researcher", "summarizer", "tester")
USERS = ("ada", "grace", None)
MODEL, PROVIDER = "gpt-4o", "openai"

SHARES = (0, 0, 0, 0, 1, 1, 1, 2, 2, 3)  # of ten calls: acme 4, globex 3, initech 2, umbrella 1
CALLS_PER_EXECUTION = 20
EXECUTIONS_PER_RUN = 4  # three inside the workflow run and one alone
OUTPUT_STEP = 256  # output limits are multiples of this

MILLION = Decimal(1_000_000)
INPUT_PRICE = Decimal("2.50") / MILLION
OUTPUT_PRICE = Decimal(10) / MILLION


@dataclass(frozen=True)
class Call:
    """One LLM request: who made it, what it used, and what it cost in USD."""

    row: int
    tenant: str
    labels: dict[str, str]
    input_tokens: int
    output_tokens: int

    @property
    def reservation_id(self) -> str:
        """The reservation's id, made from the row, so that a replay counts nothing twice."""
        return f"trace-{self.row:05d}"

    @property
    def cost_usd(self) -> Decimal:
        """The exact cost. It is not sent to the API, which computes it."""
        return self.input_tokens * INPUT_PRICE + self.output_tokens * OUTPUT_PRICE

    @property
    def most_output_tokens(self) -> int:
        """The output limit that the caller sets beforehand."""
        return math.ceil(max(self.output_tokens, 1) / OUTPUT_STEP) * OUTPUT_STEP


@dataclass(frozen=True)
class Totals:
    """The sum of some calls."""

    calls: int
    cost_usd: Decimal
    input_tokens: int
    output_tokens: int

    @property
    def tokens(self) -> int:
        """All tokens, in and out."""
        return self.input_tokens + self.output_tokens


def read(rows: int | None = None, tenants: Sequence[str] = TENANTS) -> list[Call]:
    """The first `rows` calls of the trace, or all of them, spread over the tenants."""
    with DATA.open(newline="") as file:
        records = list(csv.DictReader(file))[:rows]
    seen = dict.fromkeys(tenants, 0)
    calls = []
    for row, record in enumerate(records):
        tenant = tenants[SHARES[row % len(SHARES)] % len(tenants)]
        labels = _labels(tenant, tenants.index(tenant), seen[tenant])
        seen[tenant] += 1
        used = int(record["ContextTokens"]), int(record["GeneratedTokens"])
        calls.append(Call(row, tenant, labels, *used))
    return calls


def _labels(tenant: str, offset: int, nth: int) -> dict[str, str]:
    """The labels of the tenant's nth call."""
    execution = nth // CALLS_PER_EXECUTION
    run, place = divmod(execution, EXECUTIONS_PER_RUN)
    labels = {
        "agent_execution_id": f"{tenant}-agent-{execution:04d}",
        "agent": AGENTS[(execution + offset) % len(AGENTS)],
        "model": MODEL,
        "provider": PROVIDER,
    }
    if place < EXECUTIONS_PER_RUN - 1:
        labels["workflow_execution_id"] = f"{tenant}-run-{run:04d}"
        labels["workflow"] = WORKFLOWS[(run + offset) % len(WORKFLOWS)]
    user = USERS[execution % len(USERS)]
    return labels | ({"user": user} if user else {})


def total(calls: Iterable[Call]) -> Totals:
    """The sum of some calls, exact."""
    calls = list(calls)
    return Totals(
        calls=len(calls),
        cost_usd=sum((call.cost_usd for call in calls), Decimal(0)),
        input_tokens=sum(call.input_tokens for call in calls),
        output_tokens=sum(call.output_tokens for call in calls),
    )


def usd(amount: Decimal) -> str:
    """An amount as the API takes it: decimal digits, no exponent."""
    return f"{amount:f}"


def reserve_body(call: Call) -> dict[str, Any]:
    """The request that reserves the most that the call may cost, in tokens."""
    return {
        **call.labels,
        "reservation_id": call.reservation_id,
        "estimated_usage": {
            "input_tokens": call.input_tokens,
            "max_output_tokens": call.most_output_tokens,
        },
        "expires_in_seconds": 900,
        "include_gates": False,
    }


def settle_body(call: Call, receipt: str | None) -> dict[str, Any]:
    """The request that settles what the call used."""
    body: dict[str, Any] = {
        "usage": {"input_tokens": call.input_tokens, "output_tokens": call.output_tokens},
        "include_gates": False,
    }
    return body | ({"receipt": receipt} if receipt else {})
