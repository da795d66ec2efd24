"""Rows of the budgets table: documents and their change history."""

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from hashlib import sha256

from pynamodb.attributes import UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from budget_monitor.adapters.dynamodb.rows.attributes import (
    CountAttribute,
    DocumentAttribute,
    RowVersionAttribute,
    bind,
    stored_instant,
)
from budget_monitor.adapters.dynamodb.rows.reservations import OperationRow
from budget_monitor.domain.accounting.accounts import SYSTEM
from budget_monitor.domain.accounting.labels import key, parts
from budget_monitor.domain.documents import DocumentChange, DocumentKey, Reminder
from budget_monitor.domain.holds.reservations import Stopped
from budget_monitor.domain.periods import sortable
from budget_monitor.ports import Document

DUE, STOPPED, EDGE, END = "due", "stopped", "edge", "end"
"""Lists of documents with follow-up work: callbacks to send; stopped executions whose second pass
is pending; moments at which time alone changes a limit; documents that time closes."""


class ByDue(GlobalSecondaryIndex["DocumentRow"]):
    """Documents with follow-up work."""

    class Meta:
        index_name = "by_due"
        projection = KeysOnlyProjection()

    due_list = UnicodeAttribute(hash_key=True)


class ByList(GlobalSecondaryIndex["DocumentRow"]):
    """Documents in a list, by their position."""

    class Meta:
        index_name = "by_list"
        projection = KeysOnlyProjection()

    document_list = UnicodeAttribute(hash_key=True)
    position = UnicodeAttribute(range_key=True)


class DocumentRow(Model):
    """One document; its version counts its changes."""

    by_due = ByDue()
    by_list = ByList()
    pk = UnicodeAttribute(hash_key=True)
    row_version = RowVersionAttribute(null=True)
    version = CountAttribute()
    body = DocumentAttribute()
    due_list = UnicodeAttribute(null=True)
    document_list = UnicodeAttribute(null=True)
    position = UnicodeAttribute(null=True)

    def to_domain(self) -> Document:
        """Return the document of this row."""
        return Document(self.version, self.body)

    def to_stopped(self) -> Stopped:
        """Return the stopped execution of a row of the list STOPPED."""
        return Stopped(self.body["execution_arn"], stored_instant(self.body["stopped_at"]))


class ChangeRow(Model):
    """One change of a document, immutable: who, when, why, before and after."""

    pk = UnicodeAttribute(hash_key=True)
    row_version = RowVersionAttribute(null=True)
    body = DocumentAttribute()


class DocumentTable:
    """The row classes of the budgets table, and their writes."""

    def __init__(self, table: str, connection: Connection) -> None:
        self.rows = bind(DocumentRow, table, connection)
        self._place = (table, connection)

    @cached_property
    def changes(self) -> type[ChangeRow]:
        """The class of changes."""
        return bind(ChangeRow, *self._place)

    @cached_property
    def operations(self) -> type[OperationRow]:
        """The class of the ids of people's changes."""
        return bind(OperationRow, *self._place)

    def add(self, decided: DocumentChange, write: TransactWrite) -> None:
        """Add a document's new version and its change, if the stored version is one less."""
        ends, place = decided.ends_at, decided.place
        row = self.rows(
            pk=document_pk(decided.document),
            version=decided.version,
            body=decided.body,
            due_list=DUE if decided.due else ending_list(ends) if ends else None,
            document_list=place.listing if place else None,
            position=place.position if place else None,
        )
        follows = self.rows.version == decided.version - 1
        first = decided.version == 1
        write.save(row, condition=self.rows.pk.does_not_exist() if first else follows)
        change = self.changes(pk=change_pk(decided.document, decided.version), body=decided.change)
        write.save(change, condition=self.changes.pk.does_not_exist())

    def add_stopped(self, stopped: Stopped, write: TransactWrite) -> None:
        """Add a stopped execution to its list; or remove it, unless it was reported again."""
        body = {
            "execution_arn": stopped.execution_arn,
            "stopped_at": sortable(stopped.stopped_at),
        }
        name = sha256(stopped.execution_arn.encode()).hexdigest()
        row = self.rows(
            pk=key(SYSTEM, STOPPED, name),
            version=1,
            body=body,
            due_list=None if stopped.done else STOPPED,
        )
        write.save(row, condition=self.rows.body == body if stopped.done else None)

    def add_reminder(self, reminder: Reminder, write: TransactWrite) -> None:
        """Put a reminder into the list of its hour, or take it off when it is done."""
        listed = reminder_list(reminder.listed_at or reminder.at)
        place = (reminder.position,) if reminder.position else ()
        row = self.rows(
            pk=key(reminder.tenant_id, EDGE, reminder.budget_id, sortable(reminder.at), *place),
            version=1,
            body={},
            due_list=None if reminder.done else listed,
        )
        write.save(row)

    def check(self, document: DocumentKey, version: int, write: TransactWrite) -> None:
        """Add the condition that the document has this version; 0: does not exist."""
        row = self.rows
        same = row.version == version if version else row.pk.does_not_exist()
        write.condition_check(row, document_pk(document), condition=same)


def reminder_list(moment: datetime) -> str:
    """The name of the list of all reminders of an hour."""
    return f"{EDGE}#{sortable(moment)[:13]}"


def ending_list(moment: datetime) -> str:
    """The name of the list of all documents that end in this hour."""
    return f"{END}#{sortable(moment)[:13]}"


def reminder_of(pk: str) -> Reminder:
    """The reminder of a partition key."""
    tenant_id, _, budget_id, at, *place = parts(pk)
    return Reminder(tenant_id, budget_id, stored_instant(at), position="".join(place))


def document_pk(document: DocumentKey) -> str:
    """Return the partition key of a document."""
    return key(document.tenant_id, document.kind, document.name)


def document_key(pk: str) -> DocumentKey:
    """Return the document key of a partition key."""
    return DocumentKey(*parts(pk))


def change_pk(document: DocumentKey, version: int) -> str:
    """Return the partition key of the change that made this version."""
    return key(document.tenant_id, "change", document.kind, document.name, str(version))


def change_pks(document: DocumentKey, versions: Iterable[int]) -> list[str]:
    """Return the partition keys of several changes, in the order of the versions."""
    return [change_pk(document, version) for version in versions]
