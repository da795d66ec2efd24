"""Taking money aside: the parts of holding that checking and tracking share."""

from collections import OrderedDict

from budget_monitor.domain.holds.reservations import HoldEnd, Reservation
from budget_monitor.domain.transactions import IdempotencyKey, Transaction
from budget_monitor.ports import Store
from budget_monitor.usecases.accounting.planner import Planner
from budget_monitor.usecases.accounting.postings import returning

REMEMBERED = 1000


class HoldCache:
    """The reservations that this process saw last, so that most need not be read again.

    What is remembered may be stale: every write that uses it asserts that the row is the same.
    """

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, str], Reservation] = OrderedDict()

    def keep(self, reservation: Reservation) -> Reservation:
        """Remember it, and give it back."""
        name = (reservation.hold.tenant_id, reservation.hold.reservation_id)
        self._seen[name] = reservation
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return reservation

    def take(self, tenant_id: str, reservation_id: str) -> Reservation | None:
        """What is remembered of it, once: a wrong memory is not used twice."""
        return self._seen.pop((tenant_id, reservation_id), None)


def end(
    store: Store, planner: Planner, closing: HoldEnd, names: IdempotencyKey | None = None
) -> Reservation | None:
    """The reservation ended and its money given back, or None when somebody was faster."""
    hold = closing.expected.hold
    plan = planner.booked(hold.tenant_id, hold.labels, hold.booking)
    postings = returning(closing.expected, plan)
    done = store.commit(Transaction(postings=postings, changes=closing, idempotency=names))
    return closing.result if done else None
