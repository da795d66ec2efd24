"""Python's cyclic garbage collector passes over what lives as long as the test run.

It is triggered by allocations, and each full pass visits all modules, tests and models: without
this it takes a fifth of the processor time of the behaviour tests.
"""

from __future__ import annotations

import gc

NEW_OBJECTS = 50_000
"""New containers until the next pass over the new ones (700 by default)."""


def pytest_collection_finish() -> None:
    """All test modules are imported: collect once, then leave out what is left."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, 10, 10)
