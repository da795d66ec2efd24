"""Costs of a reservation: a settlement, which ends it, or a draw, which keeps the rest held."""

from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.ledger import (
    ESTIMATED,
    SETTLEMENT_PREFIX,
    TRUE_COST_PREFIX,
    TRUE_DRAW_PREFIX,
    Entry,
)
from budget_monitor.domain.costs.usage import CALLS, INPUT, OUTPUT
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.holds.reservations import (
    SETTLED,
    Hold,
    HoldDraw,
    HoldEnd,
    LateSettlement,
    Reservation,
)
from budget_monitor.domain.requests import OPERATION, Request
from budget_monitor.domain.transactions import IdempotencyKey
from budget_monitor.domain.values import dataclass
from budget_monitor.usecases.prices.spent import Cost, Spent

OF_THE_RUN = (
    "agent_execution_id",
    "workflow_execution_id",
    "parent_execution_id",
    "state_machine_execution_arn",
)
"""The labels that a draw shares with its hold."""
OF_THE_CALL = ("workflow", "agent", "user", "tags")
"""Labels that may differ between a draw and its hold, beside model and provider."""


@dataclass(frozen=True, slots=True)
class Settle:
    """Settle a hold at its true cost. `expected` is the reservation as its receipt describes it."""

    tenant_id: str
    reservation_id: str
    cost: Cost
    entry_id: str | None = None
    expected: Reservation | None = None
    include_gates: bool = True
    model: str | None = None
    """The model that was called, if the hold has none or another one."""
    provider: str | None = None
    key: IdempotencyKey | None = None
    """Idempotency key of the whole request."""
    at_estimate: bool = False
    """Book what is left of the hold's estimate, because the true cost is not known."""

    id_field: ClassVar[str] = "entry_id"
    operation: ClassVar[str] = "settle"
    noun: ClassVar[str] = "settlement"

    @classmethod
    def overdue(cls, reservation: Reservation) -> "Settle":
        """Settle an overdue hold. A caller that repeats the request gets its entry."""
        hold = reservation.hold
        said = {
            OPERATION: cls.operation,
            "reservation_id": hold.reservation_id,
            "at_estimate": True,
        }
        cost = Cost(Spent(None), said)
        return cls(hold.tenant_id, hold.reservation_id, cost, include_gates=False, at_estimate=True)

    def known_as(self, stored: Request | None) -> "Settle":
        """Return the command with the id stored under its key; unchanged if the key is new."""
        if stored is None:
            return self
        return replace(self, entry_id=stored["entry_id"], key=None)

    @property
    def booked_as(self) -> str:
        """The id of its entry."""
        return settlement_id(self.reservation_id, self.entry_id)

    @property
    def true_cost_id(self) -> str:
        """The id of the adjustment by its true cost, whatever its entry's id: booked once."""
        return f"{TRUE_COST_PREFIX}{self.reservation_id}"

    @property
    def flags(self) -> tuple[str, ...]:
        """Flags of its entry."""
        return (ESTIMATED,) if self.at_estimate else ()

    def labels_of(self, hold: Hold) -> Labels:
        """The hold's labels, with the model and the provider that were called in the end."""
        return hold.labels.called(self.model, self.provider)

    def spent(self, reservation: Reservation) -> Spent:
        """What is booked: the caller's cost, or what is left of the estimate."""
        if not self.at_estimate:
            return self.cost.spent
        left, usage = reservation.left, None
        if reservation.hold.estimate:
            usage = {INPUT: left.input_tokens, OUTPUT: left.output_tokens, CALLS: left.calls}
        tokens = left.tokens if usage else None
        return replace(self.cost.spent, amount=left.usd, usage=usage, tokens=tokens)

    def change(self, expected: Reservation, entry: Entry, now: datetime) -> HoldEnd:
        """Return the change that ends the open reservation."""
        return HoldEnd(expected, SETTLED, now, entry.entry_id, entry.principal)

    def late_change(self, ended: Reservation) -> LateSettlement:
        """Return the change that makes it the one settlement of an ended reservation."""
        return LateSettlement(ended, self.booked_as, self.cost.principal)

    def settled_by(self, reservation: Reservation | None) -> str | None:
        """The id of the entry that prevents another one."""
        return reservation.entry_id if reservation else None


@dataclass(frozen=True, slots=True)
class Draw:
    """Book the cost of one call of several against a hold, and keep the rest held."""

    tenant_id: str
    reservation_id: str
    cost: Cost
    draw_id: str
    labels: Labels
    """The call's labels from the caller; empty fields are as in the hold."""
    expected: Reservation | None = None
    include_gates: bool = True
    key: IdempotencyKey | None = None
    """Idempotency key of the whole request."""
    at_estimate: bool = False
    """The cost is the caller's estimate, because the true one is not known."""

    id_field: ClassVar[str] = "draw_id"
    operation: ClassVar[str] = "draw"
    noun: ClassVar[str] = "draw"

    def known_as(self, stored: Request | None) -> "Draw":
        """Return the command with the id stored under its key; unchanged if the key is new."""
        if stored is None:
            return self
        return replace(self, draw_id=stored["draw_id"], key=None)

    @property
    def booked_as(self) -> str:
        """The id of its entry."""
        return self.draw_id

    @property
    def true_cost_id(self) -> str:
        """The id of the adjustment by its true cost."""
        return f"{TRUE_DRAW_PREFIX}{self.draw_id}"

    @property
    def flags(self) -> tuple[str, ...]:
        """Flags of its entry."""
        return (ESTIMATED,) if self.at_estimate else ()

    def labels_of(self, hold: Hold) -> Labels:
        """The hold's labels with those of the call.

        Raises ValidationError for another run than the hold's: its accounts hold nothing.
        """
        said = self.labels
        for name in OF_THE_RUN:
            if getattr(said, name) not in {None, getattr(hold.labels, name)}:
                raise ValidationError(f"{name} must be that of the reservation", name)
        own = {name: getattr(said, name) for name in OF_THE_CALL if getattr(said, name)}
        return replace(hold.labels, **own).called(said.model, said.provider)

    def spent(self, _: Reservation) -> Spent:
        """What is booked: the caller's cost."""
        return self.cost.spent

    def change(self, expected: Reservation, entry: Entry, _: datetime) -> HoldDraw:
        """Return the change that keeps it open. A quarantined cost takes nothing from it."""
        return HoldDraw(expected, entry.counted, entry.principal)

    def late_change(self, _: Reservation) -> None:
        """Return None: a reservation that has ended stays as it is."""

    def settled_by(self, _: Reservation | None) -> None:
        """None: a hold has many draws, so no entry prevents another."""


HoldCost = Settle | Draw


def settlement_id(reservation_id: str, given: str | None) -> str:
    """Return the id of a settlement's entry: the caller's, or a generated one."""
    return given or f"{SETTLEMENT_PREFIX}{reservation_id}"
