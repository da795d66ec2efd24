"""The store with a read cache in front: copies for answers, the store for everything else."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar, cast
from uuid import uuid4

from budget_monitor import tally
from budget_monitor.adapters.cache.entries import (
    LIFE,
    AccountEntries,
    Copy,
    DocumentEntries,
    Kind,
    valid_copy,
)
from budget_monitor.adapters.cache.server import CacheServer
from budget_monitor.config import Config
from budget_monitor.domain.accounting.accounts import AccountKey
from budget_monitor.domain.documents import DocumentKey
from budget_monitor.domain.rules.rulebook import rules_key
from budget_monitor.domain.transactions import Posting, Transaction
from budget_monitor.ports import Clock, Document, Origin, Recent, RecentDocuments, Store

MAX_COPIES = 200
"""Maximum of copies per read. A larger read goes to the store directly."""
_LEASE = "reading:"
"""Prefix of leases; no entry begins with it."""

K = TypeVar("K")
V = TypeVar("V")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Wanted(Generic[K, V]):
    """A read: the kind of copies, the keys, and how to read them from the store."""

    kind: Kind[K, V]
    keys: tuple[K, ...]
    read: Callable[[tuple[K, ...]], Mapping[K, V]]


class CachedStore:
    """Decorates a `Store` with copies of accounts and rules that are at most 10 s old.

    1. A reader takes a lease, reads the store, and stores its copy only if the lease still exists.
    2. A writer deletes copies and leases after the store has written.

    So a slow reader cannot put an old value back.
    """

    def __init__(self, store: Store, server: CacheServer, place: str, clock: Clock) -> None:
        self._store = store
        self._server = server
        self._clock = clock
        self._accounts, self._documents = AccountEntries(place), DocumentEntries(place)
        self._distrusts_until: datetime | None = None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any method of the port
        """Return what the cache does not change: the store's own."""
        return getattr(self._store, name)

    def commit(self, transaction: Transaction) -> bool:
        """Commit, then delete the copies of everything that may have changed.

        Also after an error: the write may have succeeded, and only the answer was lost.
        """
        try:
            written = self._store.commit(transaction)
        except Exception:
            self._drop(transaction)
            raise
        self._drop(transaction)
        return written

    def announce(self, account: AccountKey, policy_version: int) -> None:
        """Announce, then delete the account's copy, also after an error."""
        try:
            self._store.announce(account, policy_version)
        finally:
            self._drop(Transaction(postings={account: Posting()}))

    def recent(self, keys: Iterable[AccountKey]) -> Recent:
        """Return each account, at most 10 s old: all from copies, or all from the store."""
        wanted = _Wanted(self._accounts, tuple(dict.fromkeys(keys)), self._store.accounts)
        return Recent(*self._recent(wanted))

    def recent_documents(self, names: Iterable[DocumentKey]) -> RecentDocuments:
        """Return the documents that exist, at most 10 s old: all from copies, or all stored."""
        wanted = _Wanted(self._documents, tuple(dict.fromkeys(names)), self._found)
        documents, origin = self._recent(wanted)
        return RecentDocuments({name: one for name, one in documents.items() if one}, origin)

    def _found(self, names: tuple[DocumentKey, ...]) -> Mapping[DocumentKey, Document | None]:
        found = self._store.documents(names)
        return {name: found.get(name) for name in names}

    def _recent(self, wanted: _Wanted[K, V]) -> tuple[Mapping[K, V], Origin]:
        kind, now = wanted.kind, self._clock.now()
        texts = None
        if wanted.keys and len(wanted.keys) <= MAX_COPIES and not self._distrusts(now):
            texts = self._server.values([kind.name(one) for one in wanted.keys])
        if texts is None:
            return wanted.read(wanted.keys), Origin(now)
        entries = dict(zip(wanted.keys, texts, strict=True))
        copies = {one: valid_copy(kind, one, text, now) for one, text in entries.items()}
        known = {one: copy for one, copy in copies.items() if copy}
        if len(known) == len(wanted.keys):
            tally.add(tally.CACHE_HITS)
            as_of = min(now, *(copy.as_of for copy in known.values()))
            return {one: copy.value for one, copy in known.items()}, Origin(as_of, cached=True)
        tally.add(tally.CACHE_MISSES)
        return self._filled(wanted, {one: entries[one] for one in wanted.keys if one not in known})

    def _filled(
        self, wanted: _Wanted[K, V], missing: Mapping[K, bytes | None]
    ) -> tuple[Mapping[K, V], Origin]:
        """Read all keys from the store and store copies of the missing ones."""
        kind, lease = wanted.kind, f"{_LEASE}{uuid4().hex}"
        free = [kind.name(one) for one, text in missing.items() if text is None]
        odd = [kind.name(one) for one, text in missing.items() if _is_odd(text)]
        taken = self._server.leased(free, odd, lease)
        as_of = self._clock.now()
        found = wanted.read(wanted.keys)
        entries = {
            kind.name(one): text
            for one in missing
            if kind.name(one) in taken and (text := _dumped(kind, one, Copy(found[one], as_of)))
        }
        left = LIFE - (self._clock.now() - as_of)
        self._server.fill(entries, lease, left // timedelta(milliseconds=1))
        return found, Origin(as_of)

    def _drop(self, transaction: Transaction) -> None:
        moved = {account._replace(stripe=0) for account in transaction.postings}
        names = [self._accounts.name(account) for account in moved]
        decided = (change.document for change in transaction.document_changes)
        names += (self._documents.name(one) for one in decided if one == rules_key(one.tenant_id))
        if not names or self._server.drop(names):
            return
        now = self._clock.now()
        if not self._distrusts(now):
            logger.warning("copies could not be deleted: old values may be shown for up to 10 s")
        self._distrusts_until = now + LIFE

    def _distrusts(self, now: datetime) -> bool:
        """True while a copy that this process failed to delete may exist: it reads no copies."""
        return self._distrusts_until is not None and now < self._distrusts_until


def _is_odd(text: bytes | None) -> bool:
    """True if it is an invalid entry: there is a text, and it is not another reader's lease."""
    return text is not None and not text.startswith(_LEASE.encode())


def _dumped(kind: Kind[K, V], one: K, copy: Copy[V]) -> str | None:
    try:
        return kind.dump(one, copy)
    except ValueError:
        return None


def cached(store: Store, clock: Clock, config: Config) -> Store:
    """The store with the configured cache in front of it."""
    place = f"{config.region}/{config.accounts_table}"
    # `__getattr__` gives the rest of the port; tests/unit/ports compares every method with it.
    return cast("Store", CachedStore(store, CacheServer(config.cache_url or ""), place, clock))
