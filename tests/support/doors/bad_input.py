"""Tables of invalid input: the field, the value sent, and why it is invalid."""

from __future__ import annotations

from typing import Any

Case = tuple[str, Any]

# Required fields of each operation besides its path: JSON texts by field.
GOOD: dict[str, dict[str, str]] = {
    "check": {"agent_execution_id": '"run-1"', "estimated_cost_usd": '"1"'},
    "reserve": {"agent_execution_id": '"run-1"', "estimated_cost_usd": '"1"'},
    "record_cost": {"agent_execution_id": '"run-1"', "cost_usd": '"1"'},
    "settle": {"cost_usd": '"1"'},
    "draw": {"cost_usd": '"1"'},
    "extend": {"expires_in_seconds": "60"},
    "release": {},
    "adjust": {"amount_usd": '"-1"', "reason": '"wrong"', "by": '"maria"'},
}

# Each is the JSON text of a value in a request body.
BAD_MONEY: list[str] = [
    '"-1"',
    "-1",
    "-0.000001",
    '"+1"',
    "true",
    "false",
    "[]",
    "{}",
    '""',
    '" 5\\n"',
    '" 5"',
    '"5 "',
    '"1_000"',
    '"1,000"',
    '"1e3"',
    '"1E-3"',
    '".5"',
    '"5."',
    '"0x10"',
    '"NaN"',
    '"Infinity"',
    '"\uff11\uff12"',
    '"٣"',
    '"1.2.3"',
    '"five"',
    '"1000000000000"',
    "1000000000000",
    "1e12",
    "1e308",
    '"0.0000000000001"',
    "1e-13",
    "0.1234567890123",
    '"\\u0000"',
    '"1\\u0000"',
    '"\\ud800"',
]

BAD_COUNTS = [
    "-1",
    "1.5",
    "true",
    '"5"',
    '"five"',
    "[]",
    "1e30",
    "123456789012345678901234567890123456789012",
]

BAD_SECONDS = ["0", "-1", "86401", "1.5", "true", '"60"', "1e30", "[]"]

BAD_IDS = [
    '""',
    '"a/b"',
    '"a b"',
    '"a#b"',
    '"a%b"',
    '"../x"',
    '"-a"',
    '".a"',
    '"_a"',
    '":a"',
    '"é"',
    '"\uff11\uff12"',
    '"a\\n"',
    '"a\\u0000"',
    '"\\ud800"',
    f'"{"a" * 129}"',
    "5",
    "true",
    "[]",
    "{}",
]

BAD_NAMES = [
    '""',
    f'"{"a" * 257}"',
    '"a\\nb"',
    '"a\\tb"',
    '"a\\u0000"',
    '"a\\u007f"',
    '"a\\u0085b"',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    "5",
    "true",
    "[]",
    '{"a": 1}',
]

BAD_TAGS = [
    '"blue"',
    '{"blue": 1}',
    "5",
    "[5]",
    "[null]",
    '[""]',
    '["a\\nb"]',
    '["\\ud800"]',
    f'["{"a" * 257}"]',
    '[["a"]]',
    "[" + ", ".join(f'"tag-{n}"' for n in range(11)) + "]",
]

BAD_TIMES = [
    '"yesterday"',
    '""',
    '"2026-11-22"',
    '"2026-11-22T10:00:00"',
    '"2026-11-22 at 10:00:00Z"',
    '"2026-13-01T00:00:00Z"',
    '"2026-02-30T00:00:00Z"',
    '"2026-11-22T25:00:00Z"',
    '"9999-12-31T23:59:59Z"',
    '"9999-12-31T23:59:59-14:00"',
    '"\uff12\uff10\uff12\uff16-11-22T10:00:00Z"',
    "1795341600",
    "true",
    "[]",
]

BAD_USAGE = [
    ("usage", "[]"),
    ("usage", '"many"'),
    ("usage", "5"),
    ("usage.input_tokens", '{"input_tokens": -1}'),
    ("usage.input_tokens", '{"input_tokens": 1.5}'),
    ("usage.output_tokens", '{"output_tokens": "5"}'),
    ("usage.cache_read_tokens", '{"cache_read_tokens": true}'),
    ("usage.cache_write_tokens", '{"cache_write_tokens": 1e30}'),
    ("usage.smiles", '{"input_tokens": 1, "smiles": 2}'),
    ("usage.provider_response", '{"provider_response": 5}'),
    ("usage.provider_response", '{"provider_response": []}'),
]

BAD_FLAGS = ['"true"', "1", "0", "[]", '"false"']

BAD_REASONS = ['""', "5", "[]", '"a\\u0000"', '"\\ud800"']

BAD_MONTHS = [
    "2026-13",
    "2026-00",
    "2026-1",
    "2026",
    "202611",
    "nov",
    "",
    "\uff12\uff10\uff12\uff16-11",
    "2026-11-22",
    "2026-11\n",
    " 2026-11",
    "0000-01",
    "-026-11",
]

BAD_LIMITS = ["0", "1001", "-1", "1.5", "ten", "", "\uff11\uff12", "1_0", " 5", "1e2", "true"]

BAD_CURSORS = ["garbage", "", "====", "bnVsbA==", "e30=", "eyJhIjoxfQ==", "a" * 5000, "é", "[]"]


def cases(field: str, values: list[str]) -> list[Case]:
    """Return one case for each of the field's values."""
    return [(field, value) for value in values]


LABEL_CASES: list[Case] = [
    *cases("agent_execution_id", BAD_IDS),
    *cases("workflow_execution_id", BAD_IDS[:8]),
    *cases("parent_execution_id", BAD_IDS[:8]),
    *cases("agent", BAD_NAMES),
    *cases("workflow", BAD_NAMES[:3]),
    *cases("model", BAD_NAMES[:6]),
    *cases("provider", BAD_NAMES[:3]),
    *cases("user", BAD_NAMES[:3]),
    *cases("state_machine_execution_arn", ['""', "5", '"a\\nb"', "[]"]),
    *cases("tags", BAD_TAGS),
]

COST_CASES: list[Case] = [
    *cases("tokens", BAD_COUNTS),
    *cases("occurred_at", BAD_TIMES),
    *BAD_USAGE,
    *cases("entry_id", [*BAD_IDS[:8], '"settle:hold-1"', '"settle:"']),
    *cases("include_gates", BAD_FLAGS),
    *cases("idempotency_key", ['""', "5", "true", '"a\\u0000"', f'"{"a" * 300}"', '"\\ud800"']),
]
