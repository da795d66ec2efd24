"""Retries of a use case whose write was refused because the data changed meanwhile."""

from budget_monitor.domain.errors import UnavailableError

MAX_ROUNDS = 10
"""Maximum of attempts: each reads again, decides again and writes."""


def too_many_rounds() -> UnavailableError:
    """Return the error after `MAX_ROUNDS` refused writes in a row."""
    return UnavailableError("the accounts changed too fast to decide; try again")
