"""Results of a run of `make bench` in which every goal is met, to change in tests."""

from __future__ import annotations

from typing import Any

from local.bench.capacity import DRAW_COSTS, PAIR, REFUSALS
from local.bench.costs import Costs
from local.bench.cpu.starts import BASE


def load(**changed: Any) -> dict[str, Any]:
    """Return the figures of one load."""
    return {
        "callers": 100,
        "tenants": 1,
        "tenant_stripes": 1,
        "system_stripes": 16,
        "lock_ms": 10,
        "pairs_per_second": 1200.0,
        "attempts_per_success": 1.5,
        "p50_ms": 20,
        "p99_ms": 900,
        "most_ms": 950,
        "overtaken_p99": 3,
        "requests": 500,
        "unavailable": 0,
        **changed,
    }


MACHINE = {
    "date": "2026-11-29 12:00 UTC",
    "commit": "abc1234",
    "changed": False,
    "minutes": 8.5,
    "scale": 1.0,
    "python": "3.11.7",
    "system": "Linux x86_64",
    "cores": 2,
    "load": 1.0,
    "versions": {"boto3": "1.43.106"},
}


_PEER = {
    "overspent_usd": 0.0,
    "overspent_by_processes_usd": 0.0,
    "pair_ms": 4.2,
    "allowed_after_kill": 6,
}
PEERS = {
    "callers": 64,
    "processes": 4,
    "versions": {"agentbudget": "0.4.0"},
    "peers": {
        "Budget Monitor": _PEER,
        "agentbudget": {"failed": "not installed: a | b"},
        "floe-guard": _PEER | {"overspent_by_processes_usd": "failed: c | d"},
    },
}


def results() -> dict[str, Any]:
    """Return results of all sections."""
    again = {f"refused by the {by}, again": Costs(requests=1).as_json() for by in REFUSALS}
    capacity = {
        PAIR: Costs(units=20).as_json(),
        DRAW_COSTS: Costs(units=240).as_json(),
        **again,
    }
    return {
        "hot_path": {
            "check": {
                "handler_us": 1200,
                "raw_us": 1000,
                "ratio": 1.2,
                "http_us": 400,
                "ratio_without_http": 1.33,
            }
        },
        "starts": {
            BASE: {"import_ms": 300, "first_answer_ms": 500},
            "checking": {"import_ms": 400, "first_answer_ms": 500},
        },
        "capacity": capacity,
        "contention": {"default_stripes": 1, "loads": [load(), load(tenant_stripes=16)]},
        "reads": {"1,000": {"ledger": 3}, "20,000": {"ledger": 3}, "200,000": {"ledger": 3}},
        "read_cache": {"hot": {"with": {"p50_ms": 1.0, "p95_ms": 2.0, "requests": 0.0}}},
        "peers": PEERS,
        "machine": MACHINE,
    }
