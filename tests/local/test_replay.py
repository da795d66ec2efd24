"""The replay of the trace against a fake API that keeps its entries in memory."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

import pytest

from local.api import Answer, Api
from local.replay import ReplayError, replay, run_away
from local.totals import differences, read
from local.trace import INPUT_PRICE, OUTPUT_PRICE, TENANTS, total
from local.trace import read as read_trace

MONTH = "2026-11"


@dataclass
class FakeApi:
    """What the API would answer: entries by tenant and reservation, and holds by execution."""

    entries: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    labels: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    held: dict[str, Decimal] = field(default_factory=dict)
    posts: int = 0
    dies_after: int | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def post(self, path: str, body: dict[str, Any]) -> Answer:
        """Reserve, settle or release, as the path says."""
        with self.lock:
            self.posts += 1
            if self.dies_after is not None and self.posts > self.dies_after:
                return Answer(500, {"error": "dead"})
            tenant = path.split("/")[2]
            if path.endswith("/settle"):
                return self._settle((tenant, path.split("/")[4]), body)
            if path.endswith("/release"):
                return Answer(200, {})
            return self._reserve((tenant, body["reservation_id"]), body)

    def _reserve(self, name: tuple[str, str], body: dict[str, Any]) -> Answer:
        if name in self.entries:
            return Answer(409, {"error": "CONFLICT"})
        if name[0] not in TENANTS:
            run = body["agent_execution_id"]
            if self.held.get(run, Decimal(0)) + Decimal(body["estimated_cost_usd"]) > 10:
                refusal = {
                    "allowed": False,
                    "action": "block",
                    "reason": "Execution budget exceeded",
                }
                return Answer(200, refusal | {"reason_code": "EXECUTION_EXCEEDED"})
            self.held[run] = self.held.get(run, Decimal(0)) + Decimal(body["estimated_cost_usd"])
        self.labels[name] = body
        return Answer(201, {"allowed": True, "reservation": {"receipt": "kept"}})

    def _settle(self, name: tuple[str, str], body: dict[str, Any]) -> Answer:
        if name in self.entries:
            return Answer(200, {"replayed": True})
        held, used = self.labels[name]["estimated_usage"], body["usage"]
        assert body["receipt"] == "kept"
        assert "cost_usd" not in body
        assert used["input_tokens"] == held["input_tokens"]
        assert used["output_tokens"] <= held["max_output_tokens"]
        cost = used["input_tokens"] * INPUT_PRICE + used["output_tokens"] * OUTPUT_PRICE
        self.entries[name] = body | self.labels[name] | {"cost_usd": str(cost)}
        return Answer(201, {})

    def get(self, path: str, **_: str) -> dict[str, Any]:
        """A report; everything is booked in one month."""
        match path.strip("/").split("/"):
            case ["tenants", tenant, "costs"]:
                return {"items": [{"month": MONTH}] if self._sums(tenant=tenant)["entries"] else []}
            case ["tenants", tenant, "usage"]:
                return self._sums(tenant=tenant)
            case ["tenants", tenant, "usage", "agents"]:
                return {"items": self._by(tenant, "agent")}
            case ["tenants", tenant, "usage", _]:
                return {"items": self._by(tenant, "model")}
        tenants = {tenant for tenant, _ in self.entries}
        items = [{"tenant_id": tenant} | self._sums(tenant=tenant) for tenant in tenants]
        return self._sums() | {"tenants": items, "cursor": None}

    def _by(self, tenant: str, label: str) -> list[dict[str, Any]]:
        names = {e[label] for (owner, _), e in self.entries.items() if owner == tenant}
        return [{"name": name} | self._sums(tenant, label, name) for name in names]

    def _sums(self, tenant: str = "", label: str = "", value: str = "") -> dict[str, Any]:
        chosen = [
            entry
            for (owner, _), entry in self.entries.items()
            if tenant in ("", owner) and (not label or entry[label] == value)
        ]
        spent = sum((Decimal(entry["cost_usd"]) for entry in chosen), Decimal(0))
        counts = {
            name: sum(entry["usage"][name] for entry in chosen)
            for name in ("input_tokens", "output_tokens")
        }
        return {"spent_usd": f"{spent:f}", **counts, "entries": len(chosen)}


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.totals.this_month", lambda: MONTH)


def as_api(fake: FakeApi) -> Api:
    """The fake, where the real client is asked for."""
    return cast("Api", fake)


def test_the_trace_adds_up_to_the_published_figures() -> None:
    sums = total(read_trace())

    assert (sums.calls, sums.cost_usd) == (8819, Decimal("47.608895"))
    assert (sums.input_tokens, sums.output_tokens) == (18_059_974, 245_896)


def test_every_estimate_covers_the_true_cost() -> None:
    assert all(call.most_output_tokens >= call.output_tokens for call in read_trace())


def test_a_replay_books_every_call_once_and_a_second_one_sends_nothing() -> None:
    fake = FakeApi()

    first = replay(as_api(fake), rows=200)
    sent = fake.posts
    second = replay(as_api(fake), rows=200)

    assert (first.skipped, sent) == (0, 400)
    assert (second.skipped, fake.posts) == (200, sent)
    assert differences(read(as_api(fake), TENANTS), read_trace(200)) == []


def test_a_replay_that_was_cut_short_goes_on_where_it_stopped() -> None:
    fake = FakeApi(dies_after=151)
    with pytest.raises(ReplayError, match="answered 500"):
        replay(as_api(fake), rows=200)
    fake.dies_after = None

    again = replay(as_api(fake), rows=200)

    assert again.skipped > 50
    assert len(fake.entries) == 200
    assert differences(read(as_api(fake), TENANTS), read_trace(200)) == []


def test_a_hole_far_behind_is_filled_when_the_sums_fall_short() -> None:
    fake = FakeApi()
    replay(as_api(fake), rows=200)
    del fake.entries["acme", "trace-00000"]
    del fake.entries["umbrella", "trace-00199"]

    replay(as_api(fake), rows=200)

    assert len(fake.entries) == 200


def test_a_digit_that_differs_is_named() -> None:
    fake = FakeApi()
    replay(as_api(fake), rows=20)
    fake.entries["acme", "trace-00000"]["cost_usd"] = "0.01212001"

    found = differences(read(as_api(fake), TENANTS), read_trace(20))

    assert any(line.startswith("tenant acme") for line in found)
    assert any(line.startswith("system") for line in found)


def test_a_looping_agent_is_stopped_at_its_limit_and_spends_nothing() -> None:
    fake = FakeApi()

    runaway = run_away(as_api(fake), "loop-1")

    assert (runaway.allowed, runaway.reason_code) == (10, "EXECUTION_EXCEEDED")
    assert fake.entries == {}
