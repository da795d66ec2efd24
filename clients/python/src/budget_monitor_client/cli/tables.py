"""Tables for people. Money is printed as in the answer, never computed with floats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

NOTHING = "-"
UNPRINTED = "\N{REPLACEMENT CHARACTER}"
BAR_CELLS = 20
NEARING_PERCENT = 80
_FULL = 100
_BAD, _NEAR, _GOOD = "red", "yellow", "green"


class _Cells(Table):
    """A table in which foreign texts cannot move the cursor or colour the terminal."""

    def add_row(self, *cells: RenderableType | None, **options: Any) -> None:
        """Add a row."""
        shown = (clean(one) if isinstance(one, str) else one for one in cells)
        super().add_row(*shown, **options)


def clean(text: str) -> str:
    """Return the text with a mark for each character that is not printed."""
    return "".join(one if one.isprintable() else UNPRINTED for one in text)


def table(*columns: str, title: str | None = None, right: Iterable[str] = ()) -> Table:
    """Return an empty table. Amounts stand on the right; nothing is cut, long texts wrap."""
    made = _Cells(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold")
    numbers = set(right)
    for name in columns:
        justify = "right" if name in numbers else "left"
        made.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type] # literals
    return made


def words(value: object) -> str:
    """Return a value as a cell: a dash for nothing, lists with commas."""
    if value is None or value in ([], ""):
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {words(one)}" for name, one in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(words(one) for one in value)
    return str(value)


def usd(value: object) -> str:
    """Return an amount as it came, or a dash."""
    if value is None:
        return NOTHING
    text = str(value)
    return f"-${text[1:]}" if text.startswith("-") else f"${text}"


def bar(percent: str | None, *, marks: bool = True) -> Text:
    """Return a bar of 20 cells with the percentage, red from 100 and yellow above 80.

    `marks` False: a share of a whole, which is good at 100, too.
    """
    if percent is None:
        return Text(NOTHING)
    number = Decimal(percent)
    cells = min(BAR_CELLS, max(0, int(number * BAR_CELLS / _FULL)))
    style = _GOOD
    if marks and number > NEARING_PERCENT:
        style = _BAD if number >= _FULL else _NEAR
    shown = Text("█" * cells, style=style)
    shown.append("░" * (BAR_CELLS - cells), style="dim")
    shown.append(f" {percent} %")
    return shown


def pairs(rows: Sequence[tuple[str, object]], title: str | None = None) -> Table:
    """Return a table of names and values."""
    made = table("", " ", title=title)
    made.show_header = False
    for name, value in rows:
        made.add_row(name, value if isinstance(value, Text) else words(value))
    return made


def state(name: str) -> Text:
    """Return a state in its colour."""
    styles = {"open": _NEAR, "paused": _NEAR, "exceeded": _BAD, "denied": _BAD, "active": _GOOD}
    return Text(name, style=styles.get(name, ""))


def limits(budget: Mapping[str, Any]) -> str:
    """Return the limits of a budget in all units."""
    if budget.get("hidden"):
        return "hidden"
    found = [usd(budget["limit_usd"])] if budget["limit_usd"] is not None else []
    found += [
        f"{words(budget[name])} {unit}"
        for name, unit in (("limit_tokens", "tokens"), ("limit_calls", "calls"))
        if budget.get(name) is not None
    ]
    return ", ".join(found) or "none"
