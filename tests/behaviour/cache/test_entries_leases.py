"""A slow reader cannot put an old value back: its lease is gone with the copy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, cast

import pytest

from budget_monitor.adapters.cache import server
from budget_monitor.adapters.cache.cached_store import MAX_COPIES, CachedStore
from budget_monitor.adapters.cache.server import CacheServer
from budget_monitor.adapters.system import SystemClock
from budget_monitor.domain.accounting.accounts import Account, AccountKey, Move, tenant_key
from budget_monitor.domain.transactions import Posting, Transaction
from budget_monitor.ports import Store
from tests.support.cache.faulty_valkey import FaultyValkey
from tests.support.cache.valkey import Valkey
from tests.support.dynamodb.faults import KilledError

ACME = tenant_key("acme", "2026-11")
SPENDING = Transaction(postings={ACME: Posting(Move(spent=Decimal(1)))})


class Books:
    """A store of one number for every account; `meanwhile` runs during a read."""

    def __init__(self) -> None:
        self.spent = Decimal()
        self.reads = 0
        self.meanwhile: Callable[[], object] | None = None
        self.fate: Callable[[], bool] = lambda: True

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: pytest.fail(f"nobody asked for {name}")

    def accounts(self, keys: Iterable[AccountKey]) -> Mapping[AccountKey, Account]:
        self.reads += 1
        spent = self.spent
        found = {
            one: Account(one, Move(spent=spent), committed=spent, seen=True, began=True)
            for one in keys
        }
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()
        return found

    def commit(self, _: Transaction) -> bool:
        self.spent += 1
        return self.fate()


@pytest.fixture
def books() -> Books:
    return Books()


@pytest.fixture
def process(books: Books, liar: FaultyValkey) -> Callable[[], CachedStore]:
    """Makes processes with the same store and the same cache."""

    def make() -> CachedStore:
        server = CacheServer(liar.url)
        return CachedStore(cast("Store", books), server, "here/accounts", SystemClock())

    return make


Processes = Callable[[], CachedStore]


def seen(by: CachedStore) -> tuple[int, bool]:
    """What is seen as spent, and whether it came from a copy."""
    recent = by.recent([ACME])
    return int(recent.accounts[ACME].totals.spent), recent.origin.cached


def test_what_one_process_read_another_one_gets_as_a_copy(process: Processes, books: Books) -> None:
    assert seen(process()) == (0, False)
    assert seen(process()) == (0, True)
    assert books.reads == 1


def test_a_slow_reader_does_not_put_an_old_value_back(process: Processes, books: Books) -> None:
    reader, writer = process(), process()
    books.meanwhile = lambda: writer.commit(SPENDING)

    assert seen(reader) == (0, False)  # it had read before the writer wrote

    assert seen(process()) == (1, False)
    assert seen(process()) == (1, True)


def test_nor_does_it_where_another_reader_was_quicker(process: Processes, books: Books) -> None:
    slow, writer, quick = process(), process(), process()

    def meanwhile() -> None:
        writer.commit(SPENDING)
        assert seen(quick) == (1, False)

    books.meanwhile = meanwhile
    assert seen(slow) == (0, False)

    assert seen(process()) == (1, True)


def test_nor_where_another_reader_still_reads(process: Processes, books: Books) -> None:
    slow, writer, other = process(), process(), process()

    def meanwhile() -> None:
        writer.commit(SPENDING)
        books.meanwhile = lambda: seen(slow)
        assert seen(other) == (1, False)

    books.meanwhile = meanwhile
    seen(slow)

    assert seen(process()) == (1, True)


def test_of_two_readers_one_stores_a_copy_and_the_other_does_not_wait(
    process: Processes, books: Books
) -> None:
    first, second = process(), process()
    books.meanwhile = lambda: seen(second)

    assert seen(first) == (0, False)

    assert books.reads == 2
    assert seen(process()) == (0, True)


def test_a_lease_that_ran_out_is_worth_nothing(
    process: Processes, books: Books, valkey: Valkey
) -> None:
    books.meanwhile = valkey.client.flushall
    seen(process())

    assert valkey.names() == []


@pytest.mark.parametrize("fate", ["False", "an error"])
def test_every_attempt_to_write_drops_the_copies(
    process: Processes, books: Books, fate: str
) -> None:
    """It may have been written: a lost answer looks like either."""
    seen(process())

    def fail() -> bool:
        if fate == "False":
            return False
        raise RuntimeError

    books.fate = fail
    try:
        assert process().commit(SPENDING) is False
    except RuntimeError:
        assert fate == "an error"

    assert seen(process()) == (1, False)


def test_who_was_killed_after_writing_leaves_a_copy_of_at_most_ten_seconds(
    process: Processes, books: Books, valkey: Valkey
) -> None:
    seen(process())

    def die() -> bool:
        raise KilledError

    books.fate = die
    with pytest.raises(KilledError):
        process().commit(SPENDING)

    assert seen(process()) == (0, True)
    (name,) = valkey.names()
    assert 0 < valkey.client.pttl(name) <= 10_000


def test_an_odd_entry_is_deleted_and_copied_again(
    process: Processes, books: Books, valkey: Valkey
) -> None:
    seen(process())
    (name,) = valkey.names()
    for odd in (b"", b"garbage", b"{}", b"[" * 100_000, b"\xff\xfe", b"1" * 600_000):
        valkey.client.set(name, odd)
        assert seen(process()) == (0, False)
        assert seen(process()) == (0, True)


def test_all_copies_of_a_tenant_are_in_one_slot_and_no_command_spans_two(
    process: Processes, liar: FaultyValkey, valkey: Valkey
) -> None:
    keys = [ACME, tenant_key("acme", "2026-11-22"), tenant_key("other", "2026-11")]
    process().recent(keys)
    process().commit(SPENDING)

    slots = [valkey.client.execute_command("CLUSTER", "KEYSLOT", one) for one in valkey.names()]
    for command in liar.commands:
        assert sum(part.startswith(b"bm:") for part in command) == 1
    assert all(one.startswith(("bm:{acme}:", "bm:{other}:")) for one in valkey.names())
    assert len(slots) == 2


def test_nothing_counts_in_the_cache(process: Processes, liar: FaultyValkey) -> None:
    seen(process())
    seen(process())
    process().commit(SPENDING)

    assert {command[0] for command in liar.commands} == {b"GET", b"SET", b"EVAL", b"DEL"}
    scripts = {command[1] for command in liar.commands if command[0] == b"EVAL"}
    assert scripts == {server._FILL.encode()}  # noqa: SLF001 - the one script
    assert b"INCR" not in b" ".join(scripts).upper()


def test_of_very_many_accounts_no_copies_are_asked_for(
    process: Processes, liar: FaultyValkey, books: Books
) -> None:
    many = [tenant_key("acme", f"2026-{n}") for n in range(MAX_COPIES + 1)]

    assert len(process().recent(many).accounts) == len(many)
    assert liar.commands == []
    assert books.reads == 1
