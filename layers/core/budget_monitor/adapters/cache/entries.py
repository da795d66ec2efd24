"""Format of cache entries, and their validation.

An entry contains its format, the store that it is a copy of, the account or document, and an
instant before it was read. It is valid only if its parsed content, written again, gives the same
text.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Generic, Protocol, TypeVar

from budget_monitor.domain.accounting.accounts import Account, AccountKey, Move, WorkflowTerms
from budget_monitor.domain.accounting.labels import key, parse_lineage
from budget_monitor.domain.documents import DocumentKey
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.money import parse_amount, render
from budget_monitor.domain.periods import parse_instant, render_instant
from budget_monitor.ports import Document

LIFE = timedelta(seconds=10)
"""Maximum age of a copy."""
SKEW = timedelta(seconds=1)
"""Maximum that the clock of the copy's writer may be ahead of ours."""
FORMAT = 1
_MONEY = ("spent", "held", "workflow_spent")
_COUNTS = ("holds", "entries", "tokens", "input_tokens", "output_tokens")
_MAX_BYTES = 500_000
_ODD = (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError)

K = TypeVar("K")
K_contra = TypeVar("K_contra", contravariant=True)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Copy(Generic[V]):
    """A copied value; it is not older than `as_of`."""

    value: V
    as_of: datetime


class Kind(Protocol[K_contra, V]):
    """One kind of copies: accounts or documents."""

    def name(self, of: K_contra) -> str:
        """Return the cache key of the copy."""
        ...

    def dump(self, of: K_contra, copy: Copy[V]) -> str:
        """Return the text of the entry. Raises ValueError if the value cannot be copied."""
        ...

    def load(self, of: K_contra, entry: Mapping[str, Any]) -> V:
        """Return the value of the entry. Raises one of `_ODD` if it is invalid."""
        ...


def valid_copy(kind: Kind[K, V], of: K, text: bytes | None, now: datetime) -> Copy[V] | None:
    """Return the copy that the text contains, or None if anything in it is invalid or too old."""
    if text is None or len(text) > _MAX_BYTES:
        return None
    try:
        entry = json.loads(text.decode())
        as_of = parse_instant(entry["as_of"], "as_of")
        if not -SKEW <= now - as_of < LIFE:
            return None
        copy = Copy(kind.load(of, entry), as_of)
        return copy if kind.dump(of, copy).encode() == text else None
    except (*_ODD, ValidationError):
        return None


@dataclass(frozen=True, slots=True)
class AccountEntries:
    """Copies of accounts. All keys of a tenant are in one slot of a cluster."""

    place: str
    """The store that they are copies of."""

    def name(self, of: AccountKey) -> str:
        """Return the cache key of the copy."""
        return f"bm:{{{of.tenant_id}}}:{self.place}:account:{of}"

    def dump(self, of: AccountKey, copy: Copy[Account]) -> str:
        """Return the text of the entry. Raises ValueError if the account does not add up."""
        account = copy.value
        if account.key != of or account.committed != account.totals.committed:
            raise ValueError("this account cannot be copied")
        named = {field.name: getattr(account.totals, field.name) for field in fields(Move)}
        entry = {
            **_head(self.place, of.tenant_id, copy.as_of),
            "account": str(of),
            "policy_version": account.policy_version,
            **{name: render(named[name]) for name in _MONEY},
            "committed": render(account.committed),
            **{name: named[name] for name in _COUNTS},
            "terms": str(account.terms),
            "lineage": account.lineage,
            "name": account.name,
            "level": account.level,
            "seen": account.seen,
            "began": account.began,
            "began_at": account.began_at,
            "began_over": sorted(map(str, account.began_over)),
        }
        return _text(entry)

    def load(self, of: AccountKey, entry: Mapping[str, Any]) -> Account:
        """Return the account of the entry."""
        counters: dict[str, Any] = {
            **{name: _usd(entry[name], signed=name != "held") for name in _MONEY},
            **{name: _count(entry[name]) for name in _COUNTS},
        }
        terms = WorkflowTerms.parse(entry["terms"])
        if terms.limit is not None:
            parse_amount(terms.limit, "terms")
        return Account(
            key=of,
            totals=Move(**counters),
            lineage=_lineage(entry["lineage"]),
            level=_words(entry["level"]),
            committed=_usd(entry["committed"], signed=True),
            seen=_flag(entry["seen"]),
            began=_flag(entry["began"]),
            began_at=_words(entry["began_at"]),
            began_over=frozenset(map(AccountKey.parse, entry["began_over"])),
            name=_words(entry["name"]),
            terms=terms,
            policy_version=_count(entry["policy_version"]),
        )


@dataclass(frozen=True, slots=True)
class DocumentEntries:
    """Copies of documents, including the fact that a document does not exist."""

    place: str
    """The store that they are copies of."""

    def name(self, of: DocumentKey) -> str:
        """Return the cache key of the copy."""
        return f"bm:{{{of.tenant_id}}}:{self.place}:document:{_document(of)}"

    def dump(self, of: DocumentKey, copy: Copy[Document | None]) -> str:
        """Return the text of the entry."""
        document = copy.value
        entry = {
            **_head(self.place, of.tenant_id, copy.as_of),
            "document": _document(of),
            "version": document.version if document else None,
            "body": document.body if document else None,
        }
        return _text(entry)

    def load(self, of: DocumentKey, entry: Mapping[str, Any]) -> Document | None:  # noqa: ARG002 - as the port has it
        """Return the document of the entry, or None if it does not exist."""
        if entry["version"] is None:
            return None
        if not isinstance(entry["body"], dict):
            raise TypeError("a document's body must be an object")
        return Document(_count(entry["version"]), entry["body"])


def _head(place: str, tenant_id: str, as_of: datetime) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "store": place,
        "tenant": tenant_id,
        "as_of": render_instant(as_of),
    }


def _document(of: DocumentKey) -> str:
    return key(of.tenant_id, of.kind, of.name)


def _text(entry: Mapping[str, Any]) -> str:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _usd(raw: object, *, signed: bool) -> Decimal:
    if not isinstance(raw, str):
        raise TypeError("an amount must be a text")
    return parse_amount(raw, "amount", signed=signed)


def _count(raw: object) -> int:
    if type(raw) is not int or raw < 0:
        raise TypeError("not a count")
    return raw


def _flag(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise TypeError("not a flag")
    return raw


def _lineage(raw: object) -> str | None:
    text = _words(raw)
    if text is not None:
        parse_lineage(text)
    return text


def _words(raw: object) -> str | None:
    if not isinstance(raw, str | None):
        raise TypeError("not a text")
    return raw
