"""Change history of a document, latest first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from budget_monitor.domain.documents import DocumentKey
from budget_monitor.domain.requests import Request
from budget_monitor.ports import Documents

AT_ONCE = 100

Wanted = Callable[[Request], bool]


@dataclass(frozen=True, slots=True)
class History:
    """Changes of a document, latest first; the next page has versions before `resume_before`."""

    items: Sequence[Request]
    resume_before: int | None = None


class HistoryReader:
    """Reads changes by version number: each change made one version. No index is needed."""

    def __init__(self, store: Documents) -> None:
        self._store = store

    def of(
        self, document: DocumentKey, most: int, before: int | None, wanted: Wanted = bool
    ) -> History:
        """Return up to `most` wanted changes, older than the version `before`."""
        stored = self._store.documents([document]).get(document)
        version, found = stored.version if stored else 0, list[Request]()
        newest = min(version, (before or version + 1) - 1)
        while newest > 0:
            versions = range(newest, max(newest - AT_ONCE, 0), -1)
            for number, change in zip(
                versions, self._store.changes(document, versions), strict=True
            ):
                if wanted(change):
                    found.append({"version": number, **change})
                if len(found) == most:
                    return History(found, number if number > 1 else None)
            newest = versions[-1] - 1
        return History(found)
