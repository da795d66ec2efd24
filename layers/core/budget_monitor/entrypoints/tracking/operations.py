"""The operations of the tracking function."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from budget_monitor.domain.errors import BudgetMonitorError, ValidationError
from budget_monitor.domain.holds.reservations import Reservation
from budget_monitor.domain.requests import Request
from budget_monitor.domain.values import dataclass
from budget_monitor.entrypoints.door import render
from budget_monitor.entrypoints.door.cost_fields import read_cost, read_draw, read_settlement
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.idempotency import batch_request, keyed, with_id
from budget_monitor.entrypoints.door.label_fields import read_labels
from budget_monitor.entrypoints.door.operations import DIRECT, Answer, Operation, RequestContext
from budget_monitor.usecases.costs.adjust import Adjust, Adjusting
from budget_monitor.usecases.costs.hold_costs import Draw, Settle, settlement_id
from budget_monitor.usecases.costs.record import Booked, Record, Recording
from budget_monitor.usecases.costs.record_batch import Batches, Result
from budget_monitor.usecases.costs.settle import Settling

if TYPE_CHECKING:
    from budget_monitor.entrypoints.tracking.reconcile import Services as Reconciling
    from budget_monitor.usecases.costs.backfill import Backfilling
    from budget_monitor.usecases.costs.reprice import Repricing
    from budget_monitor.usecases.costs.review import Reviewing

MAX_COSTS = 100
_NOTHING: Request = {}


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases of the tracking function."""

    recording: Recording
    settling: Settling
    batches: Batches
    adjusting: Adjusting
    reconciling: "Callable[[], Reconciling]"
    """Built on first use, with its imports: recording costs does not need it."""
    repricing: "Callable[[], Repricing]"
    """The same."""
    reviewing: "Callable[[], Reviewing]"
    """The same."""
    backfilling: "Callable[[], Backfilling]"
    """The same."""


_Context = RequestContext[Services]


def settle(context: _Context, fields: Fields) -> Answer:
    """Settle a reservation: replace what it holds by the true cost."""
    tenant_id, reservation_id = fields.tenant(), fields.id("reservation_id")
    entry_id = fields.caller_id("entry_id")
    key = fields.idempotency_key()
    expected = _read_receipt(fields, tenant_id, reservation_id)
    include_gates = fields.flag("include_gates", default=True)
    model, provider = fields.name("model"), fields.name("provider")
    cost, at_estimate = read_settlement(fields)
    made = {"entry_id": settlement_id(reservation_id, entry_id)}
    command = Settle(
        tenant_id=tenant_id,
        reservation_id=reservation_id,
        cost=cost,
        entry_id=entry_id,
        expected=expected,
        include_gates=include_gates,
        model=model,
        provider=provider,
        key=keyed(tenant_id, key, cost.request, made),
        at_estimate=at_estimate,
    )
    return _of_hold(context, context.services.settling.settle(command))


def draw(context: _Context, fields: Fields) -> Answer:
    """Book a cost against an open reservation and keep the rest held."""
    tenant_id, reservation_id = fields.tenant(), fields.id("reservation_id")
    make, key = fields.key_or("draw", context.ids.new), fields.idempotency_key()
    given = fields.caller_id("draw_id", canonical=False)
    expected = _read_receipt(fields, tenant_id, reservation_id)
    include_gates = fields.flag("include_gates", default=True)
    labels = read_labels(fields, of_run=False)
    cost, at_estimate = read_draw(fields)
    draw_id = given or make()
    request = with_id(cost.request, "draw", "draw_id", given)
    command = Draw(
        tenant_id=tenant_id,
        reservation_id=reservation_id,
        cost=cost,
        draw_id=draw_id,
        labels=labels,
        expected=expected,
        include_gates=include_gates,
        key=keyed(tenant_id, key, request, {"draw_id": draw_id}),
        at_estimate=at_estimate,
    )
    return _of_hold(context, context.services.settling.draw(command))


def record_cost(context: _Context, fields: Fields) -> Answer:
    """Record a cost that was not reserved."""
    make, key = fields.key_or("record_cost", context.ids.new), fields.idempotency_key()
    include_gates = fields.flag("include_gates", default=True)
    command, request = _record(fields, fields.tenant(), make(), include_gates=include_gates)
    whole_key = keyed(command.tenant_id, key, request, {"entry_id": command.entry_id})
    command = replace(command, key=whole_key)
    return _booked(context.services.recording.record_cost(command), {})


def record_costs(context: _Context, fields: Fields) -> Answer:
    """Record up to 100 costs. There is one result for each, in order.

    With `backfill`, operators import costs of months before the tenant's first statement.
    """
    tenant_id, key = fields.tenant(), fields.idempotency_key()
    costs, more = fields.each("costs", MAX_COSTS), _read_backfill(fields)
    read = [
        _record(cost, tenant_id, fields.key_or(f"record_costs#{index}", context.ids.new)(), more)
        for index, cost in enumerate(costs)
    ]
    fields.finish()
    commands = [command for command, _ in read]
    whole_key = (
        keyed(tenant_id, key, batch_request([request for _, request in read])) if key else None
    )
    batches = context.services.backfilling() if more else context.services.batches
    results = batches.record_costs(commands, whole_key)
    pairs = zip(commands, results, strict=True)
    return Answer({"results": [_result(command, result) for command, result in pairs]})


