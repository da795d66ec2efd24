"""Order of a breakdown's lines, and pages of them."""

from collections.abc import Sequence
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import Account, AccountKey
from budget_monitor.domain.accounting.labels import key, parts
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.money import render

Line = tuple[str | None, Account]
"""A name and its account; None: the costs without a name."""
_Rank = tuple[Decimal, bool, str]


def ordered(lines: Sequence[Line]) -> list[Line]:
    """Return the lines, the largest spend first."""
    return sorted(lines, key=_rank)


def page_of(
    lines: Sequence[Line], limit: int, after: str | None
) -> tuple[Sequence[Line], str | None]:
    """Return at most `limit` of the ordered lines after a position, and the next position."""
    if after is not None:
        spent, named, name = parts(after)
        last = (-Decimal(spent), bool(named), name)
        lines = [one for one in lines if _rank(one) > last]
    page = lines[:limit]
    return page, _position(page[-1]) if len(lines) > limit else None


def refuse_foreign(ranking: str, position: str | None) -> None:
    """Raise ValidationError for a position of an account that is not of the list."""
    if not position:
        return
    try:
        is_own = AccountKey.parse(parts(position)[1]).ranking == ranking
    except (ValueError, TypeError):
        is_own = False
    if not is_own:
        raise ValidationError("cursor must be from an answer of the same list", "cursor")


def _rank(line: Line) -> _Rank:
    name, account = line
    return -account.totals.spent, name is not None, name or ""


def _position(line: Line) -> str:
    spent, named, name = _rank(line)
    return key(render(-spent), "n" if named else "", name)
