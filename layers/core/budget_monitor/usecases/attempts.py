"""How often a decision is made again when the store contradicts it."""

from budget_monitor.domain.errors import UnavailableError

ROUNDS = 10
"""How often a decision that the store contradicted at once is made again before giving up."""


def too_many_rounds() -> UnavailableError:
    """The error after `ROUNDS` contradictions in a row."""
    return UnavailableError("the accounts changed too fast to decide; try again")