def adjust(context: _Context, fields: Fields) -> Answer:
    """Correct a recorded cost by a signed amount."""
    make, key = fields.key_or("adjust", context.ids.new), fields.idempotency_key()
    given = fields.caller_id("adjustment_id", canonical=False)
    command = Adjust(
        tenant_id=fields.tenant(),
        entry_id=fields.entry_id("entry_id"),
        adjustment_id=given or make(),
        amount=fields.amount("amount_usd", signed=True),
        reason=fields.text("reason"),
        by=fields.text("by"),
        request={"operation": "adjust"} | fields.finish(),
        principal=fields.principal,
    )
    request = with_id(command.request, "adjust", "adjustment_id", given)
    made = {"adjustment_id": command.adjustment_id}
    command = replace(command, key=keyed(command.tenant_id, key, request, made))
    done = context.services.adjusting.adjust(command)
    status = 200 if done.replayed else 201
    return Answer({"entry": render.entry(done.entry, replayed=done.replayed)}, status)


def confirm_cost(context: _Context, fields: Fields) -> Answer:
    """Confirm a quarantined cost: it counts from now on."""
    from budget_monitor.entrypoints.tracking.review import decide  # noqa: PLC0415 - lean

    return Answer(decide("confirm_cost", context.services.reviewing(), fields))


def reject_cost(context: _Context, fields: Fields) -> Answer:
    """Reject a quarantined cost: it never counts."""
    from budget_monitor.entrypoints.tracking.review import decide  # noqa: PLC0415 - lean

    return Answer(decide("reject_cost", context.services.reviewing(), fields))


def reconcile(context: _Context, fields: Fields) -> Answer:
    """Compare accounts with the sums of their ledger entries, and rebuild them on request."""
    from budget_monitor.entrypoints.tracking.reconcile import reconcile as run  # noqa: PLC0415 - lean

    return Answer(run(context.services.reconciling(), fields))


def reprice(context: _Context, fields: Fields) -> Answer:
    """Compute recorded costs again with the prices known now, and book the differences."""
    from budget_monitor.entrypoints.tracking.reprice import reprice as run  # noqa: PLC0415 - lean

    return Answer(run(context.services.repricing(), fields))


def _read_backfill(fields: Fields) -> Request:
    """Return the fields that a backfill adds to each cost: by whom and why. Else empty."""
    if fields.truth("backfill") is not True:
        return {}
    return {"backfill": True, "by": fields.text("by"), "reason": fields.text("reason")}


def _record(
    fields: Fields,
    tenant_id: str,
    made_id: str,
    more: Request = _NOTHING,
    *,
    include_gates: bool = True,
) -> tuple[Record, Request]:
    """The cost, and the caller's whole request with its id. `more`: further fields of it."""
    given = fields.caller_id("entry_id", canonical=False)
    labels, cost = read_labels(fields), read_cost(fields, "record_cost")
    cost = replace(cost, request={**cost.request, **more}) if more else cost
    command = Record(tenant_id, labels, given or made_id, cost, include_gates)
    return command, with_id(cost.request, "record_cost", "entry_id", given)


def _read_receipt(fields: Fields, tenant_id: str, reservation_id: str) -> Reservation | None:
    """The reservation in the receipt; None without one, or if it is not the caller's own."""
    receipt = fields.opaque("receipt")
    if receipt is None:
        return None
    try:
        expected = Reservation.read(tenant_id, reservation_id, receipt)
    except ValueError as fault:
        raise ValidationError("receipt must be one that a reservation gave", "receipt") from fault
    return expected if expected.hold.is_own else None


def _booked(booked: Booked, more: dict[str, Any]) -> Answer:
    entry = render.entry(booked.entry, replayed=booked.replayed)
    body = {"entry": entry, **more, "gates": render.gates(booked.standings)}
    return Answer(body, 200 if booked.replayed else 201)


def _of_hold(context: _Context, booked: Booked) -> Answer:
    held = booked.reservation
    shown = render.reservation(held, context.clock.now()) if held else None
    return _booked(booked, {"reservation": shown})


def _result(command: Record, result: Result) -> dict[str, Any]:
    if result.entry is not None:
        return {"entry": render.entry(result.entry, replayed=result.replayed)}
    error = result.error or BudgetMonitorError("")
    return {
        "error": error.code,
        "message": error.message,
        "field": error.field,
        "entry_id": command.entry_id,
    }


OPERATIONS: tuple[Operation[Services], ...] = (
    Operation(
        "settle", "POST", "/tenants/{tenant_id}/reservations/{reservation_id}/settle", settle
    ),
    Operation("draw", "POST", "/tenants/{tenant_id}/reservations/{reservation_id}/draws", draw),
    Operation("record_cost", "POST", "/tenants/{tenant_id}/costs", record_cost),
    Operation("record_costs", "POST", "/tenants/{tenant_id}/costs/batch", record_costs),
    Operation("adjust", "POST", "/tenants/{tenant_id}/costs/{entry_id}/adjustments", adjust),
    Operation(
        "confirm_cost", "POST", "/tenants/{tenant_id}/costs/{entry_id}/confirm", confirm_cost
    ),
    Operation("reject_cost", "POST", "/tenants/{tenant_id}/costs/{entry_id}/reject", reject_cost),
    Operation("reprice", DIRECT, "", reprice),
    Operation("reconcile", DIRECT, "", reconcile),
)
