"""Cache of known reservations, and the end of a hold; shared by holds and costs."""

from collections import OrderedDict

from budget_monitor.domain.holds.reservations import HoldEnd, Reservation
from budget_monitor.domain.transactions import IdempotencyKey, Transaction
from budget_monitor.ports import Transactions
from budget_monitor.usecases.accounting.planner import Planner
from budget_monitor.usecases.accounting.postings import returning

REMEMBERED = 1000


class HoldCache:
    """Cache of the reservations that this process used last. It saves most reads.

    Cached reservations may be stale: every write that uses one asserts that its row is unchanged.
    """

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, str], Reservation] = OrderedDict()

    def keep(self, reservation: Reservation) -> Reservation:
        """Cache the reservation and return it."""
        name = (reservation.hold.tenant_id, reservation.hold.reservation_id)
        self._seen[name] = reservation
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return reservation

    def take(self, tenant_id: str, reservation_id: str) -> Reservation | None:
        """Remove and return the cached reservation, or None; so a stale one is used only once."""
        return self._seen.pop((tenant_id, reservation_id), None)


def end(
    store: Transactions, planner: Planner, closing: HoldEnd, key: IdempotencyKey | None = None
) -> Reservation | None:
    """End the reservation and return its money; None if its row changed meanwhile."""
    hold = closing.expected.hold
    plan = planner.booked(hold.tenant_id, hold.labels, hold.booking)
    postings = returning(closing, plan)
    done = store.commit(Transaction(postings=postings, changes=closing, idempotency=key))
    return closing.result if done else None
