"""What the table of other libraries says: figures of a run, and what was not measured and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from local.bench.peers.adapters import PACKAGES
from local.bench.peers.work import COST, LIMIT, MAX_ASKED, PAID_BEFORE_KILL

Table = Callable[[Sequence[str], Iterable[Sequence[Any]]], str]
ASKS = {
    "Budget Monitor": "1 request to DynamoDB",
    "LiteLLM BudgetManager": "none; a thread writes a file after each cost",
    "LiteLLM proxy reservation": "2 requests to Redis: read, then add",
    "agentbudget": "none",
    "floe-guard": "1 SQLite transaction",
    "tokencap": "1 SQLite transaction",
}
SCOPE = {
    "Budget Monitor": "all processes of an account on AWS",
    "LiteLLM BudgetManager": "one process; it checks what was spent, not what the call will cost",
    "LiteLLM proxy reservation": "all proxies with the same Redis",
    "agentbudget": "one process; a call that no longer fits is made and not recorded",
    "floe-guard": "all processes of one machine",
    "tokencap": "all processes of one machine; tokens instead of USD, and no open reservations",
}
REMARKS = {
    "LiteLLM BudgetManager": "A process that was killed within milliseconds of a cost left its "
    "file empty in 10 of 13 tries, and with an empty file it does not start. In the other 3 the "
    "costs were kept.",
    "LiteLLM proxy reservation": "Called in the process of its callers, without its HTTP server "
    "and its database; Redis is a Valkey on this machine. By default a call that fits only in part "
    "is admitted, and holds what is left. The figures do not show it, because 10 calls of 0.10 are "
    "exactly 1 USD. A counter expires after 60 s without a change, and with it the hold of a "
    "process that was killed. The proxy then reads the recorded costs from its database.",
}
MISSING = {
    "Cycles (runcycles)": "The package is a client. Its server is a Java service, and neither it "
    "nor its Lua scripts are in a package registry, so they could not be run here.",
}


def peers_table(found: dict[str, Any], table: Table) -> str:
    """Return the figures of each library, or why there are none."""
    versions = {name: found["versions"].get(package, "") for name, package in PACKAGES.items()}
    rows = [
        [f"{name} {versions.get(name, '')}".strip(), *_cells(name, one)]
        for name, one in found["peers"].items()
    ]
    callers, processes = found["callers"], found["processes"]
    full = round(LIMIT / COST)
    head = (
        "library",
        f"overspend, {callers} threads, USD",
        f"overspend, {processes} processes, USD",
        "pair, ms",
        "a decision asks",
        "calls allowed after a kill",
    )
    note = (
        f"{callers} callers ask at the same instant for {COST:.2f} of {LIMIT:.0f} USD, and call "
        f"for 50 ms if they may. *After a kill*: a process paid {PAID_BEFORE_KILL} calls, had one "
        f"more open and was killed; then a new one asks until it is refused, {MAX_ASKED} times at "
        "most. "
        f"{full - PAID_BEFORE_KILL - 1} means that costs and the open call were kept, "
        f"{full - PAID_BEFORE_KILL} that costs were kept, {full} that nothing was.\n\n"
    )
    return note + table(head, rows)


def _cells(name: str, one: dict[str, Any]) -> list[Any]:
    if "failed" in one:
        return [f"not measured: {one['failed'].replace('|', ' ')}", "", "", ASKS[name], ""]
    overspent, by_processes, pair, left = (
        told.replace("|", " ") if isinstance(told := one[step], str) else told
        for step in ("overspent_usd", "overspent_by_processes_usd", "pair_ms", "allowed_after_kill")
    )
    return [overspent, by_processes, pair, ASKS[name], left]


def notes_table(table: Table) -> str:
    """Return what each library's budget spans, and what was left out."""
    return (
        table(("library", "one budget holds for"), [*SCOPE.items()])
        + "".join(f"\n- **{name}**: {words}" for name, words in REMARKS.items())
        + "".join(f"\n- **{name}** was not measured. {why}" for name, why in MISSING.items())
        + "\n"
    )
