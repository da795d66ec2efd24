"""Generate files from the OpenAPI document: `make reference`.

- the answers to the document's examples, from runs on tables in memory at a fixed time
- docs/reference/openapi.json and docs/reference/operations.md
- a sample event of each example under events/
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from budget_monitor.entrypoints.openapi import paths
from budget_monitor.entrypoints.openapi.document import document
from tests.support.alerts.fake_sns import Post
from tests.support.dashboard.memory_secret import MemorySecret
from tests.support.doors.doors import HttpDoor
from tests.support.environment import CREDENTIALS
from tests.support.memory.database import MemoryDynamoDB
from tests.support.memory.fixture import NOWHERE, MemoryCloud
from tests.support.openapi.examples import examples, run
from tests.support.openapi.markdown import reference
from tests.support.paths import ROOT
from tests.support.prices.bucket import EXAMPLE, MemoryBucket, dearer
from tests.support.times import at

ANSWERS = paths._ANSWERS  # noqa: SLF001 - this module writes the file
EVENTS = ROOT / "events"
WHEN = "2026-11-22T10:00:00Z"
UNSHOWN = {"openapi"}
"""The document does not hold itself."""


def samples() -> dict[Path, Mapping[str, Any]]:
    """Return the direct event of each example."""
    return {
        EVENTS / function / "direct" / f"{name}.json": {"operation": operation, **example.request}
        for name, (function, operation, example) in examples().items()
    }


def answers() -> dict[str, Any]:
    """Return status and body of each example's answer, each on empty tables."""
    found = {}
    for name in sorted(examples().keys() - UNSHOWN):
        with _cloud():
            answer = run(HttpDoor(), name)
            found[name] = {"status": answer.status, "body": answer.body}
    return dict(sorted(found.items()))


def documents() -> dict[Path, str]:
    """Return the generated texts of the current document, with the stored answers."""
    folder = ROOT / "docs" / "reference"
    return {
        folder / "openapi.json": _text(document(), indent=1),
        folder / "operations.md": reference(document()),
        **{path: _text(event) for path, event in samples().items()},
    }


@contextmanager
def _cloud() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch, at(WHEN, tick=False):
        for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": NOWHERE}.items():
            patch.setenv(name, value)
        patch.setenv("ALERT_TOPIC_ARN", "arn:aws:sns:eu-central-1:000000000000:alerts")
        Post(patch)
        MemoryBucket().install(patch).put(dearer(), EXAMPLE)
        MemorySecret().install(patch)
        database = MemoryDynamoDB()
        database.install(patch)
        MemoryCloud(database, patch)
        yield


def _text(value: Any, indent: int = 2) -> str:
    return json.dumps(value, indent=indent, ensure_ascii=False) + "\n"


def main() -> None:
    """Write all files."""
    ANSWERS.write_text(_text(answers(), indent=1))
    paths._answers.cache_clear()  # noqa: SLF001 - the file is new
    document.cache_clear()
    for path, text in documents().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    main()
