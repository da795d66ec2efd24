"""`make test` draws fewer random examples; a thorough run draws hypothesis's own number of them.

Hypothesis also reads the constants of all our modules, to try them: in a new clone that takes each
worker three seconds. A thorough run does it.
"""

from __future__ import annotations

from hypothesis import settings
from hypothesis.internal.conjecture import providers

from tests.support.thorough import THOROUGH

MAX_EXAMPLES = 40
"""Examples of a test that asks for no number of its own (100 by default)."""


def pytest_configure() -> None:
    """Set up hypothesis before a test asks for its settings."""
    if THOROUGH:
        return
    usual = settings.default
    assert usual is not None
    fewer = min(MAX_EXAMPLES, usual.max_examples)
    settings.register_profile("fewer examples", usual, max_examples=fewer)
    settings.load_profile("fewer examples")
    none_of_ours = providers._local_constants  # noqa: SLF001 - the version is locked
    providers._get_local_constants = lambda: none_of_ours  # noqa: SLF001 - no setting says so
