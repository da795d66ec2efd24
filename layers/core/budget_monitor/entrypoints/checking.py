"""The operations of the checking function."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from budget_monitor.domain.holds.reservations import ON_EXPIRY, RETURN, Reservation
from budget_monitor.domain.values import dataclass
from budget_monitor.entrypoints.door import render
from budget_monitor.entrypoints.door.cost_fields import read_estimate
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.idempotency import keyed, with_id
from budget_monitor.entrypoints.door.label_fields import read_labels
from budget_monitor.entrypoints.door.operations import Answer, Operation, RequestContext
from budget_monitor.usecases.holds.check import Checking
from budget_monitor.usecases.holds.decision import Ask, Decision, Reserve
from budget_monitor.usecases.holds.manage import HoldCommand, Holding
from budget_monitor.usecases.holds.reserve import Reserving

MAX_LIFE = 24 * 60 * 60
DEFAULT_LIFE = 15 * 60


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases of the checking function."""

    checking: Checking
    reserving: Reserving
    holding: Holding


_Context = RequestContext[Services]


def check(context: _Context, fields: Fields) -> Answer:
    """Return the answer that a reservation of the estimate would get. Nothing is changed."""
    ask = _ask(fields)
    fields.finish()
    return Answer(_decision(context, context.services.checking.check(ask)))


def reserve(context: _Context, fields: Fields) -> Answer:
    """Hold the estimate against every budget that applies, or return which budget refuses."""
    make, key = fields.key_or("reserve", context.ids.new), fields.idempotency_key()
    given = fields.caller_id("reservation_id", canonical=False)
    reservation_id = given or make()
    ask = _ask(fields)
    life = fields.count("expires_in_seconds", 1, MAX_LIFE) or DEFAULT_LIFE
    include_gates = fields.flag("include_gates", default=True)
    on_expiry = fields.choice("on_expiry", ON_EXPIRY) or RETURN
    request = fields.finish()
    whole = with_id(request, "reserve", "reservation_id", given)
    whole_key = keyed(ask.tenant_id, key, whole, {"reservation_id": reservation_id})
    command = Reserve(
        ask,
        reservation_id,
        timedelta(seconds=life),
        request,
        include_gates,
        whole_key,
        on_expiry,
        fields.principal,
        may_repeat=given is not None or whole_key is not None,
    )
    decision = context.services.reserving.reserve(command)
    granted = decision.reservation is not None and not decision.replayed
    return Answer(_decision(context, decision), 201 if granted else 200)


def _ask(fields: Fields) -> Ask:
    wrap_up = fields.flag("wrap_up", default=False)
    if wrap_up:
        fields.canonical["wrap_up"] = True
    return Ask(fields.tenant(), read_labels(fields), read_estimate(fields), wrap_up)


def get_reservation(context: _Context, fields: Fields) -> Answer:
    """Return a reservation as it is now."""
    tenant_id, reservation_id = fields.tenant(), fields.id("reservation_id")
    fields.finish()
    return _reservation(
        context, context.services.holding.get_reservation(tenant_id, reservation_id)
    )


def extend(context: _Context, fields: Fields) -> Answer:
    """Give an open reservation more time."""
    life = fields.count("expires_in_seconds", 1, MAX_LIFE)
    if life is None:
        raise fields.missing("expires_in_seconds")
    change = _change(fields, "extend")
    return _reservation(context, context.services.holding.extend(change, timedelta(seconds=life)))


def release(context: _Context, fields: Fields) -> Answer:
    """Release a reservation: its money is available again."""
    return _reservation(context, context.services.holding.release(_change(fields, "release")))


def _change(fields: Fields, operation: str) -> HoldCommand:
    tenant_id, reservation_id = fields.tenant(), fields.id("reservation_id")
    key = fields.idempotency_key()
    request = {"operation": operation} | fields.finish()
    return HoldCommand(tenant_id, reservation_id, request, key, fields.principal)


def _reservation(context: _Context, reservation: Reservation) -> Answer:
    return Answer(render.reservation(reservation, context.clock.now()))


def _decision(context: _Context, decision: Decision) -> dict[str, Any]:
    held, suggestion = decision.reservation, decision.suggestion
    return {
        **render.decision(decision.verdict, decision.standings, decision.status),
        "reservation": render.reservation(held, context.clock.now()) if held else None,
        "matched": list(decision.matched),
        "max_output_tokens": decision.max_output_tokens,
        "suggestion": None if suggestion is None else asdict(suggestion),
        "pause_id": decision.pause_id,
        "request_id": decision.request_id,
        "would_block": decision.would_block,
        "quote": held.hold.quote if held else decision.quote,
        "replayed": decision.replayed,
        **render.origin(decision.origin),
    }


OPERATIONS: tuple[Operation[Services], ...] = (
    Operation("check", "POST", "/tenants/{tenant_id}/checks", check, repeatable=True),
    Operation("reserve", "POST", "/tenants/{tenant_id}/reservations", reserve),
    Operation(
        "get_reservation",
        "GET",
        "/tenants/{tenant_id}/reservations/{reservation_id}",
        get_reservation,
    ),
    Operation(
        "extend", "POST", "/tenants/{tenant_id}/reservations/{reservation_id}/extend", extend
    ),
    Operation(
        "release", "POST", "/tenants/{tenant_id}/reservations/{reservation_id}/release", release
    ),
)
