"""Play a history on the product and the oracle; compare all answers and rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.support.dynamodb.tables import Rows
from tests.support.histories.events import Event, History
from tests.support.histories.gateway import KILLED, Reply, Wire, deliver, forget, switch
from tests.support.histories.lags import Lag
from tests.support.histories.ledger_audit import Books, differences, document, number, stored, text
from tests.support.histories.oracle.budgets import carried, decided, plain
from tests.support.histories.oracle.gates import Limits
from tests.support.histories.oracle.oracle import Oracle
from tests.support.histories.stored_pauses import disagreements, terms

SWEEPS = {"expire", "release_stopped"}
UNDECIDED = 20
"""Number of retries of a caller that gets no answer."""
DEPLOYMENTS: tuple[Mapping[str, str], ...] = (
    {"execution": "6", "workflow": "9", "tenant": "14", "system": "20"},
    {"execution": "none", "workflow": "4", "tenant": "30", "system": "9"},
    {"execution": "8", "workflow": "none", "tenant": "7", "system": "40"},
)


class Simulation:
    """One history on one set of tables."""

    def __init__(
        self, history: History, wire: Wire, clock: Any, rows: Callable[[], Rows], deploy: Any
    ) -> None:
        self.history, self.wire, self.clock, self.rows, self.deploy = (
            history,
            wire,
            clock,
            rows,
            deploy,
        )
        self.oracle = Oracle(self._deployed(0))
        self.now = history.start
        self.lag: Lag | None = None
        self._parked: dict[int, Any] = {}

    def _deployed(self, number_: int) -> Limits:
        limits = DEPLOYMENTS[number_]
        self.deploy(**limits)
        return {k: None if v == "none" else Decimal(v) for k, v in limits.items()}

    def play(self) -> None:
        """Play the history. Raises AssertionError with the event if product and oracle differ."""
        self._forget_other_histories()
        for place, event in enumerate(self.history.events):
            try:
                self._step(event)
            except Exception as fault:
                raise AssertionError(f"at {self.now}, event {place} {event}: {fault!r}") from fault
        self._compare_at_rest()

    def _forget_other_histories(self) -> None:
        """No deployment's process remembers rows of tables that are no more."""
        for number_ in range(len(DEPLOYMENTS)):
            self._deployed(number_)
            forget()
        self._deployed(0)

    def _step(self, event: Event) -> None:
        self.now += timedelta(seconds=event.wait)
        self.clock.move_to(self.now)
        if event.deployed is not None:
            self.oracle.limits = self._deployed(event.deployed)
        if event.forgotten:
            switch(self._parked)
        if event.operation == "release_stopped":
            self.oracle.stops[event.fields["state_machine_execution_arn"]] = self.now
        reply = self._delivered(event)
        rows = self.rows()
        self._note_what_time_did(rows, event.operation)
        assert event.faults or not reply.unanswered, f"nothing went wrong, and yet {reply}"
        if reply.unanswered and not self._happened(event, rows):
            return
        if reply.unanswered and event.operation == "record_costs":
            self._book_what_is_there(event, rows)
            return
        self.oracle.unfixed.clear()
        expected = self.oracle.apply(event.operation, event.fields, self.now)
        assert event.faults or not self.oracle.unfixed, f"not written down: {self.oracle.unfixed}"
        if not reply.unanswered:
            self._agree(event, expected, reply)
        assert not differences(rows)

    def _agree(self, event: Event, expected: dict[str, Any], reply: Reply) -> None:
        compare(expected, reply, exactly=not event.faults)

    def _delivered(self, event: Event) -> Reply:
        self.wire.expect(event.faults)
        for _ in range(UNDECIDED):
            reply = deliver(event.operation, **event.fields)
            if reply.error == KILLED:
                forget()
            if not reply.unanswered or (event.dropped and event.operation not in SWEEPS):
                break
        self.wire.expect({})
        return reply

    def _note_what_time_did(self, rows: Rows, operation: str = "check") -> None:
        """Take over what the product did besides, once the oracle agrees with it.

        It writes down what months carry over, and it ends holds whose time is up. Schedules end
        holds without any policy, so there it may come in between.
        """
        oracle, found = self.oracle, carried(rows)
        new = found.keys() - oracle.carried.keys()
        oracle.now = self.now
        before = oracle.carries(new)
        self._note_swept(rows, operation)
        after = oracle.carries(new) if operation in SWEEPS else before
        for one in new:
            between = sorted((before[one], after[one]))
            assert between[0] <= found[one] <= between[1], f"{one}: {found[one]}, not {between}"
            oracle.carried[one] = found[one]

    def _note_swept(self, rows: Rows, operation: str) -> None:
        states = {row["pk"]["S"]: text(row, "state") for row in rows["ReservationsTable"]}
        for name, hold in list(self.oracle.holds.items()):
            state, over = states.get("#reservation#".join(name)), self.now >= hold.expires_at
            if hold.state != "open" or state not in {"expired", "released", "settled"}:
                continue
            by_schedule = operation in SWEEPS and (state == "settled") == hold.settles_itself
            if state == "expired" or (over and state == "settled" and by_schedule):
                self.oracle.swept(name, self.now)
            elif by_schedule and operation == "expire":  # it looked again
                self.oracle.found_later(name)
        self.oracle.hidden = self.lag.hidden() if self.lag else set()

    def _happened(self, event: Event, rows: Rows) -> bool:
        """True if an unanswered request was executed, according to the stored rows."""
        fields = event.fields
        tenant = str(fields.get("tenant_id"))
        entries = {row["pk"]["S"] for row in rows["LedgerTable"]}
        holds = {row["pk"]["S"]: row for row in rows["ReservationsTable"]}
        mine = (tenant, str(fields.get("reservation_id")))
        row, known = holds.get(f"{tenant}#reservation#{mine[1]}"), self.oracle.holds.get(mine)
        if event.operation == "reserve":
            return (row is not None and known is None) or terms(rows) != self.oracle.terms
        if event.operation in {"pause", "resume"}:
            return terms(rows) != self.oracle.terms
        if event.operation.endswith("_budget") or event.operation == "add_grant":
            return decided(rows) != self.oracle.budgets
        if event.operation in {"settle", "release", "extend"} and row and known:
            ours = (known.state, known.entry, f"{known.expires_at:%Y-%m-%dT%H:%M:%S.%fZ}")
            theirs = (text(row, "state"), text(row, "entry_id"), text(row, "expires_at"))
            true_cost = (tenant, f"settle:.true:{mine[1]}")
            corrected = f"{tenant}#entry#{true_cost[1]}" in entries
            return theirs != ours or (corrected and true_cost not in self.oracle.facts)
        ids = ("draw_id", "adjustment_id", "entry_id")
        named = next((fields[one] for one in ids if fields.get(one)), None)
        if event.operation in {"record_cost", "adjust", "draw"}:
            return f"{tenant}#entry#{named}" in entries and (tenant, named) not in self.oracle.facts
        return event.operation == "record_costs"

    def _book_what_is_there(self, event: Event, rows: Rows) -> None:
        tenant, entries = event.fields["tenant_id"], {row["pk"]["S"] for row in rows["LedgerTable"]}
        for one in event.fields["costs"]:
            name = (tenant, one["entry_id"])
            if "#entry#".join(name) in entries and name not in self.oracle.facts:
                self.oracle.apply("record_cost", {**one, "tenant_id": tenant}, self.now)

    def _compare_at_rest(self) -> None:
        rows, oracle = self.rows(), self.oracle
        if self.lag:
            self.lag.catch_up()
        assert not differences(rows)
        assert decided(rows) == oracle.budgets
        have, want = by_plain_name(stored(rows["AccountsTable"])), oracle.accounts
        for account in {*have, *want}:
            names = {*have[account], *want[account]}
            ours = {name: want[account][name] for name in names}
            theirs = {name: have[account][name] for name in names}
            assert ours == theirs, f"{account}: expected {ours}, stored {theirs}"
        assert terms(rows) == oracle.terms, terms(rows)
        assert not disagreements(rows), disagreements(rows)
        reservations = [row for row in rows["ReservationsTable"] if "facts" in row]  # no keys
        for row in reservations:
            tenant, _, name = row["pk"]["S"].split("#")
            hold = oracle.holds[tenant, name]
            assert text(row, "state") == hold.state
            assert text(row, "entry_id") == hold.entry
            assert int((text(row, "drawn") or "0/").split("/")[0]) == hold.draws
            assert text(row, "expires_at") == f"{hold.expires_at:%Y-%m-%dT%H:%M:%S.%fZ}"
        assert len(reservations) == len(oracle.holds)
        assert len(rows["LedgerTable"]) == len(oracle.facts)
        for row in rows["LedgerTable"]:
            fact = oracle.facts[str(text(row, "tenant_id")), str(text(row, "entry_id"))]
            assert number(row, "amount") == fact.amount
            assert document(row, "flags") == list(fact.flags)
            moved = sorted(map(plain, document(row, "moved")))
            assert moved == sorted(fact.moved), f"{fact} moved {moved}"
        self._compare_reports()

    def _compare_reports(self) -> None:
        month, self.oracle.now = f"{self.now:%Y-%m}", self.now
        for tenant in (f"t{self.history.seed}-a", f"t{self.history.seed}-b"):
            usage = deliver("tenant_usage", tenant_id=tenant, month=month).body
            limit = self.oracle.tenant_limit(tenant, month)
            self._compare_usage(usage, f"{tenant}#tenant#{tenant}#{month}", limit)
            fields = {"tenant_id": tenant, "estimated_cost_usd": "1", "agent_execution_id": "new"}
            reply = deliver("check", **fields)
            self._note_what_time_did(self.rows())
            compare(self.oracle.apply("check", fields, self.now), reply, exactly=True)
        usage = deliver("system_usage", month=month).body
        limit = self.oracle.limits["system"]
        self._compare_usage(usage, f"*#system#system#{month}", limit)

    def _compare_usage(self, usage: dict[str, Any], account: str, limit: Decimal | None) -> None:
        totals = self.oracle.accounts[account]
        assert Decimal(usage["spent_usd"]) == totals["spent"]
        assert Decimal(usage["held_usd"]) == totals["held"]
        assert (usage["entries"], usage["tokens"]) == (totals["entries"], totals["tokens"])
        assert limit is not None
        assert Decimal(usage["available_usd"]) == limit - totals["committed"]
        assert usage["exceeded"] == (totals["spent"] > limit)


