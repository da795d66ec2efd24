"""The `Alerts` port: store, find and mark alerts as sent."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from uuid import uuid4

from pynamodb.connection import Connection
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.update import Action  # noqa: TC002 - as writes.py has it
from pynamodb.transactions import TransactWrite

from budget_monitor.adapters.dynamodb.conflicts import ConditionFailedError, persistently
from budget_monitor.adapters.dynamodb.rows.alerts import (
    UNPUT,
    UNSENT,
    AlertRow,
    WatermarkRow,
    alert_list,
    alert_name,
    waiting,
)
from budget_monitor.adapters.dynamodb.rows.attributes import bind
from budget_monitor.domain.accounting.accounts import AccountKey
from budget_monitor.domain.alerts.alerts import Alert
from budget_monitor.domain.periods import sortable
from budget_monitor.ports import Page
from budget_monitor.ports.alerts import StoredAlert, Waiting


class AlertTable:
    """The `Alerts` port on the alerts table. One DynamoDB request per method."""

    def __init__(self, rows: type[AlertRow], table: str, connection: Connection) -> None:
        self._rows = rows
        self._marks = bind(WatermarkRow, table, connection)
        self._connection = connection

    def of_month(self, tenant_id: str, month: str, limit: int, before: str | None) -> Page:
        """Return the ids of a tenant's alerts of a month (UTC), latest first."""
        index = self._rows.by_tenant
        older = type(index).position < before if before else None
        query = partial(index.query, alert_list(tenant_id, month), older, scan_index_forward=False)
        rows = persistently(lambda: list(query(limit=limit + 1)))
        ids = [alert_name(row.pk)[1] for row in rows[:limit]]
        return Page(ids, rows[limit - 1].position if len(rows) > limit else None)

    def read(self, names: Iterable[tuple[str, str]]) -> Sequence[StoredAlert]:
        """Return the alerts that exist. Each name is (tenant_id, alert_id)."""
        keys = [self._rows.key_of(*name) for name in names]
        rows = persistently(lambda: list(self._rows.batch_get(keys, consistent_read=True)))
        found = {row.pk: row.to_domain() for row in rows}
        return [found[key] for key in keys if key in found]

    def unsent(self, before: datetime, most: int) -> Sequence[Waiting]:
        """Return alerts detected before this instant that people did not receive, oldest first."""
        return self._waiting(UNSENT, before, most)

    def unpublished(self, before: datetime, most: int) -> Sequence[Waiting]:
        """Return alerts that people have received and whose event is not accepted yet."""
        return self._waiting(UNPUT, before, most)

    def _waiting(self, name: str, before: datetime, most: int) -> Sequence[Waiting]:
        index = self._rows.unsent
        noticed = type(index).position < sortable(before)
        rows = persistently(lambda: list(index.query(name, noticed, limit=most)))
        return [waiting(row) for row in rows]

    def tried(self, alert: Alert, sent_at: datetime | None, put_at: datetime | None) -> None:
        """Store an attempt to send it, and when it was accepted; None: it was not."""
        row = self._rows
        actions: list[Action] = [row.attempts.add(1)]
        if sent_at is not None:
            actions.append(row.sent_at.set(row.sent_at | sortable(sent_at)))
        if put_at is not None:
            actions.append(row.put_at.set(row.put_at | sortable(put_at)))
        if sent_at is not None:
            done = put_at is not None
            actions.append(row.unsent_list.remove() if done else row.unsent_list.set(UNPUT))
        name = row(row.key_of(alert.tenant_id, alert.alert_id))
        self._write(lambda write: write.update(name, actions=actions))

    def watermark(self, account: AccountKey) -> Decimal | None:
        """Return the account's spend when it was last judged, in USD; None: never."""

        def attempt() -> Decimal | None:
            try:
                return self._marks.get(self._marks.key_of(account), consistent_read=True).spent
            except DoesNotExist:
                return None

        return persistently(attempt)

    def move_watermark(self, account: AccountKey, before: Decimal | None, spent: Decimal) -> None:
        """Store the account's spend, unless another judge has changed it from `before`."""
        if spent == before:
            return
        row = self._marks
        mark = row(row.key_of(account), spent=spent)
        same = row.pk.does_not_exist() if before is None else row.spent == before
        try:
            self._write(lambda write: write.save(mark, condition=same))
        except ConditionFailedError:
            return

    def _write(self, add: Callable[[TransactWrite], None]) -> None:
        token = uuid4().hex

        def attempt() -> None:
            with TransactWrite(client_request_token=token, connection=self._connection) as write:
                add(write)

        persistently(attempt)
