"""Documents: versioned JSON, such as a tenant's rules or the state of a workflow; reminders."""

from datetime import datetime

from budget_monitor.domain.requests import Request
from budget_monitor.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class DocumentKey:
    """Key of a document, such as a tenant's rules or the state of one workflow execution."""

    tenant_id: str
    kind: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document stands: the name of a list, and its position in the list's order."""

    listing: str
    position: str


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """A new version of a document, with its history record: who, when, why, before, after."""

    document: DocumentKey
    version: int
    """The new version. The write fails unless the stored version is one less."""
    body: Request
    change: Request
    due: bool = False
    """True while follow-up work is pending, such as callbacks to waiting state machines."""
    ends_at: datetime | None = None
    """When the document must be closed by a schedule; None: it needs no schedule."""
    place: Place | None = None
    """Its place in a list from now on; None: it is in no list."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """A moment at which limits change: a raise ends, a grant expires, or a default was edited."""

    tenant_id: str
    budget_id: str
    at: datetime
    done: bool = False
    """True once it was handled; it is then in no list."""
    position: str = ""
    """For a limit of each tenant: the last tenant that was handled."""
    listed_at: datetime | None = None
    """The instant whose list it is put in; None: its own. It is not read back."""


def growth_key(tenant_id: str) -> DocumentKey:
    """Key of the document that stores the growth of a tenant or of the system."""
    return DocumentKey(tenant_id, "stripes")