def by_plain_name(books: Books) -> Books:
    """The same accounts under the names that the oracle gives them, stripes and all."""
    named: Books = defaultdict(lambda: defaultdict(Decimal))
    for account, totals in books.items():
        named[plain(account)] = totals
    return named


def compare(expected: dict[str, Any], reply: Reply, *, exactly: bool) -> None:
    """Where something went wrong a second try finds its own first one, or its own pause."""
    assert reply.error == expected["error"], f"answered {reply}, expected {expected}"
    body = reply.body
    if "results" in expected:
        for one, answer in zip(expected["results"], body["results"], strict=True):
            compare(one, Reply(answer, answer.get("error")), exactly=exactly)
        return
    shown = {**body, **(body.get("entry") or {})}
    for name, value in expected.items():
        if name == "error" or (name == "replayed" and not exactly):
            continue
        if value == "WORKFLOW_EXCEEDED" and not exactly and shown[name] == "WORKFLOW_PAUSED":
            continue
        said = list(value) if isinstance(value, tuple) else value
        answered = _amounts(shown[name]) if isinstance(value, (Decimal, list)) else shown[name]
        assert answered == said, f"{name}: answered {answered}, expected {said}"


def _amounts(answered: Any) -> Any:
    """An amount, or what is left of each grant."""
    if isinstance(answered, list):
        return [Decimal(one["left_usd"]) for one in answered]
    return Decimal(answered)
