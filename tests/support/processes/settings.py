"""A process of the functions reads its settings once; tests change them, so it reads them again."""

from __future__ import annotations

import os
from collections.abc import Callable

from budget_monitor.config import Config


def pytest_configure() -> None:
    """Forget the settings whenever a variable is set or removed."""
    os.putenv = _forgetting(os.putenv)
    os.unsetenv = _forgetting(os.unsetenv)


def _forgetting(change: Callable[..., None]) -> Callable[..., None]:
    def changed(*variable: bytes) -> None:
        change(*variable)
        Config.from_environment.cache_clear()

    return changed
