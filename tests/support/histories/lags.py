"""Stale indexes during a history, and the holds that they may have missed."""

from __future__ import annotations

from tests.support.memory import behind_at_random, fresh
from tests.support.memory.fixture import MemoryCloud
from tests.support.memory.indexes import Index

Name = tuple[str, str]


class Lag:
    """Each read of an index is up to `most` writes behind, until it catches up."""

    def __init__(self, cloud: MemoryCloud, seed: int, most: int) -> None:
        self._database, self._most = cloud.database, most
        self._holds = cloud.tables["ReservationsTable"]
        self._seen = cloud.database.writes
        cloud.database.stale_indexes = behind_at_random(seed, most) if most else fresh

    def catch_up(self) -> None:
        """Bring every index up to date."""
        self._most, self._database.stale_indexes = 0, fresh

    def hidden(self) -> set[Name]:
        """Return open holds that a read since the last call may have missed."""
        as_of, self._seen = self._seen - self._most, self._database.writes
        if not self._most:
            return set()
        table = self._database._tables[self._holds]  # noqa: SLF001 - what an index showed then
        lists = [table.indexes["by_expiry"], table.indexes["by_state_machine"]]
        found, shown = set[Name](), dict[tuple[str, str], set[tuple[str, ...]]]()
        for key, row in table.rows.items():
            for index in lists if "open_list" in row else ():
                place = index.place_of(key, row)
                if place and key not in _shown(index, place[0], as_of, shown):
                    tenant, _, name = key[0].split("#")
                    found.add((tenant, name))
        return found


def _shown(
    index: Index, value: str, as_of: int, known: dict[tuple[str, str], set[tuple[str, ...]]]
) -> set[tuple[str, ...]]:
    name = (index.name, value)
    if name not in known:
        known[name] = {key for _, key in index.partition(value, as_of=as_of).places}
    return known[name]
