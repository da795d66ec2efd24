"""Documents: versioned JSON that people change, such as rules and workflow states."""

from dataclasses import dataclass

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
