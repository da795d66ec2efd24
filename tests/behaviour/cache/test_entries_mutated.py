"""One field of one copy is anything at all: no error of its own comes of it, and no refusal."""

from __future__ import annotations

import copy
import itertools
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.cache.caching import MARIA, RUN, another_process
from tests.support.cache.valkey import Valkey
from tests.support.thorough import share
from tests.support.times import at

pytestmark = pytest.mark.usefixtures("unhurried")

SEED, RENAMED = 3, 0.2
USAGE = {"estimated_usage": {"input_tokens": 10, "max_output_tokens": 3}, "model": "m1"}
CHECK: dict[str, Any] = {**USAGE, "provider": "openai", "agent": "writer", **RUN}
ASKED: dict[str, dict[str, Any]] = {"check": CHECK, "tenant_usage": {}, "execution": RUN}
RATES = {"input_usd_per_million": "1", "output_usd_per_million": "2"}
RULES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("set_budget", {"budget_id": "execution", "limit_usd": "5"}),
    (
        "set_budget",
        {"budget_id": "mine", "scope": "agent", "scope_id": "writer", "period": "day"}
        | {"limit_usd": "5", "action": "pause"},
    ),
    ("raise_limit", {"budget_id": "tenant-month", "amount_usd": "5"}),
    ("raise_limit", {"budget_id": "mine", "amount_usd": "5", "until": "2030-01-01T00:00:00Z"}),
    ("set_price", {"model": "m1", "provider": "openai", **RATES}),
    ("set_tenant", {"fallback_price": RATES, "time_zone": "Europe/Berlin", "owner": "ann"}),
)
VALUES: tuple[Any, ...] = (
    *("", "x", "0", "-5", "3/10", "nonsense", "in#", "in#a", "#", "x" * 3000, "UTC\0", "../x"),
    *("America", "Etc", "NaN", "Infinity", "1E+5", "999999999999.999999999999", "\ud7ff"),
    *("month", "run", "week", "block_new", "alert", "shadow", "system", "tag", "tenant", "*"),
    *("9990-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "2026-11-22T10:00:00+14:00", "2026-13"),
    *(None, True, -1, 0, 1, 10**30, 1.5, 1e300, [], {}, [1], {"a": 1}, [[]], [None, "x"]),
)
NAMES = ("x" * 3000, "", "#", "\u00e9", "execution")

Path = tuple[str | int, ...]


def paths(value: Any, above: Path = ()) -> Iterator[Path]:
    """Where something stands within it."""
    for name, one in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*above, name)
        if isinstance(one, dict | list):
            yield from paths(one, (*above, name))


def mutated(entry: Any, path: Path, chance: random.Random) -> bytes:
    """The entry with another value there, or with that one under another name; canonical."""
    entry = copy.deepcopy(entry)
    holder = entry
    for name in path[:-1]:
        holder = holder[name]
    if isinstance(holder, dict) and chance.random() < RENAMED:
        holder[chance.choice(NAMES)] = holder.pop(path[-1])
    else:
        holder[path[-1]] = chance.choice(VALUES)
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode()


def test_no_value_of_one_field_of_a_copy_causes_a_refusal(cached: Tenant, valkey: Valkey) -> None:
    chance = random.Random(SEED)  # noqa: S311 - which lies are told is no secret
    with at("2026-11-22T10:00:00Z", tick=False):
        for operation, fields in RULES:
            cached.call(operation, **fields, **MARIA).body  # noqa: B018 - must not fail
        cached.spend("0.1", **RUN)
        for _ in range(2):
            another_process()
            honest = {name: cached.call(name, **fields).body for name, fields in ASKED.items()}
        assert {one["source"] for one in honest.values()} == {"cache"}

        copies = {name: valkey.client.get(name) or b"" for name in valkey.names()}
        turns = itertools.count()
        for name, text in copies.items():
            entry = json.loads(text)
            for path in paths(entry):
                lie = {name: mutated(entry, path, chance)}
                for operation, fields in share([*ASKED.items()], next(turns), of=3):
                    valkey.client.mset({**copies, **lie})
                    another_process()
                    answer = cached.call(operation, **fields)
                    assert answer.error is None, (lie, answer.message)
                    assert answer.body.get("allowed", True), lie
                    if answer.body["source"] == "store":
                        origin = {"source": "store", "as_of": answer.body["as_of"]}
                        assert answer.body == honest[operation] | origin, lie
