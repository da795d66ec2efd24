"""Names at every door: NFC, trimmed, and refused with characters that show nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant, by_name
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import WHO, set_budget

UNSEEN = {
    "zero width space": "\u200b",
    "zero width joiner": "\u200d",
    "zero width non-joiner": "\u200c",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "right-to-left mark": "\u200f",
    "right-to-left override": "\u202e",
    "isolate": "\u2066",
    "no-break space": "\u00a0",
    "ideographic space": "\u3000",
    "thin space": "\u2009",
    "line separator": "\u2028",
    "variation selector": "\ufe0f",
    "variation selector 17": "\U000e0100",
    "tag character": "\U000e0041",
    "grapheme joiner": "\u034f",
    "hangul filler": "\u3164",
    "halfwidth hangul filler": "\uffa0",
    "braille blank": "\u2800",
    "mongolian vowel separator": "\u180e",
    "private use": "\ue000",
    "unassigned": "\u0378",
    "tab": "\t",
    "delete": "\x7f",
    "escape": "\x1b",
}
COST: dict[str, Any] = {"agent_execution_id": "run-1", "cost_usd": "1"}
NAMES = ("workflow", "agent", "model", "provider", "user")
NFD, NFC = "Jose\u0301", "Jos\u00e9"


@pytest.mark.parametrize("unseen", UNSEEN.values(), ids=UNSEEN)
def test_a_name_with_a_character_that_shows_nothing_is_refused(
    tenant: Tenant, cloud: MemoryCloud, unseen: str
) -> None:
    name, before = f"an{unseen}n", cloud.rows()
    for field in NAMES:
        answer = tenant.call("record_cost", **COST, **{field: name})
        assert answer.refusal == ("VALIDATION_ERROR", field)
    answer = tenant.call("record_cost", **COST, tags=["fine", name])
    assert answer.refusal == ("VALIDATION_ERROR", "tags[1]")
    answer = set_budget(tenant, "cap", "1", scope="user", scope_id=name, period="day")
    assert answer.refusal == ("VALIDATION_ERROR", "scope_id")
    price = {"model": name, "input_usd_per_million": "1", "output_usd_per_million": "1", **WHO}
    answer = tenant.call("set_price", **price)
    assert answer.refusal == ("VALIDATION_ERROR", "model")
    answer = tenant.call("set_tenant", owner=name, **WHO)
    assert answer.refusal == ("VALIDATION_ERROR", "owner")
    assert cloud.rows() == before


@pytest.mark.parametrize("said", [NFD, f" {NFC} ", f"\u00a0{NFD}\u2003"])
def test_one_name_has_one_spelling(tenant: Tenant, said: str) -> None:
    """Before, the same name in NFD, or with a blank behind it, was another one."""
    set_budget(tenant, "cap", "1", scope="user", scope_id=said, period="day")
    body = tenant.record("0.75", user=NFC, agent=said, tags=[said, NFC]).body

    assert (body["entry"]["agent"], body["entry"]["tags"]) == (NFC, [NFC])
    assert not tenant.check("0.5", user=said).body["allowed"]
    assert by_name(tenant.call("agent_costs").body) == {NFC: "0.75"}


@pytest.mark.parametrize(
    "name",
    [
        "night  shift",
        "Ünïcode",
        "日本語 チーム",
        "مهندس",
        "עוזר",
        "👩 ops",
        "a/b:c",
        "*",
        "e\u0301e",
    ],
)
def test_names_of_all_scripts_and_with_blanks_inside_are_fine(tenant: Tenant, name: str) -> None:
    assert tenant.record("1", user=name).error is None


@pytest.mark.parametrize(
    "name", ["", " ", "\u00a0\u3000", "a" * 257, " " * 2000 + "a", "\u0301" * 9000]
)
def test_a_name_has_1_to_256_characters_once_it_is_trimmed(tenant: Tenant, name: str) -> None:
    answer = tenant.record("1", user=name)
    assert answer.refusal == ("VALIDATION_ERROR", "user")
    assert tenant.record("1", user=" " * 9 + "a" * 256 + " ").error is None


def test_a_retry_in_another_spelling_is_the_same_request(tenant: Tenant) -> None:
    first = tenant.record("1", entry_id="cost-1", agent_execution_id="run-1", user=NFC, tags=["a"])
    again = tenant.record(
        "1", entry_id="cost-1", agent_execution_id="run-1", user=f"{NFD} ", tags=["a ", "a"]
    )

    assert not first.error
    assert again.body["entry"]["replayed"]
