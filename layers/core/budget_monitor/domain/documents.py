"""Documents: versioned JSON that people change, such as rules and workflow states; reminders."""

from dataclasses import dataclass
from datetime import datetime

from budget_monitor.domain.requests import Request


@dataclass(frozen=True, slots=True)
class DocumentKey:
    """The name of a document: a tenant's rules, or what was decided about a workflow run."""

    tenant_id: str
    kind: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """A new version of a document that people decide by, with who, when, why, before and after."""

    document: DocumentKey
    version: int
    """Of the document after it; refused unless it follows the one that is stored."""
    body: Request
    change: Request
    due: bool = False
    """Whether something is left to be done about it."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """A moment at which time alone changes a limit: a raise ends, or a grant expires."""

    tenant_id: str
    budget_id: str
    at: datetime
    done: bool = False
    """Whether it was looked at: then it is in no list any more."""
