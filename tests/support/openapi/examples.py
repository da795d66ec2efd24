"""Run the examples of the OpenAPI document at a door."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from budget_monitor.entrypoints.openapi.declared import Example
from budget_monitor.entrypoints.openapi.document import FUNCTIONS, declared
from budget_monitor.entrypoints.openapi.paths import examples_of
from tests.support.doors.doors import Answer, DirectDoor, Door
from tests.support.doors.routes import ROUTES


@functools.cache
def examples() -> Mapping[str, tuple[str, str, Example]]:
    """Return the function, operation and request of every example, by name."""
    said = declared()
    return {
        name: (function, operation.name, example)
        for function, operations in FUNCTIONS.items()
        for operation in operations
        for name, example in examples_of(operation, said[operation.name][1]).items()
    }


def run(door: Door, name: str) -> Answer:
    """Run the example after its prerequisites. Return its answer."""
    _, operation, example = examples()[name]
    for earlier in example.after:
        run(door, earlier)
    at = door if operation in ROUTES else DirectDoor()
    return at.call(operation, **example.request)
