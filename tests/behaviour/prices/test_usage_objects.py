"""100 usage objects as people hold them: each has the right price, or is refused by its field.

`data/usage-objects.jsonl` names the model, the provider, the object and the expected cost in USD.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.memory.fixture import MemoryCloud
from tests.support.paths import ROOT

OBJECTS = ROOT / "tests" / "behaviour" / "prices" / "data" / "usage-objects.jsonl"
CASES: list[dict[str, Any]] = [
    json.loads(line, parse_float=Decimal) for line in OBJECTS.read_text().splitlines()
]
DEAR_HOUR, CHEAP_HOUR = "2026-11-28T08:00:00Z", "2026-11-28T12:00:00Z"
DEAR = {"DeepSeek, hit/miss and details"}
"""DeepSeek's prices change with the hour. One amount of the file was worked out in a dear one."""
REFUSED: set[str] = set()
"""Objects for which no price is known: refused with the field named."""
_FIELDS = ("model", "provider", "provider_response", "usage", "cost_usd", "usage_convention")


def request(case: dict[str, Any]) -> dict[str, Any]:
    at = DEAR_HOUR if case["name"] in DEAR else CHEAP_HOUR
    given = {name: case[name] for name in _FIELDS if name in case}
    return {"agent_execution_id": "run-1", "occurred_at": at, **given}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_an_object_that_people_hold_costs_what_was_billed(
    tenant: Tenant, cloud: MemoryCloud, case: dict[str, Any]
) -> None:
    answer = tenant.call("record_cost", **request(case))
    if case["name"] in REFUSED:
        assert answer.refusal[0] in {"VALIDATION_ERROR", "UNKNOWN_PRICE"}
        assert answer.field
        return
    assert answer.error is None, (answer.error, answer.body)
    assert answer.body["entry"]["cost_usd"] == case["expected_usd"]
