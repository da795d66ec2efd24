"""Workflow runs as people govern them: running or paused, and who waits for a person."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from budget_monitor.domain.accounting.accounts import WorkflowTerms
from budget_monitor.domain.documents import DocumentKey
from budget_monitor.domain.errors import ConflictError, ValidationError
from budget_monitor.domain.money import parse_amount, render
from budget_monitor.domain.periods import render_instant

MAX_WAITING = 100
"""Branches of one workflow that may wait at once, and of those woken that are remembered."""


@dataclass(frozen=True, slots=True)
class WorkflowState:
    """What was decided about one workflow run. Pauses are numbered from 1."""

    version: int = 0
    pauses: int = 0
    """How often it was paused; the number of its latest pause."""
    paused: bool = False
    limit: Decimal | None = None
    """Its own limit in USD, in place of its budgets'."""
    by: str | None = None
    reason: str | None = None
    at: str | None = None
    """Who decided it, why and when: the latest pause or resumption."""
    waiting: tuple[str, ...] = ()
    """Task tokens of those who wait for a person."""
    waking: tuple[str, ...] = ()
    """Task tokens of those who are to go on and were not told yet."""
    woken: tuple[str, ...] = ()
    """Hashes of the tokens of those who were told."""
    resumed_early: bool = False
    """Whether it was resumed before anybody waited: the next to wait goes on at once."""

    @property
    def terms(self) -> WorkflowTerms:
        """What the run's account keeps of it."""
        return WorkflowTerms(self.pauses if self.paused else 0, self.limit)

    def pause(self, by: str, reason: str, at: datetime) -> "WorkflowState":
        """The run paused; the same where it is already."""
        if self.paused:
            return self
        return replace(
            self,
            pauses=self.pauses + 1,
            paused=True,
            by=by,
            reason=reason,
            at=render_instant(at),
            resumed_early=False,
        )

    def resume(self, by: str, reason: str, at: datetime, limit: Decimal | None) -> "WorkflowState":
        """The run going on, all who wait for it to be told; `limit` replaces its own."""
        if not self.paused and limit in {None, self.limit}:
            return self
        return replace(
            self,
            paused=False,
            limit=self.limit if limit is None else limit,
            by=by,
            reason=reason,
            at=render_instant(at),
            waiting=(),
            waking=(*self.waking, *self.waiting),
            resumed_early=not self.waiting if self.paused else self.resumed_early,
        )

    def wait(
        self, token: str, pause_id: int | None, by: str, reason: str, at: datetime
    ) -> "WorkflowState":
        """The run with one more who waits; one whose pause is over already is to be told.

        `pause_id` says which pause is waited out; without it, a resumption that nobody waited for
        counts for the first who comes. Raises ValidationError and ConflictError.
        """
        if token in (*self.waiting, *self.waking) or hashed(token) in self.woken:
            return self
        if pause_id is not None and pause_id > self.pauses:
            raise ValidationError(f"pause_id {pause_id} is no pause of this workflow", "pause_id")
        if len(self.waiting) + len(self.waking) >= MAX_WAITING:
            raise ConflictError(f"{MAX_WAITING} branches of this workflow wait already")
        over = pause_id is not None and (pause_id < self.pauses or not self.paused)
        if over or (pause_id is None and not self.paused and self.resumed_early):
            return replace(self, waking=(*self.waking, token), resumed_early=False)
        paused = self.pause(by, reason, at)
        return replace(paused, waiting=(*self.waiting, token))

    def told(self, tokens: tuple[str, ...]) -> "WorkflowState":
        """The run once these were told."""
        done = tuple(one for one in self.waking if one in tokens)
        if not done:
            return self
        left = tuple(one for one in self.waking if one not in tokens)
        woken = (*self.woken, *map(hashed, done))
        return replace(self, waking=left, woken=woken[-MAX_WAITING:])

    def dump(self) -> dict[str, Any]:
        """The state as plain JSON, without its version."""
        return {
            "pauses": self.pauses,
            "paused": self.paused,
            "limit_usd": None if self.limit is None else render(self.limit),
            "by": self.by,
            "reason": self.reason,
            "at": self.at,
            "waiting": list(self.waiting),
            "waking": list(self.waking),
            "woken": list(self.woken),
            "unclaimed": self.resumed_early,
        }

    @classmethod
    def load(cls, version: int, dumped: Mapping[str, Any]) -> "WorkflowState":
        """What `dump` gave."""
        limit = dumped["limit_usd"]
        return cls(
            version=version,
            pauses=dumped["pauses"],
            paused=dumped["paused"],
            limit=None if limit is None else parse_amount(limit, "limit_usd"),
            by=dumped["by"],
            reason=dumped["reason"],
            at=dumped["at"],
            waiting=tuple(dumped["waiting"]),
            waking=tuple(dumped["waking"]),
            woken=tuple(dumped["woken"]),
            resumed_early=dumped["unclaimed"],
        )


def run_key(tenant_id: str, workflow_id: str) -> DocumentKey:
    """The document that keeps what was decided about a workflow run."""
    return DocumentKey(tenant_id, "workflow", workflow_id)


def hashed(token: str) -> str:
    """A short name of a task token, which is no secret."""
    return sha256(token.encode()).hexdigest()[:16]
