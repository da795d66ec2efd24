"""Histories with a read cache that lies: the same ledger, the same reserves, the same answers.

An answer of the cache may be up to 10 s old where the product could not drop the copy: where it
said so, or died before it could. Everywhere else it is as of now.
"""

from __future__ import annotations

import copy
import random
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from budget_monitor.config import Config
from budget_monitor.parts import parts_of
from tests.support.cache.faulty_valkey import PASS, FaultyValkey
from tests.support.cache.forged_entries import FORGED
from tests.support.histories.events import Event
from tests.support.histories.gateway import Reply, deliver
from tests.support.histories.making.requests import RUNS
from tests.support.histories.oracle.oracle import Oracle
from tests.support.histories.simulator import Simulation, compare

LIFE = timedelta(seconds=10)
LYING, RESTARTED, ASKED = 0.4, 0.2, 0.6
AMOUNTS = ("0", "0.01", "0.07", "0.5")


class CachedSimulation(Simulation):
    """A history whose cache is now and then in a mode of the liar's."""

    def lie(self, liar: FaultyValkey, mode: str) -> None:
        """Before it is played: who lies, and how."""
        self.liar, self.mode = liar, mode
        self.chance = random.Random(f"{mode} {self.history.seed}")  # noqa: S311 - a history
        self.told: Counter[str] = Counter()
        self._past: list[tuple[datetime, Oracle]] = []
        """Until when it was so, and how it was."""
        self._stale_until = self.history.start - LIFE

    def _step(self, event: Event) -> None:
        self._past = [(at, one) for at, one in self._past if at > self.now - LIFE]
        self._past.append((self.now + timedelta(seconds=event.wait), copy.deepcopy(self.oracle)))
        self._choose_mode()
        super()._step(event)
        if any(fault.startswith("killed") for fault in event.faults.values()):
            self._stale_until = max(self._stale_until, self.now + LIFE)
        self._choose_mode()
        if self.chance.random() < ASKED:
            self._ask()

    def _choose_mode(self) -> None:
        lies = self.chance.random() < LYING
        self.liar.mode = self.mode if lies else PASS
        store: Any = parts_of(Config.from_environment()).store
        until = store._distrusts_until or self._stale_until  # noqa: SLF001 - the same
        self._stale_until = max(until, self._stale_until)
        if self.chance.random() < RESTARTED:
            store._distrusts_until = None  # noqa: SLF001 - another process knows of no failure
            store._server._breaker._tries_at = None  # noqa: SLF001 - the same

    def _ask(self) -> None:
        """Two questions after each event, of which the second may meet what the first left."""
        fields = {
            "tenant_id": f"t{self.history.seed}-{self.chance.choice('ab')}",
            "estimated_cost_usd": self.chance.choice(AMOUNTS),
            **self.chance.choice([run for run in RUNS if "parent_execution_id" not in run]),
        }
        for _ in range(2):
            reply = deliver("check", **fields)
            if reply.body.get("source") != "cache":
                self._note_what_time_did(self.rows())
            self._agree_recently(fields, reply)

    def _agree(self, event: Event, expected: dict[str, Any], reply: Reply) -> None:
        if event.operation == "check" and reply.body.get("source") == "cache":
            self._agree_recently(event.fields, reply)
            return
        if "budget_id" not in event.fields:  # a budget's source is who set it
            assert reply.body.get("source", "store") == "store"
        super()._agree(event, expected, reply)

    def _agree_recently(self, fields: dict[str, Any], reply: Reply) -> None:
        source = str(reply.body.get("source"))
        self.told[source] += 1
        if source != "cache":
            compare(self.oracle.apply("check", fields, self.now), reply, exactly=True)
            return
        as_of = datetime.fromisoformat(reply.body["as_of"])
        assert self.now - LIFE < as_of <= self.now, f"as of {as_of}"
        assert reply.body["allowed"], "a copy refused"
        if self.mode != FORGED and not self._as_some_moment_said(fields, reply, as_of):
            raise AssertionError(f"the cache told {reply.body}")

    def _as_some_moment_said(self, fields: dict[str, Any], reply: Reply, as_of: datetime) -> bool:
        """Whether it is of now or, where a copy may have been left, of any moment from `as_of`."""
        moments = [self.oracle]
        if self.now <= self._stale_until:
            moments += [one for until, one in self._past if until >= as_of]
        return any(_says(one, fields, self.now, reply) for one in moments)

    def _compare_reports(self) -> None:
        """Twice as they are shown, then once when no copy lives any more."""
        month, self.oracle.now = f"{self.now:%Y-%m}", self.now
        for tenant in (f"t{self.history.seed}-a", f"t{self.history.seed}-b"):
            for _ in range(2):
                self._choose_mode()
                usage = deliver("tenant_usage", tenant_id=tenant, month=month).body
                self.told[f"usage {usage['source']}"] += 1
                if self.now > self._stale_until and self.mode != FORGED:
                    limit = self.oracle.tenant_limit(tenant, month)
                    self._compare_usage(usage, f"{tenant}#tenant#{tenant}#{month}", limit)
        self.liar.mode = PASS
        self.now += LIFE
        self.clock.move_to(self.now)
        super()._compare_reports()


def _says(oracle: Oracle, fields: dict[str, Any], now: datetime, reply: Reply) -> bool:
    try:
        compare(oracle.apply("check", fields, now), reply, exactly=True)
    except AssertionError:
        return False
    return bool(_spent(oracle, fields, now) == reply.body["status"]["spent_usd"])


def _spent(oracle: Oracle, fields: dict[str, Any], now: datetime) -> str:
    tenant = fields["tenant_id"]
    spent = oracle.accounts[f"{tenant}#tenant#{tenant}#{now:%Y-%m}"]["spent"]
    text = f"{spent:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
