"""State of a workflow execution: active or paused, and the state machines that wait for it."""

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from budget_monitor.domain.accounting.accounts import WorkflowTerms
from budget_monitor.domain.documents import DocumentKey
from budget_monitor.domain.errors import ConflictError, ValidationError
from budget_monitor.domain.money import parse_amount, render
from budget_monitor.domain.periods import render_instant
from budget_monitor.domain.signers import signed
from budget_monitor.domain.values import dataclass

MAX_WAITING = 100
"""Maximum of waiting branches per workflow, and of remembered tokens that were called back."""
CALLBACK = "callback:"
"""Prefix of the stored tokens of durable functions; those of Step Functions have no colon."""
WAITS = "*waits"
"""Cause of a pause by a state machine that waits for a person. No budget can have this id."""


@dataclass(frozen=True, slots=True)
class Denial:
    """The denial of the request that a party waited for: its wait fails instead of succeeding."""

    request_id: str
    by: str | None
    reason: str | None

    def dump(self) -> dict[str, Any]:
        """Return the denial as plain JSON."""
        return {"request_id": self.request_id, "by": self.by, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class WorkflowState:
    """Pause, limit and waiting task tokens of one workflow execution."""

    version: int = 0
    pauses: int = 0
    """How often it was paused. This is also the number of the latest pause; the first is 1."""
    paused: bool = False
    limit: Decimal | None = None
    """Its own limit in USD; replaces the limits of its budgets."""
    by: str | None = None
    reason: str | None = None
    at: str | None = None
    principal: str | None = None
    """Who, why and when: the latest pause or resume."""
    waiting: tuple[str, ...] = ()
    """Task tokens that wait for a resume."""
    waking: tuple[str, ...] = ()
    """Task tokens that were resumed; their callback is still to be sent."""
    woken: tuple[str, ...] = ()
    """Hashes of the task tokens whose callback was sent."""
    resumed_early: bool = False
    """Resumed before any `await_resume`; the next one returns at once."""
    cause: str | None = None
    """What paused it: the id of a budget, or WAITS; None: a person."""
    asking: Mapping[str, str] = field(default_factory=dict)
    """The requests for whose answers tokens wait: request id by token."""
    denials: Mapping[str, Denial] = field(default_factory=dict)
    """Of the tokens that are due, those whose request was denied."""

    @property
    def terms(self) -> WorkflowTerms:
        """The terms that are stored on the workflow's account row."""
        return WorkflowTerms(self.pauses if self.paused else 0, self.limit)

    def waits_for_money(self, budget_id: str) -> bool:
        """True if this budget paused it, or a state machine that waits for a person."""
        return self.paused and self.cause in {budget_id, WAITS}

    def pause(
        self,
        by: str,
        reason: str,
        at: datetime,
        cause: str | None = None,
        principal: str | None = None,
    ) -> "WorkflowState":
        """Return the paused state; the same object if it is paused already."""
        if self.paused:
            return self
        return replace(
            self,
            pauses=self.pauses + 1,
            paused=True,
            by=by,
            reason=reason,
            at=render_instant(at),
            principal=principal,
            resumed_early=False,
            cause=cause,
        )

    def resume(
        self,
        by: str,
        reason: str,
        at: datetime,
        limit: Decimal | None,
        principal: str | None = None,
    ) -> "WorkflowState":
        """Return the active state, with all waiting tokens due for their callback.

        A given `limit` replaces the workflow's own limit.
        """
        if not self.paused and limit in {None, self.limit}:
            return self
        return replace(
            self,
            paused=False,
            limit=self.limit if limit is None else limit,
            by=by,
            reason=reason,
            at=render_instant(at),
            principal=principal,
            waiting=(),
            waking=(*self.waking, *self.waiting),
            resumed_early=not self.waiting if self.paused else self.resumed_early,
            cause=None,
            asking={},
        )

    def deny(self, denial: Denial, at: datetime, principal: str | None) -> "WorkflowState":
        """Return the state with all tokens due that wait for the answer to this request.

        A pause that only their waiting made is over with it. Any other pause stays.
        """
        denied = tuple(t for t in self.waiting if self.asking.get(t) == denial.request_id)
        if not denied:
            return self
        left = tuple(one for one in self.waiting if one not in denied)
        after = replace(
            self,
            waiting=left,
            waking=(*self.waking, *denied),
            asking={token: name for token, name in self.asking.items() if token in left},
            denials={**self.denials, **dict.fromkeys(denied, denial)},
        )
        if left or self.cause != WAITS:
            return after
        return replace(
            after,
            paused=False,
            cause=None,
            by=denial.by,
            reason=denial.reason,
            at=render_instant(at),
            principal=principal,
        )

    def limited(self, limit: Decimal) -> "WorkflowState":
        """Return the state with this limit of its own, in USD. A paused workflow stays paused."""
        return replace(self, limit=limit)

    def wakes(self, token: str, denial: Denial | None = None) -> "WorkflowState":
        """Return the state with this token due: what it waits for is over already."""
        if self.knows(token):
            return self
        denials = {**self.denials, token: denial} if denial else self.denials
        return replace(self, waking=(*self.waking, token), denials=denials)

    def asks(self, token: str, request_id: str) -> "WorkflowState":
        """Return the state in which this waiting token waits for the answer to a request, too."""
        if token not in self.waiting:
            return self
        return replace(self, asking={**self.asking, token: request_id})

    def knows(self, token: str) -> bool:
        """True if this token waits or waited here."""
        return token in (*self.waiting, *self.waking) or hashed(token) in self.woken

    def wait(
        self, token: str, pause_id: int | None, by: str, reason: str, at: datetime
    ) -> "WorkflowState":
        """Return the state with this task token waiting, or due if its pause is over already.

        `pause_id` names the pause to wait for. Without it, a resume that no token waited for is
        used up by the first token that comes. Raises ValidationError and ConflictError.
        """
        if self.knows(token):
            return self
        if pause_id is not None and pause_id > self.pauses:
            raise ValidationError(
                f"this workflow has no pause with pause_id {pause_id}", "pause_id"
            )
        if len(self.waiting) + len(self.waking) >= MAX_WAITING:
            raise ConflictError(
                f"this workflow has reached its maximum of {MAX_WAITING} waiting branches"
            )
        over = pause_id is not None and (pause_id < self.pauses or not self.paused)
        if over or (pause_id is None and not self.paused and self.resumed_early):
            return replace(self, waking=(*self.waking, token), resumed_early=False)
        paused = self.pause(by, reason, at, WAITS)
        return replace(paused, waiting=(*self.waiting, token))

    def with_woken(self, tokens: tuple[str, ...]) -> "WorkflowState":
        """Return the state after the callbacks of these tokens were sent."""
        done = tuple(one for one in self.waking if one in tokens)
        if not done:
            return self
        left = tuple(one for one in self.waking if one not in tokens)
        woken = (*self.woken, *map(hashed, done))
        denials = {token: one for token, one in self.denials.items() if token in left}
        return replace(self, waking=left, woken=woken[-MAX_WAITING:], denials=denials)

    def dump(self) -> dict[str, Any]:
        """Return the state as plain JSON, without its version."""
        return {
            "pauses": self.pauses,
            "paused": self.paused,
            "limit_usd": None if self.limit is None else render(self.limit),
            "by": self.by,
            "reason": self.reason,
            "at": self.at,
            **signed(self.principal),
            "waiting": list(self.waiting),
            "waking": list(self.waking),
            "woken": list(self.woken),
            "unclaimed": self.resumed_early,
            **({"cause": self.cause} if self.cause else {}),
            **({"asking": dict(self.asking)} if self.asking else {}),
            **({"denials": _dumped(self.denials)} if self.denials else {}),
        }

    @classmethod
    def load(cls, version: int, dumped: Mapping[str, Any]) -> "WorkflowState":
        """Return the state that `dump` wrote."""
        limit = dumped["limit_usd"]
        return cls(
            version=version,
            pauses=dumped["pauses"],
            paused=dumped["paused"],
            limit=None if limit is None else parse_amount(limit, "limit_usd"),
            by=dumped["by"],
            reason=dumped["reason"],
            at=dumped["at"],
            principal=dumped.get("principal"),
            waiting=tuple(dumped["waiting"]),
            waking=tuple(dumped["waking"]),
            woken=tuple(dumped["woken"]),
            resumed_early=dumped["unclaimed"],
            cause=dumped.get("cause"),
            asking=dumped.get("asking", {}),
            denials={t: Denial(**one) for t, one in dumped.get("denials", {}).items()},
        )


def _dumped(denials: Mapping[str, Denial]) -> dict[str, Any]:
    return {token: one.dump() for token, one in denials.items()}


def workflow_document(tenant_id: str, workflow_id: str) -> DocumentKey:
    """Key of the document that stores a workflow's state."""
    return DocumentKey(tenant_id, "workflow", workflow_id)


def callback_token(callback_id: str) -> str:
    """The stored token of a durable function's callback."""
    return f"{CALLBACK}{callback_id}"


def callback_of(token: str) -> str | None:
    """The id of a durable function's callback; None for a task token of Step Functions."""
    return token.removeprefix(CALLBACK) if token.startswith(CALLBACK) else None


def hashed(token: str) -> str:
    """Short hash of a task token. Unlike the token, it is not secret."""
    return sha256(token.encode()).hexdigest()[:16]
