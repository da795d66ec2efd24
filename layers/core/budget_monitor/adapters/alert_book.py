"""The alerts as they are stored, found and marked as sent."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from uuid import uuid4

from pynamodb.connection import Connection
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.update import Action  # noqa: TC002 - as writes.py has it
from pynamodb.transactions import TransactWrite

from budget_monitor.adapters.alert_rows import (
    UNSENT,
    AlertRow,
    WatermarkRow,
    alert_list,
    alert_name,
)
from budget_monitor.adapters.attributes import bind
from budget_monitor.adapters.conflicts import ConditionFailedError, persistently
from budget_monitor.domain.accounts import AccountKey
from budget_monitor.domain.alerts import Alert
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.periods import sortable
from budget_monitor.ports import Page
from budget_monitor.ports.alerts import StoredAlert


class AlertBook:
    """The `Alerts` port on the alerts table. One DynamoDB request a method."""

    def __init__(self, rows: type[AlertRow], table: str, connection: Connection) -> None:
        self._rows = rows
        self._marks = bind(WatermarkRow, table, connection)
        self._connection = connection

    def of_month(self, tenant_id: str, month: str, limit: int, before: str | None) -> Page:
        """The ids of a tenant's alerts of a month (UTC), the latest first."""
        index = self._rows.by_tenant
        older = type(index).position < before if before else None
        query = partial(index.query, alert_list(tenant_id, month), older, scan_index_forward=False)
        rows = persistently(lambda: list(query(limit=limit + 1)))
        ids = [alert_name(row.pk)[1] for row in rows[:limit]]
        return Page(ids, rows[limit - 1].position if len(rows) > limit else None)

    def read(self, names: Iterable[tuple[str, str]]) -> Sequence[StoredAlert]:
        """Those of the alerts that exist, each by its tenant's id and its own."""
        keys = [self._rows.key_of(*name) for name in names]
        rows = persistently(lambda: list(self._rows.batch_get(keys, consistent_read=True)))
        found = {row.pk: row.to_domain() for row in rows}
        return [found[key] for key in keys if key in found]

    def unsent(self, before: datetime, most: int) -> Sequence[tuple[str, str]]:
        """Alerts noticed before that moment that nobody was told, the oldest first."""
        index = self._rows.unsent
        noticed = type(index).position < sortable(before)
        rows = persistently(lambda: list(index.query(UNSENT, noticed, limit=most)))
        return [alert_name(row.pk) for row in rows]

    def tried(self, alert: Alert, sent_at: datetime | None, put_at: datetime | None) -> None:
        """Keep that it was tried to send it, and when it was taken; None: it was not."""
        row = self._rows
        actions: list[Action] = [row.attempts.add(1)]
        if sent_at is not None:
            actions.append(row.sent_at.set(row.sent_at | sortable(sent_at)))
        if put_at is not None:
            actions.append(row.put_at.set(row.put_at | sortable(put_at)))
        if sent_at is not None and put_at is not None:
            actions.append(row.unsent_list.remove())
        name = row(row.key_of(alert.tenant_id, alert.alert_id))
        self._write(lambda write: write.update(name, actions=actions))

    def watermark(self, account: AccountKey) -> Decimal:
        """How high the account's spend was when it was judged last, in USD."""

        def attempt() -> Decimal:
            try:
                return self._marks.get(self._marks.key_of(account), consistent_read=True).spent
            except DoesNotExist:
                return ZERO

        return persistently(attempt)

    def raise_watermark(self, account: AccountKey, spent: Decimal) -> None:
        """Keep how high the account's spend is, unless it was higher before."""
        row = self._marks
        mark = row(row.key_of(account), spent=spent)
        higher = row.pk.does_not_exist() | (row.spent < spent)
        try:
            self._write(lambda write: write.save(mark, condition=higher))
        except ConditionFailedError:
            return

    def _write(self, add: Callable[[TransactWrite], None]) -> None:
        token = uuid4().hex

        def attempt() -> None:
            with TransactWrite(client_request_token=token, connection=self._connection) as write:
                add(write)

        persistently(attempt)
