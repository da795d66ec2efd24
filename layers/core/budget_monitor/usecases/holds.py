"""Taking money aside: the parts of holding that checking and tracking share."""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime

from budget_monitor.domain.accounts import AccountKey, Move
from budget_monitor.domain.reservations import EXPIRED, Closing, Reservation
from budget_monitor.domain.transactions import Posting, Transaction
from budget_monitor.ports import Store

REMEMBERED = 1000


class Remembered:
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


def returned(reservation: Reservation) -> Mapping[AccountKey, Posting]:
    """The postings that give a hold back to its accounts."""
    back = Posting(Move(held=-reservation.hold.amount))
    return dict.fromkeys(reservation.hold.accounts, back)


def expire(store: Store, reservation: Reservation, now: datetime) -> Reservation | None:
    """The reservation expired and its money given back, or None when somebody was faster."""
    closing = Closing(reservation, EXPIRED, now)
    done = store.commit(Transaction(postings=returned(reservation), changes=closing))
    return closing.result if done else None
