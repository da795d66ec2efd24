"""`make test` draws fewer random examples; a thorough run draws hypothesis's own number of them.

No example has a deadline: on a busy machine each may take longer than hypothesis's 200 ms.
"""

from __future__ import annotations

from hypothesis import settings

from tests.support.thorough import size


def pytest_configure() -> None:
    """Set up hypothesis before a test asks for its settings."""
    settings.register_profile("tests", settings.default, deadline=None, max_examples=size(40, 100))
    settings.load_profile("tests")
