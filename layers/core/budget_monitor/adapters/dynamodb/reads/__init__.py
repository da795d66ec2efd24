"""The read ports on DynamoDB: one class a port, one DynamoDB request a method unless said."""

from budget_monitor.ports import Span

_BEFORE_ALL, AFTER_ALL = "0", ":"
"""Bounds of all positions: a position begins with a digit."""


def start_of(span: Span) -> str:
    """Return the first position of the span; the position after which it goes on is left out."""
    # "\0" makes the start exclusive: no text sorts between a text and that text + "\0".
    return f"{span.after}\0" if span.after else span.start or _BEFORE_ALL
